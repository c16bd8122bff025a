"""How many heads the mean of the tasks needs without noise: d, and no fewer.

For x ~ N(0, I), w ~ N(mu, I) and no noise the best prediction is x'(eta sv + mu tr S/(n d + 2)),
sv = s - S mu. Heads with omega = e_1, ..., e_d make it. With H < d heads some direction is read by
no head: there the quadratic form of S is 0 and not a multiple of mu.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Definition, Normal, Tensor
from verifier.proof.statements import By, Claim, Conclude, Null, Proof, Square, Step
from verifier.prover.data_model import FEATURE, Sizes
from verifier.prover.layer import DIMENSION_HEADS, Layer, LayerOptions, layer
from verifier.prover.used_letters import with_used_letters

RATE, SHARE = "1/(n + d + 1)", "1/(n*d + 2)"
DATA = (
    Normal("xq", (FEATURE,), meaning="query"),
    Normal("X", ("example", FEATURE), meaning="covariates of the examples"),
    Normal("z", (FEATURE,), meaning="task, less its mean"),
    Tensor("mu", (FEATURE,), "mean of the tasks"),
)
RESPONSES = (
    Definition("w", ("i",), "z[i] + mu[i]", "task vector"),
    Definition("y", ("k",), "sum[i](X[k,i]*w[i])", "responses of the examples"),
    Definition("yq", (), "sum[i](xq[i]*w[i])", "response of the query, the target"),
)
BEST = (
    Definition("sv", ("i",), "s[i] - sum[j](S[i,j]*mu[j])", "X'(y - X mu)"),
    Definition(
        "best",
        (),
        f"{RATE}*sum[i](xq[i]*sv[i]) + {SHARE}*sum[i](S[i,i])*sum[i](xq[i]*mu[i])",
        "the best prediction",
    ),
)
VALUE = f"d - n*d*{RATE} + 2*{SHARE}*sum[i](mu[i]^2)"


def proofs() -> tuple[Proof, ...]:
    """d heads that reach the bound, and a direction that no head reads."""
    return (_reached(), _unread())


def _context(own: Layer, values: tuple[Definition, ...], more: tuple[Tensor, ...]) -> Context:
    """Noiseless prompts, a layer, and the best prediction."""
    given = {one.name for one in values}
    sizes = Sizes()
    return Context(
        sorts=(*sizes.sorts(), *own.sorts),
        scalars=(*sizes.scalars(), *own.scalars),
        arrays=(*DATA, *more, *(x for x in own.weights if x.name not in given)),
        definitions=(*RESPONSES, *own.statistics, *values, *own.definitions, *BEST),
    )


TAKEN = frozenset(("X", "y", "xq", "yq", "z", "mu", "w", "sv", "best", "x"))


def _reached() -> Proof:
    """One more head than needed, of weights 0, and omega = e_1, ..., e_d."""
    own = layer(LayerOptions(DIMENSION_HEADS), "", TAKEN)
    h = own.groups[1].index
    second = f"{SHARE}*mu[j]*delta[i,{h}] - {RATE}*delta[j,i]*mu[{h}]"
    values = own.realised({}, {"a": f"delta[{h},l]", "A": second, "c": f"{RATE}*delta[j,{h}]"})
    step = pencil.identity_step("few-enough", pencil.LOSS, VALUE, claim="few-enough")
    return with_used_letters(Proof("no noise, d heads", _context(own, values, ()), (step,)))


def _unread() -> Proof:
    """x with (a_h + b_h mu)'x = 0 for every head, |x| = 1: mu = 0 where L = L*."""
    own = layer(LayerOptions("H"), "", TAKEN)
    given = (
        Atom("minimal", pencil.LOSS, VALUE),
        Atom("unread", "sum[l]((a[m,l] + b[m]*mu[l])*x[l])"),
        Atom("unit", "sum[l](x[l]^2)", "1"),
    )
    gap, length = Square("1", "yhat - best", "gap"), "sum[i](x[i]^2)"
    spread = "(sum[k]((sum[i](X[k,i]*z[i]))^2) - sum[i](S[i,i]))"
    energy = f"E(gap*xq[j]*{spread})/(2*n*d*(n + d + 1))"
    along = f"(sum[i,l](S[i,l]*x[i]*x[l]) - n*{length})"
    read = "sum[m](sum[i]((A[m,i,j] + mu[i]*c[m,j])*x[i])*unread[m])"
    none = By(
        f"{energy}*{length} + {read} - E(gap*xq[j]*{along})/(2*n) - {SHARE}*mu[j]*unit", SHARE
    )
    step = Step(
        "few-needed",
        Claim(given, ((Atom("none", "mu[j]"),),)),
        Null((gap,), By("minimal"), Conclude(0, {"none": none})),
        claim="few-needed",
    )
    direction = Tensor("x", (FEATURE,), "a direction that no head reads")
    lemma = "fewer than d vectors in R^d leave a direction x, |x| = 1, orthogonal to all of them"
    context = replace(_context(own, (), (direction,)), assumptions=(lemma,))
    return with_used_letters(Proof("no noise, a direction unread", context, (step,)))
