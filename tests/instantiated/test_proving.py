"""What `explore` computes is an instance of what the checker accepts, or it is said why not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from verifier.explore.answer import Exploration, ExploreOptions
from verifier.explore.asked import explore_question
from verifier.explore.exploration import explore
from verifier.explore.values import Certainty, Value
from verifier.instantiated.proving import Disagreement, exact_answer, instantiated, proved
from verifier.instantiated.symbolic import NotCovered, symbolic
from verifier.instantiated.theorem import CONVERSE, HERE, RATE_HERE, containing_theorem
from verifier.proof.record import dump, load, replay
from verifier.proof.rules import examine
from verifier.proof.statements import Claim, Proof
from verifier.prover.at_numbers import at_numbers
from verifier.setting.laws import UnitVariance
from verifier.setting.layer import LayerVariant
from verifier.setting.question import parse_question
from verifier.setting.setting_file import parse_setting
from verifier.theorem.theorem import Report, check_theorem
from verifier.theorem.verdict import Verdict

QUICK = ExploreOptions(samples=32_000, starts=1)
TWO = "[[2, 1], [1, 1]]"
THREE = '[[2, 1, 0], [1, 3, "1/2"], [0, "1/2", 1]]'
GAMMA = '[[1, "1/3", 0], ["1/3", 2, 1], [0, 1, "5/2"]]'
RADIAL = 'law = "radial"\nradius_moments = { "2" = "3", "4" = "11" }'


def text(d: int, n: int, covariates: str, task: str, noise: str) -> bytes:
    """A setting file."""
    return (
        f"[prompt]\ndimension = {d}\ncontext_length = {n}\n[covariates]\n{covariates}\n"
        f'[task]\n{task}\n[noise]\nvariance = "{noise}"\n'
    ).encode()


# Covariances that do not commute, singular ones, no noise, long prompts, other laws.
COVERED = {
    "isotropic": text(3, 4, "", "", "1/2"),
    "theorem 2": text(2, 4, f"covariance = {TWO}", 'covariance = "inverse-covariates"', "1/2"),
    "theorem 2, d = 1": text(1, 4, 'covariance = ["5/3"]', "covariance = ['3/5']", "1/2"),
    "d = 1": text(1, 7, 'covariance = ["5/3"]', "covariance = ['7/3']", "0"),
    "pair": text(2, 7, f"covariance = {TWO}", "covariance = [1, 3]", "1/3"),
    "long pair": text(3, 10**9, f"covariance = {THREE}", f"covariance = {GAMMA}", "0"),
    "equal": text(2, 4, f"covariance = {TWO}", f"covariance = {TWO}", "1/2"),
    "singular": text(3, 5, "covariance = [[1, 1, 0], [1, 1, 0], [0, 0, 2]]", "", "0"),
    "sphere": text(3, 4, f'law = "sphere"\ncovariance = {THREE}', f"covariance = {GAMMA}", "1/2"),
    "radial": text(2, 4, f"{RADIAL}\ncovariance = {TWO}", "covariance = [1, 3]", "2"),
    "signs": text(2, 4, 'law = "rademacher"', "", "1/2"),
    "uniform": text(2, 4, 'law = "uniform"\ncovariance = [3, 3]', "covariance = [1, 3]", "1/2"),
    "laplace": text(3, 4, 'law = "laplace"', f"covariance = {GAMMA}", "0"),
    "long numbers": text(
        2,
        10**8 + 7,
        'law = "radial"\nradius_moments = { "2" = 2, '
        '"4" = "98765432109876543217/12345678901234567891" }',
        "",
        "12345678901234567891/98765432109876543211",
    ),
    "one sign": text(1, 4, 'law = "rademacher"\ncovariance = [2]', "", "0"),
}
NOT_COVERED = {
    "uniform": (text(2, 4, f'law = "uniform"\ncovariance = {TWO}', "", "1"), "multiples of the id"),
    "cubic": (text(2, 4, "", 'response = "t^3"', "1"), "linear responses"),
    "uniform task": (text(2, 4, "", 'law = "uniform"', "1"), "normal tasks"),
    "shifted covariates": (text(2, 4, "mean = [1, 0]", "", "1"), "plain prompts"),
    "mean": (text(2, 4, "", "mean = [1, 0]", "1"), r"\[task\] mean"),
}


@cache
def explored(setting: bytes) -> Exploration:
    """`explore`'s own answer."""
    return explore(parse_setting(setting), QUICK)


