"""Vector responses: as many scalar problems as outputs, all solved by one head.

Responses y_k in R^m with independent normal tasks, one for each output; a head reads and writes
tokens (x, y) of d + m entries and an output matrix takes the place of the vector h. The error of
eta x's_o, s_o = X'y_o, is orthogonal to all that is linear in G = sum v v', so the loss is m times
Theorem 1's minimum and the mean squared distance to these m steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

from proofs.shared import layer as pencil
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Normal,
    Point,
    Scalar,
    Sort,
    Tensor,
    Value,
)
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

CLAIMS = (
    Claim("decomposition", "L = L* + sum over outputs of E (yhat_o - eta x's_o)^2, H heads", "new"),
    Claim("bound", "L >= m (d + sigma2 - n d eta), H heads", "new"),
    Claim("equality", "L = L* only where yhat_o = eta x's_o for every output", "new"),
    Claim("minimum", "L* is the minimum for every number of heads, m times Theorem 1's", "new"),
    Claim("prediction", "Every global minimiser predicts eta x'X'Y", "new"),
    Claim("pair-decomposition", "Every pair: L = L* + mean squared distances to x'P s_o", "new"),
    Claim("pair-bound", "Every pair, H heads: L >= m times the minimum of one response", "new"),
    Claim("pair-equality", "Every pair: L = L* only where yhat_o = x'P s_o for every o", "new"),
    Claim("pair-minimum", "Every pair: that is the minimum for every number of heads", "new"),
    Claim("pair-prediction", "Every pair: every global minimiser predicts x'P X'Y", "new"),
)

FEATURE, OUTPUT, HEAD = "feature", "output", "head"
LOSS = "E(sum[o]((yq[o] - yhat[o])^2))"
STEP = "eta*sum[i](xq[i]*s[i,o])"
SPACE = {"x": (FEATURE, ("i", "l")), "y": (OUTPUT, ("o", "o1"))}
"""For the two parts of a token: the sort, and the letters of columns and rows."""
WEIGHTS = (
    *(Tensor(f"h{part}", (HEAD, SPACE[part][0], OUTPUT), "output matrix") for part in "xy"),
    *(
        Tensor(f"{name}{row}{column}", (HEAD, SPACE[row][0], SPACE[column][0]), f"block of {name}")
        for name in ("WV", "WK", "WQ")
        for row in "xy"
        for column in "xy"
    ),
)


def _read(name: str, row: str, x: str, y: str) -> str:
    """A block row of W applied to a token (x[i], y[o2])."""
    letter = {"x": "l", "y": "o1"}[row]
    return f"sum[i]({name}{row}x[m,{letter},i]*{x}) + sum[o2]({name}{row}y[m,{letter},o2]*{y})"


SORTS = (
    Sort("example", "n", ("k", "k1")),
    Sort(FEATURE, "d", ("i", "j", "l", "u", "i1", "i2", "i3", "i4")),
    Sort(OUTPUT, "outputs", ("o", "o1", "o2", "o3")),
    Sort(HEAD, "H", ("m", "m1")),
)
SCALARS = (
    *pencil.SIZES,
    Scalar("outputs", Fraction(1), integer=True, meaning="number of outputs"),
    Scalar("H", Fraction(1), integer=True, meaning="heads"),
)
NOISES = (
    Normal("e", ("example", OUTPUT), "sigma2", "noise of the examples"),
    Normal("eq", (OUTPUT,), "sigma2", "noise of the query's responses"),
)
RESPONSES = (
    Definition("y", ("k", "o"), "sum[i](X[k,i]*w[i,o]) + e[k,o]", "responses"),
    Definition("yq", ("o",), "sum[i](xq[i]*w[i,o]) + eq[o]", "the targets"),
    Definition("s", ("i", "o"), "sum[k](X[k,i]*y[k,o])", "X' Y"),
)


def forward() -> tuple[Definition, ...]:
    """The forward pass of H heads in blocks."""
    value = (
        f"sum[l](hx[m,l,o]*({_read('WV', 'x', 'X[k,i]', 'y[k,o2]')}))"
        f" + sum[o1](hy[m,o1,o]*({_read('WV', 'y', 'X[k,i]', 'y[k,o2]')}))"
    )
    score = " + ".join(
        f"sum[{letter}](({_read('WK', row, 'X[k,i]', 'y[k,o2]')})"
        f"*({_read('WQ', row, 'xq[i]', '0')}))"
        for row, letter in (("x", "l"), ("y", "o1"))
    )
    return (
        Definition("value", ("m", "o", "k"), value, "H' W_V v_k"),
        Definition("score", ("m", "k"), score, "(W_K v_k)' W_Q v_{n+1}"),
        Definition("yhat", ("o",), "sum[m,k](value[m,o,k]*score[m,k])", "the prediction"),
    )


def context(rate: str) -> Context:
    """Theorem 1's prompts with an output index, and H heads in blocks."""
    return Context(
        sorts=SORTS,
        scalars=SCALARS,
        arrays=(
            Normal("X", ("example", FEATURE), meaning="covariates of the examples"),
            Normal("w", (FEATURE, OUTPUT), meaning="one task for each output"),
            Normal("xq", (FEATURE,), meaning="query"),
            *NOISES,
            *WEIGHTS,
        ),
        definitions=(*RESPONSES, Definition("eta", (), rate, "learning rate"), *forward()),
    )


