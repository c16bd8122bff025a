"""Each refusal of a context, and of what the kernel makes of it, by the line that it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from steps import EVERY_D, FEATURES, ONE, ROWS, SIZES, TWO_D, claim, identity, refusal, space, step

from verifier.proof.context import (
    MAX_NAMES,
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
    Sort,
    Tensor,
)
from verifier.proof.mean import Meaning
from verifier.proof.statements import By
from verifier.proof.syntax import Fuel, ProofError

DRAW = Law("D", (Field("x", ("feature",)), Field("y")))
SECRET = Law("D", (Field("x", ("feature",)), Field("y", (), hidden=True)), "f")
QUERY = (Slot("xq", "D", "x", "q"), Slot("yq", "D", "y", "q"))
ONE_ROW = replace(ROWS, letters=("k", "h"))


def size(**changes: object) -> Callable[[], Context]:
    declared = replace(Scalar("n", ONE, integer=True), **changes)  # type: ignore[arg-type]
    return lambda: Context((ROWS,), (declared,))


REFUSED: dict[str, tuple[Callable[[], Context], str]] = {
    # names
    "one name for two": (lambda: space(Tensor("t"), Tensor("t")), "'t' is declared twice"),
    "a letter of two sorts": (
        lambda: Context((ROWS, Sort("feature", "d", ("k",))), SIZES),
        "'k' is declared twice",
    ),
    "a letter that is an array": (lambda: space(Tensor("i")), "'i' is declared twice"),
    "a source that is an array": (
        lambda: space(Tensor("D"), laws=(DRAW,)),
        "'D' is declared twice",
    ),
    "a given equation that is an array": (
        lambda: space(Tensor("t"), given=(Atom("t", "t"),)),
        "'t' is declared twice",
    ),
    "the equation of |t|": (
        lambda: space(Tensor("r_squared"), Absolute("r", (), "1")),
        "'r_squared' is declared twice",
    ),
    "the equation of a hat matrix": (
        lambda: space(Normal("X", ("row", "feature")), Hat("H", "X", "1"), Tensor("H_normal")),
        "'H_normal' is declared twice",
    ),
    "the identity": (lambda: space(Tensor("delta")), "'delta' is not a usable name"),
    "the expectation": (lambda: space(scalars=(Scalar("E"),)), "'E' is not a usable name"),
    "a name with a space": (lambda: space(Tensor("a b")), "'a b' is not a usable name"),
    "an entry as a name": (lambda: space(Tensor("z[i]")), "'z[i]' is not a usable name"),
    "a field without a usable name": (
        lambda: space(laws=(Law("D", (Field("x-y"),)),)),
        "'x-y' is not a usable name",
    ),
    "a sort without a usable name": (
        lambda: Context((Sort("^D", "n", ()),), SIZES),
        "'^D' is not a usable name",
    ),
    "an equation without a name": (
        lambda: space(given=(Atom("", "n"),)),
        "'' is not a usable name",
    ),
    "too many names": (
        lambda: space(*(Tensor(f"t{k}") for k in range(MAX_NAMES))),
        f"at most {MAX_NAMES}",
    ),
    # sorts
    "a sort declared twice": (
        lambda: Context((ROWS, Sort("row", "n", ())), SIZES),
        "a sort is declared twice",
    ),
    "a size that is not declared": (
        lambda: Context((ROWS,)),
        "the size 'n' must be an integer scalar of at least 0",
    ),
    "a size that is no integer": (size(integer=False), "must be an integer scalar of at least 0"),
    "a size without a minimum": (size(minimum=None), "must be an integer scalar of at least 0"),
    "a negative size": (size(minimum=-ONE), "must be an integer scalar of at least 0"),
    **{
        f"an unknown sort of {what}": (made, "'depth' is not a declared sort")
        for what, made in {
            "a tensor": lambda: space(Tensor("t", ("depth",))),
            "a normal array": lambda: space(Normal("t", ("depth",))),
            "a function": lambda: space(Function("t", ("depth",), ())),
            "a field": lambda: space(laws=(Law("D", (Field("x", ("depth",)),)),)),
            "rows": lambda: space(Draws("X", "D", "x", "depth"), laws=(DRAW,)),
            "isotropy": lambda: space(hidden=(Hidden("f", ("depth",)),)),
        }.items()
    },
    # sources
    "a law of nothing": (lambda: space(laws=(Law("D", ()),)), "law 'D' needs fields"),
    "a field twice": (
        lambda: space(laws=(Law("D", (Field("x"), Field("x"))),)),
        "law 'D' needs fields, each with its own name",
    ),
    "a law of an unknown source": (
        lambda: space(laws=(SECRET,)),
        "law 'D' depends on a hidden source that is not declared",
    ),
    "a law of a normal array": (
        lambda: space(Normal("f"), laws=(SECRET,)),
        "law 'D' depends on a hidden source that is not declared",
    ),
    "a hidden field of no source": (
        lambda: space(laws=(Law("D", (Field("y", (), True),)),)),
        "law 'D' depends on a hidden source that is not declared",
    ),
    "rows of two sorts": (
        lambda: space(Draws("X", "D", "x", "row"), Draws("Z", "D", "x", "feature"), laws=(DRAW,)),
        "the draws of law 'D' must share one sort of rows",
    ),
    "odd in what is no field": (
        lambda: space(laws=(SECRET,), hidden=(Hidden("f", (), ("z",)),)),
        "'z' is no field of a law of 'f'",
    ),
    "odd in a field of another source": (
        lambda: space(laws=(DRAW,), hidden=(Hidden("f", (), ("x",)),)),
        "'x' is no field of a law of 'f'",
    ),
    "draws of no law": (lambda: space(Draws("X", "D", "x", "row")), "'D' is not a declared law"),
    "a slot of no law": (lambda: space(*QUERY), "'D' is not a declared law"),
    "draws of no field": (
        lambda: space(Draws("X", "D", "z", "row"), laws=(DRAW,)),
        "law 'D' has no field 'z'",
    ),
    "a function of no source": (
        lambda: space(Tensor("t"), Function("fun", (), ("t",))),
        "'fun' must be a function of declared sources",
    ),
    "a design that is not declared": (
        lambda: space(Hat("H", "X", "1")),
        "the design 'X' of 'H' is no normal matrix",
    ),
    "a design that is not random": (
        lambda: space(Tensor("X", ("row", "feature")), Hat("H", "X", "1")),
        "the design 'X' of 'H' is no normal matrix",
    ),
    "a design that is a vector": (
        lambda: space(Normal("X", ("row",)), Hat("H", "X", "1")),
        "the design 'X' of 'H' is no normal matrix",
    ),
    "a design of one sort": (
        lambda: space(Normal("X", ("row", "row")), Hat("H", "X", "1")),
        "'H' needs three letters for rows and other columns",
    ),
    "too few letters for a hat matrix": (
        lambda: Context(
            (ONE_ROW, FEATURES), SIZES, arrays=(Normal("X", ("row", "feature")), Hat("H", "X", "1"))
        ),
        "'H' needs three letters for rows and other columns",
    ),
    # definitions
    "a definition of itself": (
        lambda: space(definitions=(Definition("x", (), "x + 1"),)),
        "the definition of 'x' uses 'x' before it is known",
    ),
    "definitions in a circle": (
        lambda: space(definitions=(Definition("x", (), "y"), Definition("y", (), "x"))),
        "the definition of 'x' uses 'y' before it is known",
    ),
    "a stray index": (
        lambda: space(Tensor("v", ("row",)), definitions=(Definition("x", (), "v[k]"),)),
        "the definition of 'x' has a stray index",
    ),
    "a parameter twice": (
        lambda: space(definitions=(Definition("x", ("k", "k"), "1"),)),
        "the parameters of 'x' must be distinct index letters",
    ),
    "a parameter that is no letter": (
        lambda: space(definitions=(Definition("x", ("q",), "1"),)),
        "the parameters of 'x' must be distinct index letters",
    ),
    "|t| of an array that is not declared": (
        lambda: space(Absolute("r", (), "t")),
        "the definition of 'r' uses 't' before it is known",
    ),
    "|t| of another absolute value": (
        lambda: space(Absolute("r", (), "1"), Absolute("s", (), "r")),
        "the definition of 's' uses 'r' before it is known",
    ),
    "|t| of an expectation": (
        lambda: space(Normal("z"), Absolute("r", (), "z + E(z)")),
        "the argument of 'r' must have no expectation",
    ),
    "|t| of a draw": (
        lambda: space(*QUERY, Absolute("r", (), "yq"), laws=(DRAW,)),
        "'r' must be the absolute value of normal arrays",
    ),
    "a relation that is none": (
        lambda: space(given=(Atom("less", "n", "d", "<"),)),
        "'<' is none of =, >=, >",
    ),
    # variances and penalties
    **{
        f"{what} {kind}": (made, reason)
        for kind, variance, reason in (
            ("with a stray index", "v[i]", "must be made of scalars"),
            ("that is a tensor", "v", "must be made of scalars"),
            ("that is random", "z", "must be made of scalars"),
            ("that is an expectation", "E(1)", "must be made of scalars"),
            ("that is its own moment", "E(X[k,i]^2)", "must be made of scalars"),
            ("that is a definition of an expectation", "mean", "must be made of scalars"),
            ("of any sign", "t", "is not shown to be >= 0"),
            ("that is negative", "-1", "is not shown to be >= 0"),
        )
        for what, made in (
            ("a variance", lambda v=variance: random_matrix(v, "1")),
            ("a penalty", lambda v=variance: random_matrix("1", v)),
        )
    },
}


def random_matrix(variance: str, penalty: str) -> Context:
    return space(
        Normal("z"),
        Tensor("v", ("feature",)),
        Normal("X", ("row", "feature"), variance),
        Hat("H", "X", penalty),
        scalars=(Scalar("t"),),
        definitions=(Definition("mean", (), "E(z)"),),
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_context_is_refused_by_its_line(name: str) -> None:
    made, reason = REFUSED[name]
    assert reason in refusal(made)


def moment(left: str, right: str, *more: Atom, law: Law = DRAW, **parts: object) -> str:
    """The refusal of a context with this moment (and before it others)."""
    hidden = (Hidden("f"),) if law.of else ()
    arrays = (
        *QUERY,
        Slot("x2", "D", "x", "q2"),
        Draws("y", "D", "y", "row"),
        Draws("X", "D", "x", "row"),
        Normal("z"),
        Function("fun", (), ("D",)),
        Tensor("M", ("feature", "feature")),
        Tensor("v", ("row",)),
    )
    definitions = (
        Definition("mean", ("i",), "E[D](yq*xq[i])"),
        Definition("second", (), "E(yq^2)"),
    )
    atoms = (*more, Atom("given", left, right))
    return refusal(
        lambda: space(
            *arrays, laws=(law,), hidden=hidden, definitions=definitions, moments=atoms, **parts
        )
    )


ONE_EXPECTATION = "the moment 'given' must give one expectation of entries that is not known yet"
DETERMINISTIC = "the moment 'given' needs a deterministic polynomial in its indices on the right"
PLACES = "the moment 'given' needs distinct free indices, or none at all"


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ("xq[i]", "0", ONE_EXPECTATION),
        ("E(xq[i]) + 1", "0", ONE_EXPECTATION),
        ("2*E(xq[i])", "0", ONE_EXPECTATION),
        ("n*E(xq[i])", "0", ONE_EXPECTATION),
        ("E(xq[i])/2", "0", ONE_EXPECTATION),
        ("E(xq[i])/d", "0", ONE_EXPECTATION),
        ("E(xq[i])*E(x2[j])", "0", ONE_EXPECTATION),
        ("E(xq[i]*x2[j])", "0", ONE_EXPECTATION),
        ("E(X[k,i]*X[h,j])", "0", ONE_EXPECTATION),
        ("E(z^2)", "1", ONE_EXPECTATION),
        ("3", "3", ONE_EXPECTATION),
        ("E(0*yq)", "0", ONE_EXPECTATION),
        ("E(fun)", "1", "the moment 'given' must be about draws of a law"),
        ("E(fun*yq)", "1", "the moment 'given' must be about draws of a law"),
        ("M[i,j]", "1", "the moment 'given' must be about draws of a law"),
        ("E(xq[i]*xq[j])", "M[i,l]", DETERMINISTIC),
        ("E(yq^2)", "v[k]", DETERMINISTIC),
        ("E(yq^2)", "z", DETERMINISTIC),
        ("E(yq^2)", "yq", DETERMINISTIC),
        ("E(yq^2)", "E(yq)", "the moment 'given' must not have an expectation on the right"),
        ("E(xq[i]*xq[i])", "1", PLACES),
        ("E(sum[i](xq[i]*xq[i]))", "d", PLACES),
        ("E(sum[i](xq[i])*xq[j])", "1", PLACES),
        ("E(y[k])", "5", "has an index that its expectation does not depend on"),
        ("E(y[k])", "v[k]", "has an index that its expectation does not depend on"),
        ("E(X[k,i]*X[k,j])", "M[i,j]", "has an index that its expectation does not depend on"),
    ],
)
def test_a_moment_is_refused_by_its_line(left: str, right: str, reason: str) -> None:
    assert reason in moment(left, right)


def test_a_moment_is_given_once() -> None:
    """What is known already is rewritten, so that the second atom is about something else."""
    about = "the moment 'given' must be about draws of a law"
    before = Atom("before", "E(xq[i]*xq[j])", "M[i,j]")
    assert about in moment("E(xq[i]*xq[j])", "delta[i,j]", before)
    product = "E(E[D](yq*xq[i])*E[D](yq*xq[j]))"
    first = Atom("before", product, "delta[i,j]")
    assert about in moment(product, "M[i,j]", first, law=SECRET)
    # a moment that is given as itself, under the name of a definition
    itself = Atom("before", "E(yq^2)", "second")
    assert "the moment 'given' is given twice" in moment("E(yq^2)", "1", itself)


def test_a_moment_is_an_equation_about_what_is_integrated() -> None:
    unequal = refusal(
        lambda: space(*QUERY, laws=(DRAW,), moments=(Atom("given", "E(yq)", "0", ">="),))
    )
    assert ONE_EXPECTATION in unequal
    assert ONE_EXPECTATION in moment("E[D](yq)", "0", law=SECRET)
    assert PLACES in moment("E(mean[i]*mean[i])", "1", law=SECRET)


def test_a_moment_of_a_hidden_source_may_be_closed_and_needs_instances() -> None:
    assert "needs two instances" in moment("E(sum[i](mean[i]^2))", "d", law=SECRET)
    assert "needs two instances" in moment("E(mean[i]*mean[j])", "M[i,j]", law=SECRET)
    assert "needs two instances" in moment("E(xq[i]*xq[j])", "M[i,j]")


@pytest.mark.parametrize("left", ["z", "yq", "z*w", "E[w](z*w^2)", "mixed", "fun"])
def test_what_is_given_ties_nothing_random(left: str) -> None:
    made = lambda: space(  # noqa: E731
        Normal("z"),
        Normal("w"),
        *QUERY,
        Function("fun", (), ("z",)),
        laws=(DRAW,),
        definitions=(Definition("mixed", (), "z - w"),),
        given=(Atom("tie", left),),
    )
    assert "'tie' ties random quantities" in refusal(made)


def test_a_random_quantity_without_influence_may_be_given() -> None:
    """z - z is the constant 0, by its normal form."""
    context = space(Normal("z"), given=(Atom("fine", "z - z"),))
    assert "instances" in refusal(lambda: context, identity("1", "1"))


MATRICES = (Tensor("F", ("feature", "row")), Tensor("G", ("row", "feature")))


def inverse(left: str, right: str) -> Atom:
    return Atom("pair", left, right)


@pytest.mark.parametrize(
    ("left", "right", "known"),
    [
        ("sum[k](F[i,k]*G[k,j])", "delta[i,j]", True),
        ("sum[h](F[l,h]*G[h,p])", "delta[l,p]", True),
        ("sum[k](F[i,k]*G[k,j])", "2*delta[i,j]", False),
        ("sum[k](G[k,j]*F[i,k])", "delta[i,j]", False),
        ("2*sum[k](F[i,k]*G[k,j])", "delta[i,j]", False),
        ("sum[k](F[i,k]*G[k,i])", "delta[i,i]", False),
    ],
)
def test_inverse_pairs_are_recognised_by_shape(left: str, right: str, known: bool) -> None:
    """Only what is written exactly so is used from left to right."""
    meaning = Meaning(space(*MATRICES, given=(inverse(left, right),)), Fuel(100_000))
    assert bool(meaning.partners) == known


def test_expressions_are_refused_by_their_lines() -> None:
    context = space(Tensor("v", ("row",)), Normal("z"), scalars=(Scalar("t"),))
    for text, reason in {
        "u": "'u' is not declared",
        "v": "'v' takes [row], not 0 indices of other sorts",
        "v[i]": "'v' takes [row], not 1 indices of other sorts",
        "v[k,h]": "'v' takes [row], not 2 indices of other sorts",
        "t[k]": "'t' takes no index, not 1 indices of other sorts",
        "E[v](v[k])": "'v' is not a source of randomness",
        "E[row](1)": "'row' is not a source of randomness",
        "E[q](z)": "'q' is not a source of randomness",
        "1/t": "division by what is not shown to be a positive number",
        "1/n": "division by what is not shown to be a positive number",
        "1/z^2": "division by what is not shown to be a positive number",
        "1/0": "division by what is not shown to be a positive number",
    }.items():
        assert reason in refusal(context, identity(text, text)), text


def test_a_variance_with_a_denominator_is_refused_where_it_is_used() -> None:
    context = space(Normal("z", (), "1/2"))
    assert "must be a polynomial with whole numbers" in refusal(context, identity("E(z^2)", "1/2"))


def test_contexts_without_assumptions_need_no_instances() -> None:
    for sizes in (SIZES, EVERY_D, TWO_D):
        assert refusal(space(Normal("z"), scalars=sizes), identity("E(z)")) == ""


def test_deep_definitions_are_refused_in_one_line() -> None:
    chain = [Definition("x0", (), "1")]
    chain += [Definition(f"x{k}", (), f"x{k - 1} + 1") for k in range(1, 2000)]
    context = space(definitions=tuple(chain))
    assert "nested too deeply" in refusal(context, identity("x1999", "2000"))
    assert refusal(context, identity("x50", "51")) == ""


def test_deep_assumptions_are_refused_in_one_line() -> None:
    chain = [Definition("x0", (), "1")]
    chain += [Definition(f"x{k}", (), f"x{k - 1} + 1") for k in range(1, 2000)]
    context = space(definitions=tuple(chain), given=(Atom("deep", "x1999", "2000"),))
    assert "the context is nested too deeply" in refusal(lambda: context, identity("1", "1"))


def test_a_context_says_what_is_no_law_or_field() -> None:
    with pytest.raises(ProofError, match="is not a declared law"):
        space().law("D")


def test_a_letter_in_scope_is_not_captured() -> None:
    """A definition's own sums are apart from the indices with which it is used."""
    context = space(
        Tensor("v", ("row",)),
        definitions=(Definition("total", ("k",), "sum[h](v[h]*v[k])"),),
        scalars=(Scalar("c", Fraction(0)),),
    )
    assert refusal(context, identity("total[h]", "v[h]*sum[k](v[k])")) == ""
    assert "differ" in refusal(context, step(claim("total[h]", "sum[h](v[h]*v[h])"), By()))
