"""The results of a derivation as values that every document can show (floor 3; stdlib only).

A derivation names its results and gives them as text: an expression of the index language, a list
of systems of equations (``a = 0; b = 1``), or plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from verifier.document.wording import Wording
from verifier.proof.context import Equation
from verifier.proof.expression import Node, ProofError, parse, show, symbols
from verifier.proof.statement import AtMinimum
from verifier.proof.verdict import Verdict
from verifier.theorem import Report


@dataclass(frozen=True, slots=True)
class Formula:
    """One expression."""

    text: str

    def plain(self, words: Wording) -> str:
        """For a terminal."""
        return words.expression(self.text)

    def node(self) -> Node:
        """The parsed expression."""
        return parse(self.text)


@dataclass(frozen=True, slots=True)
class Equations:
    """Systems of equations, any one of which may hold."""

    systems: tuple[tuple[tuple[str, str], ...], ...]

    def alternatives(self, words: Wording) -> list[str]:
        """One text per system."""
        return [
            words.system(tuple(Equation("", left, right) for left, right in system), ", ")
            for system in self.systems
        ]


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else, in words."""

    text: str

    def plain(self, words: Wording) -> str:
        """As it is."""
        return self.text


Value = Formula | Equations | Words


def results_of(report: Report) -> dict[str, object]:
    """A report's results; what minimisers predict is taken from the statement that was checked."""
    results = dict(report.results)
    for claim in report.claims:
        if claim.verdict is Verdict.PROVED and isinstance(claim.statement, AtMinimum):
            found = "; ".join(f"{e.left} = {e.right}" for e in claim.statement.conclude)
            return {key: found if key == "predictor" else value for key, value in results.items()}
    return results


def meanings(report: Report) -> dict[str, str]:
    """What the less usual scalars in the results stand for."""
    used: set[str] = set()
    for _, value in labelled(results_of(report)):
        if isinstance(value, Formula):
            used |= {symbol.name for symbol in symbols(value.node())}
    contexts = [claim.context for claim in report.claims if claim.context is not None]
    declared = {s.name: s.meaning for context in contexts for s in context.scalars}
    usual = {"n", "d", "sigma2"}
    return {k: v for k, v in declared.items() if v and k in used - usual}


def labelled(results: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    """Label and value of every result, nested mappings flattened."""
    for key, value in results.items():
        label = key.replace("_", " ")
        if isinstance(value, Mapping):
            yield from ((f"{label} {inner}", found) for inner, found in labelled(value))
        else:
            yield label, classify(value)


def classify(value: object) -> Value:
    """What kind of result a value is."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Formula(str(value))
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, list | tuple) and value and all(isinstance(v, str) for v in value):
        try:
            return Equations(tuple(_system(v) for v in value))
        except ProofError:
            return Words("; ".join(value))
    return Words(str(value))


def _from_text(value: str) -> Value:
    try:
        parse(value)
    except ProofError:
        try:
            return Equations((_system(value),))
        except ProofError:
            return Words(value)
    return Formula(value)


def _system(text: str) -> tuple[tuple[str, str], ...]:
    equations = []
    for part in text.split(";"):
        sides = [side.strip() for side in part.split("=")]
        if len(sides) != 2:
            raise ProofError(f"{part.strip()!r} is not an equation")
        parse(sides[0]), parse(sides[1])
        equations.append((sides[0], sides[1]))
    return tuple(equations)


def sympy_text(text: str) -> str:
    """An expression as SymPy reads it: powers as ``**``; tensors keep the index language."""
    node = parse(text)
    if any(symbol.indices for symbol in symbols(node)):
        return show(node)
    return show(node).replace("^", "**")
