"""Gradient flow of the layer: what it conserves, a slice that it keeps, and its speed there.

yhat is linear in each of h, W_V, W_K, W_Q, so that their gradients are explicit. Products of
weights and gradients agree in pairs, for all tokens and at all weights; that is why the flow of any
loss of yhat conserves W_K W_K' - W_Q W_Q', W_V W_V' - h h' and |h|^2 - |W_K|^2. In Theorem 1's
setting a = 0, c = 0 is kept, and there |grad_A L|^2 = 4 kappa b^2 (L - L*): a Polyak-Lojasiewicz
identity, exact at every n, d and noise. From balanced multiples of I the readout beta I follows a
logistic curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import pair_flow
from verifier.proof.context import Atom, Context, Definition, Scalar, Sort, Tensor
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.theorem_file import solved
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np

ZHANG = "exact, with noise; a bound without noise: Zhang, Frei, Bartlett (2024), arXiv:2306.09927"
PAIRS = (
    "every pair, with noise; without noise and for one task covariance: Zhang, Frei, Bartlett "
    "(2024), arXiv:2306.09927 (theorem not seen in full)"
)
CLAIMS = (
    Claim("gradients", "yhat changes by these gradients in h, W_V, W_K, W_Q, exactly", "new"),
    Claim("keys-queries", "(grad W_K) W_K' = W_Q (grad W_Q)', for all tokens", "new"),
    Claim("values-head", "(grad W_V) W_V' = h (grad h)', for all tokens", "new"),
    Claim("norms", "h.(grad h) = <W_K, grad W_K> = yhat", "new"),
    Claim("invariant", "Every pair: at a = 0, c = 0 the slopes of L in a and c vanish", "new"),
    Claim("slice", "There L = L* + kappa |b A' - eta I|^2, kappa = n (n + d + 1 + sigma2)", "new"),
    Claim("slice-gradients", "There L changes by these gradients in A and b", "new"),
    Claim("lojasiewicz", "|grad_A L|^2 = 4 kappa b^2 (L - L*), exactly", ZHANG),
    Claim(
        "logistic",
        "A = alpha I, b = sqrt(d) alpha: the speed of beta = b alpha is "
        "4 n sqrt(d) beta (1 - beta/eta)",
        "new",
    ),
    Claim("pair-slice", "Every pair, a = c = 0: L = L* + tr Lambda D C D', D = b A' - P", "new"),
    Claim("pair-gradients", "There L changes by these gradients in A and b", "new"),
    Claim(
        "pair-lojasiewicz",
        "Lambda >= l I, C = E ss' >= e I: |grad_A L|^2 >= 4 b^2 l e (L - L*)",
        PAIRS,
    ),
    Claim("pair-distance", "The same: L - L* >= l e |D|^2", "new"),
    Claim("pair-balance", "b^2 = |A|^2 and |D| <= g: b^2 is not less than |P| - g", "new"),
    Claim("pair-rate", "b^2 >= |P| - g: |grad L|^2 >= 4 l e (|P| - g) (L - L*)", PAIRS),
)

TOKEN, ROW, EXAMPLE = "token", "row", "example"


def conserved_proof() -> Proof:
    """Tokens of any kind: gradients of yhat and their products with the weights."""
    matrices = tuple(
        Tensor(name, (ROW, TOKEN), meaning)
        for name, meaning in (
            ("WV", "value matrix"),
            ("WK", "key matrix"),
            ("WQ", "query matrix"),
            ("V", "a change of one of them"),
        )
    )
    context = Context(
        sorts=(
            Sort(EXAMPLE, "n", ("k", "k1")),
            Sort(TOKEN, "D", ("a", "b", "a1", "b1")),
            Sort(ROW, "r", ("p", "o", "p1")),
        ),
        scalars=tuple(
            Scalar(name, Fraction(1), integer=True, meaning=meaning)
            for name, meaning in (("n", "tokens"), ("D", "their entries"), ("r", "rows"))
        ),
        arrays=(
            Tensor("v", (EXAMPLE, TOKEN), "tokens, any numbers"),
            Tensor("q", (TOKEN,), "the query's token, any numbers"),
            Tensor("h", (ROW,), "head"),
            *matrices,
            Tensor("g", (ROW,), "a change of the head"),
        ),
        definitions=(
            Definition("value", ("k",), "sum[p,a](h[p]*WV[p,a]*v[k,a])", "h' W_V v_k"),
            Definition(
                "score", ("k",), "sum[p,a,b](WK[p,a]*v[k,a]*WQ[p,b]*q[b])", "(W_K v_k)' W_Q q"
            ),
            Definition("yhat", (), "sum[k](value[k]*score[k])", "the layer's prediction"),
            Definition("seen", ("a",), "sum[k](value[k]*v[k,a])", "tokens weighed by value"),
            Definition("read", ("a",), "sum[k](score[k]*v[k,a])", "tokens weighed by score"),
            Definition("GK", ("p", "a"), "sum[b](WQ[p,b]*q[b])*seen[a]", "gradient in W_K"),
            Definition("GQ", ("p", "b"), "sum[a](WK[p,a]*seen[a])*q[b]", "gradient in W_Q"),
            Definition("GV", ("p", "a"), "h[p]*read[a]", "gradient in W_V"),
            Definition("Gh", ("p",), "sum[a](WV[p,a]*read[a])", "gradient in h"),
        ),
    )
    forward = "sum[k](sum[p,a]({h}[p]*{V}[p,a]*v[k,a])*sum[p,a,b]({K}[p,a]*v[k,a]*{Q}[p,b]*q[b]))"
    own = {"h": "h", "V": "WV", "K": "WK", "Q": "WQ"}
    moved = {"K": "GK", "Q": "GQ", "V": "GV"}
    atoms = [
        Atom(f"linear_{x}", forward.format(**{**own, x: "V"}), f"sum[p,a](V[p,a]*{G}[p,a])")
        for x, G in moved.items()
    ]
    atoms.append(Atom("linear_h", forward.format(**{**own, "h": "g"}), "sum[p](g[p]*Gh[p])"))
    norms = (
        Atom("head_norm", "sum[p](h[p]*Gh[p])", "yhat"),
        Atom("key_norm", "sum[p,a](WK[p,a]*GK[p,a])", "yhat"),
    )
    steps = (
        _together("gradients", tuple(atoms)),
        pencil.identity_step(
            "keys-queries",
            "sum[a](GK[p,a]*WK[o,a])",
            "sum[a](WQ[p,a]*GQ[o,a])",
            claim="keys-queries",
        ),
        pencil.identity_step(
            "values-head", "sum[a](GV[p,a]*WV[o,a])", "h[p]*Gh[o]", claim="values-head"
        ),
        _together("norms", norms),
    )
    return Proof("any tokens", context, steps)


def _together(claim: str, atoms: tuple[Atom, ...]) -> Step:
    by = {atom.name: By() for atom in atoms}
    return Step(claim, Statement((), (atoms,)), Conclude(0, by), claim=claim)


PAIR = '[covariates]\ncovariance = "Lambda"\n[task]\ncovariance = "Gamma"\n'
ISOTROPIC = ""


def invariant_proof() -> Proof:
    """At a = 0, c = 0 the error is uncorrelated with what a and c would add."""
    model = solved(PAIR, "pair").setting.model
    bare = model.context()
    context = Context(
        sorts=bare.sorts,
        scalars=bare.scalars,
        arrays=(*bare.arrays, *_reduced()),
        definitions=(*bare.definitions, *solved(PAIR, "pair").main.layer.statistics, PREDICTION),
    )
    atoms = (
        Atom("in_a", "E((yq - plain)*sum[i,j](xq[j]*A[i,j]*S[i,l]))"),
        Atom("in_c", "E((yq - plain)*xq[j]*b*q)"),
    )
    return Proof("every pair", context, (_together("invariant", atoms),))


PREDICTION = Definition("plain", (), "b*sum[i,j](xq[j]*A[i,j]*s[i])", "prediction at a = 0, c = 0")


def _reduced() -> tuple[Tensor, ...]:
    return (
        Tensor("b", (), "weight of the responses"),
        Tensor("A", ("feature", "feature"), "block of W_K' W_Q"),
    )


def slice_proof(claimed: Mapping[str, str]) -> Proof:
    """The loss on a = 0, c = 0, its gradients, and the identities between them."""
    best = solved(ISOTROPIC, "isotropic")
    bare = best.setting.model.context()
    (eta,) = best.best.definitions
    rows = Tensor("V", ("feature", "feature"), "a change of A")
    context = Context(
        sorts=bare.sorts,
        scalars=bare.scalars,
        arrays=(
            *bare.arrays,
            *_reduced(),
            rows,
            Tensor("v", (), "a change of b"),
            Tensor("alpha", (), "A = alpha I"),
            Tensor("root", (), "the root of d"),
        ),
        definitions=(
            *bare.definitions,
            *best.main.layer.statistics,
            PREDICTION,
            eta,
            Definition("kappa", (), "n*(n + d + 1 + sigma2)", "kappa"),
            Definition("gap", ("i", "j"), f"b*A[j,i] - {eta.name}*delta[i,j]", "b A' - eta I"),
            Definition("GA", ("i", "j"), "2*kappa*b*gap[j,i]", "gradient in A"),
            Definition("Gb", (), "2*kappa*sum[i,j](gap[j,i]*A[i,j])", "gradient in b"),
        ),
    )
    least = best.setup().value
    loss = "E((yq - plain)^2)"
    other = "E((yq - ({b})*sum[i,j](xq[j]*({A})*s[i]))^2)"
    of_slice = claimed.get("slice", f"{least} + kappa*sum[i,j](gap[i,j]^2)")
    gradients = (
        Atom(
            "along_A",
            other.format(b="b", A="A[i,j] + V[i,j]"),
            f"{loss} + sum[i,j](GA[i,j]*V[i,j]) + kappa*b^2*sum[i,j](V[i,j]^2)",
        ),
        Atom(
            "along_b",
            other.format(b="b + v", A="A[i,j]"),
            f"{loss} + v*Gb + kappa*v^2*sum[i,j](A[i,j]^2)",
        ),
    )
    balanced = (
        Atom("multiple", "A[i,j]", "alpha*delta[i,j]"),
        Atom("balanced", "b", "root*alpha"),
        Atom("square", "root^2", "d"),
    )
    speed = "0 - alpha*Gb - b*sum[i](GA[i,i])/d"
    curve = f"4*n*root*(b*alpha)*(1 - b*alpha/{eta.name})"
    steps = (
        pencil.identity_step("slice", loss, of_slice, claim="slice"),
        _together("slice-gradients", gradients),
        pencil.identity_step(
            "lojasiewicz",
            "sum[i,j](GA[i,j]^2)",
            f"4*kappa*b^2*({loss} - ({least}))",
            claim="lojasiewicz",
        ),
        pencil.identity_step("logistic", speed, curve, _logistic(), balanced, "logistic"),
    )
    return Proof("the slice", context, steps)


def _logistic() -> By:
    """-alpha Gb - b tr(GA)/d with A = alpha I, then b^2 = d alpha^2 and b = root alpha.

    With gap = (b alpha - eta) I it is 2 kappa (eta - b alpha)(d alpha^2 + b^2).
    """
    eta = "eta"
    trace = "sum[i](multiple[i,i])"
    first = (
        f"0 - 2*kappa*alpha*(b*sum[i,j](multiple[i,j]*(A[i,j] + alpha*delta[i,j])) - {eta}*{trace})"
    )
    second = f"0 - 2*kappa*b^2*b*{trace}/d"
    side = f"2*kappa*({eta} - b*alpha)"
    bend = f"{side}*(balanced*(b - root*alpha) - alpha^2*square)"
    return By(f"({first}) + ({second}) + {bend}")


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write the three proofs."""
    rate = solved(ISOTROPIC, "isotropic").best.definitions[0].body
    slices = (slice_proof(claimed), pair_flow.proof(_reduced()))
    proofs = (conserved_proof(), invariant_proof(), *slices)
    zero = (Definition("b", (), "0"), Definition("A", ("i", "j"), "0"))
    return Derivation(proofs, {"learning_rate": rate}, (zero,))


