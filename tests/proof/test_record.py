"""Proof files: round trip, and every damaged or hostile file refused with one line."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import MISSING, fields, replace
from fractions import Fraction
from typing import Any

import pytest
from checked import checked
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_files import digested, edited, paths, small_record

from verifier.proof import context, rules, statements
from verifier.proof import record as record_module
from verifier.proof.codec import decode, encode
from verifier.proof.record import MAX_BYTES, MAX_NESTING, Record, dump, load, replay
from verifier.proof.syntax import Fuel, ProofError
from verifier.theorem.registry import theorems

TEXT = dump(small_record())
DATA = json.loads(TEXT)
STEPS = ("proofs", 0, "steps")


def refusal(text: str) -> str:
    """Why a file is not accepted; empty if every proof in it is accepted."""
    try:
        replay(load(text))
    except ProofError as error:
        return str(error)
    return ""


def loads(text: str) -> str:
    """Why a file is not read; empty if it is."""
    try:
        load(text)
    except ProofError as error:
        return str(error)
    return ""


def changed(path: tuple[Any, ...], value: Any) -> str:
    """The file with one value replaced (None: removed) and its digest computed afresh."""
    data = copy.deepcopy(DATA)
    holder: Any = data
    for key in path[:-1]:
        holder = holder[key]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return digested(data)


def test_round_trip() -> None:
    record = small_record()
    assert load(TEXT) == record
    assert dump(load(TEXT)) == TEXT
    assert TEXT.isascii()
    accepted = replay(load(TEXT))
    assert [len(steps) for _, steps in accepted] == [len(p.steps) for p in record.proofs]


def test_the_small_record_uses_every_kind_of_declaration_and_rule() -> None:
    """What the tests below do to the file they do to each kind."""
    kinds = set(json.dumps(DATA).replace('"kind": "', '"kind": "@').split('"kind": "@'))
    named = {text.split('"')[0] for text in kinds}
    wanted = {
        name
        for module in (context, rules)
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and kind.__module__ == module.__name__
        and hasattr(kind, "__slots__")
    }
    wanted |= {"Context", "Record"}
    assert wanted - {"Checked"} <= named


@pytest.mark.parametrize("name", sorted(theorems()))
def test_shipped_proofs_survive_the_round_trip(name: str) -> None:
    record = checked(name).record
    text = dump(record)
    assert load(text) == record
    assert len(text) < MAX_BYTES / 2


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
    for at in draw.sample(range(len(TEXT)), 300):
        for new in ("0", "7", "x", '"', " ", "-"):
            if TEXT[at] == new:
                continue
            other = TEXT[:at] + new + TEXT[at + 1 :]
            if refusal(other) == "":
                assert json.loads(other) == DATA


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_deleted_and_inserted_text_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 1))
    length = data.draw(st.integers(0, 40))
    inserted = data.draw(st.text(max_size=5))
    other = TEXT[:start] + inserted + TEXT[start + length :]
    if refusal(other) == "":
        assert json.loads(other) == DATA


JUNK: list[object] = [
    True,
    0,
    -1,
    10**50,
    10**70,
    "",
    "x",
    "1/0",
    [],
    ["x"],
    [[]],
    {},
    {"kind": "By"},
    {"kind": "Tensor", "name": "q"},
    {"kind": "str"},
    "\ud800",
]


@pytest.mark.parametrize("junk", JUNK, ids=[repr(j)[:20] for j in JUNK])
def test_junk_in_any_place_never_breaks_the_loader(junk: object) -> None:
    """Every value in the file is replaced by junk, with a fresh digest; some are replayed too."""
    for at, path in enumerate(paths(DATA)):
        text = changed(path, copy.deepcopy(junk))
        said = loads(text) or (refusal(text) if at % 10 == 0 else "")
        assert "\n" not in said
        assert len(said) < 400


def test_a_record_does_not_stand_for_a_text() -> None:
    assert "is not what stands there" in loads(changed(("title",), {"kind": "str"}))


def test_what_has_no_default_must_be_there() -> None:
    kinds = {**vars(context), **vars(statements), "Record": Record}
    lacking = 0
    for path in paths(DATA):
        holder: Any = DATA
        for key in path[:-1]:
            holder = holder[key]
        if path[-1] == "kind" or not isinstance(holder, dict) or "kind" not in holder:
            continue
        known = {one.name: one for one in fields(kinds[holder["kind"]])}
        one = known.get(path[-1])
        if one is not None and one.default is MISSING and one.default_factory is MISSING:
            assert f"lacks {path[-1]!r}" in refusal(changed(path, None)), path
            lacking += 1
    assert lacking > 100


def test_additional_entries_are_refused() -> None:
    for path in paths(DATA):
        holder: Any = DATA
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder, dict) and "kind" in holder and path[-1] == "kind":
            said = refusal(changed((*path[:-1], "remark"), "hidden"))
            assert "has no entry 'remark'" in said or "not part of the format" in said, path


@pytest.mark.parametrize(
    ("path", "default"),
    [
        (("proofs", 0, "context", "scalars", 0, "strict"), False),
        (("proofs", 0, "context", "scalars", 0, "meaning"), ""),
        (("proofs", 0, "context", "arrays", 0, "sorts"), []),
        ((*STEPS, 1, "uses"), []),
        ((*STEPS, 1, "claim"), ""),
        ((*STEPS, 1, "certificate", "case"), 0),
        ((*STEPS, 1, "certificate", "by", "m", "times"), "1"),
        ((*STEPS, 1, "certificate", "by", "m", "squares"), []),
        ((*STEPS, 1, "statement", "cases", 0, 0, "relation"), "="),
    ],
)
def test_defaults_are_left_out(path: tuple[Any, ...], default: Any) -> None:
    """A file is written in one way only."""
    assert "entries that are not part of the format" in refusal(changed(path, default))


@pytest.mark.parametrize("junk", [0, 1, "true", [], {}])
def test_flags_are_true_or_false_and_nothing_else(junk: object) -> None:
    flags = 0
    for path in paths(DATA):
        holder: Any = DATA
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder[path[-1]], bool):
            flags += 1
            assert "is not what stands there" in refusal(changed(path, junk)), path
    assert flags >= 3


HOSTILE = {
    "an empty file": ("", "not valid JSON"),
    "no object": ("[]", "'format' must be"),
    "a number": ("3", "'format' must be"),
    "another format": (digested({**DATA, "format": "other"}), "'format' must be"),
    "the old version": (
        digested({**DATA, "version": 1}),
        "version 1; this program reads version 2",
    ),
    "a newer version": (digested({**DATA, "version": 3}), "version 3; this program reads"),
    "a version that equals 1": (digested({**DATA, "version": True}), "proof file version True"),
    "a version in words": (digested({**DATA, "version": "2"}), "proof file version 2"),
    "no version": (changed(("version",), None), "proof file version None"),
    "no digest": (
        json.dumps({k: v for k, v in DATA.items() if k != "digest"}),
        "the digest does not match",
    ),
    "a digest that is no text": (json.dumps({**DATA, "digest": None}), "the digest does not match"),
    "a key twice": (TEXT.replace('"title"', '"title": "x", "title"', 1), "gives one entry twice"),
    "a key twice inside": (
        TEXT.replace('"name"', '"name": "x", "name"', 1),
        "gives one entry twice",
    ),
    "not a number": (TEXT.replace('"version": 2', '"version": NaN'), "holds the number 'NaN'"),
    "infinity": (
        TEXT.replace('"version": 2', '"version": Infinity'),
        "holds the number 'Infinity'",
    ),
    "minus infinity": (TEXT.replace(": 2", ": -Infinity", 1), "holds the number '-Infinity'"),
    "a decimal": (TEXT.replace('"version": 2', '"version": 2.0'), "holds the number '2.0'"),
    "a huge exponent": (TEXT.replace(": 2", ": 1e999999999", 1), "holds the number '1e999999999'"),
    "a huge integer": (TEXT.replace(": 2", ": " + "9" * 100_000, 1), "not valid JSON"),
    "a deep list": ("[" * 100_000 + "]" * 100_000, "not valid JSON"),
    "a deep object": ('{"a":' * 50_000 + "1" + "}" * 50_000, "not valid JSON"),
    "a byte order mark": ("\ufeff" + TEXT, "not valid JSON"),
    "a zero byte": (TEXT.replace(" ", "\0", 1), "not valid JSON"),
    "two files": (TEXT + TEXT, "not valid JSON"),
    "a comment": ("// proof\n" + TEXT, "not valid JSON"),
    "too many characters": (TEXT + " " * MAX_BYTES, "has more than"),
    "a record that is none": (changed(("kind",), "Proof"), "is not what stands there"),
    "no title": (changed(("title",), None), "Record lacks 'title'"),
    "no context": (changed(("proofs", 0, "context"), None), "Proof lacks 'context'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_one_line(name: str) -> None:
    text, reason = HOSTILE[name]
    said = refusal(text)
    assert reason in said
    assert "\n" not in said
    assert len(said) < 300


def test_the_longest_file_is_read() -> None:
    assert refusal(TEXT + " " * (MAX_BYTES - len(TEXT))) == ""


BY = {"kind": "By", "combination": "root"}
NOT_THERE = "is not what stands there"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        # a reason where a leaf belongs, and the reverse
        ((*STEPS, 1, "certificate"), BY, NOT_THERE),
        ((*STEPS, 1, "certificate", "by", "m"), {"kind": "Conclude"}, NOT_THERE),
        ((*STEPS, 1, "certificate", "by"), BY, NOT_THERE),
        ((*STEPS, 1, "certificate", "by"), [], NOT_THERE),
        ((*STEPS, 1, "certificate"), {"kind": "Attained", "case": 0, "values": []}, "a minimum"),
        ((*STEPS, 6, "certificate"), {"kind": "Conclude"}, "a minimum"),
        ((*STEPS, 1, "statement"), {"kind": "Theorem"}, NOT_THERE),
        ((*STEPS, 1, "statement"), BY, NOT_THERE),
        ((*STEPS, 7, "certificate", "branches"), [{"kind": "Conclude"}], NOT_THERE),
        ((*STEPS, 7, "certificate", "branches"), [{"kind": "Conclude"}] * 3, NOT_THERE),
        ((*STEPS, 1, "certificate", "case"), 0.5, "holds the number '0.5'"),
        ((*STEPS, 1, "certificate", "case"), True, NOT_THERE),
        ((*STEPS, 1, "certificate", "case"), "0", NOT_THERE),
        ((*STEPS, 1, "certificate", "case"), 10**61, NOT_THERE),
        ((*STEPS, 1, "name"), 1, NOT_THERE),
        ((*STEPS, 1, "uses"), "bound", NOT_THERE),
        ((*STEPS, 1, "uses"), [1], NOT_THERE),
        ((*STEPS, 0, "kind"), "By", NOT_THERE),
        # declarations
        (("proofs", 0, "context", "scalars", 0, "minimum"), 1, NOT_THERE),
        (("proofs", 0, "context", "scalars", 0, "minimum"), "1/0", NOT_THERE),
        (("proofs", 0, "context", "scalars", 0, "minimum"), "2/2", "not part of the format"),
        (("proofs", 0, "context", "scalars", 0, "minimum"), "01", "not part of the format"),
        (("proofs", 0, "context", "scalars", 0, "minimum"), "1/1", "not part of the format"),
        (("proofs", 0, "context", "arrays", 0, "kind"), "Scalar", NOT_THERE),
        (("proofs", 0, "context", "arrays", 0, "kind"), "Array", NOT_THERE),
        (("proofs", 0, "context", "arrays", 0), "u", NOT_THERE),
        (("proofs", 0, "context", "sorts", 0, "letters"), ["i", ["j"]], NOT_THERE),
        (("proofs", 0, "context", "instances", 0, "values", 0, "entries"), 1, NOT_THERE),
        (("proofs", 0, "context", "instances", 0, "values", 0, "entries"), ["x"], NOT_THERE),
        (("proofs", 0, "context", "instances", 0, "values", 0, "entries"), {}, NOT_THERE),
        (("proofs", 0, "context", "instances", 0, "values", 0, "entries"), [["1"]], "right shape"),
    ],
)
def test_what_does_not_belong_there_is_refused(
    path: tuple[Any, ...], value: Any, reason: str
) -> None:
    assert reason in refusal(changed(path, value))


@pytest.mark.parametrize("text", ["3", "-1/2", "0", "-7", "9" * 60, "1/" + "9" * 60])
def test_rational_numbers(text: str) -> None:
    assert decode(Fraction, text) == Fraction(text)
    assert encode(decode(Fraction, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1/",
        "/1",
        "1/0",
        "1/2/3",
        "--1",
        "+1",
        "1.5",
        "1e3",
        " 1",
        "1\n",
        "\u0661",
        "9" * 61,
    ],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ProofError):
        decode(Fraction, text)


@pytest.mark.parametrize("depth", [50, 250, 900])
def test_deep_data_is_refused(depth: int) -> None:
    deep: list[object] = []
    for _ in range(depth):
        deep = [deep]
    said = refusal(changed((*STEPS, 1, "uses"), deep))
    assert ("nested deeper" in said) == (depth > MAX_NESTING)
    assert said


def test_a_deep_case_tree_is_refused() -> None:
    tree: dict[str, object] = {"kind": "Conclude"}
    for k in range(45):
        equation = {"kind": "Atom", "name": f"e{k}", "left": "0"}
        tree = {"kind": "Derive", "equation": equation, "by": {"kind": "By"}, "then": tree}
    assert "40 levels" in refusal(changed((*STEPS, 0, "certificate"), tree))


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_with_a_fresh_digest_never_break_the_replay(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(60):
        said = refusal(digested(edited(DATA, draw)))
        assert "\n" not in said


def test_surrogates_and_unicode_survive_the_round_trip() -> None:
    record = Record("t", "\ud800 \u2211 é", "s", ())
    assert load(dump(record)) == record


def test_one_account_of_fuel_serves_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof that may be checked ten times is not checked in a file that holds it eleven times."""
    (proof,) = small_record().proofs
    account = Fuel(10**9)
    rules.check(proof, account)
    spent = 10**9 - account.units
    monkeypatch.setattr(record_module, "FUEL", 10 * spent)
    many = replace(small_record(), proofs=(proof,) * 10)
    assert len(replay(many)) == 10
    with pytest.raises(ProofError, match="more steps than are allowed"):
        replay(replace(many, proofs=(proof,) * 11))
