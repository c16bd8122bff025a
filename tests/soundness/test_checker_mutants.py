"""The mutants of the kernel are those of all its files, and each is a change."""

from __future__ import annotations

from checker_mutants import BESIDE, ROOT, TRUSTED, explained, trusted_source


def test_every_trusted_file_is_mutated() -> None:
    files = {file.stem for file in (ROOT / "verifier" / "proof").glob("*.py")}
    assert set(TRUSTED) - set(BESIDE) == files - {"__init__"}


def test_what_is_explained_is_a_change_of_a_trusted_file() -> None:
    for key, reason in explained().items():
        module, _, change = key.partition(" ")
        before, _, after = change.partition(" => ")
        assert module in TRUSTED, key
        source = " ".join(trusted_source(module).split())
        assert before.partition(": ")[2] in source, key
        assert before.partition(": ")[2] != after, key
        assert reason, key
