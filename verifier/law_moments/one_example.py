"""Exact moments: of one example, and of Wishart matrices.

The explicit loss needs five numbers-with-indices about the law of one example v = (x, y) and
nothing else; `ExampleMoments` holds them, so any law that can fill it in gets an exact loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from sympy.polys.rings import PolyElement

from verifier.setting.magnitudes import check_dimension
from verifier.words.rendering import to_poly
from verifier.words.wick import expect, gaussian_rows
from verifier.words.words import identity, trace

if TYPE_CHECKING:
    import sympy

Entry: TypeAlias = PolyElement | Fraction | int
Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExampleMoments:
    """The exact moments of one example v = (x, y) in R^{d+1}, given per task and averaged.

    Indices are 0-based; 0..d-1 are the features and d is the response. Mappings are sparse: what
    is absent is zero. Entries are ints, Fractions, or elements of one SymPy polynomial ring over
    QQ whose generators are named ``symbols`` (e.g. ``("sigma2",)``).

    * ``target_second``  E[y^2]
    * ``covariance[a, b]``  E[x_a x_b], of the query
    * ``cross[i, j, a]``  E_task[ E[v_i v_j | task] E[y x_a | task] ]
    * ``fourth[i, j, k, l]``  E[v_i v_j v_k v_l]
    * ``paired[i, j, k, l]``  E_task[ E[v_i v_j | task] E[v_k v_l | task] ]

    All index symmetries must be written out. Raises ValueError for an index out of range and
    TypeError for an entry that is not exact.
    """

    dimension: int
    symbols: tuple[str, ...]
    target_second: Entry
    covariance: Mapping[Index, Entry]
    cross: Mapping[Index, Entry]
    fourth: Mapping[Index, Entry]
    paired: Mapping[Index, Entry]

    def __post_init__(self) -> None:
        d = check_dimension(self.dimension)
        _check_entry(self.target_second, self.symbols)
        for name, entries, bounds in (
            ("covariance", self.covariance, (d, d)),
            ("cross", self.cross, (d + 1, d + 1, d)),
            ("fourth", self.fourth, (d + 1,) * 4),
            ("paired", self.paired, (d + 1,) * 4),
        ):
            for index, entry in entries.items():
                if len(index) != len(bounds) or not all(
                    0 <= i < bound for i, bound in zip(index, bounds, strict=True)
                ):
                    raise ValueError(f"{name} has no entry {index}; its shape is {bounds}")
                _check_entry(entry, self.symbols)


def _check_entry(entry: object, symbols: tuple[str, ...]) -> None:
    if isinstance(entry, PolyElement):
        if tuple(map(str, entry.ring.symbols)) != symbols:
            raise ValueError(f"entries must lie in the polynomial ring over {symbols}")
    elif isinstance(entry, bool) or not isinstance(entry, (int, Fraction)):
        raise TypeError(f"a moment is an exact number, not {type(entry).__name__}")


def wishart_trace_moment(k: int) -> sympy.Poly:
    """Return E tr(S^k), S = X'X with X n x d standard normal, as a Poly over Q in n and d.

    Exact for every n and d. Raises ValueError for k < 0. Source: Letac and Massam (2004).
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 0:
        raise ValueError(f"the power must be a non-negative integer, not {k!r}")
    X = gaussian_rows("X")
    power = identity()
    for _ in range(k):
        power = power @ X.T @ X
    return to_poly(expect(trace(power)), ("n", "d"))
