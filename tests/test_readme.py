"""The README shows what the program prints, and names what exists."""

import re
from pathlib import Path

from verifier.__main__ import main
from verifier.commands import COMMANDS

SCREEN = 45
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def output_block(name: str) -> list[str]:
    match = re.search(rf"<!-- output: {name} -->\n```text\n(.*?)```", README, re.DOTALL)
    assert match is not None
    return match[1].splitlines()


def test_the_output_shown_is_the_output_printed(capsys) -> None:
    """Up to the numerical tables, whose last digits depend on the machine."""
    assert main(["check", "theorem1", "--no-numerics"]) == 0
    printed = capsys.readouterr().out.splitlines()
    shown = output_block("check theorem1")
    end = next(k for k, line in enumerate(printed) if "9 proved of 9 claims" in line)
    assert end > 20
    assert shown[:end] == printed[:end]
    assert len(shown) <= SCREEN
    assert max(map(len, shown)) <= 100


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    named = set(re.findall(r"python (?:-S )?-m verifier ([a-z-]+)", README))
    assert named == set(COMMANDS)


def test_links_lead_somewhere() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert (ROOT / target).exists(), target
