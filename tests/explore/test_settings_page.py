"""What docs/settings.md shows is true: its file is a setting, its Python runs and prints that."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from verifier.setting.setting_file import parse_setting

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def block(page: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_file_is_the_standard_setting(page) -> None:
    shown = parse_setting(block(page, "toml").encode())
    least = parse_setting(b"[prompt]\ndimension = 5\ncontext_length = 20\n")
    assert shown == least


def test_the_python_prints_what_its_comments_say(page, tmp_path, capsys) -> None:
    code = block(page, "python")
    script = tmp_path / "shown.py"
    script.write_text(code)
    runpy.run_path(str(script))
    said = re.findall(r"print\(.*\)  # (.*)", code)
    assert capsys.readouterr().out.split() == said


def test_every_example_is_listed(page) -> None:
    import verifier

    for example in (Path(verifier.__file__).parent / "examples").glob("*.toml"):
        assert f"`{example.name}`" in page
