"""A report as one JSON object, described by ``report.schema.json`` beside this file.

Exact values are strings: rational numbers ``"5/26"``, expressions in n, d, sigma2 with ``**`` that
SymPy parses, and expressions with indices in the index language. docs/json.md explains it.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from fractions import Fraction
from importlib import metadata, resources
from typing import Any

from verifier import __version__
from verifier.proof.codec import encode
from verifier.proof.context import Context, Entries
from verifier.render.facts import ASSUMED, LAWS
from verifier.render.kinds import form_of
from verifier.render.wording import Wording
from verifier.reports.results import (
    Equations,
    Formula,
    classify,
    contexts_of,
    results_of,
    sympy_text,
)
from verifier.reports.witness import Witness
from verifier.theorem.theorem import ClaimReport, Report, Table
from verifier.theorem.verdict import Verdict, overall

SCHEMA_VERSION = 2
CHECKER = "verifier/proof: the checker with its own arithmetic, Python standard library only"
_PACKAGES = ("numpy", "python-flint", "scipy", "sympy")
_ASCII = Wording(unicode=False)


def json_text(report: Report | list[Report]) -> str:
    """The JSON text of one report, or of one object that holds several."""
    if isinstance(report, Report):
        return json.dumps(json_object(report), indent=2, ensure_ascii=True)
    verdict = overall(tuple(one.verdict for one in report))
    whole = {
        "schema_version": SCHEMA_VERSION,
        "verdict": verdict.value,
        "reports": [json_object(one) for one in report],
    }
    return json.dumps(whole, indent=2, ensure_ascii=True)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `json_object`."""
    file = resources.files("verifier.reports") / "report.schema.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def json_object(report: Report) -> dict[str, Any]:
    """The report as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "theorem": report.theorem.id,
        "title": report.theorem.title,
        "source": report.theorem.source,
        "statement": report.theorem.statement,
        "verdict": report.verdict.value,
        "claimed": dict(report.claimed),
        "claims": [_claim(claim) for claim in report.claims],
        "results": _result(results_of(report), contexts_of(report)),
        "trusted_base": trusted_base(report),
        "numerical": {
            "options": _options(report),
            "tables": [_table(table) for table in report.tables],
        },
        "versions": versions(),
        "seed": report.options.seed,
        "seconds": round(report.seconds, 3),
    }


def trusted_base(report: Report) -> list[str]:
    """The checker and every lemma or assumption that some claim rests on, in order of use."""
    proved = [c for c in report.claims if c.verdict is Verdict.PROVED]
    lemmas = dict.fromkeys(lemma for claim in proved for lemma in claim.rests_on)
    return [CHECKER, *lemmas]


def versions() -> dict[str, str]:
    """Versions of this program, Python, and the packages that derive and search."""
    found = {"verifier": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _claim(report: ClaimReport) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": report.claim.id,
        "words": report.claim.words,
        "source": report.claim.source,
        "statement": "",
        "form": "",
        "formal": None,
        "quantifiers": [],
        "hypotheses": [],
        "laws": [],
        "definitions": [],
    }
    if report.context is not None and report.statement is not None:
        context, statement = report.context, report.statement
        data |= {
            "statement": " ".join(_ASCII.statement(context, statement, report.minima)),
            "form": form_of(statement, report.minima).value,
            "formal": encode(statement),
            "quantifiers": list(_ASCII.quantifiers(context, statement, report.minima)),
            "hypotheses": list(_ASCII.facts(context, report.moments, ASSUMED)),
            "laws": list(_ASCII.facts(context, report.moments, LAWS)),
            "definitions": list(_ASCII.definitions(context, (statement,))),
        }
    return {**data, "verdict": report.verdict.value, "evidence": _evidence(report)}


def _evidence(report: ClaimReport) -> list[dict[str, Any]]:
    """Every line of evidence, with what it rests on."""
    if report.verdict is Verdict.PROVED:
        moments = dict(report.moments)
        return [{"kind": "proof", "rests_on": list(report.rests_on), "moments": moments}]
    if report.refutation is not None and report.context is not None:
        witness = Witness.of(report.context, report.refutation)
        values: dict[str, Any] = {name: _exact(v) for name, v in witness.tensors.items()}
        return [
            {
                "kind": "counterexample",
                "reason": witness.reason,
                "scalars": {name: str(value) for name, value in witness.scalars.items()},
                "tensors": values,
                "zero": list(witness.zero),
                "rules": [encode(rule) for rule in witness.rules],
                "models": [encode(model) for model in witness.models],
                "where": dict(witness.where),
                "found": str(witness.found),
                "claimed": str(witness.claimed),
            }
        ]
    if report.verdict is Verdict.SUPPORTED:
        return [{"kind": "numerical", "tables": list(report.rests_on)}]
    return [{"kind": "none", "reason": report.reason}]


def _exact(value: Entries) -> Any:
    """Exact numbers as strings, nested as they are."""
    return str(value) if isinstance(value, Fraction) else [_exact(entry) for entry in value]


def _result(value: object, contexts: Sequence[Context]) -> Any:
    """A result as strings, nested as it is; expressions in SymPy's notation."""
    if isinstance(value, Mapping):
        return {str(key): _result(inner, contexts) for key, inner in value.items()}
    kind = classify(value, contexts)
    if isinstance(kind, Formula):
        return sympy_text(kind.context, kind.text)
    if isinstance(kind, Equations) and not isinstance(value, str):
        read = kind.context
        return [
            [f"{sympy_text(read, left)} = {sympy_text(read, right)}" for left, right in system]
            for system in kind.systems
        ]
    if isinstance(value, list | tuple):
        return [_result(inner, contexts) for inner in value]
    return str(value)


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "passed": table.passed,
        "note": table.note,
        "supports": list(table.supports),
    }


def _options(report: Report) -> dict[str, Any]:
    options = report.options
    return {
        "dimensions": list(options.dimensions),
        "context_lengths": list(options.context_lengths),
        "noises": [str(noise) for noise in options.noises],
        "samples": options.samples,
        "starts": options.starts,
    }
