"""Theorem 3: proved, its families too; independent routes, and 50 false variants refuted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from checked import checked
from claiming import Miss, counterexample, named
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import mostly_deep

from proofs.shared import families_evidence as evidence
from proofs.shared import layer
from proofs.shared.families import FAMILIES
from proofs.shared.functions import FAMILY, FOURTH
from proofs.theorem3 import PARTS, derive, loss_polynomial
from verifier.law_moments.families import family_moments
from verifier.law_moments.family_moments import family_example_moments
from verifier.loss.explicit import explicit_loss
from verifier.numeric.agreement import agreement_test
from verifier.numeric.montecarlo import Check, compare
from verifier.proof.context import Context, Point, Value
from verifier.proof.instances import evaluate
from verifier.proof.rules import examine
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.layer import ReducedParameters
from verifier.theorem.registry import find
from verifier.theorem.theorem import Options, check_theorem
from verifier.theorem.verdict import Verdict

small = st.fractions(min_value=-2, max_value=2, max_denominator=3)
ETA, LOSS = "learning_rate", "minimum_loss"
LOSS_POLYNOMIAL = loss_polynomial()


def test_every_claim_is_proved() -> None:
    report = checked("theorem3")
    assert {c.claim.id: c.verdict for c in report.claims} == {
        c.id: Verdict.PROVED for c in find("theorem3").claims
    }


def eta(n: int, mu: Fraction, tau: Fraction) -> Fraction:
    """mu / (tau + (n-1) mu): E m's = n mu and E |s|^2 = n tau + n (n-1) mu, divided."""
    return mu / (tau + (n - 1) * mu)


@given(st.integers(1, 3), st.integers(1, 4), st.data())
@settings(max_examples=15, deadline=None)
def test_the_loss_in_the_proof_is_the_explicit_polynomial(
    d: int, n: int, data: st.DataObject
) -> None:
    """The derived polynomial against the loss from one example's moments, at random weights."""
    vectors = st.lists(small, min_size=d, max_size=d)
    a, c = data.draw(vectors), data.draw(vectors)
    A = [data.draw(vectors) for _ in range(d)]
    b = data.draw(small)
    names = ("mubar", "taubar", "nu2", "nu22", "nu4")
    moments = {name: data.draw(st.fractions("1/9", 5, max_denominator=9)) for name in names}
    expected = explicit_loss(family_example_moments(d)).evaluate(a, b, A, c, n=n, values=moments)
    numbers = {"n": Fraction(n), "d": Fraction(d), **moments, **_weights(a, b, A, c)}
    sizes = (layer.CONTEXT_LENGTH, layer.DIMENSION)
    parameters = Context(
        PARTS[0].solution.main.full.sorts,
        (*sizes, *FAMILY, *FOURTH.scalars),
        arrays=layer.WEIGHTS,
        definitions=layer.REDUCED,
    )
    point = Point(tuple(Value(name, entries) for name, entries in numbers.items()))
    assert evaluate(parameters, point, parameters.read(LOSS_POLYNOMIAL)) == expected


def _weights(
    a: list[Fraction], b: Fraction, A: list[list[Fraction]], c: list[Fraction]
) -> dict[str, object]:
    """h = e_{d+1}, the last row of W_V is (a, b), W_K = I, W_Q's first columns are (A; c')."""
    d, zero = len(a), Fraction(0)
    vector, square = (zero,) * d, ((zero,) * d,) * d
    unit = tuple(tuple(Fraction(int(i == j)) for j in range(d)) for i in range(d))
    shapes = {t.name: len(t.sorts) for t in layer.WEIGHTS}
    found: dict[str, object] = {
        name: (zero, vector, square)[order] for name, order in shapes.items()
    }
    found |= {"hy": Fraction(1), "WVyx": tuple(a), "WVyy": b, "WKxx": unit, "WKyy": Fraction(1)}
    return found | {"WQxx": tuple(map(tuple, A)), "WQyx": tuple(c)}


@given(st.integers(1, 3), st.integers(1, 4), st.data())
@settings(max_examples=20, deadline=None)
def test_nothing_near_the_optimum_beats_it(d: int, n: int, data: st.DataObject) -> None:
    """At the moments of every rational family: exact losses at B = eta I and beside it."""
    names = [name for name in evidence.families(d) if name != "sine" and name != "relu 4"]
    response = evidence.families(d)[data.draw(st.sampled_from(names))]
    noise = data.draw(st.sampled_from([Fraction(0), Fraction(1, 2)]))
    values = family_moments(response).at(d, noise).symbol_values(d)
    mu, tau = d * values["mubar"], d * values["taubar"]
    rate = eta(n, mu, tau)
    minimum = values["nu2"] - n * rate * mu
    loss = explicit_loss(family_example_moments(d))
    zero = [Fraction(0)] * d
    best = [[rate * (i == j) for j in range(d)] for i in range(d)]
    assert loss.evaluate(zero, Fraction(1), best, zero, n=n, values=values) == minimum
    moves = st.lists(small, min_size=d, max_size=d)
    size = data.draw(st.sampled_from([Fraction(1), Fraction(1, 50)]))
    moved = [[x + size * y for x, y in zip(row, data.draw(moves), strict=True)] for row in best]
    a, c = ([size * x for x in data.draw(moves)] for _ in range(2))
    b = 1 + size * data.draw(small)
    assert loss.evaluate(a, b, moved, c, n=n, values=values) >= minimum


