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

from proofs import _landscape as landscape
from proofs import _landscape_phases as phases
from proofs import _landscape_reduction as reduction
from proofs import _layer as layer
from proofs import _pair as pair
from proofs import theorem3
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Law, Tensor
from verifier.proof.meaning import Meaning
from verifier.proof.statement import Identity

if TYPE_CHECKING:
    import sympy

WHITENED = (
    Definition("a1", ("i",), "sum[k](F[k,i]*a[k])", "F' a"),
    Definition("b1", (), "b"),
    Definition("A1", ("i", "j"), "sum[k,l](F[k,i]*A[k,l]*F[l,j])", "F' A F"),
    Definition("c1", ("i",), "sum[k](F[k,i]*c[k])", "F' c"),
)
BIJECTION = ("whitened-inverse-vector", "whitened-inverse-matrix")


def covariance_proof(claimed: Mapping[str, str]) -> Proof:
    """Theorem 2: x = F z, w = F^-T z_w; predictions and losses agree with the whitened layer's."""
    matrix = claimed.get("whitened_A", WHITENED[2].body)
    whitened = (*WHITENED[:2], replace(WHITENED[2], body=matrix), WHITENED[3])
    context = Context(
        scalars=layer.SIZES,
        sorts=layer.SORTS,
        tensors=(*pair.TENSORS, *pair.FACTORS, *landscape.OMEGA, *landscape.FREE),
        laws=pair.LAWS,
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
            Definition("back_a", ("i",), "sum[k](Fi[k,i]*a1[k])", "F^-T applied to F' a"),
            Definition(
                "back_A", ("i", "j"), "sum[k,l](Fi[k,i]*A1[k,l]*Fi[l,j])", "F^-T (F' A F) F^-1"
            ),
        ),
        inverses=(("F", "Fi"),),
        assumptions=(pair.FACTORISATION,),
    )
    form = landscape.FORM
    for name in ("a[", "A[", "c["):
        form = form.replace(name, f"{name[0]}1[")
    statements = {
        "whitened-responses": Identity("y[k]", "sum[i](Z[k,i]*z[i]) + e[k]"),
        "whitened-prediction": Identity("yhat", "yhat1"),
        BIJECTION[0]: Identity("back_a[i]", "a[i]"),
        BIJECTION[1]: Identity("back_A[i,j]", "A[i,j]"),
        "whitened-loss": Identity("L", form),
    }
    *before, loss = statements
    steps = tuple(
        Step(
            name,
            "identity",
            statement,
            {},
            tuple(before) if name == loss else (),
            "" if name in BIJECTION else name,
        )
        for name, statement in statements.items()
    )
    return Proof("Theorem 2 in whitened coordinates", context, steps)


GIVEN_F = (
    Tensor("mf", landscape.VECTOR, meaning="E[y x | f]"),
    Tensor("Qf", landscape.MATRIX, meaning="E[y^2 x x' | f]"),
    Tensor("vf", (), meaning="E[y^2 | f]"),
    Tensor("kf", (), meaning="E[y^4 | f]"),
)
ROW = (
    ((2, 0), "delta[s1,s2]"),
    ((4, 0), theorem3.PAIRINGS),
    ((1, 1), "mf[s1]"),
    ((2, 2), "1/2*(Qf[s1,s2] + Qf[s2,s1])"),
    ((0, 2), "vf"),
    ((0, 4), "kf"),
)


def family_context() -> Context:
    """A random function f with -f ~ f, rotation-invariant; its five moments as in Theorem 3."""
    return Context(
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION, *theorem3.FAMILY),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            *theorem3.RESPONSES,
            layer.QUERY,
            *theorem3.TARGET,
            *GIVEN_F,
        ),
        laws=(
            Law("joint", ("xq", "yq"), moments=ROW),
            Law("rows", ("X", "y"), moments=ROW),
            Law("joint", ("mf", "Qf", "vf", "kf"), moments=theorem3.FAMILY_MOMENTS),
        ),
        flips=(("y", "yq", "mf"),),
        models=theorem3.MODELS,
        assumptions=(theorem3.EXAMPLES_INDEPENDENT,),
    )


def reduced_family() -> Context:
    """The family with the reduced layer and its loss."""
    base = family_context()
    return landscape.extend(
        replace(base, tensors=(*base.tensors, *landscape.OMEGA, *landscape.FREE)),
        landscape.predictor(),
    )


@cache
def family_coefficients() -> Mapping[str, str]:
    """The seven coefficients of Theorem 3's loss in its five moments, derived, as index text.

    Each is read off one closed sum that it alone (or with Q, G) multiplies in the loss.
    """
    import sympy

    meaning = Meaning(reduced_family())
    loss = meaning.value("L").numerator

    def part(word: str) -> sympy.Expr:
        ((_, sums),) = meaning.value(word).numerator
        return sympy.Add(
            *(
                sympy.Rational(value.numerator, value.denominator)
                * sympy.Mul(*(sympy.Symbol(name) ** power for name, power in scalars))
                for (scalars, sums_), value in loss.items()
                if sums_ == sums
            )
        )

    Q, g2 = part("b^2*sum[i,j](A[i,j]^2)"), part("sum[i,j](A[i,j]^2)*sum[i](a[i]^2)")
    values = (
        part("1"),
        -part("b*sum[i](A[i,i])") / 2,
        Q,
        g2,
        part("sum[i,j,k](A[i,j]*a[i]*A[k,j]*a[k])") + g2,
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
    step = Step("family-loss", "identity", Identity("L", landscape.FORM), {}, (), "family-loss")
    return Proof("Theorem 3's loss", context, (step,))


def family_chart_proof(chart: reduction.Chart) -> Proof:
    """The elimination of N in Theorem 3, where its coefficients are positive (P > 0 above all)."""
    context = landscape.extend(
        family_context(),
        (),
        landscape.FORM_SCALARS,
        landscape.coefficient_equations(family_coefficients()),
    )
    names = (f"family-decomposition-{chart.name}", f"family-elimination-{chart.name}")
    return reduction.chart_proof(f"Theorem 3, chart {chart.name}", context, chart, names)
