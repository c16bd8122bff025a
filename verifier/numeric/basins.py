"""Which basin does training end in? Many descents at once, and SGD of the real layer.

The loss comes in as a plain function of many parameter vectors, theta (R, (d+1)^2) to values (R,)
and gradients; so do the losses of its stationary points, as numbers. Runs go down by gradient
steps with a line search of their own and nothing else, so that the basin is the one of gradient
descent. A run that has come to rest is filed under the stationary loss that it has, or reported as
unexpected; one that has not is not converged. Gradients are measured at the balanced point of the
scaling orbit and free of units, as in ``numeric.stationary``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isqrt

import numpy as np
from numpy.typing import NDArray  # noqa: TC002 - `work.plain` reads the fields' types

from verifier.numeric.optimise import descend
from verifier.numeric.stationary import FloatArray, Landscape, balance
from verifier.numeric.training import Recipe, train
from verifier.setting.data import Setting
from verifier.setting.layer import LinearAttention, ReducedParameters
from verifier.setting.numbers import positive_integer

BatchLoss = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

# At a scaled gradient of 1e-6 a loss whose smallest curvature is 1e-3 is within 1e-9 of its end.
AT_REST = 1e-6
# Losses within this part of L(0) are the same.
LEVEL_TOLERANCE = 1e-7
STEPS = 3000
# So many random starts are one piece of work.
CHUNK = 50
_CURVE_POINTS = 120
_LOOK_EVERY = 20
_PUSHES = 5
_BATCH, _PROBES, _PERTURBATION = 64, 64, 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Descents:
    """Where R runs ended.

    theta (R, (d+1)^2), balanced; loss (R,); gradient (R,): free of units; curve_steps (C,) and
    curves (R, C): the loss on the way, by the number of gradient steps; finished: which runs
    gradient descent had not brought to rest at a minimum, so that ``finished`` went on with them.
    """

    theta: FloatArray
    loss: FloatArray
    gradient: FloatArray
    curve_steps: FloatArray
    curves: FloatArray
    finished: NDArray[np.bool_]

    @property
    def at_rest(self) -> NDArray[np.bool_]:
        """Which runs no longer move."""
        return np.asarray(self.gradient <= AT_REST)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the runs ended at each stationary loss.

    counts: one for each loss given; unexpected: at rest, but at none of these losses;
    not_converged: still moving; finished: how many came to rest by other means than gradient steps.
    """

    counts: tuple[int, ...]
    unexpected: int
    not_converged: int
    finished: int

    @property
    def runs(self) -> int:
        """All runs."""
        return sum(self.counts) + self.unexpected + self.not_converged


def random_starts(dimension: int, count: int, size: float, rng: np.random.Generator) -> FloatArray:
    """``count`` vectors theta with independent normal entries and E |theta|^2 = size^2."""
    positive_integer(count, "number of starts")
    if not 0 < size < np.inf:
        raise ValueError(f"the size of the starts must be positive, got {size}")
    entries = (dimension + 1) ** 2
    return np.asarray(rng.standard_normal((count, entries)) * (size / entries**0.5))


def starts_near(
    loss: BatchLoss,
    theta: FloatArray,
    count: int,
    ceiling: float,
    rng: np.random.Generator,
    relative: float = 0.05,
) -> FloatArray:
    """``count`` points around the balanced ``theta``, at loss below ``ceiling``.

    Displacements are normal, of length about relative |theta|, and halved until the loss is below
    the ceiling: put it half way to the lowest pass, and no descent can cross. Raises
    ``ValueError`` where ``theta`` itself is not below it.
    """
    centre = balance(theta)
    if not float(loss(centre[None])[0][0]) < ceiling:
        raise ValueError("the point to start near has a loss above the ceiling")
    moves = rng.standard_normal((count, centre.size))
    moves *= relative * float(np.linalg.norm(centre)) / centre.size**0.5
    while (high := loss(centre + moves)[0] >= ceiling).any():
        moves[high] /= 2
    return np.asarray(centre + moves)


