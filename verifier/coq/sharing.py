"""Certificates that use an equation between means instead of computing both of them again.

Most steps of a proof need E(t^2) = L - L* for the same t and L, which an earlier step shows. The
kernel in Python computes each mean once and remembers it; Coq takes closed means as unknown numbers
(coq/kernel/closed_means.v), so there the earlier step has to be named. What comes out is a proof
that the kernel in Python accepts as well; nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from verifier.proof.atoms import Equation
from verifier.proof.context import Atom, Tensor
from verifier.proof.mean import Meaning, Residuals
from verifier.proof.statements import (
    By,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Null,
    Proof,
    Split,
    Square,
    Step,
    Tree,
)
from verifier.proof.syntax import (
    Binary,
    Expect,
    Fuel,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
    names,
    nodes,
    show,
)

FUEL = 10_000_000
Known = Mapping[str, Equation]
Lemma = tuple[Atom, By]  # an equation between means, and why it holds


@dataclass(frozen=True, slots=True)
class Shared:
    """A proof, and the identities in it for which no closed mean has to be computed, by `key`."""

    proof: Proof
    light: frozenset[int]


def shared(proof: Proof) -> Shared:
    """The same proof; a step that needs an equation between means from before names it."""
    sharing = _Sharing(proof)
    steps = tuple(map(sharing.step, proof.steps))
    return Shared(replace(proof, steps=steps), frozenset(sharing.light))


class _Sharing:
    """Goes through the steps of a proof; ``lemmas``: the equations between means so far."""

    def __init__(self, proof: Proof) -> None:
        self.context, self.by_name = proof.context, {step.name: step for step in proof.steps}
        self.lemmas: dict[str, tuple[Atom, By]] = {}
        self.hidden: dict[str, str] = {}
        self.light: dict[int, By] = {}  # by identity; the objects are kept alive
        self.saved = False
        self.fresh = (name for k in count() if (name := f"mean{k}") not in proof.context.taken)
        self.meaning = Meaning(proof.context, Fuel(FUEL))
        self.expecting: set[str] = set()  # definitions with an expectation in them
        for one in proof.context.definitions:
            if self._expects(proof.context.read(one.body)):
                self.expecting.add(one.name)

    def step(self, step: Step) -> Step:
        """The step, with one more step that it uses where that saves means."""
        statement = step.statement
        if not isinstance(statement, Claim):
            return step
        known: Known = {}
        for name in self.meaning.equations:
            known = {**known, name: self._equation(*self.meaning.equations[name])}
        known = self._with(known, [a for a in self.context.given if a.relation == "="])
        for name in step.uses:
            used = self.by_name[name].statement
            if isinstance(used, Claim) and not used.given and len(used.cases) == 1:
                known = self._with(known, used.cases[0])
        known = self._with(known, statement.given)
        certificate = self._tree(known, statement.cases, step.certificate, None)
        for name, lemma in self.lemmas.items():
            if name not in step.uses and lemma[0].name not in known:
                self.saved = False
                found = self._tree(known, statement.cases, step.certificate, lemma)
                if self.saved:
                    certificate, step = found, replace(step, uses=(*step.uses, name))
                    break
        step = replace(step, certificate=certificate)
        if not statement.given and len(statement.cases) == 1 and len(statement.cases[0]) == 1:
            (atom,) = statement.cases[0]
            simple = isinstance(step.certificate, Conclude) and not step.uses
            if simple and atom.relation == "=" and _means(self.context.read(atom.left)):
                assert isinstance(step.certificate, Conclude)
                self.lemmas[step.name] = (atom, step.certificate.by.get(atom.name, By()))
        return step

    def _with(self, known: Known, atoms: Sequence[Atom]) -> Known:
        read = self.context.read
        more = {
            a.name: self._equation(read(a.left), read(a.right)) for a in atoms if a.relation == "="
        }
        return {**known, **more}

    def _equation(self, left: Node, right: Node) -> Equation:
        return free_indices(left, right), left, right

    def _tree(
        self, known: Known, cases: Sequence[Sequence[Atom]], tree: object, lemma: Lemma | None
    ) -> Tree:
        """The tree, the lemma used wherever it saves means."""
        match tree:
            case Conclude(at, by):
                return Conclude(at, self._all(known, cases[at], by, lemma))
            case Contradiction(by):
                return Contradiction(self._cheaper(known, (Number(1), Number(0)), by, lemma))
            case Derive(equation, by, then):
                after = self._with(known, (equation,))
                return Derive(
                    equation,
                    self._by(known, equation, by, lemma),
                    self._tree(after, cases, then, lemma),
                )
            case Null(squares, by, then):
                named = [Atom(s.name, s.term) for s in squares if s.name]
                after = self._with(known, named)
                sides = (self._squares(squares), Number(0))
                return Null(
                    squares,
                    self._cheaper(known, sides, by, lemma),
                    self._tree(after, cases, then, lemma),
                )
            case Split(one, two, by, (first, second)):
                product = Binary("*", self.context.read(one.left), self.context.read(two.left))
                return Split(
                    one,
                    two,
                    self._cheaper(known, (product, Number(0)), by, lemma),
                    (
                        self._tree(self._with(known, (one,)), cases, first, lemma),
                        self._tree(self._with(known, (two,)), cases, second, lemma),
                    ),
                )
            case Cite(name, by, branches):
                cited = self.by_name[name].statement
                assert isinstance(cited, Claim)
                return Cite(
                    name,
                    self._all(known, cited.given, by, lemma),
                    tuple(
                        self._tree(self._with(known, case), cases, branch, lemma)
                        for case, branch in zip(cited.cases, branches, strict=True)
                    ),
                )
        raise TypeError(tree)

    def _all(
        self, known: Known, atoms: Sequence[Atom], by: Mapping[str, By], lemma: Lemma | None
    ) -> dict[str, By]:
        return {a.name: self._by(known, a, by.get(a.name, By()), lemma) for a in atoms}

    def _by(self, known: Known, atom: Atom, by: By, lemma: Lemma | None) -> By:
        left, right = self.context.read(atom.left), self.context.read(atom.right)
        if atom.relation != "=":
            rest = self.context.read(by.rest)
            right = Binary("+", Binary("+", right, rest), self._squares(by.squares))
        return self._cheaper(known, (left, right), by, lemma)

    def _squares(self, squares: Sequence[Square]) -> Node:
        total: Node = Number(0)
        for square in squares:
            term = self.context.read(square.term)
            indices, body = free_indices(term), Pow(term, 2)
            mean = Expect(None, Sum(indices, body) if indices else body)
            total = Binary("+", total, Binary("*", self.context.read(square.coefficient), mean))
        return total

    def _cheaper(self, known: Known, sides: tuple[Node, Node], by: By, lemma: Lemma | None) -> By:
        """The reason with the lemma, if it holds then without looking into closed means."""
        combination = self.context.read(by.combination)
        plain = Binary("*", self.context.read(by.times), Binary("-", *sides))
        gap = Binary("-", plain, combination)
        if self._vanishes(known, gap):
            return self._light(known, gap, by)
        if lemma is None or lemma[1].times != "1":
            return by
        atom, why = lemma
        more: Node = Binary("-", Symbol(atom.name), self.context.read(why.combination))
        more = Binary("*", self.context.read(by.times), more)
        with_lemma = self._with(known, (atom,))
        for sign, other in (("+", "-"), ("-", "+")):
            if self._vanishes(with_lemma, Binary(other, gap, more)):
                self.saved = True
                combination_text = show(Binary(sign, combination, more))
                found = replace(by, combination=combination_text)
                return self._light(with_lemma, Binary(other, gap, more), found)
        return by

    def _light(self, known: Known, gap: Node, by: By) -> By:
        """The reason, noted as light if no mean is left once the closed ones are hidden."""
        own = replace(by)
        used = names(gap) & known.keys()
        sides = [side for name in used for side in known[name][1:]]
        if not any(self._expects(self._hide(node, known)) for node in (gap, *sides)):
            self.light[id(own)] = own
        return own

    def _expects(self, node: Node) -> bool:
        return _means(node) or bool(names(node) & self.expecting)

    def _vanishes(self, known: Known, node: Node) -> bool:
        """Whether an expression in residuals is 0, each closed mean an unknown number."""
        sides = {
            name: (indices, self._hide(left, known), self._hide(right, known))
            for name, (indices, left, right) in known.items()
        }
        hidden = self._hide(node, known)
        context = replace(self.context, arrays=(*self.context.arrays, *self._tensors()))
        meaning = Meaning(context, Fuel(FUEL))
        try:
            return meaning.vanishes(meaning.value(hidden, Residuals(sides)))
        except ProofError:
            return False

    def _tensors(self) -> list[Tensor]:
        return [Tensor(name) for name in self.hidden.values()]

    def _hide(self, node: Node, known: Known) -> Node:
        match node:
            case Expect(None, _) if not free_indices(node) and _plain(node, known):
                text = show(_opened(node, known))
                if text not in self.hidden:
                    self.hidden[text] = next(self.fresh)
                return Symbol(self.hidden[text])
            case Binary(operation, left, right):
                return Binary(operation, self._hide(left, known), self._hide(right, known))
            case Neg(body):
                return Neg(self._hide(body, known))
            case Pow(body, exponent):
                return Pow(self._hide(body, known), exponent)
            case Sum(indices, body):
                return Sum(indices, self._hide(body, known))
            case Expect(sources, body):
                return Expect(sources, self._hide(body, known))
        return node


def _plain(node: Node, known: Known) -> bool:
    """Whether all residuals in an expression are without indices."""
    found = (one for one in nodes(node) if isinstance(one, Symbol) and one.name in known)
    return not any(known[one.name][0] for one in found)


def _opened(node: Node, known: Known) -> Node:
    """Residuals as left minus right, squares as products: equal means are written alike."""
    match node:
        case Symbol(name) if name in known:
            _, left, right = known[name]
            return _opened(left if right == Number(0) else Binary("-", left, right), known)
        case Binary(operation, left, right):
            return Binary(operation, _opened(left, known), _opened(right, known))
        case Neg(body):
            return Neg(_opened(body, known))
        case Pow(body, 2):
            return Binary("*", _opened(body, known), _opened(body, known))
        case Pow(body, exponent):
            return Pow(_opened(body, known), exponent)
        case Sum(indices, body):
            return Sum(indices, _opened(body, known))
        case Expect(sources, body):
            return Expect(sources, _opened(body, known))
    return node


def _means(node: Node) -> bool:
    return any(isinstance(one, Expect) for one in nodes(node))
