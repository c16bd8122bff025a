"""Attacks on the trusted base: each of these false or meaningless proofs must be rejected."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from verifier.proof.checker import (
    INDEPENDENCE,
    ISSERLIS,
    SQUARES,
    TOWER,
    Checked,
    Proof,
    Step,
    check,
    examine,
)
from verifier.proof.counterexample import Counterexample, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Square,
    Statement,
)

from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor

SCALARS = (
    Scalar("n", Fraction(1), integer=True),
    Scalar("d", Fraction(1), integer=True),
    Scalar("t"),
    Scalar("p", Fraction(0)),
)
SORTS = (("row", "n"), ("column", "d"))
NOTHING_TO_SHOW = {"node": "conclude", "system": 0, "by": {}}


def context(*tensors: Tensor, **parts: object) -> Context:
    """A context with scalars n, d >= 1, any t, p >= 0, and rows counted by n, columns by d."""
    declared = {"scalars": SCALARS, "sorts": SORTS, "tensors": tensors, **parts}
    return Context(**declared)  # type: ignore[arg-type]


def prove(where: Context, statement: Statement, rule: str = "", **certificate: object) -> Checked:
    """The checker's verdict on one step; the rule is the only one that fits the statement."""
    fitting = {Identity: "identity", Sign: "sign", Bound: "squares", Implication: "cases"}
    step = Step("step", rule or fitting[type(statement)], statement, certificate)
    return check(Proof("attack", where, (step,)))[0]


def rows(array: str, **moments: str) -> Law:
    """A law of independent rows with the moments of degrees 1, 2, ... of one row."""
    table = tuple(((int(key[1:]),), text) for key, text in moments.items())
    return Law("rows", (array,), moments=table)


LAWS_THAT_ARE_NONE: dict[str, Callable[[], Context]] = {
    "a variance with a stray index": lambda: context(
        Tensor("z", ("column",)),
        Tensor("v", ("column",)),
        laws=(Law("normal", ("z",), "v[i]"),),
    ),
    "a variance that is a function of what is integrated later": lambda: context(
        Tensor("z", ()),
        Tensor("x", ()),
        Tensor("r", (), ("x",)),
        laws=(Law("normal", ("z",), "r"), Law("normal", ("x",))),
    ),
    "rows without a number of rows": lambda: context(
        Tensor("z", ("unsized",)),
        sorts=(("unsized", ""),),
        laws=(rows("z", _1="1"),),
    ),
    "a moment that uses an array integrated before": lambda: context(
        Tensor("z", ()),
        Tensor("x", ()),
        laws=(Law("normal", ("x",)), Law("joint", ("z",), moments=(((1,), "x"),))),
    ),
    "a moment that uses its own array": lambda: context(
        Tensor("z", ()), laws=(Law("joint", ("z",), moments=(((2,), "z"),)),)
    ),
    "two moments of the same degrees": lambda: context(
        Tensor("z", ()), laws=(Law("joint", ("z",), moments=(((2,), "1"), ((2,), "2"))),)
    ),
    "degrees that do not fit the arrays": lambda: context(
        Tensor("z", ()), laws=(Law("joint", ("z",), moments=(((2, 0), "1"),)),)
    ),
    "an expectation within a moment": lambda: context(
        Tensor("z", ()),
        Tensor("x", ()),
        laws=(Law("joint", ("z",), moments=(((2,), "E(x^2)"),)), Law("normal", ("x",))),
    ),
    "a normal law with moments": lambda: context(
        Tensor("z", ()), laws=(Law("normal", ("z",), moments=(((2,), "2"),)),)
    ),
    "moments with a variance": lambda: context(
        Tensor("z", ()), laws=(Law("joint", ("z",), "2", (((2,), "1"),)),)
    ),
    "a law of nothing": lambda: context(laws=(Law("joint", ()),)),
    "two laws of one array": lambda: context(
        Tensor("z", ()), laws=(Law("normal", ("z",)), Law("normal", ("z",), "2"))
    ),
    "an unknown law": lambda: context(Tensor("z", ()), laws=(Law("uniform", ("z",)),)),
    "a law of a function of random arrays": lambda: context(
        Tensor("x", ()),
        Tensor("r", (), ("x",)),
        laws=(Law("normal", ("x",)), Law("normal", ("r",))),
    ),
    "a law of two normal arrays": lambda: context(
        Tensor("x", ()), Tensor("z", ()), laws=(Law("normal", ("x", "z")),)
    ),
    "rows of a scalar": lambda: context(Tensor("z", ()), laws=(rows("z", _2="1"),)),
    "rows of two sorts": lambda: context(
        Tensor("x", ("row",)), Tensor("z", ("column",)), laws=(Law("rows", ("x", "z")),)
    ),
    "a sign change of what is not random": lambda: context(Tensor("z", ()), flips=(("z",),)),
    "a function of what is not random": lambda: context(Tensor("z", ("row",), ("t",))),
    "an inverse of a random matrix": lambda: context(
        Tensor("M", ("row", "row")),
        Tensor("N", ("row", "row")),
        laws=(Law("normal", ("M",)),),
        inverses=(("M", "N"),),
    ),
    "an inverse of a vector": lambda: context(Tensor("v", ("row",)), inverses=(("v", "v"),)),
    "an inverse between sorts": lambda: context(
        Tensor("M", ("row", "column")), Tensor("N", ("column", "row")), inverses=(("M", "N"),)
    ),
    "one sort with two sizes": lambda: context(sorts=(("row", "n"), ("row", "d"))),
    "a size that is no integer": lambda: context(sorts=(("row", "p"),)),
    "a size without a minimum": lambda: context(
        scalars=(Scalar("n", integer=True),), sorts=(("row", "n"),)
    ),
    "a negative size": lambda: context(
        scalars=(Scalar("n", Fraction(-1), integer=True),), sorts=(("row", "n"),)
    ),
    "a size that is not declared": lambda: context(sorts=(("row", "m"),)),
    "a tensor of an unknown sort": lambda: context(Tensor("z", ("depth",))),
    "one name twice": lambda: context(Tensor("t", ())),
    "a tensor that is named like the identity": lambda: context(Tensor("delta", ("row", "row"))),
    "a scalar that is named like the expectation": lambda: context(scalars=(Scalar("E"),)),
    "a name with a space": lambda: context(Tensor("z ", ())),
    "a name that is an entry": lambda: context(Tensor("z[i]", ())),
    "a definition of itself": lambda: context(definitions=(Definition("x", (), "x + 1"),)),
    "definitions in a circle": lambda: context(
        definitions=(Definition("x", (), "y + 1"), Definition("y", (), "x"))
    ),
    "a definition with a stray index": lambda: context(
        Tensor("v", ("row",)), definitions=(Definition("x", (), "v[i]"),)
    ),
    "a definition with one parameter twice": lambda: context(
        Tensor("M", ("row", "row")), definitions=(Definition("x", ("i", "i"), "M[i,i]"),)
    ),
    "a definition with sorts that do not fit": lambda: context(
        Tensor("v", ("row",)), definitions=(Definition("x", ("i",), "v[i]", "", ("row", "row")),)
    ),
    "a definition with an unknown sort": lambda: context(
        Tensor("v", ("row",)), definitions=(Definition("x", ("i",), "v[i]", "", ("depth",)),)
    ),
}


