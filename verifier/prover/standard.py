"""Data models from named laws: covariates, task, noise, and the lengths of prompts.

    x_k = mean + F z_k,  w = mean + G z,  y_k = w' x_k + noise.

A covariance that is a symbol is every positive semidefinite matrix Lambda = F F', with ``> 0``
every positive definite one. Laws other than the normal one enter by the moments that are declared.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import (
    Array,
    Atom,
    Definition,
    Draws,
    Field,
    Law,
    Model,
    Normal,
    Outcome,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.prover.data_model import (
    EXAMPLE,
    FEATURE,
    OUTPUT,
    OUTPUT_LETTERS,
    DataModel,
    Sizes,
)
from verifier.prover.reading import SquareOf

IDENTITY, INVERSE = "identity", "inverse-covariates"
NORMAL, SYMMETRIC, CUBE, ELLIPTICAL = "normal", "symmetric", "sign-permutation", "elliptical"
ANY, GIVEN_X = "any", "any-given-covariates"
ROTATION = "rotation-invariant"
PER_PROMPT, PER_EXAMPLE = "per-prompt", "per-example"
LAST, EVERY_PREFIX, RANDOM_LENGTH = "last", "every-prefix", "random-length"
ONE = Fraction(1)
SPREAD = ((Fraction(1, 2), Fraction(1, 5)), (Fraction(1, 2), Fraction(7, 5)))  # mean square 1
SKEWED = ((Fraction(1, 5), Fraction(2)), (Fraction(4, 5), Fraction(-1, 2)))  # and mean 0
SHORT_PROMPTS = Fraction(3, 4)  # E 1/k of prompts of one or of all examples
FACTORISATION = "a positive semidefinite matrix is F F' with F square"
CHOLESKY = "Cholesky: a positive definite matrix is F F' with F square and invertible"
EXCHANGEABLE = (
    "the examples of a prompt are exchangeable, so a prefix of k examples has the law of k random "
    "ones; u weighs the tokens of these"
)
PAIRINGS = "delta[i,j]*delta[l,i1] + delta[i,l]*delta[j,i1] + delta[i,i1]*delta[j,l]"
ONE_COORDINATE = "sum[i2](delta[i2,i]*delta[i2,j]*delta[i2,l]*delta[i2,i1])"


@dataclass(frozen=True, slots=True)
class Covariance:
    """Either "identity", or a symbol: every semidefinite matrix, or every ``definite`` one.

    ``inverse``: the inverse of the covariates' covariance of this symbol.
    """

    symbol: str = IDENTITY
    definite: bool = False
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Standard:
    """What the sections [prompt], [covariates], [task], [noise] and [training] say.

    Means are "zero" or the name of any vector. ``variance`` and the lengths are index texts.
    """

    sizes: Sizes
    covariates: Covariance = Covariance()
    query: Covariance | None = None
    covariates_law: str = NORMAL
    covariates_mean: str = "zero"
    task: Covariance = Covariance()
    task_law: str = NORMAL
    task_mean: str = "zero"
    noise: str = "sigma2"
    noise_law: str = NORMAL
    noise_level: str = ""
    loss: str = LAST
    divided_by_length: bool = False
    outputs: str = ""


class _Parts:
    """Declarations as they are collected."""

    def __init__(self, standard: Standard) -> None:
        self.of = standard
        self.scalars: list[Scalar] = list(standard.sizes.scalars())
        self.laws: list[Law] = []
        self.arrays: list[Array] = []
        self.definitions: list[Definition] = []
        self.moments: list[Atom] = []
        self.given: list[Atom] = []
        self.assumptions: list[str] = []
        self.vectors: list[str] = []
        self.values: list[Definition] = []
        self.numbers: list[tuple[str, Fraction]] = []
        self.inverses: list[tuple[str, str]] = []
        self.models: list[Callable[[int], Model]] = []
        self.factors: dict[str, str] = {}
        self.squares: list[SquareOf] = []
        self.matrices: list[str] = []
        self.weights = ""
        self.outputs = ""

    # Matrices and vectors

    def factor(self, covariance: Covariance) -> str:
        """The square root F of a covariance, declared once."""
        symbol = covariance.symbol
        if symbol not in self.factors:
            name = "FGC"[len(self.factors)] if len(self.factors) < 3 else f"F{len(self.factors)}"
            self.factors[symbol] = name
            square = (FEATURE, FEATURE)
            self.arrays.append(Tensor(name, square, f"{symbol} = {name} {name}'"))
            self.values.append(Definition(name, ("i", "j"), "delta[i,j]"))
            self.definitions.append(
                Definition(symbol, ("i", "j"), f"sum[l]({name}[i,l]*{name}[j,l])", "covariance")
            )
            self.squares.append(SquareOf(symbol, name))
            if covariance.definite:
                self.invert(name)
                inverse = f"{symbol}i"
                body = f"sum[l]({name}i[l,i]*{name}i[l,j])"
                self.definitions.append(
                    Definition(inverse, ("i", "j"), body, f"inverse of {symbol}")
                )
                self.squares.append(SquareOf(inverse, f"{name}i", 0))
                self.matrices.append(inverse)
            self.assume(CHOLESKY if covariance.definite else FACTORISATION)
        return self.factors[symbol]

    def invert(self, name: str) -> None:
        """The inverse of a matrix, tied to it by two equations."""
        other = f"{name}i"
        self.arrays.append(Tensor(other, (FEATURE, FEATURE), f"inverse of {name}"))
        self.values.append(Definition(other, ("i", "j"), "delta[i,j]"))
        for one, two in ((name, other), (other, name)):
            self.given.append(Atom(f"{one}_{two}", f"sum[j]({one}[i,j]*{two}[j,l])", "delta[i,l]"))
        self.inverses.append((name, other))

    def assume(self, lemma: str) -> None:
        if lemma not in self.assumptions:
            self.assumptions.append(lemma)

    def mean(self, name: str) -> str:
        """`` + mu[i]``: a mean that is a vector, declared once."""
        if name == "zero":
            return ""
        if name not in self.vectors:
            self.vectors.append(name)
            self.arrays.append(Tensor(name, (FEATURE,), "mean, any vector"))
            self.values.append(Definition(name, ("i",), "1"))
        return f" + {name}[i]"

    def vector(
        self, name: str, rows: bool, covariance: Covariance, mean: str, meaning: str
    ) -> None:
        """A normal vector, or one for each example, of this mean and covariance."""
        sorts, own = ((EXAMPLE, FEATURE), ("k", "i")) if rows else ((FEATURE,), ("i",))
        if covariance.symbol == IDENTITY and mean == "zero":
            self.arrays.append(Normal(name, sorts, meaning=meaning))
            return
        z = {"X": "Z", "xq": "zq", "w": "z"}[name]
        self.arrays.append(Normal(z, sorts, meaning="standard normal"))
        at = "k," if rows else ""
        if covariance.symbol == IDENTITY:
            body = f"{z}[{at}i]"
        elif covariance.inverse:
            self.factor(covariance)
            factor = f"{self.factors[covariance.symbol]}i"
            body = f"sum[j]({factor}[j,i]*{z}[{at}j])"
        else:
            body = f"sum[j]({self.factor(covariance)}[i,j]*{z}[{at}j])"
        self.definitions.append(Definition(name, own, body + self.mean(mean), meaning))

    def model(self) -> DataModel:
        """All that was collected."""
        models = tuple(self.models)
        outputs = (Sort(OUTPUT, self.outputs, OUTPUT_LETTERS),) if self.outputs else ()
        return DataModel(
            scalars=tuple(self.scalars),
            sorts=self.of.sizes.sorts() + outputs,
            laws=tuple(self.laws),
            arrays=tuple(self.arrays),
            definitions=tuple(self.definitions),
            moments=tuple(self.moments),
            given=tuple(self.given),
            assumptions=tuple(self.assumptions),
            token_weights=self.weights,
            outputs=self.outputs,
            vectors=tuple(self.vectors),
            matrices=tuple(self.matrices),
            laws_at=lambda size: tuple(model(size) for model in models),
            values=tuple(self.values),
            numbers=tuple(self.numbers),
            inverses=tuple(self.inverses),
            squares=tuple(self.squares),
        )


def standard_model(standard: Standard) -> DataModel:
    """The data model of these laws."""
    parts = _Parts(standard)
    if not _is_number(standard.noise):
        parts.scalars.append(Scalar(standard.noise, Fraction(0), meaning="noise variance"))
    covariates = {NORMAL: _normal, CUBE: _cube, ELLIPTICAL: _elliptical, ROTATION: _rotation}
    covariates[standard.covariates_law](parts)
    {NORMAL: _normal_task, SYMMETRIC: _symmetric_task}[standard.task_law](parts)
    _noise(parts)
    _length(parts)
    return parts.model()


def _normal(parts: _Parts) -> None:
    """x ~ N(mean, Lambda), the query of its own covariance if one is named."""
    of = parts.of
    parts.vector("X", True, of.covariates, of.covariates_mean, "covariates of the examples")
    parts.vector("xq", False, of.query or of.covariates, of.covariates_mean, "query")


def _cube(parts: _Parts) -> None:
    """Coordinates of x or F^-1 x may be permuted and change sign; moments of order 2 and 4."""
    parts.scalars += [
        Scalar("m2", Fraction(0), strict=True, meaning="E x_i^2"),
        Scalar("m4", Fraction(0), strict=True, meaning="E x_i^4"),
        Scalar("m22", Fraction(0), meaning="E x_i^2 x_j^2"),
    ]
    of = parts.of
    fields = [Field("x", (FEATURE,))]
    names = ("X", "xq") if of.covariates.symbol == IDENTITY else ("Z", "zq")
    parts.arrays += [
        Draws(names[0], "D", "x", EXAMPLE, "covariates of the examples"),
        Slot(names[1], "D", "x", "query", "query"),
    ]
    if names[0] == "Z":
        factor = parts.factor(of.covariates)
        parts.definitions += [
            Definition("X", ("k", "i"), f"sum[j]({factor}[i,j]*Z[k,j])", "covariates"),
            Definition("xq", ("i",), f"sum[j]({factor}[i,j]*zq[j])", "query"),
        ]
    if of.noise_law == GIVEN_X:
        fields.append(Field("noise"))
    parts.laws.append(Law("D", tuple(fields), meaning="law of one example"))
    x = names[1]
    parts.moments += [
        Atom("second", f"E({x}[i]*{x}[j])", "m2*delta[i,j]"),
        Atom("third", f"E({x}[i]*{x}[j]*{x}[l])"),
        Atom("first", f"E({x}[i])"),
        Atom(
            "fourth",
            f"E({x}[i]*{x}[j]*{x}[l]*{x}[i1])",
            f"m22*({PAIRINGS}) + (m4 - 3*m22)*{ONE_COORDINATE}",
        ),
    ]
    parts.numbers += [("m2", ONE), ("m4", Fraction(4)), ("m22", ONE)]
    noise = of.noise_law == GIVEN_X
    if noise:
        parts.moments += _noise_given(x, of.noise)
    parts.models.append(lambda size: _independent_coordinates(size, noise))


def _noise_given(x: str, variance: str) -> list[Atom]:
    """Noise that may depend on the covariates of its example, but for moments of order up to 4."""
    vanishing = ("eq", "{0}*eq", "{0}*{1}*eq", "{0}*{1}*{2}*eq", "{0}*eq^2", "{0}*eq^3")
    at = [f"{x}[{index}]" for index in ("i", "j", "l")]
    return [
        *(Atom(f"noise_mean{k}", f"E({one.format(*at)})") for k, one in enumerate(vanishing)),
        Atom("noise_variance", "E(eq^2)", variance),
        Atom("noise_given", f"E({at[0]}*{at[1]}*eq^2)", f"m2*{variance}*delta[i,j]"),
    ]


def _independent_coordinates(size: int, noise: bool) -> Model:
    """Coordinates that are 0, 2 or -2, E x_i^2 = 1 and E x_i^4 = 4; and noise, a fair sign."""
    two, half = Fraction(2), Fraction(1, 2)
    outcomes = []
    fields = [Definition("x", ("i",), "x_0[i]")]
    signs = (ONE, -ONE) if noise else ()
    if noise:
        fields.append(Definition("noise", (), "sign"))
    for entries in itertools.product((Fraction(0), two, -two), repeat=size):
        weight = ONE
        for entry in entries:
            weight *= Fraction(1, 8) if entry else Fraction(3, 4)
        x = Value("x_0", entries)
        outcomes += [Outcome(weight * half, (x, Value("sign", sign))) for sign in signs]
        outcomes += [] if noise else [Outcome(weight, (x,))]
    return Model("D", (), tuple(outcomes), tuple(fields))


def _elliptical(parts: _Parts) -> None:
    """x = rho F z with a random radius rho of mean square 1 and fourth moment kappa."""
    of = parts.of
    parts.scalars.append(Scalar("kappa", ONE, meaning="E rho^4, the kurtosis"))
    parts.laws.append(Law("D", (Field("rho"),), meaning="law of the radius"))
    parts.arrays += [
        Draws("rho", "D", "rho", EXAMPLE, "radius of the examples"),
        Slot("rhoq", "D", "rho", "query", "radius of the query"),
        Normal("Z", (EXAMPLE, FEATURE), meaning="standard normal"),
        Normal("zq", (FEATURE,), meaning="standard normal"),
    ]
    parts.moments += [
        Atom("radius_second", "E(rhoq^2)", "1"),
        Atom("radius_fourth", "E(rhoq^4)", "kappa"),
    ]
    factor = "" if of.covariates.symbol == IDENTITY else parts.factor(of.covariates)
    for name, own, radius, z in (
        ("X", ("k", "i"), "rho[k]", "Z[k,{}]"),
        ("xq", ("i",), "rhoq", "zq[{}]"),
    ):
        entry = z.format("i") if not factor else f"sum[j]({factor}[i,j]*{z.format('j')})"
        parts.definitions.append(
            Definition(name, own, f"{radius}*{entry}" + parts.mean(of.covariates_mean))
        )
    parts.numbers.append(("kappa", sum((w * r**4 for w, r in SPREAD), Fraction(0))))
    parts.models.append(lambda size: _table("D", "rho", SPREAD))


def _rotation(parts: _Parts) -> None:
    """x = F v, v of a law that rotations preserve, with E v v' = I and E v_i^4 = 3 kappa."""
    of = parts.of
    parts.scalars.append(Scalar("kappa", Fraction(0), strict=True, meaning="E v_i^4 / 3"))
    parts.laws.append(Law("D", (Field("v", (FEATURE,)),), meaning="rotation-invariant law"))
    plain = of.covariates.symbol == IDENTITY and of.covariates_mean == "zero"
    rows, query = ("X", "xq") if plain else ("V", "vq")
    parts.arrays += [
        Draws(rows, "D", "v", EXAMPLE, "draws of the examples"),
        Slot(query, "D", "v", "query", "draw of the query"),
    ]
    parts.moments += [
        Atom("first", f"E({query}[i])"),
        Atom("second", f"E({query}[i]*{query}[j])", "delta[i,j]"),
        Atom("third", f"E({query}[i]*{query}[j]*{query}[l])"),
        Atom("fourth", f"E({query}[i]*{query}[j]*{query}[l]*{query}[i1])", f"kappa*({PAIRINGS})"),
    ]
    if not plain:
        one = of.covariates.symbol == IDENTITY
        factor = "" if one else parts.factor(of.covariates)
        for name, own, array in (("X", ("k", "i"), "V[k,{}]"), ("xq", ("i",), "vq[{}]")):
            entry = array.format("i") if one else f"sum[j]({factor}[i,j]*{array.format('j')})"
            parts.definitions.append(Definition(name, own, entry + parts.mean(of.covariates_mean)))
    parts.numbers.append(("kappa", sum((w * r**4 for w, r in SPREAD), Fraction(0))))
    model = Model(
        "D",
        (Tensor("v_0", (FEATURE,)),),
        tuple(Outcome(weight, (Value("r_1", value),)) for weight, value in SPREAD),
        (Definition("v", ("i",), "r_1*v_0[i]"),),
    )
    parts.models.append(lambda size: model)


