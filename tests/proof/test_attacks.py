"""Attacks on the kernel: each of these false or meaningless proofs is refused.

The fourteen repairs of the kernel's design, the attacks that it excludes by construction, those
that the old checker accepted, and those that this one did. Where an attack cannot be written any
more, the test shows why.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from steps import EVERY_D, ONE, SIZES, TWO_D, claim, equal, identity, refusal, space, step

from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
    Hidden,
    Law,
    Model,
    Normal,
    Outcome,
    Point,
    Scalar,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import (
    Attained,
    By,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Minimum,
    Split,
    Step,
)

ZERO, HALF = Fraction(0), Fraction(1, 2)
ONE_IS_ZERO = identity("1", "0")
FOLDER = Path(__file__).parents[2] / "verifier" / "proof"
DIFFER = "the two sides differ"

EXAMPLE = Law("D", (Field("x", ("feature",)), Field("e"), Field("y", (), hidden=True)), "f")
SLOTS = tuple(Slot(f"{name}q", "D", name, "q") for name in "xey")


def example(
    odd: tuple[str, ...] = (), isotropic: bool = False, *more: Any, **parts: Any
) -> Context:
    """One draw (x, e, y) of a law of f, and what is said of f."""
    hidden = Hidden("f", ("feature",) if isotropic else (), odd)
    rows = (Draws("X", "D", "x", "row"), Draws("y", "D", "y", "row"))
    return space(
        *SLOTS,
        *rows,
        *more,
        hidden=(hidden,),
        laws=(EXAMPLE,),
        definitions=(
            Definition("m", ("i",), "E[D](yq*xq[i])"),
            Definition("c", ("i",), "E[D](yq^3*xq[i])"),
        ),
        **parts,
    )


def numbers(n: int, d: int, **values: int | Fraction) -> tuple[Value, ...]:
    return tuple(Value(k, Fraction(v)) for k, v in {"n": n, "d": d, **values}.items())


def linear(n: int, d: int, scale: int = 1) -> Point:
    """y = w'x + e, w and e normal, x normal with variances 1, ..., 1, scale^2."""
    stretch = "z[i]" if scale == 1 else f"z[i]*(1 + {scale - 1}*last[i])"
    last = tuple(Fraction(int(k == d - 1)) for k in range(d))
    law = Model(
        "D",
        (Tensor("z", ("feature",)), Tensor("noise")),
        (),
        (
            Definition("x", ("i",), stretch),
            Definition("e", (), "noise"),
            Definition("y", (), "noise + sum[i](w[i]*" + stretch + ")"),
        ),
    )
    values = numbers(n, d) if scale == 1 else (*numbers(n, d), Value("last", last))
    return Point(values, (Model("f", (Tensor("w", ("feature",)),)), law))


# The repairs of the design, by their numbers


def test_1_a_residual_has_a_name_of_its_own() -> None:
    """With D := sigma2 and an equation named sigma2, E(D) was taken for 0."""
    context = space(scalars=(Scalar("sigma2", ZERO),), definitions=(Definition("D", (), "sigma2"),))
    for name in ("sigma2", "D", "n", "k"):
        first = Step("first", Claim((), ((Atom(name, "0"),),)), Conclude())
        second = Step("second", claim("E(D)"), Conclude(0, {"concl": By(f"E({name})")}), ("first",))
        assert f"cannot be named {name!r}" in refusal(context, first, second)
    named = Step("first", Claim((), ((Atom("fine", "0"),),)), Conclude())
    second = Step("second", claim("E(D)"), Conclude(0, {"concl": By("E(D)")}), ("first",))
    assert "does not vanish" in refusal(context, named, second)


