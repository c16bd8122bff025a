"""Every pair of positive definite covariances Lambda = F F', Gamma = G G', for models of one's own.

For data that no setting file can say; the declarations are those that ``Lambda > 0`` and
``Gamma > 0`` make there.
"""

from __future__ import annotations

from verifier.proof.context import Atom, Definition, Tensor
from verifier.prover.data_model import FEATURE, DataModel, Sizes
from verifier.prover.reading import SquareOf
from verifier.prover.standard import CHOLESKY

FACTORS = (("Lambda", "F"), ("Gamma", "G"))
INVERSES = tuple((factor, f"{factor}i") for _, factor in FACTORS)


def definite_pair(sizes: Sizes) -> DataModel:
    """F, G, their inverses, the covariances and the inverses of these."""
    square = (FEATURE, FEATURE)
    names = tuple(name for pair in INVERSES for name in pair)
    definitions, squares = [], []
    for symbol, factor in FACTORS:
        inverse = f"{symbol}i"
        definitions += [
            Definition(symbol, ("i", "j"), f"sum[l]({factor}[i,l]*{factor}[j,l])", "covariance"),
            Definition(
                inverse,
                ("i", "j"),
                f"sum[l]({factor}i[l,i]*{factor}i[l,j])",
                f"inverse of {symbol}",
            ),
        ]
        squares += [SquareOf(symbol, factor), SquareOf(inverse, f"{factor}i", 0)]
    return DataModel(
        scalars=sizes.scalars(),
        sorts=sizes.sorts(),
        arrays=tuple(Tensor(name, square, _meaning(name)) for name in names),
        definitions=tuple(definitions),
        given=tuple(
            Atom(f"{a}_{b}", f"sum[j]({a}[i,j]*{b}[j,l])", "delta[i,l]")
            for pair in INVERSES
            for a, b in (pair, pair[::-1])
        ),
        assumptions=(CHOLESKY,),
        matrices=("Lambdai", "Gammai"),
        values=tuple(Definition(name, ("i", "j"), "delta[i,j]") for name in names),
        inverses=INVERSES,
        squares=tuple(squares),
    )


def _meaning(name: str) -> str:
    if name.endswith("i"):
        return f"inverse of {name[:-1]}"
    return next(f"{symbol} = {name} {name}'" for symbol, factor in FACTORS if factor == name)
