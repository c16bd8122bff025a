"""[test]: a layer of one setting on another. Closed forms, moments and Monte Carlo agree."""

from __future__ import annotations

import json
from fractions import Fraction
from random import Random

import jsonschema
import numpy as np
import pytest

from verifier.__main__ import main
from verifier.explore.answer import ExploreOptions
from verifier.explore.asked import explore_question, trained_layer
from verifier.explore.transfer_curve import default_lengths, transfer_curve
from verifier.law_moments.of_setting import general_moments
from verifier.loss.expected_loss import expected_loss
from verifier.loss.matrix_loss import PairLoss
from verifier.numeric.montecarlo import batch_means
from verifier.optimum.layer_loss import GivenLayer, layer_loss
from verifier.reports.explore_json import exploration_object, explore_schema
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.setting.layer import ReducedParameters
from verifier.setting.question import parse_question
from verifier.setting.setting_text import setting_text

QUICK = ExploreOptions(samples=32_000, starts=1)
F = Fraction


def asked(text: str, d: int = 2, n: int = 5, noise: str = "1/4"):
    head = f"[prompt]\ndimension = {d}\ncontext_length = {n}\n[noise]\nvariance = '{noise}'\n"
    return parse_question((head + text).encode(), "mine.toml")


def answered(text: str, **sizes):
    return explore_question(asked(text, **sizes), QUICK)


@pytest.mark.parametrize("m", [1, 4, 5, 17, 18, 40])
def test_regret_of_another_length_is_the_formula(m) -> None:
    """Isotropic: R_m - min R_m = d m (m-n)^2 / ((m+tau)(n+tau)^2), tau = d + 1 + sigma2, and the
    layer beats predicting 0 iff m < 2n + tau; by hand from S = d - 2mdr + m(m+tau)dr^2.
    """
    d, n, noise = 3, 5, F(5, 2)
    test = answered(f"[test]\ncontext_length = {m}\n", d=d, n=n, noise=str(noise)).test
    tau = d + 1 + noise
    assert test.loss.exact - test.best_there.exact == F(d * m * (m - n) ** 2) / (
        (m + tau) * (n + tau) ** 2
    )
    assert test.zero.exact == d + noise
    assert (test.loss.exact < test.zero.exact) == (m < 2 * n + tau)


def test_a_layer_that_divides_does_not_fall_behind_on_longer_prompts() -> None:
    """Excess over noise when the sum is divided by m: d/(n+tau)^2 (tau^2 + n^2 tau / m)."""
    d, n, tau = 2, 5, F(13, 4)
    for m in (1, 5, 50):
        text = f"[layer]\ndivide_by = 'n'\n[test]\ncontext_length = {m}\n"
        loss = answered(text, d=d, n=n).test.loss.exact
        assert loss - F(1, 4) == d / (n + tau) ** 2 * (tau**2 + n**2 * tau / m)


def random_covariance(random: Random, d: int) -> list[list[F]]:
    rows = [[F(random.randint(-4, 4), 3) for _ in range(d)] for _ in range(d)]
    return [[sum(u * v for u, v in zip(p, q, strict=True)) for q in rows] for p in rows]


def random_layer(random: Random, d: int) -> GivenLayer:
    def vector() -> tuple[F, ...]:
        return tuple(F(random.randint(-4, 4), 5) for _ in range(d))

    return GivenLayer(vector(), F(2, 3), tuple(vector() for _ in range(d)), vector())


@pytest.mark.parametrize("seed", range(4))
def test_three_routes_to_the_loss_of_a_layer(seed) -> None:
    """Matrix products, one example's moments, and the polynomial of the dimension-free loss."""
    random, d, n, noise = Random(seed), 2, 3, F(1, 3)
    Lam, Gam = random_covariance(random, d), random_covariance(random, d)
    layer = random_layer(random, d)
    closed = PairLoss.of(Lam, Gam, n, noise).evaluate(layer.a, layer.b, layer.A, layer.c)
    setting = Setting.gaussian_pair(Covariance.full(Lam), Covariance.full(Gam), n, noise)
    assert closed == layer_loss(general_moments(setting), n, layer)
    words = expected_loss(d, n, noise, Lam, Gam, method="dimension_free")
    assert closed == words.evaluate(layer.a, layer.b, layer.A, layer.c)


