"""The lemmas on which an accepted step rests.

Trusted.
"""

from __future__ import annotations

from .atoms import Atoms
from .context import Hat
from .statements import Square, Step, parts, texts

ISSERLIS = "Isserlis' theorem (Isserlis 1918; Wick 1950): Gaussian moments are sums over pairings"
FUBINI = "Fubini: the sources are independent, so they are integrated one after the other"
CUMULANTS = (
    "Moebius inversion over partitions: means of products over independent draws (Rota 1964)"
)
ISOTROPY = (
    "averaging over rotations of the axes: what they leave as it is, is a multiple of I, or 0"
)
FAITHFUL = "a square has non-negative expectation, zero only if it vanishes almost surely"
RIDGE = "X X' (X X' + c I)^+ solves H (X X' + c I) = X X' for every X and c >= 0 (Penrose 1955)"


def lemmas_of(here: Atoms, step: Step) -> set[str]:
    """The lemmas behind the rules that a step could use, not those of the steps it uses."""
    found: set[str] = set()
    context = here.context
    written = [*texts(step.statement), *texts(step.certificate)]
    trees = [node for name in here.reached(written) for node in here.stands_for(name)]
    trees += [here.read(text) for text in written]
    terms = [here.read(one.term) for one in parts(step.certificate) if isinstance(one, Square)]
    means = any(here.meaning.random(here.meaning.value(term)) for term in terms)
    if means or any(here.mentioned(tree)[1] for tree in trees):
        found |= {FUBINI}
        found |= {ISSERLIS} if here.meaning.variances else set()
        found |= {CUMULANTS} if context.laws else set()
        found |= {ISOTROPY} if any(h.isotropic for h in context.hidden) else set()
    if any(isinstance(array, Hat) for array in context.arrays):
        found.add(RIDGE)
    if terms:
        found.add(FAITHFUL)
    return found
