"""Statements and certificates as text that Coq reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verifier.coq import language as coq
from verifier.coq.elaboration import OFFSET
from verifier.coq.language import MINUS_ONE, Add, Call, Expr, Label, Mul, Num, Relation, inside
from verifier.coq.steps import Steps

RESERVED = frozenset(
    [
        "Add",
        "Mul",
        "Sum",
        "Ten",
        "Num",
        "Sca",
        "Ex",
        "EqA",
        "GeA",
        "GtA",
        "Claim",
        "Minimum",
        "Det",
        "Normal",
        "Field",
        "Fun",
        "Row",
        "Slot",
        "Some",
        "None",
        "Context",
        "Plain",
        "Residual",
        "CAdd",
        "CMul",
        "CSum",
        "CEx",
        "Why",
        "Conclude",
        "Contradiction",
        "Derive",
        "Null",
        "Split",
        "Cite",
        "Done",
        "Branch",
        "Step",
        "ByTree",
        "Attained",
        "true",
        "false",
        "nat",
        "label",
        "expr",
        "num",
        "pow",
        "minus",
        "mean",
        "mean_of",
        "nth",
        "seq",
        "cmean_of",
        "valid",
        "statement",
        "combination",
        "why",
        "tree",
        "forest",
        "step",
        "certificate",
        "List",
        "In",
        "S",
        "O",
        "E",
        "context",
        "as",
        "at",
        "cofix",
        "else",
        "end",
        "exists",
        "fix",
        "for",
        "forall",
        "fun",
        "if",
        "in",
        "is",
        "let",
        "match",
        "mod",
        "return",
        "then",
        "using",
        "where",
        "with",
        "Prop",
        "Set",
        "Type",
        "SProp",
        "Definition",
        "Theorem",
        "Proof",
        "Qed",
    ]
)
RELATIONS = {"=": "EqA", ">=": "GeA", ">": "GtA"}


def listed(items: Iterable[str]) -> str:
    """A list."""
    found = list(items)
    return f"[:: {'; '.join(found)}]" if found else "[::]"


class Text:
    """Names for everything in one proof, and its expressions as text."""

    def __init__(self, steps: Steps) -> None:
        self.steps, self.declared = steps, steps.declared
        self.names: dict[tuple[str, str], str] = {}
        self.taken = set(RESERVED)
        context = steps.context
        for sort in self.declared.sort_names:
            self._name("sort", sort)
        for letter in self.declared.letter:
            self._name("letter", letter)
        for scalar in context.scalars:
            self._name("scalar", scalar.name)
        self.array_names = ["delta", *(array.name for array in context.arrays)]
        for name in self.array_names:
            self._name("array", name)
        for definition in context.definitions:
            self._name("definition", definition.name)
        self.offset = self._name("variable", "o")
        self.letters = {place: letter for letter, place in self.declared.letter.items()}
        self.scalars = {number: name for name, number in self.declared.scalar.items()}

    def _name(self, kind: str, name: str) -> str:
        found = name
        while found in self.taken or found.startswith(("step_", "proof_", "claim_", "over_")):
            found += "_"
        self.taken.add(found)
        self.names[kind, name] = found
        return found

    # Expressions

    def label(self, label: Label) -> str:
        """A label."""
        place = (label.sort, label.number)
        if not label.base and place in self.letters:
            return self.names["letter", self.letters[place]]
        if label.base and label.base != OFFSET:
            return self.names["letter", label.base]
        sort = self.names["sort", self.declared.sort_names[label.sort]]
        return f"({sort} {self._offset(label)})"

    def _offset(self, label: Label) -> str:
        if not label.base:
            return str(label.number)
        return f"({self.offset} + {label.number})" if label.number else self.offset

    def expr(self, e: Expr, level: int = 0) -> str:
        """An expression; ``level`` 1 asks for a factor, 2 for an argument."""
        match e:
            case Num(value):
                text, own = f"num {value}" if value >= 0 else f"num ({value})", 1
            case coq.Sca(number):
                return self._scalar(number)
            case coq.Ten(array, labels):
                return self._applied(self.names["array", self.array_names[array]], labels, level)
            case Add(left, Mul(one, right)) if one == MINUS_ONE:
                text, own = f"{self.expr(left)} - {self.expr(right, 1)}", 0
            case Add(left, right):
                text, own = f"{self.expr(left)} + {self.expr(right, 1)}", 0
            case Mul(left, right):
                text, own = f"{self.expr(left, 1)} * {self.expr(right, 2)}", 1
            case coq.Sum(label, body):
                text, own = f"Sum {self.label(label)} {self.expr(body, 2)}", 1
            case coq.Mean(sources, body):
                text, own = f"{self._mean(sources)} {self.expr(body, 2)}", 1
            case coq.Power(base, exponent):
                text, own = f"pow {self.expr(base, 2)} {exponent}", 1
            case Call(name, offset, labels, body):
                words = [self._offset(offset)] if binds(body) else []
                return self._applied(self.names["definition", name], labels, level, words)
        return f"({text})" if own < level else text

    def _mean(self, sources: tuple[int, ...]) -> str:
        if sources == self.declared.sources():
            return "E"
        return f"mean_of {listed(map(str, sources))}"

    def _scalar(self, number: int) -> str:
        if number in self.scalars:
            return self.names["scalar", self.scalars[number]]
        return f"over_{number // 2 - self.declared.first_divisor + 1}"

    def _applied(
        self, name: str, labels: tuple[Label, ...], level: int, words: Sequence[str] = ()
    ) -> str:
        if not labels and not words:
            return name
        text = " ".join([name, *words, *map(self.label, labels)])
        return f"({text})" if level == 2 else text

    def relation(self, atom: Relation) -> str:
        """An atom."""
        return f"{RELATIONS[atom.relation]} {self.expr(atom.left, 2)} {self.expr(atom.right, 2)}"

    def relations(self, atoms: Sequence[Relation]) -> str:
        """A system."""
        return listed(map(self.relation, atoms))

    def statement(self, statement: coq.Statement) -> str:
        """A statement."""
        cases = listed(f"\n    {self.relations(case)}" for case in statement.cases)
        if isinstance(statement, coq.Claim):
            return f"Claim {self.relations(statement.given)} {cases}"
        head = f"{self.expr(statement.objective, 2)} {self.expr(statement.value, 2)}"
        return f"Minimum {head}\n  {listed(map(str, statement.parameters))} {cases}"

    # Certificates

    def combination(self, c: coq.Combination) -> str:
        """A combination, in parentheses."""
        match c:
            case coq.Plain(body):
                return f"(Plain {self.expr(body, 2)})"
            case coq.Residual(known, replaced):
                pairs = listed(f"({self.label(a)}, {self.label(b)})" for a, b in replaced)
                return f"(Residual {known} {pairs})"
            case coq.Plus(left, right):
                return f"(CAdd {self.combination(left)} {self.combination(right)})"
            case coq.Times(left, right):
                return f"(CMul {self.combination(left)} {self.combination(right)})"
            case coq.Summed(label, body):
                return f"(CSum {self.label(label)} {self.combination(body)})"
            case coq.Averaged(sources, body):
                return f"(cmean_of {listed(map(str, sources))} {self.combination(body)})"

    def why(self, why: coq.Why) -> str:
        """Why an atom holds, in parentheses."""
        squares = listed(f"({self.expr(c)}, {self.expr(t)})" for c, t in why.squares)
        numbers = f"{self.expr(why.times, 2)} {self.expr(why.rest, 2)}"
        return f"(Why {self.combination(why.combination)} {numbers} {squares})"

    def tree(self, tree: coq.Tree, places: Mapping[int, int]) -> str:
        """A case tree, in parentheses; ``places`` of earlier steps in the list of those used."""
        match tree:
            case coq.Conclude(case, whys):
                return f"(Conclude {case} {listed(map(self.why, whys))})"
            case coq.Contradiction(why):
                return f"(Contradiction {self.why(why)})"
            case coq.Derive(left, right, why, then):
                sides = f"{self.expr(left, 2)} {self.expr(right, 2)}"
                return f"(Derive {sides} {self.why(why)}\n  {self.tree(then, places)})"
            case coq.Null(squares, why, then):
                terms = listed(
                    f"(({self.expr(c)}, {self.expr(t)}), {str(named).lower()})"
                    for c, t, named in squares
                )
                return f"(Null {terms} {self.why(why)}\n  {self.tree(then, places)})"
            case coq.Split(left, right, why, (one, two)):
                sides = f"{self.expr(left, 2)} {self.expr(right, 2)}"
                branches = f"{self.tree(one, places)}\n  {self.tree(two, places)}"
                return f"(Split {sides} {self.why(why)}\n  {branches})"
            case coq.Cite(step, whys, branches):
                forest = "Done"
                for branch in reversed(branches):
                    forest = f"(Branch {self.tree(branch, places)} {forest})"
                return f"(Cite {places[step]} {listed(map(self.why, whys))} {forest})"

    def certificate(self, certificate: coq.Tree | coq.Attained, places: Mapping[int, int]) -> str:
        """The certificate of a step, in parentheses."""
        if not isinstance(certificate, coq.Attained):
            return f"(ByTree {self.tree(certificate, places)})"
        values = listed(
            f"({array}, ({listed(map(self.label, labels))}, {self.expr(body)}))"
            for array, labels, body in certificate.values
        )
        whys = listed(map(self.why, certificate.whys))
        return f"(Attained {certificate.case} {values} {whys})"


def binds(body: Expr) -> bool:
    """Whether a definition has bound labels, so that it asks for the number of the first."""
    return any(isinstance(one, coq.Sum) for one in inside(body))
