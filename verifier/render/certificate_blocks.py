"""A step's certificate as blocks: what a reader needs to redo the check by hand.

One walk over certificates. Every formula is an expression of the certificate or of the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.proof.context import Absolute, Atom, Context, Hat
from verifier.proof.mean import Meaning
from verifier.proof.statements import (
    Attained,
    By,
    Case,
    Cite,
    Claim,
    Conclude,
    Contradiction,
    Derive,
    Null,
    Split,
    Square,
    Statement,
    Step,
    Tree,
    texts,
)
from verifier.proof.syntax import (
    Binary,
    Expect,
    Node,
    Number,
    Pow,
    Sum,
    free_indices,
    names,
)
from verifier.render.as_written import tidy
from verifier.render.document import Block, Display, Formula, Paragraph, Pieces, Tex, joined
from verifier.render.free_names import indices_of
from verifier.render.saying import BECOMES, SIGNS, system
from verifier.render.signs import sign_block

UNIT, NONE = Number(1), Number(0)
PLUS = Tex("{}+", " + ")


def rule_of(step: Step) -> str:
    """How the step was shown, in words."""
    match step.certificate:
        case Attained():
            return "a minimum: its bound, its equality case, a converse for each case, and values"
        case Conclude():
            return "both sides have equal normal forms, up to the stated combinations"
    return "the tree of cases below ends in a conclusion or a contradiction everywhere"


def certificate_blocks(
    meaning: Meaning, step: Step, before: Mapping[str, Statement]
) -> Iterator[Block]:
    """Why the step holds, in full. ``before``: the statements of the accepted earlier steps."""
    context, statement, certificate = meaning.context, step.statement, step.certificate
    yield from _residuals(context, step, before)
    if isinstance(certificate, Attained):
        yield Paragraph(("The minimum is attained, for example at",))
        for value in certificate.values:
            head = Formula.symbol(value.name, value.parameters)
            yield Display((head, SIGNS["="], Formula.of(context, value.body)), 1)
        yield from _case(meaning, statement.cases[certificate.case], certificate.by, 0)
    else:
        yield from _tree(_Walk(meaning, statement.cases, before), certificate, (), 0)


def _residuals(context: Context, step: Step, before: Mapping[str, Statement]) -> Iterator[Block]:
    """Which name in the certificate stands for which difference of sides."""
    known = [*context.given]
    for name in step.uses:
        match before.get(name):
            case Claim((), (case,)):
                known += case
    known += step.statement.given if isinstance(step.statement, Claim) else ()
    used = {name for text in texts(step.certificate) for name in names(context.read(text))}
    shown = [x for x in known if x.relation == "=" and x.name in used]
    if shown:
        yield Paragraph(("Each name stands for the left minus the right side of an equation:",))
    for atom in shown:
        yield Display((_head(context, atom), BECOMES, Formula(tidy(_gap(context, atom)))), 1)
    for array in context.arrays:
        suffix = {Absolute: "squared", Hat: "normal"}.get(type(array), "")
        if suffix and f"{array.name}_{suffix}" in used:
            equation = Formula.symbol(f"{array.name}_{suffix}")
            of = (" is the equation of ", Formula.symbol(array.name), " in the setting.")
            yield Paragraph((equation, *of), 1)


def _gap(context: Context, atom: Atom) -> Node:
    """left - right."""
    return Binary("-", context.read(atom.left), context.read(atom.right))


def _head(context: Context, atom: Atom) -> Formula:
    """The name of an equation with its indices, as certificates write it."""
    return Formula.symbol(atom.name, indices_of(context, (atom,)))


def _by(meaning: Meaning, atom: Atom, by: By, depth: int) -> Iterator[Block]:
    """times * (left - right) = combination + rest + squares, and why their signs are as needed."""
    read = meaning.context.read
    times, gap = tidy(read(by.times)), tidy(_gap(meaning.context, atom))
    shown = [node for node in (tidy(read(by.combination)), tidy(read(by.rest))) if node != NONE]
    shown += [_mean(meaning.context, square) for square in by.squares]
    left = tidy(Binary("*", times, gap))
    if shown and shown != [left]:
        yield Display((Formula(left), SIGNS["="], *_sum(shown)), depth)
    for text in (by.times, by.rest, *(square.coefficient for square in by.squares)):
        yield from sign_block(meaning, text, depth)


def _sum(nodes: list[Node]) -> Pieces:
    return joined(((Formula(node),) for node in nodes), PLUS)


def _mean(context: Context, square: Square) -> Node:
    """coefficient * E(sum of term^2)."""
    coefficient, term = tidy(context.read(square.coefficient)), tidy(context.read(square.term))
    indices, body = free_indices(term), Pow(term, 2)
    mean = Expect(None, Sum(indices, body) if indices else body)
    return mean if coefficient == UNIT else Binary("*", coefficient, mean)


def _case(meaning: Meaning, atoms: Case, by: Mapping[str, By], depth: int) -> Iterator[Block]:
    for atom in atoms:
        yield from _by(meaning, atom, by.get(atom.name, By()), depth)


@dataclass(frozen=True)
class _Walk:
    """What a case tree is about."""

    meaning: Meaning
    cases: tuple[Case, ...]
    before: Mapping[str, Statement]

    def system(self, atoms: Case) -> Pieces:
        """The atoms, each followed by its name, which certificates below use."""
        context = self.meaning.context
        named = joined(((_head(context, atom),) for atom in atoms), ", ")
        return (*system(context, atoms), " (", *named, ")")


def _tree(walk: _Walk, tree: Tree, number: tuple[int, ...], depth: int) -> Iterator[Block]:
    """One node of a case tree, its cases numbered like 1.2.1."""
    meaning, cases = walk.meaning, walk.cases
    match tree:
        case Conclude(at, by):
            if number or len(cases) > 1:
                goal = system(meaning.context, cases[at])
                yield Paragraph(("Conclusion: ", *goal, "."), depth)
            yield from _case(meaning, cases[at], by, depth)
        case Contradiction(by):
            yield Paragraph(("Contradiction:",), depth)
            yield from _by(meaning, Atom("", "1", "0"), by, depth)
        case Derive(equation, by, then):
            yield Paragraph(("It follows that ", *walk.system((equation,)), ":"), depth)
            yield from _by(meaning, equation, by, depth)
            yield from _tree(walk, then, number, depth)
        case Null(squares, by, then):
            yield from _null(walk, squares, by, depth)
            yield from _tree(walk, then, number, depth)
        case Split(one, two, by, branches):
            yield Paragraph(("A product with separate indices vanishes:",), depth)
            product = Atom("", f"({one.left})*({two.left})")
            yield Display(system(meaning.context, (product,)), depth)
            yield from _by(meaning, product, by, depth)
            yield from _branches(walk, ((one,), (two,)), branches, number, depth)
        case Cite(step, by, branches):
            cited = walk.before[step]
            yield Paragraph((f"Step {step} applies:",), depth)
            yield from _case(meaning, cited.given if isinstance(cited, Claim) else (), by, depth)
            yield from _branches(walk, cited.cases, branches, number, depth)


def _null(walk: _Walk, squares: tuple[Square, ...], by: By, depth: int) -> Iterator[Block]:
    """A sum of squares that vanishes, and what follows from it."""
    meaning, context = walk.meaning, walk.meaning.context
    yield Paragraph(("A sum of squares vanishes:",), depth)
    total = _sum([_mean(context, square) for square in squares])
    left = ("(", *total, ")") if len(squares) > 1 else total
    times, combination = tidy(context.read(by.times)), tidy(context.read(by.combination))
    factor: Pieces = () if times == UNIT else (Formula(times), Tex(r"\,", " "))
    yield Display((*factor, *left, SIGNS["="], Formula(combination)), depth)
    for square in squares:
        yield from sign_block(meaning, square.coefficient, depth)
    vanishing = tuple(Atom(one.name, one.term) for one in squares if one.name)
    if vanishing:
        yield Paragraph(("hence",), depth)
        yield Display(walk.system(vanishing), depth)


def _branches(
    walk: _Walk,
    suppositions: tuple[Case, ...],
    branches: tuple[Tree, ...],
    number: tuple[int, ...],
    depth: int,
) -> Iterator[Block]:
    """One branch goes on; several are numbered cases."""
    if len(branches) == 1:
        yield Paragraph(("Hence ", *walk.system(suppositions[0]), "."), depth)
        yield from _tree(walk, branches[0], number, depth)
        return
    for k, (case, branch) in enumerate(zip(suppositions, branches, strict=True), 1):
        own = (*number, k)
        yield Paragraph((f"Case {'.'.join(map(str, own))}, ", *walk.system(case), "."), depth)
        yield from _tree(walk, branch, own, depth + 1)
