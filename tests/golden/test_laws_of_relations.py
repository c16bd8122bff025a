"""A relation is shown as it was checked: > is not ≥, a bound is not an equation, in no form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from html import unescape

from hypothesis import given
from hypothesis import strategies as st
from remembered import THEOREMS, check_once

from verifier.proof.context import Atom, Context, Scalar
from verifier.proof.record import replay
from verifier.proof.statements import Claim, Minimum, Statement
from verifier.render.document import Block, Document
from verifier.render.html import html_document
from verifier.render.kinds import Form, form_of
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.statement_blocks import context_blocks, statement_blocks
from verifier.render.streams import Style
from verifier.render.wording import Wording
from verifier.reports.derivation import derivation_document
from verifier.reports.json_record import json_object
from verifier.reports.replayed import replayed_text
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import ClaimReport

STRICT, WEAK = "strict", "weak"
_RELATION = re.compile(r"(?P<weak>≥|>=|\\ge\b)|(?P<strict>>)")


def relations(text: str) -> list[str]:
    """The inequalities of a text in order; a Markdown quotation's mark is none."""
    plain = re.sub(r"^(> )+", "", text, flags=re.MULTILINE)
    return [str(found.lastgroup) for found in _RELATION.finditer(plain)]


def forms_of(
    context: Context, statement: Statement, minima: tuple[Minimum, ...] = ()
) -> Iterator[str]:
    """The statement and its ranges in each language."""
    for words in (Wording(True), Wording(False)):
        yield "; ".join(
            (
                *words.quantifiers(context, statement, minima),
                *words.statement(context, statement, minima),
            )
        )
    body: tuple[Block, ...] = tuple(statement_blocks(context, statement, minima))
    yield markdown_document(Document("t", "s", body))
    yield latex_document(Document("t", "s", body)).partition(r"\maketitle")[2]
    page = html_document(Document("t", "s", body)).partition("</p>")[2].partition("</main>")[0]
    yield unescape(re.sub("<[^>]*>", "", page))


def kinds(*strict: bool) -> list[str]:
    """The names of relations."""
    return [STRICT if one else WEAK for one in strict]


@given(st.booleans(), st.booleans(), st.integers(-3, 3))
def test_signs_and_ranges_keep_their_relation(open_: bool, strict: bool, least: int) -> None:
    context = Context(scalars=(Scalar("q", Fraction(least), strict=open_),))
    sign = Atom("sign", f"q + {4 - least}", "0", ">" if strict else ">=")
    for text in forms_of(context, Claim((), ((sign,),))):
        assert relations(text) == kinds(open_, strict)
    (table,) = context_blocks(context, {})
    for text in (
        markdown_document(Document("t", "s", (table,))),
        latex_document(Document("t", "s", (table,))).partition(r"\maketitle")[2],
    ):
        assert relations(text.replace(">{", "{")) == kinds(open_)


RELATIONS = st.sampled_from(["=", ">=", ">"])
SYSTEMS = st.lists(RELATIONS, min_size=1, max_size=3)


@given(st.lists(RELATIONS, max_size=2), st.lists(SYSTEMS, min_size=1, max_size=3))
def test_premises_and_cases_keep_their_relations(given_: list[str], cases: list[list[str]]) -> None:
    """Each once, in order; every equation with a sign of its own."""
    context = Context(scalars=(Scalar("q"), Scalar("t")))
    claim = Claim(_atoms(given_), tuple(map(_atoms, cases)))
    shown = [relation for group in (given_, *cases) for relation in group]
    for text in forms_of(context, claim):
        assert relations(text) == kinds(*(one == ">" for one in shown if one != "="))
        assert len(re.findall(r"(?<!:|>)=", text)) == shown.count("=")


def _atoms(relations_: list[str]) -> tuple[Atom, ...]:
    return tuple(Atom(f"a{k}", f"q + {k}", "t", one) for k, one in enumerate(relations_))


@given(SYSTEMS)
def test_what_holds_at_a_minimum_keeps_its_relations(conclusion: list[str]) -> None:
    """The premise objective = value is said in words, the other premises are not lost."""
    context = Context(scalars=(Scalar("q"), Scalar("t")))
    minimum = Minimum("(q - t)^2", "0", ("q",), ((Atom("best", "q", "t"),),))
    at = Atom("at", minimum.objective, minimum.value)
    other = Atom("other", "t", "7", ">")
    for given_ in ((at,), (at, other), (other, at)):
        claim = Claim(given_, (_atoms(conclusion),))
        assert form_of(claim, (minimum,)) is Form.AT_MINIMUM
        expected = [STRICT] if other in given_ else []
        expected += kinds(*(one == ">" for one in conclusion if one != "="))
        for text in forms_of(context, claim, (minimum,)):
            assert "minimises" in text
            assert relations(text) == expected


def test_every_inequality_of_a_theorem_is_shown_with_its_relation() -> None:
    report = check_once(THEOREMS["specimen"])
    shown = [(c, atom) for c in report.claims for atom in _inequalities(c)]
    assert {atom.relation for _, atom in shown} == {">", ">="}
    record = {c["id"]: c for c in json_object(report)["claims"]}
    full = " ".join(report_text(report, Style(), full=True).split())
    replayed = replayed_text(report.record, replay(report.record), Style(), 0.0)
    document = derivation_document(report)
    texts = markdown_document(document), latex_document(document)
    for claim, atom in shown:
        assert claim.context is not None
        name, expected = claim.claim.id, kinds(atom.relation == ">")
        assert relations(record[name]["statement"]) == expected
        assert record[name]["formal"]["cases"][0][0]["relation"] == atom.relation
        left, right = (Wording().expression(claim.context, x) for x in (atom.left, atom.right))
        whole = f"{left} {'>' if atom.relation == '>' else '≥'} {right}"
        assert whole in full
        own = " ".join(replayed.partition(f"proved  {name}\n")[2].split("\n\n")[0].split())
        assert f"{whole} rests on" in own
        for text in texts:
            part = text.partition(f"(claim {name})")[2].partition("Why: ")[0]
            own = part.rpartition("math\n")[2] if "```math" in part else part.splitlines()[-2]
            assert relations(own) == expected, (name, own)


def _inequalities(claim: ClaimReport) -> tuple[Atom, ...]:
    """What is claimed of a claim that is a sign or a bound."""
    match claim.statement:
        case Claim((), (case,)):
            return tuple(atom for atom in case if atom.relation != "=")
    return ()
