"""One rate taken twice: always better than the best single step, but with false minima at noise.

Two steps of one rate e have alpha = 2 e, beta = e^2. Of all alpha the best for a given beta leaves
L1* + s beta (beta - 2 beta*), so a pair on that line with 0 < beta < 2 beta* beats one step. Where
sigma2 rho >= c, with rho = n + d + 1 + sigma2 and c = n d + n + d + 3, the line meets the pairs of
equal rates at e = 1/(rho + sqrt(sigma2 rho - c)); elsewhere the equal rates nearest to it do.

At n = 100, d = 1, sigma2 = 20 there is an interval of rates with a strict local minimum, in one
rate and in two, on which every loss is larger than that of the best single step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import steps as _steps
from proofs.shared.premises import grouped, under
from verifier.proof.context import Atom, Context, Definition, Scalar, Tensor
from verifier.proof.statements import By, Case, Conclude, Proof, Square, Step
from verifier.proof.statements import Claim as Statement
from verifier.prover.reading import scalar_text
from verifier.theorem.theorem import Claim, Derivation, Options, Progress, Table, Theorem

if TYPE_CHECKING:
    import numpy as np
    import sympy

GATMIRY = (
    "new; without noise Gatmiry et al. (2024), arXiv:2410.08292, have a benign landscape (theorem "
    "not seen in full)"
)
CLAIMS = (
    Claim("noisy", "sigma2 rho >= c: the rate 1/(rho + w) twice has less loss than L1*", "new"),
    Claim("quiet", "sigma2 rho <= c: the rate A11/A12 twice has less loss than L1*", "new"),
    Claim("around", "L(m + v, m - v) = l(m) + v^2 k(m) + v^4 A22; l about m, by its slopes", "new"),
    Claim("ends", "n = 100, d = 1, sigma2 = 20: l' < 0 < l' at the ends of an interval", GATMIRY),
    Claim("convex", "There l'' > 0 and k > 0 on the whole interval", GATMIRY),
    Claim("worse", "There L(m + v, m - v) > L1* for every m of the interval and every v", GATMIRY),
    Claim("better", "There a rate outside the interval, taken twice, has l < L1*", "new"),
)
LOSS = "E((yq - yhat)^2)"
EXAMPLE = {"n": 100, "d": 1, "sigma2": 20}
EDGE = "sigma2*(n + d + 1 + sigma2)", "n*d + n + d + 3"


@dataclass(frozen=True, slots=True)
class Tied:
    """What is derived of two equal steps; SymPy in n, d, sigma2 and the rate e.

    ``loss`` is l(e), ``apart`` is k(e) of L(e + v, e - v) = l + v^2 k + v^4 A22.
    """

    loss: sympy.Expr
    apart: sympy.Expr
    nearest: sympy.Expr


@cache
def tied() -> Tied:
    """l, k and the equal rates nearest to the line of the best sums."""
    import sympy

    best = _steps.optimum()
    e, v, alpha, beta = sympy.symbols("e v alpha beta")
    split = sympy.Poly(best.loss.subs({alpha: 2 * e, beta: e**2 - v**2}), v)
    return Tied(
        split.coeff_monomial(1),
        split.coeff_monomial(v**2),
        sympy.factor(best.A11 / best.A12),
    )


def context(
    rates: tuple[Definition, ...], scalars: tuple[Scalar, ...], arrays: tuple[Tensor, ...] = ()
) -> Context:
    """Theorem 1's prompts and two steps of these rates."""
    return _steps.context(arrays, (*rates, *_steps.TWO_STEPS), scalars)


def _equal(rate: str) -> tuple[Definition, ...]:
    return (Definition("e1", (), rate, "rate of both steps"), Definition("e2", (), "e1"))


def noisy_proof(claimed: Mapping[str, str]) -> Proof:
    """sigma2 rho - c = w^2: on the line, L1* - L = s e^2 (2 beta* - e^2) is a positive fraction."""
    import sympy

    best = _steps.optimum()
    n, d, sigma2, w = sympy.symbols("n d sigma2 width")
    rho = n + d + 1 + sigma2
    rate = claimed.get("noisy_rate", scalar_text(1 / (rho + w)))
    c, delta = sympy.fraction(best.beta)
    above = grouped(sympy.expand(2 * c * (rho + w) ** 2 - delta), (sigma2, w))
    shrink = Definition("shrink", (), scalar_text(1 / (rho * (rho + w) ** 4)), "a factor > 0")
    edge = Atom("edge", "width^2", f"{EDGE[0]} - ({EDGE[1]})")
    by = By(f"0 - n*d*shrink*(width^2 - {EDGE[0]} + {EDGE[1]})*edge", rest=f"n*d*shrink*({above})")
    width = Scalar("width", Fraction(0), meaning="the root of sigma2 rho - c")
    return Proof(
        "noise from an edge on",
        context((shrink, *_equal(rate)), (width,)),
        (_less("noisy", (edge,), by),),
    )


