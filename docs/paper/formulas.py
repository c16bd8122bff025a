"""Formulas of the paper: each is printed from an expression that is compared with a checked one.

A formula is written as a text in scalars. Names in ``keep`` stay letters in later formulas, where
they stand for their own formula when the comparison is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy

from verifier import Report
from verifier.proof.statements import Claim, Minimum
from verifier.proof.syntax import parse
from verifier.render.latex_expression import latex

SIGMA, MEAN = sympy.Symbol("sigma"), "sum[i](mu[i]^2)"
ETA = sympy.Symbol("eta")
# Macro, its text, and where the checked expression is: a result, or a side of a claim.
EQUAL = (
    ("etaOne", "1/(n + d + 1 + sigma2)", ("theorem1", "learning_rate"), "eta"),
    ("lossOne", "d + sigma2 - n*d*eta", ("theorem1", "minimum_loss"), ""),
    ("etaFunctions", "mubar/((n - 1)*mubar + taubar)", ("theorem3", "learning_rate"), ""),
    (
        "lossFunctions",
        "nu2 - n*d*mubar^2/((n - 1)*mubar + taubar)",
        ("theorem3", "minimum_loss"),
        "",
    ),
    ("lossRank", "sigma2 + d - H*r*n*eta", ("low-rank-heads", "minimum_loss"), ""),
    ("priceKappa", "2*v/((n*d + 2)*v + n*sigma2^2)", ("task-mean", "bound", "mean"), ""),
    ("priceNoiseless", "2/(n*d + 2)", ("task-mean", "price-at-most", "left"), ""),
    ("oneHeadPays", "(d + 1)/(n + d + 1)", ("task-mean", "one-head-pays", "mean"), ""),
    (
        "errorsLoss",
        "d + sigma2 - n*d/((1 + tau^2)*(n + 1 + (1 + tau^2)*(d + sigma2)))",
        ("noise-levels", "errors-minimum", "value"),
        "",
    ),
    (
        "prefixLoss",
        "d + sigma2 - 3*d*(n + 1)/(2*(2*n + 3*d + 3*sigma2 + 4))",
        ("causal-training", "prefix-minimum", "value"),
        "",
    ),
    (
        "regret",
        "n*d*(n - m)^2/((n + d + 1 + sigma2)*(m + d + 1 + sigma2)^2)",
        ("causal-training", "regret", "right"),
        "",
    ),
    ("oneTask", "d - n*(n + 3 - d)/(n + 2)^2", ("task-pool", "one-task", "right"), ""),
)


class PaperError(ValueError):
    """The paper says something that the program does not."""


class Formulas:
    """Formulas for the paper by macro."""

    def __init__(self, reports: Mapping[str, Report]) -> None:
        self.reports = reports
        self.kept: dict[sympy.Symbol, sympy.Expr] = {}
        self.macros: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """Every formula of the paper."""
        self._price()
        for macro, text, where, keep in EQUAL:
            self.equal(macro, text, self.checked(*where), keep)
        self._retrieval()
        self._two_steps()
        self._moments()
        self._landscape()
        return self.macros

    def checked(self, theorem: str, name: str, part: str = "") -> sympy.Expr:
        """A result of a derivation, or a part of the statement of a claim."""
        if not part:
            return number(str(self.reports[theorem].results[name]))
        return number(statement_part(self.reports[theorem], name, part))

    def equal(self, macro: str, text: str, truth: sympy.Expr, keep: str = "") -> None:
        """Print ``text`` if it equals ``truth``; PaperError if not."""
        expression = number(text)
        difference = self.unfolded(expression) - self.unfolded(truth)
        if sympy.simplify(difference) != 0:
            raise PaperError(f"{macro}: {text} is not {sympy.factor(truth)}, which was checked")
        if keep:
            self.kept[sympy.Symbol(keep)] = expression
        self.macros[macro] = latex(parse(text, {}))

    def unfolded(self, expression: sympy.Expr) -> sympy.Expr:
        """With what the names kept so far stand for."""
        for name, meaning in reversed(self.kept.items()):
            expression = expression.subs(name, meaning)
        return expression

    def show(self, macro: str, expression: sympy.Expr, keep: str = "") -> None:
        """Print an expression that was taken from a checked one."""
        if keep:
            self.kept[sympy.Symbol(keep)] = expression
        self.macros[macro] = str(sympy.latex(expression, order="grlex"))

    def _price(self) -> None:
        """kappa = 2 v/((n d + 2) v + n sigma^4): v is half its numerator."""
        above, _ = sympy.fraction(sympy.cancel(self.checked("task-mean", "bound", "mean")))
        self.equal("priceV", "(n + 1)*d + (d + sigma2)^2", above / 2, "v")

    def _retrieval(self) -> None:
        """eta as a quotient, from the linear equation that was checked; rho for r."""
        above = self.checked("retrieval", "normalised", "left")
        below = self.checked("retrieval", "normalised", "right") / ETA
        text = (
            "(d + 2)*(1 + rho*(d + 3)) + (n - 1)*(rho^2*(d + 2)*(d + 4)"
            " + 2*rho*(1 - rho)*(d + 2) + (1 - rho)^2) + sigma2*(1 + rho*(d + 1))"
        )
        r, rho = sympy.symbols("r rho")
        self.equal("retrievalAbove", "1 + rho*(d + 1)", above.subs(r, rho))
        self.equal("retrievalBelow", text, sympy.expand(below).subs(r, rho))

    def _two_steps(self) -> None:
        """c and Delta = c sigma^4 + g sigma^2 + h from the optimal product of the rates."""
        above, below = sympy.fraction(sympy.cancel(self.checked("two-steps", "product_of_rates")))
        h, g, c = sympy.Poly(below, SIGMA).all_coeffs()[::-2]
        total = sympy.fraction(sympy.cancel(self.checked("two-steps", "sum_of_rates")))
        if sympy.expand(c - above) or sympy.expand(total[0] - g - c * SIGMA**2):
            raise PaperError("the rates are not (g + c sigma^2)/Delta and c/Delta")
        self.show("gainC", c, "c")
        self.show("gainG", g, "g")
        self.show("gainH", h, "h")
        self.equal("gainDelta", "c*sigma2^2 + g*sigma2 + h", below, "Delta")
        gain = self.checked("two-steps", "gain", "right")
        self.equal("gainFormula", "n*d*c^2/((n + d + 1 + sigma2)*Delta)", gain)
        scale = self.unfolded(number("-4*n*d*c/Delta^2"))
        cubic = sympy.cancel(self.checked("gd-plus-plus", "slope") / scale)
        if min(sympy.Poly(cubic, *sympy.symbols("n d")).coeffs()) <= 0:
            raise PaperError("G3 has a coefficient that is not positive")

    def _moments(self) -> None:
        """m_k = E tr S^k from E tr (I - eta S)^4."""
        loss = sympy.Poly(sympy.expand(self.checked("looped", "minimum_loss")), ETA)
        names = ("momentOne", "momentTwo", "momentThree", "momentFour")
        for k, name in enumerate(names, 1):
            moment = loss.coeff_monomial(ETA**k) / ((-1) ** k * sympy.binomial(4, k))
            self.show(name, sympy.factor(moment))

    def _landscape(self) -> None:
        """p, the numerator of tau*."""
        m = number("n + d + 1 + sigma2")
        at = {sympy.Symbol(k): v for k, v in self._coefficients().items()}
        ratio = self.checked("landscape", "weights-tau", "left").subs(at)
        P = at[sympy.Symbol("G")] * at[sympy.Symbol("g4")] - at[sympy.Symbol("g3")] ** 2
        truth = ratio.subs(sympy.Symbol("P"), P) * (sympy.Symbol("n") + 2) * m**2
        text = "4*(d + sigma2 - 1)*((n + 1)*(d + sigma2) + 1) + 2*d*(n + 2)^2"
        self.equal("landscapeP", text, truth)

    def _coefficients(self) -> dict[str, sympy.Expr]:
        (listed,) = self.reports["landscape"].results["coefficients"]  # type: ignore[misc]
        pairs = (part.split("=") for part in listed.split(";"))
        return {name.strip(): number(value) for name, value in pairs}


def statement_part(report: Report, name: str, part: str) -> str:
    """The value of a minimum; a side of what a claim states; or there the factor of |mu|^2."""
    (found,) = (one for one in report.claims if one.claim.id == name)
    if isinstance(found.statement, Minimum):
        return found.statement.value
    assert isinstance(found.statement, Claim)
    atom = found.statement.cases[0][0]
    if part != "mean":
        return str(getattr(atom, part))
    text = atom.right.replace(MEAN, "square")
    return str(sympy.diff(number(text), sympy.Symbol("square")))


def number(text: str) -> sympy.Expr:
    """An expression in scalars; sigma2 is the square of sigma."""
    names = {name: sympy.Symbol(name) for name in ("Q", "N", "S", "E", "beta", "gamma", "eta")}
    read: Callable[..., sympy.Expr] = sympy.sympify
    return read(text.replace("^", "**"), locals=names).subs(sympy.Symbol("sigma2"), SIGMA**2)
