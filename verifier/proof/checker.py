"""The checker: replays a proof step by step and accepts nothing that it has not recomputed.

Rules (the trusted base is this package; ``docs/trusted-base.md`` lists it with the lemmas):

* ``identity``: times * (left - right) = combination, as normal forms, where the combination
  vanishes once the assumed equations do and times > 0.
* ``sign``: non-negative coefficients after each scalar is shifted by its minimum.
* ``squares``: objective - value is a sum of expected squares with coefficients of known sign.
* ``cases``: a tree of splits (a product of tensors with separate indices is zero only if a factor
  is), derived equations and conclusions, each by the identity rule.
* ``minimum``: from ``squares`` and ``cases``, with the converse and one exhibited minimiser.
* ``at-minimum``: equations that each of the systems of a proved minimum implies.
* ``tower``: the expectation of a proved conditional expectation.

Every failure raises ProofError; nothing here uses ``assert``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .context import Context, Definition, Equation, equation_from_data, records, rows, text, texts
from .expression import Expect, Node, Pow, ProofError, Sum, free_indices, parse, show, symbols
from .meaning import Meaning, Value, difference, equation_indices, expects, is_positive
from .normal import Poly
from .sorts import Sorts, check_statement, check_system
from .statement import AtMinimum, Bound, Identity, Implication, Minimum, Sign, Statement, System

ISSERLIS = "Isserlis' theorem (Isserlis 1918; Wick 1950): Gaussian moments are sums over pairings"
INDEPENDENCE = "independent factors: the expectation of a product is the product of expectations"
TOWER = "tower property: E[E[Z|X]] = E[Z] for integrable Z (Williams 1991, section 9.7)"
SQUARES = "a square has non-negative expectation, zero only if it vanishes almost surely"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is stated, by which rule, with which certificate, from which earlier steps."""

    name: str
    rule: str
    statement: Statement
    certificate: Mapping[str, Any]
    uses: tuple[str, ...] = ()
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """A context and the steps proved in it, in order."""

    name: str
    context: Context
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A step that the checker accepted, with the textbook lemmas that it rests on."""

    step: Step
    axioms: frozenset[str]
    context: Context


def check(proof: Proof) -> tuple[Checked, ...]:
    """Replay a proof; returns its accepted steps or raises ProofError naming the first bad one."""
    accepted, failed = examine(proof)
    for name, reason in failed.items():
        raise ProofError(f"step {name!r}: {reason}")
    return tuple(accepted.values())


def examine(proof: Proof) -> tuple[dict[str, Checked], dict[str, str]]:
    """Replay a proof to its end: the accepted steps, and for every other step why it is not."""
    accepted: dict[str, Checked] = {}
    failed: dict[str, str] = {}
    for step in proof.steps:
        try:
            if step.name in accepted or step.name in failed:
                raise ProofError("another step has the same name")
            for name in step.uses:
                if name not in accepted:
                    raise ProofError(f"it uses {name!r}, which is not proved before it")
            axioms = _apply(proof.context, step, accepted)
        except (ProofError, RecursionError) as error:
            accepted.pop(step.name, None)
            deep = "an expression or a chain of definitions is nested too deeply"
            failed.setdefault(step.name, str(error) if isinstance(error, ProofError) else deep)
        else:
            inherited = (accepted[name].axioms for name in step.uses)
            accepted[step.name] = Checked(step, axioms.union(*inherited), proof.context)
    return accepted, failed


def _apply(context: Context, step: Step, accepted: Mapping[str, Checked]) -> frozenset[str]:
    sorts = Sorts(context)
    check_system(sorts, context.hypotheses)
    check_statement(sorts, step.statement)
    statement = step.statement
    used = [accepted[name].step.statement for name in step.uses]
    match step.rule, statement:
        case "identity", Identity():
            _identity(context, statement.given, statement.left, statement.right, step.certificate)
            used_texts = _expressions(statement.given, step.certificate)
            return _axioms(context, statement.left, statement.right, *used_texts)
        case "sign", Sign():
            value = Meaning(context).value(statement.expression)
            if not is_positive(context, value.numerator, statement.strict):
                sign = "positive" if statement.strict else "non-negative"
                raise ProofError(
                    f"it is not shown to be {sign} by its coefficients, every scalar being "
                    "written from its minimum"
                )
            return _axioms(context, statement.expression)
        case "squares", Bound():
            return _squares(context, statement, step.certificate)
        case "cases", Implication():
            _check_system_names(statement.given)
            _tree(context, statement.given, statement.conclude, step.certificate, 0)
            used_texts = _expressions(statement.given, statement.conclude, step.certificate)
            return _axioms(context, *used_texts)
        case "minimum", Minimum():
            _minimum(context, statement, step.certificate, used)
            return _axioms(context, *_expressions(step.certificate))
        case "at-minimum", AtMinimum():
            _at_minimum(context, statement, step.certificate, used)
            return _axioms(context, *_expressions(statement.conclude, step.certificate))
        case "tower", Identity():
            _tower(context, statement, used)
            return _axioms(context, statement.left, statement.right) | _tower_axioms(
                context, statement.left
            )
    raise ProofError(
        f"there is no rule {step.rule!r} for a statement of kind {type(statement).__name__}"
    )


def _axioms(context: Context, *texts_: str) -> frozenset[str]:
    """The lemmas on expectations that evaluating these texts rests on."""
    if not any(expects(node) for node in unfolded(context, texts_)):
        return frozenset()
    normal_only = all(law.kind == "normal" for law in context.laws)
    return frozenset({ISSERLIS} if normal_only else {ISSERLIS, INDEPENDENCE})


def unfolded(context: Context, texts_: Iterable[str]) -> Iterator[Node]:
    """The expressions, and the definitions and hypotheses that they name, directly or not."""
    bodies: dict[str, tuple[str, ...]] = {x.name: (x.body,) for x in context.definitions}
    bodies |= {h.name: (h.left, h.right) for h in context.hypotheses}
    queue, seen = list(texts_), set()
    while queue:
        node = parse(queue.pop())
        yield node
        for symbol in symbols(node):
            if symbol.name in bodies and symbol.name not in seen:
                seen.add(symbol.name)
                queue += bodies[symbol.name]


def _expressions(*data: Any) -> Iterator[str]:
    """Every expression in systems of equations and in a certificate that has been accepted."""
    for entry in data:
        if isinstance(entry, Equation):
            yield from (entry.left, entry.right)
        elif isinstance(entry, (tuple, list)):
            yield from _expressions(*entry)
        elif isinstance(entry, dict):
            for key, value in entry.items():
                if key in ("left", "right", "combination", "times", "body"):
                    yield str(value)
                else:
                    yield from _expressions(value)


def _check_system_names(system: System) -> None:
    names = [equation.name for equation in system]
    if len(set(names)) != len(names):
        raise ProofError("two assumed equations have the same name")


def _identity(
    context: Context, given: System, left: str, right: str, certificate: Mapping[str, Any]
) -> None:
    """Accept left = right under the given equations and the context's hypotheses."""
    combination = str(certificate.get("combination", "0"))
    times = str(certificate.get("times", "1"))
    assumed = context.hypotheses + given
    meaning = Meaning(context, assumed)
    factor = meaning.value(times)
    if not is_positive(context, factor.numerator, strict=True):
        raise ProofError(f"the multiplier {times!r} is not shown to be positive")
    stray = set(_free(combination)) - set(_free(left)) - set(_free(right))
    if stray:
        raise ProofError(
            f"the combination has a free index {sorted(stray)[0]!r} that the equation has not"
        )
    if Meaning(context, assumed, vanish=True).value(combination).numerator:
        raise ProofError("the combination does not vanish with the assumed equations")
    rest = difference(
        meaning.value(f"({times})*({left}) - ({times})*({right})"), meaning.value(combination)
    )
    if rest.numerator:
        raise ProofError(f"the two sides differ: {_excerpt(rest.numerator)}")


