"""From the layer to the isotropic form of its loss, its symmetries, and strict convexity in N."""

from __future__ import annotations

from collections.abc import Mapping

from proofs import _landscape as landscape
from proofs import _landscape_phases as phases
from proofs import _layer as layer
from verifier.proof.checker import Proof, Step
from verifier.proof.context import Context, Definition, Equation, Scalar, Tensor
from verifier.proof.statement import Bound, Identity, Implication, Square


def layer_proof() -> Proof:
    """The forward pass of the full layer is x' N' G omega, on any prompt."""
    context = Context(
        scalars=(layer.CONTEXT_LENGTH, layer.DIMENSION),
        sorts=layer.SORTS,
        tensors=(
            layer.EXAMPLES,
            Tensor("y", (layer.EXAMPLE,), meaning="responses"),
            layer.QUERY,
            *layer.WEIGHTS,
        ),
        definitions=(*layer.FORWARD_PASS, *layer.REDUCED, landscape.predictor()[0]),
    )
    step = Step("layer", "identity", Identity("yhat", "sum[j](xq[j]*u[j])"), {}, (), "layer")
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
        Step("loss", "identity", Identity("L", form), {}, (), "loss"),
        Step("scaling", "identity", Identity("L1", "L"), {}, (), "scaling"),
        Step("evenness", "identity", Identity("L2", "L"), {}, (), "evenness"),
    )
    return Proof("the loss", context, steps)


SHIFT = "g3/(G - g2)"
# sq2 splits into M = 0 or a = 0; then sq1 leaves m a' = 0 or b M = 0, and sq4 is b m = 0.
_DONE = {
    "node": "conclude",
    "system": 0,
    "by": {"none1_1": {"combination": "M_zero[i,j]"}, "none1_2": {"combination": "m_zero[j]"}},
}
_OMEGA = {
    "node": "conclude",
    "system": 1,
    "by": {"none2_1": {"combination": "a_zero[i]"}, "none2_2": {"combination": "b_zero"}},
}


def _split(
    one: tuple[str, str], two: tuple[str, str], by: str, *branches: object
) -> dict[str, object]:
    factors = [{"name": name, "left": left, "right": "0"} for name, left in (one, two)]
    return {
        "node": "split",
        "factors": factors,
        "by": {"combination": by},
        "branches": list(branches),
    }


_B, _M_ROW = ("b_zero", "b"), ("m_zero", "mc[j]")
CASES = _split(
    ("M_zero", "MA[i,j]"),
    ("a_zero", "a[k]"),
    "sq2[i,j,k]",
    _split(
        ("m_zero", "mc[j]"),
        ("a_zero", "a[k]"),
        "sq1[k,j] - b*M_zero[k,j]",
        _DONE,
        _split(_B, _M_ROW, "sq4[j]", _OMEGA, _DONE),
    ),
    _split(
        _B,
        ("M_zero", "MA[i,j]"),
        "sq1[i,j] - mc[j]*a_zero[i]",
        _OMEGA,
        _split(_B, _M_ROW, "sq4[j]", _OMEGA, _DONE),
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
        Square("Q", "b*MA[j,i] + mc[i]*a[j]", True),
        Square("g2", "MA[i,j]*a[k]", True),
        Square("G - g2", f"sum[i](MA[i,j]*a[i]) + {SHIFT}*b*mc[j]", True),
        Square(f"g4 - g3*{SHIFT}", "b*mc[j]", True),
    )
    vanishing = tuple(Equation(f"sq{k}", s.term, "0") for k, s in enumerate(squares, 1))
    none = layer.systems("MA[i,j] = 0; mc[j] = 0 | a[i] = 0; b = 0", "none")
    bound = Bound("(Lplus + Lminus)/2 - L", "0", squares)
    steps = (
        Step("second-difference", "squares", bound, {}, (), "convexity"),
        Step("strictness", "cases", Implication(vanishing, none), CASES, (), "strictness"),
    )
    return Proof("strict convexity in N", context, steps)
