"""What is known of a piece of a response g(t), and how pieces are put together.

Each node carries its exact form p(t) + r(t)|t| where it has one (``setting.response_forms``), a
bound on its growth, from which follows which moments exist, its parity, and the polynomial that
is plainly added to the rest (t^3 in t^3 + sin(t)), whose moments can be taken exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from verifier.setting.covariance import FloatArray
from verifier.setting.response_forms import MAXIMUM_DEGREE, Coefficients, Kinked

FUNCTIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "sin": np.sin,
    "cos": np.cos,
    "exp": np.exp,
    "relu": lambda u: np.maximum(u, 0.0),
    "abs": np.abs,
    "tanh": np.tanh,
    "sigmoid": lambda u: 0.5 * (1.0 + np.tanh(0.5 * u)),
    "probit": lambda u: _normal_distribution(u),
    "sign": np.sign,
    "clip": lambda u: np.clip(u, -1.0, 1.0),
}
# In multiplications of arrays.
_COSTS = {"sin": 8, "cos": 8, "exp": 6, "relu": 1, "abs": 1, "tanh": 8}
_COSTS |= {"sigmoid": 8, "probit": 12, "sign": 1, "clip": 2}
_BOUNDED = ("sin", "cos", "tanh", "sigmoid", "probit", "sign", "clip")
_PARITIES = {"sin": 1, "tanh": 1, "sign": 1, "clip": 1, "cos": 0, "abs": 0}


@dataclass(frozen=True, slots=True)
class Growth:
    """|g(t)| <= C (1 + |t|)^degree exp(rate |t|)."""

    degree: int
    rate: Fraction = Fraction(0)

    def larger(self, other: Growth) -> Growth:
        """A bound for sums."""
        return Growth(max(self.degree, other.degree), max(self.rate, other.rate))


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A parsed piece g: how to compute it and what is known of it.

    ``parity`` is 0 for even, 1 for odd, None for neither or unknown. g = ``trend`` + rest with a
    polynomial trend and |rest| bounded by ``rest``. ``cost`` counts array multiplications.
    ``sign`` is c where g is c sign(t).
    """

    compute: Callable[[FloatArray], FloatArray]
    form: Kinked | None
    growth: Growth
    parity: int | None
    trend: Coefficients
    rest: Growth
    cost: int
    sign: Fraction | None = None


def _exact(compute: Callable[[FloatArray], FloatArray], form: Kinked, cost: int) -> Node:
    """A node with an exact form, from which all else is read off (cancellation counts)."""
    odd = any(form.smooth[1::2]) or any(form.kink[1::2])
    even = any(form.smooth[::2]) or any(form.kink[::2])
    parity = None if odd and even else int(odd)
    return Node(
        compute, form, Growth(form.degree), parity, form.smooth, Growth(len(form.kink)), cost
    )


def _opaque(
    compute: Callable[[FloatArray], FloatArray], growth: Growth, parity: int | None, cost: int
) -> Node:
    """A node of which no polynomial part is known."""
    return Node(compute, None, growth, parity, (), growth, cost)


VARIABLE = _exact(lambda t: t, Kinked((Fraction(0), Fraction(1))), 0)


def number(value: Fraction) -> Node:
    """A constant."""
    try:
        decimal = float(value)
    except OverflowError:
        raise ValueError("a number in the expression is too large") from None
    return _exact(lambda t: np.full_like(t, decimal), Kinked.constant(value), 1)


def added(left: Node, right: Node) -> Node:
    """left + right."""
    cost = left.cost + right.cost + 1

    def compute(t: FloatArray) -> FloatArray:
        return left.compute(t) + right.compute(t)

    if left.form is not None and right.form is not None:
        return _exact(compute, left.form + right.form, cost)
    parity = left.parity if left.parity == right.parity else None
    trend = (Kinked(left.trend) + Kinked(right.trend)).smooth
    growth, rest = left.growth.larger(right.growth), left.rest.larger(right.rest)
    return Node(compute, None, growth, parity, trend, rest, cost)


