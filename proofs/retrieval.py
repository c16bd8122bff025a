"""Retrieval: examples that resemble the query, x_i = alpha x + beta g_i, all normal.

The loss in the readout B is a quadratic form in its trace, its symmetric and its antisymmetric
part, and a multiple of I minimises it: every global minimiser of any number of heads takes a plain
GD step, of a rate that the resemblance changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from verifier.proof.context import Atom
from verifier.proof.statements import By, Step
from verifier.prover.projection import Setup
from verifier.prover.reading import scalar_text
from verifier.prover.theorem_file import Part, attacks, derivation, shows, solved
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Hypothesis,
    Options,
    Progress,
    Table,
    Theorem,
)

if TYPE_CHECKING:
    import sympy

LI = (
    "new in this form; Li, Rawat, Oymak (2024), arXiv:2407.10005, have a rate up to lower-order "
    "terms (wording of their theorem not seen)"
)
CLAIMS = (
    Claim("decomposition", "L - L* is the mean squared distance to eta x'X'y, H heads", "new"),
    Claim("minimum", "H heads: the minimum", LI),
    Claim("prediction", "Every global minimiser takes one plain GD step, of rate eta", LI),
    Claim("rate", "The equation of eta", LI),
    Claim("normalised", "alpha^2 = r, beta^2 = 1 - r: the equation of eta in n, d, sigma2, r", LI),
    Claim("independent", "alpha = 0, beta = 1: Theorem 1's rate", "Theorem 1"),
    Claim("copies", "beta = 0, alpha = 1: (n (d + 4) + sigma2) eta = 1, for copies of x", "new"),
)

RETRIEVAL = """
[data]
scalars = ["alpha", "beta", "sigma", "r"]
normal = ["g[k,i]", "xq[i]", "w[i]", "e[k]", "eq"]
X = "X[k,i] = alpha*xq[i] + beta*g[k,i]"
y = "y[k] = sum[i](X[k,i]*w[i]) + sigma*e[k]"
yq = "yq = sum[i](xq[i]*w[i]) + sigma*eq"
[layer]
heads = "H"
"""


ALPHA, BETA = "alpha", "beta"
SPECIAL: dict[str, tuple[tuple[Atom, ...], str, str]] = {
    "normalised": (
        (Atom("share", "alpha^2", "r"), Atom("rest", "beta^2", "1 - r")),
        "1 + r*(d + 1)",
        "(d + 2)*(1 + r*(d + 3))"
        " + (n - 1)*(r^2*(d + 2)*(d + 4) + 2*r*(1 - r)*(d + 2) + (1 - r)^2)"
        " + sigma^2*(1 + r*(d + 1))",
    ),
    "independent": (
        (Atom("none", ALPHA), Atom("whole", BETA, "1")),
        "1",
        "n + d + 1 + sigma^2",
    ),
    "copies": (
        (Atom("whole", ALPHA, "1"), Atom("none", BETA)),
        "d + 2",
        "(d + 2)*(n*(d + 4) + sigma^2)",
    ),
}


def special_rates(setup: Setup) -> tuple[Step, ...]:
    """The equation of eta where the resemblance is normalised, absent or complete.

    n (left - right eta) differs from the derived equation by multiples of what is given, which
    polynomial division finds.
    """
    (rate,), (equation,) = setup.best.rates, setup.best.equations
    found = []
    for name, (given, left, right) in SPECIAL.items():
        whole = f"({right})*{rate.tensor.name}"
        gap = _polynomial(f"n*({left}) - n*({whole}) - (({equation.left}) - ({equation.right}))")
        by = " + ".join((equation.name, *_multiples(gap, given)))
        found.append(pencil.identity_step(name, left, whole, By(by, "n"), given, name))
    return tuple(found)


def _multiples(gap: sympy.Expr, given: tuple[Atom, ...]) -> list[str]:
    """The polynomial as multiples of the residuals of the given equations; [] if it is not."""
    import sympy

    divisors = [_polynomial(f"({atom.left}) - ({atom.right})") for atom in given]
    leading = sympy.symbols(f"{ALPHA} {BETA}")
    others = sorted(gap.free_symbols - set(leading), key=str)
    quotients, rest = sympy.reduced(gap, divisors, *leading, *others)
    if rest != 0:
        return []
    return [
        f"({scalar_text(quotient)})*{atom.name}"
        for quotient, atom in zip(quotients, given, strict=True)
        if quotient != 0
    ]


def _polynomial(text: str) -> sympy.Expr:
    """Index text in scalars as a SymPy polynomial."""
    import sympy

    plain = text.replace("^", "**")
    names = {name: sympy.Symbol(name) for name in re.findall(r"[A-Za-z]\w*", plain)}
    return sympy.expand(sympy.sympify(plain, locals=names))


PARTS = (
    Part(
        "retrieval",
        RETRIEVAL,
        {
            "decomposition": "decomposition",
            "minimum": "minimum",
            "prediction": "prediction",
            "optimal-eta": "rate",
        },
        shows("minimum_loss", "prediction"),
        extra=special_rates,
    ),
)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """The best layer of H heads, and its rate in special cases."""
    return derivation(PARTS, claimed)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Descents over one to three heads on examples that share a part of the query."""
    import numpy as np

    from proofs.shared.population import Population, case_of, heads_table, nodes, small_sizes

    progress("descending over one to three heads")
    cases = []
    for d, n in small_sizes(options):
        alpha, beta, sigma = 0.6, 0.8, float(np.sqrt(float(max(options.noises))))
        weight, at = nodes(
            {"g": ((n, d), 3), "q": ((d,), 4), "w": ((d,), 3), "e": ((n,), 3 if n * d < 4 else 2)}
        )
        X = alpha * at["q"][:, None] + beta * at["g"]
        y = np.einsum("Nki,Ni->Nk", X, at["w"]) + sigma * at["e"]
        target = np.einsum("Ni,Ni->N", at["q"], at["w"])
        people = Population(weight, X, y, at["q"], target, sigma**2)
        numbers = {"alpha": alpha, "beta": beta, "sigma": sigma}
        solution = solved(RETRIEVAL, "retrieval")
        cases.append(case_of(solution, (str(d), str(n)), people, numbers, {}))
    table = heads_table(cases, options, ("d", "n"), ("minimum", "prediction"))
    return (table, *attacks(PARTS[:1], given, options, progress))


THEOREM = Theorem(
    id="retrieval",
    title="Examples that resemble the query: still one plain GD step, of another rate",
    source="this project; Li, Rawat, Oymak (2024), arXiv:2407.10005 (wording not seen)",
    statement=(
        "For x_i = alpha x_{n+1} + beta g_i with x_{n+1}, g_i, w ~ N(0, I) and noise of variance "
        "sigma^2, every global minimiser of H heads of linear self-attention predicts "
        "eta x_{n+1}' X' y, eta the solution of one linear equation in n, d, alpha, beta, sigma."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("minimum_loss", "prediction"),
    hypotheses=(
        Hypothesis(
            "nothing-shared",
            "the examples do not share a part of the query",
            ("retrieval", "prediction"),
            remark="x_i = alpha x + beta g_i; the rate depends on alpha and beta",
        ),
    ),
)
