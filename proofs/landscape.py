"""The landscape of Theorem 1's loss in (omega, N) = (W_V'h, W_K'W_Q), for every n, d and sigma2.

For omega = (a, b) != 0 the loss is a strictly convex quadratic in N = (A; c'). Eliminating N leaves
one function l of rho = |a|^2/b^2 in [0, oo]: L = l(rho) + squares of N - N*(omega). So all
stationary points in (omega, N) with omega != 0 are those of l, with the same index, and

    l' has the sign of F = (d - 1) g2 det^2 - P (G rho^2 - g4)(Q + g2 rho)^2.

l(0) is the global minimum and l'(0) > 0: for d >= 2 there is a local minimum in (omega, N) that is
not global exactly if F < 0 somewhere, which the phase theorem decides on regions of (n, d, sigma2).
Explicit neighbourhoods and curves tell minima from saddles: ``wells.py``. What changes in
the weights W_K, W_Q, W_V, h lies over rho = oo: ``weights.py``, ``blocked.py``. The
text, with the steps that are done by hand, is docs/landscape-mathematics.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proofs.shared import layer
from proofs.shared.landscape import (
    blocked,
    carry,
    curves,
    loss,
    phases,
    reduction,
    slope,
    thresholds,
    weights,
    wells,
    zero,
)
from proofs.shared.landscape import vocabulary as landscape
from verifier.proof.context import Context, Definition
from verifier.proof.statements import Proof
from verifier.theorem.theorem import (
    Claim,
    Derivation,
    Exposition,
    Options,
    Progress,
    Table,
    Theorem,
)

BEYOND = "beyond the paper"
REDUCTION = (
    ("layer", "The layer predicts x' N' G omega"),
    ("loss", "The expected loss has the isotropic form, seven coefficients"),
    ("scaling", "L is the same at (t omega, N/t), t > 0"),
    ("evenness", "L is the same at (-omega, -N)"),
    ("convexity", "The second difference of L in N is a sum of squares"),
    ("strictness", "It vanishes only for omega = 0 or no displacement: L is strictly convex in N"),
    ("positive-Q", "Q > 0 for all n, d >= 1, sigma2 >= 0"),
    ("positive-g2", "g2 > 0"),
    ("positive-G", "G > 0"),
    ("positive-g4", "g4 > 0"),
    ("positive-P", "P = G g4 - g3^2 > 0"),
    ("determinant", "det > 0 at every rho >= 0"),
    ("determinant-infinity", "det > 0 at every t = 1/rho >= 0"),
    ("decomposition-b", "b > 0: L = l(rho) + squares of N - N*(omega)"),
    ("elimination-b", "b > 0: the minimum over N is l(rho), at N* only (b < 0: evenness)"),
    ("decomposition-a", "a != 0, rho = oo included: the same in t = 1/rho"),
    ("elimination-a", "a != 0: the minimum over N is l, at N* only"),
)
SHAPE = (
    ("slope", "l(x) - l(y) = (x - y) F(x, y) / positive: the slope of l has the sign of F"),
    ("slope-infinity", "The same in t = 1/rho: near rho = oo, l falls in t where F leads with +"),
    ("compact", "F = n^5 (n + 2) times a polynomial of degree 4 in rho"),
    ("lead", "The sign at rho = oo is that of (d - 1)(n + 2) m^2 - p"),
    ("low", "F >= n^5 (n + 2) p (M - rho^2)(m + rho)^2: F > 0 where rho^2 < M"),
    ("low-range", "M > (d + sigma2)^2"),
    ("excess", "l - l(0) in closed form"),
    (
        "global",
        "l(rho) > l(0) for 0 < rho < oo: for d >= 2 (ends) the global minima are at rho = 0",
    ),
    ("ends", "l(oo) - l(0) = (d - 1) lin^2/Q: also at rho = oo exactly if d = 1"),
    ("line", "d = 1: F = P (Q + g2 rho)^2 (g4 - G rho^2), so F has the sign of g4 - G rho^2"),
)
ZERO = (
    (
        "zero-gradient",
        "Stationary in (omega, N) at omega = 0 iff tr A = 0, c = 0: slopes -2 lin (b tr A + a.c)",
    ),
    (
        "zero-hessian",
        "Strict saddles in (omega, N) there: the Hessian is d + 1 hyperbolic planes, index d + 1",
    ),
    ("zero-saddle", "A curve along which L falls from it"),
)
# Checked is the sign of F at the n, d, rho that are named, k = d + sigma2; what it means for local
# minima in (omega, N) follows by the criterion of section 5.
PHASES = (
    ("never-benign", "Never benign in (omega, N): d = 2, F < 0 at rho = 3 k for all n, sigma2"),
    (
        "long-contexts",
        "Not benign in (omega, N): d >= 2, n >= 5 (d + sigma2)^2, F < 0 at rho = 2 k (n -> oo)",
    ),
    (
        "three-noisy",
        "Not benign in (omega, N): d = 3, sigma2 >= 3 n + 10, F < 0 near rho = oo (sigma2 -> oo)",
    ),
    (
        "four-noisy",
        "Not benign in (omega, N): d = 4, n >= 3, sigma2 >= 7 n + 120, F < 0 near rho = oo",
    ),
    ("four-one-example", "Benign in (omega, N): d = 4, n = 1, F > 0 at every rho and sigma2"),
    ("four-two-examples", "Benign in (omega, N): d = 4, n = 2, F > 0 at every rho and sigma2"),
    ("large-dimension", "Benign in (omega, N): d >= n + 4, F > 0 at every rho (d -> oo)"),
    ("large-noise", "Benign in (omega, N): d >= 5, sigma2 >= n, F > 0 at every rho (sigma2 -> oo)"),
    (
        "short-contexts",
        "Benign in (omega, N): d >= 5, n < 3 d^2 + sigma2, F > 0 at every rho >= 0",
    ),
    (
        "shrinking-gap",
        "d >= 2, n >= 9 (d + sigma2)^2: l(sqrt n) - l(0) < 6 d/sqrt n bounds the gap in (omega, N)",
    ),
)
CARRIED = (
    ("whitened-responses", "Theorem 2: the responses are those of a standard normal prompt"),
    ("whitened-prediction", "Theorem 2: the layer at (F'a, b, F'A F, F'c) predicts the same there"),
    ("whitened-loss", "Theorem 2 has Theorem 1's landscape, by an invertible linear map"),
    ("family-loss", "Theorem 3: the isotropic form, coefficients in five moments"),
    ("family-gram", "Theorem 3: P >= 0, the Gram determinant of |X v|^2 and |y|^2 in mean square"),
    ("family-gram-zero", "Theorem 3: P = 0 only if |y|^2 is a multiple of |X v|^2 almost surely"),
    ("family-decomposition-b", "Theorem 3, P > 0: the same decomposition, b > 0"),
    ("family-elimination-b", "Theorem 3, P > 0: the same elimination, b > 0"),
    ("family-decomposition-a", "Theorem 3, P > 0: the same decomposition, a != 0"),
    ("family-elimination-a", "Theorem 3, P > 0: the same elimination, a != 0"),
)
CLAIMS = tuple(
    Claim(name, words, source)
    for group, source in (
        (REDUCTION, "variable projection, section 2 and 3 of docs/landscape-mathematics.md"),
        (SHAPE, "docs/landscape-mathematics.md, section 3 and 4"),
        (wells.CLAIMS, "docs/landscape-mathematics.md, section 4"),
        (ZERO, "docs/landscape-mathematics.md, section 4"),
        (PHASES, "docs/landscape-mathematics.md, section 5"),
        (CARRIED, "docs/landscape-mathematics.md, section 7"),
        (curves.CLAIMS, "docs/landscape-mathematics.md, section 8"),
        (weights.CLAIMS, "docs/landscape-mathematics.md, section 8"),
        (thresholds.CLAIMS, "docs/landscape-mathematics.md, section 8"),
        (blocked.CLAIMS, "docs/landscape-mathematics.md, section 8"),
    )
    for name, words in group
)
BOUNDS = (
    "never",
    "never_at",
    "long",
    "long_at",
    "gap",
    "gap_from",
    "three",
    "four",
    "benign",
    "short",
)
TEXTS = ("loss", "reduced_loss", "slope", "whitened_A", "family_g4")


def setting() -> Context:
    """Theorem 1's setting with the seven coefficients of its loss as scalars, no layer yet."""
    coefficients = landscape.isotropic_coefficients()
    full = landscape.extend(
        landscape.standard_context(),
        (),
        landscape.FORM_SCALARS,
        landscape.coefficient_equations(coefficients),
    )
    numbers = {"sigma2": "1", **landscape.form_numbers(coefficients)}
    return replace(full, instances=landscape.instances(numbers, {}))


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive the reduction and write all proofs; ``claimed`` replaces what a user doubts."""
    coefficients = landscape.isotropic_coefficients()
    prompt = setting()
    finite, infinite = reduction.finite_chart(), reduction.infinite_chart()
    proofs: tuple[Proof, ...] = (
        loss.layer_proof(),
        loss.loss_proof(claimed),
        loss.convexity_proof(),
        phases.foundation_proof(),
        slope.determinant_proof(),
        reduction.chart_proof(
            "elimination of N, b > 0",
            prompt,
            finite,
            ("decomposition-b", "elimination-b"),
            claimed.get("reduced_loss"),
        ),
        reduction.chart_proof(
            "elimination of N, a != 0", prompt, infinite, ("decomposition-a", "elimination-a")
        ),
        slope.slope_proof("slope", claimed),
        slope.slope_proof("slope-infinity", claimed),
        phases.shape_proof(),
        slope.excess_proof(),
        slope.line_proof(),
        *wells.proofs(),
        zero.gradient_proof(),
        zero.hessian_proof(),
        zero.saddle_proof(),
        *phases.phase_proofs(claimed),
        carry.covariance_proof(claimed),
        carry.family_loss_proof(claimed),
        carry.family_gram_proof(),
        carry.family_chart_proof(finite),
        carry.family_chart_proof(infinite),
        *curves.proofs(),
        *weights.proofs(),
        *thresholds.proofs(),
        *blocked.proofs(),
    )
    value, det = reduction.FINITE
    results = {
        "reduced_loss": value,
        "determinant": det,
        "coefficients": ["; ".join(f"{name} = {text}" for name, text in coefficients.items())],
        "slope": phases.F_TEXT,
        "theorem3_coefficients": [
            "; ".join(f"{name} = {text}" for name, text in carry.family_coefficients().items())
        ],
        **phases.statements(claimed),
    }
    return Derivation(proofs, results, _fillings(coefficients))


def _fillings(coefficients: Mapping[str, str]) -> tuple[tuple[Definition, ...], ...]:
    """Points that satisfy the hypotheses: rho, det and the coefficients from the other values."""
    det = reduction.FINITE[1]
    known = tuple(Definition(name, (), coefficients[name]) for name in landscape.COEFFICIENTS)
    gram = Definition("P", (), landscape.GRAM.right)
    chart = (
        *known,
        gram,
        Definition("rho", (), "sum[i](v[i]^2)"),
        Definition("det", (), det),
    )
    best = (Definition("A", ("i", "j"), "bestA[i,j]"), Definition("c", ("j",), "bestc[j]"))
    quotient = (
        gram,
        *(Definition(f"det{z}", (), slope.at(det, {"rho": z})) for z in "xy"),
    )
    far = tuple(
        tuple(Definition(name, (), str(size)) for name in ("n_", "t_", "r_", "s_", "d_"))
        for size in (0, 1, 10, 1000)
    )
    noisy = (("t_", "1/100"), ("r_", "1000"), ("sigma2", "1000"))
    edge = (("t_", "1000"), ("r_", "7/4"))
    mixed = (tuple(Definition(name, (), value) for name, value in one) for one in (noisy, edge))
    return ((*chart, *best), chart, quotient, *far, *mixed)


def evidence(_derivation: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Exact cells against descents from many starts, numerical elimination, and exact phases."""
    from proofs.shared.landscape import evidence as tables

    progress("eliminating N numerically")
    eliminated = tables.elimination_table(options)
    progress("descending from many starts")
    descents = tables.descent_table(options)
    progress("classifying cells exactly")
    phases = tables.phase_table()
    return (eliminated, descents, phases, *tables.curve_tables(options))


