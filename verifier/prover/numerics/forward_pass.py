"""Monte Carlo: the forward pass in the full weights against the exact loss.

The claimed prediction, and the layer at the claimed minimiser if there is one, have the loss L*; at
random weights the loss is the exact quadratic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from verifier.numeric.agreement import agreement_test
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH, comparison
from verifier.prover.layer import FULL
from verifier.prover.numerics.evaluation import Array, Evaluation, array_of
from verifier.prover.numerics.sampling import Prediction, Sampler, squared_errors
from verifier.prover.numerics.sites import Site
from verifier.prover.numerics.weight_map import weights_at
from verifier.theorem.theorem import Options, Table

SHARE = 0.25  # E yhat^2 / E yq^2 at random weights; of larger ones the loss has heavier tails
RANDOM = 1  # random weights for each layer at each point


def forward_pass_table(
    found: Sequence[Site],
    labels: Sequence[tuple[str, ...]],
    heads: tuple[str, ...],
    options: Options,
) -> Table:
    """Means of squared errors beside exact losses. ValueError for too few prompts to judge."""
    if options.samples < BATCHES * SMALLEST_BATCH:
        raise ValueError(f"Monte Carlo needs at least {BATCHES * SMALLEST_BATCH} prompts")
    rng = np.random.default_rng([options.seed, 3])
    size = -(-options.samples // BATCHES)
    rows, comparisons = [], []
    for site, label in zip(found, labels, strict=True):
        sampler = Sampler(site.world, rng, site.target.problem.layer.outputs)
        checks = list(_checks(site, sampler, rng))
        means = _batch_means(sampler, [prediction for _, _, prediction in checks], size)
        for (name, claimed, _), row in zip(checks, means, strict=True):
            one = comparison(name, claimed, row, float(row.mean()), size)
            comparisons.append(one)
            numbers = (f"{one.claimed:.6g}", f"{one.estimate:.6g}", f"{one.standard_error:.1e}")
            rows.append((*label, name, *numbers, f"{one.z:+.2f}"))
    test = agreement_test(comparisons)
    return Table(
        "Monte Carlo through the forward pass",
        (*heads, "weights", "exact loss", "estimate", "s.e.", "z"),
        tuple(rows),
        test.agrees,
        f"{size * BATCHES} prompts each; false-alarm rate {test.false_alarm_rate:g} for the "
        "whole table (sign test on batch means)",
    )


def _checks(
    site: Site, sampler: Sampler, rng: np.random.Generator
) -> Iterator[tuple[str, float, Prediction]]:
    """Names, claimed losses and predictions."""
    target = site.target
    layer, context = target.problem.layer, target.context
    yield "prediction", float(site.claimed), (context, target.predicted, {})
    world = site.minimiser()
    if world is not None:
        weights = {one.name: array_of(world, one.name, one.sorts) for one in layer.weights}
        yield "minimiser", float(site.claimed), (context, target.problem.prediction, weights)
    for _ in range(RANDOM):
        weights, loss = _random(site, sampler, rng)
        yield "random", loss, (context, target.problem.prediction, weights)


def _random(
    site: Site, sampler: Sampler, rng: np.random.Generator
) -> tuple[dict[str, Array], float]:
    """Random weights with predictions of about the `SHARE`, and their exact loss."""
    layer, context = site.target.problem.layer, site.target.context
    square = np.array(site.quadratic.square, dtype=float)
    linear = np.array(site.quadratic.linear, dtype=float)
    constant = float(site.quadratic.constant)
    weights = {
        one.name: rng.standard_normal((1, *(sampler.sizes[sort] for sort in one.sorts)))
        for one in layer.weights
    }

    def features(values: dict[str, Array]) -> Array:
        evaluation = Evaluation(context, sampler.sizes, {**sampler.fixed, **values})
        return weights_at(layer, evaluation)[0]

    found = features(weights)
    power = float(found @ square @ found)
    degree = 4 if layer.options.weights == FULL else 2
    if power > 0:
        scale = (SHARE * constant / power) ** (1 / (2 * degree))
        weights = {name: scale * array for name, array in weights.items()}
        found = features(weights)
    return weights, constant - 2 * float(linear @ found) + float(found @ square @ found)


def _batch_means(sampler: Sampler, predictions: Sequence[Prediction], size: int) -> Array:
    """Means over `BATCHES` batches of this many prompts, (predictions, batches)."""
    total = np.zeros((len(predictions), BATCHES))
    start = 0
    for errors in squared_errors(sampler, predictions, size * BATCHES):
        batch = np.arange(start, start + errors.shape[1]) // size
        for row, values in zip(total, errors, strict=True):
            row += np.bincount(batch, weights=values, minlength=BATCHES)
        start += errors.shape[1]
    return total / size
