"""What only a mutant of the kernel made visible: false statements that a single slip would accept.

Each case is false in some model of its context and was accepted, or true and refused, by the kernel
with one place changed, unnoticed by the other fast tests.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from steps import TWO_D, accepted, claim, equal, identity, refusal, space, step

from verifier.proof.context import (
    Absolute,
    Atom,
    Context,
    Definition,
    Draws,
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
from verifier.proof.mean import Meaning
from verifier.proof.statements import (
    Attained,
    By,
    Claim,
    Conclude,
    Minimum,
    Null,
    Square,
    Step,
    Tree,
)
from verifier.proof.syntax import Fuel, ProofError
from verifier.theorem.refute import refute

LEVELS = (Scalar("mu", Fraction(0)), Scalar("kappa", Fraction(0)))


def law_of_f(*moments: Atom, isotropic: tuple[str, ...] = ("feature",)) -> Context:
    """y and x are fields of one draw, y of f as well, and m[i] is the mean of y x[i] given f."""
    fields = (Field("x", ("feature",)), Field("y", hidden=True))
    return space(
        Draws("X", "D", "x", "row"),
        Draws("Y", "D", "y", "row"),
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        Tensor("w", ("feature",)),
        Tensor("v", ("feature",)),
        scalars=(*TWO_D, *LEVELS),
        hidden=(Hidden("f", isotropic),),
        laws=(Law("D", fields, "f"),),
        definitions=(Definition("m", ("i",), "E[D](yq*xq[i])"),),
        moments=moments,
    )


# Equations are equations


@pytest.mark.parametrize("by", [By(rest="1"), By(squares=(Square("1", "1"),)), By(rest="n + 1")])
def test_only_an_inequality_has_something_left_over(by: By) -> None:
    assert refusal(space(), step(claim("1", "0"), by)).startswith("the two sides differ")
    assert not refusal(
        space(), step(claim("n + 1", "0", ">"), replace(by, rest="n + 1", squares=()))
    )


def test_the_bound_of_a_minimum_has_one_case() -> None:
    context = space(Tensor("a"))
    bound = Atom("bound", "a^2", "0", ">=")
    at, zero = Atom("at", "a^2"), (Atom("zero", "a"),)
    other = (Atom("other", "0", "1"),)
    square = By(squares=(Square("1", "a"),))
    steps = (
        Step("bound", Claim((), ((bound,), other)), Conclude(0, {"bound": square})),
        Step("equality", Claim((at,), (zero,)), _null()),
        Step("back", Claim(zero, ((at,),)), Conclude(0, {"at": By("a*zero")})),
        Step(
            "minimum",
            Minimum("a^2", "0", ("a",), (zero,)),
            Attained(0, (Definition("a", (), "0"),)),
            ("bound", "equality", "back"),
        ),
    )
    assert "the first step" in refusal(context, *steps)
    alone = replace(steps[0], statement=Claim((), ((bound,),)))
    assert not refusal(context, alone, *steps[1:])
    two = replace(steps[2], statement=Claim(zero, ((at,), other)))
    assert "a converse leads" in refusal(context, alone, steps[1], two, steps[3])
    more = replace(steps[2], statement=Claim((*zero, Atom("more", "n")), ((at,),)))
    assert "a converse leads" in refusal(context, alone, steps[1], more, steps[3])


def _null() -> Tree:
    return Null((Square("1", "a", "root"),), By("at"), Conclude(0, {"zero": By("root")}))


# Signs


def test_an_even_power_of_any_number_may_vanish() -> None:
    """A scalar without a minimum has no edge that strictness could exclude."""
    context = space(scalars=(Scalar("t", None, strict=True),))
    assert "not shown" in refusal(context, step(claim("t^2", "0", ">"), By(rest="t^2")))
    assert not refusal(context, step(claim("t^2", "0", ">="), By(rest="t^2")))


# Inverse pairs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum[j](M[i,j]*N[l,j])", "delta[i,l]"),
        ("sum[j](M[j,i]*N[j,l])", "delta[i,l]"),
        ("sum[j](M[i,j]*N[j,l])", "delta[p,j]"),
        ("sum[j](M[i,p]*N[j,l])", "delta[i,l]"),
        ("sum[j](M[i,j]*N[p,l])", "delta[i,l]"),
    ],
)
def test_other_equations_are_no_inverse_pair(left: str, right: str) -> None:
    square = ("feature", "feature")
    context = space(Tensor("M", square), Tensor("N", square), given=(Atom("pair", left, right),))
    assert not equal(context, "sum[j](M[i,j]*N[j,l])", "delta[i,l]")
    good = (Atom("pair", "sum[j](M[i,j]*N[j,l])", "delta[i,l]"),)
    assert equal(replace(context, given=good), "sum[j](M[i,j]*N[j,l])", "delta[i,l]")


# Moments and isotropy


def test_a_moment_is_at_free_indices_not_summed() -> None:
    with pytest.raises(ProofError, match="distinct free indices"):
        Meaning(law_of_f(Atom("total", "E(sum[i](xq[i]))", "mu")), Fuel(10**6))


def test_a_rank_of_four_is_not_computed() -> None:
    """The mean of m_j sum_i m_i^3 is that of m_j^4, not 0."""
    assert not equal(law_of_f(), "E(m[j]*sum[i](m[i]^3))", "0")
    assert equal(law_of_f(), "E(m[j]*sum[i](m[i]^2))", "0")


def test_isotropy_sees_what_is_outside() -> None:
    """E m_i^2 m_j m_l is no multiple of delta_jl where i is held fixed by a w_i outside."""
    context = law_of_f(Atom("fourth", "E(sum[i,j](m[i]^2*m[j]^2))", "d*kappa"))
    held = "E(sum[i](w[i]*m[i]^2*m[j]*m[l]))"
    assert not equal(context, held, "kappa*delta[j,l]*sum[i](w[i])")
    assert not equal(context, held, "kappa*delta[j,l]*sum[i](w[i])/d")
    assert equal(context, "E(sum[i](m[i]^2)*m[j]*m[l])", "kappa*delta[j,l]")
    assert not equal(context, "E(sum[i](m[i]^2)*m[j]*m[l])", "d*kappa*delta[j,l]")


def test_labels_of_a_given_moment_are_its_own() -> None:
    closed = law_of_f(Atom("signal", "E(sum[i](m[i]^2))", "d*sum[i](v[i]^2)"))
    assert equal(closed, "E(m[i]*m[j])", "delta[i,j]*sum[l](v[l]^2)")
    assert equal(closed, "sum[j](w[j]*E(m[i]*m[j]))", "w[i]*sum[l](v[l]^2)")
    assert equal(closed, "E(sum[i,j](w[i]*w[j]*m[i]*m[j]))", "sum[i,j](w[i]^2*v[j]^2)")
    table = law_of_f(Atom("second", "E(xq[i]*xq[j])", "delta[i,j]*sum[l](v[l]^2)"))
    assert equal(table, "E(sum[i](w[i]*xq[i]*xq[j]))", "w[j]*sum[l](v[l]^2)")
    assert equal(table, "E(sum[i,j](w[i]*w[j]*xq[i]*xq[j]))", "sum[i](w[i]^2)*sum[l](v[l]^2)")


def test_a_trace_without_the_size_is_not_divided_by_it() -> None:
    context = law_of_f(Atom("signal", "E(sum[i](m[i]^2))", "mu"))
    assert equal(context, "E(m[i]*m[j])", "E(m[j]*m[i])")
    assert not equal(context, "E(m[i]*m[j])", "mu*delta[i,j]")


def test_what_is_boxed_over_f_is_no_draw_any_more() -> None:
    """E_D (E_f y)^2 is not E y^2."""
    context = law_of_f(Atom("square", "E(yq^2)", "mu"), isotropic=())
    assert equal(context, "E(E[f](yq^2))", "mu") or equal(context, "E(yq^2)", "mu")
    assert not equal(context, "E(E[D](E[f](yq)^2))", "mu")
    assert not equal(context, "E(E[f](yq)^2)", "mu")


# Functions


def test_the_parity_of_an_absolute_value_is_that_of_its_argument() -> None:
    context = space(
        Normal("u"),
        Normal("x"),
        Normal("X", ("row", "feature")),
        Tensor("c"),
        Absolute("r", ("k",), "sum[i](X[k,i]) + u"),
        Absolute("s", (), "x + 1"),
        Absolute("t", (), "u*x"),
    )
    assert equal(context, "E(u*t)", "0")
    assert equal(context, "E(x*t)", "0")
    assert not equal(context, "E(x*s)", "0")
    assert not equal(context, "E(u*r[k])", "0")
    assert not equal(context, "E(u*x*r[k]*s)", "0")
    assert not equal(context, "E(X[k,i]*r[k])", "0")


def test_a_hat_matrix_is_even_and_needs_letters_for_rows() -> None:
    context = space(Normal("X", ("row", "feature")), Hat("H", "X", "n"))
    assert equal(context, "E(H[k,h]*X[g,i])", "0")
    assert not equal(context, "E(H[k,h]*X[g,i]*X[g,j])", "0")
    few = (Sort("row", "n", ("k", "h")), context.sorts[1])
    assert "three letters" in refusal(replace(context, sorts=few), identity("0"))


def test_the_moments_of_functions_are_counted() -> None:
    context = space(Normal("x"), Absolute("r", (), "x + 1"), Function("F", (), ("x",)))
    (one,) = accepted(context, identity("E(r*F^2)", "E(F*r*F)"))
    assert dict(one.moments) == {"r": 1, "F": 2}


# One instance of the context that most cases above use: its laws exist


def test_there_is_such_a_law() -> None:
    sign = tuple(
        Outcome(Fraction(1, 4), (Value("sign", (Fraction(a), Fraction(b))),))
        for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
    )
    fields = (Definition("x", ("i",), "z[i]"), Definition("y", (), "sum[i](sign[i]*z[i])"))
    point = Point(
        (
            *(Value(name, Fraction(number)) for name, number in (("n", 1), ("d", 2), ("mu", 1))),
            Value("kappa", Fraction(2)),
            Value("w", (Fraction(1), Fraction(2))),
            Value("v", (Fraction(1), Fraction(0))),
        ),
        (Model("f", (), sign), Model("D", (Tensor("z", ("feature",)),), (), fields)),
    )
    context = law_of_f()
    for false in (
        claim("E(m[j]*sum[i](m[i]^3))", "0"),
        claim("E(sum[i](w[i]*m[i]^2*m[j]*m[l]))", "kappa*delta[j,l]*sum[i](w[i])"),
        claim("E(E[D](E[f](yq)^2))", "E(yq^2)"),
    ):
        assert refute(context, false, point).reason
