"""Tables on layers that were trained on fresh prompts: where they ended, and the way there.

Evidence only. The table passes if in every setting the best run, chosen by its loss on fresh
prompts, ended in the predicted minimum; how many runs ended elsewhere is part of the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proofs.shared.evidence import Case
from verifier.theorem.theorem import Options, Progress, Table

if TYPE_CHECKING:
    from verifier.numeric.training import Training
    from verifier.numeric.training_outcome import Endings

MOST_RUNS = 6
CURVE_POINTS = 6


def training_tables(
    cases: list[Case], options: Options, progress: Progress, columns: tuple[str, ...], claim: str
) -> tuple[Table, Table]:
    """Trains ``MOST_RUNS`` layers per case (fewer if fewer starts are asked for)."""
    import numpy as np

    from verifier.numeric.training import train
    from verifier.numeric.training_outcome import endings
    from verifier.setting.layer import ReducedParameters

    rng = np.random.default_rng([options.seed, 4])
    found = []
    for case in cases:
        progress(f"training layers on fresh prompts, {', '.join(case.label)}")
        zero = np.zeros(case.setting.dimension)
        reference = ReducedParameters(zero, 1.0, case.readout.T.copy(), zero).full()
        training = train(case.setting, rng, min(MOST_RUNS, options.starts))
        ends = endings(
            training,
            case.setting,
            rng,
            reference,
            case.loss.loss_and_gradient,
            case.loss.hessian,
            options.samples,
        )
        found.append((case, training, ends))
    return _ends_table(found, columns, claim), _curve_table(found, columns)


def _ends_table(
    found: list[tuple[Case, Training, Endings]], columns: tuple[str, ...], claim: str
) -> Table:
    from verifier.numeric.training_outcome import CONFIDENCE

    rows = []
    for case, _, ends in found:
        best = ends.best
        where = [f"L = {loss:.4g} ({count})" for loss, count in ends.elsewhere]
        where += [f"still moving ({ends.unsettled})"] if ends.unsettled else []
        rows.append(
            (
                *case.label,
                f"{case.minimum:.4f}",
                f"{best.held_out.estimate:.4f} ± {best.held_out.half_width:.4f}",
                f"{best.excess.estimate:+.4f} ± {best.excess.half_width:.4f}",
                f"{best.readout_distance:.3f}",
                f"{len(ends.at_reference)} of {len(ends.runs)}",
                ", ".join(where) or "none",
            )
        )
    recipe, prompts = found[0][1].recipe, found[0][1].prompts
    reached = sum(len(ends.at_reference) for _, _, ends in found)
    total = sum(len(ends.runs) for _, _, ends in found)
    return Table(
        f"Layers trained on fresh prompts: {reached} of {total} runs end at the theorem's step",
        (
            *columns,
            "L*",
            "loss, best run",
            "minus the theorem's",
            "|B-B*|/|B*|",
            "runs at L*",
            "elsewhere (runs)",
        ),
        tuple(rows),
        all(ends.best in ends.at_reference for _, _, ends in found),
        f"the others end at local minima of L listed with their loss; ± is {CONFIDENCE:.0%} "
        f"confidence; {recipe.method.title()}, {recipe.steps} steps of {recipe.batch} prompts "
        f"({prompts} a run), initial weights N(0, {recipe.initial_scale}^2)",
        (claim,),
    )


def _curve_table(found: list[tuple[Case, Training, Endings]], columns: tuple[str, ...]) -> Table:
    import numpy as np

    steps = found[0][1].curve_steps
    shown = np.unique(np.geomspace(1, len(steps), CURVE_POINTS).round().astype(int)) - 1
    rows = []
    for case, training, _ in found:
        curve = training.curve[:, shown] / case.minimum
        ends = zip(np.median(curve, axis=0), curve.max(axis=0), strict=True)
        rows.append((*case.label, *(f"{middle:.2f} / {worst:.2f}" for middle, worst in ends)))
    return Table(
        "Learning curves: loss / L* by number of updates",
        (*columns, *(str(step) for step in steps[shown])),
        tuple(rows),
        None,
        "median / worst run; mean loss on the prompts of the updates before, each seen once",
    )
