"""``recheck`` in a bare checkout, and on files that were changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import TOY, derive

from verifier.commands.recheck import _decoded
from verifier.proof.record import MAX_BYTES, Record, _digest, dump

Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parents[2]
TEXT = dump(Record("toy", TOY.title, TOY.source, derive({}).proofs))


def bare(path: str, content: str = "") -> subprocess.CompletedProcess[str]:
    """``python -S``: no installed package can be imported."""
    return subprocess.run(
        [sys.executable, "-S", "-E", "-m", "verifier", "recheck", path],
        cwd=ROOT,
        input=content,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_proof_file_is_accepted_without_any_package(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    assert run("check", "toy", "--proof", str(path))[0] == 0
    assert path.read_text() == TEXT
    done = bare(str(path))
    assert (done.returncode, done.stderr) == (0, "")
    for claim in TOY.claims:
        assert f"proved  {claim.id}" in done.stdout
    for word in ("Shrink a noisy observation", "Galton", "Isserlis", "4 claims proved"):
        assert word in done.stdout


def test_standard_input_is_read() -> None:
    assert bare("-", TEXT).returncode == 0


def test_what_is_printed_is_the_statement_in_the_file(tmp_path: Path) -> None:
    shown = bare("-", TEXT).stdout
    ascii_shown = shown.encode("ascii", "replace").decode()
    assert "min over b of E" in ascii_shown
    assert "for all real" in ascii_shown


def _rewritten(change: Callable[[dict], None]) -> str:
    """The file after a change, with a digest that fits again."""
    data = json.loads(TEXT)
    change(data)
    del data["digest"]
    return json.dumps({**data, "digest": _digest(data)})


def _set(value: object, *path: str | int) -> Callable[[dict], None]:
    def change(data: dict) -> None:
        inner = data["proofs"][0]
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return change


LOSS = ("steps", 0, "statement", "cases", 0, 0, "right")
CHANGES = {
    "a minimum that is too low": _set("0", "steps", 4, "statement", "value"),
    "a wrong loss": _set("1 - b + (1 + sigma2)*b^2", *LOSS),
    "another rate": _set("1/(2 + sigma2)", "context", "definitions", 1, "body"),
    "a wider range of the noise": _set("-1", "context", "scalars", 0, "minimum"),
    "another law": _set("2", "context", "arrays", 0, "variance"),
    "an unknown rule": _set("Trust", "steps", 0, "certificate", "kind"),
    "an unknown field": _set("trust-me", "steps", 0, "rule"),
    "a step that is used too early": _set(["prediction"], "steps", 0, "uses"),
    "a certificate that shows nothing": _set({"kind": "Conclude"}, "steps", 2, "certificate"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_proof_is_rejected_even_with_a_fitting_digest(
    run: Run, tmp_path: Path, change: Callable[[dict], None]
) -> None:
    path = tmp_path / "changed.json"
    path.write_text(_rewritten(change))
    code, out, err = run("recheck", str(path))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "rejected: " in err


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TEXT) - 1), st.sampled_from('0123456789abnx+-*"{}[],:'))
def test_one_changed_character_is_rejected(at: int, letter: str) -> None:
    from verifier.proof.record import load
    from verifier.proof.syntax import ProofError

    changed = TEXT[:at] + letter + TEXT[at + 1 :]
    if json.loads(TEXT) != _data(changed):
        with pytest.raises(ProofError, match=r"\A[^\n]+\Z"):
            load(changed)


def _data(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


HOSTILE = {
    "empty": "",
    "truncated": TEXT[: len(TEXT) // 2],
    "deep": "[" * 100_000,
    "other format": "{}",
    "newer": TEXT.replace('"version": 2', '"version": 3'),
    "a proof of nothing": _rewritten(lambda data: data.update(proofs=[])),
    "not ASCII": TEXT.replace("Galton", "Gältön"),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_one_line_and_exit_2(run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "hostile.json"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("recheck", str(path))
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_file_of_the_first_version_is_refused_in_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(TEXT.replace('"version": 2', '"version": 1'))
    code, out, err = run("recheck", str(path))
    assert (code, out) == (2, "")
    assert err.endswith("proof file version 1; this program reads version 2\n")


@pytest.mark.parametrize("terms", [100, 300, 450, 700, 950, 5000])
def test_a_long_sum_is_printed_or_refused_in_one_line(run: Run, tmp_path: Path, terms: int) -> None:
    path = tmp_path / "long.json"
    right = "1 - 2*b + (1 + sigma2)*b^2" + " + b - b" * terms
    path.write_text(_rewritten(_set(right, *LOSS)))
    code, out, err = run("recheck", str(path))
    assert code in (0, 2)
    assert err.count("\n") == (code == 2)
    assert (out == "") == (code == 2)


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    class Endless:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked += size
            return b" " * size

    endless = Endless()
    with pytest.raises(ValueError, match="more than"):
        _decoded(endless)  # type: ignore[arg-type]
    assert endless.asked <= MAX_BYTES + 1


def test_control_characters_in_a_title_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "loud.json"
    path.write_text(_rewritten(lambda data: data.update(title="\x1b[2Jproved\nproved  all")))
    code, out, _ = run("recheck", str(path))
    assert code == 0
    assert "\x1b" not in out
    assert "\nproved  all" not in out
