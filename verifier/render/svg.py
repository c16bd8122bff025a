"""A curve with its marks as inline SVG (standard library only)."""

from __future__ import annotations

from html import escape

from verifier.render.document import Picture

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 560, 300, 64, 24, 40, 16


def svg_picture(picture: Picture) -> str:
    """Axes, the curve, marks with labels; it scales with the page."""

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x * (WIDTH - LEFT - RIGHT), TOP + (1 - y) * (HEIGHT - TOP - BOTTOM)

    points = " ".join(f"{u:.1f},{v:.1f}" for u, v in (at(x, y) for x, y in picture.points))
    title = escape(f"{picture.y_label} against {picture.x_label}")
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
        f"<title>{title}</title>",
        f'<path class="axis" d="M{x0} {y1}V{y0}H{x1}"/>',
        f'<polyline class="curve" points="{points}"/>',
        _label(x0 - 6, y0, picture.lowest, "end"),
        _label(x0 - 6, y1 + 5, picture.highest, "end"),
        _label(x0, y1 - 10, picture.y_label, "start"),
        _label((x0 + x1) / 2, HEIGHT - 10, picture.x_label, "middle"),
    ]
    for x, y, label in picture.marks:
        u, v = at(x, y)
        parts.append(f'<circle class="mark" cx="{u:.1f}" cy="{v:.1f}" r="4"/>')
        anchor = "end" if x > 0.8 else "start"
        parts.append(_label(u + (-8 if anchor == "end" else 8), v - 8, label, anchor))
    return "".join([*parts, "</svg>"])


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
