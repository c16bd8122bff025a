"""A product of two vectors that is a multiple of the identity: then there is one feature.

Let R = m c g' - r I vanish, T = tr R = m c.g - r d. As m sum R_ij c_j g_i = (T + r d)(T + r d - r),

    d r^2 (d - 1) = m sum R_ij c_j g_i - T (T + 2 d r - r).

The vectors may be products such as Sigma a, for which a search would go deep. Not trusted.
"""

from __future__ import annotations

from verifier.proof.normal import DELTA

from .combinations import Found
from .contractions import Equation
from .forms import Forms, Networks
from .texts import at


def one_feature(forms: Forms, one: Equation) -> Found | None:
    """Why d - 1 = 0, times a polynomial, where an equation says m c_i g_j = r delta_ij."""
    if len(one.form) != 2 or len(one.indices) != 2:
        return None
    (identity, below), (product, above) = sorted(
        one.form.items(), key=lambda term: (len(term[0]), not _is_delta(forms, term[0]))
    )
    if not _is_delta(forms, identity) or len(product) != 2:
        return None
    i, j = one.indices
    texts = [forms.product_text((network,)) for network in product]
    free = [forms.indices(text) for text in texts]
    if sorted(free) != sorted([(i,), (j,)]):
        return None
    first, second = texts if free == [(i,), (j,)] else texts[::-1]
    rate = {(): {powers: -number for powers, number in below.items()}}
    (above_rate,), under = forms.cleared([rate.get((), {})])
    size = next(s.size for s in forms.context.sorts if s.name == forms.sort(i))
    dimension = forms.cleared([forms.form(size)[()]])[0][0]
    r = forms.coefficient_text(rate[()])
    trace = f"sum[{i}]({one.at((i, i))})"
    many = forms.coefficient_text(above)
    crossed = f"({many})*{at(forms, first, [i], [j])}*{at(forms, second, [j], [i])}"
    combination = (
        f"sum[{i},{j}]({one.at((i, j))}*{crossed}) - ({trace})*({trace} + (2*{size} - 1)*{r})"
    )
    times = dimension * (dimension - 1) * above_rate**2
    return Found(times, f"({forms.polynomial_text(under**2)})*({combination})")


def _is_delta(forms: Forms, ids: Networks) -> bool:
    return all(f[0] == DELTA for i in ids for f in forms.meaning.table[i]) and bool(ids)
