"""The attack on what the prover found: exact where it says so, and wrong claims do not survive."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import verifier
from verifier.proof.context import Normal, Point, Value
from verifier.proof.instances import World, admissible
from verifier.prover.attack import tables
from verifier.prover.instances import nested
from verifier.prover.numerics.descents import Level, NumericLoss, levels
from verifier.prover.numerics.evaluation import array_of
from verifier.prover.numerics.forward_pass import forward_pass_table
from verifier.prover.numerics.points import Sizes, data_point
from verifier.prover.numerics.quadratic import Moments, data_context, indices, solution
from verifier.prover.numerics.sites import Site, sites, targets
from verifier.prover.numerics.weight_map import weight_map
from verifier.prover.problem import Problem
from verifier.prover.setting_file import parse_symbolic, read_symbolic
from verifier.prover.solution import Solution
from verifier.prover.theorem_of import theorem_of
from verifier.theorem.theorem import Options, Table, Theorem, check_theorem
from verifier.theorem.verdict import Verdict

EXAMPLES = Path(verifier.__file__).parent / "examples" / "prove"
OPTIONS = Options(dimensions=(2,), context_lengths=(2,), samples=32_000, starts=8)
HALF = Fraction(1, 2)


@cache
def theorem(name: str) -> Theorem:
    return theorem_of(read_symbolic(str(EXAMPLES / f"{name}.toml")))


@cache
def solved(name: str) -> Solution:
    return Solution(read_symbolic(str(EXAMPLES / f"{name}.toml")))


def attacked(name: str, options: Options = OPTIONS, **claimed: str) -> tuple[Table, ...]:
    found = theorem(name)
    return found.evidence(found.derive(claimed), options, lambda message: None)


def one_site(name: str, d: int = 2, n: int = 2) -> Site:
    found = solved(name)
    aims = targets(found, theorem(name).derive({}))
    return sites(found, aims, Sizes(d, n, HALF), 0, ())[0]


def read(text: str) -> Problem:
    return Solution(parse_symbolic(text.encode())).main


def point_of(problem: Problem, d: int, n: int) -> Point:
    data = data_context(problem.full, problem.layer)
    return data_point(problem, data, Sizes(d, n, HALF), random.Random(0))


def row(table: Table, number: int = 0) -> dict[str, str]:
    return dict(zip(table.columns, table.rows[number], strict=True))


# What is true survives


@pytest.mark.parametrize(
    "name",
    ["theorem1", "pair", "scalar", "every_prefix_divided", "noise_and_task", "sign_permutation"],
)
def test_what_is_proved_survives(name: str) -> None:
    descended, sampled = attacked(name)
    assert (descended.passed, sampled.passed) == (True, True)
    found = row(descended)
    assert (found["least squares - L*"], found["minimiser - L*"]) == ("0", "0")
    assert abs(float(found["best - L*"])) < 1e-9


def test_theorem_1_has_the_loss_of_the_paper() -> None:
    """d = n = 2, sigma2 = 1/2: d + sigma2 - n d/(n + d + 1 + sigma2) = 5/2 - 8/11 = 39/22."""
    site = one_site("theorem1")
    assert (site.claimed, site.quadratic.least) == (Fraction(39, 22), Fraction(39, 22))


def test_a_bound_is_supported_by_the_best_layer_found() -> None:
    """One head cannot make a mean: at d = 1 it attains the bound, at d = 2 it does not."""
    options = replace(OPTIONS, dimensions=(1, 2))
    report = check_theorem(theorem("task_mean"), options)
    verdicts = {one.claim.id: one.verdict for one in report.claims}
    assert verdicts.pop("best-found") is Verdict.SUPPORTED
    assert set(verdicts.values()) == {Verdict.PROVED}
    assert all(table.passed for table in report.tables)
    gaps = [float(row(report.tables[0], k)["best - L*"]) for k in range(4)]
    assert gaps[2] > 1e-3
    assert [abs(gap) < 1e-9 for gap in gaps] == [True, True, False, True]


def test_without_numbers_nothing_is_said_of_the_best_layer_found() -> None:
    report = check_theorem(theorem("task_mean"), numerical=False)
    assert "best-found" not in {one.claim.id for one in report.claims}
    assert report.verdict is Verdict.PROVED


# What is false does not


@pytest.mark.parametrize(
    ("claim", "sign"),
    [("d + sigma2 - d*n/(n + d + sigma2)", 1), ("d + sigma2 - d*n/(n + d + sigma2 + 2)", -1)],
)
def test_a_wrong_minimum_is_seen(claim: str, sign: int) -> None:
    """One claim is below the minimum, the other above it, where descents end."""
    descended, sampled = attacked("theorem1", minimum_loss=claim)
    found = row(descended)
    assert descended.passed is False
    assert sign * float(Fraction(found["least squares - L*"])) > 0
    assert sign * float(found["best - L*"]) > 1e-3
    assert sampled.passed is not None


def test_a_wrong_rate_misses_the_minimum() -> None:
    """eta = 1/(n + d): L = E yq^2 - eta n d (2 - eta (n + d + 1 + sigma2)) is what it attains.

    At d = n = 2, sigma2 = 1/2 that is 5/2 - (2 - 11/8) = 15/8. L* stays what was derived, the least
    loss 39/22 = 5/2 - 4/(11/2): a claimed rate changes nothing else.
    """
    descended, _ = attacked("theorem1", learning_rate="1/(n + d)")
    found = row(descended)
    assert descended.passed is False
    assert Fraction(found["minimiser - L*"]) == Fraction(15, 8) - Fraction(39, 22)
    assert Fraction(found["least squares - L*"]) == 0


def test_a_wrong_prediction_is_seen_by_sampling() -> None:
    _, sampled = attacked("theorem1", prediction="3*eta*sum[i](xq[i]*s[i])")
    assert sampled.passed is False
    assert [row(sampled, k)["weights"] for k in range(3)] == ["prediction", "minimiser", "random"]
    assert abs(float(row(sampled, 0)["z"])) > 10 > abs(float(row(sampled, 1)["z"]))


def test_a_wrong_law_is_seen_by_sampling() -> None:
    """Prompts with twice the noise that the exact loss is of."""
    site = one_site("theorem1")
    context = site.world.context
    noisy = tuple(
        replace(a, variance="2*sigma2") if isinstance(a, Normal) and a.name in ("e", "eq") else a
        for a in context.arrays
    )
    wrong = replace(site, world=World(replace(context, arrays=noisy), site.point))
    assert forward_pass_table([site], [()], (), OPTIONS).passed is True
    assert forward_pass_table([wrong], [()], (), OPTIONS).passed is False


def test_laws_that_do_not_have_the_moments_are_left_out() -> None:
    found = solved("noise_per_prompt")
    wrong = replace(found.setting.model, laws_at=solved("any_symmetric_task").setting.model.laws_at)
    broken = Solution(replace(found.setting, model=wrong))
    (table,) = tables(broken, theorem("noise_per_prompt").derive({}), OPTIONS, lambda text: None)
    assert table.passed is None
    assert table.rows == ()
    assert "d = 2, n = 2 left out: " in table.note


# Sizes


def test_sizes_that_a_setting_excludes_are_left_out() -> None:
    options = replace(OPTIONS, dimensions=(1,), context_lengths=(1, 2))
    descended, _ = attacked("every_prefix_divided", options)
    assert "d = 1, n = 1 left out: n is at least 2" in descended.note
    assert len(descended.rows) == 1


def test_sizes_that_take_too_long_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.prover.numerics.sites.UNITS", 20_000)
    descended, _ = attacked("theorem1", replace(OPTIONS, dimensions=(1, 2), context_lengths=(3,)))
    assert "d = 2, n = 3 left out: " in descended.note
    assert len(descended.rows) == 1


def test_few_prompts_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="at least 32000 prompts"):
        attacked("theorem1", replace(OPTIONS, samples=31_999))


# Points


def test_points_are_generic() -> None:
    """A covariance factor and its inverse are not the identity, the mean is not (1, ..., 1)."""
    problem = read('[covariates]\ncovariance = "Lambda > 0"\n[task]\nmean = "mu"')
    world = World(data_context(problem.full, problem.layer), point_of(problem, 2, 3))
    F, Fi = (array_of(world, name, ("feature",) * 2)[0] for name in ("F", "Fi"))
    assert np.allclose(F @ Fi, np.eye(2))
    assert not np.allclose(np.abs(F), np.eye(2))
    assert not np.allclose(F, F.T)
    assert len(set(array_of(world, "mu", ("feature",))[0])) == 2
    assert (world.size("example"), world.size("feature")) == (3, 2)
    assert world.number(world.context.read("sigma2")) == HALF


def test_tensors_that_an_equation_ties_keep_the_values_of_the_model() -> None:
    problem = read("""
    [data]
    tensors = ["u[i]", "v[i]"]
    given = ["sum[i](u[i]^2) = d"]
    normal = ["X[k,i]", "xq[i]", "w[i]"]
    y = "y[k] = sum[i](X[k,i]*(w[i] + u[i]))"
    yq = "yq = sum[i](xq[i]*(w[i] + v[i]))"
    """)
    assumed = replace(data_context(problem.full, problem.layer), given=problem.model.given)
    world = admissible(assumed, point_of(problem, 2, 3))
    assert world.number(world.context.read("u[i]^2"), {"i": 2}) == 1


@pytest.mark.parametrize("covariance", ["Lambda > 0", "identity"])
def test_a_symmetric_task_has_the_inverse_covariance_where_that_is_said(covariance: str) -> None:
    """E w w' Lambda = I."""
    problem = read(f"""
    [covariates]
    covariance = "{covariance}"
    [task]
    law = "symmetric"
    covariance = "inverse-covariates"
    """)
    world = World(data_context(problem.full, problem.layer), point_of(problem, 2, 2))
    square = "delta[j,l]" if covariance == "identity" else "Lambda[j,l]"
    product = world.context.read(f"sum[j](E(w[i]*w[j])*{square})")
    found = [[world.number(product, {"i": i, "l": j}) for j in (1, 2)] for i in (1, 2)]
    assert found == [[1, 0], [0, 1]]


