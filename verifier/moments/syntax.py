"""The syntax tree of a question such as ``E[tr(S)^2 S A S^-1]``.

Products are kept flat, because which factors are scalars is known only once the names are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Number:
    """A rational number, never negative as typed."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A matrix, a vector or a scalar."""

    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of terms with their signs +1 and -1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Factors side by side; every exponent is +1 or, behind a slash, -1."""

    factors: tuple[tuple[Node, int], ...]


@dataclass(frozen=True, slots=True)
class Power:
    """An integer power; of a matrix, -1 is the inverse."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Transpose:
    """X'."""

    body: Node


@dataclass(frozen=True, slots=True)
class Trace:
    """tr(body)."""

    body: Node


@dataclass(frozen=True, slots=True)
class Mean:
    """E[body]."""

    body: Node


@dataclass(frozen=True, slots=True)
class Covariance:
    """Cov[left, right] = E[left right'] - E[left] E[right]'; Var[x] is Cov[x, x]."""

    left: Node
    right: Node


Node = Number | Name | Sum | Product | Power | Transpose | Trace | Mean | Covariance


def parts(node: Node) -> tuple[Node, ...]:
    """The immediate parts."""
    match node:
        case Sum(terms):
            return tuple(term for _, term in terms)
        case Product(factors):
            return tuple(factor for factor, _ in factors)
        case Power(body, _) | Transpose(body) | Trace(body) | Mean(body):
            return (body,)
        case Covariance(left, right):
            return (left, right)
    return ()


def names_in(node: Node) -> list[str]:
    """Every name, in order of first appearance."""
    if isinstance(node, Name):
        return [node.name]
    return list(dict.fromkeys(name for part in parts(node) for name in names_in(part)))


def takes_means(node: Node) -> bool:
    """Whether an E, Cov or Var occurs."""
    return isinstance(node, (Mean, Covariance)) or any(map(takes_means, parts(node)))


def shown(node: Node, tight: bool = False) -> str:
    """The text of a node, which reads back as the same node; ``tight``: as a factor."""
    match node:
        case Number(value):
            return f"({value})" if tight and value.denominator != 1 else str(value)
        case Name(name):
            return name
        case Sum(terms):
            text = " ".join(
                f"{'-' if sign < 0 else '+'} {shown(term, isinstance(term, Sum))}"
                for sign, term in terms
            )
            text = text.removeprefix("+ ")
            return f"({text})" if tight else text
        case Product(factors):
            pieces = [("/ " if e < 0 else "") + shown(factor, True) for factor, e in factors]
            return f"({' '.join(pieces)})" if tight else " ".join(pieces)
        case Power(base, exponent):
            return f"{shown(base, True)}^{exponent}"
        case Transpose(body):
            return f"{shown(body, True)}'"
        case Trace(body):
            return f"tr({shown(body)})"
        case Mean(body):
            return f"E[{shown(body)}]"
        case Covariance(left, right):
            return f"Cov[{shown(left)}, {shown(right)}]"
