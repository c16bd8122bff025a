"""How a Gaussian pair x ~ N(0, Lambda), w ~ N(0, Gamma) is asked for, read once.

Each covariance is ``"identity"``, ``"symbolic"`` (letters, or symbols Lambda_i_j at a concrete d)
a diagonal or a matrix of exact numbers; the task's may be ``"inverse-covariates"`` (Theorem 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.arithmetic.matrices import (
    exact_covariance,
    exact_identity,
    exact_inverse,
)
from verifier.arithmetic.rationals import RationalMatrix
from verifier.setting.numbers import Exact
from verifier.words.words import Expression, matrix

Covariance = str | Sequence[Exact] | Sequence[Sequence[Exact]]

IDENTITY, SYMBOLIC, INVERSE = "identity", "symbolic", "inverse-covariates"


@dataclass(frozen=True, slots=True)
class GaussianPair:
    """A checked pair: each side is a word, or a matrix of Fractions."""

    covariance: str | RationalMatrix
    task_covariance: str | RationalMatrix

    @staticmethod
    def read(
        covariance: Covariance, task_covariance: Covariance, dimension: int | None
    ) -> GaussianPair:
        """Check both covariances; ValueError or TypeError says what would be right."""
        first = _read("covariance", covariance, (IDENTITY, SYMBOLIC), dimension)
        second = _read("task_covariance", task_covariance, (IDENTITY, SYMBOLIC, INVERSE), dimension)
        if second == INVERSE and first == IDENTITY:
            second = IDENTITY
        if second == INVERSE and not isinstance(first, str):
            second = exact_inverse(first)
        return GaussianPair(first, second)

    def letters(self) -> tuple[Expression | None, Expression | None]:
        """Return Lambda and Gamma as word expressions; None is the identity."""
        first = None
        if self.covariance != IDENTITY:
            first = matrix("Lambda", symmetric=True)
        if self.task_covariance == INVERSE and first is not None:
            return first, first.inv
        second = None
        if self.task_covariance != IDENTITY:
            second = matrix("Gamma", symmetric=True)
        return first, second

    def matrices(self) -> dict[str, RationalMatrix]:
        """Return the numeric sides by the name of their letter."""
        sides = {"Lambda": self.covariance, "Gamma": self.task_covariance}
        return {name: side for name, side in sides.items() if not isinstance(side, str)}

    def symbolic(self) -> tuple[str, ...]:
        """Return the names of the letters whose entries stay symbols at a concrete d."""
        sides = {"Lambda": self.covariance, "Gamma": self.task_covariance}
        if self.task_covariance == INVERSE:
            raise ValueError(
                "inverse-covariates of a symbolic covariance is not polynomial in its entries; "
                "give a matrix, or leave the dimension out"
            )
        return tuple(name for name, side in sides.items() if side == SYMBOLIC)

    def numeric_sides(self, dimension: int) -> tuple[RationalMatrix, RationalMatrix]:
        """Return both covariances as Fractions; ValueError if one is symbolic."""
        first, second = (
            exact_identity(dimension) if side == IDENTITY else side
            for side in (self.covariance, self.task_covariance)
        )
        if isinstance(first, str) or isinstance(second, str):
            raise ValueError("this derivation needs covariances of exact numbers, or the identity")
        return first, second


def _read(
    role: str, value: Covariance, words: tuple[str, ...], dimension: int | None
) -> str | RationalMatrix:
    if isinstance(value, str):
        if value not in words:
            raise ValueError(f"{role} is a matrix or one of {', '.join(words)}; not {value!r}")
        return value
    if dimension is None:
        raise ValueError(f"a {role} of numbers needs a dimension")
    return exact_covariance(value, dimension)
