"""Gaussian pairs written out by hand, on which the search is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from proofs.shared import layer
from proofs.shared.pair import DATA, FACTORISATION, FACTORS, NORMALS, inverse_pair
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Tensor, Value

ZERO = Fraction(0)
MATRIX = (layer.FEATURE, layer.FEATURE)
SORTS = layer.sorts("i j l m o p u v", "k h g")
LETTERS = {letter: sort.name for sort in SORTS for letter in sort.letters}
MATRICES = (
    Definition("Lambda", ("i", "j"), "sum[o](F[i,o]*F[j,o])", "covariance of the covariates"),
    Definition("Gamma", ("i", "j"), "sum[o](G[i,o]*G[j,o])", "covariance of the task"),
    Definition("H", ("i", "j"), "sum[o](F[o,i]*G[o,j])", "F' G"),
    Definition("t", (), "sum[i,j](H[i,j]^2) + sigma2", "tr(Lambda Gamma) + sigma2"),
)

WHITENED = (
    Definition("At", ("i", "j"), "sum[o,l](F[o,i]*A[o,l]*F[l,j])", "F' A F"),
    Definition("at", ("i",), "sum[o](F[o,i]*a[o])", "F' a"),
    Definition("ct", ("i",), "sum[o](F[o,i]*c[o])", "F' c"),
    Definition("Gt", ("i", "j"), "sum[o](H[i,o]*H[j,o])", "F' Gamma F"),
    Definition("Dt", ("i", "j"), "sum[o,l](F[o,i]*(B[o,l] - P[o,l])*F[l,j])", "F' (B - P) F"),
)

INVERSES = (
    Definition("Hi", ("i", "j"), "sum[o](Gi[i,o]*Fi[j,o])", "inverse of H"),
    Definition("Gti", ("i", "j"), "sum[o](Hi[o,i]*Hi[o,j])", "inverse of F' Gamma F"),
)


def instances(values: Mapping[str, str]) -> tuple[Point, ...]:
    """n = d = 1 and n = d = 2 with sigma2 = 1, matrices as given (entries in i, j), weights 1."""
    weights = tuple(Definition(w.name, tuple("ij"[: len(w.sorts)]), "1") for w in layer.WEIGHTS)
    matrices = tuple(Definition(name, ("i", "j"), text) for name, text in values.items())
    return tuple(
        Point(
            (
                *(Value(name, Fraction(size)) for name in ("n", "d")),
                Value("sigma2", Fraction(1)),
                *matrices,
                *weights,
            )
        )
        for size in (1, 2)
    )


def definitions(*own: Definition) -> tuple[Definition, ...]:
    """All definitions of a pair proof, the theorem's own ones first."""
    return (
        *own,
        *MATRICES,
        *DATA,
        *layer.FORWARD_PASS,
        *layer.REDUCED,
        *layer.STATISTICS,
        *WHITENED,
        *INVERSES,
    )


TASK_FACTORS = (
    Tensor("G", MATRIX, meaning="Gamma = G G'"),
    Tensor("Gi", MATRIX, meaning="inverse of G"),
)
READOUT = (
    Tensor("P", MATRIX, meaning="the optimal readout"),
    Tensor("K", MATRIX, meaning="inverse of P"),
)
TASK_PRECISION = Definition(
    "Gammai", ("i", "j"), "sum[o](Gi[o,i]*Gi[o,j])", "Gamma^-1, by G Gi = I"
)
SUM_LEMMA = "a sum of positive definite matrices is positive definite, so invertible"


def definite() -> Context:
    """Positive definite Lambda, Gamma; P and K = P^-1 tied by the normal equation."""
    return Context(
        sorts=SORTS,
        scalars=(*layer.SIZES, Scalar("r", meaning="any rate")),
        arrays=(*NORMALS, *FACTORS, *TASK_FACTORS, *READOUT, *layer.WEIGHTS),
        definitions=(*definitions(), TASK_PRECISION),
        given=(
            Atom("optimal", "K[i,j]", "(n+1)*Lambda[i,j] + t*Gammai[i,j]"),
            *inverse_pair("F", "Fi"),
            *inverse_pair("G", "Gi"),
            *inverse_pair("P", "K"),
        ),
        instances=definite_instances(),
        assumptions=(FACTORISATION, SUM_LEMMA),
    )


