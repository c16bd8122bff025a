"""`explore` as a whole: kinds, certainty, and the numerical evidence beside them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from verifier.explore.answer import ExploreOptions
from verifier.explore.exploration import contradiction, explore
from verifier.explore.symmetry import covering_theorems, exchangeable, odd_moments_vanish
from verifier.explore.values import Certainty, Value
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.optimum.readout import Kind
from verifier.setting.data import Setting
from verifier.setting.setting_file import parse_setting

FEWEST = BATCHES * SMALLEST_BATCH
QUICK = ExploreOptions(samples=FEWEST, starts=2, seed=1)


def setting(d: int, n: int, text: str = "") -> Setting:
    head = f"[prompt]\ndimension = {d}\ncontext_length = {n}\n"
    return parse_setting((head + text).encode())


def test_theorem_1_is_found_and_computed() -> None:
    found = explore(setting(3, 8, "[noise]\nvariance = '1/2'\n"), QUICK)
    optimum = found.optimum
    assert optimum.kind is Kind.GRADIENT
    assert optimum.certainty is Certainty.COMPUTED
    assert optimum.learning_rate is not None
    assert optimum.learning_rate.exact == 1 / (8 + 3 + 1 + Fraction(1, 2))
    assert "theorem1" in optimum.covered_by
    assert found.agrees
    assert found.numerical.search.best_loss == pytest.approx(optimum.loss.decimal, rel=1e-9)


def test_theorem_2_is_found_and_computed() -> None:
    text = (
        "[covariates]\ncovariance = [[2, 1], [1, 2]]\n"
        "[task]\ncovariance = 'inverse-covariates'\n[noise]\nvariance = 1\n"
    )
    optimum = explore(setting(2, 6, text), QUICK).optimum
    assert optimum.kind is Kind.PRECONDITIONED
    assert optimum.learning_rate is not None
    assert optimum.learning_rate.exact == Fraction(1, 6 + 2 + 1 + 1)
    assert optimum.covered_by == ("theorem2", "gaussian-pair")


def test_a_task_mean_in_one_dimension_is_solved_exactly() -> None:
    """Hand check of the losses' order only; the value is compared with a grid over omega."""
    text = "[covariates]\nlaw = 'laplace'\n[task]\nmean = [1]\n[noise]\nvariance = '1/2'\n"
    found = explore(setting(1, 3, text), QUICK)
    optimum, readout = found.optimum, found.compared[2]
    assert optimum.kind is Kind.QUADRATIC
    assert optimum.certainty is Certainty.COMPUTED
    assert optimum.loss.decimal < readout.loss.decimal < found.compared[0].loss.decimal
    assert found.numerical.search.best_loss == pytest.approx(optimum.loss.decimal, rel=1e-9)


def test_in_one_dimension_predicting_0_is_called_so() -> None:
    """w = 1 and y = t^3 - 3t: E xy = 0, so nothing of the prompt helps."""
    fixed = "[task]\nmean = [1]\ncovariance = [0]\nresponse = 't^3 - 3*t'\n"
    optimum = explore(setting(1, 6, fixed), QUICK).optimum
    assert optimum.kind is Kind.ZERO
    assert optimum.certainty is Certainty.COMPUTED
    assert optimum.loss.exact == 6


def test_a_task_mean_in_two_dimensions_is_bracketed() -> None:
    found = explore(setting(2, 6, "[task]\nmean = [1, '1/2']\n[noise]\nvariance = 1\n"), QUICK)
    optimum = found.optimum
    assert optimum.certainty is Certainty.SUPPORTED
    assert optimum.kind is Kind.QUADRATIC
    assert optimum.loss.exact is not None
    assert optimum.lower_bound is not None
    assert optimum.lower_bound.decimal < optimum.loss.decimal
    assert optimum.loss.decimal == pytest.approx(found.numerical.search.best_loss, rel=1e-5)
    assert optimum.loss.decimal < found.compared[2].loss.decimal
    assert found.agrees


def test_the_layer_shown_is_as_good_as_the_best_descent() -> None:
    """A long prompt and a task that is nearly known: the loss is far below E y^2."""
    text = "[covariates]\nlaw = 'laplace'\n[task]\nmean = [3, '1/2']\n"
    found = explore(setting(2, 100_000, f"{text}covariance = ['1e-4', '1e-4']\n"), QUICK)
    assert found.optimum.certainty is Certainty.SUPPORTED
    assert found.optimum.loss.decimal == pytest.approx(found.numerical.search.best_loss, rel=3e-6)
    assert found.agrees