@pytest.mark.parametrize("text", ['law = "any"', 'level = "per-prompt"', 'level = "per-example"'])
def test_noise_of_any_law_is_not_that_of_the_proof_alone(text: str) -> None:
    """Variance 1, but neither normal nor signs: E eq^3 or E eq^4 - 3 shows it."""
    problem = read(f"[noise]\n{text}")
    world = World(data_context(problem.full, problem.layer), point_of(problem, 1, 2))
    second, third, fourth = (world.number(world.context.read(f"E(eq^{k})")) for k in (2, 3, 4))
    assert second == 1
    assert third != 0 or fourth not in (1, 3)


@pytest.mark.parametrize("name", ["random_length", "every_prefix", "every_prefix_divided"])
def test_prefixes_have_their_moments_at_every_length(name: str) -> None:
    for length in (2, 3, 4):
        site = one_site(name, 1, length)
        assert len(site.world.models["K"].outcomes) > 2
        assert site.quadratic.least == site.claimed


# The exact loss


@pytest.mark.parametrize(
    "name", ["theorem1", "task_mean", "query_in_sum", "skip_task_mean", "heads", "vector_responses"]
)
def test_the_quadratic_is_the_loss_of_the_forward_pass(name: str) -> None:
    """At random weights of the full layer, expanded from the context's own definition of yhat."""
    problem = solved(name).main
    features, outputs = problem.layer.features, problem.layer.outputs
    point = point_of(problem, 1, 1 if outputs else 2)
    data = World(data_context(problem.full, problem.layer), point)
    rng, weights = random.Random(1), []
    for tensor in problem.layer.weights:
        entries = {place: Fraction(rng.randint(-2, 2), 2) for place in data.places(tensor.sorts)}
        weights.append(Value(tensor.name, nested(entries)))
    quadratic = Moments(data, features, outputs).quadratic()
    world = World(problem.full, replace(point, values=(*point.values, *weights)))
    found = [
        world.number(
            world.context.read(features[feature].weight), indices(features[feature], place, outputs)
        )
        for feature, place in quadratic.entries
    ]
    assert any(found)
    assert quadratic.at(found) == world.number(world.context.read(problem.objective))


