"""The stationary set at d = 1 with n and sigma2 symbolic, for a terminal."""

from __future__ import annotations

from verifier.loss.isotropic import isotropic_form
from verifier.render.columns import fold
from verifier.render.streams import Style
from verifier.stationary.one_dimension import LineLandscape, stationary_line

HEADING = "Every real stationary point in (ω, N) at d = 1, for all n ≥ 1 and σ² ≥ 0"
HOW = (
    "s = σ²; up to scaling (ω, N) → (t ω, N/t); the gradient's ideal is solved by explicit "
    "multipliers, and the signs of the Hessian's principal minors are proved"
)


def line_text(style: Style) -> str:
    """Every real stationary point at d = 1, for all n >= 1 and sigma2 >= 0, with its type."""
    found: LineLandscape = stationary_line(isotropic_form())
    lines = [
        *(style.paint(line, "bold") for line in fold(HEADING, style.width, "")),
        *fold(HOW, style.width, "  ", "  "),
    ]
    for number, point in enumerate(found.components, 1):
        kind = point.type + (f" of index {point.index}" if point.type == "saddle" else "")
        values = ", ".join(
            f"{name} = {_shown(value)}" for name, value in zip("abAc", point.point, strict=True)
        )
        rho = "ω = 0" if point.rho is None else f"ρ = {_shown(point.rho)}"
        lines.append(f"  {number}  {style.paint(kind, 'bold')}, {rho}")
        lines += fold(f"loss  {_shown(point.loss)}", style.width, "     ", "           ")
        lines += fold(f"at    {values}", style.width, "     ", "           ")
    lines.append(f"  with μ = √({_shown(found.mu_squared)})")
    return style.letters("\n".join(lines))


def _shown(value: object) -> str:
    text = str(value).replace("**", "^").replace("sigma2", "s").replace("sqrt(mu)", "√μ")
    return text.replace("mu", "μ").replace("oo", "∞")
