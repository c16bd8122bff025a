"""The layer in the kernel's language: forward pass in the full weights, and what it can predict.

Tokens are v_k = (x_k, y_k) and v_{n+1} = (x_{n+1}, 0); each weight matrix is written in blocks, as
``WVxy`` for the block of W_V that sends the y-entry of a token to the first d coordinates. A head
predicts h' sum_k (W_V v_k) ((W_K v_k)' W_Q v_{n+1}); heads are summed. Through the letters
a = W_V' h, A = W_K' W_Q and so on the prediction is

    yhat = x' B s + sum x_j A_ij S_il a_l + q x' (b c) [+ skip' x],

with the query's own token in S where the sum runs over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import Definition, Scalar, Sort, Tensor
from verifier.prover.data_model import (
    FEATURE,
    FEATURE_LETTERS,
    HEAD,
    HEAD_LETTERS,
    KEY,
    KEY_LETTERS,
)
from verifier.prover.features import Feature

BLOCKS = {"xx": (FEATURE, FEATURE), "xy": (FEATURE,), "yx": (FEATURE,), "yy": ()}
FULL, DIAGONAL, SCALAR = "full", "diagonal", "scalar"
READOUT, SECOND, ENERGY, SKIP = "readout", "second", "energy", "skip"
LOW_RANK = {"x": (KEY, FEATURE), "y": (KEY,)}  # W_K and W_Q with rows of their own
MATRICES = tuple(f"{matrix}{block}" for matrix in ("WV", "WK", "WQ") for block in BLOCKS)
KEYED = tuple(f"{matrix}{block}" for matrix in ("WK", "WQ") for block in LOW_RANK)
OF_HEAD = (
    "a",
    "b",
    "A",
    "c",
    "value",
    "score",
    "query_value",
    "query_score",
    "hx",
    "hy",
    *MATRICES,
    *KEYED,
)
OWN_NAMES = (
    *OF_HEAD,
    *(f"f{name}" for name in OF_HEAD),
    "B",
    "s",
    "q",
    "S",
    "skip",
    "yhat",
    "alpha",
)
DIMENSION_HEADS = "d+1"


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """Which layer reads the prompt.

    ``heads``: "1", a number or a symbol, or "d+1" for one head and one more for each feature.
    ``key_dimension``: a symbol for the number of rows of W_K and W_Q, or "" for d + 1 of them.
    ``divide_by``: an index text in scalars. ``weights``: "full", or the merged weights restricted
    to A = diag(alpha) or A = alpha I with a = c = 0.
    """

    heads: str = "1"
    key_dimension: str = ""
    query_in_sum: bool = False
    divide_by: str = "1"
    skip: bool = False
    weights: str = FULL


@dataclass(frozen=True, slots=True)
class Group:
    """Heads of one kind: a single one, or one for each value of an index letter.

    ``keyed``: W_K and W_Q have rows of their own, whose number is a scalar.
    """

    names: Mapping[str, str]
    prefix: str = ""
    index: str = ""
    sort: str = ""
    keyed: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The index of the head, if there are several."""
        return (self.index,) if self.index else ()

    def at(self, name: str, *indices: str) -> str:
        """An array of each head, at these indices."""
        shown = (*self.own, *indices)
        return self.name(name) + (f"[{','.join(shown)}]" if shown else "")

    def name(self, name: str) -> str:
        """What the array is called."""
        return self.names[self.prefix + name]

    def summed(self, text: str, *indices: str) -> str:
        """The sum over these heads and over further indices."""
        shown = (*indices, *self.own)
        return f"sum[{','.join(shown)}]({text})" if shown else text


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's arrays, definitions and parameters, its letters, and the features it predicts with.

    ``letters`` are tensors that stand for the reduced parameters, ``readout`` defines B by them.
    ``features`` are by name. ``outputs``: the index of the prediction, if it is a vector.
    """

    options: LayerOptions
    scalars: tuple[Scalar, ...]
    sorts: tuple[Sort, ...]
    weights: tuple[Tensor, ...]
    definitions: tuple[Definition, ...]
    letters: tuple[Tensor, ...]
    readout: tuple[Definition, ...]
    statistics: tuple[Definition, ...]
    features: Mapping[str, Feature]
    names: Mapping[str, str]
    groups: tuple[Group, ...]
    outputs: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The arrays over which the loss is minimised."""
        return tuple(weight.name for weight in self.weights)

    def realised(self, *heads: Mapping[str, str], skip: str = "0") -> tuple[Definition, ...]:
        """Weights whose letters a[l], b, A[i,j], c[j] have these values (texts), for each group.

        h is the last unit vector, the last row of W_V is (a, b), W_K is the identity and the first
        d columns of W_Q are (A; c'). A letter that is not given is 0.
        """
        found = []
        for group, values in zip(self.groups, heads, strict=True):
            rows: dict[str, tuple[tuple[str, ...], str]] = {
                "hx": (("i",), "0"),
                "hy": ((), "1"),
                "WVxx": (("i", "j"), "0"),
                "WVxy": (("i",), "0"),
                "WVyx": (("l",), values.get("a", "0")),
                "WVyy": ((), values.get("b", "0")),
                "WKxx": (("i", "j"), "delta[i,j]"),
                "WKxy": (("i",), "0"),
                "WKyx": (("i",), "0"),
                "WKyy": ((), "1"),
                "WQxx": (("i", "j"), values.get("A", "0")),
                "WQxy": (("i",), "0"),
                "WQyx": (("j",), values.get("c", "0")),
                "WQyy": ((), "0"),
            }
            found += [
                Definition(group.name(name), group.own + idx, body)
                for name, (idx, body) in rows.items()
            ]
        if self.options.skip:
            found.append(Definition(self.names["skip"], ("j",), skip))
        return tuple(found)

    def restricted(self, alpha: str) -> tuple[Definition, ...]:
        """b = 1 and this alpha, of a layer whose merged weights are restricted."""
        (b, diagonal) = self.letters
        return (
            Definition(b.name, (), "1"),
            Definition(diagonal.name, ("i",) * len(diagonal.sorts), alpha),
        )


