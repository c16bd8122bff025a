"""Setting files: TOML in, an exact `Setting` out, or one line that names file and key.

    [prompt]      dimension, context_length                         (required)
    [covariates]  law, mean, covariance, radius_moments, degrees_of_freedom
    [task]        law, mean, covariance, pool, mixture, response, labels  (``task_tables``)
    [noise]       variance, weights

x = m + F z with z of the named law and F the lower triangular Cholesky factor, F F' = covariance.
For the normal law that is the covariance of x; for laws that are not rotation invariant another F
with the same F F' would give another x. Numbers are exact: integers, "p/q", and decimals, which are
read as text and mean what they say. Nothing in a file is evaluated.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from verifier.setting.covariates import Covariates, mixed_second_moment
from verifier.setting.data import Setting
from verifier.setting.law_tables import COVARIATE_LAWS, parameters_of_laws, read_law
from verifier.setting.numbers import nonnegative_number
from verifier.setting.response_moments import (
    check_covariate_moments,
    check_response_growth,
    check_task_moments,
)
from verifier.setting.responses import Linear, Response
from verifier.setting.task_tables import KEYS as TASK_KEYS
from verifier.setting.task_tables import (
    levels,
    read_covariance,
    read_covariances,
    read_mean,
    read_response,
)
from verifier.setting.toml_tables import MAXIMUM_BYTES, Tables, integer, parse_document

MAXIMUM_DIMENSION = 512
# Beyond, the response must be linear, for matrix products to do what tensors do up to here.
MAXIMUM_TENSOR = 32
MAXIMUM_CONTEXT_LENGTH = 10**9

KEYS: dict[str, tuple[str, ...]] = {
    "prompt": ("dimension", "context_length"),
    "covariates": ("law", "mean", "covariance", "mixture", *parameters_of_laws()[:2]),
    "task": TASK_KEYS,
    "noise": ("variance", "weights"),
}


def read_setting(path: str) -> Setting:
    """The setting in the file ``path``.

    Raises ``OSError`` where the file cannot be read and ``ValueError`` in one line, with file and
    key, for anything else that is wrong with it.
    """
    return parse_setting(read_bytes(path), os.path.basename(path))


def read_bytes(path: str) -> bytes:
    """At most one byte more than a setting file may have."""
    with open(path, "rb") as file:
        return file.read(MAXIMUM_BYTES + 1)


def parse_setting(content: bytes, name: str = "setting") -> Setting:
    """The setting that the TOML in ``content`` describes; ``name`` stands in error messages."""
    return setting_of(Tables(name, parse_document(content, name)))


def setting_of(tables: Tables) -> Setting:
    """The setting of a parsed document."""
    tables.check(KEYS)
    d = _prompt(tables, "dimension", MAXIMUM_DIMENSION)
    n = _prompt(tables, "context_length", MAXIMUM_CONTEXT_LENGTH)
    law = read_law(tables, "covariates", COVARIATE_LAWS)
    covariance = tables.at("covariates", "covariance", lambda v: read_covariance(v, d), "identity")
    mixture = tables.at("covariates", "mixture", lambda v: read_covariances(tables, v, d), ())
    if mixture:
        if "covariance" in tables.table("covariates"):
            raise tables.wrong("covariates", "covariance", "cannot stand beside mixture")
        covariance = mixture[0][1]
    mean = tables.at("covariates", "mean", lambda v: read_mean(v, d), "zero")
    if not mixture and not any(covariance.pivots) and not any(mean):
        raise tables.wrong("covariates", "covariance", "the covariates are identically zero")
    covariates = Covariates(law, covariance, mean)
    parts = tuple((share, Covariates(law, own, mean)) for share, own in mixture)
    second = mixed_second_moment(parts) if parts else covariates.second_moment()
    response = read_response(tables, second)
    if d > MAXIMUM_TENSOR and not _has_matrix_form(covariates, response):
        raise tables.wrong(
            "prompt", "dimension", f"{d} is above the limit of {MAXIMUM_TENSOR}{_cost(d)}"
        )
    variance, noise = _noise(tables)
    tables.guard("task", "response", lambda: check_response_growth(covariates, response))
    tables.guard("task", "law", lambda: check_task_moments(response))
    tables.guard("covariates", "law", lambda: check_covariate_moments(covariates, response))
    if parts and d > MAXIMUM_TENSOR:
        raise tables.wrong("prompt", "dimension", f"{d} is above the limit of {MAXIMUM_TENSOR}")
    return tables.guard(
        "covariates",
        "mixture",
        lambda: Setting(
            d, n, covariates, response, variance, noise_levels=noise, covariate_mixture=parts
        ),
    )


def merged(
    document: Mapping[str, Any], other: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The tables of a document with some keys given anew.

    A new law takes the parameters of the old one with it, and a new law, pool or mixture of the
    tasks what was there instead of it.
    """
    result = {table: dict(document.get(table, {})) for table in KEYS}
    for table, values in other.items():
        held = result[table]
        if "law" in values:
            for key in parameters_of_laws():
                held.pop(key, None)
        if table == "task" and set(values) & set(_TASK_VECTOR):
            for key in ("pool", "weights", "pool_size", "pool_seed", "mixture"):
                held.pop(key, None)
            if set(values) & {"pool", "mixture"}:
                for key in ("law", "mean", "covariance", *parameters_of_laws()):
                    held.pop(key, None)
        if table == "covariates" and "covariance" in values:
            held.pop("mixture", None)
        if table == "covariates" and "mixture" in values:
            held.pop("covariance", None)
        if table == "noise" and "variance" in values:
            held.pop("weights", None)
        held.update(values)
    return result


