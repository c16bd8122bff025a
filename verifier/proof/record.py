"""Proof files: a theorem's proofs as JSON data that a stranger can replay.

A file holds no code, only declarations, statements and certificates. ``load`` refuses whatever is
not exactly this format; ``replay`` runs the checker on every proof in it. The digest guards
against accidental change; what a file proves is what the checker accepted, nothing else in it.

Trusted base.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .checker import Checked, Proof, Step, check
from .context import context_from_data, context_to_data, records, text, texts
from .expression import ProofError
from .statement import statement_from_data, statement_to_data

FORMAT = "verifier-proof"
VERSION = 1
MAX_BYTES = 4_000_000
MAX_NESTING = 200


@dataclass(frozen=True, slots=True)
class Record:
    """A theorem's identifier, title and source, and the proofs of its claims."""

    theorem: str
    title: str
    source: str
    proofs: tuple[Proof, ...]


def dump(record: Record) -> str:
    """The text of a proof file."""
    body = _record_to_data(record)
    return json.dumps({**body, "digest": _digest(body)}, indent=1, ensure_ascii=True) + "\n"


def load(content: str) -> Record:
    """Parse a proof file; raises ProofError with one line if it is damaged or of another format."""
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
    _check_nesting(data)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ProofError(f"not a proof file: 'format' must be {FORMAT!r}")
    version = data.get("version")
    if type(version) is not int or version != VERSION:
        raise ProofError(
            f"proof file version {str(version)[:20]}; this program reads version {VERSION}"
        )
    body = {key: value for key, value in data.items() if key != "digest"}
    if data.get("digest") != _digest(body):
        raise ProofError("the digest does not match the content: the file was altered")
    record = _record_from_data(data)
    if _record_to_data(record) != body:
        raise ProofError("the proof file has entries that are not part of the format")
    return record


def replay(record: Record) -> tuple[tuple[Proof, tuple[Checked, ...]], ...]:
    """Check every proof of the record; raises ProofError at the first step that fails."""
    return tuple((proof, check(proof)) for proof in record.proofs)


def _record_to_data(record: Record) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "theorem": record.theorem,
        "title": record.title,
        "source": record.source,
        "proofs": [
            {
                "name": proof.name,
                "context": context_to_data(proof.context),
                "steps": [
                    {
                        "name": step.name,
                        "rule": step.rule,
                        "claim": step.claim,
                        "uses": list(step.uses),
                        "statement": statement_to_data(step.statement),
                        "certificate": step.certificate,
                    }
                    for step in proof.steps
                ],
            }
            for proof in record.proofs
        ],
    }


def _record_from_data(data: Mapping[str, Any]) -> Record:
    return Record(
        text(data, "theorem"),
        text(data, "title"),
        text(data, "source"),
        tuple(
            Proof(
                text(proof, "name"),
                context_from_data(_object(proof, "context")),
                tuple(
                    Step(
                        text(step, "name"),
                        text(step, "rule"),
                        statement_from_data(_object(step, "statement")),
                        _object(step, "certificate"),
                        texts(step.get("uses")),
                        text(step, "claim"),
                    )
                    for step in records(proof, "steps")
                ),
            )
            for proof in records(data, "proofs")
        ),
    )


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    if not isinstance(found, dict):
        raise ProofError(f"{key!r} must be an object")
    return found


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
            if isinstance(entry, (dict, list))
            for inner in (entry.values() if isinstance(entry, dict) else entry)
        ]
        if not level:
            return
    raise ProofError(f"the proof file is nested deeper than {MAX_NESTING} levels")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProofError("an object of the proof file has the same key twice")
    return found


def _refuse(value: str) -> Any:
    raise ProofError(f"the number {value[:20]!r} in the proof file is not exact")
