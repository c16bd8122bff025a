"""What each name in a question stands for: conventions and declarations.

A name begins with the letter that statisticians give it: S and W are Wishart matrices, X, Y, Z, G
Gaussian matrices with independent rows, x, y, z, w Gaussian vectors; A, B, ... are matrices, Greek
capitals symmetric ones, a, b, u, v, m, mu vectors, n, d, c and the other Greek letters scalars.
A declaration overrides the convention:

    S ~ wishart(n, Sigma)     V ~ inverse-wishart(n, Psi)     x ~ normal(mu, Sigma)
    X ~ normal(M, Sigma)      X ~ normal(M, U, V)             x ~ rademacher
    A symmetric               c scalar    A: n x d            n = 5    Sigma = I
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.moments.grammar import Token, parse_expression
from verifier.moments.syntax import Node, Number
from verifier.setting.spelling import GREEK_NAMES

SCALARS = frozenset(["n", "d", "p", "k", "r", "s", "t", "c"]) | {
    name for name in GREEK_NAMES | {"sigma2"} if name[0].islower() and name != "mu"
}
VECTORS = frozenset(["a", "b", "u", "v", "h", "m", "q"]) | {"mu"}
NORMAL_VECTORS, NORMAL_MATRICES = frozenset("xyzw"), frozenset("XYZG")
WISHART = frozenset("SW")
MATRICES = frozenset("ABCDFHJKLMNPQRUV")
SYMMETRIC = frozenset(name for name in GREEK_NAMES if name[0].isupper())
IDENTITY = "I"
RESERVED = frozenset({"E", "T", "tr", "where"})

# law: (the least and the greatest number of its arguments, how they are called)
LAWS: dict[str, tuple[int, int, str]] = {
    "normal": (0, 3, "mean, covariance; of a matrix: mean, [covariance of rows,] of columns"),
    "wishart": (0, 2, "degrees of freedom, scale matrix"),
    "inverse-wishart": (0, 2, "degrees of freedom, scale matrix"),
    "uniform": (0, 0, "entries independent and uniform on [-1, 1]"),
    "rademacher": (0, 0, "entries independent fair signs"),
    "laplace": (0, 0, "entries independent of density exp(-|z|)/2"),
    "student-t": (1, 1, "degrees of freedom"),
    "iid": (0, 0, "entries independent, symmetric, with moments m2, m4, m6, ..."),
    "sphere": (0, 0, "uniform on the unit sphere"),
}
_LAW_NAMES = {
    "gaussian": "normal", "n": "normal", "matrixnormal": "normal", "multivariatenormal": "normal",
    "mvn": "normal", "w": "wishart", "iw": "inverse-wishart", "inversewishart": "inverse-wishart",
    "invwishart": "inverse-wishart", "signs": "rademacher", "sign": "rademacher", "t": "student-t",
    "studentt": "student-t",
}  # fmt: skip
_ONE_NAME = re.compile(r"[A-Za-z](?:_[A-Za-z0-9]+|[0-9]+(?:_[A-Za-z0-9]+)?)?")
# In answers e_i is the i-th unit vector, and the sum over i is understood wherever it stands.
_UNIT_VECTOR, _SUMMATION = re.compile(r"e_[a-z]"), re.compile(r"sum_[a-z]")
_SUFFIX = re.compile(r"(.*?)(?:_?[0-9]+|_[A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Law:
    """A law by its name in `LAWS` and its arguments as typed."""

    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name with its kind ("scalar", "vector", "matrix"), law or value.

    ``sides`` are the names of the dimensions where they were declared.
    """

    name: str
    kind: str
    symmetric: bool = False
    law: Law | None = None
    value: Node | None = None
    sides: tuple[str, str] | None = None


def law_name(text: str) -> str:
    """The law that a user's word means; ValueError suggests the nearest, or lists all."""
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    plain = word.replace("-", "")
    for known in (word, plain):
        if known in LAWS:
            return known
        if known in _LAW_NAMES:
            return _LAW_NAMES[known]
    near = difflib.get_close_matches(word, LAWS, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(LAWS)}"
    raise ValueError(f"there is no law {text.strip()[:40]!r}; {hint}")


def conventional(name: str, law: Law | None = None) -> Symbol | None:
    """What a name stands for without a declaration; None where no convention covers it.

    ``law`` is given to the names that are random by convention, in place of their usual one.
    """
    if _UNIT_VECTOR.fullmatch(name):
        return Symbol(name, "vector")
    if _SUMMATION.fullmatch(name):
        return Symbol(name, "scalar", value=Number(Fraction(1)))
    match = _SUFFIX.fullmatch(name)
    stem = match[1] if match else name
    for stem_or_name in (name, stem):
        if stem_or_name in SCALARS:
            return Symbol(name, "scalar")
        if stem_or_name in VECTORS:
            return Symbol(name, "vector")
        if stem_or_name in NORMAL_VECTORS:
            return with_law(Symbol(name, "vector"), law or Law("normal"))
        if stem_or_name in NORMAL_MATRICES:
            return with_law(Symbol(name, "matrix"), law or Law("normal"))
        if stem_or_name in WISHART:
            return with_law(Symbol(name, "matrix"), law or Law("wishart"))
        if stem_or_name in MATRICES:
            return Symbol(name, "matrix")
        if stem_or_name in SYMMETRIC:
            return Symbol(name, "matrix", symmetric=True)
    return None


