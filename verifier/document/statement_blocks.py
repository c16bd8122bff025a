"""A checked statement and its context as blocks of a document (floor 3; stdlib only)."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.document.blocks import (
    Block,
    Display,
    Formula,
    Grid,
    Paragraph,
    Piece,
    Tex,
    equation,
    joined,
)
from verifier.document.independence import (
    ALMOST_SURELY,
    SIGN_CHANGE,
    independent,
    listed_after,
)
from verifier.document.latex_expression import symbol
from verifier.document.layer_blocks import Matrix, matrices
from verifier.document.mentions import free_of, indices_of, mentioned, parameters, texts
from verifier.document.symbols import latex_index
from verifier.proof.context import Context, Equation, Law, Scalar, Tensor
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

AND = Tex(r",\quad ")
OR = Tex(r"\quad\text{or}\quad ")


def statement_blocks(context: Context, statement: Statement) -> Iterator[Block]:
    """Quantifiers and claim of a statement."""
    scope = quantifiers(context, statement)
    if scope:
        yield Paragraph(("For ", *scope, ":"))
    match statement:
        case Identity(left, right, given):
            if given:
                yield Paragraph(("if",))
                yield Display(system(given))
                yield Paragraph(("then",))
                yield Display(system((Equation("", left, right),)))
            else:
                yield Display(equation(left, right))
        case Sign(text, strict):
            yield Display((Formula.of(text), Tex(">" if strict else r"\ge"), Formula.of("0")))
        case Bound(objective, value, squares):
            yield Display((Formula.of(objective), Tex("="), Formula.of(value)))
            for square in squares:
                yield Display((Tex("{}+"), *square_pieces(square)), depth=1)
            strict_terms = tuple(Equation("", s.term, "0") for s in squares if s.strict)
            yield Paragraph(("hence",))
            yield Display((Formula.of(objective), Tex(r"\ge"), Formula.of(value)))
            if strict_terms:
                yield Paragraph(("with equality only if",))
                yield Display(system(strict_terms))
        case Implication(given, conclude):
            yield Paragraph(("if",))
            yield Display(system(given))
            yield from _alternatives("then", conclude)
        case Minimum(objective, value, names, minimisers):
            over = Tex(rf"\min_{{{name_list(context, names)}}}")
            yield Display((over, *equation(objective, value)))
            yield from _alternatives("attained exactly where", minimisers)
        case AtMinimum(objective, names, conclude_all):
            over = Tex(name_list(context, names))
            yield Paragraph(("whenever ", over, " minimise ", Formula.of(objective), ","))
            yield Display(system(conclude_all))


def _alternatives(opening: str, systems: tuple[System, ...]) -> Iterator[Block]:
    for k, one in enumerate(systems):
        yield Paragraph((opening if k == 0 else "or",))
        yield Display(system(one))


def system(equations: System) -> tuple[Piece, ...]:
    """All equations of a system, for all values of their indices."""
    indices = indices_of(equations)
    scope = (Tex(r"\quad\text{for all } " + _indices(indices)),) if indices else ()
    return (*joined((equation(e.left, e.right) for e in equations), AND), *scope)


def _indices(names: tuple[str, ...]) -> str:
    return ", ".join(map(latex_index, names))


def square_pieces(square: Square) -> tuple[Piece, ...]:
    """coefficient * E sum term^2."""
    node = f"({square.term})^2"
    indices = free_indices(parse(node))
    summed = f"sum[{','.join(indices)}]({node})" if indices else node
    return (Formula.of(f"({square.coefficient})*E({summed})"),)


def quantifiers(context: Context, statement: Statement) -> tuple[Piece, ...]:
    """The ranges of everything that the statement speaks of."""
    free = mentioned(context, texts(statement)) - parameters(statement) - context.random()
    parts: list[tuple[Piece, ...]] = []
    for integer, kind in ((True, "all integers "), (False, "all real ")):
        chosen = [s for s in context.scalars if s.name in free and s.integer == integer]
        if chosen:
            parts.append((kind, Tex(", ".join(map(_range, chosen)))))
    tensors = [t for t in context.tensors if t.name in free]
    whole = [m for m in matrices(context) if {t.name for t in tensors} & set(m.blocks)]
    inside = {block for m in whole for block in m.blocks}
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for matrix in whole:
        alike.setdefault((_matrix_space(matrix), ()), []).append(matrix.name)
    for tensor in tensors:
        if tensor.name not in inside:
            key = (space(context, tensor), tensor.depends_on)
            alike.setdefault(key, []).append(symbol(tensor.name))
    for (where, given), names in alike.items():
        after = f" (a function of {', '.join(given)})" if given else ""
        parts.append(("all ", Tex(rf"{', '.join(names)} {where}"), after))
    if free_of(statement):
        parts.append(("all indices ", Tex(_indices(free_of(statement)))))
    return joined(parts, "; ")


def name_list(context: Context, names: tuple[str, ...]) -> str:
    """LaTeX of a list of names, a matrix whose blocks are all there under its own name."""
    shown = []
    for name in names:
        block = next((m for m in matrices(context) if name in m.blocks), None)
        shown.append(block.name if block and set(block.blocks) <= set(names) else symbol(name))
    return r",\,".join(dict.fromkeys(shown))


def _range(scalar: Scalar) -> str:
    if scalar.minimum is None:
        return symbol(scalar.name)
    return rf"{symbol(scalar.name)} {'>' if scalar.strict else chr(92) + 'ge'} {scalar.minimum}"


def space(context: Context, tensor: Tensor) -> str:
    """LaTeX of the space in which a tensor lies."""
    sizes = dict(context.sorts)
    dims = [symbol(sizes[s]) if sizes[s] else rf"\text{{{s}}}" for s in tensor.sorts]
    return rf"\in \mathbb{{R}}^{{{_times(dims)}}}" if dims else r"\in \mathbb{R}"


def _times(dims: list[str]) -> str:
    return r"\times ".join(dims)


def _matrix_space(matrix: Matrix) -> str:
    size = f"({symbol(matrix.size)}+1)"
    return rf"\in \mathbb{{R}}^{{{_times([size] * matrix.order)}}}"


def context_blocks(context: Context) -> Iterator[Block]:
    """Everything that a context declares: ranges, spaces, laws, definitions, hypotheses."""
    rows: list[tuple[tuple[Piece, ...], ...]] = [
        ((Tex(_range(s)),), (s.meaning,), ("integer" if s.integer else "real",))
        for s in context.scalars
    ]
    laws = {name: law for law in context.laws for name in law.arrays}
    for tensor in context.tensors:
        name = Tex(f"{symbol(tensor.name)} {space(context, tensor)}")
        rows.append(((name,), (tensor.meaning,), _kind(tensor, laws.get(tensor.name))))
    yield Grid(("symbol", "meaning", "kind"), tuple(rows))
    for matrix in matrices(context):
        body = r" \\ ".join(" & ".join(map(symbol, row)) for row in matrix.rows)
        yield Display((Tex(rf"{matrix.name} = \begin{{pmatrix}} {body} \end{{pmatrix}}"),))
    for law in context.laws:
        if law.kind != "normal":
            yield from _moments(law, listed_after(context, law))
    for blocks in independent(context):
        yield Paragraph(("Independent: ", Tex(", ".join(map(_block, blocks))), "."))
    if context.laws:
        yield Paragraph((f"{ALMOST_SURELY.capitalize()}.",))
    if context.definitions:
        yield Paragraph(("Definitions:",))
    for x in context.definitions:
        if x.meaning:
            yield Paragraph((f"{x.meaning}:",), depth=1)
        yield Display((Tex(symbol(x.name, x.parameters) + " :="), Formula.of(x.body)))
    yield from assumption_blocks(context)


def assumption_blocks(context: Context) -> Iterator[Block]:
    """What a context assumes: equations, sign symmetries, inverses, and what is said in words."""
    for hypothesis in context.hypotheses:
        yield Paragraph((f"Hypothesis {hypothesis.name}:",))
        yield Display(system((hypothesis,)))
    for flip in context.flips:
        names = Tex(", ".join(map(symbol, flip)))
        yield Paragraph(("Changing the sign of ", names, f" {SIGN_CHANGE}."))
    for one, two in context.inverses:
        yield Paragraph((Tex(symbol(one)), " and ", Tex(symbol(two)), " are inverse matrices."))
    for assumption in context.assumptions:
        yield Paragraph((f"Assumed: {assumption}.",))


def _kind(tensor: Tensor, law: Law | None) -> tuple[Piece, ...]:
    if law is None:
        given = f", a function of {', '.join(tensor.depends_on)}" if tensor.depends_on else ""
        return (f"any value{given}",)
    if law.kind == "normal":
        entries = "independent entries " if tensor.sorts else ""
        return (entries, Tex("N(0,"), Formula.of(law.variance), Tex(")"))
    return ("independent, identically distributed rows" if law.kind == "rows" else "random",)


def _block(names: tuple[str, ...]) -> str:
    """LaTeX of arrays that are independent of others as a whole."""
    listed = ", ".join(map(symbol, names))
    return f"({listed})" if len(names) > 1 else listed


def _moments(law: Law, after: tuple[str, ...]) -> Iterator[Block]:
    """The table of mixed moments of a law, its slots numbered in the law's order."""
    given = (" given ", Tex(", ".join(map(symbol, after)))) if after else ()
    names = Tex(", ".join(map(symbol, law.arrays)))
    order = " (degrees in this order; slots s1, s2, ...):"
    yield Paragraph(("Mixed moments of ", names, *given, order))
    rows = tuple(
        ((", ".join(map(str, degrees)),), (Formula.of(value),)) for degrees, value in law.moments
    )
    yield Grid(("degrees", "moment"), rows)
