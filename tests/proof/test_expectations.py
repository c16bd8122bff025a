"""Expectations against calculations by hand: Wishart moments, rows of laws, hidden sources.

`test_agreement.py` compares the same code with direct evaluation at random points.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from steps import EVERY_D, ONE, SIZES, TWO_D, equal, space

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
    Normal,
    Scalar,
    Slot,
    Tensor,
)
from verifier.proof.draws import MAX_ROWS
from verifier.proof.mean import Meaning
from verifier.proof.syntax import Fuel, ProofError

WISHART = space(
    Normal("X", ("row", "feature")),
    Normal("w", ("feature",)),
    Normal("z", (), "s"),
    Tensor("u", ("row",)),
    Tensor("M", ("feature", "feature")),
    scalars=(*EVERY_D, Scalar("s", Fraction(0))),
    definitions=(
        Definition("S", ("i", "j"), "sum[k](X[k,i]*X[k,j])"),
        Definition("trace", (), "sum[i](S[i,i])"),
    ),
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        # Muirhead (1982), section 3.2; Letac and Massam (2004) for the third power
        ("E(S[i,j])", "n*delta[i,j]"),
        (
            "E(S[i,j]*S[l,p])",
            "n^2*delta[i,j]*delta[l,p] + n*(delta[i,l]*delta[j,p] + delta[i,p]*delta[j,l])",
        ),
        ("E(sum[i,j](S[i,j]*S[j,i]))", "n*d*(n + d + 1)"),
        (
            "E(sum[i,j,l](S[i,j]*S[j,l]*S[l,i]))",
            "n*d*(n^2 + d^2 + 3*n*d + 3*n + 3*d + 4)",
        ),
        ("E(trace^2)", "n*d*(n*d + 2)"),
        ("E(trace^3)", "n*d*(n*d + 2)*(n*d + 4)"),
        ("E(sum[i](w[i]^2)^2)", "d*(d + 2)"),
        ("E(z^4)", "3*s^2"),
        ("E(z^6)", "15*s^3"),
        ("E(z^5)", "0"),
        ("E((z + 1)^4)", "3*s^2 + 6*s + 1"),
        ("E(X[k,i]*X[h,j])", "delta[k,h]*delta[i,j]"),
        ("E(X[k,i]^2*X[h,i]^2)", "1 + 2*delta[k,h]"),
        ("E(sum[k](u[k]*X[k,i])^2)", "sum[k](u[k]^2)"),
        (
            "E(sum[i,j](w[i]*M[i,j]*w[j])^2)",
            "sum[i](M[i,i])^2 + sum[i,j](M[i,j]^2 + M[i,j]*M[j,i])",
        ),
        ("E(X[k,i]*w[i])", "0"),
    ],
)
def test_normal_arrays(left: str, right: str) -> None:
    assert equal(WISHART, left, right)
    assert not equal(WISHART, left, f"{right} + s")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("E[w](w[i]*w[j]*z)", "delta[i,j]*z"),
        ("E[X](S[i,j]*w[i])", "n*delta[i,j]*w[i]"),
        ("E[X,w](S[i,j]*w[i]^2)", "n*delta[i,j]"),
        ("E[z](z)", "0"),
        ("E[w](z)", "z"),
        ("E(E[w](z*w[i]^2)*z)", "s"),
        ("E(E[X](S[i,j]*z)^2)", "n^2*delta[i,j]*s"),
        ("E[w](E[X](S[i,j]*w[i]*w[j]))", "E[X](E[w](S[i,j]*w[i]*w[j]))"),
        ("E(E(z^2)*z^2)", "s^2"),
        ("E(z^2)*z", "s*z"),
        ("E[X,z](w[i]*z^2)", "E[z,X](w[i]*z^2)"),
    ],
)
def test_subsets_of_sources_and_nested_expectations(left: str, right: str) -> None:
    assert equal(WISHART, left, right)
    assert not equal(WISHART, left, f"{right} + s*z")


# Laws: rows, slots, two fields of one draw

PAIR = space(
    Draws("x", "D", "a", "row"),
    Draws("y", "D", "b", "row"),
    Slot("xq", "D", "a", "q"),
    Slot("yq", "D", "b", "q"),
    Slot("xp", "D", "a", "p"),
    Tensor("u", ("row",)),
    *(Tensor(name) for name in ("m1", "m2", "m3", "c1", "c11")),
    scalars=EVERY_D,
    laws=(Law("D", (Field("a"), Field("b"))),),
    moments=(
        Atom("first", "E(xq)", "m1"),
        Atom("second", "E(xq^2)", "m2"),
        Atom("third", "E(xq^3)", "m3"),
        Atom("other", "E(yq)", "c1"),
        Atom("mixed", "E(xq*yq)", "c11"),
    ),
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("E(x[k])", "m1"),
        ("E(x[k]*x[h])", "m1^2 + delta[k,h]*(m2 - m1^2)"),
        ("E(x[k]*x[k])", "m2"),
        ("E(sum[k](x[k])^2)", "n*m2 + n*(n - 1)*m1^2"),
        ("E(sum[k](x[k])^3)", "n*m3 + 3*n*(n - 1)*m2*m1 + n*(n - 1)*(n - 2)*m1^3"),
        ("E(sum[k](x[k]*u[k])^2)", "sum[k](u[k]^2)*(m2 - m1^2) + sum[k](u[k])^2*m1^2"),
        ("E(x[h]*sum[k](x[k]))", "m2 + (n - 1)*m1^2"),
        ("E(x[k]*y[k])", "c11"),
        ("E(x[k]*y[h])", "m1*c1 + delta[k,h]*(c11 - m1*c1)"),
        ("E(sum[k](x[k]*y[k]))", "n*c11"),
        ("E(sum[k](x[k])*sum[k](y[k]))", "n*c11 + n*(n - 1)*m1*c1"),
        (
            "E(x[k]*x[h]*x[g])",
            "m1^3 + (delta[k,h] + delta[h,g] + delta[k,g])*(m2*m1 - m1^3)"
            " + delta[k,h]*delta[h,g]*(m3 - 3*m2*m1 + 2*m1^3)",
        ),
        # slots: the same draw, another draw, never a row
        ("E(xq*yq)", "c11"),
        ("E(xq*xp)", "m1^2"),
        ("E(yq*xp)", "m1*c1"),
        ("E(xq*x[k])", "m1^2"),
        ("E(xq^2*sum[k](x[k]))", "n*m2*m1"),
        # what is not given stays what it is
        ("E(x[k]*y[k]^2)", "E(xq*yq^2)"),
        ("E(y[k]^2*y[h])", "E(yq^2)*c1 + delta[k,h]*(E(yq^3) - E(yq^2)*c1)"),
        ("E(sum[k](y[k]^2))", "n*E(yq^2)"),
    ],
)
def test_draws_of_a_law(left: str, right: str) -> None:
    assert equal(PAIR, left, right)
    assert not equal(PAIR, left, f"{right} + m1")


def test_a_moment_that_is_not_given_is_no_product() -> None:
    for left, right in (
        ("E(yq^2)", "E(yq)^2"),
        ("E(xq*yq^2)", "m1*E(yq^2)"),
        ("E(y[k]^2*y[h])", "E(yq^2)*c1"),
        ("E(x[k]*x[h])", "m1^2"),
    ):
        assert not equal(PAIR, left, right), left


def test_vectors_of_one_draw_keep_their_indices() -> None:
    """Covariates with E x = 0, E x x' = c I; the fourth moment is a symmetric box."""
    context = space(
        Draws("X", "D", "x", "row"),
        Slot("xq", "D", "x", "q"),
        scalars=(Scalar("c", Fraction(0)),),
        laws=(Law("D", (Field("x", ("feature",)),)),),
        moments=(
            Atom("centred", "E(xq[i])", "0"),
            Atom("cov", "E(xq[i]*xq[j])", "c*delta[i,j]"),
        ),
    )
    for left, right in {
        "E(X[k,i]*X[h,j])": "c*delta[k,h]*delta[i,j]",
        "E(sum[k](X[k,i]*X[k,j]))": "n*c*delta[i,j]",
        "E(X[k,i]*X[k,j]*X[h,l]*X[h,p])": "c^2*delta[i,j]*delta[l,p]"
        " + delta[k,h]*(E(xq[i]*xq[j]*xq[l]*xq[p]) - c^2*delta[i,j]*delta[l,p])",
        "E(xq[i]*xq[j]*xq[l]*xq[p])": "E(xq[l]*xq[i]*xq[p]*xq[j])",
        "E(sum[i](X[k,i]*X[h,i]))": "delta[k,h]*c*d",
        "E(sum[i](xq[i]))": "0",
    }.items():
        assert equal(context, left, right), left
        assert not equal(context, left, f"{right} + c"), left


