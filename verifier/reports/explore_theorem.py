"""The theorem of which an exploration is an instance: for a terminal, documents, JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.explore.instance import Instance, Stated
from verifier.proof.syntax import names
from verifier.render.columns import fold
from verifier.render.document import Block, Code, Display, Formula, Heading, Paragraph, Piece, Tex
from verifier.render.streams import Style
from verifier.render.wording import Wording

TITLE = "The theorem"
ACCEPTED = "Accepted by the checker for all prompts of which this setting of 'prove' speaks:"
MATRICES = {"Lambda": "E xx'", "Lambdai": "(E xx')^-1", "Gamma": "E ww'"}
USUAL = ("n", "d", "sigma2")
EQUAL = Tex("=", " = ")


def theorem_lines(proof: Instance, style: Style) -> list[str]:
    """A section of the terminal report."""
    words = Wording(style.unicode)
    lines = [style.paint(TITLE, "bold"), *fold(ACCEPTED, style.width, "  ", "  ")]
    lines += [style.paint(f"    {line}", "dim") for line in _setting(proof)]
    width = max(len(one.label) for one in proof.stated)
    for one in proof.stated:
        text = words.line(_equation(proof, one))
        first = f"  {one.label:<{width}}  "
        lines += fold(text, style.width, first, " " * len(first))
    here = f"here {words.line(_numbers(proof))}: {_agreed(proof)}"
    lines += fold(here, style.width, "  ", "    ")
    return lines + fold(_basis(proof), style.width, "  ", "    ")


def theorem_blocks(proof: Instance) -> Iterator[Block]:
    """A section of a document."""
    yield Heading(1, TITLE)
    yield Paragraph((ACCEPTED,))
    yield Code(tuple(_setting(proof)))
    for one in proof.stated:
        yield Paragraph((f"{one.label.capitalize()}:",))
        yield Display(tuple(_equation(proof, one)))
    yield Paragraph(("Here ", *_numbers(proof), f": {_agreed(proof)}."))
    yield Paragraph((f"It {_basis(proof)}.",))


def theorem_object(proof: Instance) -> dict[str, Any]:
    """JSON data; formulas in the index language."""
    return {
        "setting": proof.setting,
        "claims": [{"id": name, "words": words} for name, words in proof.claims],
        "rests_on": list(proof.rests_on),
        "statements": [
            {"label": one.label, "left": one.left or None, "right": one.right}
            for one in proof.stated
        ],
        "values": {name: str(value) for name, value in proof.values},
        "agreement": [{"quantity": name, "value": value} for name, value in proof.agreement],
    }


def _setting(proof: Instance) -> list[str]:
    return [line for line in proof.setting.splitlines() if line]


def _equation(proof: Instance, one: Stated) -> list[Piece]:
    sides = [Formula.of(proof.context, text) for text in (one.left, one.right) if text]
    return [sides[0], *(piece for side in sides[1:] for piece in (EQUAL, side))]


def _numbers(proof: Instance) -> list[Piece]:
    """``n = 5, kappa = E v_i^4 / 3 = 3/5``: the scalars here, and what the letters stand for."""
    meanings = {scalar.name: scalar.meaning for scalar in proof.context.scalars}
    found: list[Piece] = []
    for name, value in proof.values:
        meaning = "" if name in USUAL else f" = {meanings[name]}"
        found += [", "] if found else []
        found += [Formula.symbol(name), f"{meaning} = {value}"]
    texts = [text for one in proof.stated for text in (one.left, one.right) if text]
    used = frozenset().union(*(names(proof.context.read(text)) for text in texts))
    for name, meaning in MATRICES.items():
        if name in used:
            found += [", ", Formula.symbol(name), f" = {meaning}"]
    return found


def _agreed(proof: Instance) -> str:
    found = "; ".join(f"{name}, {value}" for name, value in proof.agreement)
    return f"the theorem and the certificate for this setting alone give exactly the same ({found})"


def _basis(proof: Instance) -> str:
    return f"rests on: {'; '.join(proof.rests_on)}"
