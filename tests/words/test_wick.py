"""Wick contraction against brute force: multiply out the entries and pair them one by one."""

from fractions import Fraction
from functools import cache, reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import QQ
from sympy.polys.rings import ring

from verifier.words.wick import expect, gaussian_rows, gaussian_scalar, gaussian_vector
from verifier.words.words import Expression, identity, matrix, scalar, trace, vector

LAMBDA = matrix("Lambda", symmetric=True)
GAMMA = matrix("Gamma", symmetric=True)
SIGMA2 = scalar("sigma2")

WORDS = {
    "X": gaussian_rows("X", LAMBDA),
    "w": gaussian_vector("w", GAMMA),
    "e": gaussian_vector("e", SIGMA2 * identity("n"), space="n"),
    "A": matrix("A"),
    "M": matrix("M", "n", "n"),
    "u": vector("u"),
    "m": vector("m", "n"),
}
SPACES = {"X": "nd", "A": "dd", "M": "nn", "w": "d", "e": "n", "u": "d", "m": "n"}
FIXED = {
    "Lambda": [[2, 1], [1, 3]],
    "Gamma": [[1, -1], [-1, 4]],
    "A": [[1, 2], [0, -1]],
    "M": [[0, 1], [3, -2]],
    "u": [[1], [-2]],
    "m": [[3], [1]],
}


BLOCKS = ("A", "A'", "X'X", "X'MX", "X'M'X")
ENDS = ("u", "w", "X'e", "X'm", "A'w")
BALANCE = {"w": "w'u", "e": "e'm", "X": "m'Xu"}


def spelled(text: str) -> list[tuple[str, bool]]:
    """Read "X'Mw" as letters with a flag for the transposed ones."""
    marks = [*text[1:], ""]
    return [(x, mark == "'") for x, mark in zip(text, marks, strict=True) if x != "'"]


def flipped(letters: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    return [(name, not flip) for name, flip in reversed(letters)]


def random_count(words: list, names: str = "Xwe") -> int:
    return sum(name in names for word in words for name, _ in word)


@st.composite
def scalar_words(draw: st.DrawFn) -> list[list[tuple[str, bool]]]:
    """A product of closed words in which every random letter occurs evenly, at most 8 times."""
    words: list[list[tuple[str, bool]]] = []
    for _ in range(draw(st.integers(1, 3))):
        middle = draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=3))
        word = [letter for block in middle for letter in spelled(block)]
        if draw(st.booleans()):
            left, right = draw(st.tuples(st.sampled_from(ENDS), st.sampled_from(ENDS)))
            word = flipped(spelled(left)) + word + spelled(right)
        if random_count([*words, word]) <= 6:
            words.append(word)
    words += [spelled(form) for x, form in BALANCE.items() if random_count(words, x) % 2]
    return words


def build(words: list, table: dict, trace_of: object, one: object) -> object:
    """The product of the words' traces; reads Expressions and arrays alike."""
    total = one
    for chain in words:
        letters = [table[name].T if flip else table[name] for name, flip in chain]
        total = total * trace_of(reduce(lambda p, q: p @ q, letters))
    return total


def fixed_arrays(dimension: int, rows: int) -> dict:
    sides = {"Lambda": "dd", "Gamma": "dd", "A": "dd", "M": "nn", "u": "d1", "m": "n1"}
    size = {"d": dimension, "n": rows, "1": 1}
    return {
        name: np.array(FIXED[name], dtype=object)[: size[side[0]], : size[side[1]]]
        for name, side in sides.items()
    }


@cache
def random_entries(dimension: int, rows: int) -> tuple[dict, object]:
    """Arrays of ring generators for X, w, e."""
    shapes = {"X": (rows, dimension), "w": (dimension, 1), "e": (rows, 1)}
    names = [f"{k}_{i}_{j}" for k, (r, c) in shapes.items() for i in range(r) for j in range(c)]
    polynomials, *generators = ring(names, QQ)
    arrays, position = {}, 0
    for name, (r, c) in shapes.items():
        block = generators[position : position + r * c]
        arrays[name] = np.array(block, dtype=object).reshape(r, c)
        position += r * c
    return arrays, polynomials


def covariance_of(left: str, right: str, fixed: dict, noise: Fraction) -> Fraction:
    (name, i, j), (other, k, m) = left.split("_"), right.split("_")
    if name != other:
        return Fraction(0)
    if name == "X":
        return Fraction(fixed["Lambda"][int(j)][int(m)]) * (i == k)
    return Fraction(fixed["Gamma"][int(i)][int(k)]) if name == "w" else noise * (i == k)


def isserlis(variables: tuple[str, ...], fixed: dict, noise: Fraction) -> Fraction:
    """The mean of a product of variables: the first is paired with every other one."""
    if not variables:
        return Fraction(1)
    return sum(
        (
            covariance_of(variables[0], variables[k], fixed, noise)
            * isserlis(variables[1:k] + variables[k + 1 :], fixed, noise)
            for k in range(1, len(variables))
            if covariance_of(variables[0], variables[k], fixed, noise)
        ),
        Fraction(0),
    )