@pytest.mark.parametrize("name", list(evidence.families(2)))
def test_the_real_transformer_has_the_theorems_loss_at_every_family(name: str) -> None:
    """Sampled prompts at B = eta I, against L* = E y^2 - n eta mu."""
    d, n, noise = 2, 5, Fraction(1, 3)
    response = evidence.families(d)[name]
    values = family_moments(response).at(d, noise).symbol_values(d)
    mu, tau = d * values["mubar"], d * values["taubar"]
    rate = eta(n, mu, tau)
    setting = Setting(d, n, Covariates(Normal(), Covariance.identity(d)), response, noise)
    zero = np.zeros(d)
    best = ReducedParameters(zero, 1.0, float(rate) * np.eye(d), zero)
    rng = np.random.default_rng(11)
    check = Check(name, best.full(rng), float(values["nu2"] - n * rate * mu))
    assert agreement_test(compare(setting, [check], rng, 64_000)).agrees


def test_a_wrong_rate_is_seen_by_the_real_transformer() -> None:
    """The same comparison can fail: 40 % off in eta, with L* claimed, is rejected."""
    d, n, noise = 2, 5, Fraction(1, 3)
    setting = Setting(
        d, n, Covariates(Normal(), Covariance.identity(d)), evidence.families(d)["linear"], noise
    )
    rate = eta(n, Fraction(d), d * (d + 2) + d * noise)
    zero = np.zeros(d)
    wrong = ReducedParameters(zero, 1.0, 1.4 * float(rate) * np.eye(d), zero)
    rng = np.random.default_rng(11)
    check = Check("wrong", wrong.full(rng), float(d + noise - n * rate * d))
    assert not agreement_test(compare(setting, [check], rng, 64_000)).agrees


def test_the_evidence_agrees_at_other_sizes() -> None:
    options = Options(
        dimensions=(2,), context_lengths=(1, 3), noises=(Fraction(0),), samples=32_000, starts=5
    )
    tables = evidence.tables(derive({}), options, lambda message: None)
    assert [t.passed for t in tables] == [None, True, True, True, True]
    even = [row for row in tables[0].rows if row[0] == "even"]
    assert even
    assert all(row[6] == "0" for row in even)


def test_false_moments_are_seen_by_the_optimiser_and_by_sampling() -> None:
    """With tau wrong the claimed minimiser is no stationary point of the exact loss."""
    derivation = derive({})
    options = Options(dimensions=(2,), samples=32_000, starts=5)
    _, cases = evidence._families(derivation, options)
    case = next(c for c in cases if c.label[0] == "relu 4")
    off = case.__class__(case.label, case.setting, case.loss, case.minimum, 1.1 * case.readout)
    from proofs.shared import evidence as _evidence

    table = _evidence.optimisation_table([off], options, ("family", "d", "n", "sigma2"))
    assert table.passed is False


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_family_moments_are_proved_from_the_law_of_the_function(family: object) -> None:
    for proof in family.proofs({}):  # type: ignore[attr-defined]
        accepted, failed = examine(proof)
        assert not failed
        assert len(accepted) == len(proof.steps)


