"""Results of work as plain data, for files, and back.

Frozen dataclasses of numbers, texts, arrays of numbers or truth values, tuples of numbers, and
such dataclasses again. Floats keep all their digits in JSON.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

import numpy as np

Result = TypeVar("Result")


def to_plain(value: Any) -> Any:
    """Dictionaries, lists, numbers and texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[Result], data: Any) -> Result:
    """The dataclass ``kind`` that `to_plain` took apart.

    Raises ``ValueError`` for anything else.
    """
    hints = get_type_hints(kind)
    names = [item.name for item in fields(kind)]  # type: ignore[arg-type]
    if not isinstance(data, dict) or set(data) != set(names):
        raise ValueError("is damaged: a result does not have the parts that it should")
    return kind(**{name: _field(hints[name], data[name]) for name in names})


def _field(hint: Any, data: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return from_plain(hint, data)
    if isinstance(data, list) and "ndarray" in str(hint):
        array = np.array(data)
        return array if array.dtype == np.bool_ else array.astype(float)
    return tuple(data) if isinstance(data, list) else data
