"""Random edits of proof files, and whether what an edited file proves is true."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from attack_points import attack_points, judged
from mutated_steps import witnesses
from proof_files import digested, edited

from verifier.proof.context import Context
from verifier.proof.record import Record, dump, load, replay
from verifier.proof.rules import Checked
from verifier.proof.statements import Proof, Statement
from verifier.proof.syntax import ProofError

Known = set[tuple[Context, str]]


def altered(text: str, draw: random.Random) -> str:
    """The text with one to three random edits of single characters, spans or digits."""
    for _ in range(draw.randint(1, 3)):
        at, kind = draw.randrange(len(text)), draw.randrange(5)
        if kind == 0:
            text = text[:at] + chr(ord(text[at]) ^ (1 << draw.randrange(7))) + text[at + 1 :]
        elif kind == 1:
            text = text[:at] + text[at + draw.randint(1, 30) :]
        elif kind == 2:
            text = text[:at] + draw.choice('0123456789"[]{},:+-*/^() ') + text[at:]
        elif kind == 3:
            at = draw.choice([k for k, c in enumerate(text) if c.isdigit()])
            text = text[:at] + str((int(text[at]) + draw.randint(1, 9)) % 10) + text[at + 1 :]
        else:
            length, to = draw.randint(1, 40), draw.randrange(len(text))
            span, rest = text[at : at + length], text[:at] + text[at + length :]
            text = rest[:to] + span + rest[to:]
    return text


def without_digest(record: Record, edits: int, seed: int) -> Counter[str]:
    """Edits that leave the digest as it was: each must be refused, or change the layout only."""
    original, draw, counts = dump(record), random.Random(seed), Counter[str]()
    content = json.loads(original)
    for _ in range(edits):
        text = altered(original, draw)
        try:
            load(text)
        except ProofError:
            counts["refused"] += 1
        else:
            counts["layout only" if json.loads(text) == content else "FALSE"] += 1
    return counts


def with_digest(record: Record, edits: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Edits with a fresh digest: what is accepted is the same, or another true statement."""
    data, draw, counts = json.loads(dump(record)), random.Random(seed), Counter[str]()
    known = {(_bare(p.context), repr(s.statement)) for p in record.proofs for s in p.steps}
    holes: list[str] = []
    for _ in range(edits):
        text = digested(edited(data, draw))
        try:
            replayed = replay(load(text))
        except ProofError:
            counts["refused"] += 1
            continue
        found = {one for proof, accepted in replayed for one in _verdicts(proof, accepted, known)}
        order = ("FALSE", "no point", "another true statement", "the same statements")
        verdict = next((one for one in order if one in found), "nothing is stated")
        counts[verdict] += 1
        if verdict == "FALSE":
            holes.append(text)
    return counts, holes


def _verdicts(proof: Proof, accepted: tuple[Checked, ...], known: Known) -> Iterator[str]:
    new = [x.step for x in accepted if not _is_known(proof.context, x.step.statement, known)]
    if len(new) < len(accepted):
        yield "the same statements"
    places = attack_points(proof.context, witnesses(proof), 3) if new else []
    for step in new:
        tried, at = judged(places, step)
        yield "FALSE" if at else "another true statement" if tried else "no point"


def _is_known(context: Context, statement: Statement, known: Known) -> bool:
    """Whether the statement stood in the original."""
    return (_bare(context), repr(statement)) in known


def _bare(context: Context) -> Context:
    """The context without what says nothing: instances, and lemmas in words."""
    return replace(context, instances=(), assumptions=())
