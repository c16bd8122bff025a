"""Where text goes: streams with their width, colours and alphabet, and whole files.

Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TextIO

from verifier.render.symbols import GREEK

WIDTH = 100
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_PROBE = "σ²η∑≥ₙ₊₁ŷ−ℝ×✓✗─"
_ASCII = str.maketrans(
    {
        **{letter: name for name, letter in GREEK.items()},
        "ε": "e",
        "∑": "sum",
        "≥": ">=",
        "≤": "<=",
        "≈": "~",
        "≠": "!=",
        "−": "-",
        "–": "-",
        "—": "-",
        "×": " x ",
        "·": "*",
        "∈": "in",
        "ℝ": "R",
        "✓": "+",
        "✗": "x",
        "─": "-",
        "…": "...",
        "’": "'",
        "∞": "infinity",
        "→": "->",
        "²": "^2",
        "±": "+-",
        "ᵀ": "'",
        "√": "sqrt",
        "‖": "||",
        "│": "|",
    }
)


@dataclass(frozen=True, slots=True)
class Style:
    """What a stream can show: colours or not, Unicode or ASCII, and its width in columns."""

    colour: bool = False
    unicode: bool = True
    width: int = WIDTH

    @classmethod
    def of(cls, stream: TextIO, environment: Mapping[str, str] | None = None) -> Style:
        """The style for a stream: colour only on a terminal, and not where NO_COLOR is set."""
        known = os.environ if environment is None else environment
        terminal = stream.isatty()
        colour = terminal and not known.get("NO_COLOR") and known.get("TERM") != "dumb"
        width = min(WIDTH, shutil.get_terminal_size((WIDTH, 50)).columns) if terminal else WIDTH
        return cls(colour, can_show(stream, _PROBE), max(width, 60))

    def paint(self, text: str, *looks: str) -> str:
        """The text in the named looks (bold, dim, red, green, yellow, cyan)."""
        if not self.colour or not looks:
            return text
        return f"\033[{';'.join(_CODES[look] for look in looks)}m{text}\033[0m"

    def letters(self, text: str) -> str:
        """The text in letters that the stream can show."""
        return text if self.unicode else to_ascii(text)


def can_show(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def to_ascii(text: str) -> str:
    """The nearest ASCII text."""
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return "".join(
        letter if letter.isascii() else "?" for letter in plain if not unicodedata.combining(letter)
    )


def clean(text: str, limit: int | None = 400) -> str:
    """Foreign text as one printable line: no control characters, at most ``limit`` characters.

    ``None`` is for what must be read to its end, such as a hypothesis.
    """
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return line if limit is None or len(line) <= limit else f"{line[: limit - 3]}..."


def say(text: str, stream: TextIO | None = None) -> None:
    """Write text and a newline to a stream (default: standard output) in letters that it has."""
    target = sys.stdout if stream is None else stream
    target.write((text if can_show(target, text) else to_ascii(text)) + "\n")


def duration(seconds: float) -> str:
    """A time for people: seconds, minutes or hours."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


class Progress:
    """One line that is rewritten on standard error, if that is a terminal; nothing otherwise."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.shown = self.stream.isatty()

    def __call__(self, message: str) -> None:
        """Show this message in place of the last one."""
        if self.shown:
            self.stream.write(f"\r\033[K{message} ...")
            self.stream.flush()

    def clear(self) -> None:
        """Remove the line."""
        if self.shown:
            self.stream.write("\r\033[K")
            self.stream.flush()


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only once the block has ended without an error.

    The temporary file lies in the same directory and is made at once, so a place that cannot be
    written is found out before the work. A device or pipe is written directly. Raises OSError.
    """
    target = os.path.realpath(path)
    mode = os.stat(target).st_mode if os.path.exists(target) else None
    if mode is not None and stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "is a directory", path)
    if mode is not None and not stat.S_ISREG(mode):
        with open(target, "wb") as device:
            yield device
        return
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(13, "permission denied", path)
    folder = os.path.dirname(target)
    if not os.path.isdir(folder):
        raise FileNotFoundError(2, f"there is no folder {os.path.dirname(path)!r}", path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=folder)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _permissions(mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _permissions(mode: int | None) -> int:
    """Those of the file that is replaced, else those that a new file gets."""
    if mode is not None:
        return stat.S_IMODE(mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
