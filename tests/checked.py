"""Registered theorems derived and checked, each once in a process."""

from __future__ import annotations

from functools import cache

import verifier
from verifier.theorem.theorem import Derivation, Report, check_theorem


@cache
def checked(name: str) -> Report:
    """What a check of the theorem finds, without numerical evidence."""
    return check_theorem(verifier.find(name), numerical=False)


@cache
def derived(name: str) -> Derivation:
    """The theorem's proofs and results, nothing claimed."""
    return verifier.find(name).derive({})