@pytest.mark.parametrize("name", LAWS_THAT_ARE_NONE)
def test_contexts_without_meaning_are_refused(name: str) -> None:
    with pytest.raises(ProofError):
        LAWS_THAT_ARE_NONE[name]()


ROWS = context(
    Tensor("Z", ("row", "column")),
    Tensor("u", ("row",)),
    laws=(rows("Z", _1="1", _2="delta[s1,s2] + 1"),),
)
SQUARE = context(Tensor("Z", ("row", "row")), laws=(rows("Z", _1="0", _2="delta[s1,s2]"),))
QUERY = context(Tensor("z", ("column",)), laws=(Law("joint", ("z",), moments=(((2,), "1"),)),))
NORMAL = context(
    Tensor("e", ("row",)),
    Tensor("x", ()),
    Tensor("r", (), ("x",)),
    Tensor("u", ("row",)),
    Tensor("v", ("column",)),
    Tensor("c", ()),
    laws=(Law("normal", ("e",), "p"), Law("normal", ("x",))),
    definitions=(Definition("U", ("i",), "u[i]"), Definition("Q", (), "sum[i](e[i]^2)")),
    hypotheses=(Equation("ones", "u[i]", "1"),),
)

FALSE_IDENTITIES = {
    # a moment that does not carry all its indices is a constant in them: they still are summed
    "a constant mean": (ROWS, "E(sum[k,i](Z[k,i]))", "n", {}),
    "a constant second moment": (ROWS, "E(sum[k,i,j](Z[k,i]*Z[k,j]))", "n*d + n", {}),
    "a constant moment of a query": (QUERY, "E(sum[i,j](z[i]*z[j]))", "1", {}),
    "a row that is a column as well": (SQUARE, "E(sum[k,l](Z[k,l]*Z[l,k]))", "n^2", {}),
    "a free row": (ROWS, "E(Z[k,i])", "1", {}),
    "a row shared with another tensor": (ROWS, "E(sum[k](u[k]*Z[k,i]))", "sum[k](u[k])", {}),
    "an undeclared moment": (ROWS, "E(sum[k](Z[k,i]^3))", "0", {}),
    "different rows are independent": (ROWS, "E(sum[k,l](Z[k,i]*Z[l,j]))", "n^2", {}),
    "a variance left out": (NORMAL, "E(e[i]*e[j])", "delta[i,j]", {}),
    "entries are independent": (NORMAL, "E(sum[i,j](e[i]*e[j]))", "n^2*p", {}),
    "the fourth moment": (NORMAL, "E(x^4)", "1", {}),
    "the mean of a product": (NORMAL, "E(x*x)", "E(x)*E(x)", {}),
    "a function of x is no constant": (NORMAL, "E(r*x)", "0", {}),
    "given x, r is no constant": (NORMAL, "E[x](r*x)", "0", {}),
    "a conditional expectation over a constant": (NORMAL, "E[u](u[i])", "0", {}),
    "a conditional expectation over a definition": (NORMAL, "E[Q](Q)", "0", {}),
    "a free index of another sort": (NORMAL, "u[i]*v[i]", "v[i]", {"combination": "ones[i]*v[i]"}),
    "a delta between sorts": (NORMAL, "sum[i,j](u[i]*delta[i,j]*v[j])", "sum[i](v[i])", {}),
    "a chain of deltas between sorts": (
        NORMAL,
        "sum[i,j,k](u[i]*delta[i,j]*delta[j,k]*v[k])",
        "sum[k,j,i](v[k]*delta[j,k]*delta[i,j]*u[i])",
        {},
    ),
    "a chain of deltas that makes n = d": (
        NORMAL,
        "n*sum[i,j,k](delta[i,j]*delta[j,k]*v[k])",
        "d*sum[i,j,k](u[i]*delta[i,j]*delta[j,k])",
        {},
    ),
    "a sum over nothing": (NORMAL, "sum[i](1)", "1", {}),
    "the identity is not its trace": (NORMAL, "delta[i,j]", "delta[i,i]", {}),
    "free indices are not summed": (NORMAL, "u[i]*u[i]", "sum[i](u[i]*u[i])", {}),
    "free indices are not exchanged": (NORMAL, "u[i]*delta[j,k]", "u[j]*delta[i,k]", {}),
    "a hidden index is not the outer one": (NORMAL, "u[i]*sum[i](u[i])", "sum[i](u[i]*u[i])", {}),
    "a stray index in the combination": (NORMAL, "n", "n", {"combination": "ones[i]"}),
    "a residual with an index too many": (NORMAL, "1", "0", {"combination": "ones[i,i]"}),
    "a residual that is not assumed": (NORMAL, "c", "0", {"combination": "zero"}),
    "a combination that does not vanish": (NORMAL, "c", "0", {"combination": "c"}),
    "a multiplier that is zero": (NORMAL, "c", "0", {"times": "0"}),
    "a multiplier that may be zero": (NORMAL, "c", "c", {"times": "p"}),
    "a negative multiplier": (NORMAL, "c", "c", {"times": "-1"}),
    "a multiplier of any sign": (NORMAL, "c", "c", {"times": "t"}),
    "a multiplier that is a tensor": (NORMAL, "c", "c", {"times": "c^2 + 1"}),
    "division by what may be zero": (NORMAL, "p/p", "1", {}),
    "division by any real": (NORMAL, "t/t", "1", {}),
    "division by zero": (NORMAL, "c/0", "c/0", {}),
    "division by a difference": (NORMAL, "1/(n-1)", "1/(n-1)", {}),
    "division by a tensor": (NORMAL, "c/c", "1", {}),
    "division by a random array": (NORMAL, "x/x", "1", {}),
    "division by a norm": (NORMAL, "1/(1+c^2)", "1/(1+c^2)", {}),
    "division by a negative number": (NORMAL, "c/(0-2)", "c/(0-2)", {}),
    "n is not d": (NORMAL, "n", "d", {}),
    "unbalanced text": (NORMAL, "c) + (c", "2*c", {}),
    "unbalanced text in the multiplier": (NORMAL, "c", "c", {"times": "1) + (1"}),
    "a sort as a scalar": (NORMAL, "row", "row", {}),
    "the expectation as a name": (NORMAL, "E", "E", {}),
    "the key of a memory": (ROWS, "symmetry ('Z',) (2,)", "delta[s1,s2] + 1", {}),
}