PAIR_STEP = "sum[i,j](xq[i]*P[i,j]*s[j,o])"
PAIR_VALUE = "t - n*sum[i,j,l,u](Lambda[i,j]*P[j,l]*Lambda[l,u]*Gamma[u,i])"


def pair_context() -> Context:
    """x = F z, one task G z_o for each output, and the readout P of a single response."""
    square = (FEATURE, FEATURE)
    names = ("F", "Fi", "G", "Gi", "P", "K")
    meanings = ("Lambda = F F'", "its inverse", "Gamma = G G'", "its inverse", "readout", "P^-1")
    covariance = {"Lambda": "F[i,l]*F[j,l]", "Gamma": "G[i,l]*G[j,l]", "Gammai": "Gi[l,i]*Gi[l,j]"}
    inverses = (("F", "Fi"), ("Fi", "F"), ("G", "Gi"), ("Gi", "G"), ("P", "K"), ("K", "P"))
    return Context(
        sorts=SORTS,
        scalars=SCALARS,
        arrays=(
            Normal("Z", ("example", FEATURE), meaning="whitened covariates of the examples"),
            Normal("z", (FEATURE, OUTPUT), meaning="whitened tasks"),
            Normal("zq", (FEATURE,), meaning="whitened query"),
            *NOISES,
            *(Tensor(name, square, what) for name, what in zip(names, meanings, strict=True)),
            *WEIGHTS,
        ),
        definitions=(
            *(Definition(x, ("i", "j"), f"sum[l]({body})", x) for x, body in covariance.items()),
            Definition("t", (), "sum[i,j](Lambda[i,j]*Gamma[i,j]) + sigma2", "tr + sigma2"),
            Definition("X", ("k", "i"), "sum[j](F[i,j]*Z[k,j])", "covariates of the examples"),
            Definition("xq", ("i",), "sum[j](F[i,j]*zq[j])", "query"),
            Definition("w", ("i", "o"), "sum[j](G[i,j]*z[j,o])", "one task for each output"),
            *RESPONSES,
            *forward(),
        ),
        given=(
            *(Atom(f"{a}_{b}", f"sum[j]({a}[i,j]*{b}[j,l])", "delta[i,l]") for a, b in inverses),
            Atom("optimal", "K[i,j]", "(n + 1)*Lambda[i,j] + t*Gammai[i,j]"),
        ),
        instances=(_instance(1), _instance(2)),
        assumptions=("Cholesky: a positive definite matrix is F F' with F square and invertible",),
    )


def _instance(size: int) -> Point:
    """All sizes alike, sigma2 = 1, Lambda = Gamma = I: t = size + 1, K = 2 t I; weights 0."""
    t = Fraction(size + 1)
    sizes = dict.fromkeys(("n", "d", "outputs", "H"), Fraction(size)) | {"sigma2": Fraction(1)}
    unit = dict.fromkeys(("F", "Fi", "G", "Gi"), Fraction(1)) | {"K": 2 * t, "P": 1 / (2 * t)}
    zero = (Definition(x.name, x.parameters, "0") for x in _attaining())
    return Point(
        (
            *(Value(name, x) for name, x in sizes.items()),
            *(Definition(name, ("i", "j"), f"{x}*delta[i,j]") for name, x in unit.items()),
            *zero,
        )
    )


