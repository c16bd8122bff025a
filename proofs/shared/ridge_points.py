"""Prompts at which all that `ridge_bayes` assumes holds, and where false claims about it show."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from verifier.proof.context import Context, Definition, Point, Tensor, Value
from verifier.prover.theorem_file import point
from verifier.theorem.theorem import Filling


def with_instances(context: Context, penalty: str) -> Context:
    """The context with two prompts, restricted to what it declares."""
    scalars = {scalar.name for scalar in context.scalars}
    tensors = {array.name for array in context.arrays if isinstance(array, Tensor)}
    noise = "sigma2" in scalars
    own = []
    for size in (1, 2):
        values = _prompt(size, penalty, noise)
        own.append(Point(tuple(v for v in values if v.name in scalars | tensors)))
    return replace(context, instances=tuple(own))


def _prompt(size: int, penalty: str, noise: bool) -> tuple[Value | Definition, ...]:
    """Orthogonal examples of length c: d = n = size, S = c^2 I.

    Where R = (S + sigma2 I)^-1 is the posterior's matrix, c = 4/3 and sigma2 = 1 give
    sigma2 R = (9/25) I = M M' with M = (3/5) I; without noise S = I, T = I and M = 0.
    """
    length, deviation = (Fraction(4, 3), "3/5") if noise else (Fraction(1), "0")
    rows = tuple(tuple(length * (i == k) for i in range(size)) for k in range(size))
    numbers = {"n": size, "d": size, "sigma2": 1}
    ridge = f"delta[i,j]/({length**2} + ({penalty}))" if noise else "delta[i,j]"
    return (
        *(Value(name, Fraction(number)) for name, number in numbers.items()),
        Value("X", rows),
        *point(
            f"T[i,j] = {ridge}",
            f"R[i,j] = delta[i,j]/({length**2} + sigma2)",
            f"M[i,j] = {deviation}*delta[i,j]",
            "y[k] = 1",
            "v[i] = 1",
            "xq[i] = 1",
            "p = 1",
            "B[i,j] = delta[i,j]",
        ),
    )


def fillings(penalty: str, prediction: str) -> tuple[Filling, ...]:
    """Where to look for counterexamples: d = n = 1, where sigma2 R = M^2 has rational solutions.

    X = 4/3, sigma2 = 1 give R = 9/25 and M = 3/5; X = 3, sigma2 = 3 give R = 1/12 and M = 1/2.
    Without noise X = 1 gives T = 1 and M = 0.
    """
    found = [
        point(
            f"X[k,i] = {entry}",
            f"T[i,j] = 1/(({entry})^2*n + ({penalty}))",
            f"R[i,j] = 1/(({entry})^2*n + sigma2)",
            f"M[i,j] = {deviation}",
        )
        for entry, deviation in (("4/3", "3/5"), ("3", "1/2"))
    ]
    found.append(point("X[k,i] = 1", "T[i,j] = 1/n", "M[i,j] = 0"))
    best = point("xq[i] = 1", f"p = {prediction}")
    return (*((*one, *best) for one in found), *found)
