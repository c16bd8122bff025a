"""The exact loss at one dimension d: an immutable polynomial over Q in theta, n, sigma2.

All three derivations (`by_definition`, `explicit`, `dimension_free`) end in this one type and in
the same polynomial ring, so that "they agree" is equality of polynomials and nothing weaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy
from sympy import QQ
from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.qq import from_fraction, to_fraction
from verifier.loss.parameters import Matrix, Vector, flatten, parameter_names

if TYPE_CHECKING:
    from verifier.loss.numeric_polynomial import NumericPolynomialLoss


def loss_ring(dimension: int, symbols: Iterable[str] = ()) -> PolyRing:
    """Return Q[theta, n, sigma2, further symbols], the one ring of losses at this dimension."""
    extra = [name for name in symbols if name not in ("n", "sigma2")]
    return PolyRing([*parameter_names(dimension), "n", "sigma2", *extra], QQ, "lex")


@dataclass(frozen=True, slots=True)
class ExactLoss:
    """L(theta) = E (y_{n+1} - prediction)^2 in the ring Q[theta, n, sigma2, ...].

    ``polynomial`` has degree 4 in theta. A context length or noise given as a number when the
    loss was derived simply does not occur among ``symbols``.
    """

    dimension: int
    polynomial: PolyElement
    method: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of theta's (d+1)^2 entries in flat order."""
        return parameter_names(self.dimension)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the other symbols that the loss depends on (n, sigma2, ...)."""
        size = len(self.parameters)
        names = [str(symbol) for symbol in self.polynomial.ring.symbols[size:]]
        used = {i for m in self.polynomial for i, e in enumerate(m[size:]) if e}
        return tuple(name for i, name in enumerate(names) if i in used)

    def gradient(self) -> tuple[PolyElement, ...]:
        """Return the (d+1)^2 first derivatives, exact polynomials in flat order."""
        return _derivatives(self.polynomial, len(self.parameters))

    def hessian(self) -> tuple[tuple[PolyElement, ...], ...]:
        """Return the (d+1)^2 x (d+1)^2 second derivatives, exact polynomials in flat order."""
        size = len(self.parameters)
        return tuple(_derivatives(first, size) for first in self.gradient())

    def specialise(
        self,
        n: int | Fraction | None = None,
        noise: int | Fraction | None = None,
        values: Mapping[str, int | Fraction] | None = None,
    ) -> ExactLoss:
        """Return the loss with some symbols (n, sigma2 = noise, others by name) made numbers."""
        given = dict(values or {})
        given |= {k: v for k, v in (("n", n), ("sigma2", noise)) if v is not None}
        return ExactLoss(self.dimension, _partial(self.polynomial, given), self.method)

    def evaluate(
        self,
        a: Vector,
        b: int | Fraction,
        A: Matrix,
        c: Vector,
        *,
        n: int | Fraction | None = None,
        noise: int | Fraction | None = None,
        values: Mapping[str, int | Fraction] | None = None,
    ) -> Fraction:
        """Return the exact loss at one point.

        Shapes: a (d,), b scalar, A (d, d), c (d,). Raises TypeError for a float and ValueError
        for wrong shapes or a symbol that is left without a value.
        """
        theta = flatten(a, b, A, c)
        if len(a) != self.dimension:
            raise ValueError(f"a has {len(a)} entries; the loss has dimension {self.dimension}")
        given = dict(values or {}) | dict(zip(self.parameters, theta, strict=True))
        given |= {k: v for k, v in (("n", n), ("sigma2", noise)) if v is not None}
        missing = [name for name in self.symbols if name not in given]
        if missing:
            raise ValueError(f"give a value for {', '.join(missing)} (sigma2 is set by noise=)")
        result = _partial(self.polynomial, given)
        return to_fraction(result.coeff(1))

    def as_polynomial(self) -> PolyElement:
        """Return the polynomial in the ring Q[theta, n, sigma2, ...]."""
        return self.polynomial

    def as_expr(self) -> sympy.Expr:
        """Return the loss as a SymPy expression in the symbols named like the ring's generators."""
        return self.polynomial.as_expr()

    def numeric(
        self,
        n: int | Fraction | None = None,
        noise: int | Fraction | None = None,
        values: Mapping[str, int | Fraction] | None = None,
    ) -> NumericPolynomialLoss:
        """Return a float evaluator over flat theta (loss, loss_and_gradient, hessian)."""
        from verifier.loss.numeric_polynomial import NumericPolynomialLoss

        fixed = self.specialise(n, noise, values)
        if fixed.symbols:
            raise ValueError(f"give a value for {', '.join(fixed.symbols)} (sigma2 is noise=)")
        size = len(self.parameters)
        terms = {m[:size]: to_fraction(v) for m, v in fixed.polynomial.items()}
        return NumericPolynomialLoss.compile(self.dimension, terms)

    def _repr_latex_(self) -> str:
        written = self.as_expr().subs(sympy.Symbol("sigma2"), sympy.Symbol("sigma") ** 2)
        return f"$L = {sympy.latex(written)}$"


def _derivatives(polynomial: PolyElement, size: int) -> tuple[PolyElement, ...]:
    """Differentiate in the first ``size`` generators in one pass over the terms."""
    parts: list[dict[tuple[int, ...], object]] = [{} for _ in range(size)]
    for monomial, value in polynomial.items():
        for i in range(size):
            exponent = monomial[i]
            if exponent:
                lower = (*monomial[:i], exponent - 1, *monomial[i + 1 :])
                parts[i][lower] = value * exponent
    return tuple(polynomial.ring.from_dict(part) for part in parts)


def _partial(polynomial: PolyElement, given: Mapping[str, int | Fraction]) -> PolyElement:
    """Set some generators to numbers, staying in the same ring."""
    ring = polynomial.ring
    position = {str(symbol): i for i, symbol in enumerate(ring.symbols)}
    for name in given:
        if name not in position:
            raise ValueError(f"the loss has no symbol {name}; it has {', '.join(position)}")
    points = {position[name]: from_fraction(value) for name, value in given.items()}
    result: dict[tuple[int, ...], object] = {}
    for monomial, value in polynomial.items():
        kept = list(monomial)
        for i, point in points.items():
            if monomial[i]:
                value = value * point ** monomial[i]
                kept[i] = 0
        key = tuple(kept)
        result[key] = result.get(key, QQ.zero) + value
    return ring.from_dict({key: value for key, value in result.items() if value})
