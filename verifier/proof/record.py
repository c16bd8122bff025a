"""Proof files: a theorem's proofs as JSON data that a stranger can replay.

A file holds no code, only declarations, statements and certificates. ``load`` refuses whatever is
not exactly this format; ``replay`` runs the checker on every proof in it, with one account of fuel
for the whole file. The digest guards against accidental change; what a file proves is what the
checker accepted, nothing else in it.

Trusted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .codec import decode, encode
from .rules import FUEL, Checked, check
from .statements import Proof
from .syntax import Fuel, ProofError

FORMAT, VERSION = "verifier-proof", 2
MAX_BYTES, MAX_NESTING = 4_000_000, 200


@dataclass(frozen=True, slots=True)
class Record:
    """A theorem's identifier, title and source, and the proofs of its claims."""

    theorem: str
    title: str
    source: str
    proofs: tuple[Proof, ...]


def dump(record: Record) -> str:
    """The text of a proof file."""
    body = {"format": FORMAT, "version": VERSION, **encode(record)}
    return json.dumps({**body, "digest": _digest(body)}, indent=1, ensure_ascii=True) + "\n"


def load(content: str) -> Record:
    """Parse a proof file; ProofError with one line if it is damaged or of another format."""
    if len(content) > MAX_BYTES:
        raise ProofError(f"the proof file has more than {MAX_BYTES} characters")
    try:
        data = json.loads(
            content, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_refuse
        )
    except ProofError:
        raise
    except (ValueError, RecursionError):
        raise ProofError("the proof file is not valid JSON (truncated or altered?)") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProofError(f"not a proof file: 'format' must be {FORMAT!r}")
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise ProofError(
            f"proof file version {str(version)[:20]}; this program reads version {VERSION}"
        )
    _check_nesting(data)
    body = {key: value for key, value in data.items() if key != "digest"}
    if data.get("digest") != _digest(body):
        raise ProofError("the digest does not match the content: the file was altered")
    entries = {key: value for key, value in body.items() if key not in ("format", "version")}
    record: Record = decode(Record, entries)
    if encode(record) != entries:
        raise ProofError("the proof file has entries that are not part of the format")
    return record


def replay(record: Record) -> tuple[tuple[Proof, tuple[Checked, ...]], ...]:
    """Check every proof of the record; ProofError at the first step that fails."""
    fuel = Fuel(FUEL)
    return tuple((proof, check(proof, fuel)) for proof in record.proofs)


def _digest(body: Mapping[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _check_nesting(data: Any) -> None:
    """Bound the nesting, so that nothing that follows can exhaust the stack."""
    level = [data]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for entry in level
            if isinstance(entry, dict | list)
            for inner in (entry.values() if isinstance(entry, dict) else entry)
        ]
        if not level:
            return
    raise ProofError(f"the proof file is nested deeper than {MAX_NESTING} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProofError("the proof file gives one entry twice")
    return found


def _refuse(text: str) -> Any:
    raise ProofError(f"the proof file holds the number {text[:20]!r}; only whole numbers are read")
