"""The polynomial added to a response keeps its exact moments; only the rest is sampled.

g = p + r, say t^5 + sin(t): moments of g are sampled as those of p, exactly, plus the sampled
difference of the moments of g and p at the same tasks and points. What fluctuates is then of
the size of p r instead of p^2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from verifier.law_moments.general import NoExactMoments
from verifier.law_moments.of_setting import general_moments
from verifier.loss.moment_tables import MomentTables, Number
from verifier.setting.data import Setting
from verifier.setting.labels import DrawnLabels
from verifier.setting.laws import Radial
from verifier.setting.response_grammar import ExpressionLink
from verifier.setting.response_moments import response_degree
from verifier.setting.responses import Polynomial, SingleIndex

_FASTEST = 2
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Trend:
    """The setting with p in place of g, and its exact moments."""

    link: Polynomial
    tables: MomentTables
    complete: bool

    @classmethod
    def of(cls, setting: Setting, symmetric: bool) -> Trend | None:
        """None where no polynomial is split off or its moments are not known exactly."""
        response = setting.response
        if not isinstance(response, SingleIndex) or not isinstance(response.link, ExpressionLink):
            return None
        if not response.link.trend:
            return None
        link = Polynomial(response.link.trend)
        try:
            m = general_moments(replace(setting, response=SingleIndex(link, response.weights)))
        except (NoExactMoments, ValueError):
            return None
        if not m.complete and not symmetric:
            return None
        tables = MomentTables(m.lower, m.variances, m.target_second, m.fourth, m.paired)
        tables.check_sizes()
        return cls(link, tables, m.complete)

    def corrected(self, whole: MomentTables, trend: MomentTables) -> MomentTables:
        """Sampled moments of g, less sampled moments of p, plus exact moments of p."""
        d, known = len(whole.variances), self.tables
        late = () if self.complete else ((d, d, d, d), ((d, d), (d, d)))
        second = whole.target_second - trend.target_second + known.target_second
        return replace(
            whole,
            target_second=float(second),
            fourth=_corrected(whole.fourth, trend.fourth, known.fourth, lambda k: k not in late),
            paired=_corrected(whole.paired, trend.paired, known.paired, lambda k: k not in late),
        )


def _corrected(
    whole: Mapping[Key, Number],
    trend: Mapping[Key, Number],
    known: Mapping[Key, Number],
    wanted: Callable[[Key], bool],
) -> dict[Key, Number]:
    return {
        key: float(value - trend[key] + known.get(key, 0)) if wanted(key) else value
        for key, value in whole.items()
    }


def error_known(setting: Setting, symmetric: bool, trend: Trend | None) -> bool:
    """Whether the spread of repetitions says how far sampled moments are from the true ones.

    Not so where what is sampled has no variance (heavy tails), or rare large values make up
    most of it: more than quadratic growth, exponentials.
    """
    whole = rest = response_degree(setting.response)
    base = setting.response.base if isinstance(setting.response, DrawnLabels) else setting.response
    if isinstance(base, SingleIndex):
        link = base.link
        if isinstance(link, ExpressionLink):
            if link.growth.rate:
                return False
            if trend is not None:
                rest = link.rest.degree
    if rest > _FASTEST:
        return False
    # The moment with the heaviest tail is E y^2 x x' under parity, else E y^4.
    order = 2 * (rest + whole) + 4 if symmetric else max(8, 2 * (rest + 3 * whole))
    if isinstance(setting.covariates.law, Radial):
        return True
    try:
        setting.covariates.base_moment(order)
    except ValueError:
        return False
    return True
