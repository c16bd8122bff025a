"""Direct exact evaluation: polynomials in the numbered random entries, nothing else.

At a point every size is a number, so an expression is a polynomial in finitely many random
entries: those of the normal arrays, and those of the model of each hidden source and of each draw
of a law. An expectation replaces the powers of a normal entry by their moments (k-1)!! v^(k/2) and
sums over the outcomes of a finite model. Nothing is contracted, paired or put in a normal form, and
no code is shared with `normal` and `mean`: this module says independently what they must mean.

|t| is an entry of its own with |t|^2 = t^2, and a hat matrix has entries without a value; neither
has an expectation here, but what changes its sign when a normal source is reflected has mean 0.
Where X X' is invertible and the penalty 0, the hat matrix is I. Indices run from 1. Trusted.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from . import syntax
from .context import (
    Absolute,
    Context,
    Definition,
    Draws,
    Function,
    Hat,
    Model,
    Normal,
    Outcome,
    Slot,
)
from .syntax import Binary, Fuel, Neg, Node, Pow, ProofError, Sum, Symbol

UNITS, MAX_BITS = 3_000_000, 20_000
TOO_LONG = f"a number of more than {MAX_BITS} bits"

Place = tuple[int, ...]
Variable = tuple[str, str, str, Place]  # source, which draw, array of its model, place
Monomial = tuple[tuple[int, int], ...]  # number of the variable, power; sorted
Number = int | Fraction
Poly = dict[Monomial, Number]
Scope = Mapping[str, tuple[str, str]]  # what an array of a model means: the source and the draw
OUTSIDE: Scope = MappingProxyType({})


class Direct:
    """The polynomials that the expressions of a context are, given values and models."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        self.context, self.fuel = context, fuel
        self.values: dict[str, Any] = {}
        self.models: dict[str, Model] = {}
        self.model_sorts: dict[tuple[str, str], tuple[str, ...]] = {}
        self.arrays = {array.name: array for array in context.arrays}
        self.definitions = {one.name: one for one in context.definitions}
        self.sizes = {sort.name: sort.size for sort in context.sorts}
        self.known: dict[tuple[str, Place], Poly] = {}
        self.variables: list[Variable] = []
        self.numbers: dict[Variable, int] = {}
        self.squares: dict[int, Poly] = {}
        self.opaque: dict[int, frozenset[str]] = {}
        self.even: dict[int, frozenset[str]] = {}
        self.variances: dict[str, Fraction] = {}
        self.moments: dict[tuple[str, tuple[tuple[str, Place, int], ...]], Number] = {}

    def read(self, text: str) -> Node:
        """The expression that a text means."""
        return self.context.read(text)

    def size(self, sort: str) -> int:
        """How many values an index of this sort has."""
        return int(self.constant(self.entry(self.sizes[sort], ())))

    def places(self, sorts: tuple[str, ...]) -> Iterator[Place]:
        """All values of indices of these sorts."""
        sizes = [self.size(sort) for sort in sorts]
        if 0 in sizes:
            return iter(())  # a product would list the other ranges first
        self.fuel.spend(math.prod(sizes))
        return itertools.product(*(range(1, size + 1) for size in sizes))

    def constant(self, poly: Poly) -> Fraction:
        """The number that a polynomial is; ProofError if it is random."""
        if set(poly) - {()}:
            raise ProofError("a random quantity has no value at a point")
        return Fraction(poly.get((), 0))

    # Expressions

    def polynomial(self, node: Node, at: Mapping[str, int], scope: Scope = OUTSIDE) -> Poly:
        """The expression at these values of its free indices."""
        self.fuel.spend(4)
        match node:
            case syntax.Number(value):
                return {(): value} if value else {}
            case Symbol("delta", (one, two)):
                return {(): 1} if at[one] == at[two] else {}
            case Symbol(name, indices):
                place = tuple(at[i] for i in indices)
                if name in scope:
                    return self._variable(*scope[name], name, place)
                return self.entry(name, place)
            case Neg(body):
                return self.total(((self.polynomial(body, at, scope), -1),))
            case Pow(base, exponent):
                out: Poly = {(): 1}
                factor = self.polynomial(base, at, scope)
                for _ in range(exponent):
                    out = self.times(out, factor)
                return out
            case Binary(operation, left, right):
                u, v = self.polynomial(left, at, scope), self.polynomial(right, at, scope)
                if operation in "+-":
                    return self.total(((u, 1), (v, 1 if operation == "+" else -1)))
                if operation == "/":
                    divisor = self.constant(v)
                    if divisor <= 0:
                        what = "a negative number" if divisor else "zero"
                        raise ProofError(f"a division by {what} at this point")
                    v = {(): plain(1 / divisor)}
                return self.times(u, v)
            case Sum(indices, body):
                places = self.places(tuple(self.context.letters[i] for i in indices))
                inner = ({**at, **dict(zip(indices, place, strict=True))} for place in places)
                return self.total((self.polynomial(body, one, scope), 1) for one in inner)
        return self.expect(self.polynomial(node.body, at, scope), node.sources)

    def entry(self, name: str, place: Place) -> Poly:
        """A scalar, or an entry of an array or of a definition."""
        if (name, place) not in self.known:
            self.known[name, place] = self._entry(name, place)
        return self.known[name, place]

    def _entry(self, name: str, place: Place) -> Poly:
        match self.arrays.get(name, self.definitions.get(name)):
            case Definition() as one:
                return self._defined(one, place)
            case Normal():
                return self._variable(name, "", name, place) if self.variance(name) else {}
            case Draws() as array:
                return self.field(array.law, f"row {place[0]}", array.field, place[1:])
            case Slot() as array:
                return self.field(array.law, f"slot {array.slot}", array.field, place)
            case Absolute(_, parameters, argument):
                body = self.polynomial(
                    self.read(argument), dict(zip(parameters, place, strict=True))
                )
                return self._absolute(name, place, body)
            case Hat() as array:
                return self._hat(array, place)
            case Function() as array:
                if name not in self.values:
                    raise ProofError(f"the function {name!r} has no value at this point")
                poly = self._defined(self.values[name], place)
                if not self.depends(poly) <= set(array.of):
                    raise ProofError(f"{name!r} does not depend on its own sources only")
                return poly
        if name not in self.values:
            raise ProofError(f"{name!r} has no value at this point")
        value = self.values[name]
        if isinstance(value, Definition):
            return self._defined(value, place)
        entry = entry_of(value, place)
        return {(): entry} if entry else {}

    def _defined(self, one: Definition, place: Place, scope: Scope = OUTSIDE) -> Poly:
        at = dict(zip(one.parameters, place, strict=True))
        return self.polynomial(self.read(one.body), at, scope)

    def field(self, law: str, draw: str, name: str, place: Place) -> Poly:
        """An entry of a field of one draw: a polynomial in the arrays of its law's model."""
        hidden = self.context.law(law).of
        scope = dict.fromkeys(model_arrays(self.models[law]), (law, draw))
        if hidden:
            scope |= dict.fromkeys(model_arrays(self.models[hidden]), (hidden, ""))
        (one,) = (field for field in self.models[law].fields if field.name == name)
        return self._defined(one, place, scope)

    def _absolute(self, name: str, place: Place, body: Poly) -> Poly:
        if not set(body) - {()}:
            return {(): abs(self.constant(body))} if body else {}
        number = self.number_of(("", "", name, place))
        self.squares[number], self.opaque[number] = self.times(body, body), self.depends(body)
        self.even[number] = frozenset(
            source
            for source in self.opaque[number]
            if len({self._degree(monomial, source) % 2 for monomial in body}) == 1
        )
        return {((number, 1),): 1}

    def _hat(self, hat: Hat, place: Place) -> Poly:
        """H = X X' (X X' + c I)^+ is 0 if X is, and I if c = 0 and the rows are independent."""
        rows, columns = (self.size(sort) for sort in self.context.design(hat).sorts)
        if not self.variance(hat.design):
            return {}
        if rows <= columns and not self.constant(self.polynomial(self.read(hat.penalty), {})):
            return {(): 1} if place[0] == place[1] else {}
        number = self.number_of(("", "", hat.name, place))
        self.opaque[number] = self.even[number] = frozenset({hat.design})
        return {((number, 1),): 1}

    def variance(self, name: str) -> Fraction:
        """The variance of the entries of a normal array."""
        array = self.arrays[name]
        if name not in self.variances and isinstance(array, Normal):
            variance = self.constant(self.polynomial(self.read(array.variance), {}))
            if variance < 0:
                raise ProofError(f"the variance of {name!r} is negative at this point")
            self.variances[name] = variance
        return self.variances[name]

    # Polynomials

    def number_of(self, variable: Variable) -> int:
        """The number by which a variable stands in monomials, a new one where it is new."""
        if variable not in self.numbers:
            self.numbers[variable] = len(self.variables)
            self.variables.append(variable)
        return self.numbers[variable]

    def _variable(self, source: str, draw: str, name: str, place: Place) -> Poly:
        return {((self.number_of((source, draw, name, place)), 1),): 1}

    def depends(self, poly: Poly) -> frozenset[str]:
        """The sources of randomness of a polynomial."""
        used = {number for monomial in poly for number, _ in monomial}
        return frozenset().union(
            *(self.opaque.get(n, frozenset({self.variables[n][0]})) for n in used)
        )

    def add(self, total: Poly, monomial: Monomial, coefficient: Number) -> None:
        """Add a term to ``total`` in its place; a monomial whose terms cancel goes."""
        value: Number = total.get(monomial, 0) + coefficient
        self.fuel.spend(8 + (bits(value) + len(monomial)) // 8)
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)

    def total(self, terms: Iterable[tuple[Poly, int]]) -> Poly:
        """The sum of polynomials, each times its sign."""
        total: Poly = {}
        for poly, sign in terms:
            for monomial, c in poly.items():
                self.add(total, monomial, sign * c)
        return total

    def times(self, u: Poly, v: Poly) -> Poly:
        """The product; squares of absolute values are replaced."""
        total: Poly = {}
        for one, c in u.items():
            for two, d in v.items():
                powers = dict(one)
                for number, power in two:
                    powers[number] = powers.get(number, 0) + power
                double = [n for n in self.squares if powers.get(n, 0) > 1] if self.squares else []
                for number in double[:1]:
                    powers[number] -= 2
                rest = tuple(sorted((n, p) for n, p in powers.items() if p))
                if not double:
                    self.add(total, rest, c * d)
                    continue
                for monomial, x in self.times({rest: c * d}, self.squares[double[0]]).items():
                    self.add(total, monomial, x)
        return total

    def expect(self, poly: Poly, over: tuple[str, ...] | None) -> Poly:
        """The expectation over these sources (None: all); the entries of the others are kept."""
        total: Poly = {}
        for monomial, c in poly.items():
            kept: list[tuple[int, int]] = []
            unknown: list[int] = []
            draws: dict[tuple[str, str], list[tuple[str, Place, int]]] = {}
            for number, power in monomial:
                source, draw, name, place = self.variables[number]
                sources = self.opaque.get(number, frozenset({source}))
                if over is not None and sources.isdisjoint(over):
                    kept.append((number, power))
                elif number in self.opaque:
                    unknown.append(number)
                else:
                    draws.setdefault((source, draw), []).append((name, place, power))
            tied = frozenset().union(*(self.opaque[number] for number in unknown))
            for (source, _), entries in draws.items():
                if source not in tied:
                    c *= self._moment(source, tuple(entries))
                elif self._is_odd(monomial, source):
                    c = 0
            if c and unknown:
                name = self.variables[unknown[0]][2]
                raise ProofError(f"the expectation of {name!r} has no exact value here")
            if c:
                self.add(total, tuple(kept), c)
        return total

    def _is_odd(self, monomial: Monomial, source: str) -> bool:
        """Whether the reflection of a normal source is known to change the sign of a monomial."""
        tied = [number for number, _ in monomial if source in self.opaque.get(number, ())]
        known = source in self.variances and all(source in self.even[number] for number in tied)
        return known and self._degree(monomial, source) % 2 == 1

    def _degree(self, monomial: Monomial, source: str) -> int:
        """How many entries of a source a monomial has, |t| and hat matrices not counted."""
        return sum(power for number, power in monomial if self.variables[number][0] == source)

    def _moment(self, source: str, entries: tuple[tuple[str, Place, int], ...]) -> Number:
        """The mean of a product of powers of entries of one draw of a source."""
        if (source, entries) not in self.moments:
            model = self.models.get(source, Model(source))
            names = {value.name for outcome in model.outcomes[:1] for value in outcome.values}
            finite = [one for one in entries if one[0] in names]
            mean = Fraction(1)
            for name, _, power in (one for one in entries if one[0] not in names):
                variance = self.variance(name) if name in self.arrays else Fraction(1)
                self.fuel.spend(power * (power + bits(variance)) // 8 + 1)
                odd = math.prod(range(1, power, 2)) if power % 2 == 0 else 0
                mean *= odd * variance ** (power // 2)
            if finite:
                total = Fraction(0)
                for outcome in model.outcomes:
                    total += self._outcome(outcome, finite)
                    self.fuel.spend(bits(total) // 8)
                mean *= total
            self.moments[source, entries] = plain(mean)
        return self.moments[source, entries]

    def _outcome(self, outcome: Outcome, entries: list[tuple[str, Place, int]]) -> Fraction:
        """The probability of an outcome times its product of powers of entries."""
        values, product = {value.name: value.entries for value in outcome.values}, outcome.weight
        for name, place, power in entries:
            entry = Fraction(entry_of(values[name], place))
            length = power * bits(entry) + bits(product)
            self.fuel.spend(length // 8 + 1)
            if length > MAX_BITS:
                raise ProofError(TOO_LONG)
            product *= entry**power
        return product


def bits(value: Number) -> int:
    """The length of a number; ProofError if it is too long to calculate with."""
    found = value.numerator.bit_length() + value.denominator.bit_length()
    if found > MAX_BITS:
        raise ProofError(TOO_LONG)
    return found


def plain(value: Fraction) -> Number:
    """Whole numbers as integers, with which Python calculates faster."""
    return value.numerator if value.denominator == 1 else value


def entry_of(entries: Any, place: Place) -> Number:
    """One entry of nested tuples of Fractions."""
    for index in place:
        entries = entries[index - 1]
    return plain(entries)


def model_arrays(model: Model) -> tuple[str, ...]:
    """The arrays of a model: its normal ones, and those to which its outcomes give values."""
    values = [value.name for outcome in model.outcomes[:1] for value in outcome.values]
    return (*(array.name for array in model.normals), *values)
