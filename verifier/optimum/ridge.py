"""The Bayes risk in closed form where there is one, beside the loss of one GD step.

Setting of Theorem 1. The loss of ridge regression with penalty sigma^2 is sigma^2 plus the excess
E ||w_ridge - w||^2 = sigma^2 E tr (S + sigma^2 I)^-1 (proved in ``proofs/ridge_bayes.py``).

d = 1: S is chi-squared with n degrees of freedom and 1/(S + z) = int_0^oo e^{-t(S + z)} dt, so that
with the transform E e^{-tS} = (1 + 2t)^{-n/2} and u = 1 + 2t

    E 1/(S + z) = 1/2 e^{z/2} int_1^oo u^{-n/2} e^{-uz/2} du = 1/2 e^{z/2} E_{n/2}(z/2),

E_k the generalised exponential integral, E_k(x) = x^{k-1} Gamma(1-k, x).

n = gamma d, sigma^2 = tau d, d -> oo: the mean of 1/(l + tau) over the eigenvalues l of S/d tends
to the positive root m of m = 1/(tau + gamma/(1 + m)) (Marchenko, Pastur 1967).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import sympy

from verifier.arithmetic.rationals import exact_number
from verifier.loss.isotropic import isotropic_form

N, D, SIGMA2 = (sympy.Symbol(name) for name in ("n", "d", "sigma2"))
Exact: TypeAlias = int | Fraction | sympy.Expr


def scalar_excess(context_length: Exact, noise: Exact) -> sympy.Expr:
    """The excess for d = 1: sigma^2/2 e^{sigma^2/2} E_{n/2}(sigma^2/2).

    Exact for every n >= 1 and sigma^2 > 0, numbers or symbols; at sigma^2 = 0 it is 0. Raises
    TypeError for floats and ValueError for numbers out of range.
    """
    n, noise = _at_least(context_length, 1, "n"), _at_least(noise, 0, "sigma2")
    if noise == 0:
        return sympy.Integer(0)
    half = noise / 2
    return half * sympy.exp(half) * sympy.expint(n / 2, half)


def gradient_step_loss() -> sympy.Expr:
    """L* of Theorem 1 in n, d, sigma2, from the derived loss: constant - d linear^2 / quadratic.

    The least of constant - 2 linear d eta + quadratic d eta^2 over eta, B = eta I.
    """
    form = isotropic_form()
    return sympy.factor(form.constant - D * form.linear**2 / form.quadratic)


def proportional_excess(ratio: Exact, noise_ratio: Exact) -> sympy.Expr:
    """The limit of excess / d for n = ratio d, sigma^2 = noise_ratio d: tau m(tau).

    m is the positive root of the quadratic that the fixed-point equation is; the product of its
    roots is -1/tau < 0, so there is exactly one. Raises as `scalar_excess`; tau must be positive.
    """
    gamma, tau = _at_least(ratio, 0, "n/d"), _at_least(noise_ratio, 0, "sigma2/d")
    if tau == 0:
        raise ValueError("sigma2/d must be positive; at 0 the limit is max(1 - n/d, 0)")
    m, g, t = sympy.symbols("m g t", positive=True)
    fixed_point = sympy.together(m - 1 / (t + g / (1 + m)))
    square, linear, constant = sympy.Poly(sympy.numer(fixed_point), m).all_coeffs()
    root = (-linear / square + sympy.sqrt((linear**2 - 4 * square * constant) / square**2)) / 2
    excess = sympy.simplify(t * root)
    return sympy.sympify(excess.subs({g: gamma, t: tau}, simultaneous=True))


def proportional_gradient_step(ratio: Exact, noise_ratio: Exact) -> sympy.Expr:
    """The limit of (L* - sigma^2) / d of one GD step for n = ratio d, sigma^2 = noise_ratio d."""
    gamma, tau = _at_least(ratio, 0, "n/d"), _at_least(noise_ratio, 0, "sigma2/d")
    excess = (gradient_step_loss() - SIGMA2) / D
    scaled = sympy.cancel(excess.subs({N: gamma * D, SIGMA2: tau * D}, simultaneous=True))
    return sympy.factor(sympy.limit(scaled, D, sympy.oo))


def _at_least(value: Exact, minimum: int, name: str) -> sympy.Expr:
    if isinstance(value, sympy.Expr) and not value.is_number:
        return value
    if isinstance(value, sympy.Rational):
        value = Fraction(int(value.p), int(value.q))
    exact = exact_number(value)
    if exact < minimum:
        raise ValueError(f"{name} must be at least {minimum}, not {exact}")
    return sympy.Rational(exact.numerator, exact.denominator)
