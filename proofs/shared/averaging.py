"""The averaging lemma: symmetric tensors of rank 1 to 4 that rotations leave as they are.

A mean over all rotations is a tensor t that each rotation leaves as it is. Differentiated where a
rotation in the plane of p and q begins, that says ``turned``: with each index of t in turn, where
it is p, exchanged for q, minus the same with p and q exchanged, the sum is 0. Summed over p and the
first index it gives, for a symmetric t of rank r,

    (d + r - 2) t_{q j...} = sum over the other indices k of delta_{q k} T,    T a trace of t,

and summed once more the same for T. So t vanishes for odd r (d >= 2) and is a multiple of the
pairings for even r. These are steps of a proof; no rule of the checker knows full rotations.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofs.shared.layer import DIMENSION
from verifier.proof.context import Context, Sort, Tensor
from verifier.proof.statements import By, Proof, Step
from verifier.prover.data_model import FEATURE
from verifier.prover.steps import identity

FREE, INNER = "qjlm", "ijlm"  # the free indices of t, and the letters of ``turned``
PAIRINGS = "delta[q,j]*delta[l,m] + delta[q,l]*delta[j,m] + delta[q,m]*delta[j,l]"
RESULTS = {
    1: "(d-1)*t1[q] = 0",
    2: "d*t2[q,j] = delta[q,j]*sum[p](t2[p,p])",
    3: "(d-1)*t3[q,j,l] = 0",
    4: f"d*(d+2)*t4[q,j,l,m] = ({PAIRINGS})*sum[p,i](t4[p,p,i,i])",
}


def averaging() -> Proof:
    """One step for each rank, claims ``averaging-1`` to ``averaging-4``."""
    context = Context(
        sorts=(Sort(FEATURE, "d", ("i", "j", "l", "m", "p", "q")),),
        scalars=(DIMENSION,),
        arrays=tuple(Tensor(f"t{rank}", (FEATURE,) * rank, "any tensor") for rank in RESULTS),
    )
    return Proof("tensors that rotations leave as they are", context, tuple(map(_step, RESULTS)))


def _step(rank: int) -> Step:
    given = turned(rank), *symmetric(rank)
    return identity(f"averaging-{rank}", RESULTS[rank], _why(rank), given)


def turned(rank: int) -> str:
    """The derivative of t along the rotation that takes p to q."""
    letters = INNER[:rank]
    terms = (
        f"{sign}delta[{one},{letter}]*{_entry(rank, _put(letters, k, two))}"
        for k, letter in enumerate(letters)
        for sign, one, two in ((" + ", "p", "q"), (" - ", "q", "p"))
    )
    return f"turned: {''.join(terms).removeprefix(' + ')} = 0"


def symmetric(rank: int) -> tuple[str, ...]:
    """t stays when neighbouring indices are exchanged."""
    letters = INNER[:rank]
    return tuple(
        f"symmetric{k}: {_entry(rank, letters)} = {_entry(rank, _exchanged(letters, k))}"
        for k in range(1, rank)
    )


def _why(rank: int) -> By:
    """The traces of ``turned``, once for odd t, and for even ones until no trace is left."""
    once = _traced(rank)
    match rank:
        case 3:
            twice = "delta[q,{0}]*sum[p,i](turned[p,i,{1},i,p])"
            both = f"{twice.format('j', 'l')} + {twice.format('l', 'j')}"
            return By(f"(d-1)*({once}) + {both}", "d+1")
        case 4:
            pairs = (("j", "l", "m"), ("l", "j", "m"), ("m", "j", "l"))
            traces = (f"delta[q,{k}]*({_twice_traced(*rest)})" for k, *rest in pairs)
            return By(f"d*({once}) + {' + '.join(traces)}")
    return By(once)


def _traced(rank: int) -> str:
    """Why (d + r - 2) t = sum of delta T: the trace of ``turned``, indices put in one order."""
    own = FREE[:rank]
    text = f"sum[p](turned[p,p,{','.join(own)}])"
    for k in range(1, rank):
        text += f" - ({_moved(_put(_put(own, k, 'q'), 0, own[k]), own)})"
        trace = _put(_put(own, k, "p"), 0, "p")
        first = "pp" + own[1:k] + own[k + 1 :]
        text += f" + delta[q,{own[k]}]*sum[p]({_moved(trace, first)})"
    return text


def _twice_traced(one: str, two: str) -> str:
    """Why d T = delta tr T for the trace T of a tensor of rank 4."""
    return f"sum[p,i](turned[p,i,{one},i,p,{two}]) - sum[i](symmetric3[i,i,{two},{one}])"


def _moved(one: str, two: str) -> str:
    """t at some indices minus t at the same in another order: neighbours exchanged in turn."""
    terms = []
    for k, letter in enumerate(two):
        for at in range(one.index(letter, k), k, -1):
            terms.append(f"symmetric{at}[{','.join(one)}]")
            one = _exchanged(one, at)
    return " + ".join(terms) or "0"


def _exchanged(letters: str, k: int) -> str:
    return letters[: k - 1] + letters[k] + letters[k - 1] + letters[k + 1 :]


def _put(letters: str, k: int, letter: str) -> str:
    return letters[:k] + letter + letters[k + 1 :]


def _entry(rank: int, letters: Sequence[str]) -> str:
    return f"t{rank}[{','.join(letters)}]"
