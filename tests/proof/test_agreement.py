"""The kernel's normal forms against direct evaluation, which shares no code with them.

`ValueAt` evaluates a normal form by what it means: labels are summed in loops, a box label is an
independent copy of its source, over which is integrated at the end.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenes import LETTERS, OVER, Scene, expression, scene

from verifier.proof.context import Atom, Context
from verifier.proof.direct import Poly
from verifier.proof.instances import World
from verifier.proof.mean import Meaning
from verifier.proof.networks import BITS, DELTA
from verifier.proof.normal import Value
from verifier.proof.rules import Checker
from verifier.proof.statements import By, Claim, Conclude, Step
from verifier.proof.syntax import (
    Binary,
    Expect,
    Fuel,
    Neg,
    Node,
    Number,
    Pow,
    ProofError,
    Sum,
    Symbol,
    free_indices,
    show,
)
from verifier.theorem.refute import TRUE_HERE, refute

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


class ValueAt:
    """A normal form at a point, as a polynomial in the numbered random entries that are left."""

    def __init__(self, meaning: Meaning, world: World) -> None:
        self.meaning, self.world = meaning, world

    def value(self, value: Value, at: Mapping[str, int]) -> Poly:
        free = {self.meaning.labels[letter]: place for letter, place in at.items()}
        scale = Fraction(1, value.den)
        total: Poly = {}
        for (powers, ids), c in value.num.items():
            term: Poly = {(): c * scale * self.scalars(powers)}
            for number in ids:
                term = self.world.times(term, self.network(self.meaning.table[number], free))
            total = self.plus(total, term)
        return total

    @staticmethod
    def plus(one: Poly, two: Poly) -> Poly:
        total = {m: one.get(m, 0) + two.get(m, 0) for m in {**one, **two}}
        return {m: c for m, c in total.items() if c}

    def scalars(self, powers: int) -> Fraction:
        """A product of powers of scalars, and of inverses of polynomials in scalars."""
        bases = {name: base for base, name in self.meaning.inverses.items()}
        out = Fraction(1)
        for name, shift in self.meaning.shift.items():
            exponent = powers >> shift & (1 << BITS) - 1
            if exponent and name in bases:
                out /= sum(c * self.scalars(p) for p, c in bases[name]) ** exponent
            elif exponent:
                out *= self.world.constant(self.world.entry(name, ())) ** exponent
        return out

    def network(self, part: tuple[tuple[int, ...], ...], free: Mapping[int, int]) -> Poly:
        """The sum over its labels of the integral over its boxes of the product of its factors."""
        sorts = {}
        for f in part:
            for x, sort in zip(f[1:], self.meaning.heads[f[0]].sorts, strict=False):
                if x >= 0:
                    sorts[x] = sort
        boxes = {x for x, sort in sorts.items() if sort[0] == "^"}
        summed = [x for x in sorts if x not in boxes]
        ranges = [range(1, self.world.size(sorts[x]) + 1) for x in summed]
        total: Poly = {}
        for place in itertools.product(*ranges):
            at = {**free, **dict(zip(summed, place, strict=True)), **{b: b for b in boxes}}
            product: Poly = {(): 1}
            for f in part:
                product = self.world.times(product, self.factor(f[0], [at[x] for x in f[1:]]))
            total = self.plus(total, self.integrated(product))
        return total

    def factor(self, head: int, at: list[int]) -> Poly:
        if head == DELTA:
            return {(): 1} if at[0] == at[1] else {}
        found = self.meaning.heads[head]
        place, boxes = at[: len(at) - len(found.boxes)], at[len(at) - len(found.boxes) :]
        copies = dict(zip(found.boxes, boxes, strict=True))
        if found.moment:
            law, field = found.moment
            poly = self.world.field(law, "draw", field, tuple(place))
        else:
            poly = self.world.entry(found.name, tuple(place))
        out: Poly = {}
        for monomial, c in poly.items():
            renamed = []
            for number, power in monomial:
                source, draw, name, where = self.world.variables[number]
                draw = f"{draw}@{copies[source]}" if source in copies else draw
                renamed.append((self.world.number_of((source, draw, name, where)), power))
            out[tuple(sorted(renamed))] = c
        return out

    def integrated(self, poly: Poly) -> Poly:
        """The expectation over the copies; the copies of one source are independent."""
        total: Poly = {}
        for monomial, c in poly.items():
            kept: list[tuple[int, int]] = []
            copies: dict[tuple[str, str], list[tuple[str, tuple[int, ...], int]]] = {}
            for number, power in monomial:
                source, draw, name, place = self.world.variables[number]
                if "@" in draw:
                    copies.setdefault((source, draw), []).append((name, place, power))
                else:
                    kept.append((number, power))
            for (source, _), entries in copies.items():
                c *= self.world._moment(source, tuple(entries))
            total = self.plus(total, {tuple(kept): c} if c else {})
        return total


def compare(draw: Random, here: Scene, count: int) -> int:
    """How many random expressions were compared in the scene; AssertionError if two differ."""
    meaning = Meaning(here.context, Fuel(10**7))
    done = 0
    for _ in range(count):
        node = expression(draw, here.context, draw.choice((2, 3, 3, 4)))
        if draw.random() < 0.5:
            node = Expect(None, node)
        world = World(here.context, draw.choice(here.points), Fuel(160_000))
        at = {}
        for letter in free_indices(node):
            size = world.size(here.context.letters[letter])
            at[letter] = draw.randint(1, size) if size else 0
        if 0 in at.values():
            continue
        try:
            direct = world.polynomial(node, at)
            meaning.fuel.units = 200_000
            normal = meaning.value(node)
            world.fuel.units = 10**6
            assert ValueAt(meaning, world).value(normal, at) == direct, (show(node), at, here)
            done += 1
        except ProofError:
            continue
    return done


@SLOW
@given(st.randoms(use_true_random=False))
def test_normal_forms_are_what_direct_evaluation_says(draw: Random) -> None:
    compare(draw, scene(draw), 3)


# What the kernel accepts


def variant(draw: Random, node: Node, context: Context) -> Node:
    """The same expression said differently, or something near it that may be false."""
    match node:
        case Binary("*", Binary(("+" | "-") as operation, a, b), c) if draw.random() < 0.5:
            return Binary(operation, Binary("*", a, c), Binary("*", b, c))
        case Binary(("+" | "*") as operation, a, b) if draw.random() < 0.5:
            return Binary(operation, variant(draw, b, context), variant(draw, a, context))
        case Binary(operation, a, b):
            if draw.random() < 0.15:
                operation = draw.choice("+-*")
            return Binary(operation, variant(draw, a, context), variant(draw, b, context))
        case Pow(a, 2) if draw.random() < 0.5:
            return Binary("*", a, variant(draw, a, context))
        case Sum((first, *rest), body) if rest and draw.random() < 0.5:
            return Sum((*rest, first), variant(draw, body, context))
        case Sum(indices, body):
            return Sum(indices, variant(draw, body, context))
        case Expect(None, body) if draw.random() < 0.6:
            inner = draw.choice([s for s in OVER if s])
            return Expect(None, Expect(inner, body))
        case Expect(sources, body):
            if draw.random() < 0.1:
                sources = draw.choice(OVER)
            return Expect(sources, variant(draw, body, context))
        case Neg(body):
            return Neg(variant(draw, body, context))
        case Symbol("delta", (i, j)) if draw.random() < 0.5:
            return Symbol("delta", (j, i))
        case Symbol(name, indices) if indices and draw.random() < 0.15:
            return Symbol(name, tuple(draw.choice(LETTERS[context.letters[i]]) for i in indices))
        case Number(value) if draw.random() < 0.2:
            return Number(value + 1)
    return node


def judge(draw: Random, here: Scene, count: int, wrong: float = 0.2) -> Counter[str]:
    """Random identities, each as the kernel and as direct evaluation see it."""
    seen: Counter[str] = Counter()
    checker = Checker(here.context, Fuel(10**7))
    for number in range(count):
        left = expression(draw, here.context, draw.choice((2, 3, 3)))
        left = Expect(None, left) if draw.random() < 0.5 else left
        right = variant(draw, left, here.context)
        if draw.random() < wrong:
            right = Binary("+", right, expression(draw, here.context, draw.choice((0, 1))))
        statement = Claim((), ((Atom("same", show(left), show(right)),),))
        checker.fuel.units = 400_000
        try:
            checker.check(Step(f"step{number}", statement, Conclude(0, {"same": By()})))
            accepted = True
        except ProofError:
            accepted = False
        verdict = "unknown"
        for point in here.points:
            try:
                refute(here.context, statement, point, Fuel(500_000))
                verdict = "false"
            except ProofError as error:
                if str(error) == TRUE_HERE and verdict == "unknown":
                    verdict = "true"
        assert not (accepted and verdict == "false"), (show(left), show(right), here)
        seen[f"{'accepted' if accepted else 'not accepted'}, {verdict}"] += 1
    return seen


@SLOW
@given(st.randoms(use_true_random=False))
def test_what_is_accepted_is_true_at_three_points(draw: Random) -> None:
    judge(draw, scene(draw), 3)


def test_both_verdicts_are_met() -> None:
    """The test above must meet true and false identities, and the kernel must accept some."""
    draw, seen = Random(1), Counter[str]()
    for _ in range(12):
        seen += judge(draw, scene(draw), 6)
    assert seen["accepted, true"] > 10
    assert seen["not accepted, false"] > 10


@pytest.mark.deep
@pytest.mark.parametrize("part", range(20))
def test_normal_forms_in_a_hundred_thousand_comparisons(part: int) -> None:
    draw, done = Random(part), 0
    while done < 5_000:
        done += compare(draw, scene(draw), 20)


@pytest.mark.deep
@pytest.mark.parametrize("part", range(20))
def test_a_hundred_thousand_false_statements_are_not_accepted(part: int) -> None:
    draw, false = Random(1_000 + part), 0
    while false < 5_000:
        false += judge(draw, scene(draw), 20, wrong=0.9)["not accepted, false"]
