"""Monte Carlo and cubature through the unreduced transformer, and the test that compares.

The stand-in for the exact loss is a hand calculation for x, w ~ N(0, I) (``isotropic_loss``),
which the cubature confirms without sampling before Monte Carlo is compared with it.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isotropic_by_hand import isotropic_loss

from verifier.numeric.agreement import LEAN, agreement_test, p_value
from verifier.numeric.cubature import cubature_loss, cubature_nodes
from verifier.numeric.montecarlo import (
    BATCHES,
    SMALLEST_BATCH,
    Check,
    Comparison,
    batch_means,
    compare,
    prompt_losses,
    random_points,
    stationarity_checks,
)
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import (
    Laplace,
    Normal,
    Rademacher,
    Sphere,
    Uniform,
    UnitVariance,
    student_t,
)
from verifier.setting.layer import LayerVariant, ReducedParameters
from verifier.setting.predictors import GradientStep, ZeroPredictor
from verifier.setting.responses import Linear, ReluNetwork, Weights


def step_point(d: int, rate: float, variant: LayerVariant | None = None) -> ReducedParameters:
    point = ReducedParameters(np.zeros(d), 1.0, rate * np.eye(d), np.zeros(d))
    return point if variant is None else replace(point, variant=variant)


@given(
    st.sampled_from([(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (3, 1)]),
    st.sampled_from(["0", "1/2", "3"]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=15, deadline=None)
def test_cubature_gives_the_hand_formula(shape, noise, seed) -> None:
    d, n = shape
    setting = Setting.isotropic(d, n, noise)
    rng = np.random.default_rng(seed)
    point = ReducedParameters.from_vector(rng.standard_normal((d + 1) ** 2))
    expected = isotropic_loss(d, n, float(Fraction(noise)), point.to_vector())[0]
    assert cubature_loss(setting, point.full(rng)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("law", [Uniform(), Rademacher(), UnitVariance(Laplace()), student_t(20)])
def test_cubature_and_monte_carlo_agree_for_other_laws(law) -> None:
    covariates = Covariates(law, Covariance.full([[2, 1], [1, 1]]))
    weights = Weights.normal(["1/2", 0], Covariance.diagonal([1, "1/4"]))
    variant = LayerVariant(normalise=True)
    setting = Setting(2, 2, covariates, Linear(weights), Fraction(1, 2), variant)
    rng = np.random.default_rng(11)
    points = random_points(setting, rng, 3)
    layers = [p.full(rng) for p in points]
    checks = [Check("loss", layer, cubature_loss(setting, layer)) for layer in layers]
    assert agreement_test(compare(setting, checks, rng)).agrees
    wrong = [replace(c, claimed=c.claimed * 1.3) for c in checks]
    assert not agreement_test(compare(setting, wrong, rng)).agrees


def test_cubature_refuses_what_it_cannot_do() -> None:
    layer = step_point(2, 0.1).full()
    with pytest.raises(ValueError, match="limit"):
        cubature_loss(Setting.isotropic(2, 6, 1), layer)
    assert cubature_nodes(Setting.isotropic(2, 6, 1)) == 3**20
    plain = Setting.isotropic(2, 1, 1)
    on_sphere = Covariates(Sphere(), Covariance.identity(2))
    with pytest.raises(ValueError, match="independent coordinates"):
        cubature_loss(replace(plain, covariates=on_sphere), layer)
    with pytest.raises(ValueError, match="linear response"):
        cubature_loss(replace(plain, response=ReluNetwork(2)), layer)
    variant = LayerVariant(include_query=True)
    with pytest.raises(ValueError, match="query"):
        cubature_loss(plain, step_point(2, 0.1, variant).full())


@given(st.integers(0, 2**32 - 1), st.sampled_from(["linear", "relu"]))
@settings(max_examples=6, deadline=None)
def test_integrating_the_query_out_keeps_the_mean(seed, family) -> None:
    """For fixed examples and tasks: the raw squared error over many queries and noises."""
    rng = np.random.default_rng(seed)
    response = Linear(Weights.standard(2)) if family == "linear" else ReluNetwork(3)
    spread = Covariance.full([[2, 1], [1, 1]])
    setting = Setting(2, 3, Covariates(Uniform(), spread), response, Fraction(1, 2))
    layer = random_points(setting, rng, 1)[0].full(rng)
    drawn = setting.sample(rng, 1)
    copies = 40_000
    repeat = lambda v: np.repeat(v, copies, axis=0)  # noqa: E731
    names = ("w",) if family == "linear" else ("u", "v")
    tasks = replace(drawn.tasks, **{k: repeat(getattr(drawn.tasks, k)) for k in names})
    query = setting.covariates.sample(rng, (copies,))
    target = tasks.evaluate(query[:, None, :])[:, 0] + 0.5**0.5 * rng.standard_normal(copies)
    raw = (target - layer.predict(repeat(drawn.x), repeat(drawn.y), query)) ** 2
    many = replace(drawn, x=repeat(drawn.x), y=repeat(drawn.y), query=query, tasks=tasks)
    smoothed = prompt_losses(setting, layer, many)
    error = np.hypot(raw.std(), smoothed.std()) / copies**0.5
    assert abs(raw.mean() - smoothed.mean()) < 5.5 * error
    assert smoothed.std() < raw.std()


def test_query_in_the_sum_is_estimated_through_its_own_layer() -> None:
    """n = d = 1, no noise, a = 0: including the query token changes nothing, a != 0 does.

    With a = A = 1, b = c = 0 the layer predicts x_q (x_1^2 + x_q^2) and
    L = E(w x_q - x_q x_1^2 - x_q^3)^2 = 1 + E x_q^2 (x_1^2 + x_q^2)^2 = 1 + 3 + 2*3 + 15 = 25.
    """
    variant = LayerVariant(include_query=True)
    setting = replace(Setting.isotropic(1, 1, 0), layer_variant=variant)
    one, zero = np.ones(1), np.zeros(1)
    layer = ReducedParameters(one, 0.0, np.ones((1, 1)), zero, variant).full()
    rng = np.random.default_rng(2)
    assert agreement_test(compare(setting, [Check("cubic", layer, 25.0)], rng, 400_000)).agrees
    # Without the query token the same weights would give 1 + E x_q^2 x_1^4 = 4.
    assert not agreement_test(compare(setting, [Check("cubic", layer, 4.0)], rng)).agrees
    with pytest.raises(ValueError, match="the setting's layer"):
        compare(setting, [Check("other variant", step_point(1, 0.1).full(), 1.0)], rng)


def test_halving_the_number_of_batches_merges_neighbours() -> None:
    setting = Setting.isotropic(2, 3, 1)
    layers = [step_point(2, 0.1).full(), GradientStep(0.1), ZeroPredictor()]
    means = batch_means(setting, layers, np.random.default_rng(0), 64_000)
    assert means.shape == (3, BATCHES)
    again = batch_means(setting, layers, np.random.default_rng(0), 64_000, batches=32)
    np.testing.assert_allclose(means.reshape(3, 32, 2).mean(axis=2), again)


def comparison(below: int, above: int, batches: int = BATCHES) -> Comparison:
    return Comparison("x", 1.0, 1.0, 0.1, 0.0, below, above, batches, batches * 1000)


def test_p_values_are_the_binomial_tail() -> None:
    """Against 2 sum_{k >= t} C(K,k) p^k q^{K-k} in exact rationals."""
    chance = Fraction(1, 2) + Fraction(str(LEAN))
    mass = [Fraction(1)]
    for _ in range(BATCHES):
        mass = [
            (mass[k] if k < len(mass) else 0) * (1 - chance) + (mass[k - 1] * chance if k else 0)
            for k in range(len(mass) + 1)
        ]
    for count in range(BATCHES + 1):
        exact = float(min(Fraction(1), 2 * sum(mass[count:])))
        for split in (comparison(count, 0), comparison(0, count)):
            assert p_value(split) == pytest.approx(exact, rel=1e-9)


def test_level_counts_all_comparisons() -> None:
    """A split that one comparison rejects at 1e-3 alone survives among a hundred."""
    split = next(k for k in range(BATCHES + 1) if p_value(comparison(k, 0)) <= 1e-3)
    alarming, quiet = comparison(split, BATCHES - split), comparison(32, 32)
    assert agreement_test([alarming]).rejected == (0,)
    assert agreement_test([quiet, alarming, *[quiet] * 98]).agrees
    assert agreement_test([quiet, comparison(0, BATCHES)]).rejected == (1,)


def test_tests_that_could_not_fail_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one comparison"):
        agreement_test([])
    with pytest.raises(ValueError, match="false-alarm rate"):
        agreement_test([comparison(1, 1)], 0.0)
    with pytest.raises(ValueError, match="no split that rejects"):
        agreement_test([comparison(8, 0, batches=8)])
    with pytest.raises(ValueError, match="at least 32000 prompts"):
        compare(Setting.isotropic(1, 1, 0), [], np.random.default_rng(0), 31_999)


def test_a_loss_without_variance_is_compared_up_to_rounding() -> None:
    """d = 1, Rademacher covariates, zero prediction, fixed task 2: the loss is 4 + 1/3."""
    covariates = Covariates(Rademacher(), Covariance.identity(1))
    weights = Weights.normal([2], Covariance.diagonal([0]))
    setting = Setting(1, 1, covariates, Linear(weights), Fraction(1, 3))
    rng = np.random.default_rng(0)
    right = compare(setting, [Check("constant", ZeroPredictor(), 13 / 3)], rng, 32_000)
    assert agreement_test(right).agrees
    assert right[0].z == 0.0
    wrong = compare(setting, [Check("constant", ZeroPredictor(), 4.3333)], rng, 32_000)
    assert not agreement_test(wrong).agrees


def run_check(seed: int, factor: float, rate_error: float, shape, prompts: int = 128_000) -> bool:
    """The whole check as a theorem would run it; true when it finds no disagreement.

    The claimed losses are multiplied by ``factor`` and the claimed rate by 1 + ``rate_error``.
    """
    d, n, noise = shape
    setting = Setting.isotropic(d, n, noise)
    s2 = float(Fraction(noise))
    rng = np.random.default_rng(seed)
    # By hand: B = eta I with a = c = 0 has L = s2 + d - 2 n d eta + n M d eta^2.
    rate = 1 / (n + d + 1 + s2) * (1 + rate_error)
    point = step_point(d, rate)
    points = [point, *random_points(setting, rng, 4)]
    checks = [
        Check("loss", p.full(rng), factor * isotropic_loss(d, n, s2, p.to_vector())[0])
        for p in points
    ]
    checks += stationarity_checks(point, rng)
    return agreement_test(compare(setting, checks, rng, prompts)).agrees


SHAPES = [(1, 1, "0"), (2, 1, "0"), (2, 4, "1/2"), (3, 8, "2")]


def test_batch_means_lean_no_further_than_the_test_allows() -> None:
    """The one assumption, in the hardest case: 1000 of the smallest batches at each of 8 points."""
    setting = Setting.isotropic(1, 1, 0)
    rng = np.random.default_rng(5)
    points = random_points(setting, rng, 8)
    layers = [p.full(rng) for p in points]
    means = batch_means(setting, layers, rng, 1000 * SMALLEST_BATCH, batches=1000)
    exact = np.array([isotropic_loss(1, 1, 0.0, p.to_vector())[0] for p in points])
    below = (means < exact[:, None]).mean(axis=1)
    # Three standard errors of a proportion of 1000.
    assert np.abs(below - 0.5).max() < LEAN + 3 * 0.5 / 1000**0.5
    assert np.abs(below - 0.5).mean() < LEAN


@pytest.mark.parametrize("shape", SHAPES)
def test_true_claims_raise_no_alarm(shape) -> None:
    """30 whole checks of 8 comparisons at the smallest size allowed, level 1e-3."""
    assert all(run_check(seed, 1.0, 0.0, shape, 32_000) for seed in range(30))


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_an_error_in_the_learning_rate_is_seen(shape) -> None:
    assert not any(run_check(seed, 1.0, 0.1, shape) for seed in range(3))
    assert not any(run_check(seed, 1.1, 0.0, shape) for seed in range(3))


def test_five_percent_in_the_learning_rate_is_seen_at_the_default_size() -> None:
    for sign in (-1, 1):
        assert not any(run_check(seed, 1.0, sign * 0.05, (3, 8, "2")) for seed in range(5))


@pytest.mark.deep
@pytest.mark.parametrize("shape", SHAPES)
def test_false_alarms_stay_under_the_stated_level(shape) -> None:
    """1500 whole checks at level 1e-3: at most 1.5 alarms in the mean, 8 or more has odds 2e-4."""
    alarms = sum(not run_check(seed, 1.0, 0.0, shape, 32_000) for seed in range(1500))
    assert alarms <= 7


@pytest.mark.deep
def test_one_percent_in_the_learning_rate_is_seen_with_more_prompts() -> None:
    for sign in (-1, 1):
        assert not any(run_check(s, 1.0, sign * 0.01, (3, 8, "2"), 1_500_000) for s in range(3))


def test_normal_covariates_are_not_confused_with_their_twins() -> None:
    """Same second moments, other fourth moments: the test must tell Rademacher from normal."""
    point = random_points(Setting.isotropic(2, 2, 1), np.random.default_rng(8), 1)[0]
    rademacher = Covariates(Rademacher(), Covariance.identity(2))
    setting = replace(Setting.isotropic(2, 2, 1), covariates=rademacher)
    rng = np.random.default_rng(9)
    check = Check("normal value", point.full(rng), isotropic_loss(2, 2, 1.0, point.to_vector())[0])
    assert setting.covariates.law != Normal()
    assert not agreement_test(compare(setting, [check], rng, 200_000)).agrees
