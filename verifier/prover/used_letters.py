"""Proofs with the index letters that they use, of the many among which the prover chooses."""

from __future__ import annotations

import re
from dataclasses import replace

from verifier.proof.statements import Proof

_WORD = re.compile(r"[A-Za-z]\w*")


def with_used_letters(proof: Proof) -> Proof:
    """The proof without index letters of several signs, such as i17, that stand nowhere in it."""
    context = proof.context
    texts = (
        *(context.laws, context.arrays, context.definitions, context.moments, context.given),
        *(context.instances, proof.steps),
    )
    used = set(_WORD.findall(repr(texts)))
    sorts = tuple(
        replace(sort, letters=tuple(x for x in sort.letters if len(x) == 1 or x in used))
        for sort in context.sorts
    )
    return replace(proof, context=replace(context, sorts=sorts))
