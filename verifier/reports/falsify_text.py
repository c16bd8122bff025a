"""Findings of `falsify` for a terminal, and the table of docs/hypotheses.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from verifier.render.columns import aligned, columns_of, fold, with_decimal
from verifier.render.prose import pretty
from verifier.render.streams import Style
from verifier.theorem.falsify import (
    NEEDED,
    NOT_NEEDED,
    OPEN,
    WEAKER,
    Counterexample,
    Entry,
    Finding,
)

_LOOKS = {NEEDED: "red", WEAKER: "cyan", NOT_NEEDED: "green", OPEN: "yellow"}


def table_text(findings: Sequence[Finding], style: Style) -> str:
    """One row per hypothesis: theorem, hypothesis, outcome, why; the weaker one below it."""
    lines = []
    rows = [("theorem", "without", "outcome", "why")]
    rows += [_row_of(finding, style) for finding in findings]
    if all(columns_of(line) <= style.width for line in aligned(rows, "")):
        head, *body = aligned(rows, "")
        lines = [head]
        for line, finding in zip(body, findings, strict=True):
            lines += [line, *_instead(finding, style)]
    else:
        for finding in findings:
            theorem, without, outcome, why = _row_of(finding, style)
            lines.append(f"{theorem} without {without}: {outcome}")
            lines += [*fold(why, style.width, "    ", "      "), *_instead(finding, style)]
    return style.letters("\n".join(lines))


def _row_of(finding: Finding, style: Style) -> tuple[str, str, str, str]:
    outcome = style.paint(finding.outcome, _LOOKS[finding.outcome])
    return (finding.theorem, finding.hypothesis.id, outcome, reason(finding))


def _instead(finding: Finding, style: Style) -> list[str]:
    """The weaker hypothesis that serves."""
    if finding.outcome != WEAKER:
        return []
    return fold(f"instead: {finding.hypothesis.instead}", style.width, "    ", "      ")


def markdown_table(findings: Sequence[Finding]) -> str:
    """The table as Markdown."""
    head = "| theorem | hypothesis | needed? | why |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{f.theorem}` | {f.hypothesis.words} | {f.outcome} | {_long_reason(f)} |\n"
        for f in findings
    )


def findings_json(findings: Sequence[Finding]) -> str:
    """The findings as one JSON object; exact numbers are texts."""
    return json.dumps({"findings": [_record(finding) for finding in findings]}, indent=2)


def _record(finding: Finding) -> dict[str, object]:
    hypothesis, found = finding.hypothesis, finding.counterexample
    record: dict[str, object] = {
        "theorem": finding.theorem,
        "hypothesis": hypothesis.id,
        "words": hypothesis.words,
        "outcome": finding.outcome,
        "instead": hypothesis.instead,
        "remark": hypothesis.remark,
        "proved_by": list(hypothesis.proved_by or ()),
        "counterexample": None,
    }
    if found is not None:
        record["counterexample"] = {
            "dimension": found.dimension,
            "context_length": found.context_length,
            "noise_variance": str(found.noise),
            "best_allowed": str(found.best_allowed),
            "reached": str(found.reached),
            "gap": str(found.gap),
            "optimal": found.optimal,
            "setting": found.setting,
            "law": found.law,
        }
    return record


def finding_text(finding: Finding, style: Style) -> str:
    """One finding in full, with the setting file of the counterexample."""
    head = f"{finding.theorem} without: {finding.hypothesis.words}"
    lines = [style.paint(line, "bold") for line in fold(head, style.width, "")]
    lines.append(style.paint(finding.outcome, _LOOKS[finding.outcome]))
    lines += fold(_long_reason(finding), style.width, "  ", "  ")
    found = finding.counterexample
    if found is not None:
        least = ", the least of all layers" if found.optimal else ""
        for text in (
            f"best predictor that the theorem allows: loss {found.best_allowed}",
            f"the layer with (a, b) = {_row(found.omega)}, "
            f"N = (A; c') = [{', '.join(map(_row, found.stacked))}]: loss {found.reached}{least}",
            "where (a, b) = W_V'h and N = (A; c') = W_K'W_Q without its last column",
            f"exact gap {'' if found.optimal else 'of at least '}{with_decimal(found.gap)}",
        ):
            lines += fold(pretty(text, style.unicode), style.width, "  ", "    ")
        if found.setting:
            lines.append("  setting file (verifier explore confirms it):")
            lines += [f"    {line}" for line in found.setting.splitlines() if line]
        else:
            law = f"law (no setting file can say it): {found.law}"
            lines += fold(law, style.width, "  ", "    ")
    return style.letters("\n".join(lines))


def _row(entries: Sequence[Entry]) -> str:
    return f"({', '.join(map(_entry, entries))})"


def _entry(value: Entry) -> str:
    """A rational number as it is, an irrational one by its first digits."""
    exact = value if isinstance(value, Fraction) else value.as_fraction()
    return f"{float(value):.8g}..." if exact is None else str(exact)


def _gap(found: Counterexample) -> str:
    return f"gap {found.gap}" if found.optimal else f"gap of at least {found.gap}"


def reason(finding: Finding) -> str:
    """In a few words: the claim proved without the hypothesis, or the counterexample's numbers."""
    parts = []
    if finding.outcome in (WEAKER, NOT_NEEDED) and finding.hypothesis.proved_by:
        parts.append("proved: {} {}".format(*finding.hypothesis.proved_by))
    if finding.counterexample is not None:
        c = finding.counterexample
        sizes = f"d={c.dimension}, n={c.context_length}, σ²={c.noise}"
        parts.append(f"counterexample {sizes}, {_gap(c)}")
    return "; without either: ".join(parts) or "neither a proof nor a counterexample"


def _long_reason(finding: Finding) -> str:
    """With the weaker hypothesis and the remark."""
    hypothesis, because = finding.hypothesis, reason(finding)
    if finding.outcome == WEAKER:
        because = f"instead: {hypothesis.instead}. {because[0].upper()}{because[1:]}"
    if finding.counterexample is not None and finding.counterexample.law:
        because += f", {finding.counterexample.law}"
    return because + (f" ({hypothesis.remark})" if hypothesis.remark else "")
