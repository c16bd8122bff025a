"""Works that documents cite, and which of them stand behind a lemma or a source.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WORKS = {
    "isserlis1918": (
        "L. Isserlis. On a formula for the product-moment coefficient of any order of a normal "
        "frequency distribution in any number of variables. Biometrika 12 (1918), 134-139."
    ),
    "wick1950": (
        "G.-C. Wick. The evaluation of the collision matrix. Physical Review 80 (1950), 268-272."
    ),
    "rota1964": (
        "G.-C. Rota. On the foundations of combinatorial theory I: theory of Möbius functions. "
        "Zeitschrift für Wahrscheinlichkeitstheorie 2 (1964), 340-368."
    ),
    "penrose1955": (
        "R. Penrose. A generalized inverse for matrices. Proceedings of the Cambridge "
        "Philosophical Society 51 (1955), 406-413."
    ),
    "mahankali2023": (
        "A. Mahankali, T. B. Hashimoto, T. Ma. One step of gradient descent is provably the "
        "optimal in-context learner with one layer of linear self-attention. arXiv:2307.03576 "
        "(2023)."
    ),
    "vonoswald2023": (
        "J. von Oswald and others. Transformers learn in-context by gradient descent. "
        "International Conference on Machine Learning (2023), arXiv:2212.07677."
    ),
    "ahn2023": (
        "K. Ahn, X. Cheng, H. Daneshmand, S. Sra. Transformers learn to implement preconditioned "
        "gradient descent for in-context learning. NeurIPS (2023), arXiv:2306.00297."
    ),
    "zhang2024": (
        "R. Zhang, S. Frei, P. L. Bartlett. Trained transformers learn linear models in-context. "
        "Journal of Machine Learning Research 25 (2024), arXiv:2306.09927."
    ),
    "akyurek2023": (
        "E. Akyürek, D. Schuurmans, J. Andreas, T. Ma, D. Zhou. What learning algorithm is "
        "in-context learning? Investigations with linear models. ICLR (2023), arXiv:2211.15661."
    ),
    "golub1973": (
        "G. H. Golub, V. Pereyra. The differentiation of pseudo-inverses and nonlinear least "
        "squares problems whose variables separate. SIAM Journal on Numerical Analysis 10 (1973), "
        "413-432."
    ),
}
_MARKS = {
    "isserlis1918": r"Isserlis",
    "wick1950": r"Wick 1950",
    "rota1964": r"Rota 1964",
    "penrose1955": r"Penrose 1955",
    "mahankali2023": r"Mahankali",
    "vonoswald2023": r"von Oswald",
    "ahn2023": r"Ahn et al",
    "zhang2024": r"Zhang, Frei|Zhang et al",
    "akyurek2023": r"Akyürek",
    "golub1973": r"Golub, Pereyra",
}


def cited_in(text: str) -> tuple[str, ...]:
    """Keys of the works that a text names."""
    return tuple(key for key, mark in _MARKS.items() if re.search(mark, text))


def entries(keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Key and entry of each work, each once, in the order given."""
    return tuple((key, WORKS[key]) for key in dict.fromkeys(keys))
