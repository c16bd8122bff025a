"""The tutorial's code does what the tutorial says."""

from __future__ import annotations

import doctest
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.__main__ import main

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"


def test_every_line_prints_what_the_page_shows() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted > 15
    assert found.failed == 0


def test_every_command_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True) if line.startswith("python ") else []
        if words and not words[-1].endswith(".pdf"):
            numerics = [] if "recheck" in words else ["--no-numerics"]
            assert main([*words[words.index("verifier") + 1 :], *numerics]) == 0
            ran += 1
    assert ran == 3
    assert {path.name for path in tmp_path.iterdir()} == {"theorem1.json", "theorem1.html"}
