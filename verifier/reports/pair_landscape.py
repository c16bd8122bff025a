"""The local minima of a Gaussian pair, for a terminal and as JSON.

What was found by descents and certified in exact arithmetic is there; the words never say that
there is nothing else. Described by ``pair_landscape.schema.json`` beside this file.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from importlib import resources
from math import isinf
from typing import Any

from verifier.render.columns import aligned, fold
from verifier.render.streams import Style
from verifier.stationary.pair_minimum import Certificate
from verifier.stationary.pair_survey import PairMinimum, PairSurvey
from verifier.stationary.whitening import GaussianPair

SCHEMA_VERSION = 1
_NOTHING = 1e-12


def pair_text(survey: PairSurvey, name: str, style: Style) -> str:
    """The whole answer for a setting file of this name."""
    setting = survey.pair.setting
    about = (
        f"{name}: x ~ N(0, Λ), w ~ N(0, Γ), d = {setting.dimension}, "
        f"n = {setting.context_length}, σ² = {setting.noise_variance}. No g has Γ = g Λ⁻¹, so no "
        "change of variables leads to Theorem 1; up to (ω, N) → (t ω, N/t) and rotations"
    )
    lines = [
        style.paint("Local minima in (ω, N) of the expected loss that descents found", "bold"),
        *fold(about, style.width, "  ", "  "),
        *_table(survey, style),
        style.paint("What the layer predicts there", "bold"),
    ]
    for k, part in enumerate(survey.minima, 1):
        lines += fold(predictor(part), style.width, f"  {k}  ", "     ")
    lines.append(style.paint("A point on each", "bold") + style.paint("  B = b A' + c a'", "dim"))
    for k, part in enumerate(survey.minima, 1):
        lines += fold(_point(part), style.width, f"  {k}  ", "     ")
    lines.append(
        style.paint("Certificates", "bold")
        + style.paint("  in rational arithmetic, outside the checker; variances 1/2 to 2", "dim")
    )
    for k, part in enumerate(survey.minima, 1):
        lines += fold(_certified(part), style.width, f"  {k}  ", "     ")
    lines += _closing(survey, style)
    return style.letters("\n".join(lines))


def whitening_words(pair: GaussianPair, name: str) -> str:
    """Why the landscape of a setting file is Theorem 1's, and where its points are."""
    noise, g = pair.setting.noise_variance, pair.scale
    root = f"√{g}" if g is None or g.denominator == 1 else f"√({g})"
    times, tasks, moved = f"{g} times ", f"{g} Λ⁻¹", f"(F'a/{root}, b, F'A F, {root} F'c)"
    if g == 1:
        times, tasks, moved = "", "Λ⁻¹", "(F'a, b, F'A F, F'c)"
    return (
        f"It is that of {name}, x ~ N(0, Λ), w ~ N(0, {tasks}), σ² = {noise}: with Λ = F F' the "
        f"loss at (a, b, A, c) is {times}that loss at {moved}, and the same holds for the weights; "
        "losses below are those of the file, points are in the new coordinates"
    )


def _table(survey: PairSurvey, style: Style) -> list[str]:
    rows = [["", "type", "ρ = a'Λa/b²", "loss", "above the minimum", "runs"]]
    for k, part in enumerate(survey.minima, 1):
        kind, look = _kind(part)
        rho = part.rho(survey.pair)
        rows.append(
            [
                str(k),
                style.paint(kind, look),
                "∞" if isinf(rho) else f"{rho:.6g}",
                f"{part.loss:.10g}",
                "0" if part.is_global else f"{part.loss - float(survey.minimum):.6g}",
                str(part.runs),
            ]
        )
    head, *body = aligned(rows, "  ")
    return [style.paint(head, "dim"), *body]


def _kind(part: PairMinimum) -> tuple[str, str]:
    if part.certificate is None:
        return "not certified", "yellow"
    return ("global minimum", "green") if part.is_global else ("local minimum", "red")


def predictor(part: PairMinimum) -> str:
    """What the layer predicts at the point, in words, as far as its zeros tell."""
    sizes = [_size(part.a), abs(float(part.b)), _size(*part.A), _size(part.c)]
    whole = max(sizes)
    a, b, A, c = (size > _NOTHING * whole for size in sizes)
    if not a and not c:
        return "one preconditioned gradient step from 0: x'B X'y"
    if not b and not A:
        return "a gradient step along one direction only: (x.c)(a.X'y)"
    return "a preconditioned gradient step x'B X'y, plus terms in X'X and y'y"