def _table(law: str, name: str, values: tuple[tuple[Fraction, Fraction], ...]) -> Model:
    """A law whose field takes these values with these probabilities."""
    outcomes = tuple(Outcome(weight, (Value(f"{name}_drawn", value),)) for weight, value in values)
    return Model(law, (), outcomes, (Definition(name, (), f"{name}_drawn"),))


def _normal_task(parts: _Parts) -> None:
    """w ~ N(mean, Gamma), independent columns for each response."""
    of = parts.of
    if of.outputs:
        _columns(parts)
        return
    parts.vector("w", False, of.task, of.task_mean, "task vector")


def _columns(parts: _Parts) -> None:
    """A task vector for each response, the columns independent N(0, Gamma)."""
    of, sorts = parts.of, (FEATURE, OUTPUT)
    meaning = "number of responses"
    parts.scalars.append(Scalar(of.outputs, ONE, integer=True, meaning=meaning))
    parts.outputs = of.outputs
    if of.task.symbol == IDENTITY:
        parts.arrays.append(Normal("w", sorts, meaning="task vectors, one column each"))
        return
    factor = parts.factor(of.task)
    entry = f"{factor}i[j,i]" if of.task.inverse else f"{factor}[i,j]"
    parts.arrays.append(Normal("z", sorts, meaning="standard normal"))
    body = f"sum[j]({entry}*z[j,t])"
    parts.definitions.append(Definition("w", ("i", "t"), body, "task vectors, one column each"))


