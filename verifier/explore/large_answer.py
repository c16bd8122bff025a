"""The best layer of large linear settings: matrix products in place of tensors."""

from __future__ import annotations

from verifier.explore.answer import Certainties, Comparison, Optimum
from verifier.explore.exact_answer import readout_layer
from verifier.explore.symmetry import covering_theorems
from verifier.explore.values import Certainty, Value
from verifier.optimum.linear_readout import LinearReadout
from verifier.setting.data import Setting


def large_answer(setting: Setting) -> tuple[Optimum, tuple[Comparison, ...]]:
    """The optimum, and predicting 0, the best step and the best readout beside it.

    Raises ``ValueError`` in one line where the exact equations would take too long.
    """
    problem = LinearReadout.of(setting)
    readout = problem.best()
    rate, step_loss = problem.best_step()
    shown = None if readout.learning_rate is None else Value.rational(readout.learning_rate)
    optimum = Optimum(
        loss=Value.rational(readout.loss),
        certainty=Certainty.COMPUTED,
        certainties=Certainties.of(Certainty.COMPUTED, Certainty.COMPUTED, shown),
        reason="closed form: linear responses, tasks of a symmetric law",
        facts=(
            "w ~ -w, so every moment with an odd number of y's vanishes: the loss is a convex "
            "quadratic in B plus a mean square, which a = c = 0 makes 0",
            "Lambda B E[ss'] = n E[mu mu'], mu = E[x y | task], holds exactly",
        ),
        lower_bound=Value.rational(readout.loss),
        covered_by=covering_theorems(setting),
        **readout_layer(readout),  # type: ignore[arg-type]
    )
    zero = Value.rational(problem.target_second)
    compared = (
        Comparison("zero", "predict 0", zero),
        Comparison(
            "gradient_descent",
            "one step, best rate",
            Value.rational(step_loss),
            Value.rational(rate),
        ),
        Comparison("linear_readout", "best x'Bs, a = c = 0", optimum.loss),
    )
    return optimum, compared