def test_a_descent_below_a_supported_answer_is_a_contradiction() -> None:
    text = "[task]\nmean = [1, '1/2']\n[noise]\nvariance = 1\n"
    found = explore(setting(2, 6, text), QUICK)
    worse = Value(found.optimum.loss.decimal * 1.001)
    assert not contradiction(found.optimum, found.numerical.search, found.compared)
    optimum = replace(found.optimum, loss=worse)
    assert "below" in contradiction(optimum, found.numerical.search, found.compared)


def test_sampled_moments_are_never_computed() -> None:
    found = explore(setting(2, 6, "[task]\nresponse = 'sin(t)'\n"), QUICK)
    assert found.optimum.certainty is Certainty.SUPPORTED
    assert found.optimum.kind is Kind.GRADIENT
    assert found.optimum.loss.error is not None
    assert found.moments.startswith("sampled")
    assert found.agrees
    # Stein: mu = w E g'(w.x) = w exp(-|w|^2/2) for g = sin and x ~ N(0, I_2), so
    # P = E[w w' exp(-|w|^2)] = 3^(-2) I; eta = nP/(nK + n(n-1)P) with
    # K = E[sin^2 x_1^2] = 1/2 - E[cos(2 w.x) x_1^2]/2 = 1/2 - E[(1 - 4 w_1^2) e^(-2|w|^2)]/2
    #   = 1/2 - (1/5 - 4/25)/2 = 12/25.
    rate = found.optimum.learning_rate
    assert rate is not None
    assert rate.error is not None
    expected = (1 / 9) / (12 / 25 + 5 / 9)
    assert abs(rate.decimal - expected) < 6 * rate.error
    assert rate.error < 0.01 * expected


def test_sampled_moments_without_parity_use_more_than_a_readout() -> None:
    found = explore(setting(2, 6, "[task]\nresponse = 'tanh(t)'\nmean = [2, 0]\n"), QUICK)
    assert found.optimum.kind is Kind.QUADRATIC
    assert found.optimum.loss.decimal < found.compared[2].loss.decimal
    assert found.agrees


def test_even_responses_are_best_predicted_by_zero() -> None:
    optimum = explore(setting(2, 6, "[task]\nresponse = 'abs(t)'\nmean = [1, 2]\n"), QUICK).optimum
    assert optimum.kind is Kind.ZERO
    assert optimum.certainty is Certainty.COMPUTED


def test_the_rounding_of_a_ridge_loss_of_zero_is_not_shown() -> None:
    ridge = explore(setting(2, 20), QUICK).compared[-1].loss
    assert (ridge.decimal, ridge.error) == (0.0, 0.0)


def test_long_prompts_are_exact_and_not_sampled() -> None:
    found = explore(setting(2, 10**6, "[noise]\nvariance = 1\n"), QUICK)
    assert found.numerical.monte_carlo is None
    assert found.optimum.learning_rate is not None
    assert found.optimum.learning_rate.exact == Fraction(1, 10**6 + 2 + 1 + 1)
    assert found.agrees


def test_heavy_tails_are_shown_for_information() -> None:
    text = "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 9\n"
    sampled = explore(setting(2, 4, text), QUICK).numerical.monte_carlo
    assert sampled is not None
    assert not sampled.tested
    assert "third moment" in sampled.note


def test_fast_growing_responses_are_shown_for_information() -> None:
    for text in ("t^3", "exp(t/9)"):
        sampled = explore(setting(2, 4, f"[task]\nresponse = '{text}'\n"), QUICK)
        assert sampled.numerical.monte_carlo is not None
        assert not sampled.numerical.monte_carlo.tested
        assert sampled.agrees


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("covariance = [0, 0]", "covariance"),
        ("covariance = [0, 0]\nresponse = 'sin(t)'", "covariance"),
        ("response = 't - t'", "response"),
    ],
)
def test_responses_that_are_all_zero_are_refused_by_key(text, key) -> None:
    with pytest.raises(ValueError, match=rf"^\[task\] {key}: "):
        explore(setting(2, 3, f"[task]\n{text}\n"), QUICK)


