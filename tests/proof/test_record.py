"""Proof files: round trip, and every damaged or hostile file refused with one line."""

from __future__ import annotations

import copy
import json
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_files import digested, edited, paths, small_record
from verifier.proof.expression import ProofError
from verifier.proof.statement import statement_from_data, statement_to_data

from verifier.proof import record as record_module
from verifier.proof.context import (
    Context,
    Law,
    Model,
    Scalar,
    Tensor,
    context_from_data,
    context_to_data,
    rational,
)
from verifier.proof.record import Record, dump, load, replay

TEXT = dump(small_record())
DATA = json.loads(TEXT)


def refusal(text: str) -> str:
    """Why a file is not accepted; empty if every proof in it is accepted."""
    try:
        replay(load(text))
    except ProofError as error:
        return str(error)
    return ""


def test_round_trip() -> None:
    record = small_record()
    assert load(TEXT) == record
    assert dump(load(TEXT)) == TEXT
    assert TEXT.isascii()
    accepted = replay(load(TEXT))
    assert [len(steps) for _, steps in accepted] == [len(p.steps) for p in record.proofs]
    for proof in record.proofs:
        assert context_from_data(context_to_data(proof.context)) == proof.context
        for step in proof.steps:
            assert statement_from_data(statement_to_data(step.statement)) == step.statement


def test_layout_of_the_text_does_not_matter_but_content_does() -> None:
    assert refusal(json.dumps(DATA)) == ""
    assert refusal(json.dumps(DATA, indent=7, sort_keys=True)) == ""
    assert "altered" in refusal(json.dumps({**DATA, "title": "Another"}))
    assert refusal(digested({**DATA, "title": "Another"})) == ""


@pytest.mark.parametrize("cut", [0, 1, 10, len(TEXT) // 2, len(TEXT) - 3])
def test_truncated_files_are_refused(cut: int) -> None:
    assert "not valid JSON" in refusal(TEXT[:cut])


def test_every_single_character_counts() -> None:
    """No replacement of one character by another leaves a file that is accepted as changed."""
    draw = random.Random(0)
    for at in draw.sample(range(len(TEXT)), 400):
        for new in ("0", "7", "x", '"', " ", "-"):
            if TEXT[at] == new:
                continue
            changed = TEXT[:at] + new + TEXT[at + 1 :]
            if refusal(changed) == "":
                assert json.loads(changed) == DATA


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_deleted_and_inserted_text_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 1))
    length = data.draw(st.integers(0, 40))
    inserted = data.draw(st.text(max_size=5))
    changed = TEXT[:start] + inserted + TEXT[start + length :]
    if refusal(changed) == "":
        assert json.loads(changed) == DATA


JUNK: list[object] = [
    None,
    True,
    0,
    -1,
    10**50,
    "",
    "x",
    "1/0",
    [],
    ["x"],
    [[]],
    {},
    {"x": 1},
    "\ud800",
]


@pytest.mark.parametrize("junk", JUNK, ids=[repr(j)[:20] for j in JUNK])
def test_junk_in_any_place_never_breaks_the_loader(junk: object) -> None:
    """Every value in the file is replaced by junk, with a fresh digest; then removed."""
    for path in paths(DATA):
        changed = copy.deepcopy(DATA)
        holder: Any = changed
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = copy.deepcopy(junk)
        refusal(digested(changed))


def test_missing_and_additional_entries_are_refused() -> None:
    for path in paths(DATA):
        holder: Any = DATA
        for key in path[:-1]:
            holder = holder[key]
        if "certificate" in path or not isinstance(holder, dict) or path == ("digest",):
            continue
        changed = copy.deepcopy(DATA)
        inner: Any = changed
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]
        assert refusal(digested(changed)), path
        inner[path[-1]] = holder[path[-1]]
        inner["remark"] = "hidden"
        assert refusal(digested(changed)), path


