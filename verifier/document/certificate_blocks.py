"""A step's certificate as blocks: what a reader needs to redo the check by hand (floor 3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from verifier.document.blocks import Block, Display, Formula, Paragraph, Piece, Tex, equation
from verifier.document.latex_expression import symbol
from verifier.document.statement_blocks import system
from verifier.proof import normal
from verifier.proof.checker import Step
from verifier.proof.context import Context, Equation, equation_from_data
from verifier.proof.meaning import Meaning, equation_indices
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Statement,
)

RULES = {
    "identity": "both sides have equal normal forms, up to the stated combination of equations",
    "sign": "no coefficient is negative once every scalar is written from its minimum",
    "squares": "both sides have equal normal forms, and each coefficient has its sign",
    "cases": "the tree of cases below ends in a conclusion everywhere",
    "minimum": "from the sum of squares and the case analysis, with the converse and a witness",
    "at-minimum": "each family of minimisers implies it",
    "tower": "the expectation of a conditional expectation",
}


def certificate_blocks(
    context: Context, step: Step, used: Mapping[str, Statement]
) -> Iterator[Block]:
    """Why the step holds, in full."""
    data, statement = step.certificate, step.statement
    match statement:
        case Identity(left, right, given):
            yield from _names((*context.hypotheses, *given))
            yield from _combination(Equation("", left, right), data, 0)
        case Sign(text, _):
            yield from _shifted(context, text)
        case Bound(_, _, squares):
            for square in squares:
                yield from _shifted(context, square.coefficient)
        case Implication(given, conclude):
            yield from _names(given)
            yield from _tree(conclude, data, (), 0)
        case Minimum():
            yield from _minimum(statement, data, used)
        case AtMinimum(_, _, conclude_all):
            minimum = next((s for s in used.values() if isinstance(s, Minimum)), None)
            families = minimum.minimisers if minimum else ()
            for family, by in zip(families, data.get("systems", ()), strict=False):
                yield Paragraph(("On the family ", *system(family), ":"))
                yield from _names(family)
                for goal in conclude_all:
                    yield from _combination(goal, by.get(goal.name, {}), 0)


def _names(equations: tuple[Equation, ...]) -> Iterator[Block]:
    """Which name stands for which difference of sides."""
    if equations:
        yield Paragraph(("where each name stands for left side minus right side:",))
    for e in equations:
        head = symbol(e.name, equation_indices(e))
        yield Display((Tex(head + " :="), Formula.of(f"({e.left}) - ({e.right})")), 1)


def _combination(goal: Equation, by: Mapping[str, Any], depth: int) -> Iterator[Block]:
    """times * (left - right) = combination."""
    combination, times = by.get("combination"), by.get("times", "1")
    if combination is None:
        return
    goal_text = f"({goal.left}) - ({goal.right})"
    left = goal_text if times == "1" else f"({times})*({goal_text})"
    yield Display((Formula.of(left), Tex("="), Formula.of(combination)), depth)


def _shifted(context: Context, text: str) -> Iterator[Block]:
    """The numerator of a coefficient, written from the minima of its scalars."""
    pieces: tuple[Piece, ...] = (Formula.of(text), ": numerator ")
    yield Paragraph((*pieces, Formula.of(from_minima(context, text))))


def from_minima(context: Context, text: str) -> str:
    """The numerator of a scalar expression as a polynomial in each scalar minus its minimum."""
    poly = Meaning(context).value(text).numerator
    shifted: normal.Poly = {}
    for (powers, _), coefficient in poly.items():
        term = normal.constant(coefficient)
        for name, exponent in powers:
            declared = context.scalar(name)
            minimum = declared.minimum if declared and declared.minimum else Fraction(0)
            base = normal.add(normal.scalar(name), normal.constant(minimum))
            term = normal.multiply(term, normal.power(base, exponent))
        shifted = normal.add(shifted, term)
    ordered = sorted(shifted.items(), key=lambda item: (-_degree(item[0]), item[0][0]))
    return " + ".join(_term(context, key[0], value) for key, value in ordered) or "0"


def _degree(monomial: normal.Monomial) -> int:
    return sum(exponent for _, exponent in monomial[0])


def _term(context: Context, powers: normal.Scalars, coefficient: Fraction) -> str:
    factors = []
    for name, exponent in powers:
        declared = context.scalar(name)
        minimum = declared.minimum if declared and declared.minimum else Fraction(0)
        base = f"({name} - {minimum})" if minimum > 0 else name
        base = f"({name} + {-minimum})" if minimum < 0 else base
        factors.append(f"{base}^{exponent}" if exponent > 1 else base)
    number = [f"({coefficient})"] if coefficient != 1 or not factors else []
    return "*".join([*number, *factors])


def _tree(
    conclude: tuple[tuple[Equation, ...], ...],
    node: Mapping[str, Any],
    number: tuple[int, ...],
    depth: int,
) -> Iterator[Block]:
    """One node of a case tree, its cases numbered like 1.2.1."""
    kind = node.get("node")
    if kind == "conclude":
        goals = conclude[node["system"]]
        yield Paragraph(("Conclusion: ", *system(goals), "."), depth)
        for goal in goals:
            yield from _combination(goal, node.get("by", {}).get(goal.name, {}), depth)
    elif kind == "contradiction":
        yield Paragraph(("Contradiction:",), depth)
        yield from _combination(Equation("", "1", "0"), node.get("by", {}), depth)
    elif kind == "derive":
        derived = equation_from_data(node["equation"])
        head = Tex(symbol(derived.name, equation_indices(derived)))
        pieces = equation(derived.left, derived.right)
        yield Paragraph(("It follows (", head, ") that ", *pieces, ":"), depth)
        yield from _combination(derived, node.get("by", {}), depth)
        yield from _tree(conclude, node["then"], number, depth)
    elif kind == "split":
        factors = [equation_from_data(entry) for entry in node["factors"]]
        product = Equation("", f"({factors[0].left})*({factors[1].left})", "0")
        yield Paragraph(("A product with separate indices vanishes:",), depth)
        yield Display(equation(product.left, product.right), depth)
        yield from _combination(product, node.get("by", {}), depth)
        for k, (factor, branch) in enumerate(zip(factors, node["branches"], strict=True), 1):
            own = (*number, k)
            label = f"Case {'.'.join(map(str, own))}, "
            head = Tex(symbol(factor.name, equation_indices(factor)))
            pieces = equation(factor.left, factor.right)
            yield Paragraph((label, *pieces, " (", head, ")."), depth)
            yield from _tree(conclude, branch, own, depth + 1)


def _minimum(
    statement: Minimum, data: Mapping[str, Any], used: Mapping[str, Statement]
) -> Iterator[Block]:
    bound = next((s for s in used.values() if isinstance(s, Bound)), None)
    if bound is None:
        return
    for family, certificates in zip(statement.minimisers, data["converse"], strict=True):
        yield Paragraph(
            (
                "Conversely, on the family ",
                *system(family),
                " every square vanishes;",
            )
        )
        yield from _names(family)
        for square, by in zip(bound.squares, certificates, strict=True):
            yield from _combination(Equation("", square.term, "0"), by, 0)
    yield Paragraph(("The minimum is attained, for example at",))
    for value in data["witness"]["values"]:
        head = symbol(value["name"], tuple(value["parameters"]))
        yield Display((Tex(head + " ="), Formula.of(value["body"])), 1)
