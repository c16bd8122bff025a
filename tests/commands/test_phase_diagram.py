"""Sweeps and ``phase-diagram``: exact cells, axes, resuming, interrupting, bad input."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import verifier.commands.phase_diagram as command
import verifier.stationary.phase_sweep
from verifier.commands.arguments import exact_axis, whole_axis
from verifier.render.streams import duration
from verifier.reports.landscape_grid import Curves, schema
from verifier.stationary.phase import Phase, boundary
from verifier.stationary.phase_sweep import (
    UNKNOWN,
    Grid,
    Sweep,
    code,
    estimate,
    fill,
    from_text,
    phases_of,
    to_text,
)
from verifier.stationary.weights import BothPhases, classify_both

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
SMALL = Grid((2,), (1, 2, 3), (Fraction(0), Fraction(1, 2)))

noises = st.fractions(0, 5, max_denominator=4)
rising = st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(sorted)


@settings(max_examples=25, deadline=None)
@given(
    many=rising,
    lengths=rising,
    levels=st.sets(noises, min_size=1, max_size=3),
    flip=st.booleans(),
    heads=st.none() | st.integers(1, 6),
)
def test_a_sweep_is_classify_cell_by_cell(
    many: list[int], lengths: list[int], levels: set[Fraction], flip: bool, heads: int | None
) -> None:
    axis = tuple(sorted(levels))
    own, level = (tuple(many), axis[:1]) if flip else ((3,), axis)
    grid = Grid(own, tuple(lengths), level, heads)
    sweep = Sweep.empty(grid)
    seen: list[tuple[int, int]] = []
    fill(sweep, 1, lambda done, total: seen.append((done, total)))
    for row, (d, noise) in enumerate(grid.rows):
        for column, n in enumerate(grid.context_lengths):
            assert sweep.phases(row, column) == classify_both(d, n, noise, heads)
    assert seen[-1] == (grid.size, grid.size)
    assert from_text(to_text(sweep), grid) == sweep


def test_several_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier.stationary.phase_sweep, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(verifier.stationary.phase_sweep, "CHUNK", 7)
    grid = Grid((3,), tuple(range(15, 35)), (Fraction(0), Fraction(4)))
    one, two = Sweep.empty(grid), Sweep.empty(grid)
    fill(one, 1)
    fill(two, 2)
    assert one == two
    assert len(set(one.codes)) == 2


def test_a_partial_sweep_goes_on_and_does_not_begin_again() -> None:
    sweep = Sweep.empty(SMALL)
    fill(sweep)
    marked = "5" if sweep.codes[0] != "5" else "4"
    partial = Sweep(SMALL, [marked, UNKNOWN, *sweep.codes[2:]])
    resumed = from_text(to_text(partial), SMALL)
    assert resumed.done == SMALL.size - 1
    fill(resumed)
    assert resumed.codes == [marked, *sweep.codes[1:]]


phases = st.builds(Phase, st.integers(0, 2), st.booleans())


@given(st.builds(BothPhases, phases, phases))
def test_codes_read_back(both: BothPhases) -> None:
    assert phases_of(code(both)) == both


@pytest.mark.parametrize("text", [UNKNOWN, "A", "", "01", "é"])
def test_other_codes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not the code"):
        phases_of(text)


@given(
    st.text(max_size=60) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(str)
)
def test_foreign_partial_files_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="partial phase diagram"):
        from_text(text, SMALL)


@given(st.data())
def test_a_damaged_partial_file_is_refused(data: st.DataObject) -> None:
    found = json.loads(to_text(Sweep.empty(SMALL)))
    key = data.draw(st.sampled_from(sorted(found)))
    damage = st.none() | st.integers(2) | st.text("abc019.", max_size=8)
    found[key] = data.draw(damage.filter(lambda value: value != found[key]))
    if key == "cells" and isinstance(found[key], str):
        found[key] = found[key][: SMALL.size - 1]
    with pytest.raises(ValueError, match=r"partial|version|grid|damaged"):
        from_text(json.dumps(found), SMALL)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match="no JSON"):
        from_text("[" * 10**6, SMALL)


@given(low=st.integers(1, 50), more=st.integers(0, 50), count=st.integers(2, 20))
def test_whole_axes(low: int, more: int, count: int) -> None:
    assert whole_axis(f"{low}:{low + more}", "--n") == tuple(range(low, low + more + 1))
    spread = whole_axis(f"{low}:{low + more}:{count}", "--n")
    assert (spread[0], spread[-1]) == (low, low + more)
    assert list(spread) == sorted(set(spread))
    assert len(spread) <= count


@given(low=noises, more=noises.filter(bool), count=st.integers(2, 20))
def test_exact_axes_are_evenly_spaced(low: Fraction, more: Fraction, count: int) -> None:
    axis = exact_axis(f"{low}:{low + more}:{count}", "--noise")
    assert (len(axis), axis[0], axis[-1]) == (count, low, low + more)
    assert {high - before for before, high in pairwise(axis)} == {more / (count - 1)}


def test_lists_and_single_values() -> None:
    assert whole_axis("5,2,2", "--n") == (2, 5)
    assert whole_axis("5:5:1", "--n") == (5,)
    assert exact_axis("0.1,1/3", "--noise") == (Fraction(1, 10), Fraction(1, 3))
    assert exact_axis("1/2:3", "--noise") == (Fraction(1, 2), Fraction(3, 2), Fraction(5, 2))


def test_json_fits_its_schema_and_the_csv(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "cells.csv"
    words = ("--d", "2:4", "--n", "1:60:5", "--noise", "1/2", "--csv", str(table), "--json")
    code, out, err = run("phase-diagram", *words)
    assert (code, err) == (0, "")
    found = json.loads(out)
    jsonschema.validate(found, schema())
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(found["cells"]) == 15
    for row, cell in zip(rows, found["cells"], strict=True):
        both = classify_both(cell["d"], cell["n"], Fraction(cell["noise"]))
        phase = both.reduced
        assert (phase.interior, phase.infinity) == (cell["interior"], cell["infinity"])
        assert cell["benign"] == phase.benign == (row["benign"] == "1")
        assert cell["benign_in_weights"] == both.weights.benign
        assert cell["head_dimension"] == cell["d"] + 1
        assert {key: str(int(v) if isinstance(v, bool) else v) for key, v in cell.items()} == row
    assert sum(count["cells"] for count in found["counts"]) == 15


def test_phases_change_only_across_the_reported_curves() -> None:
    grid = Grid((3,), tuple(range(1, 60)), tuple(Fraction(k, 2) for k in range(40)))
    curves = Curves.of(boundary(), grid)
    n, noise = sympy.symbols("n sigma2")
    assert (curves.interior.free_symbols | curves.infinity.free_symbols) == {n, noise}
    sweep = Sweep.empty(grid)
    fill(sweep)
    assert curves.weights is not None
    polynomials = [
        sympy.Poly(p, n, noise) for p in (curves.infinity, curves.interior, curves.weights)
    ]
    changes, new = 0, 0
    for row, level in list(enumerate(grid.noises))[::4]:
        for column in range(len(grid.context_lengths) - 1):
            here, there = sweep.phases(row, column), sweep.phases(row, column + 1)
            if here == there:
                continue
            changes += 1
            new += here.reduced == there.reduced
            at = sympy.Rational(level.numerator, level.denominator)
            left, right = grid.context_lengths[column], grid.context_lengths[column + 1]
            roots = [
                sympy.Poly(p.as_expr().subs(noise, at), n).count_roots(left, right)
                for p in polynomials
            ]
            assert any(roots)
    assert changes >= 20
    assert new >= 10


def test_the_map_shows_d_1_benign_and_d_2_not(run: Run) -> None:
    code, out, _ = run("phase-diagram", "--d", "1:2", "--n", "2:9", "--noise", "0")
    assert code == 0
    assert "d 2 │11111111" in out
    assert "1 │········" in out
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--d", "0"), "--d: 0 is below 1"),
        (("--n", "5:1"), "starts beyond its end"),
        (("--n", "1:10:1"), "asks for one value of a range"),
        (("--noise", "0:1/2:1"), "asks for one value of a range"),
        (("--n", "1:2:3:4"), "START:STOP"),
        (("--n", "1:99999999"), "too many"),
        (("--noise", "x"), "is not a number"),
        (("--noise=-1:2",), "must not be negative"),
        (("--d", "1:3", "--noise", "0:1"), "fix one of them"),
        (("--plot", "a.jpg"), ".png, .svg or .pdf"),
        (("--csv", "/nonexistent/cells.csv"), "there is no folder"),
        (("--jobs", "0"), "--jobs: 0 is below 1"),
        (("--head-dimension", "0"), "--head-dimension: 0 is below 1"),
        (("--head-dimension", "2.5"), "is not a whole number"),
        (("--head-dimension", "9" * 40), "is too large"),
        (("--n", "1:100000", "--noise", "0:89:90"), "cells take about"),
        (("--n", "1:100000", "--noise", "0:100"), "cells are too many"),
    ],
)
def test_bad_input_is_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    code, out, err = run("phase-diagram", *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_foreign_resume_file_is_left_alone(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("my notes")
    code, _, err = run("phase-diagram", "--n", "1:3", "--resume", str(file))
    assert code == 2
    assert "not a partial phase diagram" in err
    assert file.read_text() == "my notes"


def test_long_grids_start_only_when_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LONGEST", 0.0)
    words = ("phase-diagram", "--n", "1:4", "--noise", "0")
    assert run(*words)[0] == 2
    assert run(*words, "--yes")[0] == 0


def test_estimates() -> None:
    sweep = Sweep.empty(Grid((3,), tuple(range(1, 51)), (Fraction(1),)))
    before = estimate(sweep)
    assert before > estimate(sweep, jobs=50) > 0
    fill(sweep)
    assert estimate(sweep) == 0
    assert [duration(x) for x in (5, 600, 9000)] == ["5 s", "10 minutes", "2.5 hours"]


@pytest.mark.timing
def test_an_interrupted_sweep_is_saved_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    words = ["--n", "1:90000", "--noise", "0:2", "--jobs", "2", "--resume", str(file)]
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", "phase-diagram", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    grid = Grid((3,), tuple(range(1, 90001)), tuple(map(Fraction, range(3))))
    while process.poll() is None and not (file.exists() and from_text(file.read_text(), grid).done):
        time.sleep(0.1)
    # To the whole group, as a terminal does.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "verifier: interrupted\n")
    partial = from_text(file.read_text(), grid)
    assert 0 < partial.done < grid.size
    assert os.listdir(tmp_path) == ["sweep.json"]
    known = [index for index, text in enumerate(partial.codes) if text != UNKNOWN]
    for index in known[:: len(known) // 5]:
        assert phases_of(partial.codes[index]) == classify_both(*grid.cell(index))