def _free(expression: str) -> tuple[str, ...]:
    return free_indices(parse(expression))


def _excerpt(poly: Poly) -> str:
    """One term of a difference that should have been zero, as text."""
    (powers, parts), coefficient = min(poly.items(), key=str)
    pieces = [str(coefficient)] + [f"{n}^{k}" if k > 1 else n for n, k in powers]
    pieces += [f"{name}[{','.join(map(str, labels))}]" for part in parts for name, labels in part]
    return " ".join(pieces) + (f" and {len(poly) - 1} more terms" if len(poly) > 1 else "")


def _squares(context: Context, bound: Bound, certificate: Mapping[str, Any]) -> frozenset[str]:
    pieces = []
    for square in bound.squares:
        value = Meaning(context).value(square.coefficient)
        if not is_positive(context, value.numerator, square.strict):
            raise ProofError(
                f"the coefficient {square.coefficient!r} is not shown to have its sign"
            )
        node = Pow(parse(square.term), 2)
        indices = free_indices(node)
        summed = show(Sum(indices, node) if indices else node)
        pieces.append(f"({square.coefficient})*E({summed})")
    total = " + ".join([f"({show(parse(bound.value))})", *pieces])
    _identity(context, (), bound.objective, total, certificate)
    return _axioms(context, bound.objective, total, *_expressions(certificate)) | {SQUARES}


