"""``list``: every registered theorem, with its title and source."""

from __future__ import annotations

import argparse
import json
import sys

from verifier.render.columns import fold
from verifier.render.prose import pretty
from verifier.render.streams import Style, say
from verifier.theorem import registry
from verifier.theorem.theorem import Theorem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """In which form."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.epilog = "prints identifier, title and source of every theorem"


def run(arguments: argparse.Namespace) -> int:
    """Print the table of theorems."""
    known = registry.theorems()
    if not known:
        say("no theorem is registered")
        return 0
    if arguments.json:
        say(json.dumps({"theorems": [_record(theorem) for theorem in known.values()]}, indent=2))
        return 0
    style = Style.of(sys.stdout)
    names = max(map(len, known)) + 2
    for theorem in known.values():
        title = pretty(theorem.title, style.unicode)
        lines = fold(title, style.width, f"{theorem.id:<{names}}", " " * names)
        lines += fold(theorem.source, style.width, " " * names, " " * names)
        say(style.letters("\n".join(lines)))
    return 0


def _record(theorem: Theorem) -> dict[str, object]:
    """A theorem's words, as in a report's JSON record."""
    return {
        "theorem": theorem.id,
        "title": theorem.title,
        "source": theorem.source,
        "statement": theorem.statement,
        "claims": [
            {"id": claim.id, "words": claim.words, "source": claim.source}
            for claim in theorem.claims
        ],
    }
