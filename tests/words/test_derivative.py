"""The gradient on words is the linear part of the expression under a small change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.words.derivative import derivative
from verifier.words.letters import scalar_letter
from verifier.words.words import Expression, matrix, scalar, trace, vector

A, S, u, v, b = matrix("A"), matrix("S", symmetric=True), vector("u"), vector("v"), scalar("b")
PIECES = [
    trace(A),
    trace(A @ S @ A.T),
    trace(A @ A @ S),
    u.T @ A @ v,
    u.T @ A @ A.T @ u,
    u.T @ S @ u,
    b * (v.T @ A @ u),
    b**2,
]

scalars = st.lists(st.tuples(st.integers(-3, 3), st.lists(st.sampled_from(PIECES), max_size=3)))


def combine(recipe: list) -> Expression:
    total = scalar("b") * 0
    for factor, pieces in recipe:
        term = scalar("b") ** 0 * factor
        for piece in pieces:
            term = term * piece
        total = total + term
    return total


def linear_part(expression: Expression, name: str) -> Expression:
    """Return the coefficient of the first power of the scalar ``name``."""
    word = (scalar_letter(name),)
    kept = []
    for (chain, monomial), value in expression.terms.items():
        if dict(monomial).get(word) == 1:
            rest = tuple(item for item in monomial if item[0] != word)
            kept.append(((chain, rest), value))
    return Expression.build("1", "1", kept)


@given(scalars, st.sampled_from(["A", "u", "b"]))
@settings(max_examples=60, deadline=None)
def test_gradient_is_the_linear_part(recipe: list, name: str) -> None:
    expression = combine(recipe)
    letter = {"A": A, "u": u, "b": b}[name]
    change = {"A": matrix("E"), "u": vector("e"), "b": scalar("h")}[name]
    moved = expression.substitute({name: letter + scalar("t") * change})
    assert linear_part(moved, "t") == trace(derivative(expression, letter).T @ change)


def test_gradients_by_hand() -> None:
    assert derivative(trace(A @ A.T), A) == 2 * A
    assert derivative(u.T @ A @ v, A) == u @ v.T
    assert derivative(u.T @ S @ u, u) == 2 * S @ u
    assert derivative(b**3, b) == 3 * b**2


def test_what_has_no_gradient_is_refused() -> None:
    with pytest.raises(ValueError, match="only a scalar"):
        derivative(A, A)
    with pytest.raises(ValueError, match="no entrywise"):
        derivative(trace(S), S)
    with pytest.raises(ValueError, match="one named letter"):
        derivative(trace(A), A + matrix("B"))
    with pytest.raises(ValueError, match="inverted"):
        derivative(trace(A.inv @ S), A)
