"""What a proof talks about: scalars with their ranges, tensors, random arrays, definitions.

A context is plain data (it is the first part of a proof file). Loading it checks that every name is
declared once, that definitions are not circular and that the laws of random arrays are consistent.

Laws of random arrays, integrated in the order in which they are listed:

* ``normal``: independent N(0, variance) entries; moments by Isserlis' theorem.
* ``rows``: arrays whose first index runs over independent, identically distributed rows; the table
  gives the mixed moments of one row, given everything listed later.
* ``joint``: the same table for arrays that share no row index (a query, or a random task).

A normal array is therefore independent of all that is listed after it, and of an array with a table
before it nothing is known but that table. Almost surely, a hypothesis may restrict functions of one
random array and nothing else: it would otherwise contradict a declared law or independence, or
leave a model in which an array means another thing than it seems to.

Trusted base.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .expression import (
    Expect,
    Node,
    ProofError,
    Symbol,
    children,
    free_indices,
    is_name,
    parse,
    symbols,
)

Bound = tuple[Fraction, bool]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar with its range: ``minimum`` (None: any real), attained unless ``strict``."""

    name: str
    minimum: Fraction | None = None
    strict: bool = False
    integer: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """The law of one or more random arrays; see the module's docstring."""

    kind: str
    arrays: tuple[str, ...]
    variance: str = "1"
    moments: tuple[tuple[tuple[int, ...], str], ...] = ()


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right for all values of the free indices."""

    name: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Definition:
    """name[parameters] := body. ``sorts`` may state the sorts of the parameters."""

    name: str
    parameters: tuple[str, ...]
    body: str
    meaning: str = ""
    sorts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor, one sort per index; ``depends_on``: the random arrays of which it is a function."""

    name: str
    sorts: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A law, named in words, that has the moments of the tables: a value for each free symbol.

    Proofs hold for all values; a counterexample must be at those of a model, since numbers that no
    law has as moments refute nothing.
    """

    law: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Context:
    """All declarations. ``sorts`` maps an index sort to the scalar that counts it ('' if none).

    ``flips`` are sets of random arrays whose joint sign change leaves every law as it is, so that
    the expectation of a product with an odd number of factors from the set vanishes.
    ``inverses`` are pairs (M, N) of deterministic matrices with M N = N M = I.
    """

    scalars: tuple[Scalar, ...]
    sorts: tuple[tuple[str, str], ...]
    tensors: tuple[Tensor, ...] = ()
    laws: tuple[Law, ...] = ()
    flips: tuple[tuple[str, ...], ...] = ()
    definitions: tuple[Definition, ...] = ()
    hypotheses: tuple[Equation, ...] = ()
    inverses: tuple[tuple[str, str], ...] = ()
    models: tuple[Model, ...] = ()
    assumptions: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        names = [s.name for s in self.scalars] + [t.name for t in self.tensors]
        names += [x.name for x in self.definitions] + [h.name for h in self.hypotheses]
        words = [word for sort, _ in self.sorts for word in sort.split(" ")]
        for name in names + words:
            if not is_name(name):
                raise ProofError(f"{name!r} is not a usable name")
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ProofError(f"{twice!r} is declared twice")
        sorts = dict(self.sorts)
        if len(sorts) != len(self.sorts):
            raise ProofError("a sort of indices is declared twice")
        scalars = {s.name for s in self.scalars}
        for sort, dimension in self.sorts:
            if dimension and dimension not in scalars:
                raise ProofError(
                    f"the size {dimension!r} of sort {sort!r} is not a declared scalar"
                )
        for dimension in filter(None, sorts.values()):
            size = next(s for s in self.scalars if s.name == dimension)
            if not size.integer or size.minimum is None or size.minimum < 0:
                raise ProofError(
                    f"the size {dimension!r} must be declared an integer of at least 0"
                )
        for tensor in self.tensors:
            if not set(tensor.sorts) <= set(sorts):
                raise ProofError(f"tensor {tensor.name!r} has an undeclared sort")
        self._check_definitions()
        self._check_laws()
        self._check_hypotheses()

    def _check_definitions(self) -> None:
        known = {s.name for s in self.scalars} | {t.name for t in self.tensors} | {"delta"}
        for definition in self.definitions:
            width = len(set(definition.parameters))
            if set(free_indices(parse(definition.body))) - set(definition.parameters):
                raise ProofError(f"the definition of {definition.name!r} has a stray index")
            if width != len(definition.parameters) or len(definition.sorts) not in (0, width):
                raise ProofError(f"the parameters of {definition.name!r} do not fit")
            if not set(definition.sorts) <= {sort for sort, _ in self.sorts}:
                raise ProofError(f"definition {definition.name!r} has an undeclared sort")
            used = {s.name for s in symbols(parse(definition.body))}
            if not used <= known:
                unknown = sorted(used - known)[0]
                raise ProofError(
                    f"definition {definition.name!r} uses {unknown!r} before it is known"
                )
            known.add(definition.name)

    def _check_laws(self) -> None:
        tensors = {t.name: t for t in self.tensors}
        seen: set[str] = set()
        for law in self.laws:
            if law.kind not in ("normal", "rows", "joint"):
                raise ProofError(f"unknown law {law.kind!r}; known: normal, rows, joint")
            if not law.arrays:
                raise ProofError("a law needs an array")
            for name in law.arrays:
                if name not in tensors or name in seen or tensors[name].depends_on:
                    raise ProofError(f"law of {name!r}: it must be a declared tensor with one law")
                seen.add(name)
            if law.kind == "normal" and len(law.arrays) != 1:
                raise ProofError("a normal law is about one array")
            if law.kind == "rows" and any(not tensors[a].sorts for a in law.arrays):
                raise ProofError("an array with independent rows needs a row index")
            if law.kind == "rows" and len({tensors[a].sorts[0] for a in law.arrays}) != 1:
                raise ProofError("arrays that share rows must share the sort of their first index")
            sized = {sort for sort, dimension in self.sorts if dimension}
            if law.kind == "rows" and tensors[law.arrays[0]].sorts[0] not in sized:
                raise ProofError("independent rows need a sort with a declared size")
            if len(dict(law.moments)) != len(law.moments) or any(
                len(degrees) != len(law.arrays) for degrees, _ in law.moments
            ):
                raise ProofError(f"the moments of {law.arrays} do not fit its arrays")
            if law.moments if law.kind == "normal" else law.variance != "1":
                raise ProofError("a normal law has a variance only, any other law moments only")
            if free_indices(parse(law.variance)):
                raise ProofError("a variance has no index")
            for text in (law.variance, *(moment for _, moment in law.moments)):
                node = parse(text)
                used = {s.name for s in symbols(node)} - {"delta"}
                if used & seen or not used <= (set(tensors) | {s.name for s in self.scalars}):
                    raise ProofError(
                        f"a moment of {law.arrays} uses an undeclared or already integrated array"
                    )
                if any(tensors[name].depends_on for name in used & set(tensors)):
                    raise ProofError(f"a moment of {law.arrays} uses a function of random arrays")
                if _expects(node):
                    raise ProofError("a moment must not contain an expectation")
        for flip in self.flips:
            if not set(flip) <= seen:
                raise ProofError(f"sign change of {flip}: each must be a random array")
        for pair in self.inverses:
            both = [tensors.get(name) for name in pair]
            square = [t for t in both if t and len(set(t.sorts)) == 1 and len(t.sorts) == 2]
            if len(pair) != 2 or len(square) != 2 or square[0].sorts != square[1].sorts:
                raise ProofError(f"inverses {pair}: two square matrices of one sort are needed")
            if set(pair) & seen or any(t.depends_on for t in square):
                raise ProofError(f"inverses {pair} must be deterministic")
        for tensor in self.tensors:
            if not set(tensor.depends_on) <= seen:
                raise ProofError(f"{tensor.name!r} depends on an array without a law")

    def _check_hypotheses(self) -> None:
        """What a hypothesis says outside expectations must be about functions of one array."""
        functions = {t.name: t.depends_on for t in self.tensors if t.depends_on}
        random = {name: frozenset({name}) for name in self.random() | set(functions)}
        for definition in self.definitions:
            random[definition.name] = _outside(parse(definition.body), random)
        for hypothesis in self.hypotheses:
            sides = (parse(hypothesis.left), parse(hypothesis.right))
            used = frozenset().union(*(_outside(side, random) for side in sides))
            arrays = {a for name in used for a in functions.get(name, (name,))}
            if used and (len(arrays) > 1 or not used & set(functions)):
                raise ProofError(
                    f"hypothesis {hypothesis.name!r} restricts the random {sorted(used)}; "
                    "it may be about functions of one random array only"
                )

    def leading(self) -> tuple[Law, ...]:
        """The normal laws before the first table: independent of each other and of the rest."""
        return tuple(itertools.takewhile(lambda law: law.kind == "normal", self.laws))

    def moment_symbols(self) -> frozenset[str]:
        """Scalars and tensors that stand for moments in the tables of rows and joint laws."""
        tables = [text for law in self.laws for _, text in law.moments]
        used = {s.name for text in tables for s in symbols(parse(text))}
        sizes = {dimension for _, dimension in self.sorts}
        return frozenset(used - self.random() - sizes - {"delta"})

    def scalar(self, name: str) -> Scalar | None:
        """The declared scalar of this name, or None."""
        return next((s for s in self.scalars if s.name == name), None)

    def random(self) -> frozenset[str]:
        """The arrays that have a law."""
        return frozenset(name for law in self.laws for name in law.arrays)


def _outside(node: Node, random: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The random names that remain once the expectations in a node are taken."""
    if isinstance(node, Expect):
        integrated = random if node.arrays is None else node.arrays
        return _outside(node.body, random).difference(integrated)
    if isinstance(node, Symbol):
        return random.get(node.name, frozenset())
    return frozenset().union(*(_outside(child, random) for child in children(node)))


