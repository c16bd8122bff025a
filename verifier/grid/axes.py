"""Which keys of a setting file a sweep goes over, and their values.

``prompt.context_length=1:100`` (steps of one), ``noise.variance=0:4:41`` (41 evenly spaced values),
``task.law=normal,uniform`` (a list), ``covariates.covariance=identity,[1,2]`` (lists of TOML).
Values are exact, in the words that a setting file takes.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from verifier.setting.layer_tables import LAYER_KEYS, TRAINING_KEYS
from verifier.setting.numbers import exact_number
from verifier.setting.setting_file import KEYS
from verifier.setting.toml_tables import nearest

MAXIMUM_CELLS, MAXIMUM_VALUES = 10**6, 10**5
_TEST_KEYS = ("context_length", "scale", "query_covariance")
_FURTHER = ("task.outputs", "task.response.width", "task.response.normalised")
TomlValue = int | str | bool | list[Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """One key, ``path`` from the document's root, and the values that it takes."""

    path: tuple[str, ...]
    values: tuple[TomlValue, ...]

    @property
    def name(self) -> str:
        """The key with its tables, such as noise.variance."""
        return ".".join(self.path)

    @property
    def text(self) -> str:
        """The values as `read_axis` takes them, a range where they are evenly spaced."""
        listed = ",".join(map(value_text, self.values))
        low, high = str(self.values[0]), str(self.values[-1])
        for words in (f"{low}:{high}", f"{low}:{high}:{len(self.values)}"):
            with contextlib.suppress(ValueError):
                if len(words) < len(listed) and tuple(_values(words, self.name)) == self.values:
                    return words
        return listed


def read_axis(text: str) -> Axis:
    """The axis that ``text`` means; ``ValueError`` in one line that begins with --over."""
    name, equals, values = text.partition("=")
    if not equals or not values.strip():
        raise ValueError(f"--over: {text[:60]!r} is not of the form noise.variance=0:4:41")
    path = tuple(name.strip().split("."))
    known = known_keys()
    if ".".join(path) not in known:
        raise ValueError(f"--over: unknown key {name.strip()[:60]!r}{nearest(name.strip(), known)}")
    return Axis(path, tuple(_values(values.strip(), name.strip())))


def known_keys() -> tuple[str, ...]:
    """Every key that a sweep can go over."""
    keys = [f"{table}.{key}" for table, names in KEYS.items() for key in names]
    keys += [f"layer.{key}" for key in LAYER_KEYS]
    keys += [f"training.{key}" for key in TRAINING_KEYS]
    keys += [f"test.{key}" for key in _TEST_KEYS]
    shifted = ("covariates", "task", "noise")
    keys += [f"test.{table}.{key}" for table in shifted for key in KEYS[table]]
    return (*keys, *_FURTHER)


def _values(text: str, name: str) -> Sequence[TomlValue]:
    if ":" in text:
        return [_toml(value) for value in _range(text, name)]
    words = [word.strip() for word in _split(text, name)]
    if len(words) > MAXIMUM_VALUES:
        raise ValueError(f"--over {name}: more than {MAXIMUM_VALUES} values")
    found = [_word(word, name) for word in words]
    if len(set(map(repr, found))) < len(found):
        raise ValueError(f"--over {name}: a value occurs twice")
    return found


def _split(text: str, name: str) -> list[str]:
    """The text at its commas, but for those within brackets."""
    words, depth = [""], 0
    for letter in text:
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if depth < 0:
            break
        if letter == "," and not depth:
            words.append("")
        else:
            words[-1] += letter
    if depth:
        raise ValueError(f"--over {name}: a bracket is not closed, or not opened")
    return words


def _range(text: str, name: str) -> list[Fraction]:
    low, high, *rest = text.split(":")
    if len(rest) > 1:
        raise ValueError(f"--over {name}: {text[:40]!r} is not START:STOP or START:STOP:COUNT")
    start, stop = (exact_number(word, f"--over {name}") for word in (low, high))
    if start > stop:
        raise ValueError(f"--over {name}: the range {text[:40]!r} starts beyond its end")
    count = int(stop - start) + 1
    if rest:
        if not rest[0].strip().isdigit() or not int(rest[0]):
            raise ValueError(f"--over {name}: {rest[0][:20]!r} is not a number of values")
        count = int(rest[0])
    if count > MAXIMUM_VALUES:
        raise ValueError(f"--over {name}: {count} values are too many; at most {MAXIMUM_VALUES}")
    if not rest:
        return [start + k for k in range(count)]
    if count == 1 and start < stop:
        raise ValueError(
            f"--over {name}: {text[:40]!r} asks for one value of a range; give it alone"
        )
    if count == 1:
        return [start]
    return [start + (stop - start) * k / (count - 1) for k in range(count)]


def _word(word: str, name: str) -> TomlValue:
    if not word:
        raise ValueError(f"--over {name}: an empty value")
    if word in ("true", "false"):
        return word == "true"
    if word.startswith("["):
        return [_word(part.strip(), name) for part in _split(word[1:-1], name)]
    try:
        return _toml(exact_number(word))
    except ValueError:
        return word


def _toml(value: Fraction) -> TomlValue:
    return int(value) if value.denominator == 1 else str(value)


def value_text(value: TomlValue) -> str:
    """A value in a table: lists, true and false as TOML writes them."""
    return json.dumps(value) if isinstance(value, list | bool) else str(value)


@dataclass(frozen=True, slots=True)
class SettingGrid:
    """A setting file's document and the axes; cells in the order of the axes, the last fastest.

    Raises ``ValueError`` for no axis, one that occurs twice, or more than 10^6 cells.
    """

    document: Mapping[str, Any]
    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if not self.axes:
            raise ValueError("--over: at least one is needed, such as --over noise.variance=0:4:41")
        names = [axis.name for axis in self.axes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"--over {name}: is given twice")
        if self.size > MAXIMUM_CELLS:
            raise ValueError(f"{self.size} cells are too many at once; at most {MAXIMUM_CELLS}")

    @property
    def size(self) -> int:
        """The number of cells."""
        return prod(len(axis.values) for axis in self.axes)

    def cells(self) -> list[tuple[TomlValue, ...]]:
        """The values of every cell."""
        return list(product(*(axis.values for axis in self.axes)))

    def cell_document(self, values: Sequence[TomlValue]) -> dict[str, Any]:
        """The document with a cell's values in place."""
        document = _copied(self.document)
        for axis, value in zip(self.axes, values, strict=True):
            table = document
            for name in axis.path[:-1]:
                table = table.setdefault(name, {})
                if not isinstance(table, dict):
                    raise ValueError(f"--over {axis.name}: {name} is no table in the setting file")
            table[axis.path[-1]] = value
        found: dict[str, Any] = document
        return found


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return value
