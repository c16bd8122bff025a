"""The landscape theorem: proved as stated, and no near miss of it passes."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from checked import checked
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sampling import mostly_deep

from proofs import landscape
from proofs.shared import layer
from proofs.shared.evidence import number
from proofs.shared.landscape import (
    blocked,
    carry,
    curves,
    loss,
    optimum,
    phases,
    reduction,
    slope,
    thresholds,
    vocabulary,
    weights,
    wells,
    zero,
)
from proofs.shared.landscape import evidence as tables
from proofs.shared.landscape.certificates import combination
from verifier.arithmetic.roots import AlgebraicNumber
from verifier.proof.context import Atom, Context, Definition, Point, Scalar, Value
from verifier.proof.record import Record, dump, load, replay
from verifier.proof.rules import examine
from verifier.proof.statements import EXPRESSIONS, By, Proof
from verifier.render.streams import Style
from verifier.reports.terminal import report_text
from verifier.stationary.cell import cell
from verifier.stationary.phase import classify
from verifier.stationary.reduction import derived_form, reduced_loss
from verifier.stationary.regions import RHO, SIGMA2, D, N, regions
from verifier.stationary.stationary_points import landscape as exact_landscape
from verifier.stationary.weights import escape_threshold
from verifier.theorem.refutation import search
from verifier.theorem.theorem import Options
from verifier.theorem.verdict import Verdict

SETTING = landscape.setting()
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def report():
    return checked("landscape")


def test_every_claim_is_proved_and_stated(report) -> None:
    assert [c.claim.id for c in report.claims if c.verdict is not Verdict.PROVED] == []
    assert all(c.statement is not None for c in report.claims)
    claimed = [step.claim for proof in report.record.proofs for step in proof.steps if step.claim]
    assert sorted(claimed) == sorted(claim.id for claim in landscape.CLAIMS)


def test_the_mathematics_names_every_claim_and_no_other() -> None:
    """docs/landscape-mathematics.md: `a-b` in code type is a claim, `a-*` all that start so."""
    text = (ROOT / "docs" / "landscape-mathematics.md").read_text(encoding="utf-8")
    ids = {claim.id for claim in landscape.CLAIMS}
    named = set(re.findall(r"`([a-zA-Z0-9]+(?:-[a-zA-Z0-9*]+)*)`", text))
    families = {name[:-1] for name in named if name.endswith("-*")}
    both = {f"{name}-{end}" for name, end in re.findall(r"`([a-z-]+)-b/-(a)`", text)}
    both |= {name[:-1] + "b" for name in both}
    unnamed = {x for x in ids - named - both if not any(x.startswith(f) for f in families)}
    assert unnamed == set()
    others = {name for name in named - ids if "-" in name and not name.endswith("*")}
    assert others <= {"every-reduced-layer"}
    assert all(any(x.startswith(f) for x in ids) for f in families)


def test_what_is_printed_says_where_the_slope_is_negative(report) -> None:
    """d and rho have values in the claim that no two dimensions are benign: they are printed."""
    text = " ".join(report_text(report, Style(unicode=False)).split())
    start = text.index("never-benign Never")
    said = text[start : text.index("long-contexts", start)]
    assert (
        "for all integers n >= 1; all real sigma2 >= 0, with d = 2, rho = 3*(d + sigma2):" in said
    )
    assert "with n = (t_*(3*d^2 + sigma2) + 1)/(t_ + 1), rho = r_*(d + sigma2):" in text


def test_the_proof_file_replays(report) -> None:
    """Every step, those that carry no claim included: replay stops at the first that fails."""
    record = load(dump(report.record))
    assert isinstance(record, Record)
    assert sum(len(steps) for _, steps in replay(record)) >= len(landscape.CLAIMS)


def test_the_words_of_the_phases_are_those_of_the_regions() -> None:
    """The static words carry the numbers and the conclusions of the regions that are checked."""
    words = dict(landscape.PHASES)
    for name, region in zip(phases.PHASES, regions(), strict=True):
        if name == "shrinking-gap":
            continue
        sign = {"F": "F > 0", "-F": "F < 0", "-lead": "F < 0 near rho = oo"}[region.subject]
        assert sign in words[name]
        for phrase in ("never benign", "not benign"):
            assert (phrase in words[name].lower()) == (phrase in region.statement)
        for size in ("5 (d + sigma2)^2", "3 n + 10", "7 n + 120", "3 d^2 + sigma2"):
            assert (size in words[name]) == (size in region.statement)
    assert "9 (d + sigma2)^2" in words["shrinking-gap"]


sizes = st.integers(1, 9)
numbers = st.fractions(0, 9, max_denominator=4)


@pytest.fixture(scope="module")
def exact():
    """l from SymPy's elimination at d = 2."""
    return sympy.lambdify((N, D, SIGMA2, RHO), reduced_loss(derived_form()), "sympy")


