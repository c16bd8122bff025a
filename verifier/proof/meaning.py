"""From an expression to its normal form in a context: definitions unfolded, expectations taken.

A value is a polynomial over a product of scalar denominators, each proved positive when it is
divided by. Expectations follow the laws of the context: Isserlis' theorem for normal arrays, and
for arrays with independent rows a split of the row indices into equal and different ones.

Trusted base.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from . import normal
from .context import Context, Equation, Law
from .expression import (
    Add,
    Div,
    Expect,
    Mul,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sub,
    Sum,
    Symbol,
    children,
    free_indices,
    parse,
)
from .normal import Factor, Label, Poly

MAX_PAIRED = 12
MAX_PAIRINGS = 200_000
MAX_UNFOLDED = 100_000
MAX_ROWS = 7
MAX_WORK = 500_000

Denominators = tuple[tuple[tuple[tuple[normal.Scalars, Fraction], ...], int], ...]


@dataclass(frozen=True, slots=True)
class Value:
    """numerator / product of (denominator ^ power)."""

    numerator: Poly
    denominators: Denominators = ()


class Meaning:
    """Normal forms in one context. ``residuals``: names of assumed equations, usable as tensors.

    In a combination such as ``sum[i](v[i]*h[i])`` the name of an assumed equation h stands for its
    left side minus its right side; ``vanish=True`` reads it as zero, which it is.
    """

    def __init__(
        self, context: Context, residuals: tuple[Equation, ...] = (), vanish: bool = False
    ) -> None:
        self.context = context
        self.vanish = vanish
        self.scalars = {s.name for s in context.scalars}
        self.tensors = {t.name: t for t in context.tensors}
        self.sizes = dict(context.sorts)
        self.definitions = {x.name: x for x in context.definitions}
        self.inverse = dict(context.inverses) | {two: one for one, two in context.inverses}
        self.equations: dict[str, Equation] = {}
        for equation in residuals:
            if equation.name in self.equations or equation.name in self.scalars | set(
                self.tensors
            ) | set(self.definitions):
                raise ProofError(
                    f"the name {equation.name!r} of an assumed equation is already taken"
                )
            self.equations[equation.name] = equation
        self.sort_of: dict[str, str] = {}
        self.twins: dict[str, set[str]] = {}
        self.tables_checked = False
        self.pairings = 0
        self.unfolded = 0
        self.work = 0
        self.fresh = itertools.count()
        self.memory: dict[str, Value] = {}

    def value(self, text: str) -> Value:
        """The normal form of an expression, given as text."""
        if text not in self.memory:
            node = parse(text)
            value = self._value(node, {i: i for i in free_indices(node)})
            self._check_twins()
            self.memory[text] = value
        return self.memory[text]

    def size(self, index: str) -> str:
        """The scalar that counts the values of a free index; '' if no scalar does."""
        return self.sizes[self._sort(index)]

    def equal(self, left: str, right: str) -> bool:
        """Whether both have the same normal form (so are equal at all values)."""
        return not difference(self.value(left), self.value(right)).numerator

    def _value(self, node: Node, names: Mapping[str, str]) -> Value:
        match node:
            case Number(number):
                return Value(normal.constant(number))
            case Symbol():
                return self._symbol(node, names)
            case Add(left, right):
                return _sum(self._value(left, names), self._value(right, names), 1)
            case Sub(left, right):
                return _sum(self._value(left, names), self._value(right, names), -1)
            case Neg(body):
                return _sum(Value({}), self._value(body, names), -1)
            case Mul(left, right):
                return self._times(self._value(left, names), self._value(right, names))
            case Pow(base, exponent):
                value = self._value(base, names)
                result = Value(normal.constant(1))
                for _ in range(exponent):
                    result = self._times(result, value)
                return result
            case Div(left, right):
                return self._quotient(self._value(left, names), self._value(right, names))
            case Sum(indices, body):
                inner = {**names, **{i: f"#{next(self.fresh)}" for i in indices}}
                value = self._value(body, inner)
                for index in indices:
                    if not value.numerator:
                        return Value({})
                    size = self.sizes[self._sort(inner[index])]
                    bound = normal.bind(value.numerator, inner[index], size)
                    value = Value(self._cancelled(bound), value.denominators)
                return value
            case Expect(arrays, body):
                value = self._value(body, names)
                mean = self._expectation(value.numerator, arrays)
                return Value(self._cancelled(mean), value.denominators)

    def _times(self, left: Value, right: Value) -> Value:
        """left * right; the products of terms are counted, so that time is bounded."""
        self.work += len(left.numerator) * len(right.numerator)
        if self.work > MAX_WORK:
            raise ProofError(f"the products of sums have more than {MAX_WORK} terms")
        return _product(left, right)

    def _cancelled(self, poly: Poly) -> Poly:
        """Replace sum_j M[i,j] N[j,k] by delta[i,k] wherever N is declared the inverse of M."""
        if not self.inverse:
            return poly
        total: Poly = {}
        for (scalars, parts), coefficient in poly.items():
            factors = normal.factors_of(parts)
            dimensions = self._dimensions(factors)
            while (pair := self._inverse_pair(factors)) is not None:
                left, right = pair
                factors.remove(left)
                factors.remove(right)
                factors.append(("delta", (left[1][0], right[1][1])))
                scalars, parts = normal.monomial(scalars, factors, dimensions)
                factors = normal.factors_of(parts)
                dimensions = self._dimensions(factors)
            total = normal.add(total, {(scalars, parts): coefficient})
        return total

    def _inverse_pair(self, factors: list[Factor]) -> tuple[Factor, Factor] | None:
        """A factor and its inverse that meet in a summed index which joins nothing else."""
        for left in factors:
            partner = self.inverse.get(left[0])
            if partner is None or not isinstance(left[1][1], int) or left[1][0] == left[1][1]:
                continue
            meeting = left[1][1]
            if sum(labels.count(meeting) for _, labels in factors) != 2:
                continue
            for right in factors:
                if right[0] == partner and right[1][0] == meeting:
                    return left, right
        return None

    def _sort(self, index: str) -> str:
        """The sort of an index, from the tensors that carry it or from a delta beside it."""
        for current in self._joined(index):
            if current in self.sort_of:
                return self.sort_of[current]
        raise ProofError("a sum runs over an index that no tensor in it carries")

    def _joined(self, index: str) -> list[str]:
        """The index and all others that deltas join to it, directly or through a chain."""
        found = [index]
        for current in found:
            found += sorted(self.twins.get(current, set()).difference(found))
        return found

    def _check_twins(self) -> None:
        """Indices that a chain of deltas joins must have one sort."""
        done: set[str] = set()
        for index in self.twins:
            if index not in done:
                joined = self._joined(index)
                done.update(joined)
                if len({self.sort_of[i] for i in joined if i in self.sort_of}) > 1:
                    raise ProofError("a delta joins indices of different sorts")

    def _symbol(self, node: Symbol, names: Mapping[str, str]) -> Value:
        name = node.name
        indices = tuple(names[i] for i in node.indices)
        if name == "delta":
            if len(indices) != 2:
                raise ProofError("delta takes two indices")
            for index, other in (indices, indices[::-1]):
                self.twins.setdefault(index, set()).add(other)
            return Value({normal.monomial((), [("delta", indices)], {}): Fraction(1)})
        if name in self.definitions:
            definition = self.definitions[name]
            self.unfolded += 1
            if self.unfolded > MAX_UNFOLDED:
                raise ProofError(f"definitions unfold more than {MAX_UNFOLDED} times")
            if len(definition.parameters) != len(indices):
                wanted = len(definition.parameters)
                raise ProofError(f"{name!r} takes {wanted} indices, not {len(indices)}")
            if definition.sorts:
                self._note_sorts(name, indices, definition.sorts)
            inner = dict(zip(definition.parameters, indices, strict=True))
            return self._value(parse(definition.body), inner)
        if name in self.equations:
            equation = self.equations[name]
            own = equation_indices(equation)
            if len(own) != len(indices):
                raise ProofError(
                    f"equation {name!r} has {len(own)} free indices, not {len(indices)}"
                )
            inner = dict(zip(own, indices, strict=True))
            left = self._value(parse(equation.left), inner)
            right = self._value(parse(equation.right), inner)
            return Value({}) if self.vanish else _sum(left, right, -1)
        if name in self.scalars and not indices:
            return Value(normal.scalar(name))
        tensor = self.tensors.get(name)
        if tensor is None or len(tensor.sorts) != len(indices):
            raise ProofError(f"{name!r} with {len(indices)} indices is not declared")
        self._note_sorts(name, indices, tensor.sorts)
        return Value({normal.monomial((), [(name, indices)], {}): Fraction(1)})

    def _note_sorts(self, name: str, indices: tuple[str, ...], sorts: tuple[str, ...]) -> None:
        for index, sort in zip(indices, sorts, strict=True):
            if self.sort_of.setdefault(index, sort) != sort:
                raise ProofError(
                    f"an index of {name!r} is used both as {sort} and as {self.sort_of[index]}"
                )

    def _quotient(self, left: Value, right: Value) -> Value:
        if any(parts for _, parts in right.numerator) or not right.numerator:
            raise ProofError("division is by a non-zero expression in scalars only")
        if not is_positive(self.context, right.numerator, strict=True):
            raise ProofError("division by an expression that is not shown to be positive")
        lifted = Value(
            normal.multiply(left.numerator, _expand(right.denominators)), left.denominators
        )
        if set(right.numerator) == {normal.ONE}:
            return Value(
                {k: c / right.numerator[normal.ONE] for k, c in lifted.numerator.items()},
                lifted.denominators,
            )
        key = tuple(sorted((scalars, c) for (scalars, _), c in right.numerator.items()))
        powers = dict(lifted.denominators)
        powers[key] = powers.get(key, 0) + 1
        return Value(lifted.numerator, tuple(sorted(powers.items())))

    def _expectation(self, poly: Poly, arrays: tuple[str, ...] | None) -> Poly:
        laws = list(self.context.laws)
        self._check_tables()
        if arrays is not None:
            laws = [law for law in self.context.leading() if law.arrays[0] in arrays]
            if len(laws) != len(set(arrays)):
                raise ProofError(
                    f"a conditional expectation over {arrays} needs independent normal arrays: "
                    "those listed before the first table of moments"
                )
            for flip in self.context.flips:
                if set(flip) & set(arrays):
                    raise ProofError(
                        "a conditional expectation over arrays that share a sign change"
                    )
        integrated = {name for law in laws for name in law.arrays}
        blocked = {t.name for t in self.tensors.values() if set(t.depends_on) & integrated}
        if any(f[0] in blocked for _, parts in poly for part in parts for f in part):
            raise ProofError(
                f"an expectation of {sorted(blocked)} that depends on what is integrated"
            )
        if arrays is None:
            poly = {m: c for m, c in poly.items() if not self._odd(m)}
        for law in laws:
            step = self._normal if law.kind == "normal" else self._rows
            total: Poly = {}
            for monomial, coefficient in poly.items():
                if any(f[0] in law.arrays for part in monomial[1] for f in part):
                    total = normal.add(total, step(law, monomial), coefficient)
                else:
                    total = normal.add(total, {monomial: Fraction(1)}, coefficient)
            poly = total
        return poly

    def _odd(self, monomial: normal.Monomial) -> bool:
        names = [f[0] for part in monomial[1] for f in part]
        return any(sum(name in flip for name in names) % 2 for flip in self.context.flips)

    def _dimensions(self, factors: list[Factor]) -> dict[int, str]:
        found: dict[int, str] = {}
        for name, labels in factors:
            if name != "delta":
                for label, sort in zip(labels, self.tensors[name].sorts, strict=True):
                    if isinstance(label, int):
                        found[label] = self.sizes[sort]
        return found

    def _normal(self, law: Law, monomial: normal.Monomial) -> Poly:
        """Isserlis' theorem: the sum over all pairings of the product of covariances."""
        factors = normal.factors_of(monomial[1])
        dimensions = self._dimensions(factors)
        inside = [labels for name, labels in factors if name == law.arrays[0]]
        rest = [f for f in factors if f[0] != law.arrays[0]]
        if len(inside) % 2:
            return {}
        self.pairings += math.prod(range(len(inside) - 1, 0, -2))
        if len(inside) > MAX_PAIRED or self.pairings > MAX_PAIRINGS:
            raise ProofError(
                f"a Gaussian moment of degree above {MAX_PAIRED} or above {MAX_PAIRINGS} pairings"
            )
        total: Poly = {}
        for pairs in _pairings(inside):
            deltas: list[Factor] = [
                ("delta", (i, j)) for left, right in pairs for i, j in zip(left, right, strict=True)
            ]
            key = normal.monomial(monomial[0], rest + deltas, dimensions)
            total[key] = total.get(key, Fraction(0)) + 1
        variance = self._value(parse(law.variance), {})
        return normal.multiply(total, normal.power(variance.numerator, len(inside) // 2))

    def _rows(self, law: Law, monomial: normal.Monomial) -> Poly:
        """Split the row indices into blocks of equal ones; different rows are independent."""
        factors = normal.factors_of(monomial[1])
        inside = [f for f in factors if f[0] in law.arrays]
        rest = [f for f in factors if f[0] not in law.arrays]
        if law.kind == "joint":
            return self._attach(law, monomial[0], [inside], rest, False, self._dimensions(factors))
        labels = sorted({f[1][0] for f in inside}, key=str)
        if not all(isinstance(label, int) for label in labels):
            raise ProofError(
                f"an expectation over {law.arrays} with a row index that is not summed"
            )
        elsewhere = [where for _, where in rest] + [where[1:] for _, where in inside]
        if any(label in labels for where in elsewhere for label in where):
            raise ProofError(f"a row index of {law.arrays} occurs elsewhere than as a row index")
        if len(labels) > MAX_ROWS:
            raise ProofError(f"an expectation over more than {MAX_ROWS} row indices")
        dimension = self.sizes[self.tensors[law.arrays[0]].sorts[0]]
        total: Poly = {}
        for blocks in _partitions(labels):
            groups = [[f for f in inside if f[1][0] in block] for block in blocks]
            product = self._attach(law, monomial[0], groups, rest, True, self._dimensions(factors))
            for k in range(len(blocks)):
                product = normal.multiply(
                    product, normal.add(normal.scalar(dimension), normal.constant(-k))
                )
            total = normal.add(total, product)
        return total

    def _attach(
        self,
        law: Law,
        scalars: normal.Scalars,
        groups: list[list[Factor]],
        rest: list[Factor],
        indexed: bool,
        dimensions: dict[int, str],
    ) -> Poly:
        """rest * product over groups of the moment of that group's factors, indices joined."""
        table = dict(law.moments)
        total: Poly = {(scalars, ()): Fraction(1)}
        place: dict[Label, Label] = {}
        for group in groups:
            ordered = sorted(group, key=lambda f: law.arrays.index(f[0]))
            degrees = tuple(sum(f[0] == name for f in group) for name in law.arrays)
            if degrees not in table:
                raise ProofError(f"the moment of degrees {degrees} of {law.arrays} is not declared")
            slots = self._slots(law, degrees)
            own = [i for f in ordered for i in (f[1][1:] if indexed else f[1])]
            place.update(zip(slots.values(), own, strict=True))
            value = self._value(parse(table[degrees]), slots)
            if value.denominators:
                raise ProofError("a moment must be a polynomial; declare the quotient as a scalar")
            total = normal.multiply(total, value.numerator)
        summed = {label for label in place.values() if isinstance(label, int)}
        top = 1 + max((i for i in dimensions), default=-1)
        result: Poly = {}
        for (powers, parts), coefficient in total.items():
            own_factors = [
                (name, tuple(i + top if isinstance(i, int) else place[i] for i in labels))
                for name, labels in normal.factors_of(parts)
            ]
            sizes = {**dimensions, **self._dimensions(own_factors)}
            key = normal.monomial(powers, rest + own_factors, sizes)
            left = summed.difference(*(labels for _, labels in rest + own_factors))
            term = {key: coefficient}
            for label in left:
                term = normal.multiply(term, normal.count(dimensions[label]))
            result = normal.add(result, term)
        return result

    def _slots(self, law: Law, degrees: tuple[int, ...]) -> dict[str, str]:
        """A fresh index for each of s1, s2, ... of a moment, of the sort that the array has."""
        sorts = [
            sort
            for name, count in zip(law.arrays, degrees, strict=True)
            for _ in range(count)
            for sort in self.tensors[name].sorts[law.kind == "rows" :]
        ]
        slots = {f"s{k}": f"@{next(self.fresh)}" for k in range(1, 1 + len(sorts))}
        self.sort_of.update(zip(slots.values(), sorts, strict=True))
        return slots

    def _check_tables(self) -> None:
        """Variances are non-negative numbers; moments are symmetric in equal arrays, fit flips."""
        if self.tables_checked:
            return
        for law in self.context.laws:
            variance = self._value(parse(law.variance), {})
            if variance.denominators:
                raise ProofError("a variance must be a polynomial")
            if not is_positive(self.context, variance.numerator, strict=False):
                raise ProofError(f"the variance {law.variance!r} is not shown to be non-negative")
            for degrees, moment in law.moments:
                slots = self._slots(law, degrees)
                node = parse(moment)
                if not set(free_indices(node)) <= set(slots):
                    raise ProofError(
                        f"the moment {degrees} of {law.arrays} has an index not in {list(slots)}"
                    )
                base = self._value(node, slots)
                for other in self._exchanges(law, degrees, slots):
                    if difference(base, self._value(node, other)).numerator:
                        raise ProofError(
                            f"the moment of degrees {degrees} of {law.arrays} is not symmetric"
                        )
                drawn = [
                    name
                    for name, count in zip(law.arrays, degrees, strict=True)
                    for _ in range(count)
                ]
                for flip in self.context.flips:
                    for _, parts in base.numerator:
                        every = drawn + [f[0] for part in parts for f in part]
                        if sum(name in flip for name in every) % 2:
                            raise ProofError(
                                f"the moment {degrees} of {law.arrays} is not zero although the "
                                f"sign change of {flip} makes it so"
                            )
        self._check_twins()
        self.tables_checked = True

    def _exchanges(
        self, law: Law, degrees: tuple[int, ...], slots: Mapping[str, str]
    ) -> Iterator[dict[str, str]]:
        """The slots with two neighbouring copies of one array exchanged, in every such way."""
        at = 1
        for name, count in zip(law.arrays, degrees, strict=True):
            width = len(self.tensors[name].sorts) - (law.kind == "rows")
            for k in range(count):
                first = [f"s{at + k * width + j}" for j in range(width)]
                second = [f"s{at + (k + 1) * width + j}" for j in range(width)]
                if k + 1 < count:
                    both = first + second
                    yield {
                        **slots,
                        **{s: slots[t] for s, t in zip(both, second + first, strict=True)},
                    }
            at += width * count


def equation_indices(equation: Equation) -> tuple[str, ...]:
    """The free indices of an equation, in order of first appearance."""
    both = free_indices(parse(equation.left)) + free_indices(parse(equation.right))
    return tuple(dict.fromkeys(both))


def expects(node: Node) -> bool:
    """Whether an expectation occurs in the expression."""
    return isinstance(node, Expect) or any(expects(child) for child in children(node))


def difference(left: Value, right: Value) -> Value:
    """left - right."""
    return _sum(left, right, -1)


def is_positive(context: Context, poly: Poly, strict: bool) -> bool:
    """Whether scalars in their ranges make the polynomial >= 0 (> 0 if strict); False if not shown.

    Each bounded scalar is written as its minimum plus a non-negative rest. If then every
    coefficient is non-negative (and odd powers of unbounded scalars are absent) the polynomial is
    >= 0; it is > 0 if besides one monomial with positive coefficient is itself positive.
    """
    shifted: Poly = {}
    raised: dict[tuple[str, int], Poly] = {}
    for (powers, parts), coefficient in poly.items():
        if parts:
            return False
        term = normal.constant(coefficient)
        for name, exponent in powers:
            declared = context.scalar(name)
            minimum = declared.minimum if declared and declared.minimum is not None else Fraction(0)
            if (name, exponent) not in raised:
                base = normal.add(normal.scalar(name), normal.constant(minimum))
                raised[name, exponent] = normal.power(base, exponent)
            term = normal.multiply(term, raised[name, exponent])
        shifted = normal.add(shifted, term)
    surely = False
    for (powers, _), coefficient in shifted.items():
        if coefficient < 0:
            return False
        positive = True
        for name, exponent in powers:
            declared = context.scalar(name)
            bounded = declared is not None and declared.minimum is not None
            if not bounded and exponent % 2:
                return False
            positive = positive and bounded and declared is not None and declared.strict
        surely = surely or positive
    return surely or not strict


def evaluate(
    meaning: Meaning,
    text: str,
    scalars: Mapping[str, Fraction],
    tensors: Mapping[str, object],
    at: Mapping[str, int] | None = None,
) -> Fraction:
    """The exact value at concrete scalars and tensors (nested tuples), free indices set by at."""
    value = meaning.value(text)
    total = _evaluate(meaning, value.numerator, scalars, tensors, at or {})
    return total / _evaluate(meaning, _expand(value.denominators), scalars, tensors, {})


def _evaluate(
    meaning: Meaning,
    poly: Poly,
    scalars: Mapping[str, Fraction],
    tensors: Mapping[str, object],
    at: Mapping[str, int],
) -> Fraction:
    total = Fraction(0)
    free: dict[Label, int] = {index: value for index, value in at.items()}  # noqa: C416
    for (powers, parts), coefficient in poly.items():
        term = coefficient
        for name, exponent in powers:
            if name not in scalars:
                raise ProofError(f"no value is given for {name!r}")
            term *= scalars[name] ** exponent
        for part in parts:
            sizes = meaning._dimensions(list(part))
            if any(isinstance(i, str) and i not in at for _, labels in part for i in labels):
                raise ProofError("no value is given for a free index")
            if not all(sizes.values()):
                raise ProofError("a sum over a range without a declared size has no value")
            ranges = [range(int(scalars[sizes[i]])) for i in sorted(sizes)]
            term *= sum(
                (
                    _product_at(
                        part, {**free, **dict(zip(sorted(sizes), point, strict=True))}, tensors
                    )
                    for point in itertools.product(*ranges)
                ),
                Fraction(0),
            )
        total += term
    return total


def _product_at(
    part: normal.Component, point: Mapping[Label, int], tensors: Mapping[str, object]
) -> Fraction:
    product = Fraction(1)
    for name, labels in part:
        if name == "delta":
            product *= int(point[labels[0]] == point[labels[1]])
            continue
        entry = tensors.get(name)
        for label in labels:
            if not isinstance(entry, (list, tuple)) or point[label] >= len(entry):
                raise ProofError(f"no value of the right shape is given for {name!r}")
            entry = entry[point[label]]
        if not isinstance(entry, Fraction):
            raise ProofError(f"no value of the right shape is given for {name!r}")
        product *= entry
    return product


def _expand(denominators: Denominators) -> Poly:
    total = normal.constant(1)
    for key, exponent in denominators:
        total = normal.multiply(total, normal.power({(s, ()): c for s, c in key}, exponent))
    return total


def _sum(left: Value, right: Value, sign: int) -> Value:
    if left.denominators == right.denominators:
        return Value(normal.add(left.numerator, right.numerator, sign), left.denominators)
    one, two = dict(left.denominators), dict(right.denominators)
    common = {key: max(one.get(key, 0), two.get(key, 0)) for key in {**one, **two}}

    def lifted(value: Value, own: dict[tuple[tuple[normal.Scalars, Fraction], ...], int]) -> Poly:
        missing = tuple((key, power - own.get(key, 0)) for key, power in common.items())
        return normal.multiply(value.numerator, _expand(missing))

    total = normal.add(lifted(left, one), lifted(right, two), sign)
    return Value(total, tuple(sorted(common.items())))


def _product(left: Value, right: Value) -> Value:
    powers = dict(left.denominators)
    for key, exponent in right.denominators:
        powers[key] = powers.get(key, 0) + exponent
    return Value(normal.multiply(left.numerator, right.numerator), tuple(sorted(powers.items())))


def _pairings(
    items: list[tuple[Label, ...]],
) -> Iterator[list[tuple[tuple[Label, ...], tuple[Label, ...]]]]:
    if not items:
        yield []
        return
    first, *others = items
    for k, partner in enumerate(others):
        for rest in _pairings(others[:k] + others[k + 1 :]):
            yield [(first, partner), *rest]


def _partitions(items: list[Label]) -> Iterator[list[list[Label]]]:
    if not items:
        yield []
        return
    first, *others = items
    for rest in _partitions(others):
        yield [[first], *rest]
        for k in range(len(rest)):
            yield [*rest[:k], [first, *rest[k]], *rest[k + 1 :]]