def _tree(
    context: Context,
    given: System,
    conclude: tuple[System, ...],
    node: Mapping[str, Any],
    depth: int,
) -> None:
    """Check one node of a case tree; every leaf must conclude one of the systems."""
    if depth > 40:
        raise ProofError("the case tree is deeper than 40 levels")
    kind = node.get("node")
    if kind == "conclude":
        at, by = node.get("system"), node.get("by")
        if type(at) is not int or not 0 <= at < len(conclude) or not isinstance(by, dict):
            raise ProofError("a conclusion must name one of the systems and certify its equations")
        for equation in conclude[at]:
            _identity(context, given, equation.left, equation.right, _part(by, equation.name))
    elif kind == "contradiction":
        _identity(context, given, "1", "0", _part(node, "by"))
    elif kind == "derive":
        equation = equation_from_data(_part(node, "equation"))
        _identity(context, given, equation.left, equation.right, _part(node, "by"))
        _tree(context, _extend(context, given, equation), conclude, _part(node, "then"), depth + 1)
    elif kind == "split":
        factors = [equation_from_data(entry) for entry in records(node, "factors")]
        branches = records(node, "branches")
        if len(factors) != 2 or len(branches) != 2 or any(f.right != "0" for f in factors):
            raise ProofError("a split has two factors set to 0 and two branches")
        if set(equation_indices(factors[0])) & set(equation_indices(factors[1])):
            raise ProofError("the factors of a split must have separate indices")
        product = f"({factors[0].left})*({factors[1].left})"
        _no_expectation_of_random(context, factors)
        _identity(context, given, product, "0", _part(node, "by"))
        for factor, branch in zip(factors, branches, strict=True):
            _tree(context, _extend(context, given, factor), conclude, branch, depth + 1)
    else:
        raise ProofError(f"unknown node {str(kind)[:40]!r} in a case tree")


def _no_expectation_of_random(context: Context, factors: list[Equation]) -> None:
    """A product of random quantities may vanish without either factor vanishing surely."""
    meaning = Meaning(context)
    for factor in factors:
        if mentions(meaning.value(factor.left), random_names(context)):
            raise ProofError("a split needs deterministic factors")


def random_names(context: Context) -> frozenset[str]:
    """The arrays with a law and all tensors that are functions of them."""
    dependent = {t.name for t in context.tensors if t.depends_on}
    return context.random() | dependent


def mentions(value: Value, names: frozenset[str]) -> bool:
    """Whether the value depends on one of the scalars or tensors, in a denominator as well."""
    powers = [p for p, _ in value.numerator]
    powers += [p for denominator, _ in value.denominators for p, _ in denominator]
    factors = (f for _, parts in value.numerator for part in parts for f in part)
    scalars = any(name in names for p in powers for name, _ in p)
    return scalars or any(name in names for name, _ in factors)


def _extend(context: Context, given: System, equation: Equation) -> System:
    check_system(Sorts(context), (equation,))
    _check_system_names((*given, equation))
    return (*given, equation)


def _part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise ProofError(f"{key!r} of a certificate must be an object")
    return found


def _minimum(
    context: Context, statement: Minimum, certificate: Mapping[str, Any], used: list[Statement]
) -> None:
    bound, implication = used if len(used) == 2 else (None, None)
    if not isinstance(bound, Bound) or not isinstance(implication, Implication):
        raise ProofError("a minimum rests on one sum of squares and one implication")
    if (bound.objective, bound.value) != (statement.objective, statement.value):
        raise ProofError("the sum of squares is about another objective or value")
    strict = [s.term for s in bound.squares if s.strict]
    if [e.left for e in implication.given] != strict or any(
        e.right != "0" for e in implication.given
    ):
        raise ProofError("the implication must start from the vanishing of the strict squares")
    if implication.conclude != statement.minimisers:
        raise ProofError("the implication concludes other systems than the stated minimisers")
    parameters = frozenset(statement.parameters)
    _check_parameters(context, statement, parameters)
    converse = rows(certificate, "converse")
    if len(converse) != len(statement.minimisers):
        raise ProofError("each system of minimisers needs its converse")
    for system, certificates in zip(statement.minimisers, converse, strict=True):
        if not isinstance(certificates, list) or len(certificates) != len(bound.squares):
            raise ProofError("the converse must treat every square")
        for square, by in zip(bound.squares, certificates, strict=True):
            _identity(context, system, square.term, "0", by if isinstance(by, dict) else {})
    _witness(context, statement, parameters, _part(certificate, "witness"))


