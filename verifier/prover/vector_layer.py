"""The layer of vector responses y in R^p: tokens (x, y) in R^{d+p}, one head, p outputs.

    yhat_t = (W_P sum_k W_V v_k ((W_K v_k)' W_Q v_{n+1}))_t

with W_P in R^{p x (d+p)} in place of h. Through a = W_P W_V (its first d columns), b (the last p),
A and c of W_K' W_Q the prediction is, X' Y = s and Y' Y = q,

    yhat_t = sum x_i s_jr (b_tr A_ji + a_tj c_ri) + sum x_j A_ij S_il a_tl + sum x_j q_ru b_tr c_uj.
"""

from __future__ import annotations

from collections.abc import Mapping

from verifier.proof.context import Definition, Tensor
from verifier.prover.data_model import FEATURE, OUTPUT, OUTPUT_LETTERS
from verifier.prover.features import Feature
from verifier.prover.layer import ENERGY, READOUT, SECOND, Layer, LayerOptions

OUT, ROW, OTHER = OUTPUT_LETTERS[:3]
BLOCKS = {
    "xx": (FEATURE, FEATURE),
    "xy": (FEATURE, OUTPUT),
    "yx": (OUTPUT, FEATURE),
    "yy": (OUTPUT, OUTPUT),
}


def vector_layer(options: LayerOptions, names: Mapping[str, str]) -> Layer:
    """One head of linear self-attention that predicts a vector of responses."""
    letters = (
        Tensor(names["a"], (OUTPUT, FEATURE)),
        Tensor(names["b"], (OUTPUT, OUTPUT)),
        Tensor(names["A"], (FEATURE, FEATURE)),
        Tensor(names["c"], (OUTPUT, FEATURE)),
    )
    return Layer(
        options,
        scalars=(),
        sorts=(),
        weights=_weights(names),
        definitions=(*_forward(names, options.divide_by), *_reduced(names)),
        letters=letters,
        readout=(),
        statistics=(
            Definition(names["s"], ("i", OUT), f"sum[k](X[k,i]*y[k,{OUT}])", "X' Y"),
            Definition(names["q"], (OUT, ROW), f"sum[k](y[k,{OUT}]*y[k,{ROW}])", "Y' Y"),
            Definition(names["S"], ("i", "j"), "sum[k](X[k,i]*X[k,j])", "X' X"),
        ),
        features=_features(names, options.divide_by),
        names=names,
        groups=(),
        outputs=(OUT,),
    )


def realised(layer: Layer, matrix: str) -> tuple[Definition, ...]:
    """Weights with a = 0, b = I, this A[i,j], c = 0: W_P = (0, I), W_V = diag(0, I), W_K = I."""
    zero = {
        "hx": (OUT, "i"),
        "WVxx": ("i", "j"),
        "WVxy": ("i", OUT),
        "WVyx": (OUT, "i"),
        "WKxy": ("i", OUT),
        "WKyx": (OUT, "i"),
        "WQyx": (OUT, "i"),
        "WQxy": ("i", OUT),
        "WQyy": (OUT, ROW),
    }
    unit = {"hy": (OUT, ROW), "WVyy": (OUT, ROW), "WKxx": ("i", "j"), "WKyy": (OUT, ROW)}
    found = [Definition(layer.names[name], indices, "0") for name, indices in zero.items()]
    found += [
        Definition(layer.names[name], indices, f"delta[{','.join(indices)}]")
        for name, indices in unit.items()
    ]
    return (*found, Definition(layer.names["WQxx"], ("i", "j"), matrix))


def _weights(names: Mapping[str, str]) -> tuple[Tensor, ...]:
    return (
        Tensor(names["hx"], (OUTPUT, FEATURE), "first d columns of W_P"),
        Tensor(names["hy"], (OUTPUT, OUTPUT), "last p columns of W_P"),
        *(
            Tensor(names[f"{matrix}{block}"], sorts, f"block {block} of {matrix}")
            for matrix in ("WV", "WK", "WQ")
            for block, sorts in BLOCKS.items()
        ),
    )


