"""In whatever order sources are integrated, the means are the same: Fubini, for copies as well.

D has a field x, and y = f(x), g of a hidden source f; fun is a function of two normal arrays.
"""

from __future__ import annotations

import pytest
from steps import TWO_D, equal, identity, refusal, space

from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Function,
    Hidden,
    Law,
    Normal,
    Slot,
)


def setting(odd: tuple[str, ...] = (), moments: tuple[Atom, ...] = ()) -> Context:
    fields = (Field("x", ("feature",)), Field("y", hidden=True))
    return space(
        Draws("X", "D", "x", "row"),
        Draws("y", "D", "y", "row"),
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        Normal("z"),
        Normal("u", ("feature",)),
        Function("fun", (), ("z", "u")),
        Function("mixed", (), ("f", "z")),
        scalars=TWO_D,
        hidden=(Hidden("f", ("feature",), odd),),
        laws=(Law("D", fields, "f"),),
        definitions=(Definition("m", ("i",), "E[D](yq*xq[i])"),),
        moments=moments,
    )


FREE = setting()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("E(E[f](yq))", "E(yq)"),
        ("E(E[f](y[k]))", "E(yq)"),
        ("E[D](E[f](y[k]))", "E[f](E[D](y[k]))"),
        ("E(E[f](y[k]^2*y[h]))", "E(y[k]^2*y[h])"),
        ("E(E[f](y[k]*yq)*X[k,i]*xq[j])", "E(m[i]*m[j])"),
        ("E(E[f](y[k]*X[k,i]))", "0"),
        ("E(E[f](y[k]*X[k,i])*E[f](yq*xq[j]))", "0"),
        ("E(E[f](yq)*yq)", "E(E[f](yq)^2)"),
        ("E[u](E[z](fun*u[i]))", "E[z](E[u](fun*u[i]))"),
        ("E(E[z](mixed)*yq)", "E(E[z](mixed*yq))"),
    ],
)
def test_the_order_does_not_matter(left: str, right: str) -> None:
    assert equal(FREE, left, right)
    assert refusal(FREE, identity(left, right)) == ""
    assert not equal(FREE, left, f"{right} + 1")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("E(E[f](yq)^2)", "E(yq^2)"),  # two copies of f, or one
        ("E(E[f](yq)*yq)", "E(yq^2)"),
        ("E(E[f](y[k])*E[f](y[h]))", "E(E[f](yq)^2)"),  # one row, or two
        ("E[D](E[f](yq)*yq)", "E[D](yq^2)"),
        ("E[D](y[k]*E[f](y[k]))", "E[f](E[D](y[k]^2))"),  # f itself and a copy, of one draw
        ("E(E[f](yq*mixed))", "E(yq)*E(mixed)"),
        ("E(E[z](fun)^2)", "E(fun^2)"),
    ],
)
def test_copies_are_not_merged(left: str, right: str) -> None:
    assert not equal(FREE, left, right)


def test_symmetries_and_moments_hold_for_copies() -> None:
    odd = setting(odd=("y",))
    for shared in ("E(E[f](y[k])*y[k])", "E(E[f](yq)*yq*m[i]*m[i])", "E(E[f](yq*m[i])*yq)"):
        assert not equal(odd, shared, "0"), shared  # one draw, at f and at a copy of f
    assert equal(odd, "E(E[f](y[k]))", "0")
    assert not equal(odd, "E(E[f](y[k])^2)", "E(E[f](yq^2))")
    given = setting(
        moments=(
            Atom("mean", "E(yq)", "7*d"),
            Atom("square", "E(E[D](yq)^2)", "d^2"),
            Atom("trace", "E(sum[i](m[i]^2))", "5*d"),
        )
    )
    assert equal(given, "E(E[f](y[k]))", "7*d")
    assert equal(given, "E(E[f](y[k]*yq))", "d^2")
    assert equal(given, "E(E[f](y[k]*yq)*X[k,i]*xq[j])", "5*delta[i,j]")
    assert equal(given, "E(sum[i](E[f](y[k]*yq)*X[k,i]*xq[i]))", "5*d")
    # two draws, each at a copy of its own: the product of the means
    assert equal(given, "E(E[f](yq)*E[f](y[k]))", "(7*d)^2")


def test_a_moment_of_copies_is_not_one_of_the_source_itself() -> None:
    """E_D (E_f y)^2 = 2 was read as E y^2 = 2 while the copies of f were taken for f."""
    given = setting(moments=(Atom("copies", "E(E[f](yq)^2)", "2"),))
    assert not equal(given, "E(yq^2)", "2")
    assert equal(given, "E(E[f](yq)^2)", "2")
    assert not equal(given, "E(E[D](yq)^2)", "2")
    indexed = setting(moments=(Atom("copies", "E(E[f](yq*xq[i])*E[f](yq*xq[j]))", "0"),))
    assert "needs distinct free indices" in refusal(indexed)
    one = setting(moments=(Atom("one", "E(E[f](yq))", "3"),))
    assert equal(one, "E(yq)", "3")


def test_moments_may_be_fractions() -> None:
    given = setting(
        moments=(Atom("third", "E(yq)", "1/3"), Atom("half", "E(xq[i]*xq[j])", "3*delta[i,j]/2"))
    )
    assert equal(given, "3*E(yq)", "1")
    assert equal(given, "E(y[k])*E(X[k,i]*X[k,i])", "1/2")


def test_an_index_that_is_free_is_not_summed_over() -> None:
    """m_i m_i m_j m_l has rank 4 where i is free: it is no multiple of delta_jl."""
    trace = "delta[j,l]*E(sum[p](m[i]*m[i]*m[p]*m[p]))/d"
    assert not equal(FREE, "E(m[i]*m[i]*m[j]*m[l])", trace)
    summed = "delta[j,l]*E(sum[i,p](m[i]*m[i]*m[p]*m[p]))/d"
    assert equal(FREE, "E(sum[i](m[i]*m[i]*m[j]*m[l]))", summed)
