"""All forms of one checked report, for the laws."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from remembered import THEOREMS, check_once

from verifier.proof.record import Record, replay
from verifier.render.latex import latex_document
from verifier.render.markdown import markdown_document
from verifier.render.streams import Style
from verifier.reports.derivation import derivation_document
from verifier.reports.json_record import json_text
from verifier.reports.replayed import replayed_text
from verifier.reports.terminal import report_text
from verifier.theorem.theorem import Report

WRONG_RATE = {"learning_rate": "1/(2 + sigma2)"}
LARGE = ("theorem1", "theorem2", "gaussian-pair", "theorem3", "landscape")
SUBJECTS = [
    *("specimen", "opposed", "refuted", "ridge-bayes", "von-oswald-construction"),
    *(pytest.param(name, marks=pytest.mark.deep) for name in LARGE),
]


@dataclass(frozen=True)
class Forms:
    """A report and all that is shown of it; ``record`` is its JSON object."""

    report: Report
    short: str
    full: str
    markdown: str
    latex: str
    record: dict[str, Any]

    @classmethod
    def of(cls, subject: str) -> Forms:
        """Those of one of `SUBJECTS`."""
        name = "specimen" if subject == "refuted" else subject
        claimed = WRONG_RATE if subject == "refuted" else {}
        numerical = name in ("specimen", "opposed")
        report = check_once(THEOREMS[name], claimed=claimed, numerical=numerical)
        document = derivation_document(report)
        return cls(
            report,
            report_text(report, Style()),
            report_text(report, Style(), full=True),
            markdown_document(document),
            latex_document(document),
            json.loads(json_text(report)),
        )

    @property
    def documents(self) -> tuple[str, str]:
        """The two forms of the derivation."""
        return self.markdown, self.latex


def replayed(record: Record) -> str:
    """What ``recheck`` prints of a proof file that is accepted."""
    return replayed_text(record, replay(record), Style(), 0.0)
