"""What Coq says of the claims of a proof file, for a terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from verifier.coq.checking import Answer
from verifier.coq.exporting import CLOSED, CONDITIONAL, NOT_EXPORTED, RecordInCoq, Standing
from verifier.coq.folder import said
from verifier.render.columns import fold
from verifier.render.streams import Style, clean, duration

NAMES = (CLOSED, CONDITIONAL, NOT_EXPORTED)


def opinion_text(exported: RecordInCoq, answer: Answer, style: Style, seconds: float) -> str:
    """Each claim with its standing, and what its theorem rests on besides its hypotheses."""
    record, standings = exported.record, exported.standings()
    lines = [style.paint(f"{clean(record.theorem)}: {clean(record.title)}", "bold")]
    lines += _listed(standings, style, answer)
    counts = ", ".join(f"{number} {name}" for name, number in counted(standings).items())
    if answer.unfinished:
        counts += f", {len(answer.unfinished)} of them not finished"
    lines += fold(
        f"accepted by {answer.checker}: {counts}; {duration(seconds)}", style.width, "", "  "
    )
    return style.letters("\n".join(lines))


def standings_text(exported: RecordInCoq, style: Style) -> str:
    """Each claim with its standing, before Coq was asked."""
    return style.letters("\n".join(_listed(exported.standings(), style, None)))


def _listed(standings: tuple[Standing, ...], style: Style, answer: Answer | None) -> list[str]:
    width = max((len(one.claim) for one in standings), default=0)
    lines = []
    for one in standings:
        rest = "" if answer is None else answer.assumptions.get(one.theorem, "")
        if answer is not None and one.standing != NOT_EXPORTED and not rest:
            rest = f"not finished: {answer.unfinished.get(one.theorem, 'no answer')}"
        told = said(one) + (f"; {rest}" if rest else "")
        first = f"  {clean(one.claim):<{width}}  "
        lines += fold(clean(told, None), style.width, first, " " * 6)
    return lines


def coverage_markdown(every: Sequence[RecordInCoq]) -> str:
    """A table of all theorems: how many claims are what, and which are not closed, with reasons."""
    lines = [
        "# As what each claim is exported to Coq",
        "",
        "Made by `python -m verifier export all`; [coq.md](coq.md) says what the words mean. Here",
        "stands as what a claim is exported; that Coq accepts it is what `recheck --with` shows.",
        "",
        "| theorem | closed | conditional | not exported |",
        "|---|---|---|---|",
    ]
    for exported in every:
        numbers = " | ".join(map(str, counted(exported.standings()).values()))
        lines.append(f"| {exported.record.theorem} | {numbers} |")
    total = [sum(counted(one.standings())[name] for one in every) for name in NAMES]
    lines += [f"| all | {' | '.join(map(str, total))} |", "", "Not closed:", ""]
    for exported in every:
        reasons: dict[str, list[str]] = {}
        for one in exported.standings():
            if one.standing != CLOSED:
                reasons.setdefault(said(one), []).append(one.claim)
        lines += [
            f"* {exported.record.theorem}: {', '.join(claims)}: {reason}"
            for reason, claims in reasons.items()
        ]
    return "\n".join(lines)


def counted(standings: tuple[Standing, ...]) -> dict[str, int]:
    """How many claims are closed, conditional and not exported."""
    return {name: sum(one.standing == name for one in standings) for name in NAMES}


def opinion_json(exported: RecordInCoq, answer: Answer) -> str:
    """The same as one JSON object."""
    claims = [
        {
            "id": one.claim,
            "proof": one.proof,
            "standing": one.standing,
            "hypotheses": [{"step": name, "reason": why} for name, why in one.hypotheses],
            "reason": one.reason,
            "theorem": "" if one.standing == NOT_EXPORTED else one.theorem,
            "rests_on": answer.assumptions.get(one.theorem, ""),
            "unfinished": answer.unfinished.get(one.theorem, ""),
        }
        for one in exported.standings()
    ]
    shown = {"theorem": exported.record.theorem, "checker": answer.checker, "claims": claims}
    return json.dumps(shown, indent=2)
