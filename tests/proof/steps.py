"""Small contexts and one-step proofs, and what the kernel says to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from verifier.proof.context import Atom, Context, Scalar, Sort
from verifier.proof.mean import Meaning
from verifier.proof.rules import Checked, Checker, check
from verifier.proof.statements import By, Claim, Conclude, Proof, Step, Tree
from verifier.proof.syntax import Fuel, ProofError

ONE = Fraction(1)
ROWS, FEATURES = Sort("row", "n", ("k", "h", "g")), Sort("feature", "d", ("i", "j", "l", "p"))
SIZES = (Scalar("n", Fraction(0), integer=True), Scalar("d", ONE, integer=True))
EVERY_D = (SIZES[0], Scalar("d", Fraction(0), integer=True))
TWO_D = (SIZES[0], Scalar("d", Fraction(2), integer=True))


def space(*arrays: Any, scalars: tuple[Scalar, ...] = SIZES, **parts: Any) -> Context:
    """A context with rows (k, h, g) counted by n >= 0 and features (i, j, l, p) by d >= 1."""
    sizes = {scalar.name for scalar in scalars} & {"n", "d"}
    scalars = (*(s for s in SIZES if s.name not in sizes), *scalars)
    return Context((ROWS, FEATURES), scalars, arrays=arrays, **parts)


def claim(left: str, right: str = "0", relation: str = "=", given: tuple[Atom, ...] = ()) -> Claim:
    """The claim of one atom named ``concl``."""
    return Claim(given, ((Atom("concl", left, right, relation),),))


def step(statement: Claim, tree: Tree | By | None = None, name: str = "step") -> Step:
    """A step with this tree, or with one reason for its one atom."""
    if tree is None or isinstance(tree, By):
        tree = Conclude(0, {"concl": tree or By()})
    return Step(name, statement, tree)


def identity(left: str, right: str = "0", combination: str = "0", times: str = "1") -> Step:
    """The step that claims left = right."""
    return step(claim(left, right), By(combination, times))


def accepted(context: Context, *steps: Step) -> tuple[Checked, ...]:
    """What the kernel accepts; ProofError at the first step that it does not."""
    return check(Proof("test", context, steps))


def refusal(context: Context | Callable[[], Context], *steps: Step) -> str:
    """The line with which a context or a step is refused; empty if all are accepted."""
    try:
        checker = Checker(context if isinstance(context, Context) else context())
        for one in steps:
            checker.check(one)
    except ProofError as error:
        line = str(error)
        assert line
        assert "\n" not in line
        return line
    return ""


def equal(context: Context, left: str, right: str) -> bool:
    """Whether two expressions have one normal form."""
    meaning = Meaning(context, Fuel(1_000_000))
    values = [meaning.value(context.read(text)) for text in (left, right)]
    return meaning.vanishes(meaning.plus(values[0], values[1], -1))


def edited(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of nested JSON data with one value replaced."""
    if not path:
        return value
    at, *rest = path
    if isinstance(data, Mapping):
        return {**data, at: edited(data[at], tuple(rest), value)}
    return [edited(x, tuple(rest), value) if k == at else x for k, x in enumerate(data)]
