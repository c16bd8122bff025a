"""From an expression to its normal form: definitions unfolded, expectations taken.

``E_a`` integrates one source (Fubini: they commute and are independent). Normal entries by
Isserlis' theorem; draws of a law by Moebius inversion over the partitions of their rows; what no
rule computes stays as a *box*, a network of independent copies. Boxes vanish by parity, are
rewritten by the moments that the context gives, and carry the symmetry of a hidden source.

Trusted; docs/meaning.md says why each rule is sound.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar

from .context import (
    Absolute,
    Atom,
    Context,
    Draws,
    Function,
    Hat,
    Hidden,
    Normal,
    Slot,
    Tensor,
)
from .normal import BITS, DELTA, UNIT, Algebra, Factor, Head, Poly, Sorts, Value, accumulate
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
    nodes,
)

MAX_ROWS = 10
T = TypeVar("T")
Labels = Mapping[str, int]
Key = tuple[tuple[str, tuple[int, ...]], ...]
Term = tuple[Any, int, list[Factor], Sorts]


@dataclass(frozen=True, slots=True)
class Residuals:
    """Assumed equations as expressions: a name stands for left - right, or for 0 (``vanish``)."""

    equations: Mapping[str, tuple[tuple[str, ...], Node, Node]]
    vanish: bool = False


class Meaning(Algebra):
    """Normal forms of the expressions of one context."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        super().__init__(context, fuel)
        fuel.spend(len(context.arrays) * (1 + len(context.laws)))
        fuel.spend(sum(len(one.body) for one in context.definitions) // 4)
        self.arrays = {array.name: array for array in context.arrays}
        self.array_heads: dict[str, int] = {}
        self.parity: dict[tuple[str, str], int] = {}
        self.variances: dict[str, Value] = {}
        self.laws = {law.name: law for law in context.laws}
        self.hidden = {one.name: one for one in context.hidden}
        self.definitions = {
            x.name: (x.parameters, context.read(x.body)) for x in context.definitions
        }
        self.facts: dict[int, tuple[Node, tuple[str, ...], frozenset[str]]] = {}
        self.memory: dict[tuple[Any, ...], Value] = {}
        self.means: dict[tuple[tuple[str, ...], tuple[int, ...]], Poly] = {}
        self.open: dict[tuple[str, Key], tuple[tuple[int, ...], Poly]] = {}
        self.closed: dict[int, Poly] = {}
        self.degrees: Counter[str] = Counter()
        self.equations: dict[str, tuple[Node, Node]] = {}
        for array in context.arrays:
            if not isinstance(array, Absolute):
                self._declare(array.name, self._sources(array))
        for array in context.arrays:
            self._function(array)
        self.order = self._order()
        for moment in context.moments:
            self._moment_atom(moment)
        for atom in context.given:
            self._given_atom(atom)

    # Declarations

    def _declare(self, name: str, sources: frozenset[str]) -> None:
        shape = self.context.shape(self.arrays[name])
        self.array_heads[name] = self.head(Head(name, shape, sources))

    def _sources(self, array: object) -> frozenset[str]:
        match array:
            case Normal(name):
                return frozenset({name})
            case Draws() | Slot():
                law, field = self.context.law(array.law), self.context.field(array)
                return frozenset({law.name, law.of} if field.hidden else {law.name})
            case Hat():
                return frozenset({array.design})
            case Function():
                return frozenset(array.of)
        return frozenset()

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
                signs = {self._reflected(ids, source) for _, ids in value.num}
                self.parity[array.name, source] = 1 if signs in ({1}, {-1}) else 0
            self._declare(array.name, used)
            self._know(f"{array.name}_squared", Pow(entry, 2), Pow(node, 2))
        elif isinstance(array, Hat):
            self.parity[array.name, array.design] = 1
            design = self.context.design(array)
            rows, columns = (
                s.letters for r in design.sorts for s in self.context.sorts if s.name == r
            )
            if len(rows) < 3 or not columns or design.sorts[0] == design.sorts[1]:
                raise ProofError(f"{array.name!r} needs three letters for rows and one for columns")
            (k, h, g), i = rows[:3], columns[0]
            penalty = self.context.read(array.penalty)
            if not self.positive(self.value(penalty), strict=False):
                raise ProofError(f"the penalty of {array.name!r} is not shown to be >= 0")

            def gram(one: str, two: str) -> Node:
                entries = (Symbol(design.name, (one, i)), Symbol(design.name, (two, i)))
                return Sum((i,), Binary("*", *entries))

            ridge = Binary("*", penalty, Symbol("delta", (g, h)))
            product = Binary("*", Symbol(array.name, (k, g)), Binary("+", gram(g, h), ridge))
            self._know(f"{array.name}_normal", Sum((g,), product), gram(k, h))

    def _know(self, name: str, left: Node, right: Node) -> None:
        self.equations[name] = (left, right)

    def _order(self) -> tuple[str, ...]:
        """Sources in the order of integration: those without functions, laws, hidden sources."""
        functions = [a for a in self.arrays.values() if isinstance(a, Absolute | Hat | Function)]
        met = {s for a in functions for s in self.heads[self.array_heads[a.name]].sources}
        normal = [a for a in self.arrays if isinstance(self.arrays[a], Normal)]
        normal.sort(key=lambda name: name in met)
        return (*normal, *self.laws, *self.hidden)

    def random(self, value: Value) -> frozenset[str]:
        """The sources on which a value depends."""
        self.fuel.spend(len(value.num))
        used = {i for _, ids in self.cleared(value)[0] for i in ids}
        return frozenset().union(*(self.sources[i] for i in used))

    def _reflected(self, ids: tuple[int, ...], source: str) -> int:
        """1, -1 or 0 (not known): what the reflection of a normal source does to a product."""
        factors = [f for i in ids for f in self.table[i]]
        mine = [f for f in factors if source in self.heads[f[0]].sources]
        return math.prod(self._parity(f, source) for f in mine)

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

    # Expectations

    def expect(self, poly: Poly, over: tuple[str, ...] | None) -> Poly:
        """The expectation over the named sources (None: all)."""
        unknown = set(over or ()) - set(self.order)
        if unknown:
            raise ProofError(f"{min(unknown)!r} is not a source of randomness")
        self.fuel.spend(sum(1 + len(ids) // 8 for _, ids in poly))
        sources = tuple(s for s in self.order if over is None or s in over)
        chosen = frozenset(sources)
        total: Poly = {}
        for (powers, ids), c in poly.items():
            mine = tuple(i for i in ids if not chosen.isdisjoint(self.sources[i]))
            if not mine:
                accumulate(total, (powers, ids), c)
                continue
            rest = tuple(i for i in ids if chosen.isdisjoint(self.sources[i]))
            if (sources, mine) not in self.means:
                self.means[sources, mine] = self._integrated(sources, mine)
            self._add(total, powers, rest, c, self.means[sources, mine])
        return self.limited(total)

    def _add(self, total: Poly, powers: int, rest: tuple[int, ...], c: Any, poly: Poly) -> None:
        """Add c * (a monomial) * poly."""
        self.fuel.spend(len(poly))
        for (more, new), d in poly.items():
            again, both = self.join(rest, new)
            accumulate(total, (self.packed(self.packed(powers, more), again), both), c * d)

    def _integrated(self, sources: tuple[str, ...], ids: tuple[int, ...]) -> Poly:
        """The expectation of a product of networks over one source after the other."""
        poly: Poly = {(0, ids): 1}
        for source in sources:
            total: Poly = {}
            for (powers, inner), c in poly.items():
                mine = tuple(i for i in inner if source in self.sources[i])
                rest = tuple(i for i in inner if source not in self.sources[i])
                if not mine:
                    accumulate(total, (powers, inner), c)
                    continue
                if ((source,), mine) not in self.means:
                    self.means[(source,), mine] = self._mean(source, mine)
                self._add(total, powers, rest, c, self.means[(source,), mine])
            poly = total
        return poly

    def _mean(self, source: str, ids: tuple[int, ...]) -> Poly:
        """E_source of a product of networks that all depend on it."""
        factors, sorts = self.spread(ids)
        inside = [f for f in factors if source in self.heads[f[0]].sources]
        rest = [f for f in factors if source not in self.heads[f[0]].sources]
        plain = all(not self.heads[f[0]].boxes for f in inside)
        kinds = {type(self.arrays.get(self.heads[f[0]].name)) for f in inside}
        if plain and kinds == {Normal}:
            return self._wick(source, inside, rest, sorts)
        if plain and source in self.laws and kinds <= {Draws, Slot}:
            return self._rows(source, inside, rest, sorts)
        return self._box(source, inside, rest, sorts)

    def _wick(self, source: str, inside: list[Factor], rest: list[Factor], sorts: Sorts) -> Poly:
        """Isserlis' theorem: the sum over all pairings of the products of covariances."""
        total: Poly = {}
        if len(inside) % 2:
            return total
        for pairs in _pairings(inside):
            self.fuel.spend(len(inside) + len(rest))
            deltas: list[Factor] = [
                (DELTA, a, b) for f, g in pairs for a, b in zip(f[1:], g[1:], strict=True)
            ]
            accumulate(total, self.network(rest + deltas, sorts), 1)
        variance = self.variances[source]
        if variance.num == {UNIT: 1} and variance.den == 1:
            return total
        if variance.den != 1:
            raise ProofError(f"the variance of {source!r} must be a polynomial with whole numbers")
        return self.times(total, self.power(variance.num, len(inside) // 2))

    def _rows(self, law: str, inside: list[Factor], rest: list[Factor], sorts: Sorts) -> Poly:
        """E over independent draws, the rows of factors equal or not: Moebius inversion.

        The sum over partitions of the row labels of (labels in a block equal) times the joint
        cumulant of the block's factors, a cumulant being a sum over finer partitions of products
        of moments of one draw. A slot is a draw of its own.
        """
        place: dict[int | str, list[tuple[str, tuple[int, ...]]]] = {}
        for f in inside:
            array = self.arrays[self.heads[f[0]].name]
            if isinstance(array, Draws):
                place.setdefault(f[1], []).append((array.field, f[2:]))
            elif isinstance(array, Slot):
                place.setdefault(array.slot, []).append((array.field, f[1:]))
        slots = [[row] for row in place if isinstance(row, str)]
        rows = [row for row in place if isinstance(row, int)]
        if len(rows) > MAX_ROWS:
            raise ProofError(f"a product of draws in more than {MAX_ROWS} rows")
        fresh = itertools.count(max(sorts, default=-1) + 1)
        total: Poly = {}
        for blocks in _partitions(rows):
            joined: list[Factor] = [(DELTA, b[0], x) for b in blocks for x in b[1:]]
            for finer in itertools.product(*(list(_partitions(b)) for b in blocks)):
                self.fuel.spend(len(rows) + len(slots))
                sign = math.prod((-1) ** (len(p) - 1) * math.factorial(len(p) - 1) for p in finer)
                groups: list[Sequence[int | str]] = [*itertools.chain(*finer), *slots]
                draws = [self._draw(law, [x for r in g for x in place[r]], fresh) for g in groups]
                for terms in itertools.product(*draws):
                    self._collect(total, sign, (*terms, (1, 0, rest + joined, sorts)))
        return total

    def _collect(self, total: Poly, sign: int, terms: tuple[Term, ...]) -> None:
        """Add a product of terms to a polynomial."""
        factors = [f for term in terms for f in term[2]]
        self.fuel.spend(3 * (len(factors) + 1))
        powers, ids = self.network(factors, {x: s for term in terms for x, s in term[3].items()})
        for _, more, _, _ in terms:
            powers = self.packed(powers, more)
        accumulate(total, (powers, ids), sign * math.prod(term[0] for term in terms))

    def _draw(
        self, law: str, entries: list[tuple[str, tuple[int, ...]]], fresh: Iterator[int]
    ) -> list[Term]:
        """The moment of one draw: as the context gives it, or a box."""
        fields = {field.name: field for field in self.laws[law].fields}
        self.fuel.spend(len(fields))
        self.degrees[law] = max(self.degrees[law], len(entries))
        ordered = sorted(entries, key=lambda entry: list(fields).index(entry[0]))
        counts = Counter(name for name, _ in ordered)
        key = ((law, tuple(counts[name] for name in fields)),)
        if (law, key) in self.open:
            return self._table((law, key), [x for _, at in ordered for x in at], fresh)
        box, hidden = next(fresh), self.laws[law].of
        factors = []
        for name, at in ordered:
            sources = frozenset({hidden} if fields[name].hidden else ())
            sorts = (*fields[name].sorts, "^" + law)
            head = Head(f"{law}.{name}", sorts, sources, (law,), (law, name))
            factors.append((self.head(head), *at, box))
        return [(1, 0, factors, {box: "^" + law})]

    def _table(self, key: tuple[str, Key], labels: list[int], fresh: Iterator[int]) -> list[Term]:
        """A given moment at these labels, its own summed labels fresh."""
        places, poly = self.open[key]
        self.fuel.spend(len(poly))
        there = dict(zip(places, labels, strict=True))
        terms: list[Term] = []
        for (powers, ids), c in poly.items():
            factors, sorts = self.spread(ids)
            own = {x: next(fresh) for x in sorts}
            moved = [
                (f[0], *[own[x] if x >= 0 else there.get(x, x) for x in f[1:]]) for f in factors
            ]
            terms.append((c, powers, moved, {own[x]: sort for x, sort in sorts.items()}))
        return terms

    def _box(self, source: str, inside: list[Factor], rest: list[Factor], sorts: Sorts) -> Poly:
        """What no rule computes is an independent copy of the source; odd ones vanish."""
        parity = math.prod(self._parity(f, source) for f in inside)
        if parity == -1:
            return {}
        for name, count in Counter(map(self._asks, inside)).items():
            if name:
                self.degrees[name] = max(self.degrees[name], count)
        if source in self.hidden:
            found = self._symmetric(self.hidden[source], inside, rest, sorts)
            if found is not None:
                return found
        fresh = max(sorts, default=-1) + 1
        boxed = [self._boxed(f, source, fresh) for f in inside]
        powers, ids = self.network(rest + boxed, {**sorts, fresh: "^" + source})
        return self._closed(powers, ids)

    def _asks(self, f: Factor) -> str:
        """The law or function of whose moments a factor in a box is one; those of normals exist."""
        array = self.arrays.get(self.heads[f[0]].name)
        if isinstance(array, Draws | Slot):
            return array.law
        return array.name if isinstance(array, Function | Absolute | Hat) else ""

    def _parity(self, f: Factor, source: str) -> int:
        """1, -1 or 0 (not known): what the reflection of a normal source does to a factor."""
        name = self.heads[f[0]].name
        return -1 if name == source else self.parity.get((name, source), 0)

    def _boxed(self, f: Factor, source: str, box: int) -> Factor:
        head = self.heads[f[0]]
        new = Head(
            head.name,
            (*head.sorts, "^" + source),
            head.sources - {source},
            (*head.boxes, source),
            head.moment,
        )
        return (self.head(new), *f[1:], box)

    def _closed(self, powers: int, ids: tuple[int, ...]) -> Poly:
        """A product of networks, those that the context gives replaced."""
        total: Poly = {(powers, tuple(i for i in ids if i not in self.closed)): 1}
        for i in ids:
            if i in self.closed:
                total = self.times(total, self.closed[i])
        return total

    # Symmetries of a hidden source

    def _symmetric(
        self, hidden: Hidden, inside: list[Factor], rest: list[Factor], sorts: Sorts
    ) -> Poly | None:
        """E over f of a product of moments of draws, by oddness, a given moment, or isotropy.

        None where a factor is no moment of a draw of a law of f, or where nothing applies.
        """
        boxes = {f[-1] for f in inside if self._is_moment(f)}
        whole = [f for f in inside + rest if f[-1] in boxes and self._is_moment(f)]
        carried = [f for f in rest if f not in whole]
        if any(not self._is_moment(f) for f in inside) or any(
            x in boxes for f in carried for x in f[1:]
        ):
            return None
        moments = [self.heads[f[0]].moment or ("", "") for f in whole]
        if sum(field in hidden.odd for _, field in moments) % 2:
            return {}
        fresh = itertools.count(max(sorts, default=-1) + 1)
        drawn = self._by_draw(whole)
        key = tuple(one for one, _ in drawn)
        outer = {x: s for x, s in sorts.items() if x not in boxes}
        total: Poly = {}
        if (hidden.name, key) in self.open:
            labels = [x for _, factors in drawn for f in factors for x in f[1:-1]]
            for term in self._table((hidden.name, key), labels, fresh):
                self._collect(total, 1, (term, (1, 0, carried, outer)))
            return total
        for sort in hidden.isotropic:
            found = self._isotropic(hidden, sort, whole, carried, sorts)
            if found is not None:
                return found
        return None

    def _is_moment(self, f: Factor) -> bool:
        head = self.heads[f[0]]
        return head.moment is not None and len(head.boxes) == 1

    def _by_draw(
        self, factors: list[Factor]
    ) -> list[tuple[tuple[str, tuple[int, ...]], list[Factor]]]:
        """The moments of single draws in a product: law, degrees and factors in field order."""
        found = []
        for box in dict.fromkeys(f[-1] for f in factors):
            own = [f for f in factors if f[-1] == box]
            law, _ = self.heads[own[0][0]].moment or ("", "")
            fields = [field.name for field in self.laws[law].fields]
            place = {f: fields.index((self.heads[f[0]].moment or ("", ""))[1]) for f in own}
            degrees = Counter(place[f] for f in own)
            own.sort(key=lambda f: place[f])
            found.append(((law, tuple(degrees[k] for k in range(len(fields)))), own))
        return sorted(found, key=lambda one: one[0])

    def _isotropic(
        self, hidden: Hidden, sort: str, whole: list[Factor], carried: list[Factor], sorts: Sorts
    ) -> Poly | None:
        """A tensor that rotations leave as it is, of rank 1, 2 or 3 and symmetric.

        Rank counts the places of this sort, but for those two and two joined by a sum. Ranks 1
        and 3 vanish if the size is at least 2; rank 2 is delta times the trace over the size.
        """
        size = next(s for s in self.context.sorts if s.name == sort).size
        least = self.scalars[size].minimum or 0
        outside = {x for f in carried for x in f[1:]}
        at = [
            (n, k)
            for n, f in enumerate(whole)
            for k, one in enumerate(self.heads[f[0]].sorts, 1)
            if one == sort
        ]
        uses = Counter(whole[n][k] for n, k in at)
        free = [(n, k) for n, k in at if (x := whole[n][k]) < 0 or x in outside or uses[x] != 2]
        own = {x: s for x, s in sorts.items() if any(x in f[1:] for f in whole)}
        ends = [whole[n][k] for n, k in free]
        if any(x in outside and x not in ends for x in own):
            return None
        if not 1 <= len(free) <= 3 or least < 1 or (len(free) != 2 and least < 2):
            return None

        def placed(labels: list[int], more: Sorts) -> tuple[int, tuple[int, ...]]:
            """The tensor at other labels, as networks."""
            rows = [list(f) for f in whole]
            for (n, k), x in zip(free, labels, strict=True):
                rows[n][k] = x
            box = max((*own, *more), default=-1) + 1
            boxed = [
                self._boxed(tuple(r), hidden.name, box)
                if hidden.name in self.heads[r[0]].sources
                else tuple(r)
                for r in rows
            ]
            kept = {x: s for x, s in {**own, **more}.items() if any(x in r[1:] for r in rows)}
            return self.network(boxed, {**kept, box: "^" + hidden.name})

        marks = [self.label(f"place {k} {sort}", sort) for k in range(len(free))]
        swapped = [
            [*marks[:k], marks[k + 1], marks[k], *marks[k + 2 :]] for k in range(len(free) - 1)
        ]
        if any(placed(other, {}) != placed(marks, {}) for other in swapped):
            return None
        if len(free) != 2:
            return {}
        joint = max(sorts, default=-1) + 1
        powers, ids = placed([joint, joint], {joint: sort})
        total: Poly = {}
        for (p, rest), c in self._closed(powers, ids).items():
            unit = self.size(sort)
            if not p >> self.shift[size] & (1 << BITS) - 1:
                return None
            factors, inner = self.spread(rest)
            move = max(sorts, default=-1) + 1
            moved = [(f[0], *[x + move if x >= 0 else x for x in f[1:]]) for f in factors]
            outer = {x: s for x, s in sorts.items() if x in outside or x in ends or x not in own}
            everything = [*carried, *moved, (DELTA, *ends)]
            more, both = self.network(
                everything, {**outer, **{x + move: s for x, s in inner.items()}}
            )
            accumulate(total, (self.packed(p - unit, more), both), c)
        return total

    # What is given

    def _moment_atom(self, atom: Atom) -> None:
        """left = right; left is one moment at distinct free indices, or one without indices."""
        left, right = self.context.read(atom.left), self.context.read(atom.right)
        value, result = self.value(left), self.value(right)
        what = f"the moment {atom.name!r}"
        if atom.relation != "=" or set(value.num.values()) != {1} or len(value.num) != 1:
            raise ProofError(f"{what} must give one expectation of entries that is not known yet")
        ((powers, ids),) = value.num
        factors = [f for i in ids for f in self.table[i]]
        if powers or value.den != 1 or len(ids) != 1 or self.sources[ids[0]]:
            raise ProofError(f"{what} must give one expectation of entries that is not known yet")
        if any(self.heads[f[0]].moment is None for f in factors):
            raise ProofError(f"{what} must be about draws of a law")
        if self.random(result) or not set(free_indices(right)) <= set(free_indices(left)):
            raise ProofError(f"{what} needs a deterministic polynomial in its indices on the right")
        if any(isinstance(node, Expect) for node in nodes(right)):
            raise ProofError(f"{what} must not have an expectation on the right")
        poly = {
            key: c if result.den == 1 else Fraction(c) / result.den for key, c in result.num.items()
        }
        hidden = {one for f in factors for one in self.heads[f[0]].boxes if one in self.hidden}
        stripped = [self._stripped(f) for f in factors]
        drawn = self._by_draw(stripped)
        places = [x for _, own in drawn for f in own for x in f[1:-1]]
        if {self.labels[i] for i in free_indices(left)} != self.loose[ids[0]]:
            raise ProofError(f"{what} has an index that its expectation does not depend on")
        if all(x < 0 for x in places) and len(set(places)) == len(places):
            source = min(hidden) if hidden else drawn[0][0][0]
            key = (source, tuple(one for one, _ in drawn))
            if key in self.open or (not hidden and len(drawn) != 1):
                raise ProofError(f"{what} is given twice")
            self.open[key] = (tuple(places), poly)
        elif not self.loose[ids[0]] and hidden:
            self.closed[ids[0]] = poly
        else:
            raise ProofError(f"{what} needs distinct free indices, or none at all")
        self.means.clear()
        self.memory.clear()

    def _stripped(self, f: Factor) -> Factor:
        """A factor of a moment without the label of the hidden source's box."""
        head = self.heads[f[0]]
        extra = len(head.boxes) - 1
        return f if not extra else f[:-extra]

    def _given_atom(self, atom: Atom) -> None:
        """An equation or inequality between deterministic sides; inverses are recognised."""
        left, right = self.context.read(atom.left), self.context.read(atom.right)
        if self.random(self.value(left)) or self.random(self.value(right)):
            raise ProofError(f"{atom.name!r} ties random quantities; only functions of them may be")
        match left, right:
            case (
                Sum((j,), Binary("*", Symbol(one, (i, a)), Symbol(two, (b, k)))),
                Symbol("delta", (x, y)),
            ) if j == a == b and (x, y) == (i, k) and len({i, j, k}) == 3 and atom.relation == "=":
                arrays = (self.arrays.get(one), self.arrays.get(two))
                if all(isinstance(array, Tensor) for array in arrays):
                    self.partners.add((self.array_heads[one], self.array_heads[two]))
                    for known in (self.joined, self.summed, self.memory, self.means):
                        known.clear()  # they hold this product as it was before


def _pairings(items: list[Factor]) -> Iterator[list[tuple[Factor, Factor]]]:
    """All ways to pair the items."""
    if not items:
        yield []
        return
    first, *others = items
    for k, partner in enumerate(others):
        for rest in _pairings(others[:k] + others[k + 1 :]):
            yield [(first, partner), *rest]


def _partitions(items: list[T]) -> Iterator[list[list[T]]]:
    """All ways to split the items into blocks."""
    if not items:
        yield []
        return
    first, *others = items
    for rest in _partitions(others):
        yield [[first], *rest]
        for k in range(len(rest)):
            yield [*rest[:k], [first, *rest[k]], *rest[k + 1 :]]