def test_1_what_is_remembered_is_not_what_vanishes() -> None:
    """E(a h) is 0 in the pass in which residuals vanish and stays what it is in the other."""
    context = space(Tensor("a"), Normal("z"))
    premise = (Atom("h1", "a"),)
    true = step(claim("a^2 + E(a*z^2)", given=premise), By("E(a*z^2*h1) + E(z^2*h1)"))
    assert refusal(context, true) == ""
    false = step(claim("1", given=premise), By("E(z^2*h1) - E(z^2*a) + E(z^2)"))
    assert "does not vanish" in refusal(context, false)


def test_2_packed_exponents_do_not_run_over() -> None:
    """n^1200 was d n^176."""
    context = space(Normal("z", (), "(n^16)^16*n^16*n^16*n^12"))
    for text in ("E(z^4)", "E(z^8)"):
        assert "a scalar to a power above 511" in refusal(context, identity(text, "0"))


def test_3_the_rows_of_a_law_have_one_sort() -> None:
    law = Law("D", (Field("x", ("feature",)),))
    arrays = (Draws("X", "D", "x", "row"), Draws("Z", "D", "x", "feature"))
    assert "must share one sort of rows" in refusal(lambda: space(*arrays, laws=(law,)))


def test_4_what_is_integrated_is_a_source() -> None:
    context = space(Tensor("x", ("feature",)), definitions=(Definition("Q", (), "n"),))
    for source in ("foo", "x", "Q", "n", "row"):
        said = refusal(context, identity(f"E[{source}](x[i])", "x[i]"))
        assert f"{source!r} is not a source of randomness" in said


def test_5_oddness_is_of_all_fields_that_change_sign() -> None:
    """y = w'x + e is odd in y and e together, not in y alone: E(y e) = 1."""
    wrong, right = example(("y",)), example(("e", "y"))
    assert "differ" in refusal(right, identity("E(yq*eq)", "0"))
    given = {"given": (Atom("fine", "1", "1"),), "instances": (linear(0, 1), linear(3, 3))}
    assert refusal(replace(right, **given), identity("E(yq)", "0")) == ""
    assert "'f' is not seen to be odd at this point" in refusal(
        replace(wrong, **given), identity("E(yq*eq)", "0")
    )


def test_5_isotropy_is_of_the_joint_law_not_of_f_alone() -> None:
    """With E x x' = diag(1, ..., 4) and an isotropic w, E m m' is no multiple of I."""
    context = example((), True, Tensor("last", ("feature",)))
    context = replace(
        context,
        given=(Atom("fine", "1", "1"),),
        instances=(linear(0, 1, 2), linear(3, 3, 2)),
    )
    said = refusal(context, identity("E(m[i])", "0"))
    assert "'f' is not seen to be isotropic at this point" in said


def test_6_isotropy_needs_moments_and_counts_places() -> None:
    context = example((), True, Function("fun", (), ("f",)), scalars=TWO_D)
    for text in (
        "E[f](y[k]*m[i])",
        "E[f](fun*m[i])",
        "E[f](yq*xq[i])",
        "E(m[i]*m[i])",
        "E(m[i]*E[D](yq*xq[j]*xq[l]))",
    ):
        assert DIFFER in refusal(context, identity(text, "0")), text
    one = example((), True, scalars=SIZES)  # d = 1 is allowed: no rotation but the identity
    for text in ("E(m[i])", "E(m[i]*m[j]*m[l])"):
        assert DIFFER in refusal(one, identity(text, "0")), text
    none = example((), True, scalars=EVERY_D)  # d = 0: nothing to divide by
    assert "not shown to be a positive number" in refusal(none, identity("E(m[i])/d", "0"))


def test_7_nothing_is_defined_by_a_moment() -> None:
    """A symmetric tensor is required; a range is declared, and an instance must have it."""
    trace = Atom("trace", "E(sum[i](m[i]*c[i]))", "d*t")
    context = example((), True, scalars=(*TWO_D, Scalar("t", ZERO)), moments=(trace,))
    assert not equal(context, "E(m[i]*c[j])", "t*delta[i,j]")
    assert "needs two instances" in refusal(context, identity("1", "1"))