@pytest.mark.parametrize("name", COVERED)
def test_both_routes_give_the_same_numbers(name: str) -> None:
    found = proved(explored(COVERED[name]), "mine.toml", keep=False)
    assert found.optimum.certainty is Certainty.PROVED
    assert found.optimum.loss == explored(COVERED[name]).optimum.loss
    assert found.proof is not None
    assert {"minimum loss", "B"} <= {quantity for quantity, _ in found.proof.agreement}


@pytest.mark.parametrize("name", NOT_COVERED)
def test_what_no_theorem_contains_is_said(name: str) -> None:
    setting, reason = NOT_COVERED[name]
    with pytest.raises(NotCovered, match=reason):
        symbolic(parse_setting(setting))


def test_the_minimum_by_hand() -> None:
    """Theorem 1 with d = 3, n = 4, noise 1/2: eta = 1/(n + d + 1 + 1/2) = 2/17 and
    L = d + 1/2 - d n eta = 7/2 - 24/17 = 71/34.
    """
    found = proved(explored(COVERED["isotropic"]), "mine.toml", keep=False)
    assert found.proof is not None
    agreed = dict(found.proof.agreement)
    assert (agreed["minimum loss"], agreed["learning rate"]) == ("71/34", "2/17")


def test_numbers_too_long_for_the_checker_are_evaluated_outside_it() -> None:
    found = proved(explored(COVERED["long numbers"]), "mine.toml", keep=False)
    assert found.proof is not None
    assert {name for name, _ in found.proof.claims} >= {"minimum", "prediction"}
    assert HERE not in {name for name, _ in found.proof.claims}


@cache
def _checked(name: str) -> Report:
    theorem = containing_theorem(symbolic(parse_setting(COVERED[name])), "mine", keep=False)
    return check_theorem(theorem, numerical=False)


@pytest.mark.parametrize("name", ["isotropic", "pair", "uniform"])
def test_a_planted_disagreement_is_caught(name: str) -> None:
    report, form = _checked(name), symbolic(parse_setting(COVERED[name]))
    answer = exact_answer(explored(COVERED[name]))
    instantiated(report, form, answer)
    with pytest.raises(Disagreement, match="minimum loss"):
        instantiated(report, form, replace(answer, loss=answer.loss + Fraction(1, 10**9)))
    (first, *row), *rows = answer.B
    other = ((first + Fraction(1, 10**9), *row), *rows)
    with pytest.raises(Disagreement, match="minimum loss" if name != "isotropic" else "B.1,1."):
        instantiated(report, form, replace(answer, B=other))
    longer = replace(form, values={**form.values, "n": Fraction(5)})
    with pytest.raises(Disagreement):
        instantiated(report, longer, answer)


def test_a_readout_with_the_right_loss_must_solve_the_equation_too() -> None:
    """Gamma and Lambda diagonal, so the loss does not see the entries of P off the diagonal."""
    name = "uniform"
    answer = exact_answer(explored(COVERED[name]))
    (a, b), rest = answer.B
    changed = replace(answer, B=((a, b + 1), rest))
    with pytest.raises(Disagreement, match="does not solve"):
        instantiated(_checked(name), symbolic(parse_setting(COVERED[name])), changed)


def test_a_wrong_learning_rate_is_caught() -> None:
    answer = exact_answer(explored(COVERED["isotropic"]))
    form = symbolic(parse_setting(COVERED["isotropic"]))
    with pytest.raises(Disagreement, match="learning rate"):
        instantiated(_checked("isotropic"), form, replace(answer, rate=Fraction(1, 8)))


def test_a_number_outside_the_theorem_is_refused() -> None:
    answer = exact_answer(explored(COVERED["isotropic"]))
    form = symbolic(parse_setting(COVERED["isotropic"]))
    outside = replace(form, values={**form.values, "sigma2": Fraction(-1)})
    with pytest.raises(NotCovered, match="sigma2 = -1 is outside"):
        instantiated(_checked("isotropic"), outside, answer)