def definite_instances() -> tuple[Point, ...]:
    """Lambda = 4 I, Gamma = I, sigma2 = 1: K = (4 (n + 1) + 4 d + 1) I and P its inverse."""
    precision = "(4*(n+1) + 4*d + sigma2)"
    points = instances(
        {
            "F": "2*delta[i,j]",
            "Fi": "delta[i,j]/2",
            "G": "delta[i,j]",
            "Gi": "delta[i,j]",
            "K": f"{precision}*delta[i,j]",
            "P": f"delta[i,j]/{precision}",
        }
    )
    rate = Value("r", Fraction(1))
    return tuple(replace(point, values=(*point.values, rate)) for point in points)


QUERY_TERMS = (
    Definition(
        "query_value", (), "sum[p,i](hx[p]*WVxx[p,i]*xq[i]) + hy*sum[i](WVyx[i]*xq[i])", "h'W_V v_q"
    ),
    Definition(
        "query_score",
        (),
        "sum[p,i,j](WKxx[p,i]*xq[i]*WQxx[p,j]*xq[j]) + sum[i,j](WKyx[i]*xq[i]*WQyx[j]*xq[j])",
        "(W_K v_q)' W_Q v_q",
    ),
)


def query_in_sum() -> Context:
    """The same with the query token in the sum."""
    base = definite()
    own = tuple(
        replace(x, body=f"{x.body} + query_value*query_score") if x.name == "yhat" else x
        for x in base.definitions
    )
    at = [x.name for x in own].index("yhat")
    return replace(base, definitions=(*own[:at], *QUERY_TERMS, *own[at:]))


def singular() -> Context:
    """Any Lambda = F F', Gamma = G G' with t > 0: P = Gamma ((n+1) Lambda Gamma + t I)^-1."""
    sizes = (layer.CONTEXT_LENGTH, layer.DIMENSION)
    sigma = Scalar("sigma", ZERO, meaning="standard deviation of the noise")
    inverse_of_t = Scalar("ti", ZERO, strict=True, meaning="1/t; it exists as t > 0")
    resolvent = Tensor("R", MATRIX, meaning="((n+1) Lambda Gamma + t I)^-1")
    no_inverses = tuple(x for x in definitions() if x not in INVERSES and x.name != "Dt")
    at = [x.name for x in no_inverses].index("t")
    gap = next(x for x in WHITENED if x.name == "Dt")
    noises = tuple(replace(x, variance="sigma2") for x in NORMALS[:2])
    return Context(
        sorts=SORTS,
        scalars=(*sizes, sigma, inverse_of_t),
        arrays=(
            *noises,
            *NORMALS[2:],
            FACTORS[0],
            TASK_FACTORS[0],
            resolvent,
            *layer.WEIGHTS,
        ),
        definitions=(
            Definition("sigma2", (), "sigma^2", "noise variance"),
            *no_inverses[: at + 1],
            Definition("P", ("i", "j"), "sum[o](Gamma[i,o]*R[o,j])", "the optimal readout"),
            *no_inverses[at + 1 :],
            gap,
        ),
        given=(
            Atom(
                "resolvent",
                "sum[j](R[i,j]*((n+1)*sum[o](Lambda[j,o]*Gamma[o,l]) + t*delta[j,l]))",
                "delta[i,l]",
            ),
            Atom("positive", "ti*t", "1"),
        ),
        instances=singular_instances(),
        assumptions=(
            "a positive semidefinite matrix is F F' with F square",
            "Lambda Gamma has the eigenvalues of G' Lambda G, none negative, "
            "so (n+1) Lambda Gamma + t I is invertible for t > 0",
        ),
    )


def singular_instances() -> tuple[Point, ...]:
    """Lambda = 0, Gamma = I, sigma = 1: t = 1 and R = I."""
    points = instances({"F": "0*delta[i,j]", "G": "delta[i,j]", "R": "delta[i,j]"})
    numbers = (Value("sigma", Fraction(1)), Value("ti", Fraction(1)))
    return tuple(
        replace(point, values=(*(v for v in point.values if v.name != "sigma2"), *numbers))
        for point in points
    )
