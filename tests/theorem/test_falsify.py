"""Needed hypotheses have counterexamples that another route confirms; the rest have proofs."""

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from verifier.__main__ import main
from verifier.explore.exact_answer import line_answer
from verifier.law_moments.of_setting import general_moments
from verifier.numeric.cubature import cubature_loss
from verifier.optimum.bound import PairProblem
from verifier.optimum.readout import ReadoutProblem
from verifier.render.streams import Style
from verifier.reports.falsify_text import markdown_table, table_text
from verifier.setting.layer import ReducedParameters
from verifier.setting.setting_file import parse_setting
from verifier.theorem.falsify import (
    NEEDED,
    NOT_NEEDED,
    WEAKER,
    Counterexample,
    Finding,
    falsify,
    search,
)
from verifier.theorem.registry import find, theorems
from verifier.theorem.theorem import Hypothesis, Violation

HYPOTHESES = Path(__file__).parents[2] / "docs" / "hypotheses.md"


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return [falsify(t, h, find) for t in theorems().values() for h in t.hypotheses]


def test_no_question_stays_open(findings: list[Finding]) -> None:
    assert {f.outcome for f in findings} == {NEEDED, WEAKER, NOT_NEEDED}


def test_what_a_weaker_hypothesis_replaces_cannot_simply_be_dropped(
    findings: list[Finding],
) -> None:
    weaker = [f for f in findings if f.outcome == WEAKER]
    assert len(weaker) == 8
    for finding in weaker:
        assert finding.hypothesis.instead in markdown_table([finding])
        assert finding.hypothesis.instead in " ".join(table_text([finding], Style()).split())
        assert finding.counterexample is not None
    for finding in findings:
        assert (finding.outcome == WEAKER) == bool(finding.hypothesis.instead)
        if finding.outcome == NOT_NEEDED:
            assert finding.counterexample is None


GAUSS = tuple(zip(*np.polynomial.hermite_e.hermegauss(9), strict=True))
NORMAL = [(float(x), float(p) / np.sqrt(2 * np.pi)) for x, p in GAUSS]
SIGN = [(1.0, 0.5), (-1.0, 0.5)]
NOTHING = [(0.0, 1.0)]


def _by_nodes(found: Counterexample, theta: np.ndarray) -> float:
    """E (y - x'N'G omega)^2 for n = 1 by a sum over nodes, without the program's moments."""
    d = found.dimension
    assert found.context_length == 1
    response = lambda x, w: float(np.dot(x, w))  # noqa: E731
    if found.law.startswith("x = (a fair sign"):
        rows, tasks = list(itertools.product(SIGN, NORMAL)), [NORMAL, NORMAL]
    elif found.law.startswith("x ~ N(0, 1); w = 2 "):
        rows, tasks = [(x,) for x in NORMAL], [[(2.0, 0.2), (-0.5, 0.8)]]
    else:
        assert 'response = "t + t^2"' in found.setting
        assert 'mean = ["1"]' in found.setting
        rows, tasks = [(x,) for x in NORMAL], [[(1.0, 1.0)]]
        response = lambda x, w: float(x[0] + x[0] ** 2)  # noqa: E731
    noise = NORMAL if found.noise else NOTHING
    omega, stacked = theta[: d + 1], theta[d + 1 :].reshape(d + 1, d)
    total = 0.0
    for w in itertools.product(*tasks):
        task, chance = [v for v, _ in w], np.prod([p for _, p in w])
        for row, query in itertools.product(rows, repeat=2):
            x, xq = (np.array([v for v, _ in r]) for r in (row, query))
            weight = chance * np.prod([p for _, p in (*row, *query)])
            for (e, p), (eq, pq) in itertools.product(noise, repeat=2):
                scale = float(found.noise) ** 0.5
                token = np.append(x, response(x, task) + scale * e)
                predicted = xq @ stacked.T @ token * (token @ omega)
                target = response(xq, task) + scale * eq
                total += weight * p * pq * (target - predicted) ** 2
    return float(total)


def test_two_other_routes_confirm_every_counterexample(findings: list[Finding]) -> None:
    """The layer of the witness, unreduced, on a rule that integrates the loss exactly."""
    confirmed, by_nodes = 0, 0
    for found in (f.counterexample for f in findings if f.counterexample is not None):
        d = found.dimension

        def loss(theta: np.ndarray, found=found) -> float:
            if found.law or "response" in found.setting:
                return _by_nodes(found, theta)
            setting = parse_setting(found.setting.encode())
            point = ReducedParameters.from_vector(theta)
            return cubature_loss(setting, point.full(np.random.default_rng(0)))

        theta = [*found.omega, *(v for row in found.stacked for v in row)]
        reached = loss(np.array([float(v) for v in theta]))
        assert reached == pytest.approx(float(found.reached), rel=1e-7)

        def step(rate: float, loss=loss, d=d) -> float:
            return loss(np.array([*[0.0] * d, 1.0, *(rate * np.eye(d)).ravel(), *[0.0] * d]))

        if found.law or d == 1 or "covariance" not in found.setting.partition("[task]")[0]:
            # A quadratic in the rate through three values: its least is what the theorem allows.
            curve = (step(1) - 2 * step(0) + step(-1)) / 2
            slope = (step(1) - step(-1)) / 2
            least = step(0) - slope**2 / (4 * curve)
            assert least <= float(found.best_allowed) + 1e-9
            assert float(found.reached) < float(found.best_allowed)
        confirmed += 1
        by_nodes += bool(found.law or "response" in found.setting)
    assert confirmed >= 13
    assert by_nodes == 7


def test_explore_confirms_the_printed_gap(findings: list[Finding]) -> None:
    """Its optimum of the same file is the loss that is reached, where parity is broken too."""
    broken = [f.counterexample for f in findings if f.hypothesis.id == "centred-task"]
    assert len(broken) == 5
    for found in broken:
        assert found is not None
        assert found.optimal
        setting = parse_setting(found.setting.encode())
        moments = general_moments(setting)
        readout = ReadoutProblem.of(moments, found.context_length).best()
        answer = line_answer(PairProblem.of(moments, found.context_length), readout)
        assert answer is not None
        assert answer.loss.exact == found.reached == Fraction(181, 76)
        assert found.gap == Fraction(25, 532)


def test_a_hypothesis_without_a_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["falsify", "theorem1", "--without", ""]) == 2
    assert "no hypothesis ''" in capsys.readouterr().err


def test_a_law_that_no_file_can_say_is_not_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "setting.toml"
    words = ["falsify", "theorem1", "--without", "gaussian-task", "-o", str(target)]
    assert main(words) == 2
    assert "no setting file can say" in capsys.readouterr().err
    assert not target.exists()


def test_a_hypothesis_that_changes_nothing_finds_no_counterexample() -> None:
    def same(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        text = f'[prompt]\ndimension = {d}\ncontext_length = {n}\n[noise]\nvariance = "{noise}"\n'
        return (Violation(text, "gradient step"),) if d <= 2 else ()

    assert search(Hypothesis("none", "nothing is dropped", violations=same)) is None


def test_the_table_of_the_readme_is_this_one(findings: list[Finding]) -> None:
    assert markdown_table(findings) in HYPOTHESES.read_text(encoding="utf-8")
