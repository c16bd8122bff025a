"""The layer of one setting scored on another, beside what is best there.

The loss of a given layer is exact wherever the test's moments are rational: by matrix products on
Gaussian pairs (``exact.matrix_loss``, any readout on any pair), from one example's moments
elsewhere (``exact.layer_loss``). What is sampled carries its standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf

import numpy as np

from verifier.arithmetic.flint_matrices import to_flint
from verifier.arithmetic.rationals import RationalMatrix
from verifier.explore.answer import ExploreOptions, Optimum, RidgeScore, TestScore
from verifier.explore.evidence import ridge_value
from verifier.explore.exploration import LARGEST_TENSOR, best_layer
from verifier.explore.monte_carlo import RidgeResult, affordable_prompts, sampled_ridge
from verifier.explore.posterior_mean import PosteriorMean
from verifier.explore.sampled import sampled_moments
from verifier.explore.symmetry import is_isotropic, odd_moments_vanish
from verifier.explore.values import Value
from verifier.law_moments.general import NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.matrix_loss import PairLoss
from verifier.loss.moment_tables import FloatArray, MomentLoss, MomentTables
from verifier.numeric.ridge import ridge_excess
from verifier.optimum.layer_loss import GivenLayer, layer_loss
from verifier.optimum.linear_readout import LinearReadout
from verifier.setting.data import Setting
from verifier.setting.layer_tables import LayerForm
from verifier.setting.question import TestLaw, allows_other_query
from verifier.setting.responses import Linear, LinearTasks, Weights

Progress = Callable[[str], None]
_DEFAULT_STARTS = 4


@dataclass(frozen=True, slots=True)
class Trained:
    """A layer as it was trained: on ``context_length`` examples, in a form that may divide."""

    layer: GivenLayer
    exact: bool
    context_length: int
    form: LayerForm

    @classmethod
    def of(cls, optimum: Optimum, setting: Setting, form: LayerForm) -> Trained:
        """The layer that was found, as numbers; ``exact`` says whether they are rational."""
        entries = (*optimum.a, optimum.b, *optimum.c, *(v for row in optimum.A for v in row))
        layer = GivenLayer(
            tuple(map(_number, optimum.a)),
            _number(optimum.b),
            tuple(tuple(map(_number, row)) for row in optimum.A),
            tuple(map(_number, optimum.c)),
        )
        exact = all(v.exact is not None for v in entries)
        return cls(layer, exact, setting.context_length, form)

    @classmethod
    def given(
        cls, B: RationalMatrix, setting: Setting, form: LayerForm, undivided: bool = False
    ) -> Trained:
        """The layer with readout ``B``, which multiplies s after any division, or before it."""
        divisor = 1 if undivided else form.divide_by.of(setting.context_length)
        layer = GivenLayer.of_readout(B).scaled(Fraction(1, divisor))
        return cls(layer, True, setting.context_length, form)

    def at(self, context_length: int) -> GivenLayer:
        """The layer that sees this many examples; one that divides then divides by another."""
        old, new = (self.form.divide_by.of(n) for n in (self.context_length, context_length))
        return self.layer if old == new else self.layer.scaled(Fraction(old, new))


def score(
    trained: Trained,
    test: TestLaw,
    options: ExploreOptions,
    rng: np.random.Generator,
    progress: Progress = lambda message: None,
) -> TestScore:
    """The layer's loss on the test law, the best there, ridge and predicting 0."""
    setting = test.setting
    progress("scoring on the test's law")
    found = layer_value(trained, test, options.seed)
    best, zero = best_there(test, options, rng, progress)
    return TestScore(
        setting=setting,
        query_covariance=test.query_covariance,
        loss=found,
        best_there=best,
        ridge=ridge_there(test, rng, options.samples // 4, zero),
        zero=zero,
    )


def layer_value(trained: Trained, test: TestLaw, seed: int) -> Value:
    """The loss of the layer on the test law, exact where its moments are."""
    setting = test.setting
    if setting.covariate_mixture:
        parts = [
            (share, layer_value(trained, TestLaw(part), seed)) for share, part in setting.parts()
        ]
        return mixed_value(parts)
    layer = trained.at(setting.context_length)
    pair = pair_loss(test, layer)
    try:
        if pair is not None:
            exact = pair.evaluate(layer.a, layer.b, layer.A, layer.c)
        elif setting.dimension > LARGEST_TENSOR:
            if not layer.is_readout:
                raise ValueError(f"[test]: layers beyond x'Bs go up to dimension {LARGEST_TENSOR}")
            exact = LinearReadout.of(setting).loss(to_flint(layer.readout))
        else:
            exact = layer_loss(general_moments(setting), setting.context_length, layer)
    except NoExactMoments:
        return _sampled_loss(setting, layer, seed)
    return Value.rational(exact) if trained.exact else Value(Value.rational(exact).decimal)


def mixed_value(parts: Sequence[tuple[Fraction, Value]]) -> Value:
    """The mean of values under their probabilities; exact if all are."""
    if all(value.exact is not None for _, value in parts):
        exact = [(share, value.exact) for share, value in parts if value.exact is not None]
        return Value.rational(sum((share * v for share, v in exact), Fraction(0)))
    decimal = sum(float(share) * value.decimal for share, value in parts)
    errors = [float(share) * value.error for share, value in parts if value.error is not None]
    return Value(decimal, error=sum(v * v for v in errors) ** 0.5 if errors else None)


def best_there(
    test: TestLaw,
    options: ExploreOptions,
    rng: np.random.Generator,
    progress: Progress = lambda message: None,
) -> tuple[Value, Value]:
    """The least loss of any layer on the test law, and the loss of predicting 0."""
    pair = pair_loss(test, None)
    if pair is not None:
        least = pair.readout_loss(pair.best_readout)
        return Value.rational(least), Value.rational(pair.zero_loss)
    starts = _DEFAULT_STARTS if options.starts is None else options.starts
    found = best_layer(test.setting, options, rng, starts, progress)
    return found.optimum.loss, found.compared[0].loss


def pair_loss(test: TestLaw, layer: GivenLayer | None) -> PairLoss | None:
    """The loss by matrix products, where it is right: for every symmetric law of the tasks if
    b c = 0, for normal tasks and one noise level always.
    """
    setting = test.setting
    response = setting.response
    if not allows_other_query(setting) or not isinstance(response, Linear):
        return None
    weights = response.weights
    normal = isinstance(weights, Weights) and weights.gaussian and not setting.noise_levels
    if layer is not None and layer.b and any(layer.c) and not normal:
        return None
    query = None if test.query_covariance is None else test.query_covariance.entries
    return PairLoss.of(
        setting.covariates.covariance.entries,
        weights.second_moment(),
        setting.context_length,
        setting.noise_variance,
        query,
    )


def ridge_there(test: TestLaw, rng: np.random.Generator, prompts: int, zero: Value) -> RidgeScore:
    """Ridge that knows the test law: by quadrature where x, w ~ N(0, I), else sampled.

    ``zero`` is E y^2 there.
    """
    setting = test.setting
    if test.query_covariance is None and is_isotropic(setting):
        noise = float(setting.noise_variance)
        found = ridge_excess(setting.context_length, setting.dimension, noise)
        return RidgeScore("Bayes-optimal here, by quadrature", Value(noise + found.value))
    wanted = affordable_prompts(setting, 4 * prompts) // 4
    if not wanted:
        return RidgeScore("prompts are too long to sample", None)
    if test.query_covariance is None:
        result = sampled_ridge(setting, rng, wanted)
        return RidgeScore(result.description, ridge_value(result, zero))
    return _ridge_for_query(test, rng, wanted, zero)


def _ridge_for_query(
    test: TestLaw, rng: np.random.Generator, prompts: int, zero: Value
) -> RidgeScore:
    """E (w - w_ridge)' Lambda_q (w - w_ridge) + sigma2, sampled."""
    setting, query = test.setting, test.query_covariance
    response = setting.response
    if query is None or not isinstance(response, Linear):
        raise ValueError("only for linear responses and a query with a law of its own")
    predictor = PosteriorMean.of(response.weights, float(setting.noise_variance))
    drawn = setting.sample(rng, prompts)
    units = np.eye(setting.dimension)
    columns = [
        predictor.predict(drawn.x, drawn.y, np.broadcast_to(unit, drawn.query.shape))
        for unit in units
    ]
    if not isinstance(drawn.tasks, LinearTasks):
        raise ValueError("only for linear responses")
    error = drawn.tasks.w - np.stack(columns, axis=1)
    losses = ((error @ query.array()) * error).sum(axis=1) + float(setting.noise_variance)
    spread = float(losses.std(ddof=1)) / len(losses) ** 0.5 if len(losses) > 1 else inf
    result = RidgeResult("the task's own prior", float(losses.mean()), spread)
    return RidgeScore(result.description, ridge_value(result, zero))


def _sampled_loss(setting: Setting, layer: GivenLayer, seed: int) -> Value:
    """The loss of a layer from sampled moments, with its error."""
    sampled = sampled_moments(setting, seed, odd_moments_vanish(setting))
    theta = np.array(
        [float(v) for v in (*layer.a, layer.b, *(u for row in layer.A for u in row), *layer.c)]
    )
    values = [_loss_at(tables, setting.context_length, theta) for tables in sampled.repetitions]
    mean = _loss_at(sampled.mean, setting.context_length, theta)
    return Value(mean, error=sampled.error(values))


def _loss_at(tables: MomentTables, context_length: int, theta: FloatArray) -> float:
    loss = MomentLoss.of(tables, context_length)
    return loss(loss.inward(theta))[0]


def _number(value: Value) -> Fraction:
    return Fraction(value.decimal) if value.exact is None else value.exact


def with_context_length(test: TestLaw, context_length: int) -> TestLaw:
    """The same law with another number of examples."""
    return TestLaw(replace(test.setting, context_length=context_length), test.query_covariance)
