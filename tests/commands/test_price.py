"""``price``: the table agrees with Theorem 1's formula and with Bayes at d = n = 1; bad input."""

import pytest

from verifier.__main__ import main


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