def test_8_a_moment_is_written_at_one_slot() -> None:
    """E(y[k]) = 5 says nothing for n = 0, and proved E(yq) = 5 there."""
    law = Law("D", (Field("y"),))
    arrays = (Draws("y", "D", "y", "row"), Slot("yq", "D", "y", "q"))

    def point(n: int) -> Point:
        model = Model(
            "D", (), (Outcome(ONE, (Value("v", Fraction(5)),)),), (Definition("y", (), "v"),)
        )
        return Point(numbers(n, n + 1), (model,))

    for left, right, reason in (
        ("E(y[k])", "5", "has an index that its expectation does not depend on"),
        ("E(yq)", "E(yq)", "must not have an expectation on the right"),
        ("E(yq)", "y[k]", "needs a deterministic polynomial in its indices"),
    ):
        context = space(
            *arrays,
            laws=(law,),
            moments=(Atom("mean", left, right),),
            instances=(point(0), point(2)),
        )
        assert reason in refusal(context, identity("E(yq)", "5"))
    fine = replace(context, moments=(Atom("mean", "E(yq)", "5"),))
    assert refusal(fine, identity("E(y[k])", "5")) == ""


def test_8_a_total_expectation_is_a_moment_of_f() -> None:
    """E(yq) = 0 does not say that E[D](yq) = 0 for every f."""
    law = Model(
        "D",
        (Tensor("z", ("feature",)),),
        (),
        (Definition("x", ("i",), "z[i]"), Definition("e", (), "0"), Definition("y", (), "v")),
    )
    signs = tuple(Outcome(HALF, (Value("v", Fraction(x)),)) for x in (1, -1))
    points = tuple(Point(numbers(n, n + 1), (Model("f", (), signs), law)) for n in (0, 2))
    context = example(moments=(Atom("mean", "E(yq)", "0"),), instances=points)
    assert refusal(context, identity("E(y[k])", "0")) == ""
    for left in ("E[D](yq)", "E(E[D](yq)^2)", "E(E[D](yq)*E[D](yq*eq))"):
        assert DIFFER in refusal(context, identity(left, "0")), left


def test_9_rows_are_integrated_only_where_all_is_plain() -> None:
    context = example((), False, Function("fun", ("row",), ("D",)))
    for left, right in (
        ("E(fun[k]*X[k,i])", "E(fun[k])*E(xq[i])"),
        ("E[D](fun[k]*y[h])", "E[D](fun[k])*E[D](yq)"),
        ("E[D](E[f](y[k]*y[h]))", "E(yq)^2"),
        ("E[D](E[f](y[k]*y[h]))", "E(E[D](yq)^2)"),
        ("E[D](E[f](y[k])*E[f](y[h]))", "E[D](E[f](yq))^2"),
    ):
        assert DIFFER in refusal(context, identity(left, right)), left


def test_10_the_value_of_a_minimum_has_no_parameter() -> None:
    """O = v = a^2 was a "minimum" for every a."""
    context = space(Tensor("a"))
    at = Atom("at", "a^2", "a^2")
    steps = (
        Step("bound", Claim((), ((replace(at, relation=">="),),)), Conclude()),
        Step("equality", Claim((at,), ((),)), Conclude()),
        Step("converse", Claim((), ((at,),)), Conclude()),
    )
    uses = tuple(one.name for one in steps)
    false = Step(
        "minimum",
        Minimum("a^2", "a^2", ("a",), ((),)),
        Attained(0, (Definition("a", (), "0"),)),
        uses,
    )
    assert "'a' is not free" in refusal(context, *steps, false)


