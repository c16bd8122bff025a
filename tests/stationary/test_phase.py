"""Phases agree with the full landscape; the claims for all n, d, sigma2 hold where evaluated."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.stationary.phase import (
    Phase,
    boundary,
    classify,
    grid_over_noise,
    primitive_slope,
)
from verifier.stationary.phase_claims import _claim, claims
from verifier.stationary.reduction import derived_form, reduction, symbolic_form
from verifier.stationary.regions import RHO, SHIFTED, SIGMA2, D, K, N
from verifier.stationary.stationary_points import landscape

noises = st.fractions(min_value=0, max_value=80, max_denominator=4)


@pytest.fixture(scope="module")
def all_claims():
    return claims(derived_form())


@given(st.integers(1, 6), st.integers(1, 120), noises)
@settings(max_examples=30, deadline=None)
def test_the_phase_is_that_of_the_full_landscape(d, n, noise) -> None:
    found = landscape(d, n, noise).stationary
    local = [component for component in found if component.type == "local minimum"]
    interior = [c for c in local if isinstance(c.rho, AlgebraicNumber)]
    assert classify(d, n, noise) == Phase(len(interior), len(local) > len(interior))


def test_double_roots_of_the_slope_are_no_minima() -> None:
    from verifier.stationary.phase import sign_changes

    # Of (x - 1)^2 (x + 1), then (x - 1)^3 (x - 2), then (x - 1)(x - 2)(x - 3).
    assert sign_changes((1, -1, -1, 1)) == 0
    assert sign_changes((2, -7, 9, -5, 1)) == 2
    assert sign_changes((-6, 11, -6, 1)) == 3


def test_grids_are_rows_of_cells() -> None:
    noises = [Fraction(0), Fraction(30)]
    assert grid_over_noise(3, [1, 30], noises) == tuple(
        tuple(classify(3, n, noise) for n in (1, 30)) for noise in noises
    )


def test_every_claim_is_proved(all_claims) -> None:
    assert [claim.name for claim in all_claims if not claim.proved] == []
    assert len({claim.name for claim in all_claims}) == len(all_claims)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_claims_hold_where_their_expression_is_evaluated(all_claims, data) -> None:
    """Another route to each sign: substitute rational numbers into the expression itself."""
    claim = data.draw(st.sampled_from(all_claims))
    values = {
        symbol: sympy.Rational(data.draw(st.fractions(0, 20, max_denominator=3)))
        for symbol in SHIFTED
    }
    at = {symbol: sympy.sympify(v).subs(values) for symbol, v in claim.substitution.items()}
    assert sympy.expand(claim.expression.subs(at, simultaneous=True)) > 0


def test_claims_that_are_too_strong_are_not_proved(all_claims) -> None:
    """The same machinery on false statements: n >= d^2 is not enough, d = 5 is not enough."""
    slope = primitive_slope(derived_form()).as_expr()
    n_, d_, s_, r_, _ = SHIFTED
    two, five = {D: 2 + d_, SIGMA2: s_}, {N: 1 + n_, D: 5 + d_, SIGMA2: s_}
    false = [
        (-slope, {**two, N: (2 + d_) ** 2 + n_, RHO: 2 * K.subs(two)}),
        (slope, {**five, RHO: K.subs(five) + r_}),
        (-slope, {N: 1 + n_, D: sympy.Integer(3), SIGMA2: s_, RHO: 3 * (3 + s_)}),
    ]
    assert not any(_claim("false", "false", *pair).proved for pair in false)


@given(st.integers(1, 80), noises)
@settings(max_examples=40, deadline=None)
def test_the_plane_is_never_benign_and_the_line_always(n, noise) -> None:
    assert not classify(2, n, noise).benign
    assert classify(1, n, noise).benign


@given(st.integers(2, 8), st.integers(0, 40), st.fractions(0, 8, max_denominator=3))
@settings(max_examples=40, deadline=None)
def test_long_contexts_are_never_benign_and_the_gap_shrinks(d, extra, noise) -> None:
    k = d + noise
    n = -(-5 * k * k // 1) + extra
    assert not classify(d, n, noise).benign
    n = -(-9 * k * k // 1) + extra
    gap = landscape(d, n, noise).gap
    assert gap is not None
    assert gap.image((0, 0, 1)) < Fraction((6 * d) ** 2, n)


@given(st.integers(5, 20), st.fractions(0, 60, max_denominator=3), st.data())
@settings(max_examples=30, deadline=None)
def test_high_dimensions_are_benign_up_to_three_d_squared(d, noise, data) -> None:
    n = data.draw(st.integers(1, 3 * d * d + int(noise)))
    assert classify(d, n, noise).benign


@given(st.integers(1, 60), st.fractions(0, 40, max_denominator=3))
@settings(max_examples=40, deadline=None)
def test_much_noise_at_dimensions_three_and_four(n, extra) -> None:
    assert classify(3, n, 3 * n + 10 + extra).infinity
    assert classify(4, n, 7 * n + 120 + extra).infinity == (n >= 3)
    if n <= 2:
        assert classify(4, n, extra).benign


def test_the_slope_splits_as_the_documentation_says() -> None:
    """F = (d - 1) g2 det^2 - P (G rho^2 - g4) (Q + g2 rho)^2 and det = Q q(rho) + P rho."""
    form, found = symbolic_form(), reduction()
    cross = form.g1 + form.g2
    product = cross * form.g4 - form.g3**2
    scalar, minor = (polynomial.as_expr() for polynomial in found.convexity)
    by_hand = (D - 1) * form.g2 * minor**2 - product * (cross * RHO**2 - form.g4) * scalar**2
    assert sympy.expand(found.slope.as_expr() - by_hand) == 0
    square = cross * RHO**2 - 2 * form.g3 * RHO + form.g4
    assert sympy.expand(minor - form.quadratic * square - product * RHO) == 0
    assert sympy.expand(scalar - form.quadratic - form.g2 * RHO) == 0


def test_the_boundary_multiplies_to_the_discriminant_at_numbers() -> None:
    found = boundary()
    slope = primitive_slope(derived_form())
    ratios = set()
    for n, d, noise in [(3, 2, 1), (7, 3, 2), (20, 5, 0), (2, 4, 9)]:
        at = {N: n, D: d, SIGMA2: noise}
        assert found.infinity.subs(at) == slope.LC().subs(at)
        product = sympy.prod(factor.subs(at) ** power for factor, power in found.discriminant)
        direct = sympy.Poly(slope.as_expr().subs(at), RHO).discriminant()
        ratios.add(sympy.Rational(direct, product))
    assert len(ratios) == 1


def test_the_tie_at_infinity_lies_on_the_boundary() -> None:
    # n = 2, d = 2, sigma2 = 1: k = 3, m = 6, and by hand the leading coefficient is
    # (d - 1)(n + 2) m^2 - 4 (k - 1)((n + 1) k + 1) - 2 d (n + 2)^2 = 144 - 80 - 64 = 0.
    assert boundary().infinity.subs({N: 2, D: 2, SIGMA2: 1}) == 0
    found = landscape(2, 2, Fraction(1)).stationary[-2]
    assert (found.type, found.index, found.nullity, found.dimension) == ("local minimum", 0, 3, 2)


def test_the_compact_form_of_the_slope_in_the_documentation() -> None:
    """F / (n^5 (n + 2)) with k = d + sigma2, m = n + 1 + k, as worked out by hand there."""
    k, n, d = D + SIGMA2, N, D
    m = n + 1 + k
    p = 4 * (k - 1) * ((n + 1) * k + 1) + 2 * d * (n + 2) ** 2
    e = 2 * k**2 - 2 * (n + 1) * k - 4 + 2 * d * (n + 2)
    second = k**2 + 2 * d
    minor = m * (RHO**2 + second) + e * RHO
    by_hand = (d - 1) * (n + 2) * minor**2 - p * (RHO**2 - second) * (m + RHO) ** 2
    assert sympy.expand(primitive_slope(derived_form()).as_expr() - by_hand) == 0
