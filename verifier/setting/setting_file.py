"""Setting files: TOML in, an exact `Setting` out, or one line that names file and key (floor 1).

    [prompt]      dimension, context_length                         (required)
    [covariates]  law, covariance, radius_moments, degrees_of_freedom
    [task]        law, mean, covariance, response
    [noise]       variance

x = F z with z of the named law and F the lower triangular Cholesky factor, F F' = covariance. For
the normal law that is the covariance of x; for laws that are not rotation invariant another F with
the same F F' would give another x. Numbers are exact: integers, "p/q", and decimals, which are
read as text and mean what they say. Nothing in a file is evaluated.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.given import square_rows
from verifier.setting.laws import (
    BaseLaw,
    Laplace,
    Normal,
    Rademacher,
    Sphere,
    Uniform,
    radial,
    student_t,
)
from verifier.setting.magnitudes import check_link, check_numbers
from verifier.setting.numbers import exact_number, nonnegative_number, positive_integer
from verifier.setting.response_grammar import parse_response
from verifier.setting.response_moments import check_covariate_moments, check_response_growth
from verifier.setting.responses import (
    Linear,
    Polynomial,
    ReluNetwork,
    Response,
    SingleIndex,
    Weights,
)

MAXIMUM_BYTES = 1_000_000
MAXIMUM_DIMENSION = 32
MAXIMUM_CONTEXT_LENGTH = 10**9
MAXIMUM_WIDTH = 256

_KEYS: dict[str, tuple[str, ...]] = {
    "prompt": ("dimension", "context_length"),
    "covariates": ("law", "covariance", "radius_moments", "degrees_of_freedom"),
    "task": ("law", "mean", "covariance", "response"),
    "noise": ("variance",),
}
_PLAIN_LAWS: dict[str, Callable[[], BaseLaw]] = {
    "normal": Normal,
    "uniform": Uniform,
    "rademacher": Rademacher,
    "laplace": Laplace,
    "sphere": Sphere,
}
_LAWS = (*_PLAIN_LAWS, "student-t", "radial")
_SYNONYMS = {
    "gaussian": "normal", "gauss": "normal", "standardnormal": "normal", "n": "normal",
    "sign": "rademacher", "signs": "rademacher", "t": "student-t", "student": "student-t",
    "studentt": "student-t", "spherical": "sphere", "unitsphere": "sphere",
}  # fmt: skip
_QUOTED = re.compile(r"\"[^\"]*(?:\"|$)|'[^']*(?:'|$)|#.*")
_FRACTION = re.compile(r"(?<![\w./])([+-]?[0-9]+)\s*/\s*([0-9]+)(?![\w./])")

T = TypeVar("T")


class _Decimal(str):
    """A number with a point, kept as its text: exact, and told apart from a text in quotes."""


def read_setting(path: str) -> Setting:
    """The setting in the file ``path``.

    Raises ``OSError`` where the file cannot be read and ``ValueError`` in one line, with file and
    key, for anything else that is wrong with it.
    """
    with open(path, "rb") as file:
        content = file.read(MAXIMUM_BYTES + 1)
    return parse_setting(content, os.path.basename(path))


def parse_setting(content: bytes, name: str = "setting") -> Setting:
    """The setting that the TOML in ``content`` describes; ``name`` stands in error messages."""
    if len(content) > MAXIMUM_BYTES:
        raise ValueError(f"{name}: a setting file has at most {MAXIMUM_BYTES} bytes")
    try:
        document = tomllib.loads(content.decode("utf-8-sig"), parse_float=_Decimal)
    except UnicodeDecodeError:
        raise ValueError(f"{name}: the file is not UTF-8 text") from None
    except RecursionError:
        raise ValueError(f"{name}: the file is nested too deeply") from None
    except ValueError as error:
        reason = _unquoted_fraction(content.decode("utf-8-sig"))
        reason = reason or f"not a TOML file: {' '.join(str(error).split())}"
        raise ValueError(f"{name}: {reason}") from None
    return _Reader(name, document).setting()


@dataclass(frozen=True, slots=True)
class _Reader:
    """One parsed document; every value is read under the name of its file and key."""

    name: str
    document: Mapping[str, Any]

    def setting(self) -> Setting:
        self._known("table", "", self.document, tuple(_KEYS))
        for table, keys in _KEYS.items():
            value = self.document.get(table, {})
            if not isinstance(value, dict):
                raise ValueError(f"{self.name}: {table} must be a table: [{table}]")
            self._known("key", f"[{table}] ", value, keys)
        d = self._prompt("dimension", MAXIMUM_DIMENSION)
        n = self._prompt("context_length", MAXIMUM_CONTEXT_LENGTH)
        law = self._law()
        covariance = self._at("covariates", "covariance", lambda v: _covariance(v, d), "identity")
        if not any(covariance.pivots):
            raise self._wrong("covariates", "covariance", "the covariates are identically zero")
        covariates = Covariates(law, covariance)
        response = self._response(d, covariates)
        variance = self._at("noise", "variance", lambda v: nonnegative_number(v, "variance"), 0)
        self._guard("task", "response", lambda: check_response_growth(covariates, response))
        self._guard("covariates", "law", lambda: check_covariate_moments(covariates, response))
        return Setting(d, n, covariates, response, variance)

    def _prompt(self, key: str, limit: int) -> int:
        if key not in self.document.get("prompt", {}):
            raise ValueError(f"{self.name}: [prompt] {key} is missing; it is required")
        value = self._at("prompt", key, lambda v: _integer(v, key), None)
        if value > limit:
            cost = _cost(value) if key == "dimension" else ""
            raise self._wrong("prompt", key, f"{value} is above the limit of {limit}{cost}")
        return value

    def _law(self) -> BaseLaw:
        name = self._at("covariates", "law", _text, "normal")
        table = self.document.get("covariates", {})
        for key, owner in (("radius_moments", "radial"), ("degrees_of_freedom", "student-t")):
            if key in table and name != owner:
                raise self._wrong("covariates", key, f"belongs to law = {owner!r}, not {name!r}")
            if key not in table and name == owner:
                raise self._wrong("covariates", key, f"is missing; law = {owner!r} needs it")
        if name in _PLAIN_LAWS:
            return _PLAIN_LAWS[name]()
        if name == "student-t":
            return self._at("covariates", "degrees_of_freedom", student_t, None)
        if name == "radial":
            return self._at("covariates", "radius_moments", _radial, None)
        raise self._wrong("covariates", "law", f"unknown law {name!r}{_nearest_law(name)}")

    def _response(self, d: int, covariates: Covariates) -> Response:
        law = self._at("task", "law", _text, "normal")
        if law != "normal":
            near = _nearest_law(law) if _other_name(law) == "normal" else "; tasks are 'normal'"
            raise self._wrong("task", "law", f"unknown law {law!r}{near}")
        response = self.document.get("task", {}).get("response", "linear")
        if isinstance(response, dict):
            for key, standard in (("mean", "zero"), ("covariance", "identity")):
                if self.document["task"].get(key, standard) != standard:
                    raise self._wrong("task", key, "has no effect on a network; leave it out")
            return self._at("task", "response", self._network, None)
        mean = self._at("task", "mean", lambda v: _mean(v, d), "zero")
        covariance = self._at(
            "task", "covariance", lambda v: _task_covariance(v, covariates), "identity"
        )
        weights = Weights(mean, covariance)
        return self._at("task", "response", lambda v: _link(v, weights), "linear")

    def _network(self, value: dict[str, Any]) -> ReluNetwork:
        self._known("key", "[task] response ", value, ("network", "width", "normalised"))
        if value.get("network") != "relu":
            raise ValueError("network must be 'relu'")
        width = _integer(value.get("width", 1), "width")
        normalised = value.get("normalised", False)
        if not isinstance(normalised, bool):
            raise ValueError("normalised must be true or false")
        if width > MAXIMUM_WIDTH:
            raise ValueError(f"width {width} is above the limit of {MAXIMUM_WIDTH}")
        return ReluNetwork(width, normalised)

    def _at(self, table: str, key: str, read: Callable[[Any], T], standard: Any) -> T:
        value = self.document.get(table, {}).get(key, standard)
        self._guard(table, key, lambda: check_numbers(value))
        return self._guard(table, key, lambda: read(value))

    def _guard(self, table: str, key: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except (ValueError, TypeError) as error:
            message = str(error)
            if message.startswith(f"{self.name}: "):
                raise
            raise self._wrong(table, key, message) from None

    def _wrong(self, table: str, key: str, message: str) -> ValueError:
        return ValueError(f"{self.name}: [{table}] {key}: {message}")

    def _known(self, what: str, where: str, given: Iterable[str], known: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                shown = key if len(key) <= 40 else f"{key[:37]}..."
                raise ValueError(
                    f"{self.name}: {where}unknown {what} {shown!r}{_nearest(key, known)}"
                )


def _other_name(law: str) -> str:
    """The law that a word from elsewhere means; '' where it is none that is known."""
    word = law.strip().lower().replace("_", "-").replace(" ", "-")
    return word if word in _LAWS else _SYNONYMS.get(word.replace("-", ""), "")


def _nearest_law(name: str) -> str:
    known = _other_name(name)
    return f"; did you mean {known!r}?" if known else _nearest(name, _LAWS)


def _unquoted_fraction(text: str) -> str:
    """The line and spelling of a fraction without quotes, the usual reason why TOML cannot be
    read; '' where there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        bare = _QUOTED.sub("", line)
        found = _FRACTION.search(bare)
        if found:
            return f'a fraction needs quotes: write "{found[1]}/{found[2]}" (line {number})'
    return ""


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _cost(dimension: int) -> str:
    """Why a dimension is refused: about 20 s of one core at the limit, and d^4 moments."""
    seconds = 20 * (dimension / MAXIMUM_DIMENSION) ** 4
    return (
        f": {float(dimension) ** 4:.1g} moments take about {seconds:.1g} s; for x, w ~ N(0, I) "
        f"'landscape --d' and 'price --dims' go further"
    )


