"""Settings and values of an exploration in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isinf

from verifier.explore.answer import Matrix
from verifier.explore.values import Value
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels, Label
from verifier.setting.laws import BaseLaw, Normal, Radial, Sparse, StudentT
from verifier.setting.mixtures import MixedWeights
from verifier.setting.quadratic import QuadraticFeatures
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    TaskLaw,
    Weights,
)

_LONGEST = 24
_LONGEST_FORMULA = 40
_WIDEST = 76
_WIDEST_MATRIX = 160
_ROUNDING = 1e-13


def covariates_words(setting: Setting) -> str:
    """The covariates' law in words."""
    if setting.covariate_mixture:
        listed = "; ".join(f"{share}: {covariates_words(part)}" for share, part in setting.parts())
        return f"one of {len(setting.covariate_mixture)} laws for each prompt ({listed})"
    law, matrix = setting.covariates.law, covariance_words(setting.covariates.covariance)
    name, mean = law_words(law), setting.covariates.mean
    shift = f", plus the mean ({', '.join(map(str, mean))})" if mean else ""
    if isinstance(law, Normal):
        return f"normal with covariance {matrix}{shift}"
    if matrix == "I":
        return f"{name}{shift}"
    # Only for rotation-invariant z does the law of Fz depend on FF' alone.
    dense = setting.covariates.covariance != diagonal_part(setting.covariates.covariance)
    which = "the lower triangular F (Cholesky)" if dense and not law.rotation_invariant else "F"
    return f"{name}, times {which} with FF' = {matrix}{shift}"


def response_words(response: Response) -> str:
    """The response's law in words."""
    if isinstance(response, ReluNetwork):
        scale = " / sqrt(width)" if response.normalised else ""
        return f"f(x) = relu network of width {response.width}{scale}, normal weights"
    if isinstance(response, QuadraticFeatures):
        return "f(x) = sum over i <= j of w_ij x_i x_j, w_ij ~ N(0, 1)"
    if isinstance(response, DrawnLabels):
        drawn = {
            Label.BERNOULLI: "y = 1 with probability g, else 0",
            Label.SIGN: "y = 1 with probability g, else -1",
            Label.POISSON: "y ~ Poisson(g)",
        }[response.label]
        law = tasks_words(response.base.weights)
        return f"{drawn}, g(x) = {_link_words(response.base)}, {law}"
    if isinstance(response, Linear | SingleIndex):
        return f"f(x) = {_link_words(response)}, {tasks_words(response.weights)}"
    return f"f from the family {type(response).__name__}"


def tasks_words(law: TaskLaw) -> str:
    """The law of the task vector."""
    if isinstance(law, MixedWeights):
        if law.is_pool:
            return pool_words(law)
        parts = "; ".join(f"{share}: {tasks_words(part)}" for share, part in law.parts)
        return f"w from a mixture of {len(law.parts)} ({parts})"
    if not isinstance(law, Weights):
        return f"w of the law {type(law).__name__}"
    centre = f"({', '.join(map(str, law.mean))})" if any(law.mean) else "0"
    matrix = covariance_words(law.covariance)
    if isinstance(law.law, Normal):
        return f"w ~ N({centre}, {matrix})"
    shift = "" if centre == "0" else f"{centre} + "
    return f"w = {shift}F u, u {law_words(law.law)}, FF' = {matrix}"


def pool_words(law: MixedWeights) -> str:
    """A finite pool of tasks."""
    points = [f"({', '.join(map(str, part.mean))})" for _, part in law.parts]
    equal = len({share for share, _ in law.parts}) == 1
    chance = "" if equal else f" with probabilities {', '.join(str(s) for s, _ in law.parts)}"
    listed = ", ".join(points)
    if len(listed) > _WIDEST_MATRIX:
        listed = f"{points[0]}, ..."
    return f"w from a pool of {len(points)}: {listed}{chance}"


def noise_words(setting: Setting) -> str:
    """The noise variance, or its levels."""
    if not setting.noise_levels:
        return str(setting.noise_variance)
    levels = ", ".join(f"{level} with probability {share}" for share, level in setting.noise_levels)
    return f"{levels} (one for each prompt)"


def law_words(law: BaseLaw) -> str:
    """A base law with its parameters."""
    if isinstance(law, StudentT):
        return f"{law.name} with {law.degrees_of_freedom} degrees of freedom"
    if isinstance(law, Radial):
        return f"{law.name} with E r^2 = {law.second}, E r^4 = {law.fourth}"
    if isinstance(law, Sparse):
        return f"{law.name} with {law.nonzero} normal entries"
    return law.name


