"""The points that judge mutants reach the edge of every range, and find what is false."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from attack_points import attack_points, given_all, judged
from independent import Point
from refusals import refusal_class
from steps import witnesses

from proofs.theorem1 import THEOREM
from verifier.proof.statement import Identity, Minimum, Sign
from verifier.registry import theorems

PROOF = THEOREM.derive({}).proofs[0]


def test_a_lowered_bound_is_reached() -> None:
    lowered = tuple(replace(s, minimum=Fraction(0)) for s in PROOF.context.scalars)
    context = replace(PROOF.context, scalars=lowered)
    for name in ("n", "d", "sigma2"):
        assert judged(attack_points(context), Sign(name, strict=True))[1] is not None
        assert judged(attack_points(context), Sign(name, strict=False))[1] is None


def test_tables_and_normal_laws_give_the_same_expectations() -> None:
    """Two evaluators that share the parser only: declared tables, and moments of normal entries."""
    for point in attack_points(PROOF.context):
        for text in ("E(yq^2)", "E(sum[i](s[i]*w[i]))"):
            assert point.value(text) == Point(PROOF.context, point.point).value(text)


@pytest.mark.parametrize("name", list(theorems()))
def test_every_proof_but_those_in_a_vacuous_context_has_points(name: str) -> None:
    for proof in theorems()[name].derive({}).proofs:
        assert attack_points(given_all(proof.context), witnesses(proof), 1), proof.name


def test_a_false_minimum_is_found_at_its_minimisers() -> None:
    true = next(s.statement for s in PROOF.steps if isinstance(s.statement, Minimum))
    points = attack_points(PROOF.context, witnesses(PROOF))
    for false in (
        replace(true, value=f"({true.value}) + 1"),
        replace(true, minimisers=true.minimisers[1:]),
    ):
        assert judged(points, false)[1] is not None
    assert judged(points, true)[1] is None
    assert judged(points, true)[0] >= 3


def test_a_false_moment_is_found() -> None:
    proof = next(p for p in theorems()["theorem3"].derive({}).proofs if p.name == "the theorem")
    law = next(x for x in proof.context.laws if x.kind == "joint")
    assert law.arrays == ("xq", "yq")
    points = attack_points(proof.context)
    assert judged(points, Identity("E(yq^2)", "2*E(yq^2)"))[1] is not None
    assert judged(points, Identity("2*E(yq^2)", "2*E(yq^2)")) == (len(points), None)


def test_reasons_have_a_class() -> None:
    assert refusal_class("the two sides differ: 1 n") == "normal forms differ"
    assert refusal_class("'w' with 2 indices is not declared") == "ill-formed"
    assert refusal_class("something new") == "other"
