"""Theorem files on the prover: proofs written as settings, with a person's steps beside them.

    PARTS = (
        Part("minimisers", SETTING, shows("minimum", "prediction"), claimed=("minimum_loss",)),
        Part("any task", ANY_TASK, {"minimum": "any-minimum"}),
    )
    THEOREM = Theorem(..., derive=lambda claimed: derivation(PARTS, claimed), ...)

A part is a setting in TOML; the prover writes its proof. Which of its steps show which claims of
the theorem is said by name: decomposition, bound, equality, minimum, prediction, optimal-P and,
where one head does not attain the bound, heads-minimum and heads-prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from verifier.proof.context import Array, Atom, Context, Definition, Point, Scalar
from verifier.proof.statements import Proof, Step
from verifier.prover.data_model import HEAD_LETTERS, KEY_LETTERS, DataModel, with_spare_letters
from verifier.prover.layer import LayerOptions
from verifier.prover.named_readout import Readout
from verifier.prover.setting_file import SymbolicSetting, parse_symbolic
from verifier.prover.steps import defined, equation
from verifier.prover.used_letters import with_used_letters
from verifier.theorem.theorem import Derivation, Filling, Options, Progress, Table

if TYPE_CHECKING:  # what solves is slow to import, and a list of the theorems solves nothing
    from verifier.prover.projection import Families, Setup
    from verifier.prover.solution import Solution

Claims = Mapping[str, str]
Steps = tuple[Step, ...]
NOTHING = DataModel(scalars=())


def shows(*names: str, prefix: str = "") -> dict[str, str]:
    """These steps show the theorem's claims of the same names, after a prefix."""
    return {name: f"{prefix}{name}" for name in names}


def also(
    scalars: Sequence[Scalar] = (),
    arrays: Sequence[Array] = (),
    definitions: Sequence[str | Definition] = (),
    moments: Sequence[str | Atom] = (),
    given: Sequence[str | Atom] = (),
    values: Sequence[str | Definition] = (),
    assumptions: Sequence[str] = (),
) -> DataModel:
    """What a part declares beside its setting, equations and definitions as text.

    ``values`` of the arrays and scalars, at which all that is given holds where the sizes are small
    and the matrices of the setting are the identity.
    """
    return DataModel(
        scalars=tuple(scalars),
        arrays=tuple(arrays),
        definitions=tuple(defined(x) if isinstance(x, str) else x for x in definitions),
        moments=tuple(equation(x) if isinstance(x, str) else x for x in moments),
        given=tuple(equation(x) if isinstance(x, str) else x for x in given),
        values=tuple(defined(x) if isinstance(x, str) else x for x in values),
        assumptions=tuple(assumptions),
    )


def no_steps(_setup: Setup) -> Steps:
    """Nothing is added."""
    return ()


def point(*values: str) -> Filling:
    """Values at which a false claim is likely to show, as ``G[i,j] = delta[i,j]`` or ``r = 1``."""
    return tuple(map(defined, values))


@dataclass(frozen=True, slots=True)
class Part:
    """One proof of a theorem: a setting, and the theorem's claims by the names of its steps.

    ``claimed`` names what a user may put in place of what is derived here: learning_rate,
    minimum_loss, prediction, minimisers, precision (the inverse of the readout) or readout, each
    with the theorem's own name of it. ``more`` declares what further steps speak of, ``readout``
    names the optimal readout, ``families`` are all minimisers as a person shows them. ``steps`` are
    further steps, or write them from what is claimed, or else derived, and ``extra`` writes them
    from the proof's own context and texts. A part that shows nothing of the best layer has these
    steps alone, in a context without the layer unless they speak of it (``layer``). The setting is
    a text in TOML, or one that no file can say; ``points`` are instances of one whose data model
    has none of its own.
    """

    name: str
    setting: str | SymbolicSetting
    shows: Mapping[str, str]
    claimed: Mapping[str, str] = field(default_factory=dict)
    more: DataModel = NOTHING
    readout: Readout | None = None
    families: Callable[[Setup], Families] | None = None
    steps: Steps | Callable[[Claims], Steps] = ()
    extra: Callable[[Setup], Steps] = no_steps
    points: tuple[Point, ...] = ()
    layer: bool = False

    @property
    def solution(self) -> Solution:
        """The solution of the setting, with spare letters where a person's texts are beside it."""
        spare = self.extra is no_steps
        return solved(self.setting, self.name, self.more, self.readout, spare)


