"""The loss at any concrete d from one example's moments, n symbolic.

With G = sum_i v_i v_i' over n examples that are independent given the task,

    E[G (x) G] = n E[vv' (x) vv'] + n (n-1) E_task[ E[vv'|task] (x) E[vv'|task] ],

so the loss needs only `ExampleMoments`. With omega = (a, b), N = [A; c'],
T = n fourth + n (n-1) paired, C = cross and Lambda = covariance,

    L = E y^2 - 2 n sum N_ia omega_j C_ija + sum N_ia N_kb omega_j omega_l Lambda_ab T_ijkl.

Entries are sparse and monomials are written down directly, never multiplied out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from sympy import QQ
from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.qq import from_fraction
from verifier.law_moments.gaussian_pair import gaussian_pair_moments
from verifier.law_moments.one_example import Entry, ExampleMoments, Index
from verifier.law_moments.pairs import IDENTITY, Covariance
from verifier.loss.exact import ExactLoss, loss_ring
from verifier.loss.parameters import layer_position, omega_position

Coefficient = dict[tuple[int, ...], object]


def explicit_loss(moments: ExampleMoments) -> ExactLoss:
    """Return the exact loss of any law from one example's moments, with n symbolic.

    The examples and the query's response are independent given the task, and the query has the
    covariance that ``moments`` names. Degree 2 in n.
    """
    d = moments.dimension
    ring = loss_ring(d, moments.symbols)
    builder = _Builder(ring, (d + 1) ** 2)
    builder.add((), builder.coefficient(moments.target_second))
    for (i, j, a), value in moments.cross.items():
        scaled = _times_n(builder.coefficient(value), {1: -2})
        builder.add((layer_position(i, a, d), omega_position(j)), scaled)
    covariance = [
        (index, builder.coefficient(value)) for index, value in moments.covariance.items()
    ]
    for (i, j, k, m), tensor in _pair_tensor(moments, builder).items():
        for (a, b), value in covariance:
            where = (
                layer_position(i, a, d),
                layer_position(k, b, d),
                omega_position(j),
                omega_position(m),
            )
            builder.add(where, _multiply(value, tensor))
    return ExactLoss(d, builder.polynomial(), "explicit")


def gaussian_explicit_loss(
    dimension: int,
    covariance: Covariance = IDENTITY,
    task_covariance: Covariance = IDENTITY,
    noise: int | Fraction | None = None,
) -> ExactLoss:
    """Return the exact loss of a Gaussian pair at one d; n stays symbolic."""
    return explicit_loss(gaussian_pair_moments(dimension, covariance, task_covariance, noise))


def _pair_tensor(moments: ExampleMoments, builder: _Builder) -> dict[Index, Coefficient]:
    """Return T = n fourth + n (n-1) paired, sparse."""
    tensor: dict[Index, Coefficient] = {}
    for entries, powers in ((moments.fourth, {1: 1}), (moments.paired, {2: 1, 1: -1})):
        for index, value in entries.items():
            part = _times_n(builder.coefficient(value), powers)
            _accumulate(tensor.setdefault(index, {}), part.items())
    return tensor


def _accumulate(total: Coefficient, items: Iterable[tuple[tuple[int, ...], object]]) -> None:
    for exponents, value in items:
        merged = total.get(exponents, QQ.zero) + value  # type: ignore[operator]
        if merged:
            total[exponents] = merged
        else:
            total.pop(exponents, None)


def _times_n(coefficient: Coefficient, powers: dict[int, int]) -> Coefficient:
    """Multiply by a polynomial in n, the first of the coefficient's symbols."""
    return {
        (e[0] + power, *e[1:]): value * factor  # type: ignore[operator]
        for e, value in coefficient.items()
        for power, factor in powers.items()
    }


def _multiply(left: Coefficient, right: Coefficient) -> Coefficient:
    product: Coefficient = {}
    for e, u in left.items():
        _accumulate(
            product,
            (
                (tuple(map(int.__add__, e, f)), u * v)  # type: ignore[operator]
                for f, v in right.items()
            ),
        )
    return product


@dataclass(slots=True)
class _Builder:
    """Collects coefficients (over n, sigma2, ...) by the positions of theta they multiply."""

    ring: PolyRing
    size: int
    parts: dict[tuple[int, ...], Coefficient] = field(default_factory=dict)

    def coefficient(self, entry: Entry) -> Coefficient:
        """Return an entry as exponents over the ring's symbols beyond theta -> value."""
        names = list(map(str, self.ring.symbols))[self.size :]
        if not isinstance(entry, PolyElement):
            return {(0,) * len(names): from_fraction(entry)} if entry else {}
        places = [names.index(str(symbol)) for symbol in entry.ring.symbols]
        result: Coefficient = {}
        for monomial, value in entry.items():
            exponents = [0] * len(names)
            for place, exponent in zip(places, monomial, strict=True):
                exponents[place] = exponent
            result[tuple(exponents)] = value
        return result

    def add(self, positions: tuple[int, ...], coefficient: Coefficient) -> None:
        """Add coefficient times the product of theta at ``positions``."""
        part = self.parts.setdefault(tuple(sorted(positions)), {})
        _accumulate(part, coefficient.items())

    def polynomial(self) -> PolyElement:
        """Return the collected polynomial."""
        terms = {}
        for positions, part in self.parts.items():
            exponents = [0] * self.size
            for position in positions:
                exponents[position] += 1
            for rest, value in part.items():
                terms[(*exponents, *rest)] = value
        return self.ring.from_dict(terms)
