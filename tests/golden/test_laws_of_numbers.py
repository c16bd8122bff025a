"""Numbers of explorations, landscapes, diagrams, prices and findings are those that were computed.

Each stands in its own column, under its own name, with its own verdict, in every form.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from reading import Rows, latex_tables, markdown_tables, terminal_rows
from remembered import THEOREMS, boundary_once, explore_once, falsify_once

from verifier.basin_survey import Survey, survey
from verifier.document.explore_document import exploration_document
from verifier.document.explore_json import exploration_object
from verifier.document.explore_terminal import exploration_text
from verifier.document.explore_words import value_words
from verifier.document.falsify_text import finding_text, markdown_table, table_text
from verifier.document.landscape_grid import Curves, csv_lines, grid_json, grid_text
from verifier.document.landscape_json import landscape_json
from verifier.document.landscape_point import short, type_words
from verifier.document.landscape_text import landscape_text
from verifier.document.latex import latex_document
from verifier.document.markdown import markdown_document
from verifier.document.output import Style
from verifier.document.plots_ridge import PriceCurve
from verifier.document.price_text import price_text
from verifier.exact.landscape import landscape
from verifier.exact.phase import Phase, classify
from verifier.explore.answer import Exploration, ExploreOptions
from verifier.explore.values import Value
from verifier.numeric.agreement import Agreement
from verifier.setting.setting_file import parse_setting
from verifier.sweep import Grid, Sweep, fill

QUICK = ExploreOptions(samples=32_000, starts=2)
HEAD = "[prompt]\ndimension = 2\ncontext_length = 5\n[noise]\nvariance = '1/3'\n"
PAIR = "[covariates]\ncovariance = [[2, 1], [1, 2]]\n[task]\ncovariance = [1, 2]\n"
SETTINGS = {
    "isotropic": HEAD,
    "pair": HEAD + PAIR,
    "mean": f"{HEAD}[task]\nmean = [1, 0]\n",
}


@pytest.fixture(scope="module", params=[*SETTINGS, "opposed", "untested"])
def found(request: pytest.FixtureRequest) -> Exploration:
    """Explorations whose Monte Carlo test passed, failed, and had no basis."""
    text = SETTINGS.get(request.param, SETTINGS["pair"])
    one = explore_once(parse_setting(text.encode()), QUICK)
    sampled = one.numerical.monte_carlo
    assert sampled is not None
    if request.param == "opposed":
        failed = replace(sampled.agreement, rejected=(0,))
        sampled = replace(sampled, agreement=failed)
    if request.param == "untested":
        sampled = replace(sampled, tested=False, note="heavy tails")
    return replace(one, numerical=replace(one.numerical, monte_carlo=sampled))


def documents(found: Exploration) -> tuple[list[Rows], list[Rows]]:
    """The tables of the Markdown and of the LaTeX report."""
    document = exploration_document(found, "s.toml")
    return list(markdown_tables(markdown_document(document))), list(
        latex_tables(latex_document(document))
    )


def test_claimed_and_estimated_losses_stand_in_their_columns(found: Exploration) -> None:
    agreement = _agreement(found)
    columns = ["claimed", "estimate", "std. error", "z"]
    lines = exploration_text(found, "s.toml", Style()).splitlines()
    at = next(k for k, line in enumerate(lines) if line.split()[:2] == columns[:2])
    assert terminal_rows([lines[at]]) == [columns]
    shown = [terminal_rows(lines[at + 1 :])[: len(agreement.comparisons)]]
    for tables in documents(found):
        head, *rows = next(t for t in tables if t[0][0] == "layer")
        assert head[1:] == columns
        shown.append(rows)
    record = exploration_object(found, "s.toml")["numerical"]["monte_carlo"]["comparisons"]
    for k, one in enumerate(agreement.comparisons):
        assert (record[k]["claimed"], record[k]["estimate"]) == (one.claimed, one.estimate)
        assert record[k]["standard_error"] == one.standard_error
        for rows in shown:
            label, *numbers = rows[k]
            assert label == one.label
            assert list(map(float, numbers)) == pytest.approx(
                [one.claimed, one.estimate, one.standard_error, one.z], rel=0.06, abs=0.006
            )
            assert float(numbers[0]) == pytest.approx(one.claimed, rel=1e-6)
            assert float(numbers[1]) == pytest.approx(one.estimate, rel=1e-6)


def _agreement(found: Exploration) -> Agreement:
    assert found.numerical.monte_carlo is not None
    return found.numerical.monte_carlo.agreement


def test_the_verdict_of_sampling_is_the_one_reached(found: Exploration) -> None:
    """A failed test is never ✓, a test without a basis neither ✓ nor ✗."""
    sampled = found.numerical.monte_carlo
    assert sampled is not None
    expected = sampled.agreement.agrees if sampled.tested else None
    text = exploration_text(found, "s.toml", Style())
    (line,) = [x for x in text.splitlines() if "sampled prompts" in x]
    assert line.split()[0] == {True: "✓", False: "✗", None: "~"}[expected]
    assert ("a numerical check disagrees" in text.splitlines()[-1]) == (expected is False)
    document = exploration_document(found, "s.toml")
    word = {True: "agrees", False: "disagrees", None: "for information"}[expected]
    for shown in (markdown_document(document), latex_document(document)):
        assert f"sampled prompts ({word};" in shown
    record = exploration_object(found, "s.toml")
    assert record["numerical"]["monte_carlo"]["agrees"] is expected
    assert record["agrees"] is found.agrees


def test_every_predictor_has_its_loss_and_its_distance(found: Exploration) -> None:
    text = exploration_text(found, "s.toml", Style()).partition("\nCompared\n")[2]
    tables = [terminal_rows(text.splitlines()[1 : len(found.compared) + 1])]
    for read in documents(found):
        tables.append(next(t for t in read if t[0][0] == "predictor")[1:])
    record = exploration_object(found, "s.toml")["compared"]
    best = found.optimum.loss.decimal
    for k, item in enumerate(found.compared):
        _same(record[item.name]["loss"], item.loss)
        for rows in tables:
            name, loss, share, *_ = rows[k]
            assert (name, loss) == (item.name.replace("_", " "), value_words(item.loss))
            if share == "0":
                assert not item.loss.differs(found.optimum.loss)
            else:
                above = 100 * (item.loss.decimal / best - 1)
                assert float(share.removesuffix("%")) == pytest.approx(above, abs=0.006)


def _same(shown: dict, value: Value) -> None:
    assert shown["decimal"] == value.decimal
    assert shown["exact"] == (None if value.exact is None else str(value.exact))


def test_the_best_layer_has_its_numbers_and_its_certainty(found: Exploration) -> None:
    optimum = found.optimum
    record = exploration_object(found, "s.toml")["optimum"]
    _same(record["loss"], optimum.loss)
    for name in ("A", "B"):
        shown = record["layer"]["A"] if name == "A" else record["B"]
        for row, values in zip(shown, getattr(optimum, name), strict=True):
            for cell, value in zip(row, values, strict=True):
                _same(cell, value)
    for name in ("a", "c"):
        for cell, value in zip(record["layer"][name], getattr(optimum, name), strict=True):
            _same(cell, value)
    assert (record["kind"], record["certainty"]) == (optimum.kind.value, optimum.certainty.value)
    lines = exploration_text(found, "s.toml", Style()).splitlines()
    assert re.split(" {2,}", next(x for x in lines if x.startswith("    loss ")).strip())[1] == (
        value_words(optimum.loss)
    )
    mark = {"proved": "✓", "supported": "~"}
    best = lines[lines.index("The best layer") + 1].strip()
    assert best.startswith(
        f"{mark[optimum.certainties.kind.value]} {optimum.certainties.kind.value}:"
    )
    sure = optimum.certainty.value
    assert lines[-1].startswith(f"{mark[sure]} {sure}: {optimum.kind.value}; loss ")
    assert sum(x.strip().startswith(f"why {sure}: ") for x in lines) == 1
    for tables in documents(found):
        rows = next(t for t in tables if t[0][1:] == ["value", "certainty"])[1:]
        assert ["loss", value_words(optimum.loss), optimum.certainties.loss.value] in rows


def test_every_descent_is_counted_where_it_ended(found: Exploration) -> None:
    search = found.numerical.search
    ends = Counter(
        {(f"{level.loss:.8g}", level.outcome.value): level.count for level in search.levels}
    )
    document = exploration_document(found, "s.toml")
    for text in (exploration_text(found, "s.toml", Style()), markdown_document(document)):
        flat = " ".join(text.split()).partition("parameters ended: ")[2]
        shown = re.findall(r"(\d+) at (\S+) \(([\w ]+)\)", flat)
        assert Counter({(loss, kind): int(n) for n, loss, kind in shown}) == ends
    record = exploration_object(found, "s.toml")["numerical"]["descents"]
    assert [(x["loss"], x["count"], x["outcome"]) for x in record["levels"]] == [
        (level.loss, level.count, level.outcome.value) for level in search.levels
    ]
    assert record["spurious_local_minima"] is bool(search.spurious_levels)


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
        assert shown["loss"]["rational"] in (None, str(part.loss.as_fraction()))
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
    assert lines[-1].startswith("Not benign")


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


def test_every_cell_of_a_diagram_has_its_phase() -> None:
    grid = Grid((3,), (5, 30, 60), (Fraction(0), Fraction(8)))
    sweep = Sweep.empty(grid)
    fill(sweep, 1, lambda done, total: None)
    curves = Curves.of(boundary_once(), grid)
    record = json.loads(grid_json(sweep, curves, 0.0))
    rows = [line.strip().split(",") for line in csv_lines(sweep)]
    assert rows[0] == ["d", "n", "noise", "interior", "infinity", "benign"]
    expected: dict[tuple[int, str], Phase] = {
        (n, str(noise)): classify(3, n, noise)
        for n in grid.context_lengths
        for noise in grid.noises
    }
    assert len(set(expected.values())) > 1
    for cell, row in zip(record["cells"], rows[1:], strict=True):
        phase = expected.pop((cell["n"], cell["noise"]))
        assert (cell["interior"], cell["infinity"]) == (phase.interior, phase.infinity)
        assert cell["benign"] is phase.benign
        assert row == [str(int(v) if isinstance(v, bool) else v) for v in cell.values()]
    assert expected == {}
    text = grid_text(sweep, curves, Style(), 0.0)
    benign = sum(cell["benign"] for cell in record["cells"])
    assert f"every local minimum is global ({benign} of 6 cells)" in text
    shown = {
        line.split("│")[0].split()[-1]: line.split("│")[1]
        for line in text.splitlines()
        if "│" in line
    }
    for noise in grid.noises:
        for n, letter in zip(grid.context_lengths, shown[str(noise)], strict=True):
            assert (letter == "·") == classify(3, n, noise).benign


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
        text = finding_text(one, Style())
        assert text.splitlines()[1] == one.outcome
        assert f"best predictor that the theorem allows: loss {found.best_allowed}" in text
        assert f": loss {found.reached}, the least of all layers" in text
        assert re.search(rf"exact gap {found.best_allowed - found.reached} [=≈] ", text)
