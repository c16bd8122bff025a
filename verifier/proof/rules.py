"""Statements, certificates, and the rules by which a certificate establishes a statement.

`Claim`: in every admissible model, if the equations and inequalities ``given`` hold, then all of
one of the ``cases`` do. `Minimum`: for all values of the parameters objective >= value, equality
holds exactly in the cases, and some values attain it. Each rule's docstring says what it proves;
docs/meaning.md says why. A certificate is untrusted data; every side condition is checked here.

Trusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from .context import RELATIONS, Absolute, Atom, Context, Definition, Hat, Normal, Tensor
from .instances import check_instances
from .mean import Meaning, Residuals
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
    names,
    nodes,
)

FUEL = 10_000_000
MAX_DEPTH = 40
EXPRESSIONS = (
    *("left", "right", "combination", "times", "rest", "coefficient", "term"),
    *("objective", "value", "body"),
)
ISSERLIS = "Isserlis' theorem (Isserlis 1918; Wick 1950): Gaussian moments are sums over pairings"
FUBINI = "Fubini: the sources are independent, so they are integrated one after the other"
CUMULANTS = (
    "Moebius inversion over partitions: means of products over independent draws (Rota 1964)"
)
ISOTROPY = (
    "averaging over rotations of the axes: what they leave as it is, is a multiple of I, or 0"
)
FAITHFUL = "a square has non-negative expectation, zero only if it vanishes almost surely"
RIDGE = "X X' (X X' + c I)^+ solves H (X X' + c I) = X X' for every X and c >= 0 (Penrose 1955)"

Case = tuple[Atom, ...]
Equation = tuple[tuple[str, ...], Node, Node]  # free indices, left, right
Known = Mapping[str, Equation]


@dataclass(frozen=True, slots=True)
class Claim:
    """If all atoms of ``given`` hold, then all atoms of one of the cases do."""

    given: tuple[Atom, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Minimum:
    """objective >= value for all parameters; equality exactly in one of the cases; attained."""

    objective: str
    value: str
    parameters: tuple[str, ...]
    cases: tuple[Case, ...]


Statement = Claim | Minimum


@dataclass(frozen=True, slots=True)
class Square:
    """coefficient * E(sum over the free indices of the term of term^2)."""

    coefficient: str
    term: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class By:
    """Why an atom holds: times * (left - right) = combination of residuals [+ rest + squares]."""

    combination: str = "0"
    times: str = "1"
    rest: str = "0"
    squares: tuple[Square, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclude:
    """A leaf: the atoms of one case, by name."""

    case: int = 0
    by: Mapping[str, By] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A leaf: 1 = 0."""

    by: By


@dataclass(frozen=True, slots=True)
class Derive:
    """Adds an equation."""

    equation: Atom
    by: By
    then: Tree


@dataclass(frozen=True, slots=True)
class Null:
    """From sum c E(t^2) = 0 with all c >= 0: adds t = 0 for each named square, whose c is > 0."""

    squares: tuple[Square, ...]
    by: By
    then: Tree


@dataclass(frozen=True, slots=True)
class Split:
    """From a product of two deterministic factors that is 0: one branch for each factor."""

    one: Atom
    two: Atom
    by: By
    branches: tuple[Tree, Tree]


@dataclass(frozen=True, slots=True)
class Cite:
    """An earlier claim whose premises hold here: one branch for each of its cases."""

    step: str
    by: Mapping[str, By]
    branches: tuple[Tree, ...]


Tree = Conclude | Contradiction | Derive | Null | Split | Cite


