"""What the paper takes from the program: formulas, numbers, the table of claims, a figure.

``write(folder)`` reads paper.tex, checks every theorem that it cites, refuses a claim that is not
proved, and writes numbers.tex, claims.tex, bibliography.tex and phases.pdf.
"""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import sympy

from docs.paper.formulas import SIGMA, Formulas, PaperError, number, statement_part
from verifier import Report, Verdict, check, landscape
from verifier.render.bibliography import entries
from verifier.render.latex import escape, prose
from verifier.theorem.theorem import ClaimReport

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CITED = re.compile(r"\\by\{([^}#]*)\}\{([^}#]*)\}")
WORK = re.compile(r"\\cite\{([^}]*)\}")
# Words of each lemma that a proof may rest on, and the letter that stands for it in the table.
LEMMAS = {
    "Fubini": "F",
    "Isserlis": "G",
    "Moebius": "M",
    "a square has": "S",
    "rotations": "R",
    "Penrose": "H",
    "Cholesky": "C",
    "sum of positive": "P",
    "semidefinite matrix": "D",
    "eigenvalues": "V",
    "QR": "Q",
    "least squares": "N",
    "exchangeable": "E",
    "variable projection": "J",
    "extreme value": "X",
    "Caratheodory": "K",
    "Sylvester": "L",
    "fewer than d vectors": "O",
    "simultaneous diagonalisation": "Z",
    "gradient flow keeps": "Y",
    "Grönwall": "W",
}
SETTINGS = ((5, 3, "0"), (5, 3, "1/2"), (5, 3, "5"), (20, 5, "1"), (100, 20, "1"))
PHASES = ("--d", "3", "--n", "1:30", "--noise", "0:30")
ATTACKS = {
    "attackSteps": ("steps with one place",),
    "attackContexts": ("steps in changed contexts",),
    "attackFiles": ("edited proof files, digest kept", "edited proof files, digest renewed"),
}


def write(folder: Path) -> None:
    """Write all that paper.tex reads; PaperError where it says what the program does not."""
    source = (HERE / "paper.tex").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    reports = checked(source)
    letters = Letters(reports, cited(source))
    macros = {
        **Formulas(reports).all(),
        **counts(reports, cited(source)),
        **attacks((ROOT / "docs" / "soundness.md").read_text(encoding="utf-8")),
        **example(),
        **phases(folder / "phases.pdf"),
        "twoStepsTable": two_steps_table(reports["two-steps"]),
        "lemmaKey": letters.key(),
    }
    texts = {
        "numbers": "".join(f"\\newcommand{{\\{k}}}{{{v}}}\n" for k, v in macros.items()),
        "claims": claims_table(reports, cited(source), letters),
        "bibliography": bibliography(source),
    }
    for name, text in texts.items():
        (folder / f"{name}.tex").write_text(text, encoding="utf-8")


def cited(source: str) -> dict[str, list[str]]:
    """Claims by theorem, in the order in which the paper cites them, each once."""
    found: dict[str, list[str]] = {}
    for theorem, claims in CITED.findall(source):
        if theorem != "theorem":
            known = found.setdefault(theorem, [])
            known += [x for x in map(str.strip, claims.split(",")) if x not in known]
    return found


def checked(source: str) -> dict[str, Report]:
    """A report for each theorem that is cited; PaperError unless all that is cited is proved."""
    wanted = cited(source)
    reports: dict[str, Report] = {name: check(name, numerical=False) for name in wanted}
    for name, claims in wanted.items():
        for claim in claims:
            if claim_of(reports[name], claim).verdict is not Verdict.PROVED:
                raise PaperError(f"{name} {claim} is cited, but not proved")
    return reports


def claim_of(report: Report, name: str) -> ClaimReport:
    """The verdict on one claim; PaperError where there is none of that name."""
    for one in report.claims:
        if one.claim.id == name:
            return one
    raise PaperError(f"{report.theorem.id} has no claim {name!r}")


class Letters:
    """The lemmas behind the cited claims, each by a letter."""

    def __init__(self, reports: Mapping[str, Report], wanted: Mapping[str, list[str]]) -> None:
        used = (claim_of(reports[t], c).rests_on for t, claims in wanted.items() for c in claims)
        self.order = list(LEMMAS.values())
        self.of: dict[str, str] = {}
        for lemma in (lemma for lemmas in used for lemma in lemmas):
            self.of[lemma] = self.of.get(lemma) or self._letter(lemma)

    def _letter(self, lemma: str) -> str:
        """The letter of the table, or the next that is free."""
        for words, letter in LEMMAS.items():
            if words in lemma:
                return letter
        self.order.append(next(x for x in string.ascii_letters[26:] if x not in self.order))
        return self.order[-1]

    def key(self) -> str:
        """Letter and lemma, for the text."""
        known: dict[str, list[str]] = {}
        for lemma, letter in self.of.items():
            known.setdefault(letter, []).append(prose(lemma))
        order = [letter for letter in self.order if letter in known]
        return "; ".join(rf"\textbf{{{x}}}~{', or '.join(known[x])}" for x in order)

    def after(self, claim: ClaimReport) -> str:
        """The letters of one claim; a dash where it is algebra alone."""
        found = {self.of[lemma] for lemma in claim.rests_on}
        return "".join(x for x in self.order if x in found) or "--"


