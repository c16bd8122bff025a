"""What a proved step rests on, for a reader: lemmas, hypotheses, inverses (floor 3; stdlib only).

The lemmas are those that the checker names, and assumptions in words are the context's, as in the
report of a check. Hypotheses are read off the certificates, of the step
and of all steps that it uses: a combination may name an assumed equation. A declared inverse needs
no mention to be used, so it counts wherever both matrices occur. With none of these a statement is
arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.document.mentions import texts
from verifier.proof.checker import Checked, Step, unfolded
from verifier.proof.expression import symbols

_EXPRESSIONS = frozenset({"left", "right", "combination", "times", "body"})


def rests_on(checked: Checked, before: Mapping[str, Checked]) -> str:
    """One line. ``before`` has the accepted steps of the proof by name."""
    hypotheses, inverses = assumed_in(checked, before)
    parts = sorted(checked.axioms) + [f"assumed: {x}" for x in checked.context.assumptions]
    if hypotheses:
        parts.append(f"the {_plural('hypothesis', hypotheses)} {', '.join(hypotheses)}")
    parts += [f"{one} and {two} being inverse" for one, two in inverses]
    return "; ".join(parts) or "arithmetic alone"


def assumed_in(
    checked: Checked, before: Mapping[str, Checked]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The hypotheses named by the certificates, and the inverses that may have been cancelled."""
    context = checked.context
    names: set[str] = set()
    for step in _behind(checked.step, before):
        sources = (*texts(step.statement), *_expressions(step.certificate))
        names |= {symbol.name for node in unfolded(context, sources) for symbol in symbols(node)}
    hypotheses = tuple(h.name for h in context.hypotheses if h.name in names)
    return hypotheses, tuple(pair for pair in context.inverses if set(pair) <= names)


def _behind(step: Step, before: Mapping[str, Checked]) -> Iterator[Step]:
    """The step and all that it uses, directly or not, each once."""
    queue, seen = [step], {step.name}
    while queue:
        current = queue.pop()
        yield current
        for name in current.uses:
            if name not in seen and name in before:
                seen.add(name)
                queue.append(before[name].step)


def _expressions(data: Any) -> Iterator[str]:
    """Every expression of an accepted certificate."""
    if isinstance(data, list | tuple):
        for entry in data:
            yield from _expressions(entry)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            if key in _EXPRESSIONS and isinstance(value, str):
                yield value
            else:
                yield from _expressions(value)


def _plural(word: str, counted: tuple[str, ...]) -> str:
    return word if len(counted) == 1 else word.removesuffix("is") + "es"