@pytest.mark.parametrize("name", FALSE_IDENTITIES)
def test_false_identities_are_refused(name: str) -> None:
    where, left, right, certificate = FALSE_IDENTITIES[name]
    with pytest.raises(ProofError):
        prove(where, Identity(left, right), **certificate)


TRUE_IDENTITIES = [
    (ROWS, "E(sum[k,i](Z[k,i]))", "n*d"),
    (ROWS, "E(sum[k,i,j](Z[k,i]*Z[k,j]))", "n*d^2 + n*d"),
    (ROWS, "E(sum[k,l](Z[k,i]*Z[l,j]))", "n*(delta[i,j] + 1) + n*(n-1)"),
    (QUERY, "E(sum[i,j](z[i]*z[j]))", "d^2"),
    (NORMAL, "E(e[i]*e[j])", "p*delta[i,j]"),
    (NORMAL, "E(sum[i,j](e[i]*e[j]))", "n*p"),
    (NORMAL, "E(Q^2)", "n*(n+2)*p^2"),
    (NORMAL, "E[e](x^2*Q)", "n*p*x^2"),
    (NORMAL, "sum[i](delta[i,j]*u[i])", "u[j]"),
    (NORMAL, "sum[i,j](delta[i,j]*u[i])", "sum[i](u[i])"),
    (NORMAL, "(n^2 - d^2)/(n + d)", "n - d"),
    (NORMAL, "delta[i,j]*u[i]", "u[j]*delta[i,j]"),
    (NORMAL, "u[i]*delta[i,j]*delta[j,k]", "delta[i,k]*u[k]*delta[k,j]"),
    (NORMAL, "1/(1 + t^2) + t^2/(1 + t^2)", "1"),
]


@pytest.mark.parametrize(("where", "left", "right"), TRUE_IDENTITIES)
def test_true_identities_next_to_them_are_accepted(where: Context, left: str, right: str) -> None:
    assert prove(where, Identity(left, right)).step.statement == Identity(left, right)


CONTRADICTORY = {
    "a negative variance": (context(Tensor("z", ()), laws=(Law("normal", ("z",), "-1"),)), "z^2"),
    "a variance of any sign": (context(Tensor("z", ()), laws=(Law("normal", ("z",), "t"),)), "z^2"),
    "a random variance": (
        context(
            Tensor("z", ()),
            Tensor("x", ()),
            laws=(Law("normal", ("z",), "x"), Law("normal", ("x",))),
        ),
        "z^2",
    ),
    "a mean that the sign change forbids": (
        context(
            Tensor("z", ()), laws=(Law("joint", ("z",), moments=(((1,), "1"),)),), flips=(("z",),)
        ),
        "z",
    ),
    "a moment that the sign change of a later array forbids": (
        context(
            Tensor("z", ()),
            Tensor("x", ()),
            laws=(Law("joint", ("z",), moments=(((2,), "x"),)), Law("normal", ("x",))),
            flips=(("x",),),
        ),
        "z^2*x",
    ),
    "a moment that is not symmetric": (
        context(
            Tensor("z", ("column",)),
            Tensor("u", ("column",)),
            laws=(Law("joint", ("z",), moments=(((2,), "u[s1]"),)),),
        ),
        "sum[i,j](z[i]*z[j])",
    ),
    "a moment in an array of another sort": (
        context(
            Tensor("Z", ("row", "row")), Tensor("u", ("column",)), laws=(rows("Z", _1="u[s1]"),)
        ),
        "sum[k,i](Z[k,i])",
    ),
    "a moment with a stray index": (
        context(
            Tensor("z", ()),
            Tensor("u", ("row",)),
            laws=(Law("joint", ("z",), moments=(((1,), "u[i]"),)),),
        ),
        "z",
    ),
    "a moment with a denominator": (
        context(Tensor("z", ()), laws=(Law("joint", ("z",), moments=(((1,), "1/n"),)),)),
        "z",
    ),
}


@pytest.mark.parametrize("name", CONTRADICTORY)
def test_laws_without_meaning_prove_nothing(name: str) -> None:
    where, quantity = CONTRADICTORY[name]
    with pytest.raises(ProofError):
        prove(where, Identity(f"E({quantity})", f"E({quantity})"))


