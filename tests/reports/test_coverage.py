"""docs/coverage.md says what a fresh run of every proof says."""

from pathlib import Path

from verifier.commands.coverage import table

COVERAGE = Path(__file__).parents[2] / "docs" / "coverage.md"


def test_the_file_is_what_a_fresh_run_writes() -> None:
    text, missing = table()
    assert missing == []
    assert COVERAGE.read_text(encoding="utf-8") == text, (
        "run: python -m verifier coverage -o docs/coverage.md"
    )
