"""Exact counterexamples: a point of a context at which a statement is false.

The search for points is not trusted, this check is: the point must be admissible, every number is
recomputed by direct evaluation (`verifier.proof.direct`), and nothing here uses normal forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.proof.context import Atom, Context, Point
from verifier.proof.instances import Failure, World, admissible, shallow
from verifier.proof.statements import Case, Claim, Minimum, Statement
from verifier.proof.syntax import Fuel, ProofError

TRUE_HERE = "the statement is true at these values"


@dataclass(frozen=True, slots=True)
class Refutation:
    """A statement that is false at a point, why, and the two numbers that show it.

    ``where``: the values of the indices at which ``found`` and ``claimed`` are what they are.
    """

    statement: Statement
    point: Point
    reason: str
    found: Fraction = Fraction(0)
    claimed: Fraction = Fraction(0)
    where: tuple[tuple[str, int], ...] = ()


def refute(
    context: Context, statement: Statement, point: Point, fuel: Fuel | None = None
) -> Refutation:
    """The refutation of the statement at an admissible point; ProofError if it is true there."""
    with shallow():
        world = admissible(context, point, fuel)
        match statement:
            case Claim():
                found = _claim(world, statement)
            case Minimum():
                found = _minimum(world, statement)
    if found is None:
        raise ProofError(TRUE_HERE)
    reason, failure = found
    return Refutation(statement, point, reason, failure.left, failure.right, failure.where)


def _claim(world: World, claim: Claim) -> tuple[str, Failure] | None:
    """All that is given holds, and in each case something fails."""
    if _fails(world, claim.given):
        return None
    failures = [_fails(world, case) for case in claim.cases]
    if not all(failures):
        return None
    premises = "the premises hold but " if claim.given else ""
    if len(failures) != 1 or failures[0] is None:
        return f"{premises}no case does", Failure((), Fraction(0), Fraction(0))
    atom, failure = failures[0]
    if failure.mean_square:
        return f"{premises}the mean squared difference of the two sides is not 0", failure
    if atom.relation == "=":
        return f"{premises}the two sides differ", failure
    return f"{premises}the left side is not {atom.relation} the right side", failure


def _fails(world: World, atoms: Case) -> tuple[Atom, Failure] | None:
    """The first of these atoms that is false."""
    for atom in atoms:
        failure = world.failure(atom)
        if failure:
            return atom, failure
    return None


def _minimum(world: World, minimum: Minimum) -> tuple[str, Failure] | None:
    """Objective >= value with equality exactly in the cases; that it is attained is not tried."""
    found, value = (world.number(world.read(x)) for x in (minimum.objective, minimum.value))
    sides = Failure((), found, value)
    if found < value:
        return "these parameters have a lower loss than the claimed minimum", sides
    inside = any(_fails(world, case) is None for case in minimum.cases)
    if found > value and inside:
        return "these claimed minimisers have a higher loss than the claimed minimum", sides
    if found == value and not inside:
        return "these parameters attain the claimed minimum but are not listed", sides
    return None
