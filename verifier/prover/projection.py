"""The proof: the loss is its least value plus the mean square of what differs from the best.

With ``best`` the least-squares prediction from the features, y - best is orthogonal to all that the
layer can predict, so that

    L = L* + E (yhat - best)^2,       L* = E (y - best) y.

Where L = L* the layer predicts ``best`` almost surely. That is the minimum wherever some weights
make it; otherwise L* is a bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from verifier.proof.context import Atom, Context, Definition, Scalar, Tensor
from verifier.proof.statements import (
    Attained,
    By,
    Case,
    Claim,
    Conclude,
    Derive,
    Minimum,
    Null,
    Proof,
    Square,
    Step,
    Tree,
)
from verifier.prover.data_model import FEATURE, OUTPUT, QUERY
from verifier.prover.instances import instances
from verifier.prover.optimum import Optimum
from verifier.prover.problem import Problem, indexed
from verifier.prover.reading import Reading, Unwritable, scalar_text
from verifier.prover.search.budget import Progress

GAP, BOUND, AT = "gap", "bound", "minimal"
INVERTIBLE = "a sum of positive definite matrices is positive definite, so invertible"
LEAST_SQUARES = "least squares: the normal equations have a solution"


@dataclass(frozen=True, slots=True)
class Families:
    """Where the gap vanishes: the tree after ``gap``, its cases, why the gap vanishes in each.

    ``before``: equations that are derived in each case first, where the reason uses them.
    """

    tree: Tree
    cases: tuple[Case, ...]
    converses: tuple[str, ...]
    before: tuple[tuple[tuple[Atom, By], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    """A problem with its optimum: the context of the proof, and the texts that it is about."""

    problem: Problem
    best: Optimum
    context: Context
    value: str
    predicted: str

    @property
    def gap(self) -> str:
        """yhat - best."""
        return f"{self.problem.prediction} - ({self.predicted})"

    def at(self, residual: str) -> str:
        """A residual of an equation between predictions."""
        return indexed(residual, self.problem.layer.outputs)

    def mean_square(self) -> str:
        """E (yhat - best)^2."""
        return self.problem.mean(f"({self.gap})^2")

    @property
    def remainder(self) -> str:
        """What is left of L - L* - E gap^2: a combination of the normal equations."""
        terms = []
        for name in (*self.best.tensors, *self.best.implied):
            feature = self.best.features[name]
            slots = ",".join((*feature.slots, *self.best.outputs))
            residual = self.best.residual(self.context, name)
            body = f"(0 - 2*({feature.weight}) + {feature.optimum})*({residual})"
            terms.append(f"sum[{slots}]({body})" if slots else body)
        return " + ".join(terms) or "0"


def setup(problem: Problem, best: Optimum, value: str = "") -> Setup:
    """The context of the proof; ``value`` replaces what is derived."""
    bare = replace(
        problem.full,
        arrays=problem.full.arrays + best.unknowns,
        definitions=problem.full.definitions + best.definitions,
        given=problem.full.given + best.given,
        assumptions=problem.full.assumptions + _lemmas(best),
    )
    context = replace(bare, instances=instances(problem, best, bare))
    shown = best_text(problem, best)
    return Setup(problem, best, context, value or least(problem, best, bare), shown)


def _lemmas(best: Optimum) -> tuple[str, ...]:
    """Why what is given can be satisfied in every model."""
    if best.inverse is not None:
        return (INVERTIBLE,)
    return (LEAST_SQUARES,) if best.given else ()


def least(problem: Problem, best: Optimum, context: Context) -> str:
    """L* as index text without expectations, where the language can say it."""
    reading = Reading(context, problem.model.squares)
    variance = problem.mean(f"{problem.target}^2")
    gain = problem.mean(f"({best.best})*{problem.target}")
    try:
        return _difference(reading, variance, gain)
    except Unwritable:
        return f"{variance} - {gain}"


def _difference(reading: Reading, one: str, two: str) -> str:
    """one - two as index text, the scalar terms of the two kept apart."""
    import sympy

    left, right = reading.parts(one), reading.parts(two)
    scalars = sympy.expand(left.pop((), 0)), sympy.factor(right.pop((), 0))
    rest = {ids: sympy.cancel(left.get(ids, 0) - right.get(ids, 0)) for ids in {**left, **right}}
    texts = [scalar_text(x) for x in (scalars[0], -scalars[1]) if x != 0]
    written = reading.written({ids: x for ids, x in rest.items() if x != 0})
    text = " + ".join((*texts, *([written] if written != "0" else [])))
    return text.replace("+ -", "- ") or "0"


def best_text(problem: Problem, best: Optimum) -> str:
    """The best prediction with identities contracted, the statistics s, S, q kept by name."""
    names, context = problem.layer.names, problem.reduced
    shapes = {names["s"]: 1, names["S"]: 2, names["q"]: 0, QUERY: 1}
    shapes |= dict.fromkeys(problem.model.matrices, 2)
    own = tuple(Tensor(name, (FEATURE,) * rank) for name, rank in shapes.items())
    if best.outputs:
        sorts = {names["s"]: (FEATURE, OUTPUT), names["q"]: (OUTPUT, OUTPUT)}
        own = tuple(replace(one, sorts=sorts.get(one.name, one.sorts)) for one in own)
    fixed = tuple(a for a in (*context.arrays, *best.unknowns) if isinstance(a, Tensor))
    scalars = tuple(Scalar(one.name) for one in best.definitions if not one.parameters)
    fixed += tuple(
        Tensor(one.name, tuple(context.letters[i] for i in one.parameters))
        for one in best.definitions
        if one.parameters
    )
    shown = Context(
        context.sorts, context.scalars + scalars, arrays=(*own, *(a for a in fixed if a not in own))
    )
    return Reading(shown).text(best.best)


def trivial(setup: Setup) -> Families:
    """The layer predicts the best prediction: the one case that always serves."""
    same = Atom("same", setup.problem.prediction, setup.predicted)
    tree = Conclude(0, {"same": By(setup.at(GAP))})
    return Families(tree, ((same,),), (setup.at("same"),))


def in_letters(setup: Setup) -> Context:
    """The context in which the reduced parameters are tensors and the prediction is in them."""
    problem, best = setup.problem, setup.best
    return replace(
        problem.reduced,
        arrays=(*problem.reduced.arrays, *best.unknowns),
        definitions=(*problem.reduced.definitions, *best.definitions),
        given=setup.context.given,
        instances=(),
    )


def explicit(setup: Setup, progress: Progress | None = None) -> Families:
    """All weights for which the gap vanishes, found by search; conditions on the letters."""
    from verifier.prover.search.case_tree import equality  # slow: a list of theorems finds none

    problem, best = setup.problem, setup.best
    found = equality(
        in_letters(setup),
        tuple(best.features.values()),
        tuple(letter.name for letter in problem.layer.letters),
        outputs=problem.layer.outputs,
        taken=setup.context.taken,
        progress=progress,
    )
    return Families(found.tree, found.cases, found.converses)


def bound_steps(setup: Setup) -> tuple[Step, ...]:
    """L = L* + E gap^2, and so L >= L*."""
    square = Square("1", setup.gap)
    objective = setup.problem.objective
    decomposition = Atom("decomposition", objective, f"{setup.value} + {setup.mean_square()}")
    bound = Atom(BOUND, objective, setup.value, ">=")
    rest = setup.remainder
    return (
        Step(
            "decomposition",
            Claim((), ((decomposition,),)),
            Conclude(0, {"decomposition": By(rest)}),
            claim="decomposition",
        ),
        Step(
            "bound",
            Claim((), ((bound,),)),
            Conclude(0, {BOUND: By(rest, squares=(square,))}),
            claim="bound",
        ),
    )


def minimum_steps(
    setup: Setup, families: Families, values: tuple[Definition, ...]
) -> tuple[Step, ...]:
    """The equality case, its converses, the minimum at these weights."""
    objective, square = setup.problem.objective, Square("1", setup.gap, GAP)
    at = Atom(AT, objective, setup.value)
    rest = setup.remainder
    equality = Null((square,), By(f"{AT} - ({rest})"), families.tree)
    steps = [Step("equality", Claim((at,), families.cases), equality, claim="equality")]
    before = families.before or ((),) * len(families.cases)
    for number, (case, reason, first) in enumerate(
        zip(families.cases, families.converses, before, strict=True), 1
    ):
        product = setup.problem.mean(f"({setup.gap})*{setup.at('vanishes')}")
        leaf = Conclude(0, {AT: By(f"({rest}) + {product}")})
        tree = _vanishing(setup, reason, leaf)
        for atom, by in reversed(first):
            tree = Derive(atom, by, tree)
        steps.append(Step(f"converse {number}", Claim(case, ((at,),)), tree))
    minimum = Minimum(objective, setup.value, setup.problem.layer.parameters, families.cases)
    uses = ("bound", *(step.name for step in steps))
    attained = Attained(_case_of(setup, families, values), values)
    return (*steps, Step("minimum", minimum, attained, uses, "minimum"))


def _case_of(setup: Setup, families: Families, values: tuple[Definition, ...]) -> int:
    """The first case whose equations hold at these weights."""
    context, own = setup.context, {value.name for value in values}
    letters = {one.name for one in setup.problem.layer.definitions}
    before = tuple(x for x in context.definitions if x.name not in letters)
    after = tuple(x for x in context.definitions if x.name in letters)
    special = replace(
        context,
        arrays=tuple(array for array in context.arrays if array.name not in own),
        definitions=(*before, *values, *after),
        instances=(),
    )
    reading = Reading(special)
    for number, case in enumerate(families.cases):
        if all(reading.vanishes(f"({atom.left}) - ({atom.right})") for atom in case):
            return number
    return 0


def _vanishing(setup: Setup, reason: str, then: Tree) -> Tree:
    return Derive(Atom("vanishes", setup.gap), By(reason), then)


def prediction_step(setup: Setup, predicted: str) -> Step:
    """What the layer predicts wherever the loss is L*."""
    at = Atom(AT, setup.problem.objective, setup.value)
    result = Atom("prediction", setup.problem.prediction, predicted)
    leaf = Conclude(0, {"prediction": By(setup.at(GAP))})
    tree = Null((Square("1", setup.gap, GAP),), By(f"{AT} - ({setup.remainder})"), leaf)
    return Step("prediction", Claim((at,), ((result,),)), tree, claim="prediction")


def proof(setup: Setup, steps: tuple[Step, ...]) -> Proof:
    """The steps in their context."""
    return Proof("the best layer", setup.context, steps)
