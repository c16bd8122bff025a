"""E[w_ridge^T X^T y] = E[w^T X^T y] = n d, without the tower property.

Theorem 1's learning rate is the left side over E[y^T X X^T y]; the paper's proof swaps w_ridge for
w by conditioning. Here both sides are computed as they stand: in d = 1 by quadrature, where
T = sum x_i^2 is chi-squared with n degrees of freedom and s = T w + sqrt(sigma^2 T) z with w, z
standard normal, so that w_ridge s = s^2 / (T + sigma^2); for any d from sampled prompts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH, Comparison
from verifier.setting.data import Setting
from verifier.setting.numbers import positive_integer

FloatArray = NDArray[np.float64]
_CHUNK_FLOATS = 400_000


def tower_quadrature(context_length: int, noise: float) -> tuple[float, float]:
    """(E[w_ridge s], E[w s]) for d = 1: Gauss-Hermite in w and z, adaptive quadrature in T.

    Raises ``ValueError`` for n below 1 and a noise variance that is not positive.
    """
    from scipy.integrate import quad
    from scipy.stats import chi2

    n = positive_integer(context_length, "context length")
    if not noise > 0:
        raise ValueError(f"the noise variance must be positive, got {noise}")
    # Exact for the quadratics in (w, z) that occur.
    points, weights = np.polynomial.hermite_e.hermegauss(4)
    weights = weights / weights.sum()
    w, z = points[:, None], points[None, :]
    both = weights[:, None] * weights[None, :]
    law = chi2(n)

    def ridge(root: float) -> float:
        s = root**2 * w + noise**0.5 * root * z
        return float((both * s**2).sum()) / (root**2 + noise) * density(root)

    def task(root: float) -> float:
        s = root**2 * w + noise**0.5 * root * z
        return float((both * w * s).sum()) * density(root)

    def density(root: float) -> float:
        """Of sqrt(T), which is bounded at 0 for every n."""
        return float(2 * root * law.pdf(root**2)) if root > 0 else 0.0

    reach = float(law.isf(1e-30)) ** 0.5
    left, right = (quad(f, 0, reach, epsabs=1e-12, limit=200)[0] for f in (ridge, task))
    return float(left), float(right)


def tower_comparisons(
    setting: Setting, rng: np.random.Generator, prompts: int
) -> tuple[Comparison, Comparison]:
    """From sampled prompts of a linear setting: E[w_ridge's] beside n d, and E[(w_ridge - w)'s]
    beside 0, for the agreement test. The penalty is the setting's noise variance; 0 takes the
    pseudo-inverse.
    """
    n, d = setting.context_length, setting.dimension
    noise = float(setting.noise_variance)
    size = max(SMALLEST_BATCH, -(-prompts // BATCHES))
    chunk = max(1, _CHUNK_FLOATS // ((n + 1) * (d + 1)))
    ridge, task = np.zeros(BATCHES), np.zeros(BATCHES)
    for begin in range(0, size * BATCHES, chunk):
        end = min(begin + chunk, size * BATCHES)
        drawn = setting.sample(rng, end - begin)
        s = (drawn.y[:, None, :] @ drawn.x)[:, 0]
        gram = drawn.x.swapaxes(1, 2) @ drawn.x + noise * np.eye(d)
        inverse = np.linalg.inv(gram) if noise else np.linalg.pinv(gram, hermitian=True)
        weights = (inverse @ s[:, :, None])[..., 0]
        batch = np.arange(begin, end) // size
        for total, vectors in ((ridge, weights), (task, _tasks(drawn.tasks))):
            total += np.bincount(batch, (vectors * s).sum(axis=1), minlength=BATCHES)
    return (
        _comparison("E[w_ridge' X'y]", ridge / size, float(n * d), n * d, size),
        _comparison("E[(w_ridge - w)' X'y]", (ridge - task) / size, 0.0, n * d, size),
    )


def _tasks(tasks: object) -> FloatArray:
    from verifier.setting.responses import LinearTasks

    if not isinstance(tasks, LinearTasks):
        raise ValueError("the tower identity is about linear responses")
    return tasks.w


def _comparison(
    label: str, means: FloatArray, claimed: float, magnitude: float, size: int
) -> Comparison:
    """Batch means beside a claimed value; means that differ by rounding are on neither side."""
    error = float(means.std(ddof=1)) / len(means) ** 0.5
    rounding = 1e-10 * magnitude
    difference = means - claimed
    return Comparison(
        label=label,
        claimed=claimed,
        estimate=float(means.mean()),
        standard_error=error,
        z=float(difference.mean()) / error if error > rounding else 0.0,
        below=int((difference < -rounding).sum()),
        above=int((difference > rounding).sum()),
        batches=len(means),
        prompts=size * len(means),
    )
