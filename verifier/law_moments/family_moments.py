"""The five moments through which a rotation-invariant response family enters the loss.

For x ~ N(0, I) and y = f(x) + noise with f ~ f o R for every rotation R, and a parity that removes
odd moments of y, the expected loss of every layer is a polynomial in

    mu = E ||E[y x | f]||^2,  tau = E[y^2 ||x||^2],  nu2 = E y^2,  nu22 = E (E[y^2 | f])^2,
    nu4 = E y^4.

`FamilyMoments` holds them; the modules ``families_*`` derive them, ``families`` is the door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from itertools import permutations, product

import sympy
from sympy import QQ
from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.rationals import exact_number
from verifier.law_moments.one_example import ExampleMoments, Index
from verifier.setting.magnitudes import check_dimension
from verifier.words.terms import Number

DIMENSION = sympy.Symbol("d")
NOISE = sympy.Symbol("sigma2")
SYMBOLS = ("mubar", "taubar", "nu2", "nu22", "nu4")


@dataclass(frozen=True, slots=True)
class FamilyMoments:
    """mu, tau, nu2, nu22 and nu4 as SymPy expressions in d, sigma2 and the family's own symbols."""

    mu: sympy.Expr
    tau: sympy.Expr
    nu2: sympy.Expr
    nu22: sympy.Expr
    nu4: sympy.Expr

    @classmethod
    def with_noise(
        cls,
        mu: sympy.Expr,
        tau: sympy.Expr,
        second: sympy.Expr,
        paired: sympy.Expr,
        fourth: sympy.Expr,
    ) -> FamilyMoments:
        """From the same five moments of f(x) without noise.

        The noise is centred normal of variance sigma2 and independent, so that
        E[(f + e)^2 | f] = E[f^2 | f] + sigma2, E (f + e)^4 = E f^4 + 6 sigma2 E f^2 + 3 sigma2^2.
        """
        return cls(
            sympy.factor(mu),
            sympy.expand(tau + NOISE * DIMENSION),
            sympy.expand(second + NOISE),
            sympy.expand(paired + 2 * NOISE * second + NOISE**2),
            sympy.expand(fourth + 6 * NOISE * second + 3 * NOISE**2),
        )

    def at(
        self,
        dimension: int,
        noise: int | Fraction,
        values: Mapping[str, int | Fraction] | None = None,
    ) -> FamilyMoments:
        """The moments at a concrete d, sigma2 and values of the family's own symbols by name."""
        given: dict[str, int | Fraction] = {"d": check_dimension(dimension), "sigma2": noise}
        given |= dict(values or {})
        numbers = {name: sympy.Rational(Fraction(value)) for name, value in given.items()}

        def put(expression: sympy.Expr) -> sympy.Expr:
            return expression.subs(
                {s: numbers[s.name] for s in expression.free_symbols if s.name in numbers}
            )

        return FamilyMoments(*(put(getattr(self, field.name)) for field in fields(self)))

    def symbol_values(self, dimension: int) -> dict[str, Fraction]:
        """Values of the `SYMBOLS` of `family_example_moments`, from moments that are numbers.

        Rational moments stay exact; others are rounded to the nearest double. Raises ValueError
        where a symbol is left.
        """
        scaled = (self.mu / dimension, self.tau / dimension, self.nu2, self.nu22, self.nu4)
        return {name: _number(value) for name, value in zip(SYMBOLS, scaled, strict=True)}


def _number(value: sympy.Expr) -> Fraction:
    if value.free_symbols:
        names = ", ".join(sorted(map(str, value.free_symbols)))
        raise ValueError(f"give a value for {names}")
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    return Fraction(float(value.evalf(20)))


def family_example_moments(dimension: int) -> ExampleMoments:
    """One example's moments for any such family, in the ring Q[mubar, taubar, nu2, nu22, nu4].

    mubar = mu / d, taubar = tau / d. Rotation invariance gives E[m m'] = mubar I and E[y^2 x x'] =
    taubar I with m = E[y x | f]; parity removes all moments with an odd number of y's; the rest are
    Isserlis' moments of x.
    """
    d = check_dimension(dimension)
    ring = PolyRing(SYMBOLS, QQ, "lex")
    mubar, taubar, nu2, nu22, nu4 = ring.gens
    y = d
    fourth: dict[Index, PolyElement] = {(y, y, y, y): nu4}
    paired: dict[Index, PolyElement] = {(y, y, y, y): nu22}
    for i, j in product(range(d), repeat=2):
        for index in {(i, i, j, j), (i, j, i, j), (i, j, j, i)}:
            count = sum(_pairs(index, which) for which in range(3))
            fourth[index] = ring.ground_new(QQ(count))
        paired[i, i, j, j] = ring.one
    for i in range(d):
        fourth |= dict.fromkeys(permutations((i, i, y, y)), taubar)
        for a, b in product(((i, y), (y, i)), repeat=2):
            paired[a + b] = mubar
        paired[i, i, y, y] = paired[y, y, i, i] = nu2
    return ExampleMoments(
        dimension=d,
        symbols=SYMBOLS,
        target_second=nu2,
        covariance={(i, i): ring.one for i in range(d)},
        cross={(i, j, k): v for (i, j, m, k), v in paired.items() if m == y and k < d},
        fourth=fourth,
        paired=paired,
    )


def exact_expression(value: Number | sympy.Expr) -> sympy.Expr:
    """An exact number or SymPy expression as a SymPy expression; TypeError for a float."""
    if isinstance(value, sympy.Expr):
        if value.has(sympy.Float):
            raise TypeError("an exact number is needed, not a float")
        return value
    number = exact_number(value)
    return sympy.Rational(number.numerator, number.denominator)


def _pairs(index: Index, which: int) -> int:
    """Whether the pairing joins equal indices: 12|34, 13|24, 14|23."""
    i, j, k, m = index
    a, b, c, e = ((i, j, k, m), (i, k, j, m), (i, m, j, k))[which]
    return int(a == b and c == e)
