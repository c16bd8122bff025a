"""The price of a task mean without a skip, for every pair of covariances.

With sv = s - S mu and qv = |y - X mu|^2 the best prediction linear in G = sum v v' is

    x'P sv + x'mu (tr (al Lambda^-1 - be Gamma) S + be qv),

P the readout of the pair without a mean, (al, be) the solution of two linear equations: its error
is uncorrelated with x s', x S and x q, and its loss is that of the pair and kappa mu'Lambda mu with
kappa = 1 - al n d - be n sigma2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.shared import layer as pencil
from verifier.proof.context import Atom, Context, Definition, Point, Tensor, Value
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
from verifier.prover.layer import DIMENSION_HEADS, Layer, LayerOptions, layer
from verifier.prover.theorem_file import solved
from verifier.prover.used_letters import with_used_letters

if TYPE_CHECKING:
    import numpy as np

    from proofs.shared.population import Case, Population

PAIR = """
[covariates]
covariance = "Lambda > 0"
[task]
mean = "mu"
covariance = "Gamma > 0"
"""
V = "(2*n*((n + 1)*sum[i,j,l,i1](Lambda[i,j]*Gamma[j,l]*Lambda[l,i1]*Gamma[i1,i]) + t^2))"
OF_MEAN = "sum[i,j](mu[i]*Lambda[i,j]*mu[j])"
KAPPA = "(1 - al*n*d - be*n*sigma2)"
VALUE = f"t - n*sum[i,j,l,i1](Lambda[i,j]*P[j,l]*Lambda[l,i1]*Gamma[i1,i]) + {KAPPA}*{OF_MEAN}"
BEST = "sum[i,j](xq[i]*P[i,j]*sv[j]) + fit*sum[i](xq[i]*mu[i])"
TARGET = {
    "readout": "P[i,j] - 2*be*mu[i]*mu[j]",
    "second": "mu[j]*(al*Lambdai[i,l] - be*Gamma[i,l] + be*mu[i]*mu[l]) - P[j,i]*mu[l]",
    "energy": "be*mu[j]",
}
GIVEN = (
    Atom("optimal", "K[i,j]", "(n + 1)*Lambda[i,j] + t*Gammai[i,j]"),
    Atom("P_K", "sum[j](P[i,j]*K[j,l])", "delta[i,l]"),
    Atom("K_P", "sum[j](K[i,j]*P[j,l])", "delta[i,l]"),
    Atom("first", "al*(n*d + 2) + be*n*sigma2", "1"),
    Atom("second", f"al*n^2*d*sigma2 + be*(n^2*sigma2^2 + {V})", "n*sigma2"),
)
OWN = (
    Tensor("P", ("feature", "feature"), "the readout of the pair without a mean"),
    Tensor("K", ("feature", "feature"), "its inverse"),
    Tensor("al", (), "weight of tr Lambda^-1 S"),
    Tensor("be", (), "weight of |y - X mu|^2 - tr Gamma S"),
    Tensor("mu", ("feature",), "mean of the tasks"),
)
SHIFTED = (
    Definition("sv", ("i",), "s[i] - sum[j](S[i,j]*mu[j])", "X'(y - X mu)"),
    Definition("qv", (), "sum[k]((y[k] - sum[i](X[k,i]*mu[i]))^2)", "|y - X mu|^2"),
    Definition(
        "fit",
        (),
        "al*sum[i,j](Lambdai[i,j]*S[i,j]) + be*(qv - sum[i,j](Gamma[i,j]*S[i,j]))",
        "what stands for the constant 1",
    ),
    Definition("best", (), BEST, "the best prediction"),
)
NOTHING = (Value("part", Fraction(0)), Definition("x", ("i",), "0"))
TRACE = Definition("t", (), "sum[i,j](Lambda[i,j]*Gamma[i,j]) + sigma2", "tr Lambda Gamma + sigma2")


def proofs(claimed: Mapping[str, str]) -> tuple[Proof, ...]:
    """The bound for H heads, and the minimum of d + 1 heads."""
    value = claimed.get("pair_lower_bound", VALUE)
    return (
        _proof("a mean, every pair, H heads", "H", value, _many_steps),
        _proof("a mean, every pair, d + 1 heads", DIMENSION_HEADS, value, _attained_steps),
        few_proof(),
    )


def few_proof() -> Proof:
    """d heads, one more of weights 0: the line of (x, 1), x = -part K mu, that no head reads.

    The forms of the best prediction vanish there where part solves a quadratic equation.
    """
    whole = _proof("a mean, every pair, d heads", DIMENSION_HEADS, VALUE, _attained_steps)
    own = layer(LayerOptions(DIMENSION_HEADS), "", _taken())
    h = own.groups[1].index
    form = "(al*Lambdai[{0},{1}] - be*Gamma[{0},{1}])"
    row = f"(P[j,{h}] + mu[j]*sum[i1]({form.format(h, 'i1')}*unread[i1]))"
    values = own.realised(
        {},
        {
            "a": f"delta[{h},l] + unread[{h}]*mu[l]",
            "b": f"0 - unread[{h}]",
            "A": f"mu[j]*{form.format(h, 'i')} - mu[i]*{row}",
            "c": row,
        },
    )
    along = f"sum[i,j,l,i1](K[i,j]*mu[j]*{form.format('i', 'l')}*K[l,i1]*mu[i1])"
    quadratic = Atom("quadratic", f"{along}*part^2 - part + be")
    unread = Definition("unread", ("i",), "0 - part*sum[j](K[i,j]*mu[j])", "read by no head")
    given = {one.name for one in values}
    context = whole.context
    arrays = tuple(x for x in context.arrays if x.name not in given)
    placed = tuple(x for x in context.definitions if x not in own.definitions)
    special = replace(
        context,
        arrays=(*arrays, Tensor("part", (), "a root"), Tensor("x", ("feature",), "any vector")),
        definitions=(*placed, unread, *values, *own.definitions),
        instances=tuple(
            replace(point, values=(*(x for x in point.values if x.name not in given), *NOTHING))
            for point in context.instances
        ),
    )
    by = By("0 - qv*sum[j](xq[j]*mu[j])*quadratic")
    step = pencil.identity_step("pair-few", "yhat", "best", by, (quadratic,), "pair-few")
    return with_used_letters(Proof(whole.name, special, (step, _line_needed(form, along))))


def _line_needed(form: str, along: str) -> Step:
    """Where all forms of the best prediction vanish at (x, 1), 1 - 4 be along is a square."""
    level = f"(sum[i,l](x[i]*{form.format('i', 'l')}*x[l]) + be)"
    line = Atom("line", f"sum[i](P[j,i]*x[i]) + mu[j]*{level}")
    rest = f"(x[l] - {level}*sum[i1](K[l,i1]*mu[i1]))"
    by = By(
        f"4*{along}*sum[i,j,l](K[i,j]*line[j]*{form.format('i', 'l')}*{rest})",
        squares=(Square("1", f"2*{along}*{level} - 1"),),
    )
    real = Atom("real", "1", f"4*be*{along}", ">=")
    claim = "pair-few-needed"
    return Step(claim, Statement((line,), ((real,),)), Conclude(0, {"real": by}), claim=claim)


def _proof(
    name: str, heads: str, value: str, steps: Callable[[Layer, str], tuple[Step, ...]]
) -> Proof:
    model = solved(PAIR, "pair with a mean").setting.model
    bare = model.context()
    own = layer(LayerOptions(heads), "", _taken())
    arrays = tuple(x for x in bare.arrays if x.name != "mu")
    context = Context(
        sorts=(*bare.sorts, *own.sorts),
        scalars=(*bare.scalars, *own.scalars),
        arrays=(*arrays, *OWN, *own.weights),
        definitions=(*bare.definitions, *own.statistics, TRACE, *SHIFTED, *own.definitions),
        given=(*bare.given, *GIVEN),
        instances=(_instance(own, 1), _instance(own, 2)),
        assumptions=bare.assumptions,
    )
    return with_used_letters(Proof(name, context, steps(own, value)))


def _taken() -> frozenset[str]:
    """Names that the layer must not use."""
    names = frozenset(x.name for x in (*OWN, *SHIFTED, TRACE, *GIVEN))
    return solved(PAIR, "pair with a mean").setting.model.context().taken | names


def _instance(own: Layer, size: int) -> Point:
    """n = d = H = size, sigma2 = 1 and Lambda = Gamma = I: t = size + 1, K = 2 t I."""
    t, s = Fraction(size + 1), Fraction(size)
    whole = 2 * s * (t * s + t**2)
    be = (s - s**3 / (s**2 + 2)) / (s**2 + whole - s**4 / (s**2 + 2))
    numbers = {"n": s, "d": s, "sigma2": Fraction(1), "be": be, "al": (1 - be * s) / (s**2 + 2)}
    numbers |= {one.name: s for one in own.scalars}
    square = {"F": "1", "Fi": "1", "G": "1", "Gi": "1", "K": f"{2 * t}", "P": f"1/{2 * t}"}
    return Point(
        (
            *(Value(name, x) for name, x in numbers.items()),
            *(Definition(name, ("i", "j"), f"{x}*delta[i,j]") for name, x in square.items()),
            Definition("mu", ("i",), "1"),
            *own.realised(*({} for _ in own.groups)),
        )
    )


def _normal() -> Step:
    """The error of the best prediction is uncorrelated with x sv', x S and x qv."""
    of_x = "sum[i1](Lambda[j,i1]*mu[i1])"
    trace = "sum[i1,i2](Lambda[i1,i2]*Gamma[i1,i2])"
    chain = "Lambda[j,i1]*P[i1,i2]*optimal[i2,i3]*Gamma[i3,i4]*Lambda[i4,i]"
    atoms = (
        Atom("of_s", "E((yq - best)*xq[j]*sv[i])"),
        Atom("of_S", "E((yq - best)*xq[j]*S[i,l])"),
        Atom("of_q", "E((yq - best)*xq[j]*qv)"),
    )
    by = {
        "of_s": By(f"n*sum[i1,i2,i3,i4]({chain})"),
        "of_S": By(f"0 - n*Lambda[i,l]*{of_x}*first"),
        "of_q": By(f"0 - {of_x}*(n*{trace}*first + second)"),
    }
    return Step("normal", Statement((), (atoms,)), Conclude(0, by))


