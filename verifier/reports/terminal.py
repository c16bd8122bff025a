"""The report of a check for a terminal: one screen, nothing to decode.

The statements shown are rendered from the objects that the checker accepted or refuted and are
never cut: a long one is folded, and a very long one that is no minimum and says nothing of one is
left to ``full=True``. Of a numerical table without disagreement one row is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from verifier.proof.statements import texts
from verifier.proof.syntax import names as names_in
from verifier.render.columns import aligned, columns_of, fitted, fold
from verifier.render.facts import NOTATION
from verifier.render.free_names import mentioned
from verifier.render.kinds import Form, form_of
from verifier.render.prose import pretty
from verifier.render.streams import Style
from verifier.render.wording import Wording
from verifier.reports.ranges import Scope, shared
from verifier.reports.results import Equations, Words, contexts_of, labelled, meanings, results_of
from verifier.reports.witness import Witness
from verifier.theorem.theorem import ClaimReport, Report, Table
from verifier.theorem.verdict import Verdict, overall

_LOOKS = {
    Verdict.PROVED: ("✓", "green"),
    Verdict.SUPPORTED: ("~", "cyan"),
    Verdict.REFUTED: ("✗", "red"),
    Verdict.UNDECIDED: ("?", "yellow"),
}
SIZES = ("d", "n", "sigma2")
LONGEST = 280
_MATRIX = re.compile(r"\[[][0-9/, -]{1,38}\]")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


def report_text(report: Report, style: Style, full: bool = False) -> str:
    """The whole report; ``full`` prints every statement and table row at its full length."""
    words = Wording(style.unicode)
    sections = [
        _head(report, style),
        _claims(report, words, style, full),
        _results(report, words, style),
        *(_table(table, style, full) for table in report.tables),
        _closing(report, style),
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
        *_folded(pretty(theorem.title, style.unicode), style, "", "bold"),
        *_folded(theorem.source, style, "", "dim"),
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
    scopes = {c.claim.id: Scope.of(words, c) for c in report.claims if c.statement}
    varied = {s.name for proof in report.record.proofs for s in proof.context.scalars}
    common = Scope.common(list(scopes.values()))
    heading = ", ".join(filter(None, ("Claims", common.ranges(words))))
    lines = [style.paint(line, "bold") for line in fold(heading, style.width, "", "  ")]
    lines += _setting(report, common, words, style, full)
    scopes = {name: scope.without(common) for name, scope in scopes.items()}
    settings = shared(scopes)
    lemmas: dict[str, int] = {}
    letters: dict[str, str] = {}
    spoken: list[ClaimReport] = []
    width = max((len(c.claim.id) for c in report.claims), default=0)
    for claim in report.claims:
        scope = scopes.get(claim.claim.id, Scope())
        values = _values(claim, varied, words)
        statement = _statement(claim, scope.ranges(words), values, words, style, full)
        ranges = "" if statement else scope.without_indices().ranges(words)
        notes = filter(None, (ranges, *settings.get(claim.claim.id, ())))
        marks = [letters.setdefault(note, _letter(len(letters))) for note in notes]
        cited = sorted(lemmas.setdefault(text, len(lemmas) + 1) for text in _lemmas(claim))
        lines += _row(claim, width, [*marks, *map(str, cited)], style)
        lines += statement
        lines += _trouble(claim, words, style)
        if statement:
            spoken.append(claim)
    lines += [] if full else _introduced(spoken, words, style)
    marked = [f"[{letter}] {note}" for note, letter in letters.items()]
    marked += [f"[{number}] {pretty(lemma, style.unicode)}" for lemma, number in lemmas.items()]
    return [*lines, *(x for note in marked for x in fold(note, style.width, "  ", "      "))]


def _row(claim: ClaimReport, names: int, marks: Sequence[str], style: Style) -> list[str]:
    """Verdict, name and words of a claim, and to their right the marks of its footnotes."""
    used = 2 + 11 + 1 + names + 2
    room = style.width - used
    basis = f"[{','.join(marks)}]" if marks else ""
    lines = fold(pretty(claim.claim.words, style.unicode), room, "", "")
    if lines and len(lines[-1]) + len(basis) + 1 <= room:
        lines[-1] += basis.rjust(room - len(lines[-1]))
    elif basis:
        lines.append(basis.rjust(room))
    start = f"  {_mark(claim.verdict, style)} {claim.claim.id:<{names}}  "
    first, *others = lines
    return [f"{start}{first}".rstrip(), *(f"{' ' * used}{line}".rstrip() for line in others)]


def _setting(report: Report, common: Scope, words: Wording, style: Style, full: bool) -> list[str]:
    """What the settings of all claims assume; ``full``: the notation and definitions as well."""
    short = fold(common.assumed(), style.width, "  where ", "  ") if common.setting else []
    found = [style.paint(line, "dim") for line in short]
    for proof in report.record.proofs if full else ():
        context, statements = proof.context, [s.statement for s in proof.steps if s.claim]
        found.append(style.paint(f"  notation of the proof {proof.name!r}", "dim"))
        lines = (*words.facts(context, {}, NOTATION), *words.definitions(context, statements))
        found += [style.paint(x, "dim") for text in lines for x in fold(text, style.width, "    ")]
    return found


def _introduced(claims: Sequence[ClaimReport], words: Wording, style: Style) -> list[str]:
    """The letters that the statements shown use, by their meaning or else their definition."""
    found: dict[str, None] = {}
    for claim in claims:
        assert claim.context is not None
        assert claim.statement is not None
        read = claim.context.read
        used = {name for text in texts(claim.statement) for name in names_in(read(text))}
        for one in claim.context.definitions:
            if one.name in used:
                meaning = pretty(one.meaning, style.unicode)
                told = f"{words.symbol(one.name)}: {meaning}" if meaning else ""
                found[told or words.definition(claim.context, one)] = None
    text = f"letters  {'; '.join(found)}"
    return [style.paint(line, "dim") for line in fold(text, style.width, "  ")] if found else []


def _lemmas(claim: ClaimReport) -> list[str]:
    """What the verdict rests on but for the assumptions of the setting, which says them itself."""
    assumed = claim.context.assumptions if claim.context else ()
    return [text for text in claim.rests_on if text not in assumed]


def _letter(number: int) -> str:
    """A mark for a footnote; none looks like a digit."""
    around, place = divmod(number, len(_LETTERS))
    return _LETTERS[place] + (_LETTERS[around - 1] if around else "")


def _values(claim: ClaimReport, varied: Collection[str], words: Wording) -> str:
    """``with d = 2, ...``: to what a claim gives a value, in scalars, that others range over."""
    if claim.context is None or claim.statement is None:
        return ""
    used = mentioned(claim.context, texts(claim.statement))
    scalars = {scalar.name for scalar in claim.context.scalars}
    shown = []
    for one in claim.context.definitions:
        if one.name in used & set(varied) and names_in(claim.context.read(one.body)) <= scalars:
            shown.append(words.equations(claim.context, ((one.name, one.body),)))
            scalars.add(one.name)
    return f"with {', '.join(shown)}" if shown else ""


def _statement(
    claim: ClaimReport, scope: str, values: str, words: Wording, style: Style, full: bool
) -> list[str]:
    """The statement with all that it is claimed under beside the heading; nothing if too long."""
    if claim.context is None or claim.statement is None:
        return []
    parts = words.statement(claim.context, claim.statement, claim.minima)
    text = " ".join(filter(None, (f"{scope}:" if scope else "", *parts)))
    central = form_of(claim.statement, claim.minima) in (Form.MINIMUM, Form.AT_MINIMUM)
    if not (full or central or len(text) <= LONGEST):
        return []
    under = ", ".join(filter(None, (scope, values)))
    text = " ".join(filter(None, (f"{under}:" if under else "", *parts)))
    return _folded(text, style, "      ", "dim")


def _folded(text: str, style: Style, indent: str, *looks: str) -> list[str]:
    """A text on as many lines as it takes."""
    return [style.paint(line, *looks) for line in fold(text, style.width, indent)]


def _trouble(claim: ClaimReport, words: Wording, style: Style) -> list[str]:
    """Why a claim is not proved: the exact witness, or what the checker could not accept."""
    if claim.refutation is not None and claim.context is not None:
        found = Witness.of(claim.context, claim.refutation)
        point = f"witness: {found.point_text(words, claim.context)}"
        whole = _MATRIX.sub(lambda entries: entries.group().replace(" ", "\u00a0"), point)
        return [
            *_folded(whole, style, "      ", "red"),
            *_folded(found.numbers_text(), style, "      ", "red"),
        ]
    if claim.verdict is Verdict.UNDECIDED and claim.reason:
        return _folded(f"not proved: {claim.reason}", style, "      ", "yellow")
    return []


def _results(report: Report, words: Wording, style: Style) -> list[str]:
    rows: list[tuple[str, str]] = []
    for label, value in labelled(results_of(report), contexts_of(report)):
        if isinstance(value, Words):
            parts = [pretty(value.text, style.unicode)]
        elif isinstance(value, Equations):
            parts = value.alternatives(words)
        else:
            parts = [value.plain(words)]
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
    lines = [style.paint(line, state[1], "bold") for line in fold(name, style.width, "", "  ")]
    if full:
        lines += [style.paint(line, "dim") for line in fold(note, style.width, "  ")]
    elif style.width - len(name) > len(note):
        lines[0] += style.paint(note, "dim")
    if not whole:
        rows = (pretty(row_in_line(table, row), style.unicode) for row in table.rows[:1])
        return [*lines, *(x for row in rows for x in fold(row.strip(), style.width, "  ", "    "))]
    columns = [pretty(name, style.unicode) for name in table.columns]
    return [*lines, *fitted([columns, *table.rows], "  ", style.width)]


def row_in_line(table: Table, row: Sequence[str]) -> str:
    """One row of a table with the names of its columns, the sizes first and close together."""
    cells = list(zip(table.columns, row, strict=False))
    sizes = " ".join(f"{name}={cell}" for name, cell in cells if name in SIZES and " " not in cell)
    rest = [f"{name} {cell}" for name, cell in cells if name not in SIZES or " " in cell]
    return f"  {f'{sizes}: ' if sizes else ''}{'; '.join(rest)}"


def _closing(report: Report, style: Style) -> list[str]:
    verdicts = [claim.verdict for claim in report.claims]
    counts = ", ".join(
        f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict if verdict in verdicts
    )
    failed = sum(table.passed is False for table in report.tables)
    checks = "check disagrees" if failed == 1 else "checks disagree"
    alarm = f"; {failed} numerical {checks}" if failed else ""
    mark = _mark(report.verdict, style)
    room = style.width - columns_of(mark)
    seconds = f"{report.seconds:.1f}\u00a0s"
    text = f"{report.theorem.id}: {counts} of {len(verdicts)} claims{alarm}; {seconds}"
    first, *others = fold(text, room, " ", " " * 4)
    trusted = "trusted: the checker in verifier/proof (standard library only) and the lemmas above"
    return [f"{mark}{first}", *others, *fold(trusted, style.width, "  ", "    ")]
