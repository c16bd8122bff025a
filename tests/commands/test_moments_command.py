"""``moments``: text, LaTeX and JSON of one answer; bad questions are one line."""

from __future__ import annotations

import json

import jsonschema
import pytest

from verifier.__main__ import main
from verifier.moments.question import expectation
from verifier.reports.moments_text import schema


def test_the_first_line_is_the_equation(capsys) -> None:
    assert main(["moments", "E[S A S]"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "E[S A S] = n² Σ A Σ + n Σ A' Σ + n tr(A Σ) Σ"
    assert "  S ~ wishart(n, Σ), d x d" in lines
    assert lines[-1] == "  computed in exact arithmetic, outside the checker"


@pytest.mark.parametrize("question", ["E[A - S B S]", "E[S - A]", "E[tr(A) - tr(S)]"])
def test_the_terms_of_the_record_make_the_answer(question: str, capsys) -> None:
    assert main(["moments", question, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    text = ""
    for term in record["terms"]:
        powers = [(one["factor"], one["exponent"]) for one in term["traces"]]
        factors = [factor if power == 1 else f"{factor}^{power}" for factor, power in powers]
        factors = [term["coefficient"], *factors, term["matrix"] or ""]
        body = " ".join(factor for factor in factors if factor not in ("", "1")) or "1"
        sign = "-" if term["sign"] < 0 else "+" if text else ""
        text += f" {sign} {body}" if text else f"{sign}{body}"
    assert text == record["answer"]
    assert "-" in text


def test_a_long_answer_has_a_line_per_term(capsys) -> None:
    main(["moments", "E[S^4]"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "E[S⁴] ="
    assert sum(line.startswith(("    ", "  + ", "  - ")) for line in lines) == 7


def test_the_condition_of_an_inverse_is_printed(capsys) -> None:
    main(["moments", "E[S^-1 A S^-1]"])
    assert "  finite for n > d + 3\n" in capsys.readouterr().out


def test_latex(capsys) -> None:
    main(["moments", "E[x x'A x x']", "--latex"])
    shown = capsys.readouterr().out
    assert shown.startswith(r"\mathbb{E}[x x^{\top} A x x^{\top}] = ")
    assert r"\operatorname{tr}\left(A \Sigma\right) \, \Sigma" in shown


@pytest.mark.parametrize(
    "question", ["E[S A S]", "E[tr(S^-1)^2]", "E[x x'A x x'] where x ~ rademacher", "Var[x]"]
)
def test_the_record_follows_its_schema_and_can_be_typed_back(question, capsys) -> None:
    main(["moments", question, "--json"])
    record = json.loads(capsys.readouterr().out)
    jsonschema.validate(record, schema())
    assert str(expectation(record["answer"])) == record["answer"]


def test_the_law_of_random_names(capsys) -> None:
    assert main(["moments", "E[x'A x x'A x]", "--law", "laplace"]) == 0
    assert "laplace" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["E[S A"], "expected ']'"),
        (["E[A B]", "--law", "normal"], "given to no name"),
        (["E[S]", "--law", "norml"], "did you mean 'normal'"),
        (["E[S]", "--latex", "--json"], "not allowed with"),
        (["E[S^-1 S A S^-1 B S]"], "meet in one product"),
    ],
)
def test_bad_input_is_one_line(words, reason, capsys) -> None:
    assert main(["moments", *words]) == 2
    shown = capsys.readouterr()
    assert reason in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""
