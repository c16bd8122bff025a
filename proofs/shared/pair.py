"""Gaussian pairs x ~ N(0, F F'), w ~ N(0, G G') in whitened coordinates, for contexts by hand."""

from __future__ import annotations

from proofs.shared import layer
from verifier.proof.context import Atom, Definition, Normal, Tensor

FACTORISATION = "Cholesky: a positive definite matrix is F F' with F square and invertible"
NORMALS = (
    layer.NOISES,
    layer.QUERY_NOISE,
    Normal("zq", (layer.FEATURE,), meaning="standard normal; the query is F zq"),
    Normal("Z", (layer.EXAMPLE, layer.FEATURE), meaning="standard normal rows; x_k = F Z_k"),
    Normal("z", (layer.FEATURE,), meaning="standard normal; the task is G z"),
)
FACTORS = (
    Tensor("F", (layer.FEATURE, layer.FEATURE), meaning="Lambda = F F'"),
    Tensor("Fi", (layer.FEATURE, layer.FEATURE), meaning="inverse of F"),
)
DATA = (
    Definition("X", ("k", "i"), "sum[j](F[i,j]*Z[k,j])", "covariates, x_k ~ N(0, Lambda)"),
    Definition("xq", ("i",), "sum[j](F[i,j]*zq[j])", "query, N(0, Lambda)"),
    Definition("w", ("i",), "sum[j](G[i,j]*z[j])", "task, N(0, Gamma)"),
    *layer.LINEAR_RESPONSES,
)


def inverse_pair(one: str, two: str) -> tuple[Atom, Atom]:
    """Two square matrices are inverse to each other."""
    return (
        Atom(f"{one}_{two}", f"sum[j]({one}[i,j]*{two}[j,l])", "delta[i,l]"),
        Atom(f"{two}_{one}", f"sum[j]({two}[i,j]*{one}[j,l])", "delta[i,l]"),
    )
