"""How prompts are made, in the kernel's language: what a setting says before any layer reads it.

A data model declares the examples X[k,i] and their responses y[k], the query xq[i] and its
response yq, the target, each an array or a definition. It also knows models of its laws and values
of its tensors at which all that it assumes holds, so that the kernel sees that the assumptions can
be satisfied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from verifier.proof.context import (
    Array,
    Atom,
    Context,
    Definition,
    Hidden,
    Law,
    Model,
    Scalar,
    Sort,
    Value,
)
from verifier.prover.reading import SquareOf

FEATURE, EXAMPLE, HEAD, KEY, OUTPUT = "feature", "example", "head", "key", "output"
FEATURE_LETTERS = ("i", "j", "l", *(f"i{k}" for k in range(1, 25)))
EXAMPLE_LETTERS = ("k", "h", *(f"k{k}" for k in range(1, 13)))
OUTPUT_LETTERS = ("t", *(f"t_{k}" for k in range(1, 13)))
KEY_LETTERS = ("o", *(f"o{k}" for k in range(1, 9)))
HEAD_LETTERS = ("m", *(f"m_{k}" for k in range(1, 9)))
SPARE_LETTERS = {FEATURE: ("m", "o", "p", "u", "v"), EXAMPLE: ("g",)}  # for claims as typed
EXAMPLES, RESPONSES, QUERY, TARGET = "X", "y", "xq", "yq"
T = TypeVar("T", Scalar, Sort)


def letters_of(first: str, count: int = 12) -> tuple[str, ...]:
    """The letters of a further sort: ``p``, ``p1``, ``p2``, ..."""
    return (first, *(f"{first}{k}" for k in range(1, count + 1)))


def with_spare_letters(context: Context, others: Collection[str] = ()) -> tuple[Sort, ...]:
    """The sorts with the further letters that people use, as far as nothing else has them.

    ``others``: names that are to be declared yet.
    """
    taken = {*context.taken, *others}
    return tuple(
        replace(
            sort,
            letters=(
                *(x for x in sort.letters if len(x) == 1),
                *(x for x in SPARE_LETTERS.get(sort.name, ()) if x not in taken),
                *(x for x in sort.letters if len(x) > 1),
            ),
        )
        for sort in context.sorts
    )


def no_laws(_size: int) -> tuple[Model, ...]:
    """The models of no law."""
    return ()


@dataclass(frozen=True, slots=True)
class DataModel:
    """The declarations of a context that say how prompts are made.

    ``token_weights`` names an array over the examples, by which the layer weighs its tokens;
    ``outputs`` is the number of responses of an example, "" where y[k] is one number.
    ``vectors`` and symmetric ``matrices`` are deterministic ones that an optimal layer may need. At
    an instance with ``size`` features (and examples) the laws are ``laws_at(size)``, tensors have
    the ``values``, scalars ``numbers`` (one more than their least where nothing is said).
    ``inverses`` are pairs of matrices; ``squares`` say which products of factors have a name.
    """

    scalars: tuple[Scalar, ...]
    sorts: tuple[Sort, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    laws: tuple[Law, ...] = ()
    arrays: tuple[Array, ...] = ()
    definitions: tuple[Definition, ...] = ()
    moments: tuple[Atom, ...] = ()
    given: tuple[Atom, ...] = ()
    assumptions: tuple[str, ...] = ()
    token_weights: str = ""
    outputs: str = ""
    vectors: tuple[str, ...] = ()
    matrices: tuple[str, ...] = ()
    laws_at: Callable[[int], tuple[Model, ...]] = no_laws
    values: tuple[Definition | Value, ...] = ()
    numbers: tuple[tuple[str, Fraction], ...] = ()
    inverses: tuple[tuple[str, str], ...] = ()
    squares: tuple[SquareOf, ...] = ()

    def context(self) -> Context:
        """The context of the data alone, without instances."""
        return Context(
            sorts=self.sorts,
            scalars=self.scalars,
            hidden=self.hidden,
            laws=self.laws,
            arrays=self.arrays,
            definitions=self.definitions,
            moments=self.moments,
            given=self.given,
            assumptions=self.assumptions,
        )

    def joined(self, other: DataModel) -> DataModel:
        """Both, the other's declarations after one's own; sorts and scalars are kept once."""
        first, second = self.laws_at, other.laws_at
        return replace(
            self,
            scalars=_once(self.scalars + other.scalars),
            sorts=_once(self.sorts + other.sorts),
            hidden=self.hidden + other.hidden,
            laws=self.laws + other.laws,
            arrays=self.arrays + other.arrays,
            definitions=self.definitions + other.definitions,
            moments=self.moments + other.moments,
            given=self.given + other.given,
            assumptions=self.assumptions + other.assumptions,
            token_weights=self.token_weights or other.token_weights,
            outputs=self.outputs or other.outputs,
            vectors=self.vectors + other.vectors,
            matrices=self.matrices + other.matrices,
            laws_at=lambda size: first(size) + second(size),
            values=self.values + other.values,
            numbers=self.numbers + other.numbers,
            inverses=self.inverses + other.inverses,
            squares=self.squares + other.squares,
        )


def _once(items: tuple[T, ...]) -> tuple[T, ...]:
    return tuple({item.name: item for item in reversed(items)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Sizes:
    """The scalars that count examples and features, and their names."""

    length: str = "n"
    dimension: str = "d"
    least_length: int = 1
    least_dimension: int = 1

    def scalars(self) -> tuple[Scalar, Scalar]:
        """Integers of at least their least value."""
        return (
            Scalar(self.length, Fraction(self.least_length), integer=True, meaning="examples"),
            Scalar(
                self.dimension, Fraction(self.least_dimension), integer=True, meaning="features"
            ),
        )

    def sorts(self) -> tuple[Sort, Sort]:
        """Examples and features."""
        return (
            Sort(EXAMPLE, self.length, EXAMPLE_LETTERS),
            Sort(FEATURE, self.dimension, FEATURE_LETTERS),
        )
