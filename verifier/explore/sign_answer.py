"""Responses c sign(w.x): the best layer in closed form, in pi.

For x ~ N(0, Lambda), E[x sign(w.x) | w] = (2/pi)^(1/2) Lambda w / (w'Lambda w)^(1/2). Where the
directions of Lambda^(1/2) w have no preferred axis, E[mu mu'] = c^2 (2/pi) Lambda / d, and with
A = c^2 + sigma2 the loss of x'(b Lambda^-1) s is

    A - 2n b c^2 2/pi + b^2 (n d A + n(n-1) c^2 2/pi),   best at b = 2c^2 / (pi d A + 2(n-1) c^2).

Where a prompt draws a scale of its own, Lambda_k = s_k Lambda, the same holds with b times
m1/m2 and the gain times m1^2/m2, m1 = E s, m2 = E s^2. That no layer does better is parity, as
everywhere (``exact.optimum``).
"""

from __future__ import annotations

from fractions import Fraction
from math import pi

from verifier.explore.answer import Certainties, Comparison, Optimum
from verifier.explore.symmetry import covering_theorems, exchangeable
from verifier.explore.values import Certainty, Value
from verifier.optimum.readout import Kind
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import SingleIndex, Weights


def sign_scale(setting: Setting) -> Fraction | None:
    """c where the setting has this closed form, else None."""
    response, covariates = setting.response, setting.covariates
    if not isinstance(response, SingleIndex) or not isinstance(response.link, ExpressionLink):
        return None
    scale, weights = response.link.node.sign, response.weights
    if scale is None or not scale or not isinstance(weights, Weights) or not weights.symmetric:
        return None
    if _scales(setting) is None:
        return None
    normal = isinstance(covariates.law, Normal) and covariates.centred
    if not normal or not covariates.covariance.definite or not weights.covariance.definite:
        return None
    inverse = covariates.covariance.inverse().entries
    ratio = weights.covariance.entries[0][0] / inverse[0][0]
    matched = weights.covariance.entries == tuple(tuple(ratio * v for v in row) for row in inverse)
    return scale if exchangeable(setting) or (weights.gaussian and matched) else None


def _scales(setting: Setting) -> tuple[Fraction, Fraction] | None:
    """m1 and m2, where every covariance is a multiple of the first, which is not 0."""
    first = setting.covariates.covariance.entries
    moments = [Fraction(0), Fraction(0)]
    if not first[0][0]:
        return None
    for share, part in setting.parts():
        entries = part.covariates.covariance.entries
        ratio = entries[0][0] / first[0][0]
        if entries != tuple(tuple(ratio * v for v in row) for row in first):
            return None
        moments = [moments[0] + share * ratio, moments[1] + share * ratio**2]
    return moments[0], moments[1]


def sign_answer(setting: Setting, scale: Fraction) -> tuple[Optimum, tuple[Comparison, ...]]:
    """The optimum, and predicting 0, the best step and the best readout beside it."""
    n, d, square = setting.context_length, setting.dimension, scale**2
    power = square + setting.noise_variance
    first, second = _scales(setting) or (Fraction(1), Fraction(1))
    bottom = f"({d * power}*pi + {2 * (n - 1) * square})"
    size = float(d * power) * pi + float(2 * (n - 1) * square)
    loss = Value(
        float(power) - 4 * n * float(square**2 * first**2 / second) / (pi * size),
        formula=f"{power} - {4 * n * square**2 * first**2 / second}/(pi*{bottom})",
    )

    def times(factor: Fraction) -> Value:
        """factor b."""
        top = 2 * square * factor * first / second
        return Value(float(top) / size, formula=f"{top}/{bottom}") if factor else Value(0.0)

    inverse = setting.covariates.covariance.inverse().entries
    B = tuple(tuple(times(v) for v in row) for row in inverse)
    plain = exchangeable(setting)
    rate = B[0][0] if plain else times(first)
    zero, computed = Value(0.0), Certainty.COMPUTED
    optimum = Optimum(
        loss=loss,
        kind=Kind.GRADIENT if plain else Kind.PRECONDITIONED,
        learning_rate=rate,
        B=B,
        a=(zero,) * d,
        b=Value.rational(Fraction(1)),
        A=tuple(zip(*B, strict=True)),
        c=(zero,) * d,
        certainty=computed,
        certainties=Certainties.of(computed, computed, rate),
        reason="closed form: E[x sign(w.x) | w] is (2/pi)^(1/2) times a unit vector in x's metric",
        facts=(
            "parity makes the best readout optimal among all layers",
            "E[mu mu'] = 2/pi c^2 Lambda / d, mu = E[x y | task], as no direction is preferred",
        ),
        lower_bound=loss,
        covered_by=covering_theorems(setting),
    )
    step = Comparison("gradient_descent", "one step, best rate", loss, rate)
    compared = (
        Comparison("zero", "predict 0", Value.rational(power)),
        step if plain else _best_step(setting, scale),
        Comparison("linear_readout", "best x'Bs, a = c = 0", loss),
    )
    return optimum, compared


def _best_step(setting: Setting, scale: Fraction) -> Comparison:
    """The best B = eta I where Lambda is no multiple of I: eta = n tr P / tr(Lambda Q)."""
    n, d, square = setting.context_length, setting.dimension, scale**2
    entries = setting.covariates.covariance.entries
    trace = float(sum((entries[i][i] for i in range(d)), Fraction(0)))
    squares = float(sum((v * v for row in entries for v in row), Fraction(0)))
    power, share = float(square + setting.noise_variance), 2 / pi * float(square) / d
    first, second = map(float, _scales(setting) or (1, 1))
    slope = first * n * share * trace
    curvature = second * squares * (n * power + n * (n - 1) * share)
    rate = slope / curvature
    return Comparison(
        "gradient_descent", "one step, best rate", Value(power - slope * rate), Value(rate)
    )
