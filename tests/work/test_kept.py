"""Pieces of work: kept in a file, resumed, and the same on every engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.numeric.basins import Tally, joined_curves, summed
from verifier.numeric.stationary import FloatArray
from verifier.stationary.basin_survey import survey
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_survey import survey_weights
from verifier.work.engine import Processes, Serial
from verifier.work.kept import Kept, all_kept
from verifier.work.plain import from_plain, to_plain

HEADER = {"format": "squares", "version": 1, "until": 6, "scales": (1, 2)}
numbers = st.floats(allow_nan=False)


@dataclass(frozen=True, slots=True, eq=False)
class Some:
    """One of everything."""

    table: FloatArray
    right: np.ndarray[tuple[int], np.dtype[np.bool_]]
    tally: Tally
    ends: tuple[int | None, ...]
    name: str


@given(st.lists(st.tuples(numbers, numbers), min_size=1), st.lists(st.booleans(), min_size=1))
def test_results_come_back_from_json_as_they_were(rows, flags) -> None:
    one = Some(np.array(rows), np.array(flags), Tally((1, 2), 0, 3, 4), (None, 2), "x")
    two = from_plain(Some, json.loads(json.dumps(to_plain(one))))
    assert (two.table == one.table).all()
    assert two.table.shape == one.table.shape
    assert two.right.dtype == np.bool_
    assert (two.right == one.right).all()
    assert (two.tally, two.ends, two.name) == (one.tally, one.ends, one.name)


@pytest.mark.parametrize("data", [None, [], {"counts": [1]}, 7])
def test_a_damaged_result_is_refused(data) -> None:
    with pytest.raises(ValueError, match="is damaged"):
        from_plain(Tally, data)


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    path = tmp_path / "part.jsonl"
    kept, calls = Kept(str(path), HEADER, "a survey"), []

    def square(number: int) -> int:
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(number)
        return number**2

    with pytest.raises(KeyboardInterrupt):
        all_kept(square, range(6), Serial(), kept)
    with path.open("a") as file:
        file.write('{"piece": 5, "res')
    seen = []
    found = all_kept(
        lambda number: calls.append(number) or number**2, range(6), Serial(), kept,
        lambda *state: seen.append(state[:2]),
    )  # fmt: skip
    assert found == [0, 1, 4, 9, 16, 25]
    assert calls == [0, 1, 2, 3, 4, 5]
    assert seen == [(4, 6), (5, 6), (6, 6)]


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("hello", "is not a file of a survey that can be resumed"),
        (json.dumps({**HEADER, "format": "cubes"}), "is not a file of a survey"),
        (json.dumps({**HEADER, "version": 2}), "is of version 2"),
        (json.dumps({**HEADER, "until": 7}), "belongs to another survey: other until"),
        (json.dumps({**HEADER, "scales": [1]}), "belongs to another survey: other scales"),
    ],
)
def test_a_file_of_other_work_is_refused(tmp_path: Path, first, message) -> None:
    path = tmp_path / "part.jsonl"
    path.write_text(f"{first}\n")
    with pytest.raises(ValueError, match=message) as caught:
        Kept(str(path), HEADER, "a survey").read(6)
    assert "\n" not in str(caught.value)
    assert path.read_text() == f"{first}\n"


def test_curves_of_several_calls_share_their_steps() -> None:
    one = (np.array([0.0, 1, 4]), np.array([[9.0, 5, 2]]))
    two = (np.array([0.0, 1, 2]), np.array([[8.0, 3, 1], [7, 6, 5]]))
    steps, curves = joined_curves([one, two])
    assert steps.tolist() == [0, 1, 2, 4]
    assert curves.tolist() == [[9, 5, 5, 2], [8, 3, 1, 1], [7, 6, 5, 5]]


@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1, max_size=4))
def test_tallies_add_up(counts) -> None:
    tallies = [Tally(tuple(row), 1, 2, 3) for row in counts]
    whole = summed(tallies)
    assert whole.runs == sum(t.runs for t in tallies)
    assert whole.counts == tuple(np.sum(counts, axis=0))
    assert whole.finished == 3 * len(counts)


def test_surveys_are_the_same_on_processes_and_resumed(tmp_path: Path) -> None:
    here = landscape(1, 3, Fraction(1))
    path = tmp_path / "part.jsonl"
    words = (60, (0.3, 1.0), (2,), 5)
    one = survey(here, *words)
    two = survey(here, *words, engine=Processes(2), path=str(path))
    lines = path.read_text().splitlines()
    assert len(lines) == 1 + 2 * 2 * 2
    path.write_text("\n".join(lines[:4]) + "\n")
    three = survey(here, *words, path=str(path))
    for other in (two, three):
        for left, right in zip(one.frequencies, other.frequencies, strict=True):
            assert (left.scale, left.tally) == (right.scale, right.tally)
            assert (left.descents.theta == right.descents.theta).all()
            assert (left.descents.curves == right.descents.curves).all()
            assert left.descents.theta.shape == (60, 4)
    with pytest.raises(ValueError, match="belongs to another survey of basins: other seed"):
        survey(here, 60, (0.3, 1.0), (2,), 6, path=str(path))


def test_training_in_the_weights_is_resumed(tmp_path: Path) -> None:
    here, path = landscape(1, 3, Fraction(1)), tmp_path / "part.jsonl"
    words = ((2,), 12, (1.0,), 3)
    one = survey_weights(here, *words, path=str(path))
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    path.write_text(f"{lines[0]}\n{lines[2]}\n")
    two = survey_weights(here, *words, path=str(path))
    for left, right in zip(one.frequencies, two.frequencies, strict=True):
        assert (left.ends, left.method) == (right.ends, right.method)
        assert (left.runs.flat == right.runs.flat).all()


def test_a_place_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    kept = Kept(str(tmp_path / "none" / "part.jsonl"), HEADER, "a survey")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        all_kept(str, range(2), Serial(), kept)