def _against(readout: str, second: str, energy: str) -> str:
    """E (yq - best) f by the normal equations, f with these weights of x_j s_i, x_j S_il, x_j q.

    s = sv + S mu and q = qv + 2 mu'sv + mu'S mu.
    """
    return (
        f"sum[i,j](({readout} + 2*({energy})*mu[i])*of_s[j,i])"
        f" + sum[i,j,l]((({second}) + ({readout})*mu[l] + ({energy})*mu[i]*mu[l])*of_S[j,i,l])"
        f" + sum[j](({energy})*of_q[j])"
    )


def _rest(own: Layer) -> str:
    """L - value - E (yhat - best)^2 by the normal equations."""
    outer = [f"({g.summed(g.at('A', 'i', 'j') + '*' + g.at('a', 'l'))})" for g in own.groups]
    energy = [f"({g.summed(g.at('b') + '*' + g.at('c', 'j'))})" for g in own.groups]
    layer_part = _against("B[j,i]", " + ".join(outer), " + ".join(energy))
    best = _against("(P[j,i] - 2*be*mu[j]*mu[i])", TARGET["second"], TARGET["energy"])
    return f"{best} - 2*({layer_part})"


def _many_steps(own: Layer, value: str) -> tuple[Step, ...]:
    return (_normal(), *_bound(own, value, "pair-bound", "pair-bound-prediction"), _price())


