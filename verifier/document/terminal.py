"""The report of a check for a terminal: one screen, nothing to decode (floor 3).

The statements shown are rendered from the objects that the checker accepted or refuted; where one
is too long for a line it is left out or ends in an ellipsis. Of a numerical table without
disagreement one row is shown. ``full=True`` prints all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verifier.document.layout import aligned, fold, shorten, with_decimal
from verifier.document.output import Style
from verifier.document.prose import pretty
from verifier.document.results import Equations, labelled, meanings, results_of
from verifier.document.scope import Scope
from verifier.document.witness import Witness
from verifier.document.wording import Wording
from verifier.proof.verdict import Verdict, overall
from verifier.theorem import ClaimReport, Report, Table

_LOOKS = {
    Verdict.PROVED: ("✓", "green"),
    Verdict.SUPPORTED: ("~", "cyan"),
    Verdict.REFUTED: ("✗", "red"),
    Verdict.UNDECIDED: ("?", "yellow"),
}
SIZES = ("d", "n", "sigma2")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


def report_text(report: Report, style: Style, full: bool = False) -> str:
    """The whole report; ``full`` prints every statement and table row at its full length."""
    words = Wording(style.unicode)
    sections = [
        _head(report, style),
        _claims(report, words, style, full),
        _results(report, words, style),
        *(_table(table, style, full) for table in report.tables),
        [_closing(report, style)],
    ]
    return style.letters("\n".join("\n".join(lines) for lines in sections if lines))


def summary_text(reports: Sequence[Report], style: Style) -> str:
    """One table over several theorems, and the overall verdict."""
    rows = []
    for report in reports:
        proved = sum(c.verdict is Verdict.PROVED for c in report.claims)
        count = f"{proved} of {len(report.claims)} claims proved"
        seconds = f"{report.seconds:.1f} s"
        rows.append((_mark(report.verdict, style), report.theorem.id, count, seconds))
    verdict = overall(tuple(report.verdict for report in reports))
    total = sum(report.seconds for report in reports)
    lines = [
        style.paint("Theorem by theorem", "bold"),
        *aligned(rows, "  "),
        f"{_mark(verdict, style)}  {len(reports)} theorems in {total:.1f} s",
    ]
    return style.letters("\n".join(lines))


def _head(report: Report, style: Style) -> list[str]:
    theorem = report.theorem
    return [
        style.paint(pretty(theorem.title, style.unicode), "bold"),
        style.paint(theorem.source, "dim"),
        *fold(pretty(theorem.statement, style.unicode), style.width, "  ", "  "),
        *(
            style.paint(f"  claimed instead: {name.replace('_', ' ')} = {text}", "yellow")
            for name, text in report.claimed.items()
        ),
    ]


def _mark(verdict: Verdict, style: Style) -> str:
    sign, colour = _LOOKS[verdict]
    return style.paint(f"{sign} {verdict.value:<9}", colour, "bold")


def _claims(report: Report, words: Wording, style: Style, full: bool) -> list[str]:
    scopes = {
        c.claim.id: Scope.of(words, c.context, c.statement)
        for c in report.claims
        if c.context and c.statement
    }
    common = Scope.common(list(scopes.values()))
    heading = ", ".join(filter(None, ("Claims", common.phrase())))
    lines = [style.paint(line, "bold") for line in fold(heading, style.width, "", "  ")]
    lemmas: dict[str, int] = {}
    letters: dict[str, str] = {}
    names = max((len(c.claim.id) for c in report.claims), default=0)
    for claim in report.claims:
        scope = scopes.get(claim.claim.id, Scope()).without(common)
        statement = _statement(claim, scope.phrase(), words, style, full)
        note = "" if statement else scope.without_indices().phrase()
        marks = [letters.setdefault(note, _letter(len(letters)))] if note else []
        marks += [str(lemmas.setdefault(text, len(lemmas) + 1)) for text in _basis(claim)]
        basis = f"[{','.join(marks)}]" if marks else ""
        text = pretty(claim.claim.words, style.unicode)
        used = 2 + 11 + 1 + names + 2
        room = style.width - used - len(basis) - 1
        row = f"{claim.claim.id:<{names}}  {shorten(text, room):<{room}}"
        lines.append(f"  {_mark(claim.verdict, style)} {row} {basis}".rstrip())
        lines += statement
        lines += _trouble(claim, words, style)
    notes = [f"[{letter}] {scope}" for scope, letter in letters.items()]
    notes += [f"[{number}] {pretty(lemma, style.unicode)}" for lemma, number in lemmas.items()]
    return [*lines, *(x for note in notes for x in fold(note, style.width, "  ", "      "))]


def _letter(number: int) -> str:
    """A mark for a footnote; none looks like a digit."""
    around, place = divmod(number, len(_LETTERS))
    return _LETTERS[place] + (_LETTERS[around - 1] if around else "")


def _basis(claim: ClaimReport) -> list[str]:
    """What the verdict rests on, the setting's own assumptions marked as such."""
    assumed = claim.context.assumptions if claim.context else ()
    return [f"assumed: {text}" if text in assumed else text for text in claim.rests_on]


