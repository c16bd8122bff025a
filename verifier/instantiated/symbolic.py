"""The symbolic setting of `prove` that contains a setting of `explore`, and its numbers there.

What is asked of a law is what the symbolic setting says of it: rotations preserve x = F z for
rotation-invariant z, with E xx' = Lambda; permutations and signs preserve independent coordinates
of one law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from verifier.setting.covariance import Covariance, Matrix
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Laplace, Normal, Rademacher, StudentT, Uniform
from verifier.setting.responses import Linear, Weights

IDENTITY, INVERSE = "identity", "inverse-covariates"
COORDINATES = (Uniform, Rademacher, Laplace, StudentT)  # independent, symmetric, of one law


class NotCovered(ValueError):
    """What of a setting `prove` has no words for."""


@dataclass(frozen=True, slots=True)
class Symbolic:
    """``toml``: the symbolic setting; ``values``: its scalars, and its matrices as rows."""

    toml: str
    values: Mapping[str, Fraction | Matrix]


def symbolic(setting: Setting) -> Symbolic:
    """The symbolic setting that contains ``setting``; `NotCovered` says in one line why not."""
    response, covariates = setting.response, setting.covariates
    # Whatever else a setting can say must be left at its standard value.
    plain = Setting(
        setting.dimension,
        setting.context_length,
        Covariates(covariates.law, covariates.covariance),
        response,
        setting.noise_variance,
    )
    if setting != plain:
        raise NotCovered("only plain prompts and the standard layer are written as symbols")
    if not isinstance(response, Linear):
        raise NotCovered("[task] response: 'prove' speaks of linear responses")
    weights = response.weights
    if not isinstance(weights, Weights) or weights != Weights(weights.mean, weights.covariance):
        raise NotCovered("[task] law: 'prove' speaks of normal tasks here")
    if any(weights.mean):
        raise NotCovered("[task] mean: where it is not zero 'prove' shows a bound, no minimum")
    values: dict[str, Fraction | Matrix] = {
        "d": Fraction(setting.dimension),
        "n": Fraction(setting.context_length),
        "sigma2": setting.noise_variance,
    }
    law, matrix = _covariates(covariates, weights.covariance, values)
    task = _task(weights.covariance, matrix, values)
    return Symbolic(_text(law, matrix, task), values)


def _covariates(
    covariates: Covariates, tasks: Covariance, values: dict[str, Fraction | Matrix]
) -> tuple[str, str]:
    """The law and the covariance as symbols; their numbers are added to ``values``."""
    law, covariance = covariates.law, Covariance.full(covariates.second_moment())
    if not law.rotation_invariant:
        if not isinstance(law, COORDINATES):
            raise NotCovered(f"[covariates] law: 'prove' has no word for {law.name!r}")
        if covariates.dimension > 1:
            return _coordinates(covariates, values), IDENTITY
    if covariance.is_identity:
        symbol = IDENTITY
    else:
        values["Lambda"] = covariance.entries
        inverse = covariance.definite and tasks == covariance.inverse()
        symbol = "Lambda > 0" if inverse else "Lambda"
        if inverse:
            values["Lambdai"] = tasks.entries
    if isinstance(law, Normal):
        return law.name, symbol
    values["kappa"] = covariates.base_moment(4) / 3 / covariates.base_moment(2) ** 2
    return "rotation-invariant", symbol


def _coordinates(covariates: Covariates, values: dict[str, Fraction | Matrix]) -> str:
    """Independent coordinates of one law, and their moments."""
    scale = covariates.covariance.entries[0][0]
    if covariates.covariance != Covariance.identity(covariates.dimension, scale):
        raise NotCovered(
            f"[covariates] covariance: for {covariates.law.name!r} coordinates 'prove' speaks of "
            "multiples of the identity"
        )
    values["m2"] = scale * covariates.base_moment(2)
    values["m4"] = scale**2 * covariates.base_moment(4)
    values["m22"] = scale**2 * covariates.base_moment(2, 2)
    return "sign-permutation"


def _task(covariance: Covariance, covariates: str, values: dict[str, Fraction | Matrix]) -> str:
    """The task's covariance as a symbol."""
    if "Lambdai" in values:
        return INVERSE
    if covariance.is_identity:
        return IDENTITY
    if values.get("Lambda") == covariance.entries:
        return covariates
    values["Gamma"] = covariance.entries
    return "Gamma"


def _text(law: str, covariates: str, task: str) -> str:
    """A setting file for `prove`."""
    lines = (
        "[prompt]",
        'dimension = "d"',
        'context_length = "n"',
        "",
        "[covariates]",
        f'law = "{law}"',
        f'covariance = "{covariates}"',
        "",
        "[task]",
        f'covariance = "{task}"',
        "",
        "[noise]",
        'variance = "sigma2"',
    )
    return "".join(f"{line}\n" for line in lines)
