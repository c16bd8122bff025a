"""The steps of a proof, their statements and certificates in the form of coq/kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.coq import language as coq
from verifier.coq.declarations import Declarations
from verifier.coq.elaboration import Elaboration
from verifier.coq.language import Relation
from verifier.proof import statements as python
from verifier.proof.context import Atom
from verifier.proof.statements import By, Proof, Square
from verifier.proof.syntax import free_indices

Places = dict[str, tuple[int, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Known:
    """The places and free indices of the equations that are known, and how many atoms there are."""

    places: Places
    count: int


@dataclass(frozen=True, slots=True)
class Given:
    """An atom that the context gives, and what it is called."""

    name: str
    atom: Relation


@dataclass(frozen=True, slots=True)
class Exported:
    """One step, with the places of the earlier steps that it uses and that it cites."""

    step: python.Step
    statement: coq.Statement
    certificate: coq.Tree | coq.Attained
    uses: tuple[int, ...]
    cites: tuple[int, ...]


class Steps:
    """Converts the steps of a proof one by one; ``light``: see `sharing`."""

    def __init__(self, proof: Proof, light: frozenset[int] = frozenset()) -> None:
        self.proof, self.context, self.light = proof, proof.context, light
        self.declared = Declarations(proof.context)
        self.elaboration = Elaboration(self.declared)
        self.read = self.elaboration.read
        self.places = {step.name: k for k, step in enumerate(proof.steps)}
        self.by_name = {step.name: step for step in proof.steps}
        self.kinds = tuple(self.declared.kind(array) for array in self.context.arrays)
        places: Places = {}
        self.given = [*self._ranges(), *self._equations(places)]
        for step in proof.steps:  # the divisors come up; they stand behind all else that is given
            self.known = Known(places, 0)
            self.convert(step)
        self.given += self._divisors()
        self.known = Known(places, len(self.given))

    # What the context gives

    def _ranges(self) -> list[Given]:
        found = []
        for scalar in self.context.scalars:
            if scalar.minimum is not None:
                number: coq.Expr = coq.Sca(self.declared.scalar[scalar.name])
                low = scalar.minimum
                if low.denominator != 1:
                    number = coq.Mul(coq.Num(low.denominator), number)
                relation = ">" if scalar.strict else ">="
                atom = Relation(relation, number, coq.Num(low.numerator))
                found.append(Given(f"the range of {scalar.name}", atom))
        return found

    def _equations(self, places: Places) -> list[Given]:
        """Moments, the equations of functions, and what is given; ``places`` gets those known."""
        found: list[Given] = []
        before = sum(one.minimum is not None for one in self.context.scalars)
        for one in self.context.moments:
            found.append(Given(one.name, self.relation(one)))
        for name, sides in self.declared.meaning.equations.items():
            places[name] = (before + len(found), free_indices(*sides))
            labels, start = self.elaboration.free(*sides), self.elaboration.start
            left, right = (self.elaboration.expression(x, labels, start) for x in sides)
            found.append(Given(name, Relation("=", left, right)))
        for one in self.context.given:
            if one.relation == "=":
                places[one.name] = (before + len(found), self._indices(one))
            found.append(Given(one.name, self.relation(one)))
        return found

    def _divisors(self) -> list[Given]:
        """u F = 1 for every divisor that came up."""
        return [
            Given("a divisor", Relation("=", coq.Mul(coq.Sca(number), f), coq.ONE))
            for number, f in self.elaboration.divisors.values()
        ]

    def _indices(self, atom: Atom) -> tuple[str, ...]:
        return free_indices(self.context.read(atom.left), self.context.read(atom.right))

    def relation(self, atom: Atom) -> Relation:
        """An atom."""
        return Relation(atom.relation, self.read(atom.left), self.read(atom.right))

    # Statements

    def statement(self, statement: python.Statement) -> coq.Statement:
        """A statement."""
        cases = tuple(tuple(self.relation(a) for a in case) for case in statement.cases)
        if isinstance(statement, python.Claim):
            return coq.Claim(tuple(self.relation(a) for a in statement.given), cases)
        return coq.Minimum(
            self.read(statement.objective),
            self.read(statement.value),
            tuple(self.declared.array[name] for name in statement.parameters),
            cases,
        )

    # Certificates

    def convert(self, step: python.Step) -> Exported:
        """A step; NotExported with the reason where it has no counterpart."""
        certificate: coq.Tree | coq.Attained
        if isinstance(step.certificate, python.Attained):
            certificate = self._attained(step.statement, step.certificate)
        else:
            known = self._before(step)
            if isinstance(step.statement, python.Claim):
                known = self.more(known, step.statement.given)
            certificate = self._tree(known, step.statement.cases, step.certificate)
        parts = python.parts(step.certificate)
        cited = [self.places[one.step] for one in parts if isinstance(one, python.Cite)]
        uses = [self.places[name] for name in step.uses]
        return Exported(
            step, self.statement(step.statement), certificate, tuple(uses), tuple(cited)
        )

    def _before(self, step: python.Step) -> Known:
        """What a step knows before its premises: what is given, and the claims it uses."""
        known = self.known
        for name in step.uses:
            used = self.by_name[name].statement
            if isinstance(used, python.Claim) and not used.given and len(used.cases) == 1:
                known = self.more(known, used.cases[0])
        return known

    def more(self, known: Known, atoms: tuple[Atom, ...]) -> Known:
        """What is known, and these atoms."""
        places = dict(known.places)
        for k, atom in enumerate(atoms, known.count):
            if atom.relation == "=":
                places[atom.name] = (k, self._indices(atom))
        return Known(places, known.count + len(atoms))

    def _attained(self, statement: python.Statement, by: python.Attained) -> coq.Attained:
        values = []
        for one in by.values:
            labels = {p: self.elaboration.label(p) for p in one.parameters}
            node, start = self.context.read(one.body), self.elaboration.start
            body = self.elaboration.expression(node, labels, start)
            values.append((self.declared.array[one.name], tuple(labels.values()), body))
        return coq.Attained(
            by.case, tuple(values), self._whys(self.known, statement.cases[by.case], by.by)
        )

    def _tree(self, known: Known, cases: tuple[python.Case, ...], tree: python.Tree) -> coq.Tree:
        match tree:
            case python.Conclude(at, by):
                return coq.Conclude(at, self._whys(known, cases[at], by))
            case python.Contradiction(by):
                return coq.Contradiction(self._why(known, by))
            case python.Derive(equation, by, then):
                after = self.more(known, (equation,))
                left, right = self.read(equation.left), self.read(equation.right)
                why = self._why(known, by)
                return coq.Derive(left, right, why, self._tree(after, cases, then))
            case python.Null(squares, by, then):
                named = tuple(Atom(s.name, s.term) for s in squares if s.name)
                return coq.Null(
                    tuple((*self._square(s), bool(s.name)) for s in squares),
                    self._why(known, by),
                    self._tree(self.more(known, named), cases, then),
                )
            case python.Split(one, two, by, branches):
                first, second = (
                    self._tree(self.more(known, (atom,)), cases, branch)
                    for atom, branch in zip((one, two), branches, strict=True)
                )
                factors = (self.read(one.left), self.read(two.left))
                return coq.Split(*factors, self._why(known, by), (first, second))
            case python.Cite(name, by, branches):
                cited = self.by_name[name].statement
                assert isinstance(cited, python.Claim)
                return coq.Cite(
                    self.places[name],
                    self._whys(known, cited.given, by),
                    tuple(
                        self._tree(self.more(known, case), cases, branch)
                        for case, branch in zip(cited.cases, branches, strict=True)
                    ),
                )

    def _whys(
        self, known: Known, atoms: tuple[Atom, ...], by: Mapping[str, By]
    ) -> tuple[coq.Why, ...]:
        return tuple(self._why(known, by.get(atom.name, By())) for atom in atoms)

    def _why(self, known: Known, by: By) -> coq.Why:
        node = self.context.read(by.combination)
        free, start = self.elaboration.free(node), self.elaboration.start
        combination = self.elaboration.combination(node, known.places, free, start)
        squares = tuple(self._square(s) for s in by.squares)
        numbers = (self.read(by.times), self.read(by.rest))
        return coq.Why(combination, *numbers, squares, id(by) in self.light)

    def _square(self, square: Square) -> tuple[coq.Expr, coq.Expr]:
        return self.read(square.coefficient), self.read(square.term)