@given(sizes, sizes, numbers, numbers)
@settings(max_examples=25, deadline=None)
def test_the_reduced_loss_is_that_of_the_exact_engine(exact, n, d, noise, rho) -> None:
    value, det = reduction.FINITE
    at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise, "rho": rho}
    texts = {**vocabulary.isotropic_coefficients(), "P": vocabulary.GRAM.right, "det": det}
    for name, text in texts.items():
        at[name] = number(text, at)
    numbers_at = (sympy.Integer(n), sympy.Integer(d), sympy.Rational(noise), sympy.Rational(rho))
    assert sympy.Rational(number(value, at)) == exact(*numbers_at)


def test_the_limits_at_the_two_ends() -> None:
    """At rho = oo the learning rate along one direction is lin/Q, the global one's."""
    best = optimum.optimum()
    lin, Q, rho, det = sympy.symbols("lin Q rho det")
    assert sympy.cancel(best.alpha.subs(rho, 0) - lin / Q) == 0
    assert best.gamma.subs({rho: 0, sympy.Symbol("g3"): 0}) == 0
    _, minor = reduction.FINITE
    G, g3, g4, P = sympy.symbols("G g3 g4 P")
    determinant = Q * (g4 - 2 * g3 * rho + G * rho**2) + P * rho
    rate = sympy.limit((best.gamma * rho).subs(det, determinant), rho, sympy.oo)
    assert sympy.simplify(rate - lin / Q) == 0
    assert minor.startswith("Q*(g4")


def compact_slope(at: Mapping[str, Fraction]) -> Fraction:
    """The compact form of F in numbers, its definitions worked out one after the other."""
    known = dict(at)
    for one in phases.compact_definitions():
        known[one.name] = number(one.body, known)
    return number(phases.COMPACT, known)


@given(st.integers(1, 5), st.integers(1, 200), numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_compact_f_is_the_slope_of_the_exact_engine(n, d, noise, rho) -> None:
    """The text of F that the checker signs, against the cell that Sturm's theorem classifies."""
    at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise, "rho": rho}
    here = cell(derived_form(), d, n, noise).slope
    found = compact_slope(at)
    at_zero = compact_slope({**at, "rho": Fraction(0)})
    assert found * here[0] == at_zero * sum(c * rho**k for k, c in enumerate(here))
    if d > 1 and found < 0:
        assert not classify(d, n, noise).benign


@pytest.mark.parametrize(
    "size", [(3, 30, Fraction(0)), (2, 4, Fraction(1, 2)), (5, 200, Fraction(1))]
)
def test_wells_end_where_the_loss_is_that_of_the_minimum_again(size) -> None:
    """The half line of ``minimum-inside`` cannot be longer: l(y - F1/F2) = l(y), lower beyond."""
    d, n, noise = size
    texts = {**vocabulary.isotropic_coefficients(), "P": vocabulary.GRAM.right}
    at = {"n": Fraction(n), "d": Fraction(d), "sigma2": noise}
    for name, text in texts.items():
        at[name] = number(text, at)
    inside = [c for c in exact_landscape(*size).stationary if isinstance(c.rho, AlgebraicNumber)]
    value, det = reduction.FINITE

    def reduced(rho: Fraction) -> float:
        here = {**at, "rho": rho}
        return float(number(value, {**here, "det": number(det, here)}))

    for part in (c for c in inside if c.rho > 0):
        y = Fraction(str(part.rho.decimal(40)))
        here = {**at, "y": y, "dety": number(slope.at(det, {"rho": "y"}), {**at, "y": y})}
        root, F1, F2 = (number(one.body, here) for one in wells.EXPANDED)
        assert abs(root) < abs(F1) / 10**20
        edge = y - F1 / F2
        assert (part.type == "local minimum") == (F1 > 0)
        if F1 > 0:
            assert reduced(edge) == pytest.approx(reduced(y), rel=1e-12)
            assert reduced(edge * Fraction(9, 10)) < reduced(y)
            assert all(reduced(edge + k * y) >= reduced(y) * (1 - 1e-12) for k in range(9))