@pytest.mark.parametrize("seed", range(3))
def test_a_query_of_another_law_by_sampling(seed) -> None:
    """E (y - x'u)^2 with x ~ N(0, Lambda_q): u from sampled prompts, x integrated by hand."""
    random, d, n, noise = Random(10 + seed), 2, 3, F(1, 3)
    Lam, Gam, query = (random_covariance(random, d) for _ in range(3))
    layer = random_layer(random, d)
    exact = PairLoss.of(Lam, Gam, n, noise, query).evaluate(layer.a, layer.b, layer.A, layer.c)
    setting = Setting.gaussian_pair(Covariance.full(Lam), Covariance.full(Gam), n, noise)
    drawn = setting.sample(np.random.default_rng(seed), 400_000)
    a, A, c = (np.array(v, dtype=float) for v in (layer.a, layer.A, layer.c))
    S, s = drawn.x.transpose(0, 2, 1) @ drawn.x, (drawn.y[:, None, :] @ drawn.x)[:, 0]
    q, b = (drawn.y**2).sum(axis=1), float(layer.b)
    u = S @ a @ A + b * s @ A + np.outer(s @ a + b * q, c)
    error = drawn.tasks.w - u
    losses = ((error @ np.array(query, dtype=float)) * error).sum(axis=1) + float(noise)
    assert abs(losses.mean() - float(exact)) < 6 * losses.std() / len(losses) ** 0.5


@pytest.mark.parametrize(
    "text",
    [
        "[test]\ncontext_length = 9\nscale = '1/2'\n",
        "[test.covariates]\ncovariance = [[2, '1/2'], ['1/2', 1]]\n",
        "[test.covariates]\nlaw = 'uniform'\n",
        "[test.covariates]\nmean = [1, '-1/2']\n",
        "[test.task]\nmean = [1, 2]\n",
        "[test.task]\nlaw = 'rademacher'\n",
        "[test.task]\nresponse = 't^2 + t'\n",
        "[test.task]\nresponse = 'tanh(t)'\n",
        "[test.noise]\nvariance = [1, 3]\n",
        "[layer]\nreadout = [['1/9', '1/20'], [0, '1/7']]\n[test.task]\nmean = [1, 0]\n",
        "[task]\nmean = [1, 0]\n[test]\ncontext_length = 7\n",
    ],
)
def test_monte_carlo_agrees_on_every_kind_of_shift(text) -> None:
    question = asked(text)
    found = explore_question(question, QUICK)
    test, layer = question.test.setting, trained_layer(question, found.optimum)
    here = layer.at(test.context_length)
    theta = [*here.a, here.b, *(v for row in here.A for v in row), *here.c]
    full = ReducedParameters.from_vector(np.array(theta, dtype=float)).full()
    means = batch_means(test, [full], np.random.default_rng(3), 100_000)[0]
    error = float(means.std(ddof=1)) / len(means) ** 0.5 + (found.test.loss.error or 0.0)
    assert abs(means.mean() - found.test.loss.decimal) < 6 * error
    assert (found.test.loss.exact is None) == ("tanh" in text)
    assert found.test.best_there.decimal < found.test.loss.decimal + 1e-9


def test_what_test_leaves_out_is_as_in_training() -> None:
    text = "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 12\ncovariance = [1, 3]\n"
    shifted = asked(text + "[test]\ncontext_length = 9\n")
    training = setting_text(shifted.setting)
    assert setting_text(shifted.test.setting) == training.replace("length = 5", "length = 9")
    # Another law takes the degrees of freedom with it and leaves the covariance.
    other = asked(text + "[test.covariates]\nlaw = 'uniform'\n").test.setting.covariates
    assert (other.law.name, other.covariance.entries[1][1]) == ("uniform", 3)


def test_a_pool_that_is_drawn_is_tested_on_fresh_tasks() -> None:
    text = "[task]\npool_size = 2\ncovariance = [1, 2, 3]\n"
    question = asked(text, d=3)
    assert question.drawn_pool
    assert question.test.setting.response.weights.covariance.entries[2][2] == 3
    found = explore_question(question, QUICK)
    assert found.test.loss.decimal > found.test.best_there.decimal


def test_the_given_readout_is_scored_at_home_too() -> None:
    found = answered("[layer]\nreadout = '1/10'\n")
    given = {item.name: item for item in found.compared}["given"]
    # sigma2 + d - 2 n d r + n (n + d + 1 + sigma2) d r^2 with d = 2, n = 5, r = 1/10.
    assert given.loss.exact == F(1, 4) + 2 - 2 + 5 * (5 + 3 + F(1, 4)) * 2 / 100


def test_the_curve_holds_the_points_of_single_tests() -> None:
    question = asked("[test]\ncontext_length = 12\n")
    found = explore_question(question, QUICK)
    trained = trained_layer(question, found.optimum)
    curve = transfer_curve(trained, question.test, default_lengths(5, 12), 0)
    points = {p.context_length: p for p in curve.points}
    assert points[12].loss == found.test.loss
    assert points[12].best_readout == found.test.best_there
    assert points[12].ridge.decimal == pytest.approx(found.test.ridge.loss.decimal)
    assert points[5].loss == points[5].best_readout
    assert curve.zero == found.test.zero


