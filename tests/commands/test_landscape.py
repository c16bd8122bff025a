"""``landscape``: exact numbers that isolate, points that are stationary, what training sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.__main__ import main
from verifier.arithmetic.roots import real_roots
from verifier.render.streams import Style
from verifier.reports.landscape_json import landscape_json, schema
from verifier.reports.landscape_point import isolating, points, polynomial_text, short
from verifier.reports.landscape_text import landscape_text
from verifier.stationary.basin_survey import survey
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weights import weights_landscape

sys.path.insert(0, str(Path(__file__).parents[1] / "numeric"))

from isotropic_by_hand import isotropic_loss, isotropic_minimum

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
X = sympy.Symbol("x")
cells = st.tuples(st.integers(1, 6), st.integers(1, 60), st.fractions(0, 20, max_denominator=5))


def objects(found: dict[str, object]) -> list[dict[str, object]]:
    """Every algebraic number in the output."""
    listed = [part[key] for part in found["stationary"] for key in ("rho", "loss")]  # type: ignore[attr-defined]
    return [number for number in (*listed, found["gap"]) if isinstance(number, dict)]


@settings(max_examples=10, deadline=None)
@given(cell=cells)
def test_json_isolates_its_numbers_and_its_points_are_stationary(
    cell: tuple[int, int, Fraction],
) -> None:
    d, n, noise = cell
    found = json.loads(landscape_json(landscape(d, n, noise)))
    jsonschema.validate(found, schema())
    for number in objects(found):
        coefficients = [sympy.Integer(v) for v in reversed(number["minimal_polynomial"])]
        polynomial = sympy.Poly(coefficients, X)
        low, high = (sympy.Rational(end) for end in number["interval"])
        assert polynomial.is_irreducible
        assert polynomial.count_roots(low, high) == 1
        assert abs(float(number["decimal"]) / float(low) - 1) < 1e-4 if low else low == high
        assert (number["exact"] is None) == (polynomial.degree() > 1) == (low < high)
    for part in found["stationary"]:
        theta = np.array(part["theta"])
        value, gradient = isotropic_loss(d, n, float(noise), theta)
        assert value == pytest.approx(float(part["loss_decimal"]), rel=1e-9)
        # One per cent away the gradient is larger by far: rounding alone is left here.
        away = isotropic_loss(d, n, float(noise), 1.01 * theta)[1]
        assert np.linalg.norm(gradient) <= 1e-8 * np.linalg.norm(away)
    least = min(float(part["loss_decimal"]) for part in found["stationary"])
    assert least == pytest.approx(isotropic_minimum(d, n, float(noise))[1])
    above = [
        float(part["loss_decimal"])
        for part in found["stationary"]
        if part["type"] == "local minimum"
    ]
    assert found["spurious_local_minima"] == bool(above)
    if above:
        assert float(found["gap"]["decimal"]) == pytest.approx(min(above) - least, rel=1e-6)


@settings(max_examples=8, deadline=None)
@given(cell=cells)
def test_rates_are_those_of_the_readout_at_the_point(cell: tuple[int, int, Fraction]) -> None:
    d, n, noise = cell
    for point in points(landscape(d, n, noise)):
        theta = np.array([float(value) for value in point.at.decimals()])
        a, b, c = theta[:d], theta[d], theta[-d:]
        readout = b * theta[d + 1 : -d].reshape(d, d).T + np.outer(c, a)
        rates = [float(point.along)] + [float(point.across or 0)] * (d - 1)
        np.testing.assert_allclose(readout, np.diag(rates), rtol=1e-9, atol=1e-14)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=5).filter(lambda p: p[-1] != 0))
def test_intervals_of_any_algebraic_numbers(coefficients: list[int]) -> None:
    for root in real_roots(coefficients):
        low, high = isolating(root)
        text = polynomial_text(root.polynomial)
        polynomial = sympy.Poly(sympy.parse_expr(text), X)
        assert tuple(reversed(polynomial.all_coeffs())) == root.polynomial
        assert low <= root <= high
        assert (
            polynomial.count_roots(
                *(sympy.Rational(e.numerator, e.denominator) for e in (low, high))
            )
            == 1
        )
        assert low == high or max(abs(low), abs(high)) >= 10**4 * (high - low)


def test_short_numbers() -> None:
    assert short(real_roots((-45, 34))[0]) == "45/34"
    assert short(real_roots((-12345677, 7654321))[0]) == "1.61290"
    assert short(real_roots((-2, 0, 1))[1], 4) == "1.414"


def test_one_screen_with_types_words_and_verdict(run: Run) -> None:
    # d = 2 is never benign in (omega, N): docs/landscape-mathematics.md, section 5.
    code, out, err = run("landscape", "--d", "2", "--n", "4", "--noise", "0.5")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    eta, loss = isotropic_minimum(2, 4, 0.5)
    assert Fraction(2, 15) == Fraction(eta).limit_denominator(99)
    assert "learning rate 2/15" in out
    assert str(Fraction(loss).limit_denominator(999)) in out
    assert "local minimum" in out
    assert "saddle, index 3" in out
    assert any(line.startswith("Not benign in (ω, N)") for line in lines[-4:])


@settings(max_examples=10, deadline=None)
@given(cell=cells, heads=st.integers(1, 12))
def test_json_says_what_changes_in_the_weights(cell: tuple[int, int, Fraction], heads: int) -> None:
    here = landscape(*cell)
    weights = weights_landscape(here, heads)
    found = json.loads(landscape_json(here, None, weights))
    jsonschema.validate(found, schema())
    said = found["weights"]
    assert said["head_dimension"] == heads
    assert said["benign"] == (not said["spurious_local_minima"]) == (said["losses"] == [])
    assert [float(loss["decimal"]) for loss in said["losses"]] == pytest.approx(
        [float(part.loss) for part in weights.spurious]
    )
    assert json.loads(landscape_json(here))["weights"]["head_dimension"] == cell[0] + 1


def test_both_spaces_are_named_and_a_wider_head_helps(run: Run) -> None:
    """(4, 3, 2): benign in (omega, N), not in square W_K, W_Q, benign again for r = 5."""
    words = ("landscape", "--d", "3", "--n", "4", "--noise", "2")
    square = run(*words)[1]
    assert "Benign in (ω, N): every local minimum is global" in square
    assert "Not benign in the weights, head dimension 4: the lowest lies 4/5 above" in square
    assert "none for r ≥ 5" in square
    wide = run(*words, "--head-dimension", "5")[1]
    assert "Benign in the weights, head dimension 5" in wide
    assert max(map(len, (*square.splitlines(), *wide.splitlines()))) <= 100


def test_benign_cells_and_ascii(run: Run) -> None:
    code, out, _ = run("landscape", "--d", "1", "--n", "4")
    assert code == 0
    reduced, weights = out.splitlines()[-3:-1]
    assert reduced.startswith("Benign in (ω, N): every local minimum is global")
    assert weights.startswith("Benign in the weights, head dimension 2: every local minimum")
    text = landscape_text(landscape(3, 40, Fraction(0)), None, Style(unicode=False))
    assert text.isascii()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "a setting file, or --d and --n, say which loss"),
        (("--d", "1", "--noise", "1"), "--noise needs --n"),
        (("--d", "0", "--n", "3"), "--d: 0 is below 1"),
        (("--d", "3", "--n", "2.5"), "is not a whole number"),
        (("--d", "3"), "--n is needed"),
        (("--d", "3", "--n", "3", "--noise=-1/2"), "must not be negative"),
        (("--d", "3", "--n", "3", "--noise", "little"), "is not a number"),
        (("--d", "3", "--n", "3", "--noise", "1e-70"), "exact roots of that size"),
        (("--d", "3", "--n", "3", "--plot", "/nonexistent/l.png"), "there is no folder"),
        (("--d", "3", "--n", "3", "--plot", "l.gif"), ".png, .svg or .pdf"),
        (("--d", "3", "--n", "3", "--starts", "9"), "add --basins or --training"),
        (("--d", "3", "--n", "3", "--heads", "9"), "add --training"),
        (("--d", "3", "--n", "3", "--lengths", "9", "--training"), "add --basins"),
        (("--d", "3", "--n", "3", "--head-dimension", "99", "--training"), "too slow to train"),
        (("--d", "3", "--n", "3", "--heads", "0", "--training"), "--heads: 0 is below 1"),
        (("--d", "9", "--n", "3", "--training"), "too slow to train"),
        (("--d", "3", "--n", "3", "--head-dimension", "0"), "--head-dimension: 0 is below 1"),
        (("--d", "3", "--n", "3", "--head-dimension", "2.5"), "is not a whole number"),
        (("--d", "3", "--n", "3", "--head-dimension", "-1"), "is below 1"),
        (("--d", "3", "--n", "3", "--head-dimension", "9" * 40), "is too large"),
        (
            ("--d", "3", "--n", "3", "--head-dimension", "9" * 18, "--weights", "w.npz"),
            "at most 10000000 are written",
        ),
        (("--d", "1", "--head-dimension", "3"), "--head-dimension needs --n"),
        (("--d", "9", "--n", "3", "--basins"), "d <= 8"),
        (("--d", "2", "--n", "9999", "--basins"), "n <= 2000"),
        (("--d", "2", "--n", "3", "--basins", "--starts", "100000"), "random starts"),
        (("--d", "2", "--n", "3", "--basins", "--scales", "1,0"), "not between"),
        (("--d", "2", "--n", "3", "--basins", "--lengths", "4,x"), "whole number"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run("landscape", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_huge_sizes_stay_exact(run: Run) -> None:
    code, out, _ = run("landscape", "--d", "1000000", "--n", "1000000000", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["stationary"][0]["theta"] is None
    m = 1000000000 + 1000000 + 1
    assert Fraction(found["stationary"][0]["loss"]["exact"]) == 10**6 - Fraction(10**15, m)


@pytest.mark.timing
def test_a_cold_process_answers_in_two_seconds() -> None:
    start = os.times()
    words = ["landscape", "--d", "5", "--n", "150", "--noise", "1/3", "--json"]
    subprocess.run(
        [sys.executable, "-m", "verifier", *words], cwd=ROOT, check=True, capture_output=True
    )
    used = os.times()
    # Processor time, which other work on the machine stretches by a little alone.
    assert used.children_user + used.children_system < 3 + sum(start[2:4])


def test_descents_and_training_agree_with_a_landscape_that_is_not_benign(run: Run) -> None:
    words = ("--d", "2", "--n", "5", "--noise", "1/2", "--basins", "--starts", "16")
    code, out, err = run("landscape", *words, "--scales", "0.1,1", "--lengths", "3", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    jsonschema.validate(found, schema())
    training = found["training"]
    assert training["disagreements"] == []
    assert [near["stayed"] for near in training["nearby"]] == [True]
    sgd = training["nearby"][0]["training"]
    assert sgd["in_basin_at_end"] == sgd["runs"] > 1
    assert [(row["n"], row["scale"]) for row in training["random_starts"]] == [
        (3, 0.1), (3, 1.0), (5, 0.1), (5, 1.0)
    ]  # fmt: skip
    for row in training["random_starts"]:
        assert row["global"] + row["spurious"] == row["runs"] == 16
        assert row["global"] > 0
        assert row["spurious"] > 0


def test_in_a_benign_cell_every_start_reaches_the_global_minimum() -> None:
    # d = 5, n = 10 <= 3 d^2: benign by docs/landscape-mathematics.md, section 5, item 5.
    seen = survey(landscape(5, 10, Fraction(1)), starts=60, scales=(0.1, 1.0))
    assert seen.nearby == ()
    assert [(f.in_global, f.tally.runs) for f in seen.frequencies] == [(60, 60)] * 2


def test_lingering_at_an_almost_flat_saddle_is_not_an_end() -> None:
    # At d = 4, n = 2 the curvature of the saddle at rho = oo vanishes as sigma2 grows.
    seen = survey(landscape(4, 2, Fraction(200)), starts=8, scales=(0.1,))
    assert (seen.frequencies[0].in_global, seen.frequencies[0].elsewhere) == (8, 0)


def test_a_minimum_too_shallow_for_floats_is_named_and_not_misjudged() -> None:
    # The barrier at this noise, found by bisection of the phase, is about 1e-10.
    seen = survey(landscape(3, 23, Fraction(16817, 131072)), starts=8, scales=(0.3,))
    assert len(seen.too_shallow) == 1
    assert (seen.nearby, seen.disagreements) == ((), ())
    assert seen.frequencies[0].in_global + seen.frequencies[0].in_spurious == 8
    assert "too shallow" in landscape_text(seen.landscape, seen, Style())


def test_a_wrong_landscape_is_noticed() -> None:
    """The survey must say so when a stationary loss is missing from the list it is given."""
    right = landscape(1, 3, Fraction(1))
    wrong = replace(
        right, stationary=tuple(p for p in right.stationary if p.type != "global minimum")
    )
    seen = survey(wrong, starts=4, scales=(0.5,))
    assert len(seen.disagreements) == 1
    assert "4 runs came to rest at a loss that no stationary point has" in seen.disagreements[0]


def test_the_line_is_symbolic_without_a_length(capsys) -> None:
    """d = 1 has two families of global minima and two saddles, whatever n and sigma2."""
    assert main(["landscape", "--d", "1"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("global minimum") == 2
    assert shown.count("saddle of index") == 2
    assert main(["landscape", "--d", "2"]) == 2
    assert "--n is needed" in capsys.readouterr().err
