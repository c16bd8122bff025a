"""Random edits of proof files, and whether what an edited file proves is true."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from independent import Point, is_false
from proof_files import digested, edited
from slow_evaluation import Atoms

from verifier.proof.context import Context
from verifier.proof.counterexample import Counterexample
from verifier.proof.expression import ProofError
from verifier.proof.record import Record, dump, load, replay
from verifier.proof.statement import Minimum


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
            places = [k for k, c in enumerate(text) if c.isdigit()]
            at = draw.choice(places)
            text = text[:at] + str((int(text[at]) + draw.randint(1, 9)) % 10) + text[at + 1 :]
        else:
            length, to = draw.randint(1, 40), draw.randrange(len(text))
            span, rest = text[at : at + length], text[:at] + text[at + length :]
            text = rest[:to] + span + rest[to:]
    return text


def same_content(text: str, original: str) -> bool:
    """Whether the edit changed nothing but the layout."""
    try:
        return bool(json.loads(text) == json.loads(original))
    except ValueError:
        return False


def without_digest(record: Record, edits: int, seed: int) -> Counter[str]:
    """Edits that leave the digest as it was: each must be refused, or change the layout only."""
    original, draw, counts = dump(record), random.Random(seed), Counter[str]()
    for _ in range(edits):
        text = altered(original, draw)
        try:
            load(text)
        except ProofError:
            counts["refused"] += 1
        else:
            counts["layout only" if same_content(text, original) else "HOLE"] += 1
    return counts


def with_digest(record: Record, edits: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Edits with a fresh digest: what is accepted is the same, or another true statement."""
    data, draw, counts = json.loads(dump(record)), random.Random(seed), Counter[str]()
    known = {(p.context, s.statement) for p in record.proofs for s in p.steps}
    holes: list[str] = []
    for _ in range(edits):
        text = digested(edited(data, draw))
        try:
            replayed = replay(load(text))
        except ProofError:
            counts["refused"] += 1
            continue
        verdicts = {
            _verdict(proof.context, checked.step.statement, known, proof.steps)
            for proof, accepted in replayed
            for checked in accepted
        }
        for verdict in ("FALSE", "another law", "no point", "another true statement"):
            if verdict in verdicts:
                counts[verdict] += 1
                if verdict == "FALSE":
                    holes.append(text)
                break
        else:
            counts["the same statements"] += 1
    return counts, holes


def _verdict(context: Context, statement: Any, known: set[Any], steps: Any) -> str:
    if (context, statement) in known:
        return "the same statements"
    laws = {law for other, _ in known for law in other.laws if law.kind != "normal"}
    if any(law.kind != "normal" and law not in laws for law in context.laws):
        return "another law"
    minima = (s.statement for s in steps if isinstance(s.statement, Minimum))
    minimum = next((m for m in minima if m.objective == getattr(statement, "objective", "")), None)
    tried = 0
    for point in _points(context):
        tried += 1
        if is_false(point, statement, minimum):
            return "FALSE"
    return "another true statement" if tried else "no point"


def _points(context: Context) -> Iterator[Point]:
    """Points of the small record's context, or of a variant of it."""
    for n, p, c, u in itertools.product((1, 2), (1, 4), (0, 1, -2), (0, 1, -1)):
        known = {"n": n, "p": p, "c": c}
        scalars = {s.name: Fraction(known.get(s.name, 1)) for s in context.scalars}
        sizes = dict(context.sorts)
        tensors: dict[str, Any] = {}
        for tensor in context.tensors:
            shape = [int(scalars[sizes[sort]]) for sort in tensor.sorts]
            if len(shape) == 2:
                one = [[Fraction(int(i == j)) for j in range(shape[1])] for i in range(shape[0])]
                tensors[tensor.name] = tuple(map(tuple, one))
            elif shape:
                tensors[tensor.name] = tuple(Fraction(u + k) for k in range(shape[0]))
            else:
                tensors[tensor.name] = Fraction(u if tensor.name == "u" else 1)
        root = {1: 1, 4: 2}[p]
        atoms: Atoms = [
            (Fraction(1, 4), {("X", ()): Fraction(x), ("z", ()): Fraction(z * root)})
            for x in (-1, 1)
            for z in (-1, 1)
        ]
        discrete = {law.arrays: atoms for law in context.laws if law.kind != "normal"}
        try:
            yield Point(context, Counterexample(scalars, tensors), discrete)
        except (AssertionError, KeyError):
            continue
