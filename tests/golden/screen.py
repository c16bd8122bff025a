"""Run a command in this process as a terminal or a pipe would see it."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.__main__ import main

if TYPE_CHECKING:
    import pytest


class Screen(io.TextIOWrapper):
    """A UTF-8 stream in memory, a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        """All that was written."""
        self.flush()
        content: bytes = self.buffer.getvalue()  # type: ignore[attr-defined]
        return content.decode("utf-8")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command left behind."""

    code: int
    out: str
    err: str


def shown(words: tuple[str, ...], columns: int | None, patch: pytest.MonkeyPatch) -> Shown:
    """Run ``verifier words`` on a terminal of so many columns without colour, or in a pipe."""
    patch.setenv("NO_COLOR", "1")
    if columns is None:
        patch.delenv("COLUMNS", raising=False)
    else:
        patch.setenv("COLUMNS", str(columns))
    out, err = Screen(columns is not None), Screen(False)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return Shown(code, out.text(), err.text())
