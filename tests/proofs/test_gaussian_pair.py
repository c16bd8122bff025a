"""Every Gaussian pair: all claims proved, known cases recovered, 45 false variants refuted."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from checked import checked
from claiming import Miss, counterexample, named
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.pair_optimum import exact_pair_optimum
from sampling import mostly_deep

from verifier.loss.exact import ExactLoss
from verifier.loss.expected_loss import expected_loss
from verifier.proof.instances import check_instances
from verifier.proof.rules import examine
from verifier.theorem.registry import find
from verifier.theorem.theorem import check_theorem
from verifier.theorem.verdict import Verdict

small = st.fractions(min_value=-2, max_value=2, max_denominator=3)


def test_every_claim_is_proved() -> None:
    report = checked("gaussian-pair")
    assert {c.claim.id: c.verdict for c in report.claims} == {
        c.id: Verdict.PROVED for c in find("gaussian-pair").claims
    }


@given(st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=3), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_known_cases_with_diagonal_covariances_by_hand(entries: list[int], n: int) -> None:
    """Gamma = Lambda^-1: 1/((n+1+d+s2) lambda_i). Gamma = I: 1/((n+1) lambda_i + tr + s2)."""
    d, noise = len(entries), Fraction(1, 2)
    Lam = _diagonal([Fraction(v) for v in entries])
    inverse = _diagonal([Fraction(1, v) for v in entries])
    identity = _diagonal([Fraction(1)] * d)
    second = exact_pair_optimum(Lam, inverse, n, noise)
    plain = exact_pair_optimum(Lam, identity, n, noise)
    trace = sum(entries)
    assert second.readout == _diagonal([1 / ((n + 1 + d + noise) * v) for v in entries])
    assert plain.readout == _diagonal([1 / ((n + 1) * v + trace + noise) for v in entries])


@given(st.integers(2, 3), st.data())
@settings(max_examples=15, deadline=None)
def test_losses_are_invariant_under_rotations(d: int, data: st.DataObject) -> None:
    """Lambda -> R Lambda R', Gamma -> R Gamma R', a -> R a, A -> R A R', c -> R c (Cayley R)."""
    rows = st.lists(st.lists(small, min_size=d, max_size=d), min_size=d, max_size=d)
    F, G, A, K = (_matrix(data.draw(rows)) for _ in range(4))
    a, c = (_matrix(data.draw(rows))[:, 0] for _ in range(2))
    skew = K - K.T
    R = (sympy.eye(d) - skew) * (sympy.eye(d) + skew).inv()
    b, values = Fraction(-2, 3), []
    for M in (sympy.eye(d), R):
        Lam, Gam = M * F * F.T * M.T, M * G * G.T * M.T
        loss = expected_loss(d, 2, Fraction(1), _rows(Lam), _rows(Gam), method="explicit")
        assert isinstance(loss, ExactLoss)
        point = (_flat(M * a), b, _rows(M * A * M.T), _flat(M * c))
        values.append(loss.evaluate(*point))
    assert values[0] == values[1]


def _diagonal(entries: list[Fraction]) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(
        tuple(v if i == j else Fraction(0) for j in range(len(entries)))
        for i, v in enumerate(entries)
    )


def _matrix(rows: list[list[Fraction]]) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(v.numerator, v.denominator) for v in r] for r in rows])


def _rows(matrix: sympy.Matrix) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(_flat(matrix.row(i))) for i in range(matrix.rows))


def _flat(matrix: sympy.Matrix) -> list[Fraction]:
    return [Fraction(int(x.p), int(x.q)) for x in matrix]


