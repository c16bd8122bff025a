"""Reading TOML tables key by key: each value under the name of its file and key.

What is wrong is said in one line that names file, table and key, and what would be right.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from verifier.setting.magnitudes import check_numbers
from verifier.setting.numbers import positive_integer

MAXIMUM_BYTES = 1_000_000

_QUOTED = re.compile(r"\"[^\"]*(?:\"|$)|'[^']*(?:'|$)|#.*")
_FRACTION = re.compile(r"(?<![\w./])([+-]?[0-9]+)\s*/\s*([0-9]+)(?![\w./])")

T = TypeVar("T")


class Decimal(str):
    """A number with a point, kept as its text: exact, and told apart from a text in quotes."""


def parse_document(content: bytes, name: str) -> dict[str, Any]:
    """The tables of a TOML file; ``ValueError`` in one line that begins with ``name``."""
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"{name}: a setting file has at most {MAXIMUM_BYTES} bytes")
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise ValueError(f"{name}: the file is not UTF-8 text") from None
    except RecursionError:
        raise ValueError(f"{name}: the file is nested too deeply") from None
    except ValueError as error:
        reason = _unquoted_fraction(content.decode("utf-8-sig"))
        reason = reason or f"not a TOML file: {' '.join(str(error).split())}"
        raise ValueError(f"{name}: {reason}") from None


@dataclass(frozen=True, slots=True)
class Tables:
    """One parsed document; every value is read under the name of its file and key.

    ``prefix`` stands before the names of tables: "test." for those under [test].
    """

    name: str
    document: Mapping[str, Any]
    prefix: str = ""

    def table(self, table: str) -> Mapping[str, Any]:
        """The table, empty where it is missing."""
        found: Mapping[str, Any] = self.document.get(table, {})
        return found

    def check(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Raises ``ValueError`` for a table or key that is not in ``keys``."""
        self.known("table", self.prefix and f"[{self.prefix[:-1]}] ", self.document, tuple(keys))
        for table, known in keys.items():
            value = self.document.get(table, {})
            if not isinstance(value, dict):
                raise ValueError(
                    f"{self.name}: {self.prefix}{table} must be a table: [{self.prefix}{table}]"
                )
            self.known("key", f"[{self.prefix}{table}] ", value, known)

    def at(self, table: str, key: str, read: Callable[[Any], T], standard: Any) -> T:
        """``read`` of the value under the key, or of ``standard``."""
        value = self.table(table).get(key, standard)
        self.guard(table, key, lambda: check_numbers(value))
        return self.guard(table, key, lambda: read(value))

    def guard(self, table: str, key: str, work: Callable[[], T]) -> T:
        """What ``work`` gives; its errors under the name of file and key."""
        try:
            return work()
        except (ValueError, TypeError) as error:
            message = str(error)
            if message.startswith(f"{self.name}: "):
                raise
            raise self.wrong(table, key, message) from None

    def wrong(self, table: str, key: str, message: str) -> ValueError:
        """The error for a key."""
        return ValueError(f"{self.name}: [{self.prefix}{table}] {key}: {message}")

    def known(self, what: str, where: str, given: Iterable[str], known: tuple[str, ...]) -> None:
        """Raises ``ValueError`` for the first name that is not known."""
        for key in given:
            if key not in known:
                shown = key if len(key) <= 40 else f"{key[:37]}..."
                raise ValueError(
                    f"{self.name}: {where}unknown {what} {shown!r}{nearest(key, known)}"
                )


def nearest(name: str, known: tuple[str, ...]) -> str:
    """A hint: the nearest known name, or all of them."""
    near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def integer(value: Any, name: str) -> int:
    """A whole number of at least 1."""
    if isinstance(value, str | list | dict):
        shown = value if isinstance(value, Decimal) else kind(value)
        raise TypeError(f"{name} must be an integer, not {shown[:40]}")
    return positive_integer(value, name)


def text(value: Any) -> str:
    """A text in quotes."""
    if not isinstance(value, str) or isinstance(value, Decimal):
        raise TypeError(f"must be a text in quotes, not {kind(value)}")
    return value


def kind(value: Any) -> str:
    """A TOML value's kind in words."""
    names = {dict: "a table", list: "a list", bool: "true or false", str: "a text"}
    names |= {int: "a number", Decimal: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")


def _unquoted_fraction(content: str) -> str:
    """The line and spelling of a fraction without quotes, the usual reason why TOML cannot be
    read; '' where there is none.
    """
    for number, line in enumerate(content.splitlines(), 1):
        bare = _QUOTED.sub("", line)
        found = _FRACTION.search(bare)
        if found:
            return f'a fraction needs quotes: write "{found[1]}/{found[2]}" (line {number})'
    return ""
