"""The search for exact counterexamples to claims that the checker does not accept (floor 3).

Not trusted: whatever is found counts only once `verifier.proof.counterexample` has accepted it.
The search goes from the simplest sizes and numbers upwards, first at the points that the theorem
suggests (a claimed minimiser, the derived one), then at small rationals drawn with a seed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from verifier.proof.checker import Checked, Proof, Step
from verifier.proof.context import Context, Definition, Scalar, Tensor
from verifier.proof.counterexample import Counterexample, Nested, Refutation, Refuter
from verifier.proof.expression import ProofError, parse, symbols
from verifier.proof.meaning import Meaning, evaluate
from verifier.proof.statement import AtMinimum, Minimum

Filling = tuple[Definition, ...]
SMALL = (Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2), Fraction(2))
ATTEMPTS = 400


def search(
    context: Context,
    step: Step,
    accepted: Mapping[str, Checked],
    proof: Proof,
    fillings: tuple[Filling, ...],
    seed: int,
) -> Refutation | None:
    """The first counterexample to the step's statement that the checker accepts, or None."""
    statement, minimum = step.statement, None
    if isinstance(statement, AtMinimum):
        rests_on = [accepted[name] for name in step.uses if name in accepted]
        minimum = next((c for c in rests_on if isinstance(c.step.statement, Minimum)), None)
    try:
        refuter = Refuter(context, minimum)
    except ProofError:
        return None
    own = tuple(_witness(other) for other in proof.steps if "witness" in other.certificate)
    draw = random.Random(seed)
    points = _points(context, own + fillings, draw)
    for point in itertools.islice(points, ATTEMPTS):
        try:
            return refuter.refute(statement, point)
        except ProofError:
            continue
    return None


def _witness(step: Step) -> Filling:
    values = step.certificate["witness"]["values"]
    return tuple(Definition(v["name"], tuple(v["parameters"]), v["body"]) for v in values)


def _points(
    context: Context, fillings: tuple[Filling, ...], draw: random.Random
) -> Iterator[Counterexample]:
    """Points in order of size: small dimensions first, suggested fillings before random ones."""
    for scalars in _scalar_grid(context):
        for filling in (*fillings, *((),) * 3):
            try:
                yield _fill(context, scalars, filling, draw)
            except ProofError:
                continue


def _scalar_grid(context: Context) -> Iterator[dict[str, Fraction]]:
    sizes = {dimension for _, dimension in context.sorts if dimension}
    ranges = []
    for scalar in context.scalars:
        low = scalar.minimum
        if low is None:
            ranges.append([Fraction(1)])
        elif scalar.name in sizes:
            ranges.append([max(low, Fraction(k)) for k in (1, 2)])
        else:
            first = low + 1 if scalar.strict else low
            ranges.append([first, first + Fraction(1, 2), first + 2])
    grid = sorted(set(itertools.product(*ranges)), key=lambda p: (sum(p), p))
    for point in grid:
        yield {s.name: v for s, v in zip(context.scalars, point, strict=True)}


def _fill(
    context: Context, scalars: Mapping[str, Fraction], filling: Filling, draw: random.Random
) -> Counterexample:
    """Values for all deterministic tensors: from the filling where it names them, else drawn."""
    ranks = {t.name: t.sorts for t in context.tensors}
    filling = tuple(replace(d, sorts=ranks.get(d.name, ())) for d in filling)
    names = {definition.name for definition in filling}
    values: dict[str, Nested] = {}
    reals = dict(scalars)
    for tensor in context.tensors:
        if tensor.name not in context.random() and tensor.name not in names:
            shape = [int(scalars[dict(context.sorts)[sort]]) for sort in tensor.sorts]
            values[tensor.name] = _draw(shape, draw)
    for scalar in context.scalars:
        if scalar.minimum is None and scalar.name not in names:
            reals[scalar.name] = draw.choice(SMALL)
    unit_tensors = tuple(
        Tensor(f"unit{k}{sort}", (sort,)) for k in range(4) for sort, size in context.sorts if size
    )
    for definition in filling:
        if definition.name not in ranks and context.scalar(definition.name) is None:
            continue
        local = _without(context, names, filling, unit_tensors)
        meaning = Meaning(local)
        sorts = ranks.get(definition.name, ())
        shape = [int(scalars[dict(context.sorts)[sort]]) for sort in sorts]
        entries: dict[tuple[int, ...], Fraction] = {}
        for at in itertools.product(*map(range, shape)):
            units: dict[str, Nested] = {
                f"unit{k}{sort}": tuple(Fraction(int(i == position)) for i in range(size))
                for k, (sort, size, position) in enumerate(zip(sorts, shape, at, strict=True))
            }
            entry = f"{definition.name}[{','.join(definition.parameters)}]"
            if not sorts:
                text = definition.name
            else:
                picks = "".join(
                    f"unit{k}{sort}[{i}]*"
                    for k, (sort, i) in enumerate(zip(sorts, definition.parameters, strict=True))
                )
                text = f"sum[{','.join(definition.parameters)}]({picks}{entry})"
            entries[at] = evaluate(meaning, text, reals, {**values, **units})
        if sorts:
            values[definition.name] = _nest(entries, shape)
        elif definition.name in ranks:
            values[definition.name] = entries[()]
        else:
            reals[definition.name] = entries[()]
    return Counterexample(reals, values)


def _without(
    context: Context, names: set[str], filling: Filling, extra: tuple[Tensor, ...]
) -> Context:
    """The context in which the filled tensors are definitions (before those that use them)."""
    keep: list[Scalar] = [s for s in context.scalars if s.name not in names]
    known = {s.name for s in keep} | {t.name for t in context.tensors if t.name not in names}
    known |= {"delta"}
    ordered: list[Definition] = []
    waiting = [*filling, *context.definitions]
    while waiting:
        ready = [d for d in waiting if {s.name for s in symbols(parse(d.body))} <= known]
        if not ready:
            raise ProofError("the filling is circular")
        ordered += ready
        known |= {d.name for d in ready}
        waiting = [d for d in waiting if d not in ready]
    return replace(
        context,
        scalars=tuple(keep),
        tensors=tuple(t for t in context.tensors if t.name not in names) + extra,
        definitions=tuple(ordered),
        hypotheses=(),
    )


def _draw(shape: list[int], draw: random.Random) -> Nested:
    if not shape:
        return draw.choice(SMALL)
    return tuple(_draw(shape[1:], draw) for _ in range(shape[0]))


def _nest(entries: Mapping[tuple[int, ...], Fraction], shape: list[int]) -> Nested:
    def level(prefix: tuple[int, ...]) -> Nested:
        if len(prefix) == len(shape):
            return entries[prefix]
        return tuple(level((*prefix, i)) for i in range(shape[len(prefix)]))

    return level(())
