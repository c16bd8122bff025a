"""Expectations by the checker against expansion over single random variables."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_evaluation import Atoms, Variable, World
from verifier.proof.expression import ProofError
from verifier.proof.meaning import Meaning, evaluate

from verifier.proof.context import Context, Definition, Law, Scalar, Tensor

ONE = Fraction(1)
SCALARS = (
    Scalar("n", ONE, integer=True),
    Scalar("d", ONE, integer=True),
    Scalar("p", Fraction(0)),
)
SORTS = (("row", "n"), ("column", "d"))
FIXED = (
    Tensor("u", ("row",)),
    Tensor("v", ("column",)),
    Tensor("M", ("column", "column")),
    Tensor("b", ()),
)
RANDOM = (
    Tensor("X", ("row", "column")),
    Tensor("w", ("column",)),
    Tensor("e", ("row",)),
    Tensor("g", ()),
)
NORMAL = Context(
    scalars=SCALARS,
    sorts=SORTS,
    tensors=(*FIXED, *RANDOM),
    laws=(
        Law("normal", ("e",), "p"),
        Law("normal", ("g",), "p + 1"),
        Law("normal", ("X",)),
        Law("normal", ("w",), "2"),
    ),
    definitions=(
        Definition("y", ("k",), "sum[i](X[k,i]*w[i]) + e[k]"),
        Definition("S", ("i", "j"), "sum[k](X[k,i]*X[k,j])"),
    ),
)

# Rows (x, y) with x uniform on the signs {-1, 1}^d and y = x_1 + ... + x_d.
SIGNS_FOURTH = (
    "delta[s1,s2]*delta[s3,s4] + delta[s1,s3]*delta[s2,s4] + delta[s1,s4]*delta[s2,s3]"
    " - 2*delta[s1,s2]*delta[s1,s3]*delta[s1,s4]"
)
SIGNS = Context(
    scalars=SCALARS,
    sorts=SORTS,
    tensors=(*FIXED, RANDOM[0], Tensor("y", ("row",)), Tensor("w", ("column",))),
    laws=(
        Law("normal", ("w",)),
        Law(
            "rows",
            ("X", "y"),
            moments=(
                *(((k, m), "0") for k in range(4) for m in range(4) if k + m in (1, 3)),
                ((2, 0), "delta[s1,s2]"),
                ((1, 1), "1"),
                ((0, 2), "d"),
                ((4, 0), SIGNS_FOURTH),
                (
                    (3, 1),
                    "delta[s1,s2] + delta[s1,s3] + delta[s2,s3] - 2*delta[s1,s2]*delta[s1,s3]",
                ),
                ((2, 2), "(d - 2)*delta[s1,s2] + 2"),
                ((1, 3), "3*d - 2"),
                ((0, 4), "3*d^2 - 2*d"),
            ),
        ),
    ),
    flips=(("X", "y"),),
)

# Rows z = 1 + signs: neither centred nor symmetric, with moments constant in some indices.
SHIFTED = Context(
    scalars=SCALARS,
    sorts=SORTS,
    tensors=(*FIXED, Tensor("Z", ("row", "column")), Tensor("z", ("column",))),
    laws=tuple(
        Law(
            kind,
            (name,),
            moments=(
                ((1,), "1"),
                ((2,), "delta[s1,s2] + 1"),
                ((3,), "delta[s1,s2] + delta[s1,s3] + delta[s2,s3] + 1"),
            ),
        )
        for kind, name in (("rows", "Z"), ("joint", "z"))
    ),
)


def sign_rows(d: int, shift: int) -> Atoms:
    atoms = []
    for signs in itertools.product((-1, 1), repeat=d):
        values: dict[Variable, Fraction] = {}
        for i, sign in enumerate(signs):
            for name in ("X", "Z", "z"):
                values[(name, (i,))] = Fraction(sign + shift)
        values[("y", ())] = Fraction(sum(signs))
        atoms.append((Fraction(1, 2**d), values))
    return atoms


def world(context: Context, n: int, d: int, numbers: list[Fraction]) -> World:
    """Values for the deterministic tensors, taken from the list in turn."""
    scalars = {"n": Fraction(n), "d": Fraction(d), "p": abs(numbers[0])}
    draw = itertools.cycle(numbers)
    tensors: dict[str, object] = {
        "u": tuple(next(draw) for _ in range(n)),
        "v": tuple(next(draw) for _ in range(d)),
        "M": tuple(tuple(next(draw) for _ in range(d)) for _ in range(d)),
        "b": next(draw),
    }
    shift = 1 if context is SHIFTED else 0
    atoms = {law.arrays: sign_rows(d, shift) for law in context.laws if law.kind != "normal"}
    return World(context, scalars, tensors, atoms)


def agree(where: World, text: str) -> None:
    found = evaluate(Meaning(where.context), text, where.scalars, where.tensors)
    assert found == where.value(text), text


@st.composite
def networks(draw: st.DrawFn, context: Context, degree: int, rows: bool) -> str:
    """A sum over all indices of a product of entries, random ones with total degree <= degree."""
    random = {name for law in context.laws for name in law.arrays}
    chosen = draw(
        st.lists(st.sampled_from([t for t in context.tensors if t.name in random]), max_size=degree)
    )
    chosen += draw(
        st.lists(st.sampled_from([t for t in context.tensors if t.name not in random]), max_size=3)
    )
    if not chosen:
        chosen = [context.tensors[0]]
    names = {"row": ["k", "l", "m"], "column": ["i", "j", "h"]}
    used: dict[str, None] = {}
    factors = []
    for tensor in chosen:
        free_rows = rows or tensor.name in random or "row" not in tensor.sorts
        indices = [
            draw(st.sampled_from(names[sort])) if free_rows else "o" for sort in tensor.sorts
        ]
        used.update(dict.fromkeys(indices))
        factors.append(f"{tensor.name}[{','.join(indices)}]" if indices else tensor.name)
    product = "*".join(factors)
    return f"sum[{','.join(used)}]({product})" if used else product


numbers = st.lists(
    st.fractions(min_value=-2, max_value=2, max_denominator=3), min_size=7, max_size=7
)
sizes = st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3)])


@given(st.data(), sizes, numbers)
@settings(max_examples=150, deadline=None)
def test_gaussian_expectations(
    data: st.DataObject, size: tuple[int, int], values: list[Fraction]
) -> None:
    first, second = (data.draw(networks(NORMAL, 4, True)) for _ in range(2))
    text = data.draw(
        st.sampled_from(
            [
                f"E({first})",
                f"E(2*{first} - {second}/3)",
                f"E({first}*E({second}))",
                f"E(E[w,e]({first})*{second})",
                f"E(E[X]({first}*g))*b",
                f"E(({first})^2)",
            ]
        )
    )
    agree(world(NORMAL, *size, values), text)


@given(sizes, numbers)
@settings(max_examples=20, deadline=None)
def test_definitions_within_expectations(size: tuple[int, int], values: list[Fraction]) -> None:
    where = world(NORMAL, *size, values)
    for text in (
        "E(sum[k](y[k]^2))",
        "E(sum[k,l](u[k]*y[k]*y[l]*u[l]))",
        "E(sum[i,j](v[i]*S[i,j]*v[j]))",
        "E(sum[i,j,k](S[i,j]*M[j,k]*S[k,i]))",
        "E(sum[k,i](X[k,i]*y[k]*v[i])^2)",
        "E(sum[k,i](X[k,i]*y[k]*w[i])) / E(sum[k,l,i](X[k,i]*y[k]*X[l,i]*y[l]))",
    ):
        agree(where, text)


@given(st.data(), sizes, numbers)
@settings(max_examples=120, deadline=None)
def test_mixed_rows_with_their_moment_table(
    data: st.DataObject, size: tuple[int, int], values: list[Fraction]
) -> None:
    network = data.draw(networks(SIGNS, 4, False))
    agree(world(SIGNS, *size, values), f"E({network})")


@given(st.data(), sizes, numbers)
@settings(max_examples=120, deadline=None)
def test_rows_that_are_not_centred(
    data: st.DataObject, size: tuple[int, int], values: list[Fraction]
) -> None:
    network = data.draw(networks(SHIFTED, 3, False))
    agree(world(SHIFTED, *size, values), f"E({network})")


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 1), (1, 2), (2, 2), (3, 2)])
@pytest.mark.parametrize("shift", [0, 1])
def test_literal_enumeration_of_all_sign_patterns(n: int, d: int, shift: int) -> None:
    """The mean over all 2^(n d) matrices of signs, with no use of independence."""
    context, name = (SHIFTED, "Z") if shift else (SIGNS, "X")
    terms = ["sum[k,i,j](X[k,i]*M[i,j]*X[k,j])", "sum[k,l,i](X[k,i]*X[l,i])*b"]
    terms += ["sum[k,i](X[k,i]*v[i])^3"] if shift else ["sum[k,l,i,j](X[k,i]*X[l,i]*X[k,j]*X[l,j])"]
    values = [Fraction(k, 3) for k in (2, -1, 4, 1, -5, 7, 3)]
    where = world(context, n, d, values)
    for term in (t.replace("X", name) for t in terms):
        total = Fraction(0)
        for signs in itertools.product((-1, 1), repeat=n * d):
            matrix = tuple(
                tuple(Fraction(s + shift) for s in signs[k * d : (k + 1) * d]) for k in range(n)
            )
            plain = Context(SCALARS, SORTS, (*FIXED, Tensor(name, ("row", "column"))))
            fixed = World(plain, where.scalars, {**where.tensors, name: matrix})
            total += fixed.value(term) / 2 ** (n * d)
        found = evaluate(Meaning(context), f"E({term})", where.scalars, where.tensors)
        assert found == total


def test_an_expectation_of_a_function_of_what_is_integrated_is_refused() -> None:
    context = Context(
        SCALARS,
        SORTS,
        (Tensor("x", ()), Tensor("r", (), ("x",)), Tensor("e", ())),
        (Law("normal", ("x",)), Law("normal", ("e",))),
    )
    meaning = Meaning(context)
    assert meaning.equal("E[e](r*e^2)", "r")
    for text in ("E(r)", "E(r*e)", "E[x](r)", "E[x,e](r*e)"):
        with pytest.raises(ProofError):
            meaning.value(text)


def test_a_conditional_expectation_over_rows_or_sign_changed_arrays_is_refused() -> None:
    for text in ("E[X](sum[k,i](X[k,i]^2))", "E[y](sum[k](y[k]))", "E[u](u[k])", "E[w,w2](w[i])"):
        with pytest.raises(ProofError):
            Meaning(SIGNS).value(text)
    assert Meaning(SIGNS).equal("E[w](w[i]*w[j])", "delta[i,j]")
