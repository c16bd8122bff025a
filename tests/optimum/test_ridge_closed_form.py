"""Closed forms of the Bayes risk: recurrences, limits, and routes that share no code with them."""

from fractions import Fraction
from math import cos, pi, sin

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from verifier.numeric.ridge import ridge_excess
from verifier.optimum.ridge import (
    SIGMA2,
    D,
    N,
    gradient_step_loss,
    proportional_excess,
    proportional_gradient_step,
    scalar_excess,
)

noises = st.fractions(Fraction(1, 20), 20, max_denominator=20)
ratios = st.fractions(Fraction(1, 10), 10, max_denominator=10)


@given(st.integers(1, 9), noises)
@settings(max_examples=15, deadline=None)
def test_stein_for_chi_squared(n, noise) -> None:
    """E[T g(T)] = n E g(T + chi^2_2), g = 1/(t + z): z E_n + n/z (z E_{n+2}) = z, to 25 digits.

    With x_n = z E 1/(T_n + z): E T/(T + z) = 1 - x_n = n x_{n+2} / z.
    """
    one, two = (sympy.N(scalar_excess(n + k, noise), 30) for k in (0, 2))
    z = sympy.Rational(noise.numerator, noise.denominator)
    assert abs(1 - one - n * two / z) < sympy.Float("1e-25")


@given(st.integers(1, 30), noises)
@settings(max_examples=20, deadline=None)
def test_the_closed_form_is_the_quadrature(n, noise) -> None:
    value = float(sympy.N(scalar_excess(n, noise), 20))
    assert ridge_excess(n, 1, float(noise)).value == pytest.approx(value, rel=1e-12)


def test_two_examples_by_hand() -> None:
    """n = 2: T is exponential with mean 2, so E 1/(T + 2) = 1/2 e int_1^oo e^{-u}/u du = e E_1 / 2.

    E_1(1) = 0.219383934395520... (Abramowitz, Stegun, table 5.1).
    """
    value = sympy.N(scalar_excess(2, 2) / 2, 15)
    assert float(value) == pytest.approx(2.718281828459045 * 0.219383934395520 / 2, rel=1e-12)


def test_no_noise_and_symbols() -> None:
    assert scalar_excess(3, 0) == 0
    general = scalar_excess(N, SIGMA2)
    special = general.subs({N: 3, SIGMA2: sympy.Rational(1, 2)})
    assert sympy.N(special - scalar_excess(3, Fraction(1, 2)), 20) == 0


def test_the_loss_of_one_step_is_theorem_ones() -> None:
    """sigma2 + d - n d eta with eta = 1/(n + d + 1 + sigma2), by hand from E s w', E s s'."""
    expected = SIGMA2 + D - N * D / (N + D + 1 + SIGMA2)
    assert sympy.cancel(gradient_step_loss() - expected) == 0


@given(ratios, ratios)
@settings(max_examples=10, deadline=None)
def test_the_limit_is_the_mean_over_the_marchenko_pastur_law(gamma, tau) -> None:
    """Eigenvalues of S/d, n = gamma d: density sqrt((b - l)(l - a)) / (2 pi l) on
    [a, b] = (1 -+ sqrt gamma)^2, and an atom of 1 - gamma at 0 where gamma < 1.
    """
    g, t = float(gamma), float(tau)
    low, high = (1 - g**0.5) ** 2, (1 + g**0.5) ** 2

    def integrand(angle: float) -> float:
        middle, half = (low + high) / 2, (high - low) / 2
        x = middle + half * cos(angle)
        return (half * sin(angle)) ** 2 / (2 * pi * x) * t / (x + t)

    bulk = quad(integrand, 0, pi, epsabs=1e-12, limit=200)[0]
    atom = max(0.0, 1 - g)
    assert float(sympy.N(proportional_excess(gamma, tau))) == pytest.approx(bulk + atom, abs=1e-6)


@given(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3)]), ratios)
@settings(max_examples=10, deadline=None)
def test_finite_sizes_approach_the_limit(gamma, tau) -> None:
    limit = float(sympy.N(proportional_excess(gamma, tau)))
    gaps = [
        abs(ridge_excess(int(gamma * d), d, float(tau * d)).value / d - limit) for d in (10, 20, 40)
    ]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.03


def test_limits_of_the_limit() -> None:
    """Without examples nothing is learnt; with many, tau / gamma is left; GD pays more."""
    assert proportional_excess(0, Fraction(1, 3)) == 1
    assert proportional_gradient_step(0, Fraction(1, 3)) == 1
    many = sympy.N(10**6 * proportional_excess(10**6, 2))
    assert float(many) == pytest.approx(2, rel=1e-5)
    gamma, tau = sympy.symbols("gamma tau", positive=True)
    step = proportional_gradient_step(gamma, tau)
    assert sympy.cancel(step - (1 - gamma / (1 + gamma + tau))) == 0
    for point in ((Fraction(1, 5), Fraction(1, 7)), (3, 2)):
        assert float(proportional_gradient_step(*point)) > float(proportional_excess(*point))


@given(st.integers(1, 12), st.integers(1, 12), noises)
@settings(max_examples=20, deadline=None)
def test_no_gradient_step_beats_bayes(n, d, noise) -> None:
    rational = sympy.Rational(noise.numerator, noise.denominator)
    step = float(gradient_step_loss().subs({N: n, D: d, SIGMA2: rational}))
    assert step > float(noise) + ridge_excess(n, d, float(noise)).value


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: scalar_excess(2, 0.5), TypeError, "float"),
        (lambda: scalar_excess(0, 1), ValueError, "n must be at least 1"),
        (lambda: scalar_excess(1, -1), ValueError, "sigma2 must be at least 0"),
        (lambda: proportional_excess(1, 0), ValueError, "must be positive"),
        (lambda: proportional_gradient_step(-1, 1), ValueError, "n/d must be at least 0"),
    ],
)
def test_bad_input_gets_one_line(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()