def test_moments_are_symmetric_in_each_of_several_arrays() -> None:
    """s1 belongs to x, s2 and s3 to the two copies of z, s4 and s5 to those of the matrix M."""

    def mean(moment: str) -> None:
        where = context(
            Tensor("x", ("column",)),
            Tensor("z", ("column",)),
            Tensor("M", ("column", "row")),
            Tensor("u", ("column",)),
            Tensor("v", ("row",)),
            laws=(Law("joint", ("x", "z", "M"), moments=(((1, 2, 2), moment),)),),
        )
        prove(where, Identity("E(x[i]*z[j]*z[k])", "0"))

    for fine in ("u[s1]", "u[s2]*u[s3]", "u[s4]*u[s6]*v[s5]*v[s7]", "u[s4]*v[s5] + u[s6]*v[s7]"):
        with pytest.raises(ProofError, match="not declared"):
            mean(fine)
    for wrong in ("u[s2]", "u[s1]*u[s3]", "u[s4]", "v[s7]", "u[s4]*v[s7] + u[s2]", "u[s4]*v[s7]"):
        with pytest.raises(ProofError, match="not symmetric"):
            mean(wrong)


def test_a_conditional_expectation_over_what_scales_another_array() -> None:
    """x^2 is the variance of z, so x given z is not normal and the tower would prove 3 = 1."""
    scaled = context(
        Tensor("z", ()), Tensor("x", ()), laws=(Law("normal", ("z",), "x^2"), Law("normal", ("x",)))
    )
    with pytest.raises(ProofError):
        prove(scaled, Identity("E[x](x^2*z^2)", "z^2"))


def test_the_tower_says_that_it_assumes_integrability() -> None:
    """r = 1/x is no polynomial and E(r e) does not exist; the result must say what it assumes."""
    setting = context(
        Tensor("e", ()),
        Tensor("x", ()),
        Tensor("r", (), ("x",)),
        laws=(Law("normal", ("e",)), Law("normal", ("x",))),
        hypotheses=(Equation("inverse", "r*x", "1"),),
    )
    given = Step("given", "identity", Identity("E[e](r*e)", "0"), {})
    tower = Step("tower", "tower", Identity("E(r*e)", "0"), {}, ("given",))
    axioms = check(Proof("attack", setting, (given, tower)))[1].axioms
    assert any(axiom.startswith("assumed") and "E(r*e)" in axiom for axiom in axioms)
    polynomial = Step("given", "identity", Identity("E[e](x*e)", "0"), {})
    tower = Step("tower", "tower", Identity("E(x*e)", "0"), {}, ("given",))
    axioms = check(Proof("fine", setting, (polynomial, tower)))[1].axioms
    assert TOWER in axioms
    assert not any(axiom.startswith("assumed") for axiom in axioms)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (Identity("E[e](x*x)", "x^2"), Identity("E(x*x)", "2")),
        (Identity("E[e](x*x)", "x^2"), Identity("E(x)", "0")),
        (Identity("E(x*x)", "1"), Identity("E(x*x)", "1")),
        (Identity("x", "x"), Identity("E(x)", "0")),
        (Identity("E[e](x)", "x", (Equation("g", "c", "0"),)), Identity("E(x)", "0")),
        (Identity("E[e](x)", "x"), Identity("E(x)", "0", (Equation("g", "c", "0"),))),
    ],
)
def test_the_tower_takes_the_mean_of_a_conditional_mean_only(
    inner: Identity, outer: Identity
) -> None:
    steps = (
        Step("inner", "identity", inner, {}),
        Step("outer", "tower", outer, {}, ("inner",)),
    )
    with pytest.raises(ProofError):
        check(Proof("attack", NORMAL, steps))


FALSE_SIGNS = [
    ("t", False),
    ("t^2", True),
    ("p", True),
    ("p - 1", False),
    ("n - 1", True),
    ("n - 2", False),
    ("n*d - n - d", False),
    ("t^3 + 1", False),
    ("t*p", False),
    ("t^2 - 1", False),
    ("0", True),
    ("-1", False),
    ("c^2", False),
    ("u[i]", False),
    ("x^2", False),
    ("unknown", False),
    ("1/(n-1)", False),
]


@pytest.mark.parametrize(("expression", "strict"), FALSE_SIGNS)
def test_signs_that_are_not_shown_are_refused(expression: str, strict: bool) -> None:
    with pytest.raises(ProofError):
        prove(NORMAL, Sign(expression, strict))


@pytest.mark.parametrize(
    ("expression", "strict"),
    [("t^2", False), ("n", True), ("n*d - n - d + 1", False), ("p^3 + n/d", True), ("E(Q)", False)],
)
def test_signs_that_are_shown_are_accepted(expression: str, strict: bool) -> None:
    prove(NORMAL, Sign(expression, strict))


FALSE_BOUNDS = [
    # text that closes a bracket which it did not open would not be squared
    Bound("t", "0", (Square("1", "t)*(1", False),)),
    Bound("t", "t) - (0", ()),
    Bound("-t^2", "0", (Square("0-1", "t", False),)),
    Bound("p*t^2", "0", (Square("p", "t", True),)),
    Bound("t*t^2", "0", (Square("t", "t", False),)),
    Bound("t^2", "0", (Square("1", "t + 1", True),)),
    Bound("t^2", "1", (Square("1", "t", True),)),
    Bound("c*t^2", "0", (Square("c", "t", True),)),
    Bound("u[i]*t^2", "0", (Square("u[i]", "t", True),)),
    Bound("E(x)", "0", (Square("1", "x", False),)),
    Bound("x^2", "0", (Square("1", "x", False),)),
    Bound("u[i]^2", "0", (Square("1", "u[i]", False),)),
]


@pytest.mark.parametrize("bound", FALSE_BOUNDS)
def test_sums_that_are_none_of_squares_are_refused(bound: Bound) -> None:
    with pytest.raises(ProofError):
        prove(NORMAL, bound)


def test_a_bound_may_not_hide_a_case_in_its_combination() -> None:
    with pytest.raises(ProofError):
        prove(NORMAL, Bound("t^2", "1", (Square("1", "t", True),)), combination="-1")


def equation(name: str, left: str, right: str = "0") -> Equation:
    return Equation(name, left, right)


