"""Sweeps: exact cells, three forms, resuming, processes, a real cluster that loses a worker."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import threading
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.__main__ import main
from verifier.explore.answer import ExploreOptions
from verifier.explore.asked import explore_question
from verifier.grid.axes import SettingGrid, known_keys, read_axis
from verifier.grid.cell import cell_row
from verifier.grid.results import kept_rows
from verifier.grid.run import fill_rows
from verifier.setting.question import question_of
from verifier.work.engine import Processes, Serial

BASE = "[prompt]\ndimension = 2\ncontext_length = 5\n"
SLOW = f"{BASE}[task]\nmean = [1, 0]\n"
F = Fraction


@pytest.fixture
def setting(tmp_path: Path) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(BASE)
    return str(path)


def swept(capsys, setting: str, *words: str) -> tuple[int, str, str]:
    code = main(["sweep", setting, *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_every_cell_is_theorem_1(capsys, setting, tmp_path) -> None:
    target = tmp_path / "r.csv"
    words = ("--over", "prompt.context_length=1:6", "--over", "noise.variance=0:2:5")
    code, out, _ = swept(capsys, setting, *words, "-o", str(target))
    assert code == 0
    assert "30 of 30 cells: 30 computed" in out
    rows = list(csv.DictReader(target.open()))
    assert len(rows) == 30
    for row in rows:
        n, noise = int(row["prompt.context_length"]), F(row["noise.variance"])
        assert F(row["learning_rate_exact"]) == 1 / (n + 3 + noise)
        assert F(row["loss_exact"]) == noise + 2 - 2 * n / (n + 3 + noise)


def test_the_three_forms_hold_the_same(capsys, setting, tmp_path) -> None:
    pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    from pyarrow import parquet

    targets = [tmp_path / f"r.{form}" for form in ("csv", "json", "parquet")]
    for target in targets:
        assert swept(capsys, setting, "--over", "noise.variance=0:1:3", "-o", str(target))[0] == 0
    plain = list(csv.DictReader(targets[0].open()))
    record = json.loads(targets[1].read_text())
    table = parquet.read_table(targets[2]).to_pylist()
    exact = [row["loss_exact"] for row in plain]
    assert exact == [row["loss_exact"] for row in record["rows"]]
    assert exact == [row["loss_exact"] for row in table]
    assert record["axes"] == ["noise.variance"]


VALUES = st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True)


@given(VALUES.map(sorted), st.integers(1, 4))
def test_an_axis_reads_back(whole: list[int], over: int) -> None:
    """Listed or as a range, exact numbers and words."""
    for values in (whole, [F(v, over) for v in whole], [f"law{v}" for v in whole]):
        axis = read_axis(f"noise.variance={','.join(map(str, values))}")
        assert read_axis(f"noise.variance={axis.text}").values == axis.values
    assert read_axis("noise.variance=0:4:41").text == "0:4:41"
    assert read_axis("layer.skip=true,false").text == "true,false"


def test_a_report_shows_every_row(capsys, setting, tmp_path) -> None:
    words = ("--over", "prompt.context_length=1:3", "--over", "task.law=normal,no-such-law")
    assert swept(capsys, setting, *words, "-o", str(tmp_path / "r.json"))[0] == 3
    rows = json.loads((tmp_path / "r.json").read_text())["rows"]
    for suffix in ("html", "md", "tex", "txt"):
        assert swept(capsys, setting, *words, "-o", str(tmp_path / f"r.{suffix}"))[0] == 3
    code, out, _ = swept(capsys, setting, *words, "--json")
    assert (code, json.loads(out)["rows"]) == (3, rows)
    page = re.sub("<[^>]*>", "|", (tmp_path / "r.html").read_text())
    markdown = (tmp_path / "r.md").read_text()
    for row in rows:
        exact = row.get("loss_exact", "")
        assert f"|{row['prompt.context_length']}||{row['task.law']}||{exact}" in page
        assert (exact or "no answer") in markdown
    assert "3 computed, 3 without an answer" in markdown
    assert "sweep mine.toml --over prompt.context_length=1:3" in markdown


@pytest.mark.parametrize(
    "text",
    [
        "[covariates]\nlaw = 'uniform'\ncovariance = [1, 0]\n",
        "[covariates]\nmean = [1, 0]\n",
        "[task]\nresponse = 't^3'\n",
        "[task]\nmean = [1, 0]\n",
        "[task]\npool = [[1, 0], [0, 1]]\n",
        "[task]\nresponse = 'sign(t)'\n",
        "[layer]\ndivide_by = 'n'\n[test]\ncontext_length = 9\n",
        "[layer]\nreadout = '1/9'\n[test.task]\nmean = [1, 1]\n",
        "[layer]\ndivide_by = 'n+1'\n[task]\noutputs = 3\n[test]\ncontext_length = 2\n",
        "[covariates]\nmixture = [{weight = '1/2', scale = 2}, {weight = '1/2'}]\n",
        "[covariates]\nmixture = [{weight = 1, scale = 2}]\n[task]\nresponse = 'tanh(t)'\n",
    ],
)
def test_a_cell_says_what_explore_says(text) -> None:
    import tomllib

    document = tomllib.loads(BASE + text)
    row = cell_row((document, 0))
    found = explore_question(question_of(document), ExploreOptions(32_000, 4))
    assert row["kind"] == found.optimum.kind.value
    assert row["certainty"] == found.optimum.certainty.value
    assert row["loss"] == pytest.approx(found.optimum.loss.decimal, rel=1e-6)
    rate = found.optimum.learning_rate
    assert row.get("learning_rate") == (None if rate is None else pytest.approx(rate.decimal))
    if found.optimum.certainty.value == "computed" and found.optimum.loss.exact is not None:
        assert row["loss_exact"] == str(found.optimum.loss.exact)
    compared = {item.name: item.loss for item in found.compared}
    for name in ("zero", "gradient_descent", "linear_readout"):
        assert row[name] == pytest.approx(compared[name].decimal, rel=1e-9)
    if found.test is not None:
        assert F(row["test_loss_exact"]) == found.test.loss.exact
        assert row["test_best_there"] == pytest.approx(found.test.best_there.decimal)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("[layer]\nheads = 2\n[training]\nloss = 'every-prefix'\n", True),
        ("[layer]\nheads = 2\ndivide_by = 'n'\n[test]\ncontext_length = 9\n", True),
        ("[layer]\nkey_dimension = 1\n[task]\noutputs = 2\n", False),
        ("[training]\nweight_decay = '1/10'\n", False),
    ],
)
def test_a_cell_of_another_layer_says_what_explore_says(text, rate) -> None:
    import tomllib

    document = tomllib.loads(BASE + text)
    row = cell_row((document, 0))
    found = explore_question(question_of(document), ExploreOptions(32_000, 4))
    assert found.formed is not None
    assert row["certainty"] == found.formed.certainty.value
    assert row["loss"] == pytest.approx(found.formed.loss.decimal, rel=1e-6)
    assert row.get("loss_exact") == (
        None if found.formed.loss.exact is None else str(found.formed.loss.exact)
    )
    assert ("learning_rate" in row) == rate
    if rate:
        assert row["learning_rate"] == pytest.approx(found.formed.B[0][0].decimal)
    if found.test is not None:
        assert row["test_loss_exact"] == str(found.test.loss.exact)


def test_lists_and_inline_tables_can_be_swept(capsys, setting, tmp_path) -> None:
    target = tmp_path / "r.csv"
    words = ("--over", "covariates.covariance=identity,[1,1/2],[[2,1],[1,2]]")
    more = ("--over", "layer.skip=true,false", "-o", str(target))
    assert swept(capsys, setting, *words, *more)[0] == 0
    rows = list(csv.DictReader(target.open()))
    assert [row["covariates.covariance"] for row in rows[::2]] == [
        "identity", '[1, "1/2"]', "[[2, 1], [1, 2]]"
    ]  # fmt: skip
    assert [row["layer.skip"] for row in rows[:2]] == ["true", "false"]
    Path(setting).write_text(BASE + "[task]\nresponse = { network = 'relu', width = 1 }\n")
    code, out, _ = swept(capsys, setting, "--over", "task.response.width=1:3")
    assert (code, "3 computed" in out) == (0, True)


def test_processes_find_the_same_as_one() -> None:
    import tomllib

    grid = SettingGrid(tomllib.loads(BASE), (read_axis("prompt.context_length=1:9"),))
    one, two = {}, {}
    fill_rows(grid, one, Serial(), 0, None)
    seen = []
    fill_rows(grid, two, Processes(2), 0, None, lambda *state: seen.append(state), chunk=2)
    assert one == two
    assert [done for done, _, _ in seen] == list(range(1, 10))
    assert seen[-1][2] == 0
    assert all(total == 9 for _, total, _ in seen)


def test_an_interrupted_sweep_goes_on_from_what_is_finished(tmp_path) -> None:
    import tomllib

    grid = SettingGrid(tomllib.loads(BASE), (read_axis("prompt.context_length=1:9"),))
    path = str(tmp_path / "part.jsonl")

    class Ends(Exception):
        pass

    def after_four(done, total, seconds) -> None:
        if done == 4:
            raise Ends

    with pytest.raises(Ends), kept_rows(path, grid, 0).start({}) as file:
        fill_rows(grid, {}, Serial(), 0, file, after_four)
    with open(path, "a") as file:
        file.write('{"piece": 8, "result": {"loss": 1.')  # cut off by a crash
    rows = kept_rows(path, grid, 0).read(grid.size)
    assert sorted(rows) == [0, 1, 2, 3]
    rows[0]["kind"] = "kept"
    fill_rows(grid, rows, Serial(), 0, None)
    assert sorted(rows) == list(range(9))
    # What was there is not computed again.
    assert rows[0]["kind"] == "kept"


def test_resume_of_another_sweep_is_refused(capsys, setting, tmp_path) -> None:
    part = str(tmp_path / "part.jsonl")
    first = ("--over", "noise.variance=0:1:3", "--resume", part)
    assert swept(capsys, setting, *first)[0] == 0
    for words in (
        ("--over", "noise.variance=0:1:4", "--resume", part),
        (*first, "--seed", "1"),
    ):
        code, out, err = swept(capsys, setting, *words)
        assert (code, out) == (2, "")
        assert "belongs to another sweep" in err
        assert err.count("\n") == 1
    (tmp_path / "other").write_text("hello\n")
    code, _, err = swept(capsys, setting, *first[:2], "--resume", str(tmp_path / "other"))
    assert (code, "is not a file of a sweep" in err) == (2, True)


def test_a_cell_without_an_answer_is_a_row(capsys, setting, tmp_path) -> None:
    target = tmp_path / "r.csv"
    words = ("--over", "prompt.dimension=2,3", "--over", "task.law=normal,uniform")
    path = Path(setting)
    path.write_text(BASE + "[covariates]\ncovariance = [1, 2]\n")
    code, out, _ = swept(capsys, setting, *words, "-o", str(target))
    assert code == 3
    assert "2 computed, 2 without an answer" in out
    rows = list(csv.DictReader(target.open()))
    assert [bool(row["error"]) for row in rows] == [False, False, True, True]
    assert "has 2 entries; dimension is 3" in rows[2]["error"]


def test_a_plot_of_one_and_of_two_keys(capsys, setting, tmp_path) -> None:
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    assert swept(capsys, setting, "--over", "noise.variance=0:1:3", "--plot", str(one))[0] == 0
    words = ("--over", "noise.variance=0:1:3", "--over", "task.law=normal,uniform")
    assert swept(capsys, setting, *words, "--plot", str(two))[0] == 0
    assert one.stat().st_size > 2000 < two.stat().st_size


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--over: at least one is needed"),
        (("--over", "noise.variance"), "is not of the form noise.variance=0:4:41"),
        (("--over", "noise.varianc=1"), "unknown key 'noise.varianc'; did you mean"),
        (("--over", "noise.variance=4:1"), "starts beyond its end"),
        (("--over", "noise.variance=1,1"), "a value occurs twice"),
        (("--over", "noise.variance=0:1:x"), "'x' is not a number of values"),
        (("--over", "noise.variance=1,,2"), "an empty value"),
        (("--over", "task.covariance=[1,2"), "a bracket is not closed"),
        (("--over", "task.covariance=1]"), "a bracket is not closed, or not opened"),
        (("--over", "task.response.width=1:3"), "network must be 'relu'"),
        (("--over", "layer.heads=0,65"), "heads: 65 is above the limit of 64"),
        (("--over", "noise.variance=1", "--over", "noise.variance=2"), "is given twice"),
        (("--over", "prompt.context_length=1:2000:2000000"), "too many"),
        (("--over", "noise.variance=0:1:3", "-o", "r.xlsx"), "a file ends in .csv"),
        (("--over", "noise.variance=0:1:3", "--jobs", "0"), "--jobs: 0 is below 1"),
        (
            ("--over", "noise.variance=0:1:3", "--jobs", "2", "--scheduler", "tcp://x:1"),
            "--jobs is for local processes",
        ),
        (("--over", "noise.variance=-2:-1"), r"variance: .*must not be negative"),
    ],
)
def test_bad_input_is_one_line(capsys, setting, words, message) -> None:
    import re

    code, out, err = swept(capsys, setting, *words)
    assert (code, out) == (2, "")
    assert re.search(message, err)
    assert err.count("\n") == 1


def test_every_key_of_a_setting_file_can_be_swept() -> None:
    assert {"prompt.dimension", "test.context_length", "layer.divide_by"} <= set(known_keys())
    assert "test.noise.variance" in known_keys()


def test_a_scheduler_that_does_not_answer(capsys, setting, monkeypatch) -> None:
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    monkeypatch.setattr("verifier.work.cluster.SECONDS", 1.0)
    words = ("--over", "noise.variance=0:1:3", "--scheduler", "tcp://127.0.0.1:9")
    code, out, err = swept(capsys, setting, *words)
    assert (code, out) == (2, "")
    assert "--scheduler: nothing answers at tcp://127.0.0.1:9" in err
    assert err.count("\n") == 1


def test_without_the_extra_that_is_said(capsys, setting, monkeypatch) -> None:
    monkeypatch.setattr("verifier.work.cluster.find_spec", lambda name: None)
    words = ("--over", "noise.variance=0:1:3", "--scheduler", "tcp://127.0.0.1:9")
    code, _, err = swept(capsys, setting, *words)
    assert (code, "extra 'cluster'" in err) == (2, True)


@pytest.mark.timing
def test_a_cluster_that_loses_a_worker_loses_nothing(capsys, tmp_path) -> None:
    """A real scheduler with two workers; one is killed while cells are under way."""
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    path, part, target = (tmp_path / name for name in ("mine.toml", "part.jsonl", "r.csv"))
    path.write_text(SLOW)
    words = ["--over", "prompt.context_length=1:60", "--resume", str(part), "-o", str(target)]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        with distributed.Client(cluster, set_as_default=False) as client:
            pids = client.run(os.getpid)
        assert len(set(pids.values())) == 2
        killed, over = [], threading.Event()

        def kill_one() -> None:
            while not part.exists() or part.read_text().count("\n") < 4:
                if over.wait(0.05):
                    return
            victim = next(iter(pids.values()))
            os.kill(victim, signal.SIGKILL)
            killed.append(part.read_text().count("\n") - 1)

        thread = threading.Thread(target=kill_one)
        thread.start()
        code = main(["sweep", str(path), *words, "--scheduler", cluster.scheduler_address])
        over.set()
        thread.join()
    assert code == 0, capsys.readouterr().err
    assert "60 of 60 cells" in capsys.readouterr().out
    assert killed[0] < 60
    rows = list(csv.DictReader(target.open()))
    assert [int(row["prompt.context_length"]) for row in rows] == list(range(1, 61))
    grid_row = cell_row(
        ({"prompt": {"dimension": 2, "context_length": 7}, "task": {"mean": [1, 0]}}, 0)
    )
    assert float(rows[6]["loss"]) == pytest.approx(grid_row["loss"])
