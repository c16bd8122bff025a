"""The [task] table of a setting file: the law of the task vector and the response."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.setting.covariance import Covariance, Matrix
from verifier.setting.given import square_rows
from verifier.setting.labels import DrawnLabels, Label
from verifier.setting.law_tables import TASK_LAWS, read_law
from verifier.setting.magnitudes import check_link
from verifier.setting.mixtures import MixedWeights, exact_weights
from verifier.setting.numbers import exact_number
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_grammar import parse_response
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    TaskLaw,
    Weights,
)
from verifier.setting.toml_tables import Tables, integer, kind, text

MAXIMUM_WIDTH, MAXIMUM_POOL = 256, 4096
KEYS = (
    "law", "degrees_of_freedom", "nonzero", "mean", "covariance", "pool", "weights", "pool_size",
    "pool_seed", "mixture", "response", "labels",
)  # fmt: skip
_PART_KEYS = ("weight", "law", "degrees_of_freedom", "nonzero", "mean", "covariance")
_VECTOR_KEYS = (
    "law", "mean", "covariance", "pool", "weights", "pool_size", "pool_seed", "mixture"
)  # fmt: skip
# What a drawn pool is rounded to, so that a report can list it.
_ROUNDED = 1000


def read_response(tables: Tables, second: Matrix) -> Response:
    """The response of [task]; ``second`` is E xx'."""
    given = tables.table("task")
    response = given.get("response", "linear")
    plain = isinstance(response, str) and response.strip() == "quadratic"
    if isinstance(response, dict) or plain:
        standards = {"law": "normal", "mean": "zero", "covariance": "identity"}
        for key in (*_VECTOR_KEYS, "labels"):
            if key in given and given[key] != standards.get(key):
                what = "quadratic features" if plain else "a network"
                raise tables.wrong("task", key, f"has no effect on {what}; leave it out")
        if plain:
            return QuadraticFeatures()
        return tables.at("task", "response", lambda v: _network(tables, v), None)
    weights = read_tasks(tables, second)
    found = tables.at("task", "response", lambda v: _link(v, weights), "linear")
    if "labels" not in given:
        return found
    label = tables.at("task", "labels", _label, None)
    if not isinstance(found, SingleIndex):
        raise tables.wrong("task", "labels", "needs a response such as 'sigmoid(t)'")
    base = found
    return tables.guard("task", "labels", lambda: DrawnLabels(base, label))


def read_tasks(tables: Tables, second: Matrix) -> TaskLaw:
    """The law of the task vector: a law, a pool or a mixture."""
    given = tables.table("task")
    chosen = [key for key in ("pool", "pool_size", "mixture") if key in given]
    if len(chosen) > 1:
        raise tables.wrong("task", chosen[1], f"cannot stand beside {chosen[0]}")
    for key, owner in (("weights", "pool"), ("pool_seed", "pool_size")):
        if key in given and owner not in given:
            raise tables.wrong("task", key, f"belongs to {owner}")
    if chosen in (["pool"], ["mixture"]):
        for key in ("law", "mean", "covariance"):
            if key in given:
                raise tables.wrong("task", key, f"cannot stand beside {chosen[0]}")
    d = len(second)
    if chosen == ["pool"]:
        points = tables.at("task", "pool", lambda v: _pool(v, d), None)
        shares = tables.at("task", "weights", _shares, None)
        key = "weights" if "weights" in given else "pool"
        return tables.guard("task", key, lambda: MixedWeights.pool(points, shares))
    if chosen == ["mixture"]:
        return tables.at("task", "mixture", lambda v: _mixture(tables, v, second), None)
    weights = _weights(tables, "task", second)
    if chosen == ["pool_size"]:
        size = tables.at("task", "pool_size", lambda v: _pool_size(v), None)
        seed = tables.at("task", "pool_seed", _seed, 0)
        return drawn_pool(weights, size, np.random.default_rng(seed))
    return weights


def drawn_pool(weights: Weights, size: int, rng: np.random.Generator) -> MixedWeights:
    """``size`` tasks drawn from a law, entries rounded to thousandths, as a finite pool."""
    drawn = np.rint(weights.sample(rng, size) * _ROUNDED)
    points = [tuple(Fraction(int(v), _ROUNDED) for v in row) for row in drawn]
    return MixedWeights.pool(points)


def _weights(tables: Tables, table: str, second: Matrix) -> Weights:
    d = len(second)
    law = read_law(tables, table, TASK_LAWS)
    tables.guard(table, "nonzero", lambda: law.even_moment((2,), d))
    mean = tables.at(table, "mean", lambda v: read_mean(v, d), "zero")
    covariance = tables.at(table, "covariance", lambda v: _task_covariance(v, second), "identity")
    return Weights(mean, covariance, law)


def _mixture(tables: Tables, value: Any, second: Matrix) -> MixedWeights:
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise TypeError("must be tables: [[task.mixture]] with weight, mean, covariance")
    if not value:
        raise ValueError("has no parts; write [[task.mixture]] with weight, mean, covariance")
    parts = []
    for k, part in enumerate(value):
        here = Tables(tables.name, {f"mixture {k + 1}": part}, f"{tables.prefix}task.")
        here.known("key", f"[{tables.prefix}task.mixture {k + 1}] ", part, _PART_KEYS)
        if "weight" not in part:
            raise here.wrong(f"mixture {k + 1}", "weight", "is missing")
        share = here.at(f"mixture {k + 1}", "weight", exact_number, None)
        parts.append((share, _weights(here, f"mixture {k + 1}", second)))
    return MixedWeights(tuple(parts))