def _symmetric_task(parts: _Parts) -> None:
    """Any task law of this covariance whose odd moments of order 1 and 3 vanish."""
    of = parts.of
    covariance, vector, field = "delta[i,j]", "w_0[i]", "w"
    if of.task.symbol != IDENTITY:
        factor = parts.factor(of.task)
        entry = f"{factor}i[l,{{}}]" if of.task.inverse else f"{factor}[{{}},l]"
        covariance = f"sum[l]({entry.format('i')}*{entry.format('j')})"
        vector = f"sum[l]({entry.format('i')}*w_0[l])"
    parts.laws.append(Law("W", (Field(field, (FEATURE,)),), meaning="law of the task"))
    name = "w" if of.task_mean == "zero" else "w0"
    parts.arrays.append(Slot(name, "W", field, "task", "task vector"))
    parts.moments += [
        Atom("task_mean", f"E({name}[i])"),
        Atom("task_covariance", f"E({name}[i]*{name}[j])", covariance),
        Atom("task_third", f"E({name}[i]*{name}[j]*{name}[l])"),
    ]
    if name != "w":
        parts.definitions.append(Definition("w", ("i",), f"w0[i]{parts.mean(of.task_mean)}"))
    model = Model(
        "W",
        (Tensor("w_0", (FEATURE,)),),
        tuple(Outcome(weight, (Value("r_0", value),)) for weight, value in SPREAD),
        (Definition("w", ("i",), f"r_0*{vector}"),),
    )
    parts.models.append(lambda size: model)


