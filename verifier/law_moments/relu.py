"""Moments of two-layer ReLU networks f(x) = c sum_k v_k relu(u_k.x) of any width m.

v_k ~ N(0, 1), u_k ~ N(0, I) independent, x ~ N(0, I); c = 1, or c^2 = 1/m if normalised. With
h_p = E[max(z, 0)^p] and kappa = E_x[relu(u.x) relu(u'.x)]:

    E[f x | f] = c h_2 sum_k v_k u_k                    so  mu   = c^2 h_2^2 m d,
    E[f^2 | x] = c^2 m h_2 |x|^2                        so  tau  = c^2 h_2 m E |x|^4,
    E[f^4 | x] = 3 c^4 (m h_4 + m (m-1) h_2^2) |x|^4        (given u, f(x) is normal),
    nu22 = E (v'Kv)^2 = E (tr K)^2 + 2 E tr K^2,  K_kl = c^2 E_x[relu(u_k.x) relu(u_l.x)].

Only E kappa^2 needs more. With theta the angle of u and u' (Cho, Saul 2009),
kappa = |u| |u'| (sin theta + (pi - theta) cos theta) / (2 pi), |u|, |u'| and theta independent and
phi = pi/2 - theta of density proportional to cos^(d-2) phi. Its characteristic function is (Cauchy)
E exp(i a phi) = G(1+nu/2)^2 / (G(1+(nu+a)/2) G(1+(nu-a)/2)), nu = d - 2, G the gamma function.
"""

from __future__ import annotations

import sympy

from verifier.law_moments.family_moments import DIMENSION, FamilyMoments

WIDTH = sympy.Symbol("m")


def relu_moments(width: int | sympy.Expr = WIDTH, normalised: bool = False) -> FamilyMoments:
    """The five moments of a ReLU network; the width may be a number or stay the symbol m.

    Raises ValueError for a width below 1.
    """
    m = sympy.sympify(width)
    if isinstance(width, bool) or not (m.is_Symbol or m.is_Integer):
        raise TypeError("the width is an integer or a symbol")
    if m.is_Integer and m < 1:
        raise ValueError(f"the width must be at least 1, not {width}")
    d = DIMENSION
    scale = 1 / m if normalised else sympy.S.One
    h2, h4 = half_moment(2), half_moment(4)
    norm4 = d * (d + 2)
    trace_squared = h2**2 * (m * norm4 + m * (m - 1) * d**2)
    squared_trace = m * h2**2 * norm4 + m * (m - 1) * kernel_second_moment()
    return FamilyMoments.with_noise(
        mu=scale * h2**2 * m * d,
        tau=scale * h2 * m * norm4,
        second=scale * h2 * m * d,
        paired=scale**2 * (trace_squared + 2 * squared_trace),
        fourth=3 * scale**2 * (m * h4 + m * (m - 1) * h2**2) * norm4,
    )


def half_moment(power: int) -> sympy.Expr:
    """E[max(z, 0)^p] for z ~ N(0, 1), p >= 1: substitute t = z^2/2 in the integral over z > 0."""
    p = sympy.Integer(power)
    return sympy.sqrt(2) ** p * sympy.gamma((p + 1) / 2) / (2 * sympy.sqrt(sympy.pi))


def kernel_second_moment() -> sympy.Expr:
    """E kappa^2 for independent u, u' ~ N(0, I_d), any d >= 1.

    With phi = pi/2 - theta, even in law, and J = sin theta + (pi - theta) cos theta
    = cos phi + (pi/2) sin phi + phi sin phi,

        E J^2 = E cos^2 + (pi^2/4) E sin^2 + E phi^2 sin^2 + 2 E phi sin cos,

    E kappa^2 = d^2 E J^2 / (4 pi^2). Under density ~ cos^nu: E cos^2 = (nu+1)/(nu+2);
    E[phi^2 cos^2] = E cos^2 times E phi^2 at nu + 2; E[phi sin cos] = E cos^2 / (nu+2) by parts.
    """
    nu = DIMENSION - 2
    cosine = (nu + 1) / (nu + 2)
    spread = _angle_variance(nu) - cosine * _angle_variance(nu + 2)
    mean = cosine + sympy.pi**2 / 4 * (1 - cosine) + spread + 2 * cosine / (nu + 2)
    return sympy.expand(DIMENSION**2 * mean / (4 * sympy.pi**2))


def _angle_variance(nu: sympy.Expr) -> sympy.Expr:
    """E phi^2 = -(d/da)^2 log E exp(i a phi) at a = 0, for density proportional to cos^nu."""
    a = sympy.Symbol("a")
    log = -sympy.loggamma(1 + (nu + a) / 2) - sympy.loggamma(1 + (nu - a) / 2)
    return -log.diff(a, 2).subs(a, 0)
