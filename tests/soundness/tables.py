"""Figures as tables in text: how many of each kind had each outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def table(pairs: Iterable[tuple[str, str]]) -> str:
    """One line for each kind, its outcomes by number, and a line with the sums."""
    rows: dict[str, Counter[str]] = {}
    for kind, outcome in pairs:
        rows.setdefault(kind, Counter())[outcome] += 1
    total = sum(rows.values(), Counter())
    rows = dict(sorted(rows.items())) | {"together": total}
    lines = []
    for kind, counts in rows.items():
        parts = ", ".join(f"{outcome} {k}" for outcome, k in sorted(counts.items()))
        lines.append(f"{kind:<40} {sum(counts.values()):>6}: {parts}")
    return "\n".join(lines)
