"""Normal forms: two index expressions are equal exactly when these dictionaries are equal.

A polynomial is a dictionary from monomial to ``Fraction``. A monomial is a pair: powers of scalars,
and the connected components of its tensor network. A component is a tuple of factors
``(name, labels)``; a label is an ``int`` where the index is summed and a ``str`` where it is free.
Summed labels are numbered by the traversal that gives the smallest code, so renaming summed indices
or reordering factors cannot change a normal form. An index may join any number of factors.

Trusted base: exact rational arithmetic, no simplification heuristics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from .expression import ProofError

Label = int | str
Factor = tuple[str, tuple[Label, ...]]
Component = tuple[Factor, ...]
Scalars = tuple[tuple[str, int], ...]
Monomial = tuple[Scalars, tuple[Component, ...]]
Poly = dict[Monomial, Fraction]

MAX_TERMS = 60_000
MAX_FACTORS = 40
MAX_STATES = 3_000
MAX_PRODUCTS = 300_000
MAX_EXPONENT = 200
MAX_BITS = 20_000
ONE: Monomial = ((), ())


def constant(value: Fraction | int) -> Poly:
    """The constant polynomial."""
    return {ONE: Fraction(value)} if value else {}


def scalar(name: str) -> Poly:
    """The polynomial that is one scalar."""
    return {(((name, 1),), ()): Fraction(1)}


def count(dimension: str) -> Poly:
    """The number of values of an index; ProofError where no scalar counts them."""
    return scalar(_counted(dimension))


def add(left: Poly, right: Poly, factor: Fraction | int = 1) -> Poly:
    """left + factor * right."""
    total = dict(left)
    for monomial, coefficient in right.items():
        value = total.get(monomial, Fraction(0)) + factor * coefficient
        if value:
            total[monomial] = value
        else:
            total.pop(monomial, None)
    return total


def multiply(left: Poly, right: Poly) -> Poly:
    """left * right; components stay apart, since no index is summed by a product."""
    if len(left) * len(right) > MAX_PRODUCTS:
        raise ProofError(f"a product of sums has more than {MAX_PRODUCTS} terms")
    total: Poly = {}
    others = [(*key, value, _has_delta(key[1])) for key, value in right.items()]
    for (scalars_1, parts_1), coefficient_1 in left.items():
        delta_1 = _has_delta(parts_1)
        for scalars_2, parts_2, coefficient_2, delta_2 in others:
            powers = _powers(scalars_1, scalars_2)
            if (delta_1 and parts_2) or (delta_2 and parts_1):
                key = monomial(powers, _relabel(parts_1 + parts_2), {})
            elif parts_1 and parts_2:
                key = (powers, tuple(sorted(parts_1 + parts_2, key=_order)))
            else:
                key = (powers, parts_1 or parts_2)
            total[key] = total.get(key, Fraction(0)) + coefficient_1 * coefficient_2
        if len(total) > MAX_TERMS:
            raise ProofError(f"an expression expands to more than {MAX_TERMS} terms")
    for value in total.values():
        if value.numerator.bit_length() + value.denominator.bit_length() > MAX_BITS:
            raise ProofError(f"a coefficient of more than {MAX_BITS} bits")
    return {key: value for key, value in total.items() if value}


def power(base: Poly, exponent: int) -> Poly:
    """base ** exponent."""
    result = constant(1)
    for _ in range(exponent):
        result = multiply(result, base)
    return result


def bind(poly: Poly, index: str, dimension: str) -> Poly:
    """Sum over the free index; ``dimension`` is the scalar that counts its values ('' if none)."""
    total: Poly = {}
    for (scalars, parts), coefficient in poly.items():
        factors, fresh = _relabel(parts), 1 + sum(len(f[1]) for part in parts for f in part)
        joined = [
            (name, tuple(fresh if i == index else i for i in labels)) for name, labels in factors
        ]
        if joined == factors:
            key = (_powers(scalars, ((_counted(dimension), 1),)), parts)
        else:
            key = monomial(scalars, joined, {fresh: dimension})
        value = total.get(key, Fraction(0)) + coefficient
        total[key] = value
    return {key: value for key, value in total.items() if value}


def monomial(
    scalars: Scalars, factors: Iterable[Factor], dimensions: Mapping[int, str]
) -> Monomial:
    """Normal form of a product of factors whose ``int`` labels are summed.

    ``dimensions`` names the scalar that counts the values of a label, needed where removing a
    delta leaves a label in no factor.
    """
    tensors: list[Factor] = []
    deltas: list[Factor] = []
    for factor in factors:
        (deltas if factor[0] == "delta" else tensors).append(factor)
    place: dict[Label, Label] = {}

    def find(label: Label) -> Label:
        while label in place:
            label = place[label]
        return label

    free_pairs = []
    for _, (first, second) in deltas:
        one, two = sorted((find(first), find(second)), key=_rank)
        if one != two:
            place[two] = one
            if isinstance(two, str):
                free_pairs.append(two)
    tensors = [(name, tuple(find(i) for i in labels)) for name, labels in tensors]
    used = {i for _, labels in tensors for i in labels}
    for label in {find(i) for _, labels in deltas for i in labels}:
        if isinstance(label, int) and label not in used:
            scalars = _powers(scalars, ((_counted(dimensions.get(label, "")), 1),))
    parts = [canonical(part) for part in _components(tensors)]
    parts += [(("delta", (str(find(label)), str(label))),) for label in free_pairs]
    return scalars, tuple(sorted(parts, key=_order))


def factors_of(parts: tuple[Component, ...]) -> list[Factor]:
    """All factors of a monomial with summed labels made distinct between components."""
    return _relabel(parts)


def _rank(label: Label) -> tuple[int, str, int]:
    """Free labels come before summed ones, each in its own order."""
    return (0, label, 0) if isinstance(label, str) else (1, "", label)


@lru_cache(maxsize=200_000)
def _order(part: Component) -> tuple[tuple[str, tuple[tuple[int, str, int], ...]], ...]:
    return tuple((name, tuple(_rank(i) for i in labels)) for name, labels in part)


def _has_delta(parts: tuple[Component, ...]) -> bool:
    return any(part[0][0] == "delta" for part in parts)


def _counted(dimension: str) -> str:
    if not dimension:
        raise ProofError(
            "a sum over an index whose range has no declared size leaves no tensor behind"
        )
    return dimension


def _powers(left: Scalars, right: Scalars) -> Scalars:
    if not left or not right:
        return left or right
    total = dict(left)
    for name, exponent in right:
        total[name] = total.get(name, 0) + exponent
        if total[name] > MAX_EXPONENT:
            raise ProofError(f"a power of {name!r} above {MAX_EXPONENT}")
    return tuple(sorted(total.items()))


def _relabel(parts: tuple[Component, ...]) -> list[Factor]:
    factors, offset = [], 0
    for part in parts:
        top = -1
        for name, labels in part:
            numbers = [i for i in labels if isinstance(i, int)]
            top = max([top, *numbers])
            factors.append((name, tuple(i + offset if isinstance(i, int) else i for i in labels)))
        offset += top + 1
    return factors


def _components(factors: list[Factor]) -> list[Component]:
    """Split into parts that share no summed label."""
    groups: list[tuple[set[Label], list[Factor]]] = []
    for factor in factors:
        labels: set[Label] = {i for i in factor[1] if isinstance(i, int)}
        members = [factor]
        rest = []
        for group in groups:
            if group[0] & labels:
                labels |= group[0]
                members = group[1] + members
            else:
                rest.append(group)
        groups = [*rest, (labels, members)]
    return [tuple(members) for _, members in groups]


def canonical(part: Component) -> Component:
    """Relabel one connected component so that isomorphic networks become equal."""
    if len(part) > MAX_FACTORS:
        raise ProofError(f"a term joins more than {MAX_FACTORS} tensors")
    names: dict[Label, int] = {}
    for _, labels in part:
        for label in labels:
            if isinstance(label, int):
                names.setdefault(label, len(names))
    return _canonical(
        tuple((name, tuple(names.get(i, i) for i in labels)) for name, labels in part)
    )


@lru_cache(maxsize=200_000)
def _canonical(part: Component) -> Component:
    """Breadth-first codes: extend by the least adjacent factor, follow every tie, keep the least.

    The choice at each step depends on names and given labels only, never on the input's own
    numbering, so isomorphic components run through the same codes and reach the same minimum.
    """
    states: list[tuple[tuple[int, ...], dict[Label, int]]] = [((), {})]
    code: list[Factor] = []
    for _ in part:
        best: tuple[str, tuple[tuple[int, str, int], ...]] | None = None
        following: list[tuple[tuple[int, ...], dict[Label, int]]] = []
        for used, numbers in states:
            tried: set[Factor] = set()
            for at, (name, labels) in enumerate(part):
                if (
                    at in used
                    or part[at] in tried
                    or (used and not any(i in numbers for i in labels))
                ):
                    continue
                tried.add(part[at])
                given = dict(numbers)
                for label in labels:
                    if isinstance(label, int) and label not in given:
                        given[label] = len(given)
                new = tuple(given[i] if isinstance(i, int) else i for i in labels)
                key = (name, tuple(_rank(i) for i in new))
                if best is None or key < best:
                    best, following = key, []
                    chosen = (name, new)
                if key == best:
                    following.append(((*used, at), given))
        code.append(chosen)
        unique = {
            (tuple(sorted(map(str, (part[at] for at in used)))), tuple(sorted(given.items()))): (
                used,
                given,
            )
            for used, given in following
        }
        states = list(unique.values())
        if len(states) > MAX_STATES:
            raise ProofError("a term joins its tensors in too symmetric a way to be compared")
    return tuple(code)
