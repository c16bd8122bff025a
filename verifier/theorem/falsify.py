"""What happens without a hypothesis: a proof that it can go, or an exact counterexample.

A theorem names its hypotheses (`verifier.theorem.theorem.Hypothesis`). One that is not needed
names the claim that is proved without it, and that claim is checked again in the same run. One that
is needed gives settings, from small to large, that violate it alone; the search takes the first in
which some layer has exactly less loss than every predictor that the theorem allows. Between the two
stands the hypothesis that cannot simply be dropped but that a weaker one can replace: the theorem
is proved under the weaker one, and there may be a counterexample with neither.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from verifier.arithmetic.matrices import exact_inverse
from verifier.arithmetic.rationals import RationalMatrix
from verifier.arithmetic.roots import AlgebraicNumber
from verifier.law_moments.general import GeneralMoments, NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.bound import ExactLayer, PairProblem
from verifier.optimum.line import line_optimum
from verifier.optimum.readout import ReadoutProblem
from verifier.setting.setting_file import parse_setting
from verifier.theorem.theorem import Hypothesis, Theorem, Violation, check_theorem
from verifier.theorem.verdict import Verdict

Entry = Fraction | AlgebraicNumber
NEEDED, WEAKER, NOT_NEEDED, OPEN = "needed", "weaker suffices", "not needed", "open"
OUTCOMES = (NEEDED, WEAKER, NOT_NEEDED, OPEN)
SIZES = (1, 2, 3)
NUMBERS = (Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3))
NOISES = (Fraction(0), Fraction(1), Fraction(1, 2))
DIRECTIONS = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(-1, 2), Fraction(2))


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A setting in which the theorem's conclusion fails, with the exact numbers that show it.

    ``setting`` is the text of a setting file, or '' for a law that only ``law`` can say.
    ``best_allowed`` is the least loss of a predictor of the theorem's form, ``reached`` the loss
    of the layer with omega = (a, b) and N = (A; c') ``stacked``, which is not of that form;
    ``gap`` is their difference, positive. ``optimal`` if no layer has less loss than this one.
    """

    setting: str
    law: str
    dimension: int
    context_length: int
    noise: Fraction
    best_allowed: Fraction
    reached: Fraction
    omega: tuple[Entry, ...]
    stacked: tuple[tuple[Entry, ...], ...]
    optimal: bool

    @property
    def gap(self) -> Fraction:
        """best_allowed - reached."""
        return self.best_allowed - self.reached


@dataclass(frozen=True, slots=True)
class Finding:
    """What a hypothesis is worth: an outcome of `OUTCOMES`, and why."""

    theorem: str
    hypothesis: Hypothesis
    outcome: str
    counterexample: Counterexample | None = None


def falsify(theorem: Theorem, hypothesis: Hypothesis, find: Callable[[str], Theorem]) -> Finding:
    """Drop one hypothesis. ``find`` looks up the theorem whose claim shows that it can go."""
    if hypothesis.proved_by:
        owner, claim = hypothesis.proved_by
        proved = claim in _proved(owner, find)
        outcome = (WEAKER if hypothesis.instead else NOT_NEEDED) if proved else OPEN
        return Finding(theorem.id, hypothesis, outcome, search(hypothesis))
    found = search(hypothesis)
    return Finding(theorem.id, hypothesis, NEEDED if found else OPEN, found)


@cache
def _proved(owner: str, find: Callable[[str], Theorem]) -> frozenset[str]:
    """The claims of a theorem that are proved, checked once in a run."""
    report = check_theorem(find(owner), numerical=False)
    return frozenset(item.claim.id for item in report.claims if item.verdict is Verdict.PROVED)


def search(hypothesis: Hypothesis) -> Counterexample | None:
    """The first counterexample in order of d + n, then of the simplicity of its numbers."""
    sizes = sorted(itertools.product(SIZES, SIZES), key=lambda p: (sum(p), p))
    for (d, n), noise, number in itertools.product(sizes, NOISES, NUMBERS):
        for violation in hypothesis.violations(d, n, noise, number):
            found = _examine(violation, d, n, noise)
            if found is not None:
                return found
    return None


