"""Pieces of index text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST = 50  # terms in a row


def indexed(name: str, indices: Sequence[str]) -> str:
    """``A[i,j]``, or ``b`` without indices."""
    return f"{name}[{','.join(indices)}]" if indices else name


def summed(indices: Sequence[str], body: str) -> str:
    """``sum[i,j](body)``, or the body alone in parentheses."""
    return f"sum[{','.join(indices)}]({body})" if indices else f"({body})"


def weighted(factor: str, product: str) -> str:
    """``factor*product``, both products with at most a sign in front, without an idle 1."""
    if factor in ("1", "-1"):
        return f"{factor[:-1]}{product or 1}"
    return f"{factor}*{product}" if product else factor


def plus(parts: Iterable[str]) -> str:
    """The sum of products, each with at most a sign in front; long sums are put in parentheses."""
    every = list(parts)
    if len(every) > MOST:
        groups = [every[k : k + MOST] for k in range(0, len(every), MOST)]
        return plus(f"({plus(group)})" for group in groups)
    total = ""
    for part in every:
        sign, size = (" - ", part[1:]) if part.startswith("-") else (" + ", part)
        total = f"{total}{sign}{size}" if total else part
    return total or "0"
