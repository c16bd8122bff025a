"""A theorem: claims, a derivation that writes proofs, and evidence; ``check_theorem`` runs them.

A theorem file in ``proofs/`` builds a `Theorem`; nothing here knows which theorems exist.
A claim is ``proved`` only if the checker in ``verifier.proof`` accepts a step that states it, and
``refuted`` only if the same package accepts a counterexample; numbers alone only ``support``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from verifier.proof.context import Context, Definition
from verifier.proof.record import Record
from verifier.proof.rules import Checked, examine
from verifier.proof.statements import Minimum, Proof, Statement, Step
from verifier.theorem.claim_text import (
    claim_text,
    inverted,
    is_inverse,
    refuse_inverse,
    refuse_unknown_names,
)
from verifier.theorem.verdict import Verdict, overall
from verifier.theorem.wellformed import refuse_ill_formed, refuse_random, refuse_unreadable

if TYPE_CHECKING:
    from verifier.law_moments.general import GeneralMoments
    from verifier.theorem.refute import Refutation

Progress = Callable[[str], None]
_PREDICTED = re.compile(r"^\s*(?:ŷₙ₊₁|yhat)\s*(?:\[[^\]]*\])?\s*=(?=[^=]*$)")
PRINTED_AS = {"predictor": "prediction", "lower_bound": "minimum_loss"}  # in results, as a claim


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may ask of a check: sizes for the numerical evidence, and the seed."""

    dimensions: tuple[int, ...] = (1, 2, 3)
    context_lengths: tuple[int, ...] = (4,)
    noises: tuple[Fraction, ...] = (Fraction(1, 2),)
    samples: int = 64_000
    starts: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a theorem, in words; its formal statement is the proof step that carries it.

    A ``numerical`` one has no step: a table of evidence is what it says, and it is left out with
    the evidence.
    """

    id: str
    words: str
    source: str
    numerical: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve for documents: (x, y) points from left to right, and marked points with labels."""

    x_label: str
    y_label: str
    points: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Numerical evidence as a table. ``passed`` is None where the table only informs."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    passed: bool | None
    note: str = ""
    supports: tuple[str, ...] = ()
    curve: Curve | None = None


Filling = tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a theorem's derivation returns: proofs for the checker and the results they state.

    ``fillings`` are points (values for the deterministic tensors, as definitions) at which a
    false claim is likely to show; the search for counterexamples starts there.
    """

    proofs: tuple[Proof, ...]
    results: Mapping[str, object]
    fillings: tuple[Filling, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A setting (the text of a setting file) and the conclusion that is doubted in it.

    A law that no setting file can say is described by ``law`` in words, ``setting`` being empty,
    and given by its ``moments`` (`verifier.law_moments.general.GeneralMoments`).

    ``conclusion`` is "gradient step", "preconditioned step", "linear readout" or "readout", the
    last with the ``readout`` that the theorem's formula gives.
    """

    setting: str
    conclusion: str
    readout: tuple[tuple[Fraction, ...], ...] | None = None
    law: str = ""
    moments: GeneralMoments | None = None


