"""`explore`'s answer as an instance of a theorem, equal to what was computed by another route.

The checker accepts the theorem for all sizes, variances and matrices. Its statements are evaluated
at the setting's numbers, exactly, and compared with what `explore` found by linear algebra on the
setting's own moments. The two routes share no derivation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from verifier.arithmetic.rationals import RationalMatrix
from verifier.explore.answer import Certainties, Exploration
from verifier.explore.instance import Instance, Stated
from verifier.explore.values import Certainty
from verifier.instantiated.evaluation import COLUMN, ROW, Numbers, substituted
from verifier.instantiated.symbolic import NotCovered, Symbolic, symbolic
from verifier.instantiated.theorem import (
    DETERMINES,
    HERE,
    containing_theorem,
    normal_equation,
)
from verifier.optimum.readout import Kind
from verifier.proof.context import Atom, Context
from verifier.proof.statements import Claim, Minimum
from verifier.prover.data_model import EXAMPLE, FEATURE, QUERY
from verifier.theorem.theorem import ClaimReport, Report, check_theorem
from verifier.theorem.verdict import Verdict

Progress = Callable[[str], None]
Agreement = tuple[str, str]
MINIMUM, PREDICTION, RATE, READOUT = "minimum", "prediction", "eta", "P"
STATISTIC = "s"  # X'y in the theorem's context
REASON = (
    "an instance of a theorem that the checker accepted; the same numbers, exactly, by a "
    "certificate for this setting alone"
)


class Disagreement(Exception):
    """What the theorem gives here is not what `explore` computed: one of the two is wrong."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of `explore` in exact numbers; ``preconditioned``: of (E xx')^-1 is the rate."""

    loss: Fraction
    B: RationalMatrix
    rate: Fraction | None
    preconditioned: bool


def proved(
    found: Exploration, name: str, progress: Progress = lambda message: None, keep: bool = True
) -> Exploration:
    """The exploration with ``proved`` for what the theorem says of it, and the proof.

    `NotCovered` says in one line what stands in the way, `Disagreement` where the two routes do not
    give the same numbers. ``keep``: certificates are kept on disk, and checked again when used.
    """
    if not (found.form.plain and found.training.plain and found.outputs == 1):
        raise NotCovered("[layer], [training]: only the plain layer and loss, of one response")
    form, answer = symbolic(found.setting), exact_answer(found)
    try:
        theorem = containing_theorem(form, name, progress, keep)
    except ValueError as error:
        raise NotCovered(str(error)) from None
    report = check_theorem(theorem, progress=progress, numerical=False)
    instance = instantiated(report, form, answer)
    optimum = found.optimum
    rate = None if optimum.learning_rate is None else Certainty.PROVED
    certain = Certainties(Certainty.PROVED, Certainty.PROVED, Certainty.PROVED, rate)
    divisor, reason = _divisor(found), REASON
    if divisor != 1:
        reason += f"; B and the rate are the theorem's times {divisor}, as the layer divides by it"
    optimum = replace(optimum, certainty=Certainty.PROVED, certainties=certain, reason=reason)
    return replace(found, optimum=optimum, proof=instance)


def _divisor(found: Exploration) -> int:
    """What the layer divides its sum by; B and the rate are shown as much larger."""
    return found.form.divide_by.of(found.setting.context_length)


def exact_answer(found: Exploration) -> Answer:
    """The numbers of the answer, without division; `NotCovered` where they are not rational."""
    optimum, divisor = found.optimum, _divisor(found)
    if optimum.certainty is not Certainty.COMPUTED or optimum.loss.exact is None:
        raise NotCovered("the answer is not computed exactly")
    rows = []
    for row in optimum.B:
        entries = [value.exact / divisor for value in row if value.exact is not None]
        if len(entries) < len(row):
            raise NotCovered("the best layer is not rational")
        rows.append(tuple(entries))
    shown = None if optimum.learning_rate is None else optimum.learning_rate.exact
    rate = None if shown is None else shown / divisor
    preconditioned = optimum.kind is Kind.PRECONDITIONED
    return Answer(optimum.loss.exact, tuple(rows), rate, preconditioned)


