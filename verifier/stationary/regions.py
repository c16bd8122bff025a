"""The regions of (n, d, sigma2) in which the phase is known, each as variables >= 0 in disguise.

The idea: "for all n >= 5 (d + sigma2)^2, d >= 2" is the substitution n = 5 (d + sigma2)^2 + n_,
d = 2 + d_, sigma2 = s_; a polynomial that has only non-negative coefficients in n_, d_, s_ is
non-negative on the region, and so is one that has them after squares are taken off
(``landscape_squares``). Every bound is a field of ``Bounds``, so that another one can be tried.

Data only, for ``phase_claims`` and the proofs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy
from sympy import Expr, Integer, Rational, Symbol

N, D, SIGMA2, RHO = (Symbol(name) for name in ("n", "d", "sigma2", "rho"))
# The shifted variables, all >= 0: n', d', s', r in rho or v, and t in n.
SHIFTED = sympy.symbols("n_ d_ s_ r_ t_")
N_, D_, S_, R_, T_ = SHIFTED
K = D + SIGMA2
ROOT = Symbol("v")

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers in the phase theorem; the defaults are those that are proved.

    Benign means in (omega, N) throughout.

    never: the dimension that is never benign, shown by F < 0 at rho = never_at (d + sigma2);
    long: not benign for n >= long (d + sigma2)^2, by F < 0 at rho = long_at (d + sigma2);
    gap: for n >= (gap_from (d + sigma2))^2 the gap is below gap d / sqrt(n);
    three, four: (slope, intercept) of the noise in n from which rho = oo is a local minimum;
    benign: the dimension from which n <= short d^2 + sigma2 (and d >= n + benign - 1) is benign.
    """

    never: Number = 2
    never_at: Number = 3
    long: Number = 5
    long_at: Number = 2
    gap: Number = 6
    gap_from: Number = 3
    three: tuple[Number, Number] = (3, 10)
    four: tuple[Number, Number] = (7, 120)
    benign: Number = 5
    short: Number = 3


@dataclass(frozen=True, slots=True)
class Region:
    """``subject`` > 0 wherever n, d, sigma2 (and rho, or v) are given by ``substitution``.

    subject: "F" or "-F" (F the numerator of l' at rho), "-lead" (its leading coefficient), "gap"
    (6 d / v less l(v) - l(0), n = v^2); substitution: rational in n_, d_, s_, r_, t_ >= 0, with
    powers of 1 + t_ as denominators; statement: both in words.
    """

    name: str
    statement: str
    subject: str
    substitution: Mapping[Symbol, Expr]


def regions(bounds: Bounds | None = None) -> tuple[Region, ...]:
    """Return the regions of the phase theorem, docs/landscape-mathematics.md, section 5."""
    bounds = bounds or Bounds()
    return (*_spurious(bounds), *_benign(bounds), _gap(bounds))


def _spurious(bounds: Bounds) -> list[Region]:
    plane = {N: 1 + N_, D: Rational(bounds.never), SIGMA2: S_}
    shifted = {D: 2 + D_, SIGMA2: S_}
    length = bounds.long * K.subs(shifted) ** 2 + N_
    found = [
        Region(
            f"d={bounds.never}",
            f"d = {bounds.never}, every n >= 1, sigma2 >= 0: never benign in (omega, N), "
            f"F < 0 at rho = {bounds.never_at} (d + sigma2)",
            "-F",
            {**plane, RHO: bounds.never_at * K.subs(plane)},
        ),
        Region(
            "n large",
            f"d >= 2, n >= {bounds.long} (d + sigma2)^2: not benign in (omega, N), "
            f"F < 0 at rho = {bounds.long_at} (d + sigma2)",
            "-F",
            {**shifted, N: length, RHO: bounds.long_at * K.subs(shifted)},
        ),
    ]
    for d, first, (slope, intercept) in ((3, 1, bounds.three), (4, 3, bounds.four)):
        found.append(
            Region(
                f"d={d}, noise large",
                f"d = {d}, n >= {first}, sigma2 >= {slope} n + {intercept}: not benign in "
                "(omega, N), rho = oo is a local minimum there",
                "-lead",
                {N: first + N_, D: Integer(d), SIGMA2: slope * (first + N_) + intercept + S_},
            )
        )
    return found


def _benign(bounds: Bounds) -> list[Region]:
    found = []
    for n in (1, 2):
        four = {N: Integer(n), D: Integer(4), SIGMA2: S_}
        words = f"d = 4, n = {n}, every sigma2 >= 0"
        found.append(_everywhere(f"d=4, n={n}", words, four))
    low = bounds.benign
    large_dimension = {N: 1 + N_, D: low + N_ + D_, SIGMA2: S_}
    large_noise = {N: 1 + N_, D: low + D_, SIGMA2: 1 + N_ + S_}
    words = f"n >= 1, d >= n + {low - 1}, every sigma2 >= 0"
    found.append(_everywhere("d large", words, large_dimension))
    found.append(_everywhere("noise large", f"n >= 1, d >= {low}, sigma2 >= n", large_noise))
    shifted = {D: low + D_, SIGMA2: S_}
    longest = bounds.short * shifted[D] ** 2 + S_
    short = {**shifted, N: (1 + longest * T_) / (1 + T_)}
    words = f"d >= {low}, 1 <= n < {bounds.short} d^2 + sigma2"
    found.append(_everywhere("n short", words, short))
    return found


def _everywhere(name: str, words: str, at: Mapping[Symbol, Expr]) -> Region:
    """F > 0 at every rho = (d + sigma2) r_."""
    conclusion = "benign in (omega, N), F > 0 at every rho >= 0"
    return Region(name, f"{words}: {conclusion}", "F", {**at, RHO: K.subs(at) * R_})


def _gap(bounds: Bounds) -> Region:
    shifted = {D: 2 + D_, SIGMA2: S_}
    return Region(
        "gap",
        f"d >= 2, v = sqrt(n) >= {bounds.gap_from} (d + sigma2): l(v) - l(0) < {bounds.gap} d / v",
        "gap",
        {**shifted, ROOT: bounds.gap_from * K.subs(shifted) + R_},
    )
