"""Needed hypotheses have counterexamples that another route confirms; the rest have proofs."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from verifier.document.falsify_text import markdown_table
from verifier.falsify import Finding, falsify, search
from verifier.numeric.cubature import cubature_loss
from verifier.registry import find, theorems
from verifier.setting.layer import ReducedParameters
from verifier.setting.setting_file import parse_setting
from verifier.theorem import Hypothesis, Violation

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return [falsify(t, h, find) for t in theorems().values() for h in t.hypotheses]


def test_no_question_stays_open(findings: list[Finding]) -> None:
    assert {f.outcome for f in findings} == {"needed", "not needed"}


def test_cubature_confirms_every_counterexample(findings: list[Finding]) -> None:
    """The layer of the witness, unreduced, on a rule that integrates the loss exactly."""
    confirmed = 0
    for found in (f.counterexample for f in findings if f.counterexample is not None):
        setting = parse_setting(found.setting.encode())
        d = setting.dimension
        theta = [*found.omega, *(v for row in found.stacked for v in row)]
        point = ReducedParameters.from_vector(np.array(theta, dtype=float))
        layer = point.full(np.random.default_rng(0))
        assert cubature_loss(setting, layer) == pytest.approx(float(found.reached), rel=1e-9)
        zero = np.zeros(d)

        def step(rate: float, setting=setting, d=d, zero=zero) -> float:
            plain = ReducedParameters(zero, 1.0, rate * np.eye(d), zero)
            return cubature_loss(setting, plain.full())

        if d == 1 or "covariance" not in found.setting.partition("[task]")[0]:
            # A quadratic in the rate through three values: its least is what the theorem allows.
            curve = (step(1) - 2 * step(0) + step(-1)) / 2
            slope = (step(1) - step(-1)) / 2
            least = step(0) - slope**2 / (4 * curve)
            assert least <= float(found.best_allowed) + 1e-9
            assert float(found.reached) < float(found.best_allowed)
        confirmed += 1
    assert confirmed >= 8


def test_a_hypothesis_that_changes_nothing_finds_no_counterexample() -> None:
    def same(d: int, n: int, noise: Fraction, number: Fraction) -> tuple[Violation, ...]:
        text = f'[prompt]\ndimension = {d}\ncontext_length = {n}\n[noise]\nvariance = "{noise}"\n'
        return (Violation(text, "gradient step"),) if d <= 2 else ()

    assert search(Hypothesis("none", "nothing is dropped", violations=same)) is None


def test_the_table_of_the_readme_is_this_one(findings: list[Finding]) -> None:
    assert markdown_table(findings) in README.read_text(encoding="utf-8")