def _check_parameters(context: Context, statement: Minimum, parameters: frozenset[str]) -> None:
    """Parameters are free: no law, bound or hypothesis on them, and the value avoids them."""
    declared = {t.name for t in context.tensors if not t.depends_on} - context.random()
    declared |= {s.name for s in context.scalars if s.minimum is None and not s.integer}
    if not parameters <= declared:
        raise ProofError(f"{sorted(parameters - declared)[0]!r} is not a free parameter")
    meaning = Meaning(context)
    if mentions(meaning.value(statement.value), parameters):
        raise ProofError("the minimum value depends on a parameter")
    for law in context.laws:
        for source in (law.variance, *(moment for _, moment in law.moments)):
            if {s.name for s in symbols(parse(source))} & parameters:
                raise ProofError("a law depends on a parameter")
    if any(name in parameters for pair in context.inverses for name in pair):
        raise ProofError("a parameter has a declared inverse, so it is not free")
    for hypothesis in context.hypotheses:
        for side in (hypothesis.left, hypothesis.right):
            if mentions(Meaning(context).value(side), parameters):
                raise ProofError(f"hypothesis {hypothesis.name!r} constrains a parameter")


def _witness(
    context: Context, statement: Minimum, parameters: frozenset[str], data: Mapping[str, Any]
) -> None:
    """Exhibit parameter values that satisfy one of the systems, so that the minimum is attained."""
    at = data.get("system")
    if type(at) is not int or not 0 <= at < len(statement.minimisers):
        raise ProofError("the witness must name one of the systems")
    sorts = {t.name: t.sorts for t in context.tensors}
    values = tuple(
        Definition(
            text(v, "name"),
            texts(v.get("parameters")),
            text(v, "body"),
            sorts=sorts.get(text(v, "name"), ()),
        )
        for v in records(data, "values")
    )
    if {v.name for v in values} != parameters or len(values) != len(parameters):
        raise ProofError("the witness must give each parameter one value")
    reached = set(parameters)
    for definition in context.definitions:
        if {s.name for s in symbols(parse(definition.body))} & reached:
            reached.add(definition.name)
    before = tuple(x for x in context.definitions if x.name not in reached)
    after = tuple(x for x in context.definitions if x.name in reached)
    special = replace(
        context,
        scalars=tuple(s for s in context.scalars if s.name not in parameters),
        tensors=tuple(t for t in context.tensors if t.name not in parameters),
        definitions=before + values + after,
    )
    meaning = Meaning(special)
    for value in values:
        entry = f"{value.name}[{','.join(value.parameters)}]" if value.parameters else value.name
        if mentions(meaning.value(entry), random_names(context)):
            raise ProofError(f"the witness for {value.name!r} is random")
    for equation in statement.minimisers[at]:
        _identity(
            special, (), equation.left, equation.right, _part(_part(data, "by"), equation.name)
        )


def _at_minimum(
    context: Context, statement: AtMinimum, certificate: Mapping[str, Any], used: list[Statement]
) -> None:
    (minimum,) = used if len(used) == 1 else (None,)
    if not isinstance(minimum, Minimum):
        raise ProofError("what holds at a minimum rests on one proved minimum")
    if (minimum.objective, minimum.parameters) != (statement.objective, statement.parameters):
        raise ProofError("the proved minimum is one of another objective or over other parameters")
    systems = rows(certificate, "systems")
    if len(systems) != len(minimum.minimisers):
        raise ProofError("each system of minimisers needs its own certificate")
    for system, by in zip(minimum.minimisers, systems, strict=True):
        if not isinstance(by, dict):
            raise ProofError("the certificate of a system must be an object")
        for equation in statement.conclude:
            _identity(context, system, equation.left, equation.right, _part(by, equation.name))


def _tower(context: Context, statement: Identity, used: list[Statement]) -> None:
    (conditional,) = used if len(used) == 1 else (None,)
    if not isinstance(conditional, Identity) or conditional.given or statement.given:
        raise ProofError("the tower rule rests on one conditional expectation")
    inner = parse(conditional.left)
    outer = parse(statement.left)
    if not isinstance(inner, Expect) or inner.arrays is None or outer != Expect(None, inner.body):
        raise ProofError("the tower rule takes E(P) from a proved E[...](P)")
    if not Meaning(context).equal(f"E({conditional.right})", statement.right):
        raise ProofError("the expectation of the conditional expectation is another one")


def _tower_axioms(context: Context, left: str) -> frozenset[str]:
    """The tower property; that E(P) exists is assumed where P has more than polynomials in it."""
    functions = {t.name for t in context.tensors if t.depends_on}
    names = {s.name for node in unfolded(context, [left]) for s in symbols(node)}
    if not names & functions:
        return frozenset({TOWER})
    return frozenset({TOWER, f"assumed: {show(parse(left))} exists, which the tower property asks"})