def _bound(own: Layer, value: str, bound: str, prediction: str) -> tuple[Step, ...]:
    """The lifted bound, and what a layer predicts that reaches it."""
    gap, rest = Square("1", "yhat - best", "gap"), _rest(own)
    at = Atom("minimal", pencil.LOSS, value)
    lower = Atom("bound", pencil.LOSS, value, ">=")
    return (
        Step(
            "bound",
            Statement((), ((lower,),)),
            Conclude(0, {"bound": By(rest, squares=(gap,))}),
            ("normal",),
            bound,
        ),
        Step(
            "equality",
            Statement((at,), ((Atom("best_prediction", "yhat", "best"),),)),
            Null((gap,), By(f"minimal - ({rest})"), Conclude(0, {"best_prediction": By("gap")})),
            ("normal",),
            prediction,
        ),
    )


def _price() -> Step:
    """(2 n^2 sigma2^2 + (n d + 2) V) kappa = 2 V."""
    D = f"(2*n^2*sigma2^2 + (n*d + 2)*{V})"
    combination = f"0 - 2*n*sigma2*((n*d + 2)*second - n^2*d*sigma2*first) - n*d*first*{D}"
    return pencil.identity_step(
        "price", f"{D}*{KAPPA}", f"2*{V}", By(combination, "n*d + 2"), claim="pair-price"
    )