def _expects(node: Node) -> bool:
    return isinstance(node, Expect) or any(_expects(child) for child in children(node))


def context_to_data(context: Context) -> dict[str, Any]:
    """The context as JSON data."""
    return {
        "scalars": [
            {
                "name": s.name,
                "minimum": None if s.minimum is None else str(s.minimum),
                "strict": s.strict,
                "integer": s.integer,
                "meaning": s.meaning,
            }
            for s in context.scalars
        ],
        "sorts": [list(pair) for pair in context.sorts],
        "tensors": [
            {
                "name": t.name,
                "sorts": list(t.sorts),
                "depends_on": list(t.depends_on),
                "meaning": t.meaning,
            }
            for t in context.tensors
        ],
        "laws": [
            {
                "kind": law.kind,
                "arrays": list(law.arrays),
                "variance": law.variance,
                "moments": [[list(degrees), text] for degrees, text in law.moments],
            }
            for law in context.laws
        ],
        "flips": [list(flip) for flip in context.flips],
        "definitions": [
            {
                "name": x.name,
                "parameters": list(x.parameters),
                "sorts": list(x.sorts),
                "body": x.body,
                "meaning": x.meaning,
            }
            for x in context.definitions
        ],
        "hypotheses": [equation_to_data(h) for h in context.hypotheses],
        "inverses": [list(pair) for pair in context.inverses],
        "models": [
            {"law": model.law, "values": [list(pair) for pair in model.values]}
            for model in context.models
        ],
        "assumptions": list(context.assumptions),
    }


