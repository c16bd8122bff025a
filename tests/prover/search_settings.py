"""Settings for the search: the full context, the reduced one with letters, and the features."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

import by_hand
import pairs_by_hand as pairs

from proofs.shared import layer
from proofs.shared.functions import functions, points
from proofs.shared.pair import inverse_pair
from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Normal,
    Point,
    Scalar,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.rules import Checker
from verifier.proof.statements import By as Reason
from verifier.proof.statements import Claim, Conclude, Step
from verifier.prover.features import Feature
from verifier.prover.search.case_tree import Equality

F = layer.FEATURE
LETTERS = (Tensor("a", (F,)), Tensor("b"), Tensor("A", (F, F)), Tensor("c", (F,)))
NAMES = ("a", "b", "A", "c")
STEP, SECOND, LAST, CUBIC = (
    Feature(("i", "j"), "xq[j]*s[i]", "b*A[i,j] + c[j]*a[i]", "eta*delta[i,j]"),
    Feature(("i", "j", "l"), "xq[j]*sum[k](X[k,i]*X[k,l])", "A[i,j]*a[l]"),
    Feature(("j",), "xq[j]*sum[k](y[k]^2)", "b*c[j]"),
    Feature(("i", "j", "l"), "xq[i]*xq[j]*xq[l]", "A[i,j]*a[l]"),
)
FEATURES = (STEP, SECOND, LAST)
RATE = "1/(n+d+1+sigma2)"  # Theorem 1: E s'w / E s's for one coordinate, n d / (n d (n+d+1+sigma2))


@dataclass(frozen=True)
class Setting:
    """A gap in the full context, and what the search is given."""

    full: Context
    reduced: Context
    features: tuple[Feature, ...]
    gap: str
    letters: tuple[str, ...] = NAMES


def reduced(full: Context, letters: tuple[Tensor, ...] = LETTERS) -> Context:
    """The context with the letters as arrays, without raw weights and without instances."""
    weights = {w.name for w in layer.WEIGHTS}
    names = {one.name for one in letters}
    gone = {x.name for x in layer.FORWARD_PASS} | {x.name for x in pairs.QUERY_TERMS}
    gone |= names | {"B", "At", "at", "ct", "Dt"}
    return replace(
        full,
        arrays=(*(x for x in full.arrays if x.name not in weights), *letters),
        definitions=tuple(x for x in full.definitions if x.name not in gone),
        instances=(),
    )


def setting(full: Context, features: tuple[Feature, ...], best: str) -> Setting:
    """The gap yhat - best."""
    return Setting(full, reduced(full), features, f"yhat - {best}")


def wide(context: Context) -> Context:
    """The context with more index letters: f1, f2, ... and e1, e2, ..."""
    sorts = tuple(
        replace(x, letters=(*x.letters, *(f"{x.name[0]}{k}" for k in range(1, 21))))
        for x in context.sorts
    )
    return replace(context, sorts=sorts)


def isotropic() -> Setting:
    """Theorem 1."""
    return setting(wide(by_hand.theorem1(RATE)), FEATURES, "eta*sum[i](xq[i]*s[i])")


def with_yhat(full: Context, text: str, before: tuple[Definition, ...] = ()) -> Context:
    """The context with another forward pass."""
    at = [x.name for x in full.definitions].index("yhat")
    yhat = replace(full.definitions[at], body=text)
    return replace(
        full, definitions=(*full.definitions[:at], *before, yhat, *full.definitions[at + 1 :])
    )


def query_in_sum() -> Setting:
    """Theorem 1 with the query token in the sum."""
    full = with_yhat(
        wide(by_hand.theorem1(RATE)),
        "sum[k](value[k]*score[k]) + query_value*query_score",
        pairs.QUERY_TERMS,
    )
    return setting(full, (*FEATURES, CUBIC), "eta*sum[i](xq[i]*s[i])")


def divided() -> Setting:
    """Theorem 1 with a layer that divides by n: its weights are n times as large."""
    full = with_yhat(wide(by_hand.theorem1(RATE)), "sum[k](value[k]*score[k])/n")
    features = tuple(replace(x, weight=f"({x.weight})/n") for x in FEATURES)
    return setting(full, features, "eta*sum[i](xq[i]*s[i])")


def any_laws() -> Setting:
    """x ~ N(0, I), any symmetric task of covariance I, any centred noise: theorem1 any-minimum."""
    base = wide(by_hand.any_laws_context())
    eta = Definition("eta", (), RATE)
    full = replace(base, definitions=(eta, *base.definitions))
    return setting(full, FEATURES, "eta*sum[i](xq[i]*s[i])")


def hidden_function() -> Setting:
    """Theorem 3; its rate is not needed here: any step that the layer may predict."""
    data = functions("y").model.context()
    base = wide(
        replace(
            data,
            sorts=layer.SORTS,
            arrays=(*data.arrays, *layer.WEIGHTS),
            definitions=(
                *data.definitions,
                *layer.FORWARD_PASS,
                *layer.REDUCED,
                *layer.STATISTICS,
            ),
            instances=points(),
        )
    )
    eta = Definition("eta", (), "mubar/(taubar+(n-1)*mubar)")
    full = replace(base, definitions=(eta, *base.definitions))
    return setting(full, FEATURES, "eta*sum[i](xq[i]*s[i])")


def gaussian(query: bool = False) -> Setting:
    """Every pair of invertible covariances, the query in the sum or not."""
    full = wide(pairs.query_in_sum() if query else pairs.definite())
    full = replace(full, definitions=(Definition("eta", (), "1"), *full.definitions))
    step = replace(STEP, optimum="P[j,i]")
    features = (step, SECOND, LAST, CUBIC) if query else (step, SECOND, LAST)
    return setting(full, features, "sum[i,j](xq[i]*P[i,j]*s[j])")


def singular() -> Setting:
    """Every pair of covariances, singular ones included, with t > 0."""
    full = wide(pairs.singular())
    step = replace(STEP, optimum="P[j,i]")
    return setting(full, (step, SECOND, LAST), "sum[i,j](xq[i]*P[i,j]*s[j])")


def vector_responses() -> Setting:
    """Theorem 1 with responses y_ko, their tokens read by a whole layer: W_V of all responses."""
    base = two_outputs()
    out = "output"
    letters = (
        Tensor("a", (out, F)),
        Tensor("b", (out, out)),
        Tensor("A", (F, F)),
        Tensor("c", (out, F)),
    )
    full = replace(base.full, arrays=(*base.full.arrays[:-1], *letters))
    features = (
        Feature(
            ("i", "j", "o1"),
            "xq[j]*s[i,o1]",
            "b[o,o1]*A[i,j] + c[o1,j]*a[o,i]",
            "eta*delta[i,j]*delta[o,o1]",
        ),
        Feature(("i", "j", "l"), "xq[j]*sum[k](X[k,i]*X[k,l])", "A[i,j]*a[o,l]"),
        Feature(("j", "o1", "o2"), "xq[j]*sum[k](y[k,o1]*y[k,o2])", "b[o,o1]*c[o2,j]"),
    )
    return Setting(full, full, features, " + ".join(map(share, features)))


HEAD, COUNT = "head", Scalar("heads", Fraction(1), integer=True, meaning="number of heads")


def headed(text: str, names: tuple[str, ...], index: str = "h1") -> str:
    """The text with a head index at each of these names."""
    word = re.compile(rf"\b({'|'.join(names)})\b(\[)?")
    return word.sub(lambda m: f"{m[1]}[{index}{',' if m[2] else ']'}", text)


def heads(base: Setting) -> Setting:
    """The same setting with any number of heads, each with its own weights."""
    weights = tuple(w.name for w in layer.WEIGHTS)
    own = (*weights, "value", "score", "query_value", "query_score", *NAMES)
    moved = {"value", "score", "query_value", "query_score", *NAMES}
    definitions = []
    for one in base.full.definitions:
        if one.name == "B" or one.name in {"At", "at", "ct", "Dt"}:
            continue
        body = headed(one.body, own) if one.name in {*moved, "yhat"} else one.body
        if one.name == "yhat":
            body = f"sum[h1]({body})"
        parameters = ("h1", *one.parameters) if one.name in moved else one.parameters
        definitions.append(replace(one, body=body, parameters=parameters))
    arrays = tuple(
        replace(x, sorts=(HEAD, *x.sorts)) if isinstance(x, Tensor) and x.name in weights else x
        for x in base.full.arrays
    )
    full = replace(
        base.full,
        sorts=(*base.full.sorts, Sort(HEAD, "heads", ("h1", "h2", "h3"))),
        scalars=(*base.full.scalars, COUNT),
        arrays=arrays,
        definitions=tuple(definitions),
        instances=tuple(_headed_point(point) for point in base.full.instances),
    )
    letters = tuple(replace(x, sorts=(HEAD, *x.sorts)) for x in LETTERS)
    features = tuple(
        replace(x, weight=f"sum[h1]({headed(x.weight, NAMES)})") for x in base.features
    )
    return Setting(full, reduced(full, letters), features, base.gap)


def _headed_point(point: Point) -> Point:
    weights = {w.name for w in layer.WEIGHTS}
    size = next(x.entries for x in point.values if isinstance(x, Value) and x.name == "n")
    values = tuple(
        replace(x, parameters=("h1", *x.parameters))
        if isinstance(x, Definition) and x.name in weights
        else x
        for x in point.values
    )
    return replace(point, values=(*values, Value("heads", size)))


def retrieval() -> Setting:
    """Examples that resemble the query: x_k = alpha x + beta g_k with beta > 0."""
    base = wide(by_hand.theorem1(RATE))
    arrays = tuple(replace(x, name="G") if x.name == "X" else x for x in base.arrays)
    examples = Definition("X", ("k", "i"), "alpha*xq[i] + beta*G[k,i]")
    scalars = (Scalar("alpha"), Scalar("beta", Fraction(0), strict=True))
    full = replace(
        base,
        scalars=(*base.scalars, *scalars),
        arrays=arrays,
        definitions=(examples, *base.definitions),
    )
    return setting(full, FEATURES, "eta*sum[i](xq[i]*s[i])")


def skip_with_mean() -> Setting:
    """A task of mean mu and a skip beta of the query: from mu, one step (mathematics, S3a)."""
    base = wide(by_hand.theorem1(RATE))
    task = Definition("task", ("i",), "mu[i] + w[i]")
    definitions = tuple(
        replace(x, body=x.body.replace("w[i]", "task[i]")) if x.name in ("y", "yq") else x
        for x in base.definitions
    )
    own = (Tensor("mu", (F,)), Tensor("beta", (F,)))
    full = with_yhat(
        replace(base, arrays=(*base.arrays, *own), definitions=(task, *definitions)),
        "sum[k](value[k]*score[k]) + sum[i](beta[i]*xq[i])",
    )
    second = replace(SECOND, optimum="-eta*delta[i,j]*mu[l]")
    skip = Feature(("i",), "xq[i]", "beta[i]", "mu[i]")
    best = "sum[i](xq[i]*(mu[i] + eta*(s[i] - sum[l](S[i,l]*mu[l]))))"
    found = setting(full, (STEP, second, LAST, skip), best)
    return replace(found, letters=(*NAMES, "beta"))


def two_outputs() -> Setting:
    """Responses with an index o: y_ko = x_k'w_o + noise, predicted by sum_i M_ij x_j (X'y)_io."""
    out = Sort("output", "outs", ("o", *(f"o{k}" for k in range(1, 10))))
    base = wide(by_hand.theorem1(RATE))
    arrays = (
        layer.QUERY,
        layer.EXAMPLES,
        Normal("w", (F, "output")),
        Normal("e", (layer.EXAMPLE, "output"), "sigma2"),
        Tensor("M", (F, F)),
    )
    full = Context(
        (*base.sorts, out),
        (*base.scalars, Scalar("outs", Fraction(1), integer=True)),
        arrays=arrays,
        definitions=(
            Definition("y", ("k", "o"), "sum[i](X[k,i]*w[i,o]) + e[k,o]"),
            Definition("s", ("i", "o"), "sum[k](X[k,i]*y[k,o])"),
            Definition("eta", (), RATE),
        ),
    )
    feature = Feature(("i", "j"), "xq[j]*s[i,o]", "M[i,j]", "eta*delta[i,j]")
    gap = "sum[i,j](M[i,j]*xq[j]*s[i,o]) - eta*sum[i](xq[i]*s[i,o])"
    return Setting(full, full, (feature,), gap, ("M",))


def steps(one: Setting, found: Equality) -> list[Step]:
    """What the checker is to accept: gap = 0 leads to the cases, and each case to gap = 0."""
    gap = Atom("gap", one.gap)
    back = Atom("vanishes", one.gap)
    converses = [
        Step(f"converse {m}", Claim(case, ((back,),)), Conclude(0, {"vanishes": Reason(why)}))
        for m, (case, why) in enumerate(zip(found.cases, found.converses, strict=True), 1)
    ]
    return [Step("equality", Claim((gap,), found.cases), found.tree), *converses]


def check(one: Setting, found: Equality) -> None:
    """ProofError unless the checker accepts the tree and all converses in the full context."""
    checker = Checker(one.full)
    for step in steps(one, found):
        checker.check(step)


def shown(found: Equality) -> list[list[str]]:
    """The cases as texts."""
    return [[f"{x.left} = {x.right}" for x in case] for case in found.cases]


def inverse_tasks() -> Setting:
    """Theorem 2 with letters for weights: the readout is eta Lambda^-1, a product of inverses."""
    base = gaussian()
    own = {"X", "xq", "w", "y", "s", "q", "S"}
    eta = Definition("eta", (), RATE)
    task = Definition("w", ("i",), "sum[j](Fi[j,i]*z[j])")
    definitions = tuple(task if x.name == "w" else x for x in base.reduced.definitions)
    arrays = tuple(x for x in base.reduced.arrays if x.name not in ("G", "Gi", "P", "K"))
    full = replace(
        base.reduced,
        scalars=tuple(x for x in base.reduced.scalars if x.name != "r"),
        arrays=arrays,
        definitions=(eta, *(x for x in definitions if x.name in own)),
        given=inverse_pair("F", "Fi"),
        instances=_identity_points({"F": "delta[i,j]", "Fi": "delta[i,j]"}),
    )
    return _by_letters(full, base, "eta*sum[l](Fi[l,i]*Fi[l,j])")


def covariates_with_a_mean() -> Setting:
    """x = m + z: no closed form, the readout is any solution of its normal equations.

    At m = 0 it is eta I, which is what the instances say.
    """
    base = isotropic()
    mean = Tensor("m", (F,))
    readout = Tensor("P", (F, F))
    shifted = (
        Definition("X", ("k", "i"), "Z[k,i] + m[i]"),
        Definition("xq", ("i",), "zq[i] + m[i]"),
    )
    renamed = {"X": "Z", "xq": "zq"}
    arrays = tuple(
        replace(x, name=renamed[x.name]) if x.name in renamed else x for x in base.reduced.arrays
    )
    best = "sum[i,j](P[i,j]*xq[i]*s[j])"
    full = replace(
        base.reduced,
        arrays=(*arrays, mean, readout),
        definitions=(*shifted, *base.reduced.definitions),
        given=(Atom("normal", f"E(xq[i]*s[j]*(yq - ({best})))"),),
        instances=_identity_points({"P": f"delta[i,j]*({RATE})"}, Definition("m", ("i",), "0")),
    )
    return _by_letters(full, base, "P[j,i]")


def skip_in_a_pair() -> Setting:
    """Every pair with a task mean mu and a skip of the query: from mu, one step with P."""
    base = gaussian()
    own = (Tensor("mu", (F,)), Tensor("beta", (F,)))
    task = Definition("w", ("i",), "mu[i] + sum[j](G[i,j]*z[j])")
    full = replace(
        base.reduced,
        arrays=(*base.reduced.arrays, *own),
        definitions=tuple(task if x.name == "w" else x for x in base.reduced.definitions),
        given=tuple(x for x in base.reduced.given if x.name != "optimal"),
        instances=_identity_points(
            dict.fromkeys(("F", "Fi", "G", "Gi", "P", "K"), "delta[i,j]"),
            Definition("mu", ("i",), "1"),
            Definition("beta", ("i",), "1"),
        ),
    )
    full = replace(full, scalars=tuple(x for x in full.scalars if x.name != "r"))
    skip = Feature(("i",), "xq[i]", "beta[i]", "mu[i]")
    features = (base.features[0], replace(SECOND, optimum="-P[j,i]*mu[l]"), LAST, skip)
    gap = " + ".join(map(share, features))
    return Setting(full, replace(full, instances=()), features, gap, (*NAMES, "beta"))


def _by_letters(full: Context, base: Setting, optimum: str) -> Setting:
    """A setting whose full context has the letters themselves, with another readout."""
    features = (replace(STEP, optimum=optimum), *base.features[1:])
    gap = " + ".join(map(share, features))
    return Setting(full, replace(full, instances=()), features, gap)


def share(one: Feature) -> str:
    """A feature's share of the gap."""
    body = f"((({one.weight}) - ({one.optimum}))*({one.random}))"
    return f"sum[{','.join(one.slots)}]{body}" if one.slots else body


