"""What takes long, done once for all golden cases and laws: checking, exploring, falsifying."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from specimen import OPPOSED, SPECIMEN

import verifier.explore.exploration
import verifier.theorem.falsify
import verifier.theorem.registry
import verifier.theorem.theorem
from verifier.loss.isotropic import isotropic_form
from verifier.stationary.one_dimension import LineLandscape, stationary_line
from verifier.stationary.phase import boundary
from verifier.theorem.falsify import Finding
from verifier.theorem.theorem import Options, Report, Theorem

THEOREMS = {
    **verifier.theorem.registry.theorems(),
    "specimen": SPECIMEN,
    "opposed": OPPOSED,
}

boundary_once = cache(boundary)
explore_once = cache(verifier.explore.exploration.explore)
_falsify = verifier.theorem.falsify.falsify
_findings: dict[tuple[str, str], Finding] = {}


@cache
def _checked(
    name: str, options: Options, claimed: tuple[tuple[str, str], ...], numerical: bool
) -> Report:
    return verifier.theorem.theorem.check_theorem(
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


def falsify_once(
    theorem: Theorem, hypothesis: verifier.theorem.theorem.Hypothesis, find: object
) -> Finding:
    """``falsify``, remembered."""
    key = theorem.id, hypothesis.id
    if key not in _findings:
        _findings[key] = _falsify(theorem, hypothesis, THEOREMS.__getitem__)
    return _findings[key]


@cache
def line_once() -> LineLandscape:
    """The stationary set at d = 1, remembered."""
    return stationary_line(isotropic_form())
