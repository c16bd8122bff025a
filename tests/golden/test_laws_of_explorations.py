"""An exploration shows the numbers and verdicts that it found, each under its own name.

Explorations are shown on the terminal, in Markdown, in LaTeX and in JSON.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from reading import Rows, latex_tables, markdown_tables, terminal_rows
from remembered import explore_once

from verifier.explore.answer import (
    Exploration,
    ExploreOptions,
    FormAnswer,
    PoolAverage,
    RidgeScore,
    TestScore,
)
from verifier.explore.values import Certainty, Value
from verifier.numeric.agreement import Agreement
from verifier.numeric.stationary import Outcome
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.streams import Style
from verifier.reports.explore_document import exploration_document
from verifier.reports.explore_json import exploration_object
from verifier.reports.explore_terminal import exploration_text
from verifier.reports.explore_words import value_words
from verifier.setting.setting_file import parse_setting

QUICK = ExploreOptions(samples=32_000, starts=2)
HEAD = "[prompt]\ndimension = 2\ncontext_length = 5\n[noise]\nvariance = '1/3'\n"
PAIR = "[covariates]\ncovariance = [[2, 1], [1, 2]]\n[task]\ncovariance = [1, 2]\n"
SETTINGS = {
    "isotropic": HEAD,
    "pair": HEAD + PAIR,
    "mean": f"{HEAD}[task]\nmean = [1, 0]\n",
}


@pytest.fixture(scope="module", params=[*SETTINGS, "opposed", "untested"])
def found(request: pytest.FixtureRequest) -> Exploration:
    """Explorations whose Monte Carlo test passed, failed, and had no basis."""
    text = SETTINGS.get(request.param, SETTINGS["pair"])
    one = explore_once(parse_setting(text.encode()), QUICK)
    sampled = one.numerical.monte_carlo
    assert sampled is not None
    if request.param == "opposed":
        failed = replace(sampled.agreement, rejected=(0,))
        sampled = replace(sampled, agreement=failed)
    if request.param == "untested":
        sampled = replace(sampled, tested=False, note="heavy tails")
    return replace(one, numerical=replace(one.numerical, monte_carlo=sampled))


def documents(found: Exploration) -> tuple[list[Rows], list[Rows]]:
    """The tables of the Markdown and of the LaTeX report."""
    document = exploration_document(found, "s.toml")
    return list(markdown_tables(markdown_document(document))), list(
        latex_tables(latex_document(document))
    )


def test_claimed_and_estimated_losses_stand_in_their_columns(found: Exploration) -> None:
    agreement = _agreement(found)
    columns = ["claimed", "estimate", "std. error", "z"]
    lines = exploration_text(found, "s.toml", Style()).splitlines()
    at = next(k for k, line in enumerate(lines) if line.split()[:2] == columns[:2])
    assert terminal_rows([lines[at]]) == [columns]
    shown = [terminal_rows(lines[at + 1 :])[: len(agreement.comparisons)]]
    for tables in documents(found):
        head, *rows = next(t for t in tables if t[0][0] == "layer")
        assert head[1:] == columns
        shown.append(rows)
    record = exploration_object(found, "s.toml")["numerical"]["monte_carlo"]["comparisons"]
    for k, one in enumerate(agreement.comparisons):
        assert (record[k]["claimed"], record[k]["estimate"]) == (one.claimed, one.estimate)
        assert record[k]["standard_error"] == one.standard_error
        for rows in shown:
            label, *numbers = rows[k]
            assert label == one.label
            assert list(map(float, numbers)) == pytest.approx(
                [one.claimed, one.estimate, one.standard_error, one.z], rel=0.06, abs=0.006
            )
            assert float(numbers[0]) == pytest.approx(one.claimed, rel=1e-6)
            assert float(numbers[1]) == pytest.approx(one.estimate, rel=1e-6)


def _agreement(found: Exploration) -> Agreement:
    assert found.numerical.monte_carlo is not None
    return found.numerical.monte_carlo.agreement


def test_the_verdict_of_sampling_is_the_one_reached(found: Exploration) -> None:
    """A failed test is never ✓, a test without a basis neither ✓ nor ✗."""
    sampled = found.numerical.monte_carlo
    assert sampled is not None
    expected = sampled.agreement.agrees if sampled.tested else None
    text = exploration_text(found, "s.toml", Style())
    (line,) = [x for x in text.splitlines() if "sampled prompts" in x]
    assert line.split()[0] == {True: "✓", False: "✗", None: "~"}[expected]
    assert ("a numerical check disagrees" in " ".join(text.split())) == (expected is False)
    document = exploration_document(found, "s.toml")
    word = {True: "agrees", False: "disagrees", None: "for information"}[expected]
    for shown in (markdown_document(document), latex_document(document)):
        assert f"sampled prompts ({word};" in shown
    record = exploration_object(found, "s.toml")
    assert record["numerical"]["monte_carlo"]["agrees"] is expected
    assert record["agrees"] is found.agrees


def test_every_predictor_has_its_loss_and_its_distance(found: Exploration) -> None:
    text = exploration_text(found, "s.toml", Style(width=200)).partition("\nCompared\n")[2]
    tables = [terminal_rows(text.splitlines()[1 : len(found.compared) + 1])]
    for read in documents(found):
        tables.append(next(t for t in read if t[0][0] == "predictor")[1:])
    record = exploration_object(found, "s.toml")["compared"]
    best = found.optimum.loss.decimal
    for k, item in enumerate(found.compared):
        _same(record[item.name]["loss"], item.loss)
        for rows in tables:
            name, loss, share, *_ = rows[k]
            assert (name, loss) == (item.name.replace("_", " "), value_words(item.loss))
            if share == "0":
                assert not item.loss.differs(found.optimum.loss)
            else:
                above = 100 * (item.loss.decimal / best - 1)
                assert float(share.removesuffix("%")) == pytest.approx(above, abs=0.006)


def _same(shown: dict, value: Value) -> None:
    assert shown["decimal"] == value.decimal
    assert shown["exact"] == (None if value.exact is None else str(value.exact))


def test_the_best_layer_has_its_numbers_and_its_certainty(found: Exploration) -> None:
    optimum = found.optimum
    record = exploration_object(found, "s.toml")["optimum"]
    _same(record["loss"], optimum.loss)
    for name in ("A", "B"):
        shown = record["layer"]["A"] if name == "A" else record["B"]
        for row, values in zip(shown, getattr(optimum, name), strict=True):
            for cell, value in zip(row, values, strict=True):
                _same(cell, value)
    for name in ("a", "c"):
        for cell, value in zip(record["layer"][name], getattr(optimum, name), strict=True):
            _same(cell, value)
    assert (record["kind"], record["certainty"]) == (optimum.kind.value, optimum.certainty.value)
    lines = exploration_text(found, "s.toml", Style()).splitlines()
    assert re.split(" {2,}", next(x for x in lines if x.startswith("    loss ")).strip())[1] == (
        value_words(optimum.loss)
    )
    mark = {
        Certainty.PROVED.value: "✓",
        Certainty.COMPUTED.value: "✓",
        Certainty.SUPPORTED.value: "~",
    }
    best = lines[lines.index("The best layer") + 1].strip()
    assert best.startswith(
        f"{mark[optimum.certainties.kind.value]} {optimum.certainties.kind.value}:"
    )
    sure = optimum.certainty.value
    closing = f"{mark[sure]} {sure}: {optimum.kind.value}; loss "
    assert any(line.startswith(closing) for line in lines[-2:])
    assert sum(x.strip().startswith(f"why {sure}: ") for x in lines) == 1
    for tables in documents(found):
        rows = next(t for t in tables if t[0][1:] == ["value", "certainty"])[1:]
        assert ["loss", value_words(optimum.loss), optimum.certainties.loss.value] in rows


def test_an_exploration_calls_nothing_proved(found: Exploration) -> None:
    """That word is for what the checker accepted; here it accepted nothing."""
    document = exploration_document(found, "s.toml")
    texts = (
        exploration_text(found, "s.toml", Style()),
        markdown_document(document),
        latex_document(document),
        json.dumps(exploration_object(found, "s.toml")),
    )
    assert not any("proved" in text.lower() for text in texts)


def test_every_descent_is_counted_where_it_ended(found: Exploration) -> None:
    search = found.numerical.search
    stuck = search.spurious_levels
    words = [
        "the lowest found"
        if level.outcome is Outcome.LOCAL_MINIMUM and level not in stuck
        else level.outcome.value
        for level in search.levels
    ]
    ends = Counter(
        {
            (f"{level.loss:.8g}", word): level.count
            for level, word in zip(search.levels, words, strict=True)
        }
    )
    assert all(level.loss > search.best_loss for level in stuck)
    document = exploration_document(found, "s.toml")
    for text in (exploration_text(found, "s.toml", Style()), markdown_document(document)):
        flat = " ".join(text.split()).partition("parameters ended: ")[2]
        shown = re.findall(r"(\d+) at (\S+) \(([\w ]+)\)", flat)
        assert Counter({(loss, kind): int(n) for n, loss, kind in shown}) == ends
    record = exploration_object(found, "s.toml")["numerical"]["descents"]
    assert [(x["loss"], x["count"], x["outcome"]) for x in record["levels"]] == [
        (level.loss, level.count, level.outcome.value) for level in search.levels
    ]
    assert record["spurious_local_minima"] is bool(search.spurious_levels)


def test_scores_elsewhere_stand_under_their_own_names() -> None:
    """On a test law, on pools of tasks, and of another form: every number is another one."""
    one = explore_once(parse_setting(SETTINGS["isotropic"].encode()), QUICK)
    numbers = {
        name: Value.rational(Fraction(1, k))
        for k, name in enumerate(
            ("loss", "best_there", "ridge", "zero", "home", "fresh", "form", "lower_bound"), 3
        )
    }
    score = TestScore(
        setting=one.setting,
        query_covariance=None,
        loss=numbers["loss"],
        best_there=numbers["best_there"],
        ridge=RidgeScore("its penalty", numbers["ridge"]),
        zero=numbers["zero"],
    )
    form = FormAnswer(
        numbers["form"], Certainty.SUPPORTED, "descents", (), numbers["lower_bound"], 7, 5
    )
    pools = PoolAverage(11, 13, numbers["home"], numbers["fresh"])
    found = replace(one, test=score, formed=form, pool_average=pools)
    record = exploration_object(found, "s.toml")

    def exact(value: object) -> Fraction:
        assert isinstance(value, dict)
        return Fraction(value["exact"])

    expected = {name: value.exact for name, value in numbers.items()}
    shown = {name: exact(record["test"][name]) for name in ("loss", "best_there", "ridge", "zero")}
    shown |= {name: exact(record["pool_average"][name]) for name in ("home", "fresh")}
    shown |= {"form": exact(record["asked_for"]["loss"])}
    shown |= {"lower_bound": exact(record["asked_for"]["lower_bound"])}
    assert shown == expected
    assert (record["pool_average"]["size"], record["pool_average"]["pools"]) == (11, 13)
    counts = record["asked_for"]["descents"], record["asked_for"]["descents_at_best"]
    assert (*counts, record["asked_for"]["certainty"]) == (7, 5, "supported")
    text = " ".join(exploration_text(found, "s.toml", Style()).split())
    for name, label in (
        ("loss", "this layer"),
        ("best_there", "best layer there"),
        ("ridge", "ridge there"),
        ("zero", "predict 0"),
    ):
        assert f"{label} {value_words(numbers[name])}" in text
    assert f"loss {value_words(numbers['home'])} on its own pool" in text
    assert f"{value_words(numbers['fresh'])} on fresh tasks" in text
    assert f"~ supported: the least loss is {value_words(numbers['form'])}" in text
    assert "5 of 7 descents ended there" in text
    assert f"no layer below {value_words(numbers['lower_bound'])}" in text
