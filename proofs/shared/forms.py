"""How many heads a map of G = sum v v' needs: a subspace on which its forms vanish.

x'u with u_b = <M_b, G>, M_b forms on R^D, D the size of a token. A head adds the products of a form
N_hb and a form omega_h. Where no head reads two vectors, every M_b vanishes at them; and if all M_b
vanish on a subspace with H dimensions left over, H heads, one for each of these, predict x'u.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Definition, Scalar, Sort, Tensor
from verifier.proof.statements import By, Conclude, Proof, Step
from verifier.proof.statements import Claim as Statement
from verifier.theorem.theorem import Options, Table

if TYPE_CHECKING:
    import numpy as np

TOKEN, EXAMPLE, HEAD, ROW = "token", "example", "head", "row"
PLANE = (TOKEN, TOKEN)
FORMS = (
    Tensor("v", (EXAMPLE, TOKEN), "tokens, any numbers"),
    Tensor("q", (TOKEN,), "the query's token, any numbers"),
    Tensor("M", (TOKEN, TOKEN, TOKEN), "the forms, one for each entry of the query's token"),
)
GRAM = Definition("G", ("a", "b"), "sum[k](v[k,a]*v[k,b])", "sum of v v'")
LINEAR = (
    "H vectors omega_h in R^D leave a subspace of dimension D - H or more unread",
    "polarisation: <M, v v'> for all v determines M + M'",
)
WANTED = "sum[a,b,c](q[c]*M[c,a,b]*G[a,b])"
SYMMETRIC = "M[c,a,b] + M[c,b,a]"


def proofs() -> tuple[Proof, ...]:
    """What a subspace needs, and the heads that it gives."""
    return (_needed(), _enough())


def _context(
    arrays: tuple[Tensor, ...], definitions: tuple[Definition, ...], *more: Scalar
) -> Context:
    sizes = (("n", "tokens"), ("D", "their entries"), ("H", "heads"))
    scalars = tuple(Scalar(x, Fraction(1), integer=True, meaning=m) for x, m in sizes)
    rows = (Sort(ROW, "r", ("p", "o")),) if more else ()
    return Context(
        sorts=(
            Sort(EXAMPLE, "n", ("k",)),
            Sort(TOKEN, "D", ("a", "b", "c", "a1", "b1", "a2", "b2")),
            Sort(HEAD, "H", ("m", "h")),
            *rows,
        ),
        scalars=(*scalars, *more),
        arrays=(*FORMS, *arrays),
        definitions=(GRAM, *definitions),
    )


def _needed() -> Proof:
    """H heads with r rows each: their forms, and two vectors that no head reads."""
    weights = (
        Tensor("eta", (HEAD, ROW), "head vectors h"),
        *(Tensor(name, (HEAD, ROW, TOKEN), name) for name in ("WV", "WK", "WQ")),
    )
    vectors = tuple(Tensor(name, (TOKEN,), "a vector that no head reads") for name in ("f", "g"))
    definitions = (
        Definition("omega", ("m", "a"), "sum[p](eta[m,p]*WV[m,p,a])", "W_V' h"),
        Definition("N", ("m", "a", "c"), "sum[p](WK[m,p,a]*WQ[m,p,c])", "W_K' W_Q"),
        Definition(
            "yhat",
            (),
            "sum[m,k](sum[p,a](eta[m,p]*WV[m,p,a]*v[k,a])"
            "*sum[p,a,c](WK[m,p,a]*v[k,a]*WQ[m,p,c]*q[c]))",
            "the layer's prediction",
        ),
    )
    rows = Scalar("r", Fraction(1), integer=True, meaning="rows of the matrices")
    same = Atom("same", "sum[m](N[m,a,c]*omega[m,b] + N[m,b,c]*omega[m,a])", SYMMETRIC)
    unread = tuple(Atom(f"unread_{x}", f"sum[a](omega[m,a]*{x}[a])") for x in ("f", "g"))
    by_same = By("sum[a,b,c](q[c]*same[a,c,b]*G[a,b])/2")
    vanish = By(
        "sum[m](sum[a](N[m,a,c]*f[a])*unread_g[m] + sum[a](N[m,a,c]*g[a])*unread_f[m])"
        " - sum[a,b](same[a,c,b]*f[a]*g[b])"
    )
    form = f"sum[a,b](f[a]*({SYMMETRIC})*g[b])"
    steps = (
        pencil.identity_step("forms", "yhat", WANTED, by_same, (same,), "forms"),
        pencil.identity_step("unread", form, "0", vanish, (same, *unread), "unread"),
    )
    context = replace(_context((*weights, *vectors), definitions, rows), assumptions=LINEAR)
    return Proof("forms of H heads", context, steps)


def _enough() -> Proof:
    """I = K + sum e_h omega_h', all M_c vanish on the image of K: the heads omega_h."""
    arrays = (
        Tensor("K", PLANE, "projector onto the subspace"),
        Tensor("e", (TOKEN, HEAD), "vectors that complete it"),
        Tensor("omega", (HEAD, TOKEN), "coordinates along these"),
    )
    both = f"({SYMMETRIC})".replace("a", "a1").replace("b", "b1")
    definitions = (
        Definition("N", ("m", "b", "c"),
                   f"sum[a1,b1](e[a1,m]*{both}*(K[b1,b] + sum[h](e[b1,h]*omega[h,b])/2))",
                   "W_K' W_Q of head m"),
        Definition(
            "yhat", (), "sum[m,k](sum[a](omega[m,a]*v[k,a])*sum[b,c](N[m,b,c]*v[k,b]*q[c]))",
            "prediction of the heads omega, N",
        ),
    )  # fmt: skip
    given = (
        Atom("whole", "K[a,b] + sum[m](e[a,m]*omega[m,b])", "delta[a,b]"),
        Atom("vanish", f"sum[a1,b1](K[a1,a]*{both}*K[b1,b])"),
    )
    half = "(delta[b1,b] + K[b1,b] + sum[m](e[b1,m]*omega[m,b]))/2"
    off = f"sum[a,b,c](q[c]*G[a,b]*sum[a1,b1](whole[a1,a]*{both}*{half}))"
    by = By(f"{off} - sum[a,b,c](q[c]*vanish[a,c,b]*G[a,b])/2")
    step = Step(
        "subspace",
        Statement(given, ((Atom("equal", "yhat", WANTED),),)),
        Conclude(0, {"equal": by}),
        claim="subspace",
    )
    return Proof("heads from a subspace", _context(arrays, definitions), (step,))


