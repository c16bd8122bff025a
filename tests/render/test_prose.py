"""Mathematics in sentences: letters, powers, and no power on a power."""

import pytest

from verifier.render.mathml import mathml
from verifier.render.prose import marked, pretty
from verifier.theorem.registry import theorems


@pytest.mark.parametrize(
    ("text", "plain", "latex"),
    [
        ("C sigma2^2", "C σ⁴", r"$C$ $\sigma^{4}$"),
        ("alpha^2 + 4 beta", "α² + 4 β", r"$\alpha^{2}$ + 4 $\beta$"),
        ("sigma2 and sigma^2", "σ² and σ²", r"$\sigma^2$ and $\sigma^{2}$"),
        ("a gamma of alphas", "a γ of alphas", r"a $\gamma$ of alphas"),
    ],
)
def test_greek_letters_and_their_powers(text: str, plain: str, latex: str) -> None:
    assert pretty(text) == plain
    assert marked(text, str, lambda formula: f"${formula}$") == latex


def test_no_claim_puts_a_power_on_a_power() -> None:
    """LaTeX refuses it; MathML of every formula in the words of a theorem is read as well."""
    for theorem in theorems().values():
        texts = [theorem.title, theorem.statement, *(claim.words for claim in theorem.claims)]
        for text in texts:
            found: list[str] = []
            marked(text, str, lambda formula, found=found: found.append(formula) or formula)
            for formula in found:
                assert formula.count("^") < 2 or "_" in formula or r"\top" in formula, text
                mathml(formula)
