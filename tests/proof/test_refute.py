"""Direct evaluation, admissible points and counterexamples, against calculations by hand."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction as Q

import pytest

from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Entries,
    Field,
    Function,
    Hat,
    Hidden,
    Law,
    Model,
    Normal,
    Outcome,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.instances import World, admissible, check_instances, evaluate
from verifier.proof.statements import Claim, Minimum, Statement
from verifier.proof.syntax import ProofError, free_indices
from verifier.theorem.refute import TRUE_HERE, Refutation, refute

SORTS = (Sort("example", "n", ("k", "h", "g")), Sort("feature", "d", ("i", "j", "l")))
N, D = Scalar("n", Q(0), integer=True), Scalar("d", Q(1), integer=True)
NOISE = Scalar("sigma2", Q(0))
PLAIN = Context(
    SORTS,
    (N, D, NOISE, Scalar("t")),
    arrays=(
        Normal("X", ("example", "feature"), "2"),
        Normal("e", ("example",), "sigma2"),
        Normal("u"),
        Tensor("b"),
        Tensor("M", ("feature", "feature")),
        Absolute("r", ("k",), "sum[i](X[k,i])"),
        Absolute("a", (), "b"),
        Hat("H", "X", "sigma2"),
        Function("F", ("example",), ("X", "u")),
    ),
    definitions=(Definition("y", ("k",), "sum[i](X[k,i]) + e[k]"),),
)


def number(value: object) -> Entries:
    """Nested tuples of fractions from nested tuples of numbers and texts."""
    if isinstance(value, tuple):
        return tuple(map(number, value))
    return Q(value)  # type: ignore[arg-type]


def point(*models: Model, **values: object) -> Point:
    return Point(tuple(Value(name, number(x)) for name, x in values.items()), models)


def plain(n: int = 2, **values: object) -> Point:
    return point(**{"n": n, "d": 2, "sigma2": 3, "t": 0, "b": -5, "M": ((1, 2), (3, 4)), **values})


def at(context: Context, here: Point, text: str, **indices: int) -> Q:
    return evaluate(context, here, context.read(text), indices)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum[i](M[i,i])", 5),
        ("sum[i,j](M[i,j]*delta[i,j])", 5),
        ("sum[i,j,l](M[i,j]*M[j,l])", 1 * 3 + 2 * 7 + 3 * 3 + 4 * 7),
        ("E(sum[k,i](X[k,i]^2))", 2 * 4),
        ("E(u^6)", 15),
        ("E(sum[k](e[k])^4)", 3 * (2 * 3) ** 2),
        ("E(sum[k](y[k]^2))", 2 * (2 * 2 + 3)),
        ("E(sum[k](y[k]^4))", 2 * 3 * 7**2),
        ("E(sum[k](E[X](y[k]^2)^2))", 2 * (4**2 + 2 * 4 * 3 + 3 * 3**2)),
        ("E(sum[k](r[k]^2*u^2))", 2 * 4),
        ("E(sum[k](r[k]^4))", 2 * 3 * 4**2),
        ("a + a^2", 30),
        ("1/(n/4)", 2),
        ("6/(3/2)", 4),
        ("(n + 1)/(2*d) - 1/3", Q(3, 4) - Q(1, 3)),
        ("-n^3", -8),
        # a reflection of X or u changes the sign, whatever the mean of |t| is
        ("E(sum[k](u*r[k]))", 0),
        ("E(sum[k,i](r[k]*X[k,i]))", 0),
        ("E(sum[k](r[k]^3*X[k,i]))", 0),
        ("E(sum[k](E[X](r[k]*X[k,i]*u)^2))", 0),
        ("E(sum[k,h](H[k,h]*X[k,i]))", 0),
    ],
)
def test_values_by_hand(text: str, value: Q) -> None:
    where = dict.fromkeys(free_indices(PLAIN.read(text)), 1)
    assert at(PLAIN, plain(), text, **where) == value


def test_a_reflection_says_nothing_of_what_it_does_not_preserve() -> None:
    """|z + 1| is neither even nor odd, |c| with a fair c may be anything: no mean is claimed."""
    context = replace(
        PLAIN,
        laws=(Law("W", (Field("c"),)),),
        arrays=(
            *(Normal("z"), Normal("v", (), "sigma2"), Slot("c", "W", "c", "q")),
            *(Absolute("mixed", (), "z + 1"), Absolute("even", (), "z^2 - v^2")),
            *(Absolute("of_law", (), "c*z"), Function("F", (), ("z",))),
        ),
        definitions=(),
    )
    here = point(COIN, n=1, d=1, sigma2=2, t=0)
    for text in ("E(mixed*z)", "E(mixed)", "E(even*z^2)", "E(of_law*c)", "E(even*mixed*z)"):
        with pytest.raises(ProofError, match="has no exact value"):
            at(context, here, text)
    for text in ("E(even*z)", "E(even*z*v)", "E(of_law*z)", "E(even*v^3)"):
        assert at(context, here, text) == 0


def test_hat_matrices_that_are_known() -> None:
    """I if the penalty is 0 and n <= d, where X X' is invertible; 0 if X is."""
    trace, square = "E(sum[k](H[k,k]))", "E(sum[k,h](H[k,h]*X[k,i]*X[h,i]))"
    for n in (0, 1, 2):
        assert at(PLAIN, plain(n, sigma2=0), trace) == n
        assert at(PLAIN, plain(n, sigma2=0), square, i=1) == 2 * n
        assert at(PLAIN, plain(n, sigma2=0), "E(sum[k,h](H[k,h]^2))") == n
    for unknown in (plain(3, sigma2=0), plain(2, sigma2=1)):
        with pytest.raises(ProofError, match="has no exact value"):
            at(PLAIN, unknown, trace)
    flat = replace(
        PLAIN,
        arrays=(Normal("X", ("example", "feature"), "sigma2"), Hat("H", "X", "t")),
        definitions=(),
    )
    values = {"n": 3, "d": 2, "sigma2": 0, "t": 1}
    assert at(flat, point(**values), trace) == 0
    assert at(flat, point(**{**values, "n": 2, "sigma2": 1, "t": 0}), trace) == 2


