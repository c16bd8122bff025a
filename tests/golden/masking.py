"""The masking rule: what differs between two runs or two machines is replaced, nothing else.

* seconds: ``2.8 s`` and ``"seconds": 2.8`` become ``# s`` and ``"seconds": #``;
* versions of this program, Python and its packages become ``#``;
* digests, which are words of 32 or more hexadecimal digits, become ``#``;
* floating-point noise: a number in ``e`` notation below 1e-9 becomes ``~0``, and one with more than
  twelve digits after its point keeps eight of them.
"""

from __future__ import annotations

import re

_PROGRAMS = "verifier|python|numpy|python-flint|scipy|sympy"
_RULES = (
    (re.compile(r'("seconds": )[0-9.]+'), r"\1#"),
    (re.compile(r"\b[0-9]+(?:\.[0-9]+)? s\b"), "# s"),
    (re.compile(rf'\b((?:{_PROGRAMS}|version)(?:": "| ))[0-9]+\.[0-9][\w.+]*'), r"\1#"),
    (re.compile(r"\b[0-9a-f]{32,}\b"), "#"),
    (re.compile(r"[-+−]?\b(?:[0-9](?:\.[0-9]+)?e-(?:09|[1-9][0-9]+)|0\.0+e\+00)\b"), "~0"),
)
_LONG = re.compile(r"\b[0-9]+\.[0-9]{13,}")


def masked(text: str) -> str:
    """The text under the rule of this module."""
    for pattern, shown in _RULES:
        text = pattern.sub(shown, text)
    return _LONG.sub(lambda match: f"{float(match.group()):.8f}", text)