def _noise(parts: _Parts) -> None:
    """y_k = w' x_k + noise, and the target alike."""
    of = parts.of
    noises = ("", "")
    if of.noise != "0":
        noises = (" + e[k]", " + eq") if not of.outputs else (" + e[k,t]", " + eq[t]")
        _noise_arrays(parts)
    if of.outputs:
        parts.definitions += [
            Definition("y", ("k", "t"), f"sum[i](X[k,i]*w[i,t]){noises[0]}", "responses"),
            Definition("yq", ("t",), f"sum[i](xq[i]*w[i,t]){noises[1]}", "the targets"),
        ]
        return
    parts.definitions += [
        Definition("y", ("k",), f"sum[i](X[k,i]*w[i]){noises[0]}", "responses of the examples"),
        Definition("yq", (), f"sum[i](xq[i]*w[i]){noises[1]}", "response of the query, the target"),
    ]


def _noise_arrays(parts: _Parts) -> None:
    of = parts.of
    if of.noise_law == GIVEN_X:
        parts.arrays += [
            Draws("e", "D", "noise", EXAMPLE, "noise of the examples"),
            Slot("eq", "D", "noise", "query", "noise of the query's response"),
        ]
    elif of.noise_level:
        parts.laws.append(Law("R", (Field("level"),), meaning="law of the noise level"))
        parts.arrays += [
            Normal("e0", (EXAMPLE,), meaning="standard normal"),
            Normal("eq0", (), meaning="standard normal"),
        ]
        if of.noise_level == PER_PROMPT:
            parts.arrays.append(Slot("level", "R", "level", "prompt", "noise level of the prompt"))
            bodies, single = ("level*e0[k]", "level*eq0"), "level"
        else:
            parts.arrays += [
                Draws("level", "R", "level", EXAMPLE, "noise levels of the examples"),
                Slot("levelq", "R", "level", "query", "noise level of the query"),
            ]
            bodies, single = ("level[k]*e0[k]", "levelq*eq0"), "levelq"
        parts.moments.append(Atom("level_second", f"E({single}^2)", of.noise))
        parts.definitions += [
            Definition("e", ("k",), bodies[0], "noise of the examples"),
            Definition("eq", (), bodies[1], "noise of the query's response"),
        ]
        parts.models.append(lambda size: _table("R", "level", SPREAD))
    elif of.noise_law == ANY:
        parts.laws.append(Law("R", (Field("noise"),), meaning="law of the noise"))
        parts.arrays += [
            Draws("e", "R", "noise", EXAMPLE, "noise of the examples"),
            Slot("eq", "R", "noise", "query", "noise of the query's response"),
        ]
        parts.moments += [Atom("noise_mean", "E(eq)"), Atom("noise_variance", "E(eq^2)", of.noise)]
        parts.models.append(lambda size: _table("R", "noise", SKEWED))
    else:
        more = (OUTPUT,) if of.outputs else ()
        parts.arrays += [
            Normal("e", (EXAMPLE, *more), of.noise, "noise of the examples"),
            Normal("eq", more, of.noise, "noise of the query's response"),
        ]


