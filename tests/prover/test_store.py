"""What was found is kept by content and used again; a damaged file is as good as none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from verifier.prover import theorem_of as module
from verifier.prover.setting_file import parse_symbolic
from verifier.prover.theorem_of import theorem_of
from verifier.theorem.theorem import check_theorem
from verifier.theorem.verdict import Verdict

SETTING = b'[noise]\nlevel = "per-prompt"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "verifier" / "prove"


def verdict() -> Verdict:
    theorem = theorem_of(parse_symbolic(SETTING, "x.toml"), keep=True)
    return check_theorem(theorem, numerical=False).verdict


def test_a_second_run_does_not_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict() is Verdict.PROVED
    assert len(list(folder.iterdir())) == 1

    def search(*_: object) -> None:
        raise AssertionError("searched again")

    monkeypatch.setattr(module, "derived", search)
    assert verdict() is Verdict.PROVED


@pytest.mark.parametrize("damage", ["", "{}", "[1]", '{"record": 1}'])
def test_a_damaged_file_is_searched_for_again(folder: Path, damage: str) -> None:
    verdict()
    (kept,) = folder.iterdir()
    whole = kept.read_text()
    kept.write_text(damage)
    assert verdict() is Verdict.PROVED
    assert kept.read_text() == whole


def test_what_is_kept_is_checked_and_not_believed(folder: Path) -> None:
    """A false minimum in a kept proof, the digest made to fit, is not proved."""
    import json

    from verifier.proof.record import dump, load

    verdict()
    (kept,) = folder.iterdir()
    data = json.loads(kept.read_text())
    text = dump(load(data["record"])).replace("d*n/(d + n + sigma2 + 1)", "d*n/(d + n + sigma2)")
    body = json.loads(text)
    from verifier.proof.record import _digest

    body["digest"] = _digest({k: v for k, v in body.items() if k != "digest"})
    data["record"] = json.dumps(body)
    kept.write_text(json.dumps(data))
    assert verdict() is not Verdict.PROVED


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert verdict() is Verdict.PROVED


def test_a_kept_answer_is_checked_without_what_searches(folder: Path, tmp_path: Path) -> None:
    """It costs about what `recheck` does: neither SymPy nor NumPy is imported."""
    setting = tmp_path / "x.toml"
    setting.write_bytes(SETTING)
    script = (
        "import sys; from verifier.__main__ import main; "
        f"assert main(['prove', {str(setting)!r}, '--no-numerics']) == 0; "
        "print(sorted({'sympy', 'numpy'} & set(sys.modules)))"
    )
    said = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [one.stdout.splitlines()[-1] for one in said] == ["['sympy']", "[]"]