def _pair_rest() -> str:
    """L - m L* - the mean squares, by the equation of P."""
    a = "(sum[l](hx[m,l,o]*WVxx[m,l,j]) + sum[o1](hy[m,o1,o]*WVyx[m,o1,j]))"
    b = "(sum[l](hx[m,l,o]*WVxy[m,l,o]) + sum[o1](hy[m,o1,o]*WVyy[m,o1,o]))"
    A = "(sum[l](WKxx[m,l,j]*WQxx[m,l,i]) + sum[o1](WKyx[m,o1,j]*WQyx[m,o1,i]))"
    c = "(sum[l](WKxy[m,l,o]*WQxx[m,l,i]) + sum[o1](WKyy[m,o1,o]*WQyx[m,o1,i]))"
    wrong = "sum[i1,i2,i3,i4](Lambda[i,i1]*P[i1,i2]*optimal[i2,i3]*Gamma[i3,i4]*Lambda[i4,j])"
    return f"n*sum[i,j]((outputs*P[i,j] - sum[o,m](2*({b}*{A} + {a}*{c})))*{wrong})"


def _attaining(readout: str = "eta/H*delta[l,i]") -> tuple[Definition, ...]:
    """Each head: W_V and W_K the identity, its output matrix reads y, W_Q has this block."""
    bodies = {
        "hy": "delta[o1,o]",
        "WVyy": "delta[o1,o2]",
        "WKxx": "delta[l,i]",
        "WQxx": readout,
    }
    letters = {FEATURE: "l", OUTPUT: "o1"}, {FEATURE: "i", OUTPUT: "o2"}
    found = []
    for weight in WEIGHTS:
        rows, columns = letters
        last = "o" if weight.name in ("hx", "hy") else columns[weight.sorts[2]]
        own = ("m", rows[weight.sorts[1]], last)
        found.append(Definition(weight.name, own, bodies.get(weight.name, "0")))
    return tuple(found)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Theorem 1's rate and minimum are derived; the rest is one lifted bound, twice."""
    best = solved("", "isotropic")
    rate, one = best.best.definitions[0].body, best.setup().value
    value = claimed.get("minimum_loss", f"outputs*({one})")
    pair = claimed.get("pair_minimum_loss", f"outputs*({PAIR_VALUE})")
    attaining = _attaining()
    shared = _attaining("P[i,l]/H")
    proofs = (
        Proof("vector responses", context(rate), _steps(value, STEP, "0", attaining, "")),
        Proof(
            "vector responses, every pair",
            pair_context(),
            _steps(pair, PAIR_STEP, _pair_rest(), shared, "pair-"),
        ),
    )
    results = {
        "learning_rate": rate,
        "minimum_loss": f"outputs*({one})",
        "pair_minimum_loss": f"outputs*({PAIR_VALUE})",
    }
    return Derivation(proofs, results, (attaining,))


