"""``price``: the table agrees with Theorem 1's formula and with Bayes at d = n = 1; bad input."""

import csv
import json

import jsonschema
import pytest

from verifier.__main__ import main
from verifier.reports.price_text import schema


def test_one_example_in_one_dimension_by_hand(capsys) -> None:
    """sigma2 = 1: one GD step has 1 + 1 - 1/4 = 1.75; ridge 1 + E 1/(x^2 + 1) = 1.6557 (erfc)."""
    assert main(["price", "--dims", "1", "--noise", "1", "--n", "1"]) == 0
    row = capsys.readouterr().out.splitlines()[2].split()
    assert row[:4] == ["1", "1", "1", "1.750000"]
    assert float(row[4]) == pytest.approx(1.655680, abs=2e-6)
    assert float(row[5]) == pytest.approx(float(row[3]) - float(row[4]), abs=2e-6)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--dims", "0"], "below 1"),
        (["--n", "5:2"], "starts beyond its end"),
        (["--noise", "-1"], "negative"),
        (["--plot", "x.gif"], "must end in"),
        (["--dims", "100", "--n", "1:100"], "min(n, d)"),
    ],
)
def test_bad_input_is_one_line(words, reason, capsys) -> None:
    assert main(["price", *words]) == 2
    shown = capsys.readouterr()
    assert reason in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_no_row_is_left_out_in_any_form(tmp_path, capsys) -> None:
    path = tmp_path / "price.csv"
    words = ["price", "--dims", "2,3", "--noise", "1/4", "--n", "1:16"]
    assert main([*words, "--csv", str(path)]) == 0
    table = [line.split() for line in capsys.readouterr().out.splitlines()[2:-1]]
    assert [(row[0], row[2]) for row in table] == [(d, str(n)) for d in "23" for n in range(1, 17)]
    main([*words, "--json"])
    record = json.loads(capsys.readouterr().out)
    jsonschema.validate(record, schema())
    with path.open(encoding="ascii", newline="") as file:
        written = list(csv.DictReader(file))
    assert len(written) == len(record["rows"]) == 32
    for shown, row, line in zip(table, record["rows"], written, strict=True):
        assert [str(v) for v in row.values()] == list(line.values())
        assert shown[3] == f"{row['gradient_step']:.6f}"
        assert row["price"] == row["gradient_step"] - row["ridge"]


def test_a_csv_file_that_cannot_be_written_is_one_line(tmp_path, capsys) -> None:
    assert main(["price", "--csv", str(tmp_path / "absent" / "x.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_processes_find_the_same(capsys) -> None:
    texts = []
    for words in ((), ("--jobs", "2")):
        assert main(["price", "--dims", "2,3", "--n", "1:4", "--json", *words]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


@pytest.mark.parametrize("command", ["price", "phase-diagram"])
def test_jobs_and_a_scheduler_do_not_go_together(capsys, command) -> None:
    assert main([command, "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"]) == 2
    err = capsys.readouterr().err
    assert "--jobs is for local processes" in err
    assert err.count("\n") == 1