def _no_violations(_d: int, _n: int, _noise: Fraction, _number: Fraction) -> tuple[Violation, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A hypothesis by name. ``proved_by`` (theorem, claim) shows that it can go, or that the weaker
    hypothesis ``instead`` does in its place; ``violations(d, n, noise, number)`` gives settings
    that violate it and nothing else. ``remark`` says what else a reader must know.
    """

    id: str
    words: str
    proved_by: tuple[str, str] | None = None
    violations: Callable[[int, int, Fraction, Fraction], tuple[Violation, ...]] = _no_violations
    remark: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Exposition:
    """What a written proof needs beside what was checked (`verifier.reports.appendix`).

    ``idea``: a paragraph, the only words that no checked object stands behind. ``notation``: how
    names are written, as other names (`verifier.render.symbols`). ``proofs``: those to be written
    out, by name; the first one where there are none. ``coq``: files in coq/ that prove it again.
    ``command``: the words that make the proof file, where that is not ``check THEOREM``.
    """

    idea: str = ""
    notation: Mapping[str, str] = field(default_factory=dict)
    proofs: tuple[str, ...] = ()
    coq: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem as registered: words for a reader, and the functions that do the work.

    ``numbers``: those of the ``claimable`` quantities that are one number for all prompts.
    ``inverses``: names of matrices that are claimed by the inverse, which is the one claimable.
    ``symbols``: scalars of its own; with sigma among them sigma^2 is its square, not sigma2.
    """

    id: str
    title: str
    source: str
    statement: str
    claims: tuple[Claim, ...]
    derive: Callable[[Mapping[str, str]], Derivation]
    evidence: Callable[[Derivation, Options, Progress], tuple[Table, ...]]
    claimable: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    numbers: tuple[str, ...] = ()
    inverses: Mapping[str, str] = field(default_factory=dict)
    exposition: Exposition = Exposition()
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """The verdict on one claim and what it rests on.

    ``context`` and ``statement`` are the objects that the checker accepted or refuted; ``minima``
    those that it accepted in the same proof, to which a premise objective = value refers;
    ``moments`` the highest orders that the proof used (`verifier.proof.rules.Checked`).
    """

    claim: Claim
    verdict: Verdict
    context: Context | None
    statement: Statement | None
    rests_on: tuple[str, ...] = ()
    minima: tuple[Minimum, ...] = ()
    moments: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""
    refutation: Refutation | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check found."""

    theorem: Theorem
    verdict: Verdict
    claims: tuple[ClaimReport, ...]
    results: Mapping[str, object]
    tables: tuple[Table, ...]
    record: Record
    options: Options
    seconds: float
    claimed: Mapping[str, str] = field(default_factory=dict)


def check_theorem(
    theorem: Theorem,
    options: Options | None = None,
    claimed: Mapping[str, str] | None = None,
    progress: Progress = lambda message: None,
    numerical: bool = True,
) -> Report:
    """Derive, prove, try to refute, and report.

    ``claimed`` replaces derived quantities (``learning_rate`` ...) by a user's own claim, given as
    text in the index language or as it is printed (`verifier.theorem.claim_text`). ValueError
    lists what can be claimed, or says in one line why a claim is not well formed.
    """
    options, claimed = options or Options(), _read_claims(theorem, claimed or {})
    started = time.perf_counter()
    progress("deriving")
    derivation = _derived(theorem, claimed)
    progress("checking the proof")
    outcomes = _examine(derivation)
    tables: tuple[Table, ...] = ()
    if numerical:
        tables = theorem.evidence(derivation, options, progress)
    reports: tuple[ClaimReport, ...] = ()
    for claim in theorem.claims:
        if numerical or not claim.numerical:
            refuted = any(report.refutation for report in reports)
            outcome = outcomes.get(claim.id)
            one = _report(claim, outcome, derivation, tables, options.seed, refuted)
            reports = (*reports, one)
    verdict = overall(tuple(report.verdict for report in reports))
    if verdict in (Verdict.PROVED, Verdict.SUPPORTED) and any(t.passed is False for t in tables):
        verdict = Verdict.UNDECIDED
    record = Record(theorem.id, theorem.title, theorem.source, derivation.proofs)
    seconds = time.perf_counter() - started
    return Report(
        theorem, verdict, reports, derivation.results, tables, record, options, seconds, claimed
    )


def _read_claims(theorem: Theorem, claimed: Mapping[str, str]) -> dict[str, str]:
    """The claims as typed in the index language, each under the name of what is claimable."""
    read: dict[str, str] = {}
    variance = "sigma" not in theorem.symbols
    for printed, text in claimed.items():
        key = PRINTED_AS.get(printed, printed)
        text = _PREDICTED.sub("", text) if key == "prediction" else text
        if key not in theorem.claimable and key not in theorem.inverses:
            known = ", ".join(dict.fromkeys((*theorem.claimable, *theorem.inverses))) or "nothing"
            raise ValueError(f"{key!r} cannot be claimed for {theorem.id}; it can: {known}")
        try:
            if key in theorem.inverses and (key not in theorem.claimable or is_inverse(text)):
                read[theorem.inverses[key]] = claim_text(inverted(text), variance)
            else:
                refuse_inverse(text, key, theorem.inverses)
                read[key] = claim_text(text, variance)
        except ValueError as error:
            raise ValueError(f"claim {key}={' '.join(text.split())[:60]}: {error}") from None
    return read


def _derived(theorem: Theorem, claimed: Mapping[str, str]) -> Derivation:
    """The derivation with all claims; each is read by itself first, so that an error names it."""
    plain = theorem.derive({})
    _refuse_uncarried(theorem, plain)
    derivation = plain
    for key, text in claimed.items():
        try:
            number = key in theorem.numbers
            refuse_unknown_names(text, plain.proofs, number)
            refuse_unreadable(text, plain.proofs)
            if number:
                refuse_random(text, plain.proofs)
            derivation = theorem.derive({key: text})
            refuse_ill_formed(derivation.proofs, plain.proofs)
        except ValueError as error:
            shown = " ".join(text.split())[:60]
            raise ValueError(f"claim {key}={shown}: {error}") from None
    return derivation if len(claimed) < 2 else theorem.derive(claimed)


def _refuse_uncarried(theorem: Theorem, derivation: Derivation) -> None:
    """ValueError unless each claim is carried by one step of the proofs."""
    carried = [step.claim for proof in derivation.proofs for step in proof.steps if step.claim]
    wanted = [claim.id for claim in theorem.claims if not claim.numerical]
    reasons = (
        ("no step of its proofs carries the claim", [x for x in wanted if x not in carried]),
        ("two steps carry the claim", [x for x in wanted if carried.count(x) > 1]),
    )
    for reason, names in reasons:
        if names:
            raise ValueError(f"{theorem.id}: {reason} {names[0]!r}")


@dataclass(frozen=True, slots=True)
class _Outcome:
    proof: Proof
    step: Step
    checked: Checked | None
    reason: str
    accepted: Mapping[str, Checked]


def _examine(derivation: Derivation) -> dict[str, _Outcome]:
    """The outcome of every step that carries a claim."""
    outcomes: dict[str, _Outcome] = {}
    for proof in derivation.proofs:
        accepted, failed = examine(proof)
        for step in proof.steps:
            if step.claim:
                outcomes[step.claim] = _Outcome(
                    proof, step, accepted.get(step.name), failed.get(step.name, ""), accepted
                )
    return outcomes


def _report(
    claim: Claim,
    outcome: _Outcome | None,
    derivation: Derivation,
    tables: tuple[Table, ...],
    seed: int,
    refuted: bool,
) -> ClaimReport:
    """``refuted``: another claim is, so that not much is spent on this one."""
    if outcome is None:
        evidence = [t for t in tables if claim.id in t.supports]
        supported = bool(evidence) and all(t.passed for t in evidence)
        verdict = Verdict.SUPPORTED if supported else Verdict.UNDECIDED
        titles = tuple(t.title for t in evidence)
        return ClaimReport(claim, verdict, None, None, titles)
    context, statement = outcome.proof.context, outcome.step.statement
    steps = [one.step.statement for one in outcome.accepted.values()]
    minima = tuple(one for one in steps if isinstance(one, Minimum))
    if outcome.checked is not None:
        basis = tuple(sorted(outcome.checked.lemmas)) + context.assumptions
        moments = list(outcome.accepted.values())[-1].moments
        return ClaimReport(claim, Verdict.PROVED, context, statement, basis, minima, moments)
    from verifier.theorem.refutation import FEW, UNITS, search

    refutation = search(
        context, outcome.step, outcome.proof, derivation.fillings, seed, FEW if refuted else UNITS
    )
    verdict = Verdict.UNDECIDED if refutation is None else Verdict.REFUTED
    return ClaimReport(
        claim,
        verdict,
        context,
        statement,
        minima=minima,
        reason=outcome.reason,
        refutation=refutation,
    )
