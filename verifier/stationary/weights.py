"""Local minima in the weights W_K, W_Q (head dimension r), W_V, h at given d, n, sigma2, exactly.

The idea: the loss is f(omega, N) with omega = W_V'h and N the first d columns of W_K'W_Q, W_K and
W_Q of shape r x (d+1).  Let e = min(r, d).  A point is a local minimum of the weights only over

    rho = 0          the global minima, loss k - e lin^2/Q;
    0 < rho < oo     where F_e, F with d - 1 replaced by e - 1, changes from - to +, for r < d only
                     beyond rho_c, the larger root of g2 (g4 - 2 g3 rho + G rho^2) = P;
    rho = oo         where the kernels of W_K and W_Q leave T < tau* = g2 P/(Q^2 G) ways down.

T depends on the kernels; its least value over all W_K, W_Q is ceil(min(r, 2d-1)/2) - 1.  So for
r >= d the loss is benign in the weights exactly if it is in (omega, N) and T_min >= tau*; from
r = 2d - 1 on the weights add nothing.  For r = 1 both ends are global: always benign.

Statements, proofs: docs/landscape-mathematics.md,
section 8; they are done by hand, not by the checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, oo

from verifier.arithmetic.roots import AlgebraicNumber, rational, real_roots_with_multiplicity
from verifier.loss.isotropic import IsotropicForm
from verifier.stationary.cell import Cell, at_rank, cell
from verifier.stationary.phase import Phase, phase_of_slope, sign_changes
from verifier.stationary.reduction import derived_form
from verifier.stationary.stationary_points import Landscape


@dataclass(frozen=True, slots=True)
class SpuriousMinimum:
    """A family of local minima in the weights that are not global: rho (SymPy's oo) and its loss.

    new: whether the point of (omega, N) under it is no local minimum of f there.
    """

    rho: AlgebraicNumber | Expr
    loss: AlgebraicNumber
    new: bool


@dataclass(frozen=True, slots=True)
class WeightsLandscape:
    """The local minima in the weights at one (d, n, sigma2) and head dimension.

    minimum: the global minimum; least_trace: T_min; threshold: tau*; enough: the least head
    dimension >= d for which the local minima are those of (omega, N).
    """

    dimension: int
    head_dimension: int
    minimum: AlgebraicNumber
    spurious: tuple[SpuriousMinimum, ...]
    least_trace: int
    threshold: Fraction
    enough: int

    @property
    def benign(self) -> bool:
        """Whether every local minimum in the weights is global."""
        return not self.spurious

    @property
    def gap(self) -> AlgebraicNumber | None:
        """The lowest spurious loss less the global minimum, None where there is none."""
        base = self.minimum.as_fraction()
        if not self.spurious or base is None:
            return None
        return min(part.loss for part in self.spurious).image((-base, 1))


@dataclass(frozen=True, slots=True)
class BothPhases:
    """One cell in both spaces: which local minima are not global in (omega, N), in the weights."""

    reduced: Phase
    weights: Phase


def standard_head_dimension(dimension: int) -> int:
    """Return d + 1, the head dimension of the layer with square W_K, W_Q."""
    return dimension + 1


def least_trace(dimension: int, head_dimension: int) -> int:
    """Return T_min = ceil(min(r, 2d - 1)/2) - 1, the least T that kernels can leave."""
    return (min(head_dimension, 2 * dimension - 1) + 1) // 2 - 1


def escape_threshold(here: Cell) -> Fraction:
    """Return tau* = g2 P/(Q^2 G): over rho = oo there is a way down where T > tau*."""
    quadratic, g2, cross, gram = _numbers(here)
    return g2 * gram / (quadratic**2 * cross)


def enough_head_dimension(dimension: int, threshold: Fraction) -> int:
    """Return the least r >= d with T_min(r) >= tau* or r >= 2d - 1: nothing new from there on."""
    ceiling = -(-threshold.numerator // threshold.denominator)
    return max(dimension, min(2 * dimension - 1, 2 * ceiling + 1))


def require_head_dimension(head_dimension: int) -> None:
    """Raise TypeError or ValueError unless it is an int of at least 1."""
    if isinstance(head_dimension, bool) or not isinstance(head_dimension, int):
        raise TypeError(f"head_dimension must be an int, not {type(head_dimension).__name__}")
    if head_dimension < 1:
        raise ValueError(f"head_dimension must be at least 1, not {head_dimension}")


def weights_landscape(
    landscape: Landscape, head_dimension: int | None = None, form: IsotropicForm | None = None
) -> WeightsLandscape:
    """Return the local minima in the weights, from the landscape in (omega, N) of the same form.

    ``head_dimension``: r, d + 1 by default. Raises TypeError or ValueError for r that is no int of
    at least 1.
    """
    d = landscape.dimension
    r = standard_head_dimension(d) if head_dimension is None else head_dimension
    require_head_dimension(r)
    here = cell(form or derived_form(), d, landscape.context_length, landscape.noise)
    threshold = escape_threshold(here)
    drop = here.value("linear") ** 2 / here.value("quadratic")
    return WeightsLandscape(
        dimension=d,
        head_dimension=r,
        minimum=rational(here.value("constant") - min(r, d) * drop),
        spurious=(*_interior(landscape, here, r), *_blocked(landscape, here, r)),
        least_trace=least_trace(d, r),
        threshold=threshold,
        enough=enough_head_dimension(d, threshold),
    )


def classify_both(
    dimension: int,
    context_length: int,
    noise: Fraction,
    head_dimension: int | None = None,
    form: IsotropicForm | None = None,
) -> BothPhases:
    """Return the phase of one cell in (omega, N) and in the weights (r = d + 1 by default)."""
    r = standard_head_dimension(dimension) if head_dimension is None else head_dimension
    require_head_dimension(r)
    here = cell(form or derived_form(), dimension, context_length, noise)
    reduced = phase_of_slope(dimension, here.slope)
    infinity = _spurious_at_infinity(here, r, reduced.infinity)
    interior = reduced.interior if r >= dimension else len(_rising_roots(at_rank(here, r)))
    return BothPhases(reduced, Phase(interior, infinity))


def _numbers(here: Cell) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Q, g2, G and P."""
    cross = here.value("g1") + here.value("g2")
    gram = cross * here.value("g4") - here.value("g3") ** 2
    return here.value("quadratic"), here.value("g2"), cross, gram


def _spurious_at_infinity(here: Cell, r: int, in_reduced: bool) -> bool:
    """Whether some W_K, W_Q over rho = oo make a local minimum that is not global.

    From r = 2d - 1 on exactly where f has one there; below, where T_min < tau* (for T_min = tau*
    kernels nearby leave more ways down). For r = 1 and for d = 1 the loss there is the global one.
    """
    d = here.dimension
    if min(r, d) == 1:
        return False
    if r >= 2 * d - 1:
        return in_reduced
    quadratic, g2, cross, gram = _numbers(here)
    return least_trace(d, r) * quadratic**2 * cross < g2 * gram


def _blocked(landscape: Landscape, here: Cell, r: int) -> tuple[SpuriousMinimum, ...]:
    part = next(p for p in landscape.stationary if p.rho == oo)
    in_reduced = part.type == "local minimum"
    if not _spurious_at_infinity(here, r, in_reduced):
        return ()
    return (SpuriousMinimum(oo, part.loss, new=not in_reduced),)


def _interior(landscape: Landscape, here: Cell, r: int) -> tuple[SpuriousMinimum, ...]:
    if r >= landscape.dimension:
        return tuple(
            SpuriousMinimum(part.rho, part.loss, new=False)
            for part in landscape.stationary
            if part.type == "local minimum" and isinstance(part.rho, AlgebraicNumber)
        )
    low = at_rank(here, r)
    reduced = low.reduced_loss()
    return tuple(
        SpuriousMinimum(root, root.image(*reduced), new=True) for root in _rising_roots(low)
    )


def _rising_roots(low: Cell) -> tuple[AlgebraicNumber, ...]:
    """For r < d: where F_r changes from - to + beyond rho_c; ``low`` is the cell at rank r."""
    if sign_changes(low.slope) < 2:
        return ()
    _, g2, cross, gram = _numbers(low)
    turning = real_roots_with_multiplicity(
        (g2 * low.value("g4") - gram, -2 * g2 * low.value("g3"), g2 * cross)
    )
    edge = turning[-1][0]
    found, rising = [], True
    for root, multiplicity in real_roots_with_multiplicity(low.slope):
        if root.sign() <= 0:
            continue
        before, rising = rising, rising == (multiplicity % 2 == 0)
        if rising and not before and root > edge:
            found.append(root)
    return tuple(found)
