"""Findings of `falsify` for a terminal, and the README's table (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.document.layout import aligned, fold
from verifier.document.output import Style
from verifier.falsify import Finding

_LOOKS = {"needed": "red", "not needed": "green", "open": "yellow"}


def table_text(findings: Sequence[Finding], style: Style) -> str:
    """One row per hypothesis: theorem, hypothesis, outcome, why."""
    rows = [("theorem", "without", "outcome", "why")]
    rows += [(f.theorem, f.hypothesis.id, f.outcome, reason(f)) for f in findings]
    lines = aligned(rows, "")
    painted = [
        line.replace(f"  {f.outcome}  ", "  " + style.paint(f.outcome, _LOOKS[f.outcome]) + "  ", 1)
        for line, f in zip(lines[1:], findings, strict=True)
    ]
    return style.letters("\n".join([lines[0], *painted]))


def markdown_table(findings: Sequence[Finding]) -> str:
    """The table as Markdown."""
    head = "| theorem | hypothesis | needed? | why |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{f.theorem}` | {f.hypothesis.words} | {f.outcome} | {_long_reason(f)} |\n"
        for f in findings
    )


def finding_text(finding: Finding, style: Style) -> str:
    """One finding in full, with the setting file of the counterexample."""
    head = f"{finding.theorem} without: {finding.hypothesis.words}"
    lines = [style.paint(head, "bold"), style.paint(finding.outcome, _LOOKS[finding.outcome])]
    lines += fold(_long_reason(finding), style.width, "  ", "  ")
    found = finding.counterexample
    if found is not None:
        lines += [
            f"  best predictor that the theorem allows: loss {found.best_allowed}",
            f"  the layer with (a, b) = {_row(found.omega)}, "
            f"N = (A; c') = [{', '.join(map(_row, found.stacked))}]: loss {found.reached}",
            f"  exact gap: {found.gap} = {float(found.gap):.6g}",
            "  setting file (verifier explore confirms it):",
        ]
        lines += [f"    {line}" for line in found.setting.splitlines() if line]
    return style.letters("\n".join(lines))


def _row(entries: Sequence[Fraction]) -> str:
    return f"({', '.join(map(str, entries))})"


def reason(finding: Finding) -> str:
    """In a few words: the claim proved without the hypothesis, or the counterexample's numbers."""
    if finding.counterexample is not None:
        c = finding.counterexample
        return f"counterexample d={c.dimension}, n={c.context_length}, σ²={c.noise}, gap {c.gap}"
    if finding.outcome == "not needed" and finding.hypothesis.proved_by:
        return "proved: {} {}".format(*finding.hypothesis.proved_by)
    return "neither a proof nor a counterexample"


def _long_reason(finding: Finding) -> str:
    remark = finding.hypothesis.remark
    return reason(finding) + (f" ({remark})" if remark else "")
