"""Contexts, statements and certificates as data for the extracted checker (coq/extracted).

One form in parentheses for the context, one for each statement, one for each certificate; labels
are SORT.NUMBER. Abbreviations are written out. What only laws and hidden sources need is left out:
no step that the checker accepts depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from verifier.coq import language as coq
from verifier.coq.declarations import Kind
from verifier.coq.language import Expr, Label, Relation, core
from verifier.coq.steps import Exported, Steps


def form(*items: str) -> str:
    """Items in parentheses."""
    return f"({' '.join(items)})"


def _group(items: Iterable[str]) -> str:
    return f"({' '.join(items)})"


def _label(label: Label) -> str:
    return f"{label.sort}.{label.number}"


def expression(e: Expr) -> str:
    """An expression."""
    match core(e):
        case coq.Num(value):
            return f"(num {value})"
        case coq.Sca(number):
            return f"(sca {number})"
        case coq.Ten(array, labels):
            return form("ten", str(array), *map(_label, labels))
        case coq.Add(left, right):
            return form("add", expression(left), expression(right))
        case coq.Mul(left, right):
            return form("mul", expression(left), expression(right))
        case coq.Sum(label, body):
            return form("sum", _label(label), expression(body))
        case coq.Mean(sources, body):
            return _averaged(sources, expression(body))
    raise TypeError(e)


def _averaged(sources: tuple[int, ...], body: str) -> str:
    for source in reversed(sources):
        body = form("ex", str(source), body)
    return body


def relation(atom: Relation) -> str:
    """An atom."""
    return form(atom.relation, expression(atom.left), expression(atom.right))


def statement(one: coq.Statement) -> str:
    """A statement."""
    cases = _group(_group(map(relation, case)) for case in one.cases)
    if isinstance(one, coq.Claim):
        return form("claim", _group(map(relation, one.given)), cases)
    sides = (expression(one.objective), expression(one.value))
    return form("minimum", *sides, _group(map(str, one.parameters)), cases)


def combination(c: coq.Combination) -> str:
    """A combination."""
    match c:
        case coq.Plain(body):
            return form("plain", expression(body))
        case coq.Residual(known, replaced):
            pairs = _group(form(_label(a), _label(b)) for a, b in replaced)
            return form("residual", str(known), pairs)
        case coq.Plus(left, right):
            return form("add", combination(left), combination(right))
        case coq.Times(left, right):
            return form("mul", combination(left), combination(right))
        case coq.Summed(label, body):
            return form("sum", _label(label), combination(body))
        case coq.Averaged(sources, body):
            return _averaged(sources, combination(body))


def why(one: coq.Why) -> str:
    """Why an atom holds."""
    squares = _group(form(expression(c), expression(t)) for c, t in one.squares)
    numbers = (expression(one.times), expression(one.rest))
    return form(combination(one.combination), *numbers, squares)


def tree(one: coq.Tree, places: Mapping[int, int]) -> str:
    """A case tree; ``places`` of earlier steps in the list of those used."""
    match one:
        case coq.Conclude(case, whys):
            return form("conclude", str(case), _group(map(why, whys)))
        case coq.Contradiction(reason):
            return form("contradiction", why(reason))
        case coq.Derive(left, right, reason, then):
            sides = (expression(left), expression(right))
            return form("derive", *sides, why(reason), tree(then, places))
        case coq.Null(squares, reason, then):
            terms = _group(
                form(expression(c), expression(t), str(named).lower()) for c, t, named in squares
            )
            return form("null", terms, why(reason), tree(then, places))
        case coq.Split(left, right, reason, (first, second)):
            sides = (expression(left), expression(right))
            both = (tree(first, places), tree(second, places))
            return form("split", *sides, why(reason), *both)
        case coq.Cite(step, whys, cited):
            branches = _group(tree(branch, places) for branch in cited)
            return form("cite", str(places[step]), _group(map(why, whys)), branches)


def certificate(one: coq.Tree | coq.Attained, places: Mapping[int, int]) -> str:
    """The certificate of a step."""
    if not isinstance(one, coq.Attained):
        return tree(one, places)
    values = _group(
        form(str(array), _group(map(_label, labels)), expression(body))
        for array, labels, body in one.values
    )
    return form("attained", str(one.case), values, _group(map(why, one.whys)))


def _kind(kind: Kind) -> str:
    if kind.name == "Normal":
        return form("normal", *map(str, kind.variance))
    if kind.field is not None:
        law, field, slot = kind.field
        return form("field", str(law), str(field), "row" if slot is None else str(slot))
    if kind.name == "Fun":
        parity = {None: "none", True: "odd", False: "even"}
        return form("fun", *(form(str(source), parity[odd]) for source, odd in kind.sources))
    return "det"


def proof(steps: Steps, stated: Iterable[Exported], checked: Iterable[Exported]) -> Iterator[str]:
    """The lines for one proof: its context, statements, and the steps that are to be checked."""
    declared = steps.declared
    kinds = _group(("det", *map(_kind, steps.kinds)))
    shapes = [[declared.sort[s] for s in steps.context.shape(a)] for a in steps.context.arrays]
    arities = _group(["()", *(_group(map(str, shape)) for shape in shapes)])
    sources = _group(map(str, declared.sources()))
    yield form("context", kinds, arities, sources, _group(relation(x.atom) for x in steps.given))
    for one in stated:
        yield form("statement", str(steps.places[one.step.name]), statement(one.statement))
    for one in checked:
        k = steps.places[one.step.name]
        earlier = (*one.uses, *one.cites)
        places = {place: at for at, place in reversed(list(enumerate(earlier)))}
        uses = _group(str(places[place]) for place in one.uses)
        said = certificate(one.certificate, places)
        yield form("check", str(k), _group(map(str, earlier)), uses, said)