def _less(claim: str, given: Case, by: By) -> Step:
    """L1* > L."""
    less = Atom("less", _steps.optimum().text("one_step"), LOSS, ">")
    return Step(claim, Statement(given, ((less,),)), Conclude(0, {"less": by}), claim=claim)


def quiet_proof(claimed: Mapping[str, str]) -> Proof:
    """sigma2 rho + more = c: L1* - l is a fraction whose numerator is positive in these."""
    import sympy

    best, derived = _steps.optimum(), tied()
    n, d, sigma2, more, e = sympy.symbols("n d sigma2 more e")
    rate = claimed.get("quiet_rate", scalar_text(derived.nearest))
    gain = sympy.factor(best.one_step - derived.loss.subs(e, derived.nearest))
    above, below = sympy.fraction(gain)
    rho = n + d + 1 + sigma2
    c = n * d + n + d + 3
    positive = _in_the_edge(sympy.expand(above), c, sigma2 * rho)
    off = sympy.expand(positive - c * above)
    (quotient,), left = sympy.reduced(off, [more + sigma2 * rho - c], more)
    if left != 0:
        raise ValueError("the numerator is not what its digits say")
    scale = f"(({scalar_text(c)})*({scalar_text(below)}))"
    edge = Atom("edge", f"more + {EDGE[0]}", EDGE[1])
    by = By(
        f"0 - ({grouped(quotient, (sigma2, more))})*edge/{scale}",
        rest=f"({grouped(positive, (sigma2, more))})/{scale}",
    )
    scalar = Scalar("more", Fraction(0), meaning="c - sigma2 rho")
    return Proof(
        "noise up to that edge", context(_equal(rate), (scalar,)), (_less("quiet", (edge,), by),)
    )


def _in_the_edge(above: sympy.Expr, c: sympy.Expr, noisy: sympy.Expr) -> sympy.Expr:
    """c times a polynomial in sigma2, rewritten with more = c - sigma2 rho as a positive one.

    With the digits D0 ... D3 of the polynomial in base more, c D0 = (D0 c + 3 D0 (more + sigma2
    rho))/4 and c D2 more^2 = more (c^2 D2 - c D2 sigma2 rho).
    """
    import sympy

    sigma2, more = sympy.symbols("sigma2 more")
    rest, base, digits = sympy.Poly(above, sigma2), sympy.Poly(c - noisy, sigma2), []
    while not rest.is_zero:
        rest, digit = sympy.div(rest, base)
        digits.append(digit.as_expr())
    zero, one, two, three = (*digits, 0, 0, 0, 0)[:4]
    inner = 3 * zero / 4 + c * one + c**2 * two + c * more**2 * three - c * noisy * two
    return sympy.expand(zero * (c + 3 * noisy) / 4 + more * inner)


def around_proof() -> Proof:
    """The loss about a pair of equal rates, for all sizes and noises."""
    import sympy

    derived = tied()
    m, move, e = sympy.symbols("m move e")
    pair = (Definition("e1", (), "m + v"), Definition("e2", (), "m - v"))
    A22 = _steps.optimum().text("A22")
    whole = f"{_at(derived.loss, 'm')} + v^2*({_at(derived.apart, 'm')}) + v^4*({A22})"
    taylor = [
        sympy.diff(derived.loss, e, k).subs(e, m) * move**k / sympy.factorial(k) for k in range(5)
    ]
    about = " + ".join(f"({scalar_text(t)})" for t in taylor)
    atoms = (
        Atom("split", LOSS, whole),
        Atom("moved", _at(derived.loss, "(m + move)"), about),
    )
    arrays = tuple(Tensor(name, (), "any number") for name in ("m", "v", "move"))
    step = Step(
        "around",
        Statement((), (atoms,)),
        Conclude(0, {atom.name: By() for atom in atoms}),
        claim="around",
    )
    return Proof("about equal rates", context(pair, (), arrays), (step,))


def _at(expression: sympy.Expr, rate: str) -> str:
    """A polynomial in the rate e, as text, at another rate."""
    import sympy

    terms = sympy.Poly(expression, sympy.Symbol("e")).all_coeffs()[::-1]
    return " + ".join(f"({scalar_text(t)})*{rate}^{k}" for k, t in enumerate(terms))


@cache
def interval() -> tuple[Fraction, Fraction, Fraction]:
    """At the example: an interval about the largest zero of l', and a rate near the least one."""
    import sympy

    e = sympy.Symbol("e")
    slope = sympy.Poly(sympy.diff(tied().loss, e).subs(EXAMPLE), e)
    roots = [sum(map(Fraction, map(str, ends))) / 2 for ends, _ in
             slope.intervals(eps=sympy.Rational(1, 10**5))]  # fmt: skip
    first, middle, last = (round(x * 10**5) for x in roots)
    half = (last - middle) // 5
    return Fraction(last - half, 10**5), Fraction(last + half, 10**5), Fraction(first, 10**5)