def descend_all(
    loss: BatchLoss, starts: FloatArray, units: Landscape, steps: int = STEPS
) -> Descents:
    """Gradient descent from every start at once, until all are at rest or ``steps`` are done."""
    theta = np.array(starts, dtype=float)
    value, gradient = loss(theta)
    # The first step moves by a thousandth of the natural length.
    rate = 1e-3 * units.length / np.maximum(np.linalg.norm(gradient, axis=1), 1e-300)
    marks = np.unique(np.geomspace(1, positive_integer(steps, "steps"), _CURVE_POINTS).astype(int))
    seen, curve = [0], [value.copy()]
    moving = np.arange(len(theta))
    step = 0
    while step < steps and len(moving):
        step += 1
        old_value, old_gradient, old_rate = value[moving], gradient[moving], rate[moving]
        new = theta[moving] - old_rate[:, None] * old_gradient
        new_value, new_gradient = loss(new)
        # Armijo's condition; the rate follows the curvature from both sides.
        good = new_value <= old_value - 0.25 * old_rate * (old_gradient**2).sum(axis=1)
        accepted = moving[good]
        theta[accepted], value[accepted] = new[good], new_value[good]
        gradient[accepted] = new_gradient[good]
        rate[moving] = old_rate * np.where(good, 1.2, 0.5)
        if step == marks[len(seen) - 1]:
            seen.append(step)
            curve.append(value.copy())
        if step % _LOOK_EVERY == 0:
            moving = moving[scaled_gradients(theta[moving], gradient[moving], units) > AT_REST]
    if seen[-1] < step:
        seen.append(step)
        curve.append(value.copy())
    return Descents(
        theta=balance_all(theta),
        loss=value,
        gradient=scaled_gradients(theta, gradient, units),
        curve_steps=np.array(seen, dtype=float),
        curves=np.stack(curve, axis=1),
        finished=np.zeros(len(theta), dtype=bool),
    )


def finished(
    descents: Descents, units: Landscape, minima: Sequence[float], rng: np.random.Generator
) -> Descents:
    """The same runs, those not at rest at one of the ``minima`` continued by ``numeric.optimise``.

    A run that lingers at a saddle too flat for its tolerances is pushed by a tenth of |theta| and
    goes on, a few times. Such steps may change the basin: this answers "what can be reached", not
    "how often".
    """
    theta, loss, gradient = descents.theta.copy(), descents.loss.copy(), descents.gradient.copy()
    wanted, tolerance = np.asarray(minima), LEVEL_TOLERANCE * units.zero_loss
    left = ~descents.at_rest | (np.abs(loss[:, None] - wanted) > tolerance).all(axis=1)
    for index in np.flatnonzero(left):
        run = descend(units, theta[index])
        for _ in range(_PUSHES):
            if (np.abs(run.loss - wanted) <= tolerance).any():
                break
            push = rng.standard_normal(run.theta.size) / run.theta.size**0.5
            size = 0.1 * max(float(np.linalg.norm(run.theta)), units.length)
            run = descend(units, run.theta + size * push)
        theta[index], loss[index], gradient[index] = run.theta, run.loss, run.scaled_gradient
    return replace(descents, theta=theta, loss=loss, gradient=gradient, finished=left)


def tally(descents: Descents, losses: Sequence[float], zero_loss: float) -> Tally:
    """File every run under the first of the stationary ``losses`` that it has, if it has one."""
    same = np.abs(descents.loss[:, None] - np.asarray(losses)) <= LEVEL_TOLERANCE * zero_loss
    known, rest = same.any(axis=1), descents.at_rest
    counts = np.bincount(same.argmax(axis=1)[known & rest], minlength=len(losses))
    return Tally(
        counts=tuple(int(count) for count in counts),
        unexpected=int((rest & ~known).sum()),
        not_converged=int((~rest).sum()),
        finished=int((rest & descents.finished).sum()),
    )


def chunks(starts: int) -> list[tuple[int, int]]:
    """Where each piece of some random starts begins, and how many it has."""
    return [(begin, min(CHUNK, starts - begin)) for begin in range(0, starts, CHUNK)]


def joined(parts: Sequence[Descents]) -> Descents:
    """The runs of several calls as one; on steps that a call did not look at, its loss before."""
    steps, curves = joined_curves([(part.curve_steps, part.curves) for part in parts])
    return Descents(
        theta=np.concatenate([part.theta for part in parts]),
        loss=np.concatenate([part.loss for part in parts]),
        gradient=np.concatenate([part.gradient for part in parts]),
        curve_steps=steps,
        curves=curves,
        finished=np.concatenate([part.finished for part in parts]),
    )