@pytest.mark.parametrize("junk", [0, 1, None, "true", [], {}])
def test_flags_are_true_or_false_and_nothing_else(junk: object) -> None:
    flags = 0
    for path in paths(DATA):
        holder: Any = DATA
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder[path[-1]], bool):
            flags += 1
            changed = copy.deepcopy(DATA)
            inner: Any = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = junk
            assert refusal(digested(changed)), path
    assert flags >= 9


HOSTILE = {
    "an empty file": "",
    "no object": "[]",
    "a number": "3",
    "another format": digested({**DATA, "format": "other"}),
    "a newer version": digested({**DATA, "version": 2}),
    "a version that equals 1": digested({**DATA, "version": True}),
    "a version in words": digested({**DATA, "version": "1"}),
    "no digest": json.dumps({k: v for k, v in DATA.items() if k != "digest"}),
    "a digest that is no text": json.dumps({**DATA, "digest": None}),
    "a key twice": TEXT.replace('"title"', '"title": "x", "title"', 1),
    "not a number": TEXT.replace('"version": 1', '"version": NaN'),
    "infinity": TEXT.replace('"version": 1', '"version": Infinity'),
    "a decimal": TEXT.replace('"version": 1', '"version": 1.0'),
    "a huge exponent": TEXT.replace('"version": 1', '"version": 1e999999999'),
    "a huge integer": TEXT.replace('"version": 1', '"version": ' + "9" * 100_000),
    "a deep list": "[" * 100_000 + "]" * 100_000,
    "a deep object": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a byte order mark": "\ufeff" + TEXT,
    "a zero byte": TEXT.replace(" ", "\0", 1),
    "two files": TEXT + TEXT,
    "a comment": "// proof\n" + TEXT,
    "too many characters": TEXT + " " * record_module.MAX_BYTES,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_one_line(name: str) -> None:
    reason = refusal(HOSTILE[name])
    assert reason
    assert "\n" not in reason
    assert len(reason) < 300


REASONS = {
    "another format": "'format' must be",
    "a newer version": "version 2",
    "a version that equals 1": "version True",
    "a decimal": "'1.0' in the proof file is not exact",
    "a huge exponent": "is not exact",
    "not a number": "'NaN' in the proof file is not exact",
    "no digest": "the digest does not match",
    "a key twice": "the same key twice",
    "too many characters": "has more than",
}


@pytest.mark.parametrize("name", REASONS)
def test_the_line_says_why(name: str) -> None:
    assert REASONS[name] in refusal(HOSTILE[name])


def test_the_longest_file_is_read() -> None:
    assert refusal(TEXT + " " * (record_module.MAX_BYTES - len(TEXT))) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"kind": "wish", "left": "1", "right": "1"}, "unknown kind of statement 'wish'"),
        ({"kind": "identity", "left": "1", "right": "1", "given": {}}, "'given' must be a list"),
        ({"kind": "implication", "given": [], "conclude": [{}]}, "must be a list of equations"),
        ({"kind": "implication", "given": [], "conclude": [["x"]]}, "must be a list of equations"),
    ],
)
def test_what_is_no_statement_says_why(data: dict[str, object], reason: str) -> None:
    with pytest.raises(ProofError, match=reason):
        statement_from_data(data)


