"""An exact counterexample says all of its point: numbers, arrays, rules, laws, indices."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from setting import CONTEXT

from verifier.proof.context import Atom, Context, Outcome, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import Claim, Statement
from verifier.render.wording import Wording
from verifier.reports.witness import Witness


@dataclass(frozen=True)
class Found:
    """What the kernel says of a statement that is false at a point."""

    statement: Statement
    point: Point
    reason: str = "the two sides differ"
    found: Fraction = Fraction(1, 2)
    claimed: Fraction = Fraction(1)
    where: tuple[tuple[str, int], ...] = (("i", 1), ("j", 1))


def _claim(left: str, right: str) -> Claim:
    return Claim((), ((Atom("goal", left, right),),))


def test_a_law_and_a_hidden_source_are_told() -> None:
    found = Found(_claim("E(m[i]*m[j])", "2*mud*delta[i,j]"), CONTEXT.instances[0])
    witness = Witness.of(CONTEXT, found)  # type: ignore[arg-type]
    text = witness.point_text(Wording(), CONTEXT)
    for part in (
        "d = 2",
        "mud = 1/2",
        "F = [[1, 0], [0, 1]]",
        "i = 1, j = 1",
        "f: w = [1, 0] or w = [-1, 0] or w = [0, 1] or w = [0, -1], with probability 1/4 each",
        "D: xᵢ := zᵢ; y := ∑ᵢ wᵢ zᵢ; z with independent N(0, 1) entries",
    ):
        assert part in text
    assert "g :=" not in text
    assert witness.compares


def test_a_rule_for_a_function_is_told() -> None:
    found = Found(_claim("E(g^2)", "0"), CONTEXT.instances[0], claimed=Fraction(0), where=())
    witness = Witness.of(CONTEXT, found)  # type: ignore[arg-type]
    assert "g := ∑ᵢ uᵢ" in witness.point_text(Wording(), CONTEXT)
    assert not witness.compares


def test_unequal_weights_are_told_one_by_one() -> None:
    hidden, law = CONTEXT.instances[0].models
    outcomes = tuple(
        Outcome(weight, one.values)
        for weight, one in zip((Fraction(1, 3), Fraction(2, 3)), hidden.outcomes, strict=False)
    )
    changed = type(hidden)("f", (), outcomes)
    point = Point(CONTEXT.instances[0].values, (changed, law))
    witness = Witness.of(CONTEXT, Found(_claim("E(m[i])", "b"), point))  # type: ignore[arg-type]
    expected = "f: w = [1, 0] with probability 1/3 or w = [-1, 0] with probability 2/3"
    assert expected in witness.point_text(Wording(), CONTEXT)


def test_blocks_are_joined_and_what_is_zero_is_listed() -> None:
    context = Context(
        sorts=(Sort("feature", "d", ("i", "j")),),
        scalars=(Scalar("d", Fraction(1), integer=True),),
        arrays=(Tensor("hx", ("feature",)), Tensor("hy"), Tensor("v", ("feature",))),
    )
    zero, one, two = map(Fraction, (0, 1, 2))
    values = (Value("hx", (one, two)), Value("hy", zero), Value("v", (zero, zero)))
    point = Point((Value("d", two), *values))
    found = Found(_claim("hx[i]", "v[i]"), point, where=())
    witness = Witness.of(context, found)  # type: ignore[arg-type]
    assert witness.point_text(Wording(), context) == "d = 2, h = [1, 2, 0], v = 0"
