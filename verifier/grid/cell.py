"""One cell of a sweep: what `explore` finds, as one flat row of plain data (floor 3).

Exact where `explore` is exact, by the same engine without the numerical evidence beside it: no
prompts are sampled where the answer needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from verifier.exact.general_builder import general_moments
from verifier.exact.general_moments import NoExactMoments
from verifier.exact.linear_readout import LinearReadout
from verifier.exact.optimum import Readout, ReadoutProblem
from verifier.explore.answer import ExploreOptions
from verifier.explore.exploration import LARGEST_TENSOR, best_layer
from verifier.explore.found import Found
from verifier.explore.transfer import Trained, best_there, layer_value
from verifier.explore.values import Certainty, Value
from verifier.setting.data import Setting
from verifier.setting.question import Question, question_of

Row = dict[str, Any]
Job = tuple[Mapping[str, Any], int]
# Losses that a row gives, each as a decimal, exactly where rational, and its standard error.
LOSSES = ("loss", "zero", "gradient_descent", "linear_readout", "lower_bound")
TEST_LOSSES = ("test_loss", "test_best_there", "test_zero")
_STARTS = 4


def cell_row(job: Job) -> Row:
    """The row of a document; ``error`` says in one line why there is none."""
    document, seed = job
    try:
        with np.errstate(all="ignore"):
            return _row(question_of(document, "cell"), seed)
    except ValueError as error:
        return {"error": str(error).removeprefix("cell: ")}


def _row(question: Question, seed: int) -> Row:
    if not question.form.plain or not question.training.plain:
        raise ValueError("[layer] and [training]: a sweep takes divide_by and readout only")
    if question.outputs > 1:
        raise ValueError("[task] outputs: a sweep is over single responses")
    setting, options = question.setting, ExploreOptions(seed=seed, starts=_STARTS)
    readout = _exact_readout(setting)
    values: dict[str, Value] = {}
    if readout is not None:
        found, step, zero = readout
        rate = found.learning_rate
        kind, certainty = found.kind.value, Certainty.COMPUTED.value
        values = {
            "loss": Value.rational(found.loss),
            "zero": Value.rational(zero),
            "gradient_descent": Value.rational(step),
            "linear_readout": Value.rational(found.loss),
            "lower_bound": Value.rational(found.loss),
        }
        shown_rate = None if rate is None else Value.rational(rate)
        trained = Trained.given(found.B, setting, question.form, undivided=True)
    else:
        answer = _searched(setting, options)
        optimum = answer.optimum
        kind, certainty = optimum.kind.value, optimum.certainty.value
        values = {item.name: item.loss for item in answer.compared}
        values["loss"] = optimum.loss
        if optimum.lower_bound is not None:
            values["lower_bound"] = optimum.lower_bound
        shown_rate = optimum.learning_rate
        trained = Trained.of(optimum, setting, question.form)
    if question.readout is not None:
        trained = Trained.given(question.readout, setting, question.form)
    row: Row = {"kind": kind, "certainty": certainty}
    if shown_rate is not None:
        _put(row, "learning_rate", shown_rate)
    if question.test is not None:
        rng = np.random.default_rng([seed, 1])
        values["test_loss"] = layer_value(trained, question.test, seed)
        best, zero_there = best_there(question.test, options, rng)
        values |= {"test_best_there": best, "test_zero": zero_there}
    for name, value in values.items():
        _put(row, name, value)
    return row


def _exact_readout(setting: Setting) -> tuple[Readout, Any, Any] | None:
    """The best layer, the best step's loss and E y^2, where parity decides; else None."""
    try:
        problem = LinearReadout.of(setting)
        return problem.best(), problem.best_step()[1], problem.target_second
    except NoExactMoments:
        if setting.dimension > LARGEST_TENSOR:
            raise
    try:
        moments = general_moments(setting)
    except NoExactMoments:
        return None
    if not moments.parity_symmetric or not moments.target_second:
        return None
    tensors = ReadoutProblem.of(moments, setting.context_length)
    step = tensors.best_gradient_step()
    return tensors.best(), step.loss, moments.target_second


def _searched(setting: Setting, options: ExploreOptions) -> Found:
    rng = np.random.default_rng(options.seed)
    return best_layer(setting, options, rng, options.starts or _STARTS)


def _put(row: Row, name: str, value: Value) -> None:
    row[name] = value.decimal
    if value.exact is not None:
        row[f"{name}_exact"] = str(value.exact)
    elif value.formula:
        row[f"{name}_exact"] = value.formula
    if value.error is not None and np.isfinite(value.error):
        row[f"{name}_error"] = value.error
