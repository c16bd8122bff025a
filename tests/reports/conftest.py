"""Theorems checked once: the toy of the command line's tests, and every registered one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "commands"))

from checked import checked
from toys import TOY

import verifier
from verifier.theorem.theorem import Report, check_theorem


@pytest.fixture(scope="session")
def report() -> Report:
    """The toy theorem, proved."""
    return check_theorem(TOY)


@pytest.fixture(scope="session")
def refuted() -> Report:
    """The toy theorem with a false learning rate."""
    return check_theorem(TOY, claimed={"learning_rate": "1/(2 + sigma2)"})


@pytest.fixture(scope="module", params=sorted(verifier.theorems()))
def registered(request: pytest.FixtureRequest) -> Report:
    """Every registered theorem, its proofs checked."""
    return checked(request.param)
