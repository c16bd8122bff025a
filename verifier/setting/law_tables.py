"""Laws by their names in setting files: covariates and tasks choose from one list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from verifier.setting.laws import (
    BaseLaw,
    Laplace,
    Normal,
    Rademacher,
    Sparse,
    Sphere,
    Uniform,
    radial,
    student_t,
)
from verifier.setting.toml_tables import Tables, integer, nearest, text

_PLAIN: dict[str, Callable[[], BaseLaw]] = {
    "normal": Normal,
    "uniform": Uniform,
    "rademacher": Rademacher,
    "laplace": Laplace,
    "sphere": Sphere,
}
# Parameters: key, and the law that it belongs to.
_OWNERS = {"degrees_of_freedom": "student-t", "radius_moments": "radial", "nonzero": "sparse"}
COVARIATE_LAWS = (*_PLAIN, "student-t", "radial")
TASK_LAWS = (*_PLAIN, "student-t", "sparse")
_SYNONYMS = {
    "gaussian": "normal", "gauss": "normal", "standardnormal": "normal", "n": "normal",
    "sign": "rademacher", "signs": "rademacher", "t": "student-t", "student": "student-t",
    "studentt": "student-t", "spherical": "sphere", "unitsphere": "sphere",
}  # fmt: skip


def read_law(tables: Tables, table: str, known: tuple[str, ...]) -> BaseLaw:
    """The law of a table; its parameters must belong to it, and be there."""
    name = tables.at(table, "law", text, "normal")
    given = tables.table(table)
    for key, owner in _OWNERS.items():
        if owner not in known:
            continue
        if key in given and name != owner:
            raise tables.wrong(table, key, f"belongs to law = {owner!r}, not {name!r}")
        if key not in given and name == owner:
            raise tables.wrong(table, key, f"is missing; law = {owner!r} needs it")
    if name in _PLAIN:
        return _PLAIN[name]()
    if name == "student-t":
        return tables.at(table, "degrees_of_freedom", student_t, None)
    if name == "radial" and name in known:
        return tables.at(table, "radius_moments", _radial, None)
    if name == "sparse" and name in known:
        return tables.at(table, "nonzero", lambda v: Sparse(integer(v, "nonzero")), None)
    raise tables.wrong(table, "law", f"unknown law {name!r}{_nearest_law(name, known)}")


def parameters_of_laws() -> tuple[str, ...]:
    """The keys that give a law's parameters."""
    return tuple(_OWNERS)


def _nearest_law(name: str, known: tuple[str, ...]) -> str:
    word = name.strip().lower().replace("_", "-").replace(" ", "-")
    other = word if word in known else _SYNONYMS.get(word.replace("-", ""), "")
    return f"; did you mean {other!r}?" if other in known else nearest(name, known)


def _radial(value: Any) -> BaseLaw:
    if not isinstance(value, dict):
        raise TypeError('must be a table such as { "2" = "1", "4" = "11" }')
    return radial(value)