@pytest.mark.parametrize("name", ["isotropic", "pair", "uniform"])
def test_the_checker_accepts_the_proof_file(name: str) -> None:
    replayed = replay(load(dump(_checked(name).record)))
    claims = {checked.step.claim for _, steps in replayed for checked in steps}
    assert {"minimum", "prediction"} <= claims
    assert (CONVERSE in claims) == (name != "isotropic")
    assert (HERE in claims) == (name == "isotropic")


@pytest.mark.parametrize("name", ["isotropic", "signs", "theorem 2"])
def test_the_numbers_themselves_are_claims(name: str) -> None:
    """If n = 4, d = 3, sigma2 = 1/2, then the minimum is 71/34: in the proof file as well."""
    claims = {one.claim.id: one for one in _checked(name).claims}
    loss = exact_answer(explored(COVERED[name])).loss
    for claim in (HERE, RATE_HERE):
        assert claims[claim].verdict is Verdict.PROVED
    statement = claims[HERE].statement
    assert isinstance(statement, Claim)
    assert Fraction(statement.cases[0][0].right) == loss
    assert ("n", "4") in [(atom.left, atom.right) for atom in statement.given]


def test_a_wrong_number_is_no_claim() -> None:
    context = _checked("isotropic").record.proofs[0].context
    values = {"n": Fraction(4), "d": Fraction(3), "sigma2": Fraction(1, 2)}
    step = at_numbers(context, "d + n*sigma2", values, "here")
    assert not examine(Proof("right", context, (step,)))[1]
    (atom,) = step.statement.cases[0]
    assert atom.right == "5"
    wrong = replace(step, statement=replace(step.statement, cases=((replace(atom, right="6"),),)))
    assert examine(Proof("wrong", context, (wrong,)))[1]


def test_another_layer_and_unknown_laws_are_refused() -> None:
    plain = parse_setting(COVERED["signs"])
    doubled = replace(plain, layer_variant=LayerVariant(normalise=True))
    with pytest.raises(NotCovered, match="standard layer"):
        symbolic(doubled)
    law = UnitVariance(plain.covariates.law)  # it might be any law
    with pytest.raises(NotCovered, match="no word for 'rademacher, unit variance'"):
        symbolic(replace(plain, covariates=replace(plain.covariates, law=law)))


def test_an_answer_that_is_only_supported_is_not_made_proved() -> None:
    found = explored(COVERED["isotropic"])
    guessed = replace(found.optimum, loss=Value(1.0), certainty=Certainty.SUPPORTED)
    with pytest.raises(NotCovered, match="not computed exactly"):
        proved(replace(found, optimum=guessed), "mine.toml", keep=False)


def test_the_moments_of_the_symbols_are_those_of_the_law() -> None:
    """kappa of the sphere: E z_1^4 / 3 = 1/(d(d+2)) over (1/d)^2; m22 of laws that are scaled."""
    sphere = symbolic(parse_setting(COVERED["sphere"])).values
    assert sphere["kappa"] == Fraction(3, 5)
    assert sphere["Lambda"] == tuple(
        tuple(Fraction(v) / 3 for v in row)
        for row in ((2, 1, 0), (1, 3, Fraction(1, 2)), (0, Fraction(1, 2), 1))
    )
    uniform = symbolic(parse_setting(COVERED["uniform"])).values  # [-1, 1] times sqrt 3
    assert [uniform[key] for key in ("m2", "m4", "m22")] == [1, Fraction(9, 5), 1]


@pytest.mark.parametrize("divide", ["n", "n+1"])
def test_a_layer_that_divides_has_the_theorem_times_its_divisor(divide: str) -> None:
    plain = b"[prompt]\ndimension = 2\ncontext_length = 5\n[covariates]\ncovariance = [1, 2]\n"
    asked = parse_question(plain + f"[layer]\ndivide_by = '{divide}'\n".encode())
    found = explore_question(asked, ExploreOptions(32_000, 1))
    divisor = {"n": 5, "n+1": 6}[divide]
    there = proved(found, "there", keep=False).optimum
    here = explore(parse_setting(plain), ExploreOptions(32_000, 1)).optimum
    assert there.certainty is Certainty.PROVED
    assert f"times {divisor}" in there.reason
    assert there.loss == here.loss
    assert there.B[0][0].exact == divisor * here.B[0][0].exact
