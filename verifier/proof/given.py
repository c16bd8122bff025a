"""What a context gives: moments, with which boxes are rewritten, and further atoms.

Trusted.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from .context import Atom, Tensor
from .draws import by_draw
from .syntax import Binary, Expect, ProofError, Sum, Symbol, free_indices, nodes

if TYPE_CHECKING:
    from .mean import Meaning


def read_moment(meaning: Meaning, atom: Atom) -> None:
    """left = right; left is one moment at distinct free indices, or one without indices."""
    left, right = meaning.context.read(atom.left), meaning.context.read(atom.right)
    value, result = meaning.value(left), meaning.value(right)
    what = f"the moment {atom.name!r}"
    if atom.relation != "=" or set(value.num.values()) != {1} or len(value.num) != 1:
        raise ProofError(f"{what} must give one expectation of entries that is not known yet")
    ((powers, ids),) = value.num
    factors = [f for i in ids for f in meaning.table[i]]
    if powers or value.den != 1 or len(ids) != 1 or meaning.sources[ids[0]]:
        raise ProofError(f"{what} must give one expectation of entries that is not known yet")
    if any(meaning.heads[f[0]].moment is None for f in factors):
        raise ProofError(f"{what} must be about draws of a law")
    if meaning.random(result) or not set(free_indices(right)) <= set(free_indices(left)):
        raise ProofError(f"{what} needs a deterministic polynomial in its indices on the right")
    if any(isinstance(node, Expect) for node in nodes(right)):
        raise ProofError(f"{what} must not have an expectation on the right")
    poly = {
        key: c if result.den == 1 else Fraction(c) / result.den for key, c in result.num.items()
    }
    copies = {f[-1]: meaning.heads[f[0]].boxes[-1] for f in factors if meaning.stripped(f) != f}
    hidden = set(copies.values())
    stripped = [meaning.stripped(f) for f in factors]
    drawn = by_draw(meaning, stripped)
    places = [x for _, own in drawn for f in own for x in f[1:-1]]
    if {meaning.labels[i] for i in free_indices(left)} != meaning.loose[ids[0]]:
        raise ProofError(f"{what} has an index that its expectation does not depend on")
    if len(copies) <= 1 and all(x < 0 for x in places) and len(set(places)) == len(places):
        source = min(hidden) if hidden else drawn[0][0][0]
        key = (source, tuple(one for one, _ in drawn))
        if key in meaning.open or (not hidden and len(drawn) != 1):
            raise ProofError(f"{what} is given twice")
        meaning.open[key] = (tuple(places), poly)
    elif not meaning.loose[ids[0]] and hidden:
        meaning.closed[ids[0]] = poly
    else:
        raise ProofError(f"{what} needs distinct free indices, or none at all")
    meaning.means.clear()
    meaning.memory.clear()


def read_given(meaning: Meaning, atom: Atom) -> None:
    """An equation or inequality between deterministic sides; inverses are recognised."""
    left, right = meaning.context.read(atom.left), meaning.context.read(atom.right)
    if meaning.random(meaning.value(left)) or meaning.random(meaning.value(right)):
        raise ProofError(f"{atom.name!r} ties random quantities; only functions of them may be")
    match left, right:
        case (
            Sum((j,), Binary("*", Symbol(one, (i, a)), Symbol(two, (b, k)))),
            Symbol("delta", (x, y)),
        ) if j == a == b and (x, y) == (i, k) and len({i, j, k}) == 3 and atom.relation == "=":
            arrays = (meaning.arrays.get(one), meaning.arrays.get(two))
            if all(isinstance(array, Tensor) for array in arrays):
                meaning.partners.add((meaning.array_heads[one], meaning.array_heads[two]))
                for known in (meaning.joined, meaning.summed, meaning.memory, meaning.means):
                    known.clear()  # they hold this product as it was before