def _forward(names: Mapping[str, str], divide_by: str) -> tuple[Definition, ...]:
    """Value, score and prediction."""
    n = names
    upper = f"sum[i]({n['WVxx']}[l,i]*X[k,i]) + sum[{ROW}]({n['WVxy']}[l,{ROW}]*y[k,{ROW}])"
    lower = (
        f"sum[i]({n['WVyx']}[{OTHER},i]*X[k,i]) + sum[{ROW}]({n['WVyy']}[{OTHER},{ROW}]*y[k,{ROW}])"
    )
    value = (
        f"sum[l]({n['hx']}[{OUT},l]*({upper})) + sum[{OTHER}]({n['hy']}[{OUT},{OTHER}]*({lower}))"
    )
    key = f"sum[i]({n['WKxx']}[l,i]*X[k,i]) + sum[{OUT}]({n['WKxy']}[l,{OUT}]*y[k,{OUT}])"
    low_key = (
        f"sum[i]({n['WKyx']}[{OTHER},i]*X[k,i]) + sum[{OUT}]({n['WKyy']}[{OTHER},{OUT}]*y[k,{OUT}])"
    )
    query = f"sum[j]({n['WQxx']}[l,j]*xq[j]) + sum[{ROW}]({n['WQxy']}[l,{ROW}]*0)"
    low_query = f"sum[j]({n['WQyx']}[{OTHER},j]*xq[j]) + sum[{ROW}]({n['WQyy']}[{OTHER},{ROW}]*0)"
    score = f"sum[l](({key})*({query})) + sum[{OTHER}](({low_key})*({low_query}))"
    total = f"sum[k]({n['value']}[{OUT},k]*{n['score']}[k])"
    prediction = total if divide_by == "1" else f"({total})/({divide_by})"
    return (
        Definition(n["value"], (OUT, "k"), value, "W_P W_V v_k"),
        Definition(n["score"], ("k",), score, "(W_K v_k)' W_Q v_{n+1}"),
        Definition(n["yhat"], (OUT,), prediction, "the layer's prediction"),
    )


def _reduced(names: Mapping[str, str]) -> tuple[Definition, ...]:
    """The letters by the weights."""
    n = names

    def product(column: str, *indices: str) -> str:
        """A block of W_P W_V."""
        at, low = ",".join(("l", *indices)), ",".join((OTHER, *indices))
        return (
            f"sum[l]({n['hx']}[{OUT},l]*{n['WVx' + column]}[{at}])"
            f" + sum[{OTHER}]({n['hy']}[{OUT},{OTHER}]*{n['WVy' + column]}[{low}])"
        )

    def keyed(column: str, index: str) -> str:
        """A block of W_K' W_Q."""
        return (
            f"sum[l]({n['WKx' + column]}[l,{index}]*{n['WQxx']}[l,j])"
            f" + sum[{OTHER}]({n['WKy' + column]}[{OTHER},{index}]*{n['WQyx']}[{OTHER},j])"
        )

    return (
        Definition(n["a"], (OUT, "i"), product("x", "i"), "first d columns of W_P W_V"),
        Definition(n["b"], (OUT, ROW), product("y", ROW), "last p columns of W_P W_V"),
        Definition(n["A"], ("i", "j"), keyed("x", "i"), "d x d block of W_K' W_Q"),
        Definition(n["c"], (OUT, "j"), keyed("y", OUT), "last p rows of W_K' W_Q, d columns"),
    )


def _features(names: Mapping[str, str], divide_by: str) -> dict[str, Feature]:
    n = names

    def scaled(text: str) -> str:
        return text if divide_by == "1" else f"({text})/({divide_by})"

    readout = f"{n['b']}[{OUT},{ROW}]*{n['A']}[j,i] + {n['a']}[{OUT},j]*{n['c']}[{ROW},i]"
    return {
        READOUT: Feature(("i", "j", ROW), f"xq[i]*{n['s']}[j,{ROW}]", scaled(readout)),
        SECOND: Feature(
            ("i", "j", "l"), f"xq[j]*{n['S']}[i,l]", scaled(f"{n['A']}[i,j]*{n['a']}[{OUT},l]")
        ),
        ENERGY: Feature(
            (ROW, OTHER, "j"),
            f"xq[j]*{n['q']}[{ROW},{OTHER}]",
            scaled(f"{n['b']}[{OUT},{ROW}]*{n['c']}[{OTHER},j]"),
        ),
    }
