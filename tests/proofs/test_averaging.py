"""The averaging lemma: its premise says what it should, and only its formulas are proved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from proofs.shared.averaging import RESULTS, averaging, symmetric, turned
from verifier.proof.rules import examine
from verifier.proof.statements import Claim
from verifier.prover.numerics.evaluation import Evaluation, as_batch

PROOF = averaging()


def mean_over_rotations(rank: int, d: int) -> np.ndarray:
    """E of x (x) ... (x) x over x uniform on the sphere, by its moments: what a mean must be."""
    if rank % 2:
        return np.zeros((d,) * rank)
    eye = np.eye(d)
    if rank == 2:
        return eye / d
    pairs = ("ab,ce->abce", "ac,be->abce", "ae,bc->abce")
    return sum(np.einsum(one, eye, eye) for one in pairs) / (d * (d + 2))


@pytest.mark.parametrize("rank", RESULTS)
@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_means_over_rotations_satisfy_the_premise_and_others_do_not(rank: int, d: int) -> None:
    rng = np.random.default_rng(rank + d)
    x = rng.normal(size=d)
    single = x
    for _ in range(rank - 1):
        single = np.multiply.outer(single, x)
    letters = ("p", "i", "q", "j", "l", "m")[: rank + 2]
    text = turned(rank).partition(":")[2].partition("=")[0]

    def size(tensor: np.ndarray) -> float:
        values = {"d": as_batch(d), f"t{rank}": as_batch(tensor)}
        known = Evaluation(PROOF.context, {"feature": d}, values)
        return float(np.abs(known.text(text, letters)).max())

    assert size(mean_over_rotations(rank, d)) < 1e-12
    assert (size(single) > 1e-3) == (d > 1)


def test_every_rank_is_proved_and_a_changed_formula_is_not() -> None:
    accepted, failed = examine(PROOF)
    assert (len(accepted), failed) == (4, {})
    for step in PROOF.steps:
        statement = step.statement
        assert isinstance(statement, Claim)
        ((atom,),) = statement.cases
        wrong = replace(atom, left=atom.left.replace("d", "(d+1)", 1).replace("(d+1)elta", "delta"))
        for other in (
            replace(statement, cases=((wrong,),)),
            replace(statement, given=statement.given[1:]),
        ):
            changed = replace(PROOF, steps=(replace(step, statement=other),))
            assert examine(changed)[1]


def test_the_premises_are_those_of_a_symmetric_tensor() -> None:
    assert symmetric(3) == (
        "symmetric1: t3[i,j,l] = t3[j,i,l]",
        "symmetric2: t3[i,j,l] = t3[i,l,j]",
    )
    assert turned(1) == "turned: delta[p,i]*t1[q] - delta[q,i]*t1[p] = 0"
