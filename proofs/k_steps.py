"""K steps of gradient descent: one orthogonal polynomial for every noise, for K up to 4.

For responses linear in covariates of any law, a prediction x'p(S) s with deg p < K has the loss of
p* and a mean square, where p*(t) = (1 - pi(t)/pi(-sigma2))/(t + sigma2) and pi, of degree K, has
E tr S^j pi(S) = 0 for j = 1 .. K: the same pi for every noise. Without noise K gradient steps whose
rates are the inverse roots of pi take p*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from proofs.shared import steps as _steps
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Field,
    Law,
    Model,
    Point,
    Slot,
    Tensor,
    Value,
)
from verifier.proof.statements import By, Conclude, Proof, Square, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np
    import sympy

MOST, EXPLICIT = 4, 3
LOSS = "E((yq - yhat)^2)"
LETTERS = ("i", "j", "l", "p", "r", "u", "i1", "i2")
CLAIMS = (
    *(
        Claim(
            f"best-{K}",
            f"Any law of x, deg p < {K}: L = L* + the mean squared distance to x'p*(S) s",
            "new",
        )
        for K in range(1, MOST + 1)
    ),
    *(
        Claim(f"rates-{K}", f"No noise, K = {K}: steps of such rates have the least loss", "new")
        for K in range(1, MOST + 1)
    ),
    *(
        Claim(f"gaussian-{K}", f"x ~ N(0, I): pi of degree {K} in closed form", "new")
        for K in range(1, EXPLICIT + 1)
    ),
)


def prompts(K: int) -> Context:
    """Covariates of any law, w ~ N(0, I), noise, and the vectors S^j s for j < K."""
    examples, features = pencil.sorts("i j l p r u i1 i2")
    powers = [
        Definition(_vector(j), ("i",), f"sum[j](S[i,j]*{_vector(j - 1)}[j])", f"S^{j} s")
        for j in range(1, K)
    ]
    return Context(
        (examples, features),
        pencil.SIZES,
        laws=(Law("D", (Field("x", ("example", "feature")),), meaning="law of the covariates"),),
        arrays=(
            *(x for x in pencil.STANDARD if x.name != "X"),
            Slot("X", "D", "x", "prompt", "covariates of the examples, any law"),
        ),
        definitions=(
            *pencil.LINEAR_RESPONSES,
            pencil.STATISTICS[0],
            pencil.STATISTICS[2],
            *powers,
        ),
    )


def with_models(context: Context) -> Context:
    """Beside the prompts' declarations points at which all is about something: x ~ N(0, I)."""
    normal = Model(
        "D",
        (Tensor("z", ("example", "feature")),),
        fields=(Definition("x", ("k", "i"), "z[k,i]"),),
    )
    numbers = [one.name for one in context.arrays if isinstance(one, Tensor)]
    points = tuple(
        Point(
            (
                *(Value(name, Fraction(size)) for name, size in (("n", n), ("d", d))),
                Value("sigma2", Fraction(1)),
                *(Value(name, Fraction(0)) for name in numbers),
            ),
            (normal,),
        )
        for n, d in ((1, 1), (2, 2))
    )
    return replace(context, instances=points)


def _vector(power: int) -> str:
    """S^power s."""
    return f"S{power}s" if power else "s"


def trace(power: int) -> str:
    """tr S^power."""
    letters = LETTERS[:power]
    turned = letters[1:] + letters[:1]
    factors = "*".join(f"S[{a},{b}]" for a, b in zip(letters, turned, strict=True))
    return f"sum[{','.join(letters)}]({factors})"


def _orthogonal(coefficients: list[str]) -> tuple[Atom, ...]:
    """E tr S^j pi(S) = 0 for j = 1 .. K, pi by its coefficients from the constant one on."""
    K = len(coefficients) - 1
    return tuple(
        Atom(
            f"orthogonal{j}",
            " + ".join(f"({c})*E({trace(j + k)})" for k, c in enumerate(coefficients)),
        )
        for j in range(1, K + 1)
    )


def _polynomial(coefficients: list[str]) -> str:
    """x'p(S) s."""
    terms = (f"({c})*sum[i](xq[i]*{_vector(j)}[i])" for j, c in enumerate(coefficients))
    return " + ".join(terms)


def _power(exponent: int) -> str:
    """A power of -sigma2."""
    return f"(0 - sigma2)^{exponent}" if exponent else "1"


def _best(K: int) -> list[str]:
    """The coefficients of p*, from -(pi(t) - pi(-sigma2))/(t + sigma2) over pi(-sigma2)."""
    pi = [*(f"pi{k}" for k in range(K)), "1"]
    found = []
    for j in range(K):
        terms = (f"{pi[k]}*{_power(k - 1 - j)}" for k in range(j + 1, K + 1))
        found.append(f"0 - over*({' + '.join(terms)})")
    return found