def test_a_loss_of_zero_is_checked_as_a_gain() -> None:
    """x = +-1, n = 1: x'y_1 x_1 = w x exactly, so one step of rate 1 is never wrong."""
    found = explore(setting(1, 1, "[covariates]\nlaw = 'rademacher'\n"), QUICK)
    assert found.optimum.loss.exact == 0
    assert found.optimum.learning_rate is not None
    assert found.optimum.learning_rate.exact == 1
    assert found.agrees


def test_responses_that_are_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="identically zero"):
        explore(setting(2, 3, "[task]\ncovariance = [0, 0]\n"), QUICK)


def test_the_same_seed_gives_the_same_answer() -> None:
    one, other = (explore(setting(2, 4, "[task]\nresponse = 'tanh(t)'\n"), QUICK) for _ in "ab")
    assert one.optimum == other.optimum
    assert one.compared == other.compared


def test_symmetries_are_read_off_the_setting() -> None:
    assert odd_moments_vanish(setting(2, 3))
    assert not odd_moments_vanish(setting(2, 3, "[task]\nmean = [1, 0]\n"))
    even = setting(2, 3, "[task]\nmean = [1, 0]\nresponse = 't^2 + abs(t)'\n")
    assert odd_moments_vanish(even)
    assert exchangeable(setting(2, 3, "[covariates]\nlaw = 'uniform'\n"))
    assert not exchangeable(setting(2, 3, "[covariates]\ncovariance = [1, 2]\n"))
    network = setting(2, 3, "[task]\nresponse = { network = 'relu', width = 2 }\n")
    assert covering_theorems(network) == ("theorem3",)
    assert covering_theorems(setting(2, 3, "[covariates]\nlaw = 'uniform'\n")) == ()


def test_values_differ_exactly_or_to_nine_digits() -> None:
    third = Value.rational(Fraction(1, 3))
    assert third.differs(Value.rational(Fraction(1, 3) + Fraction(1, 10**30)))
    assert not Value(1 / 3).differs(third)
    assert Value(0.3333).differs(third)
    assert Value.rational(Fraction(10**400, 3 * 10**400)).decimal == pytest.approx(1 / 3)


def test_facts_are_true_as_worded() -> None:
    """Responses of mean E relu(w.x) > 0 have odd moments that are not 0: E y and E[y^3], say."""
    relu = setting(1, 3, "[task]\nresponse = 'relu(t)'\n")
    fact = explore(relu, QUICK).optimum.facts[0]
    assert "E[v_i v_j v_k v_l]" in fact
    assert "E[E[v_i v_j | task] E[v_k v_l | task]]" in fact
    # w = 1 or -1 and x = 1 or -1 have the parity that matters and relu(w x) = 1 or 0 by halves.
    signs = list(product((1, -1), repeat=2))
    y = {(w, x): max(w * x, 0) for w, x in signs}
    assert sum(y.values()) > 0
    assert sum(v**3 for v in y.values()) > 0
    for power in (1, 3):
        assert sum(x ** (4 - power) * y[w, x] ** power for w, x in signs) == 0
    pairs = [lambda x, y: x * x, lambda x, y: x * y, lambda x, y: y * y]
    given = {w: [sum(Fraction(f(x, y[w, x]), 2) for x in (1, -1)) for f in pairs] for w in (1, -1)}
    assert sum(means[1] * means[0] for means in given.values()) == 0
    assert sum(means[1] * means[2] for means in given.values()) == 0


def test_the_bound_is_one_on_what_is_linear_in_the_query() -> None:
    """y = t^2 at w = 1 is known without a prompt, by a predictor that is no x'P g."""
    text = "[task]\nmean = [1, '1/2']\nresponse = 't^3 + t^2'\ncovariance = [0, 0]\n"
    optimum = explore(setting(2, 3, text), QUICK).optimum
    assert optimum.lower_bound is not None
    assert optimum.lower_bound.decimal > 0
    assert optimum.facts[-1].startswith("no x'P g with any matrix P")


def test_the_fields_standard_size() -> None:
    """d = 20, n = 40: Theorem 1's formula gives d - n d/(n + d + 1) = 20 - 800/61 = 420/61."""
    setting = parse_setting(b"[prompt]\ndimension = 20\ncontext_length = 40\n")
    found = explore(setting, ExploreOptions(samples=32_000, starts=1))
    assert found.optimum.loss.exact == Fraction(420, 61)
    assert found.agrees