TENSORS = context(
    Tensor("u", ("column",)),
    Tensor("v", ("column",)),
    Tensor("M", ("column", "column")),
    Tensor("x", ()),
    Tensor("r", (), ("x",)),
    Tensor("b", ()),
    Tensor("c", ()),
    laws=(Law("normal", ("x",)),),
    definitions=(Definition("double", (), "2*b"),),
)


def split(one: Equation, two: Equation, combination: str, *branches: dict[str, object]) -> object:
    return {
        "node": "split",
        "factors": [{"name": e.name, "left": e.left, "right": e.right} for e in (one, two)],
        "by": {"combination": combination},
        "branches": list(branches),
    }


def end(at: int, **by: str) -> dict[str, object]:
    return {
        "node": "conclude",
        "system": at,
        "by": {name: {"combination": text} for name, text in by.items()},
    }


B_ZERO, C_ZERO = (equation("b0", "b"),), (equation("c0", "c"),)
BAD_CASES = {
    "a shared index: (u_i v_i = 0 for all i) does not make u or v zero": (
        (equation("h", "u[i]*v[i]"),),
        ((equation("u0", "u[i]"),), (equation("v0", "v[i]"),)),
        split(
            equation("f", "u[i]"),
            equation("g", "v[i]"),
            "h[i]",
            end(0, u0="f[i]"),
            end(1, v0="g[i]"),
        ),
    ),
    "a scalar product is no product": (
        (equation("h", "sum[i](u[i]*v[i])"),),
        ((equation("u0", "u[i]"),), (equation("v0", "v[i]"),)),
        split(
            equation("f", "u[i]"), equation("g", "v[j]"), "h", end(0, u0="f[i]"), end(1, v0="g[i]")
        ),
    ),
    "random factors": (
        (equation("h", "b*x"),),
        (B_ZERO, (equation("x0", "x"),)),
        split(equation("f", "b"), equation("g", "x"), "h", end(0, b0="f"), end(1, x0="g")),
    ),
    "functions of random arrays": (
        (equation("h", "b*r"),),
        (B_ZERO, (equation("r0", "r"),)),
        split(equation("f", "b"), equation("g", "r"), "h", end(0, b0="f"), end(1, r0="g")),
    ),
    "factors set to something else than zero": (
        (equation("h", "(b-1)*(c-1)"),),
        (B_ZERO, C_ZERO),
        split(
            Equation("f", "b", "1"), Equation("g", "c", "1"), "h", end(0, b0="f"), end(1, c0="g")
        ),
    ),
    "one branch only": (
        (equation("h", "b*c"),),
        (B_ZERO,),
        split(equation("f", "b"), equation("g", "c"), "h", end(0, b0="f")),
    ),
    "a product that is not zero": (
        (),
        (B_ZERO, C_ZERO),
        split(equation("f", "b"), equation("g", "c"), "0", end(0, b0="f"), end(1, c0="g")),
    ),
    "the other branch's equation": (
        (equation("h", "b*c"),),
        (B_ZERO,),
        split(equation("f", "b"), equation("g", "c"), "h", end(0, b0="f"), end(0, b0="f")),
    ),
    "a conclusion about no system": ((), (B_ZERO,), end(1)),
    "a conclusion before the first system": ((), (B_ZERO,), end(-1)),
    "a truth value for a system": (
        (equation("h", "b"),),
        (C_ZERO, B_ZERO),
        {"node": "conclude", "system": True, "by": {"b0": {"combination": "h"}}},
    ),
    "a conclusion without a certificate": ((equation("h", "b"),), (B_ZERO,), end(0)),
    "a contradiction that is none": (
        (),
        (),
        {"node": "contradiction", "by": {"combination": "0"}},
    ),
    "a contradiction from a multiplier that may vanish": (
        (equation("h", "p"),),
        (),
        {"node": "contradiction", "by": {"combination": "h", "times": "p"}},
    ),
    "an equation that is assumed because it is derived": (
        (),
        (B_ZERO,),
        {
            "node": "derive",
            "equation": {"name": "new", "left": "b", "right": "0"},
            "by": {"combination": "new"},
            "then": end(0, b0="new"),
        },
    ),
    "an equation under a name that is taken": (
        (equation("h", "c"),),
        (B_ZERO,),
        {
            "node": "derive",
            "equation": {"name": "h", "left": "0", "right": "0"},
            "by": {},
            "then": end(0, b0="h"),
        },
    ),
    "an equation that shadows a definition": (
        (),
        (B_ZERO,),
        {
            "node": "derive",
            "equation": {"name": "double", "left": "0", "right": "0"},
            "by": {},
            "then": end(0, b0="double/2"),
        },
    ),
    "two assumptions of one name": ((*B_ZERO, equation("b0", "c")), (B_ZERO,), end(0, b0="b0")),
    "an unknown node": ((), (B_ZERO,), {"node": "trust me"}),
    "no node": ((), (B_ZERO,), {}),
}


@pytest.mark.parametrize("name", BAD_CASES)
def test_bad_case_trees_are_refused(name: str) -> None:
    given, conclude, certificate = BAD_CASES[name]
    with pytest.raises(ProofError):
        prove(TENSORS, Implication(given, conclude), **certificate)  # type: ignore[arg-type]


def test_a_case_tree_without_end_is_refused() -> None:
    tree: dict[str, object] = {"node": "conclude", "system": 0, "by": {}}
    for k in range(60):
        tree = {
            "node": "derive",
            "equation": {"name": f"e{k}", "left": "0", "right": "0"},
            "by": {},
            "then": tree,
        }
    with pytest.raises(ProofError, match="40 levels"):
        prove(TENSORS, Implication((), ((),)), **tree)


def test_a_case_tree_that_splits_without_end_is_refused() -> None:
    tree: dict[str, object] = end(0)
    for k in range(60):
        tree = split(  # type: ignore[assignment]
            equation(f"f{k}", "0*b"), equation(f"g{k}", "0*c"), "0", tree, end(0)
        )
    with pytest.raises(ProofError, match="40 levels"):
        prove(TENSORS, Implication((), ((),)), **tree)


