"""A user's claim as typed, in the index language of the proofs (not trusted).

What the program prints, a user can type: ``−d n/(d + n + σ² + 1)``, ``1/(n+d+1+sigma^2)``, ``**``,
and for a matrix ``(n+1) Λ + (tr(Λ Γ) + σ²) Γ⁻¹``, which becomes the entry
``(n+1)*Lambda[i,j] + ...``. The checker reads the result with its own grammar, so an error here can
only put a wrong claim into words that are then proved or refuted as they stand.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from verifier.proof.statements import Proof
from verifier.proof.syntax import ProofError, names, parse
from verifier.setting.spelling import plain_formula, starred_products
from verifier.words.letters import Chain

ROW, COLUMN = "i", "j"
_MATRIX_ONLY = re.compile(
    r"(?<![A-Za-z0-9_])tr\s*\(|\^\s*\(?\s*-|(?<![A-Za-z0-9_])I(?![A-Za-z0-9_])"
)
# The query is printed with the index n + 1, an entry with its indices below the letter.
_PRINTED = {"ŷₙ₊₁": " yhat ", "xₙ₊₁": " xq", "yₙ₊₁": " yq ", "εₙ₊₁": " eq ", "ε": " e"}
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_INDEX = dict(zip("ᵢⱼₖₗₘₙₒₚₛₜₕᵣᵤᵥ", "ijklmnopsthruv", strict=True))
_INNER = ("l", "m", "o", "p", "u", "v")  # index letters of the proofs about matrices
_INDEX_RUN = re.compile(f"(∑|δ)?([{''.join(_INDEX)}]+)(?!₊)")
_WHOLE_INVERSE = re.compile(r"\((.*)\)\s*\^\s*(?:-\s*1|\(\s*-\s*1\s*\))")
_FOR_ALL = re.compile(r"\s+for\s+all\s+\w+(\s*,\s*\w+)*(?=\s*(?:$|\||;|\bor\b))")
_OR = re.compile(r"\s+or\s+")
_SPREAD = re.compile(r"[|;,]|=")


def claim_text(text: str, variance: bool = True) -> str:
    """The claim in plain spelling with every product written; the structure ``|``, ``;``, ``=`` of
    systems stays. ``variance``: sigma^2 is sigma2.

    ProofError, or ValueError for a matrix formula, where it cannot be read.
    """
    plain = plain_formula(_indices_written(_systems_written(text)), variance).strip()
    if _MATRIX_ONLY.search(plain) and not _SPREAD.search(plain) and "[" not in plain:
        return _matrix_entry(plain)
    starred = starred_products(plain)
    for side in _sides(starred):
        parse(side, _letters(side))
    return starred


def _systems_written(text: str) -> str:
    """``a = 0, b c = 0 for all i, j or d = 1`` as it is printed: ``a = 0; b c = 0| d = 1``."""
    pieces, depth = [], 0
    for letter in _OR.sub("|", _FOR_ALL.sub(" ", text)):
        depth += (letter in "([") - (letter in ")]")
        pieces.append(";" if letter == "," and depth == 0 else letter)
    return "".join(pieces)


def _indices_written(text: str) -> str:
    """Indices below the letters as the index language writes them: ``∑ᵢ xₙ₊₁[i] sᵢ`` is
    ``sum[i](xq[i] s[i])``, the sum reaching to the end of its product.
    """
    for shown, plain in _PRINTED.items():
        text = text.replace(shown, plain)
    text = text.translate(_DIGITS)
    pieces: list[str] = []
    closings: list[int] = []
    at = depth = 0
    while at < len(text):
        match = _INDEX_RUN.match(text, at)
        if match:
            named = {"∑": " sum", "δ": " delta"}.get(match[1], "")
            pieces.append(f"{named}[{','.join(_INDEX[x] for x in match[2])}]")
            if match[1] == "∑":
                pieces.append("(")
                closings.append(depth)
            at = match.end()
            continue
        letter = text[at]
        ends = letter in "+-−)" if closings and closings[-1] == depth else False
        while ends and closings and closings[-1] == depth:
            pieces.append(")")
            closings.pop()
        depth += (letter == "(") - (letter == ")")
        pieces.append(letter)
        at += 1
    return "".join(pieces) + ")" * len(closings)


def _letters(text: str) -> dict[str, str]:
    """Whatever stands between brackets as index letters, to read the rest of the grammar."""
    found = [
        name.strip() for inside in re.findall(r"\[([^\]]*)\]", text) for name in inside.split(",")
    ]
    return dict.fromkeys(found, "")


def _sides(text: str) -> list[str]:
    return [side for side in re.split(r"[|;=]", text) if side.strip()]


def inverted(text: str) -> str:
    """The matrix M where the text is ``(M)^-1``. ProofError where it is not."""
    plain = plain_formula(text).strip()
    match = _WHOLE_INVERSE.fullmatch(plain)
    if match is None or not _balanced(match[1]):
        raise ProofError(f"it is claimed by its inverse: write (...)^-1, not {plain[:40]!r}")
    return match[1]


def is_inverse(text: str) -> bool:
    """Whether the text is ``(M)^-1``."""
    match = _WHOLE_INVERSE.fullmatch(plain_formula(text).strip())
    return match is not None and _balanced(match[1])


def refuse_inverse(text: str, key: str, inverses: Mapping[str, str]) -> None:
    """ProofError where ``key`` is the inverse of another quantity and is claimed as (M)^-1."""
    if is_inverse(text):
        for name, inverse in inverses.items():
            if inverse == key:
                raise ProofError(f"{key} is the inverse of {name}; claim {name}=(...)^-1")


def _balanced(text: str) -> bool:
    """Whether the brackets of the text close inside it."""
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _matrix_entry(text: str) -> str:
    """A matrix formula as its entry (i, j)."""
    from verifier.moments.question import expectation

    answer = expectation(text)
    if answer.is_scalar or answer.rows != answer.cols:
        return starred_products(text)
    terms = []
    for term in answer.terms:
        factors = [f"({term.coefficient})".replace("**", "^")]
        for word, exponent in term.words:
            factors += [_sum(word, closed=True)] * exponent
        factors.append(_sum(term.chain, closed=False) if term.chain else f"delta[{ROW},{COLUMN}]")
        terms.append("*".join(factors))
    return " + ".join(terms) or "0"


def _sum(chain: Chain, closed: bool) -> str:
    """A product of matrices by entries, summed over the inner indices, all of them if closed."""
    if len(chain) - (not closed) > len(_INNER):
        raise ProofError(f"a product of more than {len(_INNER)} matrices; write its entry [i,j]")
    inner = list(_INNER[: len(chain) - (not closed)])
    ends = [inner[-1], *inner] if closed else [ROW, *inner, COLUMN]
    factors = []
    for letter, left, right in zip(chain, ends[:-1], ends[1:], strict=True):
        # The proofs call the inverse of Gamma Gammai.
        name = letter.name if letter.power == 1 else f"{letter.name}i"
        at = f"{right},{left}" if letter.transposed else f"{left},{right}"
        factors.append(f"{name}[{at}]")
    body = "*".join(factors)
    return f"sum[{','.join(inner)}]({body})" if inner else body


def refuse_unknown_names(text: str, proofs: Iterable[Proof], number: bool) -> None:
    """ProofError that lists the known names where the claim uses another one.

    ``number``: the claim is about one number, so that only names without indices are listed.
    """
    plain: dict[str, None] = {}
    indexed: dict[str, None] = {}
    for proof in proofs:
        context = proof.context
        plain |= dict.fromkeys(x.name for x in context.scalars)
        plain |= dict.fromkeys(x.name for x in context.definitions if not x.parameters)
        indexed |= dict.fromkeys(x.name for x in context.arrays)
        indexed |= dict.fromkeys(x.name for x in context.definitions if x.parameters)
    for side in _sides(text):
        for name in sorted(names(parse(side, _letters(side))) - {*plain, *indexed}):
            raise ProofError(_unknown(name, list(plain) if number else [*plain, *indexed]))


def _unknown(name: str, known: list[str]) -> str:
    lowered = {other.lower(): other for other in reversed(known)}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    hint = f"did you mean {lowered[near[0]]!r}? " if near else ""
    return f"{name!r} is not declared; {hint}known: {', '.join(known)}"
