"""Figures of the gallery: curves of what theorems state, evaluated from the checked statements.

Each figure names the claim or result behind each curve; nothing is typed in but the numbers at
which it is evaluated.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import sympy

from docs.paper.formulas import SIGMA, number, statement_part
from verifier import Report
from verifier.reports.plots_landscape import drawing, write_figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
DASHES = ("-", "--", "-.", ":")
Numbers = Mapping[str, int | str]
# The parts of a theorem that a curve is made of, by letter: a result, or a claim and its side.
Parts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Curve:
    """``text`` over the figure's letter: ``parts`` are checked, the other letters are ``at``."""

    label: str
    text: str
    parts: Parts
    at: Numbers


@dataclass(frozen=True, slots=True)
class Figure:
    """Curves over ``letter``, from ``first`` to ``last``."""

    caption: str
    x_label: str
    y_label: str
    letter: str
    first: float
    last: float
    curves: tuple[Curve, ...]
    whole: bool = True


LEAST: Parts = {"least": ("minimum_loss",)}
TESTED: Numbers = {"d": 5, "m": 20, "sigma2": 1, "tau": 7}
# rho is 1/2 or 3/2: E rho^2, E rho^4, E rho^6, and E rho^4 again.
SCALES: Numbers = {
    "d": 5,
    "sigma2": 1,
    "c1": "5/4",
    "c2": "41/16",
    "c3": "365/64",
    "c4": "41/16",
}
FALSE: Numbers = {"n": 100, "d": 1, "sigma2": 20}
FIGURES: dict[str, Figure] = {
    "theorem1": Figure(
        "The least loss of one layer at d = 5 (claim minimum): the noise, and what is left of d.",
        "examples n",
        "least expected loss",
        "n",
        1,
        100,
        tuple(Curve(f"σ² = {v}", "least", LEAST, {"d": 5, "sigma2": v}) for v in (0, 1, 4)),
    ),
    "two-steps": Figure(
        "One and two gradient steps at n = 20, d = 5 (claims one-step, bound, gain): the least "
        "losses above the noise.",
        "noise variance σ²",
        "least loss − σ²",
        "sigma2",
        0,
        30,
        (
            Curve("two steps", "least - sigma2", LEAST, {"n": 20, "d": 5}),
            Curve(
                "one step",
                "least + gain - sigma2",
                {**LEAST, "gain": ("gain", "right")},
                {"n": 20, "d": 5},
            ),
        ),
        whole=False,
    ),
    "causal-training": Figure(
        "What a layer trained on all prefixes of up to 100 examples loses at each of them "
        "(claim regret, m = (2 n + 1)/3 = 67), d = 5.",
        "examples seen",
        "loss above the best layer for that length",
        "n",
        1,
        100,
        tuple(
            Curve(
                f"σ² = {v}", "lost", {"lost": ("regret", "right")}, {"d": 5, "m": 67, "sigma2": v}
            )
            for v in (0, 1, 4)
        ),
    ),
    "length-and-shift": Figure(
        "A layer trained on 20 examples and tested on others, d = 5, σ² = 1 (claims against-zero, "
        "divided-regret): the plain sum gets worse than predicting 0, the mean does not.",
        "examples of a test prompt",
        "expected loss",
        "n",
        1,
        80,
        (
            Curve(
                "sum over examples",
                "d + sigma2 - gain",
                {"gain": ("against-zero", "right")},
                TESTED,
            ),
            Curve("mean over examples", "risk", {"risk": ("divided-regret", "right")}, TESTED),
            Curve("the prediction 0", "d + sigma2 + 0*n", {}, TESTED),
        ),
    ),
    "task-mean": Figure(
        "The price of a task mean without a skip at d = 5 (claims bound, one-head-pays), in units "
        "of ‖μ‖²: what no number of heads avoids, and what one head need not exceed.",
        "examples n",
        "price per ‖μ‖²",
        "n",
        1,
        60,
        (
            *(
                Curve(f"any heads, σ² = {v}", "k", {"k": ("bound", "mean")}, {"d": 5, "sigma2": v})
                for v in (0, 10)
            ),
            Curve("some layer of one head", "k", {"k": ("one-head-pays", "mean")}, {"d": 5}),
        ),
    ),
    "random-covariance": Figure(
        "Scales that are 1/2 or 3/2 with equal chances, d = 5, σ² = 1 (claims scales-minimum, "
        "never-learns): the least loss above the noise, and the bound that no length passes.",
        "examples n",
        "least loss − σ²",
        "n",
        1,
        200,
        (
            Curve(
                "least loss",
                "least - sigma2",
                {"least": ("scales-minimum", "value")},
                SCALES,
            ),
            Curve("bound", "bound + 0*n", {"bound": ("never-learns", "right")}, SCALES),
        ),
    ),
    "task-pool": Figure(
        "Trained on one task without noise, tested on fresh ones, d = 10 (claim one-task): the "
        "prediction 0 has loss 10.",
        "examples n",
        "expected loss on fresh tasks",
        "n",
        1,
        60,
        (Curve("one task", "risk", {"risk": ("one-task", "right")}, {"d": 10}),),
    ),
    "tied-steps": Figure(
        "One rate taken twice at n = 100, d = 1, σ² = 20 (claim around at v = 0): a local minimum "
        "on the right that is worse than the best single step (claim worse).",
        "the rate",
        "loss − σ²",
        "m",
        0.004,
        0.0145,
        (
            Curve(
                "one rate twice", "loss - sigma2", {"loss": ("around", "right")}, {**FALSE, "v": 0}
            ),
            Curve("best single step", "least - sigma2 + 0*m", {"least": ("worse", "right")}, FALSE),
        ),
        whole=False,
    ),
    "query-in-sum": Figure(
        "What the query's own token gains where the task has mean 1, at d = 1, n = 12 (claims "
        "line-bound, line-without): below 0 it harms.",
        "noise variance σ²",
        "least loss without it − with it",
        "sigma2",
        0,
        16,
        (
            Curve(
                "two heads or more",
                "without - best",
                {"without": ("line-without", "value"), "best": ("line-bound", "right")},
                {"n": 12, "mu": 1},
            ),
        ),
        whole=False,
    ),
    "gd-plus-plus": Figure(
        "The slope of the loss in gamma at 0, at the best two rates, d = 5 (claim "
        "slope-at-optimum).",
        "examples n",
        "slope",
        "n",
        1,
        60,
        tuple(
            Curve(f"σ² = {v}", "slope", {"slope": ("slope",)}, {"d": 5, "sigma2": v})
            for v in (0, 1)
        ),
    ),
}


