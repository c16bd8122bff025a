"""Laws of the algebra of words: it is an algebra, and its normal form means what it says."""

from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.rationals import exact_number
from verifier.words.words import (
    Expression,
    constant,
    identity,
    matrix,
    scalar,
    trace,
    vector,
)

LETTERS = {
    "A": matrix("A"),
    "B": matrix("B"),
    "S": matrix("S", symmetric=True),
    "K": matrix("K", "n", "d"),
    "u": vector("u"),
    "v": vector("v"),
}
D, N = 2, 3

square_chains = st.lists(
    st.sampled_from(["A", "A'", "B", "B'", "S", "K'K", "uv'", "vu'"]), min_size=0, max_size=5
)


def factor(name: str, table: dict) -> object:
    """One square factor, as an Expression or as an array: the same formula reads both."""
    if name == "K'K":
        return table["K"].T @ table["K"]
    if len(name) == 3:
        return table[name[0]] @ table[name[1]].T
    return table[name[0]].T if name.endswith("'") else table[name]


def product(chain: list[str], table: dict, unit: object) -> object:
    return reduce(lambda left, name: left @ factor(name, table), chain, unit)


def word_product(chain: list[str]) -> Expression:
    return product(chain, LETTERS, identity())


def array_values(seed: int) -> dict:
    random = np.random.default_rng(seed)
    shapes = {"A": (D, D), "B": (D, D), "S": (D, D), "K": (N, D), "u": (D, 1), "v": (D, 1)}
    values = {
        name: np.array([Fraction(int(x), 2) for x in random.integers(-5, 6, rows * cols)])
        .reshape(rows, cols)
        .astype(object)
        for name, (rows, cols) in shapes.items()
    }
    values["S"] = values["S"] + values["S"].T
    return values


def unit_array() -> np.ndarray:
    return np.array([[Fraction(int(i == j)) for j in range(D)] for i in range(D)], dtype=object)


def value_of(expression: Expression, values: dict) -> Fraction:
    """Evaluate a scalar expression by multiplying its words out, entry by entry."""
    total = Fraction(0)
    for (_, monomial), coefficient in expression.terms.items():
        for word, exponent in monomial:
            if len(word) == 1 and word[0].rows == word[0].cols == "1":
                coefficient = coefficient * values[word[0].name] ** exponent
                continue
            arrays = [values[x.name].T if x.transposed else values[x.name] for x in word]
            coefficient = coefficient * np.trace(reduce(np.matmul, arrays)) ** exponent
        total += coefficient
    return total


@given(square_chains, square_chains)
@settings(max_examples=60, deadline=None)
def test_trace_is_cyclic_and_blind_to_transposition(p: list[str], q: list[str]) -> None:
    P, Q = word_product(p), word_product(q)
    assert trace(P @ Q) == trace(Q @ P) == trace((P @ Q).T)
    assert (P @ Q).T == Q.T @ P.T


@given(square_chains, st.integers(0, 100))
@settings(max_examples=60, deadline=None)
def test_normal_form_keeps_the_value(chain: list[str], seed: int) -> None:
    values = array_values(seed)
    direct = np.trace(product(chain, values, unit_array()))
    assert value_of(trace(word_product(chain)), values | {"d": D}) == direct


@given(square_chains, square_chains, square_chains, st.integers(0, 100))
@settings(max_examples=40, deadline=None)
def test_ring_laws_and_evaluation(p: list[str], q: list[str], r: list[str], seed: int) -> None:
    P, Q, R = map(word_product, (p, q, r))
    assert (P + Q) @ R == P @ R + Q @ R
    assert P @ (Q @ R) == (P @ Q) @ R
    x, y = trace(P) - 2, trace(Q) / 3 + 1
    values = array_values(seed) | {"d": D}
    assert value_of(x * y, values) == value_of(x, values) * value_of(y, values)
    assert x * y == y * x
    assert (x + y) ** 2 == x**2 + 2 * x * y + y**2
    assert not (x - x)


