"""What the terminal and the JSON record say about a report."""

from __future__ import annotations

import copy
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from verifier.render.columns import aligned, columns_of, with_decimal
from verifier.render.latex import prose
from verifier.render.markdown import prose as markdown_prose
from verifier.render.prose import pretty
from verifier.render.streams import Style, can_show, say, to_ascii
from verifier.reports.json_record import json_object, json_text, schema
from verifier.reports.terminal import report_text, summary_text
from verifier.theorem.theorem import Report, Table


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    assert Style.of(Terminal(), {}).colour
    assert not Style.of(Terminal(), {"NO_COLOR": "1"}).colour
    assert not Style.of(Terminal(), {"TERM": "dumb"}).colour
    assert not Style.of(io.StringIO(), {}).colour


def test_colour_changes_nothing_but_colour(report: Report) -> None:
    plain, coloured = (report_text(report, Style(colour=c)) for c in (False, True))
    assert "\033[32" in coloured
    assert [columns_of(line) for line in coloured.splitlines()] == [
        len(line) for line in plain.splitlines()
    ]


@pytest.mark.parametrize("full", [False, True])
def test_the_report_fits_the_screen(report: Report, refuted: Report, full: bool) -> None:
    for shown in (report, refuted):
        lines = report_text(shown, Style(width=100), full).splitlines()
        assert max(map(len, lines)) <= 100
        assert len(lines) <= 45


def test_ascii_is_ascii_and_says_the_same(report: Report) -> None:
    text = report_text(report, Style(unicode=False))
    assert text.isascii()
    assert "?" not in text
    assert "1/(1 + sigma2)" in text


def test_a_stream_without_the_letters_gets_others() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    assert not can_show(stream, "η")
    say("η ≥ 0", stream)
    stream.flush()
    assert raw.getvalue() == b"eta >= 0\n"
    assert to_ascii("Akyürek, σ²") == "Akyurek, sigma^2"


def test_every_verdict_and_its_reason_is_shown(refuted: Report) -> None:
    text = report_text(refuted, Style())
    for claim in refuted.claims:
        assert f"{claim.verdict.value} " in text
    assert "witness:" in text
    assert "not proved:" in text
    assert "refuted" in summary_text([refuted], Style())


def test_json_obeys_its_schema_and_the_schema_is_strict(report: Report, refuted: Report) -> None:
    rules = jsonschema.Draft202012Validator(schema())
    rules.check_schema(schema())
    for shown in (report, refuted):
        data = json_object(shown)
        rules.validate(data)
        assert json.loads(json_text(shown)) == data
        for key in data:
            broken = {k: v for k, v in data.items() if k != key}
            assert not rules.is_valid(broken), key
        for change in ("verdict", "claims"):
            broken = copy.deepcopy(data)
            broken[change] = "certain"
            assert not rules.is_valid(broken)
        broken = copy.deepcopy(data)
        broken["claims"][0]["evidence"] = []
        assert not rules.is_valid(broken)


def test_results_are_exact_text_that_sympy_reads(report: Report) -> None:
    results = json_object(report)["results"]
    noise = sympy.Symbol("sigma2")
    assert sympy.parse_expr(results["learning_rate"]) == 1 / (1 + noise)
    assert results["at_unit_noise"] == "1/2"
    assert results["minimisers"] == [["b = eta"]]


def test_every_field_of_the_schema_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")

    def names(part: object) -> set[str]:
        if isinstance(part, dict):
            own = set(part.get("properties", {}))
            return own.union(*(names(value) for value in part.values()))
        return set().union(*map(names, part)) if isinstance(part, list) else set()

    assert {name for name in names(schema()) if f"`{name}`" not in page} == set()


def test_columns_line_up() -> None:
    lines = aligned([("name", "value"), ("a", "1.5"), ("bcd", "-10")], "")
    assert lines == ["name  value", "a       1.5", "bcd     -10"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sigma2 and eta", "σ² and η"),
        ("x_{n+1}' X'y", "xₙ₊₁ᵀ Xᵀy"),
        ("the layer's prediction, i.e. E[y'XX'y]", "the layer's prediction, i.e. E[yᵀXXᵀy]"),
        ("a d x d block of W_K' W_Q", "a d × d block of W_Kᵀ W_Q"),
        ("(S + sigma2 I)^-1", "(S + σ² I)⁻¹"),
        ("betas and etas", "betas and etas"),
        ("a sigma2^2 and sigma2^-1", "a σ⁴ and σ⁻²"),
    ],
)
def test_prose(text: str, expected: str) -> None:
    assert pretty(text) == expected
    assert pretty(text, unicode=False) == text


def test_a_power_of_the_noise_variance_has_one_exponent() -> None:
    assert prose("sigma2^2, sigma2^{3}, sigma2") == r"$\sigma^{4}$, $\sigma^{6}$, $\sigma^2$"


def _with_tables(report: Report, passed: bool | None) -> Report:
    rows = tuple((str(d), "1/2", f"{d}.5") for d in (1, 2, 3))
    table = Table("Evidence", ("d", "sigma2", "loss"), rows, passed, "a note")
    return replace(report, tables=(table,) * 5)


@pytest.mark.parametrize("passed", [True, None])
def test_numerical_tables_take_two_lines_each(report: Report, passed: bool | None) -> None:
    short = report_text(_with_tables(report, passed), Style())
    without = report_text(replace(report, tables=()), Style())
    assert len(short.splitlines()) - len(without.splitlines()) == 10
    assert short.count("(1 of 3 rows; --full shows all)") == 5
    assert short.count("  d=1 σ²=1/2: loss 1.5\n") == 5
    full = report_text(_with_tables(report, passed), Style(), full=True)
    assert full.count("3  1/2   3.5\n") == 5


def test_a_table_that_disagrees_is_shown_to_its_end(report: Report) -> None:
    text = report_text(_with_tables(report, False), Style())
    assert text.count("3  1/2   3.5\n") == 5
    assert "rows; --full" not in text


@pytest.mark.parametrize("function", ["f'(x)", "g'(t)", "h'(r)"])
def test_a_derivative_is_not_a_transpose(function: str) -> None:
    assert pretty(f"then {function} = K") == f"then {function} = K"
    assert prose(f"then {function} = K") == f"then ${function}$ = $K$"
    assert markdown_prose(f"then {function} = K") == f"then $`{function}`$ = $`K`$"


@given(st.fractions())
def test_a_decimal_is_an_equal_number_or_said_to_be_near(value: Fraction) -> None:
    exact_part, relation, decimal = with_decimal(value).split()
    assert Fraction(exact_part) == value
    assert (relation == "=") == (Fraction(decimal) == value)
    assert float(decimal) == pytest.approx(float(value), rel=1e-5)
