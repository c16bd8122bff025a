"""A trained readout on prompts of another law: the exact risk, the regret, and when it is useless.

At test length n, covariates Lambda, query covariance Omega, tasks Gamma and noise sigma2, a layer
that predicts x'B s has the risk

    sigma2 + tr Omega [Gamma - n B Lambda Gamma - n Gamma Lambda B'
                       + B (n (n + 1) Lambda Gamma Lambda + n t Lambda) B'],

whatever law it was trained on. In the isotropic case the layer trained at length m loses
d n (n - m)^2 / ((n + tau)(m + tau)^2) against the best one, and beats the prediction 0 exactly when
n < 2 m + d + 1 + sigma2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from proofs.shared import layer as pencil
from verifier.proof.context import Context, Definition, Scalar, Tensor
from verifier.proof.statements import By, Proof
from verifier.prover.data_model import FEATURE
from verifier.prover.theorem_file import solved
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

ZHANG = "exact and for all covariances; Zhang, Frei, Bartlett (2024), arXiv:2306.09927, Theorem 4.2"
CLAIMS = (
    Claim("risk", "The risk of any readout B at any length, covariances and noise", ZHANG),
    Claim("divided", "Divided by n: bias that no length removes + variance / n", ZHANG),
    Claim("regret", "Isotropic, trained at m, tested at n: the risk above the best one", "new"),
    Claim("against-zero", "Gain over the prediction 0: n d (2 m + tau - n)/(m + tau)^2", "new"),
    Claim("divided-regret", "Divided: risk sigma2 + d (tau^2 + m^2 tau/n)/(m + tau)^2", "new"),
    Claim("longer-is-better", "Divided: what one more test example gains", "new"),
    Claim("floor", "Divided: the risk stays above sigma2 + d tau^2/(m + tau)^2", "new"),
)

SHIFTED = """
[covariates]
covariance = "Lambda"
query_covariance = "Omega"
[task]
covariance = "Gamma"
"""
ISOTROPIC = ""
TRACE = "(sum[i1,i2](Lambda[i1,i2]*Gamma[i1,i2]) + sigma2)"
SECOND = "sum[i1,i2](Lambda[i,i1]*Gamma[i1,i2]*Lambda[i2,j])"


def shifted_proof(claimed: Mapping[str, str]) -> Proof:
    """The risk of the readout x'B s and of x'Q s/n."""
    model = solved(SHIFTED, "shifted").setting.model
    bare = model.context()
    weights = Tensor("B", (FEATURE, FEATURE), "any readout")
    context = Context(
        sorts=bare.sorts,
        scalars=bare.scalars,
        arrays=(*bare.arrays, weights),
        definitions=(
            *bare.definitions,
            Definition("s", ("i",), "sum[k](X[k,i]*y[k])", "X' y"),
            Definition("LGL", ("i", "j"), SECOND, "Lambda Gamma Lambda"),
            Definition("LG", ("i", "j"), "sum[l](Lambda[i,l]*Gamma[l,j])", "Lambda Gamma"),
            Definition("bias", ("i", "j"), "delta[i,j] - sum[l](B[i,l]*Lambda[l,j])", "bias"),
        ),
    )
    risk = claimed.get(
        "risk",
        "sigma2 + sum[i,j](Omega[i,j]*(Gamma[i,j] - 2*n*sum[l](B[i,l]*LG[l,j])"
        f" + sum[l,i3](B[i,l]*(n*(n + 1)*LGL[l,i3] + n*{TRACE}*Lambda[l,i3])*B[j,i3])))",
    )
    divided = (
        "sigma2 + sum[i,j,l,i3](Omega[i,j]*bias[i,l]*Gamma[l,i3]*bias[j,i3])"
        f" + sum[i,j,l,i3](Omega[i,j]*B[i,l]*(LGL[l,i3] + {TRACE}*Lambda[l,i3])*B[j,i3])/n"
    )
    loss = "E((yq - {}*sum[i,j](xq[i]*B[i,j]*s[j]))^2)"
    return Proof(
        "another law",
        context,
        (
            pencil.identity_step("risk", loss.format("1"), risk, claim="risk"),
            pencil.identity_step("divided", loss.format("1/n"), divided, claim="divided"),
        ),
    )


def isotropic_proof(claimed: Mapping[str, str]) -> Proof:
    """The layer trained at length m, plain and divided by the length, at test length n."""
    best = solved(ISOTROPIC, "isotropic")
    model, rate = best.setting.model, best.best.definitions[0].body
    length = Scalar("m", Fraction(1), integer=True, meaning="training length")
    plain = model.context()
    context = Context(
        sorts=plain.sorts,
        scalars=(*plain.scalars, length),
        arrays=plain.arrays,
        definitions=(
            *plain.definitions,
            Definition("tau", (), "d + 1 + sigma2", "d + 1 + sigma2"),
            Definition("step", (), "sum[k,i](xq[i]*X[k,i]*y[k])", "x' X' y"),
        ),
    )
    trained = re.sub(r"\bn\b", "m", rate)
    risk = f"E((yq - ({trained})*step)^2)"
    scaled = f"E((yq - m*({trained})*step/n)^2)"
    excess = f"{risk} - ({best.setup().value})"
    regret = claimed.get("regret", "d*n*(n - m)^2/((n + tau)*(m + tau)^2)")
    gain = claimed.get("gain", "n*d*(2*m + tau - n)/(m + tau)^2")
    divided = "sigma2 + d*(tau^2 + m^2*tau/n)/(m + tau)^2"
    shorter = "d*m^2*tau/(n*(n + 1)*(m + tau)^2)"
    longer = divided.replace("/n)", "/(n + 1))")
    floor = "sigma2 + d*tau^2/(m + tau)^2"
    return Proof(
        "another length",
        context,
        (
            pencil.identity_step("regret", excess, regret, claim="regret"),
            pencil.identity_step("against-zero", f"E(yq^2) - {risk}", gain, claim="against-zero"),
            pencil.identity_step("divided-regret", scaled, divided, claim="divided-regret"),
            pencil.identity_step(
                "longer-is-better", f"({divided}) - ({longer})", shorter, claim="longer-is-better"
            ),
            pencil.inequality_step(
                "floor", divided, floor, ">", By(rest="d*m^2*tau/(n*(m + tau)^2)"), "floor"
            ),
        ),
    )


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Write both proofs."""
    proofs = (shifted_proof(claimed), isotropic_proof(claimed))
    rate = solved(ISOTROPIC, "isotropic").best.definitions[0].body
    return Derivation(proofs, {"learning_rate": rate})


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The risk on prompts at the nodes of an exact rule, for random readouts."""
    progress("integrating the risk of random readouts")
    return (risk_table(given, options),)


def risk_table(given: Derivation, options: Options) -> Table:
    """It passes if sums over the nodes give the formula for the risk, to rounding."""
    import numpy as np

    from proofs.shared import evidence as _evidence
    from proofs.shared.population import nodes, small_sizes
    from verifier.prover.numerics.evaluation import Evaluation, as_batch

    rng = np.random.default_rng([options.seed, 44])
    rows, passed, noise = [], True, float(max(options.noises))
    context = given.proofs[0].context
    (claim,) = (step.statement.cases[0][0] for step in given.proofs[0].steps[:1])
    for d, n in small_sizes(options):
        Lam, Gam, Om = (_evidence.example_covariance(d, shift).array() for shift in (0, 1, 2))
        F, G, root = map(np.linalg.cholesky, (Lam, Gam, Om))
        B = rng.normal(size=(d, d)) / n
        weight, at = nodes({"Z": ((n, d), 3), "z": ((d,), 2), "q": ((d,), 2), "e": ((n,), 2)})
        X, w, x = at["Z"] @ F.T, at["z"] @ G.T, at["q"] @ root.T
        y = np.einsum("Nki,Ni->Nk", X, w) + np.sqrt(noise) * at["e"]
        predicted = np.einsum("Ni,ij,Nkj,Nk->N", x, B, X, y)
        summed = float(weight @ (np.einsum("Ni,Ni->N", x, w) - predicted) ** 2) + noise
        scalars = {"n": n, "d": d, "sigma2": noise}
        factors = {"Lambda": F, "Gamma": G, "Omega": root}
        arrays = {_factor(context, name): value for name, value in factors.items()}
        values = {k: as_batch(v) for k, v in {**scalars, **arrays, "B": B}.items()}
        sizes = {sort.name: int(scalars[sort.size]) for sort in context.sorts}
        found = Evaluation(context, sizes, values)
        formula = float(found.text(claim.right)[0])
        passed &= abs(formula - summed) <= 1e-9 * max(1.0, abs(summed))
        shown = (f"{formula:.10g}", f"{summed:.10g}", f"{formula - summed:+.1e}")
        rows.append((str(d), str(n), *shown))
    return Table(
        "The risk of random readouts",
        ("d", "n", "formula", "sum over nodes", "difference"),
        tuple(rows),
        bool(passed),
        "prompts at the nodes of an exact Gauss-Hermite rule, covariances that do not commute",
        ("risk",),
    )


def _factor(context: Context, symbol: str) -> str:
    """The name of the square root of a covariance, from its definition."""
    (body,) = (one.body for one in context.definitions if one.name == symbol)
    return body.partition("(")[2].partition("[")[0]


THEOREM = Theorem(
    id="length-and-shift",
    title="A trained layer on prompts of another length and law",
    source="this project; shifts in Zhang, Frei, Bartlett (2024), arXiv:2306.09927",
    statement=(
        "The exact risk of x' B X' y for every readout B at every length, covariances, tasks and "
        "noise. For x, w ~ N(0, I) the layer trained at length m and tested at length n is worse "
        "than the best one by d n (n - m)^2/((n + tau)(m + tau)^2), tau = d + 1 + sigma2, and "
        "beats the prediction 0 exactly if n < 2 m + tau."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("risk", "regret", "gain"),
    numbers=("risk", "regret", "gain"),
)
