"""The kernel's own normal forms read back: as SymPy in the scalars, and as index text.

Not trusted. What is derived here is put into statements as text, and the checker proves these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from proofs import _layer as layer
from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS
from verifier.proof.normal import Base
from verifier.proof.rules import FUEL
from verifier.proof.syntax import Fuel

if TYPE_CHECKING:
    import sympy

    from verifier.proof.context import Context


def as_number(context: Context, text: str) -> sympy.Expr:
    """An expression in which no array is left, such as ``E(yq^2)``, as a rational function.

    ValueError if arrays are left.
    """
    parts = _parts(context, text)
    if set(parts) - {()}:
        raise ValueError(f"{text!r} is no rational function of the scalars")
    return parts.get((), _zero())


def as_polynomial(context: Context, text: str) -> str:
    """An expression without free indices as index text: each product of arrays, with its factor."""
    import sympy

    parts = _parts(context, text)
    terms = []
    for arrays in sorted(parts, key=lambda one: (len(one), one)):
        factor = f"({layer.text_of(sympy.factor(parts[arrays]))})"
        terms.append(f"{factor}*{_powers(Counter(arrays))}" if arrays else factor)
    return " + ".join(terms) or "0"


def _powers(factors: Counter[str]) -> str:
    """``A[i,j]^2*b``: a product."""
    return "*".join(one if k == 1 else f"{one}^{k}" for one, k in factors.items())


def _zero() -> sympy.Expr:
    import sympy

    return sympy.Integer(0)


def _parts(context: Context, text: str) -> Mapping[tuple[str, ...], sympy.Expr]:
    """The coefficient of each product of networks, these written as index text."""
    meaning = Meaning(context, Fuel(FUEL))
    value = meaning.value(context.read(text))
    above, factors = meaning.cleared(value)
    below = value.den * _below(meaning, factors)
    found: dict[tuple[str, ...], sympy.Expr] = {}
    for (powers, ids), c in above.items():
        arrays = tuple(sorted(network_text(meaning, i) for i in ids))
        found[arrays] = found.get(arrays, _zero()) + _rational(c) * _product(meaning, powers)
    return {arrays: coefficient / below for arrays, coefficient in found.items()}


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


def network_text(meaning: Meaning, number: int) -> str:
    """``sum[i,j](A[i,j]*B[i,j])``: a network without free indices."""
    letters: dict[int, str] = {}
    unused = _letters(meaning.context)
    factors: Counter[str] = Counter()
    for head, *labels in meaning.table[number]:
        for label, sort in zip(labels, meaning.heads[head].sorts, strict=True):
            if label < 0:
                raise ValueError("an expression with free indices cannot be written out")
            if label not in letters:
                letters[label] = next(unused[sort], "")
        name = meaning.heads[head].name
        factors[f"{name}[{','.join(letters[x] for x in labels)}]" if labels else name] += 1
    body = _powers(factors)
    if not all(letters.values()):
        raise ValueError("an expression needs more index letters than are declared")
    return f"sum[{','.join(letters.values())}]({body})" if letters else body


def _letters(context: Context) -> dict[str, Iterator[str]]:
    """The index letters of each sort, in order."""
    return {sort.name: iter(sort.letters) for sort in context.sorts}
