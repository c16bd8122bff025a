"""What was found for a setting, kept on disk by content, so that a second run need not search.

A file is named by the digest of the setting and of the program that reads it. Nothing in it is
trusted: the checker replays its proofs like new ones. What cannot be read or written is ignored.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.proof.codec import decode, encode
from verifier.proof.context import Definition
from verifier.proof.record import Record, dump, load
from verifier.proof.syntax import ProofError
from verifier.theorem.theorem import Derivation
from verifier.work.cache import cache_folder

PACKAGES = ("prover", "proof")


@dataclass(frozen=True, slots=True)
class Found:
    """The derivation of a setting, whether its minimum is attained, and what may be claimed."""

    attained: bool
    claimable: tuple[str, ...]
    derivation: Derivation


def stored(setting: bytes, find: Callable[[], Found], use: bool = True) -> Found:
    """What was found for a setting file of this content, or what is found now and kept."""
    path = cache_folder("prove") / f"{_digest(setting)}.json" if use else None
    found = None if path is None else _read(path)
    if found is None:
        found = find()
        if path is not None:
            _write(path, found)
    return found


def _digest(setting: bytes) -> str:
    """Of the setting and of every module that finds or checks a proof."""
    found = hashlib.sha256(setting)
    root = Path(__file__).parent.parent
    for package in PACKAGES:
        for module in sorted((root / package).rglob("*.py")):
            found.update(module.read_bytes())
    return found.hexdigest()


def _read(path: Path) -> Found | None:
    try:
        data = json.loads(path.read_text(encoding="ascii"))
        record = load(data["record"])
        fillings = decode(tuple[tuple[Definition, ...], ...], data["fillings"])
        derivation = Derivation(record.proofs, data["results"], fillings)
        attained, claimable = bool(data["attained"]), tuple(map(str, data["claimable"]))
    except (OSError, ValueError, KeyError, TypeError, ProofError):
        return None
    return Found(attained, claimable, derivation)


def _write(path: Path, found: Found) -> None:
    """Whole, or not at all."""
    derivation = found.derivation
    data: dict[str, Any] = {
        "attained": found.attained,
        "claimable": found.claimable,
        "record": dump(Record("", "", "", derivation.proofs)),
        "results": dict(derivation.results),
        "fillings": encode(derivation.fillings),
    }
    temporary = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(data), encoding="ascii")
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
