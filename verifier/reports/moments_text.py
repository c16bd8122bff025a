"""Answers on moments for a terminal, as LaTeX and as JSON."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from verifier.moments.answer import Answer, AnswerTerm
from verifier.moments.rendering import (
    chain_text,
    coefficient_text,
    pretty,
    question_latex,
    word_text,
)
from verifier.render.streams import Style

SCHEMA_VERSION = 1


def moments_text(answer: Answer, style: Style) -> str:
    """The formula, what every name stands for, and when the mean is finite."""
    formula = _shown(str(answer), style)
    asked = _shown(answer.question, style)
    lines = [f"{asked} = {formula}"]
    if len(lines[0]) > style.width and len(answer.terms) > 1:
        lines = [f"{asked} ="]
        for k, (sign, term) in enumerate(answer.signed_terms()):
            start = "-" if sign < 0 else "+" if k else " "
            lines.append(_shown(f"  {start} {term}", style))
    names = [_shown(str(given), style) for given in answer.given]
    lines += [f"  {line}" for line in names]
    if answer.units():
        lines.append(f"  {_units_text(answer.units())}")
    finite = "; ".join(_shown(condition, style) for condition in answer.conditions)
    lines.append(f"  finite for {finite}" if finite else "  for every size of the matrices")
    lines.append("  computed in exact arithmetic, outside the checker")
    return style.letters("\n".join(lines))


def moments_latex(answer: Answer) -> str:
    """The equation in LaTeX, without dollars."""
    return f"{question_latex(answer.question)} = {answer.latex()}"


def moments_json(answer: Answer) -> str:
    """The record, as described by ``moments.schema.json``."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "question": answer.question,
        "status": "computed",
        "answer": str(answer),
        "latex": answer.latex(),
        "rows": answer.rows,
        "columns": answer.cols,
        "terms": [_term(term, answer.is_scalar) for term in answer.terms],
        "names": [
            {"name": given.name, "random": given.random, "meaning": str(given)}
            for given in answer.given
        ],
        "summed_over": list(answer.units()),
        "finite_for": list(answer.conditions),
    }
    return json.dumps(record, indent=2)


def schema() -> dict[str, Any]:
    """The JSON Schema of the record."""
    text = (resources.files("verifier.reports") / "moments.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _term(term: AnswerTerm, scalar: bool) -> dict[str, Any]:
    size = -term.coefficient if term.negative else term.coefficient
    return {
        "sign": -1 if term.negative else 1,
        "coefficient": coefficient_text(size),
        "traces": [{"factor": word_text(w), "exponent": e} for w, e in term.words],
        "matrix": None if scalar else chain_text(term.chain) or "I",
    }


def _units_text(indices: tuple[str, ...]) -> str:
    listed = ", ".join(f"e_{index}" for index in indices)
    return f"{listed}: unit vectors; the sums run over all coordinates"


def _shown(text: str, style: Style) -> str:
    return pretty(text) if style.unicode else text
