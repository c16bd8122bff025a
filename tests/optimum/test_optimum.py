"""The exact optimum: against Theorem 1's and the pair's formulas, perturbations, and bounds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from verifier.arithmetic.matrices import exact_inverse, product
from verifier.law_moments.of_setting import general_moments
from verifier.loss.explicit import explicit_loss
from verifier.optimum.bound import PairProblem
from verifier.optimum.line import line_optimum
from verifier.optimum.readout import (
    Kind,
    Readout,
    ReadoutProblem,
    certify,
    generalised_inverse,
    solve_semidefinite,
)
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Laplace, Normal, Rademacher, Uniform, radial, student_t
from verifier.setting.responses import Linear, Polynomial, ReluNetwork, SingleIndex, Weights

small = st.fractions(min_value=-2, max_value=2, max_denominator=4)
positive = st.fractions(min_value=Fraction(1, 4), max_value=3, max_denominator=4)
laws = st.sampled_from(
    [Normal(), Uniform(), Rademacher(), Laplace(), student_t(9), radial({"2": 1, "4": 11})]
)


@st.composite
def definite(draw: st.DrawFn, d: int) -> Covariance:
    lower = [[draw(small) if j < i else Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    pivots = [draw(positive) for _ in range(d)]
    return Covariance.full(
        [
            [sum(lower[i][k] * pivots[k] * lower[j][k] for k in range(d)) for j in range(d)]
            for i in range(d)
        ]
    )


@given(st.integers(1, 6), st.integers(1, 40), positive)
@settings(max_examples=25, deadline=None)
def test_isotropic_settings_have_the_rate_of_theorem_1(d, n, noise) -> None:
    """eta = E[w'X'y] / E[y'XX'y] = nd / (n d (n + d + 1 + sigma2)), Mahankali et al., Thm 1."""
    moments = general_moments(Setting.isotropic(d, n, noise))
    problem = ReadoutProblem.of(moments, n)
    best = problem.best()
    assert best.kind is Kind.GRADIENT
    assert best.learning_rate == 1 / (n + d + 1 + noise)
    assert certify(moments, problem, best).loss == best.loss


@given(st.data(), st.integers(1, 3), st.integers(1, 20), positive)
@settings(max_examples=25, deadline=None)
def test_gaussian_pairs_have_the_pair_formula(data, d, n, noise) -> None:
    """B* = ((n+1) Lambda + (tr(Lambda Gamma) + sigma2) Gamma^-1)^-1."""
    inputs, tasks = data.draw(definite(d)), data.draw(definite(d))
    trace = sum(product(inputs.entries, tasks.entries)[i][i] for i in range(d))
    inverse = exact_inverse(tasks.entries)
    system = tuple(
        tuple((n + 1) * inputs.entries[i][j] + (trace + noise) * inverse[i][j] for j in range(d))
        for i in range(d)
    )
    setting = Setting.gaussian_pair(inputs, tasks, n, noise)
    assert exact_inverse(system) == ReadoutProblem.of(general_moments(setting), n).best().B


@given(definite(3), st.integers(1, 20), positive)
@settings(max_examples=15, deadline=None)
def test_inverse_tasks_are_solved_by_a_preconditioned_step(inputs, n, noise) -> None:
    setting = Setting.gaussian_pair(inputs, inputs.inverse(), n, noise)
    best = ReadoutProblem.of(general_moments(setting), n).best()
    scalar = inputs == Covariance.identity(3, inputs.entries[0][0])
    assert best.kind is (Kind.GRADIENT if scalar else Kind.PRECONDITIONED)
    assert scalar or best.learning_rate == 1 / (n + 4 + noise)


@given(st.data(), laws, st.integers(1, 2), st.integers(1, 5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_layer_beats_a_certified_optimum(data, law, d, n, cubic) -> None:
    assume(not cubic or law.name not in ("student-t", "radial"))
    weights = Weights.centred(data.draw(definite(d)))
    link = Polynomial.of(0, -1, "1/2", "1/3")
    response = SingleIndex(link, weights) if cubic else Linear(weights)
    covariates = Covariates(law, data.draw(definite(d)))
    moments = general_moments(Setting(d, n, covariates, response, data.draw(positive)))
    problem = ReadoutProblem.of(moments, n)
    optimum = certify(moments, problem, problem.best()).loss
    loss = explicit_loss(moments.example_moments())
    entries = data.draw(st.lists(small, min_size=(d + 1) ** 2, max_size=(d + 1) ** 2))
    scale = data.draw(st.sampled_from([Fraction(1), Fraction(1, 10), Fraction(1, 100)]))
    values = [v * scale for v in entries]
    a, b, rest = values[:d], values[d], values[d + 1 :]
    A = [rest[i * d : (i + 1) * d] for i in range(d)]
    near = [
        [B + v for B, v in zip(*rows, strict=True)]
        for rows in zip(_turned(problem), A, strict=True)
    ]
    for layer in ((a, b, A, rest[d * d :]), (a, 1 + b, near, rest[d * d :])):
        assert loss.evaluate(*layer, n=n) >= optimum
    zero = [Fraction(0)] * d
    assert loss.evaluate(zero, 1, _turned(problem), zero, n=n) == optimum


def _turned(problem: ReadoutProblem) -> list[list[Fraction]]:
    return [list(row) for row in zip(*problem.best().B, strict=True)]


def test_a_task_mean_breaks_parity_and_is_not_certified() -> None:
    weights = Weights.normal([1, 0], Covariance.identity(2))
    covariates = Covariates(Normal(), Covariance.identity(2))
    moments = general_moments(Setting(2, 5, covariates, Linear(weights), 0))
    problem = ReadoutProblem.of(moments, 5)
    with pytest.raises(ValueError, match="degree four with an odd number of responses"):
        certify(moments, problem, problem.best())


def test_an_even_response_keeps_parity_and_is_best_predicted_by_zero() -> None:
    weights = Weights.normal([1, 0], Covariance.identity(2))
    covariates = Covariates(Normal(), Covariance.identity(2))
    setting = Setting(2, 5, covariates, SingleIndex(Polynomial.of(0, 0, 1), weights), 0)
    moments = general_moments(setting)
    best = ReadoutProblem.of(moments, 5).best()
    assert moments.parity_symmetric
    assert best.kind is Kind.ZERO
    assert best.loss == moments.target_second


def test_certificates_are_refused_for_wrong_readouts() -> None:
    moments = general_moments(Setting.isotropic(2, 5, 1))
    problem = ReadoutProblem.of(moments, 5)
    step = problem.best_gradient_step()
    assert certify(moments, problem, step).loss == problem.best().loss
    eighth, zero = Fraction(1, 8), Fraction(0)
    wrong = Readout(((eighth, zero), (zero, eighth)), step.loss, step.kind, None)
    with pytest.raises(ValueError, match="normal equations"):
        certify(moments, problem, wrong)
    with pytest.raises(ValueError, match="loss"):
        certify(moments, problem, Readout(step.B, step.loss - 1, step.kind, None))


def test_network_width_by_hand() -> None:
    """Width k, sigma2 = 0, x ~ N(0, I_d): P = k/4 I, E f^2 xx' = k (d+2)/2 I, so
    eta = (k/4) / (k (d+2)/2 + (n-1) k/4) = 1 / (2d + 3 + n) for every width.
    """
    covariates = Covariates(Normal(), Covariance.identity(3))
    for width in (1, 4):
        moments = general_moments(Setting(3, 7, covariates, ReluNetwork(width), 0))
        best = ReadoutProblem.of(moments, 7).best()
        assert best.learning_rate == Fraction(1, 2 * 3 + 3 + 7)


def test_singular_covariates_classify_on_their_range() -> None:
    inputs = Covariance.full([[1, 1], [1, 1]])
    moments = general_moments(Setting.gaussian_pair(inputs, Covariance.identity(2), 4, 1))
    problem = ReadoutProblem.of(moments, 4)
    best = problem.best()
    assert best.kind is Kind.GRADIENT
    # x = (z, z), w.x = (w_1+w_2) z: d = 1 with variance-2 tasks, rate 1/(n+2+sigma2/2) on z z,
    # and x'x_i = 2 z z_i.
    assert best.learning_rate == Fraction(2, 2 * (4 + 2) + 1) / 2
    assert certify(moments, problem, best).loss == best.loss


def test_a_gradient_step_is_found_where_other_readouts_attain_its_loss_too() -> None:
    """w = v (1, 1), x_i = +-1: y is 0 unless both signs agree, so E[ss'] is singular."""
    tasks = Covariance.full([[1, 1], [1, 1]])
    covariates = Covariates(Rademacher(), Covariance.identity(2))
    setting = Setting(2, 6, covariates, Linear(Weights.centred(tasks)), 0)
    moments = general_moments(setting)
    problem = ReadoutProblem.of(moments, 6)
    best = problem.best()
    assert best.kind is Kind.GRADIENT
    assert best.loss == problem.best_gradient_step().loss
    assert certify(moments, problem, best).loss == best.loss


@given(definite(2), st.lists(small, min_size=2, max_size=2))
@settings(max_examples=20, deadline=None)
def test_generalised_inverses_reproduce_the_matrix(matrix, row) -> None:
    flat = tuple(tuple(u * v for v in row) for u in row)
    for M in (matrix.entries, flat):
        X = generalised_inverse(M)
        assert product(product(M, X), M) == M
        assert tuple(zip(*X, strict=True)) == X


@st.composite
def broken(draw: st.DrawFn, d: int) -> Setting:
    """A setting with a task mean."""
    mean = draw(st.lists(small, min_size=d, max_size=d))
    assume(any(mean))
    weights = Weights(tuple(mean), draw(definite(d)))
    covariates = Covariates(draw(laws), draw(definite(d)))
    return Setting(d, draw(st.integers(1, 6)), covariates, Linear(weights), draw(positive))


@given(st.data(), st.integers(1, 2))
@settings(max_examples=30, deadline=None)
def test_exact_layers_have_their_loss_and_lie_above_the_bound(data, d) -> None:
    setting = data.draw(broken(d))
    moments = general_moments(setting)
    pairs = PairProblem.of(moments, setting.context_length)
    omega = [*data.draw(st.lists(small, min_size=d, max_size=d)), Fraction(1)]
    layer = pairs.best_layer(omega)
    loss = explicit_loss(moments.example_moments())

    def at(stacked) -> Fraction:
        return loss.evaluate(
            layer.omega[:d], layer.omega[d], stacked[:d], stacked[d], n=setting.context_length
        )

    assert at(layer.stacked) == layer.loss
    assert layer.loss >= pairs.lower_bound()
    i, a = data.draw(st.integers(0, d)), data.draw(st.integers(0, d - 1))
    for change in (Fraction(1, 7), Fraction(-1, 50)):
        moved = [list(row) for row in layer.stacked]
        moved[i][a] += change
        assert at(moved) >= layer.loss
    assert layer.loss <= moments.target_second


@given(broken(1), st.lists(small, min_size=2, max_size=2))
@settings(max_examples=30, deadline=None)
def test_the_line_is_below_every_layer_and_above_the_bound(setting, omega) -> None:
    assume(any(omega))
    pairs = PairProblem.of(general_moments(setting), setting.context_length)
    try:
        found = line_optimum(pairs)
    except ValueError:
        assume(False)
    assert found.loss <= pairs.best_layer(omega).loss
    assert found.loss >= pairs.lower_bound()
    a, b = found.a.as_fraction(), found.b.as_fraction()
    if a is not None:
        assert found.loss == pairs.best_layer([a, b]).loss


def test_the_line_agrees_with_the_certificate_under_parity() -> None:
    moments = general_moments(Setting.isotropic(1, 4, "1/2"))
    found = line_optimum(PairProblem.of(moments, 4))
    assert found.loss == ReadoutProblem.of(moments, 4).best().loss
    assert found.a == 0
    assert found.c == 0


def test_semidefinite_systems_are_solved_or_refused() -> None:
    one, zero = Fraction(1), Fraction(0)
    singular = ((one, one), (one, one))
    solution = solve_semidefinite(singular, ((one,), (one,)))
    assert product(singular, solution) == ((one,), (one,))
    with pytest.raises(ValueError, match="contradict"):
        solve_semidefinite(singular, ((one,), (zero,)))