def _point(part: PairMinimum) -> str:
    """a, b, c and the readout B = b A' + c a'."""
    d = len(part.a)
    readout = [[part.b * part.A[j][i] + part.c[i] * part.a[j] for j in range(d)] for i in range(d)]
    scale = _size(part.a, part.c, (part.b,), *part.A)
    rows = "; ".join(" ".join(_decimal(x, _size(*readout)) for x in row) for row in readout)
    vectors = (" ".join(_decimal(x, scale) for x in vector) for vector in (part.a, part.c))
    a, c = vectors
    return f"a = ({a}), b = {_decimal(part.b, scale)}, c = ({c}), B = [{rows}]"


def _decimal(value: Fraction, scale: float) -> str:
    return "0" if abs(value) <= _NOTHING * scale else f"{float(value):.6g}"


def _size(*rows: Sequence[Fraction]) -> float:
    return max(abs(float(x)) for row in rows for x in row)


def _certified(part: PairMinimum) -> str:
    found = part.certificate
    if found is None:
        return f"none: {part.reason}"
    weights = (
        "; N has rank d, so in the weights of head dimension >= d they are local minima too"
        if found.full_rank
        else "; N is not shown to have rank d: in the weights kernels of W_K and W_Q may matter"
    )
    return (
        f"at a rational point ‖∇L‖ < {above(found.slope)}, {found.positive} eigenvalues of the "
        f"Hessian above {below(found.margin)}, {found.flat} within ± that (along the family), "
        f"none below: exact local minima lie within {above(found.radius)}{weights}"
    )


def above(value: Fraction) -> str:
    """One digit, the least that is larger than a value >= 0."""
    digit = Context(prec=1, rounding=ROUND_FLOOR, Emin=-99, Emax=99)
    low = digit.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{digit.next_plus(low):.0e}".replace("e+", "e")


def below(value: Fraction) -> str:
    """Three digits, rounded down."""
    digits = Context(prec=3, rounding=ROUND_FLOOR)
    return f"{float(digits.divide(Decimal(value.numerator), Decimal(value.denominator))):g}"


def _closing(survey: PairSurvey, style: Style) -> list[str]:
    count = len(survey.spurious)
    certified = sum(part.certificate is not None for part in survey.minima)
    looks = ("red", "bold") if count else ("bold",)
    kinds = "minimum" if certified == 1 else "minima"
    head = f"{certified} local {kinds} in (ω, N) certified, {count or 'none'} that is not global"
    head = head.replace("that is", "that are") if count > 1 else head
    rest = (
        f"{survey.starts} descents from random points (seed {survey.seed}), "
        f"{survey.lost} at no local minimum; others may exist"
    )
    first, *more = fold(f"{head}: {rest}", style.width, "", "  ")
    lines = [first.replace(head, style.paint(head, *looks), 1), *more]
    return lines + [style.paint(f"  disagreement: {text}", "red") for text in survey.disagreements]


def pair_json(survey: PairSurvey) -> str:
    """One JSON object."""
    pair = survey.pair
    whole = {
        "schema_version": SCHEMA_VERSION,
        "d": pair.setting.dimension,
        "n": pair.setting.context_length,
        "noise": str(pair.setting.noise_variance),
        "covariates_covariance": _texts(pair.covariates),
        "task_covariance": _texts(pair.tasks),
        "global_minimum": str(survey.minimum),
        "local_minima": [_record(part, survey) for part in survey.minima],
        "at_no_local_minimum": survey.lost,
        "starts": survey.starts,
        "seed": survey.seed,
        "disagreements": list(survey.disagreements),
    }
    return json.dumps(whole, indent=2, ensure_ascii=True)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `pair_json`."""
    file = resources.files("verifier.reports") / "pair_landscape.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _record(part: PairMinimum, survey: PairSurvey) -> dict[str, Any]:
    rho = part.rho(survey.pair)
    return {
        "type": _kind(part)[0],
        "loss": part.loss,
        "runs": part.runs,
        "rho": "oo" if isinf(rho) else rho,
        "predictor": predictor(part),
        "point": {
            "a": [str(x) for x in part.a],
            "b": str(part.b),
            "A": _texts(part.A),
            "c": [str(x) for x in part.c],
        },
        "certificate": None if part.certificate is None else _certificate(part, part.certificate),
        "reason": part.reason,
    }


def _certificate(part: PairMinimum, found: Certificate) -> dict[str, Any]:
    return {
        "loss": str(part.value),
        "gradient_norm_below": above(found.slope),
        "eigenvalues_above": found.positive,
        "eigenvalues_within": found.flat,
        "margin": str(found.margin),
        "local_minimum_within": above(found.radius),
        "N_has_rank_d": found.full_rank,
    }


def _texts(rows: Sequence[Sequence[Fraction]]) -> list[list[str]]:
    return [[str(x) for x in row] for row in rows]
