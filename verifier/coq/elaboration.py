"""From index expressions to those of Coq: definitions, divisors and bound labels.

Every sum gets labels of its own, from ``offset`` on, so that no label is captured; division by a
polynomial F in scalars becomes multiplication with a scalar u of which u F = 1 is given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from verifier.coq import language as coq
from verifier.coq.declarations import Declarations, NotExported
from verifier.coq.language import Expr, Label
from verifier.proof.syntax import (
    Binary,
    Expect,
    Neg,
    Node,
    Number,
    Pow,
    Sum,
    Symbol,
    free_indices,
    names,
)

Labels = Mapping[str, Label]
Known = Mapping[str, tuple[int, tuple[str, ...]]]  # of equations: place, free indices
OFFSET = "^"  # no letter


class Elaboration:
    """Expressions of one context; ``divisors``: number of the scalar and F, as they come up."""

    def __init__(self, declared: Declarations) -> None:
        self.declared, self.context = declared, declared.context
        self.meaning = declared.meaning
        self.divisors: dict[tuple[tuple[tuple[int, ...], int], ...], tuple[int, Expr]] = {}
        self.calls: dict[tuple[str, Label, tuple[Label, ...]], Expr] = {}

    # Labels

    def label(self, letter: str) -> Label:
        """The label of a letter that occurs free in a statement."""
        return Label(*self.declared.letter[letter])

    def free(self, *nodes: Node) -> Labels:
        """The labels of the free indices of some expressions."""
        return {letter: self.label(letter) for letter in free_indices(*nodes)}

    @property
    def start(self) -> Label:
        """Where the numbers of bound labels start in a statement."""
        return Label(0, self.declared.first_bound)

    def _bound(self, letter: str, offset: Label) -> Label:
        return replace(offset, sort=self.declared.letter[letter][0])

    # Expressions

    def read(self, text: str) -> Expr:
        """A text of the context, its free letters as labels."""
        node = self.context.read(text)
        return self.expression(node, self.free(node), self.start)

    def expression(self, node: Node, labels: Labels, offset: Label) -> Expr:
        """``labels`` of the letters in scope; bound labels are numbered from ``offset`` on."""
        match node:
            case Number(value):
                return coq.Num(value)
            case Symbol(name, indices):
                return self._symbol(name, tuple(labels[i] for i in indices), offset)
            case Neg(body):
                return coq.Mul(coq.MINUS_ONE, self.expression(body, labels, offset))
            case Pow(base, exponent):
                return coq.Power(self.expression(base, labels, offset), exponent)
            case Binary("/", left, right):
                return self._quotient(self.expression(left, labels, offset), right)
            case Binary(operation, left, right):
                one = self.expression(left, labels, offset)
                two = self.expression(right, labels, offset)
                if operation == "*":
                    return coq.Mul(one, two)
                return coq.Add(one, two) if operation == "+" else coq.minus(one, two)
            case Sum(indices, body):
                inner, own = dict(labels), []
                for k, index in enumerate(indices):
                    inner[index] = self._bound(index, _shifted(offset, k))
                    own.append(inner[index])
                found = self.expression(body, inner, _shifted(offset, len(indices)))
                for label in reversed(own):
                    found = coq.Sum(label, found)
                return found
            case Expect(sources, body):
                return coq.Mean(self.over(sources), self.expression(body, labels, offset))
        raise NotExported(f"an expression of the kind {type(node).__name__}")

    def over(self, sources: tuple[str, ...] | None) -> tuple[int, ...]:
        """The numbers of the sources of an expectation, the first outermost."""
        every = self.declared.sources()
        if sources is None:
            return every
        named = {self.declared.source[name] for name in sources}
        return tuple(number for number in every if number in named)

    def _symbol(self, name: str, labels: tuple[Label, ...], offset: Label) -> Expr:
        if name == "delta":
            return coq.Ten(0, labels)
        if name in self.declared.array:
            return coq.Ten(self.declared.array[name], labels)
        if name in self.declared.scalar:
            return coq.Sca(self.declared.scalar[name])
        key = (name, offset, labels)
        if key not in self.calls:
            parameters, body = self.meaning.definitions[name]
            inner = dict(zip(parameters, labels, strict=True))
            found = self.expression(body, inner, offset)
            self.calls[key] = coq.Call(name, offset, labels, found)
        return self.calls[key]

    def template(self, name: str) -> tuple[tuple[str, ...], Expr]:
        """The parameters of a definition, and its body with these and the offset as variables."""
        parameters, body = self.meaning.definitions[name]
        labels = {p: Label(self.declared.letter[p][0], 0, p) for p in parameters}
        return parameters, self.expression(body, labels, Label(0, 0, OFFSET))

    # Divisors

    def _quotient(self, left: Expr, divisor: Node) -> Expr:
        """left / divisor, the divisor num / (den * product of base^power)."""
        value = self.meaning.value(divisor)
        num, below = self.meaning.cleared(value)
        scale = math.lcm(*(Fraction(c).denominator for c in num.values()))
        whole = {powers: int(c * scale) for (powers, _), c in num.items()}
        content = math.gcd(*whole.values())
        base = {powers: c // content for powers, c in whole.items()}
        factors = [left]
        if value.den * scale != 1:
            factors.append(coq.Num(value.den * scale))
        for one, exponent in below:
            factors.append(coq.Power(self._polynomial(dict(one)), exponent))
        if content != 1:
            factors.append(self._inverse({0: content}))
        if base != {0: 1}:
            factors.append(self._inverse(base))
        return coq.product(factors)

    def _inverse(self, polynomial: Mapping[int, int]) -> Expr:
        key = tuple(sorted((self._scalars(p), c) for p, c in polynomial.items()))
        if key not in self.divisors:
            number = 2 * (self.declared.first_divisor + len(self.divisors)) + 1
            self.divisors[key] = (number, self._polynomial(polynomial))
        return coq.Sca(self.divisors[key][0])

    def _polynomial(self, polynomial: Mapping[int, int]) -> Expr:
        terms: list[Expr] = []
        for powers, c in sorted(polynomial.items(), key=lambda one: self._scalars(one[0])):
            factors: list[Expr] = [coq.Sca(s) for s in self._scalars(powers)]
            if c != 1 or not factors:
                factors.insert(0, coq.Num(c))
            terms.append(coq.product(factors))
        total = terms[-1]
        for term in reversed(terms[:-1]):
            total = coq.Add(total, term)
        return total

    def _scalars(self, powers: int) -> tuple[int, ...]:
        found: list[int] = []
        for name, at in self.meaning.shift.items():
            exponent = powers >> at & 1023
            if exponent and name not in self.declared.scalar:
                raise NotExported("a divisor that has divisors itself")
            found += [self.declared.scalar[name]] * exponent if exponent else []
        return tuple(sorted(found))

    # Combinations of residuals

    def combination(
        self, node: Node, known: Known, labels: Labels, offset: Label
    ) -> coq.Combination:
        """An expression in which names of known equations stand for left minus right."""
        if not names(node) & known.keys():
            return coq.Plain(self.expression(node, labels, offset))
        match node:
            case Symbol(name, indices):
                place, parameters = known[name]
                pairs = zip(parameters, indices, strict=True)
                replaced = ((self.label(p), labels[i]) for p, i in pairs)
                return coq.Residual(place, tuple(x for x in replaced if x[0] != x[1]))
            case Neg(body):
                inner = self.combination(body, known, labels, offset)
                return coq.Times(coq.Plain(coq.MINUS_ONE), inner)
            case Pow(base, exponent):
                factor = self.combination(base, known, labels, offset)
                total = factor
                for _ in range(exponent - 1):
                    total = coq.Times(factor, total)
                return total if exponent else coq.Plain(coq.ONE)
            case Binary("/", left, right):
                inverse = self._quotient(coq.ONE, right)
                return coq.Times(self.combination(left, known, labels, offset), coq.Plain(inverse))
            case Binary(operation, left, right):
                one = self.combination(left, known, labels, offset)
                two = self.combination(right, known, labels, offset)
                if operation == "*":
                    return coq.Times(one, two)
                if operation == "-":
                    two = coq.Times(coq.Plain(coq.MINUS_ONE), two)
                return coq.Plus(one, two)
            case Sum(indices, body):
                inner_labels, own = dict(labels), []
                for k, index in enumerate(indices):
                    inner_labels[index] = self._bound(index, _shifted(offset, k))
                    own.append(inner_labels[index])
                found = self.combination(body, known, inner_labels, _shifted(offset, len(indices)))
                for label in reversed(own):
                    found = coq.Summed(label, found)
                return found
            case Expect(sources, body):
                inner = self.combination(body, known, labels, offset)
                return coq.Averaged(self.over(sources), inner)
        raise NotExported(f"a combination of the kind {type(node).__name__}")


def _shifted(offset: Label, by: int) -> Label:
    return replace(offset, number=offset.number + by)
