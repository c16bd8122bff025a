"""What one random array may have to do with another: nothing but what its declared law says.

A normal array is independent of all that is listed after it; a table of moments holds given all
that is listed after it, so nothing is known of those arrays given its own. Each context below has
proved a false statement, or one that is false where the reader takes one array for another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from verifier.proof.checker import Proof, Step, check
from verifier.proof.counterexample import Counterexample, Refuter
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning
from verifier.proof.statement import Identity

from proofs import _families, ridge_bayes, theorem1
from verifier.proof.context import Context, Definition, Equation, Law, Scalar, Tensor

NUMBERS = tuple(Tensor(name, ()) for name in "zwc")
MATRICES = (Tensor("X", ("row", "column")), Tensor("R", ("column", "column"), ("X",)))
SCALARS = (Scalar("n", Fraction(1), integer=True), Scalar("d", Fraction(1), integer=True))
SORTS = (("row", "n"), ("column", "d"))
NORMAL = (Law("normal", ("z",)), Law("normal", ("w",)))
TABLE = (Law("joint", ("z",)), Law("normal", ("w",)))
ONE_IS_ZERO = Identity("1", "0")


def number_context(laws: tuple[Law, ...], left: str, right: str, *tensors: Tensor) -> Context:
    """Random numbers with these laws, and one hypothesis h."""
    definitions = (Definition("hidden", (), "w"), Definition("mean", (), "E(w*z)"))
    return Context(
        (),
        (),
        (*NUMBERS, *tensors),
        laws,
        definitions=definitions,
        hypotheses=(Equation("h", left, right),),
    )


R_OF_Z, R_OF_BOTH = Tensor("r", (), ("z",)), Tensor("r", (), ("z", "w"))

TIED: dict[str, Callable[[], Context]] = {
    "two normal arrays": lambda: number_context(NORMAL, "z", "w"),
    "an array with a table and a normal one": lambda: number_context(TABLE, "z", "w"),
    "two arrays through a definition": lambda: number_context(TABLE, "z", "hidden"),
    "what an expectation over one of them leaves": lambda: number_context(
        NORMAL, "E[w](z*w^2)", "c"
    ),
    "a random array and a constant": lambda: number_context(NORMAL, "z", "c"),
    "an array with a table and a constant": lambda: number_context(TABLE, "z", "c"),
    "a random array and a number": lambda: number_context(NORMAL, "z^2", "1"),
    "a function of one array and another": lambda: number_context(NORMAL, "r", "w", R_OF_Z),
    "two arrays beside a function of one": lambda: number_context(NORMAL, "r + w", "z", R_OF_Z),
    # r = z and r = w would tie z and w in two steps
    "a function of two arrays": lambda: number_context(NORMAL, "r", "z", R_OF_BOTH),
    "functions of two arrays": lambda: number_context(
        NORMAL, "r", "g", R_OF_Z, Tensor("g", (), ("w",))
    ),
    # R was meant to depend on X; as a constant it would satisfy E(R S) = n R
    "a constant inverse of a random matrix": lambda: Context(
        SCALARS,
        SORTS,
        (MATRICES[0], replace(MATRICES[1], depends_on=())),
        (Law("normal", ("X",)),),
        hypotheses=(Equation("inverse", "sum[k,j](R[i,j]*X[k,j]*X[k,l])", "delta[i,l]"),),
    ),
}


@pytest.mark.parametrize("name", TIED)
def test_hypotheses_that_tie_random_arrays_are_refused(name: str) -> None:
    with pytest.raises(ProofError, match="functions of one random array only"):
        TIED[name]()


@pytest.mark.parametrize("given", ["joint", "rows"])
def test_nothing_ties_an_array_with_a_table_to_a_normal_one(given: str) -> None:
    """With z = w the expectation over w alone would prove 0 = E[w](h w) = z E w - E w^2 = -1."""
    sort = ("row",) if given == "rows" else ()
    at = "[k]" if sort else ""
    where = Context(
        SCALARS,
        SORTS,
        (Tensor("z", sort), Tensor("w", sort)),
        (Law(given, ("z",)), Law("normal", ("w",))),
    )
    tie = (Equation("h", f"z{at}", f"w{at}"),)
    combination = f"-E[w]({'sum[k](h[k]*w[k])/n' if sort else 'h*w'})"
    step = Step("a", "identity", replace(ONE_IS_ZERO, given=tie), {"combination": combination})
    with pytest.raises(ProofError, match="before the first table"):
        check(Proof("attack", where, (step,)))


def test_hypotheses_on_functions_of_one_array_and_on_constants_stay() -> None:
    number_context(NORMAL, "r*z", "1", R_OF_Z)
    number_context(NORMAL, "c^2", "c")
    number_context(NORMAL, "mean", "c")
    number_context(NORMAL, "E[w](w^2)", "c")
    for proof in (theorem1.THEOREM.derive({}).proofs[1], ridge_bayes.THEOREM.derive({}).proofs[3]):
        ((functions, names),) = {
            (t.name, t.depends_on) for t in proof.context.tensors if t.depends_on
        }
        assert (functions in "RT", names) == (True, ("X",))
        assert proof.context.hypotheses
        assert check(proof)[-1].step.rule == "tower"


RELU = next(f for f in _families.FAMILIES if f.name == "relu").rest
"""Rows u_k with s_k = sign(u_k'x), their table given x."""


@pytest.mark.parametrize("array", ["x", "e"])
def test_in_the_relu_context_no_law_given_the_signs_is_known(array: str) -> None:
    """E[x] sum u_k s_k x would be 0, though s_k = sign(u_k'x) makes it E sum |u_k'x| > 0."""
    body = "sum[k,i](u[k,i]*s[k]*x[i])"
    with pytest.raises(ProofError, match="before the first table"):
        Meaning(RELU).value(f"E[{array}]({body})")
    steps = (
        Step("a", "identity", Identity(f"E[{array}]({body})", "0"), {}),
        Step("b", "tower", Identity(f"E({body})", "0"), {}, ("a",)),
    )
    with pytest.raises(ProofError, match="step 'a'"):
        check(Proof("attack", RELU, steps))


def test_in_the_relu_context_a_true_claim_is_not_refuted() -> None:
    """E[x] sum (u_k s_k x) is not 0, so it may be claimed to be something else."""
    claim = Identity("E[x](sum[k,i](u[k,i]*s[k]*x[i])) + c", "c")
    where = replace(RELU, scalars=(*RELU.scalars, Scalar("c")))
    one = Fraction(1)
    point = Counterexample({"d": one, "m": one, "sigma2": one, "c": one}, {})
    with pytest.raises(ProofError, match="before the first table"):
        Refuter(where).refute(claim, point)
    other = replace(claim, left="E[x](sum[k,i](u[k,i]*s[k]*x[i])*c + c)", right="0")
    with pytest.raises(ProofError, match="before the first table"):
        Refuter(where).refute(other, point)


def test_normal_arrays_before_every_table_are_independent_of_all() -> None:
    meaning = Meaning(RELU)
    assert meaning.equal("E[v](v[k]*v[l]*s[k])", "delta[k,l]*s[k]")
    late = Context((), (), NUMBERS, (NORMAL[0], Law("joint", ("c",)), NORMAL[1]))
    assert Meaning(late).equal("E[z](z^2*c*w)", "c*w")
    for text in ("E[w](w)", "E[z,w](z*w)", "E[c](c)"):
        with pytest.raises(ProofError, match="before the first table"):
            Meaning(late).value(text)
