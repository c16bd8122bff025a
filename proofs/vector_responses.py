"""Vector responses: as many scalar problems as outputs, all solved by one head.

Responses y_k in R^m with independent normal tasks, one for each output; a head reads and writes
tokens (x, y) of d + m entries and an output matrix takes the place of the vector h. The error of
eta x's_o, s_o = X'y_o, is orthogonal to all that is linear in G = sum v v', so the loss is m times
Theorem 1's minimum and the mean squared distance to these m steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Definition, Normal, Scalar, Sort, Tensor
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


def context(rate: str) -> Context:
    """Theorem 1's prompts with an output index, and H heads in blocks."""
    value = (
        f"sum[l](hx[m,l,o]*({_read('WV', 'x', 'X[k,i]', 'y[k,o2]')}))"
        f" + sum[o1](hy[m,o1,o]*({_read('WV', 'y', 'X[k,i]', 'y[k,o2]')}))"
    )
    score = " + ".join(
        f"sum[{letter}](({_read('WK', row, 'X[k,i]', 'y[k,o2]')})"
        f"*({_read('WQ', row, 'xq[i]', '0')}))"
        for row, letter in (("x", "l"), ("y", "o1"))
    )
    return Context(
        sorts=(
            Sort("example", "n", ("k", "k1")),
            Sort(FEATURE, "d", ("i", "j", "l", "u")),
            Sort(OUTPUT, "outputs", ("o", "o1", "o2", "o3")),
            Sort(HEAD, "H", ("m", "m1")),
        ),
        scalars=(
            *pencil.SIZES,
            Scalar("outputs", Fraction(1), integer=True, meaning="number of outputs"),
            Scalar("H", Fraction(1), integer=True, meaning="heads"),
        ),
        arrays=(
            Normal("X", ("example", FEATURE), meaning="covariates of the examples"),
            Normal("w", (FEATURE, OUTPUT), meaning="one task for each output"),
            Normal("e", ("example", OUTPUT), "sigma2", "noise of the examples"),
            Normal("xq", (FEATURE,), meaning="query"),
            Normal("eq", (OUTPUT,), "sigma2", "noise of the query's responses"),
            *WEIGHTS,
        ),
        definitions=(
            Definition("y", ("k", "o"), "sum[i](X[k,i]*w[i,o]) + e[k,o]", "responses"),
            Definition("yq", ("o",), "sum[i](xq[i]*w[i,o]) + eq[o]", "the targets"),
            Definition("s", ("i", "o"), "sum[k](X[k,i]*y[k,o])", "X' Y"),
            Definition("eta", (), rate, "learning rate"),
            Definition("value", ("m", "o", "k"), value, "H' W_V v_k"),
            Definition("score", ("m", "k"), score, "(W_K v_k)' W_Q v_{n+1}"),
            Definition("yhat", ("o",), "sum[m,k](value[m,o,k]*score[m,k])", "the prediction"),
        ),
    )