def joined_curves(
    parts: Sequence[tuple[FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray]:
    """Curves (R, C) over steps (C,), from 0 on, of several calls: on the steps of all of them."""
    steps = np.unique(np.concatenate([own for own, _ in parts]))
    curves = [values[:, np.searchsorted(own, steps, "right") - 1] for own, values in parts]
    return steps, np.concatenate(curves)


def summed(tallies: Sequence[Tally]) -> Tally:
    """The tally of all runs."""
    return Tally(
        counts=tuple(map(sum, zip(*(t.counts for t in tallies), strict=True))),
        unexpected=sum(t.unexpected for t in tallies),
        not_converged=sum(t.not_converged for t in tallies),
        finished=sum(t.finished for t in tallies),
    )


def balance_all(theta: FloatArray) -> FloatArray:
    """``balance`` of every row; rows with omega = 0 or N = 0 are left as they are."""
    split = isqrt(theta.shape[1])
    _, _, t = _sizes(theta)
    return np.concatenate([theta[:, :split] * t[:, None], theta[:, split:] / t[:, None]], axis=1)


def scaled_gradients(theta: FloatArray, gradient: FloatArray, units: Landscape) -> FloatArray:
    """The unit-free gradient norms at the balanced points of the rows' orbits."""
    split = isqrt(theta.shape[1])
    omega, stacked, t = _sizes(theta)
    # At (t omega, N / t) the gradient is (g_omega / t, t g_N).
    slope = np.hypot(
        np.linalg.norm(gradient[:, :split], axis=1) / t,
        np.linalg.norm(gradient[:, split:], axis=1) * t,
    )
    span = np.maximum(np.hypot(omega * t, stacked / t), units.length)
    return np.asarray(slope * span / units.zero_loss)


def _sizes(theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """|omega|, |N| and the factor t that balances them, 1 where one of them is zero."""
    split = isqrt(theta.shape[1])
    omega = np.linalg.norm(theta[:, :split], axis=1)
    stacked = np.linalg.norm(theta[:, split:], axis=1)
    possible = (omega > 0) & (stacked > 0)
    t = np.sqrt(np.where(possible, stacked, 1.0) / np.where(possible, omega, 1.0))
    return omega, stacked, t


@dataclass(frozen=True, slots=True, eq=False)
class NearbyTraining:
    """SGD of the real layer on fresh prompts, started near a point, seen by the exact loss.

    steps (C,) and excess (runs, C): exact loss less the point's on the way; final
    (runs, (d+1)^2): the reduced parameters at the end; learning_rate, batch, prompts: of each run.
    """

    steps: FloatArray
    excess: FloatArray
    final: FloatArray
    learning_rate: float
    batch: int
    prompts: int


def train_near(  # noqa: PLR0913 - one experiment, its settings named where it is called
    setting: Setting,
    loss: BatchLoss,
    theta: FloatArray,
    units: Landscape,
    rng: np.random.Generator,
    runs: int = 4,
    steps: int = 1000,
    excess: float = np.inf,
    caution: float = 0.03,
) -> NearbyTraining:
    """Train W_K, W_Q, W_V, h by SGD from the balanced layer at ``theta``, perturbed.

    The weights are moved by about 3 % of their length, or by less where that would raise the loss
    by more than ``excess`` on average. The learning rate is ``caution`` / (an upper bound on the
    largest curvature at the point): with balanced factors the chain rule multiplies the curvature
    by at most 2 max(|omega|, |N|).
    """
    centre = balance(theta)
    level = float(loss(centre[None])[0][0])
    start = balanced_layer(centre)
    parts = (start.W_K, start.W_Q, start.W_V, start.h)
    weights = float(np.sqrt(sum((part**2).sum() for part in parts)))
    scale = _PERTURBATION * weights / sum(part.size for part in parts) ** 0.5
    moved = [
        LinearAttention(*(part + scale * rng.standard_normal(part.shape) for part in parts))
        for _ in range(_PROBES)
    ]
    raised = loss(np.array([layer.reduced().to_vector() for layer in moved]))[0].mean() - level
    stiffness = float(np.linalg.eigvalsh(units.hessian(centre))[-1])
    split = setting.dimension + 1
    chain = 2 * max(np.linalg.norm(centre[:split]), np.linalg.norm(centre[split:]))
    recipe = Recipe(
        steps=steps,
        batch=_BATCH,
        learning_rate=caution / (stiffness * float(chain)),
        method="sgd",
        clip=units.zero_loss / weights,
        initial_scale=scale * min(1.0, float(excess / raised) ** 0.5),
    )
    training = train(setting, rng, runs, recipe, start)
    shape = training.snapshots.shape
    values = loss(training.snapshots.reshape(-1, shape[2]))[0].reshape(shape[:2])
    return NearbyTraining(
        steps=training.curve_steps.astype(float),
        excess=values - level,
        final=training.final,
        learning_rate=recipe.learning_rate,
        batch=recipe.batch,
        prompts=training.prompts,
    )


def balanced_layer(theta: FloatArray) -> LinearAttention:
    """The layer with these reduced parameters whose factors are as small as they can be.

    W_K^T W_Q = (N 0) by the singular value decomposition, W_V = h omega^T / |h|^2.
    """
    reduced = ReducedParameters.from_vector(theta)
    size = reduced.dimension + 1
    left, values, right = np.linalg.svd(np.hstack([reduced.stacked, np.zeros((size, 1))]))
    root = np.sqrt(values)[:, None]
    head = np.zeros(size)
    head[-1] = float(np.linalg.norm(reduced.omega)) ** 0.5
    value = np.outer(head, reduced.omega) / max(float(head @ head), 1e-300)
    return LinearAttention(root * left.T, root * right, value, head)
