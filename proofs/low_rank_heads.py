"""Heads of small rank: H heads with keys of dimension r are gradient descent in H r directions.

Stacked, the query matrices are a d x H r matrix; where H r <= d it is O U with orthonormal columns
O (QR). The layer predicts x'O p with p linear in G = sum v v'; w - eta s is uncorrelated with G, so
that in Theorem 1's setting, for all H, r and n,

    L = sigma2 + d - H r n eta + E |p - eta O's|^2,    eta = 1/(n + d + 1 + sigma2).

Every direction of every head buys n eta: only the product H r matters.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import low_rank_pair
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Sort, Tensor, Value
from verifier.proof.statements import (
    Attained,
    By,
    Conclude,
    Derive,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
)
from verifier.proof.statements import Claim as Statement
from verifier.prover.theorem_file import solved
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np

    from proofs.shared.population import Quadratic

LI = "new; one head of low rank in Li, Rawat, Oymak (2024), arXiv:2407.10005 (theorem not seen)"
CLAIMS = (
    Claim("decomposition", "L = L* + E |p - eta O's|^2, H heads of rank r, W_Q = O U", LI),
    Claim("bound", "L >= sigma2 + d - H r n eta, O'O = I", LI),
    Claim("equality", "L = L* only where p = eta O's almost surely", "new"),
    Claim("minimum", "For each such O: L* is the minimum over all other weights", LI),
    Claim("prediction", "Every minimiser predicts eta x'O O's: one step in a subspace", LI),
    Claim(
        "pair-decomposition",
        "Every pair: L = L* + three mean squares, L* by the H r largest eigenvalues of Lambda "
        "Gamma",
        LI,
    ),
    Claim("pair-bound", "Every pair: no H heads of rank r go below L*", LI),
    Claim("pair-equality", "Every pair: L = L* only where these three squares vanish", "new"),
    Claim("pair-prediction", "Unequal worth: every minimiser takes P's step in these H r", "new"),
    Claim("pair-attained", "Every pair: weights that reach L*", LI),
    Claim("pair-order", "n g^2/((n + 1) g + t) grows with the eigenvalue g", "new"),
    Claim("pair-enough", "H r >= d: H heads of rank r predict x'P s, for all data", "new"),
)

HEAD, ROW = "head", "row"
LOSS = "E((yq - yhat)^2)"
STEP = "eta*sum[i](O[i,m,p]*s[i])"


def context(rate: str) -> Context:
    """Theorem 1's prompts, H heads with r rows, W_Q = U O' stacked over heads and rows."""
    features, examples = Sort("feature", "d", tuple("ijlu")), Sort("example", "n", tuple("khg"))
    sizes = tuple(
        Scalar(name, Fraction(1), integer=True, meaning=meaning)
        for name, meaning in (("H", "heads"), ("r", "dimension of the keys of a head"))
    )
    return Context(
        sorts=(
            examples,
            features,
            Sort(HEAD, "H", ("m", "m1", "m2")),
            Sort(ROW, "r", ("p", "p1", "p2")),
        ),
        scalars=(*pencil.SIZES, *sizes),
        arrays=(
            *pencil.STANDARD,
            Tensor("O", ("feature", HEAD, ROW), "orthonormal columns"),
            Tensor("U", (HEAD, ROW, HEAD, ROW), "W_Q by these columns"),
            Tensor("a", (HEAD, "feature"), "first d entries of W_V' h"),
            Tensor("b", (HEAD,), "last entry of W_V' h"),
            Tensor("WKx", (HEAD, ROW, "feature"), "first d columns of W_K"),
            Tensor("WKy", (HEAD, ROW), "last column of W_K"),
        ),
        definitions=(
            *pencil.LINEAR_RESPONSES,
            pencil.STATISTICS[0],
            Definition("eta", (), rate, "learning rate"),
            Definition(
                "WQ", ("m", "p", "j"), "sum[m1,p1](U[m,p,m1,p1]*O[j,m1,p1])", "W_Q of each head"
            ),
            Definition("value", ("m", "k"), "sum[i](a[m,i]*X[k,i]) + b[m]*y[k]", "h' W_V v_k"),
            Definition(
                "key", ("m", "p", "k"), "sum[i](WKx[m,p,i]*X[k,i]) + WKy[m,p]*y[k]", "W_K v_k"
            ),
            Definition(
                "yhat",
                (),
                "sum[m,k,p](value[m,k]*key[m,p,k]*sum[j](WQ[m,p,j]*xq[j]))",
                "the layer's prediction",
            ),
            Definition(
                "part",
                ("m", "p"),
                "sum[m1,p1,k](U[m1,p1,m,p]*key[m1,p1,k]*value[m1,k])",
                "what the layer puts on a column of O",
            ),
        ),
        given=(Atom("ortho", "sum[i](O[i,m,p]*O[i,m1,p1])", "delta[m,m1]*delta[p,p1]"),),
        instances=(_instance(1), _instance(2)),
        assumptions=("QR: a d x k matrix with k <= d is O U with O'O = I",),
    )


def _instance(size: int) -> Point:
    """H = r = n = size and d = size^2, O the identity."""
    d = size * size
    pairs = list(itertools.product(range(size), repeat=2))
    columns = tuple(
        tuple(tuple(Fraction(pairs[i] == (m, p)) for p in range(size)) for m in range(size))
        for i in range(d)
    )
    sizes = {"n": size, "d": d, "sigma2": 1, "H": size, "r": size}
    zero = (
        Definition("U", ("m", "p", "m1", "p1"), "0"),
        Definition("a", ("m", "i"), "0"),
        Definition("b", ("m",), "0"),
        Definition("WKx", ("m", "p", "i"), "0"),
        Definition("WKy", ("m", "p"), "0"),
    )
    numbers = tuple(Value(name, Fraction(value)) for name, value in sizes.items())
    return Point((*numbers, Value("O", columns), *zero))


PARAMETERS = ("U", "a", "b", "WKx", "WKy")
ATTAINING = (
    Definition("U", ("m", "p", "m1", "p1"), "delta[m,m1]*delta[p,p1]"),
    Definition("a", ("m", "i"), "0"),
    Definition("b", ("m",), "1"),
    Definition("WKx", ("m", "p", "i"), "eta*O[i,m,p]"),
    Definition("WKy", ("m", "p"), "0"),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Theorem 1's rate is derived; the rest is one lifted bound."""
    rate = solved("", "isotropic").best.definitions[0].body
    value = claimed.get("minimum_loss", "sigma2 + d - H*r*n*eta")
    gap = f"part[m,p] - {STEP}"
    square = Square("1", gap, "gap")
    rest = (
        "sum[m,p,m1,p1](E(part[m,p]*part[m1,p1])*ortho[m,p,m1,p1]) - n*eta*sum[m,p](ortho[m,p,m,p])"
    )
    at = Atom("minimal", LOSS, value)
    case = (Atom("same", "part[m,p]", STEP),)
    predicted = Atom("prediction", "yhat", "eta*sum[i,j,m,p](xq[j]*O[j,m,p]*O[i,m,p]*s[i])")
    vanish = By(f"minimal - ({rest})")
    total = f"{value} + E(sum[m,p](({gap})^2))"
    converse = Derive(
        Atom("vanishes", gap),
        By("same[m,p]"),
        Conclude(0, {"minimal": By(f"({rest}) + E(sum[m,p](({gap})*vanishes[m,p]))")}),
    )
    steps = (
        pencil.identity_step("decomposition", LOSS, total, By(rest), claim="decomposition"),
        pencil.inequality_step("bound", LOSS, value, ">=", By(rest, squares=(square,)), "bound"),
        Step(
            "equality",
            Statement((at,), (case,)),
            Null((square,), vanish, Conclude(0, {"same": By("gap[m,p]")})),
            claim="equality",
        ),
        Step("converse", Statement(case, ((at,),)), converse),
        Step(
            "minimum",
            Minimum(LOSS, value, PARAMETERS, (case,)),
            Attained(0, ATTAINING),
            ("bound", "equality", "converse"),
            "minimum",
        ),
        Step(
            "prediction",
            Statement((at,), ((predicted,),)),
            Null(
                (square,),
                vanish,
                Conclude(0, {"prediction": By("sum[j,m,p](xq[j]*O[j,m,p]*gap[m,p])")}),
            ),
            claim="prediction",
        ),
    )
    results = {"learning_rate": rate, "minimum_loss": "sigma2 + d - H*r*n*eta"}
    results["pair_minimum_loss"] = low_rank_pair.VALUE
    proofs = (Proof("low rank", context(rate), steps), *low_rank_pair.proofs(claimed))
    return Derivation(proofs, results, (ATTAINING,))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over heads of each rank on exact moments."""
    progress("descending over heads of small rank")
    return (rank_table(given, options),)


def rank_table(given: Derivation, options: Options) -> Table:
    """It passes if the best of the descents is the minimum of the theorem with min(H r, d)."""
    import numpy as np
    from scipy.optimize import minimize

    from proofs.shared import evidence as _evidence
    from proofs.shared.evidence import number
    from proofs.shared.population import Case, Quadratic, gaussian

    rng = np.random.default_rng([options.seed, 47])
    rows, passed, noise = [], True, max(options.noises)
    for d, n, heads, rank in ((1, 2, 1, 1), (2, 2, 1, 1), (2, 1, 1, 1), (2, 2, 2, 1), (2, 1, 1, 2)):
        if d not in options.dimensions:
            continue
        at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
        eta = number(given.results["learning_rate"], at)
        sizes = {"H": Fraction(min(heads * rank, d)), "r": Fraction(1)}
        isotropic = float(number(given.results["minimum_loss"], {**at, "eta": eta, **sizes}))
        Lam, Gam = (_evidence.example_covariance(d, shift).array() for shift in (0, 1))
        t = float(np.trace(Lam @ Gam)) + float(noise)
        g = np.sort(np.linalg.eigvals(Lam @ Gam).real)[::-1][: heads * rank]
        pair = t - float(np.sum(n * g**2 / ((n + 1) * g + t)))
        size = heads * (2 * d + 1) * rank + heads * (d + 1)
        for kind, people, least in (
            ("I, I", gaussian(n, float(noise), np.eye(d), np.eye(d)), isotropic),
            ("pair", gaussian(n, float(noise), Lam, Gam), pair),
        ):
            form = Quadratic(Case((), people, 0.0, people.target))
            best = min(
                float(
                    minimize(
                        _ranked, 0.5 * rng.normal(size=size),
                        args=(form, heads, rank), method="BFGS",
                    ).fun
                )
                for _ in range(min(options.starts, 6))
            )  # fmt: skip
            passed &= abs(best - least) < 1e-5
            shown = (kind, str(d), str(n), str(heads), str(rank))
            rows.append((*shown, f"{least:.8g}", f"{best - least:+.1e}"))
    return Table(
        "Heads of small rank on exact moments",
        ("covariances", "d", "n", "H", "r", "L*", "best descent - L*"),
        tuple(rows),
        bool(passed),
        "prompts at the nodes of an exact Gauss-Hermite rule",
        ("bound", "minimum", "pair-bound", "pair-attained", "pair-enough"),
    )


def _ranked(theta: np.ndarray, form: Quadratic, heads: int, rank: int) -> float:
    """The loss of heads with W_K (r, d + 1), W_Q (r, d) and omega (d + 1)."""
    import numpy as np

    d = form.d
    keys, queries, omega = np.split(theta, np.cumsum([heads * rank * (d + 1), heads * rank * d]))
    N = np.einsum("hpk,hpj->hkj", keys.reshape(heads, rank, d + 1), queries.reshape(heads, rank, d))
    return form.loss(np.einsum("hkj,hl->jkl", N, omega.reshape(heads, d + 1)).ravel())


THEOREM = Theorem(
    id="low-rank-heads",
    title="Heads of small rank: only the product of heads and key dimension matters",
    source="this project; Li, Rawat, Oymak (2024), arXiv:2407.10005 (theorem not seen)",
    statement=(
        "For x_i, w ~ N(0, I), noise of variance sigma2 and H heads with keys of dimension r, "
        "H r <= d, the minimum is sigma2 + d - H r n/(n + d + 1 + sigma2), and every minimiser "
        "predicts eta x' Pi X'y with a projector Pi of rank H r: one step in a subspace. For x_i ~ "
        "N(0, Lambda), w ~ N(0, Gamma) it is t minus the sum of n g^2/((n + 1) g + t) over the H r "
        "largest eigenvalues g of Lambda Gamma, t = tr Lambda Gamma + sigma2; where the next one "
        "is smaller, every minimiser takes the step of the full layer in their directions."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "pair_minimum_loss"),
    numbers=("minimum_loss",),
)
