"""The command line with one toy theorem in the registry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from toys import TOY

import verifier.theorem.registry
from verifier.__main__ import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command; returns exit code, stdout and stderr."""
    monkeypatch.setattr(verifier.theorem.registry, "theorems", lambda: {"toy": TOY})

    def command(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capfd.readouterr()
        return code, out, err

    return command
