"""Numerical attacks on what the prover found: descents on the exact loss, Monte Carlo on the layer.

At small sizes the loss is an exact quadratic in the features' weights, its coefficients by direct
evaluation, which shares no code with the normal forms of the proof. Least squares, the claimed
minimiser and SciPy's descents are held against L*; prompts are sampled and sent through the forward
pass in the full weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from verifier.prover.data_model import EXAMPLE, FEATURE
from verifier.prover.numerics.points import NOISE, Sizes
from verifier.prover.numerics.sites import Site, Target, sites, targets
from verifier.prover.solution import FOUND, Solution
from verifier.theorem.theorem import Derivation, Options, Progress, Table

TOLERANCE = 1e-6


def tables(
    solution: Solution, derivation: Derivation, options: Options, progress: Progress
) -> tuple[Table, ...]:
    """Descents on the exact loss, and Monte Carlo; sizes that take too long are left out."""
    aims = targets(solution, derivation)
    columns = _columns(aims[0])
    progress("evaluating the loss directly")
    found: list[Site] = []
    skipped = []
    for sizes in _grid(aims[0], options):
        try:
            found += sites(solution, aims, sizes, options.seed, columns)
        except ValueError as error:
            skipped.append(f"d = {sizes.dimension}, n = {sizes.length} left out: {error}")
    heads = (*columns, "layer") if len(aims) > 1 else columns
    labels = [(*site.shown, site.target.label)[: len(heads)] for site in found]
    progress("descending on the exact loss")
    descended = _descent_table(found, labels, heads, options, skipped)
    if not found:
        return (descended,)
    from verifier.prover.numerics.forward_pass import forward_pass_table

    progress("sampling prompts through the layer")
    return (descended, forward_pass_table(found, labels, heads, options))


def _columns(target: Target) -> tuple[str, ...]:
    """The names of both sizes, and of the noise level if it is a scalar."""
    sizes = {sort.name: sort.size for sort in target.context.sorts}
    noise = [scalar.name for scalar in target.context.scalars if scalar.meaning == NOISE]
    return (sizes[FEATURE], sizes[EXAMPLE], *noise)


def _grid(target: Target, options: Options) -> Iterator[Sizes]:
    """All sizes, and noise levels if there are any, that the user asked for."""
    noises = options.noises if len(_columns(target)) > 2 else options.noises[:1]
    for dimension in options.dimensions:
        for length in options.context_lengths:
            for noise in noises:
                yield Sizes(dimension, length, noise)


def _descent_table(
    found: Sequence[Site],
    labels: Sequence[tuple[str, ...]],
    heads: tuple[str, ...],
    options: Options,
    skipped: Sequence[str],
) -> Table:
    """L* beside exact least squares, the claimed minimiser, and the ends of descents."""
    import numpy as np

    from verifier.prover.numerics.descents import NumericLoss, descents
    from verifier.prover.numerics.weight_map import weight_map

    rng = np.random.default_rng([options.seed, 1])
    rows, passed = [], True
    for site, label in zip(found, labels, strict=True):
        value, world = site.claimed, site.minimiser()
        least = site.quadratic.least - value
        gap = None if world is None else site.minimiser_loss(world) - value
        loss = NumericLoss.of(site.quadratic, weight_map(site.target.problem, site.world))
        levels = descents(loss, rng, options.starts)
        best = levels[0].loss - float(value)
        passed = (
            passed and not least and not gap and best >= -TOLERANCE * max(1.0, abs(float(value)))
        )
        exact = (_shown(least), "none known" if gap is None else _shown(gap))
        ends = ", ".join(f"{level.loss:.6g} ({level.count})" for level in levels)
        rows.append((*label, f"{float(value):.6g}", *exact, f"{best:+.1e}", ends))
    notes = (
        f"tensors are random; the first two differences are exact; {options.starts} random starts",
        *skipped,
    )
    return Table(
        "SciPy on the exact loss",
        (*heads, "L*", "least squares - L*", "minimiser - L*", "best - L*", "ends (count)"),
        tuple(rows),
        passed if rows else None,
        "; ".join(notes),
        supports=() if not found or found[0].target.minimiser else (FOUND,),
    )


def _shown(difference: Fraction) -> str:
    """An exact difference, a long one rounded."""
    text = str(difference)
    return text if len(text) < 8 else f"{float(difference):+.3g}"
