"""What is printed can be typed back: claims as they are shown, in the index language."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.shared.evidence import number
from verifier.__main__ import main
from verifier.proof.syntax import ProofError, parse, show
from verifier.render.plain_expression import plain
from verifier.setting.spelling import plain_formula, starred_products
from verifier.theorem.claim_text import claim_text
from verifier.theorem.registry import find

NAMES = {"n": 3, "d": 5, "sigma2": Fraction(1, 7)}


def value(text: str) -> Fraction:
    """The value of an expression in n, d, sigma2."""
    return number(text, {name: Fraction(x) for name, x in NAMES.items()})


formulas = st.recursive(
    st.sampled_from([*NAMES, "1", "2", "7"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*"]), inner).map(
            lambda t: f"({t[0]}{t[1]}{t[2]})"
        ),
        inner.map(lambda t: f"(-{t})"),
        inner.map(lambda t: f"1/(1 + {t}^2)"),
    ),
    max_leaves=8,
)


@given(formulas)
def test_a_printed_formula_reads_back_as_the_same_number(text: str) -> None:
    for unicode in (True, False):
        assert value(claim_text(plain(parse(text, {}), unicode))) == value(text)


@given(formulas)
def test_the_checkers_own_text_stays_as_it_is(text: str) -> None:
    plain_text = show(parse(text, {}))
    assert claim_text(plain_text) == plain_text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("−d n/(d + n + σ² + 1) + d + σ²", "-d*n/(d + n + sigma2 + 1) + d + sigma2"),
        ("2d(n+1)/(3 n)", "2*d*(n+1)/(3*n)"),
        ("2(n+1)σ⁴", "2*(n+1)*sigma2^2"),
        ("n**2 sigma^2", "n^2*sigma2"),
        ("n²σ² + n₂σ²", "n^2*sigma2 + n2*sigma2"),
        ("sum[k,i](X[k,i] w[i]) n", "sum[k,i](X[k,i]*w[i])*n"),
        ("E[w,e](yhat yq)", "E[w,e](yhat*yq)"),
        ("E(b s[i])", "E(b*s[i])"),
        ("η ∑ᵢ xₙ₊₁[i] sᵢ", "eta* sum[i]( xq[i]*s[i])"),
        ("∑ᵢⱼ xₙ₊₁[i] Pᵢⱼ sⱼ + d", " sum[i,j]( xq[i]*P[i,j]*s[j])+ d"),
        ("a[i] = 0; b A[i,j] = η δᵢⱼ", "a[i] = 0; b*A[i,j] = eta* delta[i,j]"),
        ("(n+1) Λ + t I", "(n + 1)*Lambda[i,j] + (t)*delta[i,j]"),
        ("Λ Γ⁻¹", "(1)*sum[l](Lambda[i,l]*Gammai[l,j])"),
        ("tr(Λ Γ) Λ", "(1)*sum[l,m](Gamma[m,l]*Lambda[l,m])*Lambda[i,j]"),
    ],
)
def test_spellings(typed: str, read: str) -> None:
    """Blanks do not matter; the terms of a matrix come in the order of the algebra."""
    assert sorted(claim_text(typed).replace(" ", "")) == sorted(read.replace(" ", ""))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    reason = ""
    try:
        claim_text(text)
    except ValueError as error:
        reason = str(error)
    assert "\n" not in reason


@given(st.text(alphabet="nd12+-*/^() σ²Λ−·", max_size=30))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = starred_products(plain_formula(text))
    assert starred_products(plain_formula(once)) == once


def check(capsys: pytest.CaptureFixture[str], theorem: str, *claims: str) -> tuple[int, str]:
    options = [word for claim in claims for word in ("--claim", claim)]
    code = main(["check", theorem, "--no-numerics", *options])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_the_programs_own_output_is_proved(capsys) -> None:
    code, shown = check(
        capsys,
        "theorem1",
        "minimum_loss=−d n/(d + n + σ² + 1)**1 + d + σ²",
        "learning_rate=1/(n+d+1+sigma^2)",
        "prediction=η ∑ᵢ xₙ₊₁[i] sᵢ",
    )
    assert code == 0, shown


def test_the_printed_readout_is_proved(capsys) -> None:
    readout = find("gaussian-pair").derive({}).results["readout"]
    typed = readout.removeprefix("P = ")
    code, shown = check(capsys, "gaussian-pair", f"readout={typed}")
    assert code == 0, shown


@pytest.mark.parametrize(
    ("theorem", "claim", "message"),
    [
        ("theorem1", "learning_rate=1/(N+d+1+sigma2)", "did you mean 'n'? known: n, d, sigma2"),
        ("theorem1", "learning_rate=1/(n+foo)", "'foo' is not declared; known: n, d, sigma2"),
        ("gaussian-pair", "precision=((n+1) Λ)^-1", "claim readout=(...)^-1"),
        ("gaussian-pair", "readout=Λ", "write (...)^-1"),
        ("gaussian-pair", "readout=(Λ + foo)^-1", "'foo' is not declared"),
    ],
)
def test_what_is_wrong_is_said(theorem: str, claim: str, message: str, capsys) -> None:
    code, shown = check(capsys, theorem, claim)
    assert code == 2
    assert message in shown
    assert shown.count("\n") == 1


def test_a_claim_that_cannot_be_read_is_refused_before_anything_is_derived() -> None:
    with pytest.raises(ProofError, match="unexpected character"):
        claim_text("__import__('os')")