def _attained_steps(own: Layer, value: str) -> tuple[Step, ...]:
    """d + 1 heads: the first has b = 1, those of the features have omega = e_1, ..., e_d."""
    index = own.groups[1].index
    head = {"b": "1", "A": "P[j,i] - 2*be*mu[j]*mu[i]", "c": TARGET["energy"]}
    second = TARGET["second"].replace("l]", f"{index}]")
    values = own.realised(head, {"a": f"delta[{index},l]", "A": second})
    case = (Atom("best_prediction", "yhat", "best"),)
    at = Atom("minimal", pencil.LOSS, value)
    rest = _rest(own)
    converse = Derive(
        Atom("vanishes", "yhat - best"),
        By("best_prediction"),
        Conclude(0, {"minimal": By(f"{rest} + E((yhat - best)*vanishes)")}),
    )
    bound, equality = _bound(own, value, "", "pair-attained-prediction")
    return (
        _normal(),
        bound,
        equality,
        Step("converse", Statement(case, ((at,),)), converse, ("normal",)),
        Step(
            "minimum",
            Minimum(pencil.LOSS, value, own.parameters, (case,)),
            Attained(0, values),
            ("bound", "equality", "converse"),
            "pair-attained",
        ),
    )


def case(
    label: tuple[str, ...],
    people: Population,
    matrices: tuple[np.ndarray, np.ndarray],
    mean: np.ndarray,
    noise: float,
) -> Case:
    """The bound and the best prediction at these numbers, for up to d + 1 heads."""
    import numpy as np

    from proofs.shared import population

    Lam, Gam = matrices
    n, d = people.X.shape[1:]
    product = Lam @ Gam
    t = np.trace(product) + noise
    whole = 2 * n * ((n + 1) * np.trace(product @ product) + t**2)
    al, be = np.linalg.solve(
        [[n * d + 2, n * noise], [n**2 * d * noise, n**2 * noise**2 + whole]], [1, n * noise]
    )
    P = np.linalg.inv((n + 1) * Lam + t * np.linalg.inv(Gam))
    least = t - n * np.trace(Lam @ P @ product)
    least += (1 - al * n * d - be * n * noise) * mean @ Lam @ mean
    y = people.y - people.X @ mean
    S = np.einsum("Nki,Nkj->Nij", people.X, people.X)
    weights = al * np.linalg.inv(Lam) - be * Gam
    fit = np.einsum("ij,Nij->N", weights, S) + be * np.sum(y**2, axis=1)
    predicted = np.einsum("Ni,ij,Nkj,Nk->N", people.query, P, people.X, y)
    heads = tuple(range(1, d + 2))
    return population.Case(
        label, people, float(least), predicted + fit * (people.query @ mean), heads, d + 1
    )
