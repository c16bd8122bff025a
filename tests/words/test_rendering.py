"""Expressions as SymPy objects and LaTeX: same value, deterministic text."""

from fractions import Fraction

import pytest
import sympy

from verifier.words.rendering import to_latex, to_poly, to_sympy
from verifier.words.words import identity, matrix, scalar, trace, vector

n, d, b = scalar("n"), scalar("d"), scalar("b")
A, u = matrix("A"), vector("u")
LAMBDA = matrix("Lambda", symmetric=True)


def test_scalars_become_plain_symbols_and_other_words_one_symbol_each() -> None:
    N, D = sympy.symbols("n d")
    assert to_sympy((n + Fraction(1, 2)) * d**2) == sympy.expand((N + sympy.Rational(1, 2)) * D**2)
    word = to_sympy(u.T @ A @ u)
    assert word == sympy.Symbol("u' A u")
    assert to_poly(n**2 * d - d, ("n", "d")) == sympy.Poly(N**2 * D - D, N, D, domain="QQ")


def test_latex_is_deterministic_and_signs_are_merged() -> None:
    expression = b**2 * trace(A @ LAMBDA @ A.T) - Fraction(3, 2) * (u.T @ LAMBDA.inv @ u) + 1
    assert to_latex(expression) == (
        r"1 - \frac{3}{2}\, u^{\top} \Lambda^{-1} u + "
        r"b^{2}\, \operatorname{tr}\left(A \Lambda A^{\top}\right)"
    )
    assert to_latex(n * identity() - A.T) == r"-A^{\top} + n\, I"
    assert to_latex(scalar("sigma2") ** 2) == r"\sigma^{4}"
    assert to_latex(A - A) == "0"


def test_a_matrix_is_not_a_sympy_scalar() -> None:
    with pytest.raises(ValueError, match="scalar"):
        to_sympy(A)
