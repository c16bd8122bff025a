"""Training in the weights beside the exact local minima: wide heads reach L*, narrow may not."""

from __future__ import annotations

import json
from fractions import Fraction

import jsonschema
import pytest

from verifier.render.streams import Style
from verifier.reports.landscape_json import landscape_json, schema
from verifier.reports.landscape_text import landscape_text
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_survey import WeightSurvey, refuse_if_huge, survey_weights
from verifier.stationary.weights import weights_landscape

CELL = (3, 1, Fraction(0))


@pytest.fixture(scope="module")
def seen() -> WeightSurvey:
    """(n, d, sigma2) = (1, 3, 0): benign in (omega, N), tau* = 22/15."""
    return survey_weights(landscape(*CELL), (3, 5), starts=40, scales=(1.0,))


def test_every_run_ends_at_an_exact_local_minimum(seen: WeightSurvey) -> None:
    assert seen.disagreements == ()
    assert [frequency.elsewhere for frequency in seen.frequencies] == [0] * 4


def test_narrow_heads_get_stuck_and_wide_ones_do_not(seen: WeightSurvey) -> None:
    for frequency in seen.frequencies:
        stuck = sum(frequency.by_family)
        assert frequency.in_global + stuck == 40
        assert (stuck > 0) == (frequency.weights.head_dimension == 3)
        # Stuck means: kernels that leave fewer than tau* ways down, and at least T_min = 1.
        assert all(1 - 1e-6 < trace < 22 / 15 for trace in frequency.traces)
        assert len(frequency.traces) == stuck


def test_what_starts_beside_a_constructed_minimum_returns(seen: WeightSurvey) -> None:
    assert [(near.point.loss, near.returned) for near in seen.nearby] == [(2.8, 20)]


def test_the_record_and_the_screen_say_so(seen: WeightSurvey) -> None:
    here = seen.landscape
    found = json.loads(landscape_json(here, None, weights_landscape(here, 3), seen))
    jsonschema.validate(found, schema())
    rows = found["weights_training"]["random_starts"]
    assert [(row["head_dimension"], row["method"]) for row in rows] == [
        (r, method) for r in (3, 5) for method in ("gradient descent", "Adam")
    ]
    assert all(row["global"] + sum(row["by_family"]) == row["runs"] for row in rows)
    text = landscape_text(here, None, Style(), None, seen)
    assert "Training W_K, W_Q, W_V, h from 40 random starts" in text
    assert "20 of 20 descents come back" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_figure_shows_curves_and_shares(seen: WeightSurvey) -> None:
    pytest.importorskip("matplotlib")
    from verifier.reports.plots_training import training_figure

    left, right = training_figure(seen).axes
    curves = [line for line in left.get_lines() if len(line.get_xdata()) > 2]
    assert len(curves) == 40
    shares = {line.get_label(): line.get_ydata()[0] for line in right.get_lines()}
    assert shares == {
        f"{f.method}, r = {f.weights.head_dimension}": sum(f.by_family) / 40
        for f in seen.frequencies
    }


def test_a_wrong_landscape_is_noticed() -> None:
    """Told of no minimum over rho = oo and a higher tau*, it must say that runs rest there."""
    from dataclasses import replace

    import verifier.stationary.weight_survey as module

    here = landscape(*CELL)
    right = weights_landscape(here, 3)
    wrong = replace(right, spurious=(), threshold=Fraction(9))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "weights_landscape", lambda *arguments: wrong)
        found = survey_weights(here, (3,), 30, (1.0,), methods=("gradient descent",))
    assert len(found.disagreements) == 1
    assert "at no local minimum in the weights" in found.disagreements[0]


@pytest.mark.parametrize(
    ("size", "message"),
    [((9, (3,), 5), "too slow"), ((3, (4, 33), 5), "too slow"), ((3, (4,), 5001), "random starts")],
)
def test_what_would_take_hours_is_refused(size, message) -> None:
    with pytest.raises(ValueError, match=message):
        refuse_if_huge(*size)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("cell", "r"),
    [
        ((3, 4, Fraction(0)), 4),
        ((3, 4, Fraction(2)), 5),
        ((3, 1, Fraction(0)), 5),
        ((4, 2, Fraction(9)), 5),
        ((4, 2, Fraction(12)), 7),
        ((5, 10, Fraction(1)), 6),
        ((8, 2, Fraction(40)), 9),
        ((5, 3, Fraction(1)), 1),
    ],
    ids=str,
)
def test_benign_cells_reach_the_minimum_from_200_starts_at_three_scales(cell, r) -> None:
    here = landscape(*cell)
    assert weights_landscape(here, r).benign
    found = survey_weights(here, (r,), 200)
    assert found.disagreements == ()
    # What had come to rest over rho = oo, with T > tau*, went on along the way down.
    assert [frequency.in_global for frequency in found.frequencies] == [200] * 6