def test_nobody_says_that_a_given_moment_is_symmetric() -> None:
    """E x x' = M makes M symmetric in models; normal forms keep one of the two orders."""
    context = space(
        Slot("xq", "D", "x", "q"),
        Tensor("M", ("feature", "feature")),
        laws=(Law("D", (Field("x", ("feature",)),)),),
        moments=(Atom("cov", "E(xq[i]*xq[j])", "M[i,j]"),),
    )
    either = [equal(context, "E(xq[i]*xq[j])", right) for right in ("M[i,j]", "M[j,i]")]
    assert sum(either) == 1
    assert equal(context, "E(xq[i]^2)", "M[i,i]")


def test_at_most_ten_rows() -> None:
    context = space(
        Draws("x", "D", "a", "row"),
        laws=(Law("D", (Field("a"),)),),
        moments=(),
    )
    meaning = Meaning(context, Fuel(100_000))
    power = f"sum[k](x[k])^{MAX_ROWS + 1}"
    with pytest.raises(ProofError, match=f"a product of draws in more than {MAX_ROWS} rows"):
        meaning.value(context.read(f"E({power})"))


# Hidden sources


def hidden(
    isotropic: bool = False,
    odd: tuple[str, ...] = (),
    sizes: tuple[Scalar, ...] = SIZES,
    moments: tuple[Atom, ...] = (),
) -> Context:
    """x and y = f(x) + noise of one draw; m = E[D](y x), v = E[D](y^2 x x'), c = E[D](y^3 x)."""
    return space(
        Draws("X", "D", "x", "row"),
        Draws("y", "D", "y", "row"),
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        Slot("yp", "D", "y", "p"),
        Tensor("t", ("feature",)),
        Normal("z", ("feature",)),
        Function("fun", (), ("f",)),
        scalars=(*sizes, Scalar("mud", Fraction(0))),
        hidden=(Hidden("f", ("feature",) if isotropic else (), odd),),
        laws=(Law("D", (Field("x", ("feature",)), Field("y", (), hidden=True)), "f"),),
        definitions=(
            Definition("mean", (), "E[D](yq)"),
            Definition("m", ("i",), "E[D](yq*xq[i])"),
            Definition("v", ("i", "j"), "E[D](yq^2*xq[i]*xq[j])"),
            Definition("c", ("i",), "E[D](yq^3*xq[i])"),
        ),
        moments=moments,
    )


