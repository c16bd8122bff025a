"""An exploration as one JSON object, described by ``explore.schema.json`` (floor 3).

A number is an object: ``decimal`` always, ``exact`` as "p/q" or null; an algebraic number adds its
minimal polynomial (constant first) and an isolating interval, a sampled one its standard error
(null where that is not known).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from verifier import __version__
from verifier.document.explore_theorem import theorem_object
from verifier.document.explore_words import covariates_words, response_words
from verifier.explore.answer import Exploration, Matrix, Optimum
from verifier.explore.values import Value
from verifier.setting.setting_text import setting_text

SCHEMA_VERSION = 3


def exploration_json(found: Exploration, name: str) -> str:
    """The JSON text."""
    return json.dumps(exploration_object(found, name), indent=2, ensure_ascii=True, allow_nan=False)


def explore_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `exploration_object`."""
    file = resources.files("verifier.document") / "explore.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def exploration_object(found: Exploration, name: str) -> dict[str, Any]:
    """The exploration as JSON data; ``name`` is the setting file's."""
    setting = found.setting
    return {
        "schema_version": SCHEMA_VERSION,
        "setting": {
            "file": name,
            "dimension": setting.dimension,
            "context_length": setting.context_length,
            "covariates": covariates_words(setting),
            "response": response_words(setting.response),
            "noise_variance": str(setting.noise_variance),
            "moments": found.moments,
            "toml": setting_text(setting) or None,
        },
        "optimum": _optimum(found.optimum),
        "proof": None if found.proof is None else theorem_object(found.proof),
        "compared": {
            item.name: {
                "description": item.description,
                "loss": value_object(item.loss),
                "learning_rate": _optional(item.learning_rate),
                "at_least": _optional(item.at_least),
            }
            for item in found.compared
        },
        "numerical": _numerical(found),
        "agrees": found.agrees,
        "seed": found.options.seed,
        "seconds": round(found.seconds, 3),
        "version": __version__,
    }


def value_object(value: Value) -> dict[str, Any]:
    """One number."""
    shown: dict[str, Any] = {
        "exact": None if value.exact is None else str(value.exact),
        "decimal": value.decimal,
    }
    if value.polynomial is not None and value.interval is not None:
        shown["minimal_polynomial"] = [str(v) for v in value.polynomial]
        shown["interval"] = [str(v) for v in value.interval]
    if value.error is not None:
        shown["standard_error"] = value.error if math.isfinite(value.error) else None
    return shown


def _optional(value: Value | None) -> dict[str, Any] | None:
    return None if value is None else value_object(value)


def _matrix(matrix: Matrix) -> list[list[dict[str, Any]]]:
    return [_vector(row) for row in matrix]


def _vector(values: Sequence[Value]) -> list[dict[str, Any]]:
    return [value_object(v) for v in values]


def _optimum(optimum: Optimum) -> dict[str, Any]:
    parts = optimum.certainties
    return {
        "loss": value_object(optimum.loss),
        "kind": optimum.kind.value,
        "learning_rate": _optional(optimum.learning_rate),
        "B": _matrix(optimum.B),
        "layer": {
            "a": _vector(optimum.a),
            "b": value_object(optimum.b),
            "A": _matrix(optimum.A),
            "c": _vector(optimum.c),
        },
        "certainty": optimum.certainty.value,
        "certainties": {
            "kind": parts.kind.value,
            "loss": parts.loss.value,
            "B": parts.B.value,
            "learning_rate": None if parts.learning_rate is None else parts.learning_rate.value,
        },
        "reason": optimum.reason,
        "facts": list(optimum.facts),
        "lower_bound": _optional(optimum.lower_bound),
        "covered_by": list(optimum.covered_by),
    }


def _numerical(found: Exploration) -> dict[str, Any]:
    numerical = found.numerical
    report = numerical.search
    sampled = numerical.monte_carlo
    return {
        "descents": {
            "runs": len(report.runs),
            "best_loss": report.best_loss,
            "levels": [
                {"loss": level.loss, "count": level.count, "outcome": level.outcome.value}
                for level in report.levels
            ],
            "not_converged": report.not_converged,
            "spurious_local_minima": bool(report.spurious_levels),
            "contradiction": numerical.contradiction or None,
        },
        "monte_carlo": None
        if sampled is None
        else {
            "prompts": sampled.agreement.comparisons[0].prompts,
            "agrees": sampled.agreement.agrees if sampled.tested else None,
            "false_alarm_rate": sampled.agreement.false_alarm_rate,
            "note": sampled.note,
            "comparisons": [
                {
                    "label": c.label,
                    "claimed": c.claimed,
                    "estimate": c.estimate,
                    "standard_error": c.standard_error,
                    "z": c.z if math.isfinite(c.z) else None,
                }
                for c in sampled.agreement.comparisons
            ],
        },
    }
