"""The results of a derivation as values that every document can show (stdlib only).

A derivation names its results and gives them as text: an expression of the index language, a list
of systems of equations (``a = 0; b = 1``), or plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import Context
from verifier.proof.syntax import Node, ProofError, Symbol, names, nodes, show
from verifier.render.kinds import Form, form_of
from verifier.render.wording import Wording
from verifier.theorem.theorem import Report
from verifier.theorem.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Formula:
    """One expression, as it reads in a context."""

    context: Context
    text: str

    def plain(self, words: Wording) -> str:
        """For a terminal."""
        return words.expression(self.context, self.text)

    def node(self) -> Node:
        """The parsed expression."""
        return self.context.read(self.text)


@dataclass(frozen=True, slots=True)
class Equations:
    """Systems of equations, any one of which may hold."""

    context: Context
    systems: tuple[tuple[tuple[str, str], ...], ...]

    def alternatives(self, words: Wording) -> list[str]:
        """One text per system."""
        return [words.equations(self.context, system) for system in self.systems]


@dataclass(frozen=True, slots=True)
class Words:
    """Anything else, in words."""

    text: str


Value = Formula | Equations | Words


def results_of(report: Report) -> dict[str, object]:
    """A report's results; what minimisers predict is taken from the statement that was checked."""
    results = dict(report.results)
    predicted = [
        claim.statement.cases[0]
        for claim in sorted(report.claims, key=lambda one: "prediction" not in one.claim.id)
        if claim.verdict is Verdict.PROVED
        and claim.statement is not None
        and form_of(claim.statement, claim.minima) is Form.AT_MINIMUM
        and len(claim.statement.cases) == 1
    ]
    if predicted and "predictor" in results:
        results["predictor"] = "; ".join(f"{e.left} = {e.right}" for e in predicted[0])
    return results


def contexts_of(report: Report) -> tuple[Context, ...]:
    """The settings of a report's proofs, in which its results read."""
    return tuple(proof.context for proof in report.record.proofs)


def meanings(report: Report) -> dict[str, str]:
    """What the less usual scalars in the results stand for."""
    contexts = contexts_of(report)
    used: set[str] = set()
    for _, value in labelled(results_of(report), contexts):
        if isinstance(value, Formula):
            used |= names(value.node())
    declared = {s.name: s.meaning for context in contexts for s in context.scalars}
    usual = {"n", "d", "sigma2"}
    return {k: v for k, v in declared.items() if v and k in used - usual}


def labelled(
    results: Mapping[str, object], contexts: Sequence[Context]
) -> Iterator[tuple[str, Value]]:
    """Label and value of every result, nested mappings flattened."""
    for key, value in results.items():
        label = key.replace("_", " ")
        if isinstance(value, Mapping):
            inside = labelled(value, contexts)
            yield from ((f"{label} {inner}", found) for inner, found in inside)
        else:
            yield label, classify(value, contexts)


def classify(value: object, contexts: Sequence[Context]) -> Value:
    """What kind of result a value is: the first context in which it reads decides."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Formula(Context(), str(value))
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(v, str) for v in texts):
        return Words(str(value))
    for context in contexts:
        try:
            if isinstance(value, str) and "=" not in value:
                context.read(value)
                return Formula(context, value)
            return Equations(context, tuple(_system(context, text) for text in texts))
        except ProofError:
            continue
    return Words("; ".join(texts))


def _system(context: Context, text: str) -> tuple[tuple[str, str], ...]:
    equations = []
    for part in text.split(";"):
        sides = [side.strip() for side in part.split("=")]
        if len(sides) != 2:
            raise ProofError(f"{part.strip()!r} is not an equation")
        context.read(sides[0]), context.read(sides[1])
        equations.append((sides[0], sides[1]))
    return tuple(equations)


def sympy_text(context: Context, text: str) -> str:
    """An expression as SymPy reads it: powers as ``**``; arrays keep the index language."""
    node = context.read(text)
    if any(isinstance(one, Symbol) and one.indices for one in nodes(node)):
        return show(node)
    return show(node).replace("^", "**")
