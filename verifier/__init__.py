"""A symbolic and numeric theorem verifier for the theory of in-context learning.

The Python face, for notebooks and other programs. Everything is loaded when it is first used, so
that ``import verifier`` and ``python -m verifier recheck`` need the standard library alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from verifier.explore.answer import ExploreOptions
    from verifier.loss.expected_loss import expected_loss
    from verifier.moments.question import expectation
    from verifier.proof.record import dump, load, replay
    from verifier.reports.notebook import ShownReport
    from verifier.reports.notebook_answers import ShownExploration, ShownLandscape
    from verifier.setting.data import Setting
    from verifier.setting.setting_file import parse_setting
    from verifier.theorem.registry import find, theorems
    from verifier.theorem.theorem import Options, Report, Theorem, check_theorem
    from verifier.theorem.verdict import Verdict

__version__ = "0.2.0"
__all__ = [
    "Options",
    "Report",
    "Theorem",
    "Verdict",
    "check",
    "check_theorem",
    "dump",
    "expectation",
    "expected_loss",
    "explore_setting",
    "find",
    "landscape",
    "load",
    "parse_setting",
    "replay",
    "theorems",
]

# public name: module that defines it
_HOME = {
    "Options": "verifier.theorem.theorem",
    "Report": "verifier.theorem.theorem",
    "Theorem": "verifier.theorem.theorem",
    "Verdict": "verifier.theorem.verdict",
    "check_theorem": "verifier.theorem.theorem",
    "dump": "verifier.proof.record",
    "expectation": "verifier.moments.question",
    "expected_loss": "verifier.loss.expected_loss",
    "find": "verifier.theorem.registry",
    "load": "verifier.proof.record",
    "parse_setting": "verifier.setting.setting_file",
    "replay": "verifier.proof.record",
    "theorems": "verifier.theorem.registry",
}


def check(
    theorem: str | Theorem,
    options: Options | None = None,
    claimed: Mapping[str, str] | None = None,
    numerical: bool = True,
) -> ShownReport:
    """Derive a theorem, prove it, try to refute it; the report shows itself in a notebook.

    ``theorem``: an identifier from `theorems`, or a `Theorem` of your own. ``options`` sizes the
    numerical evidence, ``claimed`` puts your own claims (texts of the index language) in place of
    what is derived, and ``numerical=False`` leaves it at the proofs. ValueError on bad input.
    """
    from verifier.reports.notebook import ShownReport
    from verifier.theorem.registry import find
    from verifier.theorem.theorem import check_theorem

    found = find(theorem) if isinstance(theorem, str) else theorem
    return ShownReport.of(check_theorem(found, options, claimed, numerical=numerical))


def landscape(
    dimension: int, context_length: int, noise: int | str | Fraction = 0
) -> ShownLandscape:
    """Every stationary point in (omega, N) of Theorem 1's loss at one (d, n, sigma2), exactly.

    ``noise`` is exact: an int, a Fraction, ``"1/3"`` or ``"0.1"``. ValueError on bad input. A
    notebook shows it as a report.
    """
    from verifier.reports.notebook_answers import ShownLandscape
    from verifier.setting.numbers import nonnegative_number
    from verifier.stationary.stationary_points import landscape as stationary_points

    variance = nonnegative_number(noise, "noise variance")
    return ShownLandscape.of(stationary_points(dimension, context_length, variance))


def explore_setting(
    setting: str | Setting, options: ExploreOptions | None = None
) -> ShownExploration:
    """The best layer in a setting of your own: a setting file's path, or a `Setting`.

    The answer says which of its parts are computed and which supported; a notebook shows it as a
    report. A file may say where the layer is tested. OSError or ValueError, in one line with file
    and key, on bad input.
    """
    from verifier.explore.asked import explore_question
    from verifier.reports.notebook_answers import ShownExploration
    from verifier.setting.question import Question, read_question

    question = read_question(setting) if isinstance(setting, str) else Question(setting)
    return ShownExploration.of(explore_question(question, options))


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'verifier' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
