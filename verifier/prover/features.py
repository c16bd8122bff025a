"""The error of a layer, feature by feature.

A layer's prediction minus the best one is

    gap = sum over features r of  sum[slots_r]( (weight_r - optimum_r) * random_r ),

``random_r`` a text in random arrays, ``weight_r`` one in the layer's deterministic letters,
``optimum_r`` one in scalars, deltas and arrays that are given; all three have the indices
``slots_r``. For the standard layer and isotropic data the features are

    x_j s_i               (b A_ij + c_j a_i, eta delta_ij)
    x_j sum_k X_ki X_kl   (A_ij a_l, 0)
    x_j sum_k y_k^2       (b c_j, 0).

Not trusted.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """``(weight - optimum) * random`` summed over ``slots``, one term of the gap."""

    slots: tuple[str, ...]
    random: str
    weight: str
    optimum: str = "0"
