"""Symbolic setting files: TOML in, a data model and a layer out, or one line that says why not.

    [prompt]      dimension, context_length
    [covariates]  law, mean, covariance, query_covariance
    [task]        law, mean, covariance
    [noise]       law, variance, level
    [layer]       heads, query_in_sum, divide_by, skip, weights
    [training]    loss
    [data]        in place of covariates, task and noise: arrays and definitions

Sizes, variances and means are numbers or symbols; a symbol is universally quantified. Texts are
parsed, never evaluated.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from verifier.proof.syntax import RESERVED, is_name
from verifier.prover import standard as st
from verifier.prover.data_model import (
    EXAMPLE_LETTERS,
    FEATURE_LETTERS,
    HEAD_LETTERS,
    KEY_LETTERS,
    OUTPUT_LETTERS,
    DataModel,
    Sizes,
)
from verifier.prover.data_section import data_model
from verifier.prover.layer import DIAGONAL, FULL, SCALAR, LayerOptions
from verifier.setting.numbers import exact_number

MAXIMUM_BYTES = 100_000
KEYS = {
    "prompt": ("dimension", "context_length"),
    "covariates": ("law", "mean", "covariance", "query_covariance"),
    "task": ("law", "mean", "covariance", "responses"),
    "noise": ("law", "variance", "level"),
    "layer": ("heads", "key_dimension", "query_in_sum", "divide_by", "skip", "weights"),
    "training": ("loss", "weight_decay"),
}
LETTERS = frozenset(
    (*FEATURE_LETTERS, *EXAMPLE_LETTERS, *HEAD_LETTERS, *KEY_LETTERS, *OUTPUT_LETTERS)
)
TAKEN = frozenset(
    (
        *(
            "X",
            "xq",
            "w",
            "y",
            "yq",
            "e",
            "eq",
            "Z",
            "zq",
            "z",
            "V",
            "vq",
            "e0",
            "eq0",
            "w0",
            "u",
            "F",
            "G",
        ),
        *("C", "rho", "rhoq", "level", "levelq", "kappa", "m2", "m4", "m22", "p1", "p2", "h1"),
        *("D", "W", "R", "K", "P"),
    )
)
_DEFINITE = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\s*>\s*0")


@dataclass(frozen=True, slots=True)
class SymbolicSetting:
    """A setting file as read: its name, data, layer, remarks for a reader, and its bytes.

    ``decay``: the symbol of the weight decay, "" for none. ``numbers``: what scalars are in the
    file, where it has numbers in place of symbols.
    """

    name: str
    model: DataModel
    layer: LayerOptions
    notes: tuple[str, ...] = ()
    content: bytes = b""
    decay: str = ""
    numbers: tuple[tuple[str, Fraction], ...] = ()


def read_symbolic(path: str) -> SymbolicSetting:
    """The setting in a file; ``OSError``, or ``ValueError`` in one line with file and key."""
    with open(path, "rb") as file:
        content = file.read(MAXIMUM_BYTES + 1)
    return parse_symbolic(content, os.path.basename(path))


def parse_symbolic(content: bytes, name: str = "setting") -> SymbolicSetting:
    """The setting that TOML text describes; ``name`` stands in error messages."""
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"{name}: a setting file has at most {MAXIMUM_BYTES} bytes")
    try:
        document = tomllib.loads(content.decode("utf-8-sig"), parse_float=lambda text: text)
    except UnicodeDecodeError:
        raise ValueError(f"{name}: the file is not UTF-8 text") from None
    except RecursionError:
        raise ValueError(f"{name}: the file is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{name}: not a TOML file: {' '.join(str(error).split())}") from None
    return replace(_Reader(name, document).setting(), content=content)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One parsed document; every value is read under the name of its file and key."""

    name: str
    document: Mapping[str, Any]
    numbers: dict[str, Fraction] = field(default_factory=dict)

    def setting(self) -> SymbolicSetting:
        self._known("table", "", self.document, (*KEYS, "data"))
        for table, keys in KEYS.items():
            value = self.document.get(table, {})
            if not isinstance(value, dict):
                raise ValueError(f"{self.name}: {table} must be a table: [{table}]")
            self._known("key", f"[{table}] ", value, keys)
        notes: list[str] = []
        loss = self._choice("training", "loss", (st.LAST, st.EVERY_PREFIX, st.RANDOM_LENGTH))
        by_length = self._text("layer", "divide_by", "1") == "k"
        if by_length and loss == st.LAST:
            raise self._wrong(
                "layer", "divide_by", '"k" is the length of a prefix: say [training] loss'
            )
        sizes = self._sizes(notes, 2 if by_length else 1)
        if "data" in self.document:
            model = self._data(sizes)
        else:
            model = self._standard(sizes, loss, by_length, notes)
        layer = self._layer(sizes, by_length, notes)
        decay, numbers = self._decay(), tuple(self.numbers.items())
        return SymbolicSetting(self.name, model, layer, tuple(notes), b"", decay, numbers)

    # Sections

    def _sizes(self, notes: list[str], least: int) -> Sizes:
        found = {}
        for key, symbol in (("dimension", "d"), ("context_length", "n")):
            value = self.document.get("prompt", {}).get(key, symbol)
            if isinstance(value, int) and not isinstance(value, bool):
                if value < 1:
                    raise self._wrong("prompt", key, f"must be at least 1, got {value}")
                notes.append(
                    f"{symbol} = {value} is an instance: what is shown holds for every {symbol}"
                )
                self.numbers[symbol] = Fraction(value)
                value = symbol
            found[key] = self._symbol("prompt", key, value, TAKEN)
        if found["dimension"] == found["context_length"]:
            raise self._wrong(
                "prompt", "dimension", f"{found['dimension']!r} is also context_length"
            )
        return Sizes(found["context_length"], found["dimension"], least)

    def _standard(self, sizes: Sizes, loss: str, by_length: bool, notes: list[str]) -> DataModel:
        taken = {sizes.length, sizes.dimension}
        law = self._choice("covariates", "law", (st.NORMAL, st.CUBE, st.ELLIPTICAL, st.ROTATION))
        task_law = self._choice("task", "law", (st.NORMAL, st.SYMMETRIC))
        noise_law = self._choice("noise", "law", (st.NORMAL, st.ANY, st.GIVEN_X))
        level = self._choice("noise", "level", ("fixed", st.PER_PROMPT, st.PER_EXAMPLE))
        covariates = self._covariance("covariates", "covariance", taken, notes)
        query = None
        if "query_covariance" in self.document.get("covariates", {}):
            query = self._covariance("covariates", "query_covariance", taken, notes)
            if query.symbol == covariates.symbol and query != covariates:
                raise self._wrong(
                    "covariates", "query_covariance", f"{query.symbol!r} is used for two things"
                )
        if query is not None and law != st.NORMAL:
            raise self._wrong("covariates", "query_covariance", "is for normal covariates")
        task = self._task_covariance(covariates, taken, notes)
        if "inverse-covariates" in self.document.get("task", {}).values():
            covariates = st.Covariance(covariates.symbol, covariates.symbol != st.IDENTITY)
        means = [self._mean(table, taken) for table in ("covariates", "task")]
        if law == st.CUBE and means[0] != "zero":
            raise self._wrong("covariates", "mean", f"a {st.CUBE} law has the mean 0")
        if level != "fixed" and noise_law != st.NORMAL:
            raise self._wrong("noise", "level", "is for normal noise; any law has its own level")
        if noise_law == st.GIVEN_X and law != st.CUBE:
            raise self._wrong("noise", "law", f"{st.GIVEN_X} is for {st.CUBE} covariates")
        return st.standard_model(
            st.Standard(
                sizes,
                covariates,
                query,
                law,
                means[0],
                task,
                task_law,
                means[1],
                self._variance(taken, notes),
                noise_law,
                "" if level == "fixed" else level,
                loss,
                by_length,
                self._outputs(taken, notes),
            )
        )

    def _outputs(self, taken: set[str], notes: list[str]) -> str:
        """The symbol of the number of responses of an example; "" for one."""
        value = self.document.get("task", {}).get("responses", 1)
        if value == 1:
            return ""
        others = {
            ("task", "law"): (None, st.NORMAL),
            ("task", "mean"): (None, "zero"),
            ("noise", "law"): (None, st.NORMAL),
            ("noise", "level"): (None, "fixed"),
            ("training", "loss"): (None, st.LAST),
            ("layer", "heads"): (None, 1, "1"),
            ("layer", "skip"): (None, False),
            ("layer", "query_in_sum"): (None, False),
            ("layer", "weights"): (None, FULL),
            ("layer", "key_dimension"): (None,),
        }
        for (table, key), plain in others.items():
            if self.document.get(table, {}).get(key) not in plain:
                raise self._wrong(table, key, "is not for several responses; leave it out")
        if isinstance(value, int) and not isinstance(value, bool):
            if value < 1:
                raise self._wrong("task", "responses", f"must be at least 1, got {value}")
            notes.append(f"p = {value} responses are an instance: it holds for every p")
            value = "p"
        return self._symbol("task", "responses", value, TAKEN | taken)

    def _decay(self) -> str:
        """The symbol of the weight decay, which Theorem 1's setting alone may have."""
        value = self.document.get("training", {}).get("weight_decay", "")
        if not value:
            return ""
        plain = {
            "prompt": {"dimension": "d", "context_length": "n"},
            "covariates": {"law": st.NORMAL, "mean": "zero", "covariance": st.IDENTITY},
            "task": {"law": st.NORMAL, "mean": "zero", "covariance": st.IDENTITY},
            "noise": {"variance": "sigma2", "law": st.NORMAL},
            "training": {"weight_decay": value, "loss": st.LAST},
        }
        for table, keys in self.document.items():
            for key, given in keys.items():
                if plain.get(table, {}).get(key) != given:
                    where = f"{key} is not for weight_decay; leave it out"
                    raise self._wrong(table, key, where.removeprefix(f"{key} "))
        others = {"n", "d", "sigma2", "r", "b0", "eta", "a", "b", "A", "c", "s", "q", "S", "B"}
        return self._symbol("training", "weight_decay", value, TAKEN | others)

    def _data(self, sizes: Sizes) -> DataModel:
        for table in ("covariates", "task", "noise", "training"):
            if table in self.document:
                raise ValueError(
                    f"{self.name}: [{table}] and [data] are two ways to say the same; use one"
                )
        value = self.document["data"]
        if not isinstance(value, dict):
            raise ValueError(f"{self.name}: data must be a table: [data]")
        try:
            return data_model(value, sizes)
        except ValueError as error:
            raise ValueError(f"{self.name}: [data] {error}") from None

    def _rows(self, sizes: Sizes, notes: list[str]) -> str:
        """The symbol of the number of rows of W_K and W_Q; "" where they are d + 1."""
        value = self.document.get("layer", {}).get("key_dimension", "")
        if value in ("", sizes.dimension, f"{sizes.dimension}+1", f"{sizes.dimension} + 1"):
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            if value < 1:
                raise self._wrong("layer", "key_dimension", f"must be at least 1, got {value}")
            notes.append(f"r = {value} rows of W_K and W_Q are an instance: it holds for every r")
            value = "r"
        heads = self.document.get("layer", {}).get("heads", "1")
        return self._symbol(
            "layer", "key_dimension", value, TAKEN | {sizes.length, sizes.dimension, str(heads)}
        )

    def _layer(self, sizes: Sizes, by_length: bool, notes: list[str]) -> LayerOptions:
        heads = self.document.get("layer", {}).get("heads", "1")
        if isinstance(heads, int) and not isinstance(heads, bool):
            if heads < 1:
                raise self._wrong("layer", "heads", f"must be at least 1, got {heads}")
            if heads > 1:
                notes.append(f"{heads} heads are an instance: it holds for every H >= {heads}")
            heads = str(heads)
        elif heads != "1":
            heads = self._symbol("layer", "heads", heads, TAKEN | {sizes.length, sizes.dimension})
        rows = self._rows(sizes, notes)
        divide = self._text("layer", "divide_by", "1")
        known = ("1", sizes.length, f"{sizes.length}+1")
        divide = divide.replace(" ", "")
        if divide not in (*known, "k"):
            raise self._wrong(
                "layer", "divide_by", f"{divide[:30]!r} is none of {', '.join(map(repr, known))}"
            )
        weights = self._choice("layer", "weights", (FULL, DIAGONAL, SCALAR))
        table = self.document.get("layer", {})
        other = [key for key in ("key_dimension", "query_in_sum", "skip") if table.get(key)]
        other += ["heads"] if heads != "1" else []
        if weights != FULL and other:
            raise self._wrong("layer", other[0], f"is not for weights = {weights!r}; leave it out")
        return LayerOptions(
            heads,
            rows,
            self._flag("layer", "query_in_sum"),
            "1" if by_length else divide,
            self._flag("layer", "skip"),
            weights,
        )

    # Values

    def _covariance(self, table: str, key: str, taken: set[str], notes: list[str]) -> st.Covariance:
        value = self.document.get(table, {}).get(key, st.IDENTITY)
        if isinstance(value, list):
            symbol = {"covariance": "Lambda" if table == "covariates" else "Gamma"}.get(
                key, "Omega"
            )
            self._refuse_matrix(table, key, value)
            notes.append(f"the matrix is an instance: what is shown holds for every {symbol}")
            value = symbol
        if value == st.IDENTITY:
            return st.Covariance()
        found = _DEFINITE.fullmatch(value.strip()) if isinstance(value, str) else None
        symbol = self._symbol(table, key, found[1] if found else value, TAKEN)
        taken.add(symbol)
        return st.Covariance(symbol, found is not None)

    def _refuse_matrix(self, table: str, key: str, rows: list[Any]) -> None:
        """ValueError unless the rows are a covariance matrix of the prompt's dimension."""
        from verifier.setting.covariance import Covariance

        try:
            full = all(isinstance(row, list) for row in rows)
            matrix = Covariance.full(rows) if full else Covariance.diagonal(rows)
        except (TypeError, ValueError) as error:
            raise self._wrong(table, key, str(error)) from None
        size, dimension = len(matrix.entries), self.document.get("prompt", {}).get("dimension")
        if isinstance(dimension, int) and dimension != size:
            raise self._wrong(table, key, f"{size} rows, but the dimension is {dimension}")

    def _task_covariance(
        self, covariates: st.Covariance, taken: set[str], notes: list[str]
    ) -> st.Covariance:
        value = self.document.get("task", {}).get("covariance", st.IDENTITY)
        if value != st.INVERSE:
            found = self._covariance("task", "covariance", set(), notes)
            if found.symbol == covariates.symbol:
                return covariates
            if found.symbol in taken and found.symbol != st.IDENTITY:
                raise self._wrong("task", "covariance", f"{found.symbol!r} is used for two things")
            taken.add(found.symbol)
            return found
        if covariates.symbol == st.IDENTITY:
            return st.Covariance()
        return st.Covariance(covariates.symbol, True, inverse=True)

    def _mean(self, table: str, taken: set[str]) -> str:
        value = self.document.get(table, {}).get("mean", "zero")
        if value == "zero":
            return "zero"
        if isinstance(value, list):
            raise self._wrong(
                table, "mean", 'a symbol such as "mu" stands for every vector; or "zero"'
            )
        symbol = self._symbol(table, "mean", value, TAKEN | taken)
        taken.add(symbol)
        return symbol

    def _variance(self, taken: set[str], notes: list[str]) -> str:
        value = self.document.get("noise", {}).get("variance", "sigma2")
        if isinstance(value, str) and is_name(value):
            symbol = self._symbol("noise", "variance", value, TAKEN | taken)
            taken.add(symbol)
            return symbol
        try:
            number = exact_number(value, "variance")
        except (TypeError, ValueError) as error:
            raise self._wrong("noise", "variance", f"{error}, or a symbol") from None
        if number < 0:
            raise self._wrong("noise", "variance", f"must not be negative, got {number}")
        if not number:
            return "0"
        notes.append(f"the noise variance {number} is an instance: it holds for every sigma2")
        self.numbers["sigma2"] = number
        return self._symbol("noise", "variance", "sigma2", TAKEN | taken)

    def _symbol(self, table: str, key: str, value: Any, taken: Iterable[str]) -> str:
        if not isinstance(value, str) or not is_name(value):
            raise self._wrong(table, key, f'{str(value)[:40]!r} is not a symbol, such as "Lambda"')
        if value in LETTERS or value in RESERVED:
            raise self._wrong(table, key, f"{value!r} is an index letter here; take another symbol")
        if value in taken:
            raise self._wrong(table, key, f"{value!r} is used for two things; take another symbol")
        return value

    def _choice(self, table: str, key: str, known: tuple[str, ...]) -> str:
        value = self.document.get(table, {}).get(key, known[0])
        if value not in known:
            near = difflib.get_close_matches(str(value)[:60], known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise self._wrong(table, key, f"unknown {str(value)[:40]!r}; {hint}")
        return str(value)

    def _text(self, table: str, key: str, standard: str) -> str:
        value = self.document.get(table, {}).get(key, standard)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self._wrong(table, key, "must be a text in quotes")
        return value

    def _flag(self, table: str, key: str) -> bool:
        value = self.document.get(table, {}).get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(table, key, f"must be true or false, not {str(value)[:40]!r}")
        return value

    def _wrong(self, table: str, key: str, message: str) -> ValueError:
        return ValueError(f"{self.name}: [{table}] {key}: {message}")

    def _known(self, what: str, where: str, given: Iterable[str], known: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                near = difflib.get_close_matches(key[:60], known, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                raise ValueError(f"{self.name}: {where}unknown {what} {key[:40]!r}; {hint}")
