"""Every stationary point in (omega, N) of the isotropic loss at given d, n, sigma2, exactly.

The idea: L(omega, N) = l(rho(omega)) + (N - N*)^T H (N - N*) with H positive definite, so the
stationary points with omega != 0 are those of l o rho, with the same type and index, and those with
omega = 0 are a case of their own.  Roots of l' are isolated exactly; nothing is decided by floats.

    rho = 0         l'(0) > 0: minimum in the d directions of a; 1 null direction (scaling)
    0 < rho < oo    d null directions (scaling, rotations), one direction across: sign of l''
    rho = oo        d null directions, across it t = b / ||a|| with l = l(oo) + kappa t^2 + ...
    omega = 0       stationary iff tr A = 0 and c = 0; d + 1 negative, d + 1 positive directions

Derivation and proofs: docs/landscape-mathematics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from sympy import Expr, oo

from verifier.arithmetic.roots import AlgebraicNumber, rational, real_roots_with_multiplicity
from verifier.arithmetic.univariate import count_roots, from_rationals, sturm_chain
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import Cell, ReducedLoss, cell
from verifier.stationary.reduction import derived_form

Kind = Literal["global minimum", "local minimum", "saddle", "degenerate"]


@dataclass(frozen=True, slots=True)
class StationaryComponent:
    """A connected family of stationary points in (omega, N), up to rotation and their common sign.

    type: "degenerate" is a stationary point that is no local minimum and whose Hessian across the
    component is singular; index, nullity: the numbers of negative and of zero eigenvalues of the
    Hessian in all (d+1)^2 parameters; dimension: that of the component as a manifold (the nullity
    exceeds it exactly where the Hessian across is singular); rho: ||a||^2 / b^2, an algebraic
    number or SymPy's ``oo``, None for omega = 0; loss: its exact value; predictor: in words.
    """

    type: Kind
    index: int
    nullity: int
    dimension: int
    rho: AlgebraicNumber | Expr | None
    loss: AlgebraicNumber
    predictor: str


@dataclass(frozen=True, slots=True)
class Landscape:
    """All stationary components in (omega, N) at one cell: rho rising from 0 to oo, then omega = 0.

    gap: the loss of the lowest local minimum that is not global less the global minimum, or None.
    """

    dimension: int
    context_length: int
    noise: Fraction
    stationary: tuple[StationaryComponent, ...]
    gap: AlgebraicNumber | None

    @property
    def spurious_local_minima(self) -> bool:
        """Whether there are local minima in (omega, N) that are not global."""
        return self.gap is not None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A stationary point of l o rho before its loss is compared with the others."""

    rho: AlgebraicNumber | Expr
    loss: AlgebraicNumber
    minimum: bool
    index: int
    nullity: int
    dimension: int
    predictor: str


def landscape(
    dimension: int, context_length: int, noise: Fraction, form: IsotropicForm | None = None
) -> Landscape:
    """Return every stationary component of the isotropic loss at one (d, n, sigma2).

    Raises TypeError or ValueError for d, n < 1 or not ints, noise < 0 or not exact, and ValueError
    for a ``form`` whose loss is not strictly convex in N for omega != 0.
    """
    here = cell(form or derived_form(), dimension, context_length, noise)
    _require_convex(here)
    reduced = here.reduced_loss()
    candidates = [_at_zero(here, reduced), *_between(here, reduced), _at_infinity(here, reduced)]
    lowest = min(candidate.loss for candidate in candidates)
    components = tuple(_component(candidate, lowest) for candidate in candidates)
    spurious = [part.loss for part in components if part.type == "local minimum"]
    gap = _difference(min(spurious), lowest) if spurious else None
    return Landscape(
        dimension, context_length, Fraction(noise), (*components, _zero_omega(here)), gap
    )


def _require_convex(here: Cell) -> None:
    """Check what the reduction needs; proved for the derived form, not for any given one."""
    positive = here.value("quadratic") > 0 and here.value("g2") > 0
    for polynomial in here.convexity():
        positive = positive and polynomial[0] > 0 and polynomial[-1] > 0
        chain = sturm_chain(from_rationals(polynomial)) if positive else ()
        positive = positive and count_roots(chain, Fraction(0), None) == 0
    if not positive:
        raise ValueError("the form is not strictly convex in N for every omega other than 0")
    if here.value("linear") == 0 or here.slope[0] <= 0:
        raise ValueError("the form needs linear != 0 and l'(0) > 0")


def _at_zero(here: Cell, reduced: ReducedLoss) -> _Candidate:
    rate = here.value("linear") / here.value("quadratic")
    loss = rational(0).image(*reduced)
    words = f"one step of gradient descent from 0 with learning rate {rate}"
    return _Candidate(rational(0), loss, True, 0, 1, 1, words)


def _between(here: Cell, reduced: ReducedLoss) -> list[_Candidate]:
    words = (
        "a gradient step with another rate along one direction e, "
        "plus terms in X^T X e and y^T y along e"
    )
    found, rising = [], True
    for root, multiplicity in real_roots_with_multiplicity(here.slope):
        if root.sign() <= 0:
            continue
        before, rising = rising, rising == (multiplicity % 2 == 0)
        simple = multiplicity == 1
        found.append(
            _Candidate(
                rho=root,
                loss=root.image(*reduced),
                minimum=rising and not before,
                index=int(simple and before),
                nullity=here.dimension + int(not simple),
                dimension=here.dimension,
                predictor=words,
            )
        )
    return found


def _at_infinity(here: Cell, reduced: ReducedLoss) -> _Candidate:
    numerator, denominator = reduced
    # l = U / V with deg U <= deg V = 3; in t^2 = 1 / rho the slope is that of -F's leading term.
    limit = numerator[len(denominator) - 1] / denominator[-1]
    falling = here.slope[-1] < 0
    singular = len(here.slope) < 5
    rate = here.value("linear") / here.value("quadratic")
    return _Candidate(
        rho=oo,
        loss=rational(limit),
        minimum=falling,
        index=int(not singular and not falling),
        nullity=here.dimension + int(singular),
        dimension=here.dimension,
        predictor=f"a gradient step with learning rate {rate}, along one direction only",
    )


def _zero_omega(here: Cell) -> StationaryComponent:
    d = here.dimension
    return StationaryComponent(
        type="saddle",
        index=d + 1,
        nullity=d * d - 1,
        dimension=d * d - 1,
        rho=None,
        loss=rational(here.value("constant")),
        predictor="the constant 0",
    )


def _component(candidate: _Candidate, lowest: AlgebraicNumber) -> StationaryComponent:
    kind: Kind
    if candidate.minimum:
        kind = "global minimum" if candidate.loss == lowest else "local minimum"
    else:
        kind = "saddle" if candidate.index else "degenerate"
    return StationaryComponent(
        kind,
        candidate.index,
        candidate.nullity,
        candidate.dimension,
        candidate.rho,
        candidate.loss,
        candidate.predictor,
    )


def _difference(loss: AlgebraicNumber, lowest: AlgebraicNumber) -> AlgebraicNumber:
    """loss - lowest; the global minimum is rational, at rho = 0, for every form that passes."""
    base = lowest.as_fraction()
    if base is None:
        raise ValueError("the global minimum is not at rho = 0 for this form")
    return loss.image((-base, 1))
