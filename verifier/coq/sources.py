"""Where the Coq library and the extracted checker are, and where what is built of them is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

from verifier.work.cache import cache_folder

ROOT = Path(__file__).parent / "library"  # the folder coq/, in a checkout and when installed
LIBRARY = (
    "gaussian/sequences",
    "kernel/normal_form",
    "kernel/soundness",
    "kernel/division",
    "kernel/semantics",
    "kernel/isotropy",
    "kernel/rules",
    "kernel/pairs",
    "kernel/signs",
    "kernel/closed_means",
    "kernel/trees",
    "kernel/minima",
    "kernel/notation",
)
CHECKER = ("extracted/checker.ml", "extracted/driver.ml")


def text(name: str) -> str:
    """One file of the library."""
    return (ROOT / name).read_text(encoding="utf-8")


def built(names: tuple[str, ...], tool: str) -> Path:
    """The user's folder for what is built of these files by this version of a tool."""
    digest = hashlib.sha256(tool.encode())
    for name in names:
        digest.update(text(name).encode())
    return cache_folder("coq") / digest.hexdigest()[:16]
