"""The section [data]: any data model in the index language.

    scalars = ["alpha", "rho >= 0", "m >= 1 integer"]      any real, or in a range
    sorts = { p = "P" }                                     the index p runs from 1 to P
    tensors = ["C[i,j]"]                                    deterministic, any value
    normal = ["g[k,i]", "xq[i]", "e[k]"]                    independent standard normal entries
    independent = { "b[k]" = ["p", "p", "p", "p"] }         independent entries with these moments
    joint = { R = ["rho", "theta"] }                        one draw with several fields
    moments = ["E(rho^2) = s2"]                             moments of joint draws
    given = ["alpha^2 + beta^2 = 1"]                        further equations
    X = "X[k,i] = alpha*xq[i] + beta*g[k,i]"                definitions, in order

k, h run over the examples, i, j, l over the features. X[k,i], y[k], xq[i] and yq must be among the
arrays or the definitions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from verifier.proof.context import (
    Array,
    Atom,
    Context,
    Definition,
    Draws,
    Field,
    Law,
    Normal,
    Scalar,
    Slot,
    Sort,
    Tensor,
)
from verifier.proof.draws import partitions
from verifier.proof.syntax import ProofError, free_indices, is_name, parse
from verifier.prover.data_model import EXAMPLE, FEATURE, DataModel, Sizes, letters_of
from verifier.prover.instance_search import with_instances

LISTS = ("scalars", "tensors", "normal", "moments", "given")
TABLES = ("sorts", "independent", "joint")
WANTED = {"X": (EXAMPLE, FEATURE), "y": (EXAMPLE,), "xq": (FEATURE,), "yq": ()}
MAX_ORDER = 6
_SCALAR = re.compile(r"([A-Za-z]\w*)\s*(?:(>=|>)\s*(-?[0-9]+(?:/[0-9]+)?))?\s*(integer)?")
_ENTRY = re.compile(r"([A-Za-z]\w*)\s*(?:\[\s*([A-Za-z0-9_,\s]*)\])?")


def data_model(section: Mapping[str, Any], sizes: Sizes) -> DataModel:
    """The data model of a section; ValueError, one line, where it is not one."""
    return _Section(section, sizes).model()


class _Section:
    """A section as it is read."""

    def __init__(self, section: Mapping[str, Any], sizes: Sizes) -> None:
        self.section = section
        self.sizes = sizes
        self.scalars = list(sizes.scalars())
        self.sorts = list(sizes.sorts())
        self.letters = {x: sort.name for sort in self.sorts for x in sort.letters}
        self.laws: list[Law] = []
        self.arrays: list[Array] = []
        self.moments: list[Atom] = []

    def model(self) -> DataModel:
        self._scalars()
        self._sorts()
        for text in self._texts("tensors"):
            name, letters = self._entry("tensors", text)
            self.arrays.append(Tensor(name, self._shape(letters), "any value"))
        for text in self._texts("normal"):
            name, letters = self._entry("normal", text)
            self.arrays.append(Normal(name, self._shape(letters), meaning="standard normal"))
        self._independent()
        self._joint()
        definitions = self._definitions()
        given = [
            self._atom("given", f"given{k}", text) for k, text in enumerate(self._texts("given"), 1)
        ]
        self._has_data(definitions)
        vectors = tuple(
            a.name for a in self.arrays if isinstance(a, Tensor) and a.sorts == (FEATURE,)
        )
        found = DataModel(
            scalars=tuple(self.scalars),
            sorts=tuple(self.sorts),
            laws=tuple(self.laws),
            arrays=tuple(self.arrays),
            definitions=tuple(definitions),
            moments=tuple(self.moments),
            given=tuple(given),
            vectors=vectors,
        )
        try:
            context = found.context()
            for one in definitions:
                context.read(one.body)
        except ProofError as error:
            raise ValueError(str(error)) from None
        return with_instances(found, context)

    # Declarations

    def _scalars(self) -> None:
        for text in self._texts("scalars"):
            match = _SCALAR.fullmatch(text.strip())
            if match is None or not is_name(match[1]):
                raise ValueError(
                    f'scalars: {text[:40]!r} is not such as "alpha", "rho >= 0", "m >= 1 integer"'
                )
            name, relation, least, integer = match.groups()
            minimum = None if least is None else Fraction(least)
            if integer and minimum is None:
                raise ValueError(
                    f'scalars: the integer {name!r} needs a least value: "{name} >= 1 integer"'
                )
            self.scalars.append(Scalar(name, minimum, relation == ">", bool(integer)))

    def _sorts(self) -> None:
        for letter, size in self._table("sorts").items():
            if not is_name(letter) or letter in self.letters:
                raise ValueError(f"sorts: {letter[:20]!r} is no new index letter")
            if not isinstance(size, str) or not is_name(size):
                raise ValueError(f'sorts: {letter}: the size must be a symbol, such as "P"')
            if not any(scalar.name == size for scalar in self.scalars):
                self.scalars.append(Scalar(size, Fraction(1), integer=True))
            self.sorts.append(Sort(f"index_{letter}", size, letters_of(letter)))
            self.letters |= dict.fromkeys(letters_of(letter), f"index_{letter}")

    def _independent(self) -> None:
        """An array of independent entries: a law for each, with the moments that are given."""
        for text, moments in self._table("independent").items():
            name, letters = self._entry("independent", text)
            if not isinstance(moments, list) or not 1 <= len(moments) <= MAX_ORDER:
                raise ValueError(
                    f"independent: {text[:30]}: a list of 1 to {MAX_ORDER} moments E x, E x^2, ..."
                )
            texts = tuple(str(m) if isinstance(m, int) else m for m in moments)
            if not all(isinstance(m, str) for m in texts):
                raise ValueError(f"independent: {text[:30]}: each moment is a number or a text")
            shape = self._shape(letters)
            rows = shape[:1] if shape[:1] == (EXAMPLE,) else ()
            inner = shape[len(rows) :]
            if len(inner) > 1:
                raise ValueError(
                    f"independent: {text[:30]}: at most one index beside the example's"
                )
            law = f"Law_{name}"
            self.laws.append(Law(law, (Field(name, inner),), meaning=f"law of {name}"))
            if rows:
                self.arrays.append(Draws(name, law, name, EXAMPLE, "independent entries"))
            one = f"{name}0" if rows else name
            self.arrays.append(Slot(one, law, name, one, "one further draw"))
            self._moments_of(name, one, inner, texts)

    def _moments_of(
        self, name: str, one: str, inner: tuple[str, ...], texts: tuple[str, ...]
    ) -> None:
        """E of products of entries of one draw: of independent ones, by their cumulants."""
        pool = [x for x, sort in self.letters.items() if inner and sort == inner[0]]
        for order in range(1, len(texts) + 1):
            power = one if order == 1 else f"{one}^{order}"
            left, right = f"E({power})", texts[order - 1]
            if inner:
                places = pool[:order]
                left = "E(" + "*".join(f"{one}[{place}]" for place in places) + ")"
                right = _product_moment(texts, places, pool[order:])
            self.moments.append(Atom(f"{name}_moment{order}", left, right))

    def _joint(self) -> None:
        for law, names in self._table("joint").items():
            if not is_name(law) or not isinstance(names, list) or not names:
                raise ValueError(f'joint: {law[:20]}: a list of arrays, such as ["rho", "theta"]')
            entries = [self._entry("joint", text) for text in names]
            per_example = {
                bool(letters[:1]) and self.letters[letters[0]] == EXAMPLE for _, letters in entries
            }
            if len(per_example) != 1:
                raise ValueError(f"joint: {law[:20]}: all of its arrays are per example, or none")
            rows = per_example.pop()
            fields = []
            for name, letters in entries:
                inner = letters[1:] if rows else letters
                fields.append(Field(name, self._shape(inner)))
                one: Array = Slot(name, law, name, "prompt")
                if rows:
                    one = Draws(name, law, name, EXAMPLE)
                self.arrays.append(one)
            self.laws.append(Law(law, tuple(fields), meaning="joint law"))
        for k, text in enumerate(self._texts("moments"), 1):
            self.moments.append(self._atom("moments", f"moment{k}", text))

    def _definitions(self) -> list[Definition]:
        found = []
        for key, text in self.section.items():
            if key in (*LISTS, *TABLES):
                continue
            if not isinstance(text, str) or text.count("=") != 1:
                raise ValueError(f'{key[:30]}: a definition such as "y[k] = sum[i](X[k,i]*w[i])"')
            left, right = text.split("=")
            name, letters = self._entry(key, left)
            if name != key:
                raise ValueError(f"{key[:30]}: the definition is of {name!r}; name the key like it")
            try:
                node = parse(right.strip(), self.letters)
            except ProofError as error:
                raise ValueError(f"{key}: {error}") from None
            stray = set(free_indices(node)) - set(letters)
            if stray:
                raise ValueError(
                    f"{key}: the index {min(stray)!r} is not summed and not on the left"
                )
            found.append(Definition(name, letters, right.strip()))
        return found

    def _has_data(self, definitions: Sequence[Definition]) -> None:
        shapes = {one.name: tuple(self.letters[x] for x in one.parameters) for one in definitions}
        context = Context(
            tuple(self.sorts), tuple(self.scalars), (), tuple(self.laws), tuple(self.arrays)
        )
        shapes |= {array.name: context.shape(array) for array in self.arrays}
        for name, wanted in WANTED.items():
            shown = name + {2: "[k,i]", 1: "[k]" if name == "y" else "[i]", 0: ""}[len(wanted)]
            if name not in shapes:
                raise ValueError(f"{shown} is missing: declare or define it")
            if shapes[name] != wanted:
                raise ValueError(f"{name} has the wrong indices; it is {shown}")

    # Reading

    def _texts(self, key: str) -> list[str]:
        value = self.section.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"{key}: must be a list of texts")
        return value

    def _table(self, key: str) -> Mapping[str, Any]:
        value = self.section.get(key, {})
        if not isinstance(value, dict):
            raise ValueError(f"{key}: must be a table, such as {{ ... }}")
        return value

    def _entry(self, key: str, text: str) -> tuple[str, tuple[str, ...]]:
        """``g[k,i]``: a name and its index letters."""
        match = _ENTRY.fullmatch(text.strip())
        if match is None or not is_name(match[1]) or match[1] in self.letters:
            raise ValueError(f'{key}: {text.strip()[:40]!r} is not an array such as "g[k,i]"')
        letters = tuple(x.strip() for x in match[2].split(",")) if match[2] else ()
        for letter in letters:
            if letter not in self.letters:
                raise ValueError(
                    f"{key}: {letter[:20]!r} in {text.strip()[:30]!r} is no index letter"
                )
        if len(set(letters)) != len(letters):
            raise ValueError(f"{key}: {text.strip()[:30]!r} has an index twice")
        return match[1], letters

    def _shape(self, letters: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.letters[letter] for letter in letters)

    def _atom(self, key: str, name: str, text: str) -> Atom:
        match = re.fullmatch(r"([^=<>]*)(>=|>|=)([^=<>]*)", text)
        if match is None:
            raise ValueError(f'{key}: {text[:40]!r} is not an equation such as "E(rho^2) = 1"')
        for side in (match[1], match[3]):
            try:
                parse(side.strip(), self.letters)
            except ProofError as error:
                raise ValueError(f"{key}: {error}") from None
        return Atom(name, match[1].strip(), match[3].strip(), match[2])


def _product_moment(moments: Sequence[str], places: Sequence[str], spare: Sequence[str]) -> str:
    """E x_i x_j ... of independent entries: sum over partitions of cumulants times identities."""
    terms = []
    for blocks in partitions(list(places)):
        factors = []
        for block in blocks:
            cumulant = _cumulant(moments, len(block))
            factors.append(f"({cumulant})")
            if len(block) == 2:
                factors.append(f"delta[{block[0]},{block[1]}]")
            elif len(block) > 2:
                same = "*".join(f"delta[{spare[0]},{place}]" for place in block)
                factors.append(f"sum[{spare[0]}]({same})")
        terms.append("*".join(factors))
    return " + ".join(terms)


def _cumulant(moments: Sequence[str], order: int) -> str:
    """The cumulant of this order by moments: sum over partitions of (-1)^(b-1) (b-1)! prod m."""
    terms: dict[tuple[int, ...], int] = {}
    for blocks in partitions(list(range(order))):
        key = tuple(sorted(len(block) for block in blocks))
        sign = (-1) ** (len(blocks) - 1) * math.factorial(len(blocks) - 1)
        terms[key] = terms.get(key, 0) + sign
    return " + ".join(
        f"({c})*" + "*".join(f"({moments[k - 1]})" for k in key) for key, c in terms.items()
    )
