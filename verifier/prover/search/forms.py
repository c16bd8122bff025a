"""The kernel's normal forms as vectors: networks are the axes, coefficients are in the scalars.

A *form* maps products of networks to coefficients, as `verifier.proof.normal` has both. All
arithmetic is the kernel's own, so what is found here is what the checker will calculate.
Not trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from verifier.proof.context import Atom, Context
from verifier.proof.networks import DELTA, Factor, Sorts
from verifier.proof.normal import Value
from verifier.proof.syntax import ProofError, free_indices

from .budget import Budget
from .coefficients import Coefficient, Coefficients
from .spelling import indexed, plus, weighted

MEAN_FUEL = 300_000  # of the kernel, for one mean
FUEL_OF_A_PRODUCT = 100

Networks = tuple[int, ...]
Form = dict[Networks, Coefficient]
Term = tuple[Coefficient, list[Factor], Sorts]


class TooFewLetters(ValueError):
    """A sort of the context has fewer index letters than an expression needs."""


class Unwritable(ValueError):
    """A form in which a mean is left that no rule computes has no text."""


class Forms(Coefficients):
    """Normal forms of the expressions of one context."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.of_sort = {sort.name: sort.letters for sort in context.sorts}
        self.read_forms: dict[str, Form] = {}

    # From text

    def form(self, text: str) -> Form:
        """The normal form of a text."""
        if text not in self.read_forms:
            self.read_forms[text] = self.of_value(self.meaning.value(self.read(text)))
        return self.read_forms[text]

    def cheap_form(self, text: str, budget: Budget) -> Form | None:
        """The normal form, counted against a budget; None where the kernel needs too long for it.

        The checker has to calculate the same, and more of it, within its own fuel.
        """
        fuel = self.meaning.fuel
        before, fuel.units = fuel.units, MEAN_FUEL
        try:
            return self.form(text)
        except ProofError:
            return None
        finally:
            budget.spend((MEAN_FUEL - max(fuel.units, 0)) // FUEL_OF_A_PRODUCT)
            fuel.units = before

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

    def text(self, form: Form, avoid: Collection[str] = ()) -> str:
        """A form as index text; summed letters are none of ``avoid``. Unwritable with boxes."""
        return plus(
            weighted(self.coefficient_text(part), self.product_text(ids, avoid))
            for ids, part in sorted(form.items(), key=lambda term: (len(term[0]), term[0]))
        )

    def product_text(self, ids: Networks, avoid: Collection[str] = ()) -> str:
        """A product of networks as index text: entries first, those without indices in front."""
        free = {label: letter for letter, label in self.meaning.labels.items()}
        texts: Counter[str] = Counter()
        for factors in sorted((self.meaning.table[i] for i in ids), key=_place):
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


def _place(factors: Sequence[Factor]) -> tuple[bool, bool, list[int], Sequence[Factor]]:
    """Where a network stands in a product: what was declared last goes first, deltas last."""
    return len(factors) > 1, len(factors[0]) > 1, [-f[0] for f in factors], factors


def _placed(factors: Sequence[Factor], places: Mapping[int, int], shift: int) -> list[Factor]:
    """Factors with their free labels placed and their summed labels shifted."""
    return [(f[0], *[x + shift if x >= 0 else places.get(x, x) for x in f[1:]]) for f in factors]
