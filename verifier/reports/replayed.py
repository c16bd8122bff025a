"""What a replayed proof file proves, for a terminal (standard library only)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from verifier.proof.record import Record
from verifier.proof.rules import Checked
from verifier.proof.statements import Minimum, Proof
from verifier.render.columns import fold
from verifier.render.facts import ASSUMED, LAWS, NOTATION
from verifier.render.prose import pretty
from verifier.render.rests_on import rests_on
from verifier.render.streams import Style, clean
from verifier.render.wording import Wording

Replayed = tuple[tuple[Proof, tuple[Checked, ...]], ...]


def replayed_text(record: Record, replayed: Replayed, style: Style, seconds: float) -> str:
    """Title, setting, every claim's statement as it was checked, and what each rests on."""
    words = Wording(style.unicode)
    title = style.paint(f"{clean(record.theorem)}: {clean(record.title)}", "bold")
    lines = [title, style.paint(clean(record.source), "dim")]
    for proof, checked in replayed:
        lines += ["", style.paint(f"Setting of the proof {clean(proof.name)!r}", "bold")]
        lines += _setting(words, proof, checked, style)
        for one in checked:
            if one.step.claim:
                lines += ["", *_claim(words, proof, one, checked, style)]
    steps = sum(len(checked) for _, checked in replayed)
    claims_proved = sum(bool(c.step.claim) for _, checked in replayed for c in checked)
    told = (
        f"accepted: {claims_proved} claims proved, {steps} steps replayed in "
        f"{seconds:.2f}\u00a0s by the checker alone"
    )
    first, *more = fold(told, style.width, "", "  ")
    lines += ["", first.replace("accepted", style.paint("accepted", "green", "bold"), 1), *more]
    return style.letters("\n".join(lines))


def replayed_json(record: Record, replayed: Replayed) -> str:
    """The same as one JSON object; statements as a terminal without Unicode shows them."""
    words = Wording(unicode=False)
    claims = []
    for proof, checked in replayed:
        minima = [c.step.statement for c in checked if isinstance(c.step.statement, Minimum)]
        for one in checked:
            if one.step.claim:
                before = {c.step.name: c for c in checked}
                parts = words.statement(proof.context, one.step.statement, minima)
                basis = words.line(rests_on(proof.context, one, before))
                claims.append(
                    {
                        "id": one.step.claim,
                        "verdict": "proved",
                        "proof": proof.name,
                        "statement": clean(" ".join(parts), None),
                        "rests_on": clean(basis, None),
                    }
                )
    shown = {"theorem": record.theorem, "title": record.title, "source": record.source}
    return json.dumps({**shown, "claims": claims}, indent=2)


def _setting(words: Wording, proof: Proof, checked: Sequence[Checked], style: Style) -> list[str]:
    """All that the context assumes, and the definitions that some claim rests on."""
    claims = [c.step.statement for c in checked if c.step.claim]
    moments: Mapping[str, int] = checked[-1].moments if checked else {}
    lines = [
        *words.facts(proof.context, moments, (*NOTATION, *LAWS, *ASSUMED)),
        *words.definitions(proof.context, claims),
    ]
    return [line for text in lines for line in _folded(text, style, "  ")]


def _claim(
    words: Wording, proof: Proof, one: Checked, checked: Sequence[Checked], style: Style
) -> list[str]:
    context, statement = proof.context, one.step.statement
    minima = [c.step.statement for c in checked if isinstance(c.step.statement, Minimum)]
    mark = style.paint("proved", "green", "bold")
    lines = [f"{mark}  {clean(one.step.claim)}"]
    quantified = "; ".join(words.quantifiers(context, statement, minima))
    lines += _folded(f"for {quantified}:", style, "  ") if quantified else []
    for text in words.statement(context, statement, minima):
        lines += _folded(text, style, "    ")
    basis = rests_on(context, one, {c.step.name: c for c in checked})
    words_of = [pretty(x, style.unicode) if isinstance(x, str) else x for x in basis]
    return lines + _folded(f"rests on: {words.line(words_of)}", style, "  ")


def _folded(text: str, style: Style, indent: str) -> list[str]:
    """A line that comes from the file: printable, and never cut."""
    return fold(clean(text, None), style.width, indent)
