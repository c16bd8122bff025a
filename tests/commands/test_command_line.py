"""The command line: exit codes, one-line errors, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from verifier.commands import COMMANDS
from verifier.reports.json_record import schema

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]


def python(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in the checkout."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, **options
    )


def test_a_proved_theorem_ends_with_0_and_shows_every_claim(run: Run) -> None:
    code, out, err = run("check", "toy")
    assert (code, err) == (0, "")
    assert out.count("✓ proved") == 5
    for word in ("loss", "bound", "minimum", "prediction", "1/(1 + σ²)", "Galton", "Isserlis"):
        assert word in out
    assert "\033" not in out


def test_a_false_claim_is_refuted_with_its_exact_witness(run: Run) -> None:
    code, out, _ = run("check", "toy", "--claim", "learning_rate=1/(2+sigma2)")
    assert code == 1
    assert "✗ refuted" in out
    assert "witness: " in out
    assert "claimed instead: learning rate = 1/(2+sigma2)" in out


def test_a_false_minimum_shows_found_and_claimed_loss(run: Run) -> None:
    code, out, _ = run("check", "toy", "--claim", "minimum_loss=1", "--json")
    claim = next(c for c in json.loads(out)["claims"] if c["id"] == "minimum")
    evidence = claim["evidence"][0]
    assert code == 1
    assert evidence["kind"] == "counterexample"
    assert evidence["claimed"] == "1"
    # By hand the loss at b is 1 - 2b + (1 + sigma2) b^2.
    noise = _fraction(evidence["scalars"]["sigma2"])
    b = _fraction(evidence["tensors"].get("b", "0"))
    assert _fraction(evidence["found"]) == 1 - 2 * b + (1 + noise) * b**2


def _fraction(text: str) -> object:
    from fractions import Fraction

    return Fraction(text)


def test_json_is_the_only_output_and_repeats_itself(run: Run) -> None:
    objects = []
    for _ in range(2):
        code, out, err = run("check", "toy", "--json", "--seed", "7", "--noise", "0.1,1/3")
        assert (code, err) == (0, "")
        objects.append(json.loads(out))
        jsonschema.validate(objects[-1], schema())
        assert objects[-1].pop("seconds") >= 0
    assert objects[0] == objects[1]
    assert objects[0]["numerical"]["options"]["noises"] == ["1/10", "1/3"]
    other = json.loads(run("check", "toy", "--json", "--seed", "8")[1])
    assert other["numerical"]["tables"] != objects[0]["numerical"]["tables"]


def test_check_all_ends_in_one_table(run: Run) -> None:
    code, out, _ = run("check", "all")
    assert code == 0
    assert "4 of 4 claims proved" in out.splitlines()[-2]
    assert "1 theorems" in out.splitlines()[-1]


def test_list_names_every_theorem(run: Run) -> None:
    assert run("list") == (0, "toy  Shrink a noisy observation\n     Galton (1886)\n", "")


WRONG = [
    ([], ""),
    (["chekc", "toy"], "did you mean 'check'"),
    (["check"], "required"),
    (["check", "toyy"], "did you mean 'toy'"),
    (["check", "toy", "--bogus"], "unrecognized"),
    (["check", "toy", "--dims", "0"], "below 1"),
    (["check", "toy", "--dims", "1,x"], "not a whole number"),
    (["check", "toy", "--dims", ""], "not a whole number"),
    (["check", "toy", "--dims", "9" * 5000], "too large"),
    (["landscape", "--d", "1234567890123456789"], "too large: at most 18 digits"),
    (["check", "toy", "--dims", "500"], "251001 parameters"),
    (["check", "toy", "--context-lengths", "0"], "below 1"),
    (["check", "toy", "--context-lengths", "1000000"], "n <= 1000"),
    (["check", "toy", "--samples", "1000000000"], "at most 10000000"),
    (["check", "toy", "--starts", "99999999"], "at most"),
    (["check", "toy", "--noise", "-1"], "negative"),
    (["check", "toy", "--noise", "loud"], "not a number"),
    (["check", "toy", "--noise", "1/0"], "zero denominator"),
    (["check", "toy", "--seed", "-3"], "below 0"),
    (["check", "toy", "--claim", "eta"], "NAME=EXPRESSION"),
    (["check", "toy", "--claim", "eta=1"], "it can: learning_rate"),
    (["check", "toy", "--claim", "learning_rate=__import__('os')"], "unexpected character"),
    (["check", "toy", "--claim", "learning_rate=1", "--claim", "learning_rate=2"], "twice"),
    (["check", "all", "--proof", "x"], "one theorem"),
    (["check", "toy", "--proof", "/nowhere/at/all/x.json"], "/nowhere/at/all/x.json"),
    (["check", "toy", "--proof", "/"], "is a directory"),
    (["recheck", "/nowhere.json"], "no such file"),
    (["recheck", "/"], "is a directory"),
    (["derive", "toy", "--format", "docx"], "invalid choice"),
    (["derive", "toy", "-o", "/nowhere/x.tex"], "/nowhere/x.tex"),
]


@pytest.mark.parametrize(("words", "reason"), WRONG, ids=[" ".join(w)[:50] for w, _ in WRONG])
def test_wrong_usage_is_one_line_and_exit_2(run: Run, words: list[str], reason: str) -> None:
    code, out, err = run(*words)
    assert code == 2
    if words:
        assert out == ""
        assert err.count("\n") == 1
        assert err.startswith("verifier: ")
        assert reason in err
        assert len(err) < 500


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert f"verifier {name}" in out


def test_an_unwritable_file_is_found_out_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*words: object) -> None:
        raise AssertionError("the work was done first")

    monkeypatch.setattr("verifier.commands.check.check_theorem", work)
    assert run("check", "toy", "--proof", "/nowhere/x.json")[0] == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError("late")])
def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException
) -> None:
    target = tmp_path / "proof.json"
    target.write_text("old")

    def interrupted(*words: object) -> None:
        raise error

    monkeypatch.setattr("verifier.commands.check.check_theorem", interrupted)
    code, out, err = run("check", "toy", "--proof", str(target))
    assert code == (130 if error is KeyboardInterrupt else 2)
    assert (out, err.count("\n")) == ("", 1)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["proof.json"]


def test_a_replaced_file_keeps_its_permissions(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "proof.json"
    target.write_text("old")
    target.chmod(0o640)
    assert run("check", "toy", "--proof", str(target))[0] == 0
    assert target.stat().st_mode & 0o777 == 0o640
    assert json.loads(target.read_text())["theorem"] == "toy"


def test_a_device_is_written_and_not_replaced(run: Run) -> None:
    assert run("check", "toy", "--proof", os.devnull)[0] == 0
    assert not Path(os.devnull).is_file()


def test_help_and_list_stay_light() -> None:
    code = (
        "import sys; from verifier.__main__ import main; "
        "assert main(['--help']) == 0; assert main(['list']) == 0; "
        "heavy = {'sympy', 'numpy', 'scipy', 'flint', 'matplotlib'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = [sys.executable, "-m", "verifier", "list"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 141


@pytest.mark.timing
def test_an_interrupt_is_one_line_and_130(tmp_path: Path) -> None:
    code = (
        "import sys, time, verifier.commands.check as c; from verifier.__main__ import main; "
        "c._chosen = lambda name: [None]; "
        "c.check_theorem = lambda *words: (print('go', flush=True), time.sleep(30)); "
        "sys.exit(main(['check', 'toy', '--proof', sys.argv[1]]))"
    )
    target = tmp_path / "proof.json"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(target)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "go\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err == "verifier: interrupted\n"
    assert list(tmp_path.iterdir()) == []


FORMS = [
    ("a.tex", (), "latex"),
    ("a.md", (), "markdown"),
    ("a.html", (), "html"),
    ("a.json", (), "json"),
    ("plain", ("--format", "markdown"), "markdown"),
]
STARTS = {"latex": b"\\documentclass", "markdown": b"# ", "html": b"<!DOCTYPE", "json": b"{"}


@pytest.mark.parametrize(("name", "options", "form"), FORMS)
def test_derive_goes_by_the_suffix_and_format_overrides(
    run: Run, tmp_path: Path, name: str, options: tuple[str, ...], form: str
) -> None:
    code, out, err = run("derive", "toy", *options, "-o", str(tmp_path / name))
    assert (code, out, err) == (0, "", "")
    assert (tmp_path / name).read_bytes().startswith(STARTS[form])


@pytest.mark.parametrize("name", ["c.html", "c.md", "c.tex", "c.json", "c.txt"])
def test_check_writes_its_report_in_every_form(run: Run, tmp_path: Path, name: str) -> None:
    code, out, _ = run("check", "toy", "-o", str(tmp_path / name))
    assert code == 0
    assert "✓ proved" in out
    text = (tmp_path / name).read_text("utf-8")
    for word in ("Shrink a noisy observation", "proved", "Galton"):
        assert word in text


CONTRADICTIONS = [
    (["derive", "toy", "--format", "latex", "-o", "a.md"], "contradicts the suffix"),
    (["derive", "toy", "--json", "--format", "latex"], "--json contradicts"),
    (
        ["derive", "toy", "-o", "a.docx"],
        "a file ends in .tex, .pdf, .md, .html, .json, not '.docx'",
    ),
    (["derive", "toy", "-o", "nothing"], "this has no suffix"),
    (["check", "toy", "-o", "a.csv"], "this command writes"),
    (["check", "all", "-o", "a.md"], "one theorem"),
    (["derive", "toy", "-o", "no/such/folder/a.md"], "there is no folder 'no/such/folder'"),
    (["falsify", "toy", "--without", "x", "-o", "a.md"], "this command writes .toml"),
]


@pytest.mark.parametrize(("words", "said"), CONTRADICTIONS)
def test_an_output_that_cannot_be_meant_is_one_line(run: Run, words: list[str], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert said in err


def test_json_on_the_other_commands(run: Run, tmp_path: Path) -> None:
    listed = json.loads(run("list", "--json")[1])
    assert [one["theorem"] for one in listed["theorems"]] == ["toy"]
    rows = json.loads(run("coverage", "--json")[1])["claims"]
    assert {row["verdict"] for row in rows} <= {"proved", "sampled"}
    assert json.loads(run("derive", "toy", "--json")[1])["theorem"] == "toy"
    proof = str(tmp_path / "p.json")
    run("check", "toy", "--proof", proof)
    claims = json.loads(run("recheck", proof, "--json")[1])["claims"]
    assert {claim["id"] for claim in claims} >= {"loss", "minimum"}
    assert all(claim["rests_on"] and claim["statement"] for claim in claims)


def test_one_table_of_exit_codes(run: Run) -> None:
    from verifier.commands.exit_codes import EXIT_CODES, table

    assert table() in run("--help")[1]
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in readme or code > 128


def test_usage_names_what_was_typed() -> None:
    assert python("-m", "verifier", "list", "--help").stdout.startswith(
        "usage: python -m verifier list"
    )