TRACE = Atom("size", "E(sum[i](m[i]^2))", "d*mud")


def test_draws_share_the_hidden_source_and_nothing_else() -> None:
    context = hidden()
    for left, right in {
        "E[D](y[k])": "mean",
        "E(y[k])": "E(mean)",
        "E(yq*yp)": "E(mean^2)",
        "E(y[k]*y[h])": "E(mean^2) + delta[k,h]*(E(E[D](yq^2)) - E(mean^2))",
        "E(yq*yp*y[k])": "E(mean^3)",
        "E[D](sum[k](y[k]*X[k,i]))": "n*m[i]",
        "E(sum[k](y[k]*X[k,i])*yq*xq[j])": "n*E(m[i]*m[j])",
        "E(X[k,i]*yq)": "E(xq[i])*E(mean)",
        "E(m[i]*m[j])": "E(m[j]*m[i])",
        "E[f](E[D](yq))": "E(yq)",
        "E[D](fun*yq)": "fun*mean",
        "E[D,f](fun*yq)": "E(fun*mean)",
    }.items():
        assert equal(context, left, right), left
    for left, right in {
        "E(yq*yp)": "E(mean)^2",
        "E(m[i]*m[j])": "E(m[i])*E(m[j])",
        "E(y[k]*y[h])": "E(mean)^2",
        "E[f](yq)": "E(yq)",
        "E[f](yq*yp)": "E[f](yq)*E[f](yp)",
        "E[D](E[f](yq*yp))": "E[D](E[f](yq))*E[D](E[f](yp))",
        "E(fun*mean)": "E(fun)*E(mean)",
    }.items():
        assert not equal(context, left, right), left