def _pool(value: Any, d: int) -> list[tuple[Fraction, ...]]:
    if not isinstance(value, list) or not all(isinstance(task, list) for task in value):
        raise TypeError("must be a list of tasks, each a list of numbers: [[1, 0], [0, 1]]")
    if len(value) > MAXIMUM_POOL:
        raise ValueError(f"{len(value)} tasks are above the limit of {MAXIMUM_POOL}")
    for k, task in enumerate(value):
        if len(task) != d:
            raise ValueError(f"task {k + 1} has {len(task)} entries; dimension is {d}")
    return [
        tuple(exact_number(v, f"task {k + 1} entry {i + 1}") for i, v in enumerate(task))
        for k, task in enumerate(value)
    ]


def _shares(value: Any) -> tuple[Fraction, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise TypeError("must be a list of numbers that add up to 1")
    return exact_weights(value)


def _pool_size(value: Any) -> int:
    size = integer(value, "pool_size")
    if size > MAXIMUM_POOL:
        raise ValueError(f"{size} is above the limit of {MAXIMUM_POOL}")
    return size


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("must be a whole number")
    return value


def _label(value: Any) -> Label:
    name = text(value)
    known = {label.value: label for label in Label}
    if name not in known:
        raise ValueError(f"unknown label {name[:20]!r}; known: {', '.join(known)}")
    return known[name]


def _network(tables: Tables, value: dict[str, Any]) -> ReluNetwork:
    where = f"[{tables.prefix}task] response "
    tables.known("key", where, value, ("network", "width", "normalised"))
    if value.get("network") != "relu":
        raise ValueError("network must be 'relu'")
    width = integer(value.get("width", 1), "width")
    normalised = value.get("normalised", False)
    if not isinstance(normalised, bool):
        raise ValueError("normalised must be true or false")
    if width > MAXIMUM_WIDTH:
        raise ValueError(f"width {width} is above the limit of {MAXIMUM_WIDTH}")
    return ReluNetwork(width, normalised)


def _task_covariance(value: Any, second: Matrix) -> Covariance:
    if value != "inverse-covariates":
        if isinstance(value, str) and value != "identity":
            raise ValueError(
                f"unknown {value!r}; 'identity', 'inverse-covariates', a list or a matrix"
            )
        return read_covariance(value, len(second))
    return Covariance.full(second).inverse()


def read_covariance(value: Any, d: int) -> Covariance:
    """A covariance: 'identity', a list for a diagonal, or a matrix."""
    return Covariance.full(square_rows(value, d))


def read_covariances(tables: Tables, value: Any, d: int) -> tuple[tuple[Fraction, Covariance], ...]:
    """[[covariates.mixture]]: a weight and a covariance, or a scale of the identity, each."""
    if isinstance(value, tuple):
        return ()
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise TypeError(
            "must be tables: [[covariates.mixture]] with weight and covariance or scale"
        )
    if not value:
        raise ValueError("has no parts; write [[covariates.mixture]] with weight and covariance")
    parts = []
    for k, part in enumerate(value):
        name = f"mixture {k + 1}"
        here = Tables(tables.name, {name: part}, f"{tables.prefix}covariates.")
        where = f"[{tables.prefix}covariates.{name}] "
        here.known("key", where, part, ("weight", "covariance", "scale"))
        if "weight" not in part:
            raise here.wrong(name, "weight", "is missing")
        share = here.at(name, "weight", exact_number, None)
        covariance = here.at(name, "covariance", lambda v: read_covariance(v, d), "identity")
        scale = here.at(name, "scale", exact_number, 1)
        rows = [[scale**2 * v for v in row] for row in covariance.entries]
        parts.append((share, Covariance.full(rows)))
    if not any(any(covariance.pivots) for _, covariance in parts):
        raise ValueError("the covariates are identically zero")
    return tuple(parts)


def read_mean(value: Any, d: int) -> tuple[Fraction, ...]:
    """A mean: 'zero' or a list of d numbers."""
    if value == "zero":
        return (Fraction(0),) * d
    if not isinstance(value, list):
        raise TypeError("must be 'zero' or a list of numbers")
    if len(value) != d:
        raise ValueError(f"has {len(value)} entries; dimension is {d}")
    return tuple(exact_number(v, f"entry {i + 1}") for i, v in enumerate(value))


def _link(value: Any, weights: TaskLaw) -> Response:
    name = text(value)
    if name.strip() == "linear":
        return Linear(weights)
    link = parse_response(name)
    check_link(link)
    if link.form is None or link.form.kink:
        return SingleIndex(link, weights)
    if link.form.smooth == (Fraction(0), Fraction(1)):
        return Linear(weights)
    return SingleIndex(Polynomial(link.form.smooth), weights)


def levels(value: Any, shares: Any) -> Sequence[tuple[Fraction, Fraction]]:
    """Pairs of probability and noise variance from two lists."""
    if not isinstance(value, list) or not value:
        raise TypeError(f"must be a number, or a list of them, not {kind(value)}")
    variances = [exact_number(v, f"level {k + 1}") for k, v in enumerate(value)]
    if any(v < 0 for v in variances):
        raise ValueError("a variance must not be negative")
    if shares is None:
        return [(Fraction(1, len(variances)), v) for v in variances]
    probabilities = _shares(shares) or ()
    if len(probabilities) != len(variances):
        raise ValueError(f"there are {len(probabilities)} weights for {len(variances)} levels")
    return list(zip(probabilities, variances, strict=True))
