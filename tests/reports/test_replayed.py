"""What ``recheck`` prints of a file: every assumption to its end, nothing that is not printable."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verifier.proof.context import Atom, Context, Point, Scalar, Sort, Tensor, Value
from verifier.proof.record import Record, replay
from verifier.proof.rules import check
from verifier.proof.statements import By, Claim, Conclude, Proof, Step
from verifier.render.document import Pieces
from verifier.render.rests_on import rests_on
from verifier.render.streams import Style, clean
from verifier.render.wording import Wording
from verifier.reports.replayed import replayed_text

ONE = " + ".join(["r", *["0*r"] * 120])


def _point(d: int) -> Point:
    """r = 1 and identity matrices, which satisfy what is given."""
    rows = range(d)
    unit = tuple(tuple(Fraction(i == j) for j in rows) for i in rows)
    numbers = (Value("d", Fraction(d)), Value("r", Fraction(1)))
    return Point((*numbers, *(Value(name, unit) for name in ("M", "N", "Q"))))


CONTEXT = Context(
    sorts=(Sort("feature", "d", ("i", "j", "k")),),
    scalars=(Scalar("d", Fraction(1), integer=True), Scalar("r")),
    arrays=tuple(Tensor(name, ("feature", "feature")) for name in ("M", "N", "Q")),
    given=(
        Atom("long", ONE, "2 - 1"),
        Atom("square", "Q[i,j]", "Q[j,i]"),
        Atom("inverse", "sum[k](M[i,k]*N[k,j])", "delta[i,j]"),
    ),
    instances=(_point(1), _point(2)),
    assumptions=("a\x1b[2K\rlong " + "word " * 100 + "end",),
)


def _step(name: str, left: str, right: str, why: str = "0", uses: tuple[str, ...] = ()) -> Step:
    goal = Atom("goal", left, right)
    return Step(name, Claim((), ((goal,),)), Conclude(0, {"goal": By(why)}), uses, name)


STEPS = (
    _step("alone", "r + r", "2*r"),
    _step("squared", "r^2", "1", "long*(r + 1)"),
    _step("cancelled", "sum[k](M[i,k]*N[k,j])", "delta[i,j]"),
)


def shown(context: Context = CONTEXT) -> str:
    record = Record("file", "A file", "nobody", (Proof("all", context, STEPS),))
    return replayed_text(record, replay(record), Style(), 0.0)


def test_a_long_hypothesis_is_printed_to_its_end() -> None:
    text = " ".join(shown().split())
    assert clean(ONE, None) == ONE
    assert len(ONE) > 400
    assert "= 2 − 1" in text
    assert "word end" in text


def test_nothing_from_the_file_moves_the_cursor() -> None:
    assert all(line.isprintable() for line in shown().splitlines())


def test_what_rests_on_a_hypothesis_says_so() -> None:
    plain = replace(CONTEXT, assumptions=())
    paragraphs = {
        block.split()[1]: block
        for block in shown(plain).split("\n\n")
        if block.startswith("proved")
    }
    assert "rests on: arithmetic alone" in paragraphs["alone"]
    assert "rests on: given r" in paragraphs["squared"]
    assert "rests on: given ∑ₖ Mᵢₖ Nₖⱼ = δᵢⱼ for all i, j" in paragraphs["cancelled"]


def test_what_is_assumed_in_words_is_never_called_arithmetic_alone() -> None:
    text = " ".join(shown(replace(CONTEXT, assumptions=("spheres are round",))).split())
    claims = text.split(" rests on: ")[1:]
    assert len(claims) == len(STEPS)
    assert all("assumed: spheres are round" in claim for claim in claims)
    assert "arithmetic alone" not in text


def _line(pieces: Pieces) -> str:
    return Wording().line(pieces)


def test_a_step_inherits_the_hypotheses_of_those_that_it_uses() -> None:
    context = replace(CONTEXT, assumptions=())
    later = _step("later", "2", "2", uses=("squared",))
    steps = {c.step.name: c for c in check(Proof("all", context, (*STEPS, later)))}
    assert _line(rests_on(context, steps["later"], steps)).endswith(" = 2 − 1")
    named = _step("named", "r", "1", "long + sum[i](square[i,i])")
    (found,) = check(Proof("all", context, (named,)))
    text = _line(rests_on(context, found, {}))
    assert "= 2 − 1; given Q" in text
    assert "for all i, j" in text
