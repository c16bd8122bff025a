"""Each refusal of a rule, by the reason that it gives: a check that is left out shows here."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from verifier.proof.checker import Proof, Step, check, examine
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
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
    System,
)

CONTEXT = Context(
    scalars=(
        Scalar("n", Fraction(0), integer=True),
        Scalar("d", Fraction(1), integer=True),
        Scalar("t"),
        Scalar("free"),
        Scalar("k", integer=True),
        Scalar("s", Fraction(0)),
        Scalar("v2", Fraction(0)),
    ),
    sorts=(("row", "n"), ("column", "d")),
    tensors=(
        Tensor("u", ("row",)),
        Tensor("v", ("column",)),
        Tensor("w", ("column",)),
        Tensor("b", ()),
        Tensor("c", ()),
        Tensor("x", ()),
        Tensor("r", (), ("x",)),
        Tensor("M", ("row", "row")),
        Tensor("N", ("row", "row")),
        Tensor("y", ()),
        Tensor("z", ()),
    ),
    laws=(
        Law("normal", ("x",)),
        Law("normal", ("y",), "t^2"),
        Law("joint", ("z",), moments=(((2,), "v2"),)),
    ),
    definitions=(
        Definition("one", (), "1"),
        Definition("twice", (), "2*b"),
        Definition("four", (), "2*twice + c"),
    ),
    inverses=(("M", "N"),),
)


def e(name: str, left: str, right: str = "0") -> Equation:
    return Equation(name, left, right)


def refusal(*steps: Step, context: Context = CONTEXT) -> str:
    """Why the last step is refused, the others being accepted; '' if it is accepted."""
    _, failed = examine(Proof("p", context, steps))
    assert set(failed) <= {steps[-1].name}
    return failed.get(steps[-1].name, "")


def cases(given: System, conclude: tuple[System, ...], tree: dict[str, Any]) -> Step:
    return Step("cases", "cases", Implication(given, conclude), tree)


NOTHING: dict[str, Any] = {"node": "conclude", "system": 0, "by": {}}
B0 = e("b0", "b")
PRODUCT = e("h", "b*v[i]")
SPLIT: dict[str, Any] = {
    "node": "split",
    "factors": [
        {"name": "f", "left": "b", "right": "0"},
        {"name": "g", "left": "v[i]", "right": "0"},
    ],
    "by": {"combination": "h[i]"},
    "branches": [
        {"node": "conclude", "system": 0, "by": {"b0": {"combination": "f"}}},
        {"node": "conclude", "system": 1, "by": {"v0": {"combination": "g[i]"}}},
    ],
}
EITHER = ((B0,), (e("v0", "v[i]"),))


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    tree = copy.deepcopy(SPLIT)
    holder: Any = tree
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return tree


def test_a_split_and_a_contradiction_are_accepted() -> None:
    assert refusal(cases((PRODUCT,), EITHER, SPLIT)) == ""
    swapped = copy.deepcopy(SPLIT)
    for part in (swapped["factors"], swapped["branches"]):
        part.reverse()
    assert refusal(cases((PRODUCT,), EITHER, swapped)) == ""
    false = {"node": "contradiction", "by": {"combination": "0 - h"}}
    assert (
        refusal(cases((e("h", "d - 1", "d"),), (), {**false, "by": {"combination": "0 - h"}})) == ""
    )
    derived = {
        "node": "derive",
        "equation": {"name": "f", "left": "2*b", "right": "0"},
        "by": {"combination": "2*h"},
        "then": {"node": "conclude", "system": 0, "by": {"b0": {"combination": "f", "times": "2"}}},
    }
    assert refusal(cases((e("h", "b"),), ((B0,),), derived)) == ""


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("factors", 0, "right"), "1", "two factors set to 0"),
        (("factors", 1, "right"), "v[i]", "two factors set to 0"),
        (("factors",), SPLIT["factors"] * 2, "two factors set to 0"),
        (("factors",), SPLIT["factors"][:1], "two factors set to 0"),
        (("branches",), SPLIT["branches"] * 2, "two factors set to 0"),
        (("branches",), SPLIT["branches"][:1], "two factors set to 0"),
        (("factors", 0, "left"), "b + 0*v[i]", "separate indices"),
        (("factors", 0, "left"), "x", "deterministic factors"),
        (("factors", 0, "name"), "h", "the same name"),
        (("factors", 0, "name"), "c", "already taken"),
        (("by",), [], "must be an object"),
        (("by",), {}, "the two sides differ"),
        (("branches", 0, "system"), -1, "must name one of the systems"),
        (("branches", 0, "system"), 2, "must name one of the systems"),
        (("branches", 0, "system"), True, "must name one of the systems"),
        (("branches", 0, "by"), [], "must name one of the systems"),
        (("branches", 0, "by", "b0"), 5, "must be an object"),
        (("branches", 0, "node"), "guess", "unknown node 'guess'"),
        (("node",), "guess", "unknown node 'guess'"),
    ],
)
def test_a_bad_split_says_why(path: tuple[Any, ...], value: Any, reason: str) -> None:
    assert reason in refusal(cases((PRODUCT,), EITHER, changed(path, value)))


def test_a_premise_over_an_empty_range_is_no_contradiction() -> None:
    """0 u_i = 1 for all rows says that there is no row, not that 1 = 0."""
    given = (e("h", "0*u[i]", "1"),)
    step = Step("s", "identity", Identity("1", "0", given), {"combination": "0 - h[i]"})
    assert "a free index 'i' that the equation has not" in refusal(step)
    summed = Identity("n", "0", given)
    assert refusal(Step("s", "identity", summed, {"combination": "0 - sum[i](h[i])"})) == ""


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        ({"times": "n"}, "not shown to be positive"),
        ({"times": "0"}, "not shown to be positive"),
        ({"times": "b"}, "not shown to be positive"),
        ({"combination": "b"}, "does not vanish"),
        ({"combination": "g"}, "'g' with 0 indices is not declared"),
    ],
)
def test_a_bad_certificate_says_why(certificate: dict[str, str], reason: str) -> None:
    assert reason in refusal(Step("s", "identity", Identity("b", "b"), certificate))


def test_a_name_is_used_once_even_where_its_first_step_fails() -> None:
    wrong, right = (Step("s", "identity", Identity("b", side), {}) for side in ("c", "b"))
    accepted, failed = examine(Proof("p", CONTEXT, (wrong, right)))
    assert accepted == {}
    assert "the two sides differ" in failed["s"]
    accepted, failed = examine(Proof("p", CONTEXT, (right, wrong)))
    assert accepted == {}
    assert failed["s"] == "another step has the same name"


def test_deep_definitions_are_refused_in_one_line() -> None:
    chain = tuple(Definition(f"f{k}", (), "-" * 50 + f"f{k - 1}" if k else "t") for k in range(60))
    step = Step("s", "identity", Identity("f59", "t"), {})
    assert "nested too deeply" in refusal(
        step, context=Context((Scalar("t"),), (), definitions=chain)
    )


LOSS = "(b - 1)^2 + E(x^2) + (s + 1)*(c*b - c)^2"
BOUND = Bound(LOSS, "1", (Square("1", "b - 1", True), Square("s + 1", "c*b - c", False)))
IMPLIED = Implication((e("q", "b - 1"),), ((e("b1", "b", "1"),),))
BY_Q: dict[str, Any] = {"node": "conclude", "system": 0, "by": {"b1": {"combination": "q"}}}
MINIMUM = Minimum(LOSS, "1", ("b",), ((e("b1", "b", "1"),),))
CERTIFICATE: dict[str, Any] = {
    "converse": [[{"combination": "b1"}, {"combination": "c*b1"}]],
    "witness": {"system": 0, "values": [{"name": "b", "parameters": [], "body": "1"}], "by": {}},
}


def minimum(
    statement: Statement = MINIMUM,
    bound: Bound = BOUND,
    implied: Implication = IMPLIED,
    tree: dict[str, Any] = BY_Q,
    uses: tuple[str, ...] = ("bound", "cases"),
    context: Context = CONTEXT,
    **certificate: Any,
) -> str:
    return refusal(
        Step("bound", "squares", bound, {}),
        Step("cases", "cases", implied, tree),
        Step("minimum", "minimum", statement, {**CERTIFICATE, **certificate}, uses),
        context=context,
    )


def witness(*values: dict[str, Any], system: object = 0, **by: object) -> dict[str, Any]:
    return {"system": system, "values": list(values), "by": by}


def b(body: str) -> dict[str, Any]:
    return {"name": "b", "parameters": [], "body": body}


def test_the_minimum_is_accepted() -> None:
    assert minimum() == ""
    assert minimum(witness=witness(b("2 - 1"))) == ""
    other = replace(MINIMUM, objective=LOSS, parameters=("b",))
    assert minimum(other) == ""


def test_a_minimum_says_why_it_is_none() -> None:
    equal_one = Implication((e("q", "b - 1", "1"),), ((e("b1", "b", "2"),),))
    at_two = replace(MINIMUM, minimisers=((e("b1", "b", "2"),),))
    assert "start from the vanishing" in minimum(at_two, implied=equal_one)
    weak = replace(BOUND, squares=(Square("1", "b - 1", False), BOUND.squares[1]))
    assert "start from the vanishing" in minimum(bound=weak)
    assert "rests on one sum of squares" in minimum(uses=("bound",))
    assert "rests on one sum of squares" in minimum(uses=("cases", "bound"))
    assert "rests on one sum of squares" in minimum(uses=("cases", "cases"))
    assert "rests on one sum of squares" in minimum(uses=("bound", "bound"))
    assert "rests on one sum of squares" in minimum(uses=("bound", "cases", "cases"))
    assert "another objective or value" in minimum(replace(MINIMUM, value="0 + 1"))
    assert "another objective or value" in minimum(replace(MINIMUM, objective=f"{LOSS} + 0"))
    assert "other systems" in minimum(replace(MINIMUM, minimisers=((e("b1", "1", "b"),),)))
    assert "needs its converse" in minimum(converse=[])
    assert "must treat every square" in minimum(converse=[[{}]])
    assert "must treat every square" in minimum(converse=[5])
    assert "the two sides differ" in minimum(converse=[[{}, {}]])
    assert "the two sides differ" in minimum(converse=[[5, 5]])


@pytest.mark.parametrize(
    ("changed_witness", "reason"),
    [
        (witness(b("2")), "the two sides differ"),
        (witness(), "must give each parameter one value"),
        (witness(b("1"), b("1")), "must give each parameter one value"),
        (witness({**b("1"), "name": "c"}), "must give each parameter one value"),
        (witness(b("1"), {**b("1"), "name": "c"}), "must give each parameter one value"),
        (witness(b("1"), system=-1), "must name one of the systems"),
        (witness(b("1"), system=1), "must name one of the systems"),
        (witness(b("1"), system=True), "must name one of the systems"),
        (witness(b("1 + x - x")), ""),
        (witness(b("one")), ""),
        (witness(b("one + twice")), "'twice' before it is known"),
        (witness(b("1 + x")), "the witness for 'b' is random"),
        (witness(b("r")), "the witness for 'b' is random"),
        (witness(b("1"), b1=5), "must be an object"),
    ],
)
def test_a_bad_witness_says_why(changed_witness: dict[str, Any], reason: str) -> None:
    found = minimum(witness=changed_witness)
    assert reason in found
    assert bool(reason) == bool(found)


def over(parameter: str, **parts: Any) -> str:
    """Why a minimum over a parameter is refused; the objective is its square."""
    name = parameter.partition("[")[0]
    square = f"sum[i](({parameter})^2)" if "[" in parameter else f"({parameter})^2"
    zero = ((e("z0", parameter),),)
    indices = ["i", "j"][: parameter.count("[") + parameter.count(",")]
    certificate = {
        "converse": [[{"combination": f"z0{'[' + ','.join(indices) + ']' if indices else ''}"}]],
        "witness": witness({"name": name, "parameters": indices, "body": "0"}),
    }
    by = {"z0": {"combination": f"q{'[' + ','.join(indices) + ']' if indices else ''}"}}
    return minimum(
        Minimum(square, "0", (name,), zero),
        Bound(square, "0", (Square("1", parameter, True),)),
        Implication((e("q", parameter),), zero),
        {"node": "conclude", "system": 0, "by": by},
        context=replace(CONTEXT, **parts),
        **certificate,
    )


def test_parameters_are_free() -> None:
    assert over("b") == ""
    assert over("free") == ""
    assert over("v[i]") == ""
    assert "'s' is not a free parameter" in over("s")
    assert "'d' is not a free parameter" in over("d")
    assert "'k' is not a free parameter" in over("k")
    assert "a law depends on a parameter" in over("t")
    assert "hypothesis 'h' constrains a parameter" in over("b", hypotheses=(e("h", "b", "c"),))
    assert "hypothesis 'h' constrains a parameter" in over("b", hypotheses=(e("h", "c", "b"),))
    assert over("b", hypotheses=(e("h", "c", "1"),)) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("r", "'r' is not a free parameter"),
        ("x", "'x' is not a free parameter"),
        ("M", "a declared inverse"),
        ("N", "a declared inverse"),
        ("v2", "not a free parameter"),
        ("twice", "not a free parameter"),
        ("nothing", "not a free parameter"),
    ],
)
def test_what_is_not_free_is_no_parameter(name: str, reason: str) -> None:
    assert reason in minimum(replace(MINIMUM, parameters=("b", name)))


def test_a_moment_may_not_depend_on_a_parameter() -> None:
    law = Law("joint", ("z",), moments=(((2,), "t^2"),))
    assert "a law depends on a parameter" in over("t", laws=(Law("normal", ("x",)), law))


def test_the_value_may_not_depend_on_a_parameter() -> None:
    bound = Bound(f"{LOSS} + b", "1 + b", BOUND.squares)
    statement = replace(MINIMUM, objective=bound.objective, value=bound.value)
    assert "the minimum value depends on a parameter" in minimum(statement, bound)


def test_a_witness_goes_through_the_definitions_that_use_it() -> None:
    """four = 4 b + c, through twice = 2 b; c is no parameter and keeps its place."""
    system = (e("f", "four", "4 + c"),)
    statement = replace(MINIMUM, minimisers=(system,))
    tree = {"node": "conclude", "system": 0, "by": {"f": {"combination": "4*q"}}}
    converse = [[{"combination": "f", "times": "4"}, {"combination": "c*f", "times": "4"}]]
    implied = Implication(IMPLIED.given, (system,))
    assert minimum(statement, implied=implied, tree=tree, converse=converse) == ""


def test_at_a_minimum_says_why_not() -> None:
    known = (
        Step("bound", "squares", BOUND, {}),
        Step("cases", "cases", IMPLIED, BY_Q),
        Step("minimum", "minimum", MINIMUM, CERTIFICATE, ("bound", "cases")),
    )

    def at(statement: AtMinimum, systems: object, uses: tuple[str, ...] = ("minimum",)) -> str:
        return refusal(*known, Step("at", "at-minimum", statement, {"systems": systems}, uses))

    good = AtMinimum(LOSS, ("b",), (e("sq", "b^2", "1"),))
    by = {"sq": {"combination": "(b + 1)*b1"}}
    assert at(good, [by]) == ""
    assert "rests on one proved minimum" in at(good, [by], ())
    assert "rests on one proved minimum" in at(good, [by], ("bound",))
    assert "rests on one proved minimum" in at(good, [by], ("minimum", "minimum"))
    assert "another objective" in at(replace(good, objective=f"{LOSS} + 0"), [by])
    assert "other parameters" in at(replace(good, parameters=()), [by])
    assert "needs its own certificate" in at(good, [])
    assert "needs its own certificate" in at(good, [by, by])
    assert "must be an object" in at(good, [5])
    assert "must be an object" in at(good, [{"sq": 5}])
    assert "the two sides differ" in at(good, [{}])


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        ("E(x^2*b)", "b", ""),
        ("E(x^2*b)", "c", "another one"),
        ("E(x^4)", "b", "takes E(P) from a proved"),
        ("x^2*b", "b", "takes E(P) from a proved"),
        ("E[x](x^2*b)", "b", "takes E(P) from a proved"),
    ],
)
def test_the_tower_says_why_not(left: str, right: str, reason: str) -> None:
    given = Step("given", "identity", Identity("E[x](x^2*b)", "b"), {})
    found = refusal(given, Step("s", "tower", Identity(left, right), {}, ("given",)))
    assert reason in found
    assert bool(reason) == bool(found)


@pytest.mark.parametrize("uses", [(), ("given", "given"), ("plain",), ("assuming",), ("sign",)])
def test_the_tower_rests_on_one_conditional_expectation(uses: tuple[str, ...]) -> None:
    steps = (
        Step("given", "identity", Identity("E[x](b)", "b"), {}),
        Step("plain", "identity", Identity("E(b)", "b"), {}),
        Step("assuming", "identity", Identity("E[x](b)", "b", (e("h", "c"),)), {}),
        Step("sign", "sign", Sign("d", True), {}),
    )
    found = refusal(*steps, Step("s", "tower", Identity("E(b)", "b"), {}, uses))
    assert "tower rule" in found


def test_there_is_no_rule_for_another_kind_of_statement() -> None:
    for rule, statement in (
        ("sign", Identity("b", "b")),
        ("identity", Sign("1", True)),
        ("cases", BOUND),
        ("tower", MINIMUM),
        ("guess", Identity("b", "b")),
    ):
        assert "there is no rule" in refusal(Step("s", rule, statement, {}))  # type: ignore[arg-type]


def test_check_names_the_step() -> None:
    with pytest.raises(ProofError, match="step 's': the two sides differ"):
        check(Proof("p", CONTEXT, (Step("s", "identity", Identity("b", "c"), {}),)))


@pytest.mark.parametrize(("text", "strict"), [("s", True), ("t", False), ("d - 2", False)])
def test_a_sign_that_is_not_shown_is_not_called_negative(text: str, strict: bool) -> None:
    """s >= 0 may vanish, t may be any real, d - 2 is negative at d = 1: all are just not shown."""
    word = "positive" if strict else "non-negative"
    with pytest.raises(ProofError, match=f"not shown to be {word} by its coefficients"):
        check(Proof("p", CONTEXT, (Step("s", "sign", Sign(text, strict), {}),)))