def test_the_tables_of_evidence_pass() -> None:
    options = Options(dimensions=(1, 2), starts=8)
    assert tables.phase_table().passed
    assert tables.elimination_table(options).passed
    assert tables.descent_table(options).passed


# Near misses of what a user can claim: key, value, the claim that must fail, exact witness or not.
CLAIMED = [
    ("reduced_loss", "c0 - d*lin^2/(Q + g2*rho)", "decomposition-b", True),
    (
        "reduced_loss",
        "c0 - d*lin^2/(Q + g2*rho) - lin^2*(g4 - 2*g3*rho + G*rho^2)/det",
        "decomposition-b",
        True,
    ),
    (
        "reduced_loss",
        "c0 - (d - 1)*lin^2/(Q + g2*rho) - lin^2*(g4 + 2*g3*rho + G*rho^2)/det",
        "decomposition-b",
        True,
    ),
    (
        "reduced_loss",
        "c0 - (d - 1)*lin^2/(Q + G*rho) - lin^2*(g4 - 2*g3*rho + G*rho^2)/det",
        "decomposition-b",
        True,
    ),
    (
        "slope",
        "(d - 1)*g2*detx*dety - P*(G*x*y + g4)*(Q + g2*x)*(Q + g2*y)",
        "slope",
        True,
    ),
    ("slope", "d*g2*detx*dety - P*(G*x*y - g4)*(Q + g2*x)*(Q + g2*y)", "slope", True),
    ("loss", vocabulary.FORM.replace("g4*(", "2*g4*("), "loss", True),
    ("loss", vocabulary.FORM.replace("-2*(b", "-1*(b"), "loss", True),
    ("never", "3", "never-benign", True),
    ("never", "5", "never-benign", True),
    ("never_at", "1", "never-benign", True),
    ("long", "1", "long-contexts", True),
    ("long", "2", "long-contexts", True),
    ("long_at", "1", "long-contexts", True),
    ("three", "3,0", "three-noisy", True),
    ("three", "2,10", "three-noisy", True),
    ("four", "7,0", "four-noisy", True),
    ("four", "6,0", "four-noisy", True),
    ("benign", "2", "large-noise", True),
    ("benign", "2", "large-dimension", True),
    ("benign", "3", "large-noise", False),
    ("benign", "4", "short-contexts", True),
    ("short", "4", "short-contexts", True),
    ("short", "5", "short-contexts", True),
    ("gap", "1/2", "shrinking-gap", True),
    ("gap_from", "1/2", "shrinking-gap", True),
    ("whitened_A", "sum[o,l](F[i,o]*A[o,l]*F[l,j])", "whitened-prediction", True),
    ("whitened_A", "sum[o,l](F[o,i]*A[o,l]*Fi[j,l])", "whitened-prediction", True),
    ("family_g4", "n*(nu4 + (n-1)*nu2)", "family-loss", True),
    ("family_g4", "n*(nu4 + n*nu22)", "family-loss", True),
]


