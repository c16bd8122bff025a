"""What a replayed proof file proves, for a terminal (floor 3; standard library only)."""

from __future__ import annotations

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
        lines += _setting(words, proof, claims, style)
        for one in claims:
            lines += ["", *_claim(words, proof, one, style)]
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
        *(f"assumed: {clean(h)}" for h in words.hypotheses(context)),
    ]
    lines += [words.definition(x) for x in context.definitions if x.name in used]
    return [line for text in lines for line in fold(text, style.width, "  ")]


def _claim(words: Wording, proof: Proof, checked: Checked, style: Style) -> list[str]:
    statement = checked.step.statement
    mark = style.paint("proved", "green", "bold")
    lines = [f"{mark}  {clean(checked.step.claim)}"]
    quantified = "; ".join(words.quantifiers(proof.context, statement))
    lines += fold(f"for {quantified}:", style.width, "  ") if quantified else []
    for text in words.statement(proof.context, statement):
        lines += fold(text, style.width, "    ")
    axioms = "; ".join(sorted(checked.axioms)) or "arithmetic alone"
    return lines + fold(f"rests on: {axioms}", style.width, "  ")
