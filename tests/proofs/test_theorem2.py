"""Theorem 2: proved as stated, optimal at random Sigma, and 30 false variants refuted."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from checked import checked
from claiming import Miss, counterexample, named
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling import mostly_deep

from proofs.theorem2 import THEOREM
from verifier.arithmetic.matrices import exact_inverse
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.gaussian_pair import gaussian_pair_moments
from verifier.loss.exact import ExactLoss
from verifier.loss.expected_loss import expected_loss
from verifier.theorem.registry import find
from verifier.theorem.theorem import check_theorem
from verifier.theorem.verdict import Verdict

small = st.fractions(min_value=-2, max_value=2, max_denominator=3)


@st.composite
def covariances(draw: st.DrawFn, size: int) -> RationalMatrix:
    """L L' + I/2: positive definite with rational entries."""
    rows = [draw(st.lists(small, min_size=size, max_size=size)) for _ in range(size)]
    return tuple(
        tuple(
            sum((x * y for x, y in zip(rows[i], rows[j], strict=True)), Fraction(int(i == j), 2))
            for j in range(size)
        )
        for i in range(size)
    )


def rate_and_minimum(d: int, n: int, noise: Fraction) -> tuple[Fraction, Fraction]:
    """eta and L* of the theorem by hand: 1/(n+d+1+sigma2), sigma2 + d - n d eta."""
    eta = 1 / (n + d + 1 + noise)
    return eta, noise + d - n * d * eta


def loss_of(sigma: RationalMatrix, n: int, noise: Fraction) -> ExactLoss:
    found = expected_loss(len(sigma), n, noise, sigma, exact_inverse(sigma), method="explicit")
    assert isinstance(found, ExactLoss)
    return found


def test_every_claim_is_proved() -> None:
    report = checked("theorem2")
    assert {c.claim.id: c.verdict for c in report.claims} == {
        c.id: Verdict.PROVED for c in find("theorem2").claims
    }


def test_the_derived_rate_and_minimum_are_those_of_a_hand_calculation() -> None:
    """E s'Sigma^-1 S^... : E w's = n d, E s'Sigma^-1 s = n d (n + d + 1 + sigma2)."""
    n, d, sigma2 = sympy.symbols("n d sigma2")
    derived = THEOREM.derive({}).results
    rate, minimum = (
        sympy.sympify(str(derived[key]).replace("^", "**"))
        for key in ("learning_rate", "minimum_loss")
    )
    assert sympy.simplify(rate - 1 / (n + d + 1 + sigma2)) == 0
    assert sympy.simplify(minimum - (sigma2 + d - n * d / (n + d + 1 + sigma2))) == 0