def test_11_instances_are_inside_and_not_small() -> None:
    """At sigma2 = 0, z of variance sigma2 is 0: what holds there only proves sigma2 = 0."""
    context = space(
        Normal("z", (), "sigma2"),
        scalars=(Scalar("sigma2", ZERO),),
        given=(Atom("mean", "E(z^2)", "0"),),
    )
    edge = tuple(Point(numbers(n, n + 1, sigma2=0)) for n in (0, 2))
    conclusion = identity("sigma2", "0", "mean")
    said = refusal(replace(context, instances=edge), conclusion)
    assert "an instance must have 'sigma2' inside its range" in said
    inside = tuple(Point(numbers(n, n + 1, sigma2=1)) for n in (0, 2))
    assert "does not satisfy 'mean'" in refusal(replace(context, instances=inside), conclusion)
    free = replace(context, given=(Atom("fine", "1", "1"),))
    needs = "needs two instances: one with the smallest sizes"
    for points in ((), inside[:1], inside[1:], inside[:1] * 2):
        assert needs in refusal(replace(free, instances=points), identity("1", "1"))
    assert refusal(replace(free, instances=inside), identity("1", "1")) == ""


def test_11_a_function_is_never_two_independent_arrays() -> None:
    """g = z and g = w, each with a model of its own, made sigma2 = 0."""
    arrays = (Normal("z"), Normal("w"), Function("fun", (), ("z", "w")))
    for text in ("fun - z", "fun*z - z^2", "E[z](fun) - w"):
        context = space(*arrays, given=(Atom("tie", text),))
        assert "'tie' ties random quantities" in refusal(lambda c=context: c, ONE_IS_ZERO)


def test_12_what_no_rational_point_satisfies_is_refused() -> None:
    """Algebraic numbers are no values: t^2 = 2 is refused although it has models."""
    context = space(scalars=(Scalar("t", ZERO),), given=(Atom("root", "t^2", "2"),))
    points = tuple(Point(numbers(n, n + 1, t=Fraction(7, 5))) for n in (0, 2))
    said = refusal(replace(context, instances=points), identity("t^2", "2", "root"))
    assert "the point does not satisfy 'root'" in said


def test_13_inequalities_are_premises_by_slack() -> None:
    """a >= b is written a = b + s with a scalar s >= 0; as a premise it is only carried along."""
    context = space(Tensor("a"), Tensor("b"), scalars=(Scalar("s", ZERO),))
    used = step(claim("a", "b", ">=", (Atom("larger", "a", "b", ">="),)), By("larger"))
    assert "'larger' is not declared" in refusal(context, used)
    slack = step(claim("a", "b", ">=", (Atom("larger", "a", "b + s"),)), By("larger", rest="s"))
    assert refusal(context, slack) == ""


# Excluded by construction


@pytest.mark.parametrize(
    "arrays",
    [
        (Normal("z"), Normal("w")),
        (Slot("z", "D", "e", "q"), Normal("w")),
        (Slot("z", "D", "e", "q"), Slot("w", "D", "e", "q2")),
        (Slot("z", "D", "y", "q"), Slot("w", "D", "e", "q")),
    ],
    ids=["two normals", "a law and a normal", "two slots", "two fields"],
)
def test_no_two_random_arrays_are_tied(arrays: tuple[Any, ...]) -> None:
    """z = w proved 1 = 0: E(z w) = E z^2 and E(z w) = 0."""
    parts: dict[str, Any] = {"laws": (EXAMPLE,), "hidden": (Hidden("f"),)}
    tied = space(*arrays, given=(Atom("tie", "z", "w"),), **parts)
    assert "'tie' ties random quantities" in refusal(lambda: tied, ONE_IS_ZERO)
    # as a premise it is harmless: nobody can show it where the claim is cited
    plain = space(*arrays, **parts)
    absurd = Step(
        "absurd", Claim((Atom("tie", "z", "w"),), ()), Contradiction(By("E[w](tie*w) + 0"))
    )
    cite = step(claim("1"), Cite("absurd", {}, ()), "cite")
    assert refusal(plain, absurd, cite)
    if arrays[1] == Normal("w") and arrays[0] == Normal("z"):
        absurd = replace(absurd, certificate=Contradiction(By("-E(tie*w)")))
        assert refusal(plain, absurd) == ""
        assert DIFFER in refusal(plain, absurd, cite)


