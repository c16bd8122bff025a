"""Statements and contexts in plain text, in Unicode or in ASCII (standard library only).

Everything is rendered from the `Context` and the `Statement` that the checker was given, so what is
read is what was checked. ``recheck`` prints with it in a bare checkout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom, Context, Definition
from verifier.proof.statements import Minimum, Statement, texts
from verifier.render.document import Formula, Piece, Tex
from verifier.render.facts import Fact, facts
from verifier.render.free_names import mentioned
from verifier.render.plain_expression import plain, plain_symbol
from verifier.render.prose import pretty
from verifier.render.saying import (
    BECOMES,
    COMMA,
    Quantity,
    grouped,
    quantified,
    said,
    system,
)
from verifier.render.streams import to_ascii


@dataclass(frozen=True, slots=True)
class Wording:
    """Plain text for statements, in Unicode or in ASCII."""

    unicode: bool = True

    def line(self, pieces: Iterable[Piece]) -> str:
        """Words and formulas on one line."""
        return "".join(map(self._piece, pieces))

    def _piece(self, piece: Piece) -> str:
        match piece:
            case Formula(node):
                return plain(node, self.unicode)
            case Tex(_, text):
                return text if self.unicode else to_ascii(text)
            case str():
                return piece
        raise TypeError(f"a terminal shows no {type(piece).__name__}")

    def expression(self, context: Context, text: str) -> str:
        """An expression of the index language."""
        return self.line((Formula.of(context, text),))

    def symbol(self, name: str) -> str:
        """A bare name."""
        return plain_symbol(name, unicode=self.unicode)

    def statement(
        self, context: Context, statement: Statement, minima: Sequence[Minimum] = ()
    ) -> tuple[str, ...]:
        """The statement without its outer quantifiers, as one line or two.

        Each system says for which of its indices it holds.
        """
        parts = said(context, statement, minima)
        cases = [self.line(case) for case in parts.cases]
        concluded = ", or ".join(f"({case})" for case in cases) if len(cases) > 1 else cases[0]
        concluded = f"{parts.opening} {concluded}" if parts.opening else concluded
        supposed = " ".join(filter(None, map(self.line, (parts.lead, parts.given))))
        if not supposed:
            return (concluded,)
        return (f"{supposed}{',' if parts.opening else ':'}", concluded)

    def equations(self, context: Context, equations: Iterable[tuple[str, str]]) -> str:
        """Equations (left, right), separated by commas, for all values of their indices."""
        atoms = tuple(Atom("", left, right) for left, right in equations)
        return self.line(system(context, atoms, between=COMMA))

    def quantifiers(
        self, context: Context, statement: Statement, minima: Sequence[Minimum] = ()
    ) -> tuple[str, ...]:
        """For which scalars, tensors and indices the statement is claimed, alike ones together."""
        return self.grouped(quantified(context, statement, minima))

    def grouped(self, items: Iterable[Quantity]) -> tuple[str, ...]:
        """One phrase for each kind of quantity."""
        return tuple(map(self.line, grouped(items)))

    def facts(
        self, context: Context, moments: Mapping[str, int], kinds: Iterable[str]
    ) -> tuple[str, ...]:
        """What the context declares of these kinds (`verifier.render.facts`), one line each."""
        return tuple(self.fact(x) for x in facts(context, moments) if x.kind in kinds)

    def fact(self, fact: Fact) -> str:
        """One thing that a context declares."""
        text = self.line(fact.pieces)
        return pretty(text, self.unicode) if fact.kind == "lemma" else text

    def definitions(self, context: Context, statements: Iterable[Statement]) -> tuple[str, ...]:
        """Every definition that the statements rest on, in order."""
        used = mentioned(context, (t for one in statements for t in texts(one)))
        return tuple(self.definition(context, x) for x in context.definitions if x.name in used)

    def definition(self, context: Context, one: Definition) -> str:
        """name := body."""
        head = Formula.symbol(one.name, one.parameters)
        return self.line((head, BECOMES, Formula.of(context, one.body)))