@given(st.integers(1, 3), st.integers(1, 4), st.data())
@settings(max_examples=20, deadline=None)
def test_nothing_near_the_optimum_beats_it(d: int, n: int, data: st.DataObject) -> None:
    """Exact losses at the theorem's minimiser and at rational perturbations of it."""
    sigma = data.draw(covariances(d))
    noise = data.draw(st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(3)]))
    eta, minimum = rate_and_minimum(d, n, noise)
    inverse, loss = exact_inverse(sigma), loss_of(sigma, n, noise)
    zero = [Fraction(0)] * d
    best = [[eta * v for v in row] for row in inverse]
    assert loss.evaluate(zero, Fraction(1), best, zero) == minimum
    shift = st.lists(small, min_size=d, max_size=d)
    size = data.draw(st.sampled_from([Fraction(1), Fraction(1, 20)]))
    moved = [[x + size * y for x, y in zip(row, data.draw(shift), strict=True)] for row in best]
    a, c = ([size * x for x in data.draw(shift)] for _ in range(2))
    assert loss.evaluate(a, 1 + size * data.draw(small), moved, c) >= minimum


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_explicit_route_with_symbolic_entries_has_the_same_minimum(d: int) -> None:
    """L(B) at a = c = 0, b = 1, B = eta Sigma^-1, from one example's moments with Sigma symbolic.

    L = E y^2 - 2n sum B_ia C_ia + sum B_ia B_kb Sigma_ab T_ik, C_ia = cross[i, y, a] and
    T_ik = n fourth[i, y, k, y] + n (n-1) paired[i, y, k, y]. Gamma = adj(Sigma) / det(Sigma).
    """
    n = sympy.Symbol("n")
    moments = gaussian_pair_moments(d, "symbolic", "symbolic")
    ring = sympy.symbols(moments.symbols)
    named_symbols = {s.name: s for s in ring}
    sigma = sympy.Matrix(
        d, d, lambda i, j: named_symbols[f"Lambda_{min(i, j) + 1}_{max(i, j) + 1}"]
    )
    precision = sigma.adjugate() / sigma.det()
    into = {
        named_symbols[f"Gamma_{i + 1}_{j + 1}"]: precision[i, j]
        for i in range(d)
        for j in range(i, d)
    }

    def entry(table: object, index: tuple[int, ...]) -> sympy.Expr:
        value = table.get(index, 0)  # type: ignore[attr-defined]
        return value.as_expr() if hasattr(value, "as_expr") else sympy.Integer(value)

    eta = 1 / (n + d + 1 + named_symbols["sigma2"])
    B = eta * precision
    loss = moments.target_second.as_expr()
    for i in range(d):
        for a in range(d):
            loss -= 2 * n * B[i, a] * entry(moments.cross, (i, d, a))
            for k in range(d):
                weight = sum(B[k, b] * sigma[a, b] for b in range(d))
                tensor = n * entry(moments.fourth, (i, d, k, d)) + n * (n - 1) * entry(
                    moments.paired, (i, d, k, d)
                )
                loss += B[i, a] * weight * tensor
    minimum = named_symbols["sigma2"] + d - n * d * eta
    assert sympy.cancel(sympy.together(loss.subs(into) - minimum)) == 0


@given(st.integers(1, 3), st.data())
@settings(max_examples=15, deadline=None)
def test_losses_do_not_depend_on_the_coordinates(d: int, data: st.DataObject) -> None:
    """x -> M x with any invertible M: Sigma -> M Sigma M', a -> M^-T a, A -> M^-T A M^-1."""
    sigma = data.draw(covariances(d))
    rows = st.lists(st.lists(small, min_size=d, max_size=d), min_size=d, max_size=d)
    M, A = sympy.Matrix(data.draw(rows)), sympy.Matrix(data.draw(rows))
    M = M.applyfunc(sympy.Rational) + 7 * sympy.eye(d)
    a, c = (sympy.Matrix(data.draw(rows)[0]) for _ in range(2))
    back = M.inv().T
    moved = M * sympy.Matrix(sigma).applyfunc(sympy.Rational) * M.T
    first = loss_of(sigma, 2, Fraction(1, 3))
    second = loss_of(_rows(moved), 2, Fraction(1, 3))
    b = Fraction(3, 4)
    A, a, c = (x.applyfunc(sympy.Rational) for x in (A, a, c))
    assert first.evaluate(_flat(a), b, _rows(A), _flat(c)) == second.evaluate(
        _flat(back * a), b, _rows(back * A * back.T), _flat(back * c)
    )


def _rows(matrix: sympy.Matrix) -> RationalMatrix:
    return tuple(tuple(_flat(matrix.row(i))) for i in range(matrix.rows))


def _flat(matrix: sympy.Matrix) -> list[Fraction]:
    return [Fraction(int(x.p), int(x.q)) for x in matrix]


