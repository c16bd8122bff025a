"""Local minima that are not global: weights in numbers, and what the layer predicts.

A layer predicts x'B s + x'e, B = bA' + ca', e = A'S a + b q c. Under parity its loss is that of
x'B s plus E (x'e)^2, so a local minimum is described by how much of the best B it has in each
principal direction of the covariates, by the direction a that it reads, and by what e costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verifier.explore.mixed_loss import AnyLoss
from verifier.loss.moment_tables import FloatArray
from verifier.numeric.optimise import OptimisationReport, Run
from verifier.numeric.stationary import Outcome

_SAME = 1e-6
_NOTHING = 1e-5
_ALONG = 1e-4


@dataclass(frozen=True, slots=True)
class Share:
    """In directions of one variance: tr B over tr B of the best layer there.

    ``along`` is true for the one direction of a, where others have the same variance.
    """

    variance: float
    directions: int
    along: bool
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class LocalMinimum:
    """One level of the descents: (a, b, A, c) scaled so that max(|a_i|, |b|) = 1, and B.

    ``even_loss`` is E (x'e)^2, None without parity; ``shares`` compare B with the best layer's.
    """

    loss: float
    count: int
    a: FloatArray
    b: float
    A: FloatArray
    c: FloatArray
    B: FloatArray
    even_loss: float | None
    shares: tuple[Share, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """What the layer does there, sentence by sentence."""
        return tuple(_words(self))


def local_minima(
    loss: AnyLoss, report: OptimisationReport, best: FloatArray, parity: bool
) -> tuple[LocalMinimum, ...]:
    """Every local minimum above the best loss in which descents ended; ``best`` is the best B."""
    found = []
    for level in report.spurious_levels:
        if level.outcome is not Outcome.LOCAL_MINIMUM:
            continue
        run = next(r for r in report.runs if r.loss == level.loss)
        found.append(_described(loss, run, level.count, best, parity))
    return tuple(found)


def _described(loss: AnyLoss, run: Run, count: int, best: FloatArray, parity: bool) -> LocalMinimum:
    theta, d = loss.original(run.theta), len(best)
    size = float(np.abs(theta[: d + 1]).max()) or 1.0
    # The sign of (omega, N) together is free; b, or else the largest of a, is made positive.
    pivot = theta[d] if abs(theta[d]) > _NOTHING * size else theta[np.abs(theta[:d]).argmax()]
    size = float(np.copysign(size, pivot))
    omega, stacked = theta[: d + 1] / size, theta[d + 1 :].reshape(d + 1, d) * size
    a, b, A, c = omega[:d], float(omega[d]), stacked[:d], stacked[d]
    B = b * A.T + np.outer(c, a)
    even = None
    if parity:
        flat = np.concatenate([np.zeros(d), [1.0], B.T.ravel(), np.zeros(d)])
        even = max(run.loss - loss(loss.inward(flat))[0], 0.0)
    return LocalMinimum(run.loss, count, a, b, A, c, B, even, _shares(loss.covariance, a, B, best))


def _shares(
    covariance: FloatArray, a: FloatArray, B: FloatArray, best: FloatArray
) -> tuple[Share, ...]:
    values, vectors = np.linalg.eigh(covariance)
    groups: list[list[int]] = []
    for k in reversed(range(len(values))):
        if groups and values[groups[-1][0]] - values[k] <= _SAME * values[-1]:
            groups[-1].append(k)
        else:
            groups.append([k])
    shares = []
    length = float(np.linalg.norm(a))
    for group in groups:
        space = vectors[:, group]
        parts: list[tuple[FloatArray, bool]] = [(space @ space.T, False)]
        inside = np.linalg.norm(space.T @ a) if length > _NOTHING else 0.0
        if len(group) > 1 and length > _NOTHING and inside > (1 - _ALONG) * length:
            line = np.outer(a, a) / length**2
            parts = [(line, True), (space @ space.T - line, False)]
        for projector, along in parts:
            whole = float((projector * best).sum())
            if abs(whole) > _NOTHING * float(np.abs(best).max()):
                part = float((projector * B).sum()) / whole
                count = round(float(np.trace(projector)))
                shares.append(Share(float(values[group[0]]), count, along, part))
    return tuple(shares)


def _words(found: LocalMinimum) -> Sequence[str]:
    lines = []
    size = float(np.abs(found.B).max()) or 1.0
    reads = float(np.abs(found.a).max()) > _NOTHING
    if reads and abs(found.b) <= _NOTHING and float(np.abs(found.A).max()) <= _NOTHING * size:
        lines.append("b = 0 and A = 0: the layer predicts (x.c)(a.s), one direction alone")
    elif reads and abs(found.b) <= _NOTHING:
        lines.append("b = 0: the layer predicts x'A'S a + (x.c)(a.s)")
    elif reads:
        lines.append("the layer reads y together with the direction a of x: a, b, A, c are not 0")
    else:
        lines.append("a = 0: the layer predicts x.B s + b q x.c")
    learned = [
        f"{100 * s.share:.3g}% {'along a' if s.along else _directions(s)}" for s in found.shares
    ]
    if learned:
        lines.append(f"of the best layer's B it has {', '.join(learned)}")
    if found.even_loss is not None and found.even_loss > _NOTHING * found.loss:
        lines.append(
            f"its part in S and q, which does not know the sign of the task, costs "
            f"{found.even_loss:.5g}"
        )
    return lines


def _directions(share: Share) -> str:
    if share.directions > 1:
        return f"in {share.directions} directions of variance {share.variance:.4g}"
    return f"in the direction of variance {share.variance:.4g}"