def test_the_first_and_second_derivative_are_those_of_the_loss() -> None:
    site = one_site("theorem1")
    loss = NumericLoss.of(site.quadratic, weight_map(site.target.problem, site.world))
    rng = np.random.default_rng(0)
    z, step = rng.standard_normal(9), 1e-5
    for move in np.eye(9) * step:
        ahead, behind = loss.value_and_gradient(z + move), loss.value_and_gradient(z - move)
        slope = (ahead[0] - behind[0]) / (2 * step)
        assert slope == pytest.approx(loss.value_and_gradient(z)[1] @ move / step, rel=1e-6)
        bend = (ahead[1] - behind[1]) / (2 * step)
        assert bend == pytest.approx(loss.hessian(z) @ move / step, rel=1e-6, abs=1e-6)


def test_moments_by_hand() -> None:
    """d = n = 1, no features but x y: E yq^2 = 1 + s, E yq xq x y = 1, E (xq x y)^2 = 3 + s."""
    site = one_site("scalar", 1, 1)
    scale = {n: float(array_of(site.world, n, ("feature",) * 2)[0, 0, 0]) ** 2 for n in "FG"}
    lam, gam = scale["F"], scale["G"]
    found = site.quadratic
    assert float(found.constant) == pytest.approx(lam * gam + 0.5)
    assert [float(x) for x in found.linear] == pytest.approx([lam**2 * gam])
    assert float(found.square[0][0]) == pytest.approx(lam * (3 * lam**2 * gam + 0.5 * lam))


def test_solutions_of_singular_systems() -> None:
    rows = [[Fraction(1), Fraction(2), Fraction(3)], [Fraction(2), Fraction(4), Fraction(6)]]
    assert solution(rows) == [3, 0]


def test_ends_within_the_tolerance_are_one_level() -> None:
    assert levels([1.0, 1.0, 1.05, 2.0], 0.1) == (Level(1.0, 3), Level(2.0, 1))
