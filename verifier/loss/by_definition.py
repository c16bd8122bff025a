"""The loss by its definition at concrete n and d: the slow reference.

(y_{n+1} - prediction)^2 is multiplied out in the individual Gaussian variables and every monomial
is replaced by its mean. Nothing clever: no traces, no tensors, no symmetry. A covariance M = L D L'
(L unit lower triangular, exact) is sampled as L g with independent g_k ~ N(0, D_k), whose even
moments are D_k^{m/2} (m-1)!!.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sympy import QQ
from sympy.functions.combinatorial.factorials import factorial2
from sympy.polys.rings import PolyElement, PolyRing

from verifier.arithmetic.qq import from_fraction
from verifier.arithmetic.rationals import RationalMatrix
from verifier.law_moments.pairs import IDENTITY, Covariance, GaussianPair
from verifier.loss.exact import ExactLoss, loss_ring
from verifier.loss.parameters import layer_position, omega_position, parameter_names
from verifier.setting.covariance import unit_lower_factor
from verifier.setting.magnitudes import check_dimension


def definition_loss(
    dimension: int,
    context_length: int,
    covariance: Covariance = IDENTITY,
    task_covariance: Covariance = IDENTITY,
    noise: int | Fraction | None = None,
) -> ExactLoss:
    """Return the exact loss at concrete d and n; sigma2 is symbolic unless ``noise`` is given.

    Raises ValueError for d or n below 1 or a symbolic covariance. Time grows like the square of
    the number of terms of the prediction, about (n d^3)^2; meant for d, n up to 3.
    """
    d = check_dimension(dimension)
    if isinstance(context_length, bool) or not isinstance(context_length, int):
        raise TypeError("the definition needs the context length as an integer")
    if context_length < 1:
        raise ValueError(f"the context length must be at least 1, not {context_length}")
    inputs, tasks = GaussianPair.read(covariance, task_covariance, d).numeric_sides(d)
    target = loss_ring(d)
    variance = target.gens[-1] if noise is None else target.ground_new(from_fraction(noise))
    world = _World.of(d, context_length, inputs, tasks, variance)
    error = world.target() - world.prediction()
    return ExactLoss(d, world.mean(error**2), "definition")


@dataclass(frozen=True, slots=True)
class _World:
    """The individual Gaussian variables g and their variances, beside theta in one ring.

    Generators: theta, then per example d covariates and a noise, then the query's, then the task.
    """

    d: int
    n: int
    ring: PolyRing
    input_factor: RationalMatrix
    task_factor: RationalMatrix
    variances: tuple[PolyElement, ...]

    @staticmethod
    def of(
        d: int, n: int, inputs: RationalMatrix, tasks: RationalMatrix, noise: PolyElement
    ) -> _World:
        input_factor, input_pivots = unit_lower_factor(inputs)
        task_factor, task_pivots = unit_lower_factor(tasks)
        constant = noise.ring.ground_new
        row = [*(constant(from_fraction(v)) for v in input_pivots), noise]
        variances = row * (n + 1) + [constant(from_fraction(v)) for v in task_pivots]
        names = [*parameter_names(d), *(f"g_{k}" for k in range(len(variances)))]
        ring = PolyRing(names, QQ, "lex")
        return _World(d, n, ring, input_factor, task_factor, tuple(variances))

    def _variable(self, k: int) -> PolyElement:
        return self.ring.gens[(self.d + 1) ** 2 + k]

    def _vector(self, first: int, factor: RationalMatrix) -> list[PolyElement]:
        """Return L g for the d variables that start at ``first``."""
        return [
            sum(
                (
                    self._variable(first + k) * from_fraction(row[k])
                    for k in range(self.d)
                    if row[k]
                ),
                self.ring.zero,
            )
            for row in factor
        ]

    def _example(self, i: int) -> list[PolyElement]:
        """Return v_i = (x_i, y_i) with y_i = w'x_i + eps_i; i = n is the query, with its target."""
        start = i * (self.d + 1)
        x = self._vector(start, self.input_factor)
        w = self._vector((self.n + 1) * (self.d + 1), self.task_factor)
        y = sum((p * q for p, q in zip(w, x, strict=True)), self._variable(start + self.d))
        return [*x, y]

    def target(self) -> PolyElement:
        """Return y_{n+1}, noise included."""
        return self._example(self.n)[self.d]

    def prediction(self) -> PolyElement:
        """Return sum_i (omega . v_i) (v_i . N x_query) with omega = (a, b), N = [A; c']."""
        d, theta = self.d, self.ring.gens
        query = self._example(self.n)[:d]
        key = [
            sum((theta[layer_position(i, a, d)] * query[a] for a in range(d)), self.ring.zero)
            for i in range(d + 1)
        ]
        total = self.ring.zero
        for i in range(self.n):
            v = self._example(i)
            value = sum((theta[omega_position(j)] * v[j] for j in range(d + 1)), self.ring.zero)
            score = sum((key[j] * v[j] for j in range(d + 1)), self.ring.zero)
            total += value * score
        return total

    def mean(self, polynomial: PolyElement) -> PolyElement:
        """Replace every monomial in the Gaussian variables by its moment."""
        ring = self.variances[0].ring
        size = (self.d + 1) ** 2
        by_moment: dict[tuple[int, ...], dict[tuple[int, ...], object]] = {}
        pad = (0,) * (len(ring.gens) - size)
        for monomial, value in polynomial.items():
            exponents = monomial[size:]
            if any(e % 2 for e in exponents):
                continue
            part = by_moment.setdefault(exponents, {})
            part[monomial[:size] + pad] = value
        return sum(
            (ring.from_dict(part) * self._moment(e) for e, part in by_moment.items()), ring.zero
        )

    def _moment(self, exponents: tuple[int, ...]) -> PolyElement:
        ring = self.variances[0].ring
        moment = ring.one
        for exponent, variance in zip(exponents, self.variances, strict=True):
            if exponent:
                moment = moment * variance ** (exponent // 2) * int(factorial2(exponent - 1))
        return moment
