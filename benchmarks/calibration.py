"""Calibration of the Monte Carlo agreement test: false alarms on true claims, power on false ones.

    python benchmarks/calibration.py --runs 10000 --power-runs 40

Every run samples its own prompts. A true claim is the exact loss at the minimiser and at random
weights; the stated false-alarm rate is that of a whole check. A false claim is a learning rate that
is off by one per cent, which the stationarity checks look for.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from fractions import Fraction

import numpy as np

from verifier.loss.dimension_free import dimension_free_loss
from verifier.numeric.agreement import DEFAULT_FALSE_ALARM_RATE, agreement_test
from verifier.numeric.montecarlo import Check, compare, random_points, stationarity_checks
from verifier.setting.data import Setting
from verifier.setting.layer import ReducedParameters

SMALLEST = 32_000
SETTINGS = ((1, 1, Fraction(0)), (2, 4, Fraction(1, 2)))
POWER_SETTING, POWER_PROMPTS, ERROR = (3, 8, Fraction(2)), 1_500_000, 0.01


def step(d: int, n: int, noise: Fraction, factor: float = 1.0) -> ReducedParameters:
    """One GD step with the optimal learning rate times ``factor``."""
    rate = factor / (n + d + 1 + float(noise))
    return ReducedParameters(np.zeros(d), 1.0, rate * np.eye(d), np.zeros(d))


def false_alarms(d: int, n: int, noise: Fraction, runs: int) -> int:
    """How many of ``runs`` checks of two true claims at the smallest sample size raise an alarm."""
    loss, setting = dimension_free_loss().numeric(d, n, noise), Setting.isotropic(d, n, noise)
    alarms = 0
    for seed in range(runs):
        rng = np.random.default_rng([seed, d, n])
        points = [step(d, n, noise), *random_points(setting, rng, 1)]
        checks = [Check("true", p.full(rng), float(loss.loss(p.to_vector()))) for p in points]
        alarms += not agreement_test(compare(setting, checks, rng, SMALLEST)).agrees
    return alarms


def caught(runs: int) -> int:
    """How many of ``runs`` checks of a learning rate that is off by ERROR raise an alarm."""
    d, n, noise = POWER_SETTING
    setting, found = Setting.isotropic(d, n, noise), 0
    for seed in range(runs):
        rng = np.random.default_rng([seed, 7])
        checks = stationarity_checks(step(d, n, noise, 1 + ERROR), rng)
        found += not agreement_test(compare(setting, checks, rng, POWER_PROMPTS)).agrees
    return found


def main() -> None:
    """Print one line per setting, and the power."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--power-runs", type=int, default=10)
    arguments = parser.parse_args()
    for d, n, noise in SETTINGS:
        started = time.perf_counter()
        alarms = false_alarms(d, n, noise, arguments.runs)
        seconds = time.perf_counter() - started
        print(
            f"d={d} n={n} sigma2={noise}: {alarms} false alarms in {arguments.runs} checks "
            f"(stated rate {DEFAULT_FALSE_ALARM_RATE:g}); {seconds:.0f} s",
            flush=True,
        )
    found = caught(arguments.power_runs)
    print(
        f"power against {ERROR:.0%} in the learning rate, {POWER_PROMPTS} prompts, "
        f"d={POWER_SETTING[0]} n={POWER_SETTING[1]}: {found} of {arguments.power_runs}"
    )


if __name__ == "__main__":
    main()