def example_proof() -> Proof:
    """The false minimum: signs on an interval of rates, m = (low + x high)/(1 + x), x >= 0."""
    import sympy

    best, derived = _steps.optimum(), tied()
    e = sympy.Symbol("e")
    low, high, good = interval()
    slope, bend = sympy.diff(derived.loss, e), sympy.diff(derived.loss, e, 2)
    moving = (
        Definition("m", (), f"({low} + {high}*x)/(1 + x)", "a rate of the interval"),
        Definition("e1", (), "m + v"),
        Definition("e2", (), "m - v"),
    )
    arrays = (Tensor("v", (), "half the distance of the rates"),)
    plain = context(moving, (Scalar("x", Fraction(0), meaning="place in the interval"),), arrays)
    L1 = best.one_step
    fixed = tuple(Atom(f"at_{name}", name, str(value)) for name, value in EXAMPLE.items())
    within = Atom("above", LOSS, best.text("one_step"), ">")
    return Proof(
        "n = 100, d = 1, sigma2 = 20",
        plain,
        (
            _signs(
                "ends",
                fixed,
                (
                    ("falls", "0", _at(slope, f"({low})"), -slope.subs(e, sympy.Rational(low))),
                    ("rises", _at(slope, f"({high})"), "0", slope.subs(e, sympy.Rational(high))),
                ),
            ),
            _signs(
                "convex",
                fixed,
                (
                    ("bend", _at(bend, "m"), "0", _on_interval(bend)),
                    ("apart", _at(derived.apart, "m"), "0", _on_interval(derived.apart)),
                ),
            ),
            Step(
                "worse",
                Statement(fixed, ((within,),)),
                Conclude(0, {"above": _worse(_on_interval(derived.loss) - L1)}),
                claim="worse",
            ),
            _signs(
                "better",
                fixed,
                (
                    (
                        "less",
                        best.text("one_step"),
                        _at(derived.loss, f"({good})"),
                        L1 - derived.loss.subs(e, sympy.Rational(good)),
                    ),
                ),
            ),
        ),
    )


def _on_interval(expression: sympy.Expr) -> sympy.Expr:
    """A polynomial in e at e = (low + high x)/(1 + x)."""
    import sympy

    low, high, _ = map(sympy.Rational, interval())
    x = sympy.Symbol("x")
    return expression.subs(sympy.Symbol("e"), (low + high * x) / (1 + x))


def _signs(claim: str, fixed: Case, wanted: tuple[tuple[str, str, str, sympy.Expr], ...]) -> Step:
    """Each left > right at the example, the difference given."""
    atoms = tuple(Atom(name, left, right, ">") for name, left, right, _ in wanted)
    by = {name: _at_example(difference) for name, _, _, difference in wanted}
    return Step(claim, Statement(fixed, (atoms,)), Conclude(0, by), claim=claim)


def _worse(at_equal: sympy.Expr) -> By:
    """L(m + v, m - v) - L1*: at v = 0 as given, and v^2 k + v^4 A22."""
    best = _steps.optimum()
    base = _at_example(at_equal)
    apart = _at_example(_on_interval(tied().apart))
    squares = (Square(apart.rest, "v"), Square(best.text("A22"), "v^2"))
    return By(f"{base.combination} + v^2*({apart.combination})", rest=base.rest, squares=squares)


def _at_example(difference: sympy.Expr) -> By:
    """Why an expression in n, d, sigma2 and x is what it is at the example."""
    import sympy

    premises = {f"at_{name}": sympy.Symbol(name) - at for name, at in EXAMPLE.items()}
    return under(difference, sympy.factor(difference.subs(EXAMPLE)), premises)


def derive(claimed: Mapping[str, str]) -> Derivation:
    """Derive the rates that beat one step, and the signs about the false minimum."""
    proofs = (noisy_proof(claimed), quiet_proof(claimed), around_proof(), example_proof())
    results = {
        "noisy_rate": "1/(n + d + 1 + sigma2 + width)",
        "quiet_rate": scalar_text(tied().nearest),
        "one_step": _steps.optimum().text("one_step"),
    }
    return Derivation(proofs, results)


def evidence(given: Derivation, options: Options, progress: Progress) -> tuple[Table, ...]:
    """The equal rates on exact moments, and descents about the false minimum."""
    progress("taking equal steps on exact moments")
    return (rates_table(given, options), descents_table())