def with_law(symbol: Symbol, law: Law) -> Symbol:
    """The symbol as a random one. ValueError where the law does not suit its kind."""
    if law.name in ("wishart", "inverse-wishart"):
        if symbol.kind != "matrix":
            raise ValueError(
                f"{symbol.name} is a {symbol.kind}; only a matrix can have the law {law.name} "
                f"(by convention S and W do)"
            )
        return replace(symbol, law=law, symmetric=True)
    if law.name == "sphere" and symbol.kind != "vector":
        raise ValueError(f"{symbol.name} is a {symbol.kind}; only a vector lies on the sphere")
    return replace(symbol, law=law, symmetric=False)


def split_run(run: str, declared: Mapping[str, Symbol]) -> list[str]:
    """The names in a run of letters and digits: ``SAS`` is S, A, S. ValueError where it is none."""
    if run in declared or run == IDENTITY or conventional(run) is not None:
        return [run]
    pieces = _ONE_NAME.findall(run)
    if "".join(pieces) == run and len(pieces) > 1:
        strange = [
            p for p in pieces if p not in declared and p != IDENTITY and conventional(p) is None
        ]
        if not strange:
            return pieces
    if run in RESERVED:
        raise ValueError(f"{run!r} is a word of the grammar; E[...], tr(...), X' are written so")
    near = difflib.get_close_matches(run, [*declared, *sorted(GREEK_NAMES)], n=1, cutoff=0.7)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(
        f"unknown name {run[:40]!r}; {hint}declare it, for example: where {run[:40]} vector"
    )


def declarations(tokens: list[Token]) -> dict[str, Symbol]:
    """The declarations behind ``where``, by name. ValueError says which one cannot be read."""
    found: dict[str, Symbol] = {}
    later: list[tuple[str, list[Token]]] = []
    for part in split_at_commas(tokens):
        if not part:
            raise ValueError("a declaration is missing between two commas")
        name, rest = part[0].text, part[1:]
        if not name[0].isalpha() or name in RESERVED or name == IDENTITY:
            raise ValueError(f"{name!r} cannot be declared; names are letters such as A, x, Sigma")
        if rest and rest[0].text in ("is", ":"):
            rest = rest[1:]
        found[name] = _declared(found.get(name) or conventional(name) or _blank(name), rest)
        later.append((name, rest))
    # Laws and values are read once every name is known.
    for name, rest in later:
        if rest[0].text == "~":
            found[name] = with_law(found[name], read_law(rest[1:], found))
        elif rest[0].text == "=":
            value = parse_expression(rest[1:], lambda run: split_run(run, found))
            found[name] = replace(found[name], value=value, law=None)
    return found


def _blank(name: str) -> Symbol:
    return Symbol(name, "matrix" if name[0].isupper() else "vector")


def _declared(symbol: Symbol, rest: list[Token]) -> Symbol:
    words = [token.text for token in rest]
    if words[:1] in (["~"], ["="]):
        return symbol
    if words in (["vector"], ["scalar"], ["matrix"]):
        return Symbol(symbol.name, words[0], law=symbol.law if symbol.kind == words[0] else None)
    if words == ["symmetric"]:
        return Symbol(symbol.name, "matrix", symmetric=True)
    if len(words) == 3 and words[1] == "x":
        return replace(symbol, kind="matrix", symmetric=False, sides=(words[0], words[2]))
    raise ValueError(
        f"cannot read the declaration {' '.join([symbol.name, *words])[:60]!r}; write "
        "'S ~ wishart(n, Sigma)', 'A symmetric', 'v vector', 'c scalar', 'A: n x d' or 'n = 5'"
    )


def read_law(tokens: list[Token], declared: Mapping[str, Symbol]) -> Law:
    """A law with its arguments, such as ``normal(mu, Sigma)`` or ``rademacher``."""
    opened = next((k for k, token in enumerate(tokens) if token.text == "("), len(tokens))
    name = law_name(" ".join(token.text for token in tokens[:opened]).replace(" - ", "-"))
    arguments: tuple[Node, ...] = ()
    if opened < len(tokens):
        if tokens[-1].text != ")":
            raise ValueError(f"the arguments of {name} are not closed by ')'")
        inner = tokens[opened + 1 : -1]
        arguments = tuple(
            parse_expression(part, lambda run: split_run(run, declared))
            for part in (split_at_commas(inner) if inner else [])
        )
    least, most, words = LAWS[name]
    if not least <= len(arguments) <= most or (name == "normal" and len(arguments) == 1):
        raise ValueError(f"{name} takes {'no arguments: ' if not most else ''}{words}")
    return Law(name, arguments)


def split_at_commas(tokens: list[Token]) -> list[list[Token]]:
    """The pieces between commas that stand in no bracket."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == "," and depth == 0:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces
