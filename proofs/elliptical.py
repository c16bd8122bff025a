"""Covariates that are not Gaussian: two numbers of their law are all that matters.

x = F u with a spherical law of u has E xx' = Lambda and E xxxx = kappa times the sum over pairings,
kappa = 1 for a normal law, d/(d + 2) on the sphere, more for heavy tails. The best readout is

    P = ((n - 1 + 2 kappa) Lambda + (kappa tr(Lambda Gamma) + sigma2) Gamma^-1)^-1,

and every global minimiser of any number of heads predicts x'P s. Coordinates that may be permuted
and change sign have two more constants and one rate.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import hypotheses
from proofs.shared import layer as pencil
from proofs.shared.covariances import definite_pair
from verifier.proof.context import (
    Atom,
    Definition,
    Draws,
    Field,
    Law,
    Model,
    Normal,
    Scalar,
    Slot,
    Tensor,
)
from verifier.proof.statements import By, Step
from verifier.prover.data_model import EXAMPLE, FEATURE, Sizes
from verifier.prover.layer import LayerOptions
from verifier.prover.projection import Setup
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.standard import PAIRINGS
from verifier.prover.theorem_file import Part, attacks, derivation, shows, solved
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

NEW = "new"
CLAIMS = (
    Claim(
        "minimum",
        "x = F u, E uu' = I, E uuuu = kappa (pairings), w ~ N(0, Gamma), H heads: minimum",
        NEW,
    ),
    Claim("prediction", "The same: every global minimiser predicts x'P s", NEW),
    Claim("readout", "The equation of P: Lambda, Gamma, n, sigma2 and kappa alone", NEW),
    Claim("decomposition", "L - L* is the mean squared distance to x'P s", NEW),
    Claim("sphere", "kappa = d/(d + 2), the sphere: the equation of P times d + 2", NEW),
    Claim("radius-minimum", "x = rho F z, z normal, any radius rho, H heads: minimum", NEW),
    Claim("radius-prediction", "The same: every global minimiser predicts x'P s", NEW),
    Claim(
        "coordinates-minimum",
        "Sign-permutation-invariant x, H heads: minimum",
        "new; for one head `theorem3` cube-minimum",
    ),
    Claim("coordinates-prediction", "The same: one plain GD step", "new; for one head `theorem3`"),
)


def spherical() -> SymbolicSetting:
    """x = F u; of u the moments up to order 4 that a spherical law has."""
    sizes = Sizes()
    pair = definite_pair(sizes)
    model = replace(
        pair,
        scalars=(
            *pair.scalars,
            Scalar("sigma2", Fraction(0), meaning="noise variance"),
            Scalar("kappa", Fraction(0), strict=True, meaning="E u_1^4/3"),
        ),
        laws=(Law("D", (Field("u", (FEATURE,)),), meaning="law of the whitened covariates"),),
        arrays=(
            Draws("U", "D", "u", EXAMPLE, "whitened covariates of the examples"),
            Slot("uq", "D", "u", "query", "whitened query"),
            Normal("z", (FEATURE,), meaning="standard normal"),
            Normal("e", (EXAMPLE,), "sigma2", "noise of the examples"),
            Normal("eq", (), "sigma2", "noise of the query's response"),
            *pair.arrays,
        ),
        definitions=(
            *pair.definitions,
            Definition("X", ("k", "i"), "sum[j](F[i,j]*U[k,j])", "covariates of the examples"),
            Definition("xq", ("i",), "sum[j](F[i,j]*uq[j])", "query"),
            Definition("w", ("i",), "sum[j](G[i,j]*z[j])", "task vector"),
            Definition("y", ("k",), "sum[i](X[k,i]*w[i]) + e[k]", "responses of the examples"),
            Definition("yq", (), "sum[i](xq[i]*w[i]) + eq", "response of the query, the target"),
        ),
        moments=(
            Atom("first", "E(uq[i])"),
            Atom("second", "E(uq[i]*uq[j])", "delta[i,j]"),
            Atom("third", "E(uq[i]*uq[j]*uq[l])"),
            Atom("fourth", "E(uq[i]*uq[j]*uq[l]*uq[i1])", f"kappa*({PAIRINGS})"),
        ),
        laws_at=lambda size: (_normal(),),
        numbers=(("kappa", Fraction(1)),),
    )
    return SymbolicSetting("spherical covariates", model, LayerOptions("H"))


def _normal() -> Model:
    """A standard normal u, with kappa = 1."""
    return Model("D", (Tensor("u0", (FEATURE,)),), (), (Definition("u", ("i",), "u0[i]"),))


def on_the_sphere(_setup: Setup) -> tuple[Step, ...]:
    """The equation of P for kappa = d/(d + 2), cleared of the fraction."""
    trace = "sum[i1,i2](Lambda[i1,i2]*Gamma[i1,i2])"
    K = f"(((n - 1)*(d + 2) + 2*d)*Lambda[j,l] + (d*{trace} + (d + 2)*sigma2)*Gammai[j,l])"
    moved = f"sum[j](P[i,j]*(2*Lambda[j,l] + {trace}*Gammai[j,l]))"
    return (
        pencil.identity_step(
            "sphere",
            f"sum[j](P[i,j]*{K})",
            "(d + 2)*delta[i,l]",
            By(f"-(d + 2)*sum[j](P[i,j]*optimal[j,l]) - sphere_law*{moved}"),
            (Atom("sphere_law", "(d + 2)*kappa", "d"),),
            "sphere",
        ),
    )


RADIUS = """
[covariates]
law = "elliptical"
covariance = "Lambda > 0"
[task]
covariance = "Gamma > 0"
[layer]
heads = "H"
"""
COORDINATES = '[covariates]\nlaw = "sign-permutation"\n[layer]\nheads = "H"\n'
PARTS = (
    Part(
        "spherical covariates",
        spherical(),
        {
            "minimum": "minimum",
            "prediction": "prediction",
            "optimal-P": "readout",
            "decomposition": "decomposition",
        },
        shows("minimum_loss", "prediction"),
        extra=on_the_sphere,
    ),
    Part(
        "a random radius",
        RADIUS,
        shows("minimum", "prediction", prefix="radius-"),
        shows("minimum_loss", prefix="radius_"),
    ),
    Part(
        "sign-permutation-invariant covariates",
        COORDINATES,
        shows("minimum", "prediction", prefix="coordinates-"),
        {"learning_rate": "learning_rate", "minimum_loss": "coordinates_minimum_loss"},
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layers for these covariates."""
    return derivation(PARTS, claimed)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads; each covariate has a radius of one of two sizes."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import case_of, gaussian, heads_table, mixed

    progress("descending over one to three heads")
    chances, radii = (0.2, 0.8), (2.0, 0.5)  # E rho^2 = 1, E rho^4 = 13/4
    solution, cases = solved(PARTS[0].setting, PARTS[0].name), []
    noise = float(max(options.noises))
    for d, n in ((1, 1), (1, 2), (2, 1)):
        if d not in options.dimensions and d > 1:
            continue
        Lam, Gam = (_evidence.example_covariance(d, shift).array() for shift in (0, 1))
        people = mixed(
            [
                (
                    float(np.prod([chances[m] for m in chosen])),
                    gaussian(n, noise, Lam, Gam, radii=np.array([radii[m] for m in chosen])),
                )
                for chosen in itertools.product((0, 1), repeat=n + 1)
            ]
        )
        arrays = {"F": np.linalg.cholesky(Lam), "G": np.linalg.cholesky(Gam)}
        numbers = {"sigma2": noise, "kappa": 13 / 4}
        cases.append(case_of(solution, (str(d), str(n)), people, numbers, arrays))
    table = heads_table(cases, options, ("d", "n"), ("minimum", "prediction"))
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="elliptical",
    title="Elliptical covariates: the kurtosis is all that the readout sees",
    source="this project",
    statement=(
        "For x_i = F u_i with E uu' = I, E uuuu = kappa times the sum over pairings and odd "
        "moments 0, w ~ N(0, Gamma), noise of variance sigma2, every global minimiser of H heads "
        "of linear self-attention predicts x_{n+1}' P X' y with P = ((n - 1 + 2 kappa) Lambda + "
        "(kappa tr(Lambda Gamma) + sigma2) Gamma^-1)^-1."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(
        "minimum_loss",
        "prediction",
        "learning_rate",
        "radius_minimum_loss",
        "coordinates_minimum_loss",
    ),
    numbers=(
        "minimum_loss",
        "learning_rate",
        "radius_minimum_loss",
        "coordinates_minimum_loss",
    ),
    hypotheses=(
        Hypothesis(
            "gaussian-covariates",
            "the covariates are Gaussian",
            ("elliptical", "prediction"),
            hypotheses.unlike_coordinates,
            instead="E xxxx is kappa times the sum over pairings, odd moments vanish",
            remark="P depends on kappa",
        ),
    ),
)
