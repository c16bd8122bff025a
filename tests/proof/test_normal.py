"""Normal forms: equal exactly for equal networks, on every small network by brute force."""

from __future__ import annotations

import itertools
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import EVERY_D, ONE, SIZES, equal, identity, refusal, space

from verifier.proof.context import Atom, Context, Field, Law, Normal, Scalar, Slot, Sort, Tensor
from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS, DELTA, Factor, Product
from verifier.proof.normal import MAX_BITS, MAX_FACTORS, UNIT, Poly
from verifier.proof.syntax import Fuel, ProofError

NODE = Sort("node", "n", ("i", "j"))
SORTS = {name: ("node",) * rank for name, rank in {"a": 1, "b": 2, "c": 3, "s": 0}.items()}
CONTEXT = Context(
    (NODE,), (SIZES[0], Scalar("t")), arrays=tuple(Tensor(n, sorts) for n, sorts in SORTS.items())
)
HIGHEST = 2 ** (BITS - 1) - 1


def algebra(context: Context = CONTEXT) -> Meaning:
    return Meaning(context, Fuel(5_000_000))


ALGEBRA = algebra()
FREE = {index: ALGEBRA.label(index, "node") for index in "ij"}
HEADS = ALGEBRA.array_heads


@st.composite
def factor_lists(draw: st.DrawFn, most: int = 5) -> list[Factor]:
    labels = st.one_of(st.integers(0, 3), st.sampled_from(sorted(FREE.values())))
    chosen = draw(st.lists(st.sampled_from(sorted(SORTS)), min_size=1, max_size=most))
    return [(HEADS[name], *(draw(labels) for _ in SORTS[name])) for name in chosen]


def summed(factors: list[Factor]) -> list[int]:
    return sorted({x for f in factors for x in f[1:] if x >= 0})


def relabelled(factors: list[Factor], names: dict[int, int]) -> list[Factor]:
    return [(f[0], *(names.get(x, x) for x in f[1:])) for f in factors]


def isomorphic(one: list[Factor], two: list[Factor]) -> bool:
    """Whether some renaming of summed labels makes the two multisets of factors equal."""
    first, second = summed(one), summed(two)
    if len(first) != len(second):
        return False
    target = sorted(two)
    return any(
        sorted(relabelled(one, dict(zip(first, order, strict=True)))) == target
        for order in itertools.permutations(second)
    )


def form(factors: list[Factor]) -> Product:
    return ALGEBRA.network(factors, dict.fromkeys(summed(factors), "node"))