def multiplied(left: Node, right: Node) -> Node:
    """left times right."""
    cost = left.cost + right.cost + 1
    growth = Growth(left.growth.degree + right.growth.degree, left.growth.rate + right.growth.rate)
    if growth.degree > 4 * MAXIMUM_DEGREE:
        raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")

    def compute(t: FloatArray) -> FloatArray:
        return left.compute(t) * right.compute(t)

    if left.form is not None and right.form is not None:
        return _exact(compute, left.form * right.form, cost)
    parity = None
    if left.parity is not None and right.parity is not None:
        parity = (left.parity + right.parity) % 2
    for factor, other in ((left, right), (right, left)):
        if factor.form is not None and factor.form.is_constant and factor.form.smooth:
            trend = Kinked(other.trend).scaled(factor.form.smooth[0]).smooth
            sign = None if other.sign is None else other.sign * factor.form.smooth[0]
            return Node(compute, None, growth, parity, trend, other.rest, cost, sign)
    return _opaque(compute, growth, parity, cost)


def negative(node: Node) -> Node:
    """-g."""
    return multiplied(number(Fraction(-1)), node)


def reciprocal(node: Node) -> Node:
    """1/g for a constant g that is not zero."""
    form = node.form
    if form is None or not form.is_constant:
        raise ValueError("division is by numbers only, not by something that depends on t")
    if not form.smooth:
        raise ValueError("division by zero")
    return number(1 / form.smooth[0])


def powered(base: Node, exponent: int) -> Node:
    """g^exponent for a whole number."""
    if exponent == 1:
        return base
    growth = Growth(base.growth.degree * exponent, base.growth.rate * exponent)
    if growth.degree > 4 * MAXIMUM_DEGREE:
        raise ValueError(f"the degree in t is beyond {MAXIMUM_DEGREE}")
    cost = base.cost + (1 if exponent <= 2 else 16)

    def compute(t: FloatArray) -> FloatArray:
        return base.compute(t) ** exponent

    if base.form is not None:
        return _exact(compute, base.form.power(exponent), cost)
    parity = None if base.parity is None else base.parity * exponent % 2
    return _opaque(compute, growth, parity, cost)


def applied(name: str, inner: Node) -> Node:
    """A function of g."""
    function, cost = FUNCTIONS[name], inner.cost + _COSTS[name]

    def compute(t: FloatArray) -> FloatArray:
        return function(inner.compute(t))

    if name in ("abs", "relu") and inner.form is not None:
        form = inner.form.absolute()
        if name == "relu" and form is not None:
            form = (inner.form + form).scaled(Fraction(1, 2))
        if form is not None:
            return _exact(compute, form, cost)
    growth = inner.growth
    if name in _BOUNDED:
        growth = Growth(0)
    elif name == "exp":
        growth = _exponential_growth(inner)
    parity = inner.parity
    if parity == 1:
        parity = _PARITIES.get(name)
    found = _opaque(compute, growth, parity, cost)
    if name == "sign" and inner.form is not None and inner.form.odd_monomial:
        return replace(found, sign=Fraction(1 if inner.form.smooth[-1] > 0 else -1))
    return found


def _exponential_growth(inner: Node) -> Growth:
    """exp(u): bounded for bounded u; for a polynomial u what its two ends say."""
    if inner.growth == Growth(0):
        return Growth(0)
    if inner.form is None:
        raise ValueError("exp takes a polynomial (abs and relu allowed) or something bounded")
    rate = Fraction(0)
    for degree, leading in inner.form.ends():
        if degree == 1:
            rate = max(rate, leading)
        elif degree > 1 and leading > 0:
            raise ValueError("exp of something that grows faster than t has no moments")
    return Growth(0, rate)


def _normal_distribution(u: FloatArray) -> FloatArray:
    """The distribution function of N(0, 1); SciPy is loaded when it is first asked for."""
    from scipy.special import ndtr

    return np.asarray(ndtr(u))
