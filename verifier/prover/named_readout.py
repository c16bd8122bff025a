"""The optimal readout by a name, in closed form: as it was found, or as a person writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from verifier.proof.context import Definition
from verifier.prover.layer import READOUT
from verifier.prover.optimum import Optimum


@dataclass(frozen=True, slots=True)
class Readout:
    """P[i,j] = ``body``, or what was found where that is empty.

    ``because``: the normal equation E(x_i s_j (y - x'P s)) = 0, in i and j, as a combination of the
    residuals of what is given; the checker replays it. A body may use what the data declare.
    """

    name: str = "P"
    body: str = ""
    because: str = ""


def with_readout(best: Optimum, readout: Readout) -> Optimum:
    """The optimum with a definition for the readout; ValueError where nothing says what it is."""
    feature = best.features[READOUT]
    if not readout.body and READOUT in best.tensors:
        raise ValueError(f"no closed form was found for {readout.name}; write one, and why it is")
    body = readout.body or feature.optimum
    named = Definition(readout.name, feature.slots, body, "the optimal readout")
    entry = f"{readout.name}[{','.join(feature.slots)}]"
    implied: Mapping[str, str] = best.implied
    if readout.because:
        implied = {**implied, READOUT: readout.because}
    return replace(
        best,
        features={**best.features, READOUT: replace(feature, optimum=entry)},
        tensors={name: one for name, one in best.tensors.items() if name != READOUT},
        inverse=None,
        implied=implied,
        definitions=(*best.definitions, named),
    )
