"""Proofs in another shape: sides swapped, everything on the left, scaled, reordered.

Where a change of shape changes what a certificate says (the sign of its combination, the number of
a case), the certificate is changed with it, and only there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from verifier.proof.context import Atom
from verifier.proof.statements import Attained, By, Cite, Claim, Conclude, Minimum, Proof, Step


def _by_step(change: Callable[[Step], Step]) -> Callable[[Proof], Proof]:
    return lambda proof: replace(proof, steps=tuple(map(change, proof.steps)))


def _identity(step: Step) -> tuple[Atom, By] | None:
    """The one equation that a step without premises concludes at once, and why."""
    match step.statement, step.certificate:
        case Claim((), ((Atom(name, _, _, "=") as atom,),)), Conclude(0, by):
            return atom, by.get(name, By())
    return None


def _factor(front: str) -> Callable[[Step], Step]:
    """Both sides times a number, and the combination with them."""

    def change(step: Step) -> Step:
        found = _identity(step)
        if found is None:
            return step
        atom, by = found
        scaled = Atom(atom.name, f"{front}({atom.left})", f"{front}({atom.right})")
        why = replace(by, combination=f"{front}({by.combination})")
        return _concluding(step, scaled, why)

    return change


def _concluding(step: Step, atom: Atom, by: By) -> Step:
    certificate = Conclude(0, {atom.name: by})
    return replace(step, statement=Claim((), ((atom,),)), certificate=certificate)


def _swapped(step: Step) -> Step:
    found = _identity(step)
    if found is None:
        return step
    atom, by = found
    turned = Atom(atom.name, atom.right, atom.left)
    return _concluding(step, turned, replace(by, combination=f"-({by.combination})"))


def _to_the_left(proof: Proof) -> Proof:
    """left - right = 0 for left = right; atoms that a minimum compares stay."""
    minima = [step.statement for step in proof.steps if isinstance(step.statement, Minimum)]
    kept = {(minimum.objective, minimum.value) for minimum in minima}

    def moved(atom: Atom) -> Atom:
        if atom.relation != "=" or atom.right == "0" or (atom.left, atom.right) in kept:
            return atom
        return Atom(atom.name, f"({atom.left}) - ({atom.right})", "0")

    def change(step: Step) -> Step:
        cases = tuple(tuple(map(moved, case)) for case in step.statement.cases)
        if isinstance(step.statement, Claim):
            given = tuple(map(moved, step.statement.given))
            return replace(step, statement=Claim(given, cases))
        return replace(step, statement=replace(step.statement, cases=cases))

    return _by_step(change)(proof)


def _parameters_reversed(step: Step) -> Step:
    if isinstance(step.statement, Minimum):
        turned = step.statement.parameters[::-1]
        return replace(step, statement=replace(step.statement, parameters=turned))
    return step


def _atoms_reversed(step: Step) -> Step:
    """Within each case, and of the premises."""
    cases = tuple(case[::-1] for case in step.statement.cases)
    if isinstance(step.statement, Claim):
        return replace(step, statement=Claim(step.statement.given[::-1], cases))
    return replace(step, statement=replace(step.statement, cases=cases))


def _cases_reversed(proof: Proof) -> Proof:
    """The cases of every statement in the other order, and what certificates say of them."""
    count = {step.name: len(step.statement.cases) for step in proof.steps}

    def change(step: Step) -> Step:
        last = count[step.name] - 1

        def follow(part: Any) -> Any:
            if isinstance(part, Conclude | Attained):
                part = replace(part, case=last - part.case)
            if isinstance(part, Cite):
                return replace(part, branches=tuple(map(follow, part.branches[::-1])))
            if isinstance(part, tuple):
                return tuple(map(follow, part))
            if is_dataclass(part) and not isinstance(part, type):
                values = {x.name: getattr(part, x.name) for x in fields(part)}
                return type(part)(
                    **{
                        name: value if isinstance(value, str | int | Mapping) else follow(value)
                        for name, value in values.items()
                    }
                )
            return part

        turned = replace(step.statement, cases=step.statement.cases[::-1])
        uses = step.uses
        if isinstance(step.statement, Minimum):
            uses = (*uses[:2], *uses[:1:-1])
        return replace(step, statement=turned, certificate=follow(step.certificate), uses=uses)

    return replace(proof, steps=tuple(map(change, proof.steps)))


def _premise_added(proof: Proof) -> Proof:
    """0 = 0 among the premises of what no other step uses or cites."""
    text = repr([(step.uses, step.certificate) for step in proof.steps])

    def change(step: Step) -> Step:
        if isinstance(step.statement, Claim) and repr(step.name) not in text:
            given = (*step.statement.given, Atom("always", "0", "0"))
            return replace(step, statement=replace(step.statement, given=given))
        return step

    return _by_step(change)(proof)


def declared_backwards(proof: Proof) -> Proof:
    """Declarations in the other order; definitions stay, each after what it uses."""
    names = ("sorts", "scalars", "hidden", "laws", "arrays", "moments", "given", "instances")
    turned = {name: getattr(proof.context, name)[::-1] for name in names}
    return replace(proof, context=replace(proof.context, **turned))


SHAPES: dict[str, Callable[[Proof], Proof]] = {
    "sides swapped": _by_step(_swapped),
    "all on the left": _to_the_left,
    "times 3": _by_step(_factor("3*")),
    "times -1": _by_step(_factor("-")),
    "parameters permuted": _by_step(_parameters_reversed),
    "equations permuted": _by_step(_atoms_reversed),
    "cases permuted": _cases_reversed,
    "premise 0 = 0 added": _premise_added,
}
