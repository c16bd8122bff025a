"""The optimum of a Gaussian pair: exact and float agree with independent routes, bad input."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.pair_optimum import exact_pair_optimum

from verifier.arithmetic.matrices import exact_inverse
from verifier.arithmetic.qq import to_fraction
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.gaussian_pair import gaussian_pair_moments
from verifier.loss.exact import ExactLoss
from verifier.loss.expected_loss import expected_loss
from verifier.optimum.pair import pair_optimum

small = st.fractions(min_value=-2, max_value=2, max_denominator=3)
ZERO = Fraction(0)


@st.composite
def covariances(draw: st.DrawFn, size: int, definite: bool = True) -> RationalMatrix:
    """L L' (+ I/2 where definite) with rational entries."""
    rows = [draw(st.lists(small, min_size=size, max_size=size)) for _ in range(size)]
    ridge = Fraction(int(definite), 2)
    return tuple(
        tuple(
            sum((x * y for x, y in zip(rows[i], rows[j], strict=True)), ridge * (i == j))
            for j in range(size)
        )
        for i in range(size)
    )


def product(left: RationalMatrix, right: RationalMatrix) -> RationalMatrix:
    columns = list(zip(*right, strict=True))
    return tuple(
        tuple(sum((x * y for x, y in zip(r, c, strict=True)), ZERO) for c in columns) for r in left
    )


@given(st.integers(1, 3), st.integers(1, 4), st.data())
@settings(max_examples=30, deadline=None)
def test_the_formula_solves_the_normal_equations(d: int, n: int, data: st.DataObject) -> None:
    """T B' Lambda = n C from one example's moments: T_ik = n fourth[i,y,k,y] + n(n-1) paired."""
    Lam, Gam = data.draw(covariances(d)), data.draw(covariances(d))
    noise = data.draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(2)]))
    moments = gaussian_pair_moments(d, Lam, Gam, noise)

    def entry(table: object, index: tuple[int, ...]) -> Fraction:
        value = table.get(index)  # type: ignore[attr-defined]
        return to_fraction(value.coeff(1)) if value is not None else ZERO

    T = tuple(
        tuple(
            n * entry(moments.fourth, (i, d, k, d))
            + n * (n - 1) * entry(moments.paired, (i, d, k, d))
            for k in range(d)
        )
        for i in range(d)
    )
    C = tuple(tuple(n * entry(moments.cross, (i, d, a)) for a in range(d)) for i in range(d))
    transposed = product(product(exact_inverse(T), C), exact_inverse(Lam))
    found = exact_pair_optimum(Lam, Gam, n, noise)
    assert found.readout == tuple(zip(*transposed, strict=True))


@given(st.integers(1, 3), st.integers(1, 4), st.booleans(), st.data())
@settings(max_examples=30, deadline=None)
def test_the_loss_is_the_exact_loss_there_and_nothing_near_is_lower(
    d: int, n: int, definite: bool, data: st.DataObject
) -> None:
    Lam, Gam = (data.draw(covariances(d, definite)) for _ in range(2))
    noise = data.draw(st.sampled_from([Fraction(0), Fraction(1, 2)]))
    found = exact_pair_optimum(Lam, Gam, n, noise)
    loss = expected_loss(d, n, noise, Lam, Gam, method="explicit")
    assert isinstance(loss, ExactLoss)
    best = [list(column) for column in zip(*found.readout, strict=True)]
    zero = [ZERO] * d
    assert loss.evaluate(zero, Fraction(1), best, zero) == found.loss
    moves = st.lists(small, min_size=d, max_size=d)
    size = data.draw(st.sampled_from([Fraction(1), Fraction(1, 30)]))
    moved = [[x + size * y for x, y in zip(row, data.draw(moves), strict=True)] for row in best]
    a, c = ([size * x for x in data.draw(moves)] for _ in range(2))
    assert loss.evaluate(a, 1 + size * data.draw(small), moved, c) >= found.loss


@given(st.integers(1, 4), st.integers(1, 9), st.data())
@settings(max_examples=30, deadline=None)
def test_floats_agree_with_fractions(d: int, n: int, data: st.DataObject) -> None:
    Lam, Gam = data.draw(covariances(d)), data.draw(covariances(d))
    exact = exact_pair_optimum(Lam, Gam, n, Fraction(1, 4))
    found = pair_optimum(np.array(Lam, dtype=float), np.array(Gam, dtype=float), n, 0.25)
    assert found.loss == pytest.approx(float(exact.loss), rel=1e-9)
    assert found.readout == pytest.approx(np.array(exact.readout, dtype=float), rel=1e-7, abs=1e-10)


def test_nothing_to_learn_means_predicting_zero() -> None:
    assert exact_pair_optimum([[1]], [[0]], 3, 0).loss == 0
    assert pair_optimum([[0.0]], [[1.0]], 3, 0.0).readout.tolist() == [[0.0]]


@pytest.mark.timing
def test_two_hundred_dimensions_are_quick() -> None:
    rng = np.random.default_rng(0)
    F, G = rng.standard_normal((2, 200, 200)) / 14
    started = time.process_time()
    found = pair_optimum(F @ F.T + np.eye(200), G @ G.T, 40, 0.5)
    assert time.process_time() - started < 2
    assert found.loss > 0.5


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        ([[1.0, 2.0]], "square"),
        ([[1.0, 2.0], [0.0, 1.0]], "symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "semidefinite"),
        ([[float("nan")]], "finite"),
        (np.eye(3), "sizes 3 and 2"),
    ],
)
def test_bad_covariances_are_refused_in_one_line(covariance: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pair_optimum(covariance, np.eye(2), 3, 1.0)  # type: ignore[arg-type]


def test_bad_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pair_optimum(np.eye(2), np.eye(2), 0, 1.0)
    with pytest.raises(ValueError, match="noise variance"):
        pair_optimum(np.eye(1), np.eye(1), 2, -1.0)
    with pytest.raises(TypeError):
        exact_pair_optimum([[0.5]], [[1]], 2, 1)  # type: ignore[list-item]
