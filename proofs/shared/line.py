"""Prompts with one feature and a task mean: layers whose weights are 2 x 2, in full.

With d = 1 all that H heads predict is x (tau S + beta s + kappa q), S with the query's own square
where the sum runs over its token; two heads reach every (tau, beta, kappa), one head those with
beta^2 >= 4 tau kappa.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from verifier.proof.context import Array, Atom, Context, Definition, Normal, Scalar, Sort, Tensor
from verifier.proof.statements import (
    Attained,
    By,
    Claim,
    Conclude,
    Derive,
    Minimum,
    Null,
    Square,
    Step,
)
from verifier.prover.reading import Reading, scalar_text

if TYPE_CHECKING:
    import sympy

    from proofs.shared.population import Case

EXAMPLE, HEAD = "example", "head"
BLOCKS = ("xx", "xy", "yx", "yy")
WEIGHTS = ("hx", "hy", *(f"{matrix}{block}" for matrix in ("WV", "WK", "WQ") for block in BLOCKS))
LOSS = "E((yq - yhat)^2)"
PREDICTED = Atom("predicted", "yhat", "best")
FEATURES = ("xq*S", "xq*s", "xq*q")
DATA: tuple[Array, ...] = (
    Normal("X", (EXAMPLE,), meaning="covariates of the examples"),
    Normal("xq", meaning="query"),
    Normal("z", meaning="task, less its mean"),
    Normal("e", (EXAMPLE,), "sigma2", "noise of the examples"),
    Normal("eq", (), "sigma2", "noise of the query's response"),
)
SCALARS = (
    Scalar("n", Fraction(1), integer=True, meaning="number of examples"),
    Scalar("sigma2", Fraction(0), meaning="noise variance"),
    Scalar("mu", meaning="mean of the task"),
)


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of one kind: one, named by a prefix, or H of them with the index m."""

    prefix: str = ""
    many: bool = False

    def at(self, name: str, *indices: str) -> str:
        """An entry of each head."""
        shown = (*(("m",) if self.many else ()), *indices)
        return f"{self.prefix}{name}" + (f"[{','.join(shown)}]" if shown else "")

    def summed(self, text: str, *indices: str) -> str:
        """The sum over these heads and over further indices."""
        shown = (*(("m",) if self.many else ()), *indices)
        return f"sum[{','.join(shown)}]({text})" if shown else text

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """h, W_V, W_K and W_Q by entries."""
        sorts = (HEAD,) if self.many else ()
        return tuple(Tensor(self.prefix + name, sorts, f"entry of {name[:-2] or 'h'}")
                     for name in WEIGHTS)  # fmt: skip

    def product(self, block: str) -> str:
        """An entry of the first column of W_K' W_Q: A for x, c for y."""
        return (
            f"{self.at(f'WKx{block}')}*{self.at('WQxx')} + {self.at(f'WKy{block}')}"
            f"*{self.at('WQyx')}"
        )

    def forward(self, query: bool) -> tuple[list[Definition], str]:
        """Value and score of each token, and what these heads predict."""
        own = ("m",) if self.many else ()
        found = [
            Definition(f"{self.prefix}value", (*own, "k"), self._value("X[k]", "y[k]"), "h'W_V v"),
            Definition(f"{self.prefix}score", (*own, "k"), self._score("X[k]", "y[k]"),
                       "(W_K v)'W_Q q"),
        ]  # fmt: skip
        total = self.summed(f"{self.at('value', 'k')}*{self.at('score', 'k')}", "k")
        if query:
            own_token = f"({self._value('xq', '0')})*({self._score('xq', '0')})"
            total += f" + {self.summed(own_token)}"
        return found, total

    def letters(self) -> dict[str, str]:
        """The weights of xq S, xq s and xq q, from a, b, A, c of each head."""
        a, b = (
            f"({self.at('hx')}*{self.at(f'WVx{y}')} + {self.at('hy')}*{self.at(f'WVy{y}')})"
            for y in "xy"
        )
        A, c = f"({self.product('x')})", f"({self.product('y')})"
        return {
            "tau": self.summed(f"{A}*{a}"),
            "beta": self.summed(f"{A}*{b} + {c}*{a}"),
            "kappa": self.summed(f"{c}*{b}"),
        }

    def realised(self, a: str = "0", b: str = "0", A: str = "0", c: str = "0"
                 ) -> tuple[Definition, ...]:  # fmt: skip
        """Weights with these letters, the same for each head: h = e_2, W_K = I."""
        values = dict.fromkeys(WEIGHTS, "0")
        values |= {"hy": "1", "WVyx": a, "WVyy": b, "WKxx": "1", "WKyy": "1"}
        values |= {"WQxx": A, "WQyx": c}
        own = ("m",) if self.many else ()
        return tuple(Definition(self.prefix + name, own, body) for name, body in values.items())

    def _value(self, x: str, y: str) -> str:
        at = self.at
        return (
            f"{at('hx')}*({at('WVxx')}*{x} + {at('WVxy')}*{y})"
            f" + {at('hy')}*({at('WVyx')}*{x} + {at('WVyy')}*{y})"
        )

    def _score(self, x: str, y: str) -> str:
        at = self.at
        asked = [f"({at(f'WQ{row}x')}*xq + {at(f'WQ{row}y')}*0)" for row in "xy"]
        return " + ".join(
            f"({at(f'WK{row}x')}*{x} + {at(f'WK{row}y')}*{y})*{question}"
            for row, question in zip("xy", asked, strict=True)
        )


