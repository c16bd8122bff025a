"""Equations and inequalities of a context: which make sense, and how one follows from others.

*Identity*: times * (left - right) is a combination of the residuals (left minus right) of assumed
equations. *Order*: what is left over is a sum of squares and a rest >= 0. docs/meaning.md says why.
Trusted.
"""

from __future__ import annotations

from collections.abc import Mapping

from .context import RELATIONS, Atom, Context
from .instances import check_instances
from .mean import Meaning, Residuals
from .normal import Value
from .statements import By, Case, Claim, Square, Statement
from .syntax import (
    Binary,
    Expect,
    Fuel,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    free_indices,
    is_name,
    names,
    nodes,
)

Equation = tuple[tuple[str, ...], Node, Node]  # free indices, left, right
Known = Mapping[str, Equation]


class Atoms:
    """The equations that a context gives, and what follows from them and from assumed ones."""

    def __init__(self, context: Context, fuel: Fuel) -> None:
        self.context, self.fuel = context, fuel
        self.squared: dict[str, Node] = {}
        self.seen: dict[int, tuple[Node, frozenset[str], bool]] = {}
        try:
            self.meaning = Meaning(context, self.fuel)
            check_instances(context, self.fuel)
        except RecursionError:
            raise ProofError("the context is nested too deeply") from None
        self.given: dict[str, Equation] = {
            name: (free_indices(*sides), *sides) for name, sides in self.meaning.equations.items()
        }
        for atom in context.given:
            if atom.relation == "=":
                sides = (self.read(atom.left), self.read(atom.right))
                self.given[atom.name] = (free_indices(*sides), *sides)

    def read(self, text: str) -> Node:
        """The expression that a text means."""
        self.fuel.spend(len(text) // 4 + 1)
        return self.context.read(text)

    def reached(self, texts: list[str]) -> set[str]:
        """All names that texts mention, definitions and what is given unfolded."""
        found: set[str] = set()
        todo = [self.mentioned(self.read(text))[0] for text in texts]
        while todo:
            names_here = todo.pop()
            self.fuel.spend(1 + len(names_here) // 8)
            for name in names_here - found:
                found.add(name)
                todo += [self.mentioned(node)[0] for node in self.stands_for(name)]
        return found

    def stands_for(self, name: str) -> tuple[Node, ...]:
        """The body of a definition; the sides of an equation that the context gives."""
        if name in self.meaning.definitions:
            return (self.meaning.definitions[name][1],)
        return self.given[name][1:] if name in self.given else ()

    def mentioned(self, node: Node) -> tuple[frozenset[str], bool]:
        """The names in an expression, and whether it has an expectation; read once."""
        found = self.seen.get(id(node))
        if found is None:
            expects = any(isinstance(one, Expect) for one in nodes(node))
            found = self.seen[id(node)] = (node, names(node), expects)
        return found[1:]

    # Which make sense

    def well_formed(self, statement: Statement) -> None:
        """Every expression has a value; names are usable; what is compared is deterministic."""
        groups = list(statement.cases)
        if isinstance(statement, Claim):
            groups.append(statement.given)
        elif any(atom.relation != "=" for case in statement.cases for atom in case):
            raise ProofError("the cases of a minimum are equations")
        else:
            bound = Atom("", statement.objective, statement.value, ">=")
            self.atom_is_sound(bound)
            if free_indices(self.read(statement.objective), self.read(statement.value)):
                raise ProofError("the objective and the value of a minimum have no free index")
        for group in groups:
            taken = [atom.name for atom in group]
            if len(set(taken)) != len(taken):
                raise ProofError("two equations of one system have the same name")
            for atom in group:
                self._fresh(atom.name)
                self.atom_is_sound(atom)

    def atom_is_sound(self, atom: Atom) -> None:
        """Both sides have a value; those of an inequality are deterministic."""
        if atom.relation not in RELATIONS:
            raise ProofError(f"{atom.relation!r} is none of {', '.join(RELATIONS)}")
        sides = [self.meaning.value(self.read(text)) for text in (atom.left, atom.right)]
        if atom.relation != "=" and any(map(self.meaning.random, sides)):
            raise ProofError("an inequality is between deterministic sides")

    def _fresh(self, name: str) -> None:
        if not is_name(name) or name in self.context.taken:
            raise ProofError(f"an equation cannot be named {name!r}")

    def extend(self, known: Known, name: str, left: Node, right: Node) -> Known:
        """One more equation; its name must be new."""
        self._fresh(name)
        if name in known:
            raise ProofError(f"two assumed equations are named {name!r}")
        self.fuel.spend(1 + len(known) // 4)
        return {**known, name: (free_indices(left, right), left, right)}

    def premises(self, known: Known, atoms: tuple[Atom, ...]) -> Known:
        """What is known, and the equations among these atoms."""
        for atom in atoms:
            if atom.relation == "=":
                known = self.extend(known, atom.name, self.read(atom.left), self.read(atom.right))
        return known

    # How they follow

    def equal(
        self, known: Known, left: Node, right: Node, by: By, meaning: Meaning | None = None
    ) -> None:
        """left = right: times * (left - right) is a combination that vanishes with the residuals.

        times > 0. The combination has no index that the equation has not, so that each residual
        stands where its index is in its range.
        """
        meaning = meaning or self.meaning
        read = self.read if meaning is self.meaning else meaning.context.read
        combination, times = read(by.combination), read(by.times)
        stray = set(free_indices(combination)) - set(free_indices(left, right))
        if stray:
            raise ProofError(
                f"the combination has an index {min(stray)!r} that the equation has not"
            )
        factor = meaning.value(times)
        if free_indices(times) or not meaning.positive(factor, strict=True):
            raise ProofError(f"the multiplier {by.times[:40]!r} is not shown to be positive")
        if not meaning.vanishes(meaning.value(combination, Residuals(known, vanish=True))):
            raise ProofError("the combination does not vanish with the assumed equations")
        gap = meaning.plus(meaning.value(left), meaning.value(right), -1)
        rest = meaning.plus(
            meaning.product(factor, gap), meaning.value(combination, Residuals(known)), -1
        )
        if not meaning.vanishes(rest):
            raise ProofError(f"the two sides differ: {self._excerpt(rest, meaning)}")

    def squares(self, squares: tuple[Square, ...], strict: bool = False) -> Node:
        """The sum of the squares, each coefficient shown to be >= 0 (> 0)."""
        total: Node = Number(0)
        for square in squares:
            coefficient, term = self.read(square.coefficient), self.read(square.term)
            value = self.meaning.value(coefficient)
            if free_indices(coefficient) or not self.meaning.positive(value, strict):
                sign = "> 0" if strict else ">= 0"
                raise ProofError(f"the coefficient {square.coefficient[:40]!r} is not shown {sign}")
            if square.term not in self.squared:
                indices, body = free_indices(term), Pow(term, 2)
                self.squared[square.term] = Expect(None, Sum(indices, body) if indices else body)
            mean = self.squared[square.term]
            total = Binary("+", total, Binary("*", coefficient, mean))
        return total

    def follows(self, known: Known, atom: Atom, by: By) -> None:
        """An equation, or left - right = combination + rest + squares with rest >= 0 (> 0)."""
        left, right = self.read(atom.left), self.read(atom.right)
        if atom.relation != "=":
            rest = self.read(by.rest)
            shown = self.meaning.positive(self.meaning.value(rest), atom.relation == ">")
            if free_indices(rest) or not shown:
                raise ProofError(f"{by.rest[:40]!r} is not shown {atom.relation} 0")
            right = Binary("+", Binary("+", right, rest), self.squares(by.squares))
        self.equal(known, left, right, by)

    def all_follow(self, known: Known, atoms: Case, by: Mapping[str, By]) -> None:
        """Each atom of a system; ``by`` says why, by name."""
        unknown = set(by) - {atom.name for atom in atoms}
        if unknown:
            raise ProofError(f"{min(unknown)!r} is not what is to be concluded")
        for atom in atoms:
            self.follows(known, atom, by.get(atom.name, By()))

    def equation(self, atom: Atom) -> tuple[Node, Node]:
        """The sides of what must be an equation."""
        if atom.relation != "=":
            raise ProofError("only an equation can be derived or split off")
        self.atom_is_sound(atom)
        return self.read(atom.left), self.read(atom.right)

    def _excerpt(self, difference: Value, meaning: Meaning) -> str:
        """One term of a difference that should have been zero, divisors multiplied out, as text."""
        poly, divisors = meaning.cleared(difference)
        (powers, ids), coefficient = min(poly.items(), key=lambda item: (item[0][1], item[0][0]))
        letters = {label: index for index, label in meaning.labels.items()}
        pieces = [str(coefficient)]
        for name, at in meaning.shift.items():
            exponent = powers >> at & 1023
            pieces += [f"{name}^{exponent}" if exponent > 1 else name] if exponent else []
        for f in (f for i in ids for f in meaning.table[i]):
            indices = ",".join(letters.get(x, str(x)) for x in f[1:])
            name = meaning.heads[f[0]].name
            pieces.append(f"{name}[{indices}]" if indices else name)
        more = f" and {len(poly) - 1} more terms" if len(poly) > 1 else ""
        scaled = " (all that divides multiplied out)" if divisors or difference.den > 1 else ""
        return " ".join(pieces) + more + scaled
