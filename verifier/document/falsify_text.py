"""Findings of `falsify` for a terminal, and the README's table (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.document.layout import aligned, fold, with_decimal
from verifier.document.output import Style
from verifier.falsify import NEEDED, NOT_NEEDED, OPEN, WEAKER, Counterexample, Entry, Finding

_LOOKS = {NEEDED: "red", WEAKER: "cyan", NOT_NEEDED: "green", OPEN: "yellow"}


def table_text(findings: Sequence[Finding], style: Style) -> str:
    """One row per hypothesis: theorem, hypothesis, outcome, why; the weaker one below it."""
    rows = [("theorem", "without", "outcome", "why")]
    rows += [(f.theorem, f.hypothesis.id, f.outcome, reason(f)) for f in findings]
    lines = aligned(rows, "")
    painted = [
        line.replace(f"  {f.outcome}  ", "  " + style.paint(f.outcome, _LOOKS[f.outcome]) + "  ", 1)
        for line, f in zip(lines[1:], findings, strict=True)
    ]
    whole = [lines[0]]
    for line, finding in zip(painted, findings, strict=True):
        whole.append(line)
        if finding.outcome == WEAKER:
            whole += fold(f"instead: {finding.hypothesis.instead}", style.width, "    ", "      ")
    return style.letters("\n".join(whole))


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
        least = ", the least of all layers" if found.optimal else ""
        lines += [
            f"  best predictor that the theorem allows: loss {found.best_allowed}",
            f"  the layer with (a, b) = {_row(found.omega)}, "
            f"N = (A; c') = [{', '.join(map(_row, found.stacked))}]: loss {found.reached}{least}",
            f"  exact gap {'' if found.optimal else 'of at least '}{with_decimal(found.gap)}",
        ]
        if found.setting:
            lines.append("  setting file (verifier explore confirms it):")
            lines += [f"    {line}" for line in found.setting.splitlines() if line]
        else:
            lines.append(f"  law (no setting file can say it): {found.law}")
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