@pytest.mark.parametrize("sources", ["", "[x]", "[u]", "[u,x]"])
def test_a_function_of_an_array_is_not_independent_of_it(sources: str) -> None:
    """s = sign(u'x): E(s u'x) = E|u'x| is not 0, over whichever source."""
    context = space(
        Normal("u", ("feature",)), Normal("x", ("feature",)), Function("s", (), ("u", "x"))
    )
    left = f"E{sources}(sum[i](u[i]*s*x[i]))"
    assert DIFFER in refusal(context, identity(left, "0"))
    plain = f"E{sources}(sum[i](u[i]*x[i]))"
    assert refusal(context, identity(plain, "0")) == ""


def test_moments_that_no_law_has_are_refused() -> None:
    """E x = 1 and E x^2 = 1/2 has a negative variance: no instance satisfies both."""
    law = Law("D", (Field("x"),))
    context = space(
        Slot("xq", "D", "x", "q"),
        laws=(law,),
        moments=(Atom("mean", "E(xq)", "1"), Atom("square", "E(xq^2)", "1/2")),
    )
    assert "needs two instances" in refusal(context, ONE_IS_ZERO)
    for outcome, name in ((ONE, "square"), (HALF, "mean")):
        model = Model("D", (), (Outcome(ONE, (Value("v", outcome),)),), (Definition("x", (), "v"),))
        points = tuple(Point(numbers(n, n + 1), (model,)) for n in (0, 2))
        said = refusal(replace(context, instances=points), ONE_IS_ZERO)
        assert f"the point does not satisfy {name!r}" in said


def test_a_split_is_of_constants() -> None:
    """z+ z- = 0 makes neither part 0."""
    context = space(Normal("z"), Function("up", (), ("z",)), Function("down", (), ("z",)))
    tree = Split(
        Atom("left", "up"),
        Atom("right", "down"),
        By("h1"),
        (Conclude(0, {"concl": By("left*down")}),) * 2,
    )
    said = refusal(context, step(claim("up*down", given=(Atom("h1", "up*down"),)), tree))
    assert "a split needs deterministic factors" in said


def test_no_text_changes_its_meaning_when_it_is_used() -> None:
    context = space(Tensor("c"))
    for left, by in (("c) + (c", By()), ("2*c", By("c) - (c")), ("2*c", By("0", "1) + (1"))):
        assert "unexpected ')'" in refusal(context, step(claim(left, "2*c"), by))


def test_the_evaluator_shares_no_code_with_normal_forms() -> None:
    """What checks instances and counterexamples imports neither `normal` nor `mean`."""
    for name in ("direct", "symmetry", "instances"):
        tree = ast.parse((FOLDER / f"{name}.py").read_text())
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & {"normal", "mean", "rules"}, name