def minimum(
    where: Context,
    objective: str,
    value: str,
    parameters: tuple[str, ...],
    squares: tuple[Square, ...],
    systems: tuple[tuple[Equation, ...], ...],
    tree: dict[str, object],
    converse: list[list[object]],
    witness: dict[str, object],
    bound_certificate: dict[str, object] | None = None,
) -> Proof:
    """A proof that squares, case tree, converse and witness give a minimum."""
    given = tuple(equation(f"sq{k}", s.term) for k, s in enumerate(squares) if s.strict)
    return Proof(
        "attack",
        where,
        (
            Step("bound", "squares", Bound(objective, value, squares), bound_certificate or {}),
            Step("equality", "cases", Implication(given, systems), tree),
            Step(
                "minimum",
                "minimum",
                Minimum(objective, value, parameters, systems),
                {"converse": converse, "witness": witness},
                ("bound", "equality"),
            ),
        ),
    )


def value_of(name: str, body: str, at: int = 0, **by: object) -> dict[str, object]:
    return {"system": at, "values": [{"name": name, "parameters": [], "body": body}], "by": by}


SIMPLE = context(Tensor("b", ()), Tensor("x", ()), laws=(Law("normal", ("x",)),))
B_SYSTEM = ((equation("b0", "b"),),)
GOOD = {
    "where": SIMPLE,
    "objective": "E((b*x)^2) + 1",
    "value": "1",
    "parameters": ("b",),
    "squares": (Square("1", "b", True),),
    "systems": B_SYSTEM,
    "tree": end(0, b0="sq0"),
    "converse": [[{"combination": "b0"}]],
    "witness": value_of("b", "0"),
}


def test_the_simplest_minimum_is_accepted() -> None:
    assert len(check(minimum(**GOOD))) == 3  # type: ignore[arg-type]


SCALAR = {
    "objective": "t^2 + 1",
    "parameters": ("t",),
    "squares": (Square("1", "t", True),),
    "systems": ((equation("b0", "t"),),),
    "witness": value_of("t", "0"),
}


def test_an_unbounded_scalar_is_a_parameter_and_a_bounded_one_is_not() -> None:
    assert len(check(minimum(**{**GOOD, **SCALAR}))) == 3  # type: ignore[arg-type]
    bounded = {
        **SCALAR,
        "objective": "p^2 + 1",
        "parameters": ("p",),
        "squares": (Square("1", "p", True),),
        "systems": ((equation("b0", "p"),),),
        "witness": value_of("p", "0"),
    }
    with pytest.raises(ProofError, match="'p' is not a free parameter"):
        check(minimum(**{**GOOD, **bounded}))  # type: ignore[arg-type]


FREE_OF_CASES = {"squares": (), "systems": ((),), "tree": NOTHING_TO_SHOW, "converse": [[]]}
BAD_MINIMA: dict[str, dict[str, object]] = {
    "a value that depends on the parameter in its denominator": {
        **FREE_OF_CASES,
        "objective": "1/(1+t^2)",
        "value": "1/(1+t^2)",
        "parameters": ("t",),
        "witness": value_of("t", "0"),
    },
    "a value that depends on the parameter": {
        **FREE_OF_CASES,
        "objective": "b^3",
        "value": "b^3",
    },
    "a hypothesis that constrains the parameter in a denominator": {
        **FREE_OF_CASES,
        "where": context(hypotheses=(Equation("h", "1/(1+t^2)", "1/2"),)),
        "objective": "t^2",
        "value": "1",
        "parameters": ("t",),
        "bound_certificate": {"combination": "-2*(1+t^2)*h"},
        "witness": value_of("t", "1"),
    },
    "a hypothesis that constrains the parameter": {
        "where": context(Tensor("b", ()), hypotheses=(equation("h", "b"),)),
        "objective": "b^2 + 1",
    },
    "a parameter with a bound": {
        **FREE_OF_CASES,
        "objective": "(p+1)^2",
        "value": "1",
        "parameters": ("p",),
        "squares": (Square("1", "p", False), Square("2*p", "1", False)),
        "witness": value_of("p", "0"),
        "converse": [[{}, {}]],
    },
    "a parameter that is a size": {"parameters": ("n",), "witness": value_of("n", "1")},
    "a parameter that is random": {"parameters": ("x",), "witness": value_of("x", "0")},
    "a parameter that is not declared": {"parameters": ("y",), "witness": value_of("y", "0")},
    "a parameter that is a definition": {
        "where": context(
            Tensor("b", ()),
            Tensor("x", ()),
            laws=(Law("normal", ("x",)),),
            definitions=(Definition("y", (), "b"),),
        ),
        "parameters": ("y",),
        "witness": value_of("y", "0"),
    },
    "a parameter that a law depends on": {
        "where": context(
            Tensor("b", ()),
            Tensor("x", ()),
            laws=(Law("joint", ("x",), moments=(((2,), "1"), ((1,), "b"))),),
        )
    },
    "a parameter with a declared inverse": {
        "where": context(
            Tensor("M", ("row", "row")), Tensor("N", ("row", "row")), inverses=(("M", "N"),)
        ),
        "objective": "sum[i,j](M[i,j]^2)",
        "value": "0",
        "squares": (Square("1", "M[i,j]", True),),
        "parameters": ("M",),
        "systems": ((equation("b0", "M[i,j]"),),),
        "tree": end(0, b0="sq0[i,j]"),
        "converse": [[{"combination": "b0[i,j]"}]],
        "witness": {
            "system": 0,
            "values": [{"name": "M", "parameters": ["i", "j"], "body": "0*delta[i,j]"}],
            "by": {},
        },
    },
    "a missing converse": {"converse": []},
    "an empty converse": {"converse": [[]]},
    "a converse that fails": {"converse": [[{}]]},
    "too large a set of minimisers": {
        "systems": ((equation("b0", "0*b"),),),
        "tree": end(0),
    },
    "no minimisers": {"systems": (), "converse": []},
    "a witness of another system": {"witness": value_of("b", "0", 1)},
    "a witness that is no minimiser": {"witness": value_of("b", "1")},
    "a witness that is random": {"witness": value_of("b", "0*x + x - x + x")},
    "a witness that is itself": {"witness": value_of("b", "b")},
    "a witness of something else": {"witness": value_of("c", "0")},
    "a witness with an index": {
        "witness": {
            "system": 0,
            "values": [{"name": "b", "parameters": ["i"], "body": "0"}],
            "by": {},
        }
    },
    "two values for one parameter": {
        "witness": {
            "system": 0,
            "values": [{"name": "b", "parameters": [], "body": v} for v in ("0", "1")],
            "by": {},
        }
    },
    "a witness that is missing": {"witness": {}},
    "a witness that uses the equation it must show": {
        "witness": value_of("b", "1", b0={"combination": "b0"})
    },
}


