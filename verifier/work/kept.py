"""Pieces of work whose results are kept in a file, so that what is finished is not done again.

One JSON object a line: first a header that says which work it is, then a result for each finished
piece, as it comes. A line that was cut off by an interruption is dropped.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from verifier.work.engine import Engine

FLUSH_EVERY = 1.0
Progress = Callable[[int, int, float | None], None]


def no_progress(done: int, total: int, seconds: float | None) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The file ``path`` of the work that ``header`` identifies; ``what`` names it: "a sweep".

    ``reason`` says what is other where the header does not fit; its keys, if it is empty.
    """

    path: str
    header: Mapping[str, Any]
    what: str
    reason: str = ""

    def read(self, size: int) -> dict[int, Any]:
        """The results of an earlier run, by the numbers of their pieces; none without a file.

        Raises ``ValueError`` in one line for any other file, or one of other work.
        """
        if not os.path.exists(self.path):
            return {}
        with open(self.path, encoding="utf-8", errors="replace") as file:
            first = _object(file.readline())
            if first is None or first.get("format") != self.header["format"]:
                raise ValueError(f"{self.path}: is not a file of {self.what} that can be resumed")
            if first.get("version") != self.header["version"]:
                raise ValueError(f"{self.path}: is of version {str(first.get('version'))[:20]}")
            other = [key for key in self.header if first.get(key) != _plain(self.header[key])]
            if other:
                reason = self.reason or f"other {', '.join(other)}"
                name = self.what.removeprefix("a ")
                raise ValueError(f"{self.path}: belongs to another {name}: {reason}")
            found = {}
            for line in file:
                piece = _object(line)
                index = None if piece is None else piece.get("piece")
                if piece is not None and isinstance(index, int) and 0 <= index < size:
                    found[index] = piece.get("result")
        return found

    def start(self, found: Mapping[int, Any]) -> IO[str]:
        """The file, open for further results, with what is known already in it."""
        folder = os.path.dirname(self.path)
        if folder and not os.path.isdir(folder):
            raise FileNotFoundError(2, f"there is no folder {folder!r}", self.path)
        # A new file beside the old one, so that an interruption at this moment loses neither.
        temporary = f"{self.path}.new"
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(json.dumps(self.header) + "\n")
            file.writelines(result_line(index, result) for index, result in found.items())
        os.replace(temporary, self.path)
        return open(self.path, "a", encoding="utf-8")


def result_line(index: int, result: Any) -> str:
    """One result as a line of the file."""
    return json.dumps({"piece": index, "result": result}) + "\n"


def run_kept(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    engine: Engine,
    file: IO[str] | None,
    found: dict[int, Any],
    progress: Progress = no_progress,
    chunk: int = 1,
) -> None:
    """Call ``function`` on every item whose result ``found`` lacks, fill it in, append to ``file``.

    Results are plain data. ``progress(done, total, seconds left)`` is called after every piece. An
    exception leaves in ``found`` and in the file what was finished before.
    """
    left = [index for index in range(len(items)) if index not in found]
    started, before = time.monotonic(), len(found)
    flushed = started

    def keep(place: int, result: Any) -> None:
        nonlocal flushed
        found[left[place]] = result
        now = time.monotonic()
        if file is not None:
            file.write(result_line(left[place], result))
            if now - flushed > FLUSH_EVERY:
                file.flush()
                flushed = now
        done = len(found) - before
        progress(len(found), len(items), (now - started) / done * (len(left) - done))

    try:
        engine.run(function, [items[index] for index in left], keep, chunk)
    finally:
        if file is not None:
            file.flush()


def all_kept(
    function: Callable[[Any], Any],
    items: Sequence[Any],
    engine: Engine,
    kept: Kept | None,
    progress: Progress = no_progress,
) -> list[Any]:
    """Every item's result in order, those in the file ``kept`` taken from there."""
    found = {} if kept is None else kept.read(len(items))
    with contextlib.nullcontext() if kept is None else kept.start(found) as file:
        run_kept(function, items, engine, file, found, progress)
    return [found[index] for index in range(len(items))]


def _plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(json.dumps(value))


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