@given(factor_lists(7), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_order_and_names_of_summed_indices_do_not_matter(
    factors: list[Factor], draw: Random
) -> None:
    labels = summed(factors)
    names = dict(zip(labels, draw.sample(range(50), len(labels)), strict=True))
    other = relabelled(factors, names)
    draw.shuffle(other)
    assert form(factors) == form(other)


@given(factor_lists(4), factor_lists(4))
@settings(max_examples=400, deadline=None)
def test_equal_forms_are_isomorphic_networks(one: list[Factor], two: list[Factor]) -> None:
    assert (form(one) == form(two)) == isomorphic(one, two)


@given(factor_lists(5), st.data())
@settings(max_examples=300, deadline=None)
def test_a_small_change_is_seen(factors: list[Factor], data: st.DataObject) -> None:
    """Near misses are harder than independent draws: move one end of one index."""
    ends = [(f, e) for f, factor in enumerate(factors) for e in range(1, len(factor))]
    if not ends:
        return
    at, end = data.draw(st.sampled_from(ends))
    new = data.draw(st.one_of(st.integers(0, 3), st.sampled_from(sorted(FREE.values()))))
    changed = list(factors)
    changed[at] = (*changed[at][:end], new, *changed[at][end + 1 :])
    assert (form(factors) == form(changed)) == isomorphic(factors, changed)


def test_every_matrix_network_of_three_factors() -> None:
    """All products of three entries of one matrix over summed indices: 203 partitions of 6 ends."""
    partitions = sorted({tuple(_first_seen(p)) for p in itertools.product(range(6), repeat=6)})
    assert len(partitions) == 203
    m = HEADS["b"]
    networks: list[list[Factor]] = [[(m, *p[:2]), (m, *p[2:4]), (m, *p[4:])] for p in partitions]
    groups: dict[Product, list[list[Factor]]] = {}
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
        m = HEADS["b"]
        return [(m, *edge) for edge in edges] + [(m, *edge[::-1]) for edge in edges]

    assert form(network(one)) != form(network(two))
    shuffled = relabelled(network(one), dict(zip(range(6), (3, 5, 0, 4, 1, 2), strict=True)))
    assert form(network(one)) == form(shuffled[::-1])


@given(
    factor_lists(3),
    st.lists(st.tuples(st.integers(-2, 4), st.integers(-2, 4)), max_size=4),
    st.sampled_from([(2, (0, 1)), (3, (0, 2)), (3, (1, 1))]),
)
@settings(max_examples=300, deadline=None)
def test_deltas_and_vanished_labels_are_as_in_a_plain_sum(
    factors: list[Factor], pairs: list[tuple[int, int]], world: tuple[int, tuple[int, int]]
) -> None:
    """The product with all its deltas, summed directly, at two and three values of an index.

    Labels of deltas that occur nowhere else count the values of an index; free ones are kept.
    """
    size, values = world
    free = dict(zip(sorted(FREE.values()), values, strict=True))
    deltas: list[Factor] = [(DELTA, *pair) for pair in pairs]
    every = sorted({*summed(factors + deltas), 4})
    powers, ids = ALGEBRA.network(factors + deltas, dict.fromkeys(every, "node"))
    reduced, sorts = ALGEBRA.spread(ids)
    exponent = powers >> ALGEBRA.shift["n"] & (1 << BITS) - 1
    direct = _total(factors + deltas, every, size, free)
    assert direct == Fraction(size) ** exponent * _total(reduced, sorted(sorts), size, free)


def _total(factors: list[Factor], labels: list[int], size: int, free: dict[int, int]) -> Fraction:
    total = Fraction(0)
    for point in itertools.product(range(size), repeat=len(labels)):
        at = {**free, **dict(zip(labels, point, strict=True))}
        term = Fraction(1)
        for head, *where in factors:
            position = [at[x] for x in where]
            if head == DELTA:
                term *= int(position[0] == position[1])
            else:
                term *= 2 + head + sum((3 * k + 1) * (p + 1) for k, p in enumerate(position))
        total += term
    return total


# Polynomials


@st.composite
def polynomials(draw: st.DrawFn) -> Poly:
    total: Poly = {}
    for factors in draw(st.lists(factor_lists(2), max_size=3)):
        powers, ids = form(factors)
        powers += draw(st.integers(0, 2)) << ALGEBRA.shift["t"]
        if draw(st.booleans()):
            more, ids = ALGEBRA.join(ids, (ALGEBRA.intern(((DELTA, *sorted(FREE.values())),)),))
            powers += more
        coefficient = draw(st.fractions(min_value=-3, max_value=3, max_denominator=4))
        if coefficient:
            total[powers, ids] = coefficient
    return total


def add(one: Poly, two: Poly, sign: int = 1) -> Poly:
    keys = one.keys() | two.keys()
    total = {key: one.get(key, 0) + sign * two.get(key, 0) for key in keys}
    return {key: c for key, c in total.items() if c}


@given(polynomials(), polynomials(), polynomials())
@settings(max_examples=100, deadline=None)
def test_ring_laws(a: Poly, b: Poly, c: Poly) -> None:
    times = ALGEBRA.times
    assert times(a, b) == times(b, a)
    assert times(times(a, b), c) == times(a, times(b, c))
    assert times(a, add(b, c)) == add(times(a, b), times(a, c))
    assert times(a, {UNIT: 1}) == a
    assert times(a, {}) == {}
    assert ALGEBRA.power(a, 0) == {UNIT: 1}
    assert ALGEBRA.power(a, 2) == times(a, a)
    assert all(times(a, b).values())


@given(polynomials(), polynomials())
@settings(max_examples=100, deadline=None)
def test_binding_is_linear_and_leaves_no_label(a: Poly, b: Poly) -> None:
    i, j = FREE["i"], FREE["j"]
    both = ALGEBRA.bind(add(a, b), i)
    assert both == add(ALGEBRA.bind(a, i), ALGEBRA.bind(b, i))
    once = ALGEBRA.bind(ALGEBRA.bind(a, i), j)
    assert once == ALGEBRA.bind(ALGEBRA.bind(a, j), i)
    assert not any(ALGEBRA.loose[k] for _, ids in once for k in ids)


def test_free_deltas_have_one_form() -> None:
    context = space(Tensor("v", ("feature",)))
    assert equal(context, "delta[i,j]*delta[j,l]*v[l]", "v[i]*delta[i,l]*delta[l,j]")
    assert equal(context, "delta[i,j]^2", "delta[j,i]")
    assert equal(context, "delta[i,i]", "1")
    assert not equal(context, "delta[i,j]*v[i]", "v[i]")
    assert not equal(context, "delta[i,j]*delta[j,l]", "delta[i,j]*delta[i,l]*delta[l,p]")


def test_sums_over_indices_that_vanish_count_their_values() -> None:
    context = space(Tensor("v", ("feature",)), scalars=EVERY_D)
    for left, right in {
        "sum[i](1)": "d",
        "sum[i,j,k](1)": "d^2*n",
        "sum[i,j](delta[i,j])": "d",
        "sum[i](delta[i,j])": "1",
        "sum[i,j](v[i])": "d*sum[i](v[i])",
        "sum[i](sum[i](v[i]))": "d*sum[i](v[i])",
        "sum[i](0)": "0",
        "sum[k](delta[i,j])": "n*delta[i,j]",
    }.items():
        assert equal(context, left, right), left
        assert not equal(context, left, f"({right}) + 1")


def test_terms_that_cancel_leave_nothing_behind() -> None:
    context = space(Tensor("u", ("row",)), scalars=(Scalar("t"),))
    meaning = algebra(context)
    value = meaning.value(context.read("(1 + t)*(1 - t)"))
    assert len(value.num) == 2
    value = meaning.value(context.read("sum[i](delta[i,j]*u[k]) - sum[i](delta[i,l]*u[k])"))
    assert value.num == {}


# Inverse pairs


def with_pairs(*names: tuple[str, str]) -> Meaning:
    """F is feature by row, G row by feature, A feature by feature."""
    shapes = {"F": "ik", "G": "ki", "A": "ij", "B": "ij"}
    ends = {"F": ("i", "k", "k", "j"), "G": ("k", "i", "i", "h"), "A": ("i", "l", "l", "j")}
    ends["B"] = ends["A"]
    sorts = {"i": "feature", "j": "feature", "k": "row"}
    arrays = [Tensor(n, tuple(sorts[x] for x in shape)) for n, shape in shapes.items()]
    atoms = []
    for number, (one, two) in enumerate(names):
        a, b, c, e = ends[one]
        atoms.append(
            Atom(f"pair{number}", f"sum[{b}]({one}[{a},{b}]*{two}[{c},{e}])", f"delta[{a},{e}]")
        )
    return algebra(space(*arrays, given=tuple(atoms), scalars=EVERY_D))


def same(meaning: Meaning, left: str, right: str) -> bool:
    values = [meaning.value(meaning.context.read(text)) for text in (left, right)]
    return meaning.plus(values[0], values[1], -1).num == {}


def test_a_matrix_that_meets_its_inverse_is_the_identity() -> None:
    meaning = with_pairs(("F", "G"))
    assert same(meaning, "sum[h](G[h,l]*F[p,h])", "delta[p,l]")
    assert same(meaning, "sum[i,k](F[i,k]*G[k,i])", "d")  # the sum over both indices
    assert same(meaning, "sum[i,j,k,h](F[i,k]*G[k,j]*F[j,h]*G[h,i])", "d")
    assert same(meaning, "sum[j,k,h](F[i,k]*G[k,j]*F[j,h]*G[h,l])", "delta[i,l]")
    # only in the order that is given: F G = 1 does not make G F = 1
    assert not same(meaning, "sum[i](G[k,i]*F[i,h])", "delta[k,h]")
    assert not same(meaning, "sum[i,k](G[k,i]*F[i,k])", "n")


def test_a_pair_needs_an_index_of_its_own() -> None:
    """A third factor at the index that would be summed away forbids the step."""
    meaning = with_pairs(("A", "B"), ("B", "A"))
    assert same(meaning, "sum[l](A[i,l]*B[l,j])", "delta[i,j]")
    assert same(meaning, "sum[i,l](A[i,l]*B[l,i])", "d")
    for factor in ("A[l,l]", "delta[l,p]", "B[l,p]"):
        left = f"sum[l](A[i,l]*B[l,j]*{factor})"
        assert not same(meaning, left, f"delta[i,j]*sum[l]({factor})"), factor
    assert not same(meaning, "A[i,l]*B[l,j]", "delta[i,j]")  # l is free
    assert not same(meaning, "sum[l](A[l,i]*B[l,j])", "delta[i,j]")  # a transpose


def test_a_matrix_may_be_its_own_inverse() -> None:
    meaning = with_pairs(("A", "A"))
    assert same(meaning, "sum[l](A[i,l]*A[l,j])", "delta[i,j]")
    assert same(meaning, "sum[i,j](A[i,j]*A[j,i])", "d")
    assert not same(meaning, "sum[l](A[l,l]*A[l,l])", "d")
    assert same(meaning, "sum[i,j,l](A[i,j]*A[j,l]*A[l,i])", "sum[i](A[i,i])")


# The alarm of packed exponents, wherever exponents are added


POWERS = space(
    Tensor("v", ("feature",)),
    scalars=(Scalar("t", Fraction(0)), Scalar("s", ONE)),
)


def exact(power: int, name: str = "t") -> str:
    """A text for a power of a scalar, 16 at most at a time."""
    whole, rest = divmod(power, 16)
    return "*".join([f"({name}^16)"] * whole + [f"{name}^{rest}"])


@pytest.mark.parametrize(
    "above",
    [
        f"{exact(HIGHEST)}*t",
        f"({exact(64)})^8",
        f"v[i]*{exact(256)}*({exact(256)} + 1)",
        f"delta[i,j]*{exact(256)}*({exact(256)}*delta[j,l] + 1)",
        f"E({exact(HIGHEST)}*z*z)",
        f"E({exact(HIGHEST, 'd')}*sum[i](X[i]*X[i]))",
        f"sum[i](({exact(HIGHEST, 'd')}))",
        f"sum[i](delta[i,j]*({exact(HIGHEST, 'd')}))*d",
        f"E({exact(HIGHEST)}*bq)",
        f"1/({exact(256)} + s) + 1/({exact(256)} + s + 1) - 1/s",
        "*".join(["(1/(t + s))^16"] * 32),
    ],
)
def test_no_exponent_runs_over(above: str) -> None:
    context = space(
        Tensor("v", ("feature",)),
        Normal("z", (), "t"),
        Normal("X", ("feature",)),
        Slot("bq", "D", "b", "q"),
        scalars=(Scalar("t", Fraction(0)), Scalar("s", ONE)),
        laws=(Law("D", (Field("b"),)),),
        moments=(Atom("mean", "E(bq)", "t"),),
    )
    meaning = algebra(context)
    with pytest.raises(ProofError, match=f"a scalar to a power above {HIGHEST}"):
        meaning.vanishes(meaning.value(context.read(above)))


def test_the_highest_exponent_is_kept() -> None:
    meaning = algebra(POWERS)
    value = meaning.value(POWERS.read(exact(HIGHEST)))
    assert value.num == {(HIGHEST << meaning.shift["t"], ()): 1}
    product = meaning.value(POWERS.read(f"{exact(HIGHEST)}*{exact(HIGHEST, 's')}"))
    ((powers, _),) = product.num
    assert powers >> meaning.shift["t"] & (1 << BITS) - 1 == HIGHEST
    assert powers >> meaning.shift["s"] & (1 << BITS) - 1 == HIGHEST


# Values


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1/(1 + t) + 1/s", "(1 + t + s)/(s*(1 + t))"),
        ("(t/s)/(t/s + 1)", "t/(t + s)"),
        ("6/4", "3/2"),
        ("1/(2*t + 2)", "1/(2*(t + 1))"),
        ("1/(1/3 + t/2)", "6/(2 + 3*t)"),
        ("1/(1/s)", "s"),
        ("t/(t + 1) + 1/(1 + t)", "1"),
        ("1/(1/(t + 1) + 1/s)", "s*(t + 1)/(s + t + 1)"),
    ],
)
def test_fractions_of_scalars(left: str, right: str) -> None:
    assert equal(POWERS, left, right)
    assert not equal(POWERS, left, f"{right} + v[i]")


def test_limits() -> None:
    """Numbers, products and their fuel are bounded, each by its line."""
    context = space(Tensor("v"), scalars=(Scalar("t", Fraction(0)),))
    digits = "9" * 50
    long = f"(({digits}^16)^16)"
    many = "(v^16)^16*(v^16)^16"
    for text, reason in {
        long: f"a number of more than {MAX_BITS} bits",
        f"1/{digits}^16*1/{digits}^16": f"a number of more than {MAX_BITS} bits",
        f"E({long})": f"a number of more than {MAX_BITS} bits",
        many: f"a product of more than {MAX_FACTORS} entries of arrays",
    }.items():
        assert reason in refusal(context, identity(text, "0")), text
    meaning = Meaning(context, Fuel(50))
    with pytest.raises(ProofError, match="more steps than are allowed"):
        meaning.value(context.read("(v + t)^16"))