def test_bilinear_forms_factor_out_of_chains() -> None:
    A, B, u, v = (LETTERS[name] for name in "ABuv")
    assert A @ u @ v.T @ B == (A @ u) @ (v.T @ B)
    assert u @ (v.T @ A @ u) == (v.T @ A @ u) * u
    assert trace(A @ u @ v.T @ B @ u @ v.T) == (v.T @ A @ u) * (v.T @ B @ u)
    assert u.T @ A @ v == v.T @ A.T @ u
    assert u.T @ A @ v != v.T @ A @ u


def test_an_inverse_cancels_its_matrix_and_nothing_else() -> None:
    S, A, u = matrix("S", symmetric=True), matrix("A"), vector("u")
    assert S @ S.inv == identity()
    assert trace(S.inv @ A @ S) == trace(A)
    assert trace(S @ S @ S.inv @ S.inv) == scalar("d")
    assert A.inv @ A.T != identity()
    assert (u.T @ S.inv @ S @ u) == u.T @ u
    assert identity() == A.inv.T @ A.T


def test_trace_of_the_identity_is_the_dimension() -> None:
    assert trace(identity("d")) == scalar("d")
    assert trace(identity("n")) == scalar("n")
    assert trace(identity("1")) == 1


def test_coefficients_are_polynomials_in_the_constants() -> None:
    n, d, b, A = scalar("n"), scalar("d"), scalar("b"), matrix("A")
    expression = 3 * n * b * trace(A) + d * b * trace(A) - n**2 + 5
    assert expression.coefficient(b * trace(A)) == 3 * n + d
    assert expression.coefficient(2 * b * trace(A)) == (3 * n + d) / 2
    assert expression.coefficient(1) == 5 - n**2
    assert expression.coefficient(trace(A)) == 0
    with pytest.raises(ValueError, match="exactly one"):
        expression.coefficient(b + 1)


@given(square_chains, square_chains)
@settings(max_examples=40, deadline=None)
def test_substitution_is_a_homomorphism(p: list[str], q: list[str]) -> None:
    image = {"A": LETTERS["B"] @ LETTERS["S"] + LETTERS["B"], "u": LETTERS["A"] @ LETTERS["v"]}
    P, Q = word_product(p), word_product(q)
    assert (P @ Q).substitute(image) == P.substitute(image) @ Q.substitute(image)
    table = LETTERS | image
    assert P.substitute(image) == product(p, table, identity())


def test_floats_are_refused_and_sides_must_fit() -> None:
    A, u, K = LETTERS["A"], LETTERS["u"], LETTERS["K"]
    for wrong in (0.5, True, "1", 1j):
        with pytest.raises(TypeError):
            exact_number(wrong)
    with pytest.raises(TypeError, match="float"):
        A * 0.5
    with pytest.raises(TypeError, match="float"):
        constant(0.5)
    with pytest.raises(ValueError, match="cannot add"):
        A + u
    with pytest.raises(ValueError, match="cannot multiply"):
        K @ K
    with pytest.raises(ValueError, match="write @"):
        A * A
    with pytest.raises(ValueError, match="no trace"):
        trace(u)
    with pytest.raises(ValueError, match="inverted"):
        _ = (A + A.T).inv
    with pytest.raises(ValueError, match="unknown space"):
        vector("u", "2")
    with pytest.raises(ValueError, match="symmetric matrix is square"):
        matrix("K", "n", "d", symmetric=True)


def test_text_is_deterministic_and_names_the_identity() -> None:
    A, b = matrix("A"), scalar("b")
    expression = (b**2 - Fraction(1, 2)) * trace(A @ A.T)
    assert str(expression) == "(-1/2) * tr(A A') + tr(A A') * (b)^2"
    assert str(2 * identity()) == "2 * I"
    assert str(A - A) == "0"