def proofs_of(key: str, value: str) -> tuple[Proof, ...]:
    """Only the proofs that a claimed value enters."""
    claimed = {key: value}
    if key == "reduced_loss":
        chart = reduction.finite_chart()
        names = ("decomposition-b", "elimination-b")
        return (reduction.chart_proof("finite", SETTING, chart, names, value),)
    if key == "slope":
        return (slope.slope_proof("slope", claimed),)
    if key == "loss":
        return (loss.loss_proof(claimed),)
    if key == "whitened_A":
        return (carry.covariance_proof(claimed),)
    if key == "family_g4":
        return (carry.family_loss_proof(claimed),)
    return phases.phase_proofs(claimed)


@pytest.mark.parametrize(
    ("key", "value", "claim", "witness"),
    mostly_deep([list(c) for c in CLAIMED], [f"{c[0]}-{c[2]}" for c in CLAIMED], 4),
)
def test_near_misses_are_rejected_and_most_refuted(key, value, claim, witness) -> None:
    proof, step = next(
        (proof, step)
        for proof in proofs_of(key, value)
        for step in proof.steps
        if step.claim == claim
    )
    only = replace(proof, steps=proof.steps[: proof.steps.index(step) + 1])
    _, failed = examine(only)
    assert step.name in failed
    if witness:
        fillings = landscape._fillings(vocabulary.isotropic_coefficients())
        assert search(proof.context, step, proof, fillings, 0) is not None


def test_claimed_bounds_must_be_numbers() -> None:
    for key, value in (("never", "two"), ("three", "3"), ("gap", "6,1")):
        with pytest.raises(ValueError, match="number"):
            phases.bounds_of({key: value})