@dataclass(frozen=True, slots=True)
class Attained:
    """Of a minimum: which case the parameter values satisfy, and why."""

    case: int
    values: tuple[Definition, ...]
    by: Mapping[str, By] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A statement and its certificate; ``uses`` names earlier steps, ``claim`` what it shows."""

    name: str
    statement: Statement
    certificate: Tree | Attained
    uses: tuple[str, ...] = ()
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A context and steps, each established from the earlier ones that it names."""

    name: str
    context: Context
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A step that the kernel accepted, and the lemmas on which it rests.

    ``moments``: for each law and function of how many of its entries, those of one draw counted,
    an expectation took the product so far, that is, in this step or an earlier one.
    """

    step: Step
    lemmas: frozenset[str]
    moments: Mapping[str, int] = field(default_factory=dict)


class Checker:
    """Replays the steps of one proof; ProofError, one line, at what it does not accept."""

    def __init__(self, context: Context, fuel: Fuel | None = None) -> None:
        self.context, self.fuel = context, fuel or Fuel(FUEL)
        self.trees: dict[str, Node] = {}
        self.squared: dict[str, Node] = {}
        self.mentioned: dict[int, tuple[Node, frozenset[str], bool]] = {}
        self.accepted: dict[str, Checked] = {}
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
        """The expression that a text means; the same one for the same text."""
        if text not in self.trees:
            self.fuel.spend(len(text) // 4 + 1)
            self.trees[text] = self.context.read(text)
        return self.trees[text]

    def check(self, step: Step) -> Checked:
        """Accept a step, or raise ProofError."""
        if step.name in self.accepted:
            raise ProofError(f"two steps are named {step.name!r}")
        unknown = [name for name in step.uses if name not in self.accepted]
        if unknown:
            raise ProofError(f"there is no earlier step {unknown[0]!r} that was accepted")
        try:
            self.well_formed(step.statement)
            certificate = step.certificate
            if isinstance(step.statement, Minimum) != isinstance(certificate, Attained):
                raise ProofError("values that attain it are what a minimum needs, and nothing else")
            if isinstance(step.statement, Minimum) and isinstance(certificate, Attained):
                self._minimum(step.statement, certificate, step.uses)
            elif isinstance(step.statement, Claim) and not isinstance(certificate, Attained):
                known = self._premises(self._used(step.uses), step.statement.given)
                self._tree(known, step.statement.cases, certificate, 0)
            else:
                raise ProofError(f"a {type(step.statement).__name__} is no statement")
        except RecursionError:
            raise ProofError("an expression is nested too deeply") from None
        self.fuel.spend(len(self.meaning.degrees))
        checked = Checked(step, self._lemmas(step), dict(self.meaning.degrees))
        self.accepted[step.name] = checked
        return checked

    # Statements

    def well_formed(self, statement: Statement) -> None:
        """Every expression has a value; names are usable; what is compared is deterministic."""
        groups = list(statement.cases)
        if isinstance(statement, Claim):
            groups.append(statement.given)
        elif any(atom.relation != "=" for case in statement.cases for atom in case):
            raise ProofError("the cases of a minimum are equations")
        else:
            bound = Atom("", statement.objective, statement.value, ">=")
            self._atom_is_sound(bound)
            if free_indices(self.read(statement.objective), self.read(statement.value)):
                raise ProofError("the objective and the value of a minimum have no free index")
        for group in groups:
            taken = [atom.name for atom in group]
            if len(set(taken)) != len(taken):
                raise ProofError("two equations of one system have the same name")
            for atom in group:
                self._fresh(atom.name)
                self._atom_is_sound(atom)

    def _atom_is_sound(self, atom: Atom) -> None:
        if atom.relation not in RELATIONS:
            raise ProofError(f"{atom.relation!r} is none of {', '.join(RELATIONS)}")
        sides = [self.meaning.value(self.read(text)) for text in (atom.left, atom.right)]
        if atom.relation != "=" and any(map(self.meaning.random, sides)):
            raise ProofError("an inequality is between deterministic sides")

    def _fresh(self, name: str) -> None:
        if not name or name in self.context.taken:
            raise ProofError(f"an equation cannot be named {name!r}: that means something else")

    def _extend(self, known: Known, name: str, left: Node, right: Node) -> Known:
        """One more equation; its name must be new."""
        self._fresh(name)
        if name in known:
            raise ProofError(f"two assumed equations are named {name!r}")
        self.fuel.spend(1 + len(known) // 4)
        return {**known, name: (free_indices(left, right), left, right)}

    def _premises(self, known: Known, atoms: tuple[Atom, ...]) -> Known:
        for atom in atoms:
            if atom.relation == "=":
                known = self._extend(known, atom.name, self.read(atom.left), self.read(atom.right))
        return known

    def _used(self, uses: tuple[str, ...]) -> Known:
        """The equations of earlier claims that have no premise and one case."""
        known: Known = self.given
        for name in uses:
            statement = self.accepted[name].step.statement
            if isinstance(statement, Claim) and not statement.given and len(statement.cases) == 1:
                known = self._premises(known, statement.cases[0])
        return known

    # Atoms

    def _equal(
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
            left_over = self._excerpt(meaning.cleared(rest)[0], meaning)
            raise ProofError(f"the two sides differ: {left_over}")

    def _squares(self, squares: tuple[Square, ...], strict: bool = False) -> Node:
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

    def _atom(self, known: Known, atom: Atom, by: By) -> None:
        """An equation, or left - right = combination + rest + squares with rest >= 0 (> 0)."""
        left, right = self.read(atom.left), self.read(atom.right)
        if atom.relation != "=":
            rest = self.read(by.rest)
            shown = self.meaning.positive(self.meaning.value(rest), atom.relation == ">")
            if free_indices(rest) or not shown:
                raise ProofError(f"{by.rest[:40]!r} is not shown {atom.relation} 0")
            right = Binary("+", Binary("+", right, rest), self._squares(by.squares))
        self._equal(known, left, right, by)

    # Case trees

    def _tree(self, known: Known, cases: tuple[Case, ...], tree: Tree, depth: int) -> None:
        """Every leaf of the tree establishes one of the cases, or that there is no such model."""
        if depth > MAX_DEPTH:
            raise ProofError(f"the case tree is deeper than {MAX_DEPTH} levels")
        match tree:
            case Conclude(at, by):
                if not 0 <= at < len(cases):
                    raise ProofError("a conclusion must name one of the cases")
                self._case(known, cases[at], by)
            case Contradiction(by):
                self._equal(known, Number(1), Number(0), by)
            case Derive(equation, by, then):
                left, right = self._equation(equation)
                self._equal(known, left, right, by)
                more = self._extend(known, equation.name, left, right)
                self._tree(more, cases, then, depth + 1)
            case Null(squares, by, then):
                self._equal(known, self._squares(squares), Number(0), by)
                for square in (one for one in squares if one.name):
                    self._squares((square,), strict=True)
                    known = self._extend(known, square.name, self.read(square.term), Number(0))
                self._tree(known, cases, then, depth + 1)
            case Split(one, two, by, branches):
                self._split(known, one, two, by, branches)
                for atom, branch in zip((one, two), branches, strict=True):
                    more = self._extend(known, atom.name, *self._equation(atom))
                    self._tree(more, cases, branch, depth + 1)
            case Cite(step, by, branches):
                cited = self.accepted.get(step)
                if cited is None or not isinstance(cited.step.statement, Claim):
                    raise ProofError(f"there is no earlier claim {step!r} that was accepted")
                self._case(known, cited.step.statement.given, by)
                if len(branches) != len(cited.step.statement.cases):
                    raise ProofError("a cited claim needs one branch for each of its cases")
                for case, branch in zip(cited.step.statement.cases, branches, strict=True):
                    self._tree(self._premises(known, case), cases, branch, depth + 1)
            case _:
                raise ProofError(f"a {type(tree).__name__} is no certificate of a claim")

    def _case(self, known: Known, atoms: tuple[Atom, ...], by: Mapping[str, By]) -> None:
        unknown = set(by) - {atom.name for atom in atoms}
        if unknown:
            raise ProofError(f"{min(unknown)!r} is not what is to be concluded")
        for atom in atoms:
            self._atom(known, atom, by.get(atom.name, By()))

    def _equation(self, atom: Atom) -> tuple[Node, Node]:
        if atom.relation != "=":
            raise ProofError("only an equation can be derived or split off")
        self._atom_is_sound(atom)
        return self.read(atom.left), self.read(atom.right)

    def _split(
        self, known: Known, one: Atom, two: Atom, by: By, branches: tuple[Tree, ...]
    ) -> None:
        """e f = 0 for deterministic e, f with separate indices: e = 0 for all, or f = 0 for all."""
        if len(branches) != 2:
            raise ProofError("a split has two branches")
        (left, zero), (right, nought) = self._equation(one), self._equation(two)
        if (zero, nought) != (Number(0), Number(0)):
            raise ProofError("the factors of a split are set to 0")
        if set(free_indices(left)) & set(free_indices(right)):
            raise ProofError("the factors of a split must have separate indices")
        if any(self.meaning.random(self.meaning.value(node)) for node in (left, right)):
            raise ProofError("a split needs deterministic factors")
        self._equal(known, Binary("*", left, right), Number(0), by)

    # Minima

    def _minimum(self, minimum: Minimum, by: Attained, uses: tuple[str, ...]) -> None:
        """From a bound, the equality case, the converse of each case, and values in one case."""
        steps = [self.accepted[name].step.statement for name in uses]
        claims = [step for step in steps if isinstance(step, Claim)]
        if len(claims) != len(steps) or len(claims) != 2 + len(minimum.cases):
            raise ProofError(
                "a minimum uses its bound, its equality case, and a converse each case"
            )
        bound, equality, *converse = claims
        if bound.given or len(bound.cases) != 1 or not self._states(bound.cases[0], minimum, ">="):
            raise ProofError("the first step that a minimum uses is objective >= value")
        if not self._states(equality.given, minimum, "=") or equality.cases != minimum.cases:
            raise ProofError("the second step leads from objective = value to the cases")
        if len(equality.given) != 1:
            raise ProofError("the second step has objective = value as its only premise")
        for case, back in zip(minimum.cases, converse, strict=True):
            if back.given != case or len(back.cases) != 1:
                raise ProofError("a converse leads from its case to objective = value")
            if not self._states(back.cases[0], minimum, "="):
                raise ProofError("a converse leads from its case to objective = value")
        self._parameters_are_free(minimum)
        self._is_attained(minimum, by)

    def _states(self, atoms: tuple[Atom, ...], minimum: Minimum, relation: str) -> bool:
        wanted = (self.read(minimum.objective), relation, self.read(minimum.value))
        return any((self.read(a.left), a.relation, self.read(a.right)) == wanted for a in atoms)

    def _parameters_are_free(self, minimum: Minimum) -> None:
        """No law, moment, given equation or function mentions a parameter, nor does the value."""
        context, parameters = self.context, set(minimum.parameters)
        tensors = {array.name for array in context.arrays if isinstance(array, Tensor)}
        if not parameters <= tensors or len(parameters) != len(minimum.parameters):
            raise ProofError("the parameters of a minimum are distinct deterministic arrays")
        fixed = [minimum.value]
        for array in context.arrays:
            if isinstance(array, Normal | Absolute | Hat):
                fixed.append(
                    array.variance
                    if isinstance(array, Normal)
                    else array.argument
                    if isinstance(array, Absolute)
                    else array.penalty
                )
        for atom in (*context.moments, *context.given):
            fixed += (atom.left, atom.right)
        met = parameters & self._reached(fixed)
        if met:
            raise ProofError(f"{min(met)!r} is not free: a law, a hypothesis or the value has it")

    def _reached(self, texts: list[str]) -> set[str]:
        """All names that texts mention, definitions and what is given unfolded."""
        found: set[str] = set()
        todo = [self._mentioned(self.read(text))[0] for text in texts]
        while todo:
            names_here = todo.pop()
            self.fuel.spend(1 + len(names_here) // 8)
            for name in names_here - found:
                found.add(name)
                todo += [self._mentioned(node)[0] for node in self._stands_for(name)]
        return found

    def _stands_for(self, name: str) -> tuple[Node, ...]:
        """The body of a definition; the sides of an equation that the context gives."""
        if name in self.meaning.definitions:
            return (self.meaning.definitions[name][1],)
        return self.given[name][1:] if name in self.given else ()

    def _mentioned(self, node: Node) -> tuple[frozenset[str], bool]:
        """The names in an expression, and whether it has an expectation; read once."""
        found = self.mentioned.get(id(node))
        if found is None:
            expects = any(isinstance(one, Expect) for one in nodes(node))
            found = self.mentioned[id(node)] = (node, names(node), expects)
        return found[1:]

    def _is_attained(self, minimum: Minimum, by: Attained) -> None:
        """The case holds when the parameters are defined as these deterministic values."""
        context, parameters = self.context, set(minimum.parameters)
        if {v.name for v in by.values} != parameters or len(by.values) != len(parameters):
            raise ProofError("each parameter needs one value")
        if not 0 <= by.case < len(minimum.cases):
            raise ProofError("the values must satisfy one of the cases")
        arrays = {array.name: array for array in context.arrays}
        for value in by.values:
            shape = tuple(context.letters.get(i, "") for i in value.parameters)
            if shape != context.shape(arrays[value.name]):
                raise ProofError(f"the value of {value.name!r} does not fit its indices")
            if parameters & self._reached([value.body]):
                raise ProofError(f"the value of {value.name!r} mentions a parameter")
            if self.meaning.random(self.meaning.value(self.read(value.body))):
                raise ProofError(f"the value of {value.name!r} is random")
        before = [x for x in context.definitions if not parameters & self._reached([x.body])]
        after = [x for x in context.definitions if x not in before]
        special = replace(
            context,
            arrays=tuple(a for a in context.arrays if a.name not in parameters),
            definitions=(*before, *by.values, *after),
        )
        meaning = Meaning(special, self.fuel)
        unknown = set(by.by) - {atom.name for atom in minimum.cases[by.case]}
        if unknown:
            raise ProofError(f"{min(unknown)!r} is not what is to be concluded")
        for atom in minimum.cases[by.case]:
            why = by.by.get(atom.name, By())
            self._equal(self.given, special.read(atom.left), special.read(atom.right), why, meaning)

    # What a step rests on

    def _lemmas(self, step: Step) -> frozenset[str]:
        """The lemmas behind the rules that a step could use, and those of the steps it uses."""
        found = {lemma for name in step.uses for lemma in self.accepted[name].lemmas}
        inside = list(parts(step.certificate))
        for one in inside:
            found |= self.accepted[one.step].lemmas if isinstance(one, Cite) else set()
        context = self.context
        written = [*texts(step.statement), *texts(step.certificate)]
        trees = [node for name in self._reached(written) for node in self._stands_for(name)]
        trees += [self.read(text) for text in written]
        terms = [self.read(one.term) for one in inside if isinstance(one, Square)]
        means = any(self.meaning.random(self.meaning.value(term)) for term in terms)
        if means or any(self._mentioned(tree)[1] for tree in trees):
            found |= {FUBINI}
            found |= {ISSERLIS} if self.meaning.variances else set()
            found |= {CUMULANTS} if context.laws else set()
            found |= {ISOTROPY} if any(h.isotropic for h in context.hidden) else set()
        if any(isinstance(array, Hat) for array in context.arrays):
            found.add(RIDGE)
        if terms:
            found.add(FAITHFUL)
        return frozenset(found)

    def _excerpt(self, poly: Mapping[tuple[int, tuple[int, ...]], object], meaning: Meaning) -> str:
        """One term of a difference that should have been zero, as text."""
        (powers, ids), coefficient = min(poly.items(), key=lambda item: (item[0][1], item[0][0]))
        pieces = [str(coefficient)]
        for name, at in meaning.shift.items():
            exponent = powers >> at & 1023
            pieces += [f"{name}^{exponent}" if exponent > 1 else name] if exponent else []
        for i in ids:
            for f in meaning.table[i]:
                pieces.append(f"{meaning.heads[f[0]].name}[{','.join(map(str, f[1:]))}]")
        more = f" and {len(poly) - 1} more terms" if len(poly) > 1 else ""
        return " ".join(pieces) + more


def parts(part: object) -> Iterator[Any]:
    """A statement or certificate and every atom, square, reason and branch in it."""
    if is_dataclass(part):
        yield part
        for one in fields(part):
            yield from parts(getattr(part, one.name))
    elif isinstance(part, tuple | Mapping):
        for inner in part.values() if isinstance(part, Mapping) else part:
            yield from parts(inner)


def texts(part: object) -> Iterator[str]:
    """Every expression in a statement or a certificate."""
    for one in parts(part):
        yield from (getattr(one, name) for name in EXPRESSIONS if hasattr(one, name))


def check(proof: Proof, fuel: Fuel | None = None) -> tuple[Checked, ...]:
    """Accept a whole proof; ProofError, naming the step, at the first that is not accepted."""
    accepted, failed = examine(proof, fuel)
    for step in proof.steps:
        if step.name in failed:
            raise ProofError(f"{proof.name}, step {step.name}: {failed[step.name]}")
    return tuple(accepted.values())


def examine(proof: Proof, fuel: Fuel | None = None) -> tuple[dict[str, Checked], dict[str, str]]:
    """Each accepted step by name, and why each other one is not."""
    fuel = fuel or Fuel(FUEL)
    failed: dict[str, str] = {}
    try:
        checker = Checker(proof.context, fuel)
    except ProofError as error:
        return {}, {step.name: str(error) for step in proof.steps}
    for step in proof.steps:
        try:
            checker.check(step)
        except ProofError as error:
            failed[step.name] = str(error)
    return dict(checker.accepted), failed
