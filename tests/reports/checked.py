"""Registered theorems with their proofs checked, each once in a process."""

from __future__ import annotations

from functools import cache

import verifier
from verifier.theorem.theorem import Report, check_theorem


@cache
def checked(name: str) -> Report:
    """What a check of the theorem finds, without numerical evidence."""
    return check_theorem(verifier.find(name), numerical=False)