# Near misses of what cannot be claimed: proof, step, text in the statement, and the false text.
ALTERED = [
    (slope.determinant_proof, "determinant", "Q*P + G*P*x", "Q*P + 2*G*P*x"),
    (slope.determinant_proof, "determinant", "G*x - g3", "G*x + g3"),
    (slope.determinant_proof, "determinant-infinity", "Q*P + g4*P*x", "G*P + g4*P*x"),
    (slope.excess_proof, "excess", "P*rho/det", "P*rho/(2*det)"),
    (slope.excess_proof, "excess", "(d - 1)", "d"),
    (slope.excess_proof, "ends", "(d - 1)", "d"),
    (slope.line_proof, "line", "g4 - G*rho^2", "G*rho^2 - g4"),
    (lambda: slope.slope_proof("slope-infinity", {}), "slope-infinity", "-(x - y)", "(x - y)"),
    (phases.shape_proof, "compact", "n^5", "n^4"),
    (phases.shape_proof, "lead", "m^2 - p", "m^2 + p"),
    (phases.shape_proof, "low-value", "(d + sigma2)^2", "(d + sigma2 + 2)^2"),
    (phases.shape_proof, "low", "(d - 1)*(n + 2)", "(d - 2)*(n + 2)"),
    (phases.foundation_proof, "positive P", "P", "P - G*g4"),
    (loss.layer_proof, "layer", "reduced[j]", "2*reduced[j]"),
    (loss.convexity_proof, "second-difference", "(Lplus + Lminus)/2", "(Lplus + Lminus)/3"),
    (loss.convexity_proof, "second-difference", "MA[i,j]*a[l]", "MA[i,j]*a[l] + mc[j]*a[l]"),
    (zero.gradient_proof, "zero-gradient", "2*lin*s*(", "lin*s*("),
    (zero.hessian_proof, "zero-hessian", "(b + x)^2", "(b + 2*x)^2"),
    (zero.saddle_proof, "zero-saddle", "c0 - s^2", "c0 - 2*s^2"),
    (zero.saddle_proof, "zero-saddle", "c0 - s^2", "c0 + s^2"),
    (curves.rank_proof, "rank-curve", "t^2*sum[h](z[h]^2)", "t^2*sum[h](z[h])^2"),
    (curves.head_proof, "head-curve", "- t^2*", "+ t^2*"),
    (curves.head_proof, "head-slope", "-t^2*sum[m](y[m]^2)", "-t^2*sum[m](y[m])^2"),
    (curves.origin_proof, "origin-curve", "2*lin*t^4", "lin*t^4"),
    (weights.weights_proof, "blocked-weights", "t^2*M[i,j]", "2*t^2*M[i,j]"),
    (weights.weights_proof, "blocked-weights", "t*Psi[e,j]", "Psi[e,j]"),
    (weights.descent_proof, "blocked-descent", "T - g2*P", "T - 2*g2*P"),
    (weights.descent_proof, "blocked-descent", "Q*b^4", "Q*b^3"),
    (weights.rank_proof, "queries", "lin/g2*sum[e,o]", "lin/G*sum[e,o]"),
    (weights.rank_proof, "queries", "sum[l](S1[i,l]*R[l,j])", "sum[l](S1[i,l]*U[l,j])"),
    (weights.rank_proof, "keys", "Bt[e,l]*R[l,j]", "Bt[e,l]*U[l,j]"),
    (weights.rank_proof, "keys", "sum[i](v[i]*S1[i,j])", "sum[i](v[i]*S1[j,i])"),
    (blocked.certificate_proof, "blocked-certificate", "(Q + g3)*b", "g3*b"),
    (
        blocked.certificate_proof,
        "blocked-certificate",
        "g2*P/(Q^2*G) - tau",
        "tau - g2*P/(Q^2*G)",
    ),
    (blocked.certificate_proof, "blocked-certificate", "- 2*lin*b", "+ 2*lin*b"),
    (blocked.blocked_proof, "pairing", "sum[j](Qf[g,j]*Z[i,j])", "sum[j](Qb[g,j]*Z[i,j])"),
    (blocked.blocked_proof, "pairing", "sum[i](Kf[h,i]*Z[i,j])", "sum[i](Ka[h,i]*Z[i,j])"),
    (blocked.blocked_proof, "pairing", "side[i]*c[j])/c1", "side[i]*y[j])/c1"),
    (blocked.blocked_proof, "least", "- 2*(Q + g3)^2/Q", "- (Q + g3)^2/Q"),
    (blocked.blocked_proof, "least", "2*lin^2/(Q*c1^2)", "lin^2/(Q*c1^2)"),
    (blocked.blocked_proof, "least", "+ 2*g4*eta*sum", "+ g4*eta*sum"),
    (blocked.tilt_proof, "tilt", "sum[j](Qf[g,j]*Z[i,j])", "sum[j](Qf[g,j]*Z[j,i])"),
    (blocked.room_proof, "blocked-room", "(d - 1 - k)", "(d - k)"),
    (wells.inside_proof, "expansion", "(x - y)*F1", "2*(x - y)*F1"),
    (wells.inside_proof, "minimum-inside", "F1 + (x - y)*F2", "F1 - (x - y)*F2"),
    (wells.inside_proof, "saddle-inside", "F1 + (x - y)*F2", "F1 + 2*(x - y)*F2"),
    (wells.inside_proof, "well", "F2", "F1 - F2"),
    (wells.infinity_proof, "minimum-infinity", "(d - 1)*Q*detx", "d*Q*detx"),
    (wells.infinity_proof, "saddle-infinity", "P*(Q*x + g2)", "P*(Q*x + G)"),
    (wells.segment_proof, "segment", "- s*(1 - s)*", "- s*"),
    (curves.slope_proof, "rank-slope", "sum[h](z[h]^2)", "sum[h](z[h])^2"),
    (curves.gradient_proof, "gradient", "GA[i,j]", "GA[j,i]"),
    (carry.family_gram_proof, "gram", "P", "P - 1"),
    (carry.family_gram_proof, "flat", "G*q", "g3*q"),
]


@pytest.mark.parametrize(
    ("build", "name", "old", "new"),
    mostly_deep([list(c) for c in ALTERED], [f"{c[1]}-{c[2]}" for c in ALTERED], 4),
)
def test_altered_statements_are_rejected(build, name, old, new) -> None:
    proof = build()
    assert examine(proof)[1] == {}
    steps = tuple(_altered(step, old, new) if step.name == name else step for step in proof.steps)
    assert steps != proof.steps
    assert name in examine(replace(proof, steps=steps))[1]


