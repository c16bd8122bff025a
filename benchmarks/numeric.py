"""Monte Carlo throughput beside straightforward NumPy: ``python benchmarks/numeric.py``.

Every row is measured in this run, median of five. The alternative is what one would write first:
a loop over prompts that samples one, builds its tokens, and evaluates the layer's formula. Both
estimate the same loss; the last column is how many times more prompts the loop needs for the same
standard error, because it samples the query and the noise that our side integrates out.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from verifier.loss.expected_loss import expected_loss
from verifier.numeric.agreement import agreement_test
from verifier.numeric.full_weights import train_full_weights
from verifier.numeric.montecarlo import (
    Check,
    batch_means,
    compare,
    prompt_losses,
    random_points,
    stationarity_checks,
)
from verifier.numeric.optimise import optimise
from verifier.setting.data import Setting
from verifier.setting.layer import LinearAttention

REPEATS = 5
CHECK_TARGET = 0.5


def seconds(job: Callable[[], object]) -> float:
    """Median wall time."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def straightforward(
    layer: LinearAttention, d: int, n: int, s2: float, rng: np.random.Generator, prompts: int
) -> np.ndarray:
    """The loop over prompts: squared errors with sampled query and noisy target."""
    errors = np.empty(prompts)
    for p in range(prompts):
        w = rng.standard_normal(d)
        x = rng.standard_normal((n + 1, d))
        y = x @ w + np.sqrt(s2) * rng.standard_normal(n + 1)
        tokens = np.column_stack([x, y])
        last = np.append(x[n], 0.0)
        total = np.zeros(d + 1)
        for v in tokens[:n]:
            total += (layer.W_V @ v) * ((layer.W_K @ v) @ (layer.W_Q @ last))
        errors[p] = (y[n] - layer.h @ total) ** 2
    return errors


def throughput_row(d: int, n: int) -> str:
    """One line: prompts per second on both sides, their ratio, and the variance ratio."""
    setting = Setting.isotropic(d, n, 1)
    layer = random_points(setting, np.random.default_rng(0), 1)[0].full(np.random.default_rng(1))
    many, few = 64_000, 1_000
    ours = many / seconds(lambda: batch_means(setting, [layer], np.random.default_rng(2), many))
    loop = few / seconds(lambda: straightforward(layer, d, n, 1.0, np.random.default_rng(2), few))
    drawn = setting.sample(np.random.default_rng(3), 4_000)
    raw = (drawn.target - layer.predict(drawn.x, drawn.y, drawn.query)) ** 2
    saved = raw.var() / prompt_losses(setting, layer, drawn).var()
    return f"d={d:<3} n={n:<4} {ours:>12.0f} {loop:>12.0f} {ours / loop:>8.0f} {saved:>10.1f}"


def whole_check() -> bool:
    """A default Monte Carlo check: five losses and three stationarity contrasts, d = 3, n = 8."""
    setting = Setting.isotropic(3, 8, 2)
    rng = np.random.default_rng(0)
    points = random_points(setting, rng, 5)
    checks = [Check("loss", p.full(rng), 1.0) for p in points]
    checks += stationarity_checks(points[0], rng)
    return agreement_test(compare(setting, checks, rng)).agrees


def descent_starts(d: int) -> Callable[[], object]:
    """Twenty descents on the exact loss for n = 5, noise 1/2, gradient and Hessian given."""
    exact = expected_loss(d, 5, Fraction(1, 2), method="explicit").numeric()
    return lambda: optimise(
        exact.loss_and_gradient, d, np.random.default_rng(0), hessian=exact.hessian
    )


def main() -> int:
    """Print the tables; exit code 1 if the whole check misses its target."""
    print(f"{'Monte Carlo':<12} {'prompts/s':>12} {'NumPy loop':>12} {'ratio':>8} {'variance':>10}")
    for d, n in ((1, 5), (3, 10), (5, 20), (16, 40)):
        print(throughput_row(d, n))
    taken = seconds(whole_check)
    verdict = "" if taken <= CHECK_TARGET else "  MISSED"
    print(f"\n{'default Monte Carlo check, 8 comparisons':<44} {taken:>8.3f} s{verdict}")
    for d in (2, 3):
        print(f"{f'20 descents, d = {d}':<44} {seconds(descent_starts(d)):>8.3f} s")
    setting = Setting.isotropic(3, 5, 1)
    training = seconds(lambda: train_full_weights(setting, np.random.default_rng(0)))
    print(f"{'training of all weights, 5 starts, d = 3':<44} {training:>8.3f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory {peak:.0f} MB")
    return int(taken > CHECK_TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
