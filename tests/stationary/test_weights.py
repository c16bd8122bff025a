"""Local minima in the weights: T_min by enumeration, tau* by hand, laws in r, d, n, sigma2."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import oo

from verifier.stationary.cell import cell
from verifier.stationary.phase import classify
from verifier.stationary.reduction import derived_form
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weights import (
    classify_both,
    enough_head_dimension,
    escape_threshold,
    least_trace,
    weights_landscape,
)

dimensions = st.integers(1, 9)
lengths = st.integers(1, 120)
noises = st.fractions(0, 60, max_denominator=6)
heads = st.integers(1, 20)


def threshold_by_hand(d: int, n: int, noise: Fraction) -> Fraction:
    """p/((n + 2) m^2) with k = d + sigma2, m = n + 1 + k: docs/landscape-mathematics.md."""
    k = d + noise
    p = 4 * (k - 1) * ((n + 1) * k + 1) + 2 * d * (n + 2) ** 2
    return p / ((n + 2) * (n + 1 + k) ** 2)


def subsets(items: range) -> chain[tuple[int, ...]]:
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_the_least_trace_over_all_coordinate_kernels(d: int) -> None:
    """T = d - 1 - (dim(U cap V) - s)_+ for kernels U, V spanned by axes, V without the first."""
    for r in range(1, 2 * d + 2):
        found = [
            d - 1 - max(len(set(U) & set(V)) - s, 0)
            for U in subsets(range(d))
            for V in subsets(range(1, d))
            if (s := r - 2 * d + len(U) + len(V)) >= 0
        ]
        assert min(found) == least_trace(d, r)


@given(dimensions, lengths, noises)
@settings(deadline=None)
def test_the_threshold_is_the_one_derived_by_hand_and_below_four(
    d: int, n: int, noise: Fraction
) -> None:
    found = escape_threshold(cell(derived_form(), d, n, noise))
    assert found == threshold_by_hand(d, n, noise) < 4


@given(dimensions, st.fractions(0, 4, max_denominator=9).filter(bool))
def test_enough_is_the_first_head_dimension_that_adds_nothing(d: int, threshold: Fraction) -> None:
    def adds_nothing(r: int) -> bool:
        return r >= 2 * d - 1 or least_trace(d, r) >= threshold

    enough = enough_head_dimension(d, threshold)
    assert [r for r in range(d, 2 * d + 9) if adds_nothing(r)] == list(range(enough, 2 * d + 9))


@given(dimensions, lengths, noises, heads)
@settings(max_examples=60, deadline=None)
def test_phase_and_landscape_agree_in_the_weights(d: int, n: int, noise: Fraction, r: int) -> None:
    both = classify_both(d, n, noise, r)
    here = landscape(d, n, noise)
    found = weights_landscape(here, r)
    assert both.reduced == classify(d, n, noise)
    assert found.benign == both.weights.benign
    assert sum(part.rho != oo for part in found.spurious) == both.weights.interior
    assert any(part.rho == oo for part in found.spurious) == both.weights.infinity
    for part in found.spurious:
        assert part.loss > found.minimum
    m = n + 1 + d + noise
    assert found.minimum == d + noise - min(r, d) * Fraction(n) / m
    assert found.gap is None or found.gap == min(p.loss for p in found.spurious).image(
        (-found.minimum.as_fraction(), 1)
    )


@given(dimensions, lengths, noises, heads)
@settings(max_examples=60, deadline=None)
def test_laws_in_the_head_dimension(d: int, n: int, noise: Fraction, more: int) -> None:
    reduced = classify(d, n, noise)
    wide = [classify_both(d, n, noise, r).weights for r in (d, d + 1, d + more, 2 * d - 1)]
    # From r = d on all local minima of (omega, N) are there, and wider heads only remove others.
    assert all(phase.interior == reduced.interior for phase in wide)
    assert all(phase.infinity >= reduced.infinity for phase in wide)
    assert [p.infinity for p in wide[:3]] == sorted((p.infinity for p in wide[:3]), reverse=True)
    assert wide[3] == reduced
    if d >= 8:
        assert wide[1] == reduced
    assert classify_both(d, n, noise, 1).weights.benign
    if d >= 2:
        assert not classify_both(d, n, noise, 2).weights.benign


# Regions of docs/landscape-mathematics.md, section 8: (d, r, n from, (slope, intercept) of sigma2).
NOISY = [
    (3, 3, 1, Fraction(1), 0),
    (3, 4, 1, Fraction(1), 0),
    (4, 5, 1, Fraction(5, 2), 6),
    (5, 6, 1, Fraction(5, 2), 4),
    (6, 7, 3, Fraction(13, 2), 120),
    (7, 8, 3, Fraction(13, 2), 120),
]


@pytest.mark.parametrize(("d", "r", "first", "slope", "intercept"), NOISY)
@given(more=st.integers(0, 60), extra=noises)
@settings(max_examples=15, deadline=None)
def test_much_noise_blocks_narrow_heads(d, r, first, slope, intercept, more, extra) -> None:
    n = first + more
    assert classify_both(d, n, slope * n + intercept + extra, r).weights.infinity


@given(st.integers(3, 7), st.integers(0, 60), st.integers(0, 40))
@settings(max_examples=40, deadline=None)
def test_long_contexts_block_nothing_new(d: int, more: int, noise: int) -> None:
    n = noise + (4 if d == 3 else 0) + more
    if n >= 1:
        both = classify_both(d, n, Fraction(noise))
        assert both.weights == both.reduced


def test_the_cell_of_the_issue() -> None:
    """(4, 3, 2): benign in (omega, N), for r = 4 a local minimum at 4.6, for r = 5 none."""
    here = landscape(3, 4, Fraction(2))
    square, wide = weights_landscape(here), weights_landscape(here, 5)
    assert not here.spurious_local_minima
    assert [(part.rho, part.loss) for part in square.spurious] == [(oo, Fraction(23, 5))]
    assert square.minimum == Fraction(19, 5)
    assert (square.threshold, square.least_trace, square.enough) == (Fraction(79, 75), 1, 5)
    assert wide.benign


def test_at_equality_nothing_is_blocked() -> None:
    """(n, d, sigma2) = (2, 4, 9) has tau* = 2 = T_min(5) exactly: kernels nearby open a way."""
    assert threshold_by_hand(4, 2, Fraction(9)) == least_trace(4, 5) == 2
    assert classify_both(4, 2, Fraction(9), 5).weights.benign
    assert not classify_both(4, 2, Fraction(9) + Fraction(1, 10**9), 5).weights.benign


@pytest.mark.parametrize("wrong", [0, -1])
def test_head_dimensions_below_one_are_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        weights_landscape(landscape(2, 2, Fraction(0)), wrong)


@pytest.mark.parametrize("wrong", [2.0, True, "3"])
def test_head_dimensions_must_be_ints(wrong: object) -> None:
    with pytest.raises(TypeError, match="must be an int"):
        classify_both(2, 2, Fraction(0), wrong)  # type: ignore[arg-type]