ETA = "learning_rate"
FALSE: list[Miss] = [
    ("minimum", {"preconditioner": "Sigma[i,j]"}),
    ("equality", {"preconditioner": "delta[i,j]"}),
    ("minimum", {"preconditioner": "sum[o](Sigmai[i,o]*Sigmai[o,j])"}),
    ("equality", {"preconditioner": "2*Sigmai[i,j]"}),
    ("equality", {"preconditioner": "sum[o](Fi[i,o]*Fi[j,o])"}),
    ("minimum", {"preconditioner": "Fi[i,j]"}),
    ("equality", {"preconditioner": "delta[i,j]*sum[o](Sigmai[o,o])/d"}),
    ("minimum", {ETA: "1/(n + 1 + sigma2)"}),
    ("minimum-loss", {ETA: "1/(n + d + sigma2)"}),
    ("minimum-loss", {ETA: "1/(n + d + 1)"}),
    ("minimum-loss", {ETA: "1/(n + d + 1 + 2*sigma2)"}),
    ("minimum-loss", {ETA: "1/(n + d + 1 + sigma2^2)"}),
    ("minimum-loss", {ETA: "1/(n + 2*d + sigma2)"}),
    ("minimum-loss", {ETA: "1/(n + d + 1 + d*sigma2)"}),
    ("minimum", {ETA: "1/n"}),
    ("minimum", {ETA: "d/(n + 1 + sigma2)"}),
    ("minimum", {ETA: "1/(n + d + 2 + sigma2)"}),
    ("minimum-loss", {"minimum_loss": "sigma2 + d - n/(n + d + 1 + sigma2)"}),
    ("minimum", {"minimum_loss": "d - n*d/(n + d + 1 + sigma2)"}),
    ("minimum", {"minimum_loss": "sigma2"}),
    ("minimum", {"minimum_loss": "sigma2 + d"}),
    ("minimum", {"minimum_loss": "sigma2 + d - n*d/(n + d + sigma2)"}),
    ("minimum-loss", {"minimum_loss": "sigma2 + d*(d + sigma2)/(n + d + 1 + sigma2)"}),
    ("prediction", {"prediction": "eta*sum[i](xq[i]*s[i])"}),
    ("prediction", {"prediction": "eta*sum[i,j](xq[i]*Sigma[i,j]*s[j])"}),
    ("prediction", {"prediction": "eta*n*sum[i,j](xq[i]*Sigmai[i,j]*s[j])"}),
    ("minimum", {"minimisers": "a[i] = 0; c[i] = 0; b*A[i,j] = P[j,i]"}),
    ("minimum", {"minimisers": "d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = P[i,j]"}),
    ("minimum", {"minimisers": "a[i] = 0; c[i] = 0; b = 1; A[i,j] = P[j,i]"}),
    (
        "minimum",
        {
            "minimisers": "a[i] = 0; b*A[i,j] = P[j,i]"
            " | d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = P[i,j]"
        },
    ),
]


@pytest.mark.parametrize("miss", mostly_deep(FALSE, named(FALSE), 6))
def test_near_misses_are_refuted(miss: Miss) -> None:
    counterexample("theorem2", miss)


@pytest.mark.deep
@pytest.mark.parametrize("miss", FALSE, ids=named(FALSE))
def test_near_misses_end_the_whole_check(miss: Miss) -> None:
    report = check_theorem(find("theorem2"), claimed=miss[1], numerical=False)
    assert report.verdict is Verdict.REFUTED


def test_the_whole_check_of_a_near_miss_is_refuted() -> None:
    report = check_theorem(find("theorem2"), claimed={ETA: "1/(n + d)"}, numerical=False)
    assert report.verdict is Verdict.REFUTED
    assert any(c.refutation and c.refutation.point for c in report.claims)


def test_the_true_preconditioner_put_in_words_is_proved() -> None:
    """Claiming what is true goes through the same substitution and is proved."""
    text = "sum[o](Fi[o,i]*Fi[o,j])"
    report = check_theorem(find("theorem2"), claimed={"preconditioner": text}, numerical=False)
    assert report.verdict is Verdict.PROVED