@pytest.mark.parametrize("name", BAD_MINIMA)
def test_bad_minima_are_refused(name: str) -> None:
    with pytest.raises(ProofError):
        check(minimum(**{**GOOD, **BAD_MINIMA[name]}))  # type: ignore[arg-type]


def test_a_minimum_rests_on_its_own_squares_and_cases() -> None:
    bound, equality, step = minimum(**GOOD).steps  # type: ignore[arg-type]
    other = Step("other", "squares", Bound("b^2", "0", (Square("1", "b", True),)), {})
    weak = Step("weak", "squares", Bound("E((b*x)^2) + 1", "1", (Square("1", "b", False),)), {})
    loose = Step("loose", "cases", Implication((), ((),)), NOTHING_TO_SHOW)
    for uses in (
        (),
        ("bound",),
        ("equality", "bound"),
        ("bound", "bound"),
        ("other", "equality"),
        ("weak", "equality"),
        ("bound", "loose"),
        ("bound", "equality", "equality"),
    ):
        again = Step(step.name, step.rule, step.statement, step.certificate, uses)
        with pytest.raises(ProofError):
            check(Proof("attack", SIMPLE, (bound, equality, other, weak, loose, again)))


def test_a_minimum_states_the_systems_of_its_implication() -> None:
    """b = 0 is proved to be necessary; the stated minimisers ask for t = 0 as well."""
    bound, equality, step = minimum(**GOOD).steps  # type: ignore[arg-type]
    too_few = ((*B_SYSTEM[0], equation("t0", "t")),)
    smaller = Minimum("E((b*x)^2) + 1", "1", ("b", "t"), too_few)
    values = [{"name": name, "parameters": [], "body": "0"} for name in ("b", "t")]
    certificate = {**step.certificate, "witness": {"system": 0, "values": values, "by": {}}}
    claimed = Step("minimum", "minimum", smaller, certificate, ("bound", "equality"))
    with pytest.raises(ProofError, match="other systems"):
        check(Proof("attack", SIMPLE, (bound, equality, claimed)))


def test_steps_name_the_lemmas_that_they_use_and_no_others() -> None:
    steps = minimum(**GOOD).steps  # type: ignore[arg-type]
    bound, equality, least = check(Proof("minimum", SIMPLE, steps))
    assert bound.axioms == {ISSERLIS, SQUARES}
    assert equality.axioms == frozenset()
    assert least.axioms == {ISSERLIS, SQUARES}
    assert prove(NORMAL, Identity("c", "c")).axioms == frozenset()
    assert prove(NORMAL, Sign("E(Q)", False)).axioms == {ISSERLIS}
    assert prove(ROWS, Identity("E(sum[k](Z[k,i]))", "n")).axioms == {ISSERLIS, INDEPENDENCE}
    hidden = context(
        Tensor("x", ()),
        laws=(Law("normal", ("x",)),),
        definitions=(Definition("m", (), "E(x^2)"), Definition("l", (), "2*m")),
        hypotheses=(Equation("h", "t", "l"),),
    )
    assert prove(hidden, Identity("l", "2")).axioms == {ISSERLIS}
    assert prove(hidden, Identity("t", "2"), combination="h").axioms == {ISSERLIS}
    given = Implication((equation("g", "t - m"),), ((equation("c", "t - 1"),),))
    assert prove(hidden, given, **end(0, c="g")).axioms == {ISSERLIS}  # type: ignore[arg-type]


def test_what_holds_at_a_minimum_must_follow_from_each_system() -> None:
    steps = minimum(**GOOD).steps  # type: ignore[arg-type]
    objective = "E((b*x)^2) + 1"

    def at(statement: AtMinimum, uses: tuple[str, ...] = ("minimum",), **by: object) -> None:
        step = Step("at", "at-minimum", statement, by, uses)
        check(Proof("attack", SIMPLE, (*steps, step)))

    true = AtMinimum(objective, ("b",), (equation("c", "b"),))
    at(true, systems=[{"c": {"combination": "b0"}}])
    for statement, uses, systems in (
        (true, ("minimum",), [{}]),
        (true, ("minimum",), []),
        (true, ("minimum",), [{"c": {"combination": "b0"}}] * 2),
        (true, ("bound",), [{"c": {"combination": "b0"}}]),
        (true, (), [{"c": {"combination": "b0"}}]),
        (AtMinimum("b", ("b",), true.conclude), ("minimum",), [{"c": {"combination": "b0"}}]),
        (AtMinimum(objective, (), true.conclude), ("minimum",), [{"c": {"combination": "b0"}}]),
        (true, ("minimum",), ["c"]),
    ):
        with pytest.raises(ProofError):
            at(statement, uses, systems=systems)


def test_steps_rest_on_earlier_accepted_steps_only() -> None:
    fine, bad = Identity("b", "b"), Identity("b", "1")
    for steps in (
        (Step("s", "identity", fine, {}, ("s",)),),
        (Step("s", "identity", fine, {}, ("later",)), Step("later", "identity", fine, {})),
        (Step("s", "identity", fine, {}), Step("s", "identity", fine, {})),
        (Step("s", "identity", bad, {}), Step("t", "identity", fine, {}, ("s",))),
        (Step("s", "sign", fine, {}),),
        (Step("s", "", fine, {}),),
        (Step("s", "identity", Sign("1", True), {}),),
    ):
        with pytest.raises(ProofError):
            check(Proof("attack", SIMPLE, steps))


