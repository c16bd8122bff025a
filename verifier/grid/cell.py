"""One cell of a sweep: what `explore` finds, as one flat row of plain data.

Exact where `explore` is exact, by the same engine without the numerical evidence beside it: no
prompts are sampled where the answer needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.explore.answer import ExploreOptions
from verifier.explore.asked import NOT_TESTED, times
from verifier.explore.exploration import LARGEST_TENSOR, best_layer
from verifier.explore.form_answer import form_answer
from verifier.explore.found import Found
from verifier.explore.mixture import mixed_problem
from verifier.explore.transfer import Trained, best_there, layer_value
from verifier.explore.values import Certainty, Value
from verifier.law_moments.general import NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.linear_readout import LinearReadout
from verifier.optimum.readout import Kind, Readout, ReadoutProblem, kind_of
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
    options = ExploreOptions(seed=seed, starts=_STARTS)
    plain = question.form.plain and question.training.plain
    answer = _of_plain_layer(question, options) if plain else _of_other_layer(question, options)
    values = dict(answer.losses)
    trained = answer.trained
    if question.readout is not None:
        trained = Trained.given(question.readout, question.setting, question.form)
    if question.test is not None and (trained is not None or not question.drawn_pool):
        if trained is None:
            raise ValueError(NOT_TESTED)
        rng = np.random.default_rng([seed, 1])
        values["test_loss"] = layer_value(trained, question.test, seed)
        best, zero_there = best_there(question.test, options, rng)
        values |= {"test_best_there": best, "test_zero": zero_there}
    row: Row = {"kind": answer.kind, "certainty": answer.certainty.value}
    if answer.learning_rate is not None:
        _put(row, "learning_rate", answer.learning_rate)
    for name, value in values.items():
        _put(row, name, times(value, question.outputs))
    return row


@dataclass(frozen=True, slots=True)
class _Answer:
    """Losses by their columns; ``trained`` is None where the layer is not known as numbers."""

    kind: str
    certainty: Certainty
    learning_rate: Value | None
    losses: Mapping[str, Value]
    trained: Trained | None


def _of_plain_layer(question: Question, options: ExploreOptions) -> _Answer:
    """The paper's layer, up to a division."""
    setting, form = question.setting, question.form
    divisor = form.divide_by.of(setting.context_length)
    readout = _exact_readout(setting)
    if readout is None:
        found = _searched(setting, options)
        optimum = found.optimum
        losses = {item.name: item.loss for item in found.compared} | {"loss": optimum.loss}
        if optimum.lower_bound is not None:
            losses["lower_bound"] = optimum.lower_bound
        rate = optimum.learning_rate
        trained = Trained.of(optimum, setting, form)
        kind, certainty = optimum.kind, optimum.certainty
    else:
        best, step, zero = readout
        least = Value.rational(best.loss)
        losses = {
            "loss": least,
            "zero": Value.rational(zero),
            "gradient_descent": Value.rational(step),
            "linear_readout": least,
            "lower_bound": least,
        }
        rate = None if best.learning_rate is None else Value.rational(best.learning_rate)
        trained = Trained.given(best.B, setting, form, undivided=True)
        kind, certainty = best.kind, Certainty.COMPUTED
    shown = None if rate is None else times(rate, divisor)
    return _Answer(kind.value, certainty, shown, losses, trained)


def _of_other_layer(question: Question, options: ExploreOptions) -> _Answer:
    """The layer of [layer] under the loss of [training]."""
    found = form_answer(question, options)
    if question.outputs > 1 and found.certainty is not Certainty.COMPUTED:
        raise ValueError("[task] outputs: with this layer only where the answer is computed")
    losses = {"loss": found.loss}
    if found.lower_bound is not None:
        losses["lower_bound"] = found.lower_bound
    B = found.readout
    if B is None:
        # What is computed is a readout, of limited rank where B is not unique.
        kind = Kind.READOUT.value if found.certainty is Certainty.COMPUTED else ""
        return _Answer(kind, found.certainty, None, losses, None)
    does, rate = kind_of(B, question.setting.second_moment)
    shown = None if rate is None else Value.rational(rate)
    trained = Trained.given(B, question.setting, question.form)
    return _Answer(does.value, found.certainty, shown, losses, trained)


def _exact_readout(setting: Setting) -> tuple[Readout, Any, Any] | None:
    """The best layer, the best step's loss and E y^2, where parity decides; else None."""
    try:
        problem = LinearReadout.of(setting)
        return problem.best(), problem.best_step()[1], problem.target_second
    except NoExactMoments:
        if setting.dimension > LARGEST_TENSOR:
            raise
    try:
        if setting.covariate_mixture:
            return _exact_mixture(setting)
        moments = general_moments(setting)
    except NoExactMoments:
        return None
    if not moments.parity_symmetric or not moments.target_second:
        return None
    tensors = ReadoutProblem.of(moments, setting.context_length)
    step = tensors.best_gradient_step()
    return tensors.best(), step.loss, moments.target_second


def _exact_mixture(setting: Setting) -> tuple[Readout, Any, Any] | None:
    problem = mixed_problem(setting)
    if problem is None or not problem.target_second:
        return None
    return problem.best(), problem.best_step()[1], problem.target_second


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
