"""The kernel's own normal forms read back: as SymPy in the scalars, and as index text.

Not trusted. What is derived here is put into statements as text, and the checker proves these.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS, DELTA, Factor, Head
from verifier.proof.normal import Base, Value
from verifier.proof.rules import FUEL
from verifier.proof.syntax import Fuel

if TYPE_CHECKING:
    import sympy

    from verifier.proof.context import Context

ONE_EXPRESSION = FUEL // 4
Networks = tuple[int, ...]
Entry = tuple[str, tuple[int, ...], tuple[str, ...]]  # an array, its labels, their sorts


@dataclass(frozen=True, slots=True)
class SquareOf:
    """``name``[a,b] is the sum of factor[a,u] factor[b,u] over u, or over the first ``index``."""

    name: str
    factor: str
    index: int = 1


class Unwritable(ValueError):
    """A normal form that the index language cannot say: ``moment`` says which expectation."""

    def __init__(self, moment: str) -> None:
        super().__init__(f"{moment} has no closed form here")
        self.moment = moment


class Reading:
    """The normal forms of one context.

    ``squares``: matrices that are written where two equal factors are summed over one index.
    """

    def __init__(self, context: Context, squares: Sequence[SquareOf] = ()) -> None:
        self.context, self.squares = context, {one.factor: one for one in squares}
        self.meaning = Meaning(context, Fuel(20 * FUEL))

    def parts(self, text: str) -> dict[Networks, sympy.Expr]:
        """The coefficient of each product of networks, a rational function of the scalars."""
        meaning, value = self.meaning, self._value(text)
        above, factors = meaning.cleared(value)
        below = value.den * _below(meaning, factors)
        found: dict[Networks, sympy.Expr] = {}
        for (powers, ids), c in above.items():
            found[ids] = found.get(ids, _zero()) + _rational(c) * _product(meaning, powers)
        return {ids: coefficient / below for ids, coefficient in found.items()}

    def vanishes(self, text: str) -> bool:
        """Whether the normal form is 0."""
        return self.meaning.vanishes(self._value(text))

    def _value(self, text: str) -> Value:
        """The normal form; ProofError where the checker would not get to it either."""
        fuel, node = self.meaning.fuel, self.context.read(text)
        given = min(fuel.units, ONE_EXPRESSION)
        kept, fuel.units = fuel.units - given, given
        try:
            return self.meaning.value(node)
        finally:
            fuel.units += kept

    def number(self, text: str) -> sympy.Expr:
        """An expression in which no array is left, such as ``E(yq^2)``; ValueError otherwise."""
        parts = self.parts(text)
        if set(parts) - {()}:
            raise ValueError(f"{text!r} is no rational function of the scalars")
        return parts.get((), _zero())

    def networks(self, ids: Networks) -> list[str]:
        """Each network of a product as index text."""
        return [network_text(self.meaning, i, self.squares) for i in ids]

    def text(self, text: str) -> str:
        """The normal form as index text: each product of networks, with its factor."""
        return self.written(self.parts(text))

    def written(self, parts: Mapping[Networks, sympy.Expr]) -> str:
        """Parts of normal forms as index text."""
        import sympy

        written = {ids: self.networks(ids) for ids in parts}
        terms = []
        for ids in sorted(parts, key=lambda one: (len(one), sorted(written[one]))):
            number = sympy.factor(parts[ids])
            negative = bool(number.could_extract_minus_sign())
            factor = scalar_text(-number if negative else number)
            product = _powers(Counter(sorted(written[ids])))
            if product and factor == "1":
                term = product
            elif product:
                term = f"{_factor(factor)}*{product}"
            else:
                term = _factor(factor)
            terms.append((" - " if negative else " + ") + term)
        text = "".join(terms)
        if not text:
            return "0"
        return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def _factor(text: str) -> str:
    """A factor as it stands in a product."""
    return text if text.isalnum() else f"({text})"


def as_polynomial(context: Context, text: str) -> str:
    """An expression without free indices as index text: each product of arrays, with its factor."""
    return Reading(context).text(text)


def scalar_text(expression: sympy.Expr) -> str:
    """A SymPy expression in scalars, as index text."""
    return str(expression).replace("**", "^")


def _powers(factors: Counter[str]) -> str:
    """``A[i,j]^2*b``: a product."""
    return "*".join(one if k == 1 else f"{one}^{k}" for one, k in factors.items())


def _zero() -> sympy.Expr:
    import sympy

    return sympy.Integer(0)


def _rational(number: object) -> sympy.Expr:
    import sympy

    return sympy.Rational(str(number))


def exponents(meaning: Meaning, packed: int) -> dict[str, int]:
    """The exponents of a packed monomial in the scalars, the zeros left out."""
    found = {name: packed >> at & (1 << BITS) - 1 for name, at in meaning.shift.items()}
    return {name: exponent for name, exponent in found.items() if exponent}


def _product(meaning: Meaning, powers: int) -> sympy.Expr:
    """The product of scalars that these packed exponents mean."""
    import sympy

    return sympy.Mul(*(sympy.Symbol(name) ** k for name, k in exponents(meaning, powers).items()))


def _below(meaning: Meaning, factors: Iterable[tuple[Base, int]]) -> sympy.Expr:
    """A product of powers of denominators."""
    import sympy

    return sympy.Mul(
        *(
            sympy.Add(*(c * _product(meaning, powers) for powers, c in base)) ** exponent
            for base, exponent in factors
        )
    )


def network_text(
    meaning: Meaning, number: int, squares: Mapping[str, SquareOf] | None = None
) -> str:
    """``sum[i,j](A[i,j]*B[i,j])``: a network; its free indices keep their letters.

    Unwritable where it holds the moment of a law, which no expression without ``E`` says.
    """
    free = {label: index for index, label in meaning.labels.items()}
    network = meaning.table[number]
    if any(meaning.heads[head].boxes for head, *_ in network):
        raise Unwritable(_moment_text(meaning, number))
    entries = _squared([_entry(meaning, f) for f in network], squares or {})
    shown = {free[label] for _, labels, _ in entries for label in labels if label < 0}
    letters: dict[int, str] = {}
    unused = {
        sort.name: iter([one for one in sort.letters if one not in shown])
        for sort in meaning.context.sorts
    }
    factors: Counter[str] = Counter()
    for name, labels, sorts in entries:
        for label, sort in zip(labels, sorts, strict=True):
            if label >= 0 and label not in letters:
                letters[label] = _next(unused[sort])
        indices = [letters[x] if x >= 0 else free[x] for x in labels]
        factors[f"{name}[{','.join(indices)}]" if labels else name] += 1
    body = _powers(factors)
    return f"sum[{','.join(letters.values())}]({body})" if letters else body


def _entry(meaning: Meaning, factor: Factor) -> Entry:
    """The array, labels and sorts of a factor."""
    head = meaning.heads[factor[0]]
    sorts = head.sorts if factor[0] != DELTA else ("", "")
    return head.name, factor[1:], sorts


def _squared(entries: list[Entry], squares: Mapping[str, SquareOf]) -> list[Entry]:
    """F[a,u] F[b,u], u summed and nowhere else, is one entry of F F'."""
    for one, two in itertools.combinations(entries, 2):
        (name, labels, sorts), (other, more, _) = one, two
        square = squares.get(name)
        if name != other or square is None:
            continue
        at = square.index
        rest = list(entries)
        rest.remove(one)
        rest.remove(two)
        alone = all(labels[at] not in used for _, used, _ in rest)
        if labels[at] == more[at] >= 0 and alone and labels[1 - at] != labels[at] != more[1 - at]:
            joined: Entry = (square.name, (labels[1 - at], more[1 - at]), sorts)
            return _squared([joined, *rest], squares)
    return entries


def _next(letters: Iterator[str]) -> str:
    for letter in letters:
        return letter
    raise ValueError("an expression needs more index letters than are declared")


def _moment_text(meaning: Meaning, number: int) -> str:
    """``E(rho^2 w w)``: the moment that a network integrates, indices left out."""
    heads: Iterable[Head] = (meaning.heads[f[0]] for f in meaning.table[number])
    counts: Mapping[str, int] = Counter(h.name.rpartition(".")[2] for h in heads if h.boxes)
    return f"E({' '.join(n if k == 1 else f'{n}^{k}' for n, k in counts.items())})"
