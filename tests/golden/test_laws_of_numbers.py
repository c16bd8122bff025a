"""Numbers of landscapes, diagrams, prices and findings are those that were computed.

Each stands in its own column, under its own name, in every form.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction

import pytest
from reading import terminal_rows
from remembered import THEOREMS, boundary_once, falsify_once

from verifier.render.streams import Style
from verifier.reports.falsify_text import finding_text, markdown_table, table_text
from verifier.reports.landscape_grid import Curves, csv_lines, grid_json, grid_text
from verifier.reports.landscape_json import landscape_json
from verifier.reports.landscape_point import short, type_words
from verifier.reports.landscape_text import landscape_text
from verifier.reports.plots_ridge import PriceCurve
from verifier.reports.price_text import price_text
from verifier.stationary.basin_survey import Survey, survey
from verifier.stationary.phase_sweep import Grid, Sweep, fill
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weights import BothPhases, classify_both


@pytest.fixture(scope="module")
def surveyed() -> Survey:
    """A landscape with a spurious minimum, in which more starts end than in the global one."""
    return survey(landscape(2, 5, Fraction(1, 2)), starts=8, scales=(0.1,))


def test_stationary_points_have_their_types_and_losses(surveyed: Survey) -> None:
    here = surveyed.landscape
    record = json.loads(landscape_json(here, surveyed))
    lines = landscape_text(here, surveyed, Style()).splitlines()
    at = next(k for k, line in enumerate(lines) if line.split()[:2] == ["type", "ρ"])
    rows = terminal_rows(lines[at + 1 : at + 1 + len(here.stationary)])
    lowest = min(part.loss for part in here.stationary)
    for k, part in enumerate(here.stationary):
        shown = record["stationary"][k]
        assert (shown["type"], shown["index"]) == (part.type, part.index)
        assert Fraction(shown["loss"]["interval"][0]) <= part.loss
        assert part.loss <= Fraction(shown["loss"]["interval"][1])
        assert shown["loss"]["exact"] in (None, str(part.loss.as_fraction()))
        assert (
            (part.loss == lowest)
            == (part.type == "global minimum")
            == (shown["type"][:6] == "global")
        )
        number, kind, _, loss, above, dimension = rows[k]
        assert (int(number), kind, int(dimension)) == (k + 1, type_words(part), part.dimension)
        assert loss == short(part.loss, 10)
        exact = float(part.loss.decimal(12) - lowest.decimal(12))
        assert float(Fraction(above)) == pytest.approx(exact, abs=1e-5)
    assert record["spurious_local_minima"] is (here.gap is not None) is True
    (verdict,) = (line for line in lines if "enign in (ω, N)" in line)
    assert verdict.startswith("Not benign in (ω, N): the lowest local minimum that is not global")
    (weights,) = (line for line in lines if "enign in the weights" in line)
    assert weights.startswith("Not benign in the weights, head dimension 3")
    assert record["weights"]["benign"] is False
    assert record["weights"]["spurious_local_minima"] is True


def test_starts_are_counted_in_the_minimum_in_which_they_ended(surveyed: Survey) -> None:
    """The counts differ, so that global and spurious cannot change places unnoticed."""
    (frequency,) = surveyed.frequencies
    kinds = [part.type for part in surveyed.landscape.stationary]
    ended = dict(zip(kinds, frequency.tally.counts, strict=True))
    assert ended["global minimum"] != ended["local minimum"]
    (row,) = json.loads(landscape_json(surveyed.landscape, surveyed))["training"]["random_starts"]
    assert (row["global"], row["spurious"]) == (ended["global minimum"], ended["local minimum"])
    assert row["by_component"] == list(frequency.tally.counts)
    lines = landscape_text(surveyed.landscape, surveyed, Style()).splitlines()
    at = next(k for k, line in enumerate(lines) if "initial scale" in line)
    head, cells = terminal_rows(lines[at : at + 2])
    assert head[2:4] == ["global", "spurious"]
    assert [int(cell) for cell in cells[2:4]] == [ended["global minimum"], ended["local minimum"]]


def test_runs_that_left_their_minimum_are_said_to_contradict(surveyed: Survey) -> None:
    near, *others = surveyed.nearby
    left = replace(surveyed, nearby=(replace(near, stayed=False), *others))
    for one, stayed in ((surveyed, True), (left, False)):
        assert bool(one.disagreements) is not stayed
        text = " ".join(landscape_text(one.landscape, one, Style()).split())
        assert ("SOME LEFT" in text) is not stayed
        assert ("disagreement: " in text) is not stayed
        for words in one.disagreements:
            assert " ".join(words.split()) in text
        record = json.loads(landscape_json(one.landscape, one))["training"]
        assert record["nearby"][0]["stayed"] is stayed
        assert record["disagreements"] == list(one.disagreements)


def test_every_cell_of_a_diagram_has_its_phase() -> None:
    grid = Grid((3,), (5, 30, 60), (Fraction(0), Fraction(8)))
    sweep = Sweep.empty(grid)
    fill(sweep, 1, lambda done, total: None)
    curves = Curves.of(boundary_once(), grid)
    record = json.loads(grid_json(sweep, curves, 0.0))
    rows = [line.strip().split(",") for line in csv_lines(sweep)]
    reduced = ["interior", "infinity", "benign"]
    assert rows[0] == ["d", "n", "noise", *reduced, "head_dimension", "benign_in_weights"]
    expected: dict[tuple[int, str], BothPhases] = {
        (n, str(noise)): classify_both(3, n, noise)
        for n in grid.context_lengths
        for noise in grid.noises
    }
    kinds = {(phases.reduced.benign, phases.weights.benign) for phases in expected.values()}
    assert kinds == {(True, True), (True, False), (False, False)}
    signs = {(True, True): "·", (True, False): "b"}
    letters = {
        at: signs.get((phases.reduced.benign, phases.weights.benign), "")
        for at, phases in expected.items()
    }
    for cell, row in zip(record["cells"], rows[1:], strict=True):
        phases = expected.pop((cell["n"], cell["noise"]))
        here = phases.reduced
        assert (cell["interior"], cell["infinity"]) == (here.interior, here.infinity)
        assert cell["benign"] is here.benign
        assert cell["benign_in_weights"] is phases.weights.benign
        assert row == [str(int(v) if isinstance(v, bool) else v) for v in cell.values()]
    assert expected == {}
    text = grid_text(sweep, curves, Style(), 0.0)
    for words, sign in (("and in the weights", "·"), ("only; in the weights one at ρ = ∞", "b")):
        count = list(letters.values()).count(sign)
        assert f"{sign}  benign in (ω, N) {words} ({count} of 6 cells)" in text
    shown = {
        line.split("│")[0].split()[-1]: line.split("│")[1]
        for line in text.splitlines()
        if "│" in line
    }
    for noise in grid.noises:
        for n, letter in zip(grid.context_lengths, shown[str(noise)], strict=True):
            assert letter == (letters[n, str(noise)] or "1")


def test_a_price_is_the_loss_of_a_gradient_step_less_that_of_ridge() -> None:
    curve = PriceCurve(2, Fraction(1, 2), (1, 4), (2.0, 1.5), (1.75, 0.5))
    head, *rows = terminal_rows(price_text([curve], Style()).splitlines()[1:-1])
    assert head == ["d", "σ²", "n", "one GD step", "ridge (Bayes)", "price", "price / d"]
    assert [(row[:3], list(map(float, row[3:]))) for row in rows] == [
        (["2", "1/2", "1"], [2.0, 1.75, 0.25, 0.125]),
        (["2", "1/2", "4"], [1.5, 0.5, 1.0, 0.5]),
    ]


def test_a_finding_has_its_outcome_and_its_exact_gap() -> None:
    theorem = THEOREMS["theorem1"]
    chosen = [h for h in theorem.hypotheses if h.id in ("isotropic-task", "centred-task")]
    findings = [falsify_once(theorem, hypothesis, None) for hypothesis in chosen]
    for text in (table_text(findings, Style()), markdown_table(findings)):
        rows = text.splitlines()[-2:]
        for row, one in zip(rows, findings, strict=True):
            assert one.counterexample is not None
            assert f" {one.outcome} " in row
            assert f"gap {one.counterexample.gap}" in row
    for one in findings:
        found = one.counterexample
        assert found is not None
        text = finding_text(one, Style(width=200))
        assert text.splitlines()[1] == one.outcome
        assert f"best predictor that the theorem allows: loss {found.best_allowed}" in text
        assert f": loss {found.reached}, the least of all layers" in text
        assert re.search(rf"exact gap {found.best_allowed - found.reached} [=≈] ", text)
