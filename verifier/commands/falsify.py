"""``falsify``: which hypotheses are needed, which a weaker one replaces, and which can go."""

from __future__ import annotations

import argparse
import difflib
import sys

from verifier.commands.exit_codes import OPEN
from verifier.commands.forms import form_for
from verifier.render.streams import Progress, Style, say, whole_file
from verifier.reports.falsify_text import finding_text, findings_json, table_text
from verifier.theorem import registry
from verifier.theorem.falsify import Finding
from verifier.theorem.theorem import Hypothesis, Theorem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The theorem, one hypothesis or each, and where the counterexample goes."""
    parser.add_argument("theorem", help="a theorem from 'list', or 'all'")
    parser.add_argument("--without", metavar="HYPOTHESIS", help="drop this hypothesis")
    parser.add_argument("--each", action="store_true", help="drop each in turn (the default)")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the counterexample as a setting file: .toml"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: argparse.Namespace) -> int:
    """Print the table, or one finding in full; exit code 3 if a question stays open."""
    from verifier.theorem.falsify import falsify

    if arguments.without is not None and arguments.each:
        raise ValueError("--without drops one hypothesis, --each drops all in turn; choose one")
    if arguments.output and arguments.without is None:
        raise ValueError("-o writes one counterexample: name the hypothesis with --without")
    if arguments.output:
        form_for(arguments.output, None, ("toml",))
    every = arguments.theorem == "all"
    if every and arguments.without is not None:
        raise ValueError("--without is about one theorem; name it instead of 'all'")
    chosen = list(registry.theorems().values()) if every else [registry.find(arguments.theorem)]
    wanted = [(t, h) for t in chosen for h in t.hypotheses]
    if arguments.without is not None:
        wanted = [(chosen[0], _named(chosen[0], arguments.without))]
    if not wanted:
        raise ValueError(f"{arguments.theorem} lists no hypotheses that can be dropped")
    progress = Progress()
    findings = []
    try:
        for theorem, hypothesis in wanted:
            progress(f"{theorem.id} without {hypothesis.id}")
            findings.append(falsify(theorem, hypothesis, registry.find))
    finally:
        progress.clear()
    if arguments.output:
        found = findings[0].counterexample
        if found is None:
            raise ValueError(f"{arguments.without} is {findings[0].outcome}: nothing to write")
        if not found.setting:
            raise ValueError(f"{arguments.without}: no setting file can say: {found.law}")
        with whole_file(arguments.output) as file:
            file.write(found.setting.encode("utf-8"))
    if arguments.json:
        say(findings_json(findings))
        return _code(findings)
    style = Style.of(sys.stdout)
    one = arguments.without is not None
    say(finding_text(findings[0], style) if one else table_text(findings, style))
    return _code(findings)


def _code(findings: list[Finding]) -> int:
    return OPEN if any(finding.outcome == "open" for finding in findings) else 0


def _named(theorem: Theorem, name: str) -> Hypothesis:
    known = {h.id: h for h in theorem.hypotheses}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    raise ValueError(f"{theorem.id} has no hypothesis {name!r}; {hint}")
