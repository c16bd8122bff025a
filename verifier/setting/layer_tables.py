"""The [layer] and [training] tables of a setting file.

    [layer]     heads, key_dimension, query_in_sum, divide_by, skip, readout
    [training]  loss, context_lengths, weights, weight_decay

The keys are those of ``prove``, with numbers for symbols. All are optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

from verifier.setting.covariance import Matrix
from verifier.setting.given import square_rows
from verifier.setting.mixtures import exact_weights
from verifier.setting.numbers import exact_number, nonnegative_number
from verifier.setting.toml_tables import Tables, integer, kind, text

LAYER_KEYS = ("heads", "key_dimension", "query_in_sum", "divide_by", "skip", "readout")
TRAINING_KEYS = ("loss", "context_lengths", "weights", "weight_decay")
MAXIMUM_HEADS = 64
MAXIMUM_LENGTHS = 10_000


class Divisor(Enum):
    """What the sum over the tokens is divided by."""

    ONE = "1"
    EXAMPLES = "n"
    TOKENS = "n+1"

    def of(self, context_length: int) -> int:
        """The divisor for a prompt of this many examples."""
        return {"1": 1, "n": context_length, "n+1": context_length + 1}[self.value]


@dataclass(frozen=True, slots=True)
class LayerForm:
    """Which layer is trained.

    ``key_dimension`` is the number of rows of W_K and W_Q, None for d + 1; ``skip`` adds a linear
    function of the query to the output.
    """

    heads: int = 1
    key_dimension: int | None = None
    query_in_sum: bool = False
    divide_by: Divisor = Divisor.ONE
    skip: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is the paper's layer, up to a division."""
        return self == LayerForm(divide_by=self.divide_by)


PLAIN = LayerForm()


@dataclass(frozen=True, slots=True)
class Training:
    """Which loss is minimised: the last prediction's, or a mean over prompts of several lengths.

    ``lengths`` are pairs of a probability and a number of examples, empty for the prompt's own;
    ``weight_decay`` times the sum of squares of the merged weights, omega_h and N_h, is added.
    """

    lengths: tuple[tuple[Fraction, int], ...] = ()
    weight_decay: Fraction = Fraction(0)

    @property
    def plain(self) -> bool:
        """Whether it is the loss of the last prediction alone."""
        return self == Training()


LAST = Training()


def read_layer(tables: Tables, dimension: int) -> tuple[LayerForm, Matrix | None]:
    """The form of the layer, and the readout B where one is given."""
    heads = tables.at("layer", "heads", lambda v: _limited(v, "heads", MAXIMUM_HEADS), 1)
    key = None
    if "key_dimension" in tables.table("layer"):
        key = tables.at("layer", "key_dimension", lambda v: integer(v, "key_dimension"), None)
        if key > dimension + 1:
            message = f"{key} is more than d + 1 = {dimension + 1}, which is all that matters"
            raise tables.wrong("layer", "key_dimension", message)
    form = LayerForm(
        heads,
        key,
        tables.at("layer", "query_in_sum", _boolean, False),
        tables.at("layer", "divide_by", _divisor, "1"),
        tables.at("layer", "skip", _boolean, False),
    )
    if "readout" not in tables.table("layer"):
        return form, None
    if not form.plain:
        raise tables.wrong("layer", "readout", "is for the layer of one head without further keys")
    return form, tables.at("layer", "readout", lambda v: _readout(v, dimension), None)


def read_training(tables: Tables, context_length: int) -> Training:
    """The loss that is minimised."""
    given = tables.table("training")
    loss = tables.at("training", "loss", _loss, "last")
    decay = tables.at(
        "training", "weight_decay", lambda v: nonnegative_number(v, "weight_decay"), 0
    )
    if "weights" in given and "context_lengths" not in given:
        raise tables.wrong("training", "weights", "belongs to context_lengths")
    if "context_lengths" in given:
        if loss == "every-prefix":
            raise tables.wrong("training", "context_lengths", "cannot stand beside every-prefix")
        lengths = tables.at("training", "context_lengths", _lengths, None)
        shares = [Fraction(1, len(lengths))] * len(lengths)
        if "weights" in given:
            shares = tables.at("training", "weights", _shares, None)
            if len(shares) != len(lengths):
                message = f"there are {len(shares)} weights for {len(lengths)} lengths"
                raise tables.wrong("training", "weights", message)
        return Training(tuple(zip(shares, lengths, strict=True)), decay)
    if loss == "every-prefix" and context_length > 1:
        if context_length > MAXIMUM_LENGTHS:
            message = f"every-prefix goes up to {MAXIMUM_LENGTHS} examples"
            raise tables.wrong("training", "loss", message)
        share = Fraction(1, context_length)
        lengths = list(range(1, context_length + 1))
        return Training(tuple((share, k) for k in lengths), decay)
    return Training((), decay)


def _readout(value: Any, dimension: int) -> Matrix:
    """B: a number for a multiple of I, a list for a diagonal, or a matrix."""
    if isinstance(value, int | str) and not isinstance(value, bool) and value != "identity":
        rate = exact_number(value)
        size = range(dimension)
        return tuple(tuple(rate if i == j else Fraction(0) for j in size) for i in size)
    return square_rows(value, dimension)


def _loss(value: Any) -> str:
    name = text(value)
    if name not in ("last", "every-prefix"):
        raise ValueError(f"unknown loss {name[:20]!r}; 'last' or 'every-prefix'")
    return name


def _divisor(value: Any) -> Divisor:
    known = {member.value: member for member in Divisor}
    name = str(value).replace(" ", "") if isinstance(value, int | str) else ""
    if isinstance(value, bool) or name not in known:
        raise ValueError("is 1, 'n' or 'n+1'")
    return known[name]


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"must be true or false, not {kind(value)}")
    return value


def _lengths(value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise TypeError("must be a list of numbers of examples")
    if len(value) > MAXIMUM_LENGTHS:
        raise ValueError(f"at most {MAXIMUM_LENGTHS} lengths")
    return [integer(v, f"length {k + 1}") for k, v in enumerate(value)]


def _shares(value: Any) -> list[Fraction]:
    if not isinstance(value, list):
        raise TypeError("must be a list of numbers that add up to 1")
    return list(exact_weights(value))


def _limited(value: Any, name: str, limit: int) -> int:
    found = integer(value, name)
    if found > limit:
        raise ValueError(f"{found} is above the limit of {limit}")
    return found
