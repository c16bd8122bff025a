"""Wishart and example moments against hand calculations and against multiplying out."""

from fractions import Fraction
from math import prod

import pytest
import sympy
from sympy import QQ
from sympy.polys.rings import ring

from verifier.law_moments.gaussian_pair import gaussian_pair_moments
from verifier.law_moments.one_example import ExampleMoments, wishart_trace_moment
from verifier.loss.explicit import explicit_loss

N, D = sympy.symbols("n d")


def wishart_by_entries(k: int, n: int, d: int) -> Fraction:
    """Expand tr((X'X)^k) in the n d entries and replace g^m by (m-1)!!."""
    names = [f"x{i}_{j}" for i in range(n) for j in range(d)]
    polynomials, *g = ring(names, QQ)
    gram = [
        [sum((g[r * d + i] * g[r * d + j] for r in range(n)), polynomials.zero) for j in range(d)]
        for i in range(d)
    ]
    power = gram
    for _ in range(k - 1):
        power = [
            [sum((row[m] * gram[m][j] for m in range(d)), polynomials.zero) for j in range(d)]
            for row in power
        ]
    total = Fraction(0)
    for monomial, value in sum((power[i][i] for i in range(d)), polynomials.zero).items():
        if not any(e % 2 for e in monomial):
            total += int(value) * prod(prod(range(1, e, 2)) for e in monomial)
    return total


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2)])
def test_wishart_moments_equal_the_expansion(k: int, n: int, d: int) -> None:
    assert wishart_trace_moment(k).eval((n, d)) == wishart_by_entries(k, n, d)


def test_wishart_moments_by_hand() -> None:
    assert wishart_trace_moment(0) == sympy.Poly(D, N, D, domain="QQ")
    assert wishart_trace_moment(1) == sympy.Poly(N * D, N, D, domain="QQ")
    assert wishart_trace_moment(2) == sympy.Poly(N * D * (N + D + 1), N, D, domain="QQ")


@pytest.mark.parametrize("k", range(1, 9))
def test_wishart_moments_are_symmetric_and_chi_squared_at_one(k: int) -> None:
    """tr (X'X)^k = tr (XX')^k, and for d = 1 S is chi-squared: E S^k = n (n+2) ... (n+2k-2)."""
    moment = wishart_trace_moment(k)
    assert moment.as_expr().subs({N: D, D: N}, simultaneous=True).expand() == moment.as_expr()
    expected = prod((N + 2 * j for j in range(k)), start=sympy.Integer(1))
    assert sympy.Poly(moment.as_expr().subs(D, 1), N) == sympy.Poly(expected, N)
    assert moment.eval((1, 1)) == prod(range(1, 2 * k, 2))


@pytest.mark.parametrize("wrong", [-1, 1.0, True])
def test_wishart_power_is_a_natural_number(wrong: object) -> None:
    with pytest.raises(ValueError, match="non-negative integer"):
        wishart_trace_moment(wrong)


def test_isotropic_example_moments_by_hand() -> None:
    """w, x ~ N(0, I_2): E y^2 = 2 + s, E y^4 = 3 E (|w|^2 + s)^2 = 3 (8 + 4 s + s^2).

    E x_1^2 y^2 = E (|w|^2 + s) + 2 E w_1^2 = 4 + s, paired xx,yy is 2 + s, paired xy,xy is 1.
    """
    moments = gaussian_pair_moments(2)
    s = moments.target_second.ring.gens[0]
    assert moments.target_second == 2 + s
    assert moments.fourth[2, 2, 2, 2] == 3 * (8 + 4 * s + s**2)
    assert moments.fourth[0, 0, 2, 2] == moments.fourth[2, 0, 2, 0] == 4 + s
    assert moments.fourth[0, 0, 0, 0] == 3
    assert moments.fourth[0, 0, 1, 1] == moments.fourth[0, 1, 0, 1] == 1
    assert moments.paired[0, 0, 2, 2] == 2 + s
    assert moments.paired[0, 2, 0, 2] == 1
    assert (0, 2, 1, 2) not in moments.paired
    assert moments.cross[2, 0, 0] == moments.cross[0, 2, 0] == 1
    assert moments.cross.keys() == {(2, 0, 0), (0, 2, 0), (2, 1, 1), (1, 2, 1)}


def rademacher_moments() -> ExampleMoments:
    """d = 1: x = +-1, w ~ N(0, 1), no noise, y = w x: x^2 = 1, xy = w, y^2 = w^2."""
    order = {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 2}
    gaussian = {0: 1, 2: 1, 4: 3}
    paired = {
        left + right: Fraction(gaussian[order[left] + order[right]])
        for left in order
        for right in order
        if order[left] + order[right] in gaussian
    }
    return ExampleMoments(
        dimension=1,
        symbols=(),
        target_second=1,
        covariance={(0, 0): 1},
        cross={(0, 1, 0): 1, (1, 0, 0): 1},
        fourth=paired,
        paired=paired,
    )


def test_a_law_given_by_its_moments_has_a_loss() -> None:
    """With x = +-1 every example gives vv' = (1, w)(1, w)' up to sign, so G = n (1 w; w w^2).

    prediction = n x (A + c w)(a + b w); at a = c = 0 it is n b A w x: L = (1 - n b A)^2.
    At b = A = 0: n a c w x, the same; at a = A = 0: n b c w^2 x, L = 1 + 3 n^2 (b c)^2.
    """
    loss = explicit_loss(rademacher_moments())
    for n in (1, 2, 5):
        assert loss.evaluate([0], 2, [[3]], [0], n=n) == (1 - 6 * n) ** 2
        assert loss.evaluate([2], 0, [[0]], [3], n=n) == (1 - 6 * n) ** 2
        assert loss.evaluate([0], 2, [[0]], [3], n=n) == 1 + 3 * n**2 * 36


def test_example_moments_are_checked() -> None:
    good = rademacher_moments()
    fields = {name: getattr(good, name) for name in ExampleMoments.__slots__}
    with pytest.raises(ValueError, match="no entry"):
        ExampleMoments(**fields | {"covariance": {(0, 1): 1}})
    with pytest.raises(TypeError, match="float"):
        ExampleMoments(**fields | {"target_second": 0.5})
    foreign = ring("mu", QQ)[1]
    with pytest.raises(ValueError, match="polynomial ring"):
        ExampleMoments(**fields | {"target_second": foreign})
