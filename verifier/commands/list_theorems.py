"""``list``: one line per registered theorem."""

from __future__ import annotations

import argparse
import textwrap

from verifier.document.output import say
from verifier.registry import theorems


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``list`` takes no arguments."""
    parser.epilog = "prints identifier, title and source of every theorem"


def run(arguments: argparse.Namespace) -> int:
    """Print the table of theorems."""
    known = theorems()
    if not known:
        say("no theorem is registered")
        return 0
    names = max(map(len, known))
    titles = max(len(theorem.title) for theorem in known.values())
    for theorem in known.values():
        source = textwrap.shorten(theorem.source, 200)
        say(f"{theorem.id:<{names}}  {theorem.title:<{titles}}  {source}")
    return 0