def equation_to_data(equation: Equation) -> dict[str, str]:
    """An equation as JSON data."""
    return {"name": equation.name, "left": equation.left, "right": equation.right}


def equation_from_data(data: Mapping[str, Any]) -> Equation:
    """An equation from JSON data; raises ProofError."""
    return Equation(text(data, "name"), text(data, "left"), text(data, "right"))


def context_from_data(data: Mapping[str, Any]) -> Context:
    """The context from JSON data; raises ProofError with one line where it is malformed."""
    return Context(
        scalars=tuple(
            Scalar(
                text(s, "name"),
                None if s.get("minimum") is None else rational(text(s, "minimum")),
                flag(s, "strict"),
                flag(s, "integer"),
                text(s, "meaning"),
            )
            for s in records(data, "scalars")
        ),
        sorts=tuple(
            (pair[0], pair[1]) for pair in (texts(p) for p in rows(data, "sorts")) if len(pair) == 2
        ),
        tensors=tuple(
            Tensor(
                text(t, "name"),
                texts(t.get("sorts")),
                texts(t.get("depends_on")),
                text(t, "meaning"),
            )
            for t in records(data, "tensors")
        ),
        laws=tuple(
            Law(
                text(x, "kind"),
                texts(x.get("arrays")),
                text(x, "variance"),
                tuple(map(_moment, rows(x, "moments"))),
            )
            for x in records(data, "laws")
        ),
        flips=tuple(texts(flip) for flip in rows(data, "flips")),
        definitions=tuple(
            Definition(
                text(x, "name"),
                texts(x.get("parameters")),
                text(x, "body"),
                text(x, "meaning"),
                texts(x.get("sorts")),
            )
            for x in records(data, "definitions")
        ),
        hypotheses=tuple(equation_from_data(h) for h in records(data, "hypotheses")),
        inverses=tuple((pair[0], pair[-1]) for pair in map(texts, rows(data, "inverses")) if pair),
        models=tuple(
            Model(text(m, "law"), tuple(_pair(pair) for pair in rows(m, "values")))
            for m in records(data, "models")
        ),
        assumptions=texts(data.get("assumptions")),
    )


