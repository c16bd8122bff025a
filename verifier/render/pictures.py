"""Curves as pictures that need no package: base LaTeX, and characters for Markdown."""

from __future__ import annotations

from itertools import pairwise

from verifier.render.document import Picture

WIDTH, HEIGHT = 110.0, 55.0
COLUMNS, LINES = 72, 18


def latex_picture(picture: Picture) -> str:
    """A ``picture`` environment in millimetres: axes, the curve, marks with numbered labels."""
    lines = [
        r"\begin{center}\setlength{\unitlength}{1mm}",
        rf"\begin{{picture}}({WIDTH + 16:g},{HEIGHT + 16:g})(-12,-10)",
        rf"\put(0,0){{\line(1,0){{{WIDTH:g}}}}}",
        rf"\put(0,0){{\line(0,1){{{HEIGHT:g}}}}}",
        rf"\put({WIDTH / 2:g},-7){{\makebox(0,0){{{picture.x_label}}}}}",
        rf"\put(0,{HEIGHT + 3:g}){{\makebox(0,0)[l]{{{picture.y_label}}}}}",
        rf"\put(-1,0){{\makebox(0,0)[r]{{\small {picture.lowest}}}}}",
        rf"\put(-1,{HEIGHT:g}){{\makebox(0,0)[r]{{\small {picture.highest}}}}}",
    ]
    for (x, y), (u, v) in pairwise(picture.points):
        one, two = _millimetres(x, y), _millimetres(u, v)
        middle = _millimetres((x + u) / 2, (y + v) / 2)
        lines.append(rf"\qbezier{one}{middle}{two}")
    for x, y, label in picture.marks:
        lines.append(rf"\put{_millimetres(x, y)}{{\makebox(0,0){{$\bullet$}}}}")
        lines.append(rf"\put{_millimetres(x, y + 0.06)}{{\makebox(0,0){{\small {label}}}}}")
    return "\n".join([*lines, r"\end{picture}", r"\end{center}"])


def text_picture(picture: Picture) -> str:
    """The same with characters: dots for the curve, labels at the marks."""
    cells = [[" "] * COLUMNS for _ in range(LINES)]
    for x, y in picture.points:
        cells[_line(y)][_column(x)] = "."
    for x, y, label in picture.marks:
        cells[_line(y)][_column(x)] = label[:1]
    width = max(len(picture.lowest), len(picture.highest))
    left = [picture.highest, *[""] * (LINES - 2), picture.lowest]
    body = [f"{a:>{width}} |{''.join(row)}".rstrip() for a, row in zip(left, cells, strict=True)]
    return "\n".join([picture.y_label, *body, " " * width + " +" + "-" * COLUMNS, picture.x_label])


def _millimetres(x: float, y: float) -> str:
    return f"({x * WIDTH:.2f},{y * HEIGHT:.2f})"


def _line(y: float) -> int:
    return LINES - 1 - min(max(round(y * (LINES - 1)), 0), LINES - 1)


def _column(x: float) -> int:
    return min(max(round(x * (COLUMNS - 1)), 0), COLUMNS - 1)