def table(options: Options) -> Table:
    """It passes if H heads fit forms that vanish on such a subspace, and H - 1 heads do not."""
    import numpy as np

    rng = np.random.default_rng([options.seed, 55])
    rows, passed = [], True
    for D, H in ((2, 1), (3, 1), (3, 2), (4, 2)):
        base = np.linalg.qr(rng.normal(size=(D, D)))[0]
        blocks = rng.normal(size=(D, D, D))
        blocks += blocks.transpose(0, 2, 1)
        blocks[:, : D - H, : D - H] = 0
        forms = np.einsum("ap,cpq,bq->cab", base, blocks, base)
        ends = [_fit(forms, heads, rng) for heads in (H, H - 1)]
        passed &= ends[0] < 1e-8 and ends[1] > 1e-6
        rows.append((str(D), str(H), *(f"{end:.1e}" for end in ends)))
    return Table(
        "Heads for forms that vanish on a subspace of dimension D - H",
        ("D", "H", "H heads, distance", "H - 1 heads, distance"),
        tuple(rows),
        bool(passed),
        "the best of eight descents each",
        ("subspace", "unread"),
    )


def _fit(forms: np.ndarray, heads: int, rng: np.random.Generator) -> float:
    """The squared distance from the forms to those of this number of heads, by fits."""
    import numpy as np
    from scipy.optimize import minimize

    D = len(forms)
    if not heads:
        return float(np.sum(forms**2))

    def value(theta: np.ndarray) -> float:
        omega, N = np.split(theta, [heads * D])
        product = np.einsum("ma,mbc->cab", omega.reshape(heads, D), N.reshape(heads, D, D))
        return float(np.sum((product + product.transpose(0, 2, 1) - forms) ** 2))

    size = heads * D * (D + 1)
    fits = (minimize(value, rng.normal(size=size), method="BFGS").fun for _ in range(8))
    return float(min(fits))
