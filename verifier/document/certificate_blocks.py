"""A step's certificate as blocks: what a reader needs to redo the check by hand (floor 3)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from verifier.document.blocks import Block, Display, Formula, Paragraph, Tex, equation, joined
from verifier.document.latex_expression import symbol
from verifier.document.statement_blocks import system
from verifier.proof import normal
from verifier.proof.checker import Step
from verifier.proof.context import Context, Equation, equation_from_data
from verifier.proof.expression import parse, symbols
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


MAX_SHOWN_TERMS = 40


def certificate_blocks(
    context: Context, step: Step, used: Mapping[str, Statement]
) -> Iterator[Block]:
    """Why the step holds, in full."""
    data, statement = step.certificate, step.statement
    match statement:
        case Identity(left, right, given):
            if "combination" in data:
                yield from _names((*context.hypotheses, *given))
            yield from _combination(Equation("", left, right), data, 0)
        case Sign(text, _):
            yield from _shifted(context, text)
        case Bound(_, _, squares):
            for square in squares:
                if _has_symbols(square.coefficient):
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


def _has_symbols(text: str) -> bool:
    """Whether an expression is more than a number."""
    return any(True for _ in symbols(parse(text)))


def _names(equations: tuple[Equation, ...]) -> Iterator[Block]:
    """Which name stands for which difference of sides."""
    if equations:
        yield Paragraph(
            ("Each name stands for the left side minus the right side of an assumed equation:",)
        )
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
    rests, polynomial = from_minima(context, text)
    shifts = [equation(name, f"{minimum} + {rest}") for name, (minimum, rest) in rests.items()]
    with_shifts = ("with ", *joined(shifts, ", "), " ") if shifts else ()
    sign = ("Sign of ", Formula.of(text), ": ")
    terms = polynomial.count(" + ") + polynomial.count(" - ") + 1
    if terms > MAX_SHOWN_TERMS:
        many = f"the numerator has {terms} terms, none with a negative coefficient."
        yield Paragraph((*sign, *with_shifts, many))
        return
    yield Paragraph((*sign, *with_shifts, "the numerator is ", Formula.of(polynomial), "."))


def from_minima(context: Context, text: str) -> tuple[dict[str, tuple[Fraction, str]], str]:
    """The numerator of a scalar expression with every scalar written as minimum + rest.

    Returns, for each scalar with a non-zero minimum, that minimum and the name of its rest (the
    scalar's name and 1, or more where that is taken), and the polynomial as text.
    """
    poly = Meaning(context).value(text).numerator
    rests: dict[str, tuple[Fraction, str]] = {}
    shifted: normal.Poly = {}
    for (powers, _), coefficient in poly.items():
        term = normal.constant(coefficient)
        for name, exponent in powers:
            declared = context.scalar(name)
            minimum = declared.minimum if declared and declared.minimum else Fraction(0)
            if minimum:
                rests.setdefault(name, (minimum, _spare(context, name)))
            rest = rests[name][1] if minimum else name
            base = normal.add(normal.scalar(rest), normal.constant(minimum))
            term = normal.multiply(term, normal.power(base, exponent))
        shifted = normal.add(shifted, term)
    ordered = sorted(shifted.items(), key=lambda item: (-_degree(item[0]), item[0][0]))
    return dict(sorted(rests.items())), " + ".join(_term(*item) for item in ordered) or "0"


def _spare(context: Context, name: str) -> str:
    """A name that the context does not use."""
    taken = {s.name for s in context.scalars} | {t.name for t in context.tensors}
    taken |= {x.name for x in context.definitions} | {h.name for h in context.hypotheses}
    return next(f"{name}{k}" for k in itertools.count(1) if f"{name}{k}" not in taken)


def _degree(monomial: normal.Monomial) -> int:
    return sum(exponent for _, exponent in monomial[0])


def _term(monomial: normal.Monomial, coefficient: Fraction) -> str:
    factors = [f"{name}^{k}" if k > 1 else name for name, k in monomial[0]]
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
        pieces = system((derived,))
        yield Paragraph(("It follows (", head, ") that ", *pieces, ":"), depth)
        yield from _combination(derived, node.get("by", {}), depth)
        yield from _tree(conclude, node["then"], number, depth)
    elif kind == "split":
        factors = [equation_from_data(entry) for entry in node["factors"]]
        product = Equation("", f"({factors[0].left})*({factors[1].left})", "0")
        yield Paragraph(("A product with separate indices vanishes:",), depth)
        yield Display(system((product,)), depth)
        yield from _combination(product, node.get("by", {}), depth)
        for k, (factor, branch) in enumerate(zip(factors, node["branches"], strict=True), 1):
            own = (*number, k)
            label = f"Case {'.'.join(map(str, own))}, "
            head = Tex(symbol(factor.name, equation_indices(factor)))
            pieces = system((factor,))
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
