"""A question read, its sides found, its mean taken.

`expectation` is the public door: it parses the text, finds the sides of every name, builds the
expression of words, integrates over the random letters and returns an `Answer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from verifier.moments.answer import Answer, Given
from verifier.moments.contraction import (
    Independent,
    Normal,
    RandomLetter,
    Sphere,
    Wishart,
    mean,
)
from verifier.moments.grammar import parse_expression, split_question, tokens_of
from verifier.moments.independent import EntryLaw
from verifier.moments.parts import Part, Parts
from verifier.moments.products import single
from verifier.moments.scalars import Quotients
from verifier.moments.sides import ONE, Sides, SidesDiffer
from verifier.moments.symbols import (
    IDENTITY,
    Law,
    Symbol,
    conventional,
    declarations,
    read_law,
    split_run,
)
from verifier.moments.syntax import Mean, Name, Node, Number, names_in, shown, takes_means
from verifier.setting.laws import BaseLaw, Laplace, Rademacher, Uniform, student_t
from verifier.words.letters import Letter
from verifier.words.words import Expression, identity

_PLAIN_LAWS: dict[str, Callable[[], BaseLaw]] = {
    "uniform": Uniform,
    "rademacher": Rademacher,
    "laplace": Laplace,
}


def expectation(question: str, law: str | None = None) -> Answer:
    """The exact mean of a matrix expression in random matrices and vectors, for all sizes at once.

    ``expectation("E[S A S]")``, ``expectation("Cov[tr(S), tr(S^2)]")``,
    ``expectation("E[x x'A x x'] where x ~ normal(mu, Sigma)")``. The grammar, the conventions for
    names and the laws are in docs/moments.md. ``law`` is the law of the names that are random by
    convention and not declared: ``"rademacher"``, ``"student-t(9)"``. Raises ValueError, in one
    line, for what cannot be read or is not offered.
    """
    if not isinstance(question, str):
        raise TypeError(f"a question is a text such as 'E[S A S]', not {type(question).__name__}")
    asked, declared_tokens = split_question(tokens_of(question))
    declared = declarations(declared_tokens) if declared_tokens else {}
    node = parse_expression(asked, lambda run: split_run(run, declared))
    usual = None if law is None else read_law(tokens_of(law), declared)
    return _Reading(declared, usual).answer(node if takes_means(node) else Mean(node))


@dataclass(slots=True)
class _Reading:
    """The state of reading one question."""

    declared: dict[str, Symbol]
    usual: Law | None
    sides: Sides = field(default_factory=Sides)
    quotients: Quotients = field(default_factory=Quotients)
    known: dict[str, Part] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    makers: dict[str, Callable[[], RandomLetter]] = field(default_factory=dict)
    letters: tuple[RandomLetter, ...] = ()
    parts: Parts = field(init=False)
    descriptions: dict[str, Callable[[], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = Parts(self.sides, self.quotients, self._name, self._mean)

    def _mean(self, expression: Expression) -> Expression:
        return mean(expression, self.letters, self.quotients)

    def answer(self, node: Node) -> Answer:
        random = [name for name in names_in(node) if self._symbol(name).law is not None]
        random += [n for n, s in self.declared.items() if s.law is not None and n not in random]
        self._refuse_unused_law(random)
        part = self.parts.part(node)
        for name in random:
            self._name(name)
            self._give_law(name, "" if len(random) == 1 else f"_{name}")
        for name, symbol in self.declared.items():
            if symbol.value is not None:
                self.symbols[name] = symbol
                self._name(name)
        taken = {s.name for s in self.symbols.values() if s.kind != "scalar"}
        self.sides.name_all(taken)
        self.letters = tuple(make() for make in self.makers.values())
        found = part.build()
        outside = {x.name for x in found.letters()} & set(self.makers)
        if outside:
            raise ValueError(
                f"{min(outside)} is random and stands outside E[...]; "
                "put the whole product inside the brackets"
            )
        values = {
            name: self.quotients.value(self.known[name].build())
            for name, symbol in self.symbols.items()
            if symbol.kind == "scalar" and symbol.value is not None
        }
        given = self._given(random)
        dimensions = frozenset(self.sides.labels.values()) - {"1"}
        return Answer.collected(shown(node), found, given, self.quotients, values, dimensions)

    def _refuse_unused_law(self, random: list[str]) -> None:
        if self.usual is not None and all(self.declared.get(n) for n in random):
            raise ValueError(
                f"the law {self.usual.name} is given to no name: X, Y, Z, G, x, y, z, w, S and W "
                "are random by convention; others are declared, for example: where M ~ "
                f"{self.usual.name}"
            )

    def _given(self, random: list[str]) -> tuple[Given, ...]:
        """What every name was taken to be, the random ones first."""
        others = [n for n in self.symbols if n not in random and self._is_named(n)]
        found = [Given(n, True, self.descriptions[n]()) for n in random]
        return (*found, *(Given(n, False, self._plain_description(n)) for n in sorted(others)))

    def _is_named(self, name: str) -> bool:
        """Whether a reader has to be told what the name is: not I, e_i or the sign of a sum."""
        return name != IDENTITY and not name.startswith(("e_", "sum_"))

    def _plain_description(self, name: str) -> str:
        symbol, part = self.symbols[name], self.known[name]
        if symbol.value is not None:
            return f"= {shown(symbol.value)}"
        if symbol.kind == "scalar":
            return "a scalar"
        rows, cols = self.sides.name(part.rows), self.sides.name(part.cols)
        if cols == "1":
            return f"a vector in R^{rows}"
        shape = f"{'symmetric ' if symbol.symmetric else ''}{rows} x {cols} matrix"
        return f"an {shape}" if shape[0] == "n" else f"a {shape}"

    # -- names -----------------------------------------------------------------------------------

    def _symbol(self, name: str) -> Symbol:
        if name not in self.symbols:
            symbol = self.declared.get(name) or conventional(name, self.usual)
            if name == IDENTITY:
                symbol = Symbol(IDENTITY, "matrix", symmetric=True)
            if symbol is None:
                raise ValueError(f"unknown name {name!r}; declare it: where {name} vector")
            self.symbols[name] = symbol
        return self.symbols[name]

    def _name(self, name: str) -> Part:
        if name == IDENTITY:
            side = self.sides.new()
            return Part(side, side, lambda: identity(self.sides.name(side)))
        if name not in self.known:
            self.known[name] = self._new_name(self._symbol(name))
        return self.known[name]

    def _new_name(self, symbol: Symbol) -> Part:
        sides = self.sides
        if symbol.value is not None:
            # While the value is read the name itself is not known, so that A = 2 A is refused.
            self.symbols[symbol.name] = Symbol(symbol.name, symbol.kind)
            self.known[symbol.name] = Part(ONE, ONE, lambda: _circular(symbol.name))
            part = self.parts.part(symbol.value)
            self.symbols[symbol.name] = symbol
            return part
        if symbol.kind == "scalar":
            rows = cols = ONE
        elif symbol.sides is not None:
            rows, cols = map(sides.labelled, symbol.sides)
        elif symbol.kind == "vector":
            rows, cols = sides.new(), ONE
        else:
            rows = sides.new()
            cols = rows if symbol.symmetric else sides.new()
        if symbol.law is not None:
            matrix_of_rows = symbol.kind == "matrix" and not symbol.symmetric
            sides.prefer(cols if matrix_of_rows else rows, "d")
            if matrix_of_rows:
                sides.prefer(rows, "n")

        def build() -> Expression:
            letter = Letter(
                symbol.name,
                sides.name(rows),
                sides.name(cols),
                symmetric=self.symbols[symbol.name].symmetric,
            )
            return single(letter)

        return Part(rows, cols, build)

    # -- laws ------------------------------------------------------------------------------------

    def _give_law(self, name: str, suffix: str) -> None:
        """Read the arguments of a random name's law; defaults are named Sigma and n."""
        symbol, part = self.symbols[name], self.known[name]
        law = symbol.law or Law("normal")
        if law.name in ("wishart", "inverse-wishart"):
            self._give_wishart(name, law, part, suffix)
        elif law.name == "normal":
            self._give_normal(name, law, part, suffix)
        elif law.name == "sphere":
            self.makers[name] = lambda: Sphere(name, self.sides.name(part.rows))
            self.descriptions[name] = lambda: (
                f"uniform on the unit sphere of R^{self.sides.name(part.rows)}"
            )
        else:
            entries = EntryLaw(_base_law(law))
            self.makers[name] = lambda: Independent(
                name, self.sides.name(part.rows), self.sides.name(part.cols), entries
            )
            words = "with E z^k = mk" if law.name == "iid" else f"of the law {_law_text(law)}"
            self.descriptions[name] = lambda: (
                f"{self._shape(part)}independent symmetric entries {words}"
            )

    def _shape(self, part: Part) -> str:
        rows, cols = self.sides.name(part.rows), self.sides.name(part.cols)
        return (
            "" if rows == cols == "1" else f"in R^{rows}, " if cols == "1" else f"{rows} x {cols}, "
        )

    def _give_wishart(self, name: str, law: Law, part: Part, suffix: str) -> None:
        arguments = [*law.arguments, *(None, None)[len(law.arguments) :]]
        inverse = law.name == "inverse-wishart"
        default = "Psi" if inverse else "Sigma"
        degrees = self._scalar(arguments[0] or Name(f"n{suffix}"), f"the degrees of {name}")
        scale = self._covariance(arguments[1] or Name(f"{default}{suffix}"), part.rows, name)
        self.makers[name] = lambda: Wishart(
            name, self.sides.name(part.rows), degrees.build(), scale.build(), inverse
        )
        text = [shown(arguments[0] or Name(f"n{suffix}"))]
        text.append(shown(arguments[1] or Name(f"{default}{suffix}")))
        self.descriptions[name] = lambda: (
            f"~ {law.name}({', '.join(text)}), {self.sides.name(part.rows)} x "
            f"{self.sides.name(part.rows)}"
        )

    def _give_normal(self, name: str, law: Law, part: Part, suffix: str) -> None:
        arguments = list(law.arguments) or [Number(Fraction(0)), Name(f"Sigma{suffix}")]
        vector = self.sides.is_one(part.cols)
        if len(arguments) == 3 and vector:
            raise ValueError(f"{name} is a vector: normal takes its mean and its covariance")
        first, last = arguments[0], arguments[-1]
        centre = None if _is_zero(first) else self.parts.part(first)
        if centre is not None:
            self._equal(centre, part, f"the mean of {name}")
        covariance = self._covariance(last, part.rows if vector else part.cols, name)
        rows = self._covariance(arguments[1], part.rows, name) if len(arguments) == 3 else None

        def make() -> Normal:
            r, c = self.sides.name(part.rows), self.sides.name(part.cols)
            value = None if centre is None else centre.build()
            if vector:
                return Normal(name, r, c, value, covariance.build(), identity(c))
            left = identity(r) if rows is None else rows.build()
            return Normal(name, r, c, value, left, covariance.build())

        self.makers[name] = make
        text = ", ".join(map(shown, arguments))
        note = ", independent rows" if not vector and len(arguments) == 2 else ""
        self.descriptions[name] = lambda: (
            f"~ normal({text}), {self._shape(part)}".rstrip(", ") + note
        )

    def _covariance(self, node: Node, side: int, name: str) -> Part:
        if isinstance(node, Name) and self._symbol(node.name).kind == "matrix":
            self.symbols[node.name] = replace(self._symbol(node.name), symmetric=True)
        part = self.parts.part(node)
        if self.parts.is_scalar(part):
            return Part(side, side, lambda: part.build() * identity(self.sides.name(side)))
        self._equal(part, Part(side, side, part.build), f"the covariance of {name}")
        return part

    def _scalar(self, node: Node, what: str) -> Part:
        part = self.parts.part(node)
        if not self.parts.is_scalar(part):
            raise ValueError(f"{what} must be a scalar, not {shown(node)[:40]}")
        return part

    def _equal(self, left: Part, right: Part, what: str) -> None:
        try:
            self.sides.equate(left.rows, right.rows)
            self.sides.equate(left.cols, right.cols)
        except SidesDiffer as error:
            raise ValueError(f"{what} does not fit: its sides differ ({error})") from None


def _circular(name: str) -> Expression:
    raise ValueError(f"{name} is declared by itself")


def _is_zero(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 0


def _base_law(law: Law) -> BaseLaw | None:
    """The tabled law of one entry; None for symbolic moments."""
    if law.name == "student-t":
        (degrees,) = law.arguments
        if not isinstance(degrees, Number):
            raise ValueError("student-t takes its degrees of freedom as a number: student-t(9)")
        return student_t(degrees.value)
    plain: dict[str, Callable[[], BaseLaw]] = {
        "uniform": Uniform,
        "rademacher": Rademacher,
        "laplace": Laplace,
    }
    return plain[law.name]() if law.name in plain else None


def _law_text(law: Law) -> str:
    return law.name + (f"({', '.join(map(shown, law.arguments))})" if law.arguments else "")
