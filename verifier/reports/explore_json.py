"""An exploration as one JSON object, described by ``explore.schema.json``.

Numbers are those of ``value_json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from verifier import __version__
from verifier.explore.answer import Exploration, Matrix, Optimum
from verifier.explore.values import Value
from verifier.numeric.optimise import OptimisationReport
from verifier.reports.explore_theorem import theorem_object
from verifier.reports.explore_words import covariates_words, response_words
from verifier.reports.minima_words import landscape_object
from verifier.reports.transfer_words import form_words, formed_object, test_object, training_words
from verifier.reports.value_json import value_object

SCHEMA_VERSION = 3


def exploration_json(found: Exploration, name: str) -> str:
    """The JSON text."""
    return json.dumps(exploration_object(found, name), indent=2, ensure_ascii=True, allow_nan=False)


def explore_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `exploration_object`."""
    file = resources.files("verifier.reports") / "explore.schema.json"
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
            "noise_levels": [[str(share), str(level)] for share, level in setting.noise_levels],
            "outputs": found.outputs,
            "layer": form_words(found.form),
            "training": training_words(found.training),
            "moments": found.moments,
            "toml": found.asked or None,
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
        "asked_for": None if found.formed is None else formed_object(found.formed),
        "pool_average": None
        if found.pool_average is None
        else {
            "size": found.pool_average.size,
            "pools": found.pool_average.pools,
            "home": value_object(found.pool_average.home),
            "fresh": value_object(found.pool_average.fresh),
        },
        "test": None if found.test is None else test_object(found.test),
        "agrees": found.agrees,
        "seed": found.options.seed,
        "seconds": round(found.seconds, 3),
        "version": __version__,
    }


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
    descents = None if report is None else _descents(report)
    sampled = numerical.monte_carlo
    return {
        "descents": descents,
        "contradiction": numerical.contradiction or None,
        "landscape": landscape_object(found),
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


def _descents(report: OptimisationReport) -> dict[str, Any]:
    return {
        "runs": len(report.runs),
        "best_loss": report.best_loss,
        "levels": [
            {"loss": level.loss, "count": level.count, "outcome": level.outcome.value}
            for level in report.levels
        ],
        "not_converged": report.not_converged,
        "spurious_local_minima": bool(report.spurious_levels),
    }
