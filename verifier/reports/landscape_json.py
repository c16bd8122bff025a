"""A landscape, and what training sees of it, as one JSON object.

Described by ``landscape.schema.json`` beside this file. Exact rational numbers are strings;
algebraic numbers are objects as in ``value_json``.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from verifier.arithmetic.roots import AlgebraicNumber
from verifier.reports.landscape_point import (
    DIGITS,
    Point,
    points,
)
from verifier.reports.landscape_spaces import reason
from verifier.reports.value_json import algebraic_object
from verifier.reports.weight_survey_text import training_record
from verifier.stationary.basin_survey import Frequency, Nearby, Survey
from verifier.stationary.stationary_points import Landscape
from verifier.stationary.weight_survey import WeightSurvey
from verifier.stationary.weights import WeightsLandscape, weights_landscape

if TYPE_CHECKING:
    from verifier.stationary.whitening import GaussianPair

SCHEMA_VERSION = 2
MAX_LISTED_DIMENSION = 16


def landscape_json(
    landscape: Landscape,
    survey: Survey | None = None,
    weights: WeightsLandscape | None = None,
    training: WeightSurvey | None = None,
    pair: GaussianPair | None = None,
) -> str:
    """The JSON text; the weights have head dimension d + 1 unless given.

    ``pair``: the setting whose landscape it is by a change of variables.
    """
    whole = {
        "schema_version": SCHEMA_VERSION,
        "d": landscape.dimension,
        "n": landscape.context_length,
        "noise": str(landscape.noise),
        "stationary": [_point(point) for point in points(landscape)],
        "spurious_local_minima": landscape.spurious_local_minima,
        "gap": None if landscape.gap is None else algebraic_object(landscape.gap),
        "weights": _weights(weights or weights_landscape(landscape)),
    }
    if pair is not None:
        whole["change_of_variables"] = {
            "covariates_covariance": [[str(x) for x in row] for row in pair.covariates],
            "task_covariance": [[str(x) for x in row] for row in pair.tasks],
            "noise": str(pair.setting.noise_variance),
            "scale": str(pair.scale),
        }
    if survey is not None:
        whole["training"] = _survey(survey)
    if training is not None:
        whole["weights_training"] = training_record(training)
    return json.dumps(whole, indent=2, ensure_ascii=True)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `landscape_json`."""
    file = resources.files("verifier.reports") / "landscape.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _rho(rho: object) -> Any:
    """A number, null where there is none, or "oo"."""
    if isinstance(rho, AlgebraicNumber):
        return algebraic_object(rho)
    return None if rho is None else "oo"


def _point(point: Point) -> dict[str, Any]:
    part, at = point.component, point.at
    rho = part.rho
    entries = {
        "a_1": at.radius,
        "b": at.b,
        "A_11": at.aligned,
        "A_jj": at.diagonal,
        "c_1": at.context,
    }
    listed = at.dimension <= MAX_LISTED_DIMENSION
    return {
        "type": part.type,
        "index": part.index,
        "nullity": part.nullity,
        "component_dimension": part.dimension,
        "rho": _rho(rho),
        "loss": algebraic_object(part.loss),
        "loss_decimal": str(part.loss.decimal(DIGITS)),
        "predictor": point.words,
        "rates": {
            "along": f"{point.along:.{DIGITS}g}",
            "across": None if point.across is None else f"{point.across:.{DIGITS}g}",
        },
        "representative": {name: str(value.decimal(DIGITS)) for name, value in entries.items()},
        "theta": [float(value) for value in at.decimals()] if listed else None,
    }


def _weights(weights: WeightsLandscape) -> dict[str, Any]:
    return {
        "head_dimension": weights.head_dimension,
        "benign": weights.benign,
        "spurious_local_minima": not weights.benign,
        "losses": [algebraic_object(part.loss) for part in weights.spurious],
        "reason": reason(weights),
    }


def _survey(survey: Survey) -> dict[str, Any]:
    return {
        "seed": survey.seed,
        "starts": survey.starts,
        "nearby": [_nearby(near) for near in survey.nearby],
        "too_shallow": [str(part.loss.decimal(DIGITS)) for part in survey.too_shallow],
        "random_starts": [_frequency(frequency) for frequency in survey.frequencies],
        "disagreements": list(survey.disagreements),
    }


def _nearby(near: Nearby) -> dict[str, Any]:
    training = near.training
    return {
        "loss_decimal": str(near.component.loss.decimal(DIGITS)),
        "barrier": near.barrier,
        "descents": near.descents.runs,
        "stayed": near.stayed,
        "training": {
            "runs": len(training.excess),
            "prompts": training.prompts,
            "learning_rate": training.learning_rate,
            "largest_excess": float(training.excess.max()),
            "final_excess": [float(value) for value in training.excess[:, -1]],
            "in_basin_at_end": near.kept,
        },
    }


def _frequency(frequency: Frequency) -> dict[str, Any]:
    tally = frequency.tally
    return {
        "n": frequency.landscape.context_length,
        "scale": frequency.scale,
        "runs": tally.runs,
        "by_component": list(tally.counts),
        "global": frequency.in_global,
        "spurious": frequency.in_spurious,
        "elsewhere": frequency.elsewhere,
        "not_converged": tally.not_converged,
        "finished_by_quasi_newton": tally.finished,
    }
