"""Expressions, statements and certificates as coq/kernel has them: normal_form.v to minima.v.

Sorts, scalars, arrays and sources are numbers there. `Call` and `Power` are abbreviations: a name
that is defined, and a product of equal factors; `core` writes them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce


@dataclass(frozen=True, slots=True)
class Label:
    """An index: its sort and number; ``base`` is a variable of a definition, to which it adds."""

    sort: int
    number: int
    base: str = ""


@dataclass(frozen=True, slots=True)
class Num:
    """A whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class Sca:
    """A scalar: 2 k is the size of sort k, 2 k + 1 the scalar k."""

    number: int


@dataclass(frozen=True, slots=True)
class Ten:
    """An entry of an array (0: delta)."""

    array: int
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """left + right."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Mul:
    """left * right."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum over a label."""

    label: Label
    body: Expr


@dataclass(frozen=True, slots=True)
class Mean:
    """The expectation over the sources, one after the other, the first outermost."""

    sources: tuple[int, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Power:
    """base * (base * ...), ``exponent`` factors."""

    base: Expr
    exponent: int


@dataclass(frozen=True, slots=True)
class Call:
    """A defined name at some labels; its bound labels are numbered from ``offset`` on."""

    name: str
    offset: Label
    labels: tuple[Label, ...]
    body: Expr


Expr = Num | Sca | Ten | Add | Mul | Sum | Mean | Power | Call
ZERO, ONE, MINUS_ONE = Num(0), Num(1), Num(-1)


def minus(left: Expr, right: Expr) -> Expr:
    """left - right, as rules.v writes it."""
    return Add(left, Mul(MINUS_ONE, right))


def product(factors: list[Expr]) -> Expr:
    """The product of some factors."""
    return reduce(Mul, factors) if factors else ONE


def core(e: Expr) -> Expr:
    """The expression without abbreviations."""
    match e:
        case Add(left, right):
            return Add(core(left), core(right))
        case Mul(left, right):
            return Mul(core(left), core(right))
        case Sum(label, body):
            return Sum(label, core(body))
        case Mean(sources, body):
            return Mean(sources, core(body))
        case Call():
            return core(e.body)
        case Power(base, exponent):
            factor = core(base)
            return (
                reduce(lambda rest, one: Mul(one, rest), [factor] * exponent) if exponent else ONE
            )
    return e


@dataclass(frozen=True, slots=True)
class Plain:
    """A combination without residuals."""

    body: Expr


@dataclass(frozen=True, slots=True)
class Residual:
    """Left minus right side of a known equation, some of its free labels replaced."""

    known: int
    replaced: tuple[tuple[Label, Label], ...]


@dataclass(frozen=True, slots=True)
class Plus:
    """left + right."""

    left: Combination
    right: Combination


@dataclass(frozen=True, slots=True)
class Times:
    """left * right."""

    left: Combination
    right: Combination


@dataclass(frozen=True, slots=True)
class Summed:
    """The sum over a label."""

    label: Label
    body: Combination


@dataclass(frozen=True, slots=True)
class Averaged:
    """The expectation over the sources."""

    sources: tuple[int, ...]
    body: Combination


Combination = Plain | Residual | Plus | Times | Summed | Averaged


@dataclass(frozen=True, slots=True)
class Relation:
    """left = right, >= or >."""

    relation: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Why:
    """times * (left - right) = combination; of an inequality, with rest + squares on the right.

    ``light``: it holds for whatever numbers the closed means in it are.
    """

    combination: Combination
    times: Expr
    rest: Expr
    squares: tuple[tuple[Expr, Expr], ...]
    light: bool = False


@dataclass(frozen=True, slots=True)
class Conclude:
    """A case, and why for each of its atoms."""

    case: int
    whys: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """1 = 0."""

    why: Why


@dataclass(frozen=True, slots=True)
class Derive:
    """Adds left = right."""

    left: Expr
    right: Expr
    why: Why
    then: Tree


@dataclass(frozen=True, slots=True)
class Null:
    """Adds term = 0 for each square that is named."""

    squares: tuple[tuple[Expr, Expr, bool], ...]
    why: Why
    then: Tree


@dataclass(frozen=True, slots=True)
class Split:
    """One factor is 0, or the other."""

    left: Expr
    right: Expr
    why: Why
    branches: tuple[Tree, Tree]


@dataclass(frozen=True, slots=True)
class Cite:
    """One of the cases of an earlier step holds."""

    step: int
    whys: tuple[Why, ...]
    branches: tuple[Tree, ...]


Tree = Conclude | Contradiction | Derive | Null | Split | Cite


@dataclass(frozen=True, slots=True)
class Attained:
    """A case of a minimum and values of the parameters at which it holds."""

    case: int
    values: tuple[tuple[int, tuple[Label, ...], Expr], ...]
    whys: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """If all atoms of ``given`` hold, so do those of one case."""

    given: tuple[Relation, ...]
    cases: tuple[tuple[Relation, ...], ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """objective >= value, equality exactly in the cases, attained."""

    objective: Expr
    value: Expr
    parameters: tuple[int, ...]
    cases: tuple[tuple[Relation, ...], ...]


Statement = Claim | Minimum


def inside(e: Expr) -> Iterator[Expr]:
    """The expression and everything in it, abbreviations looked into."""
    todo: list[Expr] = [e]
    while todo:
        one = todo.pop()
        yield one
        match one:
            case Add(left, right) | Mul(left, right):
                todo += (left, right)
            case Sum(_, body) | Mean(_, body) | Power(body, _) | Call(_, _, _, body):
                todo.append(body)
