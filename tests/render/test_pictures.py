"""Curves in documents: scaled to the axes, every mark labelled, no package needed."""

import re

from verifier.render.document import Picture
from verifier.render.pictures import COLUMNS, HEIGHT, LINES, WIDTH, latex_picture, text_picture
from verifier.reports.derivation import picture_of
from verifier.theorem.theorem import Curve

RISING = Curve("x", "y", tuple((k / 10, 5 + k) for k in range(11)), ((0.5, 10.0, "1"),))


def test_points_fill_the_unit_square_and_the_ends_are_labelled() -> None:
    picture = picture_of(RISING)
    assert picture.points[0] == (0, 0)
    assert picture.points[-1] == (1, 1)
    assert picture.marks == ((0.5, 0.5, "1"),)
    assert (picture.lowest, picture.highest) == ("5", "15")


def test_a_flat_curve_is_drawn() -> None:
    picture = picture_of(Curve("x", "y", ((0.0, 2.0), (1.0, 2.0))))
    assert {y for _, y in picture.points} == {0.0}


def test_the_latex_curve_runs_from_corner_to_corner() -> None:
    text = latex_picture(picture_of(RISING))
    segments = re.findall(r"\\qbezier\(([\d.]+),([\d.]+)\)\(.*?\)\(([\d.]+),([\d.]+)\)", text)
    assert len(segments) == 10
    assert segments[0][:2] == ("0.00", "0.00")
    assert tuple(map(float, segments[-1][2:])) == (WIDTH, HEIGHT)
    assert text.count(r"\bullet") == 1


def test_the_characters_show_the_same_curve() -> None:
    rows = text_picture(picture_of(RISING)).splitlines()[1 : LINES + 1]
    body = [row.partition("|")[2].ljust(COLUMNS) for row in rows]
    assert body[0][COLUMNS - 1] == "."
    assert body[-1][0] == "."
    assert sum(row.count("1") for row in body) == 1
    assert isinstance(picture_of(RISING), Picture)
