"""A part of the gap as a sum of squares: what its weights satisfy where covariances are singular.

E(part^2) is a sum of products of networks, quadratic in the U_r (weight_r - optimum_r). Where each
is sum t^2 with a coefficient >= 0, the t with positive coefficients vanish with the part. Such a t
is a *core*, what is connected with U_r, times arrays without it, and the core itself vanishes if
these cannot all be 0: for every pair F'UF H, F'UF (x) H and sigma F'UF vanish, so F'UF does, as
|H|^2 + sigma^2 = t and t is given to be positive.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verifier.proof.context import Atom
from verifier.proof.networks import BITS
from verifier.proof.statements import By, Conclude, Derive, Null, Square, Tree

from . import texts
from .coefficients import Coefficient
from .contractions import Column, Equation
from .forms import Form, Networks
from .gap_means import GapMeans
from .linear import residues
from .peeling import Peeled, peel
from .rewriting import reduced, rule
from .spelling import indexed, plus, summed, weighted
from .squares import square_root

LEAF = Conclude()


@dataclass(frozen=True, slots=True)
class Core:
    """An equation that the weights of a part satisfy: name, indices and left side, in letters."""

    name: str
    indices: tuple[str, ...]
    left: str


@dataclass(frozen=True, slots=True)
class PartSquares:
    """Steps of the tree, the equations that they give, and the part in terms of these."""

    steps: tuple[Tree, ...]
    cores: tuple[Core, ...]
    share: str


@dataclass(frozen=True, slots=True)
class _Root:
    """A term of which the square is in E(part^2): a scalar times networks."""

    ids: Networks
    scalar: str
    coefficient: str
    strict: bool


def part_squares(
    means: GapMeans, group: Sequence[int], rest: str, new_name: Callable[[str], str]
) -> PartSquares | None:
    """What features of the gap satisfy where ``rest``, their part and what is uncorrelated, is 0.

    None where the mean square is no such sum, or where the cores do not follow or do not suffice.
    """
    return _Parts(means, tuple(group), new_name).found(rest)


class _Parts:
    """The squares of one part of the gap."""

    def __init__(
        self, means: GapMeans, group: tuple[int, ...], new_name: Callable[[str], str]
    ) -> None:
        self.means, self.group, self.new_name = means, group, new_name
        self.forms, self.search = means.forms, means.search
        self.arrays = {means.arrays[r] for r in group}
        self.letters = {means.arrays[r]: (means.indices[r], means.difference(r)) for r in group}

    def found(self, rest: str) -> PartSquares | None:
        """See `part_squares`."""
        roots = self._roots()
        if roots is None:
            return None
        squares, named = [], []
        for root in roots:
            text = weighted(root.scalar, self.forms.product_text(root.ids))
            name = self.new_name("square") if root.strict else ""
            squares.append(Square(root.coefficient, self._in_letters(text), name))
            if root.strict:
                named.append((root, self._equation(name, text)))
        part = " + ".join(self.means.share(r, self.means.difference(r)) for r in self.group)
        product = f"({rest})*({part})"
        outputs = self.means.outputs
        mean = f"E({summed(outputs, product) if outputs else product})"
        steps: list[Tree] = [Null(tuple(squares), By(mean), LEAF)]
        equations: list[Equation] = []
        for core in sorted({self._core(root.ids) for root, _ in named}, key=self._length):
            known = [x for one in equations if (x := rule(self.forms, one))]
            if reduced(self.forms, {core: {0: 1}}, (), known)[0]:
                one = self._vanishing(core, named, steps)
                if one is None:
                    return None
                equations.append(one)
        cores = [Core(x.name, x.indices, self._in_letters(x.atom.left)) for x in equations]
        share = self._share(equations)
        return None if share is None else PartSquares(tuple(steps), tuple(cores), share)

    def _equation(self, name: str, text: str) -> Equation:
        """text = 0 in the U_r, its indices in the order in which they are in letters."""
        indices = self.forms.indices(self._in_letters(text))
        return Equation(Atom(name, text), indices, self.forms.form(text))

    def _in_letters(self, text: str) -> str:
        return texts.expanded(self.forms, text, self.letters)

    def _roots(self) -> list[_Root] | None:
        """The mean square of the part as squares; None if it is not shown to be a sum of them."""
        part = " + ".join(
            self.means.share(r, indexed(self.means.arrays[r], self.means.indices[r]))
            for r in self.group
        )
        outputs = self.means.outputs
        square = summed(outputs, f"({part})^2") if outputs else f"({part})^2"
        form = self.forms.cheap_form(f"E({square})", self.means.budget)
        if form is None:
            return None
        found = []
        for ids, coefficient in sorted(form.items()):
            half = square_root(self.forms, ids)
            root = None if half is None else self._root(self._standard(half), coefficient)
            if root is None:
                return None
            found.append(root)
        return found

    def _standard(self, half: str) -> Form:
        """A root with the indices of its core in an order that equal cores share."""
        forms = self.forms
        core = forms.indices(forms.product_text(self._core(next(iter(forms.form(half))))))
        others = [i for i in forms.indices(half) if i not in core]
        fresh = forms.fresh([forms.sort(i) for i in (*core, *others)], self.means.outputs)
        found = []
        for order in itertools.permutations(core):
            if [forms.sort(i) for i in order] == [forms.sort(i) for i in core]:
                form = forms.form(texts.at(forms, half, [*order, *others], fresh))
                found.append((self._core(next(iter(form))), form))
        return min(found, key=lambda one: one[0])[1]

    def _root(self, half: Form, coefficient: Coefficient) -> _Root | None:
        """A root, with as much of its coefficient as is the square of a monomial."""
        if len(half) != 1:
            return None
        (ids,) = half
        whole = self.forms.coefficient_text(coefficient)
        if self._signed(whole, strict=True):
            return _Root(ids, "1", whole, True)
        scalar, smaller = self._even(coefficient)
        text = self.forms.coefficient_text(smaller)
        if scalar != "1" and self._signed(text, strict=True):
            return _Root(ids, scalar, text, True)
        return _Root(ids, "1", whole, False) if self._signed(whole, strict=False) else None

    def _signed(self, text: str, strict: bool) -> bool:
        value = self.forms.meaning.value(self.forms.read(text))
        return self.forms.meaning.positive(value, strict)

    def _even(self, coefficient: Coefficient) -> tuple[str, Coefficient]:
        """m and c with coefficient = m^2 c, m a monomial in the declared scalars."""
        mask, parts, moved = (1 << BITS) - 1, [], 0
        for name in (scalar.name for scalar in self.forms.context.scalars):
            at = self.forms.meaning.shift[name]
            half = min(powers >> at & mask for powers in coefficient) // 2
            if half:
                parts.append(name if half == 1 else f"{name}^{half}")
                moved += 2 * half << at
        return "*".join(parts) or "1", {powers - moved: c for powers, c in coefficient.items()}

    def _core(self, ids: Networks) -> Networks:
        """The networks of a root in which a U_r is."""
        return tuple(i for i in ids if not self.arrays.isdisjoint(self.forms.names({(i,): {}})))

    def _length(self, core: Networks) -> tuple[int, Networks]:
        """The number of entries in a core: the shortest says most."""
        return sum(len(self.forms.meaning.table[i]) for i in core), core

    def _vanishing(
        self, core: Networks, named: Sequence[tuple[_Root, Equation]], steps: list[Tree]
    ) -> Equation | None:
        """Why a core is 0: the step that derives it is added; None if it does not follow."""
        text = self.forms.product_text(core)
        columns = [
            self._multiple(root, one, core) for root, one in named if self._core(root.ids) == core
        ]
        columns += self._given(text)
        found = self.search.spanned(self.forms.form(text), columns)
        by = None if found is None else self.search.reason(found)
        if by is None:
            return None
        one = self._equation(self.new_name("core"), text)
        steps.append(Derive(Atom(one.name, self._in_letters(text)), self._reason(by), LEAF))
        start = Peeled(one.form, one.indices, one.at(one.indices))
        result = peel(self.forms, start)
        if result is start:
            return one
        text = self.forms.text(result.form, result.indices)
        new = self._equation(self.new_name("peeled"), text)
        steps.append(Derive(Atom(new.name, self._in_letters(text)), By(result.combination), LEAF))
        return new

    def _reason(self, by: By) -> By:
        return By(self._in_letters(by.combination), by.times)

    def _multiple(self, root: _Root, one: Equation, core: Networks) -> Column:
        """A root times what it has beside its core, summed: the core times a square."""
        rest = tuple(i for i in root.ids if i not in core)
        factor = weighted(root.scalar, self.forms.product_text(rest)) if rest else root.scalar
        own = self.forms.indices(self.forms.product_text(core))
        bound = [i for i in one.indices if i not in own]
        body = weighted(factor, one.at(one.indices))
        text = summed(bound, body) if bound else body
        meant = texts.expanded(self.forms, text, {one.name: (one.indices, one.atom.left)})
        return self._column(text, meant)

    def _given(self, core: str) -> list[Column]:
        """A given equation between scalars, times the core."""
        return [
            self._column(f"{atom.name}*{core}", f"({atom.left} - ({atom.right}))*{core}")
            for atom in self.forms.context.given
            if atom.relation == "=" and not self.forms.indices(atom.left, atom.right)
        ]

    def _column(self, text: str, meant: str) -> Column:
        form = self.forms.form(meant)
        return Column(text, form, residues(self.forms, form))

    def _share(self, equations: Sequence[Equation]) -> str | None:
        """The part of the gap in terms of the cores."""
        rules = [x for one in equations if (x := rule(self.forms, one))]
        shares = []
        for r in self.group:
            unknown = indexed(self.means.arrays[r], self.means.indices[r])
            form = self.forms.form(self.means.share(r, unknown))
            left, text = reduced(self.forms, form, self.means.outputs, rules)
            if left:
                return None
            shares.append(text)
        return plus(shares)
