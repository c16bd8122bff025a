"""Declarations that make no sense are refused when they are made, and each says why."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from verifier.proof.expression import ProofError

from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor

N, D = Scalar("n", Fraction(0), integer=True), Scalar("d", Fraction(1), integer=True)
TENSORS = (
    Tensor("X", ("row", "column")),
    Tensor("Y", ("column", "row")),
    Tensor("y", ("row",)),
    Tensor("x", ()),
    Tensor("M", ("row", "row")),
    Tensor("N", ("row", "row")),
    Tensor("C", ("column", "column")),
    Tensor("K", ("row", "column")),
    Tensor("r", ("row", "row"), ("x",)),
    Tensor("r2", ("row", "row"), ("x",)),
    Tensor("free", ("endless", "row")),
    Tensor("T", ("row", "row", "row")),
)
X = Law("normal", ("x",))


def context(**parts: Any) -> Context:
    declared = {
        "scalars": (N, D, Scalar("t")),
        "sorts": (("row", "n"), ("column", "d"), ("endless", "")),
        "tensors": TENSORS,
        "laws": (X,),
    }
    return Context(**{**declared, **parts})


def test_declarations_that_make_sense() -> None:
    context()
    every = tuple(f"i{k}" for k in range(3))
    sorts = ("row", "column", "endless")
    context(definitions=(Definition("f", every, "t", sorts=sorts), Definition("g", (), "t")))
    context(definitions=(Definition("f", (), "t*n*d + x"),), tensors=(Tensor("x", ()),))
    context(laws=(X, Law("rows", ("X", "y"), moments=(((1, 1), "t"),))))
    context(inverses=(("M", "N"),))
    Context((Scalar("t"),), (), definitions=(Definition("f", ("i", "j"), "t*delta[i,j]"),))
    context(laws=(X, Law("joint", ("y",), moments=(((2,), "n*d*t*M[s1,s2]*N[s1,s2]"),))))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"scalars": (N, D, Scalar("t"), Scalar("t"))}, "'t' is declared twice"),
        ({"scalars": (N, D, Scalar("t"), Scalar("x"))}, "'x' is declared twice"),
        ({"sorts": (("row", "n"), ("row", "d"))}, "a sort of indices is declared twice"),
        ({"sorts": (("row", "m"), ("column", "d"))}, "'m' of sort 'row' is not a declared scalar"),
        ({"sorts": (("row", "t"), ("column", "d"))}, "must be declared an integer"),
        (
            {"scalars": (N, D, Scalar("m", Fraction(-1), integer=True)), "sorts": (("row", "m"),)},
            "must be declared an integer",
        ),
        (
            {"scalars": (N, D, Scalar("m", Fraction(1))), "sorts": (("row", "m"),)},
            "must be declared an integer",
        ),
        ({"sorts": (("row", "n"),)}, "has an undeclared sort"),
        ({"definitions": (Definition("f", (), "y[i]"),)}, "a stray index"),
        ({"definitions": (Definition("f", ("i", "i"), "y[i]"),)}, "do not fit"),
        ({"definitions": (Definition("f", ("i",), "y[i]", sorts=("row", "row")),)}, "do not fit"),
        ({"definitions": (Definition("f", ("i",), "y[i]", sorts=("all",)),)}, "undeclared sort"),
        ({"definitions": (Definition("f", (), "a + t"),)}, "uses 'a' before it is known"),
        (
            {"definitions": (Definition("f", (), "g"), Definition("g", (), "t"))},
            "uses 'g' before it is known",
        ),
        ({"definitions": (Definition("f", (), "f"),)}, "uses 'f' before it is known"),
        ({"laws": (Law("uniform", ("x",)),)}, "unknown law 'uniform'"),
        ({"laws": (X, Law("normal", ()))}, "a law needs an array"),
        ({"laws": (X, X)}, "with one law"),
        ({"laws": (X, Law("normal", ("t",)))}, "must be a declared tensor"),
        ({"laws": (X, Law("normal", ("r",)))}, "must be a declared tensor"),
        ({"laws": (X, Law("normal", ("y", "M")))}, "about one array"),
        ({"laws": (Law("rows", ("x",)),)}, "needs a row index"),
        ({"laws": (X, Law("rows", ("X", "Y")))}, "share the sort of their first index"),
        ({"laws": (X, Law("rows", ("X", "C")))}, "share the sort of their first index"),
        ({"laws": (X, Law("rows", ("free",)))}, "need a sort with a declared size"),
        ({"laws": (X, Law("joint", ("y",), moments=(((2, 1), "1"),)))}, "do not fit its arrays"),
        (
            {"laws": (X, Law("joint", ("y",), moments=(((2,), "1"), ((2,), "t"))))},
            "do not fit its arrays",
        ),
        ({"laws": (Law("normal", ("x",), moments=(((2,), "1"),)),)}, "a variance only"),
        ({"laws": (X, Law("joint", ("y",), "t"))}, "moments only"),
        ({"laws": (Law("normal", ("x",), "y[i]^2"),)}, "a variance has no index"),
        ({"laws": (Law("normal", ("x",), "a"),)}, "uses an undeclared or already integrated"),
        ({"laws": (X, Law("normal", ("y",), "x^2"))}, "uses an undeclared or already integrated"),
        ({"laws": (Law("normal", ("x",), "x^2"),)}, "uses an undeclared or already integrated"),
        ({"laws": (X, Law("normal", ("y",), "sum[i](r[i,i])^2"))}, "a function of random arrays"),
        ({"laws": (Law("normal", ("x",), "E(1)"),)}, "must not contain an expectation"),
        ({"laws": (Law("normal", ("x",), "1 + 2*E(1)"),)}, "must not contain an expectation"),
        ({"flips": (("y",),)}, "each must be a random array"),
        ({"inverses": (("M", "nothing"),)}, "two square matrices of one sort"),
        ({"inverses": (("nothing", "M"),)}, "two square matrices of one sort"),
        ({"inverses": (("M", "N", "M"),)}, "two square matrices of one sort"),
        ({"inverses": (("M", "N", "K"),)}, "two square matrices of one sort"),
        ({"inverses": (("M",),)}, "two square matrices of one sort"),
        ({"inverses": (("M", "C"),)}, "two square matrices of one sort"),
        ({"inverses": (("K", "K"),)}, "two square matrices of one sort"),
        ({"inverses": (("T", "T"),)}, "two square matrices of one sort"),
        ({"inverses": (("y", "y"),)}, "two square matrices of one sort"),
        ({"inverses": (("r", "r2"),)}, "must be deterministic"),
        ({"inverses": (("M", "r"),)}, "must be deterministic"),
        ({"laws": (X, Law("normal", ("M",))), "inverses": (("M", "N"),)}, "must be deterministic"),
        (
            {"tensors": (Tensor("x", ()), Tensor("q", (), ("t",)))},
            "depends on an array without a law",
        ),
        ({"hypotheses": (Equation("t", "n", "n"),)}, "'t' is declared twice"),
        ({"hypotheses": (Equation("a b", "n", "n"),)}, "'a b' is not a usable name"),
        ({"scalars": (N, D, Scalar("sum"))}, "'sum' is not a usable name"),
    ],
)
def test_declarations_without_meaning_say_why(parts: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        context(**parts)
