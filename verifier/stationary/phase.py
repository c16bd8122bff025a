"""Where has the isotropic loss local minima in (omega, N) that are not global?  Cells, boundaries.

The idea: l'(0) > 0 and l(0) is the global minimum, so for d >= 2 the loss has a spurious local
minimum exactly when F, the numerator of l', is negative somewhere on rho > 0.  Every change of sign
of F from - to + is an interior local minimum, and a negative leading coefficient makes rho = oo
one (for d = 1 that one is global).  Sturm's theorem counts the changes; no root is computed.

The statements for all n, d, sigma2 are in ``phase_claims``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Poly, Symbol, sympify

from verifier.arithmetic.univariate import (
    IntegerPolynomial,
    count_roots,
    square_free_parts,
    sturm_chain,
)
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import cell
from verifier.stationary.reduction import RHO, derived_form, slope_numerator


@dataclass(frozen=True, slots=True)
class Phase:
    """One cell in one space: how many interior spurious minima, and whether rho = oo has one."""

    interior: int
    infinity: bool

    @property
    def benign(self) -> bool:
        """Whether every local minimum in that space is global."""
        return not self.interior and not self.infinity


def classify(
    dimension: int, context_length: int, noise: Fraction, form: IsotropicForm | None = None
) -> Phase:
    """Return which local minima in (omega, N) that are not global there are at one (d, n, sigma2).

    The form must be the derived one or one for which ``landscape`` raises no error.
    Raises TypeError or ValueError for d, n, sigma2 out of range.
    """
    return phase_of_slope(
        dimension, cell(form or derived_form(), dimension, context_length, noise).slope
    )


def phase_of_slope(dimension: int, slope: IntegerPolynomial) -> Phase:
    """Return the phase from F, the numerator of l', constant first."""
    crossings = sign_changes(slope)
    # F(0) > 0, so the changes of sign alternate: + to -, - to +, ...
    return Phase(crossings // 2, dimension > 1 and slope[-1] < 0)


def grid_over_noise(
    dimension: int,
    context_lengths: Sequence[int],
    noises: Sequence[Fraction],
    form: IsotropicForm | None = None,
) -> tuple[tuple[Phase, ...], ...]:
    """Return the phases at fixed d: one row for each noise, one column for each n."""
    return tuple(
        tuple(classify(dimension, n, noise, form) for n in context_lengths) for noise in noises
    )


def sign_changes(slope: IntegerPolynomial) -> int:
    """The number of rho > 0 at which a polynomial with slope[0] != 0 changes sign."""
    if all(value > 0 for value in slope):
        return 0
    chain = sturm_chain(slope)
    if len(chain[-1]) == 1:
        return count_roots(chain, Fraction(0), None)
    return sum(
        count_roots(sturm_chain(part), Fraction(0), None)
        for part, multiplicity in square_free_parts(slope)
        if multiplicity % 2
    )


@dataclass(frozen=True, slots=True)
class Boundary:
    """The polynomials in n, d, sigma2 outside whose zero sets the phase is locally constant.

    infinity: the leading coefficient of F without positive factors; the phase at rho = oo changes
    where it vanishes; discriminant: the irreducible factors of the discriminant of F in rho, with
    multiplicities; the number of interior points changes only where one of them vanishes.
    """

    infinity: Expr
    discriminant: tuple[tuple[Expr, int], ...]


def boundary(form: IsotropicForm | None = None) -> Boundary:
    """Derive the boundary polynomials with n, d, sigma2 symbolic (needs python-flint)."""
    from flint import fmpz_mpoly_ctx

    slope = primitive_slope(form or derived_form())
    names = ("n", "d", "sigma2", "rho")
    context = fmpz_mpoly_ctx.get(names, "lex")
    terms = Poly(slope.as_expr(), *(Symbol(name) for name in names)).terms()
    polynomial = context.from_dict({powers: int(value) for powers, value in terms})
    _, factors = polynomial.discriminant("rho").factor()
    symbols = tuple(Symbol(name) for name in names)
    found = [
        (Poly(dict(zip(factor.monoms(), map(int, factor.coeffs()), strict=True)), *symbols), power)
        for factor, power in factors
    ]
    found.sort(key=lambda item: (len(item[0].terms()), str(item[0])))
    return Boundary(
        infinity=slope.LC(),
        discriminant=tuple((factor.as_expr(), int(power)) for factor, power in found),
    )


def primitive_slope(form: IsotropicForm) -> Poly:
    """Return F in rho over Z[n, d, sigma2] without its content, a product of n and n + 2.

    Raises ArithmeticError if the content is not positive for n >= 1, d >= 1, sigma2 >= 0.
    """
    n, d, sigma2 = (Symbol(name) for name in ("n", "d", "sigma2"))
    slope = Poly(sympify(slope_numerator(form).as_expr()), RHO, domain=f"ZZ[{n},{d},{sigma2}]")
    content, primitive = slope.primitive()
    shifted = Poly(sympify(content).subs({n: n + 1, d: d + 1}), n, d, sigma2)
    if any(value <= 0 for value in shifted.coeffs()):
        raise ArithmeticError(f"the common factor {content} of F is not shown to be positive")
    return primitive
