"""A record identifies its setting; comparisons say no more than is known."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from math import inf

import jsonschema

from verifier.explore.answer import Comparison, ExploreOptions
from verifier.explore.evidence import contradiction
from verifier.explore.exploration import explore
from verifier.explore.values import Value
from verifier.render.streams import Style
from verifier.reports.explore_json import explore_schema
from verifier.reports.explore_report import rendered
from verifier.reports.explore_terminal import exploration_text, share_words
from verifier.setting.setting_file import parse_setting
from verifier.setting.setting_text import setting_text


def test_a_record_identifies_its_setting_in_every_form() -> None:
    """A full matrix is not lost: the setting can be read back from each report."""
    rows = [[1 if i == j else "2/5" for j in range(4)] for i in range(4)]
    text = f"[prompt]\ndimension = 4\ncontext_length = 30\n[covariates]\ncovariance = {rows}\n"
    setting = parse_setting(text.replace("'", '"').encode())
    found = explore(setting, ExploreOptions(samples=32_000, starts=2))
    whole = setting_text(setting)
    assert parse_setting(whole.encode()) == setting
    record = json.loads(rendered(found, "x.toml", "json"))
    jsonschema.validate(record, explore_schema())
    assert record["setting"]["toml"] == whole
    for form in ("markdown", "latex", "text"):
        report = rendered(found, "x.toml", form).decode()
        lines = [line.strip() for line in report.splitlines()]
        at = lines.index("[prompt]")
        listed = "\n".join(lines[at : at + len(whole.splitlines())])
        assert parse_setting(listed.encode()) == setting


def test_a_heavy_tailed_comparator_shows_what_is_certain() -> None:
    """An even response: ridge is odd in the query, so that its loss is at least E y^2 = 720."""
    text = "[prompt]\ndimension = 2\ncontext_length = 20\n[task]\nresponse = 'abs(t)^3'\n"
    for seed in (0, 1):
        found = explore(parse_setting(text.encode()), ExploreOptions(32_000, 2, seed))
        shown = exploration_text(found, "x.toml", Style())
        (row,) = [line for line in shown.splitlines() if line.strip().startswith("ridge")]
        assert "at least 720" in row
        assert "0 or more" in row
        assert "±" not in row
        assert found.agrees


def test_heavy_tails_without_a_bound_are_not_resolved() -> None:
    text = "[prompt]\ndimension = 1\ncontext_length = 5\n[task]\nresponse = 't^3'\n"
    found = explore(parse_setting(text.encode()), ExploreOptions(32_000, 2))
    ridge = found.compared[-1]
    assert share_words(ridge, found.optimum.loss) == "not resolved"


def test_rankings_against_a_bound_are_errors() -> None:
    text = "[prompt]\ndimension = 1\ncontext_length = 5\n"
    found = explore(parse_setting(text.encode()), ExploreOptions(32_000, 2))
    optimum, search = found.optimum, found.numerical.search
    zero = found.compared[0]
    assert not contradiction(optimum, search, found.compared)
    better = replace(zero, name="linear_readout", loss=Value(optimum.loss.decimal / 2))
    assert "linear readout" in contradiction(optimum, search, (zero, better))
    below = Comparison(
        "ridge", "", Value(0.5, error=0.01), at_least=Value.rational(Fraction(1)), is_layer=False
    )
    assert "below its bound 1" in contradiction(optimum, search, (zero, below))
    unknown = replace(below, loss=Value(0.5, error=inf))
    assert not contradiction(optimum, search, (zero, unknown))