EXPLAINED = "sum[i,j,o,l](Lambda[i,j]*P[j,o]*Lambda[o,l]*Gamma[l,i])"
TRACE = "sum[m](Lambda[m,m])"
SECOND = "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = P[i,j]"
FALSE: list[Miss] = [
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + t*Gamma[i,j]"}),
    ("minimum", {"precision": "n*Lambda[i,j] + t*Gammai[i,j]"}),
    ("minimum", {"precision": "(n+2)*Lambda[i,j] + t*Gammai[i,j]"}),
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + (t - sigma2)*Gammai[i,j]"}),
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + (t + sigma2)*Gammai[i,j]"}),
    ("minimum", {"precision": "(n+1)*Gammai[i,j] + t*Lambda[i,j]"}),
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + t*delta[i,j]"}),
    ("minimum", {"precision": "(n+1+t)*Lambda[i,j]"}),
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + (d + sigma2)*Gammai[i,j]"}),
    ("minimum", {"precision": f"(n+1)*Lambda[i,j] + ({TRACE} + sigma2)*Gammai[i,j]"}),
    ("minimum", {"precision": "(n+1)*Lambda[i,j] + t/n*Gammai[i,j]"}),
    ("minimum", {"minimum_loss": f"t - (n+1)*{EXPLAINED}"}),
    ("minimum", {"minimum_loss": f"t - sigma2 - n*{EXPLAINED}"}),
    ("minimum", {"minimum_loss": f"t - n^2*{EXPLAINED}"}),
    ("minimum", {"minimum_loss": "t"}),
    ("minimum", {"minimum_loss": "sigma2"}),
    ("prediction", {"prediction": "sum[i](xq[i]*s[i])/(n+1)"}),
    ("prediction", {"prediction": "sum[i,j](xq[i]*K[i,j]*s[j])"}),
    ("minimum", {"minimisers": "a[i] = 0; c[i] = 0; b*A[i,j] = P[j,i]"}),
    ("minimum", {"minimisers": SECOND}),
    ("minimum", {"minimisers": f"a[i] = 0; c[i] = 0; b*A[i,j] = K[j,i] | {SECOND}"}),
    ("minimum", {"minimisers": f"a[i] = 0; c[i] = 0; A[i,j] = P[j,i] | {SECOND}"}),
    ("inverse-task", {"inverse_task": "n+1+sigma2"}),
    ("inverse-task", {"inverse_task": "n+d+sigma2"}),
    ("inverse-task", {"inverse_task": "n+d+1"}),
    ("inverse-task", {"inverse_task": f"n+1+{TRACE}+sigma2"}),
    ("identity-task", {"identity_task": f"(n+1)/n*Lambda[o,j] + {TRACE}/n*delta[o,j]"}),
    ("identity-task", {"identity_task": f"Lambda[o,j] + ({TRACE} + sigma2)/n*delta[o,j]"}),
    ("identity-task", {"identity_task": "(n+1)/n*Lambda[o,j] + (d + sigma2)/n*delta[o,j]"}),
    (
        "identity-task",
        {"identity_task": f"(n+1)/n*Lambda[o,j] + ({TRACE} + sigma2)/(n+1)*delta[o,j]"},
    ),
    ("scalar-step", {"scalar_step": "r*((n+1)*Lambda[i,j] + t*Gamma[i,j])"}),
    ("scalar-step", {"scalar_step": "r*(n*Lambda[i,j] + t*Gammai[i,j])"}),
    ("scalar-step", {"scalar_step": "(n+1)*Lambda[i,j] + t*Gammai[i,j]"}),
    ("scalar-step", {"scalar_step": "r*((n+1)*Lambda[i,j] + (t - sigma2)*Gammai[i,j])"}),
    ("preconditioned-step", {"preconditioned_step": "(1 - n*r)*Lambda[i,j]"}),
    ("preconditioned-step", {"preconditioned_step": "(1 + (n+1)*r)*Lambda[i,j]"}),
    ("preconditioned-step", {"preconditioned_step": "(1 - (n+1)*r)*delta[i,j]"}),
    ("preconditioned-step", {"preconditioned_step": "Lambda[i,j]"}),
    ("query-in-sum", {"query_minimum_loss": f"t - (n+1)*{EXPLAINED}"}),
    ("query-in-sum", {"query_minimum_loss": f"t - sigma2 - n*{EXPLAINED}"}),
    ("singular", {"singular_readout": "R[i,j]"}),
    ("singular", {"singular_readout": "sum[o](Lambda[i,o]*R[o,j])"}),
    ("singular", {"singular_minimum_loss": f"t - sigma2 - n*{EXPLAINED}"}),
    ("singular", {"singular_minimum_loss": "t"}),
]


# False only where Lambda and Gamma do not commute, so the search must reach d = 2.
SLOW: list[Miss] = [
    ("singular", {"singular_readout": "sum[o](Gamma[i,o]*R[j,o])"}),
    ("singular", {"singular_readout": "sum[o](R[i,o]*Gamma[o,j])"}),
]


@pytest.mark.deep
@pytest.mark.parametrize("miss", SLOW, ids=named(SLOW))
def test_a_transposed_resolvent_is_refuted(miss: Miss) -> None:
    counterexample("gaussian-pair", miss)


@pytest.mark.parametrize("miss", mostly_deep(FALSE, named(FALSE), 6))
def test_near_misses_are_refuted(miss: Miss) -> None:
    counterexample("gaussian-pair", miss)


def test_the_instances_satisfy_what_is_claimed() -> None:
    """It was the context that was refused, for instances that fitted the derived precision."""
    claimed = {"precision": "(n+2)*Lambda[i,j] + t*Gammai[i,j]"}
    proof = find("gaussian-pair").derive(claimed).proofs[0]
    check_instances(proof.context)
    _, failed = examine(proof)
    assert failed["bound"].startswith("the two sides differ")


def test_a_claimed_precision_needs_an_inverse() -> None:
    with pytest.raises(ValueError, match=r"precision: .* singular at this point"):
        find("gaussian-pair").derive({"precision": "0*Lambda[i,j]"})


@pytest.mark.deep
@pytest.mark.parametrize("miss", FALSE, ids=named(FALSE))
def test_near_misses_end_the_whole_check(miss: Miss) -> None:
    report = check_theorem(find("gaussian-pair"), claimed=miss[1], numerical=False)
    assert report.verdict is Verdict.REFUTED
