"""What speaks for or against an answer besides descents: ridge, bounds, other layers."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from verifier.explore.answer import Comparison, Optimum
from verifier.explore.monte_carlo import MonteCarloResult, RidgeResult
from verifier.explore.symmetry import even, is_isotropic
from verifier.explore.values import Certainty, Value
from verifier.numeric.optimise import OptimisationReport
from verifier.numeric.ridge import ridge_excess
from verifier.setting.data import Setting

_BELOW = 1e-6
_NOTHING = 1e-24
_NEAR, _ROUNDING, _ERRORS = 2e-6, 1e-9, 6.0


def ridge_beside(
    setting: Setting, sampled: MonteCarloResult | None, zero: Value
) -> tuple[Comparison, ...]:
    """Ridge beside the layers. It is odd in the query, so that where the response is even its
    error is at least that of predicting 0: E(y - f)^2 = E y^2 + E f^2, as E[y f | prompt] = 0.
    """
    if sampled is None:
        return _ridge_by_quadrature(setting)
    ridge = sampled.ridge
    bound = zero if even(setting) and zero.exact is not None else None
    value = ridge_value(ridge, zero)
    return (Comparison("ridge", ridge.description, value, at_least=bound, is_layer=False),)


def ridge_value(ridge: RidgeResult, zero: Value) -> Value:
    """The sampled loss; 0 where what is left is rounding beside E y^2."""
    if ridge.loss < _NOTHING * zero.decimal and isfinite(ridge.standard_error):
        return Value(0.0, error=0.0)
    return Value(ridge.loss, error=ridge.standard_error)


def _ridge_by_quadrature(setting: Setting) -> tuple[Comparison, ...]:
    if not is_isotropic(setting):
        return ()
    noise = float(setting.noise_variance)
    risk = noise + ridge_excess(setting.context_length, setting.dimension, noise).value
    text = "Bayes-optimal here, by quadrature"
    return (Comparison("ridge", text, Value(risk), is_layer=False),)


def contradiction(
    optimum: Optimum,
    search: OptimisationReport | None,
    compared: Sequence[Comparison],
    gain_error: float = 0.0,
    fitted: float = 0.0,
) -> str:
    """What cannot be is a bug somewhere, and is said aloud; else nothing: a descent that ends
    below the answer, a layer that is better than the best, a loss below its own bound.

    Where moments are sampled, ``gain_error`` is the standard error of how far below it is, and
    ``fitted`` what fitting their errors gains.
    """
    scale = compared[0].loss.decimal
    best = optimum.loss.decimal if search is None else search.best_loss
    if optimum.certainty is Certainty.COMPUTED:
        room, claim = _BELOW * scale + _ERRORS * gain_error, "the computed minimum"
    else:
        # The best of these descents, up to its rounding or to the errors of its moments.
        room = _NEAR * optimum.loss.decimal + _ROUNDING * scale + _ERRORS * gain_error
        claim = "the layer shown at"
    if best < optimum.loss.decimal - room - fitted:
        return f"a descent reached {best:.10g}, below {claim} {optimum.loss.decimal:.10g}"
    layers = compared if optimum.certainty is Certainty.COMPUTED else ()
    for item in layers:
        far = room + _ERRORS * (item.loss.error or 0.0)
        if item.is_layer and item.loss.decimal < optimum.loss.decimal - far:
            return (
                f"the layer {item.name.replace('_', ' ')} has loss {item.loss.decimal:.10g}, "
                f"below {claim} {optimum.loss.decimal:.10g}"
            )
    for item in compared:
        bound, error = item.at_least, item.loss.error or 0.0
        if bound is None or not isfinite(error):
            continue
        if item.loss.decimal < bound.decimal - _ROUNDING * scale - _ERRORS * error:
            return (
                f"{item.name} was sampled at {item.loss.decimal:.10g}, "
                f"below its bound {bound.decimal:.10g}"
            )
    return ""
