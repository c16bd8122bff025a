"""Answers on moments: beside multiplied-out entries, published formulas, and samples."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import numpy as np
import pytest
from by_entries import (
    as_rows,
    average,
    gaussian,
    independent,
    multiplied,
    rationals,
    sphere,
    variables,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier import expectation
from verifier.setting.laws import Laplace, Rademacher, Uniform
from verifier.words.wick import expect, gaussian_rows
from verifier.words.words import trace

A = [[1, 2], [0, -1]]
B = [[2, -1], [1, 3]]
SIGMA = [[2, 1], [1, 3]]
KNOWN = {"A": rationals(A), "B": rationals(B), "Sigma": rationals(SIGMA)}
VALUES = {"A": A, "B": B, "Sigma": SIGMA, "d": 2}

# At most four S in all: the second route goes through all 7!! pairings of eight entries.
matrices = st.lists(st.sampled_from(["S", "A", "B'"]), min_size=1, max_size=4).filter(
    lambda chain: chain.count("S") <= 2
)


def value_of(question: str, **values: object) -> object:
    """The answer at those of the values whose names occur in the question or its sides."""
    answer = expectation(question)
    known = {g.name for g in answer.given} | answer.dimensions
    return answer.evaluate(**{k: v for k, v in values.items() if k in known})


def entries_of(factors: list[str], arrays: dict) -> np.ndarray:
    return multiplied([arrays[f[0]].T if f.endswith("'") else arrays[f[0]] for f in factors])


@given(matrices, matrices, st.integers(1, 2))
@settings(max_examples=25, deadline=None)
def test_wishart_words_are_those_of_the_entries(left: list, right: list, n: int) -> None:
    """E[tr(left) right] at d = 2 from the entries of X, S = X'X, by Isserlis."""
    arrays, places = variables({"X": (n, 2)})
    arrays = {**KNOWN, "S": arrays["X"].T @ arrays["X"]}
    polynomial = entries_of(right, arrays) * np.trace(entries_of(left, arrays))
    law = gaussian(lambda p, q: Fraction(SIGMA[p[2]][q[2]] * (p[1] == q[1])))
    expected = [[average(v, places, law) for v in row] for row in polynomial]
    found = value_of(f"E[tr({' '.join(left)}) {' '.join(right)}]", n=n, **VALUES)
    assert found == as_rows(expected)


LAWS = {
    "uniform": lambda order: Uniform().even_moment((order,), 1),
    "rademacher": lambda order: Rademacher().even_moment((order,), 1),
    "laplace": lambda order: Laplace().even_moment((order,), 1),
}
forms = st.lists(st.sampled_from(["x'A x", "x'B x", "x'u", "x'A u"]), min_size=1, max_size=3)


def form_entries(form: str, arrays: dict) -> object:
    letters = form.replace("x'", "x' ").split()
    return multiplied([arrays[f[0]].T if f.endswith("'") else arrays[f[0]] for f in letters])[0, 0]


