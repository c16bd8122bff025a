"""The pages on data models and on tests elsewhere: settings are read, the output is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.__main__ import main
from verifier.setting.question import parse_question

DOCS = Path(__file__).parents[2] / "docs"
PROMPT = "[prompt]\ndimension = 3\ncontext_length = 10\n"
PAGES = ("data-models.md", "train-test.md")


def blocks(name: str, language: str) -> list[str]:
    page = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("text", [b for name in PAGES for b in blocks(name, "toml")])
def test_what_is_shown_is_a_setting(text) -> None:
    if "[1, 0]" in text:
        text = text.replace("[1, 0]", "[1, 0, 0]").replace("[0, 1]", "[0, 1, 0]")
    text = text.replace("[2, 1]", "[2, 1, 1]")
    whole = text if "[prompt]" in text else PROMPT + text
    assert parse_question(whole.encode()).setting.dimension == 3


def test_the_output_shown_is_what_is_printed(capsys, tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(blocks("train-test.md", "toml")[0])
    assert main(["explore", str(path), "--samples", "32000", "--starts", "1"]) == 0
    shown = blocks("train-test.md", "text")[0]
    assert shown in capsys.readouterr().out