def own_names(taken: frozenset[str]) -> dict[str, str]:
    """The layer's own names, which give way to those that the data use."""
    return {name: _free(name, taken) for name in OWN_NAMES}


def layer(options: LayerOptions, token_weights: str, taken: frozenset[str]) -> Layer:
    """The layer of these options, reading X[k,i], y[k], xq[i]; tokens weighed by an array.

    ``taken``: names that the data use.
    """
    names = own_names(taken)
    token = f"{token_weights}[k]*" if token_weights else ""
    if options.weights != FULL:
        return _restricted(options, token, names)
    groups = _groups(options, names)
    terms, forward, reduced = [], [], []
    for group in groups:
        terms.append(group.summed(f"{token}{group.at('value', 'k')}*{group.at('score', 'k')}", "k"))
        forward += _forward(group)
        if options.query_in_sum:
            terms.append(group.summed(f"{group.at('query_value')}*{group.at('query_score')}"))
            forward += _query_forward(group)
        reduced += _reduced(group)
    prediction = _scaled(options, " + ".join(terms))
    if options.skip:
        prediction += f" + sum[j]({names['skip']}[j]*xq[j])"
    forward.append(Definition(names["yhat"], (), prediction, "the layer's prediction"))
    skip: tuple[Tensor, ...] = ()
    if options.skip:
        skip = (Tensor(names["skip"], (FEATURE,), "linear skip from the query to the output"),)
    readout = Definition(
        names["B"],
        ("i", "j"),
        _over(
            groups,
            lambda g: f"{g.at('b')}*{g.at('A', 'j', 'i')} + {g.at('c', 'i')}*{g.at('a', 'j')}",
        ),
        "the readout of X' y",
    )
    heads = options.heads not in ("1", DIMENSION_HEADS)
    return Layer(
        options,
        scalars=(*(_head_scalars(options.heads) if heads else ()), *_key_scalars(options)),
        sorts=(
            *((Sort(HEAD, _head_count(options.heads), HEAD_LETTERS),) if heads else ()),
            *((Sort(KEY, options.key_dimension, KEY_LETTERS),) if options.key_dimension else ()),
        ),
        weights=(*(tensor for group in groups for tensor in _weights(group)), *skip),
        definitions=(*forward, *reduced, readout),
        letters=(*(tensor for group in groups for tensor in _letters(group)), *skip),
        readout=(readout,),
        statistics=_statistics(token, names, options.query_in_sum),
        features=_features(options, names, groups),
        names=names,
        groups=groups,
    )


def _free(name: str, taken: frozenset[str]) -> str:
    """The name, or the first variant of it that nothing else has."""
    variants = (name, *(f"{name}{suffix}" for suffix in ("w", "v", "u")))
    return next(one for one in variants if one not in taken)


def _groups(options: LayerOptions, names: Mapping[str, str]) -> tuple[Group, ...]:
    keyed = bool(options.key_dimension)
    if options.heads == "1":
        return (Group(names, keyed=keyed),)
    if options.heads == DIMENSION_HEADS:
        return (Group(names), Group(names, "f", FEATURE_LETTERS[-1], FEATURE))
    return (Group(names, "", HEAD_LETTERS[0], HEAD, keyed),)


