"""A whole setting file: where a layer is trained, which layer, and where it is tested.

    [test]            context_length, scale, query_covariance
    [test.covariates] [test.task] [test.noise]      as the tables without "test."

What [test] leaves out is as in training. Test covariates are multiplied by ``scale``; the query
may have another covariance than the examples.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from verifier.setting.covariance import Covariance, Matrix
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Normal
from verifier.setting.layer_tables import (
    LAYER_KEYS,
    TRAINING_KEYS,
    LayerForm,
    Training,
    read_layer,
    read_training,
)
from verifier.setting.numbers import exact_number
from verifier.setting.responses import Linear
from verifier.setting.setting_file import KEYS, merged, read_bytes, setting_of
from verifier.setting.task_tables import read_covariance
from verifier.setting.toml_tables import Tables, integer, parse_document

_TEST_KEYS = ("context_length", "scale", "query_covariance")
_SHIFTED = ("covariates", "task", "noise")


@dataclass(frozen=True, slots=True)
class TestLaw:
    """The prompts on which a layer is scored; ``query_covariance`` is that of the query alone."""

    __test__ = False

    setting: Setting
    query_covariance: Covariance | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a setting file asks.

    ``readout`` is a B that is given instead of looked for; ``drawn_pool`` says that the pool of
    tasks was drawn, so that fresh tasks are another law. ``outputs`` responses share the
    covariates, each with a task of its own, independent and of one law.
    """

    setting: Setting
    form: LayerForm = field(default_factory=LayerForm)
    training: Training = field(default_factory=Training)
    readout: Matrix | None = None
    test: TestLaw | None = None
    drawn_pool: bool = False
    outputs: int = 1


def read_question(path: str) -> Question:
    """The question in the file ``path``; errors as for ``setting_file.read_setting``."""
    return parse_question(read_bytes(path), os.path.basename(path))


def parse_question(content: bytes, name: str = "setting") -> Question:
    """The question that the TOML in ``content`` asks; ``name`` stands in error messages."""
    return question_of(parse_document(content, name), name)


def question_of(document: Mapping[str, Any], name: str = "setting") -> Question:
    """The question of a document that is parsed already."""
    document = dict(document)
    asked: dict[str, Any] = {}
    outputs = 1
    if isinstance(document.get("task"), dict) and "outputs" in document["task"]:
        task = dict(document["task"])
        outputs = Tables(name, document).at(
            "task", "outputs", lambda v: integer(v, "outputs"), None
        )
        del task["outputs"]
        document["task"] = task
    for key in ("layer", "training", "test"):
        if key in document:
            asked[key] = document.pop(key)
    tables = Tables(name, asked)
    extra = {"layer": LAYER_KEYS, "training": TRAINING_KEYS}
    Tables(name, {k: v for k, v in asked.items() if k in extra}).check(extra)
    Tables(name, document).known("table", "", document, (*KEYS, *extra, "test"))
    setting = setting_of(Tables(name, document))
    form, readout = read_layer(tables, setting.dimension)
    training = read_training(tables, setting.context_length)
    test = _test(name, document, asked["test"]) if "test" in asked else None
    if outputs > 1 and not _independent_outputs(setting):
        message = "are for linear responses with tasks of a symmetric law"
        raise Tables(name, document).wrong("task", "outputs", message)
    drawn = "pool_size" in document.get("task", {})
    if drawn and test is None:
        test = _fresh(name, document)
    return Question(setting, form, training, readout, test, drawn, outputs)


def _independent_outputs(setting: Setting) -> bool:
    response = setting.response
    return isinstance(response, Linear) and response.weights.symmetric


def _fresh(name: str, document: Mapping[str, Any]) -> TestLaw:
    """The same setting with tasks drawn anew from the law that the pool was drawn from."""
    tasks = {k: v for k, v in document["task"].items() if k not in ("pool_size", "pool_seed")}
    return TestLaw(setting_of(Tables(name, {**document, "task": tasks})))


def _test(name: str, document: Mapping[str, Any], given: Any) -> TestLaw:
    if not isinstance(given, dict):
        raise ValueError(f"{name}: test must be a table: [test]")
    for key in given:
        for table in _SHIFTED:
            if key in KEYS[table] and key not in _TEST_KEYS:
                raise ValueError(f"{name}: [test] {key}: write it under [test.{table}]")
    shifted = {table: given[table] for table in _SHIFTED if table in given}
    here = Tables(name, given)
    here.known("key", "[test] ", given, (*_TEST_KEYS, *_SHIFTED))
    Tables(name, shifted, "test.").check({table: KEYS[table] for table in _SHIFTED})
    own = Tables(name, {"test": given})
    other: dict[str, Mapping[str, Any]] = dict(shifted)
    if "context_length" in given:
        own.at("test", "context_length", lambda v: integer(v, "context_length"), None)
        other["prompt"] = {"context_length": given["context_length"]}
    setting = setting_of(Tables(name, merged(document, other), "test."))
    scale = own.at("test", "scale", exact_number, 1)
    if scale != 1:
        if not scale:
            raise own.wrong("test", "scale", "must not be 0")
        setting = replace(
            setting,
            covariates=_scaled(setting.covariates, scale),
            covariate_mixture=tuple(
                (share, _scaled(part, scale)) for share, part in setting.covariate_mixture
            ),
        )
    if "query_covariance" not in given:
        return TestLaw(setting)
    d = setting.dimension
    query = own.at("test", "query_covariance", lambda v: read_covariance(v, d), None)
    if not allows_other_query(setting):
        raise own.wrong(
            "test",
            "query_covariance",
            "needs normal covariates of mean 0, linear responses and tasks of a symmetric law",
        )
    return TestLaw(setting, query)


def allows_other_query(setting: Setting) -> bool:
    """Whether the loss has a closed form in the second moments of x and w alone."""
    if setting.covariate_mixture:
        return False
    normal = isinstance(setting.covariates.law, Normal) and setting.covariates.centred
    response = setting.response
    return normal and isinstance(response, Linear) and response.weights.symmetric


def _scaled(covariates: Covariates, scale: Fraction) -> Covariates:
    """x multiplied by ``scale``."""
    rows = [[scale**2 * v for v in row] for row in covariates.covariance.entries]
    mean = tuple(scale * v for v in covariates.mean)
    return Covariates(covariates.law, Covariance.full(rows), mean)
