"""What carries over: to Theorem 2 everything, by a change of variables; to Theorem 3 the form.

Theorem 2's layer at (a, b, A, c) predicts, on prompts x = F z, what the layer at (F'a, b, F'A F,
F'c) predicts on whitened ones, and F is invertible: the two landscapes are the same. Theorem 3's
loss has the isotropic form, its seven coefficients given by five moments of the family.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from proofs.shared import layer, pair
from proofs.shared.functions import FOURTH, ZERO, functions, linear
from proofs.shared.landscape import phases, reduction
from proofs.shared.landscape import vocabulary as landscape
from proofs.shared.landscape.certificates import FUEL
from verifier.proof.context import Atom, Context, Definition, Point, Tensor, Value
from verifier.proof.mean import Meaning
from verifier.proof.statements import By, Claim, Conclude, Null, Proof, Square, Step
from verifier.proof.syntax import Fuel
from verifier.prover.reading import exponents

if TYPE_CHECKING:
    import sympy

WHITENED = (
    Definition("a1", ("i",), "sum[o](F[o,i]*a[o])", "F' a"),
    Definition("b1", (), "b"),
    Definition("A1", ("i", "j"), "sum[o,l](F[o,i]*A[o,l]*F[l,j])", "F' A F"),
    Definition("c1", ("i",), "sum[o](F[o,i]*c[o])", "F' c"),
)
BIJECTION = ("whitened-inverse-vector", "whitened-inverse-matrix")


def covariance_proof(claimed: Mapping[str, str]) -> Proof:
    """Theorem 2: x = F z, w = F^-T z_w; predictions and losses agree with the whitened layer's."""
    matrix = claimed.get("whitened_A", WHITENED[2].body)
    whitened = (*WHITENED[:2], replace(WHITENED[2], body=matrix), WHITENED[3])
    context = Context(
        sorts=landscape.SORTS,
        scalars=layer.SIZES,
        arrays=(*pair.NORMALS, *pair.FACTORS, *landscape.OMEGA, *landscape.FREE),
        definitions=(
            *phases.coefficient_definitions(),
            Definition("G0", ("i", "j"), "Fi[j,i]", "F^-T, so that Gamma = Sigma^-1"),
            pair.DATA[0],
            pair.DATA[1],
            replace(pair.DATA[2], body="sum[j](G0[i,j]*z[j])"),
            *pair.DATA[3:],
            *landscape.predictor(),
            *whitened,
            *landscape.predictor("1", X="Z", xq="zq"),
            Definition("back_a", ("i",), "sum[o](Fi[o,i]*a1[o])", "F^-T applied to F' a"),
            Definition(
                "back_A", ("i", "j"), "sum[o,l](Fi[o,i]*A1[o,l]*Fi[l,j])", "F^-T (F' A F) F^-1"
            ),
        ),
        given=pair.inverse_pair("F", "Fi"),
        instances=instances(),
        assumptions=(pair.FACTORISATION,),
    )
    form = landscape.FORM
    for name in ("a[", "A[", "c["):
        form = form.replace(name, f"{name[0]}1[")
    statements = {
        "whitened-responses": ("y[k]", "sum[i](Z[k,i]*z[i]) + e[k]"),
        "whitened-prediction": ("yhat", "yhat1"),
        BIJECTION[0]: ("back_a[i]", "a[i]"),
        BIJECTION[1]: ("back_A[i,j]", "A[i,j]"),
        "whitened-loss": ("L", form),
    }
    steps = tuple(
        layer.identity_step(name, left, right, claim="" if name in BIJECTION else name)
        for name, (left, right) in statements.items()
    )
    return Proof("Theorem 2 in whitened coordinates", context, steps)


def instances() -> tuple[Point, ...]:
    """Sigma = 4 I, sigma2 = 1, omega and N of ones."""
    points = landscape.instances({"sigma2": "1"}, {"a": "1", "A": "1", "c": "1"})
    more = (
        Definition("b", (), "1"),
        Definition("F", ("i", "j"), "2*delta[i,j]"),
        Definition("Fi", ("i", "j"), "delta[i,j]/2"),
    )
    return tuple(replace(point, values=(*point.values, *more)) for point in points)


def family_context() -> Context:
    """Theorem 3's setting: a random f with -f ~ f, its law invariant under rotations; no layer."""
    base = functions("y").model.joined(FOURTH).context()
    return replace(
        base,
        sorts=landscape.SORTS,
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION, *base.scalars[2:]),
        instances=(linear(1, 1, ZERO), linear(2, 3, ZERO)),
    )


def reduced_family() -> Context:
    """The family with the reduced layer and its loss."""
    base = family_context()
    ones = tuple(
        Definition(tensor.name, ("i", "j")[: len(tensor.sorts)], "1")
        for tensor in (*landscape.OMEGA, *landscape.FREE)
    )
    points = tuple(replace(p, values=(*p.values, *ones)) for p in base.instances)
    arrays = (*base.arrays, *landscape.OMEGA, *landscape.FREE)
    full = replace(base, arrays=arrays, instances=points)
    return landscape.extend(full, landscape.predictor())


