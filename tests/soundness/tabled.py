"""Expectations straight from a context's moment tables, at single entries, with no normal form.

`slow_evaluation.World` takes the moments of rows and joint laws from atoms of a named law. A
mutated table has no such law, so here a moment is what the table says: its text is evaluated at the
places of the entries, law by law in the declared order, after declared sign changes removed odd
terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from slow_evaluation import Polynomial, Variable, World, _add, _times

from verifier.proof.context import Law
from verifier.proof.expression import Node, ProofError, Symbol, parse


class TabledWorld(World):
    """A world whose rows and joint laws are known by their declared moments only."""

    def _sorts(self, index: str, body: Node, seen: set[str]) -> set[str]:
        """A definition may declare the sorts of its parameters, such as a matrix of zeros."""
        found = super()._sorts(index, body, seen)
        if isinstance(body, Symbol):
            own = next((x for x in self.context.definitions if x.name == body.name), None)
            if own is not None and own.sorts:
                found |= {s for s, i in zip(own.sorts, body.indices, strict=True) if i == index}
        return found

    def _expectation(self, poly: Polynomial, arrays: tuple[str, ...] | None) -> Polynomial:
        if arrays is None:
            poly = {powers: c for powers, c in poly.items() if not self._odd(dict(powers))}
        for law in self.context.laws:
            if arrays is not None and not set(law.arrays) & set(arrays):
                continue
            total: Polynomial = {}
            for powers, coefficient in poly.items():
                inside = [(v, k) for v, k in powers if v[0] in law.arrays]
                rest = tuple((v, k) for v, k in powers if v[0] not in law.arrays)
                if law.kind == "normal":
                    moment: Polynomial = {(): self._normal(law.variance, inside)}
                else:
                    moment = self._tabled(law, inside)
                total = _add(total, _times({rest: coefficient}, moment), 1)
            poly = total
        return poly

    def _odd(self, powers: Mapping[Variable, int]) -> bool:
        return any(
            sum(k for v, k in powers.items() if v[0] in flip) % 2 for flip in self.context.flips
        )

    def _tabled(self, law: Law, inside: list[tuple[Variable, int]]) -> Polynomial:
        """The product over rows of the table's moments; each is a polynomial in later arrays."""
        rows: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
        for (name, where), k in inside:
            row, entry = (where[0], where[1:]) if law.kind == "rows" else (0, where)
            rows.setdefault(row, []).extend([(name, entry)] * k)
        result: Polynomial = {(): Fraction(1)}
        for entries in rows.values():
            ordered = sorted(entries, key=lambda entry: law.arrays.index(entry[0]))
            degrees = tuple(sum(name == a for name, _ in ordered) for a in law.arrays)
            text = dict(law.moments).get(degrees)
            if text is None:
                raise ProofError(f"the moment {degrees} of {law.arrays} is not declared")
            places = [i for _, entry in ordered for i in entry]
            at = {f"s{k}": place for k, place in enumerate(places, 1)}
            result = _times(result, self.polynomial(parse(text), at))
        return result