def _identity_points(
    matrices: dict[str, str], *others: Definition, letters: tuple[Tensor, ...] = LETTERS
) -> tuple[Point, ...]:
    """n = d = 1 and n = d = 2, sigma2 = 1, these matrices, and letters of ones."""
    ones = tuple(Definition(x.name, tuple("ij"[: len(x.sorts)]), "1") for x in letters)
    given = tuple(Definition(name, ("i", "j"), text) for name, text in matrices.items())
    return tuple(
        Point(
            (
                *(Value(name, Fraction(size)) for name in ("n", "d")),
                Value("sigma2", Fraction(1)),
                *ones,
                *given,
                *others,
            )
        )
        for size in (1, 2)
    )


def restricted(diagonal: bool, in_pair: bool) -> Setting:
    """Merged weights b and alpha I, or b and diag(alpha), in Theorem 1's setting or a pair."""
    base = gaussian() if in_pair else isotropic()
    letters = (Tensor("b"), Tensor("alpha", (F,) if diagonal else ()))
    optimum = Tensor("R", (F,) if diagonal else ())
    slots, index = (("i",), "[i]") if diagonal else ((), "")
    random = "xq[i]*s[i]" if diagonal else "sum[i](xq[i]*s[i])"
    feature = Feature(slots, random, f"b*alpha{index}", f"R{index}")
    names = {x.name for x in LETTERS}
    full = replace(
        base.reduced,
        arrays=(*(x for x in base.reduced.arrays if x.name not in names), *letters, optimum),
        given=tuple(x for x in base.reduced.given if x.name != "optimal"),
    )
    if in_pair:
        ones = tuple(
            Definition(x.name, tuple("i"[: len(x.sorts)]), "1") for x in (*letters, optimum)
        )
        matrices = dict.fromkeys(("F", "Fi", "G", "Gi", "P", "K"), "delta[i,j]")
        points = _identity_points(matrices, *ones, letters=())
        full = replace(
            full, scalars=tuple(x for x in full.scalars if x.name != "r"), instances=points
        )
    return Setting(full, replace(full, instances=()), (feature,), share(feature), ("b", "alpha"))
