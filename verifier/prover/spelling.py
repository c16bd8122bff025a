"""Pieces of index text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


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
    """The sum of products, each with at most a sign in front."""
    total = ""
    for part in parts:
        sign, size = (" - ", part[1:]) if part.startswith("-") else (" + ", part)
        total = f"{total}{sign}{size}" if total else part
    return total or "0"