def _examine(violation: Violation, d: int, n: int, noise: Fraction) -> Counterexample | None:
    """Whether some layer beats, exactly, the best predictor of the theorem's form here."""
    moments = violation.moments or general_moments(parse_setting(violation.setting.encode("utf-8")))
    problem = ReadoutProblem.of(moments, n)
    allowed = _least_allowed(problem, violation)
    best = _best_layer(moments, problem, n)
    if best.loss >= allowed:
        return None
    sizes = (violation.setting, violation.law, d, n, noise)
    return Counterexample(*sizes, allowed, best.loss, best.omega, best.stacked, best.optimal)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer with its exact loss; its entries may be algebraic."""

    omega: tuple[Entry, ...]
    stacked: tuple[tuple[Entry, ...], ...]
    loss: Fraction
    optimal: bool


def _best_layer(moments: GeneralMoments, problem: ReadoutProblem, n: int) -> _Layer:
    """The optimal layer where it is known, else one of small loss.

    With parity it is the best readout; for d = 1 without it the optimum is found exactly, and taken
    where its loss is rational; elsewhere the best of a few directions must do.
    """
    B, d = problem.best().B, moments.dimension
    zero = (Fraction(0),) * d
    transposed = tuple(tuple(B[j][i] for j in range(d)) for i in range(d))
    best = ExactLayer((*zero, Fraction(1)), (*transposed, zero), problem.loss(B))
    if moments.parity_symmetric:
        return _Layer(best.omega, best.stacked, best.loss, True)
    pairs = PairProblem.of(moments, n)
    if d == 1 and (exact := _line_layer(pairs)) is not None:
        return exact
    candidates = [best, *map(pairs.best_layer, _directions(d))]
    found = min(candidates, key=lambda layer: layer.loss)
    return _Layer(found.omega, found.stacked, found.loss, False)


def _line_layer(pairs: PairProblem) -> _Layer | None:
    """The optimum for d = 1 where its loss is rational and the exact search applies."""
    try:
        found = line_optimum(pairs)
    except NoExactMoments:
        return None
    loss = found.loss.as_fraction()
    if loss is None:
        return None
    return _Layer((found.a, found.b), ((found.A,), (found.c,)), loss, True)


def _least_allowed(problem: ReadoutProblem, violation: Violation) -> Fraction:
    """The least loss of the predictors that the theorem's conclusion leaves."""
    if violation.conclusion == "gradient step":
        return problem.best_gradient_step().loss
    if violation.conclusion == "linear readout":
        return problem.best().loss
    if violation.conclusion == "preconditioned step":
        return _best_multiple(problem, exact_inverse(problem.covariance))
    if violation.readout is None:
        raise ValueError(f"unknown conclusion {violation.conclusion!r}")
    return problem.loss(violation.readout)


def _best_multiple(problem: ReadoutProblem, matrix: RationalMatrix) -> Fraction:
    """min over r of the loss of r * matrix, a quadratic in r through three exact values."""

    def loss(r: int) -> Fraction:
        return problem.loss(tuple(tuple(r * v for v in row) for row in matrix))

    at_0, at_1, at_2 = loss(0), loss(1), loss(2)
    curvature = (at_2 - 2 * at_1 + at_0) / 2
    slope = at_1 - at_0 - curvature
    return at_0 - slope**2 / (4 * curvature) if curvature else at_0


def _directions(d: int) -> Iterator[tuple[Fraction, ...]]:
    """Small rational (a, b), not zero, one of each line through 0 among the simplest."""
    if d == 1:
        yield from ((a, Fraction(1)) for a in DIRECTIONS)
        yield (Fraction(1), Fraction(0))
        return
    for a in DIRECTIONS:
        yield (*(a,) * d, Fraction(1))
        yield (a, *(Fraction(0),) * (d - 1), Fraction(1))
