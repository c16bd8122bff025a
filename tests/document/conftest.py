"""The toy theorem of the command line's tests, checked once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "commands"))

from toys import TOY

from verifier.theorem import Report, check_theorem


@pytest.fixture(scope="session")
def report() -> Report:
    """The toy theorem, proved."""
    return check_theorem(TOY)


@pytest.fixture(scope="session")
def refuted() -> Report:
    """The toy theorem with a false learning rate."""
    return check_theorem(TOY, claimed={"learning_rate": "1/(2 + sigma2)"})