def context(
    groups: tuple[Heads, ...],
    query: bool,
    definitions: tuple[Definition, ...] = (),
    scalars: tuple[Scalar, ...] = (),
) -> Context:
    """The prompts, their statistics, these heads and what they predict."""
    own = " + xq^2" if query else ""
    statistics = (
        Definition("y", ("k",), "X[k]*(z + mu) + e[k]", "responses of the examples"),
        Definition("yq", (), "xq*(z + mu) + eq", "response of the query, the target"),
        Definition("S", (), f"sum[k](X[k]^2){own}", "X'X" + own.replace("xq", "x_{n+1}")),
        Definition("s", (), "sum[k](X[k]*y[k])", "X'y"),
        Definition("q", (), "sum[k](y[k]^2)", "y'y"),
    )
    parts = [group.forward(query) for group in groups]
    forward = [one for found, _ in parts for one in found]
    whole = [group.letters() for group in groups]
    letters = [
        Definition(name, (), " + ".join(one[name] for one in whole) or "0", f"weight of {feature}")
        for name, feature in zip(("tau", "beta", "kappa"), FEATURES, strict=True)
    ]
    many = any(group.many for group in groups)
    heads = (Scalar("H", Fraction(1), integer=True, meaning="heads"),) if many else ()
    return Context(
        sorts=(
            Sort(EXAMPLE, "n", ("k", "h")),
            *((Sort(HEAD, "H", ("m",)),) if many else ()),
        ),
        scalars=(*SCALARS, *heads, *scalars),
        arrays=(*DATA, *(weight for group in groups for weight in group.weights)),
        definitions=(
            *statistics,
            *forward,
            Definition(
                "yhat", (), " + ".join(total for _, total in parts) or "0", "the prediction"
            ),
            *letters,
            *definitions,
        ),
    )


@dataclass(frozen=True, slots=True)
class Best:
    """The best prediction x (tau S + beta s + kappa q), and its loss; SymPy in n, sigma2, mu.

    ``means`` are the second moments of the features.
    """

    weights: tuple[sympy.Expr, ...]
    loss: sympy.Expr
    means: sympy.Matrix

    @property
    def text(self) -> str:
        """The prediction as index text."""
        parts = zip(self.weights, FEATURES, strict=True)
        return " + ".join(f"({scalar_text(w)})*{feature}" for w, feature in parts)


@cache
def best(query: bool) -> Best:
    """The normal equations of the three features, derived and solved."""
    import sympy

    read = Reading(context((), query))
    means = sympy.Matrix(3, 3, lambda i, j: read.number(f"E({FEATURES[i]}*{FEATURES[j]})"))
    seen = sympy.Matrix(3, 1, lambda i, _: read.number(f"E({FEATURES[i]}*yq)"))
    means, seen = means.applyfunc(sympy.expand), seen.applyfunc(sympy.expand)
    weights = tuple(sympy.factor(x) for x in means.LUsolve(seen))
    least = read.number("E(yq^2)") - sum(w * r for w, r in zip(weights, seen, strict=True))
    return Best(weights, sympy.factor(least), means)


def bound_steps(query: bool, claims: Mapping[str, str], value: str = "") -> tuple[Step, ...]:
    """No heads go below the least loss, and those that reach it make the best prediction."""
    least = value or scalar_text(best(query).loss)
    gap = Square("1", "yhat - best", "gap")
    at, lower = Atom("minimal", LOSS, least), Atom("bound", LOSS, least, ">=")
    return (
        Step(
            "bound",
            Claim((), ((lower,),)),
            Conclude(0, {"bound": By(squares=(gap,))}),
            claim=claims.get("bound", ""),
        ),
        Step(
            "equality",
            Claim((at,), ((PREDICTED,),)),
            Null((gap,), By("minimal"), Conclude(0, {"predicted": By("gap")})),
            claim=claims.get("prediction", ""),
        ),
    )


def minimum_steps(
    query: bool, heads: tuple[Heads, ...], claim: str, value: str
) -> tuple[Step, ...]:
    """Two heads reach the least loss: one has b = 1, A = beta, c = kappa, the other a = 1."""
    least = value or scalar_text(best(query).loss)
    at = Atom("minimal", LOSS, least)
    tau, beta, kappa = map(scalar_text, best(query).weights)
    first, second = heads
    values = (*first.realised(b="1", A=beta, c=kappa), *second.realised(a="1", A=tau))
    converse = Derive(
        Atom("vanishes", "yhat - best"),
        By("predicted"),
        Conclude(0, {"minimal": By("E((yhat - best)*vanishes)")}),
    )
    parameters = tuple(weight.name for one in heads for weight in one.weights)
    return (
        Step("converse", Claim((PREDICTED,), ((at,),)), converse),
        Step(
            "minimum",
            Minimum(LOSS, least, parameters, ((PREDICTED,),)),
            Attained(0, values),
            ("bound", "equality", "converse"),
            claim,
        ),
    )


def case(n: int, noise: Fraction, mean: Fraction, query: bool) -> Case:
    """The least loss and the best prediction at these numbers, for one and two heads."""
    import numpy as np

    from proofs.shared import population

    at = {"n": n, "sigma2": noise, "mu": mean}
    tau, beta, kappa = (float(x.subs(at)) for x in best(query).weights)
    one = np.eye(1)
    people = population.gaussian(n, float(noise), one, one, np.array([float(mean)]), 4)
    gram = people.gram(query)
    read = tau * gram[:, 0, 0] + beta * gram[:, 0, 1] + kappa * gram[:, 1, 1]
    return population.Case(
        ("1", str(n), str(mean)),
        people,
        float(best(query).loss.subs(at)),
        people.query[:, 0] * read,
        (1, 2),
        2,
        query,
    )
