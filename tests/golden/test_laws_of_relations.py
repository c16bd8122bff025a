"""A relation is shown as it was checked: > is not ≥, a bound is not an equation, in no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from remembered import THEOREMS, check_once

from verifier.document.blocks import Block, Document
from verifier.document.derivation import derivation_document
from verifier.document.json_record import json_object
from verifier.document.latex import latex_document
from verifier.document.markdown import markdown_document
from verifier.document.output import Style
from verifier.document.replayed import replayed_text
from verifier.document.statement_blocks import context_blocks, statement_blocks
from verifier.document.terminal import report_text
from verifier.document.wording import Wording
from verifier.proof.context import Context, Scalar
from verifier.proof.record import replay
from verifier.proof.statement import Bound, Sign, Square, Statement

STRICT, WEAK = "strict", "weak"
_RELATION = re.compile(r"(?P<weak>≥|>=|\\ge\b)|(?P<strict>>)")


def relations(text: str) -> list[str]:
    """The inequalities of a text in order; a Markdown quotation's mark is none."""
    plain = re.sub(r"^(> )+", "", text, flags=re.MULTILINE)
    return [str(found.lastgroup) for found in _RELATION.finditer(plain)]


def forms_of(context: Context, statement: Statement) -> Iterator[str]:
    """The statement and its ranges in each language."""
    for words in (Wording(True), Wording(False)):
        yield "; ".join(
            (*words.quantifiers(context, statement), *words.statement(context, statement))
        )
    body: tuple[Block, ...] = tuple(statement_blocks(context, statement))
    yield markdown_document(Document("t", "s", body))
    yield latex_document(Document("t", "s", body)).partition(r"\maketitle")[2]


def kinds(*strict: bool) -> list[str]:
    """The names of relations."""
    return [STRICT if one else WEAK for one in strict]


@given(st.booleans(), st.booleans(), st.integers(-3, 3))
def test_signs_and_ranges_keep_their_relation(open_: bool, strict: bool, least: int) -> None:
    context = Context((Scalar("q", Fraction(least), strict=open_),), ())
    for text in forms_of(context, Sign(f"q + {4 - least}", strict)):
        assert relations(text) == kinds(open_, strict)
    (table,) = context_blocks(context)
    for text in (
        markdown_document(Document("t", "s", (table,))),
        latex_document(Document("t", "s", (table,))).partition(r"\maketitle")[2],
    ):
        assert relations(text.replace(">{", "{")) == kinds(open_)


@given(st.lists(st.booleans(), min_size=1, max_size=3))
def test_a_bound_is_weak_and_equality_asks_the_strict_squares_alone(strict: list[bool]) -> None:
    squares = tuple(Square(str(k + 2), f"t{k}", one) for k, one in enumerate(strict))
    context = Context(tuple(Scalar(f"t{k}") for k in range(len(strict))), ())
    for text in forms_of(context, Bound("t0", "1", squares)):
        assert relations(text) == [WEAK]
        before, equality, after = text.partition("equality only if")
        assert bool(equality) == any(strict)
        asked = [k for k in range(3) if re.search(rf"t(_\{{)?[{k}₀₁₂]", after) and _names(after, k)]
        assert asked == [k for k, one in enumerate(strict) if one]
        assert before.count("=") >= 1


def _names(text: str, number: int) -> bool:
    """Whether t0, t1 or t2 occurs, as text or with a subscript."""
    return any(name in text for name in (f"t{number}", f"t{'₀₁₂'[number]}", f"t_{{{number}}}"))


def test_every_sign_of_a_theorem_is_shown_with_its_relation() -> None:
    report = check_once(THEOREMS["specimen"])
    signs = {c.claim.id: c for c in report.claims if isinstance(c.statement, Sign)}
    assert {c.statement.strict for c in signs.values()} == {True, False}
    record = {c["id"]: c for c in json_object(report)["claims"]}
    full = " ".join(report_text(report, Style(), full=True).split())
    replayed = replayed_text(report.record, replay(report.record), Style(), 0.0)
    document = derivation_document(report)
    texts = markdown_document(document), latex_document(document)
    for claim, one in signs.items():
        assert one.context is not None
        assert isinstance(one.statement, Sign)
        expected = kinds(one.statement.strict)
        assert relations(record[claim]["statement"]) == expected
        assert record[claim]["formal"]["strict"] == one.statement.strict
        end = f"{Wording().expression(one.statement.expression)} "
        assert f"{end}{'>' if one.statement.strict else '≥'} 0" in full
        shown = " ".join(replayed.partition(f"proved  {claim}\n")[2].split("\n\n")[0].split())
        assert f"{end}{'>' if one.statement.strict else '≥'} 0 rests on" in shown
        for text in texts:
            part = text.partition(f"(claim {claim})")[2].partition("Rule sign")[0]
            own = part.rpartition("math\n")[2] if "```math" in part else part.splitlines()[-2]
            assert relations(own) == expected, (claim, own)