def _decomposed(
    claim: str, best: list[str], given: tuple[Atom, ...], reason: list[str], *more: Atom
) -> Step:
    """L = L* + E (yhat - x'p*(S) s)^2 by E (yq - x'p*(S) s) x'S^j s = the reasons."""
    least = " - ".join(("sigma2 + d", *(f"({c})*E({trace(j + 1)})" for j, c in enumerate(best))))
    gap = f"yhat - ({_polynomial(best)})"
    pairs = zip(best, reason, strict=True)
    by = " + ".join(f"(({b}) - 2*c{j})*({why})" for j, (b, why) in enumerate(pairs))
    atoms = (
        Atom("whole", LOSS, f"{least} + E(({gap})^2)"),
        Atom("bound", LOSS, least, ">="),
        *more,
    )
    reasons = {"whole": By(by), "bound": By(by, squares=(Square("1", gap),))}
    return Step(claim, Statement(given, (atoms,)), Conclude(0, reasons), claim=claim)


def best_proof(K: int) -> Proof:
    """Any polynomial of degree < K against p*."""
    bare = prompts(K)
    own = [f"c{j}" for j in range(K)]
    names = [*own, *(f"pi{k}" for k in range(K)), "over"]
    context = replace(
        bare,
        arrays=(*bare.arrays, *(Tensor(name, (), _meaning(name)) for name in names)),
        definitions=(*bare.definitions, Definition("yhat", (), _polynomial(own), "x'p(S) s")),
    )
    pi = [*(f"pi{k}" for k in range(K)), "1"]
    value = " + ".join(f"{c}*{_power(k)}" for k, c in enumerate(pi))
    given = (*_orthogonal(pi), Atom("scale", f"over*({value})", "1"))
    reason = [f"over*orthogonal{j + 1} - scale*E({trace(j + 1)})" for j in range(K)]
    step = _decomposed(f"best-{K}", _best(K), given, reason)
    return Proof(f"polynomials of degree < {K}", with_models(context), (step,))


def _meaning(name: str) -> str:
    if name == "over":
        return "1/pi(-sigma2)"
    return f"coefficient of {'p' if name.startswith('c') else 'pi'}"


def rates_proof(K: int) -> Proof:
    """sigma2 = 0: K gradient steps with pi(t) = (1 - e1 t) ... (1 - eK t)."""
    import sympy

    bare = prompts(K)
    own = [f"c{j}" for j in range(K)]
    rates = sympy.symbols(f"e1:{K + 1}")
    t = sympy.Symbol("t")
    product = sympy.Poly(sympy.prod([1 - e * t for e in rates]), t).all_coeffs()[::-1]
    pi = [scalar_text(sympy.expand(c)) for c in product]
    best = [scalar_text(sympy.expand(-c)) for c in product[1:]]
    steps = [Definition("u0", ("i",), "0*s[i]", "the start")]
    for k in range(1, K + 1):
        body = f"u{k - 1}[i] + e{k}*(s[i] - sum[j](S[i,j]*u{k - 1}[j]))"
        steps.append(Definition(f"u{k}", ("i",), body, f"iterate {k} of gradient descent"))
    arrays = (
        *(Tensor(name, (), _meaning(name)) for name in own),
        *(Tensor(str(e), (), "rate of a step") for e in rates),
    )
    context = replace(
        bare,
        arrays=(*bare.arrays, *arrays),
        definitions=(
            *bare.definitions,
            Definition("yhat", (), _polynomial(own), "x'p(S) s"),
            *steps,
        ),
    )
    reason = []
    for j in range(K):
        noisy = " + ".join(f"({c})*E({trace(j + 1 + i)})" for i, c in enumerate(best))
        reason.append(f"orthogonal{j + 1} - quiet*({noisy})")
    given = (*_orthogonal(pi), Atom("quiet", "sigma2"))
    taken = Atom("taken", f"sum[i](xq[i]*u{K}[i])", _polynomial(best))
    step = _decomposed(f"rates-{K}", best, given, reason, taken)
    return Proof(f"{K} steps without noise", with_models(context), (step,))


@cache
def gaussian(K: int) -> tuple[sympy.Expr, ...]:
    """The coefficients of pi for x ~ N(0, I), from the constant one on, without common factor."""
    import sympy

    n, d = sympy.symbols("n d")
    moments = [sympy.expand(_steps.trace_moment(k) / (n * d)) for k in range(1, 2 * K + 1)]
    hankel = sympy.Matrix(K, K + 1, lambda j, k: moments[j + k])
    minors = []
    for k in range(K + 1):
        kept = hankel[:, [i for i in range(K + 1) if i != k]]
        minors.append(sympy.expand((-1) ** (K - k) * kept.det(method="berkowitz")))
    common = sympy.gcd_list(minors)
    return tuple(sympy.expand(sympy.cancel(one / common)) for one in minors)


