"""What is minimised over what: data and layer in one context."""

from __future__ import annotations

from dataclasses import dataclass, replace

from verifier.proof.context import Array, Context, Definition, Normal, Tensor
from verifier.proof.syntax import ProofError
from verifier.prover.data_model import TARGET, DataModel, with_spare_letters
from verifier.prover.features import Feature
from verifier.prover.layer import Layer


@dataclass(frozen=True, slots=True)
class Problem:
    """The expected loss of a layer on prompts of a data model.

    ``full`` has the layer's forward pass in the weights; in ``reduced`` the letters are tensors and
    the prediction is the sum of the features. Neither has instances yet.
    """

    model: DataModel
    layer: Layer
    full: Context
    reduced: Context

    @property
    def prediction(self) -> str:
        """The layer's prediction, an entry of it where it is a vector."""
        return indexed(self.layer.names["yhat"], self.layer.outputs)

    @property
    def target(self) -> str:
        """What is to be predicted."""
        return indexed(TARGET, self.layer.outputs)

    @property
    def objective(self) -> str:
        """The expected loss, as index text."""
        return self.mean(f"({self.target} - {self.prediction})^2")

    def mean(self, text: str) -> str:
        """The expectation, summed over the outputs."""
        outputs = ",".join(self.layer.outputs)
        return f"E(sum[{outputs}]({text}))" if outputs else f"E({text})"


def indexed(name: str, indices: tuple[str, ...]) -> str:
    """``name[i,j]``."""
    return f"{name}[{','.join(indices)}]" if indices else name


def problem(model: DataModel, layer: Layer) -> Problem:
    """The data read by the layer; ValueError in one line where the two do not fit."""
    data = replace(
        model,
        scalars=model.scalars + layer.scalars,
        sorts=model.sorts + layer.sorts,
        definitions=model.definitions + layer.statistics,
    )
    try:
        full = _with(data, layer.weights, layer.definitions)
        total = " + ".join(contraction(f.weight, f) for f in layer.features.values())
        prediction = Definition(layer.names["yhat"], layer.outputs, total, "the layer's prediction")
        reduced = _with(data, layer.letters, (*layer.readout, prediction))
        sorts = with_spare_letters(full)
    except ProofError as error:
        raise ValueError(str(error)) from None
    return Problem(model, layer, replace(full, sorts=sorts), replace(reduced, sorts=sorts))


def contraction(weight: str, feature: Feature) -> str:
    """sum over the slots of weight * random; "0" for a weight that is 0."""
    if weight == "0":
        return "0"
    body = f"({weight})*{feature.random}"
    return f"sum[{','.join(feature.slots)}]({body})" if feature.slots else body


def _with(
    data: DataModel, weights: tuple[Tensor, ...], definitions: tuple[Definition, ...]
) -> Context:
    context = data.context()
    random: tuple[Array, ...] = tuple(a for a in context.arrays if isinstance(a, Normal))
    other = tuple(a for a in context.arrays if a not in random)
    return replace(
        context,
        arrays=(*random, *other, *weights),
        definitions=context.definitions + definitions,
    )