TOTAL = "(taubar + (n-1)*mubar)"
CUBE = "m4 + (d-1)*m22 + (n-1)*m2^2"
# The means of |t| in these are 0 by reflection, so that points refute them.
RELU: list[Miss] = [
    ("relu-signal", {"relu_signal": "m/2"}),
    ("relu-signal", {"relu_signal": "1/4"}),
    ("relu-signal", {"relu_signal": "m^2/4"}),
    ("relu-signal", {"relu_signal": "m*d/4"}),
    ("relu-signal", {"relu_signal": "m/8"}),
    ("relu-energy", {"relu_energy": "m*(d+2) + sigma2"}),
    ("relu-energy", {"relu_energy": "m*(d+2)/2"}),
    ("relu-energy", {"relu_energy": "m*d/2 + sigma2"}),
    ("relu-energy", {"relu_energy": "(d+2)/2 + sigma2"}),
    ("relu-energy", {"relu_energy": "m^2*(d+2)/2 + sigma2"}),
    ("relu-energy", {"relu_energy": "m*(d+2)/4 + sigma2"}),
    ("relu-energy", {"relu_energy": "m*(d+1)/2 + sigma2"}),
    ("relu-energy", {"relu_energy": "m*(d+2)/2 + m*sigma2"}),
    ("relu-variance", {"relu_variance": "m*d + sigma2"}),
    ("relu-variance", {"relu_variance": "m*d/2"}),
    ("relu-variance", {"relu_variance": "d/2 + sigma2"}),
]
FALSE: list[Miss] = [
    ("minimum", {ETA: "mubar/(taubar + n*mubar)"}),
    ("minimum", {ETA: "mubar/(taubar + (n+1)*mubar)"}),
    ("minimum", {ETA: "mubar/(taubar + mubar)"}),
    ("minimum", {ETA: "mubar/taubar"}),
    ("minimum", {ETA: f"1/{TOTAL}"}),
    ("minimum", {ETA: f"d*mubar/{TOTAL}"}),
    ("minimum", {ETA: f"nu2/{TOTAL}"}),
    ("learning-rate", {ETA: "mubar/(taubar + n*mubar)"}),
    ("learning-rate", {ETA: "mubar/taubar"}),
    ("no-signal", {ETA: f"nu2/{TOTAL}"}),
    ("minimum", {LOSS: f"nu2 - n*mubar^2/{TOTAL}"}),
    ("minimum", {LOSS: "nu2"}),
    ("minimum", {LOSS: f"nu2 - d*mubar^2/{TOTAL}"}),
    ("minimum", {LOSS: f"nu2 - n*d*mubar/{TOTAL}"}),
    ("prediction", {"prediction": "eta*n*sum[i](xq[i]*s[i])"}),
    ("prediction", {"prediction": "sum[i](xq[i]*s[i])"}),
    ("loss", {"loss": LOSS_POLYNOMIAL.replace("n + 1", "n - 1")}),
    ("loss", {"loss": LOSS_POLYNOMIAL.replace("nu22", "nu2")}),
    ("loss", {"loss": LOSS_POLYNOMIAL.replace("mubar*n - mubar + taubar", "mubar*n + taubar")}),
    ("loss", {"loss": f"{LOSS_POLYNOMIAL} - mubar*b"}),
    ("cube-minimum", {"cube_learning_rate": "1/(d + n + sigma2 + 1)"}),
    ("cube-minimum", {"cube_learning_rate": f"m2/({CUBE} + sigma2)"}),
    ("cube-minimum", {"cube_learning_rate": f"m2/({CUBE} + m22 + m2*sigma2)"}),
    ("cube-minimum", {"cube_learning_rate": f"m2/({CUBE} + m2^2 + m2*sigma2)"}),
    ("cube-minimum", {"cube_learning_rate": f"m2/({CUBE} - m4 + m22 + m2*sigma2 + m2)"}),
    ("cube-minimum", {"cube_minimum_loss": f"sigma2 + d*m2 - n*d*m2^2/({CUBE} + m2*sigma2)"}),
    ("cube-minimum", {"cube_minimum_loss": f"d*m2 - n*d*m2^3/({CUBE} + m2*sigma2)"}),
    ("linear-signal", {"linear_signal": "d"}),
    ("linear-energy", {"linear_energy": "d + 2"}),
    ("linear-energy", {"linear_energy": "d + 1 + sigma2"}),
    ("linear-energy", {"linear_energy": "d + 2 + d*sigma2"}),
    ("linear-variance", {"linear_variance": "d"}),
    ("cubic-signal", {"cubic_signal": "g1^2"}),
    ("cubic-signal", {"cubic_signal": "g1^2 + 6*g1*g3*d + 9*g3^2*d*(d+2)"}),
    ("cubic-signal", {"cubic_signal": "(g1 + 3*(d+2)*g3)^2"}),
    ("cubic-variance", {"cubic_variance": "g0^2 + d*g1^2 + sigma2"}),
    ("radial-signal", {"radial_signal": "1 + p1"}),
    ("radial-energy", {"radial_energy": "d + 2 + sigma2"}),
    ("radial-variance", {"radial_variance": "p0^2 + d + sigma2"}),
]


@pytest.mark.parametrize("miss", mostly_deep(FALSE, named(FALSE), 6))
def test_near_misses_are_refuted(miss: Miss) -> None:
    counterexample("theorem3", miss)


@pytest.mark.parametrize("miss", RELU, ids=named(RELU))
def test_near_misses_of_relu_are_refuted(miss: Miss) -> None:
    counterexample("theorem3", miss)


@pytest.mark.deep
@pytest.mark.parametrize("miss", FALSE, ids=named(FALSE))
def test_near_misses_end_the_whole_check(miss: Miss) -> None:
    report = check_theorem(find("theorem3"), claimed=miss[1], numerical=False)
    assert report.verdict is Verdict.REFUTED
