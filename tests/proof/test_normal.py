"""Normal forms: equal exactly for equal networks, on every small network by brute force."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verifier.proof.expression import ProofError

from verifier.proof import normal
from verifier.proof.normal import Factor, Label, Poly

arity = {"a": 1, "b": 2, "c": 3, "s": 0}


@st.composite
def factor_lists(draw: st.DrawFn, most: int = 5) -> list[Factor]:
    labels = st.one_of(st.integers(0, 3), st.sampled_from(["i", "j"]))
    chosen = draw(st.lists(st.sampled_from(sorted(arity)), min_size=1, max_size=most))
    return [(name, tuple(draw(labels) for _ in range(arity[name]))) for name in chosen]


def summed(factors: list[Factor]) -> list[int]:
    return sorted({i for _, labels in factors for i in labels if isinstance(i, int)})


def relabelled(factors: list[Factor], names: dict[int, int]) -> list[Factor]:
    return [
        (name, tuple(names[i] if isinstance(i, int) else i for i in labels))
        for name, labels in factors
    ]


def isomorphic(one: list[Factor], two: list[Factor]) -> bool:
    """Whether some renaming of summed labels makes the two multisets of factors equal."""
    first, second = summed(one), summed(two)
    if len(first) != len(second):
        return False
    target = sorted(two, key=str)
    return any(
        sorted(relabelled(one, dict(zip(first, order, strict=True))), key=str) == target
        for order in itertools.permutations(second)
    )


def form(factors: list[Factor]) -> normal.Monomial:
    return normal.monomial((), factors, dict.fromkeys(summed(factors), "n"))


@given(factor_lists(7), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_order_and_names_of_summed_indices_do_not_matter(factors: list[Factor], random) -> None:  # type: ignore[no-untyped-def]
    labels = summed(factors)
    names = dict(zip(labels, random.sample(range(50), len(labels)), strict=True))
    other = relabelled(factors, names)
    random.shuffle(other)
    assert form(factors) == form(other)


@given(factor_lists(4), factor_lists(4))
@settings(max_examples=400, deadline=None)
def test_equal_forms_are_isomorphic_networks(one: list[Factor], two: list[Factor]) -> None:
    assert (form(one) == form(two)) == isomorphic(one, two)


@given(factor_lists(5), st.data())
@settings(max_examples=300, deadline=None)
def test_a_small_change_is_seen(factors: list[Factor], data: st.DataObject) -> None:
    """Near misses are harder than independent draws: move one end of one index."""
    ends = [(f, e) for f, (_, labels) in enumerate(factors) for e in range(len(labels))]
    if not ends:
        return
    at, end = data.draw(st.sampled_from(ends))
    new: Label = data.draw(st.one_of(st.integers(0, 3), st.sampled_from(["i", "j"])))
    name, labels = factors[at]
    changed = list(factors)
    changed[at] = (name, (*labels[:end], new, *labels[end + 1 :]))
    assert (form(factors) == form(changed)) == isomorphic(factors, changed)


def test_every_matrix_network_of_three_factors() -> None:
    """All products of three entries of one matrix over summed indices: 203 partitions of 6 ends."""
    partitions = sorted({tuple(_first_seen(p)) for p in itertools.product(range(6), repeat=6)})
    assert len(partitions) == 203
    networks = [[("M", p[:2]), ("M", p[2:4]), ("M", p[4:])] for p in partitions]
    groups: dict[normal.Monomial, list[list[Factor]]] = {}
    for network in networks:
        groups.setdefault(form(network), []).append(network)
    for same in groups.values():
        assert all(isomorphic(same[0], other) for other in same[1:])
    first = [same[0] for same in groups.values()]
    for one, two in itertools.combinations(first, 2):
        if len(summed(one)) == len(summed(two)) <= 4:
            assert not isomorphic(one, two)


def _first_seen(labels: tuple[int, ...]) -> list[int]:
    names: dict[int, int] = {}
    return [names.setdefault(i, len(names)) for i in labels]


REGULAR = [
    # two triangles against one hexagon: every vertex looks the same from nearby
    (
        [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)],
        [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)],
    ),
    # the prism against K(3,3): cubic graphs with six vertices
    (
        [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)],
        [(i, j) for i in (0, 1, 2) for j in (3, 4, 5)],
    ),
]


@pytest.mark.parametrize(("one", "two"), REGULAR)
def test_regular_graphs_are_told_apart(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    def network(edges: list[tuple[int, int]]) -> list[Factor]:
        return [("M", edge) for edge in edges] + [("M", edge[::-1]) for edge in edges]

    assert form(network(one)) != form(network(two))
    shuffled = relabelled(network(one), dict(zip(range(6), (3, 5, 0, 4, 1, 2), strict=True)))
    assert form(network(one)) == form(shuffled[::-1])


@given(factor_lists(3), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3))
@settings(max_examples=200, deadline=None)
def test_deltas_are_eliminated_as_in_a_sum_over_two_values(
    factors: list[Factor], pairs: list[tuple[int, int]]
) -> None:
    """Compare with the plain sum over all labels in a range of two and three values."""
    deltas: list[Factor] = [("delta", pair) for pair in pairs]
    every = summed(factors + deltas)
    scalars, parts = normal.monomial((), factors + deltas, dict.fromkeys(every, "n"))
    for size in (2, 3):
        direct = _total(factors + deltas, every, size)
        reduced = [f for part in normal.factors_of(parts) for f in [part]]
        powers = Fraction(size) ** dict(scalars).get("n", 0)
        assert direct == powers * _total(reduced, summed(reduced), size)


def _total(factors: list[Factor], labels: list[int], size: int) -> Fraction:
    total = Fraction(0)
    for point in itertools.product(range(size), repeat=len(labels)):
        at = dict(zip(labels, point, strict=True))
        term = Fraction(1)
        for name, where in factors:
            position = tuple(at[i] if isinstance(i, int) else len(i) for i in where)
            if name == "delta":
                term *= int(position[0] == position[1])
            else:
                term *= 2 + sum((3 * k + 1) * (p + 1) for k, p in enumerate(position)) + len(name)
        total += term
    return total


@st.composite
def polynomials(draw: st.DrawFn) -> Poly:
    total: Poly = {}
    for factors in draw(st.lists(factor_lists(2), max_size=3)):
        coefficient = draw(st.fractions(min_value=-3, max_value=3, max_denominator=4))
        total = normal.add(total, {form(factors): Fraction(1)}, coefficient)
    return normal.multiply(
        total, normal.add(normal.scalar("n"), normal.constant(draw(st.integers(-1, 2))))
    )


@given(polynomials(), polynomials(), polynomials())
@settings(max_examples=100, deadline=None)
def test_ring_laws(a: Poly, b: Poly, c: Poly) -> None:
    assert normal.add(a, b) == normal.add(b, a)
    assert normal.multiply(a, b) == normal.multiply(b, a)
    assert normal.multiply(normal.multiply(a, b), c) == normal.multiply(a, normal.multiply(b, c))
    left = normal.multiply(a, normal.add(b, c))
    assert left == normal.add(normal.multiply(a, b), normal.multiply(a, c))
    assert normal.add(a, a, -1) == {}
    assert normal.multiply(a, normal.constant(1)) == a
    assert normal.multiply(a, normal.constant(0)) == {}
    assert normal.power(a, 0) == normal.constant(1)
    assert normal.power(a, 2) == normal.multiply(a, a)
    assert all(a.values())


@given(polynomials(), polynomials())
@settings(max_examples=100, deadline=None)
def test_binding_is_linear_and_leaves_what_it_does_not_meet(a: Poly, b: Poly) -> None:
    both = normal.bind(normal.add(a, b), "i", "n")
    assert both == normal.add(normal.bind(a, "i", "n"), normal.bind(b, "i", "n"))
    assert normal.bind(a, "absent", "n") == normal.multiply(a, normal.scalar("n"))
    once = normal.bind(normal.bind(a, "i", "n"), "j", "n")
    assert once == normal.bind(normal.bind(a, "j", "n"), "i", "n")
    for _, parts in once:
        assert not any(isinstance(i, str) for part in parts for _, labels in part for i in labels)


def test_free_deltas_have_one_form() -> None:
    chain: list[Factor] = [("delta", ("k", "j")), ("delta", ("i", "j")), ("a", ("k",))]
    other: list[Factor] = [("a", ("j",)), ("delta", ("i", "k")), ("delta", ("j", "i"))]
    assert form(chain) == form(other)
    assert form(chain)[1] == (
        (("a", ("i",)),),
        (("delta", ("i", "j")),),
        (("delta", ("i", "k")),),
    )


def test_sums_without_a_size_are_refused() -> None:
    with pytest.raises(ProofError, match="no declared size"):
        normal.bind(normal.constant(1), "i", "")
    with pytest.raises(ProofError, match="no declared size"):
        normal.monomial((), [("delta", (0, 0))], {})
    with pytest.raises(ProofError):
        normal.count("")


def test_limits() -> None:
    factors: list[Factor] = [("b", (k, k + 1)) for k in range(normal.MAX_FACTORS)]
    form(factors)
    with pytest.raises(ProofError, match="joins more than"):
        form([*factors, ("a", (0,))])
    with pytest.raises(ProofError, match="symmetric"):
        form([("b", (0, k)) for k in range(1, 13)] + [("b", (k, 0)) for k in range(1, 13)])
    x = normal.scalar("x")
    assert normal.power(x, normal.MAX_EXPONENT) == {
        ((("x", normal.MAX_EXPONENT),), ()): Fraction(1)
    }
    with pytest.raises(ProofError, match="power"):
        normal.power(x, normal.MAX_EXPONENT + 1)
    with pytest.raises(ProofError, match="bits"):
        normal.multiply(normal.constant(2**19_999), normal.constant(2))
    wide = {(((f"x{k}", 1),), ()): Fraction(1) for k in range(2_001)}
    with pytest.raises(ProofError, match="a product of sums has more than"):
        normal.multiply(wide, wide)
    other = {(((f"y{k}", 1),), ()): Fraction(1) for k in range(31)}
    with pytest.raises(ProofError, match="expands"):
        normal.multiply(wide, other)


def test_terms_that_cancel_leave_nothing_behind() -> None:
    """A coefficient of zero would count as a term, and as a positive one where signs are shown."""
    one, t = normal.constant(1), normal.scalar("t")
    square = normal.multiply(t, t)
    product = normal.multiply(normal.add(one, t), normal.add(one, t, -1))
    assert product == normal.add(one, square, -1)
    assert len(product) == 2
    meets_j, meets_k = (
        {normal.monomial((), [("delta", ("i", at)), ("u", ("k",))], {}): Fraction(1)} for at in "jk"
    )
    assert normal.bind(normal.add(meets_j, meets_k, -1), "i", "n") == {}


def test_components_of_a_product_share_no_summed_label() -> None:
    parts: list[tuple[Factor, ...]] = [
        (("t", ()),),
        (("K", (0, 1)),),
        (("M", ("i", "j")),),
        (("N", (1, 0)), ("u", (1,))),
        (("x", ("i",)),),
        (("T", (0, 1, 2)),),
    ]
    for order in itertools.permutations(parts):
        factors = normal.factors_of(order)
        assert [name for name, _ in factors] == [name for part in order for name, _ in part]
        numbers, start = [], 0
        for part in order:
            mine = factors[start : start + len(part)]
            start += len(part)
            numbers.append({i for _, labels in mine for i in labels if isinstance(i, int)})
            kept = {i for _, labels in part for i in labels if isinstance(i, int)}
            assert len(numbers[-1]) == len(kept)
        assert sum(map(len, numbers)) == len(set().union(*numbers))
