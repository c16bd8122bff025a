"""Numerical evidence for Theorem 3: every family through the real transformer, SciPy, quadrature.

The exact loss of a family is the explicit polynomial of ``verifier.loss.explicit`` at its five
moments, so that agreement of the transformer on sampled prompts tests moments and loss at once.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import evidence as _evidence
from verifier.theorem.theorem import Derivation, Options, Progress, Table

if TYPE_CHECKING:
    from verifier.setting.covariates import Covariates
    from verifier.setting.responses import Response

# Sums of high powers of normal variables need far more prompts than are sampled here before a
# batch mean is spread evenly about its expectation, so these are sampled at the minimiser only.
HEAVY = ("cubic", "even")
OPTIMISED = ("sine", "relu 4", "radial")


def families(d: int) -> dict[str, Response]:
    """The families that are sampled, by name."""
    from verifier.setting.responses import (
        Linear,
        Polynomial,
        RadialPolynomial,
        ReluNetwork,
        Sine,
        SingleIndex,
        Sum,
        Weights,
    )

    w = Weights.standard(d)
    return {
        "linear": Linear(w),
        "cubic": SingleIndex(Polynomial.of(0, 1, 0, "1/12"), w),
        "mixed": SingleIndex(Polynomial.of(0, 1, "1/4"), w),
        "even": SingleIndex(Polynomial.of(0, 0, 1), w),
        "sine": SingleIndex(Sine.of(1), w),
        "relu 4": ReluNetwork(4),
        "radial": Sum((RadialPolynomial.of(0, "1/2"), Linear(w))),
    }


def tables(derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The families' moments, SciPy, Monte Carlo, quadrature, and covariates on the cube."""
    progress("the moments of the families")
    listed, cases = _families(derivation, options)
    names = ("family", "d", "n", "sigma2")
    progress("optimising the exact loss")
    fewer = replace(options, starts=max(4, options.starts // 5))
    optimised = _evidence.optimisation_table(
        [c for c in cases if c.label[0] in OPTIMISED], fewer, names
    )
    progress("sampling prompts through the transformer")
    sampled = _evidence.monte_carlo_table(
        cases, options, names, only_minimum=lambda case: case.label[0] in HEAVY
    )
    progress("quadrature")
    return (listed, optimised, sampled, quadrature_table(), cube_table(derivation, options))


def _families(derivation: Derivation, options: Options) -> tuple[Table, list[_evidence.Case]]:
    """mu, tau, eta and L* of every family at every size, and the same as cases."""
    import numpy as np

    from verifier.law_moments.families import family_moments
    from verifier.law_moments.family_moments import family_example_moments
    from verifier.loss.explicit import explicit_loss
    from verifier.setting.covariance import Covariance
    from verifier.setting.covariates import Covariates
    from verifier.setting.data import Setting
    from verifier.setting.laws import Normal

    losses = {d: explicit_loss(family_example_moments(d)) for d in options.dimensions}
    rows, cases = [], []
    moments = {name: family_moments(response) for name, response in families(1).items()}
    for d, n, noise in _evidence.grid(options):
        normal = Covariates(Normal(), Covariance.identity(d))
        for name, response in families(d).items():
            values = moments[name].at(d, noise).symbol_values(d)
            scalars = {"n": Fraction(n), "d": Fraction(d), **values}
            rate, minimum = (
                float(_evidence.number(derivation.results[key], scalars))
                for key in ("learning_rate", "minimum_loss")
            )
            label = (name, str(d), str(n), str(noise))
            setting = Setting(d, n, normal, response, noise)
            loss = losses[d].numeric(n, values=values)
            cases.append(_evidence.Case(label, setting, loss, minimum, rate * np.eye(d)))
            numbers = (d * values["mubar"], d * values["taubar"], rate, minimum)
            rows.append((*label, *(f"{float(x):.6g}" for x in numbers)))
    columns = ("family", "d", "n", "sigma2", "mu", "tau", "eta", "L*")
    words = (
        "cubic: t + t^3/12, mixed: t + t^2/4, even: t^2 with t = w'x; sine: sin(w'x); "
        "relu 4: 4 hidden units; radial: |x|^2/2 + w'x"
    )
    return Table("Families: exact moments", columns, tuple(rows), None, words), cases


def quadrature_table() -> Table:
    """What no proof here covers: the sine's moments, and E (E[y^2 | f])^2 of networks.

    Gauss-Hermite in z, Gauss-Laguerre in ||w||^2 / 2, Gauss-Legendre in the angle of two units.
    """
    import numpy as np
    import sympy
    from scipy.special import roots_genlaguerre

    from verifier.law_moments.family_moments import DIMENSION
    from verifier.law_moments.relu import kernel_second_moment
    from verifier.law_moments.single_index import LinkFunction, single_index_moments

    sine = single_index_moments(LinkFunction.sine(1))
    kernel = kernel_second_moment()
    z, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()
    angle, step = np.polynomial.legendre.leggauss(200)
    angle = (angle + 1) * np.pi / 2
    rows, passed = [], True
    for d in (2, 3, 5):
        half, mass = roots_genlaguerre(60, d / 2 - 1)
        mass = mass / mass.sum()
        values = np.sin(np.sqrt(2 * half)[:, None] * z)
        density = step * np.sin(angle) ** (d - 2)
        arc = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
        found = {
            "sine: mu": (sine.mu, mass @ ((values * z) @ weight) ** 2),
            "sine: tau": (sine.tau, mass @ ((values**2 * (z**2 + d - 1)) @ weight)),
            "relu: E kappa^2": (kernel, d**2 * (density @ arc**2) / density.sum()),
        }
        for name, (exact, quadrature) in found.items():
            value = float(exact.subs({DIMENSION: d, sympy.Symbol("sigma2"): 0}).evalf(18))
            gap = abs(float(quadrature) - value)
            passed = passed and gap <= 1e-9 * max(1.0, abs(value))
            rows.append((name, str(d), f"{value:.12g}", f"{gap:.1e}"))
    return Table(
        "Closed forms against quadrature, without noise",
        ("moment", "d", "closed form", "difference"),
        tuple(rows),
        passed,
    )


def cube_table(derivation: Derivation, options: Options) -> Table:
    """Linear responses with uniform and Rademacher covariates: L* and stationarity at eta."""
    import numpy as np

    from verifier.numeric.agreement import agreement_test
    from verifier.numeric.montecarlo import Check, compare, stationarity_checks
    from verifier.setting.data import Setting
    from verifier.setting.layer import ReducedParameters
    from verifier.setting.responses import Linear, Weights

    rng = np.random.default_rng([options.seed, 4])
    rows, comparisons = [], []
    for d, n, noise in _evidence.grid(options):
        for name, covariates in _cube_laws(d):
            scalars = _cube_moments(covariates) | {
                "n": Fraction(n),
                "d": Fraction(d),
                "sigma2": noise,
            }
            rate, minimum = (
                float(_evidence.number(derivation.results[key], scalars))
                for key in ("cube_learning_rate", "cube_minimum_loss")
            )
            setting = Setting(d, n, covariates, Linear(Weights.standard(d)), noise)
            best = ReducedParameters(np.zeros(d), 1.0, rate * np.eye(d), np.zeros(d))
            nothing = ReducedParameters(np.zeros(d), 0.0, np.zeros((d, d)), np.zeros(d))
            # Against the loss of predicting 0, so that L* = 0 is met to rounding as well.
            gain = minimum - float(d * scalars["m2"] + noise)
            checks = [
                Check("L* - E y^2", best.full(rng), gain, nothing.full(rng)),
                *stationarity_checks(best, rng, directions=0),
            ]
            for found in compare(setting, checks, rng, options.samples):
                comparisons.append(found)
                rows.append(
                    (
                        *(name, str(d), str(n), str(noise), f"{rate:.6g}", found.label),
                        *(f"{found.claimed:.6g}", f"{found.estimate:.6g}", f"{found.z:+.2f}"),
                    )
                )
    test = agreement_test(comparisons)
    columns = ("covariates", "d", "n", "sigma2", "eta", "what", "exact", "estimate", "z")
    note = f"{options.samples} prompts each; false-alarm rate {test.false_alarm_rate:g}"
    title = "Covariates on the cube through the unreduced transformer"
    return Table(title, columns, tuple(rows), test.agrees, note)


def _cube_laws(d: int) -> tuple[tuple[str, Covariates], ...]:
    from verifier.setting.covariance import Covariance
    from verifier.setting.covariates import Covariates
    from verifier.setting.laws import Rademacher, Uniform

    identity = Covariance.identity(d)
    return (
        ("uniform", Covariates(Uniform(), identity)),
        ("rademacher", Covariates(Rademacher(), identity)),
    )


def _cube_moments(covariates: Covariates) -> dict[str, Fraction]:
    """m2, m4 and m22; in d = 1 there is no second coordinate and m22 does not enter."""
    mixed = covariates.base_moment(2, 2) if covariates.dimension > 1 else Fraction(0)
    return {
        "m2": covariates.base_moment(2),
        "m4": covariates.base_moment(4),
        "m22": mixed,
    }
