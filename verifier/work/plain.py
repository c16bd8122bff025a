"""Results of work as plain data, for files, and back.

Frozen dataclasses of numbers, texts, arrays of numbers or truth values, tuples of numbers, and
such dataclasses again. Floats keep all their digits in JSON.
"""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

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

    Its fields' annotations are texts; those of arrays have "array" in their names.

    Raises ``ValueError`` for anything else.
    """
    names = {item.name: str(item.type) for item in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(data, dict) or set(data) != set(names):
        raise ValueError("is damaged: a result does not have the parts that it should")
    module = sys.modules[kind.__module__]
    return kind(
        **{
            name: _field(hint, getattr(module, hint, None), data[name])
            for name, hint in names.items()
        }
    )


def _field(hint: str, named: Any, data: Any) -> Any:
    """The value of a field whose annotation is ``hint``; ``named`` is what has that name."""
    if isinstance(named, type) and is_dataclass(named):
        return from_plain(named, data)
    if isinstance(data, list) and "array" in hint.lower():
        array = np.array(data)
        return array if array.dtype == np.bool_ else array.astype(float)
    return tuple(data) if isinstance(data, list) else data
