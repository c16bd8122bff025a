"""From an expression to its normal form: definitions unfolded, sums and expectations taken.

Trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .context import Absolute, Context, Function, Hat, Normal
from .expectations import Expectations
from .given import read_given, read_moment
from .networks import DELTA
from .normal import UNIT, Value
from .syntax import (
    Binary,
    Expect,
    Fuel,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
    names,
)

Labels = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Residuals:
    """Assumed equations as expressions: a name stands for left - right, or for 0 (``vanish``)."""

    equations: Mapping[str, tuple[tuple[str, ...], Node, Node]]
    vanish: bool = False


class Meaning(Expectations):
    """Normal forms of the expressions of one context."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        super().__init__(context, fuel)
        fuel.spend(sum(len(one.body) for one in context.definitions) // 4)
        self.definitions = {
            x.name: (x.parameters, context.read(x.body)) for x in context.definitions
        }
        self.facts: dict[int, tuple[Node, tuple[str, ...], frozenset[str]]] = {}
        self.memory: dict[tuple[Any, ...], Value] = {}
        self.equations: dict[str, tuple[Node, Node]] = {}
        for array in context.arrays:
            self._function(array)
        self.order = self._order()
        for moment in context.moments:
            read_moment(self, moment)
        for atom in context.given:
            read_given(self, atom)

    # Declarations

    def _function(self, array: object) -> None:
        """Variances, and the equations that hold for |t| and for a hat matrix."""
        if isinstance(array, Normal):
            value = self.value(self.context.read(array.variance))
            if not self.positive(value, strict=False):
                raise ProofError(f"the variance of {array.name!r} is not shown to be >= 0")
            self.variances[array.name] = value
        elif isinstance(array, Absolute):
            node, entry = self.context.read(array.argument), Symbol(array.name, array.parameters)
            labels = {i: self.label(i, self.context.letters[i]) for i in array.parameters}
            value = self._value(node, labels, 0, None)
            used = self.random(value)
            if not used <= set(self.context.sources) & set(self.arrays):
                raise ProofError(f"{array.name!r} must be the absolute value of normal arrays")
            for source in used:
                signs = {self.reflected(ids, source) for _, ids in value.num}
                self.parity[array.name, source] = 1 if signs in ({1}, {-1}) else 0
            self.declare(array.name, used)
            self.equations[f"{array.name}_squared"] = (Pow(entry, 2), Pow(node, 2))
        elif isinstance(array, Hat):
            self.parity[array.name, array.design] = 1
            design = self.context.design(array)
            rows, columns = (
                s.letters for r in design.sorts for s in self.context.sorts if s.name == r
            )
            if len(rows) < 3 or design.sorts[0] == design.sorts[1]:
                raise ProofError(f"{array.name!r} needs three letters for rows and other columns")
            (k, h, g), i = rows[:3], columns[0]
            penalty = self.context.read(array.penalty)
            if not self.positive(self.value(penalty), strict=False):
                raise ProofError(f"the penalty of {array.name!r} is not shown to be >= 0")

            def gram(one: str, two: str) -> Node:
                entries = (Symbol(design.name, (one, i)), Symbol(design.name, (two, i)))
                return Sum((i,), Binary("*", *entries))

            ridge = Binary("*", penalty, Symbol("delta", (g, h)))
            product = Binary("*", Symbol(array.name, (k, g)), Binary("+", gram(g, h), ridge))
            self.equations[f"{array.name}_normal"] = (Sum((g,), product), gram(k, h))

    def _order(self) -> tuple[str, ...]:
        """Sources in the order of integration: those without functions, laws, hidden sources."""
        functions = [a for a in self.arrays.values() if isinstance(a, Absolute | Hat | Function)]
        met = {s for a in functions for s in self.heads[self.array_heads[a.name]].sources}
        normal = [a for a in self.arrays if isinstance(self.arrays[a], Normal)]
        normal.sort(key=lambda name: name in met)
        return (*normal, *self.laws, *self.hidden)

    # Expressions

    def value(self, node: Node, residuals: Residuals | None = None) -> Value:
        """The normal form of an expression; its free indices keep their letters."""
        letters = self.context.letters
        return self._value(
            node, {i: self.label(i, letters[i]) for i in free_indices(node)}, 0, residuals
        )

    def _facts(self, node: Node) -> tuple[Node, tuple[str, ...], frozenset[str]]:
        """The node (kept alive, so that its identity stays its own), free indices, names."""
        found = self.facts.get(id(node))
        if found is None:
            found = self.facts[id(node)] = (node, free_indices(node), names(node))
        return found

    def _value(self, node: Node, labels: Labels, depth: int, residuals: Residuals | None) -> Value:
        """``labels`` of the letters in scope; ``depth`` counts the sums around: fresh labels."""
        self.fuel.spend(1)
        match node:
            case Number(number):
                return Value({UNIT: number} if number else {})
            case Symbol():
                return self._symbol(node, labels, depth, residuals)
            case Neg(body):
                value = self._value(body, labels, depth, residuals)
                self.fuel.spend(len(value.num))
                return replace(value, num={key: -c for key, c in value.num.items()})
            case Pow(base, exponent):
                value, out = self._value(base, labels, depth, residuals), Value({UNIT: 1})
                for _ in range(exponent):
                    out = self.product(out, value)
                return out
            case Binary(operation, left, right):
                one = self._value(left, labels, depth, residuals)
                two = self._value(right, labels, depth, residuals)
                if operation in "+-":
                    return self.plus(one, two, 1 if operation == "+" else -1)
                return self.product(one, two) if operation == "*" else self.quotient(one, two)
            case Sum(indices, body):
                inner = dict(labels)
                for k, index in enumerate(indices):
                    sort = self.context.letters[index]
                    inner[index] = self.label(f"{depth + k} {sort}", sort)
                value = self._value(body, inner, depth + len(indices), residuals)
                for index in indices:
                    value = replace(value, num=self.bind(value.num, inner[index]))
                return value
        return self._remembered(node, labels, depth, residuals)

    def _remembered(
        self, node: Expect, labels: Labels, depth: int, residuals: Residuals | None
    ) -> Value:
        """An expectation; one without residuals is computed once for the same labels."""
        _, free, used = self._facts(node)
        if residuals is not None and used.isdisjoint(residuals.equations):
            residuals = None
        key = (id(node), tuple(labels[i] for i in free))
        if residuals is not None or key not in self.memory:
            value = self._value(node.body, labels, depth, residuals)
            value = replace(value, num=self.expect(value.num, node.sources))
            if residuals is not None:
                return value
            self.memory[key] = value
        return self.memory[key]

    def _symbol(
        self, node: Symbol, labels: Labels, depth: int, residuals: Residuals | None
    ) -> Value:
        name, found = node.name, tuple(labels[i] for i in node.indices)
        if name == "delta":
            a, b = found
            if a == b:
                return Value({UNIT: 1})
            return Value({(0, (self.intern(((DELTA, min(a, b), max(a, b)),)),)): 1})
        if name in self.definitions:
            parameters, body = self.definitions[name]
            self._fit(name, found, tuple(self.context.letters[i] for i in parameters))
            key = (name, found)
            if key not in self.memory:
                inner = dict(zip(parameters, found, strict=True))
                self.memory[key] = self._value(body, inner, depth, None)
            return self.memory[key]
        if residuals is not None and name in residuals.equations:
            parameters, left, right = residuals.equations[name]
            self._fit(name, found, tuple(self.context.letters[i] for i in parameters))
            if residuals.vanish:
                return Value({})
            inner = dict(zip(parameters, found, strict=True))
            return self.plus(
                self._value(left, inner, depth, None), self._value(right, inner, depth, None), -1
            )
        if name in self.array_heads:
            head = self.array_heads[name]
            self._fit(name, found, self.heads[head].sorts)
            return Value({(0, (self.canonical([(head, *found)]),)): 1})
        if name not in self.scalars:
            raise ProofError(f"{name!r} is not declared")
        self._fit(name, found, ())
        return Value({(1 << self.shift[name], ()): 1})

    def _fit(self, name: str, labels: tuple[int, ...], sorts: tuple[str, ...]) -> None:
        if tuple(self.free_sorts[-1 - x] for x in labels) != sorts:
            shown = f"[{','.join(sorts)}]" if sorts else "no index"
            raise ProofError(f"{name!r} takes {shown}, not {len(labels)} indices of other sorts")
