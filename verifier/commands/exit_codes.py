"""What the exit code of any command means: one table for all."""

from __future__ import annotations

PROVED, REFUTED, WRONG_INPUT, OPEN, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 130, 141

EXIT_CODES = {
    PROVED: "proved, or done",
    REFUTED: "refuted",
    WRONG_INPUT: "wrong usage or input",
    OPEN: "undecided, or a numerical check disagrees",
    INTERRUPTED: "interrupted",
    PIPE_CLOSED: "the reader of a pipe went away",
}


def table() -> str:
    """The table on lines of its own."""
    return "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
