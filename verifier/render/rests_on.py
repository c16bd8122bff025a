"""What a proved step rests on, for a reader: lemmas, hypotheses, moments (stdlib only).

The lemmas are those that the checker names, the assumptions in words those of the context. A
hypothesis counts where a certificate, of the step or of one that it uses, names it, and where all
of its arrays occur, for the checker cancels inverses without being told; the moments of a law count
wherever its draws occur. With none of these a statement is arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.proof.context import Atom, Context
from verifier.proof.rules import Checked
from verifier.proof.statements import Cite, Step, parts, texts
from verifier.proof.syntax import names
from verifier.render.document import Pieces, joined
from verifier.render.free_names import laws_of, reached
from verifier.render.saying import system


def rests_on(context: Context, checked: Checked, before: Mapping[str, Checked]) -> Pieces:
    """One line. ``before`` has the accepted steps of the proof by name."""
    hypotheses, moments = assumed_in(context, checked, before)
    shown: list[Pieces] = [(lemma,) for lemma in sorted(checked.lemmas)]
    shown += [(f"assumed: {text}",) for text in context.assumptions]
    for word, atoms in (("given ", hypotheses), ("given moment ", moments)):
        shown += [(word, *system(context, (atom,))) for atom in atoms]
    return joined(shown, "; ") or ("arithmetic alone",)


def assumed_in(
    context: Context, checked: Checked, before: Mapping[str, Checked]
) -> tuple[tuple[Atom, ...], tuple[Atom, ...]]:
    """The hypotheses and the moments on which the step may rest."""
    steps = list(_behind(checked.step, before))
    sources = [text for step in steps for part in _both(step) for text in texts(part)]
    used = reached(context, sources)
    arrays = {array.name for array in context.arrays}
    hypotheses = []
    for atom in context.given:
        own = (names(context.read(atom.left)) | names(context.read(atom.right))) & arrays
        if atom.name in used or (own and own <= used):
            hypotheses.append(atom)
    moments = (atom for atom in context.moments if laws_of(context, atom) & used)
    return tuple(hypotheses), tuple(moments)


def _both(step: Step) -> tuple[object, object]:
    return step.statement, step.certificate


def _behind(step: Step, before: Mapping[str, Checked]) -> Iterator[Step]:
    """The step and all that it uses or cites, directly or not, each once."""
    queue, seen = [step], {step.name}
    while queue:
        current = queue.pop()
        yield current
        cited = [part.step for part in parts(current.certificate) if isinstance(part, Cite)]
        for name in (*current.uses, *cited):
            if name not in seen and name in before:
                seen.add(name)
                queue.append(before[name].step)
