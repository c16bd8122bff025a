"""Long lists of cases: a few of them in the default run, all of them with ``-m deep``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def mostly_deep(cases: Sequence[Any], ids: Iterable[str], every: int) -> list[Any]:
    """Parameters of a test of one argument, or of several where a case is a list of values."""
    return [
        pytest.param(
            *(case if isinstance(case, list) else [case]),
            id=name,
            marks=() if k % every == 0 else pytest.mark.deep,
        )
        for k, (case, name) in enumerate(zip(cases, ids, strict=True))
    ]
