"""Each rule accepts what is true by it; each side condition refuses by its own line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from steps import EVERY_D, accepted, claim, identity, refusal, space, step

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
    Tensor,
    Value,
)
from verifier.proof.lemmas import CUMULANTS, FAITHFUL, FUBINI, ISOTROPY, ISSERLIS, RIDGE
from verifier.proof.rules import Checker, check, examine
from verifier.proof.statements import (
    Attained,
    By,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Minimum,
    Null,
    Proof,
    Split,
    Square,
    Statement,
    Step,
    Tree,
)
from verifier.proof.syntax import Fuel, ProofError
from verifier.proof.trees import MAX_DEPTH

ZERO = Fraction(0)
SCALARS = (*EVERY_D, Scalar("s", ZERO), Scalar("q", ZERO, strict=True), Scalar("t"))
PLAIN = space(
    *(Tensor(name) for name in "abc"),
    Tensor("u", ("row",)),
    Tensor("v", ("feature",)),
    Tensor("w", ("row",)),
    Normal("z"),
    Normal("e", (), "s"),
    Normal("X", ("row",)),
    Function("fun", (), ("z",)),
    scalars=SCALARS,
    definitions=(Definition("A", (), "a"), Definition("two", (), "2*a")),
)
A0, B0 = Atom("a0", "a"), Atom("b0", "b")


def refused(
    statement: Statement, certificate: Any, *before: Step, uses: tuple[str, ...] = ()
) -> str:
    return refusal(PLAIN, *before, Step("step", statement, certificate, uses))


def conclude(**by: str | By) -> Conclude:
    return Conclude(0, {k: By(v) if isinstance(v, str) else v for k, v in by.items()})


def derive(name: str, left: str, by: str, then: Tree) -> Derive:
    return Derive(Atom(name, left), By(by), then)


# Identity


@pytest.mark.parametrize(
    ("statement", "by"),
    [
        (claim("(a + b)^2", "a^2 + 2*a*b + b^2"), By()),
        (claim("E(z^2*a)", "a"), By()),
        (claim("b*a", "0", given=(A0,)), By("b*a0")),
        (claim("a", "0", given=(Atom("hyp", "q*a"),)), By("hyp", "q")),
        (claim("a", "0", given=(Atom("hyp", "(s + 1)*a"),)), By("hyp", "s + 1")),
        (claim("u[k]*u[h]", "0", given=(Atom("h1", "u[k]"),)), By("u[k]*h1[h]")),
        (claim("sum[k](u[k]*w[k])", given=(Atom("h1", "u[k]"),)), By("sum[k](h1[k]*w[k])")),
        (claim("E(z*b)", given=(Atom("h1", "b"),)), By("E(z*h1)")),
        (claim("E(z*fun)", given=(Atom("h1", "fun", "c"),)), By("E(z*h1)")),
        (claim("a^2", "0", given=(A0,)), By("a0^2")),
        (claim("A", "0", given=(A0,)), By("a0")),
        (claim("e", "0", given=(Atom("h1", "e", "0"),)), By("h1")),
        (claim("v[i]*delta[i,j]", "v[j]*delta[i,j]"), By()),
    ],
)
def test_identities(statement: Claim, by: By) -> None:
    assert refusal(PLAIN, step(statement, by)) == ""


DIFFER = "the two sides differ"


@pytest.mark.parametrize(
    ("statement", "by", "reason"),
    [
        (claim("a", "b"), By(), DIFFER),
        (claim("a", "0", given=(A0,)), By("b*a0"), DIFFER),
        (claim("a", "0", given=(A0,)), By("a"), "does not vanish with the assumed equations"),
        (claim("a", "0", given=(A0,)), By("a0 + 1"), "does not vanish with the assumed"),
        (claim("1", "0", given=(A0,)), By("a0^0"), "does not vanish with the assumed"),
        (claim("a", "0", given=(Atom("hyp", "s*a"),)), By("hyp", "s"), "not shown to be positive"),
        (claim("a", "0"), By("0", "0"), "the multiplier '0' is not shown to be positive"),
        (claim("a", "0"), By("0", "-1"), "the multiplier '-1' is not shown to be positive"),
        (claim("a", "0"), By("0", "t"), "the multiplier 't' is not shown to be positive"),
        (claim("a", "0"), By("0", "b^2 + 1"), "is not shown to be positive"),
        (claim("u[k]", "0"), By("0", "sum[k](u[k])"), "is not shown to be positive"),
        (claim("u[k]", "0"), By("0", "1 + 0*u[k]"), "is not shown to be positive"),
        (
            claim("1", "0", given=(Atom("h1", "u[k]", "1"),)),
            By("h1[k]"),
            "the combination has an index 'k' that the equation has not",
        ),
        (
            claim("u[k]", "0", given=(Atom("h1", "u[h]"),)),
            By("h1[h]"),
            "the combination has an index 'h' that the equation has not",
        ),
        (claim("a", "0"), By("h1"), "'h1' is not declared"),
        (claim("a", "0", given=(A0,)), By("b/(1 + a0)*a0"), "division by what is not shown"),
        (claim("a", "0", given=(A0,)), By("1/a0"), "division by what is not shown"),
        (claim("a", "0", given=(A0,)), By("a0", "1 + a0"), "'a0' is not declared"),
        (claim("a0", "0", given=(A0,)), By(), "'a0' is not declared"),
        (claim("u[k]", "0", given=(A0,)), By("a0[k]"), "'a0' takes no index"),
        (claim("u[k]", given=(Atom("h1", "u[k]"),)), By("h1"), "'h1' takes [row]"),
        (claim("1", given=(Atom("h1", "v[i]", "1"),)), By("sum[k](h1[k])"), "'h1' takes [feature]"),
    ],
)
def test_identities_that_are_none(statement: Claim, by: By, reason: str) -> None:
    assert reason in refusal(PLAIN, step(statement, by))


def test_a_premise_over_an_empty_range_is_no_contradiction() -> None:
    """n may be 0: then u[k] = 1 and u[k] = 0 say nothing."""
    both = (Atom("h1", "u[k]", "1"), Atom("h0", "u[k]"))
    assert refused(Claim(both, ()), Contradiction(By("h0[k] - h1[k]")))
    assert refused(Claim(both, ()), Contradiction(By("sum[k](h0[k] - h1[k])")))
    assert refused(Claim(both, ()), Contradiction(By("sum[k](h0[k] - h1[k])", "n"))) != ""
    some = space(Tensor("u", ("row",)), scalars=(Scalar("n", Fraction(1), integer=True),))
    tree = Contradiction(By("sum[k](h0[k] - h1[k])", "n"))
    assert refusal(some, Step("step", Claim(both, ()), tree)) == ""


# Order


@pytest.mark.parametrize(
    ("statement", "by"),
    [
        (claim("q", "0", ">"), By(rest="q")),
        (claim("s + a^2", "0", ">="), By(rest="s", squares=(Square("1", "a"),))),
        (claim("E(fun^2)", "0", ">="), By(squares=(Square("1", "fun"),))),
        (claim("sum[k](u[k]^2)", "0", ">="), By(squares=(Square("1", "u[k]"),))),
        (claim("u[k]^2", "0", ">=", (Atom("hyp", "u[k]"),)), By("u[k]*hyp[k]")),
        (claim("a^2 + 1", "0", ">"), By(rest="1", squares=(Square("1", "a"),))),
        (claim("a", "b", ">=", (A0, B0)), By("a0 - b0")),
        (claim("s*a", "0", ">=", (Atom("hyp", "a", "s"),)), By("s*hyp", rest="s^2")),
        (claim("a", "0", ">=", (Atom("hyp", "q*a", "1"),)), By("hyp", "q", rest="1/q")),
    ],
)
def test_signs(statement: Claim, by: By) -> None:
    assert refusal(PLAIN, step(statement, by)) == ""


@pytest.mark.parametrize(
    ("statement", "by", "reason"),
    [
        (claim("s", "0", ">"), By(rest="s"), "'s' is not shown > 0"),
        (claim("t", "0", ">="), By(rest="t"), "'t' is not shown >= 0"),
        (claim("a", "0", ">="), By(rest="a"), "'a' is not shown >= 0"),
        (claim("u[k]", "0", ">="), By(rest="u[k]"), "'u[k]' is not shown >= 0"),
        (claim("1", "0", ">="), By(rest="1 + 0*u[k]"), "is not shown >= 0"),
        (claim("a^2", "0", ">"), By(squares=(Square("1", "a"),)), "'0' is not shown > 0"),
        (claim("-a^2", "0", ">="), By(squares=(Square("-1", "a"),)), "'-1' is not shown >= 0"),
        (claim("t*a^2", "0", ">="), By(squares=(Square("t", "a"),)), "'t' is not shown >= 0"),
        (claim("a^2", "0", ">="), By(squares=(Square("b", "a"),)), "'b' is not shown >= 0"),
        (claim("a^2", "0", ">="), By(squares=(Square("1 + 0*u[k]", "a"),)), "not shown >= 0"),
        (claim("u[k]^2", "0", ">="), By(squares=(Square("1", "u[k]"),)), DIFFER),
        (claim("fun", "0", ">="), By(), "an inequality is between deterministic sides"),
        (claim("0", "z", ">"), By(), "an inequality is between deterministic sides"),
        (claim("1", "0", ">"), By(rest="2"), DIFFER),
        (claim("1", "0", "<"), By(), "'<' is none of =, >=, >"),
        (claim("1", "0", ""), By(), "'' is none of =, >=, >"),
        (claim("a", "0", ">=", (Atom("hyp", "a", "0", ">="),)), By("hyp"), "'hyp' is not declared"),
    ],
)
def test_signs_that_are_not_shown(statement: Claim, by: By, reason: str) -> None:
    assert reason in refusal(PLAIN, step(statement, by))


# Trees


def test_a_branch_for_each_case() -> None:
    """a b = 0 makes a = 0 or b = 0; then a c = 0 or b = 0."""
    premise = (Atom("hyp", "a*b"),)
    cases = ((Atom("ac", "a*c"),), (B0,))
    tree = Split(
        Atom("fa", "a"),
        Atom("fb", "b"),
        By("hyp"),
        (conclude(ac="c*fa"), Conclude(1, {"b0": By("fb")})),
    )
    split = Step("split", Claim(premise, cases), tree)
    assert refusal(PLAIN, split) == ""
    # cited where the premise holds, with a branch for each case
    squares = Claim((Atom("g2", "2*a*b"),), ((Atom("abc", "a*b*c"),),))
    cite = Cite("split", {"hyp": By("g2", "2")}, (conclude(abc="b*ac"), conclude(abc="a*c*b0")))
    assert refusal(PLAIN, split, Step("cite", squares, cite)) == ""
    for changed, reason in (
        (replace(cite, step="other"), "there is no earlier claim 'other' that was accepted"),
        (replace(cite, branches=cite.branches[:1]), "one branch for each of its cases"),
        (replace(cite, branches=cite.branches[::-1]), "is not declared"),
        (replace(cite, by={}), DIFFER),
        (replace(cite, by={**cite.by, "more": By()}), "'more' is not what is to be concluded"),
    ):
        assert reason in refusal(PLAIN, split, Step("cite", squares, changed))
    assert "no earlier claim 'split'" in refusal(PLAIN, Step("cite", squares, cite))


def test_an_impossible_claim_ends_where_it_is_cited() -> None:
    premise = (Atom("hyp", "0", "1"),)
    never = Step("never", Claim(premise, ()), Contradiction(By("-hyp")))
    cite = Cite("never", {"hyp": By("other")}, ())
    step_of = Step("step", Claim((Atom("other", "1", "2"),), ((A0,),)), cite)
    assert refusal(PLAIN, never, step_of) == ""
    assert "the two sides differ" in refusal(PLAIN, never, replace(step_of, certificate=CITE_LESS))


CITE_LESS = Cite("never", {}, ())


@pytest.mark.parametrize(
    ("cases", "tree", "reason"),
    [
        (((A0,),), Conclude(1), "a conclusion must name one of the cases"),
        (((A0,),), Conclude(-1), "a conclusion must name one of the cases"),
        ((), Conclude(0), "a conclusion must name one of the cases"),
        (((A0,),), conclude(), DIFFER),
        (((A0,),), conclude(a0="hyp", b0="hyp"), "'b0' is not what is to be concluded"),
        (((A0, B0),), conclude(b0="b0"), DIFFER),
        ((), Contradiction(By("hyp")), DIFFER),
        ((), Contradiction(By("0", "0")), "is not shown to be positive"),
        (((A0,),), derive("new", "b", "hyp", conclude()), DIFFER),
        (
            ((A0,),),
            Derive(Atom("new", "b", "0", ">="), By(), conclude()),
            "only an equation can be derived or split off",
        ),
        (
            ((A0,),),
            derive("hyp", "a*b", "hyp", conclude()),
            "two assumed equations are named 'hyp'",
        ),
        (((A0,),), derive("A", "a*b", "hyp", conclude()), "cannot be named 'A'"),
        (((A0,),), derive("z", "a*b", "hyp", conclude()), "cannot be named 'z'"),
        (((A0,),), derive("k", "a*b", "hyp", conclude()), "cannot be named 'k'"),
        (((A0,),), derive("s", "a*b", "hyp", conclude()), "cannot be named 's'"),
        (((A0,),), derive("", "a*b", "hyp", conclude()), "an equation cannot be named ''"),
        (((A0,),), derive("new", "nothing", "hyp", conclude()), "'nothing' is not declared"),
        (((A0,),), By("hyp"), "a By is no certificate of a claim"),
        (((A0,),), Attained(0, ()), "values that attain it are what a minimum needs"),
        (((A0,),), Derive(Atom("new", "a*b"), By("hyp"), By("new")), "a By is no certificate"),
    ],
)
def test_trees_that_establish_nothing(cases: Any, tree: Any, reason: str) -> None:
    assert reason in refused(Claim((Atom("hyp", "a*b"),), cases), tree)


SPLIT = Split(
    Atom("fu", "u[k]"),
    Atom("fv", "v[i]"),
    By("hyp[k,i]"),
    (conclude(case="sum[k](fu[k]^2)"), Conclude(1, {"other": By("sum[i](fv[i]^2)")})),
)
SPLIT_CASES = ((Atom("case", "sum[k](u[k]^2)"),), (Atom("other", "sum[i](v[i]^2)"),))


@pytest.mark.parametrize(
    ("premise", "changes", "reason"),
    [
        ("u[k]*v[i]", {}, ""),
        ("u[k]*v[i]", {"by": By()}, DIFFER),
        ("u[k]*v[i]", {"branches": SPLIT.branches[:1]}, "a split has two branches"),
        ("u[k]*v[i]", {"branches": SPLIT.branches * 2}, "a split has two branches"),
        ("u[k]*v[i]", {"branches": SPLIT.branches[::-1]}, "is not declared"),
        ("u[k]*v[i]", {"one": Atom("fu", "u[k]", "1")}, "the factors of a split are set to 0"),
        ("u[k]*v[i]", {"one": Atom("fu", "u[k]", "0*1")}, "the factors of a split are set to 0"),
        (
            "u[k]*v[i]",
            {"one": Atom("fu", "u[k]", "0", ">=")},
            "only an equation can be derived or split off",
        ),
        ("u[k]*v[i]", {"two": Atom("fu", "v[i]")}, "'fv' is not declared"),
        (
            "u[k]*w[k]",
            {"two": Atom("fv", "w[k]"), "by": By("hyp[k]")},
            "the factors of a split must have separate indices",
        ),
        (
            "z*v[i]",
            {"one": Atom("fu", "z"), "by": By("hyp[i]")},
            "a split needs deterministic factors",
        ),
        (
            "a*fun",
            {"one": Atom("fu", "a"), "two": Atom("fv", "fun"), "by": By("hyp")},
            "a split needs deterministic factors",
        ),
        ("sum[k](u[k]*w[k])", {"by": By("hyp")}, DIFFER),
    ],
)
def test_splits(premise: str, changes: dict[str, Any], reason: str) -> None:
    said = refused(Claim((Atom("hyp", premise),), SPLIT_CASES), replace(SPLIT, **changes))
    assert reason in said
    assert bool(reason) == bool(said)


NULL = Null((Square("q", "a", "a1"), Square("s", "b")), By("hyp"), conclude(a0="a1"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"by": By()}, DIFFER),
        ({"squares": NULL.squares[:1]}, DIFFER),
        (
            {"squares": (NULL.squares[0], Square("s", "b", "b1"))},
            "the coefficient 's' is not shown > 0",
        ),
        ({"squares": (Square("q", "a"), NULL.squares[1])}, "'a1' is not declared"),
        ({"squares": (Square("t", "a", "a1"),)}, "the coefficient 't' is not shown >= 0"),
        ({"squares": (Square("-q", "a", "a1"),)}, "the coefficient '-q' is not shown >= 0"),
        ({"squares": (Square("c^2", "a", "a1"),)}, "the coefficient 'c^2' is not shown >= 0"),
        (
            {"squares": (Square("q/2", "a", "a1"), Square("q/2", "a", "a1"), NULL.squares[1])},
            "two assumed equations are named 'a1'",
        ),
        ({"squares": (replace(NULL.squares[0], name="hyp"), NULL.squares[1])}, "are named 'hyp'"),
        ({"squares": (replace(NULL.squares[0], name="A"), NULL.squares[1])}, "cannot be named 'A'"),
        ({"squares": (Square("q", "hyp", "a1"),)}, "'hyp' is not declared"),
    ],
)
def test_vanishing_squares(changes: dict[str, Any], reason: str) -> None:
    said = refused(Claim((Atom("hyp", "q*a^2 + s*b^2"),), ((A0,),)), replace(NULL, **changes))
    assert reason in said
    assert bool(reason) == bool(said)


def test_random_squares_vanish_in_the_mean_only_if_they_vanish() -> None:
    """E (fun - a)^2 = 0 makes fun = a almost surely, so that E(fun z) = a E z = 0."""
    premise = (Atom("hyp", "E((fun - a)^2)"),)
    tree = Null((Square("1", "fun - a", "same"),), By("hyp"), conclude(concl="E(same*z)"))
    assert refusal(PLAIN, step(claim("E(fun*z)", given=premise), tree)) == ""
    mean = (Atom("hyp", "E(fun - a)"),)
    assert DIFFER in refusal(PLAIN, step(claim("E(fun*z)", given=mean), tree))
    assert "'same' is not declared" in refusal(
        PLAIN, step(claim("E(fun*z)", given=premise), conclude(concl="E(same*z)"))
    )


def test_depth() -> None:
    def deep(levels: int) -> Tree:
        tree: Tree = conclude(concl="0")
        for k in range(levels):
            tree = derive(f"d{k}", "0", "0", tree)
        return tree

    assert refusal(PLAIN, step(claim("0"), deep(MAX_DEPTH))) == ""
    assert f"deeper than {MAX_DEPTH} levels" in refusal(
        PLAIN, step(claim("0"), deep(MAX_DEPTH + 1))
    )


# Names and earlier steps


def test_names_of_a_system() -> None:
    twice = Claim((), ((A0, replace(A0, left="b")),))
    assert "two equations of one system have the same name" in refused(twice, conclude())
    given = Claim((A0, A0), ((B0,),))
    assert "two equations of one system have the same name" in refused(given, conclude())
    for name in ("a", "A", "z", "t", "n", "k", "fun", ""):
        for statement in (
            Claim((Atom(name, "b"),), ((B0,),)),
            Claim((), ((Atom(name, "0"),),)),
        ):
            assert f"cannot be named {name!r}" in refused(statement, conclude())


def test_names_of_laws_sources_and_equations_are_taken() -> None:
    context = space(
        Normal("X", ("row", "feature")),
        Hat("H", "X", "1"),
        Absolute("r", (), "1"),
        Slot("xq", "D", "x", "q"),
        hidden=(Hidden("f"),),
        laws=(Law("D", (Field("x"),), "f"),),
    )
    for name in ("D", "f", "H_normal", "r_squared", "xq"):
        bad = Step("step", Claim((Atom(name, "0", "1"),), ()), Contradiction(By(f"-{name}")))
        assert f"cannot be named {name!r}" in refusal(context, bad), name


def test_what_a_step_may_use() -> None:
    first = Step("first", Claim((), ((Atom("e1", "E(z^2)", "1"),),)), conclude())
    second = Step("second", Claim((), ((Atom("e2", "E(z^2)*a", "a"),),)), conclude(e2="a*e1"))
    assert "'e1' is not declared" in refusal(PLAIN, first, second)
    assert refusal(PLAIN, first, replace(second, uses=("first",))) == ""
    assert "there is no earlier step 'first'" in refusal(PLAIN, replace(second, uses=("first",)))
    assert "there is no earlier step 'second'" in refusal(PLAIN, replace(second, uses=("second",)))
    assert "two steps are named 'first'" in refusal(PLAIN, first, first)
    # only what holds without premises and cases is an equation for others
    premised = Step("first", Claim((A0,), ((Atom("e1", "a*b"),),)), conclude(e1="b*a0"))
    later = Step("later", Claim((), ((Atom("e2", "a*b"),),)), conclude(e2="e1"), ("first",))
    assert "'e1' is not declared" in refusal(PLAIN, premised, later)
    sign = Step("first", Claim((), ((Atom("e1", "s", "0", ">="),),)), conclude(e1=By(rest="s")))
    assert "'e1' is not declared" in refusal(
        PLAIN, sign, Step("later", Claim((), ((Atom("e2", "s"),),)), conclude(e2="e1"), ("first",))
    )
    both = Step("other", Claim((), ((Atom("e1", "0"),),)), conclude())
    assert "two assumed equations are named 'e1'" in refusal(
        PLAIN, first, both, replace(second, uses=("first", "other"))
    )


def test_a_step_that_fails_is_used_by_none_and_stops_none() -> None:
    false = Step("false", Claim((), ((Atom("e1", "1", "0"),),)), conclude())
    true = identity("a + b", "b + a")
    rests = Step("rests", Claim((), ((Atom("e2", "1", "0"),),)), conclude(e2="e1"), ("false",))
    done, failed = examine(Proof("s", PLAIN, (false, rests, true)))
    assert set(done) == {"step"}
    assert DIFFER in failed["false"]
    assert "no earlier step 'false' that was accepted" in failed["rests"]
    with pytest.raises(ProofError, match="s, step false: the two sides differ"):
        check(Proof("s", PLAIN, (false, rests, true)))


def test_a_context_that_is_refused_fails_every_step() -> None:
    context = space(Tensor("a"), given=(Atom("hyp", "a", "1"),))
    done, failed = examine(Proof("s", context, (identity("1", "1"),)))
    assert not done
    assert "needs two instances" in failed["step"]


def test_there_is_no_statement_but_claim_and_minimum() -> None:
    class Wish:
        cases = ()
        objective = value = "0"

    wish: Any = Wish()
    assert "a Wish is no statement" in refused(wish, conclude())


# Minima


OBJECTIVE, VALUE = "E((z - a)^2) + (a*b)^2", "1"
AT = Atom("at", OBJECTIVE, VALUE)
CASES = ((A0,),)
BOUND = Step(
    "bound",
    Claim((), ((Atom("least", OBJECTIVE, VALUE, ">="),),)),
    conclude(least=By(squares=(Square("1", "a"), Square("1", "a*b")))),
)
EQUALITY = Step(
    "equality",
    Claim((AT,), CASES),
    Null((Square("1", "a", "a1"), Square("1", "a*b")), By("at"), conclude(a0="a1")),
)
CONVERSE = Step(
    "converse",
    Claim((A0,), ((Atom("back", OBJECTIVE, VALUE),),)),
    conclude(back="a0*a + a0*a*b^2"),
)
MINIMUM = Minimum(OBJECTIVE, VALUE, ("a",), CASES)
ATTAINED = Attained(0, (Definition("a", (), "0"),))
USES = ("bound", "equality", "converse")
PARTS = (BOUND, EQUALITY, CONVERSE)


def minimum(
    statement: Minimum = MINIMUM,
    values: Attained = ATTAINED,
    uses: tuple[str, ...] = USES,
    parts: tuple[Step, ...] = PARTS,
    context: Context = PLAIN,
) -> str:
    return refusal(context, *parts, Step("minimum", statement, values, uses))


def test_a_minimum() -> None:
    assert minimum() == ""
    assert (
        minimum(
            replace(MINIMUM, parameters=("a", "b")),
            replace(ATTAINED, values=(Definition("b", (), "3"), Definition("a", (), "0"))),
        )
        == ""
    )


def changed(at: int, **parts: Any) -> tuple[Step, ...]:
    one = PARTS[at]
    return tuple(replace(one, **parts) if one is x else x for x in PARTS)


WEAKER = Step(
    "bound",
    Claim((), ((Atom("least", OBJECTIVE, "0", ">="),),)),
    conclude(least=By(rest="1", squares=(Square("1", "a"), Square("1", "a*b")))),
)
PREMISED = replace(BOUND, statement=replace(BOUND.statement, given=(B0,)))  # type: ignore[type-var]
BACK_TO_LESS = Step(
    "converse",
    Claim((A0,), ((Atom("back", OBJECTIVE, "E(z^2) + 0"),),)),
    conclude(back="a0*a + a0*a*b^2"),
)
NARROW = Claim((AT, B0), CASES)
STRICT = ((Atom("a0", "a"), Atom("b0", "b")),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uses": USES[:2]}, "a minimum uses its bound, its equality case, and a converse"),
        ({"uses": (*USES, "bound")}, "a minimum uses its bound, its equality case"),
        ({"uses": ("equality", "bound", "converse")}, "the first step that a minimum uses is"),
        ({"uses": ("bound", "converse", "equality")}, "the second step leads from objective"),
        ({"uses": ("bound", "bound", "converse")}, "the second step leads from objective"),
        ({"uses": ("bound", "equality", "bound")}, "a converse leads from its case to"),
        ({"parts": (WEAKER, *PARTS[1:])}, "the first step that a minimum uses is"),
        ({"parts": (PREMISED, *PARTS[1:])}, "the first step that a minimum uses is"),
        ({"parts": (*PARTS[:2], BACK_TO_LESS)}, "a converse leads from its case to objective"),
        ({"parts": changed(1, statement=NARROW)}, "has objective = value as its only premise"),
        (
            {"statement": replace(MINIMUM, cases=STRICT)},
            "the second step leads from objective = value to the cases",
        ),
        (
            {"statement": replace(MINIMUM, value="2")},
            "the first step that a minimum uses is objective >= value",
        ),
        (
            {"statement": replace(MINIMUM, objective="E((z - a)^2)")},
            "the first step that a minimum uses is objective >= value",
        ),
        (
            {"statement": replace(MINIMUM, cases=((Atom("a0", "a", "0", ">="),),))},
            "the cases of a minimum are equations",
        ),
        ({"statement": replace(MINIMUM, objective="z")}, "an inequality is between deterministic"),
        (
            {"statement": replace(MINIMUM, objective="u[k]^2", value="0")},
            "the objective and the value of a minimum have no free index",
        ),
        ({"values": conclude()}, "values that attain it are what a minimum needs"),
        *(
            (
                {"statement": replace(MINIMUM, parameters=names)},
                "the parameters of a minimum are distinct deterministic arrays",
            )
            for names in (("t",), ("z",), ("A",), ("a", "a"), ("fun",), ("nothing",), ("n",))
        ),
        ({"values": replace(ATTAINED, case=1)}, "the values must satisfy one of the cases"),
        ({"values": replace(ATTAINED, case=-1)}, "the values must satisfy one of the cases"),
        ({"values": replace(ATTAINED, values=())}, "each parameter needs one value"),
        ({"values": replace(ATTAINED, values=ATTAINED.values * 2)}, "each parameter needs one"),
        (
            {"values": Attained(0, (Definition("b", (), "0"),))},
            "each parameter needs one value",
        ),
        (
            {"values": Attained(0, (Definition("a", ("k",), "0"),))},
            "the value of 'a' does not fit its indices",
        ),
        ({"values": Attained(0, (Definition("a", (), "a"),))}, "'a' mentions a parameter"),
        ({"values": Attained(0, (Definition("a", (), "two - A"),))}, "'a' mentions a parameter"),
        ({"values": Attained(0, (Definition("a", (), "z"),))}, "the value of 'a' is random"),
        ({"values": Attained(0, (Definition("a", (), "fun - fun + e"),))}, "'a' is random"),
        ({"values": Attained(0, (Definition("a", (), "1"),))}, DIFFER),
        ({"values": Attained(0, (Definition("a", (), "b"),))}, DIFFER),
        ({"values": Attained(0, (Definition("a", (), "u[k]"),))}, "has a stray index"),
        (
            {"values": replace(ATTAINED, by={"b0": By()})},
            "'b0' is not what is to be concluded",
        ),
    ],
)
def test_minima_that_are_none(changes: dict[str, Any], reason: str) -> None:
    assert reason in minimum(**changes)


def test_a_minimum_uses_claims() -> None:
    other = Step("minimum", MINIMUM, ATTAINED, USES)
    again = Step("again", MINIMUM, ATTAINED, ("minimum", "equality", "converse"))
    assert "a minimum uses its bound" in refusal(PLAIN, *PARTS, other, again)


@pytest.mark.parametrize(
    "parts",
    [
        {"extra": (Normal("noise", (), "c"),)},
        {"extra": (Absolute("r", (), "c"),)},
        {"extra": (Absolute("r", (), "c*z"),)},
        {"given": (Atom("tie", "c", "1"),)},
        {"given": (Atom("tie", "double", "0", ">="),)},
    ],
)
def test_parameters_are_free(parts: dict[str, Any]) -> None:
    """A law, an absolute value or something given that mentions c forbids c as a parameter."""
    extra = parts.pop("extra", ())
    point = {"n": 0, "d": 0, "s": 1, "q": 1, "t": 0}
    values = tuple(Value(k, Fraction(v)) for k, v in point.items())
    numbers = (*values, *(Value(k, Fraction(1)) for k in "abc"))

    def instance(n: int) -> Point:
        shape = {"u": n, "v": n, "w": n}
        vectors = tuple(Value(k, (Fraction(0),) * m) for k, m in shape.items())
        sizes = (Value("n", Fraction(n)), Value("d", Fraction(n)))
        return Point((*sizes, *numbers[2:], *vectors, Definition("fun", (), "z")))

    try:
        context = replace(
            PLAIN,
            arrays=(*PLAIN.arrays, *extra),
            definitions=(*PLAIN.definitions, Definition("double", (), "2*c")),
            instances=(instance(0), instance(2)),
            **parts,
        )
        statement = replace(MINIMUM, parameters=("a", "c"))
        values_of = Attained(0, (Definition("a", (), "0"), Definition("c", (), "0")))
        said = minimum(statement, values_of, context=context)
    except ProofError as error:
        said = str(error)
    if any(isinstance(one, Normal) for one in extra):
        assert "the variance of 'noise' must be made of scalars" in said
    else:
        assert "'c' is not free: a law, a hypothesis or the value has it" in said


def test_the_value_may_not_depend_on_a_parameter() -> None:
    """O = v = a^2 would be a minimum for every a."""
    bound = Step("bound", Claim((), ((Atom("least", "a^2", "a^2", ">="),),)), conclude())
    equality = Step("equality", Claim((Atom("at", "a^2", "a^2"),), ((),)), conclude())
    converse = Step("converse", Claim((), ((Atom("back", "a^2", "a^2"),),)), conclude())
    for value in ("a^2", "A*a"):
        statement = Minimum("a^2", value, ("a",), ((),))
        parts = tuple(
            replace(one, statement=_with_value(one.statement, value))
            for one in (bound, equality, converse)
        )
        assert "'a' is not free" in minimum(statement, parts=parts)


def _with_value(statement: Statement, value: str) -> Claim:
    assert isinstance(statement, Claim)

    def moved(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        return tuple(replace(atom, right=value) for atom in atoms)

    return Claim(moved(statement.given), tuple(map(moved, statement.cases)))


def test_values_go_through_the_definitions_that_use_them() -> None:
    """The case is about A := a; a = 0 makes it hold."""
    cases = ((Atom("a0", "A"),),)
    parts = (
        BOUND,
        replace(EQUALITY, statement=Claim((AT,), cases)),
        replace(CONVERSE, statement=replace(CONVERSE.statement, given=cases[0])),  # type: ignore[type-var]
    )
    assert minimum(replace(MINIMUM, cases=cases), parts=parts) == ""
    wrong = replace(ATTAINED, values=(Definition("a", (), "q"),))
    assert DIFFER in minimum(replace(MINIMUM, cases=cases), wrong, parts=parts)


# Lemmas and fuel


HALF = Fraction(1, 2)
COINS = (Outcome(HALF, (Value("s", Fraction(1)),)), Outcome(HALF, (Value("s", Fraction(-1)),)))


def test_steps_name_the_lemmas_that_they_may_rest_on() -> None:
    normal = space(Normal("z"), Tensor("a"))
    (plain, mean, square) = accepted(
        normal,
        step(claim("a + 0", "a"), name="plain"),
        step(claim("E(z^2)", "1"), name="mean"),
        step(claim("1", "0", ">="), By(squares=(Square("1", "z"),)), name="square"),
    )
    assert plain.lemmas == set()
    assert mean.lemmas == {FUBINI, ISSERLIS}
    assert square.lemmas == {FUBINI, ISSERLIS, FAITHFUL}
    rests = Step("rests", claim("2*E(z^2)", "2"), conclude(concl="0"), ("mean",))
    cites = Step("cites", claim("a", "a"), Cite("mean", {}, (conclude(),)))
    done = accepted(normal, step(claim("E(z^2)", "1"), name="mean"), rests, cites)
    assert [one.lemmas for one in done[1:]] == [{FUBINI, ISSERLIS}] * 2
    deterministic = step(claim("a^2", "0", ">="), By(squares=(Square("1", "a"),)))
    assert accepted(normal, deterministic)[0].lemmas == {FAITHFUL}
    law = space(
        Slot("yq", "D", "y", "q"),
        hidden=(Hidden("f", ("feature",)),),
        laws=(Law("D", (Field("y", (), True),), "f"),),
        definitions=(Definition("m", (), "E[D](yq)"),),
    )
    assert accepted(law, identity("m", "m"))[0].lemmas == {FUBINI, CUMULANTS, ISOTROPY}
    hat = space(Normal("X", ("row", "feature")), Hat("H", "X", "1"))
    assert accepted(hat, identity("H[k,h]", "H[k,h]"))[0].lemmas == {RIDGE}


def test_a_given_equation_brings_the_lemmas_of_its_expectations() -> None:
    """From E z^4 = 3 c alone: c = 1, by Isserlis."""
    context = space(
        Normal("z"),
        scalars=(Scalar("c"), Scalar("s", ZERO)),
        given=(Atom("fourth", "E(z^4)", "3*c"),),
        instances=tuple(
            Point(
                tuple(
                    Value(k, Fraction(v)) for k, v in (("n", n), ("d", n + 1), ("c", 1), ("s", 1))
                )
            )
            for n in (0, 2)
        ),
    )
    (done,) = accepted(context, identity("c", "1", "-fourth", "3"))
    assert done.lemmas == {FUBINI, ISSERLIS}


def test_what_is_given_is_used_by_its_name() -> None:
    context = space(
        Tensor("a"),
        given=(Atom("root", "a^2", "4"), Atom("sign", "a", "0", ">")),
        instances=tuple(
            Point((Value("n", Fraction(n)), Value("d", Fraction(n + 1)), Value("a", Fraction(2))))
            for n in (0, 2)
        ),
    )
    assert refusal(context, identity("a^3", "4*a", "a*root")) == ""
    assert "'sign' is not declared" in refusal(context, identity("a", "a", "0*sign"))
    assert DIFFER in refusal(context, identity("a", "2", "root"))


def test_a_hat_matrix_and_an_absolute_value_satisfy_their_equations() -> None:
    context = space(
        Normal("X", ("row", "feature")),
        Hat("H", "X", "c"),
        Absolute("r", ("k",), "sum[i](X[k,i])"),
        scalars=(Scalar("c", ZERO),),
        definitions=(Definition("K", ("k", "h"), "sum[i](X[k,i]*X[h,i])"),),
    )
    ridge = "sum[g](H[k,g]*K[g,h]) + c*H[k,h]"
    assert refusal(context, identity(ridge, "K[k,h]", "H_normal[k,h]")) == ""
    assert DIFFER in refusal(context, identity(ridge, "K[k,h]"))
    assert DIFFER in refusal(context, identity(ridge, "2*K[k,h]", "H_normal[k,h]"))
    square = identity("E(r[k]^2)", "d", "E(r_squared[k])")
    assert refusal(context, square) == ""
    assert DIFFER in refusal(context, identity("r[k]", "sum[i](X[k,i])", "r_squared[k]"))


def test_a_proof_spends_the_fuel_that_it_is_given() -> None:
    checker = Checker(PLAIN, Fuel(60))
    with pytest.raises(ProofError, match="more steps than are allowed"):
        checker.check(identity("(a + b + c)^8", "0"))


def test_moments_are_reported_by_degree() -> None:
    context = space(
        Draws("x", "D", "x", "row"),
        Slot("xq", "D", "x", "q"),
        laws=(Law("D", (Field("x"),)),),
    )
    (done,) = accepted(context, identity("E(x[k]^2*xq^3)", "E(xq^3)*E(xq^2)"))
    assert done.moments == {"D": 3}


def test_models_of_instances_are_finite_laws_and_normal_arrays() -> None:
    """The smallest context with a moment: a fair sign has mean 0 and square 1."""

    def point(n: int) -> Point:
        sizes = (Value("n", Fraction(n)), Value("d", Fraction(n + 1)))
        return Point(sizes, (Model("D", (), COINS, (Definition("x", (), "s"),)),))

    context = space(
        Slot("xq", "D", "x", "q"),
        laws=(Law("D", (Field("x"),)),),
        moments=(Atom("mean", "E(xq)", "0"), Atom("square", "E(xq^2)", "1")),
        instances=(point(0), point(2)),
    )
    assert refusal(context, identity("E((1 + xq)^2)", "2")) == ""
    false = replace(context, moments=(Atom("mean", "E(xq)", "1"),))
    assert "does not satisfy 'mean'" in refusal(false, identity("1", "1"))