def claims_table(
    reports: Mapping[str, Report], wanted: Mapping[str, list[str]], letters: Letters
) -> str:
    """Every claim that the paper cites: name, words, source, lemmas."""
    lines = [
        r"{\footnotesize\begin{longtable}{@{}>{\raggedright\arraybackslash}p{.22\linewidth}"
        r">{\raggedright\arraybackslash}p{.6\linewidth}l@{}}",
        r"\textbf{claim} & \textbf{what it says} & \textbf{lemmas} \\ \hline \endhead",
    ]
    for theorem, claims in wanted.items():
        lines.append(rf"\multicolumn{{3}}{{@{{}}l}}{{\texttt{{{theorem}}}}} \\*")
        for name in claims:
            one = claim_of(reports[theorem], name)
            cells = (escape(name), prose(one.claim.words), letters.after(one))
            lines.append(rf"\quad {' & '.join(cells)} \\")
    return "\n".join([*lines, r"\end{longtable}}", ""])


def bibliography(source: str) -> str:
    """The works that are cited, by author."""
    keys = {key.strip() for group in WORK.findall(source) for key in group.split(",")}
    items = sorted(entries(keys), key=lambda one: _surname(one[1]))
    lines = [rf"\bibitem{{{key}}} {escape(text)}" for key, text in items]
    return "\n".join([r"\begin{thebibliography}{99}", *lines, r"\end{thebibliography}", ""])


def _surname(text: str) -> str:
    first = text.split(",")[0].split(" and ")[0]
    return " ".join(word for word in first.split() if not word.endswith("."))


def counts(reports: Mapping[str, Report], wanted: Mapping[str, list[str]]) -> dict[str, str]:
    """How many claims are cited and were checked, and how long the checker is."""
    files = [p for p in (ROOT / "verifier" / "proof").glob("*.py") if p.name != "__init__.py"]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    return {
        "citedClaims": str(sum(map(len, wanted.values()))),
        "checkedClaims": str(sum(len(report.claims) for report in reports.values())),
        "checkedTheorems": str(len(reports)),
        "kernelFiles": str(len(files)),
        "kernelLines": f"{lines:,}".replace(",", r"\,"),
    }


def attacks(page: str) -> dict[str, str]:
    """How many false variants were tried, from the table of measurements."""
    rows = [[cell.strip() for cell in line.split("|")] for line in page.splitlines()]
    table = {row[1]: (row[2], row[3]) for row in rows if len(row) > 4}
    found = {}
    for macro, names in ATTACKS.items():
        tried = [value for name in names for key, value in table.items() if key.startswith(name)]
        if len(tried) != len(names):
            raise PaperError(f"docs/soundness.md has no row {names}")
        total = sum(int(re.sub(r"\D", "", _like(number, tried))) for number, _ in tried)
        found[macro] = f"{total:,}".replace(",", r"\,")
    return found


def _like(cell: str, rows: list[tuple[str, str]]) -> str:
    """A number, or ``the same`` as the first row says."""
    return cell if any(letter.isdigit() for letter in cell) else rows[0][0]


def example() -> dict[str, str]:
    """The least loss, and that of the lowest local minimum above it, at one setting."""
    points = landscape(2, 4, "1/2").stationary
    least = [p.loss for p in points if p.type == "global minimum"]
    local = [p.loss for p in points if p.type == "local minimum"]
    return {
        "exampleGlobal": f"{float(least[0]):.4f}\\dots",
        "exampleLocal": f"{min(map(float, local)):.4f}\\dots",
    }


def phases(path: Path) -> dict[str, str]:
    """The phase diagram as the program draws it, and how many cells are of which kind."""
    command = [sys.executable, "-m", "verifier", "phase-diagram", *PHASES, "--json", "--plot"]
    done = subprocess.run(
        [*command, str(path.resolve())], cwd=ROOT, capture_output=True, text=True, check=True
    )
    kinds = [(c["benign"], c["benign_in_weights"]) for c in json.loads(done.stdout)["cells"]]
    return {
        "phaseCells": str(len(kinds)),
        "phaseBenign": str(kinds.count((True, True))),
        "phaseReduced": str(kinds.count((True, False))),
    }


def two_steps_table(report: Report) -> str:
    """One step, two steps, and whether the best two rates are real and differ."""
    lines = [r"\begin{tabular}{rrrrrrl} $n$ & $d$ & $\sigma^2$ & $L_1^\star$ & $L_2^\star$ "]
    lines[0] += r"& gain & rates \\ \hline"
    for n, d, noise in SETTINGS:
        lines.append(" & ".join(_row(report, n, d, noise)) + r" \\")
    return " ".join([*lines, r"\end{tabular}"])


def _row(report: Report, n: int, d: int, noise: str) -> Iterator[str]:
    at = {"n": n, "d": d, SIGMA: sympy.sqrt(sympy.Rational(Fraction(noise)))}
    two = number(str(report.results["minimum_loss"])).subs(at)
    gain = number(statement_part(report, "gain", "right")).subs(at)
    apart = number(statement_part(report, "apart", "right")).subs(at)
    yield from (str(n), str(d), f"${noise}$")
    yield from (f"{float(value):.5f}" for value in (two + gain, two))
    yield f"{float(100 * gain / (two + gain)):.1f}\\,\\%"
    yield "apart" if apart > 0 else "not real" if apart < 0 else "equal"