_TASK_VECTOR = ("law", "mean", "covariance", "pool", "pool_size", "mixture")


def _prompt(tables: Tables, key: str, limit: int) -> int:
    if key not in tables.table("prompt"):
        raise ValueError(f"{tables.name}: [prompt] {key} is missing; it is required")
    value = tables.at("prompt", key, lambda v: integer(v, key), None)
    if value > limit:
        cost = _memory(value) if key == "dimension" else ""
        raise tables.wrong("prompt", key, f"{value} is above the limit of {limit}{cost}")
    return value


def _noise(tables: Tables) -> tuple[Fraction, tuple[tuple[Fraction, Fraction], ...]]:
    given = tables.table("noise")
    if not isinstance(given.get("variance"), list):
        if "weights" in given:
            raise tables.wrong("noise", "weights", "belongs to a list of variances")
        return tables.at("noise", "variance", lambda v: nonnegative_number(v, "variance"), 0), ()
    shares = given.get("weights")
    found = tables.at("noise", "variance", lambda v: tuple(levels(v, shares)), None)
    return sum((share * level for share, level in found), Fraction(0)), found


def _has_matrix_form(covariates: Covariates, response: Response) -> bool:
    linear = isinstance(response, Linear) and response.weights.symmetric
    return linear and covariates.centred


def _cost(dimension: int) -> str:
    """Why a dimension is refused: about 20 s of one core at the limit, and d^4 moments."""
    seconds = 20 * (dimension / MAXIMUM_TENSOR) ** 4
    return (
        f" for this setting: {float(dimension) ** 4:.1g} moments take about {seconds:.1g} s; "
        f"linear responses with tasks and covariates of mean 0 go up to {MAXIMUM_DIMENSION}"
    )


def _memory(dimension: int) -> str:
    """Why no setting of this dimension is taken: d x d matrices of exact numbers, some of them."""
    seconds = 2 * (dimension / 256) ** 2
    return (
        f": a report on B alone has {dimension**2:.1g} exact numbers, and takes at least "
        f"{seconds:.1g} s; for x, w ~ N(0, I) 'landscape --d' and 'price --dims' go further"
    )