def test_given_moments_of_a_hidden_source_replace_whole_boxes_only() -> None:
    moments = (Atom("square", "E(m[i]*m[j])", "mud*delta[i,j]"), Atom("zero", "E(mean)", "0"))
    context = hidden(moments=moments)
    assert equal(context, "E(m[i]*m[j])", "mud*delta[i,j]")
    assert equal(context, "E(sum[i](m[i]*t[i])^2)", "mud*sum[i](t[i]^2)")
    assert equal(context, "E(sum[i](m[i]^2))", "d*mud")
    assert equal(context, "E(y[k])", "0")
    assert equal(context, "E(sum[k](y[k]*X[k,i])*yq*xq[j])", "n*mud*delta[i,j]")
    assert not equal(context, "E(m[i]*m[j]*mean)", "0")
    assert not equal(context, "E(m[i]*m[j]*m[l]*m[l])", "mud^2*delta[i,j]")
    assert not equal(context, "E(fun*mean)", "0")
    closed = hidden(moments=(TRACE,))
    assert equal(closed, "E(sum[i](m[i]*m[i]))", "d*mud")
    assert not equal(closed, "E(m[i]*m[j])", "mud*delta[i,j]")  # nobody said isotropic


def test_odd_fields() -> None:
    context = hidden(odd=("y",), sizes=EVERY_D)
    for zero in ("E(mean)", "E(m[i])", "E(m[i]*m[j]*mean)", "E(c[i])", "E(y[k]*y[h]*yq)"):
        assert equal(context, zero, "0"), zero
    for other in (
        "E(mean^2)",
        "E(m[i]*m[j])",
        "E(v[i,j])",
        "E(xq[i])",
        "E(fun*mean)",
        "mean",
        "E[f](yq)",
        "E[f](yq*xq[i])",
        "E(v[i,j]*m[l]*fun)",
    ):
        assert not equal(context, other, "0"), other
    both = hidden(odd=("x", "y"), sizes=EVERY_D)
    assert equal(both, "E(mean)", "0")
    assert not equal(both, "E(m[i])", "0")  # x and y change sign together
    assert not equal(both, "E(xq[i])", "0")  # the law of x is not of f


@pytest.mark.parametrize("sizes", [EVERY_D, SIZES, TWO_D], ids=["d>=0", "d>=1", "d>=2"])
def test_isotropy_by_rank_and_size(sizes: tuple[Scalar, ...]) -> None:
    """Ranks 1 and 3 vanish for d >= 2, rank 2 is delta times the trace over d for d >= 1."""
    low = sizes[1].minimum
    context = hidden(isotropic=True, sizes=sizes, moments=(TRACE,))
    for odd_rank in ("E(m[i])", "E(m[i]*mean)", "E(m[i]*m[j]*m[l])", "E(sum[i](m[i]^2)*m[j])"):
        assert equal(context, odd_rank, "0") == (low == 2), odd_rank
    assert equal(context, "E(m[i]*m[j])", "mud*delta[i,j]") == (low != 0)
    assert not equal(context, "E(mean)", "0")  # rank 0
    assert not equal(context, "E(m[i]*m[j]*m[l]*m[p])", "0")  # rank 4