def gaussian_proof(K: int) -> Proof:
    """E tr S^j pi(S) = 0 by Isserlis' theorem, and a positive leading coefficient."""
    texts = [scalar_text(c) for c in gaussian(K)]
    leading = Atom("leading", texts[-1], "0", ">")
    atoms = (*_orthogonal(texts), leading)
    by = {atom.name: By() for atom in atoms} | {"leading": By(rest=texts[-1])}
    claim = f"gaussian-{K}"
    step = Step(claim, Statement((), (atoms,)), Conclude(0, by), claim=claim)
    return Proof(f"normal covariates, degree {K}", _steps.context((), ()), (step,))


def derive(_claimed: Mapping[str, str]) -> Derivation:
    """The proofs for each number of steps."""
    sizes = range(1, MOST + 1)
    explicit = tuple(gaussian_proof(K) for K in range(1, EXPLICIT + 1))
    return Derivation((*map(best_proof, sizes), *map(rates_proof, sizes), *explicit), {})


def evidence(_given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """Least squares over polynomials, and gradient steps, on a law of forty matrices."""
    progress("fitting polynomials to forty matrices")
    return (fitted_table(options),)


def fitted_table(options: Options) -> Table:
    """It passes if the best polynomial of each degree is p*, and steps without noise take it."""
    import numpy as np

    rng = np.random.default_rng([options.seed, 53])
    d, n = 3, 6
    S = np.array([x.T @ x for x in rng.normal(size=(40, n, d)) / 2])
    values = np.linalg.eigvalsh(S).ravel()
    rows, passed = [], True
    for K in range(1, MOST + 1):
        powers = np.mean(values[:, None] ** np.arange(2 * K + 1), axis=0)
        hankel = np.array([[powers[j + k] for k in range(K)] for j in range(1, K + 1)])
        monic = np.append(np.linalg.solve(hankel, -powers[K + 1 : 2 * K + 1]), 1.0)
        for noise in (0.0, float(max(options.noises))):
            fitted = _least_squares(S, K, noise)
            pi = np.polynomial.Polynomial(monic)
            quotient = (pi - pi(-noise)) // np.polynomial.Polynomial([noise, 1.0])
            scale = float(pi(-noise))
            derived = np.array([-float(c) / scale for c in quotient.coef])
            off = float(np.max(np.abs(fitted - derived) / np.abs(derived)))
            passed &= off < 1e-6
            steps = "-"
            if not noise:
                rates = 1 / pi.roots().real
                taken = (1 - np.prod([1 - e * values for e in rates], axis=0)) / values
                gap = float(np.max(np.abs(taken - np.polynomial.Polynomial(fitted)(values))))
                passed &= gap < 1e-6 and bool(np.all(rates > 0))
                steps = f"{gap:.1e}"
            rows.append((str(K), f"{noise:g}", f"{off:.1e}", steps))
    return Table(
        "The best polynomial in S on forty matrices",
        ("K", "sigma2", "least squares against p*", "K gradient steps against it"),
        tuple(rows),
        bool(passed),
        "least squares on entries; p* from the moments; rates from the roots of pi",
        tuple(f"{kind}-{K}" for K in range(1, MOST + 1) for kind in ("best", "rates")),
    )


def _least_squares(S: np.ndarray, K: int, noise: float) -> np.ndarray:
    """The p that minimises E |I - S p(S)|^2 + noise E |S^(1/2) p(S)|^2, entry by entry."""
    import numpy as np

    eye = np.broadcast_to(np.eye(S.shape[1]), S.shape)
    powers = [eye]
    for _ in range(K):
        powers.append(powers[-1] @ S)
    roots = np.array([np.linalg.cholesky(one).T for one in S])
    columns = [
        np.concatenate([powers[j + 1].ravel(), np.sqrt(noise) * (roots @ powers[j]).ravel()])
        for j in range(K)
    ]
    target = np.concatenate([eye.ravel(), np.zeros(S.size)])
    return np.asarray(np.linalg.lstsq(np.stack(columns, axis=1), target, rcond=None)[0])


THEOREM = Theorem(
    id="k-steps",
    title="K steps of gradient descent: one orthogonal polynomial for every noise",
    source="this project; several layers in Ahn et al. (2023), arXiv:2306.00297",
    statement=(
        "For covariates of any law, w ~ N(0, I) and noise of variance sigma2, let pi of degree K "
        "have E tr S^j pi(S) = 0 for j = 1 .. K. The best prediction x'p(S) s with deg p < K has "
        "p(t) = (1 - pi(t)/pi(-sigma2))/(t + sigma2), for K = 1 .. 4. Without noise K gradient "
        "steps with pi(t)/pi(0) = (1 - e1 t) ... (1 - eK t) take it."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=(),
    numbers=(),
)
