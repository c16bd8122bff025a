"""Expectations of products of normal entries.

Trusted.
"""

from __future__ import annotations

from collections.abc import Iterator

from .networks import DELTA, Factor, Sorts
from .normal import UNIT, Algebra, Poly, Value, accumulate
from .syntax import ProofError


def wick(
    here: Algebra, variance: Value, inside: list[Factor], rest: list[Factor], sorts: Sorts
) -> Poly:
    """Isserlis' theorem: the sum over all pairings of the products of covariances."""
    total: Poly = {}
    if len(inside) % 2:
        return total
    for pairs in _pairings(inside):
        here.fuel.spend(len(inside) + len(rest))
        deltas: list[Factor] = [
            (DELTA, a, b) for f, g in pairs for a, b in zip(f[1:], g[1:], strict=True)
        ]
        accumulate(total, here.network(rest + deltas, sorts), 1)
    if variance.num == {UNIT: 1} and variance.den == 1:
        return total
    if variance.den != 1:
        raise ProofError("a variance must be a polynomial with whole numbers")
    return here.times(total, here.power(variance.num, len(inside) // 2))


def _pairings(items: list[Factor]) -> Iterator[list[tuple[Factor, Factor]]]:
    """All ways to pair the items."""
    if not items:
        yield []
        return
    first, *others = items
    for k, partner in enumerate(others):
        for rest in _pairings(others[:k] + others[k + 1 :]):
            yield [(first, partner), *rest]