def _attaining() -> tuple[Definition, ...]:
    """Each head: W_V and W_K the identity, its output matrix and W_Q read y and make eta I/H."""
    bodies = {
        "hy": "delta[o1,o]",
        "WVyy": "delta[o1,o2]",
        "WKxx": "delta[l,i]",
        "WQxx": "eta/H*delta[l,i]",
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
    """Theorem 1's rate and minimum are derived; the rest is one lifted bound."""
    best = solved("", "isotropic")
    rate, one = best.best.definitions[0].body, best.setup().value
    value = claimed.get("minimum_loss", f"outputs*({one})")
    gap = f"yhat[o] - {STEP}"
    square = Square("1", gap, "gap")
    at, case = Atom("minimal", LOSS, value), (Atom("same", "yhat[o]", STEP),)
    converse = Derive(
        Atom("vanishes", gap),
        By("same[o]"),
        Conclude(0, {"minimal": By(f"E(sum[o](({gap})*vanishes[o]))")}),
    )
    attaining = _attaining()
    steps = (
        pencil.identity_step(
            "decomposition", LOSS, f"{value} + E(sum[o](({gap})^2))", claim="decomposition"
        ),
        pencil.inequality_step("bound", LOSS, value, ">=", By(squares=(square,)), "bound"),
        Step(
            "equality",
            Statement((at,), (case,)),
            Null((square,), By("minimal"), Conclude(0, {"same": By("gap[o]")})),
            claim="equality",
        ),
        Step("converse", Statement(case, ((at,),)), converse),
        Step(
            "minimum",
            Minimum(LOSS, value, tuple(weight.name for weight in WEIGHTS), (case,)),
            Attained(0, attaining),
            ("bound", "equality", "converse"),
            "minimum",
        ),
        Step(
            "prediction",
            Statement((at,), ((Atom("prediction", "yhat[o]", STEP),),)),
            Null((square,), By("minimal"), Conclude(0, {"prediction": By("gap[o]")})),
            claim="prediction",
        ),
    )
    results = {"learning_rate": rate, "minimum_loss": f"outputs*({one})"}
    return Derivation((Proof("vector responses", context(rate), steps),), results, (attaining,))


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Least squares of two outputs over all that tokens of d + 2 entries can say."""
    progress("least squares of two outputs")
    return (least_squares_table(given, options),)


def least_squares_table(given: Derivation, options: Options) -> Table:
    """It passes if least squares over x (x) G has the minimum, and predicts the m steps."""
    import numpy as np

    from proofs.shared.evidence import number
    from proofs.shared.population import nodes

    rows, passed, noise = [], True, max(options.noises)
    for d, n in ((1, 1), (1, 2), (2, 1)):
        if d not in options.dimensions:
            continue
        shapes = {"X": ((n, d), 3), "w": ((d, 2), 3), "q": ((d,), 2), "e": ((n, 2), 3)}
        weight, at = nodes(shapes)
        y = np.einsum("Nki,Nio->Nko", at["X"], at["w"]) + np.sqrt(float(noise)) * at["e"]
        v = np.concatenate([at["X"], y], axis=2)
        G = np.einsum("Nka,Nkb->Nab", v, v)
        features = np.einsum("Ni,Nab->Niab", at["q"], G).reshape(len(weight), -1)
        target = np.einsum("Ni,Nio->No", at["q"], at["w"])
        root = np.sqrt(weight)[:, None]
        T = np.linalg.lstsq(root * features, root * target, rcond=None)[0]
        scalars = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise, "outputs": Fraction(2)}
        least = float(number(given.results["minimum_loss"], scalars))
        rate = float(number(given.results["learning_rate"], scalars))
        found = float(weight @ np.sum((target - features @ T) ** 2, axis=1)) + 2 * float(noise)
        steps = rate * np.einsum("Ni,Nki,Nko->No", at["q"], at["X"], y)
        off = float(np.sqrt(weight @ np.sum((features @ T - steps) ** 2, axis=1)))
        passed &= abs(found - least) < 1e-8 and off < 1e-6
        rows.append((str(d), str(n), f"{least:.8g}", f"{found - least:+.1e}", f"{off:.1e}"))
    return Table(
        "Two outputs on exact moments",
        ("d", "n", "L*", "least squares - L*", "rms yhat - steps"),
        tuple(rows),
        bool(passed),
        "prompts at the nodes of an exact Gauss-Hermite rule",
        ("bound", "minimum", "prediction"),
    )


THEOREM = Theorem(
    id="vector-responses",
    title="Vector responses: one head takes one step for every output",
    source="this project",
    statement=(
        "For x_i ~ N(0, I), m independent tasks w_o ~ N(0, I) and noise of variance sigma2, every "
        "global minimiser of H heads of linear self-attention on tokens (x, y), y in R^m, predicts "
        "eta x_{n+1}' X' Y with Theorem 1's eta, and the minimum is m times Theorem 1's."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss",),
    numbers=("minimum_loss",),
)
