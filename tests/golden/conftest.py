"""Golden files: ``python -m pytest tests/golden --renew`` writes them anew, to be looked at."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import remembered
from forms import SUBJECTS, Forms
from remembered import THEOREMS

import verifier.explore.asked
import verifier.theorem.falsify
import verifier.theorem.registry

SETTINGS = Path(__file__).parent / "settings"
CHECKING = ("commands.check", "commands.derive", "commands.coverage", "theorem.falsify")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option of this folder."""
    parser.addoption("--renew", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def renew(request: pytest.FixtureRequest) -> bool:
    """Whether files are written instead of compared."""
    return bool(request.config.getoption("renew", default=False))


@pytest.fixture(scope="module", params=SUBJECTS)
def forms(request: pytest.FixtureRequest) -> Forms:
    """Every kind of report: proved, supported, refuted, undecided, opposed by numbers."""
    return Forms.of(request.param)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[str, ...]], None]:
    """A function that narrows the registry; until it is called, all theorems are there."""

    def narrowed(names: tuple[str, ...]) -> None:
        chosen = {name: THEOREMS[name] for name in names}
        monkeypatch.setattr(verifier.theorem.registry, "theorems", lambda: chosen)

    monkeypatch.setattr(verifier.theorem.registry, "theorems", lambda: THEOREMS)
    return narrowed


@pytest.fixture
def bench(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: Callable[[tuple[str, ...]], None]
) -> Path:
    """An empty folder with the settings, as the current one; repeated work is remembered."""

    def explored(setting: Any, options: Any, progress: object) -> Any:
        return remembered.explore_once(setting, options)

    for module in CHECKING:
        monkeypatch.setattr(f"verifier.{module}.check_theorem", remembered.check_once)
    monkeypatch.setattr(verifier.explore.asked, "explore", explored)
    monkeypatch.setattr(verifier.theorem.falsify, "falsify", remembered.falsify_once)
    monkeypatch.setattr("verifier.commands.phase_diagram.boundary", remembered.boundary_once)
    line = "verifier.reports.landscape_line.stationary_line"
    monkeypatch.setattr(line, lambda form: remembered.line_once())
    for setting in SETTINGS.iterdir():
        shutil.copy(setting, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