# A figure of the documentation that a page shows too.
PHASES = Path(__file__).parent.parent / "phase-diagram.svg"
PHASES_SHOWN = "Where the loss has local minima that are not global, d = 3, in both spaces"


def svg(report: Report) -> str:
    """The theorem's figure as SVG; empty where it has none."""
    if report.theorem.id == "landscape":
        return _labelled(PHASES.read_text(encoding="utf-8"), PHASES_SHOWN)
    figure = FIGURES.get(report.theorem.id)
    if figure is None:
        return ""
    file = io.BytesIO()
    write_figure(_drawn(report, figure), file, "svg")
    return _labelled(file.getvalue().decode("utf-8"), figure.caption)


def _labelled(text: str, caption: str) -> str:
    """The picture alone, with its caption for those who cannot see it."""
    said = f'<svg role="img" aria-label="{escape(caption)}"'
    return text[text.index("<svg") :].replace("<svg", said, 1)


def _drawn(report: Report, figure: Figure) -> Any:
    count = figure.last - figure.first + 1 if figure.whole else 121
    step = (figure.last - figure.first) / (count - 1)
    points = [figure.first + k * step for k in range(count)]
    with drawing(figure.caption) as (picture, (axes,)):
        for curve, colour, dashes in zip(figure.curves, COLOURS, DASHES, strict=False):
            value = values(report, figure, curve)
            heights = [value(x) for x in points]
            axes.plot(points, heights, dashes, color=colour, label=curve.label, lw=1.8)
        axes.set_xlabel(figure.x_label)
        axes.set_ylabel(figure.y_label)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
        return picture


def values(report: Report, figure: Figure, curve: Curve) -> Callable[[float], float]:
    """A curve as a function of the figure's letter; ValueError if another letter is left."""
    expression = number(curve.text)
    for name, where in curve.parts.items():
        text = statement_part(report, *where) if len(where) > 1 else report.results[where[0]]
        expression = expression.subs(sympy.Symbol(name), number(str(text)))
    for name, text in curve.at.items():
        expression = expression.subs(*_set(name, sympy.Rational(text)))
    argument = sympy.Symbol("argument", nonnegative=True)
    expression = sympy.simplify(expression.subs(*_set(figure.letter, argument)))
    left = expression.free_symbols - {argument}
    if left:
        raise ValueError(f"{curve.label}: no value for {', '.join(map(str, left))}")
    function = sympy.lambdify(argument, expression)
    return lambda x: float(function(x))


def _set(name: str, value: sympy.Expr) -> tuple[sympy.Symbol, sympy.Expr]:
    """sigma2 is the square of the letter in which checked expressions are read."""
    return (SIGMA, sympy.sqrt(value)) if name == "sigma2" else (sympy.Symbol(name), value)
