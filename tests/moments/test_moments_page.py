"""docs/moments.md does what it shows."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from verifier.__main__ import main

PAGE = Path(__file__).parents[2] / "docs" / "moments.md"
TEXT = PAGE.read_text(encoding="utf-8")
RUNS = re.findall(r"^\$ python -m verifier (.*)\n((?:(?!\$|```).+\n)*)", TEXT, re.MULTILINE)


def test_every_line_of_python_prints_what_the_page_shows() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert found.attempted >= 6
    assert found.failed == 0


@pytest.mark.parametrize(("command", "shown"), RUNS)
def test_every_command_prints_what_the_page_shows(command: str, shown: str, capsys) -> None:
    assert main(shlex.split(command)) == 0
    assert capsys.readouterr().out.startswith(shown)


def test_the_page_has_commands() -> None:
    assert len(RUNS) == 6
