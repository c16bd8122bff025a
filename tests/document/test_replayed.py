"""What ``recheck`` prints of a file: every assumption to its end, nothing that is not printable."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verifier.document.basis import rests_on
from verifier.document.output import Style, clean
from verifier.document.replayed import replayed_text
from verifier.proof.checker import Proof, Step, check
from verifier.proof.context import Context, Equation, Scalar, Tensor
from verifier.proof.record import Record, replay
from verifier.proof.statement import Identity

ZERO = " + ".join(["0*r"] * 120)
CONTEXT = Context(
    scalars=(Scalar("d", Fraction(1), integer=True), Scalar("r")),
    sorts=(("feature", "d"),),
    tensors=tuple(Tensor(name, ("feature", "feature")) for name in ("M", "N", "Q")),
    hypotheses=(Equation("absurd", ZERO, "0 + 1"), Equation("square", "Q[i,j]", "Q[j,i]")),
    inverses=(("M", "N"),),
    assumptions=("a\x1b[2K\rlong " + "word " * 100 + "end",),
)
STEPS = (
    Step("alone", "identity", Identity("r + r", "2*r"), {}, claim="alone"),
    Step("false", "identity", Identity("0", "1"), {"combination": "absurd"}, claim="false"),
    Step(
        "cancelled",
        "identity",
        Identity("sum[k](M[i,k]*N[k,j])", "delta[i,j]"),
        {},
        claim="cancelled",
    ),
)


def shown(context: Context = CONTEXT) -> str:
    record = Record("file", "A file", "nobody", (Proof("all", context, STEPS),))
    return replayed_text(record, replay(record), Style(), 0.0)


def test_a_long_hypothesis_is_printed_to_its_end() -> None:
    text = " ".join(shown().split())
    assert clean(ZERO, None) == ZERO
    assert len(ZERO) > 400
    assert "= 0 + 1" in text
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
    assert "rests on: the hypothesis absurd" in paragraphs["false"]
    assert "rests on: M and N being inverse" in paragraphs["cancelled"]


def test_what_is_assumed_in_words_is_never_called_arithmetic_alone() -> None:
    text = " ".join(shown(replace(CONTEXT, assumptions=("spheres are round",))).split())
    claims = text.split(" rests on: ")[1:]
    assert len(claims) == len(STEPS)
    assert all("assumed: spheres are round" in claim for claim in claims)
    assert "arithmetic alone" not in text


def test_a_step_inherits_the_hypotheses_of_those_that_it_uses() -> None:
    later = Step("later", "identity", Identity("2", "2"), {}, ("false",))
    context = replace(CONTEXT, assumptions=())
    steps = {c.step.name: c for c in check(Proof("all", context, (*STEPS, later)))}
    assert rests_on(steps["later"], steps) == "the hypothesis absurd"
    both = {"combination": "absurd + sum[i](square[i,i])"}
    named = Step("named", "identity", STEPS[1].statement, both)
    (found,) = check(Proof("all", context, (named,)))
    assert rests_on(found, {}) == "the hypotheses absurd, square"