ISOTROPIC = hidden(isotropic=True, sizes=TWO_D, moments=(TRACE,))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        # places, not letters, are counted
        ("E(m[i]*m[i])", "mud"),
        ("E(m[i]^3)", "0"),
        ("E(m[i]^2*m[j])", "0"),
        ("E(sum[i](m[i]))", "0"),
        ("E(sum[i](m[i])^3)", "0"),
        ("E(sum[i](m[i]*m[j]))", "mud"),
        ("E(sum[i,j](m[i]*m[j]))", "d*mud"),
        # labels that are carried outside of the box
        ("E(sum[i](t[i]*m[i]))", "0"),
        ("E(sum[i,j](t[i]*m[i]*m[j]*t[j]))", "mud*sum[i](t[i]^2)"),
        ("E(sum[i](t[i]*m[i]*m[i]))", "mud*sum[i](t[i])"),
        ("E(sum[i](t[i]*m[i]*m[j]))", "mud*t[j]"),
        ("E[f](sum[i](z[i]*m[i])^2)", "mud*sum[i](z[i]^2)"),
        ("E(sum[i](z[i]*m[i])^2)", "d*mud"),
        ("E(sum[i](t[i]*m[i])^3)", "0"),
        # sums inside
        ("E(sum[j](v[j,j])*m[i])", "0"),
        ("E(sum[j](v[i,j]*m[j]))", "0"),
        ("E(sum[k](y[k]*X[k,i])*yq*xq[j])", "n*mud*delta[i,j]"),
    ],
)
def test_isotropy_counts_places(left: str, right: str) -> None:
    assert equal(ISOTROPIC, left, right)
    assert not equal(ISOTROPIC, left, f"{right} + mud")


@pytest.mark.parametrize(
    "left",
    [
        "E(m[i]*v[j,l])",  # rank 3, symmetric in j and l only
        "E(sum[i](m[i]*v[i,j])*m[l])",  # rank 2, not symmetric: may turn at d = 2
        "E(m[i]*c[j])",
        "E[f](y[k]*m[i])",  # a raw field in the box
        "E[f](fun*m[i])",  # a function of f
        "E[f](yq*xq[i])",
        "E(E[f](yq*m[i])*z[i])",
        "m[i]",
        "E(sum[i,j,l](m[i]*v[j,l]*t[i]*t[j]*t[l]))",
    ],
)
def test_what_isotropy_does_not_say(left: str) -> None:
    if left == "E(E[f](yq*m[i])*z[i])":
        assert equal(ISOTROPIC, left, "0")  # because z is centred
    else:
        assert not equal(ISOTROPIC, left, "0")
    if left == "E(m[i]*c[j])":
        assert not equal(ISOTROPIC, left, "delta[i,j]*E(sum[l](m[l]*c[l]))/d")


def test_a_symmetric_matrix_is_a_multiple_of_its_trace() -> None:
    """E v_ij is symmetric: delta_ij times its trace over d, which is given or a box."""
    assert equal(ISOTROPIC, "d*E(v[i,j])", "delta[i,j]*E(sum[l](v[l,l]))")
    assert equal(ISOTROPIC, "E(v[i,j])", "delta[i,j]*E(v[i,i])")
    assert not equal(ISOTROPIC, "E(v[i,j])", "delta[i,j]*E(sum[l](v[l,l]))")
    trace = Atom("energy", "E(sum[i](v[i,i]))", "2*d^2*mud")
    context = hidden(isotropic=True, sizes=SIZES, moments=(TRACE, trace))
    assert equal(context, "E(v[i,j])", "2*d*mud*delta[i,j]")
    assert equal(context, "E(v[i,i])", "2*d*mud")
    assert equal(context, "E(sum[i](v[i,j]*t[i]))", "2*d*mud*t[j]")


def test_isotropy_turns_one_sort_only() -> None:
    """Indices of another sort stay where they are, those of a second isotropic sort too."""
    law = Law("D", (Field("x", ("feature",)), Field("y", ("row",), hidden=True)), "f")
    context = space(
        Slot("xq", "D", "x", "q"),
        Slot("yq", "D", "y", "q"),
        scalars=(Scalar("n", ONE, integer=True), TWO_D[1]),
        hidden=(Hidden("f", ("feature",)),),
        laws=(law,),
        definitions=(Definition("m", ("k", "i"), "E[D](yq[k]*xq[i])"),),
    )
    assert equal(context, "E(m[k,i])", "0")
    assert equal(context, "E(sum[k](m[k,i]))", "0")
    assert not equal(context, "E[f](E[D](yq[k]))", "0")
    # rank 2 in features: exchanging i and j alone is no symmetry where k and h differ
    assert not equal(context, "E(m[k,i]*m[h,j])", "E(m[k,j]*m[h,i])")
    assert equal(context, "E(m[k,i]*m[h,j])", "E(m[h,j]*m[k,i])")


