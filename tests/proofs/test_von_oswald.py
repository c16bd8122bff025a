"""The construction: proved as stated, run through the layer, and false variants of it refuted."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.von_oswald import CLAIMABLE, THEOREM
from verifier.setting.layer import LinearAttention
from verifier.theorem.theorem import Options, check_theorem
from verifier.theorem.verdict import Verdict

PROVED = (
    "gradient",
    "gd-step",
    "preconditioned-step",
    "every-reduced-layer",
    "token-gradient",
    "token-labels",
    "token-covariates",
    "token-readout",
    "token-same-step",
)
GRADIENT = CLAIMABLE["gradient"]
TRANSPOSED = "sum[i](xq[i]*(u[i] - eta*sum[j](P[j,i]*gradient[j])))"


def outcomes(only: str = "", **claimed: str) -> dict[str, object]:
    """The verdicts without numerics, on all claims or on one (one search for a witness)."""
    claims = tuple(c for c in THEOREM.claims if only in ("", c.id))
    report = check_theorem(replace(THEOREM, claims=claims), claimed=claimed, numerical=False)
    return {claim.claim.id: claim for claim in report.claims}


def test_every_claim_but_training_is_proved() -> None:
    found = outcomes()
    assert {k for k, c in found.items() if c.verdict is Verdict.PROVED} == set(PROVED)
    assert "training" not in found
    # Identities of polynomials in the data: no law, no lemma.
    assert found["gd-step"].rests_on == ()
    assert found["gd-step"].context.laws == ()


@pytest.mark.parametrize(
    ("claimed", "refuted"),
    [
        ({"query_block": "delta[i,j]"}, "gd-step"),
        ({"query_block": "-eta*delta[i,j]"}, "gd-step"),
        ({"query_block": "eta*delta[i,j]/n"}, "gd-step"),
        ({"query_block": "eta^2*delta[i,j]"}, "gd-step"),
        ({"query_block": "eta"}, "gd-step"),
        ({"prediction": "sum[i](xq[i]*(u[i] + eta*gradient[i]))"}, "gd-step"),
        ({"prediction": "sum[i](xq[i]*(u[i] - eta*gradient[i]))/n"}, "gd-step"),
        ({"prediction": "sum[i](xq[i]*(u[i] - gradient[i]))"}, "gd-step"),
        ({"prediction": "sum[i](xq[i]*(u[i] - 2*eta*gradient[i]))"}, "gd-step"),
        ({"gradient": f"2*{GRADIENT}"}, "gradient"),
        ({"gradient": f"-{GRADIENT}"}, "gradient"),
        ({"gradient": f"1/n*{GRADIENT}"}, "gradient"),
        ({"gradient": "sum[k]((sum[j](X[k,j]*u[j]) + y[k])*X[k,i])"}, "gradient"),
        ({"preconditioned_query_block": "eta*P[i,j]"}, "preconditioned-step"),
        ({"preconditioned_query_block": "eta*delta[i,j]"}, "preconditioned-step"),
        ({"preconditioned_prediction": TRANSPOSED}, "preconditioned-step"),
        ({"value_block": "delta[o,r]"}, "token-labels"),
        ({"value_block": "0"}, "token-labels"),
        ({"label_update": "label[o] + sum[i](change[o,i]*x[i])"}, "token-labels"),
        ({"label_update": "-sum[i](change[o,i]*x[i])"}, "token-labels"),
        ({"readout": "newlabel[o]"}, "token-readout"),
        ({"readout": "label[o] - newlabel[o]"}, "token-readout"),
        ({"token_rate": "eta"}, "token-same-step"),
        ({"token_rate": "eta*n"}, "token-same-step"),
        ({"token_rate": "-eta/n"}, "token-same-step"),
        ({"token_gradient": "sum[k]((sum[j](W0[o,j]*X[k,j]) - Y[k,o])*X[k,i])"}, "token-gradient"),
        (
            {"token_gradient": "2/n*sum[k]((sum[j](W0[o,j]*X[k,j]) - Y[k,o])*X[k,i])"},
            "token-gradient",
        ),
    ],
)
def test_near_misses_are_refuted_with_a_witness(claimed, refuted) -> None:
    claim = outcomes(refuted, **claimed)[refuted]
    assert claim.verdict is Verdict.REFUTED
    assert claim.refutation.found != claim.refutation.claimed


def test_the_same_claim_in_other_words_is_proved() -> None:
    text = "eta*sum[k,i](xq[i]*X[k,i]*y[k])"
    assert outcomes(prediction=text)["gd-step"].verdict is Verdict.UNDECIDED
    same = "sum[i](xq[i]*u[i]) - eta*sum[i](gradient[i]*xq[i])"
    assert outcomes(prediction=same)["gd-step"].verdict is Verdict.PROVED


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_the_weights_take_the_step_in_exact_arithmetic(seed, d, n) -> None:
    """The layer of verifier.setting with the theorem's weights, against x' X'y summed by loops."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        numbers = rng.integers(-5, 6, shape)
        return np.vectorize(lambda k: Fraction(int(k), 3), otypes=[object])(numbers)

    x, y, query, rate = draw(1, n, d), draw(1, n), draw(1, d), Fraction(2, 7)
    zero, one = Fraction(0), Fraction(1)
    last = np.array([zero] * d + [one], dtype=object)
    diagonal = np.full((d + 1, d + 1), zero, dtype=object)
    W_K, W_Q = diagonal.copy(), diagonal.copy()
    for i in range(d + 1):
        W_K[i, i] = one
        W_Q[i, i] = rate if i < d else zero
    layer = LinearAttention(W_K, W_Q, np.multiply.outer(last, last), last)
    expected = sum(rate * query[0, i] * x[0, k, i] * y[0, k] for k in range(n) for i in range(d))
    assert layer.predict(x, y, query)[0] == expected


def test_training_is_supported_and_its_ends_are_counted() -> None:
    """d = 2, n = 5, sigma2 = 1/2 has another local minimum; every run is in its row."""
    options = Options((1, 2), (5,), (Fraction(1, 2),), samples=16_000, starts=5)
    report = check_theorem(THEOREM, options)
    claim = next(c for c in report.claims if c.claim.id == "training")
    assert claim.verdict is Verdict.SUPPORTED
    ends, curves = report.tables
    assert ends.passed
    for row in ends.rows:
        reached, total = row[-2].split(" of ")
        counts = [
            int(part.split("(")[1].rstrip(")")) for part in row[-1].split(", ") if "(" in part
        ]
        assert total == "5"
        assert int(reached) + sum(counts) == 5
    # L* = sigma2 + d - n d / (n + d + 1 + sigma2) = 1/2 + 1 - 5/7.5 and 1/2 + 2 - 10/8.5.
    assert [float(row[3]) for row in ends.rows] == pytest.approx([0.8333, 1.3235], abs=1e-4)
    assert curves.passed is None
    assert [row[:3] for row in curves.rows] == [row[:3] for row in ends.rows]
    for row in curves.rows:
        first, last = (float(cell.split(" / ")[0]) for cell in (row[3], row[-1]))
        assert last < first
