"""Where trained layers ended: held-out loss, distance to a reference, and basin.

The loss comes from fresh prompts through the unreduced layer. Two layers on the same prompts
differ with far less noise than each alone, so the difference to a reference layer is given too.
The exact loss, a plain function, serves to name the place: a descent from a run's last weights
goes to the stationary point in whose basin training stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.numeric.montecarlo import BATCHES, batch_means
from verifier.numeric.optimise import descend
from verifier.numeric.stationary import (
    FloatArray,
    HessianFunction,
    Landscape,
    LossFunction,
    Outcome,
    balance,
)
from verifier.numeric.training import Training
from verifier.setting.data import Setting
from verifier.setting.layer import LinearAttention

CONFIDENCE = 0.99
# A run has settled once what is left to lose in its basin is below this part of L(0).
SETTLED = 0.02


@dataclass(frozen=True, slots=True)
class Interval:
    """estimate ± half_width: a t-interval at level 0.99 over 64 batch means."""

    estimate: float
    half_width: float

    @classmethod
    def of(cls, means: FloatArray) -> Interval:
        """From the means of equally many prompts each."""
        from scipy.stats import t

        error = float(means.std(ddof=1)) / len(means) ** 0.5
        quantile = float(t.ppf((1 + CONFIDENCE) / 2, len(means) - 1))
        return cls(float(means.mean()), quantile * error)

    @property
    def lower(self) -> float:
        """The lower end."""
        return self.estimate - self.half_width

    @property
    def upper(self) -> float:
        """The upper end."""
        return self.estimate + self.half_width


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """One run's end.

    held_out: loss on fresh prompts; excess: that minus the reference's on the same prompts.
    exact_loss: the supplied exact loss; basin_loss and basin: loss and kind of the stationary
    point that a descent on it reaches from here. readout_distance: |B - B_ref| / |B_ref|
    (Frobenius; |B| where B_ref = 0).
    """

    held_out: Interval
    excess: Interval
    exact_loss: float
    basin_loss: float
    basin: Outcome
    readout_distance: float
    settled: bool


@dataclass(frozen=True, slots=True, eq=False)
class Endings:
    """All runs of one training, in their order, and the reference's exact loss."""

    runs: tuple[Ending, ...]
    reference_loss: float
    tolerance: float

    @property
    def best(self) -> Ending:
        """The run of lowest held-out loss: what someone who trains several layers would keep."""
        return min(self.runs, key=lambda run: run.held_out.estimate)

    @property
    def at_reference(self) -> tuple[Ending, ...]:
        """Settled runs in a basin whose loss is the reference's."""
        return tuple(
            run
            for run in self.runs
            if run.settled and abs(run.basin_loss - self.reference_loss) <= self.tolerance
        )

    @property
    def elsewhere(self) -> tuple[tuple[float, int], ...]:
        """The losses of the other basins in which runs settled, ascending, with their counts."""
        others = [run for run in self.runs if run.settled and run not in self.at_reference]
        levels: list[tuple[float, int]] = []
        for loss in sorted(run.basin_loss for run in others):
            if levels and loss - levels[-1][0] <= self.tolerance:
                levels[-1] = (levels[-1][0], levels[-1][1] + 1)
            else:
                levels.append((loss, 1))
        return tuple(levels)

    @property
    def unsettled(self) -> int:
        """How many runs were still on their way, near a saddle or on a plateau."""
        return sum(not run.settled for run in self.runs)


def endings(
    training: Training,
    setting: Setting,
    rng: np.random.Generator,
    reference: LinearAttention,
    exact: LossFunction,
    hessian: HessianFunction | None = None,
    prompts: int = 20_000,
) -> Endings:
    """Describes the end of every run beside ``reference``.

    ``exact`` maps reduced parameters to (loss, gradient), ``hessian`` to second derivatives.
    ``prompts`` fresh prompts are shared by all layers.
    """
    means = batch_means(setting, (*training.layers, reference), rng, max(prompts, BATCHES))
    landscape = Landscape.of(exact, setting.dimension, rng, hessian)
    target = reference.reduced()
    scale = float(np.linalg.norm(target.readout)) or 1.0
    found = []
    for layer, theta, row in zip(training.layers, training.final, means, strict=False):
        end = descend(landscape, balance(theta))
        loss = float(exact(theta)[0])
        distance = float(np.linalg.norm(layer.reduced().readout - target.readout)) / scale
        found.append(
            Ending(
                held_out=Interval.of(row),
                excess=Interval.of(row - means[-1]),
                exact_loss=loss,
                basin_loss=end.loss,
                basin=end.outcome,
                readout_distance=distance,
                settled=loss - end.loss <= SETTLED * landscape.zero_loss,
            )
        )
    reference_loss = float(exact(np.asarray(target.to_vector(), dtype=float))[0])
    return Endings(tuple(found), reference_loss, 1e-6 * landscape.zero_loss)