def test_a_name_used_twice_accepts_neither_step() -> None:
    steps = (Step("s", "identity", Identity("b", "b"), {}), Step("s", "sign", Sign("1", True), {}))
    accepted, failed = examine(Proof("attack", SIMPLE, steps))
    assert accepted == {}
    assert list(failed) == ["s"]


def test_points_must_lie_in_range_and_satisfy_the_hypotheses() -> None:
    where = context(
        Tensor("b", ()),
        Tensor("x", ()),
        Tensor("M", ("row", "row")),
        Tensor("N", ("row", "row")),
        laws=(Law("normal", ("x",)),),
        hypotheses=(equation("h", "b - p"),),
        inverses=(("M", "N"),),
    )
    one = Fraction(1)
    reals = {"n": one, "d": one, "t": one, "p": one}
    tensors = {"b": one, "M": ((one,),), "N": ((one,),)}
    refuter, false = Refuter(where), Identity("b", "2*p")
    refuter.refute(false, Counterexample(reals, tensors))
    for bad in (
        Counterexample({**reals, "p": Fraction(-1)}, {**tensors, "b": Fraction(-1)}),
        Counterexample({**reals, "n": Fraction(3, 2)}, tensors),
        Counterexample({**reals, "n": Fraction(0)}, tensors),
        Counterexample({"n": one, "d": one, "t": one}, tensors),
        Counterexample({**reals, "p": 1.0}, tensors),  # type: ignore[dict-item]
        Counterexample(reals, {**tensors, "b": Fraction(2)}),
        Counterexample(reals, {**tensors, "b": 1}),  # type: ignore[dict-item]
        Counterexample(reals, {"M": ((one,),), "N": ((one,),)}),
        Counterexample(reals, {**tensors, "N": ((Fraction(2),),)}),
        Counterexample({**reals, "n": Fraction(2)}, tensors),
    ):
        with pytest.raises(ProofError):
            refuter.refute(false, bad)
    for true in (
        Identity("b", "p"),
        Identity("E(x^2)", "1"),
        Sign("p", False),
        Bound("p^2", "0", (Square("1", "p", True),)),
        Implication((equation("g", "b - 2"),), ()),
    ):
        with pytest.raises(ProofError):
            refuter.refute(true, Counterexample(reals, tensors))


@pytest.mark.parametrize("statement", [Sign("x^2", True), Bound("x^2", "1", ()), Sign("r", False)])
def test_a_value_of_a_random_array_is_no_counterexample(statement: Statement) -> None:
    """x^2 > 0 holds almost surely although x = 0 is a real number."""
    where = context(Tensor("x", ()), Tensor("r", (), ("x",)), laws=(Law("normal", ("x",)),))
    values = {"n": Fraction(1), "d": Fraction(1), "t": Fraction(0), "p": Fraction(0)}
    point = Counterexample(values, {"x": Fraction(0), "r": Fraction(-1)})
    with pytest.raises(ProofError):
        Refuter(where).refute(statement, point)


def test_an_ill_typed_expression_stays_refused_when_it_is_met_again() -> None:
    refuter = Refuter(NORMAL)
    point = Counterexample({k.name: Fraction(1) for k in SCALARS}, {"u": (Fraction(1),)})
    for _ in range(2):
        with pytest.raises(ProofError):
            refuter.meaning.value("sum[i,j,k](u[i]*delta[i,j]*delta[j,k]*v[k])")
        with pytest.raises(ProofError):
            refuter.refute(Sign("sum[i,j](u[i]*delta[i,j]*v[j]) - 5", False), point)


STAR = "sum[i,a,b,c,e,f,g,h,k,l,m,o](" + "*".join(f"M[i,{j}]*M[{j},i]" for j in "abcefghklmo") + ")"
CLIQUE = (
    "sum[a,b,c,e,f,g,h]("
    + "*".join(f"M[{i},{j}]" for i in "abcefgh" for j in "abcefgh" if i != j)
    + ")"
)
HOSTILE = {
    "towers of powers": (SIMPLE, "((((p^16)^16)^16)^16)^16"),
    "towers of numbers": (SIMPLE, "(((((3^16)^16)^16)^16)^16)^16"),
    "a long sum": (SIMPLE, "+".join(["b"] * 90_000)),
    "a long product": (SIMPLE, "*".join(["b"] * 90_000)),
    "many brackets": (SIMPLE, "(" * 90_000 + "b" + ")" * 90_000),
    "many signs": (SIMPLE, "-" * 90_000 + "b"),
    "many products of middling sums": (
        context(
            definitions=(
                Definition("f", (), "(1 + t + p)^16"),
                Definition("g", (), "f*f*(1 + t)^16"),
            )
        ),
        "0*(" + " + ".join(["f*g"] * 40) + ")",
    ),
    "a deep chain of definitions": (
        context(
            definitions=tuple(
                Definition(f"f{k}", (), "-" * 50 + f"f{k - 1}" if k else "t") for k in range(60)
            )
        ),
        "f59",
    ),
    "a product of large sums": (SIMPLE, "*".join(["((n+d+t+p+b+1)^16)"] * 16)),
    "a high Gaussian moment": (NORMAL, "E((x + sum[i](e[i]*u[i]))^12)^2*E(Q^6)"),
    "a higher Gaussian moment": (NORMAL, "E(x^16)"),
    "a star": (context(Tensor("M", ("row", "row"))), STAR),
    "a clique": (context(Tensor("M", ("row", "row"))), CLIQUE),
    "definitions that double": (
        context(
            definitions=tuple(
                Definition(f"f{k}", (), f"f{k - 1} - f{k - 1}" if k else "t") for k in range(60)
            )
        ),
        "f59",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sizes_are_refused_in_bounded_time(name: str) -> None:
    where, expression = HOSTILE[name]
    started = time.process_time()
    try:
        prove(where, Identity(expression, "12345"))
    except ProofError:
        assert time.process_time() - started < 10
    else:
        pytest.fail("accepted")
