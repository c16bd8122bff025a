"""One test for many Monte Carlo comparisons, sound under heavy tails.

A loss of this layer is a polynomial of degree 8 in Gaussian variables: its sample mean is far
from normal at practical sizes and its sample variance is itself unreliable, so the level of a
z- or t-test is not what it says. Here the samples are cut into K = 64 batches and only the side
of the claimed value on which each batch mean falls is used (the sign test behind the median of
means; Nemirovski & Yudin 1983; Lugosi & Mendelson 2019).

What is assumed: if the claim is true, a batch mean falls below it with probability at most
1/2 + LEAN, and above it with probability at most 1/2 + LEAN, LEAN = 0.15. No variance or tail is
estimated. For batches of m prompts of skewness g the excess over 1/2 is about
g / (6 sqrt(2 pi m)) (Edgeworth) and at most 0.4690 E|l - L|^3 / (sd^3 sqrt(m)) (Berry–Esseen,
Shevtsova 2013), so for any law with a third moment the assumption holds once m is large enough:
that part is asymptotic. At the default m = 2000 it admits a skewness of 100; the tests measure
the excess in the hardest case (n = d = 1, no noise) at the smallest m that is accepted.

What is guaranteed, for every sample size: under this assumption the number of batch means on one
side is stochastically at most Binomial(K, 1/2 + LEAN), so with J comparisons, tested at
false_alarm_rate / J each and on both sides (Bonferroni; the comparisons may share prompts), the
probability that any true claim is rejected is at most ``false_alarm_rate`` for the whole check.

What it costs: a wrong claim is seen once it is off by about 10 standard errors, where a t-test
that could be trusted would need 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from verifier.numeric.montecarlo import Comparison

LEAN = 0.15
DEFAULT_FALSE_ALARM_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class Agreement:
    """The verdict on a whole list of comparisons.

    p_values: per comparison, an upper bound on the probability of so one-sided a split under a
    true claim. ``agrees`` is false exactly when one of them is at most
    ``false_alarm_rate / len(comparisons)``; ``rejected`` lists those indices.
    """

    comparisons: tuple[Comparison, ...]
    p_values: tuple[float, ...]
    false_alarm_rate: float
    rejected: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        """Whether no comparison was rejected."""
        return not self.rejected


def p_value(comparison: Comparison) -> float:
    """min(1, 2 P(Binomial(K, 1/2 + LEAN) >= max(below, above)))."""
    count, chance = max(comparison.below, comparison.above), 0.5 + LEAN
    total = comparison.batches
    tail = sum(
        comb(total, k) * chance**k * (1 - chance) ** (total - k) for k in range(count, total + 1)
    )
    return min(1.0, 2.0 * tail)


def agreement_test(
    comparisons: Sequence[Comparison], false_alarm_rate: float = DEFAULT_FALSE_ALARM_RATE
) -> Agreement:
    """Tests all comparisons together (module docstring).

    Raises ``ValueError`` for an empty list, a rate outside (0, 1), or so many comparisons that
    even a unanimous split could not reject one (the test would be unable to fail).
    """
    if not comparisons:
        raise ValueError("an agreement test needs at least one comparison")
    if not 0 < false_alarm_rate < 1:
        raise ValueError(f"the false-alarm rate must lie in (0, 1), got {false_alarm_rate}")
    level = false_alarm_rate / len(comparisons)
    if any(2 * (0.5 + LEAN) ** c.batches > level for c in comparisons):
        raise ValueError(
            f"{len(comparisons)} comparisons at a false-alarm rate of {false_alarm_rate} "
            "leave no split that rejects; use fewer comparisons or a larger rate"
        )
    p_values = tuple(p_value(c) for c in comparisons)
    rejected = tuple(i for i, p in enumerate(p_values) if p <= level)
    return Agreement(tuple(comparisons), p_values, false_alarm_rate, rejected)
