"""Random edits of proof files, and whether what an edited file proves is true."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from attack_points import attack_points, judged
from steps import witnesses

from verifier.proof.context import Context
from verifier.proof.record import Record, _digest, dump, load, replay
from verifier.proof.rules import Checked, Proof, Statement
from verifier.proof.syntax import ProofError

Path = tuple[Any, ...]
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


# With the digest computed afresh, as a forger would


def digested(data: Mapping[str, Any]) -> str:
    """The file's text with the digest that belongs to its content."""
    body = {key: value for key, value in data.items() if key != "digest"}
    return json.dumps({**body, "digest": _digest(body)})


def edited(data: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """A copy with one random edit: of text, of a number or flag, or of the order or place."""
    changed: dict[str, Any] = copy.deepcopy(dict(data))
    every = [path for path in _paths(changed) if path[0] == "proofs"]
    path = draw.choice(every)
    holder = _at(changed, path[:-1])
    value = holder[path[-1]]
    if isinstance(value, str):
        holder[path[-1]] = _edited_text(value, draw)
    elif isinstance(value, bool):
        holder[path[-1]] = not value
    elif isinstance(value, int):
        holder[path[-1]] = value + draw.choice((-1, 1, 2))
    elif isinstance(value, list) and value and draw.random() < 0.7:
        at = draw.randrange(len(value))
        if draw.random() < 0.4:
            del value[at]
        elif draw.random() < 0.5:
            value.insert(draw.randrange(len(value) + 1), copy.deepcopy(value[at]))
        else:
            value.insert(draw.randrange(len(value)), value.pop(at))
    else:
        other = draw.choice(every)
        source = copy.deepcopy(_at(changed, other))
        if other[: len(path)] != path:
            holder[path[-1]] = source
    return changed


def _paths(data: Any, before: Path = ()) -> Iterator[Path]:
    """The path of every value in nested JSON data."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from _paths(value, (*before, key))


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _edited_text(text: str, draw: random.Random) -> str:
    at, kind = draw.randrange(len(text) + 1), draw.randrange(4)
    if kind == 0 or not text:
        return text[:at] + draw.choice("0123456789+-*/^()[],ijkncpuMNy ") + text[at:]
    at = draw.randrange(len(text))
    if kind == 1:
        return text[:at] + text[at + 1 :]
    swaps = {"+": "-", "-": "+", "*": "+", "1": "2", "2": "3", "i": "j", "j": "i", "0": "1"}
    swaps |= {"M": "N", "N": "M", "k": "h", "d": "n", "n": "d", "=": ">", ">": "="}
    if kind == 2:
        places = [k for k, c in enumerate(text) if c in swaps]
        at = draw.choice(places) if places else at
        return text[:at] + swaps.get(text[at], "n") + text[at + 1 :]
    return text[:at] + draw.choice("0123456789+-*/^()[],ijkncpuMNy") + text[at + 1 :]


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
