"""An evaluator of index expressions that shares no code with the checker but the parser.

At concrete sizes every random array is a set of single random variables; an expression becomes a
polynomial in them, and an expectation replaces each monomial by the product of moments of single
variables (normal entries) or by literal enumeration of the atoms of a row (discrete laws). Nothing
is normalised, contracted or cancelled.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from verifier.proof import expression as ex
from verifier.proof.context import Context

Variable = tuple[str, tuple[int, ...]]
Powers = tuple[tuple[Variable, int], ...]
Polynomial = dict[Powers, Fraction]
Atoms = Sequence[tuple[Fraction, Mapping[Variable, Fraction]]]


@dataclass(frozen=True)
class World:
    """Concrete sizes and values, and the atoms of one row (or of one joint draw) of each law."""

    context: Context
    scalars: Mapping[str, Fraction]
    tensors: Mapping[str, object]
    atoms: Mapping[tuple[str, ...], Atoms] = field(default_factory=dict)

    def value(self, text: str) -> Fraction:
        """The value of a closed deterministic expression."""
        result = self.polynomial(ex.parse(text), {})
        if set(result) - {()}:
            raise AssertionError(f"{text!r} is random")
        return result.get((), Fraction(0))

    def polynomial(self, node: ex.Node, at: Mapping[str, int]) -> Polynomial:
        match node:
            case ex.Number(value):
                return {(): Fraction(value)}
            case ex.Symbol(name, indices):
                return self._symbol(name, tuple(at[i] for i in indices))
            case ex.Add(left, right):
                return _add(self.polynomial(left, at), self.polynomial(right, at), 1)
            case ex.Sub(left, right):
                return _add(self.polynomial(left, at), self.polynomial(right, at), -1)
            case ex.Neg(body):
                return _add({}, self.polynomial(body, at), -1)
            case ex.Mul(left, right):
                return _times(self.polynomial(left, at), self.polynomial(right, at))
            case ex.Pow(base, exponent):
                result: Polynomial = {(): Fraction(1)}
                for _ in range(exponent):
                    result = _times(result, self.polynomial(base, at))
                return result
            case ex.Div(left, right):
                divisor = self.polynomial(right, at)
                if set(divisor) != {()}:
                    raise AssertionError("division by a random quantity or zero")
                return {p: c / divisor[()] for p, c in self.polynomial(left, at).items()}
            case ex.Sum(indices, body):
                ranges = [range(self._size(self.sort(i, body))) for i in indices]
                total: Polynomial = {}
                for point in itertools.product(*ranges):
                    inner = {**at, **dict(zip(indices, point, strict=True))}
                    total = _add(total, self.polynomial(body, inner), 1)
                return total
            case ex.Expect(arrays, body):
                return self._expectation(self.polynomial(body, at), arrays)
        raise AssertionError(node)

    def sort(self, index: str, body: ex.Node) -> str:
        """The sort of an index, by searching for a tensor that carries it."""
        found = self._sorts(index, body, set())
        assert len(found) == 1, (index, found)
        return found.pop()

    def _sorts(self, index: str, body: ex.Node, seen: set[str]) -> set[str]:
        if isinstance(body, ex.Sum) and index in body.indices:
            return set()
        found: set[str] = set()
        if isinstance(body, ex.Symbol) and index in body.indices:
            tensor = next((t for t in self.context.tensors if t.name == body.name), None)
            own = next((x for x in self.context.definitions if x.name == body.name), None)
            for k, name in enumerate(body.indices):
                if name == index and tensor is not None:
                    found.add(tensor.sorts[k])
                elif name == index and own is not None:
                    found |= self._sorts(own.parameters[k], ex.parse(own.body), set())
        for child in ex.children(body):
            found |= self._sorts(index, child, seen)
        return found

    def _size(self, sort: str) -> int:
        return int(self.scalars[dict(self.context.sorts)[sort]])

    def _symbol(self, name: str, where: tuple[int, ...]) -> Polynomial:
        if name == "delta":
            return {(): Fraction(1)} if where[0] == where[1] else {}
        for definition in self.context.definitions:
            if definition.name == name:
                at = dict(zip(definition.parameters, where, strict=True))
                return self.polynomial(ex.parse(definition.body), at)
        if any(name in law.arrays for law in self.context.laws):
            return {(((name, where), 1),): Fraction(1)}
        entry: object = self.scalars.get(name, self.tensors.get(name))
        for position in where:
            assert isinstance(entry, tuple)
            entry = entry[position]
        assert isinstance(entry, Fraction), name
        return {(): entry}

    def _expectation(self, poly: Polynomial, arrays: tuple[str, ...] | None) -> Polynomial:
        for law in self.context.laws:
            if arrays is not None and not set(law.arrays) & set(arrays):
                continue
            total: Polynomial = {}
            for powers, coefficient in poly.items():
                inside = [(v, k) for v, k in powers if v[0] in law.arrays]
                rest = tuple((v, k) for v, k in powers if v[0] not in law.arrays)
                if law.kind == "normal":
                    moment = self._normal(law.variance, inside)
                else:
                    moment = self._discrete(law.kind == "rows", self.atoms[law.arrays], inside)
                total = _add(total, {rest: coefficient * moment}, 1)
            poly = total
        return poly

    def _normal(self, variance: str, inside: list[tuple[Variable, int]]) -> Fraction:
        result = Fraction(1)
        for _, k in inside:
            if k % 2:
                return Fraction(0)
            for odd in range(1, k, 2):
                result *= odd * self.value(variance)
        return result

    @staticmethod
    def _discrete(rows: bool, atoms: Atoms, inside: list[tuple[Variable, int]]) -> Fraction:
        """Rows are independent; within a row (index dropped) the atoms are enumerated."""
        grouped: dict[int, list[tuple[Variable, int]]] = {}
        for (name, where), k in inside:
            row, entry = (where[0], where[1:]) if rows else (0, where)
            grouped.setdefault(row, []).append(((name, entry), k))
        result = Fraction(1)
        for group in grouped.values():
            mean = Fraction(0)
            for probability, values in atoms:
                term = probability
                for variable, k in group:
                    term *= values[variable] ** k
                mean += term
            result *= mean
        return result


def _add(left: Polynomial, right: Polynomial, sign: int) -> Polynomial:
    total = dict(left)
    for powers, coefficient in right.items():
        total[powers] = total.get(powers, Fraction(0)) + sign * coefficient
    return {powers: c for powers, c in total.items() if c}


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for one, c in left.items():
        for two, e in right.items():
            merged = dict(one)
            for variable, k in two:
                merged[variable] = merged.get(variable, 0) + k
            key = tuple(sorted(merged.items()))
            total[key] = total.get(key, Fraction(0)) + c * e
    return {powers: c for powers, c in total.items() if c}
