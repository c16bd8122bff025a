"""The paper's lemma, that for every layer L = E ||N' G omega - w_D||^2 + const, and its ratios.

w_D = E[w | D] is the mean of the task given the prompt D (in Theorem 3 of m_f = E[y x | f]). All
that is used of it is that w - w_D is orthogonal to the entries of G = sum v v', so the lemma holds
for every function of the prompt's sources that has this property. N = (A; c'), omega = (a, b).
"""

from __future__ import annotations

from verifier.proof.context import Function, Hat, Point
from verifier.proof.statements import Step
from verifier.prover.data_model import FEATURE, DataModel
from verifier.prover.indices import renamed
from verifier.prover.named_readout import Readout
from verifier.prover.setting_file import SymbolicSetting
from verifier.prover.steps import identity
from verifier.prover.theorem_file import Part, also, shows

# E(yy' | X) = XX' + sigma2 I and H (XX' + sigma2 I) = XX', so E y'H y = E tr XX' = E w'X'y. With
# w_ridge = (X'X + sigma2 I)^+ X'y, X w_ridge = H y, so w_ridge'X'y = y'H y. H is bounded, but the
# moments of the pseudo-inverse are infinite at sigma2 = 0 where n is near d.
HAT = also(arrays=[Hat("H", "X", "sigma2", "hat matrix of ridge regression")])
LAYER = "sum[j](B[i,j]*s[j]) + sum[j,l](A[j,i]*S[j,l]*a[l]) + b*q*c[i]"  # N' G omega


def hat_ratio(setting: str) -> Part:
    """eta = E[w_ridge'X'y] / E|X'y|^2 with the hat matrix of ridge, claim ``ridge-ratio``."""
    text = "E(sum[k,h](y[k]*H[k,h]*y[h])) = eta*E(sum[i](s[i]^2))"
    by = "E(sum[k](H_normal[k,k]))"
    return Part(
        "ratio",
        setting,
        {},
        shows("learning_rate"),
        more=HAT,
        steps=(identity("ridge-ratio", text, by),),
    )


def lemma(
    setting: str | SymbolicSetting,
    mean: DataModel,
    metric: str = "delta",
    inverse: str = "delta",
    readout: Readout | None = None,
    points: tuple[Point, ...] = (),
) -> Part:
    """L = E ||N' G omega - w_D||^2 + const for every layer, and eta as a ratio with w_D.

    ``mean`` declares w_D (`conditional_mean`); lengths are taken in the metric. Claims
    ``every-layer`` and ``tower``.
    """
    name = mean.arrays[0].name
    steps = every_layer(name, metric), ratio(name, inverse)
    return Part(
        "every layer",
        setting,
        {},
        more=mean,
        readout=readout,
        steps=steps,
        points=points,
        layer=True,
    )


def conditional_mean(name: str, of: str, sources: tuple[str, ...], value: str) -> DataModel:
    """``name`` = E[``of`` | D], by orthogonality; ``value`` is a function that has it."""
    gap = f"({of}[i] - {name}[i])"
    why = (
        f"{name} = E[{of} | D] satisfies what is given of {name}: {of} - E[{of} | D] is orthogonal "
        "to every function of the prompt D, which defines a conditional mean"
    )
    return also(
        arrays=(Function(name, (FEATURE,), sources, f"E[{of} | D]"),),
        given=(
            f"orthogonal_s: E({gap}*s[j]) = 0",
            f"orthogonal_S: E({gap}*S[j,l]) = 0",
            f"orthogonal_q: E({gap}*q) = 0",
        ),
        values=(f"{name}[i] = {value}",),
        assumptions=(why,),
    )


def every_layer(name: str, metric: str = "delta") -> Step:
    """L = E ||N' G omega - w_D||^2 + E yq^2 - E ||w_D||^2, lengths in the metric."""
    far, own = f"{LAYER} - {name}[i]", f"{name}[i]"
    why = (
        "sum[j](B[o,j]*orthogonal_s[i,j]) + sum[j,l](A[j,o]*a[l]*orthogonal_S[i,j,l])"
        " + b*c[o]*orthogonal_q[i]"
    )
    return identity(
        "every-layer",
        f"E((yq - yhat)^2) = E({_square(far, metric)}) + (E(yq^2) - E({_square(own, metric)}))",
        f"-2*sum[i,o]({metric}[i,o]*({why}))",
    )


def ratio(name: str, metric: str = "delta") -> Step:
    """E[w_D' X'y] = eta E[y'X M X'y] with the metric's inverse M, here by its name."""
    size = "sum[i](s[i]^2)" if metric == "delta" else f"sum[i,j](s[i]*{metric}[i,j]*s[j])"
    return identity(
        "tower", f"E(sum[i]({name}[i]*s[i])) = eta*E({size})", "-sum[i](orthogonal_s[i,i])"
    )


def _square(vector: str, metric: str) -> str:
    """The squared length of a vector with index i."""
    if metric == "delta":
        return f"sum[i](({vector})^2)"
    return f"sum[i,o](({vector})*{metric}[i,o]*({renamed(vector, {'i': 'o'})}))"