def instantiated(report: Report, form: Symbolic, answer: Answer) -> Instance:
    """The theorem's statements at the numbers of ``form``, which must be those of the answer.

    `NotCovered` where a claim that is needed is not proved or the theorem assumes more than the
    setting gives; `Disagreement`.
    """
    claims = {one.claim.id: one for one in report.claims if one.verdict is Verdict.PROVED}
    for one in report.claims:
        if one.claim.id not in claims:
            raise NotCovered(f"the checker did not accept the claim {one.claim.id!r}")
    if MINIMUM not in claims:
        raise NotCovered("no layer is known that attains the bound that 'prove' shows")
    context = _context(claims[MINIMUM])
    _check_premises(report, form)
    values: dict[str, object] = dict(form.values)
    if DETERMINES in claims:
        values[READOUT] = answer.B
    d, n = (int(Fraction(str(form.values[key]))) for key in ("d", "n"))
    numbers = Numbers(context, {FEATURE: d, EXAMPLE: n}, values)
    least, predicted = _minimum(claims[MINIMUM]).value, _predicted(claims[PREDICTION])
    agreement = [_same("minimum loss", numbers.number(least), answer.loss)]
    agreement += _readout(numbers, predicted.right, answer.B)
    stated = [Stated("minimum loss", "", least)]
    stated.append(Stated("prediction", predicted.left, predicted.right))
    for definition in context.definitions:
        if definition.name == RATE:
            stated.append(Stated("learning rate", RATE, definition.body))
            if answer.rate is not None and answer.preconditioned is ("Lambdai" in values):
                agreement.append(_same("learning rate", numbers.number(RATE), answer.rate))
    if HERE in claims:
        shown = Fraction(_equation(claims[HERE]).right)
        agreement.append(_same(f"minimum loss in the claim {HERE}", shown, answer.loss))
    if DETERMINES in claims:
        equation = _equation(claims[DETERMINES])
        stated.append(Stated("P solves", equation.left, equation.right))
        agreement.append(_solved(numbers, equation))
    basis = dict.fromkeys(lemma for one in claims.values() for lemma in one.rests_on)
    return Instance(
        setting=form.toml,
        context=context,
        stated=tuple(stated),
        values=tuple((k, v) for k, v in form.values.items() if isinstance(v, Fraction)),
        claims=tuple((one.claim.id, one.claim.words) for one in claims.values()),
        rests_on=tuple(basis),
        agreement=tuple(agreement),
        record=report.record,
    )


def _check_premises(report: Report, form: Symbolic) -> None:
    """The setting is in the range of every scalar, and gives all that the proofs assume.

    What they assume of P follows from its equation, a claim of its own; what they assume of an
    inverse holds wherever the matrix is definite.
    """
    for proof in report.record.proofs:
        for scalar in proof.context.scalars:
            value, least = form.values.get(scalar.name), scalar.minimum
            if not isinstance(value, Fraction):
                raise NotCovered(f"the theorem has a number {scalar.name!r} that has no value here")
            if least is not None and (value < least or (scalar.strict and value == least)):
                raise NotCovered(f"{scalar.name} = {value} is outside the theorem's range")
        inverses = {"F_Fi", "Fi_F"} if "Lambdai" in form.values else set()
        determined = any(step.claim == DETERMINES for step in proof.steps)
        known = {normal_equation(proof).name} if determined else set()
        for atom in proof.context.given:
            if atom.name not in inverses | known:
                raise NotCovered(f"the theorem assumes {atom.name!r}")


def _readout(numbers: Numbers, predicted: str, B: RationalMatrix) -> list[Agreement]:
    """That the prediction of the theorem is x'B X'y with this B, entry by entry."""
    vectors = {QUERY: ROW, STATISTIC: COLUMN}
    found = numbers.of_node(substituted(numbers.context.read(predicted), vectors), (ROW, COLUMN))
    for row, entries in enumerate(B):
        for column, entry in enumerate(entries):
            _same(f"B[{row + 1},{column + 1}]", found[row, column], entry)
    return [("B", f"all {len(B) ** 2} entries")]


def _same(quantity: str, proved: Fraction, computed: Fraction) -> Agreement:
    if proved != computed:
        raise Disagreement(
            f"two routes disagree: the {quantity} is {proved} by the theorem and {computed} by "
            "explore's own certificate; this is a bug, please report it"
        )
    return quantity, str(proved)


def _solved(numbers: Numbers, equation: Atom) -> Agreement:
    """That P = B solves the theorem's equation, entry by entry."""
    left, right = (numbers.array(text, ("i", "j")) for text in (equation.left, equation.right))
    if not (left == right).all():
        raise Disagreement(
            "two routes disagree: explore's B does not solve the theorem's equation for P; this is "
            "a bug, please report it"
        )
    return "P = B solves the equation for P", f"all {left.size} entries"


def _context(report: ClaimReport) -> Context:
    if report.context is None:
        raise NotCovered(f"the claim {report.claim.id!r} has no context")
    return report.context


def _minimum(report: ClaimReport) -> Minimum:
    if not isinstance(report.statement, Minimum):
        raise NotCovered("the theorem does not state a minimum")
    return report.statement


def _predicted(report: ClaimReport) -> Atom:
    if not isinstance(report.statement, Claim) or len(report.statement.cases) != 1:
        raise NotCovered("the theorem does not state one prediction")
    ((atom,),) = report.statement.cases
    return atom


def _equation(report: ClaimReport) -> Atom:
    if not isinstance(report.statement, Claim):
        raise NotCovered(f"the claim {report.claim.id!r} is no equation")
    ((atom,),) = report.statement.cases
    return atom