def losses(weight: np.ndarray, S: np.ndarray, noise: float) -> Callable[[Sequence[float]], float]:
    """sigma2 + E tr (I - S p)^2 + sigma2 E tr S p^2 of steps at these rates, for outcomes of S."""
    import numpy as np

    eye = np.eye(S.shape[1])

    def loss(rates: Sequence[float]) -> float:
        p = np.zeros_like(S)
        for rate in rates:
            p = p + rate * (eye - S @ p)
        rest = eye - S @ p
        means = np.einsum("Nij,Nij->N", rest, rest) + noise * np.einsum("Nij,Nji->N", S @ p, p)
        return float(noise + weight @ means)

    return loss


def rates_table(given: Derivation, options: Options) -> Table:
    """It passes if the derived rate, taken twice, has less loss than every single step."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    from proofs.shared.evidence import number
    from proofs.shared.population import nodes

    rows, passed = [], True
    for d, n in ((1, 1), (1, 2), (2, 1), (2, 2)):
        if d not in options.dimensions:
            continue
        weight, at = nodes({"X": ((n, d), 5)})
        S = np.einsum("Nki,Nkj->Nij", at["X"], at["X"])
        for noise in sorted({*options.noises, Fraction(8)}):
            sizes = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
            over = noise * (n + d + 1 + noise) - (n * d + n + d + 3)
            width = Fraction(max(float(over), 0.0) ** 0.5)
            name = "noisy_rate" if over >= 0 else "quiet_rate"
            rate = float(number(given.results[name], {**sizes, "width": width}))
            loss = losses(weight, S, float(noise))
            one = minimize_scalar(lambda e, f=loss: f([e]), bracket=(0.0, rate), tol=1e-12).fun
            off = one - float(number(given.results["one_step"], sizes))
            twice = loss([rate, rate])
            passed &= twice < one and abs(off) < 1e-7
            shown = (f"{rate:.6g}", f"{twice:.8g}", f"{one:.8g}", f"{off:+.1e}")
            rows.append((str(d), str(n), str(noise), *shown))
    return Table(
        "One rate twice against the best single step, on exact moments",
        ("d", "n", "sigma2", "rate", "loss of two", "least loss of one", "that - L1*"),
        tuple(rows),
        bool(passed),
        "S at the nodes of an exact Gauss-Hermite rule",
        ("noisy", "quiet"),
    )


def descents_table() -> Table:
    """It passes if descents in two rates end inside the interval, above one step, and at A best."""
    import numpy as np
    from scipy.optimize import minimize, minimize_scalar
    from scipy.special import roots_genlaguerre

    low, high, good = map(float, interval())
    places, weight = roots_genlaguerre(8, EXAMPLE["n"] / 2 - 1)  # |x|^2 is 2 Gamma(n/2)
    loss = losses(weight / weight.sum(), 2 * places[:, None, None], float(EXAMPLE["sigma2"]))
    one = float(minimize_scalar(lambda e: loss([e]), bracket=(0.0, good), tol=1e-12).fun)
    rows, passed = [], True
    for start, false in (((low, high), True), ((high, high), True), ((good, good), False)):
        found = minimize(
            lambda e: loss(e / 100), 100 * np.array(start), method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000},
        )  # fmt: skip
        ends = tuple(float(e) for e in found.x / 100)
        inside = all(low <= e <= high for e in ends)
        passed &= (found.fun > one and inside) if false else found.fun < one
        shown = (f"{e:.6f}" for e in (*start, *ends))
        rows.append((*shown, f"{found.fun - one:+.6f}"))
    return Table(
        "Descents in two rates at n = 100, d = 1, sigma2 = 20",
        ("from e1", "from e2", "to e1", "to e2", "loss - L1*"),
        tuple(rows),
        bool(passed),
        "Nelder-Mead; |x|^2 at the nodes of an exact Gauss-Laguerre rule",
        ("ends", "convex", "worse", "better"),
    )


THEOREM = Theorem(
    id="tied-steps",
    title="One rate taken twice beats the best single step, and has false minima at some noise",
    source="this project; looped layers in Gatmiry et al. (2024), arXiv:2410.08292",
    statement=(
        "For x_i, w ~ N(0, I) and noise of variance sigma2, one rate taken twice has less loss "
        "than the best single step, for all n, d and sigma2: the rate 1/(rho + sqrt(sigma2 rho - "
        "c)) where sigma2 rho >= c, with rho = n + d + 1 + sigma2 and c = n d + n + d + 3, and "
        "A11/A12 elsewhere. At n = 100, d = 1, sigma2 = 20 an interval of rates holds a strict "
        "local minimum, of one rate and of two, with more loss than the best single step."
    ),
    claims=CLAIMS,
    derive=derive,
    evidence=evidence,
    claimable=("noisy_rate", "quiet_rate"),
    numbers=("one_step",),
)
