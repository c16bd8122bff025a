"""Families of minimisers: a product of vectors is a multiple of the identity only at d = 1."""

from __future__ import annotations

import pytest

from verifier.proof.rules import examine
from verifier.proof.statements import Proof
from verifier.prover.search import case_tree
from verifier.prover.setting_file import parse_symbolic
from verifier.prover.solution import Solution

MATCHED = b'[covariates]\ncovariance = "Sigma > 0"\n[task]\ncovariance = "inverse-covariates"\n'
IN_SUM = (
    b'[covariates]\ncovariance = "Lambda > 0"\n[task]\ncovariance = "Gamma > 0"\n'
    b'[layer]\nquery_in_sum = true\ndivide_by = "n+1"\n'
)


@pytest.mark.parametrize("text", [MATCHED, IN_SUM], ids=["matched", "divided"])
def test_the_second_family_is_for_one_feature_only(text: bytes) -> None:
    """c a' = P has rank one and P is invertible, so that d = 1; with b = 0 there is no other."""
    solution = Solution(parse_symbolic(text))
    setup = solution.setup()
    families = solution.families()
    first, second = families.cases
    assert [atom.left for atom in first][:2] == ["a[i]", "c[j]"]
    assert (second[0].left, second[0].right) == ("d", "1")
    proof = Proof("best", setup.context, solution.steps(setup, families))
    assert not examine(proof)[1]


def test_where_the_search_ends_early_each_feature_has_its_equation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A[i,j] a[l] + A[l,j] a[i] = 0 is used at its own indices, which are not in alphabet's order.

    The search for a tree of cases is cut off before it starts.
    """
    monkeypatch.setattr(case_tree._Builder, "families", lambda self, simple: None)
    solution = Solution(parse_symbolic(MATCHED))
    setup = solution.setup()
    families = solution.families()
    (case,) = families.cases
    assert len(case) == 3
    proof = Proof("best", setup.context, solution.steps(setup, families))
    assert not examine(proof)[1]
