"""Whether the models at a point have the symmetries that a hidden source is declared to have.

For a hidden source f let P_f be the joint law of one draw of each law of f, given f. A symmetry
takes the law of P_f to itself. Enough for that, and what is checked: a move of the arrays of the
models of f and of its laws that leaves these models as they are, and under which the fields, as
polynomials in the arrays, are moved as the symmetry says. Normal arrays keep their law when entries
change place or sign; for the outcomes of finite models this is checked. Trusted.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .context import Hidden, Model
from .direct import Direct, Place, Poly, entry_of, model_arrays
from .syntax import ProofError

MAX_ARRAYS = 8
Array = tuple[str, str]  # the source of a model and the array; ("", field) for a field


@dataclass(frozen=True, slots=True)
class Move:
    """Some arrays change sign, and coordinates of one sort change place and sign."""

    negated: frozenset[Array] = frozenset()
    sort: str = ""
    turn: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def entry(self, array: Array, sorts: tuple[str, ...], place: Place) -> tuple[Place, int]:
        """Which entry comes to this place, and with which sign."""
        sign, there = -1 if array in self.negated else 1, []
        for sort, index in zip(sorts, place, strict=True):
            other, change = self.turn.get(index, (index, 1)) if sort == self.sort else (index, 1)
            there.append(other)
            sign *= change
        return tuple(there), sign


def check_symmetries(world: Direct, hidden: Hidden) -> None:
    """ProofError unless the models show what the hidden source is declared to have.

    Right angles in the planes of neighbouring coordinates generate all rotations that permute
    coordinates and change signs, which are those that the kernel uses.
    """
    for sort in hidden.isotropic:
        for k in range(1, world.size(sort)):
            world.fuel.spend(50)
            turn = {k: (k + 1, 1), k + 1: (k, -1)}
            if not _symmetric(world, hidden, Move(frozenset(), sort, turn)):
                raise ProofError(f"{hidden.name!r} is not seen to be isotropic at this point")
    if hidden.odd:
        arrays = [
            (model.source, name)
            for model in _family(world, hidden)
            for name in model_arrays(model)
            if (model.source, name) in world.model_sorts
        ]
        if len(arrays) > MAX_ARRAYS:
            raise ProofError(f"oddness is checked for at most {MAX_ARRAYS} arrays of models")
        fields = {("", name) for name in hidden.odd}
        for chosen in itertools.product((False, True), repeat=len(arrays)):
            negated = fields.union(itertools.compress(arrays, chosen))
            if _symmetric(world, hidden, Move(frozenset(negated))):
                return
        raise ProofError(f"{hidden.name!r} is not seen to be odd at this point: no signs show it")


def _family(world: Direct, hidden: Hidden) -> list[Model]:
    """The models of a hidden source and of its laws."""
    laws = [law.name for law in world.context.laws if law.of == hidden.name]
    return [world.models[name] for name in (hidden.name, *laws)]


def _symmetric(world: Direct, hidden: Hidden, move: Move) -> bool:
    """Whether the move leaves the models as they are and moves each field as it should."""
    if not all(_invariant(world, model, move) for model in _family(world, hidden)):
        return False
    for law in (law for law in world.context.laws if law.of == hidden.name):
        for one in law.fields:
            for place in world.places(one.sorts):
                there, sign = move.entry(("", one.name), one.sorts, place)
                wanted = world.field(law.name, "", one.name, there)
                moved = _moved(world, world.field(law.name, "", one.name, place), move)
                if moved != {monomial: sign * c for monomial, c in wanted.items()}:
                    return False
    return True


def _moved(world: Direct, poly: Poly, move: Move) -> Poly:
    """A polynomial in the arrays of models at the moved arrays."""
    total: Poly = {}
    for monomial, c in poly.items():
        powers = []
        for number, power in monomial:
            source, draw, name, place = world.variables[number]
            there, sign = move.entry((source, name), world.model_sorts[source, name], place)
            powers.append((world.number_of((source, draw, name, there)), power))
            c *= sign**power
        world.add(total, tuple(sorted(powers)), c)
    return total


def _invariant(world: Direct, model: Model, move: Move) -> bool:
    """Whether the outcomes, moved, are the same ones with the same probabilities."""
    before, after = Counter[object](), Counter[object]()
    for outcome in model.outcomes:
        world.fuel.spend(1 + len(outcome.values))
        here, moved = [], []
        for value in outcome.values:
            array = (model.source, value.name)
            if array in world.model_sorts:  # no field depends on the others
                sorts = world.model_sorts[array]
                for place in world.places(sorts):
                    there, sign = move.entry(array, sorts, place)
                    here.append((value.name, place, Fraction(entry_of(value.entries, place))))
                    moved.append((value.name, place, sign * entry_of(value.entries, there)))
        before[tuple(sorted(here))] += outcome.weight  # type: ignore[assignment]
        after[tuple(sorted(moved))] += outcome.weight  # type: ignore[assignment]
    return before == after
