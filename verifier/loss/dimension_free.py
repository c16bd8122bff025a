"""The loss for all n, d and sigma2 at once: Wick's theorem on the forward pass.

The derivation starts at the definition. With omega = (a, b), N = [A; c'] and tokens (x_i, y_i),
the layer is ``prediction = sum_i (omega . v_i) (v_i . N x_query)``; written over the stacked
examples this is ``values' scores`` with ``values = X a + b y`` and ``scores = X A x + y (c' x)``.
The squared error is expanded in the algebra of words and its mean taken by `expect`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy.polys.rings import PolyElement

from verifier.arithmetic.qq import from_fraction
from verifier.arithmetic.rationals import RationalMatrix
from verifier.loss.concrete import evaluate_words
from verifier.loss.exact import ExactLoss, loss_ring
from verifier.loss.numeric_words import FIELDS, NumericWordLoss
from verifier.setting.magnitudes import check_dimension
from verifier.words.derivative import derivative
from verifier.words.rendering import to_latex
from verifier.words.wick import expect, gaussian_rows, gaussian_scalar, gaussian_vector
from verifier.words.words import Expression, identity, matrix, scalar, vector

SIGMA2 = scalar("sigma2")
Entries = Sequence[Sequence[PolyElement]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The random words of a prompt of Gaussian pairs x ~ N(0, Lambda), w ~ N(0, Gamma).

    ``X`` (n x d), ``y`` (n x 1), ``w`` (d x 1), ``query`` (d x 1), ``target`` (scalar, noisy);
    ``S = X'X``, ``s = X'y``, ``q = y'y``.
    """

    X: Expression
    y: Expression
    w: Expression
    query: Expression
    target: Expression

    @property
    def S(self) -> Expression:
        """X'X, d x d."""
        return self.X.T @ self.X

    @property
    def s(self) -> Expression:
        """X'y, d x 1."""
        return self.X.T @ self.y

    @property
    def q(self) -> Expression:
        """y'y, a scalar."""
        return self.y.T @ self.y


def gaussian_prompt(
    covariance: Expression | None = None,
    task_covariance: Expression | None = None,
    noise: Expression = SIGMA2,
) -> Prompt:
    """Return the prompt's random words; the covariances are the identity unless given."""
    X = gaussian_rows("X", covariance)
    w = gaussian_vector("w", task_covariance)
    query = gaussian_vector("x", covariance)
    example_noise = gaussian_vector("eps", noise * identity("n"), space="n")
    query_noise = gaussian_scalar("eps_query", noise)
    return Prompt(X, X @ w + example_noise, w, query, query.T @ w + query_noise)


@dataclass(frozen=True, slots=True)
class Layer:
    """The reduced parameters as words: a, c vectors, b scalar, A matrix."""

    a: Expression
    b: Expression
    A: Expression
    c: Expression

    def prediction(self, prompt: Prompt) -> Expression:
        """Return the forward pass: sum over examples of value times score."""
        values = prompt.X @ self.a + self.b * prompt.y
        scores = prompt.X @ self.A @ prompt.query + prompt.y * (self.c.T @ prompt.query)
        return values.T @ scores


def reduced_layer() -> Layer:
    """Return the layer with the letters a, b, A, c."""
    return Layer(vector("a"), scalar("b"), matrix("A"), vector("c"))


@dataclass(frozen=True, slots=True)
class DimensionFreeLoss:
    """L as one polynomial over Q in words, n, d and sigma2, valid for every n and d.

    ``covariance`` and ``task_covariance`` are the d x d expressions it was derived with.
    """

    expression: Expression
    covariance: Expression
    task_covariance: Expression

    def coefficient(self, of: Expression | int) -> Expression:
        """Return the coefficient of one product of words, a polynomial in n, d, sigma2."""
        return self.expression.coefficient(of)

    def gradient(self) -> dict[str, Expression]:
        """Return the gradients in a (d x 1), b, A (d x d) and c (d x 1), as word expressions."""
        layer = reduced_layer()
        letters = {"a": layer.a, "b": layer.b, "A": layer.A, "c": layer.c}
        return {name: derivative(self.expression, letter) for name, letter in letters.items()}

    def specialise(
        self, n: int | Fraction | None = None, noise: int | Fraction | None = None
    ) -> DimensionFreeLoss:
        """Return the loss with n or sigma2 = noise made a number."""
        given = {k: v for k, v in (("n", n), ("sigma2", noise)) if v is not None}
        return DimensionFreeLoss(
            self.expression.substitute(given), self.covariance, self.task_covariance
        )

    def at_dimension(
        self,
        dimension: int,
        matrices: Mapping[str, RationalMatrix] | None = None,
        symbolic: Sequence[str] = (),
    ) -> ExactLoss:
        """Return the loss at a concrete d as a polynomial in the entries of a, b, A, c.

        Named covariance letters are given by ``matrices`` (exact entries), or kept as symbols
        ``Lambda_1_1 ...`` by listing their names in ``symbolic``.
        """
        d = check_dimension(dimension)
        names = [
            f"{name}_{i}_{j}" for name in symbolic for i in range(1, d + 1) for j in range(i, d + 1)
        ]
        ring = loss_ring(d, names)
        gens = dict(zip(map(str, ring.symbols), ring.gens, strict=True))
        unit = range(1, d + 1)
        entries: dict[str, Entries] = {
            "a": [[gens[f"a_{i}"]] for i in unit],
            "c": [[gens[f"c_{i}"]] for i in unit],
            "A": [[gens[f"A_{i}_{j}"] for j in unit] for i in unit],
            "b": [[gens["b"]]],
            "n": [[gens["n"]]],
            "d": [[ring.ground_new(d)]],
            "sigma2": [[gens["sigma2"]]],
        }
        for name in symbolic:
            entries[name] = [[gens[f"{name}_{min(i, j)}_{max(i, j)}"] for j in unit] for i in unit]
        for name, given in (matrices or {}).items():
            entries[name] = [[ring.ground_new(from_fraction(v)) for v in row] for row in given]
        return ExactLoss(d, evaluate_words(self.expression, entries, ring), "dimension_free")

    def numeric(
        self,
        d: int,
        n: int | Fraction,
        noise: int | Fraction,
        covariance: object = None,
        task_covariance: object = None,
    ) -> NumericWordLoss:
        """Return a float evaluator over flat theta at one (d, n, sigma2).

        ``covariance`` and ``task_covariance`` are d x d float arrays for the letters Lambda and
        Gamma; they must be given exactly when the loss has such a letter.
        """
        specialised = self.specialise(n, noise)
        gradient = specialised.gradient()
        return NumericWordLoss.compile(
            check_dimension(d),
            specialised.expression,
            tuple(gradient[name] for name in FIELDS),
            (
                ("covariance", self.covariance, covariance),
                ("task_covariance", self.task_covariance, task_covariance),
            ),
        )

    def _repr_latex_(self) -> str:
        return f"$L = {to_latex(self.expression)}$"


def dimension_free_loss(
    covariance: Expression | None = None, task_covariance: Expression | None = None
) -> DimensionFreeLoss:
    """Derive E (target - prediction)^2 for every n, d, sigma2.

    The covariances are d x d expressions (a symmetric letter, its inverse, a product) or None for
    the identity. Isotropic: 29 terms. Source: the setting of Mahankali, Hashimoto and Ma (2023).
    """
    prompt = gaussian_prompt(covariance, task_covariance)
    error = prompt.target - reduced_layer().prediction(prompt)
    return DimensionFreeLoss(
        expect(error**2),
        identity() if covariance is None else covariance,
        identity() if task_covariance is None else task_covariance,
    )