def brute_force_mean(polynomial: object, fixed: dict, noise: Fraction) -> Fraction:
    names = [str(symbol) for symbol in polynomial.ring.symbols]
    total = Fraction(0)
    for monomial, value in polynomial.items():
        variables = tuple(n for n, e in zip(names, monomial, strict=True) for _ in range(e))
        exact = Fraction(int(value.numerator), int(value.denominator))
        total += exact * isserlis(variables, fixed, noise)
    return total


def evaluate(expression: Expression, values: dict) -> Fraction:
    total = Fraction(0)
    for (_, monomial), value in expression.terms.items():
        for word, exponent in monomial:
            arrays = [values[x.name].T if x.transposed else values[x.name] for x in word]
            value = value * Fraction(np.trace(reduce(np.matmul, arrays))) ** exponent
        total += value
    return total


@given(scalar_words(), st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2)]), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_contraction_equals_brute_force(words: list, sizes: tuple[int, int], noise: int) -> None:
    dimension, rows = sizes
    variance = Fraction(noise, 2)
    fixed = fixed_arrays(dimension, rows)
    scalars = {"n": rows, "d": dimension, "sigma2": variance}
    values = fixed | {name: np.array([[value]]) for name, value in scalars.items()}
    by_words = expect(build(words, WORDS, trace, scalar("sigma2") ** 0))
    arrays, polynomials = random_entries(dimension, rows)
    entries = build(words, fixed | arrays, np.trace, polynomials.one)
    assert evaluate(by_words, values) == brute_force_mean(entries, fixed, variance)


def test_first_wishart_moments_by_hand() -> None:
    """S is a sum of n independent zz' with E zz' = I and E |z|^4 = d(d+2)."""
    X, n, d = gaussian_rows("X"), scalar("n"), scalar("d")
    S = X.T @ X
    assert expect(trace(S)) == n * d
    assert expect(trace(S @ S)) == n * d * (d + 2) + n * (n - 1) * d
    assert expect(trace(S @ S)) == n * d * (n + d + 1)
    assert expect(trace(S) ** 2) == n * d * (n * d + 2)


def test_matrix_and_vector_expectations_by_hand() -> None:
    """E S A S = n(Lambda A' Lambda + tr(A Lambda) Lambda) + n^2 Lambda A Lambda."""
    X, A, n = gaussian_rows("X", LAMBDA), matrix("A"), scalar("n")
    w, u, v = gaussian_vector("w", GAMMA), vector("u"), vector("v")
    S = X.T @ X
    expected = n * (LAMBDA @ A.T @ LAMBDA + trace(A @ LAMBDA) * LAMBDA)
    assert expect(S @ A @ S) == expected + n**2 * LAMBDA @ A @ LAMBDA
    assert expect((w.T @ u) * w) == GAMMA @ u
    assert expect((w.T @ u) * (w @ v.T)) == GAMMA @ u @ v.T
    assert expect((w.T @ u) * (v @ w.T @ A)) == v @ u.T @ GAMMA @ A
    assert expect(X @ w @ w.T @ X.T) == trace(GAMMA @ LAMBDA) * identity("n")
    assert not expect(w)


@given(st.integers(0, 6))
def test_scalar_moments_are_double_factorials(k: int) -> None:
    g = gaussian_scalar("g", SIGMA2)
    assert not expect(g ** (2 * k + 1))
    odd_product = reduce(lambda p, j: p * j, range(1, 2 * k, 2), 1)
    assert expect(g ** (2 * k)) == odd_product * SIGMA2**k


@given(st.lists(st.sampled_from(["S", "A"]), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_covariance_can_be_moved_into_the_matrices(chain: list[str]) -> None:
    """x ~ N(0, LL') is L z with z ~ N(0, I): a twin with a different derivation."""
    A, L = matrix("A"), matrix("L")
    direct = gaussian_rows("X", matrix("Lambda", symmetric=True))
    twin = gaussian_rows("Z") @ L.T

    def moment(X: Expression) -> Expression:
        factors = {"S": X.T @ X, "A": A}
        return expect(trace(reduce(lambda p, name: p @ factors[name], chain, identity())))

    assert moment(direct).substitute({"Lambda": L @ L.T}) == moment(twin)


def test_clashing_laws_and_bad_covariances_are_refused() -> None:
    A = matrix("A")
    with pytest.raises(ValueError, match="two letters"):
        expect(trace(gaussian_rows("X") @ gaussian_rows("X", LAMBDA).T))
    with pytest.raises(ValueError, match="symmetric"):
        gaussian_vector("w", A)
    with pytest.raises(ValueError, match="one d x d product"):
        gaussian_vector("w", LAMBDA + GAMMA)
