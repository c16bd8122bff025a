"""The answer to a question on moments: terms, conditions, and its value at numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy

from verifier.moments.evaluation import Value, evaluate
from verifier.moments.rendering import pretty, scalar_order, term_latex, term_text, unit_indices
from verifier.moments.scalars import Condition, Quotients
from verifier.words.letters import Chain, Monomial, word_label
from verifier.words.terms import degree
from verifier.words.words import Expression

TermText = Callable[[sympy.Expr, Monomial, Chain, bool], str]


@dataclass(frozen=True, slots=True)
class Given:
    """What a name was taken to be."""

    name: str
    random: bool
    words: str

    def __str__(self) -> str:
        joint = " " if self.words.startswith(("~", "=")) else ": "
        return f"{self.name}{joint}{self.words}"


@dataclass(frozen=True, slots=True)
class AnswerTerm:
    """coefficient * words * chain: a rational function of scalars, traces and forms, a product."""

    coefficient: sympy.Expr
    words: Monomial
    chain: Chain

    @property
    def negative(self) -> bool:
        """Whether the term is printed behind a minus sign."""
        return bool(self.coefficient.could_extract_minus_sign())


@dataclass(frozen=True, slots=True)
class Answer:
    """An exact mean, for all sizes at once.

    ``rows`` and ``cols`` name the sides ("1" of a scalar); ``given`` says what every name was taken
    to be, ``finite`` when the mean is finite, ``dimensions`` are the names of all sides.
    ``str(answer)`` can be typed back.
    """

    question: str
    rows: str
    cols: str
    terms: tuple[AnswerTerm, ...]
    given: tuple[Given, ...] = ()
    finite: tuple[Condition, ...] = ()
    dimensions: frozenset[str] = frozenset()

    @classmethod
    def collected(
        cls,
        question: str,
        expression: Expression,
        given: tuple[Given, ...],
        quotients: Quotients,
        values: dict[str, sympy.Expr],
        dimensions: frozenset[str],
    ) -> Answer:
        """The answer with like words collected and every coefficient factored.

        ``values`` are those of scalars that were declared as numbers.
        """
        sums: dict[tuple[Chain, Monomial], list[sympy.Expr]] = {}
        for (chain, monomial), number in expression.terms.items():
            plain, words = quotients.split(monomial)
            exact = sympy.Rational(number.numerator, number.denominator)
            sums.setdefault((chain, words), []).append(exact * plain)
        met = [condition.at(values, dimensions) for condition in quotients.conditions]
        finite = tuple(dict.fromkeys(filter(None, met)))
        known = {sympy.Symbol(name): value for name, value in values.items()}
        terms = []
        for chain, words in sorted(sums, key=_order):
            total = factored(sympy.Add(*sums[chain, words]).subs(known))
            if total != 0:
                terms.append(AnswerTerm(total, words, chain))
        return cls(
            question, expression.rows, expression.cols, tuple(terms), given, finite, dimensions
        )

    @property
    def conditions(self) -> tuple[str, ...]:
        """When the mean is finite, in words."""
        return tuple(condition.text for condition in self.finite)

    @property
    def is_scalar(self) -> bool:
        """Whether the answer is a number, not a matrix or vector."""
        return self.rows == self.cols == "1"

    def signed_terms(self) -> list[tuple[int, str]]:
        """Every term as its sign and its text."""
        return [(sign, text) for sign, text in _split_signs(self.terms, self.is_scalar, term_text)]

    def units(self) -> tuple[str, ...]:
        """The indices of the unit vectors in the answer, over which it is summed."""
        return tuple(sorted({i for t in self.terms for i in unit_indices(t.chain, t.words)}))

    def latex(self) -> str:
        """The formula in LaTeX, without dollars."""
        return _signed(self.terms, self.is_scalar, term_latex)

    def pretty(self) -> str:
        """The formula in Unicode."""
        return pretty(str(self))

    def sympy(self) -> sympy.Expr:
        """A scalar answer as a SymPy expression; traces become symbols such as ``tr(A Sigma)``.

        Raises ValueError for a matrix.
        """
        if not self.is_scalar:
            raise ValueError(f"the answer is a {self.rows} x {self.cols} matrix, not a scalar")
        return sympy.Add(
            *(
                t.coefficient * sympy.Mul(*(sympy.Symbol(word_label(w)) ** e for w, e in t.words))
                for t in self.terms
            )
        )

    def evaluate(self, **values: object) -> Value:
        """The exact value at numbers: ``answer.evaluate(n=5, Sigma=[[2, 1], [1, 2]], A=...)``.

        Scalars and entries are ints, Fractions or texts such as "1/3"; dimensions that a matrix
        shows need not be given. Returns a Fraction, a tuple (column) or a tuple of rows. Raises
        ValueError where something is missing or does not fit.
        """
        triples = [(t.coefficient, t.words, t.chain) for t in self.terms]
        known = {given.name for given in self.given} | self.dimensions
        strange = sorted(set(values) - known)
        if strange:
            raise ValueError(f"{strange[0]} does not occur; names here: {', '.join(sorted(known))}")
        return evaluate(triples, self.rows, self.cols, values, self.finite)

    def __str__(self) -> str:
        return _signed(self.terms, self.is_scalar, term_text)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def factored(value: sympy.Expr) -> sympy.Expr:
    """A rational function in lowest terms and factored, with n before d."""
    names = scalar_order(value)
    return sympy.factor(value, *names) if names else sympy.nsimplify(value)


def _order(key: tuple[Chain, Monomial]) -> tuple[object, ...]:
    chain, words = key
    return degree(words), [word_label(w) for w, _ in words], len(chain), chain


def _split_signs(
    terms: tuple[AnswerTerm, ...], scalar: bool, text_of: TermText
) -> Iterator[tuple[int, str]]:
    for t in terms:
        size = -t.coefficient if t.negative else t.coefficient
        yield (-1 if t.negative else 1), text_of(size, t.words, t.chain, scalar)


def _signed(terms: tuple[AnswerTerm, ...], scalar: bool, text_of: TermText) -> str:
    """The terms with their signs in between; 0 if there are none."""
    text = ""
    for sign, body in _split_signs(terms, scalar, text_of):
        if text:
            text += f" {'-' if sign < 0 else '+'} {body}"
        else:
            text = f"-{body}" if sign < 0 else body
    return text or "0"
