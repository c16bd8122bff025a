"""A whole setting file answered: train here, and test there where it asks for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from verifier.explore.answer import (
    Comparison,
    Exploration,
    ExploreOptions,
    FormAnswer,
    Optimum,
    TestScore,
)
from verifier.explore.exploration import explore
from verifier.explore.form_answer import form_answer
from verifier.explore.pool_average import pool_average
from verifier.explore.transfer import Trained, layer_value, score
from verifier.explore.values import Certainty, Value
from verifier.setting.question import Question, TestLaw

Progress = Callable[[str], None]
NOT_TESTED = (
    "[test]: the layer asked for by [layer] and [training] is not a readout x'B s that was "
    "computed, so it cannot be tested elsewhere"
)


def explore_question(
    question: Question,
    options: ExploreOptions | None = None,
    progress: Progress = lambda message: None,
) -> Exploration:
    """`explore` for the training setting, then the layer (or the given one) on the test's law.

    Raises ``ValueError`` in one line where a moment that is needed does not exist.
    """
    options = options or ExploreOptions()
    found = explore(question.setting, options, progress)
    formed = None
    if not (question.form.plain and question.training.plain):
        formed = form_answer(question, options, progress)
        if question.drawn_pool and formed.readout is None:
            # Fresh tasks are a test that nobody asked for.
            question = replace(question, test=None)
    trained = trained_layer(question, found.optimum, formed)
    compared = found.compared
    if question.readout is not None and trained is not None:
        own = layer_value(trained, TestLaw(question.setting), options.seed)
        given = Comparison("given", "the layer given by [layer] readout", own)
        compared = (*compared, given)
    test = None
    if question.test is not None:
        if trained is None:
            raise ValueError(NOT_TESTED)
        # Its own stream, so that a [test] table changes nothing of the rest of the report.
        rng = np.random.default_rng([options.seed, 1])
        with np.errstate(all="ignore"):
            test = score(trained, question.test, options, rng, progress)
    divisor = question.form.divide_by.of(question.setting.context_length)
    optimum = found.optimum
    if divisor != 1:
        optimum = divided(optimum, divisor)
        compared = tuple(_divided_rate(item, divisor) for item in compared)
    if question.outputs > 1:
        if formed is not None:
            formed = _for_each_output(formed, question.outputs)
        optimum, compared, test = _all_outputs(optimum, compared, test, question.outputs)
    return replace(
        found,
        outputs=question.outputs,
        pool_average=pool_average(question, options.seed),
        optimum=optimum,
        compared=compared,
        test=test,
        form=question.form,
        training=question.training,
        formed=formed,
        readout=question.readout,
    )


def _all_outputs(
    optimum: Optimum, compared: tuple[Comparison, ...], test: TestScore | None, count: int
) -> tuple[Optimum, tuple[Comparison, ...], TestScore | None]:
    """Losses of ``count`` outputs together: each is predicted by the same B from its own X'y.

    With w_k ~ -w_k independent, what other outputs tell is uncorrelated with y_k, so no layer of
    any number of heads does better than one that predicts each by itself.
    """
    optimum = replace(
        optimum,
        loss=times(optimum.loss, count),
        lower_bound=None if optimum.lower_bound is None else times(optimum.lower_bound, count),
        reason=f"{optimum.reason}; {count} independent outputs, each predicted by x'B X'y_k",
    )
    compared = tuple(
        replace(
            item,
            loss=times(item.loss, count),
            at_least=None if item.at_least is None else times(item.at_least, count),
        )
        for item in compared
    )
    if test is None:
        return optimum, compared, None
    ridge = test.ridge
    if ridge.loss is not None:
        ridge = replace(ridge, loss=times(ridge.loss, count))
    scaled = replace(
        test,
        loss=times(test.loss, count),
        best_there=times(test.best_there, count),
        zero=times(test.zero, count),
        ridge=ridge,
    )
    return optimum, compared, scaled


def _for_each_output(formed: FormAnswer, count: int) -> FormAnswer:
    """The same for ``count`` outputs, where each is predicted by x'B X'y_k with one B."""
    if formed.certainty is not Certainty.COMPUTED:
        raise ValueError("[task] outputs: with this layer only where the answer is computed")
    bound = None if formed.lower_bound is None else times(formed.lower_bound, count)
    return replace(formed, loss=times(formed.loss, count), lower_bound=bound)


def trained_layer(
    question: Question,
    optimum: Optimum,
    formed: FormAnswer | None = None,
    divided_already: bool = False,
) -> Trained | None:
    """The given readout, or else the layer that is optimal in training.

    ``formed`` is the answer for another layer or loss; None is returned where that is no readout
    that was computed. ``divided_already``: ``optimum`` is as reports show it for a layer that
    divides.
    """
    if question.readout is not None:
        return Trained.given(question.readout, question.setting, question.form)
    if formed is not None:
        exact = formed.readout
        return None if exact is None else Trained.given(exact, question.setting, question.form)
    found = Trained.of(optimum, question.setting, question.form)
    if not divided_already:
        return found
    divisor = question.form.divide_by.of(question.setting.context_length)
    return replace(found, layer=found.layer.scaled(Fraction(1, divisor)))


def divided(optimum: Optimum, divisor: int) -> Optimum:
    """The same predictor by a layer that divides its sum: A, c, B and eta are as much larger."""
    rate = optimum.learning_rate
    return replace(
        optimum,
        learning_rate=None if rate is None else times(rate, divisor),
        B=tuple(tuple(times(v, divisor) for v in row) for row in optimum.B),
        A=tuple(tuple(times(v, divisor) for v in row) for row in optimum.A),
        c=tuple(times(v, divisor) for v in optimum.c),
        reason=f"{optimum.reason}, where B is the one shown divided by {divisor}",
    )


def _divided_rate(item: Comparison, divisor: int) -> Comparison:
    rate = item.learning_rate
    return item if rate is None else replace(item, learning_rate=times(rate, divisor))


def times(value: Value, factor: int) -> Value:
    """A number multiplied by a whole one."""
    if value.exact is not None:
        return Value.rational(Fraction(factor) * value.exact)
    error = None if value.error is None else factor * value.error
    return Value(factor * value.decimal, error=error)