def _is_number(text: str) -> bool:
    return not any(character.isalpha() for character in text)


def _length(parts: _Parts) -> None:
    """Weights u[k] of the tokens: 1 on the first k examples of a prompt, or 1/k.

    A random subset of the examples has the law of a prefix of random length k, so that
    E u_k = E k / n and E u_k u_h = E k(k-1) / (n(n-1)); uniform lengths 1 .. n give the loss that
    is summed over all prefixes.
    """
    of = parts.of
    if of.loss == LAST:
        return
    n = of.sizes.length
    if of.divided_by_length:
        parts.scalars.append(
            Scalar("h1", Fraction(0), strict=True, meaning="E 1/k, k the number of examples")
        )
        parts.numbers.append(("h1", SHORT_PROMPTS))
        mean, square, mixed = f"1/{n}", f"h1/{n}", f"(1 - h1)/({n}*({n} - 1))"
    elif of.loss == RANDOM_LENGTH:
        parts.scalars += [
            Scalar("p1", Fraction(0), strict=True, meaning=f"E k / {n}, k the number of examples"),
            Scalar("p2", Fraction(0), meaning=f"E k(k-1) / ({n}({n}-1))"),
        ]
        parts.numbers += [("p1", Fraction(1, 2)), ("p2", Fraction(1, 4))]
        mean, square, mixed = "p1", "p1", "p2"
    else:
        mean = square = f"({n} + 1)/(2*{n})"
        mixed = f"({n} + 1)/(3*{n})"
    parts.laws.append(Law("K", (Field("u", (EXAMPLE,)),), meaning="law of the prompt's length"))
    parts.arrays.append(Slot("u", "K", "u", "prompt", "weights of the tokens"))
    parts.moments += [
        Atom("token_mean", "E(u[k])", mean),
        Atom("token_second", "E(u[k]*u[h])", f"{mixed} + ({square} - {mixed})*delta[k,h]"),
    ]
    parts.weights = "u"
    parts.assume(EXCHANGEABLE)
    parts.models.append(lambda size: _prefixes(of, max(size, of.sizes.least_length)))


def _prefixes(of: Standard, size: int) -> Model:
    """Random subsets of the examples: of uniform size, each example by a coin, or one and all."""
    choice: list[tuple[Fraction, tuple[Fraction, ...]]] = []
    for count in range(size + 1):
        subsets = list(itertools.combinations(range(size), count))
        if of.divided_by_length:
            each = (SHORT_PROMPTS - Fraction(1, size)) / (1 - Fraction(1, size))
            weight = {1: each, size: 1 - each}.get(count, Fraction(0))
        elif of.loss == EVERY_PREFIX:
            weight = Fraction(count > 0, size)
        else:
            weight = Fraction(len(subsets), 2**size)
        token = Fraction(1, count) if of.divided_by_length and count else ONE
        for subset in subsets if weight else ():
            entries = tuple(token if k in subset else Fraction(0) for k in range(size))
            choice.append((weight / len(subsets), entries))
    outcomes = tuple(Outcome(weight, (Value("u0", entries),)) for weight, entries in choice)
    return Model("K", (), outcomes, (Definition("u", ("k",), "u0[k]"),))