def _steps(
    value: str, step: str, rest: str, attaining: tuple[Definition, ...], prefix: str
) -> tuple[Step, ...]:
    """The lifted bound, its equality case, the minimum and the prediction."""
    gap = f"yhat[o] - {step}"
    square = Square("1", gap, "gap")
    at, case = Atom("minimal", LOSS, value), (Atom("same", "yhat[o]", step),)
    vanish = By(f"minimal - ({rest})")
    converse = Derive(
        Atom("vanishes", gap),
        By("same[o]"),
        Conclude(0, {"minimal": By(f"{rest} + E(sum[o](({gap})*vanishes[o]))")}),
    )
    claim = {x: prefix + x for x in ("decomposition", "bound", "equality", "minimum", "prediction")}
    return (
        pencil.identity_step(
            "decomposition",
            LOSS,
            f"{value} + E(sum[o](({gap})^2))",
            By(rest),
            claim=claim["decomposition"],
        ),
        pencil.inequality_step(
            "bound", LOSS, value, ">=", By(rest, squares=(square,)), claim["bound"]
        ),
        Step(
            "equality",
            Statement((at,), (case,)),
            Null((square,), vanish, Conclude(0, {"same": By("gap[o]")})),
            claim=claim["equality"],
        ),
        Step("converse", Statement(case, ((at,),)), converse),
        Step(
            "minimum",
            Minimum(LOSS, value, tuple(weight.name for weight in WEIGHTS), (case,)),
            Attained(0, attaining),
            ("bound", "equality", "converse"),
            claim["minimum"],
        ),
        Step(
            "prediction",
            Statement((at,), ((Atom("prediction", "yhat[o]", step),),)),
            Null((square,), vanish, Conclude(0, {"prediction": By("gap[o]")})),
            claim=claim["prediction"],
        ),
    )


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Least squares of two outputs over all that tokens of d + 2 entries can say."""
    progress("least squares of two outputs")
    return (least_squares_table(given, options),)


def least_squares_table(given: Derivation, options: Options) -> Table:
    """It passes if least squares over x (x) G has the minimum, and predicts the m steps."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.evidence import number
    from proofs.shared.population import nodes

    rows, passed, noise = [], True, max(options.noises)
    for kind, d, n in product(("I, I", "pair"), (1, 2), (1, 2)):
        if d not in options.dimensions or d * n > 2:
            continue
        covariances = [np.eye(d)] * 2
        if kind == "pair":
            covariances = [_evidence.example_covariance(d, shift).array() for shift in (0, 1)]
        Lam, Gam = covariances
        F, root = map(np.linalg.cholesky, covariances)
        shapes = {"X": ((n, d), 3), "w": ((d, 2), 3), "q": ((d,), 2), "e": ((n, 2), 3)}
        weight, at = nodes(shapes)
        X, w = at["X"] @ F.T, np.einsum("ij,Njo->Nio", root, at["w"])
        query = at["q"] @ F.T
        y = np.einsum("Nki,Nio->Nko", X, w) + np.sqrt(float(noise)) * at["e"]
        v = np.concatenate([X, y], axis=2)
        G = np.einsum("Nka,Nkb->Nab", v, v)
        features = np.einsum("Ni,Nab->Niab", query, G).reshape(len(weight), -1)
        target = np.einsum("Ni,Nio->No", query, w)
        scale = np.sqrt(weight)[:, None]
        T = np.linalg.lstsq(scale * features, scale * target, rcond=None)[0]
        t = float(np.trace(Lam @ Gam)) + float(noise)
        P = np.linalg.inv((n + 1) * Lam + t * np.linalg.inv(Gam))
        least = 2 * (t - n * float(np.trace(Lam @ P @ Lam @ Gam)))
        found = float(weight @ np.sum((target - features @ T) ** 2, axis=1)) + 2 * float(noise)
        steps = np.einsum("Ni,ij,Nkj,Nko->No", query, P, X, y)
        off = float(np.sqrt(weight @ np.sum((features @ T - steps) ** 2, axis=1)))
        passed &= abs(found - least) < 1e-8 and off < 1e-6
        if kind == "I, I":
            scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise, "outputs": Fraction(2)}
            passed &= abs(float(number(given.results["minimum_loss"], scalars)) - least) < 1e-9
        rows.append((kind, str(d), str(n), f"{least:.8g}", f"{found - least:+.1e}", f"{off:.1e}"))
    return Table(
        "Two outputs on exact moments",
        ("covariances", "d", "n", "L*", "least squares - L*", "rms yhat - steps"),
        tuple(rows),
        bool(passed),
        "prompts at the nodes of an exact Gauss-Hermite rule",
        ("bound", "minimum", "prediction", "pair-bound", "pair-minimum", "pair-prediction"),
    )


THEOREM = Theorem(
    id="vector-responses",
    title="Vector responses: one head takes one step for every output",
    source="this project",
    statement=(
        "For x_i ~ N(0, I), m independent tasks w_o ~ N(0, I) and noise of variance sigma2, every "
        "global minimiser of H heads of linear self-attention on tokens (x, y), y in R^m, predicts "
        "eta x_{n+1}' X' Y with Theorem 1's eta, and the minimum is m times Theorem 1's. For x_i ~ "
        "N(0, Lambda), w_o ~ N(0, Gamma) it is x_{n+1}' P X' Y with the P of one response."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "pair_minimum_loss"),
    numbers=("minimum_loss",),
)
