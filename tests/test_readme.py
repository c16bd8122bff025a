"""The README shows what the program prints, and names what exists."""

import re
from pathlib import Path

from verifier.__main__ import main
from verifier.commands import COMMANDS

SCREEN, LEFT_OUT = 51, "  …"
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def output_block(name: str) -> list[str]:
    match = re.search(rf"<!-- output: {name} -->\n```text\n(.*?)```", README, re.DOTALL)
    assert match is not None
    return match[1].splitlines()


def test_the_output_shown_is_the_output_printed(capsys) -> None:
    """Up to the numerical tables, whose last digits depend on the machine.

    One row of dots stands for the footnotes of some claims and for the lemmas.
    """
    assert main(["check", "theorem1", "--no-numerics"]) == 0
    printed = capsys.readouterr().out.splitlines()
    shown = output_block("check theorem1")
    end = next(k for k, line in enumerate(printed) if "12 proved of 12 claims" in line)
    gap, results = shown.index(LEFT_OUT), printed.index("Results")
    assert gap > 20
    assert shown[:gap] == printed[:gap]
    assert shown[gap + 1 :][: end - results] == printed[results:end]
    footnotes = [line for line in printed[gap:results] if not line.startswith(" " * 6)]
    assert all(re.match(r"  \[(\w|[0-9]+)\] ", line) for line in footnotes)
    assert len(shown) <= SCREEN
    assert max(map(len, shown)) <= 100


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    named = set(re.findall(r"python (?:-S )?-m verifier ([a-z-]+)", README))
    assert named == set(COMMANDS)


def test_links_lead_somewhere() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)\)", prose):
        assert (ROOT / target).exists(), target
