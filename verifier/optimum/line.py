"""d = 1 solved completely, parity or not: one rational function on the projective line.

With omega = (t, 1) and N eliminated, L(t) = E y^2 - (n^2 / Var x) R(t),
R = C_omega' adj(T_omega) C_omega / det T_omega, a ratio of quartics. If the denominator has no
real zero, t = infinity included, R is continuous on a circle and its maximum is at a zero of R'
or at infinity; real roots are isolated and compared exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from verifier.arithmetic.roots import AlgebraicNumber, rational, real_roots
from verifier.law_moments.general import NoExactMoments
from verifier.optimum.bound import PairProblem

Poly = tuple[Fraction, ...]
_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class LineOptimum:
    """The global minimum for d = 1: its loss and one minimiser, as exact algebraic numbers."""

    loss: AlgebraicNumber
    a: AlgebraicNumber
    b: AlgebraicNumber
    A: AlgebraicNumber
    c: AlgebraicNumber


def line_optimum(problem: PairProblem) -> LineOptimum:
    """The global minimum over all layers for d = 1.

    Raises ``ValueError`` for another d, and `NoExactMoments` where T_omega is singular for some
    real omega (then the argument above does not apply).
    """
    moments, n = problem.moments, problem.context_length
    if moments.dimension != 1 or not moments.variances[0]:
        raise ValueError("the line is for d = 1 and covariates that are not identically zero")
    # pairs are (x,x), (x,y), (y,y); omega = (t, 1).
    (t00, t01, t02), (_, t11, t12), (_, _, t22) = problem.gram
    top: Poly = (t11, 2 * t01, t00)
    mixed: Poly = (t12, t02 + t11, t01)
    bottom: Poly = (t22, 2 * t12, t11)
    c0, c1, c2 = (row[0] for row in problem.signal)
    u: Poly = (c1, c0)
    v: Poly = (c2, c1)
    determinant = _minus(_times(top, bottom), _times(mixed, mixed))
    explained = _minus(
        _plus(_times(_times(u, u), bottom), _times(_times(v, v), top)),
        _times((Fraction(2),), _times(_times(u, v), mixed)),
    )
    if len(determinant) < 5 or not determinant[4] or real_roots(determinant):
        raise NoExactMoments("the second moments of G are singular along some omega")
    points = _critical_points(explained, determinant)
    values = [point.image(explained, determinant) for point in points]
    infinite = rational((explained[4] if len(explained) > 4 else _ZERO) / determinant[4])
    best = max(range(len(values)), key=lambda k: _Ordered(values[k]), default=None)
    scale = Fraction(n) / moments.variances[0]
    if best is None or infinite > values[best]:
        # omega = (1, 0): T_omega = [[t00, t01], [t01, t11]], C_omega = (c0, c1).
        gap = t00 * t11 - t01 * t01
        layer = (
            rational(scale * (c0 * t11 - c1 * t01) / gap),
            rational(scale * (c1 * t00 - c0 * t01) / gap),
        )
        a, b, reached = rational(1), rational(0), infinite
    else:
        point = points[best]
        first = _minus(_times(u, bottom), _times(v, mixed))
        second = _minus(_times(v, top), _times(u, mixed))
        layer = (
            point.image(_times((scale,), first), determinant),
            point.image(_times((scale,), second), determinant),
        )
        a, b, reached = point, rational(1), values[best]
    loss = reached.image((moments.target_second, -scale * n))
    return LineOptimum(loss, a, b, *layer)


def _critical_points(numerator: Poly, denominator: Poly) -> tuple[AlgebraicNumber, ...]:
    slope = _minus(_times(_slope(numerator), denominator), _times(numerator, _slope(denominator)))
    return real_roots(slope) if any(slope) else (rational(0),)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """An algebraic number as a key for ``max``, by exact comparison."""

    value: AlgebraicNumber

    def __lt__(self, other: _Ordered) -> bool:
        return self.value < other.value

    def __gt__(self, other: _Ordered) -> bool:
        return self.value > other.value


def _times(left: Sequence[Fraction], right: Sequence[Fraction]) -> Poly:
    result = [_ZERO] * (len(left) + len(right) - 1)
    for i, p in enumerate(left):
        for j, q in enumerate(right):
            result[i + j] += p * q
    return tuple(result)


def _plus(left: Poly, right: Poly) -> Poly:
    return tuple(p + q for p, q in zip_longest(left, right, fillvalue=_ZERO))


def _minus(left: Poly, right: Poly) -> Poly:
    return tuple(p - q for p, q in zip_longest(left, right, fillvalue=_ZERO))


def _slope(poly: Poly) -> Poly:
    return tuple(k * v for k, v in enumerate(poly) if k)
