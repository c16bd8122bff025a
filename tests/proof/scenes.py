"""Random contexts with a known model, and random expressions in them.

All choices come from one `random.Random`; Hypothesis can supply it and shrink what it chose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from verifier.proof.context import (
    Atom,
    Context,
    Definition,
    Draws,
    Entries,
    Field,
    Function,
    Hidden,
    Law,
    Model,
    Normal,
    Outcome,
    Point,
    Scalar,
    Slot,
    Sort,
    Tensor,
    Value,
)
from verifier.proof.instances import World
from verifier.proof.mean import Meaning
from verifier.proof.syntax import (
    Binary,
    Expect,
    Fuel,
    Neg,
    Node,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
)

ROW, FEATURE = "row", "feature"
LETTERS = {ROW: ("k", "h", "g"), FEATURE: ("i", "j", "l")}
SIZES = {ROW: "n", FEATURE: "d"}
Shape = tuple[str, ...]
Filling = tuple[Definition, ...]


@dataclass(frozen=True)
class Scene:
    """A context and three points of it that satisfy all that it declares."""

    context: Context
    points: tuple[Point, ...]


def scene(draw: Random) -> Scene:
    """A random context with a model at three sizes: normal arrays, laws, a hidden source, moments.

    The last two points are the instances of the context.
    """
    symmetric = draw.random() < 0.3
    least = draw.choice((1, 2)) if symmetric else draw.choice((0, 1, 2))
    context = _context(draw, symmetric, least)
    texts = _symmetric_texts(draw) if symmetric else _texts(draw)
    small = {ROW: 0, FEATURE: least}
    large = {ROW: 2, FEATURE: 3 if symmetric else 2}
    own = {ROW: draw.choice((0, 1, 2, 2, 3)), FEATURE: max(least, draw.choice((0, 1, 2, 2, 3)))}
    points = []
    for sizes, edge in ((own, True), (small, False), (large, False)):
        models = (_symmetric_models if symmetric else _models)(draw, sizes, texts)
        points.append(Point(_values(draw, context, sizes, edge, texts), models))
    return _with_moments(draw, Scene(context, tuple(points)))


def _context(draw: Random, symmetric: bool, least: int) -> Context:
    scalars = (
        Scalar("n", Fraction(0), integer=True),
        Scalar("d", Fraction(least), integer=True),
        Scalar("s", Fraction(0)),
        Scalar("t"),
    )
    hidden = Hidden("f", (FEATURE,) if symmetric else (), ("y",) if symmetric else ())
    fields = (Field("a"), Field("b", (FEATURE,)), Field("y", (), hidden=True))
    laws = (Law("D", fields, "f"), Law("W", (Field("c"), Field("r", (), hidden=True)), "f"))
    arrays = (
        Normal("X", (ROW, FEATURE), draw.choice(("1", "2", "s"))),
        Normal("u", (FEATURE,), draw.choice(("1", "s + 1"))),
        Normal("e", (), "s"),
        *(Draws(name, "D", field, ROW) for name, field in (("A", "a"), ("B", "b"), ("Y", "y"))),
        *(Slot(f"{field}q", "D", field, "q") for field in "aby"),
        *(Slot(f"{field}p", "D", field, "p") for field in "by"),
        Draws("C", "W", "c", ROW),
        Draws("R", "W", "r", ROW),
        Slot("cq", "W", "c", "q"),
        Slot("rq", "W", "r", "q"),
        Function("F", (FEATURE,), ("u", "D")),
        Function("G", (), ("f", "X", "e")),
        Tensor("M", (FEATURE, FEATURE)),
        Tensor("v", (ROW,)),
        Tensor("w", (FEATURE,)),
    )
    return Context(
        tuple(Sort(sort, SIZES[sort], letters) for sort, letters in LETTERS.items()),
        scalars,
        (hidden,),
        laws,
        arrays,
        (Definition("m", ("i",), "E[D](yq*bq[i])"), Definition("N", ("k",), "sum[i](X[k,i]*w[i])")),
    )


def _values(
    draw: Random, context: Context, sizes: dict[str, int], edge: bool, texts: dict[str, str]
) -> tuple[Value | Definition, ...]:
    tensors = [array for array in context.arrays if isinstance(array, Tensor)]
    return (
        *(Value(SIZES[sort], Fraction(size)) for sort, size in sizes.items()),
        Value("s", draw.choice((Fraction(0), Fraction(1)) if edge else (Fraction(3, 2),))),
        Value("t", draw.choice((Fraction(-1), Fraction(0), Fraction(1, 2)))),
        Definition("F", ("i",), texts["F"]),
        Definition("G", (), texts["G"]),
        *(Value(a.name, _entries(draw, [sizes[s] for s in a.sorts])) for a in tensors),
    )


def _entries(draw: Random, shape: list[int]) -> Entries:
    if not shape:
        return Fraction(draw.randint(-2, 2))
    return tuple(_entries(draw, shape[1:]) for _ in range(shape[0]))


FUNCTIONS = {
    "F": ("u[i]^2", "u[i]*aq", "bq[i] + u[i]", "0"),
    "G": ("e^2", "e - 1", "sum[k,i](X[k,i]*e)"),
}


def _chosen(draw: Random, choices: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: draw.choice(texts) for name, texts in {**FUNCTIONS, **choices}.items()}


def _texts(draw: Random) -> dict[str, str]:
    """The fields of laws without symmetries."""
    return _chosen(
        draw,
        {
            "a": ("coin", "2*coin", "gauss + coin"),
            "b": ("vec[i]", "coin*z[i]", "vec[i]*gauss"),
            "y": ("sum[i](task[i]*z[i])", "coin*latent + gauss", "latent*coin + task2"),
            "r": ("flip*latent", "task2 + flip"),
        },
    )


def _models(draw: Random, sizes: dict[str, int], texts: dict[str, str]) -> tuple[Model, ...]:
    d, half, third = sizes[FEATURE], Fraction(1, 2), Fraction(1, 3)

    def coins(*names: tuple[str, list[int]]) -> tuple[Outcome, ...]:
        return tuple(
            Outcome(w, tuple(Value(name, _entries(draw, shape)) for name, shape in names))
            for w in draw.choice(((half, half), (third, 1 - third)))
        )

    fields = (
        Definition("a", (), texts["a"]),
        Definition("b", ("i",), texts["b"]),
        Definition("y", (), texts["y"]),
    )
    normals = (Tensor("z", (FEATURE,)), Tensor("gauss"))
    other = (Definition("c", (), "flip"), Definition("r", (), texts["r"]))
    return (
        Model("f", (Tensor("latent"),), coins(("task", [d]), ("task2", []))),
        Model("D", normals, coins(("coin", []), ("vec", [d])), fields),
        Model("W", (), coins(("flip", [])), other),
    )


def _symmetric_texts(draw: Random) -> dict[str, str]:
    """Fields that are isotropic over features and odd in y."""
    return _chosen(
        draw,
        {
            "task": ("normal", "axes"),
            "z": ("normal", "axes"),
            "b": ("z[i]", "gauss^2*z[i]", "gauss*z[i]"),
            "y": (
                "sum[i](task[i]*z[i])",
                "sum[i](task[i]*z[i])*gauss^2 + noise",
                "sum[i](task[i]*z[i])^3",
            ),
            "r": ("sum[i](task[i]^2)*flip", "flip"),
        },
    )


def _symmetric_models(
    draw: Random, sizes: dict[str, int], texts: dict[str, str]
) -> tuple[Model, ...]:
    d = sizes[FEATURE]

    def vector(source: str, name: str, more: tuple[Tensor, ...], fields: Filling) -> Model:
        if texts[name] == "normal":
            return Model(source, (Tensor(name, (FEATURE,)), *more), (), fields)
        signs = (1,) if d == 1 and name == "z" else (1, -1)  # no rotation turns the sign at d = 1
        axes = [tuple(Fraction(s * (i == k)) for i in range(d)) for k in range(d) for s in signs]
        weight = Fraction(1, len(axes))
        outcomes = tuple(Outcome(weight, (Value(name, axis),)) for axis in axes)
        return Model(source, more, outcomes, fields)

    fields = (
        Definition("a", (), "gauss^2"),
        Definition("b", ("i",), texts["b"]),
        Definition("y", (), texts["y"]),
    )
    other = (Definition("c", (), "flip"), Definition("r", (), texts["r"]))
    return (
        vector("f", "task", (), ()),
        vector("D", "z", (Tensor("gauss"), Tensor("noise")), fields),
        Model("W", (Tensor("flip"),), (), other),
    )


MOMENTS = (
    ("E(aq)", ()),
    ("E(aq^2)", ()),
    ("E(bq[i])", ("i",)),
    ("E(bq[i]*bq[j])", ("i", "j")),
    ("E(aq*bq[i])", ("i",)),
    ("E(aq*bq[i]*bq[j])", ("i", "j")),
    ("E(yq^2)", ()),
    ("E(yq*bq[i])", ("i",)),
    ("E(E[D](yq*bq[i])*E[D](yq*bq[j]))", ("i", "j")),
    ("E(E[D](yq^2)^2)", ()),
    ("E(sum[i](E[D](yq*bq[i])^2))/d", ()),
    ("E(sum[i](E[D](yq*bq[i])*E[D](aq*yq*bq[i])))/d", ()),
    ("E(sum[i,j](E[D](yq*bq[i]*bq[j])^2))/d", ()),
    ("E(E[D](yq*bq[i])*E[W](rq))", ("i",)),
    ("E(cq^2)", ()),
    ("E(cq^3)", ()),
)


def _with_moments(draw: Random, plain: Scene) -> Scene:
    """Some moments given: tensors or scalars whose values are computed at the points."""
    worlds = [World(plain.context, point) for point in plain.points]
    context, values = plain.context, [list(point.values) for point in plain.points]
    for at, (left, letters) in enumerate(MOMENTS):
        if draw.random() < (0.4 if "/" in left else 0.8):
            continue
        name, (whole, _, size) = f"T{at}", left.partition("/")
        if size and any(world.size(FEATURE) == 0 for world in worlds):
            continue
        right = f"{name}[{','.join(letters)}]" if letters else f"d*{name}" if size else name
        more = replace(
            context,
            arrays=(*context.arrays, Tensor(name, tuple(context.letters[i] for i in letters))),
            moments=(*context.moments, Atom(f"moment{at}", whole, right)),
        )
        try:
            Meaning(more, Fuel(10**6))
        except ProofError:  # a symmetry says already that the moment is 0
            continue
        context = more
        for world, own in zip(worlds, values, strict=True):
            own.append(Value(name, _evaluated(world, plain.context.read(left), letters, ())))
    points = tuple(Point(tuple(v), p.models) for v, p in zip(values, plain.points, strict=True))
    return Scene(replace(context, instances=points[1:]), points)


def _evaluated(world: World, node: Node, letters: Shape, place: tuple[int, ...]) -> Entries:
    """All values of a deterministic expression with these free indices."""
    if len(place) == len(letters):
        return world.number(node, dict(zip(letters, place, strict=True)))
    size = world.size(world.context.letters[letters[len(place)]])
    return tuple(_evaluated(world, node, letters, (*place, x)) for x in range(1, size + 1))


# Expressions

FACTORS = (
    *("X", "X", "u", "e", "A", "B", "Y", "aq", "bq", "yq", "bp", "yp", "C", "R", "cq", "rq"),
    *("F", "G", "M", "v", "w", "n", "d", "s", "t", "m", "N", "delta", "delta"),
)
DIVISORS = ("n + 1", "2*s + 3", "4", "s + 1/(n + 1)", "(n + 1)/(s + 2)", "(s + 2)^2/3")
OVER = (
    *(None, None, ("X",), ("D",), ("f",), ("f",), ("u", "D"), ("D", "f"), ("e", "X"), ("W",)),
    *(("W", "f"), ("f", "X")),
)


# What seldom comes about by chance: many rows of one law, tensors of a hidden source.
PATTERNS = (
    "A[k]*A[h]*A[g]",
    "A[k]*Y[h]*B[g,i]",
    "C[k]*C[h]^2*C[g]*cq",
    "Y[k]*Y[h]*B[k,i]*B[h,j]",
    "m[i]*m[j]",
    "m[i]*E[D](yp*bp[j]*aq)",
    "m[i]*E[D](aq*bq[j]*yq^2)",
    "E[D](yq^2*bq[i]*bq[j])*E[W](rq^2)",
    "E[D](yq*bq[i]*bq[j]*bq[l])*E[D](yq)",
    "E[D](yq*bq[i]*bq[j]*bq[l])*E[D](yq*aq)",
    "m[i]*m[j]*m[l]*E[W](rq)",
    "E[D](yq^2*bq[i])*E[W](rq^2)",
    "E[D](yq^2*bq[i]*bq[j]*bq[l])",
    "m[i]*E[D](yq*bq[j]*bq[l])*E[D](yq*bq[l])",
    "E[D](Y[k]*B[k,i])*m[j]",
)


def expression(draw: Random, context: Context, depth: int) -> Node:
    """A random expression with free indices."""
    if depth == 0:
        return _factor(draw, context)
    if draw.random() < 0.08:
        return _pattern(draw, context)
    kind = draw.random()
    if kind < 0.5:
        return Binary(
            "*", expression(draw, context, depth - 1), expression(draw, context, depth - 1)
        )
    if kind < 0.64:
        operation = draw.choice("+-")
        return Binary(
            operation, expression(draw, context, depth - 1), expression(draw, context, depth - 1)
        )
    body = expression(draw, context, depth - 1)
    free = free_indices(body)
    if kind < 0.82:
        if not free:
            return Pow(body, 2)
        return Sum(tuple(draw.sample(free, draw.randint(1, len(free)))), body)
    if kind < 0.88:
        return Binary("/", body, context.read(draw.choice(DIVISORS)))
    if kind < 0.9:
        return Neg(body)
    return Expect(draw.choice(OVER), body)


def _pattern(draw: Random, context: Context) -> Node:
    """One of the patterns, some indices made equal, under an expectation."""
    letters = {x: draw.choice(LETTERS[context.letters[x]]) for x in context.letters}
    text = "".join(letters.get(x, x) if x in "khgijl" else x for x in draw.choice(PATTERNS))
    return Expect(draw.choice((None, ("f",), ("D",), ("D", "f"), ("W", "f"))), context.read(text))


def _factor(draw: Random, context: Context) -> Node:
    name = draw.choice(FACTORS)
    if name == "delta":
        letters = LETTERS[draw.choice((ROW, FEATURE))]
        return Symbol("delta", (draw.choice(letters), draw.choice(letters)))
    return Symbol(name, tuple(draw.choice(LETTERS[s]) for s in shape_of(context, name)))


def shape_of(context: Context, name: str) -> Shape:
    """The sorts of a name's indices."""
    for array in context.arrays:
        if array.name == name:
            return context.shape(array)
    for one in context.definitions:
        if one.name == name:
            return tuple(context.letters[i] for i in one.parameters)
    return ()
