"""The kernel's normal forms as vectors: networks are the axes, coefficients are in the scalars.

A *form* maps products of networks to coefficients, a coefficient packed exponents of scalars to
numbers, both as in `verifier.proof.normal`; scalars include inverses of positive polynomials. All
arithmetic is the kernel's own, so what is found here is what the checker will calculate. Forms are
read as residues modulo a prime, which is quick, as polynomials with whole coefficients, which is
exact, and as index text. Not trusted.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from flint import fmpz_mpoly_ctx

from verifier.proof.context import Atom, Context, Tensor
from verifier.proof.mean import Meaning
from verifier.proof.normal import BITS, DELTA, Base, Factor, Number, Sorts, Value
from verifier.proof.syntax import Fuel, Node, free_indices

PRIME = (1 << 61) - 1
FUEL = 10**12  # what is spent here is counted by the search itself
SEED = 7

Networks = tuple[int, ...]
Coefficient = dict[int, Number]
Form = dict[Networks, Coefficient]
Polynomial = Any  # flint's fmpz_mpoly
Term = tuple[Coefficient, list[Factor], Sorts]


class TooFewLetters(ValueError):
    """A sort of the context has fewer index letters than an expression needs."""


class Unwritable(ValueError):
    """A form in which a mean is left that no rule computes has no text."""


class Forms:
    """Normal forms of the expressions of one context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.meaning = Meaning(context, Fuel(FUEL))
        self.ring = fmpz_mpoly_ctx.get([s.name for s in context.scalars], "degrevlex")
        self.of_sort = {sort.name: sort.letters for sort in context.sorts}
        self.random = random.Random(SEED)
        self.points = (self._point(corner=False), self._point(corner=True))
        self.residues: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.read_forms: dict[str, Form] = {}
        self.written: dict[str, Node] = {}

    def _point(self, corner: bool) -> dict[str, int]:
        """A number modulo the prime for each scalar.

        At the corner it is the minimum, if that is attained, and 0 for a scalar without one: what
        the kernel sees to be positive cannot vanish there.
        """
        found = {}
        for one in self.context.scalars:
            found[one.name] = self.random.randrange(2, PRIME)
            if corner and not (one.strict and one.minimum is not None):
                found[one.name] = _modulo(one.minimum or 0)
        return found

    # From text

    def read(self, text: str) -> Node:
        """The expression that a text means; the same one for the same text."""
        if text not in self.written:
            self.written[text] = self.context.read(text)
        return self.written[text]

    def form(self, text: str) -> Form:
        """The normal form of a text."""
        if text not in self.read_forms:
            self.read_forms[text] = self.of_value(self.meaning.value(self.read(text)))
        return self.read_forms[text]

    def residual(self, atom: Atom) -> Form:
        """left - right of an equation."""
        return self.form(f"({atom.left}) - ({atom.right})")

    def of_value(self, value: Value) -> Form:
        """A value of the kernel as a vector; terms that cancel only as functions are found."""
        found: Form = {}
        for (powers, ids), number in value.num.items():
            part = number if value.den == 1 else Fraction(number) / value.den
            found.setdefault(ids, {})[powers] = part
        return {ids: part for ids, part in found.items() if self.residue(part)}

    def indices(self, *texts: str) -> tuple[str, ...]:
        """The free indices of some texts, in order of appearance."""
        return free_indices(*map(self.read, texts))

    def sort(self, index: str) -> str:
        """The sort of an index letter."""
        return self.context.letters[index]

    def fresh(self, sorts: Sequence[str], avoid: Collection[str]) -> list[str]:
        """Distinct letters of these sorts; TooFewLetters where a sort has no more."""
        taken, found = set(avoid), []
        for sort in sorts:
            letter = next((x for x in self.of_sort[sort] if x not in taken), None)
            if letter is None:
                count = len(self.of_sort[sort])
                raise TooFewLetters(f"sort {sort!r} needs more than its {count} index letters")
            taken.add(letter)
            found.append(letter)
        return found

    # Coefficients

    def residue(self, coefficient: Coefficient, corner: bool = False) -> int:
        """A coefficient modulo the prime, at the fixed point or at the corner."""
        known = self.residues[corner]
        total = 0
        for powers, number in coefficient.items():
            if powers not in known:
                known[powers] = self._monomial(powers, self.points[corner])
            total += _modulo(number) * known[powers]
        return total % PRIME

    def _monomial(self, powers: int, point: dict[str, int]) -> int:
        result = 1
        for name, exponent in self.exponents(powers).items():
            if name not in point:
                base = self._bases()[name]
                value = sum(c * self._monomial(p, point) for p, c in base) % PRIME
                point[name] = pow(value, -1, PRIME)
            result = result * pow(point[name], exponent, PRIME) % PRIME
        return result

    def exponents(self, powers: int) -> dict[str, int]:
        """The exponent of each scalar in a packed monomial, zeros left out."""
        mask = (1 << BITS) - 1
        return {n: e for n, at in self.meaning.shift.items() if (e := powers >> at & mask)}

    def _bases(self) -> dict[str, Base]:
        return {name: base for base, name in self.meaning.inverses.items()}

    def cleared(self, row: Sequence[Coefficient]) -> tuple[list[Polynomial], Polynomial]:
        """Coefficients times one polynomial that leaves no denominator, and that polynomial."""
        bases = {name: self._plain(base) for name, base in self._bases().items()}
        terms = [[(self.exponents(p), Fraction(c)) for p, c in one.items()] for one in row]
        highest: Counter[str] = Counter()
        whole = 1
        for one in terms:
            for exponents, number in one:
                whole = whole * number.denominator // _gcd(whole, number.denominator)
                for name in exponents.keys() & bases.keys():
                    highest[name] = max(highest[name], exponents[name])
        below = self.ring.from_dict({self._key({}): whole})
        for name, exponent in highest.items():
            below *= bases[name] ** exponent
        found = []
        for one in terms:
            total = self.ring.from_dict({})
            for exponents, number in one:
                part = self.ring.from_dict({self._key(exponents): int(number * whole)})
                for name, exponent in highest.items():
                    part *= bases[name] ** (exponent - exponents.get(name, 0))
                total += part
            found.append(total)
        return found, below

    def _key(self, exponents: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(exponents.get(s.name, 0) for s in self.context.scalars)

    def _plain(self, base: Base) -> Polynomial:
        return self.ring.from_dict({self._key(self.exponents(p)): int(c) for p, c in base})

    def positive(self, polynomial: Polynomial) -> bool:
        """Whether the kernel sees that a polynomial is > 0 in the ranges of the scalars."""
        value = self.meaning.value(self.read(f"({polynomial})"))
        return self.meaning.positive(value, strict=True)

    def split_sign(self, polynomial: Polynomial) -> tuple[Polynomial, Polynomial]:
        """positive * rest: rest is 1, -1 or has only factors that are not shown to be > 0."""
        content, factors = polynomial.factor()
        positive, rest = (
            self.ring.from_dict({self._key({}): abs(int(content))}),
            (self.ring.from_dict({self._key({}): -1 if content < 0 else 1})),
        )
        for factor, exponent in factors:
            if self.positive(factor):
                positive *= factor**exponent
            elif self.positive(-factor):
                positive *= (-factor) ** exponent
                rest *= (-1) ** exponent
            else:
                rest *= factor**exponent
        return positive, rest

    # Products

    def terms(self, form: Form) -> list[Term]:
        """Each term as its coefficient, its factors and the sorts of their summed labels."""
        return [(part, *self.meaning.spread(ids)) for ids, part in form.items()]

    def multiplied(
        self,
        terms: Iterable[Term],
        places: Mapping[int, int],
        sorts: Sorts,
        entries: Sequence[Factor] = (),
        others: Sequence[tuple[Term, Mapping[int, int]]] = (),
    ) -> Form:
        """The product of a form, entries and other terms, summed over the labels in ``sorts``.

        ``places`` says where the free labels of the form go, and each other term has its own
        places; the entries are taken as they are.
        """
        found: Form = {}
        for part, factors, own in terms:
            top = max(sorts, default=-1) + 1
            every: list[Factor] = [*_placed(factors, places, top), *entries]
            summed = {**sorts, **{x + top: sort for x, sort in own.items()}}
            coefficient: Coefficient = part
            for (more, inner, inside), place in others:
                top = max(summed, default=-1) + 1
                every += _placed(inner, place, top)
                summed.update({x + top: sort for x, sort in inside.items()})
                if more != {0: 1}:
                    coefficient = self._times(coefficient, more)
            powers, ids = self.meaning.network(every, summed)
            self.accumulate(found, ids, coefficient, powers)
        return {ids: part for ids, part in found.items() if part}

    def _times(self, one: Coefficient, two: Coefficient) -> Coefficient:
        found: Coefficient = {}
        for p, c in one.items():
            for q, d in two.items():
                key = self.meaning.packed(p, q)
                found[key] = found.get(key, 0) + c * d
        return found

    def accumulate(
        self, total: Form, ids: Networks, coefficient: Coefficient, powers: int = 0
    ) -> None:
        """Add one term, its coefficient times a monomial, to a form."""
        at = total.setdefault(ids, {})
        for p, c in coefficient.items():
            key = self.meaning.packed(p, powers)
            value = at.get(key, 0) + c
            if value:
                at[key] = value
            else:
                at.pop(key, None)

    def added(self, one: Form, two: Form, factor: Coefficient | None = None) -> Form:
        """one + factor * two."""
        found: Form = {ids: dict(part) for ids, part in one.items()}
        for ids, part in two.items():
            self.accumulate(found, ids, part if factor is None else self._times(part, factor))
        return {ids: part for ids, part in found.items() if part and self.residue(part)}

    def names(self, form: Form) -> set[str]:
        """The arrays that occur."""
        heads = self.meaning.heads
        return {
            heads[f[0]].name for ids in form for i in ids for f in self.meaning.table[i] if f[0]
        }

    def tensor_head(self, name: str) -> int:
        """The number of an array's head."""
        return self.meaning.array_heads[name]

    def inverse(self, head: int, left: bool) -> int | None:
        """The matrix that is given as the inverse of another, on its left or on its right."""
        pairs = sorted(self.meaning.partners)
        if left:
            return next((one for one, two in pairs if two == head), None)
        return next((two for one, two in pairs if one == head), None)

    # To text

    def polynomial_text(self, polynomial: Polynomial) -> str:
        """A polynomial in the scalars, factored; a sign stands in front."""
        if polynomial.is_constant():
            return str(polynomial)
        content, factors = polynomial.factor()
        texts = [str(f) if str(f) in self.meaning.scalars else f"({f})" for f, _ in factors]
        parts = [f"{t}^{e}" if e > 1 else t for t, (_, e) in zip(texts, factors, strict=True)]
        sign, size = ("-" if content < 0 else ""), abs(int(content))
        return sign + "*".join([*([] if size == 1 else [str(size)]), *parts])

    def coefficient_text(self, coefficient: Coefficient) -> str:
        """A coefficient as a quotient of polynomials."""
        (above,), below = self.cleared([coefficient])
        common = above.gcd(below)
        if self.positive(below / common):
            above, below = above / common, below / common
        text, under = self.polynomial_text(above), self.polynomial_text(below)
        if below == 1:
            return text
        single = under.isalnum() or (len(below.factor()[1]) == 1 and under[0] == "(")
        return f"{text}/{under}" if single and "^" not in under else f"{text}/({under})"

    def text(self, form: Form, avoid: Collection[str] = ()) -> str:
        """A form as index text; summed letters are none of ``avoid``. Unwritable with boxes."""
        return plus(
            weighted(self.coefficient_text(part), self.product_text(ids, avoid))
            for ids, part in sorted(form.items(), key=lambda term: (len(term[0]), term[0]))
        )

    def product_text(self, ids: Networks, avoid: Collection[str] = ()) -> str:
        """A product of networks as index text."""
        free = {label: letter for letter, label in self.meaning.labels.items()}
        texts: Counter[str] = Counter()
        for i in ids:
            factors = self.meaning.table[i]
            names = {x: free[x] for f in factors for x in f[1:] if x < 0}
            texts[self.network_text(factors, names, {*avoid, *names.values()})] += 1
        return "*".join(t if k == 1 else f"{t}^{k}" for t, k in texts.items())

    def network_text(
        self, factors: Sequence[Factor], names: Mapping[int, str], avoid: Collection[str]
    ) -> str:
        """Connected factors as text, summed over the labels that have no name."""
        sorts: dict[int, str] = {}
        for f in factors:
            head = self.meaning.heads[f[0]]
            if head.boxes:
                raise Unwritable(f"a mean of {head.name!r} is left")
            for x, sort in zip(f[1:], head.sorts, strict=False):
                if x not in names:
                    sorts[x] = sort
        own = dict(zip(sorts, self.fresh(list(sorts.values()), avoid), strict=True))
        letters = {**names, **own}
        texts = Counter(self._factor_text(f, letters) for f in factors)
        body = "*".join(t if k == 1 else f"{t}^{k}" for t, k in texts.items())
        return f"sum[{','.join(own.values())}]({body})" if own else body

    def _factor_text(self, f: Factor, letters: Mapping[int, str]) -> str:
        name = "delta" if f[0] == DELTA else self.meaning.heads[f[0]].name
        return indexed(name, [letters[x] for x in f[1:]])

    def tensors(self) -> Iterator[Tensor]:
        """The deterministic arrays of the context."""
        return (array for array in self.context.arrays if isinstance(array, Tensor))


def indexed(name: str, indices: Sequence[str]) -> str:
    """``A[i,j]``, or ``b`` without indices."""
    return f"{name}[{','.join(indices)}]" if indices else name


def summed(indices: Sequence[str], body: str) -> str:
    """``sum[i,j](body)``, or the body alone in parentheses."""
    return f"sum[{','.join(indices)}]({body})" if indices else f"({body})"


def weighted(factor: str, product: str) -> str:
    """``factor*product``, both products with at most a sign in front, without an idle 1."""
    if factor in ("1", "-1"):
        return f"{factor[:-1]}{product or 1}"
    return f"{factor}*{product}" if product else factor


def plus(parts: Iterable[str]) -> str:
    """The sum of products, each with at most a sign in front."""
    total = ""
    for part in parts:
        sign, size = (" - ", part[1:]) if part.startswith("-") else (" + ", part)
        total = f"{total}{sign}{size}" if total else part
    return total or "0"


def _placed(factors: Sequence[Factor], places: Mapping[int, int], shift: int) -> list[Factor]:
    """Factors with their free labels placed and their summed labels shifted."""
    return [(f[0], *[x + shift if x >= 0 else places.get(x, x) for x in f[1:]]) for f in factors]


def _modulo(number: Number) -> int:
    if number.denominator == 1:
        return int(number) % PRIME
    return int(number.numerator) * pow(int(number.denominator), -1, PRIME) % PRIME


def _gcd(one: int, two: int) -> int:
    while two:
        one, two = two, one % two
    return one