def test_the_curve_of_a_layer_that_divides_is_that_of_its_tests() -> None:
    question = asked("[layer]\ndivide_by = 'n'\n[test]\ncontext_length = 12\n")
    found = explore_question(question, QUICK)
    # What the report shows is divided already: eta is n times as large.
    trained = trained_layer(question, found.optimum, divided_already=True)
    curve = transfer_curve(trained, question.test, (5, 12), 0)
    assert curve.points[1].loss == found.test.loss
    assert curve.points[0].loss == curve.points[0].best_readout


def test_large_settings_of_other_laws_are_scored_too() -> None:
    text = "[covariates]\nlaw = 'uniform'\n[test]\ncontext_length = 12\n"
    test = answered(text, d=40).test
    small = answered(text, d=20).test
    for found, d in ((test, 40), (small, 20)):
        assert found.zero.exact == F(1, 4) + F(d, 3)
        assert found.loss.exact > found.best_there.exact


def test_json_has_the_four_numbers(capsys, tmp_path) -> None:
    path, plot = tmp_path / "mine.toml", tmp_path / "risk.svg"
    path.write_text("[prompt]\ndimension = 2\ncontext_length = 5\n[test]\ncontext_length = 40\n")
    words = ["--json", "--samples", "32000", "--starts", "1"]
    assert main(["explore", str(path), *words, "--plot", str(plot), "--lengths", "1:8"]) == 0
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, explore_schema())
    assert {"loss", "best_there", "ridge", "zero"} <= set(data["test"])
    # d=2, n=5, tau=3: excess d m (m-n)^2/((m+tau)(n+tau)^2) over 2 - 2*40/43.
    assert F(data["test"]["loss"]["exact"]) == 2 - F(80, 43) + F(2 * 40 * 35**2, 43 * 64)
    assert data["test"]["zero"]["exact"] == "2"
    assert plot.read_text().startswith("<?xml")


def test_the_report_says_what_is_other_in_the_test() -> None:
    found = answered("[test]\ncontext_length = 9\nscale = 2\n[test.noise]\nvariance = 3\n")
    data = exploration_object(found, "mine.toml")["test"]["setting"]
    assert data["context_length"] == 9
    assert "covariance 4 I" in data["covariates"]
    assert data["noise_variance"] == "3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[test]\ncovariance = [1, 2]\n",
            r"\[test\] covariance: write it under \[test.covariates\]",
        ),
        ("[test]\ncontext = 3\n", r"\[test\] unknown key 'context'"),
        ("[test.noise]\nvarianc = 3\n", r"\[test.noise\] unknown key 'varianc'; did you mean"),
        ("[test.noise]\nvariance = -3\n", r"\[test.noise\] variance: .*must not be negative"),
        ("[test]\ncontext_length = 0\n", r"\[test\] context_length: .*at least 1"),
        ("[test]\nscale = 0\n", r"\[test\] scale: must not be 0"),
        (
            "[covariates]\nlaw = 'uniform'\n[test]\nquery_covariance = [1, 2]\n",
            r"\[test\] query_covariance: needs normal covariates",
        ),
        ("[test]\nquery_covariance = [1, -2]\n", "positive semidefinite"),
        (
            "[test.covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 3\n",
            r"\[test.covariates\] law: student-t with 3 degrees of freedom has no moment",
        ),
        ("test = 3\n", "test must be a table"),
        ("[layer]\nreadout = [1]\n", r"\[layer\] readout: has 1 entries"),
        ("[layer]\ndivide_by = 'm'\n", r"\[layer\] divide_by: is 1, 'n' or 'n\+1'"),
        ("[layer]\nhead = 2\n", r"\[layer\] unknown key 'head'; did you mean 'heads'"),
        ("[layer]\nskip = 1\n", r"\[layer\] skip: must be true or false"),
        ("[training]\nloss = 'all'\n", r"\[training\] loss: unknown loss 'all'"),
        ("[tset]\ncontext_length = 3\n", "unknown table 'tset'; did you mean 'test'"),
    ],
)
def test_mistakes_are_one_line_with_file_and_key(text, message) -> None:
    if text.startswith("test ="):
        with pytest.raises(ValueError, match=message):
            parse_question(b"test = 3\n[prompt]\ndimension = 1\ncontext_length = 1\n")
        return
    with pytest.raises(ValueError, match=message) as caught:
        asked(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("mine.toml: ")
