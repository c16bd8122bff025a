"""A setting written as the setting file that means it: the inverse of `setting_file` (floor 1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.laws import Radial, StudentT
from verifier.setting.layer import LayerVariant
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import Linear, Polynomial, ReluNetwork, SingleIndex, Weights


def setting_text(setting: Setting) -> str:
    """The TOML of ``setting``; '' for a response that setting files cannot say.

    ``parse_setting`` of it gives the setting again; every number is exact.
    """
    response = _response(setting)
    if not response or setting.layer_variant != LayerVariant():
        return ""
    law = setting.covariates.law
    covariates = [f'law = "{law.name}"']
    if isinstance(law, StudentT):
        covariates.append(f"degrees_of_freedom = {_number(law.degrees_of_freedom)}")
    if isinstance(law, Radial):
        moments = f'"2" = {_number(law.second)}, "4" = {_number(law.fourth)}'
        covariates.append(f"radius_moments = {{ {moments} }}")
    covariates.append(f"covariance = {_matrix(setting.covariates.covariance)}")
    lines = [
        "[prompt]",
        f"dimension = {setting.dimension}",
        f"context_length = {setting.context_length}",
        "[covariates]",
        *covariates,
        "[task]",
        *response,
        "[noise]",
        f"variance = {_number(setting.noise_variance)}",
    ]
    return "\n".join(lines) + "\n"


def _response(setting: Setting) -> list[str]:
    response = setting.response
    if isinstance(response, ReluNetwork):
        normalised = "true" if response.normalised else "false"
        inner = f'network = "relu", width = {response.width}, normalised = {normalised}'
        return [f"response = {{ {inner} }}"]
    if isinstance(response, Linear):
        return [*_weights(response.weights), 'response = "linear"']
    if isinstance(response, SingleIndex):
        link = response.link
        if isinstance(link, Polynomial):
            return [*_weights(response.weights), f'response = "{_polynomial(link.coefficients)}"']
        if isinstance(link, ExpressionLink):
            return [*_weights(response.weights), f"response = {json.dumps(link.text)}"]
    return []


def _weights(weights: Weights) -> list[str]:
    mean = _list(weights.mean) if any(weights.mean) else '"zero"'
    return [f"mean = {mean}", f"covariance = {_matrix(weights.covariance)}"]


def _polynomial(coefficients: Sequence[Fraction]) -> str:
    return " + ".join(f"({c})*t^{k}" for k, c in enumerate(coefficients) if c) or "0"


def _matrix(covariance: Covariance) -> str:
    if covariance.is_identity:
        return '"identity"'
    entries = covariance.entries
    size = range(covariance.dimension)
    if not any(entries[i][j] for i in size for j in size if i != j):
        return _list([entries[i][i] for i in size])
    return f"[{', '.join(map(_list, entries))}]"


def _list(values: Sequence[Fraction]) -> str:
    return f"[{', '.join(map(_number, values))}]"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else f'"{value}"'
