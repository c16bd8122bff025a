"""The optimal readout of a Gaussian pair by its closed form, in Fractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.arithmetic.matrices import exact_covariance, exact_inverse, product
from verifier.arithmetic.rationals import RationalMatrix, exact_number

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class ExactOptimum:
    """The optimal readout B (d, d) and its loss L*, as Fractions."""

    readout: RationalMatrix
    loss: Fraction


def exact_pair_optimum(
    covariance: Sequence[Sequence[Number]],
    task_covariance: Sequence[Sequence[Number]],
    context_length: int,
    noise: Number,
) -> ExactOptimum:
    """B and L* exactly; order d^3 operations on Fractions.

    Raises TypeError for floats and ValueError for matrices that are not covariances of one size,
    n below 1 or a negative noise variance.
    """
    size = len(covariance)
    Lam, Gam = exact_covariance(covariance, size), exact_covariance(task_covariance, size)
    variance = exact_number(noise)
    both = product(Lam, Gam)
    total = sum((both[i][i] for i in range(size)), variance)
    if not total:
        return ExactOptimum(tuple((Fraction(0),) * size for _ in range(size)), Fraction(0))
    system = tuple(
        tuple((context_length + 1) * v + (total if i == j else 0) for j, v in enumerate(row))
        for i, row in enumerate(both)
    )
    readout = product(Gam, exact_inverse(system))
    explained = product(product(Lam, readout), both)
    trace = sum((explained[i][i] for i in range(size)), Fraction(0))
    return ExactOptimum(readout, total - context_length * trace)