def evidence(_given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The flow of a sample's loss, integrated with numerical gradients."""
    progress("integrating the gradient flow of all weights")
    return (flow_table(options), pair_flow.rate_table(options))


def flow_table(options: Options) -> Table:
    """It passes if the three quantities drift by less than 1e-6 while the loss falls."""
    import numpy as np

    rng = np.random.default_rng([options.seed, 45])
    rows, passed = [], True
    for d in options.dimensions[:2]:
        D, n, prompts = d + 1, 3, 40
        tokens = rng.normal(size=(prompts, n, D))
        query = np.concatenate([rng.normal(size=(prompts, d)), np.zeros((prompts, 1))], axis=1)
        target = rng.normal(size=prompts)
        sample = _Sample(tokens, query, target)
        theta = 0.3 * rng.normal(size=D + 3 * D * D)
        before, start = sample.conserved(theta), sample.loss(theta)
        for _ in range(60):
            theta = _runge_kutta(sample.loss, theta, 0.02)
        drift = max(float(np.abs(x - y).max()) for x, y in
                    zip(before, sample.conserved(theta), strict=True))  # fmt: skip
        end = sample.loss(theta)
        passed &= drift < 1e-6 and end < start - 1e-4
        rows.append((str(d), f"{start:.6g}", f"{end:.6g}", f"{drift:.1e}"))
    return Table(
        "Gradient flow of W_K, W_Q, W_V, h on a sample",
        ("d", "loss at the start", "loss at the end", "largest drift"),
        tuple(rows),
        bool(passed),
        "Runge-Kutta of order 4 with central differences; random tokens and targets",
        ("keys-queries", "values-head", "norms"),
    )


@dataclass(frozen=True)
class _Sample:
    """Prompts and targets; theta is h, W_V, W_K, W_Q in a row."""

    tokens: np.ndarray
    query: np.ndarray
    target: np.ndarray

    def parts(self, theta: np.ndarray) -> tuple[np.ndarray, ...]:
        """h (D,), W_V, W_K and W_Q (D, D)."""
        D = self.query.shape[1]
        W_V, W_K, W_Q = theta[D:].reshape(3, D, D)
        return theta[:D], W_V, W_K, W_Q

    def loss(self, theta: np.ndarray) -> float:
        """The mean squared error of the layer."""
        import numpy as np

        h, W_V, W_K, W_Q = self.parts(theta)
        scores = np.einsum("Nka,Na->Nk", self.tokens @ W_K.T, self.query @ W_Q.T)
        predicted = np.sum(scores * (self.tokens @ W_V.T @ h), axis=1)
        return float(np.mean((self.target - predicted) ** 2))

    def conserved(self, theta: np.ndarray) -> tuple[np.ndarray, ...]:
        """W_K W_K' - W_Q W_Q', W_V W_V' - h h' and |h|^2 - |W_K|^2."""
        import numpy as np

        h, W_V, W_K, W_Q = self.parts(theta)
        norms = np.array(float(h @ h) - float(np.sum(W_K**2)))
        return W_K @ W_K.T - W_Q @ W_Q.T, W_V @ W_V.T - np.outer(h, h), norms


def _runge_kutta(loss: Callable[[np.ndarray], float], theta: np.ndarray, step: float) -> np.ndarray:
    """One step of the flow theta' = -grad loss."""
    import numpy as np

    def slope(at: np.ndarray) -> np.ndarray:
        moves = 1e-5 * np.eye(len(at))
        return np.array([(loss(at - m) - loss(at + m)) / 2e-5 for m in moves])

    first = slope(theta)
    second = slope(theta + step / 2 * first)
    third = slope(theta + step / 2 * second)
    last = slope(theta + step * third)
    found: np.ndarray = theta + step / 6 * (first + 2 * second + 2 * third + last)
    return found


THEOREM = Theorem(
    id="gradient-flow",
    title="What gradient flow conserves, and its exact speed on an invariant slice",
    source="this project; the slice in Zhang, Frei, Bartlett (2024), arXiv:2306.09927",
    statement=(
        "For all tokens, the gradients of the prediction satisfy (grad W_K) W_K' = W_Q (grad "
        "W_Q)', (grad W_V) W_V' = h (grad h)' and h.(grad h) = <W_K, grad W_K>. In Theorem 1's "
        "setting, on a = 0, c = 0: |grad_A L|^2 = 4 kappa b^2 (L - L*) exactly. For every pair and "
        "balanced weights b^2 = |A|^2 there, with L0 - L* = l e g^2 and g < |P|, |grad L|^2 >= 4 l "
        "e (|P| - g) (L - L*) as long as L <= L0; with Grönwall's lemma, named and not checked, L "
        "falls to L* at that exponential rate."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("slice",),
    numbers=(),
)
