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
    "zhang2025": (
        "Y. Zhang, A. K. Singh, P. E. Latham, A. Saxe. Training dynamics of in-context learning in "
        "linear attention. ICML (2025), arXiv:2501.16265."
    ),
    "zhang2024block": (
        "R. Zhang, J. Wu, P. L. Bartlett. In-context learning of a linear transformer block: "
        "benefits of the MLP component and one-step GD initialization. NeurIPS (2024), "
        "arXiv:2402.14951."
    ),
    "xie2025": (
        "S. Xie, R. Yuan, S. Rossi, T. Hannagan. The initialization determines whether in-context "
        "learning is gradient descent. arXiv:2512.04268 (2025)."
    ),
    "vladymyrov2024": (
        "M. Vladymyrov, J. von Oswald, M. Sandler, R. Ge. Linear transformers are versatile "
        "in-context learners. NeurIPS (2024), arXiv:2402.14180."
    ),
    "ding2023": (
        "N. Ding, T. Levinboim, J. Wu, S. Goodman, R. Soricut. CausalLM is not optimal for "
        "in-context learning. ICLR (2024), arXiv:2308.06912."
    ),
    "li2024": (
        "Y. Li, A. S. Rawat, S. Oymak. Fine-grained analysis of in-context linear estimation: "
        "data, architecture, and beyond. NeurIPS (2024), arXiv:2407.10005."
    ),
    "raventos2023": (
        "A. Raventós, M. Paul, F. Chen, S. Ganguli. Pretraining task diversity and the emergence "
        "of non-Bayesian in-context learning for regression. NeurIPS (2023), arXiv:2306.15063."
    ),
    "lu2025": (
        "Y. M. Lu, M. I. Letey, J. A. Zavatone-Veth, A. Maiti, C. Pehlevan. Asymptotic theory of "
        "in-context learning by linear attention. PNAS 122 (2025), e2502599122, arXiv:2405.11751."
    ),
    "wu2024": (
        "J. Wu, D. Zou, Z. Chen, V. Braverman, Q. Gu, P. L. Bartlett. How many pretraining tasks "
        "are needed for in-context learning of linear regression? ICLR (2024), arXiv:2310.08391."
    ),
    "gatmiry2024": (
        "K. Gatmiry, N. Saunshi, S. J. Reddi, S. Jegelka, S. Kumar. Can looped transformers learn "
        "to implement multi-step gradient descent for in-context learning? ICML (2024), "
        "arXiv:2410.08292."
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
    "zhang2024": r"Zhang, Frei|Zhang et al\. \(2024\)",
    "zhang2025": r"Zhang et al\. \(2025\)",
    "zhang2024block": r"Zhang, Wu|2402\.14951",
    "xie2025": r"Xie et al",
    "vladymyrov2024": r"Vladymyrov",
    "ding2023": r"Ding et al",
    "li2024": r"Li, Rawat",
    "raventos2023": r"Raventos",
    "lu2025": r"Lu et al",
    "wu2024": r"Wu et al",
    "gatmiry2024": r"Gatmiry",
    "akyurek2023": r"Akyürek",
    "golub1973": r"Golub, Pereyra",
}


def cited_in(text: str) -> tuple[str, ...]:
    """Keys of the works that a text names."""
    return tuple(key for key, mark in _MARKS.items() if re.search(mark, text))


def entries(keys: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Key and entry of each work, each once, in the order given."""
    return tuple((key, WORKS[key]) for key in dict.fromkeys(keys))
