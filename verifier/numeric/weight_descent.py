"""L-BFGS for many sets of weights at once, and the ends of runs.

Plain steps of training can take for ever near flat saddles. What they have not brought to rest is
finished here by L-BFGS, each run with a history of its own, all of them in the same array
operations; a run that comes to rest at no known end is pushed and goes on. So "slow" can be told
from "stuck", while how often each end is reached stays a question to the plain steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from verifier.numeric.stationary import FloatArray
from verifier.numeric.weight_loss import WeightLoss, Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_REST = 1e-7
_MEMORY, _STEPS, _LOOK_EVERY, _BALANCE_EVERY = 10, 3000, 10, 200
_LONGEST, _SHORTEST, _ARMIJO, _CURVATURE = 0.2, 1e-14, 1e-4, 1e-12
PUSHES, PUSH = 8, 0.03
_EVEN = 1e-3

IsEnd = Callable[[FloatArray, float], bool]


def slopes(loss: WeightLoss, flat: FloatArray, gradient: FloatArray) -> FloatArray:
    """The unit-free gradient norms |g| |x| / c0, (R,)."""
    sizes = np.linalg.norm(gradient, axis=1) * np.linalg.norm(flat, axis=1)
    return np.asarray(sizes / loss.constant)


def weights_near(points: FloatArray, relative: float, rng: np.random.Generator) -> FloatArray:
    """Every row of ``points`` moved by about ``relative`` times its length."""
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    moves = rng.standard_normal(points.shape) / points.shape[1] ** 0.5
    return np.asarray(points + relative * lengths * moves)


def balanced(loss: WeightLoss, flat: FloatArray, rows: bool = False) -> FloatArray:
    """The same functions with W_K, W_Q, W_V and h of one length; ``rows``: row by row as well.

    Factors whose product is 1, and (g W_K, g^-T W_Q) for g in GL(r), change neither the loss nor
    the kernels of W_K and W_Q; they take local minima to local minima. Where a part is 0, nothing
    is changed.
    """
    found = flat.copy()
    parts = loss.split(found)
    lengths = np.array([np.sqrt((x.reshape(len(flat), -1) ** 2).sum(axis=1)) for x in parts])
    whole = lengths.min(axis=0) > 0
    if rows and whole.any():
        _even_rows(parts, whole)
    lengths = np.array([np.sqrt((x.reshape(len(flat), -1) ** 2).sum(axis=1)) for x in parts])
    lengths = np.where(whole, lengths, 1.0)
    factors = np.exp(np.log(lengths).mean(axis=0)) / lengths
    for part, factor in zip(parts, factors, strict=True):
        part *= factor.reshape(-1, *[1] * (part.ndim - 1))
    return found


def _even_rows(parts: Weights, whole: NDArray[np.bool_]) -> None:
    """g with g A g' = g^-T B g^-1, A = W_K W_K', B = W_Q W_Q', both made positive definite.

    S = g'g is the geometric mean of A^-1 and B: S A S = B.
    """
    keys, queries = parts[0][whole], parts[1][whole]
    first, second = (_definite(x @ x.transpose(0, 2, 1)) for x in (keys, queries))
    root, inverse = _powers(first, 0.5), _powers(first, -0.5)
    mean = inverse @ _powers(root @ second @ root, 0.5) @ inverse
    parts[0][whole] = _powers(mean, 0.5) @ keys
    parts[1][whole] = _powers(mean, -0.5) @ queries


def _definite(matrices: FloatArray) -> FloatArray:
    """With a thousandth of the mean eigenvalue added to all."""
    size = matrices.shape[-1]
    means = np.trace(matrices, axis1=1, axis2=2) / size
    return np.asarray(matrices + _EVEN * means[:, None, None] * np.eye(size))


def _powers(matrices: FloatArray, exponent: float) -> FloatArray:
    """A power of each positive definite matrix."""
    values, vectors = np.linalg.eigh(matrices)
    powers = np.maximum(values, 1e-300) ** exponent
    return np.asarray((vectors * powers[:, None, :]) @ vectors.transpose(0, 2, 1))


def minimised(
    loss: WeightLoss, starts: FloatArray, steps: int = _STEPS, rows: bool = False
) -> FloatArray:
    """The ends of L-BFGS from every row, at rest or after ``steps`` steps.

    Lopsided weights are balanced now and then: the loss depends on the product of the lengths of
    W_K, W_Q, W_V and h alone, and is ill-conditioned where they differ by much. No step is longer
    than a fifth of the weights, so that runs stay in the valley in which they are; Armijo's
    condition decides whether it is taken, else it is tried at a third.
    """
    flat = np.array(starts, dtype=float)
    count, size = flat.shape
    value, gradient = np.zeros(count), np.zeros((count, size))
    moves, turns = np.zeros((2, _MEMORY, count, size))
    length = np.ones(count)
    moving = np.arange(count)
    for step in range(steps):
        if step % _BALANCE_EVERY == 0:
            flat[moving] = balanced(loss, flat[moving], rows)
            value[moving], gradient[moving] = loss.loss_and_gradient(flat[moving])
            moves[:, moving] = turns[:, moving] = 0.0
        if step % _LOOK_EVERY == 0:
            moving = moving[slopes(loss, flat[moving], gradient[moving]) > AT_REST]
            moving = moving[length[moving] > _SHORTEST]
        if not len(moving):
            break
        own = gradient[moving]
        towards = _direction(own, moves[:, moving], turns[:, moving])
        falling = (towards * own).sum(axis=1)
        # A direction that does not fall is given up, with the history that it comes from.
        bad = falling >= 0
        towards[bad] = -own[bad]
        falling[bad] = -(own[bad] ** 2).sum(axis=1)
        moves[:, moving[bad]] = turns[:, moving[bad]] = 0.0
        room = _LONGEST * np.linalg.norm(flat[moving], axis=1)
        longest = room / np.maximum(np.linalg.norm(towards, axis=1), 1e-300)
        rate = length[moving] * np.minimum(1.0, longest)
        new = flat[moving] + rate[:, None] * towards
        new_value, new_gradient = loss.loss_and_gradient(new)
        good = new_value <= value[moving] + _ARMIJO * rate * falling
        length[moving] = np.where(good, 1.0, length[moving] / 3)
        taken = moving[good]
        _remember(moves, turns, taken, new[good] - flat[taken], new_gradient[good] - own[good])
        flat[taken], value[taken], gradient[taken] = new[good], new_value[good], new_gradient[good]
    return flat


def _direction(gradient: FloatArray, moves: FloatArray, turns: FloatArray) -> FloatArray:
    """The two-loop recursion (Nocedal 1980), empty places of the history counting for nothing."""
    products = (moves * turns).sum(axis=2)
    inverse = np.where(products > 0, 1 / np.where(products > 0, products, 1.0), 0.0)
    towards = -gradient
    weights = np.zeros_like(products)
    for k in reversed(range(len(moves))):
        weights[k] = inverse[k] * (moves[k] * towards).sum(axis=1)
        towards -= weights[k][:, None] * turns[k]
    newest = (turns[-1] ** 2).sum(axis=1)
    plain = 1e-2 / np.maximum(np.linalg.norm(gradient, axis=1), 1e-2)
    scale = np.where(products[-1] > 0, products[-1] / np.where(newest > 0, newest, 1.0), plain)
    towards *= scale[:, None]
    for k in range(len(moves)):
        back = inverse[k] * (turns[k] * towards).sum(axis=1)
        towards += (weights[k] - back)[:, None] * moves[k]
    return towards


def _remember(
    moves: FloatArray,
    turns: FloatArray,
    taken: NDArray[np.intp],
    move: FloatArray,
    turn: FloatArray,
) -> None:
    """Append to the histories of runs whose step met positive curvature."""
    sizes = np.linalg.norm(move, axis=1) * np.linalg.norm(turn, axis=1)
    curved = (move * turn).sum(axis=1) > _CURVATURE * sizes
    kept = taken[curved]
    for history, entry in ((moves, move), (turns, turn)):
        history[:-1, kept] = history[1:, kept]
        history[-1, kept] = entry[curved]


def settled(
    loss: WeightLoss,
    starts: FloatArray,
    is_end: IsEnd,
    way_down: Callable[[FloatArray], FloatArray | None],
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Ends (R, size), their losses (R,), and which runs had to be pushed.

    A run that L-BFGS leaves at no end goes on from a lower point that ``way_down`` knows, or is
    moved by 3 % of the weights' length in a random direction, and from there with even rows, which
    gradient flow does not have but which is fast; after eight times it is left where it is.
    """
    flat = minimised(loss, starts)
    pushed = np.zeros(len(flat), dtype=bool)
    for _ in range(PUSHES):
        value = loss.loss_and_gradient(flat)[0]
        left = np.array([not is_end(x, float(v)) for x, v in zip(flat, value, strict=True)])
        if not left.any():
            break
        pushed |= left
        moved = weights_near(flat[left], PUSH, rng)
        for k, here in enumerate(flat[left]):
            lower = way_down(here)
            moved[k] = moved[k] if lower is None else lower
        flat[left] = minimised(loss, moved, rows=True)
    return flat, loss.loss_and_gradient(flat)[0], pushed