def _integer(value: Any, name: str) -> int:
    if isinstance(value, str | list | dict):
        shown = value if isinstance(value, _Decimal) else _kind(value)
        raise TypeError(f"{name} must be an integer, not {shown[:40]}")
    return positive_integer(value, name)


def _text(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, _Decimal):
        raise TypeError(f"must be a text in quotes, not {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    names = {dict: "a table", list: "a list", bool: "true or false", str: "a text"}
    names |= {int: "a number", _Decimal: "a number"}
    return names.get(type(value), f"a {type(value).__name__}")


def _radial(value: Any) -> BaseLaw:
    if not isinstance(value, dict):
        raise TypeError('must be a table such as { "2" = "1", "4" = "11" }')
    return radial(value)


def _covariance(value: Any, d: int) -> Covariance:
    return Covariance.full(square_rows(value, d))


def _task_covariance(value: Any, covariates: Covariates) -> Covariance:
    if value != "inverse-covariates":
        if isinstance(value, str) and value != "identity":
            raise ValueError(
                f"unknown {value!r}; 'identity', 'inverse-covariates', a list or a matrix"
            )
        return _covariance(value, covariates.dimension)
    return Covariance.full(covariates.second_moment()).inverse()


def _mean(value: Any, d: int) -> tuple[Any, ...]:
    if value == "zero":
        return (exact_number(0),) * d
    if not isinstance(value, list):
        raise TypeError("must be 'zero' or a list of numbers")
    if len(value) != d:
        raise ValueError(f"has {len(value)} entries; dimension is {d}")
    return tuple(exact_number(v, f"entry {i + 1}") for i, v in enumerate(value))


def _link(value: Any, weights: Weights) -> Response:
    text = _text(value)
    if text.strip() == "linear":
        return Linear(weights)
    link = parse_response(text)
    check_link(link)
    if link.form is None or link.form.kink:
        return SingleIndex(link, weights)
    if link.form.smooth == (0, 1):
        return Linear(weights)
    return SingleIndex(Polynomial(link.form.smooth), weights)
