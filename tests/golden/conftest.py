"""Golden files: ``python -m pytest tests/golden --renew`` writes them anew, to be looked at.

The theorems are the registered ones and the specimen. What takes long is done once for all cases
that show it: a theorem is checked, a setting explored, a hypothesis dropped.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from specimen import OPPOSED, SPECIMEN

import verifier.explore.exploration
import verifier.falsify
import verifier.registry
import verifier.theorem
from verifier.exact.isotropic import isotropic_form
from verifier.exact.phase import boundary
from verifier.exact.stationary import LineLandscape, stationary_line
from verifier.theorem import Options, Report, Theorem

SETTINGS = Path(__file__).parent / "settings"
THEOREMS = {**verifier.registry.theorems(), "specimen": SPECIMEN, "opposed": OPPOSED}
CHECKING = ("commands.check", "commands.derive", "commands.coverage", "falsify")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option of this folder."""
    parser.addoption("--renew", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def renew(request: pytest.FixtureRequest) -> bool:
    """Whether files are written instead of compared."""
    return bool(request.config.getoption("renew", default=False))


@cache
def _checked(
    name: str, options: Options, claimed: tuple[tuple[str, str], ...], numerical: bool
) -> Report:
    return verifier.theorem.check_theorem(
        THEOREMS[name], options, dict(claimed), numerical=numerical
    )


def check_once(
    theorem: Theorem,
    options: Options | None = None,
    claimed: Mapping[str, str] | None = None,
    progress: object = None,
    numerical: bool = True,
) -> Report:
    """``check_theorem``, remembered."""
    given = tuple((claimed or {}).items())
    return _checked(theorem.id, options or Options(), given, numerical)


boundary_once = cache(boundary)
explore_once = cache(verifier.explore.exploration.explore)


@cache
def line_once() -> LineLandscape:
    """The stationary set at d = 1, remembered."""
    return stationary_line(isotropic_form())


_falsify = verifier.falsify.falsify
_findings: dict[tuple[str, str], verifier.falsify.Finding] = {}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[str, ...]], None]:
    """A function that narrows the registry; until it is called, all theorems are there."""

    def narrowed(names: tuple[str, ...]) -> None:
        chosen = {name: THEOREMS[name] for name in names}
        monkeypatch.setattr(verifier.registry, "theorems", lambda: chosen)
        monkeypatch.setattr("verifier.commands.coverage.theorems", lambda: chosen)

    monkeypatch.setattr(verifier.registry, "theorems", lambda: THEOREMS)
    return narrowed


@pytest.fixture
def bench(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, known: Callable[[tuple[str, ...]], None]
) -> Path:
    """An empty folder with the settings, as the current one; repeated work is remembered."""

    def explored(setting: Any, options: Any, progress: object) -> Any:
        return explore_once(setting, options)

    def falsified(theorem: Theorem, hypothesis: Any, find: Any) -> verifier.falsify.Finding:
        key = theorem.id, hypothesis.id
        if key not in _findings:
            _findings[key] = _falsify(theorem, hypothesis, find)
        return _findings[key]

    for module in CHECKING:
        monkeypatch.setattr(f"verifier.{module}.check_theorem", check_once)
    monkeypatch.setattr(verifier.explore.exploration, "explore", explored)
    monkeypatch.setattr(verifier.falsify, "falsify", falsified)
    monkeypatch.setattr("verifier.commands.phase_diagram.boundary", boundary_once)
    monkeypatch.setattr("verifier.document.landscape_line.stationary_line", lambda _: line_once())
    for setting in SETTINGS.iterdir():
        shutil.copy(setting, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path