def test_free_indices_count_from_one() -> None:
    assert [at(PLAIN, plain(), "M[i,j]", i=i, j=j) for i in (1, 2) for j in (1, 2)] == [1, 2, 3, 4]
    for wrong in ({}, {"i": 1}, {"i": 0, "j": 1}, {"i": 1, "j": 3}):
        with pytest.raises(ProofError, match="needs a value in its range"):
            at(PLAIN, plain(), "M[i,j]", **wrong)


def test_sums_over_no_example_are_empty() -> None:
    assert at(PLAIN, plain(0), "E(sum[k](y[k]^2)) + 1") == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("E(sum[k](r[k]))", "has no exact value"),
        ("E(sum[k](H[k,k]))", "has no exact value"),
        ("u", "random quantity"),
        ("1/u", "random quantity"),
        ("1/(n - 2)", "division by zero"),
        ("z", "no meaning"),
        ("sum[k](X[k,k])", "other indices"),
        ("E[b](u)", "sources of randomness"),
        ("sum[k](F[k])", "has no value"),
        ("u^16^2", "unexpected"),
        ("sum[k]((((X[k,i]^16)^16)^16)^16)", "needs a value"),
        ("E(((u^16)^16)^16)", "more steps|bits"),
        ("((((7*n)^16)^16)^16)^16", "more steps|bits"),
        ("E((sum[k,i](X[k,i]) + sum[k](e[k]) + u)^16)", "more steps|bits"),
    ],
)
@pytest.mark.timing
def test_what_has_no_value_is_refused_in_seconds(text: str, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(ProofError, match=reason):
        at(PLAIN, plain(), text)
    assert time.process_time() - started < 60


def test_a_huge_size_is_refused_in_seconds() -> None:
    with pytest.raises(ProofError, match="more steps"):
        at(PLAIN, plain(10**50), "sum[k](1)")


def test_an_absolute_value_is_one_entry_until_it_is_squared() -> None:
    world = World(PLAIN, plain())
    single = world.polynomial(PLAIN.read("2*r[k]*a"), {"k": 1})
    ((monomial, coefficient),) = single.items()
    assert [power for _, power in monomial] == [1]
    assert coefficient == 2 * 5


def test_an_inequality_of_random_sides_is_not_judged() -> None:
    claim = Claim((), ((Atom("c", "u", "u^2", ">="),),))
    with pytest.raises(ProofError, match="random quantity"):
        refute(PLAIN, claim, plain())


def test_a_function_has_the_values_that_its_definition_gives() -> None:
    """E F^2 = 2 (E X^4) E u^2 with F[k] = X[k,i]^2 u summed over two features: by hand 2(12+4)."""
    here = replace(plain(), values=(*plain().values, Definition("F", ("k",), "sum[i](X[k,i]^2)*u")))
    assert at(PLAIN, here, "E(sum[k](F[k]^2))") == 2 * (2 * 3 * 4 + 2 * 2 * 2)
    tied = replace(plain(), values=(*plain().values, Definition("F", ("k",), "e[k]")))
    with pytest.raises(ProofError, match="own sources"):
        at(PLAIN, tied, "E(sum[k](F[k]))")


# Laws and hidden sources

SHAPE = ("feature",)
LAWS = Context(
    SORTS,
    (N, D, Scalar("mud", Q(0)), Scalar("nu", Q(0))),
    (Hidden("f", ("feature",), ("y",)),),
    (Law("D", (Field("x", SHAPE), Field("y", (), hidden=True)), "f"), Law("W", (Field("c"),))),
    (
        Draws("X", "D", "x", "example"),
        Draws("y", "D", "y", "example"),
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        Slot("yp", "D", "y", "p"),
        Slot("c", "W", "c", "q"),
    ),
    (Definition("m", ("i",), "E[D](yq*xq[i])"),),
    (
        Atom("second", "E(xq[i]*xq[j])", "delta[i,j]"),
        Atom("mean", "E(sum[i](m[i]^2))", "d*mud"),
        Atom("power", "E(yq^2)", "nu"),
    ),
)


def axes(name: str, d: int, *signs: int) -> tuple[Outcome, ...]:
    """Uniform on the signed unit vectors."""
    weight = Q(1, d * len(signs))
    vectors = [tuple(Q(s * (i == k)) for i in range(d)) for k in range(d) for s in signs]
    return tuple(Outcome(weight, (Value(name, vector),)) for vector in vectors)


COIN = Model(
    "W",
    (),
    (Outcome(Q(1, 3), (Value("side", Q(2)),)), Outcome(Q(2, 3), (Value("side", Q(-1)),))),
    (Definition("c", (), "side"),),
)


def linear(n: int, d: int, y: str = "sum[i](w[i]*z[i]) + 2*noise", **values: object) -> Point:
    """y = w'z + 2 noise, w uniform on +-e_i: E y^2 = 1 + 4, m = w, E m'm = 1 = d mud."""
    hidden = Model("f", (), axes("w", d, 1, -1))
    fields = (Definition("x", ("i",), "z[i]"), Definition("y", (), y))
    draws = Model("D", (Tensor("z", SHAPE), Tensor("noise")), (), fields)
    numbers = {"n": n, "d": d, "mud": Q(1, d), "nu": 5, **values}
    return point(hidden, draws, COIN, **numbers)


def test_draws_share_the_hidden_source_and_nothing_else() -> None:
    here = linear(2, 2)
    for text, value in (
        ("E(yq*yp)", 0),
        ("E(yq^2*yp^2)", (4 + 1) ** 2),
        ("E(E[D](yq*xq[i])*E[D](yq*xq[j]))", Q(1, 2)),
        ("E(yq*xq[i]*yp*xq[j])", 0),
        ("E(c^3)", Q(8, 3) - Q(2, 3)),
        ("E(sum[k](y[k])^2)", 2 * 5),
    ):
        same = {i: 1 for i in "ij" if f"[{i}]" in text}
        assert at(LAWS, here, text, **same) == value
    # given w, E[f] y^2 = sum z_i^2/2 + 4 noise^2 + 4 noise E w'z, E w = 0: its square by hand
    assert at(LAWS, here, "E(E[f](yq^2)^2)") == Q(1, 4) * (3 + 3 + 2) + 2 * 4 + 16 * 3
    # one row: E y^2 x_i x_j = 4 + (1 + 2 at the task's coordinate); two rows: m_i m_j
    assert at(LAWS, here, "E(y[k]*X[k,i]*y[h]*X[h,j])", k=1, h=1, i=1, j=1) == 4 + 2
    assert at(LAWS, here, "E(y[k]*X[k,i]*y[h]*X[h,j])", k=1, h=2, i=1, j=1) == Q(1, 2)


@pytest.mark.parametrize(("n", "d"), [(0, 1), (1, 1), (2, 2), (1, 3)])
def test_a_symmetric_model_is_admissible(n: int, d: int) -> None:
    admissible(LAWS, linear(n, d))


def test_normal_tasks_and_finite_covariates_are_symmetric_too() -> None:
    here = linear(1, 2)
    tasks = Model("f", (Tensor("w", SHAPE),))
    _, _, coin = here.models
    fields = (Definition("x", ("i",), "z[i]"), Definition("y", (), "sum[i](w[i]*z[i])"))
    draws = Model("D", (), axes("z", 2, 1, -1), fields)
    context = replace(LAWS, moments=())
    admissible(context, replace(here, models=(tasks, draws, coin)))
    lopsided = replace(draws, outcomes=axes("z", 2, 1))
    with pytest.raises(ProofError, match="isotropic"):
        admissible(context, replace(here, models=(tasks, lopsided, coin)))


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        (linear(2, 2, nu=4), "'power'"),
        (linear(2, 2, mud=1), "'mean'"),
        (linear(2, 2, "w[i]*z[i]"), "stray index"),
        (linear(2, 2, "E(noise)"), "must be a polynomial"),
        (linear(2, 2, "noise/noise"), "random quantity"),
        (linear(2, 2, "c"), "no meaning"),
        (linear(2, 2, "sum[k](w[k]) + sum[i](w[i])"), "other indices"),
        (linear(2, 2, "sum[i](w[i]*z[i]) + 1", nu=2), "odd"),
        (linear(2, 2, "sum[i](w[i]*z[i])*2*noise^2 + noise^2", nu=15, mud=2), "odd"),
        (linear(-1, 2), "outside its range"),
        (linear(2, 2, mud="-1/2"), "outside its range"),
        (replace(linear(2, 2), models=()), "one model for each"),
        (replace(linear(2, 2), values=()), "no exact value is given"),
    ],
)
def test_points_that_are_not_admissible(here: Point, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        admissible(LAWS, here)


def test_oddness_may_need_the_noise_to_change_sign() -> None:
    """y = w'z noise + noise is odd under noise -> -noise alone; m = 0, E y^2 = 1 + 1."""
    admissible(LAWS, linear(2, 2, "sum[i](w[i]*z[i])*noise + noise", nu=2, mud=0))


def test_isotropy_is_of_the_joint_law_of_the_draw() -> None:
    """w on +-e_i is symmetric, but x = (z1, 2 z2) is not."""
    fields = (
        Definition("x", ("i",), "scale[i]*z[i]"),
        Definition("y", (), "sum[i](w[i]*z[i]) + 2*noise"),
    )
    here = linear(2, 2)
    scales = (Outcome(Q(1), (Value("scale", (Q(1), Q(2))),)),)
    draws = replace(here.models[1], outcomes=scales, fields=fields)
    context = replace(LAWS, moments=())
    with pytest.raises(ProofError, match="isotropic"):
        admissible(context, replace(here, models=(here.models[0], draws, here.models[2])))


def test_a_field_that_is_not_hidden_must_not_look_at_the_hidden_source() -> None:
    here = linear(2, 2)
    fields = (Definition("x", ("i",), "z[i] + w[i]"), here.models[1].fields[1])
    draws = replace(here.models[1], fields=fields)
    with pytest.raises(ProofError, match="'w' has no meaning here"):
        admissible(LAWS, replace(here, models=(here.models[0], draws, here.models[2])))


@pytest.mark.parametrize(
    ("outcomes", "reason"),
    [
        ((Outcome(Q(1, 2), (Value("side", Q(1)),)),), "sum to 1"),
        (
            (Outcome(Q(3, 2), (Value("side", Q(1)),)), Outcome(Q(-1, 2), (Value("side", Q(1)),))),
            "positive",
        ),
        (
            (Outcome(Q(1), (Value("side", Q(1)),)), Outcome(Q(0), (Value("side", Q(1)),))),
            "positive",
        ),
        ((Outcome(1, (Value("side", Q(1)),)),), "positive"),  # type: ignore[arg-type]
        ((Outcome(Q(1), (Value("side", (Q(1),)),)),), "right shape"),
        ((Outcome(Q(1), (Value("c", Q(1)),)),), "cannot name"),
        ((Outcome(Q(1, 2), (Value("side", Q(1)),)), Outcome(Q(1, 2), ())), "same arrays"),
        ((), "no meaning"),
    ],
)
def test_bad_outcomes(outcomes: tuple[Outcome, ...], reason: str) -> None:
    here = linear(2, 2)
    with pytest.raises(ProofError, match=reason):
        admissible(LAWS, replace(here, models=(*here.models[:2], replace(COIN, outcomes=outcomes))))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"M": ((1, 2),)}, "right shape"),
        ({"M": ((1, 2), (3,))}, "right shape"),
        ({"M": 5}, "right shape"),
        ({"b": (1,)}, "right shape"),
        ({"n": "1/2"}, "must be an integer"),
        ({"d": 0}, "outside its range"),
        ({"sigma2": -1}, "outside its range"),
        ({"X": 1}, "neither scalar nor tensor"),
        ({"F": 1}, "needs a definition"),
    ],
)
def test_values_that_do_not_fit(values: dict[str, object], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        admissible(PLAIN, plain(**values))
    lists = replace(plain(), values=(*plain(M=()).values[:-1], Value("M", [[Q(1)] * 2] * 2)))
    with pytest.raises(ProofError, match="right shape"):
        admissible(PLAIN, lists)
    twice = replace(plain(), values=(*plain().values, Value("b", Q(1))))
    with pytest.raises(ProofError, match="valued twice"):
        admissible(PLAIN, twice)


def test_values_by_definitions_use_what_comes_before() -> None:
    early = [value for value in plain().values if value.name not in ("M", "t")]
    by = (*early, Definition("t", (), "1/(n + 1)"), Definition("M", ("i", "j"), "t*delta[i,j]"))
    assert at(PLAIN, Point(by), "sum[i,j](M[i,j])") == Q(2, 3)
    for wrong in (
        Definition("M", ("i", "j"), "M[i,j]"),
        Definition("M", ("i", "k"), "t"),
        Definition("M", ("i", "i"), "t"),
        Definition("M", ("i", "j"), "u"),
        Definition("M", ("i", "j"), "M[i,l]"),
    ):
        with pytest.raises(ProofError):
            admissible(PLAIN, Point((*early, Definition("t", (), "1"), wrong)))


# Instances

TABLE = replace(LAWS, instances=(linear(0, 1), linear(2, 3)))


def test_a_context_with_moments_needs_its_instances() -> None:
    check_instances(PLAIN)
    check_instances(TABLE)
    check_instances(replace(LAWS, moments=()))
    for few in (
        (),
        (linear(0, 1),),
        (linear(2, 3),),
        (linear(0, 1), linear(0, 1)),
        (linear(0, 1), linear(2, 2)),
        (linear(0, 1), linear(1, 3)),
        (linear(1, 1), linear(2, 3)),
    ):
        with pytest.raises(ProofError, match="needs two instances"):
            check_instances(replace(LAWS, instances=few))
    with pytest.raises(ProofError, match="'power'"):
        check_instances(replace(TABLE, instances=(*TABLE.instances, linear(2, 2, nu=4))))


def test_instances_lie_inside_the_ranges_and_have_noise() -> None:
    edge = linear(2, 3, "2*noise", mud=0, nu=4)
    admissible(LAWS, edge)
    with pytest.raises(ProofError, match="inside its range"):
        check_instances(replace(LAWS, instances=(linear(0, 1), edge)))
    silent = Context(
        scalars=(Scalar("t"),),
        arrays=(Normal("e", (), "t^2"),),
        given=(Atom("fixed", "t", "0"),),
        instances=(point(t=0), point(t=0)),
    )
    with pytest.raises(ProofError, match="positive variances"):
        check_instances(silent)


# Counterexamples

FREE = Context(
    SORTS,
    (N, D, Scalar("t")),
    arrays=(Normal("x"), Normal("z", ("example",)), Tensor("b"), Tensor("v", ("example",))),
)
LOSS = "E((b*x)^2) + 3"
B_ZERO, V_ZERO, T_ZERO = Atom("b0", "b"), Atom("v0", "v[k]"), Atom("t0", "t")


def free(b: object = 0, t: object = 0, v: tuple[object, ...] = (0, 0)) -> Point:
    return point(n=len(v), d=1, t=t, b=b, v=v)


def same(left: str, right: str = "0", relation: str = "=") -> Claim:
    return Claim((), ((Atom("same", left, right, relation),),))


FALSE: list[tuple[Statement, Point, str, object, object]] = [
    (same("b", "t"), free(3, 1), "the two sides differ", 3, 1),
    (same("v[k]", "t"), free(v=(0, 2)), "the two sides differ", 2, 0),
    (same("b*x"), free(2), "squared difference", 4, 0),
    (same("x", "b*x + t"), free(2, 3), "squared difference", 1 + 9, 0),
    (same("t", "0", ">="), free(t=-2), "not >= the right side", -2, 0),
    (same("t", "0", ">"), free(t=0), "not > the right side", 0, 0),
    (Claim((T_ZERO,), ((B_ZERO,),)), free(1), "premises hold but the two sides differ", 1, 0),
    (Claim((T_ZERO,), ((B_ZERO,), (V_ZERO,))), free(1, 0, (0, 1)), "no case does", 0, 0),
    (Claim((T_ZERO,), ()), free(), "no case does", 0, 0),
    (Minimum(LOSS, "4", ("b",), ((B_ZERO,),)), free(), "lower loss", 3, 4),
    (Minimum(LOSS, "3", ("b",), ((V_ZERO,),)), free(2), "higher loss", 7, 3),
    (Minimum(LOSS, "3", ("b",), ((B_ZERO, T_ZERO),)), free(0, 1), "not listed", 3, 3),
]


@pytest.mark.parametrize(("statement", "here", "why", "found", "claimed"), FALSE)
def test_false_statements_are_refuted_with_their_numbers(
    statement: Statement, here: Point, why: str, found: object, claimed: object
) -> None:
    refutation = refute(FREE, statement, here)
    assert why in refutation.reason
    assert (refutation.found, refutation.claimed) == (found, claimed)
    assert (refutation.statement, refutation.point) == (statement, here)


def test_a_refutation_says_at_which_indices() -> None:
    found: Refutation = refute(FREE, same("v[k]*delta[k,h]"), free(v=(0, 2)))
    assert found.where == (("k", 2), ("h", 2))


@pytest.mark.parametrize(
    ("statement", "here"),
    [
        (same("b", "t"), free(1, 1)),
        (same("E(x^2)", "1"), free()),
        (same("v[k]", "7"), free(v=())),
        (same("z[k]*z[h]", "z[h]*z[k]"), free()),
        (same("t", "0", ">="), free()),
        (Claim((T_ZERO,), ((B_ZERO,),)), free(1, 1)),
        (Claim((T_ZERO,), ((B_ZERO,), (V_ZERO,))), free(1)),
        (Claim((Atom("random", "x*t", "x"),), ((B_ZERO,),)), free(1)),
        (Minimum(LOSS, "3", ("b",), ((B_ZERO,),)), free(0)),
        (Minimum(LOSS, "3", ("b",), ((B_ZERO,),)), free(2)),
        (Minimum(LOSS, "1", ("b",), ((B_ZERO,),)), free(2)),
    ],
)
def test_points_at_which_a_statement_holds_are_refused(statement: Statement, here: Point) -> None:
    with pytest.raises(ProofError, match=TRUE_HERE):
        refute(FREE, statement, here)


def test_almost_sure_equality_is_not_equality_of_polynomials() -> None:
    """A coin with sides 2 and -1 solves (c - 2)(c + 1) = 0."""
    here = linear(1, 1)
    with pytest.raises(ProofError, match=TRUE_HERE):
        refute(LAWS, same("(c - 2)*(c + 1)"), here)
    assert refute(LAWS, same("(c - 2)*c"), here).found == Q(2, 3) * 9


def test_what_cannot_be_decided_is_no_counterexample() -> None:
    for text in ("r[k] - sum[i](X[k,i])", "H[k,h] - delta[k,h]"):
        with pytest.raises(ProofError, match="cannot be decided"):
            refute(PLAIN, same(text), plain())
    with pytest.raises(ProofError, match=TRUE_HERE):
        refute(PLAIN, same("r[k]^2", "sum[i](X[k,i])^2"), plain())


def test_a_point_that_is_not_admissible_refutes_nothing() -> None:
    with pytest.raises(ProofError, match="'power'"):
        refute(LAWS, same("nu", "5"), linear(2, 2, nu=4))


def test_deep_nesting_is_bad_input() -> None:
    links = tuple(Definition(f"c{k}", (), f"c{k - 1} + 1" if k else "1") for k in range(3000))
    with pytest.raises(ProofError, match="nested too deeply"):
        refute(Context(definitions=links), same("c2999"), Point(()))