def _head_count(heads: str) -> str:
    return "H" if heads.isdigit() else heads


def _head_scalars(heads: str) -> tuple[Scalar, ...]:
    """The number of heads; a given number is the least value of a symbol."""
    least = int(heads) if heads.isdigit() else 1
    return (Scalar(_head_count(heads), Fraction(least), integer=True, meaning="heads"),)


def _key_scalars(options: LayerOptions) -> tuple[Scalar, ...]:
    """The number of rows of W_K and W_Q."""
    if not options.key_dimension:
        return ()
    return (Scalar(options.key_dimension, Fraction(1), integer=True, meaning="rows of W_K, W_Q"),)


def _over(groups: tuple[Group, ...], text: Callable[[Group], str]) -> str:
    """A text of each head, summed over all of them."""
    return " + ".join(group.summed(text(group)) for group in groups)


def _scaled(options: LayerOptions, text: str) -> str:
    return text if options.divide_by == "1" else f"({text})/({options.divide_by})"


def _sorts(group: Group, *sorts: str) -> tuple[str, ...]:
    return (*((group.sort,) if group.sort else ()), *sorts)


def _weights(group: Group) -> tuple[Tensor, ...]:
    return (
        Tensor(group.name("hx"), _sorts(group, FEATURE), "first d entries of the head h"),
        Tensor(group.name("hy"), _sorts(group), "last entry of the head h"),
        *(
            Tensor(
                group.name(name),
                _sorts(group, *BLOCKS[name[2:]]),
                f"block {name[2:]} of {name[:2]}",
            )
            for name in MATRICES
            if not group.keyed or name.startswith("WV")
        ),
        *(_keyed_weights(group) if group.keyed else ()),
    )


def _keyed_weights(group: Group) -> tuple[Tensor, ...]:
    """W_K and W_Q by columns: those of the d coordinates, and that of the response."""
    return tuple(
        Tensor(
            group.name(name),
            _sorts(group, *LOW_RANK[name[2:]]),
            f"{'first d columns' if name[2:] == 'x' else 'last column'} of {name[:2]}",
        )
        for name in KEYED
    )


def _letters(group: Group) -> tuple[Tensor, ...]:
    shapes = (("a", (FEATURE,)), ("b", ()), ("A", (FEATURE, FEATURE)), ("c", (FEATURE,)))
    return tuple(Tensor(group.name(name), _sorts(group, *sorts)) for name, sorts in shapes)


def _reduced(group: Group) -> list[Definition]:
    """The letters by the weights."""
    at = group.at
    bodies = (
        ("a", ("i",), f"sum[l]({at('hx', 'l')}*{at('WVxx', 'l', 'i')})"
         f" + {at('hy')}*{at('WVyx', 'i')}", "first d entries of W_V' h"),
        ("b", (), f"sum[l]({at('hx', 'l')}*{at('WVxy', 'l')}) + {at('hy')}*{at('WVyy')}",
         "last entry of W_V' h"),
        ("A", ("i", "j"), _product(group, "xx", "yx", "i"), "d x d block of W_K' W_Q"),
        ("c", ("j",), _product(group, "xy", "yy"), "last row of W_K' W_Q, d entries"),
    )  # fmt: skip
    return [
        Definition(group.name(name), group.own + idx, body, meaning)
        for name, idx, body, meaning in bodies
    ]


def _product(group: Group, upper: str, lower: str, *index: str) -> str:
    """Rows of W_K' W_Q, the columns of the query's d coordinates."""
    at = group.at
    if group.keyed:
        key = at(f"WK{upper[1]}", "o", *index)
        return f"sum[o]({key}*{at('WQx', 'o', 'j')})"
    return (
        f"sum[l]({at(f'WK{upper}', 'l', *index)}*{at('WQxx', 'l', 'j')})"
        f" + {at(f'WK{lower}', *index)}*{at('WQyx', 'j')}"
    )


def _forward(group: Group) -> list[Definition]:
    """Value and score of the examples' tokens."""
    own = group.own
    return [
        Definition(group.name("value"), (*own, "k"), _value(group, "X[k,i]", "y[k]"), "h' W_V v_k"),
        Definition(
            group.name("score"),
            (*own, "k"),
            _score(group, "X[k,i]", "y[k]"),
            "(W_K v_k)' W_Q v_{n+1}",
        ),
    ]


