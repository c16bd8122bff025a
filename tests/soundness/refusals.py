"""Why the kernel said no, in a few classes, from the one line that it gives."""

from __future__ import annotations

CLASSES = {
    "normal forms differ": ("the two sides differ",),
    "assumptions do not give it": ("does not vanish with", "the combination has an index"),
    "a moment": ("the moment ",),
    "sign not shown": ("not shown",),
    "an instance": (
        *("the point ", "instance", "at this point", "outside its range", "no exact value"),
        *("model", "outcomes", "weights", "valued twice", "has no meaning here"),
    ),
    "an earlier step": (
        *("earlier step", "earlier claim", "a minimum uses", "second step", "a converse leads"),
        "branch for each",
    ),
    "a rule": (
        *("split", "random", "deterministic", "parameter", "conclu", "values", "tree", "not free"),
        *("the cases", "between"),
    ),
    "fuel": ("more steps than",),
}


def refusal_class(reason: str) -> str:
    """The class of a ProofError's message."""
    return next(
        (name for name, marks in CLASSES.items() if any(mark in reason for mark in marks)),
        "ill-formed",
    )