@cache
def family_coefficients() -> Mapping[str, str]:
    """The seven coefficients of Theorem 3's loss in its five moments, derived, as index text.

    Each is read off one closed sum that it alone (or with Q, G) multiplies in the loss.
    """
    import sympy

    context = reduced_family()
    meaning = Meaning(context, Fuel(FUEL))
    loss = meaning.value(context.read("L")).num

    def part(word: str) -> sympy.Expr:
        ((_, networks),) = meaning.value(context.read(word)).num
        return sympy.Add(
            *(
                sympy.Rational(coefficient)
                * sympy.Mul(*(sympy.Symbol(n) ** k for n, k in exponents(meaning, packed).items()))
                for (packed, own), coefficient in loss.items()
                if own == networks
            )
        )

    Q, g2 = part("b^2*sum[i,j](A[i,j]^2)"), part("sum[i,j](A[i,j]^2)*sum[i](a[i]^2)")
    values = (
        part("1"),
        -part("b*sum[i](A[i,i])") / 2,
        Q,
        g2,
        part("sum[i,j,l](A[i,j]*a[i]*A[l,j]*a[l])") + g2,
        part("b*sum[i,j](a[i]*A[i,j]*c[j])") / 2 - Q,
        part("b^2*sum[j](c[j]^2)"),
    )
    texts = (layer.text_of(sympy.factor(value)) for value in values)
    return dict(zip(landscape.COEFFICIENTS, texts, strict=True))


def family_loss_proof(claimed: Mapping[str, str]) -> Proof:
    """The loss of every such family has the isotropic form."""
    derived = family_coefficients()
    values = {**derived, "g4": claimed.get("family_g4", derived["g4"])}
    definitions = tuple(
        Definition(name, (), values[name], landscape.MEANINGS[name])
        for name in landscape.COEFFICIENTS
    )
    context = landscape.extend(reduced_family(), definitions)
    step = layer.identity_step("family-loss", "L", landscape.FORM, claim="family-loss")
    return Proof("Theorem 3's loss", context, (step,))


def family_gram_proof() -> Proof:
    """P is the Gram determinant of |Xv|^2 and q = |y|^2 in mean square, for any unit vector v.

    G = E |Xv|^4, g3 = E |Xv|^2 q, g4 = E q^2, so G P = E (G q - g3 |Xv|^2)^2 >= 0; if it is 0, the
    square vanishes almost surely.
    """
    base = family_context()
    values = family_coefficients()
    unit = Tensor("v", landscape.VECTOR, meaning="a unit vector")
    points = tuple(
        replace(
            point,
            values=(
                *point.values,
                Value("v", reduction.UNIT_VECTORS[reduction.size_of(point)]),
            ),
        )
        for point in base.instances
    )
    context = landscape.extend(
        replace(base, arrays=(*base.arrays, unit), instances=points),
        (
            *(Definition(name, (), values[name]) for name in ("G", "g3", "g4")),
            Definition("P", (), landscape.GRAM.right, "Gram determinant"),
            Definition("along", (), "sum[k](sum[i](X[k,i]*v[i])^2)", "|X v|^2"),
            Definition("q", (), "sum[k](y[k]^2)", "y'y"),
        ),
        given=(Atom("norm", "sum[i](v[i]^2)", "1"),),
    )
    square = Square("1/G", "G*q - g3*along", "multiple")
    beside = "g3^2*(1 - sum[i](v[i]^2))*norm"
    zero = Atom("zero", "P")
    proportional = Atom("proportional", "G*q", "g3*along")
    steps = (
        layer.inequality_step("gram", "P", "0", ">=", By(beside, squares=(square,)), "family-gram"),
        Step(
            "flat",
            Claim((zero,), ((proportional,),)),
            Null((square,), By(f"zero - {beside}"), Conclude(0, {"proportional": By("multiple")})),
            claim="family-gram-zero",
        ),
    )
    return Proof("Theorem 3, P as a Gram determinant", context, steps)


def family_chart_proof(chart: reduction.Chart) -> Proof:
    """The elimination of N in Theorem 3, where its coefficients are positive (P > 0 above all)."""
    values = family_coefficients()
    base = family_context()
    numbers = tuple(
        Definition(name, (), text) for name, text in landscape.form_numbers(values).items()
    )
    points = tuple(replace(p, values=(*p.values, *numbers)) for p in base.instances)
    context = landscape.extend(
        replace(base, instances=points),
        (),
        landscape.FORM_SCALARS,
        landscape.coefficient_equations(values),
    )
    names = (f"family-decomposition-{chart.name}", f"family-elimination-{chart.name}")
    return reduction.chart_proof(f"Theorem 3, chart {chart.name}", context, chart, names)
