"""Claims that say nothing are refused in one line before anything is proved; false ones are not."""

from __future__ import annotations

import pytest

import verifier.theorem.theorem
from verifier.__main__ import main
from verifier.theorem.registry import find
from verifier.theorem.theorem import Derivation, check_theorem
from verifier.theorem.verdict import Verdict

ILL_FORMED = {
    "an undeclared name": ("theorem1", "minimum_loss", "foo", "'foo' is not declared"),
    "a division by zero": ("theorem1", "learning_rate", "1/(n-n)", "division"),
    "a division by what may vanish": ("theorem1", "learning_rate", "1/(n-d)", "positive"),
    "an undeclared tensor": ("theorem1", "minimisers", "foo[i] = 0", "'foo' is not declared"),
    "no equation": ("theorem1", "minimisers", "a[i]", "not an equation"),
    "a stray index": ("theorem1", "prediction", "xq[i]", "free index 'i'"),
    "an index on a loss": ("theorem1", "loss", "a[i]", "free index 'i'"),
    "a random rate": ("theorem1", "learning_rate", "yq", "random"),
    "a random sum": ("theorem1", "learning_rate", "sum[i](w[i])", "random"),
    "a random loss": ("theorem1", "minimum_loss", "yq^2", "random"),
    "too many indices": ("theorem2", "preconditioner", "w[i]*w[j]*w[k]", "index"),
    "an unknown matrix": ("gaussian-pair", "precision", "Foo[i,j]", "'Foo' is not declared"),
    "a random cube rate": ("theorem3", "cube_learning_rate", "sum[i](xq[i]^2)", "random"),
    "a random penalty": ("ridge-bayes", "penalty", "sum[k](y[k])", "random"),
}


@pytest.mark.parametrize(("theorem", "name", "text", "reason"), ILL_FORMED.values(), ids=ILL_FORMED)
def test_ill_formed_claims_are_refused_before_anything_is_proved(
    theorem: str, name: str, text: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreached(derivation: Derivation) -> None:
        raise AssertionError("the proof was checked")

    monkeypatch.setattr(verifier.theorem.theorem, "_examine", unreached)
    with pytest.raises(ValueError, match=rf"\Aclaim {name}=[^\n]*\Z") as refused:
        check_theorem(find(theorem), claimed={name: text}, numerical=False)
    assert reason in str(refused.value)


def test_the_command_ends_with_exit_code_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "theorem1", "--claim", "minimum_loss=foo"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "minimum_loss=foo: 'foo' is not declared" in shown.err


def test_the_bad_one_of_two_claims_is_named() -> None:
    claims = {"learning_rate": "1/(n + d)", "minimum_loss": "foo"}
    with pytest.raises(ValueError, match="claim minimum_loss=foo"):
        check_theorem(find("theorem1"), claimed=claims, numerical=False)


@pytest.mark.parametrize(
    ("theorem", "name", "text"),
    [
        ("theorem1", "learning_rate", "1/(n + d + sigma2)"),
        ("theorem1", "minimum_loss", "E(yq^2)/2"),
        ("von-oswald-construction", "readout", "newlabel[o]"),
    ],
)
def test_a_false_claim_is_refuted_not_refused(theorem: str, name: str, text: str) -> None:
    report = check_theorem(find(theorem), claimed={name: text}, numerical=False)
    assert report.verdict is Verdict.REFUTED


@pytest.mark.parametrize("theorem", ["theorem1", "theorem2", "theorem3", "gaussian-pair"])
def test_numbers_are_claimable(theorem: str) -> None:
    assert set(find(theorem).numbers) <= set(find(theorem).claimable)
