"""Checked steps written as a mathematician writes a proof.

Equations get numbers when a later line needs them, and Delta with the number stands for the left
minus the right side of an equation, as residuals do in a certificate. What is written is rendered
from the statement and the certificate; of a certificate that fills pages only its kind is told.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from verifier.proof.context import Atom, Definition
from verifier.proof.mean import Meaning
from verifier.proof.rules import FUEL, Checked
from verifier.proof.statements import (
    Attained,
    By,
    Case,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Minimum,
    Null,
    Proof,
    Split,
    Square,
    Statement,
    Step,
    Tree,
    parts,
    texts,
)
from verifier.proof.syntax import (
    Binary,
    Expect,
    Fuel,
    Node,
    Number,
    Pow,
    Sum,
    Symbol,
    children,
    free_indices,
    names,
    nodes,
)
from verifier.render.as_written import rebuilt, tidy
from verifier.render.bibliography import cited_in
from verifier.render.closed_form import closed_form
from verifier.render.document import (
    Block,
    BlockMatrix,
    Citation,
    Display,
    Environment,
    Formula,
    Matrix,
    Named,
    Numbering,
    Paragraph,
    Piece,
    Pieces,
    Reference,
    Tex,
    joined,
)
from verifier.render.free_names import indices_of
from verifier.render.kinds import Form, form_of
from verifier.render.latex_expression import latex
from verifier.render.layer_blocks import matrices
from verifier.render.matrix_latex import tree_latex
from verifier.render.notation import Notation
from verifier.render.saying import AND, SIGNS, Said, for_all, listed, said, written
from verifier.render.width import LINE, width_of

UNIT, NONE = Number(1), Number(0)
LONGEST = 900  # letters of LaTeX in a displayed formula
OR = Tex(r"\quad\text{or}\quad ", " or ")
LEMMAS = {
    "Isserlis": "Isserlis' theorem",
    "Fubini": "Fubini's theorem (independent sources, one after the other)",
    "Moebius": "Möbius inversion over the partitions of equal draws",
    "averaging": "averaging over rotations of the axes",
    "X X'": "the equation of the hat matrix",
}
ROUTINE = 700  # letters of the certificate of a step that shows no claim


@dataclass
class Counters:
    """The numbers that a document has given, and the works that it cites."""

    equations: int = 0
    named: dict[str, int] = field(default_factory=dict)
    cited: list[str] = field(default_factory=list)

    def equation(self) -> int:
        """The next number of an equation."""
        self.equations += 1
        return self.equations

    def name(self, kind: str) -> Named:
        """The next theorem or lemma."""
        self.named[kind] = self.named.get(kind, 0) + 1
        return Named(kind, self.named[kind])

    def cite(self, text: str) -> Pieces:
        """The citation of the works that a text names."""
        keys = cited_in(text)
        self.cited += keys
        return (" ", Citation(keys)) if keys else ()


@dataclass
class Scribe:
    """Writes the steps of one proof. ``scope``: the number of each equation that has a name now."""

    proof: Proof
    accepted: Mapping[str, Checked]
    notation: Notation
    counters: Counters
    scope: dict[str, int] = field(default_factory=dict)
    steps: dict[str, Named] = field(default_factory=dict)
    shown: dict[tuple[str, str], int] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.context = self.proof.context
        self.meaning = Meaning(self.context, Fuel(FUEL))
        self.aliases = self._aliases()

    def _aliases(self) -> dict[Node, Symbol]:
        """L for what is minimised, and L with a star for the minimum, where there is one."""
        taken = {*self.notation.orders, *self.context.letters}
        if len({one.objective for one in self.minima}) != 1 or taken & {"L", "Lstar"}:
            return {}
        minimum = self.minima[0]
        read = self.context.read
        found = {tidy(read(minimum.objective)): Symbol("L")}
        value = tidy(read(minimum.value))
        return found if isinstance(value, Symbol) else {**found, value: Symbol("Lstar")}

    @property
    def minima(self) -> list[Minimum]:
        """All minima that were accepted in the proof."""
        statements = (checked.step.statement for checked in self.accepted.values())
        return [one for one in statements if isinstance(one, Minimum)]

    # Formulas

    def _with_deltas(self, node: Node) -> Node:
        """The node with every numbered equation's name as Delta and its number."""
        if isinstance(node, Symbol) and node.name in self.scope:
            return replace(node, name=delta(self.scope[node.name]))
        return rebuilt(node, tuple(map(self._with_deltas, children(node))))

    def short(self, node: Node) -> Node:
        """The expression with L and its minimum under these names."""
        if node in self.aliases:
            return self.aliases[node]
        if isinstance(node, Binary) and node.operation == "-":
            ahead = tidy(Binary("-", node.left, node.right))
            if ahead in self.aliases:
                return self.aliases[ahead]
        return rebuilt(node, tuple(map(self.short, children(node))))

    def forms(self, *sides: Node) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
        """Expressions as pieces, and the indices that remain: none where all are in matrix form."""
        free = free_indices(*sides)
        marked = [self._with_deltas(self.short(tidy(side))) for side in sides]
        found = [self.notation.matrix(node, free) for node in marked]
        if all(found):
            return tuple(one for one in found if one is not None), ()
        return tuple(Formula(self.notation.node(tidy(node))) for node in marked), free

    def expression(self, text: str) -> Piece:
        """One expression without free indices."""
        return self.forms(self.context.read(text))[0][0]

    def names(self, names: tuple[str, ...]) -> Pieces:
        """A list of names, whole matrices under theirs."""
        return self.notation.pieces(listed(self.context, names))

    def equation(self, atom: Atom) -> tuple[Pieces, tuple[str, ...]]:
        """left = right, with a number if it is needed later, and the indices that remain."""
        sides = self.context.read(atom.left), self.context.read(atom.right)
        (left, right), free = self.forms(*sides)
        pieces: Pieces = (left, SIGNS[atom.relation], right)
        if atom.name in self.needed:
            self.scope[atom.name] = self.counters.equation()
            pieces = (*pieces, Numbering(self.scope[atom.name]))
        return pieces, free

    def plain(self, atom: Atom) -> Pieces:
        """left = right, without a number."""
        with self.numbering(frozenset()):
            return self.equation(atom)[0]

    @contextmanager
    def numbering(self, needed: frozenset[str]) -> Iterator[None]:
        """Meanwhile these equations get numbers."""
        before, self.needed = self.needed, needed
        try:
            yield
        finally:
            self.needed = before

    def display(self, atom: Atom) -> Display:
        """One equation with a number, on a line of its own."""
        with self.numbering(frozenset((atom.name,))):
            return displayed(written(self, (atom,)))

    # Statements

    def statement(self, step: Step, needed: frozenset[str]) -> Iterator[Block]:
        """What the step says; equations that ``needed`` names are numbered.

        Of several cases none is: a proof concludes one of them.
        """
        statement = step.statement
        if len(statement.cases) > 1 or isinstance(statement, Minimum):
            needed -= {atom.name for case in statement.cases for atom in case}
        with self.numbering(needed):
            parts = said(self.context, statement, self.minima, self)
        lead = capital(parts.lead) or ("We have",)
        if parts.lead == ("if",) and len(parts.cases) == 1:
            yield from self._if(parts)
            return
        yield Paragraph((*lead, *(() if parts.given or not parts.lead else (",",))))
        if parts.given:
            yield Display(parts.given)
        if parts.opening:
            yield Paragraph((parts.opening,))
        if len(parts.cases) == 1:
            yield from lines(parts.cases[0])
            return
        if sum(map(width_of, parts.cases)) <= LINE:
            yield displayed(joined(parts.cases, OR))
            return
        for k, one in enumerate(parts.cases):
            yield displayed((OR, *one) if k else one)

    def _if(self, parts: Said) -> Iterator[Block]:
        """An implication, as a sentence where it is short."""
        (case,) = parts.cases
        if width_of(parts.given) + width_of(case) <= LINE:
            yield Paragraph(("If ", *parts.given, ", then ", *case, "."))
            return
        yield Paragraph(("If ", *parts.given, ", then"))
        yield from lines(case)

    # Proofs

    def lemma(self, step: Step, kind: str = "lemma", title: str = "") -> Iterator[Block]:
        """A numbered statement with its proof."""
        self.enter(step)
        named = self.counters.name(kind)
        self.steps[step.name] = named
        needed = self._needed(step)
        yield Environment(named.kind, named.number, title, tuple(self.statement(step, needed)))
        why = tuple(self.proof_of(step))
        opening = (Paragraph(("Indeed,",)),) if isinstance(why[0], Display) else ()
        yield Environment("proof", 0, "", (*opening, *why))
        self._leave(step)

    def proof_in_theorem(self, step: Step) -> Iterator[Block]:
        """The proof of a step that the theorem states."""
        self.enter(step)
        yield from self.proof_of(step)

    def enter(self, step: Step) -> None:
        """Only what is given, and what the steps that this one uses have shown, has a name now."""
        kept = {atom.name for atom in (*self.context.given, *self.context.moments)}
        kept |= {name for name in self.scope if name.endswith(("_normal", "_squared"))}
        self.scope = {name: k for name, k in self.scope.items() if name in kept}
        for (used, name), number in self.shown.items():
            if used in step.uses:
                self.scope[name] = number

    def _leave(self, step: Step) -> None:
        match step.statement:
            case Claim((), (case,)):
                for atom in case:
                    if atom.name in self.scope:
                        self.shown[step.name, atom.name] = self.scope[atom.name]

    def _needed(self, step: Step) -> frozenset[str]:
        """Names of the equations that the certificate, or that of a step which uses it, names."""
        users = [one for one in self.proof.steps if one is step or step.name in one.uses]
        read = self.context.read
        used = {x for one in users for text in texts(one.certificate) for x in names(read(text))}
        match step.statement, step.certificate:
            case Claim(_, (case,)), certificate:
                leaves = [x for x in parts(certificate) if isinstance(x, Conclude)]
                used |= {x.name for x in case for leaf in leaves if not _trivial(_by(leaf, x))}
        return frozenset(used)

    def proof_of(self, step: Step) -> Iterator[Block]:
        """Why the step holds."""
        needed = self._needed(step)
        routine = sum(map(len, texts(step.certificate)))
        if isinstance(step.certificate, Attained):
            yield from self._attained(step, step.certificate)
            return
        statement = step.statement
        assert isinstance(statement, Claim)
        open_ones = tuple(
            atom for atom in statement.given if atom.name in needed and atom.name not in self.scope
        )
        if not step.claim and routine > ROUTINE:
            yield Paragraph(self._told(step))
            return
        if open_ones:
            yield Paragraph(("By the premise,",))
            yield from map(self.display, open_ones)
        yield from self._tree(step, statement.cases, step.certificate, ())

    def _told(self, step: Step) -> Pieces:
        """What kind of certificate it is, where it fills pages."""
        count = sum(isinstance(x, By) for x in parts(step.certificate))
        return (
            f"By {count} polynomial identities, each the left minus the right side of an equation "
            "as a combination of those before it, and the premises; the proof file has them in "
            f"step “{step.name}”.",
        )

    def _tree(
        self, step: Step, cases: tuple[Case, ...], tree: Tree, number: tuple[int, ...]
    ) -> Iterator[Block]:
        match tree:
            case Conclude(at, by):
                if len(cases) > 1:
                    which = ("first", "second", "third", "fourth")[at]
                    yield Paragraph((f"This is the {which} case:",))
                yield from self._conclude(step, cases[at], by, len(cases) > 1)
            case Contradiction(by):
                yield Paragraph(("This is impossible:",))
                yield from self._reason(step, Atom("", "1", "0"), by)
            case Derive(equation, by, then):
                yield self.display(equation)
                yield from self._reason(step, equation, by, "because")
                yield from self._tree(step, cases, then, number)
            case Null(squares, by, then):
                yield from self._null(squares, by)
                yield from self._tree(step, cases, then, number)
            case Split(one, two, by, branches):
                product = self.forms(self.context.read(f"({one.left})*({two.left})"))[0][0]
                yield Paragraph(("The product ", product, " vanishes", *self._why(by), "."))
                yield from self._branches(step, cases, ((one,), (two,)), branches, number)
            case Cite(cited, by, branches):
                found = self.accepted[cited].step.statement
                name: Piece = self.steps.get(cited, f"step “{cited}”")
                yield Paragraph((name, " applies."))
                assert isinstance(found, Claim)
                yield from self._branches(step, cases, found.cases, branches, number)

    def _branches(
        self,
        step: Step,
        cases: tuple[Case, ...],
        suppositions: tuple[Case, ...],
        branches: tuple[Tree, ...],
        number: tuple[int, ...],
    ) -> Iterator[Block]:
        outer = dict(self.scope)
        for k, (case, branch) in enumerate(zip(suppositions, branches, strict=True), 1):
            self.scope = dict(outer)
            used = {x for text in texts(branch) for x in names(self.context.read(text))}
            own = (*number, k)
            with self.numbering(frozenset(used)):
                supposed = written(self, case)
            label = ".".join(map(str, own))
            start = "Hence " if len(branches) == 1 else f"Case {label}: "
            yield Paragraph((start, *supposed, "."))
            yield from self._tree(step, cases, branch, own)
        self.scope = outer

    def _conclude(
        self, step: Step, case: Case, by: Mapping[str, By], several: bool
    ) -> Iterator[Block]:
        """Every atom of a case; those that need no more than a word share a sentence."""
        plain = [atom for atom in case if _trivial(by.get(atom.name, By()))]
        for atom in (x for x in case if x not in plain):
            opening = ""
            if atom.name not in self.scope and (several or len(case) > 1):
                yield Display(self.plain(atom))
                opening = "because"
            yield from self._reason(step, atom, by[atom.name], opening)
        quick: list[Pieces] = []
        for atom in plain:
            why = self._why(by.get(atom.name, By())) or (" on expanding both sides",)
            quick.append((*self.plain(atom), *why))
        if not quick:
            return
        if (
            several
            or len(case) > 1
            or plain != list(case)
            or self._why(by.get(plain[0].name, By()))
        ):
            yield Paragraph((*joined(quick, "; "), "."))
        else:
            yield Paragraph(self._expanding(step))

    def _expanding(self, step: Step) -> Pieces:
        """Why two sides are equal that have the same normal form."""
        means = " and take means; they are the same." if self.accepted[step.name].lemmas else "."
        return (f"Expand both sides{means}",)

    def means(self) -> Pieces:
        """By which lemmas the proof takes means."""
        lemmas = sorted({x for checked in self.accepted.values() for x in checked.lemmas})
        found: list[Pieces] = []
        for lemma in lemmas:
            word = next((text for mark, text in LEMMAS.items() if lemma.startswith(mark)), None)
            if word is not None:
                found.append((word, *self.counters.cite(lemma)))
        return ("Means are taken by ", *joined(found, ", "), ". ") if found else ()

    def _why(self, by: By) -> Pieces:
        """`` by (3)`` where one equation says it, `` identically`` where nothing is needed."""
        match self.context.read(by.combination):
            case Symbol(name) if name in self.scope and _plain(by):
                return (" by ", Reference(self.scope[name]))
        return ()

    def _reason(self, step: Step, atom: Atom, by: By, opening: str = "") -> Iterator[Block]:
        """times * (left - right) = combination + rest + squares, and the signs in words."""
        if _trivial(by):
            why = self._why(by)
            if why:
                yield Paragraph(("This holds", *why, "."))
            else:
                yield Paragraph(self._expanding(step))
            return
        read = self.context.read
        sides = [self.short(tidy(read(text))) for text in (atom.left, atom.right)]
        gap: Node = Binary("-", *sides)
        if atom.name in self.scope:
            gap = Symbol(atom.name, indices_of(self.context, (atom,)))
        left = tidy(Binary("*", read(by.times), gap))
        shown = [x for x in (tidy(read(by.combination)), tidy(read(by.rest))) if x != NONE]
        shown += [self._mean(square) for square in by.squares]
        whole = tidy(Binary("*", read(by.times), Binary("-", *sides)))
        told = shown != [whole]
        if told:
            yield from self._equation(left, shown or [NONE], opening)
        signs = [by.times, by.rest, *(square.coefficient for square in by.squares)]
        yield from self._signs(signs, by, "where" if told else "Here")

    def _equation(self, left: Node, terms: Sequence[Node], opening: str = "") -> Iterator[Block]:
        right = terms[0]
        for term in terms[1:]:
            right = Binary("+", right, term)
        (one, two), free = self.forms(left, tidy(right))
        start: Pieces = (Tex(rf"\text{{{opening}}}\quad ", f"{opening} "),) if opening else ()
        if len(piece_latex(one)) + len(piece_latex(two)) <= LONGEST:
            yield Display((*start, one, SIGNS["="], two, *for_all(free)))
            return
        used = sorted({self.scope[x] for x in names(terms[0]) if x in self.scope})
        told: Pieces = ("a sum of ", str(_terms(terms[0])), " terms, which the proof file has")
        if used:
            told = ("a combination of ", *references(used), ", which the proof file has")
        if len(terms) == 1:
            begin = (f"{opening.capitalize()} ",) if opening else ()
            yield Paragraph((*begin, one, " is ", *told, "."))
            return
        rest = terms[1]
        for term in terms[2:]:
            rest = Binary("+", rest, term)
        (one, two), free = self.forms(left, tidy(rest))
        yield Display((*start, one, SIGNS["="], Tex(r"(\dots) +", "(…) + "), two, *for_all(free)))
        yield Paragraph(("where (…) is ", *told, "."))

    def _mean(self, square: Square) -> Node:
        """coefficient * E(sum of term^2)."""
        coefficient = tidy(self.context.read(square.coefficient))
        term = tidy(self.context.read(square.term))
        indices, body = free_indices(term), Pow(term, 2)
        mean = Expect(None, Sum(indices, body) if indices else body)
        return mean if coefficient == UNIT else Binary("*", coefficient, mean)

    def _signs(self, signs: Sequence[str], by: By, start: str = "where") -> Iterator[Block]:
        """In words: what divides is positive, squares have coefficients that are not negative."""
        pieces: list[tuple[bool, Pieces]] = []
        bodies = {one.name: one.body for one in self.context.definitions}
        for text in dict.fromkeys(signs):
            node = tidy(self.context.read(text))
            named = bodies.get(node.name) if isinstance(node, Symbol) else None
            if not names(node) or (isinstance(node, Symbol) and named is None):
                continue
            (one,), _ = self.forms(node)
            opaque = any(isinstance(x, Expect) for x in nodes(node))
            closed = closed_form(self.meaning, node) if opaque else None
            closed = tidy(self.context.read(named)) if named else closed
            strict = self.meaning.positive(self.meaning.value(node), True)
            equal: Pieces = (SIGNS["="], *self.forms(closed)[0]) if closed else ()
            pieces.append((strict, (one, *equal)))
        said: list[Pieces] = [("means of squares are not negative",)] if by.squares else []
        for strict, word in ((True, "positive"), (False, "not negative")):
            those = [one for positive, one in pieces if positive is strict]
            if those:
                verb = "is" if len(those) == 1 else "are"
                said.append((*joined(those, ", "), f" {verb} {word}"))
        if said:
            yield Paragraph((f"{start} ", *joined(said, ", and "), "."))

    def _null(self, squares: tuple[Square, ...], by: By) -> Iterator[Block]:
        """A sum of squares that vanishes, and what follows from it."""
        total = self._mean(squares[0])
        for square in squares[1:]:
            total = Binary("+", total, self._mean(square))
        left = tidy(Binary("*", self.context.read(by.times), total))
        yield Paragraph(("A sum of squares vanishes:",))
        yield from self._equation(left, [tidy(self.context.read(by.combination))])
        yield from self._signs([square.coefficient for square in squares], By())
        vanishing = tuple(Atom(one.name, one.term) for one in squares if one.name)
        if vanishing:
            yield Paragraph(("hence, almost surely,",))
            yield from map(self.display, vanishing)

    def _attained(self, step: Step, certificate: Attained) -> Iterator[Block]:
        """The steps that make a minimum, and weights that attain it."""
        used = [self.steps[name] for name in step.uses if name in self.steps]
        listed = joined(((name,) for name in used), ", ")
        yield Paragraph(
            (
                *listed,
                " together say this. The minimum is attained, for example at",
            )
        )
        yield from self._values(certificate.values)

    def _values(self, values: tuple[Definition, ...]) -> Iterator[Block]:
        """Parameters as matrices of blocks, as far as they are such."""
        bodies = {value.name: value for value in values}
        pieces: list[Pieces] = []
        for matrix in matrices(self.context):
            if all(block in bodies for block in matrix.blocks):
                cells = [[self._cell(bodies.pop(name)) for name in row] for row in matrix.rows]
                pieces.append((BlockMatrix(matrix.name, tuple(map(tuple, cells))),))
        for value in bodies.values():
            head, body = self.forms(
                Symbol(value.name, value.parameters), self.context.read(value.body)
            )[0]
            pieces.append((head, SIGNS["="], body))
        yield Display((*joined(pieces, Tex(r",\quad ", ", ")), Tex(".", ".")))

    def _cell(self, value: Definition) -> Matrix | Formula:
        """A block; in indices where it has no other form."""
        body = self.context.read(value.body)
        return self.notation.matrix(body, value.parameters) or Formula(
            self.notation.node(tidy(body))
        )