# Functions


def test_what_is_known_of_functions() -> None:
    context = space(
        Normal("X", ("row", "feature")),
        Normal("w", ("feature",)),
        Normal("z", (), "s"),
        Absolute("r", ("k",), "sum[i](X[k,i]*w[i])"),
        Absolute("odd", (), "z^3 - z"),
        Absolute("even", (), "z^2 - 1"),
        Absolute("mixed", (), "z + 1"),
        Absolute("hidden", (), "fun + z"),
        Hat("H", "X", "s"),
        Function("fun", (), ("z",)),
        scalars=(Scalar("s", Fraction(0)),),
    )
    for zero in (
        "E(z*odd)",
        "E(z*even)",
        "E[w](r[k]*w[i])",
        "E[X](r[k]*X[h,i])",
        "E(r[k]*r[h]*X[k,i])",
        "E(H[k,h]*X[g,i])",
        "E(w[i]*fun)",
        "E(w[i]*r[k]*fun)",
        "E(X[k,i]*H[k,h]*r[h])",
    ):
        assert equal(context, zero, "0"), zero
    for other in (
        "E(z*mixed)",
        "E(z*hidden)",
        "E(z*fun)",
        "E(z*odd*mixed)",
        "E(odd)",
        "E(r[k]*w[i]*X[k,i]*w[j]*X[k,j])",
        "E(H[k,h])",
        "E(fun)",
        "E[X](r[k])",
        "E(X[k,i]*H[k,h]*X[h,i])",
    ):
        assert not equal(context, other, "0"), other
    assert equal(context, "E[w](fun)", "fun")
    assert equal(context, "E(w[i]^2*fun)", "E(fun)")
    assert not equal(context, "E(fun^2)", "E(fun)^2")
    assert not equal(context, "E(z^2*fun)", "s*E(fun)")


def test_parity_is_of_each_source_apart() -> None:
    """|z w + w^2|: even in both together, but neither in z nor in w."""
    context = space(Normal("z"), Normal("w"), Absolute("r", (), "z*w + w^2"))
    assert not equal(context, "E(z*r)", "0")
    assert not equal(context, "E(w*r)", "0")
    product = space(Normal("z"), Normal("w"), Absolute("r", (), "z*w"))
    assert equal(product, "E(z*r)", "0")
    assert not equal(product, "E(z*w*r)", "E(z*r)*E(w)+1")


def test_moments_are_counted_by_degree() -> None:
    """What the meaning reports of the moments that it used: the highest degree."""
    meaning = Meaning(hidden(), Fuel(100_000))
    meaning.value(meaning.context.read("E(v[i,j])"))
    assert meaning.degrees["D"] == 4
    meaning.value(meaning.context.read("E(fun^3*mean)"))
    assert meaning.degrees["fun"] == 3
    assert meaning.degrees.keys() == {"D", "fun"}
    # raw fields in a box with a function of the law, or in a box over f before the law
    for text, degree in (("E(own*yq^5*xq[i])", 6), ("E[f](yq^4*yp^3)", 7)):
        context = hidden()
        own = replace(context, arrays=(*context.arrays, Function("own", (), ("D",))))
        meaning = Meaning(own, Fuel(100_000))
        meaning.value(own.read(text))
        assert meaning.degrees["D"] == degree


def test_the_order_of_fields_does_not_matter() -> None:
    context = hidden(isotropic=True, sizes=TWO_D, moments=(TRACE,))
    (law,) = context.laws
    turned = replace(context, laws=(replace(law, fields=law.fields[::-1]),))
    assert equal(turned, "E(m[i]*m[j])", "mud*delta[i,j]")
    assert equal(turned, "E(m[i]*m[j]*m[l])", "0")