def _altered(part, old, new):
    """A step with a text replaced in every expression of its statement and certificate."""
    if is_dataclass(part):
        changed = {
            one.name: getattr(part, one.name).replace(old, new)
            if one.name in EXPRESSIONS and isinstance(getattr(part, one.name), str)
            else _altered(getattr(part, one.name), old, new)
            for one in fields(part)
        }
        return replace(part, **changed)
    if isinstance(part, tuple):
        return tuple(_altered(inner, old, new) for inner in part)
    if isinstance(part, Mapping):
        return {key: _altered(inner, old, new) for key, inner in part.items()}
    return part


@pytest.mark.parametrize("chart", [reduction.finite_chart(), reduction.infinite_chart()])
def test_the_elimination_needs_each_hypothesis(chart) -> None:
    proof = reduction.chart_proof("chart", SETTING, chart, ("one", "two"))
    for missing in ("norm", "determinant", "gram", "is_g3"):
        kept = tuple(h for h in proof.context.given if h.name != missing)
        weaker = replace(proof, context=replace(proof.context, given=kept))
        assert "bound" in examine(weaker)[1], missing


def test_a_wrong_determinant_is_rejected() -> None:
    chart = reduction.finite_chart()
    wrong = Atom("determinant", "det", "Q*(g4 + 2*g3*rho + G*rho^2) + P*rho")
    numbers_at = {**chart.at, "det": wrong.right}
    chart = replace(chart, given=(chart.given[0], wrong), at=numbers_at)
    with pytest.raises(ValueError, match="differ under the equations"):
        reduction.chart_proof("chart", SETTING, chart, ("one", "two"))


def test_no_certificate_is_written_for_a_false_identity() -> None:
    context = Context(scalars=(Scalar("x"), Scalar("y")), given=(Atom("h", "x", "y^2"),))
    assert combination(context, "x^2 - y^4", "0") != "0"
    with pytest.raises(ValueError, match="differ under the equations"):
        combination(context, "x^2 - y^3", "0")


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_certificates_prove_what_they_are_written_for(seed) -> None:
    """A random polynomial identity modulo a hypothesis, proved by its own certificate."""
    draw = random.Random(seed)
    terms = [
        f"{draw.randint(-3, 3)}*x^{draw.randint(0, 3)}*y^{draw.randint(0, 2)}" for _ in range(4)
    ]
    left = " + ".join(f"({term})" for term in terms)
    right = left.replace("x", "(y^2 + 1)")
    points = tuple(
        Point((Value("y", Fraction(y)), Value("x", Fraction(y * y + 1)))) for y in (1, 2)
    )
    context = Context(
        scalars=(Scalar("x"), Scalar("y")),
        definitions=(Definition("unused", (), "x"),),
        given=(Atom("h", "x", "y^2 + 1"),),
        instances=points,
    )
    step = layer.identity_step("s", left, right, By(combination(context, left, right)))
    assert examine(Proof("p", context, (step,)))[1] == {}


@pytest.mark.parametrize("threshold", thresholds.THRESHOLDS, ids=lambda threshold: threshold.name)
@given(st.integers(0, 40), st.fractions(0, 40, max_denominator=4))
@settings(max_examples=10, deadline=None)
def test_thresholds_are_what_the_exact_engine_decides(threshold, whole, part) -> None:
    """Inside each region tau* lies on the claimed side of T, by the cell's own numbers."""
    at = {}
    for scalar in threshold.scalars:
        at[scalar.name] = scalar.minimum + (whole if scalar.integer else part)
    for one in threshold.definitions:
        at[one.name] = number(one.body, at)
    n, d, noise = (at[name] for name in ("n", "d", "sigma2"))
    assume(n >= 1 and n.denominator == 1)
    tau = escape_threshold(cell(derived_form(), int(d), int(n), noise))
    assert (tau > threshold.trace) == threshold.blocked


def test_a_threshold_with_too_little_noise_is_rejected() -> None:
    for threshold in thresholds.THRESHOLDS:
        proof = thresholds.threshold_proof(replace(threshold, trace=threshold.trace + 1))
        if threshold.blocked:
            assert threshold.name in examine(proof)[1]
