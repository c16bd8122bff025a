"""What the third reading of the kernel found, and refusals that no test asked for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q

import pytest
from steps import ROWS, SIZES, TWO_D, identity, refusal, space

from verifier.proof.context import (
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
    Sort,
    Tensor,
    Value,
)
from verifier.proof.instances import admissible, check_instances
from verifier.proof.statements import By, Claim, Conclude, Contradiction, Minimum, Step
from verifier.proof.syntax import ProofError
from verifier.render.wording import Wording
from verifier.theorem.refute import refute

PLAIN = space(Tensor("a"), Normal("z"))
LAW = (Law("D", (Field("x"),)),)


# What could be declared or named, and made the printing of an accepted file fail or say nothing


def test_a_sort_has_an_index_letter() -> None:
    """The printed context says "the k-th draw": with no letter, that ended in a traceback."""
    arrays = (Draws("X", "D", "x", "row"),)
    line = refusal(lambda: Context((Sort("row", "n", ()),), SIZES[:1], (), LAW, arrays))
    assert line == "the sort 'row' needs an index letter"
    assert refusal(lambda: Context((ROWS,), SIZES[:1], (), LAW, arrays)) == ""


def test_a_slot_has_a_name() -> None:
    def setting(slot: str) -> Context:
        return Context(laws=LAW, arrays=(Slot("x", "D", "x", slot),))

    assert refusal(lambda: setting("query")) == ""
    for other in ("", "any; proved", "\x1b[2J", "E"):
        assert "is not a usable name" in refusal(lambda other=other: setting(other))


def test_an_equation_has_a_name() -> None:
    for name in ("", "line\nfeed", "sum", "1"):
        atoms = (Atom(name, "1", "1"),)
        line = refusal(PLAIN, Step("s", Claim((), (atoms,)), Conclude()))
        assert line == f"an equation cannot be named {name!r}"
        assert refusal(PLAIN, Step("s", Claim(atoms, (atoms,)), Conclude())) == line


def test_a_function_is_of_some_source() -> None:
    """What is "any function of" nothing is a tensor, and should be declared as one."""
    line = refusal(lambda: space(Normal("z"), Function("fun", (), ())))
    assert line == "'fun' must be a function of declared sources"
    assert refusal(lambda: space(Normal("z"), Function("fun", (), ("z",)))) == ""


def test_a_claim_without_cases_is_printed_as_what_it_is() -> None:
    """No case: the premises contradict each other. Printing it ended in a traceback."""
    claim = Claim((Atom("square", "a^2", "1"), Atom("two", "a", "2")), ())
    tree = Contradiction(By("square/3 - two*(a + 2)/3"))
    assert refusal(PLAIN, Step("s", claim, tree)) == ""
    assert Wording().statement(PLAIN, claim) == (
        "if a² = 1 and a = 2,",
        "then a contradiction: there is no such case",
    )


def test_a_case_without_equations_is_printed_as_what_it_is() -> None:
    lines = Wording().statement(PLAIN, Minimum("a - a", "0", ("a",), ((),)))
    assert lines[-1] == "attained exactly where in every case"


# Refusals that no test asked for


def test_a_variance_must_not_be_negative_at_a_point() -> None:
    context = Context(scalars=(Scalar("t"),), arrays=(Normal("z", (), "t"),))
    admissible(context, Point((Value("t", Q(0)),)))
    with pytest.raises(ProofError, match=r"the variance of 'z' is negative at this point"):
        admissible(context, Point((Value("t", Q(-1)),)))


HIDDEN = Context(
    hidden=(Hidden("f", (), ("y",)),),
    laws=(Law("D", (Field("y", (), hidden=True),), "f"),),
    arrays=(Slot("y", "D", "y", "q"),),
)
TASK, DRAW = Model("f", (Tensor("w"),)), Model("D", (), (), (Definition("y", (), "w"),))


@pytest.mark.parametrize(
    ("models", "reason"),
    [
        ((TASK, DRAW), ""),
        ((replace(TASK, fields=DRAW.fields), DRAW), "the hidden source 'f' has no fields"),
        ((TASK, replace(DRAW, normals=(Tensor("w"),))), "'D' and 'f' have an array of the same"),
        (
            (replace(TASK, normals=(Tensor("w"), Tensor("v", ("nothing",)))), DRAW),
            "'v' has an index of no declared sort",
        ),
        (
            (
                Model("f", tuple(Tensor(f"w{k}") for k in range(9))),
                Model("D", (), (), (Definition("y", (), "+".join(f"w{k}" for k in range(9))),)),
            ),
            "oddness is checked for at most 8 arrays of models",
        ),
    ],
)
def test_models_that_are_refused(models: tuple[Model, ...], reason: str) -> None:
    if not reason:
        admissible(HIDDEN, Point((), models))
        return
    with pytest.raises(ProofError, match=reason):
        admissible(HIDDEN, Point((), models))


def test_nine_arrays_are_too_many_only_if_fields_use_them_and_are_odd() -> None:
    plain = replace(HIDDEN, hidden=(Hidden("f"),))
    names = [f"w{k}" for k in range(9)]
    body = Definition("y", (), "+".join(names))
    admissible(
        plain, Point((), (Model("f", tuple(map(Tensor, names))), replace(DRAW, fields=(body,))))
    )
    many = (Outcome(Q(1), tuple(Value(f"c{k}", Q(1)) for k in range(9))),)
    admissible(HIDDEN, Point((), (TASK, replace(DRAW, outcomes=many))))


def test_the_reason_names_premises_only_if_there_are_some() -> None:
    point = Point((*_sizes(1), Value("a", Q(0))))
    one = Claim((), ((Atom("goal", "a", "1"),),))
    assert refute(space(Tensor("a")), one, point).reason == "the two sides differ"
    two = replace(one, given=(Atom("zero", "a"),))
    assert (
        refute(space(Tensor("a")), two, point).reason
        == "the premises hold but the two sides differ"
    )


def test_the_relation_of_a_refuted_atom_is_one_of_three() -> None:
    claim = Claim((), ((Atom("c", "a", "1", "<"),),))
    with pytest.raises(ProofError, match=r"'<' is none of =, >=, >"):
        refute(space(Tensor("a")), claim, Point((*_sizes(1), Value("a", Q(0)))))


def _sizes(d: int) -> tuple[Value, ...]:
    return Value("n", Q(0)), Value("d", Q(d))


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("a", "2*a", "-1 a"),
        ("a/3", "a", "-2 a (all that divides multiplied out)"),
        ("a/d", "n^2*a", "1 a and 1 more terms (all that divides multiplied out)"),
        ("sum[k](t[k,i])", "0", "1 t[0,i]"),
    ],
)
def test_what_is_left_over_is_said_to_be_multiplied_out(left: str, right: str, said: str) -> None:
    context = space(Tensor("a"), Tensor("t", ("row", "feature")))
    assert refusal(context, identity(left, right)) == f"the two sides differ: {said}"


@pytest.mark.parametrize(("left", "right"), [("z", "1"), ("1", "z"), ("a", "z"), ("z", "z + a")])
def test_neither_side_of_what_is_given_is_random(left: str, right: str) -> None:
    context = replace(PLAIN, given=(Atom("tie", left, right),))
    assert refusal(context, identity("0")) == (
        "'tie' ties random quantities; only functions of them may be"
    )


# Isotropy of rank 2: at d = 2 a rotation by 90 degrees commutes with all rotations


def _turned() -> tuple[Context, Point]:
    """y = w'x and u = (Jw)'x with w uniform on +-e_i, x normal and J the rotation by 90 degrees.

    E[y x | f] = w and E[u x | f] = J w, so that E (w (Jw)') = J'/2, which no multiple of I is.
    """
    fields = (Field("x", ("feature",)), Field("y", hidden=True), Field("u", hidden=True))
    context = space(
        *(Slot(f"{name}q", "D", name, "q") for name in "xyu"),
        Tensor("J", ("feature", "feature")),
        scalars=TWO_D,
        hidden=(Hidden("f", ("feature",)),),
        laws=(Law("D", fields, "f"),),
        definitions=(
            Definition("m", ("i",), "E[D](yq*xq[i])"),
            Definition("v", ("i",), "E[D](uq*xq[i])"),
        ),
    )
    axes = [(Q(s * (k == 0)), Q(s * (k == 1))) for k in (0, 1) for s in (1, -1)]
    task = Model("f", (), tuple(Outcome(Q(1, 4), (Value("w", one),)) for one in axes))
    bodies = ("z[i]", "sum[i](w[i]*z[i])", "sum[i,j](J[i,j]*w[j]*z[i])")
    named = zip("xyu", (("i",), (), ()), bodies, strict=True)
    draw = Model("D", (Tensor("z", ("feature",)),), (), tuple(Definition(*one) for one in named))
    turn = Value("J", ((Q(0), Q(-1)), (Q(1), Q(0))))
    return context, Point((*_sizes(2), turn), (task, draw))


def test_an_antisymmetric_mean_is_no_multiple_of_the_identity() -> None:
    context, point = _turned()
    admissible(context, point)
    trace = "delta[i,j]*E(sum[l](m[l]*v[l]))/d"
    assert "differ" in refusal(context, identity("E(m[i]*v[j])", trace))
    found = refute(context, Claim((), ((Atom("c", "E(m[i]*v[j])", trace),),)), point)
    assert {found.found, found.claimed} == {Q(1, 2), Q(0)} or found.found == Q(-1, 2)
    # the symmetric ones are
    assert refusal(context, identity("E(m[i]*m[j])", trace.replace("v", "m"))) == ""
    both = "E(m[i]*v[j] + m[j]*v[i])"
    assert "differ" in refusal(context, identity("E(m[i]*v[j])", "E(m[j]*v[i])"))
    with pytest.raises(ProofError, match="true at these values"):
        refute(context, Claim((), ((Atom("c", both, f"2*{trace}"),),)), point)


def test_two_instances_of_one_size_show_one_size() -> None:
    """Smallest and larger sizes: one point does not serve as both."""
    context = Context(
        (Sort("row", "n", ("k",)),),
        (Scalar("n", Q(2), integer=True),),
        arrays=(Tensor("t"),),
        given=(Atom("g", "t", "1"),),
        instances=(Point((Value("n", Q(2)), Value("t", Q(1)))),),
    )
    with pytest.raises(ProofError, match="needs two instances"):
        check_instances(context)
