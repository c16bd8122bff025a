"""The parts of the search: text at other indices, rules, peeling, squares, probes, signs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from search_settings import FEATURES, isotropic

from verifier.proof.context import Absolute, Atom, Context, Normal, Scalar, Sort, Tensor
from verifier.proof.rules import Checker
from verifier.proof.statements import By, Claim, Conclude, Null, Step
from verifier.prover.search import squares, texts
from verifier.prover.search.contractions import equation
from verifier.prover.search.forms import Forms, TooFewLetters, Unwritable
from verifier.prover.search.gap_means import symmetries
from verifier.prover.search.peeling import Peeled, peel, peel_term
from verifier.prover.search.probes import probes
from verifier.prover.search.rewriting import reduced, rule
from verifier.prover.search.spelling import plus, weighted

F, R = "feature", "row"
SQUARE = (F, F)


def inverse(one: str, two: str) -> tuple[Atom, ...]:
    """Two matrices are inverse to each other."""
    return tuple(
        Atom(f"{x}_{y}", f"sum[j]({x}[i,j]*{y}[j,l])", "delta[i,l]")
        for x, y in ((one, two), (two, one))
    )


CONTEXT = Context(
    sorts=(Sort(F, "d", tuple("ijlmpquv")), Sort(R, "n", ("k", "h"))),
    scalars=(
        Scalar("n", Fraction(1), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("z", Fraction(0)),
    ),
    arrays=(
        *(Tensor(name, SQUARE) for name in ("A", "B", "C", "F", "Fi")),
        *(Tensor(name, (F,)) for name in ("a", "c")),
        Tensor("b"),
        Normal("x", (F,)),
        Normal("X", (R, F)),
    ),
    given=inverse("F", "Fi"),
)


def follows(known: Atom, goal: Atom, by: By) -> None:
    """ProofError unless the checker accepts the goal (instances are none of this test's)."""
    checker = Checker.__new__(Checker)
    checker.__init__(_without_given())  # type: ignore[misc]
    checker.check(
        Step("goal", Claim((known, *CONTEXT.given), ((goal,),)), Conclude(0, {"goal": by}))
    )


def _without_given() -> Context:
    return Context(CONTEXT.sorts, CONTEXT.scalars, arrays=CONTEXT.arrays)


def test_a_letter_is_not_caught() -> None:
    forms = Forms(CONTEXT)
    moved = texts.at(forms, "sum[j](A[i,j]*B[j,l])", ["i", "l"], ["j", "i"])
    assert forms.form(moved) == forms.form("sum[p](A[j,p]*B[p,i])")
    macros = {"C": (("p", "q"), "sum[j](A[p,j]*B[j,q])")}
    whole = texts.expanded(forms, "sum[i](C[i,j]*a[i])^2 - E(C[j,l])/2", macros)
    assert forms.form(whole) == forms.form(
        "sum[i](sum[m](A[i,m]*B[m,j])*a[i])^2 - sum[m](A[j,m]*B[m,l])/2"
    )


def test_too_few_letters() -> None:
    forms = Forms(CONTEXT)
    with pytest.raises(TooFewLetters, match="sort 'row' needs more than its 2 index letters"):
        forms.fresh((R, R), ("k",))


def test_forms_are_written_as_they_were_read() -> None:
    forms = Forms(CONTEXT)
    for text in (
        "0",
        "3/4",
        "A[i,j] - 2*B[j,i]",
        "sum[m](A[i,m]*a[m])*c[j]/(n+d)",
        "delta[i,j]*b^2*sum[m,p](A[m,p]^2) - n*(z-1)^2*delta[i,j]",
        "(n-1)/(n*(d+1)^2)*a[i]",
    ):
        assert forms.form(forms.text(forms.form(text))) == forms.form(text), text


def test_a_mean_that_is_not_known_is_not_written() -> None:
    # |x_i| has no moment that a rule computes, so E|x_i| stays as it is.
    context = replace(CONTEXT, arrays=(*CONTEXT.arrays, Absolute("r", ("i",), "x[i]")))
    forms = Forms(context)
    with pytest.raises(Unwritable, match="a mean of 'r' is left"):
        forms.text(forms.form("E(r[i])"))


def test_texts_of_products_and_sums() -> None:
    assert weighted("1", "A[i,j]") == "A[i,j]"
    assert weighted("-1", "b") == "-b"
    assert weighted("-n", "b") == "-n*b"
    assert weighted("2", "") == "2"
    assert weighted("-1", "") == "-1"
    assert plus(["a", "-b", "c"]) == "a - b + c"
    assert plus(["-a"]) == "-a"
    assert plus([]) == "0"
    long = plus(["-n", *["z"] * 400, "d"])
    assert Forms(CONTEXT).form(long) == Forms(CONTEXT).form("400*z + d - n")


@pytest.mark.parametrize(
    ("known", "text", "rest"),
    [
        (Atom("known", "b*c[j]"), "2*A[i,l]*b*c[l] + a[i]", "a[i]"),
        (Atom("known", "A[i,j]*a[l]"), "sum[m,p](A[m,i]*A[m,p]*a[p])/n", "0"),
        (Atom("known", "sum[m](A[i,m]*a[m])"), "sum[m,p](B[i,m]*A[m,p]*a[p]) + b*a[i]", "b*a[i]"),
        # The summed index of the rule may stand nowhere else.
        (
            Atom("known", "sum[m](A[i,m]*a[m])"),
            "sum[m](A[i,m]*a[m]*c[m])",
            "sum[m](A[i,m]*a[m]*c[m])",
        ),
        (Atom("known", "c[i]*a[j]", "n*B[i,j]"), "A[i,j] + c[i]*a[j] - n*B[i,j]", "A[i,j]"),
    ],
)
def test_rules_remove_terms(known: Atom, text: str, rest: str) -> None:
    forms = Forms(_without_given())
    one = rule(forms, equation(forms, known))
    assert one is not None
    indices = forms.indices(text)
    form, combination = reduced(forms, forms.form(text), indices, [one])
    assert form == forms.form(rest)
    follows(known, Atom("goal", f"({text}) - ({rest})"), By(combination or "0"))


def test_peeling_undoes_invertible_matrices() -> None:
    forms = Forms(CONTEXT)
    text = "sum[m,p](F[m,i]*A[m,p]*F[p,j])*delta[u,v]"
    start = Peeled(forms.form(text), forms.indices(text), "known[i,j,u,v]")
    result = peel(forms, start)
    assert forms.text(result.form, result.indices).startswith("d*A[")
    macros = {"known": (("i", "j", "u", "v"), text)}
    assert forms.form(texts.expanded(forms, result.combination, macros)) == result.form
    singular = Forms(_without_given())
    same = Peeled(singular.form("sum[m](F[m,i]*A[m,j])"), ("i", "j"), "known[i,j]")
    assert peel(singular, same) is same


def test_peeling_a_constant_term() -> None:
    forms = Forms(CONTEXT)
    form = forms.form("c[i]*a[j] - F[i,j]")
    constant = next(iter(forms.form("F[i,j]")))
    result = peel_term(forms, Peeled(form, ("i", "j"), "known[i,j]"), constant)
    assert result is not None
    shown = forms.text(result.form, result.indices)
    assert "delta[" in shown
    assert "Fi[" in shown


def test_what_vanishes_by_squares() -> None:
    # A_ij a_l + A_lj a_i = 0 times A_ij a_l is |A|^2 |a|^2 + |A'a|^2.
    forms = Forms(_without_given())
    known = Atom("known", "A[i,j]*a[l] + A[l,j]*a[i]")
    found = squares.vanishing(forms, equation(forms, known), "outer")
    assert found is not None
    term = found.squares[0].term
    assert forms.form(term) in (forms.form("A[i,j]*a[l]"), forms.form("A[l,j]*a[i]"))
    residual = f"outer[{','.join(forms.indices(term))}]"
    tree = Null(found.squares, found.by, Conclude(0, {"goal": By(residual)}))
    goal = Atom("goal", term)
    Checker(_without_given()).check(Step("goal", Claim((known,), ((goal,),)), tree))


@pytest.mark.parametrize(
    "left", ["A[i,j] - A[j,i]", "A[i,j]*a[l] - A[l,j]*a[i]", "A[i,j]*a[l] - B[i,j]*c[l]"]
)
def test_what_does_not_vanish_by_squares(left: str) -> None:
    forms = Forms(_without_given())
    assert squares.vanishing(forms, equation(forms, Atom("known", left)), "outer") is None


def test_square_roots() -> None:
    forms = Forms(_without_given())
    for text in ("b^2", "sum[i,j,l](A[i,j]*A[i,l]*c[j]*c[l])", "sum[i](a[i]^2)*sum[i,j](B[i,j]^2)"):
        (ids,) = forms.form(text)
        root = squares.square_root(forms, ids)
        assert root is not None
        indices = forms.indices(root)
        whole = f"sum[{','.join(indices)}](({root})^2)" if indices else f"({root})^2"
        assert forms.form(whole) == forms.form(text)
    for text in ("b", "sum[i](a[i]*c[i])", "sum[i,j](A[i,j]*A[j,i])"):
        (ids,) = forms.form(text)
        assert squares.square_root(forms, ids) is None


def test_probes_are_parts_of_features() -> None:
    one = isotropic()
    forms = Forms(one.reduced)
    sizes = list(probes(forms, FEATURES, ()))
    assert [probe.text for probe in sizes[0]] == ["1"]
    first = {probe.text for probe in sizes[1]}
    assert "xq[i]" in first
    assert "w[i]*xq[j]" in {probe.text for probe in sizes[2]}
    assert "sum[k](X[k,i]*X[k,j]*xq[l])" in {probe.text for probe in sizes[3]}


def test_symmetries_of_random_parts() -> None:
    forms = Forms(isotropic().reduced)
    assert symmetries(forms, FEATURES[0]) == [("i", "j")]
    assert symmetries(forms, FEATURES[1]) == [("i", "j", "l"), ("l", "j", "i")]


def test_signs_of_polynomials() -> None:
    forms = Forms(_without_given())
    (above,), _ = forms.cleared([forms.form("(d-1)*n*(n+z)*(-2)*(d-n)^2")[()]])
    positive, rest = forms.split_sign(above)
    assert forms.positive(positive)
    assert forms.form(f"({positive})*({rest})") == forms.form(str(above))
    assert forms.form(f"({positive})") == forms.form("2*n*(n+z)")
