"""Exact moments of response families against quadrature, sampling and independent derivations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.law_moments.families import family_moments
from verifier.law_moments.family_moments import FamilyMoments, family_example_moments
from verifier.law_moments.radial import radial_mean, radial_plus_linear_moments
from verifier.law_moments.relu import half_moment, kernel_second_moment, relu_moments
from verifier.law_moments.single_index import LinkFunction, single_index_moments
from verifier.loss.expected_loss import expected_loss
from verifier.loss.explicit import explicit_loss
from verifier.setting.covariance import Covariance
from verifier.setting.responses import (
    Linear,
    NumericLink,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    Response,
    Sine,
    SingleIndex,
    Sum,
    Weights,
)

d, s2, m, R = sympy.symbols("d sigma2 m R")
small = st.fractions(min_value=-2, max_value=2, max_denominator=3)


def quadrature(g: Callable[[np.ndarray], np.ndarray], dimension: int) -> tuple[float, ...]:
    """mu, tau, nu2, nu22, nu4 of g(w.x) without noise, by Gauss-Legendre in r = |w| and z."""
    node, step = np.polynomial.legendre.leggauss(400)
    r, z = 6 * (node + 1), 12 * node
    mass = step * r ** (dimension - 1) * np.exp(-(r**2) / 2)
    weight = step * np.exp(-(z**2) / 2)
    mass, weight = mass / mass.sum(), weight / weight.sum()
    value = g(r[:, None] * z)
    return (
        mass @ ((value * z) @ weight) ** 2,
        mass @ ((value**2 * (z**2 + dimension - 1)) @ weight),
        mass @ (value**2 @ weight),
        mass @ (value**2 @ weight) ** 2,
        mass @ (value**4 @ weight),
    )


def numbers(moments: FamilyMoments, dimension: int, noise: Fraction) -> tuple[float, ...]:
    """The five moments as floats."""
    found = moments.at(dimension, noise)
    return tuple(
        float(x.evalf(20)) for x in (found.mu, found.tau, found.nu2, found.nu22, found.nu4)
    )


@pytest.mark.parametrize("dimension", [1, 2, 3, 5])
@pytest.mark.parametrize(
    ("link", "g"),
    [
        (LinkFunction.sine(1), np.sin),
        (LinkFunction.sine(Fraction(3, 4)), lambda t: np.sin(0.75 * t)),
        (LinkFunction.cosine(1), np.cos),
        (LinkFunction.exponential(Fraction(1, 9)), lambda t: np.exp(t / 9)),
        (LinkFunction.polynomial(1, -2, 0, Fraction(1, 3)), lambda t: 1 - 2 * t + t**3 / 3),
        (
            LinkFunction.polynomial(0, 1) * LinkFunction.sine(1) + LinkFunction.polynomial(2),
            lambda t: t * np.sin(t) + 2,
        ),
    ],
)
def test_single_index_moments_are_those_of_quadrature(
    link: LinkFunction, g: Callable[[np.ndarray], np.ndarray], dimension: int
) -> None:
    exact = numbers(single_index_moments(link), dimension, Fraction(0))
    assert exact == pytest.approx(quadrature(g, dimension), rel=1e-9, abs=1e-12)


@given(st.lists(small, min_size=1, max_size=4), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_any_polynomial_link(coefficients: list[Fraction], dimension: int) -> None:
    exact = numbers(
        single_index_moments(LinkFunction.polynomial(*coefficients)), dimension, Fraction(0)
    )
    powers = [float(c) for c in coefficients]
    assert exact == pytest.approx(
        quadrature(lambda t: np.polynomial.polynomial.polyval(t, powers), dimension),
        rel=1e-8,
        abs=1e-9,
    )


def test_linear_moments_by_hand() -> None:
    """m = w; E (w.x)^2 |x|^2 = E |x|^4 = d (d+2); E[y^2|w] = |w|^2 + s2 = v; E[y^4|w] = 3 v^2."""
    found = family_moments(Linear(Weights.standard(3)))
    assert sympy.expand(found.mu - d) == 0
    assert sympy.expand(found.tau - (d * (d + 2) + s2 * d)) == 0
    assert sympy.expand(found.nu2 - (d + s2)) == 0
    assert sympy.expand(found.nu22 - (d * (d + 2) + 2 * s2 * d + s2**2)) == 0
    assert sympy.expand(found.nu4 - 3 * (d * (d + 2) + 2 * s2 * d + s2**2)) == 0


def test_even_links_carry_no_signal() -> None:
    for link in (LinkFunction.polynomial(1, 0, 3), LinkFunction.cosine(2)):
        assert single_index_moments(link).mu == 0
    assert family_moments(RadialPolynomial.of(1, 2)).mu == 0


def test_the_sine_with_a_symbolic_frequency() -> None:
    """E[sin(omega t) x | w] = omega w exp(-omega^2 |w|^2 / 2), so
    mu = omega^2 E |w|^2 exp(-omega^2 |w|^2), and sin^2 = (1 - cos(2 omega t)) / 2.
    """
    omega = sympy.Symbol("omega", positive=True)
    found = single_index_moments(LinkFunction.sine(omega))
    moment = sympy.Symbol("s")
    generating = (1 - 2 * moment) ** (-d / 2)
    mu = omega**2 * generating.diff(moment).subs(moment, -(omega**2))
    nu2 = (1 - generating.subs(moment, -2 * omega**2)) / 2 + s2
    at = {omega: sympy.Rational(2, 3), d: 4, s2: 1}
    assert sympy.simplify((found.mu - mu).subs(at)) == 0
    assert sympy.simplify((found.nu2 - nu2).subs(at)) == 0


def test_a_scaled_task_is_a_stretched_link() -> None:
    """w ~ N(0, 4 I) with g(t) is w ~ N(0, I) with g(2 t)."""
    wide = Weights.centred(Covariance.identity(2, 4))
    left = family_moments(SingleIndex(Polynomial.of(1, 0, "1/2", 1), wide))
    right = family_moments(SingleIndex(Polynomial.of(1, 0, 2, 8), Weights.standard(2)))
    assert left == right


@pytest.mark.parametrize("rate", [Fraction(1, 4), Fraction(-1, 3), Fraction(1)])
def test_moments_that_do_not_exist_are_named(rate: Fraction) -> None:
    """E exp(4 rate t) = E exp(8 rate^2 |w|^2) is finite only if 16 rate^2 < 1."""
    with pytest.raises(ValueError, match=r"the moment .* does not exist"):
        single_index_moments(LinkFunction.exponential(rate))


def test_the_first_missing_moment_is_the_one_named() -> None:
    with pytest.raises(ValueError, match="nu4 = E y\\^4"):
        single_index_moments(LinkFunction.exponential(Fraction(1, 4)))
    with pytest.raises(ValueError, match="mu = "):
        single_index_moments(LinkFunction.exponential(1))


def test_half_moments_by_parity() -> None:
    """relu(z)^2 = (z^2 + z|z|)/2 and relu(z)^4 = (z^4 + z^3|z|)/2: half of 1 and of 3."""
    assert half_moment(2) == sympy.Rational(1, 2)
    assert half_moment(4) == sympy.Rational(3, 2)
    assert sympy.simplify(half_moment(1) - 1 / sympy.sqrt(2 * sympy.pi)) == 0


def test_the_kernel_of_two_units_in_one_dimension_by_hand() -> None:
    """d = 1: u, u' have one sign with probability 1/2, and then kappa = u u' / 2: 1/2 * 1/4."""
    assert sympy.simplify(kernel_second_moment().subs(d, 1)) == sympy.Rational(1, 8)


@pytest.mark.parametrize("dimension", [2, 3, 4, 7])
def test_the_kernel_of_two_units_by_integrating_over_the_angle(dimension: int) -> None:
    angle, step = np.polynomial.legendre.leggauss(200)
    angle = (angle + 1) * np.pi / 2
    density = step * np.sin(angle) ** (dimension - 2)
    kernel = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
    found = dimension**2 * (density @ kernel**2) / density.sum()
    assert float(kernel_second_moment().subs(d, dimension).evalf(18)) == pytest.approx(found, 1e-11)


def test_relu_width_one_is_half_a_linear_family_in_the_second_moment() -> None:
    """E[f^2 | x] = m |x|^2 / 2 and m_f = sum v_k u_k / 2; normalising divides by the width."""
    found, wide = relu_moments(), relu_moments(normalised=True)
    assert sympy.expand(found.mu - m * d / 4) == 0
    assert sympy.expand(found.tau - (m * d * (d + 2) / 2 + s2 * d)) == 0
    assert sympy.expand(wide.mu - d / 4) == 0
    assert sympy.expand(wide.tau - (d * (d + 2) / 2 + s2 * d)) == 0


def test_a_wide_normalised_network_is_a_gaussian_process() -> None:
    """As m grows, given x, f is N(0, |x|^2 / 2): E f^4 -> 3 E |x|^4 / 4."""
    fourth = sympy.limit(relu_moments(normalised=True).nu4.subs({d: 3, s2: 0}), m, sympy.oo)
    assert fourth == sympy.Rational(3 * 3 * 5, 4)


@pytest.mark.parametrize("width", [0, -1])
def test_a_width_must_be_positive(width: int) -> None:
    with pytest.raises(ValueError, match="width must be at least 1"):
        relu_moments(width)


def test_radial_moments_are_those_of_norms() -> None:
    """E |x|^4 = d (d+2), E |x|^6 = d (d+2)(d+4)."""
    assert sympy.expand(radial_mean(R**2) - d * (d + 2)) == 0
    assert sympy.expand(radial_mean(R**3) - d * (d + 2) * (d + 4)) == 0


def test_without_a_radial_part_it_is_the_linear_family() -> None:
    assert radial_plus_linear_moments([0], 1) == family_moments(Linear(Weights.standard(2)))


def _families(size: int) -> list[Response]:
    w = Weights.standard(size)
    return [
        Linear(w),
        SingleIndex(Polynomial.of(1, 1, "1/4"), w),
        SingleIndex(Sine.of("3/2"), w),
        ReluNetwork(3),
        ReluNetwork(5, True),
        Sum((RadialPolynomial.of(1, "-1/3"), Linear(w))),
    ]


@pytest.mark.parametrize("index", range(6))
def test_moments_agree_with_sampled_functions(index: int) -> None:
    """mu = E f(x) f(x') x.x' and nu22 = E f(x)^2 f(x')^2 for two points of one function."""
    rng = np.random.default_rng(index)
    response = _families(3)[index]
    x = rng.standard_normal((200_000, 2, 3))
    f = response.sample_tasks(rng, len(x), 3).evaluate(x)
    samples = (
        f[:, 0] * f[:, 1] * (x[:, 0] * x[:, 1]).sum(axis=1),
        (f**2 * (x**2).sum(axis=2)).mean(axis=1),
        (f**2).mean(axis=1),
        (f[:, 0] * f[:, 1]) ** 2,
        (f**4).mean(axis=1),
    )
    exact = numbers(family_moments(response), 3, Fraction(0))
    for sample, value in zip(samples, exact, strict=True):
        error = sample.std() / len(sample) ** 0.5
        assert abs(sample.mean() - value) < 6 * error


def test_noise_enters_as_independent_normal_noise() -> None:
    """The linear family with noise is the linear family of w and one more input: y = w.x + e."""
    found = family_moments(Linear(Weights.standard(2))).at(2, Fraction(1, 3))
    assert found.nu2 == 2 + sympy.Rational(1, 3)
    assert found.nu4 == 3 * (8 + 2 * 2 * sympy.Rational(1, 3) + sympy.Rational(1, 9))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_linear_family_has_the_loss_of_the_gaussian_pair(dimension: int) -> None:
    """The same polynomial as the explicit route from Gaussian moments, at n symbolic."""
    noise = Fraction(2, 5)
    values = family_moments(Linear(Weights.standard(dimension))).at(dimension, noise)
    family = explicit_loss(family_example_moments(dimension)).specialise(
        values=values.symbol_values(dimension)
    )
    pair = expected_loss(dimension, None, noise, method="explicit")
    ours = {k[: (dimension + 1) ** 2 + 1]: v for k, v in family.polynomial.items()}
    theirs = {k[: (dimension + 1) ** 2 + 1]: v for k, v in pair.as_polynomial().items()}
    assert ours == theirs


@given(st.integers(2, 3), st.data())
@settings(max_examples=15, deadline=None)
def test_family_losses_are_invariant_under_rotations(size: int, data: st.DataObject) -> None:
    """A -> R A R', a -> R a, c -> R c for R = (I - K)(I + K)^-1, K skew (Cayley)."""
    entries = st.lists(small, min_size=size, max_size=size)
    a, c = (sympy.Matrix([*map(rational, data.draw(entries))]) for _ in range(2))
    A = sympy.Matrix([[*map(rational, data.draw(entries))] for _ in range(size)])
    K = sympy.zeros(size)
    for i in range(size):
        for j in range(i):
            K[i, j] = rational(data.draw(small))
            K[j, i] = -K[i, j]
    rotation = (sympy.eye(size) - K) * (sympy.eye(size) + K).inv()
    values = {"mubar": Fraction(1, 3), "taubar": 5, "nu2": 2, "nu22": 9, "nu4": 40}
    loss = explicit_loss(family_example_moments(size))

    def at(a: sympy.Matrix, A: sympy.Matrix, c: sympy.Matrix) -> Fraction:
        return loss.evaluate(
            [fraction(x) for x in a],
            Fraction(2, 3),
            [[fraction(x) for x in A.row(i)] for i in range(size)],
            [fraction(x) for x in c],
            n=3,
            values=values,
        )

    assert at(a, A, c) == at(rotation * a, rotation * A * rotation.T, rotation * c)


def rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def fraction(value: sympy.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def test_families_without_closed_moments_are_refused() -> None:
    with pytest.raises(ValueError, match="no exact moments are known"):
        family_moments(SingleIndex(NumericLink(np.tanh, "tanh"), Weights.standard(2)))
    with pytest.raises(ValueError, match="rotation invariant"):
        family_moments(Linear(Weights.centred(Covariance.diagonal([1, 2]))))
    with pytest.raises(ValueError, match="rotation invariant"):
        family_moments(Linear(Weights.normal([1, 0], Covariance.identity(2))))


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        LinkFunction.polynomial(0, 0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        LinkFunction.sine(sympy.Float(0.5))
