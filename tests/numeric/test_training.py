"""Training: gradients are slopes of the loss, runs are what was asked for, and where they end."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from isotropic_by_hand import isotropic_function, isotropic_minimum

from verifier.numeric.training import Recipe, batch_loss_and_gradient, train
from verifier.numeric.training_outcome import Interval, endings
from verifier.setting.data import Setting
from verifier.setting.layer import LayerVariant, LinearAttention, ReducedParameters

seeds = st.integers(0, 2**32 - 1)
variants = st.builds(LayerVariant, st.booleans(), st.booleans())
NAMES = ("W_K", "W_Q", "W_V", "h")
QUICK = Recipe(steps=40, batch=16, curve_points=4)


def random_layer(rng: np.random.Generator, d: int, variant: LayerVariant) -> LinearAttention:
    shapes = ((d + 1, d + 1),) * 3 + ((d + 1,),)
    return LinearAttention(*(rng.standard_normal(s) for s in shapes), variant)


def gradient_step_layer(d: int, eta: float) -> LinearAttention:
    zero = np.zeros(d)
    return ReducedParameters(zero, 1.0, eta * np.eye(d), zero).full()


@given(seeds, st.integers(1, 3), st.integers(1, 4), variants)
@settings(max_examples=30, deadline=None)
def test_the_batch_loss_is_the_layers_and_its_gradient_is_its_slope(seed, d, n, variant) -> None:
    """The loss by token-by-token prediction; the gradient by central differences of that."""
    rng = np.random.default_rng(seed)
    setting = replace(Setting.isotropic(d, n, 1), layer_variant=variant)
    prompts = setting.sample(rng, 20)
    layer = random_layer(rng, d, variant)

    def direct(moved: LinearAttention) -> float:
        predicted = moved.predict(prompts.x, prompts.y, prompts.query)
        return float(((prompts.target - predicted) ** 2).mean())

    loss, gradient = batch_loss_and_gradient(setting, layer, prompts)
    assert loss == pytest.approx(direct(layer), rel=1e-10)
    for name, part in zip(NAMES, gradient, strict=True):
        move = rng.standard_normal(part.shape)
        ends = (
            direct(replace(layer, **{name: getattr(layer, name) + h * move})) for h in (1e-5, -1e-5)
        )
        slope = (next(ends) - next(ends)) / 2e-5
        assert slope == pytest.approx((part * move).sum(), rel=1e-4, abs=1e-4 * (1 + loss))


@pytest.mark.skipif(find_spec("jax") is None, reason="the extra 'train' is not installed")
@pytest.mark.parametrize("method", ["adam", "sgd"])
@pytest.mark.parametrize("variant", [LayerVariant(), LayerVariant(True, True)])
def test_automatic_differentiation_trains_to_the_same_weights(method, variant) -> None:
    setting = replace(Setting.isotropic(2, 4, "1/2"), layer_variant=variant)
    recipe = replace(QUICK, method=method, learning_rate=0.02)
    ours, theirs = (
        train(setting, np.random.default_rng(1), 2, recipe, backend=backend).final
        for backend in ("numpy", "jax")
    )
    assert np.abs(ours).max() > 1e-4
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_without_jax_one_line_says_what_to_install() -> None:
    if find_spec("jax") is not None:
        pytest.skip("JAX is installed")
    with pytest.raises(ImportError, match=r"extra 'train': pip install 'icl-verifier\[train\]'$"):
        train(Setting.isotropic(1, 2, 0), np.random.default_rng(0), 1, QUICK, backend="jax")


@given(seeds)
@settings(max_examples=5, deadline=None)
def test_the_same_seed_gives_the_same_training_and_runs_differ(seed) -> None:
    first, second = (
        train(Setting.isotropic(2, 3, 1), np.random.default_rng(seed), 3, QUICK) for _ in range(2)
    )
    np.testing.assert_array_equal(first.snapshots, second.snapshots)
    np.testing.assert_array_equal(first.curve, second.curve)
    assert len({tuple(theta) for theta in first.final}) == 3
    assert first.prompts == 40 * 16
    assert list(first.curve_steps) == [10, 20, 30, 40]
    assert first.curve.shape == (3, 4)
    for layer, theta in zip(first.layers, first.final, strict=True):
        np.testing.assert_allclose(layer.reduced().to_vector(), theta, atol=1e-14)


def test_a_start_is_perturbed_by_the_initial_scale_only() -> None:
    """With a tiny scale and a tiny rate the runs stay: SGD moves at most rate * clip a step."""
    layer = gradient_step_layer(2, 0.1)
    recipe = Recipe(1, 8, 1e-9, "sgd", 1.0, 1e-9)
    found = train(Setting.isotropic(2, 3, 1), np.random.default_rng(0), 4, recipe, layer)
    np.testing.assert_allclose(found.final, [layer.reduced().to_vector()] * 4, atol=1e-7)
    wide = replace(recipe, initial_scale=0.5)
    spread = train(Setting.isotropic(2, 3, 1), np.random.default_rng(0), 4, wide, layer)
    assert np.abs(spread.final - layer.reduced().to_vector()).max() > 0.1


@pytest.mark.parametrize(("method", "rate"), [("adam", 0.03), ("sgd", 0.05)])
def test_training_ends_at_one_gradient_step_in_one_dimension(method, rate) -> None:
    """d = 1, where every local minimum is global (section 5); sampling error about 1 % of L*."""
    n, s2 = 4, 0.5
    setting, rng = Setting.isotropic(1, n, "1/2"), np.random.default_rng(3)
    eta, minimum = isotropic_minimum(1, n, s2)
    assert eta == pytest.approx(1 / 6.5)
    found = train(setting, rng, 4, Recipe(1200, 64, rate, method))
    ends = endings(found, setting, rng, gradient_step_layer(1, eta), isotropic_function(1, n, s2))
    assert ends.reference_loss == pytest.approx(minimum)
    assert len(ends.at_reference) == 4
    assert ends.elsewhere == ()
    assert ends.unsettled == 0
    assert minimum <= ends.best.exact_loss < 1.01 * minimum
    assert ends.best.readout_distance < 0.08
    assert abs(ends.best.held_out.estimate - minimum) < 2 * ends.best.held_out.half_width
    assert ends.best.excess.half_width < 0.2 * ends.best.held_out.half_width
    # The learning curve falls from about E y^2 = 1.5 to about L* = 0.88.
    assert found.curve[:, -1].mean() < 0.75 * found.curve[:, 0].max()


def test_runs_that_end_elsewhere_are_counted_with_their_loss() -> None:
    """d = 2, n = 5: B = c a' of rank one is a local minimum too, and training finds both.

    A start inside each of the two basins; the losses of the ends come from the descents.
    """
    n, s2 = 5, 0.5
    setting, rng = Setting.isotropic(2, n, "1/2"), np.random.default_rng(0)
    eta, minimum = isotropic_minimum(2, n, s2)
    reference, exact = gradient_step_layer(2, eta), isotropic_function(2, n, s2)
    found = train(setting, rng, 12, Recipe(1200, 64, 0.03))
    ends = endings(found, setting, rng, reference, exact)
    assert ends.at_reference
    assert ends.elsewhere
    assert len(ends.at_reference) + sum(k for _, k in ends.elsewhere) + ends.unsettled == 12
    assert all(loss > 1.2 * minimum for loss, _ in ends.elsewhere)
    assert all(run.readout_distance > 0.3 for run in ends.runs if run not in ends.at_reference)


def test_an_unfinished_run_is_not_called_settled() -> None:
    n, s2 = 5, 0.5
    setting, rng = Setting.isotropic(1, n, "1/2"), np.random.default_rng(0)
    eta, _ = isotropic_minimum(1, n, s2)
    found = train(setting, rng, 3, Recipe(2, 16, 1e-3))
    ends = endings(found, setting, rng, gradient_step_layer(1, eta), isotropic_function(1, n, s2))
    assert ends.unsettled == 3
    assert not ends.at_reference
    assert not ends.elsewhere


def test_intervals_cover_at_their_level() -> None:
    """64 normal batch means; the level is 0.99, so of 2000 intervals about 20 miss."""
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(2000):
        interval = Interval.of(rng.normal(3.0, 1.0, 64))
        missed += not interval.lower <= 3.0 <= interval.upper
    assert 8 <= missed <= 36


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps"),
        ({"batch": -1}, "batch"),
        ({"learning_rate": 0.0}, "learning_rate must be positive"),
        ({"initial_scale": float("nan")}, "initial_scale must be positive"),
        ({"method": "newton"}, "'adam' or 'sgd'"),
    ],
)
def test_recipes_refuse_what_makes_no_sense(change, message) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**change)


def test_bad_calls_get_one_line() -> None:
    setting, rng = Setting.isotropic(2, 3, 1), np.random.default_rng(0)
    with pytest.raises(ValueError, match="dimension and variant"):
        train(setting, rng, 1, QUICK, gradient_step_layer(1, 0.1))
    with pytest.raises(ValueError, match="'numpy' or 'jax'"):
        train(setting, rng, 1, QUICK, backend="torch")
    with pytest.raises(FloatingPointError, match="lower it"), np.errstate(all="ignore"):
        train(setting, rng, 1, Recipe(200, 8, 1e6, "sgd", 1e30))
