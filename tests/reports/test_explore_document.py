"""Explorations as text and JSON: the schema, what is shown, one screen."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import inf

import jsonschema
import pytest

from verifier.explore.answer import Exploration, ExploreOptions
from verifier.explore.exploration import explore
from verifier.explore.values import Value
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.streams import Style
from verifier.reports.explore_document import exploration_document
from verifier.reports.explore_json import exploration_json, explore_schema, value_object
from verifier.reports.explore_terminal import exploration_text
from verifier.reports.explore_words import (
    abbreviated,
    covariates_words,
    matrix_rows,
    polynomial_words,
    value_words,
)
from verifier.setting.setting_file import parse_setting

QUICK = ExploreOptions(samples=BATCHES * SMALLEST_BATCH, starts=2, seed=1)
SETTINGS = {
    "theorem1": "",
    "pair": "[covariates]\ncovariance = [[2, 1], [1, 2]]\n[task]\ncovariance = [1, 2]\n",
    "mean": "[task]\nmean = [1, 0]\n",
    "cosine": "[task]\nmean = [1, 0]\nresponse = 'cos(t)'\n",
    "sine": "[task]\nresponse = 'sin(t)'\n",
    "network": "[task]\nresponse = { network = 'relu', width = 2 }\n",
    "even": "[task]\nresponse = 't^2'\n",
}


@pytest.fixture(scope="module")
def found() -> dict[str, Exploration]:
    head = "[prompt]\ndimension = 2\ncontext_length = 5\n[noise]\nvariance = '1/3'\n"
    one = "[prompt]\ndimension = 1\ncontext_length = 3\n[task]\nmean = [1]\nresponse = 't + t^2'\n"
    texts = {name: head + text for name, text in SETTINGS.items()}
    texts["long"] = "[prompt]\ndimension = 1\ncontext_length = 1000000\n"
    texts["line"] = one
    return {name: explore(parse_setting(t.encode()), QUICK) for name, t in texts.items()}


def test_every_answer_meets_the_schema(found) -> None:
    schema = explore_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, one in found.items():
        jsonschema.validate(json.loads(exploration_json(one, f"{name}.toml")), schema)


def test_the_schema_refuses_what_is_missing_or_misspelt(found) -> None:
    schema = explore_schema()
    good = json.loads(exploration_json(found["theorem1"], "a.toml"))
    for path in (("optimum", "loss"), ("compared", "zero"), ("numerical", "descents")):
        broken = json.loads(json.dumps(good))
        del broken[path[0]][path[1]]
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)
    broken = json.loads(json.dumps(good))
    broken["optimum"]["certainty"] = "nearly proved"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_every_part_has_its_certainty(found) -> None:
    parts = {
        "theorem1": ("computed", "computed", "computed", "computed"),
        "mean": ("computed", "supported", "supported", None),
        "sine": ("computed", "supported", "supported", "supported"),
        "cosine": ("computed", "supported", "computed", "computed"),
        "even": ("computed", "computed", "computed", "computed"),
        "line": ("computed", "computed", "computed", None),
    }
    for name, expected in parts.items():
        optimum = json.loads(exploration_json(found[name], "a.toml"))["optimum"]
        shown = optimum["certainties"]
        assert (shown["kind"], shown["loss"], shown["B"], shown["learning_rate"]) == expected
        assert (shown["learning_rate"] is None) == (optimum["learning_rate"] is None)
    text = exploration_text(found["sine"], "sine.toml", Style())
    assert "✓ computed: the best layer takes one step of gradient descent" in text
    assert re.search(r"loss +\S+ ± \S+ +supported", text)
    assert not re.search(r"loss .*computed", exploration_text(found["theorem1"], "a.toml", Style()))


def test_no_form_says_that_anything_is_proved(found) -> None:
    """Nothing here has passed the checker; its theorems are named under "contained in"."""
    for name, one in found.items():
        document = exploration_document(one, f"{name}.toml")
        for text in (
            exploration_text(one, f"{name}.toml", Style()),
            exploration_json(one, f"{name}.toml").replace('"proof": null', ""),
            markdown_document(document),
            latex_document(document),
        ):
            assert not re.search(r"proved|proof|prove\b", text)
            assert one.optimum.certainty.value in text


def test_exact_numbers_are_in_the_json(found) -> None:
    data = json.loads(exploration_json(found["theorem1"], "a.toml"))
    rate = Fraction(data["optimum"]["learning_rate"]["exact"])
    assert rate == 1 / (5 + 2 + 1 + Fraction(1, 3))
    layer = data["optimum"]["layer"]
    assert [[v["exact"] for v in row] for row in layer["A"]] == [[str(rate), "0"], ["0", str(rate)]]


def test_algebraic_numbers_can_be_checked_by_the_reader(found) -> None:
    data = json.loads(exploration_json(found["line"], "a.toml"))
    loss = data["optimum"]["loss"]
    if loss["exact"] is None:
        low, high = map(Fraction, loss["interval"])
        coefficients = list(map(Fraction, loss["minimal_polynomial"]))
        ends = [sum(c * x**k for k, c in enumerate(coefficients)) for x in (low, high)]
        assert ends[0] * ends[1] < 0
        assert low <= Fraction(loss["decimal"]) <= high


def test_the_report_fits_one_screen_and_says_how_certain_it_is(found) -> None:
    for name, one in found.items():
        text = exploration_text(one, f"{name}.toml", Style())
        lines = text.splitlines()
        assert len(lines) <= 40
        assert max(map(len, lines)) <= 110
        assert one.optimum.certainty.value in lines[-1]
        assert f"why {one.optimum.certainty.value}: " in text
        assert f"Setting {name}.toml" in lines[0]


def test_the_report_is_plain_text_without_colour_and_ascii_without_unicode(found) -> None:
    text = exploration_text(found["mean"], "a.toml", Style(colour=False, unicode=False))
    assert text.isascii()
    assert "\033" not in text
    assert "\033[" in exploration_text(found["mean"], "a.toml", Style(colour=True))


def test_the_report_names_what_is_not_computed(found) -> None:
    text = exploration_text(found["mean"], "a.toml", Style())
    assert re.search(r"no layer below +[0-9./ ≈=]+ \(computed", text)
    assert "more than X'y" in text
    assert "no Monte Carlo" in exploration_text(found["long"], "a.toml", Style())
    assert "predicts 0" in exploration_text(found["even"], "a.toml", Style())


def test_documents_show_the_numbers_of_the_terminal(found) -> None:
    for name, one in found.items():
        document = exploration_document(one, f"{name}.toml")
        page, source = markdown_document(document), latex_document(document)
        for text in (page, source):
            for item in one.compared:
                assert f"{value_words(item.loss).split()[0]}" in text
            assert one.optimum.reason.split(";")[0].split(" = ")[0][:12] in text
        assert page.startswith(f"# The best layer for {name}.toml")
        assert source.count("{") == source.count("}")
        assert source.rstrip().endswith(r"\end{document}")


@pytest.mark.parametrize(
    ("law", "matrix", "said"),
    [
        ("uniform", "[[2, 1], [1, 2]]", True),
        ("sphere", "[[2, 1], [1, 2]]", False),
        ("uniform", "[2, 1]", False),
    ],
)
def test_the_factor_is_named_where_the_answer_depends_on_it(law, matrix, said) -> None:
    text = f"[covariates]\nlaw = '{law}'\ncovariance = {matrix}\n"
    one = parse_setting(f"[prompt]\ndimension = 2\ncontext_length = 3\n{text}".encode())
    assert ("lower triangular" in covariates_words(one)) is said


def test_rounding_is_shown_as_zero() -> None:
    tiny = Value.rational(Fraction(1, 10**40))
    third = Value.rational(Fraction(10**30 + 1, 3 * 10**30))
    assert matrix_rows(((Value(-1.5e-35), Value(1.0)),)) == [["0", "1"]]
    assert matrix_rows(((tiny, third),)) == [["1e-40", "0.33333"]]
    assert value_words(Value(0.0, error=0.0)) == "0"


def test_wide_matrices_are_abbreviated() -> None:
    third = Value(-1 / 3e-7)
    rows = abbreviated(((third,) * 12,) * 12)
    assert len(rows) == len(rows[0]) < 12
    assert max(len("  ".join(row)) for row in rows) <= 76
    vector = abbreviated(((third,) * 12,))
    assert len(vector) == 1
    assert "…" in vector[0]
    assert abbreviated(((third,) * 3,) * 3) == matrix_rows(((third,) * 3,) * 3)


def test_values_and_polynomials_in_words() -> None:
    assert value_words(Value.rational(Fraction(2, 53))) == "2/53 ≈ 0.0377358"
    assert value_words(Value.rational(Fraction(3))) == "3"
    assert value_words(Value(0.5, error=0.001)) == "0.5 ± 0.002"
    assert value_words(Value(0.5, error=inf)) == "0.5 (sampled, error unknown)"
    assert value_object(Value(0.5, error=inf))["standard_error"] is None
    assert value_words(Value.rational(Fraction(10**30 + 1, 3))).endswith("(exact in --json)")
    half = Fraction(1, 2)
    assert polynomial_words([Fraction(0), Fraction(-3), half, Fraction(1)]) == "t^3 + 1/2 t^2 - 3 t"
    assert polynomial_words([Fraction(-1)]) == "-1"
    assert polynomial_words([Fraction(1), Fraction(-1)]) == "-t + 1"
    assert polynomial_words([]) == "0"