def attacks(
    parts: Sequence[Part], derivation: Derivation, options: Options, progress: Progress
) -> tuple[Table, ...]:
    """The numerical attacks on the settings of these parts."""
    from verifier.prover.attack import tables

    found: list[Table] = []
    for part in parts:
        names = (part.name, heads_name(part.name))
        own = tuple(proof for proof in derivation.proofs if proof.name in names)
        found += tables(part.solution, replace(derivation, proofs=own), options, progress)
    return tuple(found)


def heads_name(name: str) -> str:
    """The name of the proof about d + 1 heads in the setting of a part."""
    return f"{name}, d + 1 heads"


def derivation(
    parts: Sequence[Part],
    claimed: Claims,
    fillings: tuple[Filling, ...] = (),
    others: tuple[Proof, ...] = (),
) -> Derivation:
    """The proofs of all parts, then ``others``; the results are those of the first part."""
    proofs: list[Proof] = []
    points: list[Filling] = []
    for part in parts:
        solution = part.solution
        proofs += _proofs(part, solution, claimed)
        points += solution.fillings
    first = parts[0].solution
    shown = tuple(map(with_used_letters, proofs))
    suggested = tuple(dict.fromkeys((*fillings, *points)))
    return Derivation((*shown, *others), first.results(), suggested)


@cache
def solved(
    setting: str | SymbolicSetting,
    name: str,
    more: DataModel = NOTHING,
    readout: Readout | None = None,
    spare: bool = False,
) -> Solution:
    """The solution of a setting, with further declarations.

    ``spare``: with the further index letters that people use in steps beside it.
    """
    from verifier.prover.solution import Solution, silent

    read = setting
    if not isinstance(read, SymbolicSetting):
        read = parse_symbolic(read.encode("utf-8"), name)
    if not spare:
        return Solution(read, silent, readout)
    declared = (*more.scalars, *more.arrays, *more.definitions, *more.given)
    others = {*(one.name for one in declared), *layer_letters(read.layer)}
    sorts = with_spare_letters(read.model.context(), others)
    model = replace(read.model, sorts=sorts).joined(more)
    return Solution(replace(read, model=model), silent, readout)


def layer_letters(options: LayerOptions) -> tuple[str, ...]:
    """The index letters of heads and of rows of W_K, where the layer has such."""
    heads = HEAD_LETTERS if options.heads != "1" else ()
    return (*heads, *(KEY_LETTERS if options.key_dimension else ()))


def _proofs(part: Part, solution: Solution, claimed: Claims) -> list[Proof]:
    """The proof of a part and, where it needs more heads, the one for those."""
    named = {key: claimed[own] for key, own in part.claimed.items() if own in claimed}
    setup = solution.setup(named)
    if part.points:
        setup = replace(setup, context=replace(setup.context, instances=part.points))
    said = {name: text for name, text in solution.results().items() if isinstance(text, str)}
    further = part.steps({**said, **claimed}) if callable(part.steps) else part.steps
    if not part.shows:
        return [Proof(part.name, setup.context if part.layer else data_of(setup), further)]
    families = part.families(setup) if part.families else solution.families(named)
    steps = solution.steps(setup, families, named)
    shown = tuple(_renamed(step, part.shows) for step in steps)
    proofs = [Proof(part.name, setup.context, (*shown, *further, *part.extra(setup)))]
    heads = solution.heads_proof(named)
    if heads is not None:
        own = {key.removeprefix("heads-"): v for key, v in part.shows.items() if "heads-" in key}
        moved = tuple(_renamed(step, own) for step in heads.steps)
        proofs.append(Proof(heads_name(part.name), heads.context, moved))
    return proofs


def data_of(setup: Setup) -> Context:
    """The context without the layer: prompts, their statistics, and names of coefficients."""
    problem, context = setup.problem, setup.context
    parts = {one.name for one in problem.layer.definitions}
    parts |= {one.name for one in problem.layer.weights}
    instances = tuple(
        replace(one, values=tuple(x for x in one.values if x.name not in parts))
        for one in context.instances
    )
    return replace(
        context,
        arrays=tuple(x for x in context.arrays if x.name not in parts),
        definitions=tuple(x for x in context.definitions if x.name not in parts),
        instances=instances,
    )


def _renamed(step: Step, claims: Mapping[str, str]) -> Step:
    return replace(step, claim=claims.get(step.claim, ""))
