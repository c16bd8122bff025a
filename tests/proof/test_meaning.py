"""What an expression means, by hand, and for each meaningless one the reason why it has none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning, Value, evaluate, is_positive

from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor

CONTEXT = Context(
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("p", Fraction(0), strict=True),
        Scalar("b"),
        Scalar("q", strict=True),
    ),
    sorts=(("row", "n"), ("column", "d"), ("endless", "")),
    tensors=(
        Tensor("u", ("row",)),
        Tensor("v", ("row",)),
        Tensor("c", ("column",)),
        Tensor("M", ("row", "row")),
        Tensor("N", ("row", "row")),
        Tensor("K", ("row", "row")),
        Tensor("T", ("row", "row", "row")),
        Tensor("t", ()),
        Tensor("z", ("endless",)),
        Tensor("Z", ("row", "column")),
        Tensor("W", ("row", "column")),
        Tensor("x", ("column",)),
        Tensor("e", ()),
    ),
    laws=(
        Law("normal", ("x",), "p"),
        Law("normal", ("e",)),
        Law("rows", ("Z", "W"), moments=(((2, 0), "delta[s1,s2]"), ((1, 1), "c[s1]*c[s2]"))),
    ),
    flips=(("Z", "W", "x"),),
    definitions=(
        Definition("f", ("i", "j"), "u[i]*v[j]"),
        Definition("g", ("i",), "u[i]", sorts=("row",)),
        Definition("own", ("i",), "delta[i,i]", sorts=("row",)),
    ),
    inverses=(("M", "N"),),
)
H = Equation("h", "u[i]*c[j]", "0")


def means(text: str) -> Value:
    return Meaning(CONTEXT, (H,)).value(text)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("-t + t", "0"),
        ("-t", "0 - t"),
        ("-(t - n)", "n - t"),
        ("1/2 + 1/2", "1"),
        ("t/2", "t*(1/2)"),
        ("3/2*t/(3/4)", "2*t"),
        ("t/n + t/d", "(t*d + t*n)/(n*d)"),
        ("1/n - 1/(n+1)", "1/(n*(n+1))"),
        ("(t/n)^2*n", "t^2/n"),
        ("t^0", "1"),
        ("f[i,j]", "u[i]*v[j]"),
        ("f[j,i]", "v[i]*u[j]"),
        ("sum[i](g[i])", "sum[k](u[k])"),
        ("sum[i](delta[i,j] + 0*u[i])", "1 + 0*u[j]"),
        ("sum[i,j](delta[i,j] + 0*u[i])", "n"),
        ("sum[i,j](delta[i,j]*delta[j,i] + 0*u[i])", "n"),
        ("sum[i](u[i]*sum[a,b,k](T[a,b,k])^2)", "sum[i](u[i])*sum[a,b,k](T[a,b,k])^2"),
        (
            "sum[a](u[a]*sum[a,b](K[a,b])*M[i,j]*sum[a,b](N[a,b]))",
            "sum[a](u[a])*sum[a,b](K[a,b])*M[i,j]*sum[k,l](N[k,l])",
        ),
        # only a matrix and its inverse, joined by a summed index that joins nothing else
        ("sum[j](M[i,j]*N[j,k])", "delta[i,k]"),
        ("sum[j](N[i,j]*M[j,k])", "delta[i,k]"),
        ("sum[i,j](M[i,j]*N[j,i])", "n"),
        ("sum[i,j](u[i]*M[i,j]*N[j,k])", "u[k]"),
        ("sum[j](K[i,j]*sum[k](M[j,k]*N[k,l]))", "K[i,l]"),
        ("sum[j,k](M[i,j]*N[j,k]*M[k,l])", "M[i,l]"),
        ("sum[j,k](K[i,j]*M[j,k]*N[k,l])", "K[i,l]"),
        # an odd number of arrays that change sign together, though no such moment is declared
        ("E(sum[k](Z[k,i]))", "0"),
        ("E(sum[k](Z[k,i]*Z[k,j]*x[l]))", "0"),
        ("E(sum[k](Z[k,i]*Z[k,j]))", "n*delta[i,j]"),
        ("E(sum[k](Z[k,i]*W[k,j]*x[l]*t))", "0"),
        ("E(sum[k,i](Z[k,i]*Z[k,i]*x[l]*x[m]))", "n*d*p*delta[l,m]"),
        ("E(e*x[i])", "0"),
        ("E(e^4 + e^3)", "3"),
        ("E[e](e^2*t)", "t"),
        ("E[e](e^2*x[i])", "x[i]"),
        ("delta[i,j]*u[j]", "delta[i,j]*u[i]"),
        ("u[j]*delta[i,j]", "u[i]*delta[i,j]"),
        ("delta[i,j]*u[j]", "u[i]*delta[j,i]"),
        ("sum[i](own[i])", "n"),
    ],
)
def test_equal_by_hand(left: str, right: str) -> None:
    assert Meaning(CONTEXT).equal(left, right)
    assert not Meaning(CONTEXT).equal(left, f"({right}) + 1")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("-t", "-2*t"),
        ("1/2", "2"),
        ("sum[j](M[i,j]*M[j,k])", "delta[i,k]"),
        ("sum[j](M[i,j]*K[j,k])", "delta[i,k]"),
        ("sum[j](M[i,j]*N[k,j])", "delta[i,k]"),
        ("sum[j](M[j,i]*N[j,k])", "delta[i,k]"),
        ("M[i,j]*N[j,k]", "delta[i,k]"),
        ("sum[j](M[i,j]*N[j,k]*u[j])", "delta[i,k]*u[i]"),
        ("sum[j](M[i,j]*N[j,k]*u[j])", "delta[i,k]*sum[j](u[j])"),
        ("sum[j,l](M[i,j]*u[j]*N[l,k])", "delta[i,k]*sum[j](u[j])"),
        ("sum[j](M[i,j]*N[k,j])", "1 + 0*u[i]*u[k]"),
        ("sum[i,j](M[i,i]*N[i,j])", "n"),
        ("sum[j](M[j,j]*N[j,k])", "u[k]"),
        ("sum[j](M[i,j]*N[j,i])", "n"),
    ],
)
def test_unequal_by_hand(left: str, right: str) -> None:
    assert not Meaning(CONTEXT).equal(left, right)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("delta[i]", "delta takes two indices"),
        ("delta[i,j,k]*u[i]", "delta takes two indices"),
        ("f[i]", "'f' takes 2 indices, not 1"),
        ("g[i,j]", "'g' takes 1 indices, not 2"),
        ("g[i]*c[i]", "both as"),
        ("h[i]", "equation 'h' has 2 free indices, not 1"),
        ("h[i,j,k]", "equation 'h' has 2 free indices, not 3"),
        ("h[i,i]", "both as"),
        ("n[i]", "'n' with 1 indices is not declared"),
        ("u", "'u' with 0 indices is not declared"),
        ("u[i,j]", "'u' with 2 indices is not declared"),
        ("nothing", "'nothing' with 0 indices is not declared"),
        ("sum[i](1)", "no tensor in it carries"),
        ("sum[i](delta[i,j])", "no tensor in it carries"),
        ("1/t", "non-zero expression in scalars"),
        ("1/(n + t^2)", "non-zero expression in scalars"),
        ("1/0", "non-zero expression in scalars"),
        ("1/(n - n)", "non-zero expression in scalars"),
        ("1/b", "not shown to be positive"),
        ("1/(0-n)", "not shown to be positive"),
        ("E(Z[k,i]*Z[k,j])", "a row index that is not summed"),
        ("E(sum[k](u[k]*Z[k,i]*W[k,j]))", "elsewhere than as a row index"),
        ("E(sum[k](W[k,i]*W[k,j]))", "is not declared"),
        ("E[x](x[i])", "share a sign change"),
        ("E[e,x](e)", "share a sign change"),
        ("E[Z](t)", "needs independent normal arrays"),
        ("E[Z,e](e)", "needs independent normal arrays"),
        ("E[t](t)", "needs independent normal arrays"),
        ("E(e^14)", "a Gaussian moment of degree above 12"),
        ("E(e^12*x[i]^12*x[i]^2)", "a Gaussian moment of degree above 12"),
        ("E(e^12) + " * 20 + "E(e^12)", "pairings"),
        ("E(" + "*".join(f"sum[k](Z[k,i{j}]*W[k,j{j}])" for j in range(8)) + ")", "row indices"),
    ],
)
def test_what_has_no_meaning_says_why(text: str, reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        means(text)


@pytest.mark.parametrize("name", ["n", "t", "u", "f", "Z"])
def test_an_assumed_equation_takes_no_name_that_has_a_meaning(name: str) -> None:
    with pytest.raises(ProofError, match="already taken"):
        Meaning(CONTEXT, (Equation(name, "t", "0"),))
    with pytest.raises(ProofError, match="already taken"):
        Meaning(CONTEXT, (H, H))


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        (Law("normal", ("x",), "p/n"), "a variance must be a polynomial"),
        (Law("normal", ("x",), "b"), "not shown to be non-negative"),
        (
            Law("joint", ("x",), moments=(((2,), "delta[s1,s2]/n"),)),
            "a moment must be a polynomial",
        ),
        (Law("joint", ("x",), moments=(((2,), "c[s1]"),)), "is not symmetric"),
        (Law("joint", ("x",), moments=(((2,), "c[s3]*c[s3]"),)), "has an index not in"),
        (Law("joint", ("x",), moments=(((1,), "c[s1]"),)), "makes it so"),
    ],
)
def test_laws_without_meaning_say_why(law: Law, reason: str) -> None:
    where = replace(CONTEXT, laws=(law,), flips=(("x",),))
    with pytest.raises(ProofError, match=reason):
        Meaning(where).value("E(x[i]*x[j])")


def test_a_moment_between_two_sorts_is_refused() -> None:
    law = Law("joint", ("y", "x"), moments=(((1, 1), "delta[s1,s2]"),))
    where = Context(
        CONTEXT.scalars, CONTEXT.sorts, (*CONTEXT.tensors, Tensor("y", ("row",))), laws=(law,)
    )
    with pytest.raises(ProofError, match="different sorts"):
        Meaning(where).value("E(1)")


@pytest.mark.parametrize(
    ("text", "strict", "shown"),
    [
        ("b^2*p", False, True),
        ("b^2*p", True, False),
        ("p*q^2", True, False),
        ("q^2", True, False),
        ("b^2 + p", True, True),
        ("n*p", True, True),
        ("n*p + 1", True, True),
        ("p", True, True),
        ("n - 1", False, True),
        ("n - 1", True, False),
        ("b - b", False, True),
        ("b - b", True, False),
        ("b*p", False, False),
        ("p - 1", False, False),
    ],
)
def test_signs_by_hand(text: str, strict: bool, shown: bool) -> None:
    value = Meaning(CONTEXT).value(text)
    assert is_positive(CONTEXT, value.numerator, strict) is shown


HALF, TWO = Fraction(1, 2), Fraction(2)
SCALARS = {"n": TWO, "d": Fraction(1), "p": TWO, "b": HALF, "q": HALF}
TENSORS: dict[str, object] = {
    "u": (TWO, HALF),
    "M": ((TWO, HALF), (Fraction(3), Fraction(5))),
    "t": Fraction(7),
}


@pytest.mark.parametrize(
    ("text", "at", "value"),
    [
        ("1/(n + 1)", {}, Fraction(1, 3)),
        ("t/(n*p)", {}, Fraction(7, 4)),
        ("sum[i](u[i])", {}, Fraction(5, 2)),
        ("sum[i](u[i]*u[i])", {}, Fraction(17, 4)),
        ("sum[i,j](M[i,j]*u[i])", {}, Fraction(9)),
        ("sum[i](M[i,i])", {}, Fraction(7)),
        ("M[i,j]", {"i": 1, "j": 0}, Fraction(3)),
        ("delta[i,j]*u[i]", {"i": 1, "j": 1}, HALF),
        ("delta[i,j]*u[i]", {"i": 0, "j": 1}, Fraction(0)),
        ("E(e^2)*b^2", {}, Fraction(1, 4)),
    ],
)
def test_values_at_a_point(text: str, at: dict[str, int], value: Fraction) -> None:
    assert evaluate(Meaning(CONTEXT), text, SCALARS, TENSORS, at) == value


@pytest.mark.parametrize(
    ("text", "tensors", "reason"),
    [
        ("u[i]", TENSORS, "no value is given for a free index"),
        ("sum[i](z[i])", {"z": (TWO,)}, "without a declared size"),
        ("t", {}, "no value of the right shape is given for 't'"),
        ("t", {"t": (TWO,)}, "no value of the right shape is given for 't'"),
        ("t", {"t": 2}, "no value of the right shape is given for 't'"),
        ("sum[i](u[i])", {"u": (TWO,)}, "no value of the right shape is given for 'u'"),
        ("sum[i](u[i])", {"u": TWO}, "no value of the right shape is given for 'u'"),
        ("sum[i](M[i,i])", {"M": (TWO, TWO)}, "no value of the right shape is given for 'M'"),
    ],
)
def test_points_without_a_value_say_why(text: str, tensors: dict[str, object], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        evaluate(Meaning(CONTEXT), text, SCALARS, tensors)


def test_a_scalar_without_a_value_is_refused() -> None:
    with pytest.raises(ProofError, match="no value is given for 'p'"):
        evaluate(Meaning(CONTEXT), "p", {}, {})


def test_the_summed_indices_of_a_moment_are_its_own() -> None:
    law = Law("joint", ("x",), moments=(((2,), "sum[k](K[s1,k]*K[s2,k])"),))
    where = Context(
        CONTEXT.scalars,
        CONTEXT.sorts,
        (Tensor("x", ("row",)), Tensor("K", ("row", "row")), Tensor("M", ("row", "row"))),
        laws=(law,),
    )
    meaning = Meaning(where)
    assert meaning.equal("E(x[i]*x[j])", "sum[k](K[i,k]*K[j,k])")
    mean = "sum[i,j,k](K[i,k]*K[j,k]*M[i,j])"
    assert meaning.equal("E(sum[i,j](x[i]*x[j]*M[i,j]))", mean)
    squared = f"({mean})*sum[a,b](M[a,b]*M[b,a])"
    assert meaning.equal("E(sum[i,j,a,b](x[i]*x[j]*M[i,j]*M[a,b]*M[b,a]))", squared)


def test_a_conditional_expectation_over_what_a_moment_depends_on_is_refused() -> None:
    """Given Z, e has no longer its own law where e scales Z."""
    scaled = Law("rows", ("Z",), moments=(((2,), "e^2*delta[s1,s2]"),))
    where = replace(CONTEXT, laws=(scaled, Law("normal", ("e",))), flips=())
    assert Meaning(where).equal("E(sum[k](Z[k,i]*Z[k,j]))", "n*delta[i,j]")
    with pytest.raises(ProofError, match="needs independent normal arrays"):
        Meaning(where).value("E[e](e)")
