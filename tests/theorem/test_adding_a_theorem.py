"""docs/adding-a-theorem.md, typed along: its files are written, its commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.__main__ import main

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-theorem.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_page_typed_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown, commands = "", 0
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        first = text.splitlines()[0]
        if first.startswith("# gain"):
            Path(first.removeprefix("# ")).write_text(text, encoding="utf-8")
        elif kind == "sh":
            words = shlex.split(text)
            assert words[:3] == ["python", "-m", "verifier"]
            code = main(words[3:])
            shown = capsys.readouterr().out
            assert code == (1 if "--claim" in words else 0), shown
            commands += 1
        elif kind == "text":
            assert text.strip("\n") in shown
    assert commands == 4
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {
        "gain.toml",
        "gain.json",
        "gain.py",
        "gain_by_hand.py",
    }
