"""A setting written as the setting file that means it: the inverse of `setting_file`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction

from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels
from verifier.setting.laws import BaseLaw, Normal, Radial, Sparse, StudentT
from verifier.setting.layer import LayerVariant
from verifier.setting.mixtures import MixedWeights
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    TaskLaw,
    Weights,
)


def setting_text(setting: Setting) -> str:
    """The TOML of ``setting``; '' for a response that setting files cannot say.

    ``parse_setting`` of it gives the setting again; every number is exact.
    """
    response = _response(setting.response)
    if not response or setting.layer_variant != LayerVariant():
        return ""
    covariates = _law(setting.covariates.law)
    if not setting.covariates.centred:
        covariates.append(f"mean = {exact_list(setting.covariates.mean)}")
    if setting.covariate_mixture:
        parts = [
            f"{{ weight = {exact_text(share)}, covariance = {_matrix(part.covariance)} }}"
            for share, part in setting.covariate_mixture
        ]
        covariates.append(f"mixture = [{', '.join(parts)}]")
    else:
        covariates.append(f"covariance = {_matrix(setting.covariates.covariance)}")
    noise = [f"variance = {exact_text(setting.noise_variance)}"]
    if setting.noise_levels:
        shares, variances = zip(*setting.noise_levels, strict=True)
        noise = [f"variance = {exact_list(variances)}", f"weights = {exact_list(shares)}"]
    lines = [
        "[prompt]",
        f"dimension = {setting.dimension}",
        f"context_length = {setting.context_length}",
        "[covariates]",
        *covariates,
        "[task]",
        *response,
        "[noise]",
        *noise,
    ]
    return "\n".join(lines) + "\n"


def _law(law: BaseLaw) -> list[str]:
    lines = [f'law = "{law.name}"']
    if isinstance(law, StudentT):
        lines.append(f"degrees_of_freedom = {exact_text(law.degrees_of_freedom)}")
    if isinstance(law, Radial):
        moments = f'"2" = {exact_text(law.second)}, "4" = {exact_text(law.fourth)}'
        lines.append(f"radius_moments = {{ {moments} }}")
    if isinstance(law, Sparse):
        lines.append(f"nonzero = {law.nonzero}")
    return lines


def _response(response: Response) -> list[str]:
    if isinstance(response, ReluNetwork):
        normalised = "true" if response.normalised else "false"
        inner = f'network = "relu", width = {response.width}, normalised = {normalised}'
        return [f"response = {{ {inner} }}"]
    if isinstance(response, QuadraticFeatures):
        return ['response = "quadratic"']
    if isinstance(response, DrawnLabels):
        return [*_response(response.base), f'labels = "{response.label.value}"']
    if isinstance(response, Linear):
        return [*_tasks(response.weights), 'response = "linear"']
    if isinstance(response, SingleIndex):
        link = response.link
        if isinstance(link, Polynomial):
            return [*_tasks(response.weights), f'response = "{_polynomial(link.coefficients)}"']
        if isinstance(link, ExpressionLink):
            return [*_tasks(response.weights), f"response = {json.dumps(link.text)}"]
    return []


def _tasks(law: TaskLaw) -> list[str]:
    if isinstance(law, MixedWeights):
        if law.is_pool:
            points = ", ".join(exact_list(part.mean) for _, part in law.parts)
            return [f"pool = [{points}]", f"weights = {exact_list([s for s, _ in law.parts])}"]
        parts = []
        for share, part in law.parts:
            inner = ", ".join([f"weight = {exact_text(share)}", *_tasks(part)])
            parts.append(f"{{ {inner} }}")
        return [f"mixture = [{', '.join(parts)}]"]
    if not isinstance(law, Weights):
        return []
    named = [] if isinstance(law.law, Normal) else _law(law.law)
    mean = exact_list(law.mean) if any(law.mean) else '"zero"'
    return [*named, f"mean = {mean}", f"covariance = {_matrix(law.covariance)}"]


def _polynomial(coefficients: Sequence[Fraction]) -> str:
    return " + ".join(f"({c})*t^{k}" for k, c in enumerate(coefficients) if c) or "0"


def _matrix(covariance: Covariance) -> str:
    if covariance.is_identity:
        return '"identity"'
    entries = covariance.entries
    size = range(covariance.dimension)
    if not any(entries[i][j] for i in size for j in size if i != j):
        return exact_list([entries[i][i] for i in size])
    return f"[{', '.join(map(exact_list, entries))}]"


def exact_list(values: Sequence[Fraction]) -> str:
    """Numbers as a TOML list."""
    return f"[{', '.join(map(exact_text, values))}]"


def exact_text(value: Fraction) -> str:
    """A number as TOML: an integer, or "p/q" in quotes."""
    return str(value) if value.denominator == 1 else f'"{value}"'
