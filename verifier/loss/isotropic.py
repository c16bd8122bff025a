"""The isotropic loss in seven numbers, read off the dimension-free derivation.

For Lambda = Gamma = I the derived polynomial in words has exactly this shape, with
B = b A' + c a', and seven coefficients that are polynomials in n, d, sigma2:

    L = constant - 2 linear (b tr A + c'a) + quadratic ||B||_F^2
        + g1 ||A'a||^2 + g2 ||A||_F^2 ||a||^2 + 2 g3 b (A'a)'c + g4 b^2 ||c||^2.

The coefficients are solved for and the shape is rebuilt from them and compared with the
derivation, so a term that did not fit would be an error and not an oversight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.loss.dimension_free import DimensionFreeLoss, dimension_free_loss, reduced_layer
from verifier.words.rendering import to_sympy
from verifier.words.words import Expression, trace

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class IsotropicForm:
    """The seven coefficients as SymPy polynomials in the plain symbols n, d, sigma2."""

    constant: sympy.Expr
    linear: sympy.Expr
    quadratic: sympy.Expr
    g1: sympy.Expr
    g2: sympy.Expr
    g3: sympy.Expr
    g4: sympy.Expr


def isotropic_words(loss: DimensionFreeLoss) -> dict[str, Expression]:
    """Return the seven coefficients of an isotropic ``loss`` as scalar word expressions.

    Raises ValueError if the loss is not of the isotropic shape (something is left over).
    """
    layer = reduced_layer()
    a, b, A, c = layer.a, layer.b, layer.A, layer.c
    norm_a, norm_c, norm_matrix = a.T @ a, c.T @ c, trace(A @ A.T)
    pull, mixed = a.T @ A @ A.T @ a, a.T @ A @ c
    squares = {
        "g1": pull,
        "g2": norm_matrix * norm_a,
        "g3": 2 * b * mixed,
        "g4": b * b * norm_c,
    }
    B = b * A.T + c @ a.T
    found = {
        "constant": loss.coefficient(1),
        "linear": loss.coefficient(b * trace(A)) / -2,
        "quadratic": loss.coefficient(b * b * norm_matrix),
        "g1": loss.coefficient(pull),
        "g2": loss.coefficient(norm_matrix * norm_a),
        "g4": loss.coefficient(b * b * norm_c),
    }
    found["g3"] = loss.coefficient(2 * b * mixed) - found["quadratic"]
    rebuilt = found["constant"] - 2 * found["linear"] * (b * trace(A) + c.T @ a)
    rebuilt = rebuilt + found["quadratic"] * trace(B @ B.T)
    for name, square in squares.items():
        rebuilt = rebuilt + found[name] * square
    leftover = loss.expression - rebuilt
    if leftover:
        raise ValueError(f"the loss is not of the isotropic shape; left over: {leftover}")
    return found


def isotropic_form() -> IsotropicForm:
    """Derive the isotropic loss and return its seven coefficients, in n, d, sigma2."""
    words = isotropic_words(dimension_free_loss())
    return IsotropicForm(**{name: to_sympy(words[name]) for name in words})