def _statement(
    claim: ClaimReport, scope: str, words: Wording, style: Style, full: bool
) -> list[str]:
    """The statement with all that it is claimed under beside the heading; nothing if too long."""
    if claim.context is None or claim.statement is None:
        return []
    parts = words.statement(claim.context, claim.statement)
    start = f"{scope}: " if scope else ""
    if not full:
        brief = _brief([start + parts[0], *parts[1:]], style.width - 6)
        return [style.paint(f"      {line}", "dim") for line in brief]
    assumed = words.hypotheses(claim.context)
    premise = f" (assumed: {'; '.join(assumed)})" if assumed else ""
    folded = fold(start + " ".join(parts) + premise, style.width, "      ", "        ")
    return [style.paint(line, "dim") for line in folded]


def _brief(parts: Sequence[str], width: int) -> list[str]:
    """The statement in one line, or its first part where that fits, or nothing."""
    whole = " ".join(parts)
    if len(whole) <= width:
        return [whole]
    return [f"{parts[0]} …"] if len(parts) > 1 and len(parts[0]) + 2 <= width else []


def _trouble(claim: ClaimReport, words: Wording, style: Style) -> list[str]:
    """Why a claim is not proved: the exact witness, or what the checker could not accept."""
    if claim.refutation is not None and claim.context is not None:
        found = Witness.of(claim.context, claim.refutation)
        lines = fold(f"witness: {found.point_text(words)}", style.width, "      ", "        ")
        claimed = f"; claimed: {exact(found.claimed)}" if found.compares else ""
        verdict = f"{found.reason}; found: {exact(found.found)}{claimed}"
        return [style.paint(line, "red") for line in lines] + [
            style.paint(line, "red") for line in fold(verdict, style.width, "      ", "        ")
        ]
    if claim.verdict is Verdict.UNDECIDED and claim.reason:
        reason = f"not proved: {claim.reason}"
        return [style.paint(shorten(f"      {reason}", style.width), "yellow")]
    return []


def exact(value: Fraction) -> str:
    """A rational number, with a decimal where that helps; ≈ where the decimal is rounded."""
    if value.denominator == 1 and abs(value) < 10**12:
        return str(value)
    return with_decimal(value) if len(str(value)) < 40 else f"≈ {float(value):.10g}"


def _results(report: Report, words: Wording, style: Style) -> list[str]:
    rows: list[tuple[str, str]] = []
    for label, value in labelled(results_of(report)):
        parts = value.alternatives(words) if isinstance(value, Equations) else [value.plain(words)]
        rows.append((label, parts[0]))
        rows += [("", f"or {part}") for part in parts[1:]]
    if not rows:
        return []
    width = max(len(label) for label, _ in rows)
    lines = [style.paint("Derived" if report.claimed else "Results", "bold")]
    for label, text in rows:
        lines += fold(text, style.width, f"  {label:<{width}}  ", " " * (width + 6))
    for name, meaning in meanings(report).items():
        text = f"where {words.symbol(name)}: {pretty(meaning, style.unicode)}"
        lines += fold(text, style.width, "  ", "    ")
    return lines


def _table(table: Table, style: Style, full: bool) -> list[str]:
    state = {True: ("✓ ", "green"), False: ("✗ ", "red"), None: ("", "bold")}[table.passed]
    note = f"  {pretty(table.note, style.unicode)}" if table.note else ""
    whole = full or table.passed is False
    name = state[0] + pretty(table.title, style.unicode)
    if not whole and len(table.rows) > 1:
        name += f" (1 of {len(table.rows)} rows; --full shows all)"
    lines = [style.paint(shorten(name, style.width), state[1], "bold")]
    if full:
        lines += [style.paint(line, "dim") for line in fold(note, style.width, "  ")]
    else:
        lines[0] += style.paint(shorten(note, style.width - len(name)), "dim")
    if not whole:
        rows = (pretty(row_in_line(table, row), style.unicode) for row in table.rows[:1])
        return [*lines, *(shorten(row, style.width) for row in rows)]
    body = aligned([table.columns, *table.rows], "  ")
    lines += [style.paint(shorten(body[0], style.width), "dim")]
    lines += [shorten(line, style.width) for line in body[1:]]
    return lines


def row_in_line(table: Table, row: Sequence[str]) -> str:
    """One row of a table with the names of its columns, the sizes first and close together."""
    cells = list(zip(table.columns, row, strict=False))
    sizes = " ".join(f"{name}={cell}" for name, cell in cells if name in SIZES and " " not in cell)
    rest = [f"{name} {cell}" for name, cell in cells if name not in SIZES or " " in cell]
    return f"  {f'{sizes}: ' if sizes else ''}{'; '.join(rest)}"


def _closing(report: Report, style: Style) -> str:
    verdicts = [claim.verdict for claim in report.claims]
    counts = ", ".join(
        f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict if verdict in verdicts
    )
    failed = sum(table.passed is False for table in report.tables)
    alarm = f"; {failed} numerical checks disagree" if failed else ""
    return (
        f"{_mark(report.verdict, style)} {report.theorem.id}: {counts} of {len(verdicts)} claims"
        f"{alarm}; {report.seconds:.1f} s\n"
        "  trusted: the checker in verifier/proof (standard library only) and the lemmas above"
    )
