"""The points that judge mutants reach the edge of every range, and find what is false."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from attack_points import attack_points, judged
from checked import derived
from mutated_steps import witnesses
from refusals import refusal_class

from proofs.theorem1 import THEOREM
from verifier.proof.context import Atom, Hidden
from verifier.proof.statements import Claim, Conclude, Minimum, Proof, Step
from verifier.theorem.registry import theorems

PROOF = THEOREM.derive({}).proofs[0]


def claim(left: str, right: str = "0", relation: str = "=") -> Step:
    return Step("claim", Claim((), ((Atom("one", left, right, relation),),)), Conclude())


def of_theorem3(name: str) -> Proof:
    return next(p for p in theorems()["theorem3"].derive({}).proofs if p.name == name)


def test_a_lowered_bound_is_reached() -> None:
    lowered = tuple(replace(s, minimum=Fraction(0)) for s in PROOF.context.scalars)
    places = attack_points(replace(PROOF.context, scalars=lowered))
    for name in ("n", "d", "sigma2"):
        assert judged(places, claim(name, "0", ">"))[1] is not None
        assert judged(places, claim(name, "0", ">="))[1] is None


@pytest.mark.parametrize("name", list(theorems()))
def test_every_proof_has_points(name: str) -> None:
    for proof in derived(name).proofs:
        assert attack_points(proof.context, witnesses(proof), 1), proof.name


def test_a_false_minimum_is_found_at_its_minimisers() -> None:
    step = next(s for s in PROOF.steps if isinstance(s.statement, Minimum))
    true = step.statement
    assert isinstance(true, Minimum)
    places = attack_points(PROOF.context, witnesses(PROOF))
    for false in (
        replace(true, value=f"({true.value}) + 1"),
        replace(true, value=f"({true.value}) - 1"),
        replace(true, cases=true.cases[1:]),
        replace(true, cases=(true.cases[0][:2], true.cases[1])),
    ):
        assert judged(places, replace(step, statement=false))[1] is not None
    tried, at = judged(places, step)
    assert at is None
    assert tried >= 3


def test_a_minimum_that_its_values_do_not_attain_is_found() -> None:
    step = next(s for s in PROOF.steps if isinstance(s.statement, Minimum))
    values = tuple(replace(v, body="0") for v in step.certificate.values)  # type: ignore[union-attr]
    wrong = replace(step, certificate=replace(step.certificate, values=values))
    assert judged(attack_points(PROOF.context), wrong)[1] is not None


def test_a_false_moment_is_found() -> None:
    places = attack_points(of_theorem3("the theorem").context)
    assert judged(places, claim("E(yq^2)", "2*E(yq^2)"))[1] is not None
    assert judged(places, claim("2*E(yq^2)", "E(yq^2)*2")) == (len(places), None)


def test_a_dropped_symmetry_fails_at_a_deformed_law() -> None:
    """Without oddness the response may have a mean, without isotropy a direction."""
    context = of_theorem3("the theorem").context
    (hidden,) = context.hidden
    plain = replace(context, hidden=(Hidden(hidden.name),))
    symmetric, deformed = attack_points(context, most=2), attack_points(plain, most=8)
    for false in (claim("E(yq)"), claim("E(E[D](yq*xq[i]))")):
        assert judged(symmetric, false)[1] is None
        assert judged(deformed, false)[1] is not None


def test_reasons_have_a_class() -> None:
    assert refusal_class("the two sides differ: 1 n") == "normal forms differ"
    assert refusal_class("'w' takes [feature], not 2 indices of other sorts") == "ill-formed"
    assert refusal_class("the point does not satisfy 'second'") == "an instance"