def _query_forward(group: Group) -> list[Definition]:
    """Value and score of the query's own token."""
    return [
        Definition(
            group.name("query_value"), group.own, _value(group, "xq[i]", "0"), "h' W_V v_{n+1}"
        ),
        Definition(
            group.name("query_score"), group.own, _score(group, "xq[i]", "0"),
            "(W_K v_{n+1})' W_Q v_{n+1}",
        ),
    ]  # fmt: skip


def _value(group: Group, x: str, y: str) -> str:
    """h' W_V v of a token v = (x, y)."""
    at = group.at
    return (
        f"sum[l]({at('hx', 'l')}*(sum[i]({at('WVxx', 'l', 'i')}*{x}) + {at('WVxy', 'l')}*{y}))"
        f" + {at('hy')}*(sum[i]({at('WVyx', 'i')}*{x}) + {at('WVyy')}*{y})"
    )


def _score(group: Group, x: str, y: str) -> str:
    """(W_K v)' W_Q v_{n+1} of a token v = (x, y)."""
    at, query = group.at, "sum[j]({}*xq[j])"
    if group.keyed:
        return (
            f"sum[o]((sum[i]({at('WKx', 'o', 'i')}*{x}) + {at('WKy', 'o')}*{y})"
            f"*({query.format(at('WQx', 'o', 'j'))} + {at('WQy', 'o')}*0))"
        )
    return (
        f"sum[l]((sum[i]({at('WKxx', 'l', 'i')}*{x}) + {at('WKxy', 'l')}*{y})"
        f"*({query.format(at('WQxx', 'l', 'j'))} + {at('WQxy', 'l')}*0))"
        f" + (sum[i]({at('WKyx', 'i')}*{x}) + {at('WKyy')}*{y})"
        f"*({query.format(at('WQyx', 'j'))} + {at('WQyy')}*0)"
    )


def _statistics(
    token: str, names: Mapping[str, str], query: bool = False
) -> tuple[Definition, ...]:
    """X' y, y' y and X' X, tokens weighed; ``query``: with the query's own token."""
    more, meaning = (" + xq[i]*xq[j]", "X' X + x_{n+1} x_{n+1}'") if query else ("", "X' X")
    return (
        Definition(names["s"], ("i",), f"sum[k]({token}X[k,i]*y[k])", "X' y"),
        Definition(names["q"], (), f"sum[k]({token}y[k]^2)", "y' y"),
        Definition(names["S"], ("i", "j"), f"sum[k]({token}X[k,i]*X[k,j]){more}", meaning),
    )


def _features(
    options: LayerOptions, names: Mapping[str, str], groups: tuple[Group, ...]
) -> dict[str, Feature]:
    """What the full layer predicts with."""
    outer = _scaled(options, _over(groups, lambda g: f"{g.at('A', 'i', 'j')}*{g.at('a', 'l')}"))
    energy = _scaled(options, _over(groups, lambda g: f"{g.at('b')}*{g.at('c', 'j')}"))
    found = {
        READOUT: Feature(
            ("i", "j"), f"xq[i]*{names['s']}[j]", _scaled(options, f"{names['B']}[i,j]")
        ),
        SECOND: Feature(("i", "l", "j"), f"xq[j]*{names['S']}[i,l]", outer),
        ENERGY: Feature(("j",), f"xq[j]*{names['q']}", energy),
    }
    if options.skip:
        found[SKIP] = Feature(("j",), "xq[j]", f"{names['skip']}[j]")
    return found


def _restricted(options: LayerOptions, token: str, names: dict[str, str]) -> Layer:
    """A layer whose merged weights are b and A = diag(alpha), or A = alpha I; all else is 0."""
    diagonal = options.weights == DIAGONAL
    alpha, b, s = names["alpha"], names["b"], names["s"]
    entry = f"{alpha}[i]" if diagonal else alpha
    body = _scaled(options, f"{b}*sum[k,i]({token}y[k]*{entry}*X[k,i]*xq[i])")
    weight = _scaled(options, f"{b}*{entry}")
    arrays = (
        Tensor(b, (), "weight of the responses"),
        Tensor(alpha, (FEATURE,) if diagonal else (), "diagonal of W_K' W_Q"),
    )
    feature = Feature(("i",), f"xq[i]*{s}[i]", weight)
    if not diagonal:
        feature = Feature((), f"sum[i](xq[i]*{s}[i])", weight)
    return Layer(
        options,
        scalars=(),
        sorts=(),
        weights=arrays,
        definitions=(Definition(names["yhat"], (), body, "the layer's prediction"),),
        letters=arrays,
        readout=(),
        statistics=_statistics(token, names),
        features={READOUT: feature},
        names=names,
        groups=(),
    )