MOMENT = [[2, 0], "delta[s1,s2]"]


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("laws", 1, "moments", 0), {"a": MOMENT[0], "b": MOMENT[1]}, "a moment must be a pair"),
        (("laws", 1, "moments", 0), [[2, 0], "1", "1"], "a moment must be a pair"),
        (("laws", 1, "moments", 0), ["20", "1"], "a moment must be a pair"),
        (("laws", 1, "moments", 0), [[2, 0], 1], "a moment must be a pair"),
        (("laws", 1, "moments", 0), [[2, False], "1"], "a moment must be a pair"),
        (("laws", 1, "moments", 0), [[2, -1], "1"], "a moment must be a pair"),
        (("laws", 1, "moments", 0), [[17, 0], "1"], "a moment must be a pair"),
        (("laws", 1, "moments", 0), [2, "1"], "a moment must be a pair"),
        (("laws", 0, "variance"), 1, "'variance' must be text"),
        (("laws", 1, "moments", 0), [[2], "1"], "do not fit its arrays"),
        (("models",), [{"law": "x", "values": [["p"]]}], "a value of a model must be a pair"),
        (("models",), [{"law": "x", "values": [["p", "1", "2"]]}], "a value of a model must be"),
        (("sorts",), [["row"]], "has an undeclared sort"),
        (("sorts",), [["row", "n", "n"]], "has an undeclared sort"),
        (("inverses",), [[]], "not part of the format"),
        (("inverses",), [["M"]], "not part of the format"),
        (("inverses",), [["M", "X", "N"]], "not part of the format"),
        (("scalars", 0, "minimum"), "1/0", "is not a rational number"),
        (("scalars", 0, "minimum"), "0", "must be declared an integer of at least 0"),
    ],
)
def test_a_declaration_of_another_shape_says_why(
    path: tuple[object, ...], value: object, reason: str
) -> None:
    changed = copy.deepcopy(DATA)
    holder: Any = changed["proofs"][0]["context"]
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    if reason.endswith("at least 0"):
        changed["proofs"][0]["context"]["scalars"][0]["integer"] = False
    assert reason in refusal(digested(changed))


def test_models_and_degrees_up_to_16_survive_the_round_trip() -> None:
    law = Law("joint", ("z",), moments=(((2,), "m"), ((16,), "m^8")))
    model = Model("a sign", (("m", "1"),))
    where = Context(
        (Scalar("m", Fraction(0)),), (), (Tensor("z", ()),), laws=(law,), models=(model,)
    )
    assert context_from_data(context_to_data(where)) == where


def test_the_longest_rational_number_is_read() -> None:
    assert rational("-" + "9" * 399) == -int("9" * 399)
    with pytest.raises(ProofError):
        rational("-" + "9" * 400)


@pytest.mark.parametrize("depth", [150, 250, 900])
def test_deep_certificates_are_refused_or_ignored(depth: int) -> None:
    deep: list[object] = []
    for _ in range(depth):
        deep = [deep]
    changed = copy.deepcopy(DATA)
    changed["proofs"][0]["steps"][0]["certificate"]["x"] = deep
    body = json.dumps({**changed, "digest": "sha256:0"})
    assert refusal(body)
    if depth < 900:
        assert ("nested" in refusal(digested(changed))) == (depth > 190)


def test_a_deep_case_tree_is_refused() -> None:
    tree: dict[str, object] = {"node": "conclude", "system": 0, "by": {}}
    for k in range(50):
        equation = {"name": f"e{k}", "left": "0", "right": "0"}
        tree = {"node": "derive", "equation": equation, "by": {}, "then": tree}
    changed = copy.deepcopy(DATA)
    for step in changed["proofs"][0]["steps"]:
        if step["rule"] == "cases":
            step["certificate"] = tree
    assert "40 levels" in refusal(digested(changed))


@pytest.mark.parametrize("seed", range(3))
def test_random_edits_with_a_fresh_digest_never_break_the_replay(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(60):
        refusal(digested(edited(DATA, draw)))


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("-1/2", Fraction(-1, 2)), ("10/4", 2.5)])
def test_rational_numbers(text: str, value: object) -> None:
    assert rational(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "-", "1/", "/1", "1/0", "1/2/3", "--1", "+1", "1.5", "1e3", " 1", "\u0661", "9" * 401],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ProofError):
        rational(text)


def test_surrogates_and_unicode_survive_the_round_trip() -> None:
    empty = Record("t", "\ud800 \u2211 é", "s", ())
    assert load(dump(empty)) == empty
    assert dump(empty).isascii()
    assert Context(scalars=(), sorts=()) == context_from_data(
        context_to_data(Context(scalars=(), sorts=()))
    )
