"""From the layer to the isotropic form of its loss, its symmetries, and strict convexity in N."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proofs.shared import layer
from proofs.shared.landscape import phases
from proofs.shared.landscape import vocabulary as landscape
from verifier.proof.context import Atom, Context, Definition, Scalar, Tensor
from verifier.proof.statements import By, Claim, Conclude, Null, Proof, Split, Square, Step, Tree


def layer_proof() -> Proof:
    """The forward pass of the full layer is x' N' G omega, on any prompt."""
    context = Context(
        sorts=layer.SORTS,
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION),
        arrays=(
            Tensor("X", layer.EXAMPLES.sorts, layer.EXAMPLES.meaning),
            Tensor("y", (layer.EXAMPLE,), meaning="responses"),
            Tensor("xq", layer.QUERY.sorts, layer.QUERY.meaning),
            *layer.WEIGHTS,
        ),
        definitions=(
            *layer.FORWARD_PASS,
            *layer.REDUCED,
            replace(landscape.predictor()[0], name="reduced"),
        ),
    )
    step = layer.identity_step("layer", "yhat", "sum[j](xq[j]*reduced[j])", claim="layer")
    return Proof("reduced parameters", context, (step,))


def loss_proof(claimed: Mapping[str, str]) -> Proof:
    """The expected loss in the isotropic form, and its two symmetries."""
    t = Scalar("t", landscape.ZERO, strict=True, meaning="any positive number")
    base = landscape.standard_context(*landscape.OMEGA, *landscape.FREE)
    context = landscape.extend(
        base,
        (
            *phases.coefficient_definitions(),
            *landscape.predictor(),
            Definition("a1", ("i",), "t*a[i]"),
            Definition("b1", (), "t*b"),
            Definition("A1", ("i", "j"), "A[i,j]/t"),
            Definition("c1", ("j",), "c[j]/t"),
            *landscape.predictor("1"),
            Definition("a2", ("i",), "-a[i]"),
            Definition("b2", (), "-b"),
            Definition("A2", ("i", "j"), "-A[i,j]"),
            Definition("c2", ("j",), "-c[j]"),
            *landscape.predictor("2"),
        ),
        (t,),
    )
    form = claimed.get("loss", landscape.FORM)
    steps = (
        layer.identity_step("loss", "L", form, claim="loss"),
        layer.identity_step("scaling", "L1", "L", claim="scaling"),
        layer.identity_step("evenness", "L2", "L", claim="evenness"),
    )
    return Proof("the loss", context, steps)


SHIFT = "g3/(G - g2)"
# sq2 splits into M = 0 or a = 0; then sq1 leaves m a' = 0 or b M = 0, and sq4 is b m = 0.
_DONE = Conclude(0, {"none1_1": By("M_zero[i,j]"), "none1_2": By("m_zero[j]")})
_OMEGA = Conclude(1, {"none2_1": By("a_zero[i]"), "none2_2": By("b_zero")})
_B, _M_ROW = Atom("b_zero", "b"), Atom("m_zero", "mc[j]")
_M, _A = Atom("M_zero", "MA[i,j]"), Atom("a_zero", "a[l]")
_LAST: Tree = Split(_B, _M_ROW, By("sq4[j]"), (_OMEGA, _DONE))
CASES = Split(
    _M,
    _A,
    By("sq2[i,j,l]"),
    (
        Split(_M_ROW, _A, By("sq1[l,j] - b*M_zero[l,j]"), (_DONE, _LAST)),
        Split(_B, _M, By("sq1[i,j] - mc[j]*a_zero[i]"), (_OMEGA, _LAST)),
    ),
)


def convexity_proof() -> Proof:
    """The second difference of L in N along (MA, mc) is positive unless that or omega is zero."""
    base = landscape.standard_context(
        *landscape.OMEGA,
        *landscape.FREE,
        Tensor("MA", landscape.MATRIX, meaning="a displacement of A"),
        Tensor("mc", landscape.VECTOR, meaning="a displacement of c"),
    )
    moved = tuple(
        definition
        for suffix, sign in (("plus", "+"), ("minus", "-"))
        for definition in (
            Definition(f"a{suffix}", ("i",), "a[i]"),
            Definition(f"b{suffix}", (), "b"),
            Definition(f"A{suffix}", ("i", "j"), f"A[i,j] {sign} MA[i,j]"),
            Definition(f"c{suffix}", ("j",), f"c[j] {sign} mc[j]"),
            *landscape.predictor(suffix),
        )
    )
    context = landscape.extend(
        base, (*phases.coefficient_definitions(), *landscape.predictor(), *moved)
    )
    squares = (
        Square("Q", "b*MA[j,i] + mc[i]*a[j]", "sq1"),
        Square("g2", "MA[i,j]*a[l]", "sq2"),
        Square("G - g2", f"sum[i](MA[i,j]*a[i]) + {SHIFT}*b*mc[j]"),
        Square(f"g4 - g3*{SHIFT}", "b*mc[j]", "sq4"),
    )
    none = layer.cases("MA[i,j] = 0; mc[j] = 0 | a[i] = 0; b = 0", "none")
    second = "(Lplus + Lminus)/2 - L"
    flat = Atom("flat", second)
    steps = (
        replace(
            layer.bound_step("0", squares, "0", second, landscape.LETTERS, "convexity"),
            name="second-difference",
        ),
        Step(
            "strictness", Claim((flat,), none), Null(squares, By("flat"), CASES), claim="strictness"
        ),
    )
    return Proof("strict convexity in N", context, steps)
