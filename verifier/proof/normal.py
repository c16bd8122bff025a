"""Normal forms: polynomials whose variables are scalars and connected networks of array entries.

A *factor* is an entry of an array, (head, label, ...); factors that share a summed label form a
*network*, kept once in a table under canonical labels, so that equal networks are one number.
Labels >= 0 are summed, labels < 0 are free indices. A label of a box (sort ``^source``) stands for
an independent copy of that source, integrated; for everything here it is a summed label of size 1.
A value is a polynomial over a positive integer; the inverse of a scalar polynomial that is shown to
be positive counts as one more scalar until the value is compared with 0.

Any renaming of summed labels is sound; which one is chosen decides only what is found equal.

Trusted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .context import Context, Scalar
from .syntax import Fuel, ProofError

BITS = 10  # the exponent of a scalar is below 2^9; the highest bit of its field is the alarm
DELTA = 0
MAX_BITS, MAX_FACTORS = 5_000, 500  # of a coefficient; of the networks in one product
MAX_SCALARS = 200  # declared ones and inverses; a monomial has ten bits for each

Factor = tuple[int, ...]
Sorts = dict[int, str]
Number = int | Fraction
Product = tuple[int, tuple[int, ...]]  # packed exponents of scalars, and networks
Poly = dict[Product, Number]
Base = tuple[tuple[int, int], ...]  # packed exponents and coefficients of a denominator
UNIT: Product = (0, ())


@dataclass(frozen=True, slots=True)
class Head:
    """What a factor is an entry of: an array, ``boxes`` the sources over which it is integrated.

    ``sources``: what it still depends on. ``moment``: a field of one draw, its box the last label
    but those of boxes that came later.
    """

    name: str
    sorts: tuple[str, ...]
    sources: frozenset[str] = frozenset()
    boxes: tuple[str, ...] = ()
    moment: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """num / den, where num may hold inverses of scalar polynomials as if they were scalars."""

    num: Poly
    den: int = 1


def accumulate(total: Poly, key: Product, coefficient: Number) -> None:
    """Add one term to a polynomial."""
    coefficient = total.get(key, 0) + coefficient
    if coefficient:
        total[key] = coefficient
    else:
        total.pop(key, None)


class Algebra:
    """Networks, polynomials and values over the scalars of one context."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        self.context, self.fuel = context, fuel
        if len(context.scalars) > MAX_SCALARS:
            raise ProofError(f"a context of more than {MAX_SCALARS} scalars")
        self.scalars: dict[str, Scalar] = {s.name: s for s in context.scalars}
        self.shift = {name: BITS * k for k, name in enumerate(self.scalars)}
        self.alarm = sum(1 << at + BITS - 1 for at in self.shift.values())
        self.sizes = {sort.name: sort.size for sort in context.sorts}
        self.heads: list[Head] = []
        self.head_ids: dict[Head, int] = {}
        self.head(Head("delta", ()))
        self.partners: set[tuple[int, int]] = set()
        self.labels: dict[str, int] = {}
        self.free_sorts: list[str] = []
        self.table: list[tuple[Factor, ...]] = []
        self.ids: dict[tuple[Factor, ...], int] = {}
        self.known: dict[tuple[Factor, ...], int] = {}
        self.loose: list[frozenset[int]] = []
        self.sources: list[frozenset[str]] = []
        self.deltas: set[int] = set()
        self.inverses: dict[Base, str] = {}
        self.joined: dict[tuple[tuple[int, ...], tuple[int, ...]], Product] = {}
        self.summed: dict[tuple[tuple[int, ...], int], Product] = {}

    # Heads, labels, networks

    def head(self, head: Head) -> int:
        """The number of a head."""
        if head not in self.head_ids:
            self.head_ids[head] = len(self.heads)
            self.heads.append(head)
        return self.head_ids[head]

    def label(self, index: str, sort: str) -> int:
        """The free label of an index; one index has one sort."""
        if index not in self.labels:
            self.free_sorts.append(sort)
            self.labels[index] = -len(self.free_sorts)
        found = self.labels[index]
        if self.free_sorts[-1 - found] != sort:
            raise ProofError(f"index {index!r} is used for two sorts")
        return found

    def size(self, sort: str) -> int:
        """The packed exponents of the number of values of a summed label; a box counts once."""
        return 0 if sort[0] == "^" else 1 << self.shift[self.sizes[sort]]

    def packed(self, one: int, two: int) -> int:
        """The sum of packed exponents; the only place where exponents are added."""
        total = one + two
        if total & self.alarm:
            raise ProofError(f"a scalar to a power above {2 ** (BITS - 1) - 1}")
        return total

    def intern(self, part: tuple[Factor, ...]) -> int:
        """The number of a network in canonical labels."""
        found = self.ids.get(part)
        if found is None:
            found = self.ids[part] = len(self.table)
            self.table.append(part)
            self.loose.append(frozenset(x for f in part for x in f[1:] if x < 0))
            self.sources.append(frozenset().union(*(self.heads[f[0]].sources for f in part)))
            if part[0][0] == DELTA:
                self.deltas.add(found)
        return found

    def canonical(self, part: Iterable[Factor]) -> int:
        """The number of a connected network with any summed labels."""
        first: dict[int, int] = {}
        key = tuple(sorted(part))
        for f in key:
            for x in f[1:]:
                if x >= 0:
                    first.setdefault(x, len(first))
        key = tuple((f[0], *[first[x] if x >= 0 else x for x in f[1:]]) for f in key)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self.intern(self._canonical(key, len(first)))
        return found

    def _canonical(self, part: tuple[Factor, ...], count: int) -> tuple[Factor, ...]:
        """The least form over all orders of labels that colour refinement leaves open."""
        best: tuple[Factor, ...] | None = None
        stack = [[0] * count]
        while stack:
            colour, kinds = stack.pop(), 0
            while True:  # a label's colour is refined by the factors in which it occurs
                self.fuel.spend(len(part) + count)
                marks: list[list[tuple[Factor, int]]] = [[] for _ in range(count)]
                for f in part:
                    shown = (f[0], *[colour[x] if x >= 0 else x for x in f[1:]])
                    for at, x in enumerate(f[1:]):
                        if x >= 0:
                            marks[x].append((shown, at))
                ranks = [(colour[x], tuple(sorted(marks[x]))) for x in range(count)]
                place = {rank: k for k, rank in enumerate(sorted(set(ranks)))}
                colour = [place[rank] for rank in ranks]
                if len(place) == kinds:
                    break
                kinds = len(place)
            sizes = Counter(colour)
            tie = next((k for k in range(kinds) if sizes[k] > 1), None)
            if tie is None:
                coded = sorted((f[0], *[colour[x] if x >= 0 else x for x in f[1:]]) for f in part)
                best = min(best or tuple(coded), tuple(coded))
            else:
                for x in range(count):  # single out each label of the first tied colour
                    if colour[x] == tie:
                        stack.append([2 * k + (k >= tie and j != x) for j, k in enumerate(colour)])
        return best or ()

    def limited(self, poly: Poly) -> Poly:
        """The same polynomial; ProofError if a number or a product in it is too long."""
        for (_, ids), c in poly.items():
            if len(ids) > MAX_FACTORS:
                raise ProofError(f"a product of more than {MAX_FACTORS} entries of arrays")
            _short(c)
        return poly

    def network(self, factors: list[Factor], sorts: Mapping[int, str]) -> Product:
        """Packed exponents and networks of a product summed over all labels in ``sorts``.

        Deltas are contracted, matrices that meet their inverse become a delta, and a summed label
        that no factor carries any more counts the values of its sort.
        """
        self.fuel.spend(len(factors) + 1)
        plain = [f for f in factors if f[0] != DELTA]
        pairs = [f for f in factors if f[0] == DELTA]
        place: dict[int, int] = {}
        kept: list[int] = []
        gone: set[int] = set()

        def find(x: int) -> int:
            while x in place:
                x = place[x]
            return x

        while True:
            for _, a, b in pairs:
                a, b = find(a), find(b)
                if a != b:
                    if a < 0 and b < 0:
                        a, b = max(a, b), min(a, b)
                        kept.append(b)
                    elif a >= 0:
                        a, b = b, a
                    place[b] = a
            if place:
                plain = [(f[0], *map(find, f[1:])) for f in plain]
            meeting = self._inverse_pair(plain) if self.partners else None
            if meeting is None:
                break
            left, right = meeting
            plain.remove(left)
            plain.remove(right)
            gone.add(left[2])
            pairs = [(DELTA, left[1], right[2])]
        seen = {x for f in plain for x in f[1:]} | gone
        powers = 0
        for x, sort in sorts.items():
            if x not in seen and x not in place:
                powers = self.packed(powers, self.size(sort))
        ids = [self.canonical(group) for group in _groups(plain)]
        ids += [self.intern(((DELTA, b, find(b)),)) for b in kept]
        return powers, tuple(sorted(ids))

    def _inverse_pair(self, plain: list[Factor]) -> tuple[Factor, Factor] | None:
        """Factors M[i,j] N[j,k], N given as the inverse of M, with j summed and nowhere else."""
        self.fuel.spend(len(plain) ** 2 // 16)
        for f in plain:
            for g in plain:
                meet = (f[0], g[0]) in self.partners and f is not g and g[1] == f[2] >= 0
                if meet and sum(h[1:].count(f[2]) for h in plain) == 2:
                    return f, g
        return None

    def spread(self, ids: Iterable[int]) -> tuple[list[Factor], Sorts]:
        """All factors of some networks, summed labels made distinct, and the sorts of these."""
        out: list[Factor] = []
        sorts: Sorts = {}
        top = 0
        for i in ids:
            high = top
            for f in self.table[i]:
                g = [f[0]]
                for x, sort in zip(f[1:], self.heads[f[0]].sorts, strict=False):
                    if x >= 0:
                        x += top
                        sorts[x] = sort
                        high = max(high, x + 1)
                    g.append(x)
                out.append(tuple(g) if f[0] != DELTA else f)
            top = high
        return out, sorts

    def join(self, one: tuple[int, ...], two: tuple[int, ...]) -> Product:
        """The product of two products of networks; deltas rename the free labels of the other."""
        if not one or not two:
            return 0, one or two
        if self.deltas and not (self.deltas.isdisjoint(one) and self.deltas.isdisjoint(two)):
            found = self.joined.get((one, two))
            if found is None:
                found = self.joined[one, two] = self.network(*self.spread(one + two))
            return found
        return 0, tuple(sorted(one + two))

    def bound(self, ids: tuple[int, ...], label: int) -> Product:
        """A product of networks that carry a free label, summed over it."""
        found = self.summed.get((ids, label))
        if found is None:
            factors, sorts = self.spread(ids)
            new = max(sorts, default=-1) + 1
            sorts[new] = self.free_sorts[-1 - label]
            renamed = [(f[0], *[new if x == label else x for x in f[1:]]) for f in factors]
            found = self.summed[ids, label] = self.network(renamed, sorts)
        return found

    # Polynomials

    def times(self, left: Poly, right: Poly) -> Poly:
        """The product of two polynomials."""
        self.fuel.spend(len(left) * len(right))
        self.fuel.spend(sum(len(ids) // 8 for _, ids in left) * len(right))
        self.fuel.spend(sum(len(ids) // 8 for _, ids in right) * len(left))
        total: Poly = {}
        if self.deltas and any(not self.deltas.isdisjoint(a) for a in self._parts(left, right)):
            for (p, a), c in left.items():
                for (q, b), d in right.items():
                    powers, ids = self.join(a, b)
                    accumulate(total, (self.packed(self.packed(p, q), powers), ids), c * d)
            return self.limited(total)
        every, get = 0, total.get  # the same without deltas: the alarm is read once, at the end
        for (p, a), c in left.items():
            for (q, b), d in right.items():
                key = (p + q, tuple(sorted(a + b)) if a and b else a or b)
                every |= key[0]
                total[key] = get(key, 0) + c * d
        self.packed(every & self.alarm, 0)
        return self.limited({key: c for key, c in total.items() if c})

    @staticmethod
    def _parts(*polys: Poly) -> Iterator[tuple[int, ...]]:
        return (ids for poly in polys for _, ids in poly)

    def power(self, poly: Poly, exponent: int) -> Poly:
        """A natural power of a polynomial."""
        out: Poly = {UNIT: 1}
        for _ in range(exponent):
            out = self.times(out, poly)
        return out

    def bind(self, poly: Poly, label: int) -> Poly:
        """The sum over a free label."""
        total: Poly = {}
        for (powers, ids), c in poly.items():
            touched = tuple(i for i in ids if label in self.loose[i])
            self.fuel.spend(1 + len(touched) + len(ids) // 8)
            more, summed = self.bound(touched, label)
            rest = tuple(i for i in ids if label not in self.loose[i])
            again, both = self.join(rest, summed)
            accumulate(total, (self.packed(self.packed(powers, more), again), both), c)
        return total

    # Values

    def plus(self, u: Value, v: Value, sign: int = 1) -> Value:
        """u + v, or u - v."""
        den = math.lcm(u.den, v.den)
        total = dict(u.num) if den == u.den else {k: c * (den // u.den) for k, c in u.num.items()}
        self.fuel.spend(len(u.num) + len(v.num))
        for key, c in v.num.items():
            accumulate(total, key, sign * (den // v.den) * c)
        return Value(self.limited(total), _short(den))

    def product(self, u: Value, v: Value) -> Value:
        """u v."""
        return Value(self.times(u.num, v.num), _short(u.den * v.den))

    def quotient(self, u: Value, v: Value) -> Value:
        """u / v; the divisor must be a scalar polynomial that is shown to be positive.

        v = num / (den * product of base^power), so 1/v is what is below v times 1/num, and 1/num a
        new scalar unless num is a number.
        """
        if not self.positive(v, strict=True):
            raise ProofError("division by what is not shown to be a positive number")
        num, below = self.cleared(v)
        scale = math.lcm(*(Fraction(c).denominator for c in num.values()))
        whole = {p: int(c * scale) for (p, _), c in num.items()}
        content = math.gcd(*whole.values())
        result: Poly = {UNIT: v.den * scale}
        for base, exponent in below:
            result = self.times(result, self.power({(p, ()): c for p, c in base}, exponent))
        if set(whole) != {0}:
            base = tuple(sorted((p, c // content) for p, c in whole.items()))
            result = self.times(result, {(self.inverse(base), ()): 1})
        return self.product(u, Value(result, content))

    def inverse(self, base: Base) -> int:
        """The packed exponents of 1 / base."""
        if base not in self.inverses:
            if len(self.shift) >= MAX_SCALARS:
                raise ProofError(f"more than {MAX_SCALARS} scalars, different divisors counted")
            name = self.inverses[base] = f"1/{len(self.inverses)}"
            at = self.shift[name] = BITS * len(self.shift)
            self.alarm |= 1 << at + BITS - 1
        return 1 << self.shift[self.inverses[base]]

    def cleared(self, value: Value) -> tuple[Poly, tuple[tuple[Base, int], ...]]:
        """num and below with value = num / (den * product of base^power), no inverse in num."""
        num, below, mask = value.num, [], (1 << BITS) - 1
        self.fuel.spend(len(self.inverses) * len(num) // 4)
        for base, name in self.inverses.items():
            at, parts = self.shift[name], dict[int, Poly]()
            for (p, ids), c in num.items():
                exponent = p >> at & mask
                parts.setdefault(exponent, {})[p - (exponent << at), ids] = c
            highest = max(parts, default=0)
            if highest:
                num = {}
                for exponent, part in parts.items():
                    factor = self.power({(p, ()): c for p, c in base}, highest - exponent)
                    for key, c in self.times(part, factor).items():
                        accumulate(num, key, c)
                below.append((base, highest))
        return num, tuple(below)

    def vanishes(self, value: Value) -> bool:
        """Whether a value is 0 for all scalars in their ranges, as a normal form."""
        return not value.num or not self.cleared(value)[0]

    def positive(self, value: Value, strict: bool) -> bool:
        """Whether a value is >= 0 (> 0) for all scalars in their ranges; False is "not shown".

        Each scalar is its minimum plus something >= 0: no coefficient may be negative then, nor an
        odd power of a scalar without a minimum occur; > 0 needs one monomial that cannot vanish.
        """
        shifted: dict[tuple[tuple[str, int], ...], Number] = {}
        for (powers, ids), c in self.cleared(value)[0].items():
            if ids:
                return False
            self.fuel.spend(1 + len(self.shift) // 8)
            terms: dict[tuple[tuple[str, int], ...], Number] = {(): c}
            for name, at in self.shift.items():
                exponent = powers >> at & (1 << BITS) - 1
                if not exponent:
                    continue
                low = self.scalars[name].minimum or 0
                self.fuel.spend(exponent * len(terms))
                expansion = [
                    (k, _short(math.comb(exponent, k) * _whole(low) ** (exponent - k)))
                    for k in range(exponent + 1)
                    if low or k == exponent
                ]
                terms = {
                    (*key, (name, k)) if k else key: _short(x * y)
                    for key, x in terms.items()
                    for k, y in expansion
                }
            for key, x in terms.items():
                shifted[key] = shifted.get(key, 0) + x
        sure = False
        for key, x in shifted.items():
            scalars = [(self.scalars[name], exponent) for name, exponent in key]
            if x < 0 or (x and any(s.minimum is None and k % 2 for s, k in scalars)):
                return False
            sure = sure or (x > 0 and all(s.minimum is not None and s.strict for s, _ in scalars))
        return sure or not strict


def _short(number: Any) -> Any:
    """The same number; ProofError if it is too long to calculate with."""
    if number.numerator.bit_length() + number.denominator.bit_length() > MAX_BITS:
        raise ProofError(f"a number of more than {MAX_BITS} bits")
    return number


def _whole(number: Number) -> Number:
    """The same number, as an int where it is one: they multiply faster."""
    return int(number) if number.denominator == 1 else number


def _groups(factors: list[Factor]) -> list[list[Factor]]:
    """The factors in groups that are connected by summed labels."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for f in factors:
        labels, members, apart = {x for x in f[1:] if x >= 0}, [f], []
        for group in groups:
            if labels.isdisjoint(group[0]):
                apart.append(group)
            else:
                labels |= group[0]
                members += group[1]
        groups = [*apart, (labels, members)]
    return [members for _, members in groups]