def _pair(entry: Any) -> tuple[str, str]:
    found = texts(entry)
    if len(found) != 2:
        raise ProofError("a value of a model must be a pair: name and expression")
    return found[0], found[1]


def _moment(entry: Any) -> tuple[tuple[int, ...], str]:
    if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[0], list):
        raise ProofError("a moment must be a pair: degrees and an expression")
    if not all(type(k) is int and 0 <= k <= 16 for k in entry[0]) or not isinstance(entry[1], str):
        raise ProofError("a moment must be a pair: degrees and an expression")
    return tuple(entry[0]), entry[1]


def rational(value: str) -> Fraction:
    """A rational number ``p`` or ``p/q`` from text."""
    parts = value.removeprefix("-").split("/")
    if (
        len(value) > 400
        or len(parts) > 2
        or not all(p.isascii() and p.isdigit() for p in parts)
        or (int(parts[-1]) == 0 and len(parts) == 2)
    ):
        raise ProofError(f"{value[:40]!r} is not a rational number such as 3 or -1/2")
    return Fraction(value)


def records(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The list of objects under the key."""
    found = rows(data, key)
    if not all(isinstance(entry, dict) for entry in found):
        raise ProofError(f"{key!r} must be a list of objects")
    return found


def rows(data: Mapping[str, Any], key: str) -> list[Any]:
    """The list under the key."""
    found = data.get(key)
    if not isinstance(found, list):
        raise ProofError(f"{key!r} must be a list")
    return found


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ProofError("expected a list of texts")
    return tuple(value)


def text(data: Mapping[str, Any], key: str) -> str:
    """The text under the key."""
    value = data.get(key)
    if not isinstance(value, str):
        raise ProofError(f"{key!r} must be text")
    return value


def flag(data: Mapping[str, Any], key: str) -> bool:
    """The truth value under the key."""
    value = data.get(key)
    if not isinstance(value, bool):
        raise ProofError(f"{key!r} must be true or false")
    return value
