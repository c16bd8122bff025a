"""What a proof talks about: sorts, scalars, arrays, the sources of randomness, what is given.

A context is plain data, the first part of a proof. Its meaning (docs/meaning.md): a *model* gives
every sort a size, every scalar a number in its range, every source an own probability space, and
the arrays values on the product of these spaces. The sources are therefore independent:

* a `Normal` array is its own source: independent entries N(0, variance);
* a `Law` is a source of independent, identically distributed draws with named fields; `Draws` and
  `Slot` arrays are fields of its draws, a slot being one further draw that is none of the rows;
* a `Hidden` source f is drawn once; fields of a law ``of`` it are functions of f and of the draw,
  which is how y_k = f(x_k) is said.

Nothing else is random but `Absolute`, `Hat` and `Function` arrays, functions of named sources.
``moments`` and ``given`` restrict the models; nothing in them can tie two sources together.

Trusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from .syntax import Expect, Node, ProofError, free_indices, is_name, names, nodes, parse

Entries = Fraction | tuple[Any, ...]  # nested tuples of Fractions
RELATIONS = ("=", ">=", ">")
MAX_NAMES, MAX_INDICES = 5_000, 16  # names, and fields, of a context; indices of one array


@dataclass(frozen=True, slots=True)
class Sort:
    """A range of indices 1 .. size, ``size`` a scalar; ``letters`` are the indices that run there.

    Several letters of one sort are several indices of the same range.
    """

    name: str
    size: str
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A real number with its range: ``minimum`` (None: any), attained unless ``strict``."""

    name: str
    minimum: Fraction | None = None
    strict: bool = False
    integer: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A deterministic array, one sort per index."""

    name: str
    sorts: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Normal:
    """A random array of independent N(0, variance) entries, a source of its own."""

    name: str
    sorts: tuple[str, ...] = ()
    variance: str = "1"
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the draws of a law; ``hidden``: it depends on the hidden source of the law too."""

    name: str
    sorts: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """A source of independent, identically distributed draws, each with the same fields."""

    name: str
    fields: tuple[Field, ...]
    of: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A source that is drawn once, with the symmetries that the law of one draw given it has.

    ``isotropic``: sorts over which the rotations that permute coordinates and change signs (all
    rotations, if the law has them) of all indices of the fields, in all draws at once, leave the
    joint law of all draws as it is. ``odd``: fields whose change of sign in all draws at once does.
    """

    name: str
    isotropic: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Draws:
    """name[k, ...] is the field of the k-th draw of the law, k of the sort ``rows``."""

    name: str
    law: str
    field: str
    rows: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """The field of one further draw, ``slot``: none of the rows and no other slot."""

    name: str
    law: str
    field: str
    slot: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Absolute:
    """name[parameters] = |argument|; ``name_squared``: name^2 = argument^2."""

    name: str
    parameters: tuple[str, ...]
    argument: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Hat:
    """The hat matrix of ridge regression, H (X X' + c I) = X X', for a normal design X and c >= 0.

    H = X X' (X X' + c I)^+, with 0 <= H <= I, so all its moments exist; ``name_normal`` is the
    equation.
    """

    name: str
    design: str
    penalty: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """Any function of the named sources that has all moments."""

    name: str
    sorts: tuple[str, ...]
    of: tuple[str, ...]
    meaning: str = ""


Array = Tensor | Normal | Draws | Slot | Absolute | Hat | Function


@dataclass(frozen=True, slots=True)
class Definition:
    """name[parameters] := body."""

    name: str
    parameters: tuple[str, ...]
    body: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """left = right, or >=, or >, for all values of the free indices."""

    name: str
    left: str
    right: str = "0"
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Value:
    """The entries of an array, or the number that a scalar is, at a point."""

    name: str
    entries: Entries


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of a finite law and its probability."""

    weight: Fraction
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A law or hidden source at a point: standard normal arrays and one of finitely many outcomes.

    The fields of a law are polynomials in these and in those of its hidden source.
    """

    source: str
    normals: tuple[Tensor, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    fields: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """Numbers for every scalar and tensor, and a model for every law and hidden source."""

    values: tuple[Value | Definition, ...]
    models: tuple[Model, ...] = ()


@dataclass(frozen=True)
class Context:
    """All declarations; see the module's docstring.

    ``moments``: equations whose left side is the expectation of one draw's fields, or of such
    moments of a hidden source; the kernel rewrites with them. ``given``: further equations and
    inequalities between deterministic sides. ``instances``: points that satisfy all of these, so
    that the statements are about something. ``assumptions``: lemmas in words.
    """

    sorts: tuple[Sort, ...] = ()
    scalars: tuple[Scalar, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    laws: tuple[Law, ...] = ()
    arrays: tuple[Array, ...] = ()
    definitions: tuple[Definition, ...] = ()
    moments: tuple[Atom, ...] = ()
    given: tuple[Atom, ...] = ()
    instances: tuple[Point, ...] = ()
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_names()
        self._check_sorts()
        self._check_sources()
        self._check_definitions()
        for atom in (*self.moments, *self.given):
            if atom.relation not in RELATIONS:
                raise ProofError(f"{atom.relation!r} is none of {', '.join(RELATIONS)}")

    @cached_property
    def letters(self) -> dict[str, str]:
        """The sort of each index letter."""
        return {letter: sort.name for sort in self.sorts for letter in sort.letters}

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Every source of randomness: normal arrays, laws, hidden sources."""
        normal = tuple(array.name for array in self.arrays if isinstance(array, Normal))
        return (*normal, *(law.name for law in self.laws), *(h.name for h in self.hidden))

    @cached_property
    def taken(self) -> frozenset[str]:
        """Every name that means something here; a residual must have another one."""
        return frozenset(self._names()) | frozenset(self.letters)

    def law(self, name: str) -> Law:
        """The law of this name; ProofError if there is none."""
        for law in self.laws:
            if law.name == name:
                return law
        raise ProofError(f"{name!r} is not a declared law")

    def field(self, array: Draws | Slot) -> Field:
        """The field of which an array consists; ProofError if the law has none of this name."""
        for field in self.law(array.law).fields:
            if field.name == array.field:
                return field
        raise ProofError(f"law {array.law!r} has no field {array.field!r}")

    def shape(self, array: Array) -> tuple[str, ...]:
        """The sort of each index of an array."""
        match array:
            case Draws():
                return (array.rows, *self.field(array).sorts)
            case Slot():
                return self.field(array).sorts
            case Absolute():
                return tuple(self.letters[i] for i in array.parameters)
            case Hat():
                rows = self.shape(self.design(array))[0]
                return (rows, rows)
        return array.sorts

    def design(self, hat: Hat) -> Normal:
        """The design matrix of a hat matrix; ProofError unless it is a normal matrix."""
        for array in self.arrays:
            if array.name == hat.design and isinstance(array, Normal) and len(array.sorts) == 2:
                return array
        raise ProofError(f"the design {hat.design!r} of {hat.name!r} is no normal matrix")

    @cached_property
    def _read(self) -> dict[str, Node]:
        return {}

    def read(self, text: str) -> Node:
        """The expression that a text means here; the same one for the same text."""
        if text not in self._read:
            self._read[text] = parse(text, self.letters)
        return self._read[text]

    def _names(self) -> Iterator[str]:
        for group in (self.scalars, self.hidden, self.laws, self.arrays, self.definitions):
            yield from (one.name for one in group)
        for array in self.arrays:
            if isinstance(array, Absolute | Hat):
                yield f"{array.name}_{'squared' if isinstance(array, Absolute) else 'normal'}"
        yield from (atom.name for atom in (*self.moments, *self.given))

    def _check_names(self) -> None:
        seen: set[str] = set()
        letters = [letter for sort in self.sorts for letter in sort.letters]
        words = [word for sort in self.sorts for word in sort.name.split(" ")]
        every = (*self._names(), *letters)
        fields = [field for law in self.laws for field in law.fields]
        count = max(len(every), len(fields))
        if count > MAX_NAMES:
            raise ProofError(f"a context of {count} names or fields; at most {MAX_NAMES}")
        for name in every:
            if name in seen:
                raise ProofError(f"{name!r} is declared twice")
            seen.add(name)
        slots = (array.slot for array in self.arrays if isinstance(array, Slot))
        for name in (*seen, *words, *(field.name for field in fields), *slots):
            if not is_name(name):
                raise ProofError(f"{name!r} is not a usable name")

    def _check_sorts(self) -> None:
        known = {sort.name for sort in self.sorts}
        scalars = {scalar.name: scalar for scalar in self.scalars}
        if len(known) != len(self.sorts):
            raise ProofError("a sort is declared twice")
        for sort in self.sorts:
            if not sort.letters:
                raise ProofError(f"the sort {sort.name!r} needs an index letter")
            size = scalars.get(sort.size)
            if size is None or not size.integer or size.minimum is None or size.minimum < 0:
                raise ProofError(f"the size {sort.size!r} must be an integer scalar of at least 0")
        fields = [field for law in self.laws for field in law.fields]
        shaped = [a for a in self.arrays if isinstance(a, Tensor | Normal | Function)]
        used = {sort for one in (*fields, *shaped) for sort in one.sorts}
        used |= {array.rows for array in self.arrays if isinstance(array, Draws)}
        used |= {sort for hidden in self.hidden for sort in hidden.isotropic}
        if any(len(one.sorts) >= MAX_INDICES for one in (*fields, *shaped)):
            raise ProofError(f"an array has fewer than {MAX_INDICES} indices")
        if not used <= known:
            raise ProofError(f"{min(used - known)!r} is not a declared sort")

    def _check_sources(self) -> None:
        hidden = {one.name: one for one in self.hidden}
        for law in self.laws:
            if not law.fields or len({field.name for field in law.fields}) != len(law.fields):
                raise ProofError(f"law {law.name!r} needs fields, each with its own name")
            if law.of not in ("", *hidden) or (not law.of and any(f.hidden for f in law.fields)):
                raise ProofError(
                    f"law {law.name!r} depends on a hidden source that is not declared"
                )
            arrays = [a for a in self.arrays if isinstance(a, Draws) and a.law == law.name]
            if len({array.rows for array in arrays}) > 1:
                raise ProofError(f"the draws of law {law.name!r} must share one sort of rows")
        for one in self.hidden:
            fields = {f.name for law in self.laws if law.of == one.name for f in law.fields}
            if not set(one.odd) <= fields:
                raise ProofError(
                    f"{min(set(one.odd) - fields)!r} is no field of a law of {one.name!r}"
                )
        for array in self.arrays:
            if isinstance(array, Draws | Slot):
                self.field(array)
            elif isinstance(array, Function) and not set() < set(array.of) <= set(self.sources):
                raise ProofError(f"{array.name!r} must be a function of declared sources")
            elif isinstance(array, Hat):
                self.design(array)

    def _check_definitions(self) -> None:
        known = {s.name for s in self.scalars}
        functions = [a for a in self.arrays if isinstance(a, Absolute | Hat)]
        known |= {a.name for a in self.arrays} - {a.name for a in functions}
        for function in functions:
            if isinstance(function, Absolute):
                self._check_body(function.name, function.parameters, function.argument, known)
                if _expects(self.read(function.argument)):
                    raise ProofError(f"the argument of {function.name!r} must have no expectation")
        known |= {a.name for a in functions}
        numbers = {s.name for s in self.scalars}
        for one in self.definitions:
            self._check_body(one.name, one.parameters, one.body, known)
            known.add(one.name)
            if self._is_number(one.body, numbers):
                numbers.add(one.name)
        for array in self.arrays:
            if isinstance(array, Normal) and not self._is_number(array.variance, numbers):
                raise ProofError(f"the variance of {array.name!r} must be made of scalars")
            if isinstance(array, Hat) and not self._is_number(array.penalty, numbers):
                raise ProofError(f"the penalty of {array.name!r} must be made of scalars")

    def _is_number(self, text: str, numbers: set[str]) -> bool:
        """Whether a text is made of scalars alone, so that it has a value before all else."""
        node = self.read(text)
        return not (names(node) - numbers or free_indices(node) or _expects(node))

    def _check_body(
        self, name: str, parameters: tuple[str, ...], body: str, known: set[str]
    ) -> None:
        node = self.read(body)
        if len(parameters) >= MAX_INDICES:
            raise ProofError(f"{name!r} has {MAX_INDICES} parameters or more")
        if len(set(parameters)) != len(parameters) or not set(parameters) <= set(self.letters):
            raise ProofError(f"the parameters of {name!r} must be distinct index letters")
        if not set(free_indices(node)) <= set(parameters):
            raise ProofError(f"the definition of {name!r} has a stray index")
        unknown = sorted(names(node) - known)
        if unknown:
            raise ProofError(f"the definition of {name!r} uses {unknown[0]!r} before it is known")


def _expects(node: Node) -> bool:
    return any(isinstance(one, Expect) for one in nodes(node))
