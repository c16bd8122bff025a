"""Statements in words: quantifiers, laws, hypotheses and the claim itself as plain text (floor 3).

Everything is rendered from the `Context` and the `Statement` that the checker was given, so what is
read is what was checked. Standard library only: ``recheck`` prints with it in a bare checkout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verifier.document.layer_blocks import matrices
from verifier.document.mentions import free_of, indices_of, mentioned, parameters, texts
from verifier.document.plain_expression import plain, plain_symbol
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor
from verifier.proof.expression import free_indices, parse
from verifier.proof.statement import (
    AtMinimum,
    Bound,
    Identity,
    Implication,
    Minimum,
    Sign,
    Square,
    Statement,
    System,
)

INDICES = "all indices {}"


@dataclass(frozen=True, slots=True)
class Wording:
    """Plain text for statements, in Unicode or in ASCII."""

    unicode: bool = True

    def expression(self, text: str) -> str:
        """An expression of the index language."""
        return plain(text, self.unicode)

    def statement(self, context: Context, statement: Statement) -> tuple[str, ...]:
        """The statement without its outer quantifiers, as lines.

        Each system of equations says for which of its indices it holds. So does the conclusion of
        an identity with premises, which stands inside the implication.
        """
        e = self.expression
        match statement:
            case Identity(left, right, ()):
                return (f"{e(left)} = {e(right)}",)
            case Identity(left, right, given):
                concluded = self.system((Equation("", left, right),))
                return (f"if {self.system(given)}, then {concluded}",)
            case Sign(text, strict):
                return (f"{e(text)} {'>' if strict else self._at_least} 0",)
            case Bound(objective, value, squares):
                terms = "".join(f" + {self.square(square)}" for square in squares)
                vanish = tuple(Equation("", s.term, "0") for s in squares if s.strict)
                equality = f", with equality only if {self.system(vanish)}" if vanish else ""
                return (
                    f"{e(objective)} = {e(value)}{terms},",
                    f"hence {e(objective)} {self._at_least} {e(value)}{equality}",
                )
            case Implication(given, conclude):
                return (f"if {self.system(given)},", f"then {self._either(conclude)}")
            case Minimum(objective, value, parameters, minimisers):
                names = self.names(context, parameters)
                return (
                    f"min over {names} of {e(objective)} = {e(value)},",
                    f"attained exactly where {self._either(minimisers)}",
                )
            case AtMinimum(objective, parameters, conclude):
                names = self.names(context, parameters)
                return (
                    f"whenever {names} minimise {e(objective)}:",
                    self.system(conclude),
                )

    def square(self, square: Square) -> str:
        """One summand of a sum of squares."""
        term = parse(f"({square.term})^2")
        indices = free_indices(term)
        body = f"({square.term})^2"
        summed = f"sum[{','.join(indices)}]({body})" if indices else body
        text = self.expression(f"({square.coefficient})*E({summed})")
        return f"({text})" if text.startswith(("-", "−")) else text

    def system(self, system: System, between: str = " and ") -> str:
        """All equations of a system, joined by "and", for all values of their indices."""
        joined = between.join(self.equation(x.left, x.right) for x in system)
        indices = indices_of(system)
        return f"{joined} for all {', '.join(indices)}" if indices else joined

    def equation(self, left: str, right: str) -> str:
        """left = right."""
        return f"{self.expression(left)} = {self.expression(right)}"

    def symbol(self, name: str) -> str:
        """A bare name."""
        return plain_symbol(name, unicode=self.unicode)

    def quantifiers(self, context: Context, statement: Statement) -> tuple[str, ...]:
        """For which scalars, tensors and indices the statement is claimed, alike ones together."""
        return grouped(self.quantified(context, statement))

    def quantified(self, context: Context, statement: Statement) -> tuple[tuple[str, str], ...]:
        """Each quantified thing with the pattern of the phrase that it goes into."""
        used = mentioned(context, texts(statement))
        free = used - parameters(statement) - context.random()
        whole = {b for m in matrices(context) if free & set(m.blocks) for b in m.blocks}
        items = [
            (f"all {'integers' if s.integer else 'real'} {{}}", self.scalar(s))
            for s in context.scalars
            if s.name in free
        ]
        declared = [t for t in context.tensors if t.name in free | whole]
        for name, space, given in self._spaces(context, declared):
            items.append((f"all {{}} {space}{f' depending on {given}' if given else ''}", name))
        return (*items, *((INDICES, index) for index in free_of(statement)))

    def scalar(self, scalar: Scalar) -> str:
        """A scalar with its bound."""
        name = self.symbol(scalar.name)
        if scalar.minimum is None:
            return name
        return f"{name} {'>' if scalar.strict else self._at_least} {scalar.minimum}"

    def names(self, context: Context, names: tuple[str, ...]) -> str:
        """A list of names, a matrix or vector whose blocks are all listed under its own name."""
        shown = []
        for name in names:
            block = next((m for m in matrices(context) if name in m.blocks), None)
            whole = block is not None and set(block.blocks) <= set(names)
            shown.append(block.name if block and whole else self.symbol(name))
        return ", ".join(dict.fromkeys(shown))

    def _spaces(self, context: Context, tensors: list[Tensor]) -> Iterator[tuple[str, str, str]]:
        """Name, space and dependence of each tensor; blocks joined where all are there."""
        left = {t.name: t for t in tensors}
        for matrix in matrices(context):
            if set(matrix.blocks) <= set(left):
                for block in matrix.blocks:
                    left.pop(block)
                size = f"({self.symbol(matrix.size)}+1)"
                yield matrix.name, self._space([size] * matrix.order), ""
        for tensor in left.values():
            given = ", ".join(self.symbol(x) for x in tensor.depends_on)
            yield self.symbol(tensor.name), self.shape(context, tensor), given

    def shape(self, context: Context, tensor: Tensor) -> str:
        """The space of a tensor, such as ∈ ℝ^(n×d)."""
        sizes = dict(context.sorts)
        return self._space([self.symbol(sizes[s]) if sizes[s] else s for s in tensor.sorts])

    def _space(self, sizes: list[str]) -> str:
        power = ("×" if self.unicode else " x ").join(sizes)
        power = f"({power})" if len(sizes) > 1 else power
        return f"{'∈ ℝ' if self.unicode else 'in R'}{'^' if sizes else ''}{power}"

    def blocks(self, context: Context) -> tuple[str, ...]:
        """How matrices and vectors are put together from the blocks that statements name."""
        lines = []
        for matrix in matrices(context):
            rows = [" ".join(map(self.symbol, row)) for row in matrix.rows]
            lines.append(f"{matrix.name} = [{'; '.join(rows)}]")
        return tuple(lines)

    def laws(self, context: Context) -> tuple[str, ...]:
        """The law of every random array, one line each."""
        tensors = {t.name: t for t in context.tensors}
        return tuple(line for law in context.laws for line in self._law(context, tensors, law))

    def _law(self, context: Context, tensors: dict[str, Tensor], law: Law) -> tuple[str, ...]:
        names = ", ".join(f"{self.symbol(a)} {self.shape(context, tensors[a])}" for a in law.arrays)
        if law.kind == "normal":
            entries = "has independent " if tensors[law.arrays[0]].sorts else "is "
            tail = " entries" if tensors[law.arrays[0]].sorts else ""
            return (f"{names} {entries}N(0, {self.expression(law.variance)}){tail}",)
        listed = ", ".join(self._moment(tensors, law, *moment) for moment in law.moments)
        if law.kind == "rows":
            what = f"the rows of {names} are independent and identically distributed"
        else:
            what = f"{names} random"
        return (f"{what}, with mixed moments {listed}",)

    def _moment(
        self, tensors: dict[str, Tensor], law: Law, degrees: tuple[int, ...], value: str
    ) -> str:
        """E[product of entries] = value, the slots numbered s1, s2, ... in the law's order."""
        factors, at = [], 1
        for name, degree in zip(law.arrays, degrees, strict=True):
            width = len(tensors[name].sorts) - (law.kind == "rows")
            for _ in range(degree):
                slots = ",".join(f"s{k}" for k in range(at, at + width))
                factors.append(f"{self.symbol(name)}[{slots}]" if slots else self.symbol(name))
                at += width
        return f"E[{' '.join(factors) or '1'}] = {self.expression(value)}"

    def hypotheses(self, context: Context) -> tuple[str, ...]:
        """What is assumed: equations, sign symmetries, inverses, words; one line each."""
        lines = [f"{h.name}: {self.system((h,))}" for h in context.hypotheses]
        for flip in context.flips:
            names = ", ".join(self.symbol(a) for a in flip)
            lines.append(f"changing the sign of {names} together changes no law")
        for one, two in context.inverses:
            lines.append(f"{self.symbol(one)} and {self.symbol(two)} are inverse matrices")
        return (*lines, *context.assumptions)

    def inverses(self, context: Context, statement: Statement) -> tuple[str, ...]:
        """What declared inverses say of the matrices that the statement ranges over."""
        named = {name for _, name in self.quantified(context, statement)}
        lines = []
        for pair in context.inverses:
            one, two = map(self.symbol, pair)
            if one in named and two in named:
                lines.append(f"{one}{'⁻¹' if self.unicode else '^-1'} = {two}")
            elif {one, two} & named:
                lines.append(f"{one if one in named else two} invertible")
        return tuple(lines)

    def values(
        self, context: Context, statement: Statement, letters: frozenset[str]
    ) -> tuple[str, ...]:
        """The values at which numbers are compared: of the given letters, those that are defined.

        A letter over which other statements range must not be fixed behind a reader's back.
        Statements on random arrays are left alone: they name what they define.
        """
        if not isinstance(statement, Sign | Identity) or context.random():
            return ()
        used = mentioned(context, texts(statement)) & letters
        return tuple(
            self.equation(x.name, x.body)
            for x in context.definitions
            if x.name in used and not x.parameters
        )

    def definitions(self, context: Context, statement: Statement) -> tuple[str, ...]:
        """Every definition that the statement rests on, in order."""
        used = mentioned(context, texts(statement))
        return tuple(self.definition(x) for x in context.definitions if x.name in used)

    def definition(self, definition: Definition) -> str:
        """name := body."""
        head = plain_symbol(definition.name, definition.parameters, self.unicode)
        return f"{head} := {self.expression(definition.body)}"

    @property
    def _at_least(self) -> str:
        return "≥" if self.unicode else ">="

    def _either(self, systems: tuple[System, ...]) -> str:
        return ", or ".join(f"({self.system(system)})" for system in systems)


def grouped(items: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """One phrase per pattern, listing all that goes into it."""
    groups: dict[str, list[str]] = {}
    for pattern, name in items:
        groups.setdefault(pattern, []).append(name)
    return tuple(pattern.replace("{}", ", ".join(names)) for pattern, names in groups.items())
