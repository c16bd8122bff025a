"""`expected_loss`: one public door to the three derivations of the exact loss."""

from __future__ import annotations

from fractions import Fraction

from verifier.law_moments.pairs import IDENTITY, Covariance, GaussianPair
from verifier.loss.by_definition import definition_loss
from verifier.loss.dimension_free import DimensionFreeLoss, dimension_free_loss
from verifier.loss.exact import ExactLoss
from verifier.loss.explicit import gaussian_explicit_loss
from verifier.loss.matrix_loss import PairLoss
from verifier.setting.magnitudes import check_dimension
from verifier.setting.numbers import nonnegative_number

METHODS = ("dimension_free", "explicit", "definition", "matrices")


def expected_loss(
    dimension: int | None = None,
    context_length: int | None = None,
    noise: int | str | Fraction | None = None,
    covariance: Covariance = IDENTITY,
    task_covariance: Covariance = IDENTITY,
    method: str = "dimension_free",
) -> DimensionFreeLoss | ExactLoss | PairLoss:
    """Return the exact pre-training loss E (y_{n+1} - prediction)^2 of the reduced layer.

    ``prediction = x_{n+1}'u``, ``u = A'Sa + bA's + c(s'a) + bqc``; ``x ~ N(0, covariance)``,
    ``w ~ N(0, task_covariance)``, noise variance ``noise``. What is None stays symbolic: without a
    ``dimension`` the answer is a `DimensionFreeLoss`, valid for every d; with one, an `ExactLoss`.
    A covariance is ``"identity"``, ``"symbolic"``, a list of d numbers (a diagonal) or a d x d
    matrix; the task's may be ``"inverse-covariates"``. Numbers are exact: ints, Fractions,
    ``"1/3"`` or ``"0.1"``, as in setting files and on the command line. Methods:
    ``dimension_free`` (Wick on trace words), ``explicit`` (one example's moments; needs a
    dimension), ``definition`` (multiply out; needs dimension and context length, and is slow
    beyond 3) and ``matrices`` (a `PairLoss`: no polynomial, but the loss at any given layer by a
    few products of d x d matrices, for d in the hundreds; needs all numbers).

    Raises TypeError for floats and ValueError for values out of range.
    Source: Mahankali, Hashimoto, Ma (2023), arXiv:2307.03576, the setting of Theorems 1 and 2.
    """
    if method not in METHODS:
        raise ValueError(f"the method is one of {', '.join(METHODS)}; not {method!r}")
    if dimension is not None:
        check_dimension(dimension)
    if context_length is not None and (
        isinstance(context_length, bool) or not isinstance(context_length, int)
    ):
        raise TypeError("the context length is an integer, or None to stay symbolic")
    if context_length is not None and context_length < 1:
        raise ValueError(f"the context length must be at least 1, not {context_length}")
    if noise is not None:
        noise = nonnegative_number(noise, "the noise variance")
    if method == "matrices":
        return _by_matrices(dimension, context_length, noise, covariance, task_covariance)
    if dimension is None:
        if method != "dimension_free":
            raise ValueError(f"the method {method} needs a dimension")
        pair = GaussianPair.read(covariance, task_covariance, None)
        return dimension_free_loss(*pair.letters()).specialise(context_length, noise)
    if method == "explicit":
        loss = gaussian_explicit_loss(dimension, covariance, task_covariance, noise)
        return loss.specialise(n=context_length)
    if method == "definition":
        if context_length is None:
            raise ValueError("the definition needs a context length")
        return definition_loss(dimension, context_length, covariance, task_covariance, noise)
    pair = GaussianPair.read(covariance, task_covariance, dimension)
    return _at_dimension(pair, dimension).specialise(context_length, noise)


def _by_matrices(
    dimension: int | None,
    context_length: int | None,
    noise: Fraction | None,
    covariance: Covariance,
    task_covariance: Covariance,
) -> PairLoss:
    if dimension is None or context_length is None or noise is None:
        raise ValueError("the method matrices needs a dimension, a context length and a noise")
    pair = GaussianPair.read(covariance, task_covariance, dimension)
    return PairLoss.of(*pair.numeric_sides(dimension), context_length, noise)


def _at_dimension(pair: GaussianPair, dimension: int) -> ExactLoss:
    """Return the dimension-free loss of a pair at one d."""
    loss = dimension_free_loss(*pair.letters())
    matrices = pair.matrices()
    return loss.at_dimension(dimension, matrices, pair.symbolic())
