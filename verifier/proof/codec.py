"""Frozen dataclasses as JSON data and back, by their type hints; defaults are left out.

Whatever does not have exactly the form that the hints say is refused, and so is data that the
dataclass would write in another way, so that a file is read in one way only.

Trusted.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from . import context, statements
from .syntax import ProofError

_RATIONAL = re.compile(r"-?[0-9]{1,60}(/[0-9]{1,60})?")


@cache
def _hints(kind: type) -> dict[str, Any]:
    names = {**vars(context), **vars(statements)}
    return typing.get_type_hints(kind, names)


def encode(value: Any) -> Any:
    """A dataclass, tuple, mapping, text or number as JSON data."""
    if is_dataclass(value):
        data: dict[str, Any] = {"kind": type(value).__name__}
        for one in fields(value):
            inner = getattr(value, one.name)
            if inner != _default(one):
                data[one.name] = encode(inner)
        return data
    if isinstance(value, tuple):
        return [encode(inner) for inner in value]
    if isinstance(value, Mapping):
        return {key: encode(inner) for key, inner in value.items()}
    return str(value) if isinstance(value, Fraction) else value


def _default(one: Any) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


def decode(hint: Any, data: Any, where: str = "the file") -> Any:
    """The value of this type that the data describe; ProofError with one line on anything else."""
    if hint == context.Entries:
        if isinstance(data, list):
            return tuple(decode(hint, inner, where) for inner in data)
        return decode(Fraction, data, where)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, types.UnionType) or origin is typing.Union:
        return _union(arguments, data, where)
    if origin is tuple and isinstance(data, list):
        if arguments[-1] is Ellipsis:
            return tuple(decode(arguments[0], x, f"{where}[{k}]") for k, x in enumerate(data))
        if len(arguments) == len(data):
            return tuple(decode(h, x, where) for h, x in zip(arguments, data, strict=True))
    if origin is not None and issubclass(origin, Mapping) and isinstance(data, dict):
        return {key: decode(arguments[1], x, f"{where}.{key}") for key, x in data.items()}
    if hint is Fraction and isinstance(data, str) and _RATIONAL.fullmatch(data):
        numerator, _, denominator = data.partition("/")
        if not denominator or int(denominator):
            return Fraction(int(numerator), int(denominator or 1))
    if hint in (str, bool) and type(data) is hint:
        return data
    if hint is int and type(data) is int and abs(data) < 10**60:
        return data
    if is_dataclass(hint) and isinstance(data, dict) and data.get("kind") == _name(hint):
        return _record(hint, data, where)
    raise ProofError(f"{where}: {str(data)[:40]!r} is not what stands there")


def _name(kind: Any) -> str:
    return str(kind.__name__)


def _union(arguments: tuple[Any, ...], data: Any, where: str) -> Any:
    for hint in arguments:
        name = data.get("kind") if isinstance(data, dict) else None
        if is_dataclass(hint) and _name(hint) == name:
            return decode(hint, data, where)
    plain = [hint for hint in arguments if not is_dataclass(hint) and hint is not type(None)]
    if len(plain) == 1:
        return decode(plain[0], data, where)
    raise ProofError(f"{where}: {str(data)[:40]!r} is not what stands there")


def _record(kind: Any, data: dict[str, Any], where: str) -> Any:
    hints, known = _hints(kind), {one.name: one for one in fields(kind)}
    unknown = set(data) - set(known) - {"kind"}
    if unknown:
        raise ProofError(f"{where}: {kind.__name__} has no entry {min(unknown)[:40]!r}")
    missing = [x.name for x in known.values() if x.name not in data and _default(x) is MISSING]
    if missing:
        raise ProofError(f"{where}: {kind.__name__} lacks {missing[0]!r}")
    inner = {
        name: decode(hints[name], data[name], f"{where}.{name}") for name in data if name in known
    }
    return kind(**inner)
