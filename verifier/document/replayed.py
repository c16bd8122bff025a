"""What a replayed proof file proves, for a terminal (floor 3; standard library only)."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.document.basis import rests_on
from verifier.document.layout import fold
from verifier.document.mentions import mentioned, texts
from verifier.document.output import Style, clean
from verifier.document.wording import Wording
from verifier.proof.checker import Checked, Proof
from verifier.proof.record import Record

Replayed = tuple[tuple[Proof, tuple[Checked, ...]], ...]


def replayed_text(record: Record, replayed: Replayed, style: Style, seconds: float) -> str:
    """Title, setting, every claim's statement as it was checked, and what each rests on."""
    words = Wording(style.unicode)
    title = style.paint(f"{clean(record.theorem)}: {clean(record.title)}", "bold")
    lines = [title, style.paint(clean(record.source), "dim")]
    for proof, checked in replayed:
        lines += ["", style.paint(f"Setting of the proof {clean(proof.name)!r}", "bold")]
        claims = [c for c in checked if c.step.claim]
        before = {c.step.name: c for c in checked}
        lines += _setting(words, proof, claims, style)
        for one in claims:
            lines += ["", *_claim(words, proof, one, before, style)]
    steps = sum(len(checked) for _, checked in replayed)
    claims_proved = sum(bool(c.step.claim) for _, checked in replayed for c in checked)
    lines += [
        "",
        style.paint("accepted", "green", "bold") + f": {claims_proved} claims proved, "
        f"{steps} steps replayed in {seconds:.2f} s by the checker alone",
    ]
    return style.letters("\n".join(lines))


def _setting(words: Wording, proof: Proof, claims: list[Checked], style: Style) -> list[str]:
    """Laws, hypotheses and the definitions that some claim rests on."""
    context = proof.context
    used = mentioned(context, [t for c in claims for t in texts(c.step.statement)])
    lines = [
        *words.blocks(context),
        *words.laws(context),
        *(f"assumed: {h}" for h in words.hypotheses(context)),
    ]
    lines += [words.definition(x) for x in context.definitions if x.name in used]
    return [line for text in lines for line in _folded(text, style, "  ")]


def _claim(
    words: Wording, proof: Proof, checked: Checked, before: Mapping[str, Checked], style: Style
) -> list[str]:
    statement = checked.step.statement
    mark = style.paint("proved", "green", "bold")
    lines = [f"{mark}  {clean(checked.step.claim)}"]
    quantified = "; ".join(words.quantifiers(proof.context, statement))
    lines += _folded(f"for {quantified}:", style, "  ") if quantified else []
    for text in words.statement(proof.context, statement):
        lines += _folded(text, style, "    ")
    return lines + _folded(f"rests on: {rests_on(checked, before)}", style, "  ")


def _folded(text: str, style: Style, indent: str) -> list[str]:
    """A line that comes from the file: printable, and never cut."""
    return fold(clean(text, None), style.width, indent)