def displayed(pieces: Pieces) -> Display:
    """A displayed formula; the number of a lone equation goes to the margin."""
    numbers = [piece for piece in pieces if isinstance(piece, Numbering)]
    if len(numbers) != 1 or sum(piece in SIGNS.values() for piece in pieces) != 1:
        return Display(pieces)
    return Display(tuple(x for x in pieces if not isinstance(x, Numbering)), 0, numbers[0].number)


def lines(pieces: Pieces) -> Iterator[Display]:
    """The equations of a system one below the other, or on one line where they share indices."""
    shared = bool(pieces) and isinstance(pieces[-1], Tex) and pieces[-1] not in SIGNS.values()
    if shared or sum(isinstance(x, Numbering) for x in pieces) == 0:
        yield displayed(pieces)
        return
    for is_mark, group in itertools.groupby(pieces, lambda piece: piece == AND):
        if not is_mark:
            yield displayed(tuple(group))


def capital(pieces: Pieces) -> Pieces:
    """The pieces as the beginning of a sentence."""
    match pieces:
        case (str() as first, *rest):
            return (first[:1].upper() + first[1:], *rest)
    return pieces


def references(numbers: Sequence[int]) -> Pieces:
    """(1)-(4), (7): runs of numbers by their ends."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[Pieces] = []
    for run in runs:
        if len(run) > 2:
            parts.append((Reference(run[0]), "–", Reference(run[-1])))
        else:
            parts += [(Reference(number),) for number in run]
    return joined(parts, ", ")


def delta(number: int) -> str:
    """The name of left minus right of a numbered equation."""
    return f"Delta{number}"


def central(statement: Statement, minima: Sequence[Minimum]) -> bool:
    """Whether a theorem is about this: a minimum, or what holds wherever there is one."""
    form = form_of(statement, minima)
    return form is Form.MINIMUM or (form is Form.AT_MINIMUM and len(statement.cases) == 1)


def _by(leaf: Conclude, atom: Atom) -> By:
    return leaf.by.get(atom.name, By())


def _plain(by: By) -> bool:
    return by.times == "1" and by.rest == "0" and not by.squares


def _trivial(by: By) -> bool:
    """Whether a word is enough: nothing is needed, or just one equation."""
    combination = by.combination.strip()
    return (
        _plain(by)
        and combination.partition("[")[0].replace("_", "").isalnum()
        and ("(" not in combination and " " not in combination)
    )


def piece_latex(piece: Piece) -> str:
    """The LaTeX of a formula, "" of other pieces."""
    match piece:
        case Matrix(tree):
            return tree_latex(tree)
        case Formula(node):
            return latex(node)
    return ""


def _terms(node: Node) -> int:
    """How many terms a sum has."""
    if isinstance(node, Binary) and node.operation in "+-":
        return _terms(node.left) + _terms(node.right)
    return 1
