"""Why the checker said no, in a few classes, from the one line that it gives."""

from __future__ import annotations

CLASSES = (
    ("normal forms differ", ("the two sides differ",)),
    ("index without one range", ("no tensor", "both as", "different sorts", "which is a number")),
    ("sign not shown", ("not shown to be", "not shown to have its sign", "non-negative")),
    ("assumptions do not give it", ("does not vanish with",)),
    (
        "rule's premises or text",
        (
            "rests on",
            "another objective",
            "must start from",
            "concludes other",
            "needs its",
            "must treat",
            "tower rule",
            "expectation of the conditional",
            "witness",
            "it uses",
            "certificate",
            "must name one",
        ),
    ),
    (
        "not a free parameter",
        ("free parameter", "depends on a parameter", "constrains a parameter", "is not free"),
    ),
    (
        "expectation undefined",
        ("moment", "expectation", "row", "variance", "law", "sign change", "integrated"),
    ),
    (
        "ill-formed",
        (
            "declared",
            "index",
            "indices",
            "sort",
            "size",
            "division",
            "free ind",
            "same name",
            "before it is known",
            "taken",
            "inverses",
            "number",
        ),
    ),
)


def refusal_class(reason: str) -> str:
    """The class of a ProofError's message; 'other' for one that fits none."""
    for name, marks in CLASSES:
        if any(mark in reason for mark in marks):
            return name
    return "other"