@given(forms, st.sampled_from([*LAWS, "sphere"]), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_other_laws_are_those_of_the_entries(parts: list, law: str, d: int) -> None:
    """E[(x'A x) ... x x'] for independent entries and on the sphere, at d up to 3."""
    arrays, places = variables({"x": (d, 1)})
    numbers = {
        "A": [[i - 2 * j for j in range(d)] for i in range(d)],
        "B": [[i * j + 1 for j in range(d)] for i in range(d)],
        "u": [[k + 1] for k in range(d)],
    }
    arrays = {**arrays, **{k: rationals(v) for k, v in numbers.items()}}
    polynomial = (arrays["x"] @ arrays["x"].T) * prod(form_entries(f, arrays) for f in parts)
    moment = sphere(d) if law == "sphere" else independent(LAWS[law])
    expected = [[average(v, places, moment) for v in row] for row in polynomial]
    question = f"E[{' '.join(f'({form})' for form in parts)} x x'] where x ~ {law}"
    found = value_of(question, d=d, **numbers)
    assert found == as_rows(expected)


@given(
    st.lists(st.sampled_from(["X'X", "X'M X", "A"]), min_size=1, max_size=3),
    st.sampled_from(["uniform", "rademacher"]),
    st.integers(1, 2),
    st.integers(1, 2),
)
@settings(max_examples=25, deadline=None)
def test_matrices_of_independent_entries(chain: list, law: str, n: int, d: int) -> None:
    arrays, places = variables({"X": (n, d)})
    numbers = {
        "A": [[3 * i - j + 1 for j in range(d)] for i in range(d)],
        "M": [[i + 2 * j - 1 for j in range(n)] for i in range(n)],
    }
    arrays = {**arrays, **{k: rationals(v) for k, v in numbers.items()}}
    letters = " ".join(chain).replace("X'", "X' ").split()
    polynomial = entries_of(letters, arrays)
    expected = [[average(v, places, independent(LAWS[law])) for v in row] for row in polynomial]
    question = f"E[{' '.join(chain)}] where X ~ {law}, X: n x d, M: n x n, A: d x d"
    assert value_of(question, n=n, d=d, **numbers) == as_rows(expected)


def inverse_wishart_by_bartlett(product: list[str], n: int) -> list[list[Fraction]]:
    """S = L T T' L' with T lower triangular: t11^2 ~ chi2_n, t22^2 ~ chi2_(n-1), t21 ~ N(0, 1).

    With p = 1/t11, q = 1/t22, b = t21: T^-1 = [[p, 0], [-b p q, q]], and E p^2k of a chi2_m is
    1/((m - 2)(m - 4) ... (m - 2k)). Sigma = L L' with L = [[1, 0], [1, 2]].
    """
    arrays, places = variables({"t": (1, 3)})
    ((p, q, b),) = arrays["t"]
    inverse_l = rationals([[1, 0], [Fraction(-1, 2), Fraction(1, 2)]])
    t_inverse = np.array([[p, 0], [-b * p * q, q]], dtype=object)
    w = inverse_l.T @ t_inverse.T @ t_inverse @ inverse_l

    def moment(counts: dict) -> Fraction:
        powers = [counts.get(("t", 0, k), 0) for k in range(3)]
        if any(e % 2 for e in powers):
            return Fraction(0)
        total = Fraction(prod(range(1, powers[2], 2)))
        for degrees, e in zip((n, n - 1), powers, strict=False):
            total /= prod(degrees - 2 * j for j in range(1, e // 2 + 1))
        return total

    result = entries_of(product, {**KNOWN, "W": w})
    return [[average(v, places, moment) for v in row] for row in result]


@given(st.lists(st.sampled_from(["W", "A", "B'"]), min_size=1, max_size=4), st.integers(12, 15))
@settings(max_examples=25, deadline=None)
def test_inverse_wishart_is_that_of_bartlett(chain: list, n: int) -> None:
    """E[S^-1 A S^-1 ...] at d = 2, from the Bartlett decomposition and inverse chi squares."""
    question = " ".join("S^-1" if f == "W" else f for f in chain)
    found = value_of(f"E[{question}]", n=n, **(VALUES | {"Sigma": [[1, 1], [1, 5]]}))
    assert found == as_rows(inverse_wishart_by_bartlett(chain, n))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_inverse_chi_square_at_dimension_one(k: int) -> None:
    """At d = 1 S is sigma2 chi2_n: E S^-k = 1/(sigma2^k (n-2)(n-4)...(n-2k))."""
    found = expectation(f"E[tr(S^-1)^{k}]").evaluate(n=11, d=1, Sigma=[[3]])
    assert found == Fraction(1, 3**k * prod(11 - 2 * j for j in range(1, k + 1)))
    assert expectation(f"E[tr(S^-1)^{k}]").conditions == (f"n > d + {2 * k - 1}",)


PUBLISHED = [
    # Gupta and Nagar (2000), Theorem 3.3.15: E[S A S] = n Sigma A' Sigma + n tr(Sigma A) Sigma
    # + n^2 Sigma A Sigma.
    ("E[S A S]", "n Sigma A' Sigma + n tr(Sigma A) Sigma + n^2 Sigma A Sigma"),
    # Letac and Massam (2004): E[S^2], and by conditioning on one factor E[S^3].
    ("E[S^2]", "n (n + 1) Sigma^2 + n tr(Sigma) Sigma"),
    (
        "E[S^3]",
        "n (n^2 + 3 n + 4) Sigma^3 + 2 n (n + 1) tr(Sigma) Sigma^2 + n (n + 1) tr(Sigma^2) Sigma"
        "+ n tr(Sigma)^2 Sigma",
    ),
    # von Rosen (1988), Corollary 3.1, with c = (n - d)(n - d - 1)(n - d - 3).
    ("E[S^-1]", "Sigma^-1/(n - d - 1)"),
    (
        "E[S^-1 A S^-1]",
        "((n - d - 2) Sigma^-1 A Sigma^-1 + Sigma^-1 A' Sigma^-1 + tr(A Sigma^-1) Sigma^-1)"
        "/((n - d) (n - d - 1) (n - d - 3))",
    ),
    # A sum of n independent z z' has tr S of variance n Var(z'z) = 2 n tr(Sigma^2).
    ("Var[tr S]", "2 n tr(Sigma^2)"),
    # For symmetric A and B the classical Cov(x'A x, x'B x) = 2 tr(A Sigma B Sigma).
    ("Cov[x'A x, x'B x] where A symmetric, B symmetric", "2 tr(A Sigma B Sigma)"),
    # x = m + z: only z z' and (m m') have an even number of z.
    ("E[x x'] where x ~ normal(m, Sigma)", "m m' + Sigma"),
    ("Var[x] where x ~ normal(m, Sigma)", "Sigma"),
    # Rows of X are m_i + z_i with covariance V, weighted by A: M'A M + tr(A U) V.
    ("E[X'A X] where X ~ normal(M, U, V)", "M'A M + tr(A U) V"),
    # The fourth moments of the sphere are (delta delta + ...)/(d (d + 2)).
    ("E[x x'A x x'] where x ~ sphere", "(A + A' + tr(A) I)/(d (d + 2))"),
    # Signs: x_a^2 = 1, so that E[x'x x x'] = d I and the diagonal of x x' is exact.
    ("E[(x'x) x x'] where x ~ rademacher", "d I"),
    ("E[x x'A x x'] where x ~ rademacher", "A + A' + tr(A) I - 2 sum_i (e_i'A e_i) e_i e_i'"),
    ("E[V] where V ~ inverse-wishart(n, Psi)", "Psi/(n - d - 1)"),
    ("E[S] where S ~ wishart(n - 1, Sigma/(n - 1))", "Sigma"),
]


@pytest.mark.parametrize(("question", "formula"), PUBLISHED)
def test_published_formulas(question: str, formula: str) -> None:
    declared = question.partition(" where ")[2]
    kept = ", ".join(part for part in declared.split(", ") if part.endswith("symmetric"))
    typed = expectation(formula + (f" where {kept}" if kept else ""))
    assert unordered(typed) == unordered(expectation(question))


def unordered(answer: object) -> dict:
    """Terms by their word, whether a covariance was known to be symmetric or not."""
    return {
        (
            tuple((tuple(x.name for x in w), e) for w, e in t.words),
            tuple((x.name, x.power, x.transposed) for x in t.chain),
        ): t.coefficient
        for t in answer.terms
    }


QUESTIONS = [question for question, _ in PUBLISHED] + [
    "E tr(W)^2 tr(W^3) W^2",
    "Cov[tr(S), tr(S^2)]",
    "E[(x + m)(x + m)'A(x + m)(x + m)']",
    "E[tr(S^-1)^2 S^-1]",
    "E[g^4] where g scalar, g ~ normal(0, sigma2)",
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("form", [str, lambda answer: answer.pretty()])
def test_an_answer_can_be_typed_back(question: str, form: object) -> None:
    """The printed formula is an expression of the same grammar with the same value."""
    answer = expectation(question)
    symmetric = [g.name for g in answer.given if "symmetric" in g.words and not g.random]
    where = ", ".join(f"{name} symmetric" for name in symmetric)
    again = expectation(f"{form(answer)}{' where ' + where if where else ''}")
    assert unordered(again) == unordered(answer)


def test_spellings_of_one_question_agree() -> None:
    spellings = [
        "E[S A S]",
        "SAS",
        "E(S*A*S)",
        "Expectation(S @ A @ S)",
        "E S A S",
        "E[S %*% A %*% S]",
        "𝔼[S·A·S]",
        "E[S A S] where S ~ Wishart(n, Σ)",
        "E[S A S] where S ~ W(n, \\Sigma)",
    ]
    answers = {str(expectation(text)) for text in spellings}
    assert len(answers) == 1
    assert str(expectation("E Tr(S**2)")) == str(expectation("E[tr S²]"))
    assert str(expectation("E[X.T A X]")) == str(expectation("E[X^T A X]"))


def test_a_letter_covariance_moves_into_the_matrices() -> None:
    """x ~ N(0, L L') is L z: two questions with different derivations and one answer."""
    twin = expectation("E[L z z'L' A L z z'L'] where z ~ normal(0, I)")
    direct = expectation("E[x x'A x x'] where x ~ normal(0, L L')")
    assert unordered(twin) == unordered(direct)


def test_samples_agree() -> None:
    """E[S A S] and E[S^-1] by 40000 draws with a mean far from the truth's nearest rival."""
    rng = np.random.default_rng(5)
    n, root = 7, np.linalg.cholesky(np.array(SIGMA, float))
    x = rng.standard_normal((40_000, n, 2)) @ root.T
    s = np.swapaxes(x, 1, 2) @ x
    for question, draws in (
        ("E[S A S]", s @ np.array(A) @ s),
        ("E[S^-1]", np.linalg.inv(s)),
    ):
        exact = np.array(value_of(question, n=n, **VALUES), float)
        error = draws.std(axis=0) / len(draws) ** 0.5
        assert np.all(np.abs(draws.mean(axis=0) - exact) < 5 * error)
        assert np.max(np.abs(exact) / error) > 50


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "an expression is missing"),
        ("E[S A", "expected ']'"),
        ("E[S A S)", "expected ']'"),
        ("E[x x]", "does not fit"),
        ("E[S + 1]", "the identity is written I"),
        ("E[S + x]", "cannot add"),
        ("E[noise]", "unknown name 'noise'"),
        ("E[Sigmma]", "did you mean 'Sigma'"),
        ("S E[S]", "S is random and stands outside"),
        ("E[S S^-1 A S S^-1 S A S^-1]", "meet in one product"),
        ("E[(S + A)^-1]", "not a word"),
        ("E[X^-1]", "X"),
        ("E[1/tr(S)]", "below a slash"),
        ("E[A/S]", "cannot divide by the matrix S"),
        ("E[S^99]", "exponent"),
        ("E[S^20]", "at most"),
        ("E[S^-5]", "at most 4"),
        ("Cov[S, S]", "scalars and columns"),
        ("Cov[tr(S)]", "takes two"),
        ("E[S] where S ~ wishrt", "did you mean 'wishart'"),
        ("E[S] where S ~ wishart(x)", "must be a scalar"),
        ("E[x] where x ~ wishart", "only a matrix"),
        ("E[X] where X ~ sphere", "only a vector"),
        ("E[x] where x ~ normal(Sigma)", "mean, covariance"),
        ("E[x x'] where x ~ student-t", "degrees of freedom"),
        ("E[(x'x)^2] where x ~ student-t(3)", "no moment of order 4"),
        ("E[A] where A = 2 A", "declared by itself"),
        ("E[A] where A wrong", "cannot read the declaration"),
        ("E[A] where ", ""),
        ("tr S A", "write tr(...)"),
        ("E[S] ; rm", "unexpected character ';'"),
        ("__import__('os')", "unexpected character"),
        ("(" * 60 + "S" + ")" * 60, "nested deeper"),
        ("E[(x + m)^2]", "square"),
        ("E[S^-1] where n = 3, d = 2", "it is finite only for 3 > d + 1"),
        ("E[S^-1 A S^-1] where n = 2", "the mean does not exist"),
        ("n/(d - d)", "zero"),
    ],
)
def test_bad_questions_get_one_clear_line(question: str, message: str) -> None:
    if not message:
        expectation(question)
        return
    with pytest.raises(ValueError, match=r"\S") as caught:
        expectation(question)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_question_that_would_take_minutes_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 50 terms on the way"):
        expect(trace(gaussian_rows("X").T @ gaussian_rows("X")) ** 50, 50)


def test_a_law_that_goes_to_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="given to no name"):
        expectation("E[A B]", law="rademacher")
    assert str(expectation("E[x x']", law="rademacher")) == "I"
    assert str(expectation("E[x x']", law="gaussian")) == "Sigma"


def test_values_that_do_not_fit_are_named() -> None:
    answer = expectation("E[S A S]")
    with pytest.raises(ValueError, match="Sigma is missing"):
        answer.evaluate(n=3, A=A)
    with pytest.raises(ValueError, match="Sigma does not fit"):
        answer.evaluate(n=3, A=A, Sigma=[[1]])
    with pytest.raises(ValueError, match="B does not occur"):
        answer.evaluate(n=3, A=A, Sigma=SIGMA, B=B)
    for n in (1, 2, 3):
        with pytest.raises(ValueError, match=r"finite only for n > d \+ 1"):
            expectation("E[S^-1]").evaluate(n=n, Sigma=SIGMA)
    assert expectation("E tr S").evaluate(n="1/2", Sigma=[["1/3"]]) == Fraction(1, 6)