THEOREM = Theorem(
    id="landscape",
    title=(
        "The loss of one-layer linear attention in its reduced parameters (omega, N): the whole "
        "landscape"
    ),
    source="beyond the paper; setting of Mahankali, Hashimoto, Ma (2023), Theorem 1",
    statement=(
        "For x_i, w ~ N(0, I_d) the pre-training loss of one-layer linear self-attention, as a "
        "function of omega = (a, b) = W_V'h and N = W_K'W_Q, is for omega != 0 l(rho) plus a "
        "positive definite quadratic form in N - N*(omega), with rho = |a|^2/b^2 and l one "
        "rational function: in (omega, N) the stationary points and their types are those of l, "
        "and those with omega = 0 are strict saddles. In (omega, N) all local minima are global "
        "for d = 1, for d >= 5 with n < 3 d^2 + sigma2, and for d = 4 with n <= 2; there are "
        "others for d = 2, for d >= 2 with n >= 5 (d + sigma2)^2, and with much noise for d = 3 "
        "and for d = 4 with n >= 3. In the weights W_K, W_Q, W_V, h further ones can lie over "
        "rho = oo: a way down from there, and where the kernels of W_K and W_Q block it a "
        "neighbourhood in which the loss is nowhere lower, for every d, and which of them applies "
        "for d = 3, ..., 7. That there are no others in the weights is proved by hand "
        "(docs/landscape-mathematics.md, sections 8 and 9)."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(*TEXTS, *BOUNDS),
    exposition=Exposition(
        idea=(
            "For omega = (a, b) that is not 0 the loss is a strictly convex quadratic in N = "
            "(A; c'). Eliminating N leaves one function of the single number rho = |a|^2/b^2; "
            "its slope has the sign of an explicit polynomial, of which everything about "
            "stationary points can be read off."
        ),
        notation={
            **layer.NOTATION,
            "lin": "lambda",
            "det": "D",
            "bestA": "Astar",
            "bestc": "cstar",
        },
        proofs=("elimination of N, b > 0", "slope", "d=2"),
    ),
)