def test_the_kernel_imports_the_standard_library_and_itself_only() -> None:
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert all(alias.name in sys.stdlib_module_names for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                assert str(node.module).split(".")[0] in sys.stdlib_module_names
            assert not isinstance(node, ast.Assert), file.name


# Attacks that this kernel accepted once


def test_the_absolute_value_of_any_function_is_not_even() -> None:
    """E(z |max(z, 0)|) = 1/2: a function of z need be neither even nor odd."""
    context = space(Normal("z"), Function("fun", (), ("z",)), Absolute("r", (), "fun"))
    assert DIFFER in refusal(context, identity("E(z*r)", "0"))
    inner = space(
        Normal("z"),
        Normal("w"),
        Function("fun", (), ("z", "w")),
        Absolute("r", (), "z*fun + w*fun"),
    )
    assert DIFFER in refusal(inner, identity("E(z*r)", "0"))
    assert DIFFER in refusal(inner, identity("E(w*r)", "0"))


def test_a_reason_is_no_certificate_by_itself() -> None:
    """Whatever was no tree established what it stood under."""
    bare: Any = By()
    for tree in (bare, Derive(Atom("new", "0"), By(), bare), None, "trust me"):
        wrong: Any = Step("step", claim("1"), tree)
        assert "is no certificate of a claim" in refusal(space(), wrong)


@pytest.mark.parametrize(
    "array", [Normal("b", (), "E(1)"), Normal("b", (), "E(b^2)"), Absolute("b", (), "E(z) + z")]
)
def test_declarations_are_read_before_expectations(array: Any) -> None:
    """An expectation in a variance or an argument ended in a traceback."""
    assert refusal(lambda: space(Normal("z"), array), identity("1", "1")) != ""


# Carried over: identities next to true ones


SCALARS = (
    Scalar("n", ONE, integer=True),
    Scalar("d", ONE, integer=True),
    Scalar("s", ZERO),
    Scalar("t"),
)
ROWS = space(
    Draws("Z", "D", "z", "row"),
    Slot("zq", "D", "z", "q"),
    Tensor("u", ("row",)),
    scalars=SCALARS,
    laws=(Law("D", (Field("z", ("feature",)),)),),
    moments=(Atom("mean", "E(zq[i])", "1"), Atom("cov", "E(zq[i]*zq[j])", "delta[i,j] + 1")),
    instances=tuple(
        Point(
            (
                *numbers(n, n, s=1, t=0),
                Value("u", (ONE,) * n),
            ),
            (
                Model(
                    "D",
                    (Tensor("w", ("feature",)),),
                    (),
                    (Definition("z", ("i",), "1 + w[i]"),),
                ),
            ),
        )
        for n in (1, 2)
    ),
)
NORMAL = space(
    Normal("e", ("row",), "s"),
    Normal("x"),
    Function("r", (), ("x",)),
    Tensor("u", ("row",)),
    Tensor("v", ("feature",)),
    Tensor("c"),
    scalars=SCALARS,
    definitions=(Definition("U", ("k",), "u[k]"), Definition("Q", (), "sum[k](e[k]^2)")),
)
FALSE = {
    "a constant mean": (ROWS, "E(sum[k,i](Z[k,i]))", "n"),
    "a constant second moment": (ROWS, "E(sum[k,i,j](Z[k,i]*Z[k,j]))", "n*d + n"),
    "a row shared with another tensor": (ROWS, "E(sum[k](u[k]*Z[k,i]))", "n*sum[k](u[k])"),
    "an undeclared moment": (ROWS, "E(sum[k](Z[k,i]^3))", "n"),
    "different rows are independent": (ROWS, "E(sum[k,h](Z[k,i]*Z[h,j]))", "n^2"),
    "a variance left out": (NORMAL, "E(e[k]*e[h])", "delta[k,h]"),
    "entries are independent": (NORMAL, "E(sum[k,h](e[k]*e[h]))", "n^2*s"),
    "the fourth moment": (NORMAL, "E(x^4)", "1"),
    "the mean of a product": (NORMAL, "E(x*x)", "E(x)*E(x)"),
    "a function of x is no constant": (NORMAL, "E(r*x)", "0"),
    "given x, r is no constant": (NORMAL, "E[x](r*x)", "0"),
    "a conditional expectation over a constant": (NORMAL, "E[u](u[k])", "0"),
    "a conditional expectation over a definition": (NORMAL, "E[Q](Q)", "0"),
    "a delta between sorts": (NORMAL, "sum[i,k](u[k]*delta[i,k]*v[i])", "sum[i](v[i])"),
    "a sum over nothing": (NORMAL, "sum[i](1)", "1"),
    "the identity is not its trace": (NORMAL, "delta[i,j]", "delta[i,i]"),
    "free indices are not summed": (NORMAL, "u[k]*u[k]", "sum[k](u[k]*u[k])"),
    "free indices are not exchanged": (NORMAL, "u[k]*delta[h,g]", "u[h]*delta[k,g]"),
    "an inner index is not the outer one": (NORMAL, "u[k]*sum[k](u[k])", "sum[k](u[k]*u[k])"),
    "division by what may be zero": (NORMAL, "s/s", "1"),
    "division by any real": (NORMAL, "t/t", "1"),
    "division by zero": (NORMAL, "c/0", "c/0"),
    "division by a difference": (NORMAL, "1/(n - 1)", "1/(n - 1)"),
    "division by a tensor": (NORMAL, "c/c", "1"),
    "division by a random array": (NORMAL, "x/x", "1"),
    "division by a norm": (NORMAL, "1/(1 + c^2)", "1/(1 + c^2)"),
    "division by a negative number": (NORMAL, "c/(0 - 2)", "c/(0 - 2)"),
    "n is not d": (NORMAL, "n", "d"),
    "a sort as a scalar": (NORMAL, "row", "row"),
    "the expectation as a name": (NORMAL, "E", "E"),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_identities_are_refused(name: str) -> None:
    context, left, right = FALSE[name]
    assert refusal(context, identity(left, right))


@pytest.mark.parametrize(
    ("context", "left", "right"),
    [
        (ROWS, "E(sum[k,i](Z[k,i]))", "n*d"),
        (ROWS, "E(sum[k,i,j](Z[k,i]*Z[k,j]))", "n*d^2 + n*d"),
        (ROWS, "E(sum[k,h](Z[k,i]*Z[h,j]))", "n*(delta[i,j] + 1) + n*(n - 1)"),
        (ROWS, "E(sum[k](u[k]*Z[k,i]))", "sum[k](u[k])"),
        (NORMAL, "E(e[k]*e[h])", "s*delta[k,h]"),
        (NORMAL, "E(sum[k,h](e[k]*e[h]))", "n*s"),
        (NORMAL, "E(Q^2)", "n*(n + 2)*s^2"),
        (NORMAL, "E[e](x^2*Q)", "n*s*x^2"),
        (NORMAL, "sum[k](delta[k,h]*u[k])", "u[h]"),
        (NORMAL, "sum[k,h](delta[k,h]*u[k])", "sum[k](u[k])"),
        (NORMAL, "(n^2 - d^2)/(n + d)", "n - d"),
        (NORMAL, "u[k]*delta[k,h]*delta[h,g]", "delta[k,g]*u[g]*delta[g,h]"),
        (NORMAL, "1/(1 + t^2) + t^2/(1 + t^2)", "1"),
    ],
)
def test_true_identities_next_to_them_are_accepted(context: Context, left: str, right: str) -> None:
    assert refusal(context, identity(left, right)) == ""


CONTRADICTORY: dict[str, Callable[[], Context]] = {
    "a negative variance": lambda: space(Normal("z", (), "-1")),
    "a variance of any sign": lambda: space(Normal("z", (), "t"), scalars=SCALARS),
    "a random variance": lambda: space(Normal("x"), Normal("z", (), "x")),
    "numbers that are not equal": lambda: space(given=(Atom("bad", "1", "2"),)),
    "an order that is none": lambda: space(given=(Atom("bad", "0", "1", ">="),)),
    "an inverse of nothing": lambda: space(
        Tensor("M", ("feature", "row")),
        Tensor("N", ("row", "feature")),
        given=(Atom("bad", "sum[k](M[i,k]*N[k,j])", "delta[i,j]"),),
        instances=(Point((*numbers(0, 1), Value("M", ((),)), Value("N", ()))),) * 2,
    ),
}


@pytest.mark.parametrize("name", CONTRADICTORY)
def test_contexts_without_models_prove_nothing(name: str) -> None:
    context = CONTRADICTORY[name]
    assert refusal(context, ONE_IS_ZERO)
    assert refusal(context, identity("1", "1"))