def _link_words(response: Linear | SingleIndex) -> str:
    if isinstance(response, Linear):
        return "w.x"
    link = response.link
    if isinstance(link, Polynomial):
        return f"{polynomial_words(link.coefficients)} at t = w.x"
    if isinstance(link, ExpressionLink):
        return f"{link.text} at t = w.x"
    return f"{link} at t = w.x"


def polynomial_words(coefficients: Sequence[Fraction]) -> str:
    """A polynomial in t, highest power first."""
    text = ""
    for power in reversed(range(len(coefficients))):
        value = coefficients[power]
        if not value:
            continue
        size = abs(value)
        letter = {0: "", 1: "t"}.get(power, f"t^{power}")
        factor = str(size) if size != 1 or not letter else ""
        term = f"{factor} {letter}".strip()
        sign = "-" if value < 0 else "+"
        text += f" {sign} {term}" if text else (f"-{term}" if value < 0 else term)
    return text or "0"


def diagonal_part(covariance: Covariance) -> Covariance:
    """The diagonal of a covariance, the rest zero."""
    return Covariance.diagonal([row[i] for i, row in enumerate(covariance.entries)])


def covariance_words(covariance: Covariance) -> str:
    """I, a multiple of I, a diagonal, or the rows of a matrix that is not too wide for words."""
    entries = covariance.entries
    d = covariance.dimension
    diagonal = [entries[i][i] for i in range(d)]
    if covariance == diagonal_part(covariance):
        if len(set(diagonal)) == 1:
            return "I" if diagonal[0] == 1 else f"{diagonal[0]} I"
        listed = ", ".join(map(str, diagonal))
        if len(listed) > _WIDEST_MATRIX:
            listed = f"{', '.join(map(str, diagonal[:3]))}, ..., {diagonal[-1]}"
        return f"diag({listed})"
    rows = "[" + "; ".join(" ".join(map(str, row)) for row in entries) + "]"
    return rows if len(rows) <= _WIDEST_MATRIX else f"a full {d} x {d} matrix"


def value_words(value: Value, digits: int = 6) -> str:
    """A value with what is known of it: 183/106 ≈ 1.72642, a root of ..., 0.5455 +- 0.0002."""
    decimal = f"{value.decimal:.{digits}g}"
    if value.exact is not None:
        text = str(value.exact)
        if value.exact.denominator == 1 and len(text) <= digits:
            return text
        sign = "=" if Fraction(decimal) == value.exact else "≈"
        return (
            f"{text} {sign} {decimal}" if len(text) <= _LONGEST else f"{decimal} (exact in --json)"
        )
    if value.formula:
        return (
            f"{value.formula} ≈ {decimal}"
            if len(value.formula) <= _LONGEST_FORMULA
            else (f"{decimal} (closed form in --json)")
        )
    if value.polynomial is not None:
        return f"{decimal} (algebraic, degree {len(value.polynomial) - 1})"
    if value.error is not None and isinf(value.error):
        return f"{decimal} (sampled, error unknown)"
    if value.error:
        return f"{decimal} ± {2 * value.error:.1g}"
    return decimal


def matrix_rows(matrix: Matrix) -> list[list[str]]:
    """Entries in short form: exact where all of them are short, decimals otherwise."""
    entries = [v for row in matrix for v in row]
    if all(v.exact is not None and len(str(v.exact)) <= 12 for v in entries):
        return [[str(v.exact) for v in row] for row in matrix]
    rounding = _ROUNDING * max(abs(v.decimal) for v in entries)
    return [[_decimal(v, rounding) for v in row] for row in matrix]


def _decimal(value: Value, rounding: float) -> str:
    """Five digits; zero, without a sign, for what is rounding beside the other entries."""
    nothing = value.exact is None and abs(value.decimal) <= rounding
    return "0" if nothing or not value.decimal else f"{value.decimal:.5g}"


def abbreviated(matrix: Matrix, width: int = _WIDEST) -> list[list[str]]:
    """`matrix_rows` of at most ``width`` columns of text: the middle of a wide one is left out."""
    rows = matrix_rows(matrix)
    size = len(rows[0])
    widths = [max(len(row[k]) for row in rows) + 2 for k in range(size)]
    if sum(widths) <= width:
        return rows
    kept = size - 1
    while kept > 1 and sum(widths[:kept]) + widths[-1] + 3 > width:
        kept -= 1
    shorter = [[*row[:kept], "…", row[-1]] for row in rows]
    if len(rows) < size:
        return shorter
    return [*shorter[:kept], ["…"] * (kept + 2), shorter[-1]]
