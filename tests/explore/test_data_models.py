"""Data models of settings: pools, mixtures, task laws, means, labels; against other routes."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from sympy import sympify

from verifier.explore.answer import ExploreOptions
from verifier.explore.asked import explore_question
from verifier.explore.exploration import explore
from verifier.explore.sampled import sampled_moments
from verifier.explore.sampled_answer import sampled_readout
from verifier.explore.values import Certainty
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.layer_loss import GivenLayer, layer_loss
from verifier.optimum.readout import Kind
from verifier.setting.data import Setting
from verifier.setting.laws import Sparse
from verifier.setting.question import parse_question
from verifier.setting.setting_file import parse_setting
from verifier.setting.setting_text import setting_text

QUICK = ExploreOptions(samples=32_000, starts=2)
QUARTER = "[noise]\nvariance = '1/4'\n"


def setting(d: int, n: int, text: str) -> Setting:
    return parse_setting(f"[prompt]\ndimension = {d}\ncontext_length = {n}\n{text}".encode())


@pytest.mark.parametrize(
    ("tasks", "loss"),
    [
        # eta x'X'y is best for every symmetric law of the same covariance g I, where
        # L* = 1/4 + 2g - 2g n / (n + 3 + 1/(4g)); g is 1/3 for uniform entries.
        ("law = 'uniform'", "19/44"),
        ("covariance = ['1/3', '1/3']", "19/44"),
        # g = 1/2: the value that shared/cases/05 gives.
        ("pool = [[1, 0], [0, 1], [-1, 0], [0, -1]]", "55/108"),
        ("law = 'sparse'\nnonzero = 1", "55/108"),
        ("law = 'rademacher'\ncovariance = ['1/2', '1/2']", "55/108"),
        ("law = 'student-t'\ndegrees_of_freedom = 5\ncovariance = ['3/10', '3/10']", "55/108"),
        (
            "mixture = [{weight = '1/4', covariance = ['3/2', '3/2']},"
            " {weight = '3/4', covariance = ['1/6', '1/6']}]",
            "55/108",
        ),
    ],
)
def test_a_symmetric_law_of_the_tasks_enters_by_its_covariance(tasks, loss) -> None:
    found = explore(setting(2, 10, f"[task]\n{tasks}\n{QUARTER}"), QUICK)
    assert found.optimum.loss.exact == Fraction(loss)
    assert found.optimum.certainty is Certainty.COMPUTED
    assert found.optimum.kind is Kind.GRADIENT
    assert found.agrees
    told = any("enters by E ww' alone" in fact for fact in found.optimum.facts)
    assert told == ("law" in tasks or "pool" in tasks or "mixture" in tasks)


def test_a_pool_that_is_not_symmetric_is_no_readout_case() -> None:
    """E w = (1/2, 1/2) is not 0, so a layer can gain on x'Bs; the best readout stays 55/108."""
    found = explore(setting(2, 10, f"[task]\npool = [[1, 0], [0, 1]]\n{QUARTER}"), QUICK)
    readout = {item.name: item.loss.exact for item in found.compared}["linear_readout"]
    assert readout == Fraction(55, 108)
    assert found.optimum.loss.exact is not None
    assert found.optimum.loss.exact < readout
    assert found.agrees


def test_moments_of_pools_are_those_of_counting() -> None:
    pool, shares = [(1, 0), (1, 2), (-1, 1)], [Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)]
    text = (
        "[covariates]\nlaw = 'rademacher'\ncovariance = [[1, 1], [1, 5]]\n[task]\n"
        "pool = [[1, 0], [1, 2], [-1, 1]]\nweights = ['1/2', '1/3', '1/6']\n"
    )
    found = general_moments(setting(2, 3, text)).example_moments()
    # x = F z, F = ((1, 0), (1, 2)), z fair signs.
    points = [(z1, z1 + 2 * z2) for z1, z2 in product((-1, 1), repeat=2)]
    given = []
    for w in pool:
        tokens = [(*x, w[0] * x[0] + w[1] * x[1]) for x in points]
        given.append(tokens)
    for index in product(range(3), repeat=4):
        i, j, k, m = index
        fourth = paired = Fraction(0)
        for share, tokens in zip(shares, given, strict=True):
            fourth += share * Fraction(sum(v[i] * v[j] * v[k] * v[m] for v in tokens), 4)
            left = Fraction(sum(v[i] * v[j] for v in tokens), 4)
            paired += share * left * Fraction(sum(v[k] * v[m] for v in tokens), 4)
        assert found.fourth.get(index, 0) == fourth
        assert found.paired.get(index, 0) == paired


def test_sparse_tasks_have_the_moments_of_counting() -> None:
    # Of 3 coordinates 2 are drawn: E u_1^4 = 2/3 * 3, E u_1^2 u_2^2 = 1/3.
    law = Sparse(2)
    assert law.even_moment((4,), 3) == 2
    assert law.even_moment((2, 2), 3) == Fraction(1, 3)
    assert law.even_moment((2, 2, 2), 3) == 0
    drawn = law.sample(np.random.default_rng(0), (4000, 3))
    assert ((drawn != 0).sum(axis=1) == 2).all()
    assert (drawn**2).mean() == pytest.approx(2 / 3, abs=0.05)


@pytest.mark.parametrize(
    ("response", "noise"), [("linear", Fraction(1, 4)), ("t^2", Fraction(1, 4)), ("t", Fraction(0))]
)
def test_covariates_with_a_mean_agree_with_cubature(response, noise) -> None:
    """n = d = 1: the loss is a polynomial of (x, x', w, e), which Gauss-Hermite nodes integrate."""
    text = (
        f"[covariates]\nmean = ['3/2']\ncovariance = ['1/2']\n[task]\nmean = ['-1/3']\n"
        f"response = '{response}'\n[noise]\nvariance = '{noise}'\n"
    )
    here = setting(1, 1, text)
    layer = GivenLayer((Fraction(1, 2),), Fraction(2, 3), ((Fraction(1, 5),),), (Fraction(-1, 7),))
    exact = layer_loss(general_moments(here), 1, layer)
    nodes, weights = np.polynomial.hermite_e.hermegauss(12)
    weights = weights / weights.sum()
    z = np.stack(np.meshgrid(nodes, nodes, nodes, nodes, indexing="ij")).reshape(4, -1)
    mass = np.prod(np.stack(np.meshgrid(*[weights] * 4, indexing="ij")).reshape(4, -1), axis=0)
    x, query = 1.5 + 0.5**0.5 * z[0], 1.5 + 0.5**0.5 * z[1]
    w, e = z[2] - 1 / 3, float(noise) ** 0.5 * z[3]
    link = (lambda t: t**2) if response == "t^2" else (lambda t: t)
    y, target = link(w * x) + e, link(w * query)
    u = x * x * 0.5 / 5 + (2 / 3 / 5 - 0.5 / 7) * x * y - 2 / 3 / 7 * y * y
    expected = float((mass * (target - query * u) ** 2).sum()) + float(noise)
    assert float(exact) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    "text",
    [
        "[task]\nresponse = 'sigmoid(t)'\nlabels = 'bernoulli'\n",
        "[task]\nresponse = 'probit(t)'\nlabels = 'sign'\n",
        "[task]\nresponse = 'exp(t/8)'\nlabels = 'poisson'\n",
        "[task]\nresponse = '2*clip(t/2)'\n",
        "[task]\nresponse = 'quadratic'\n",
        "[covariates]\nlaw = 'uniform'\nmean = [1, '1/2']\n",
        "[covariates]\nmean = [1, '1/2']\n[task]\nresponse = 't^2'\n",
        "[noise]\nvariance = ['1/4', 4]\nweights = ['2/3', '1/3']\n",
        "[task]\nmixture = [{weight = '1/2', mean = [1, 0]}, {weight = '1/2', law = 'uniform'}]\n",
    ],
)
def test_the_transformer_on_sampled_prompts_agrees(text) -> None:
    found = explore(setting(2, 4, text), QUICK)
    assert found.agrees
    sampled = found.numerical.monte_carlo
    assert sampled is not None
    assert all(abs(c.z) < 6 for c in sampled.agreement.comparisons)


@pytest.mark.parametrize(
    "text",
    [
        "[task]\nresponse = 'sign(t)'\n",
        "[task]\nresponse = '-3*sign(2*t^3)'\nlaw = 'uniform'\n[covariates]\ncovariance = [4, 4]\n",
        "[covariates]\ncovariance = [[2, 1], [1, 2]]\n[task]\nresponse = 'sign(t)/2'\n"
        "covariance = 'inverse-covariates'\n",
    ],
)
def test_sign_responses_have_a_closed_form_in_pi(text) -> None:
    """The formulas are what sampled moments say, and the transformer on sampled prompts."""
    here = setting(2, 10, text)
    found = explore(here, QUICK)
    sampled = sampled_readout(here, sampled_moments(here, 5, True)).optimum
    optimum = found.optimum
    assert optimum.certainty is Certainty.COMPUTED
    for value, other in ((optimum.loss, sampled.loss), (optimum.B[0][0], sampled.B[0][0])):
        assert float(sympify(value.formula)) == pytest.approx(value.decimal, rel=1e-12)
        assert abs(value.decimal - other.decimal) < 5 * (other.error or 0) + 1e-4 * value.decimal
    assert found.agrees


def test_sign_of_standard_normals_by_hand() -> None:
    # n = d = 1: y s = sign(w x) x', E[y x | w] = (2/pi)^(1/2) sign(w) for query and example alike,
    # so L = 1 - 2 b 2/pi + b^2, since E s^2 = E x^2 = 1: best at b = 2/pi.
    optimum = explore(setting(1, 1, "[task]\nresponse = 'sign(t)'\n"), QUICK).optimum
    assert optimum.learning_rate.decimal == pytest.approx(2 / np.pi)
    assert optimum.loss.decimal == pytest.approx(1 - (2 / np.pi) ** 2)


def test_no_closed_form_where_a_direction_is_preferred() -> None:
    found = explore(setting(2, 5, "[task]\nresponse = 'sign(t)'\ncovariance = [1, 3]\n"), QUICK)
    assert found.optimum.certainty is Certainty.SUPPORTED


def test_poisson_labels_by_hand() -> None:
    # y ~ Poisson(t^2), even: predict 0. E y^2 = E t^4 + E t^2 = 3 E|w|^4 + E|w|^2 = 3 * 8 + 2.
    found = explore(setting(2, 4, "[task]\nresponse = 't^2'\nlabels = 'poisson'\n"), QUICK)
    assert found.optimum.loss.exact == 26


def test_quadratic_features_by_hand() -> None:
    # E f^2 = E x_1^4 + E x_2^4 + E x_1^2 x_2^2 = 3 + 3 + 1; noise 1/4.
    found = explore(setting(2, 4, f"[task]\nresponse = 'quadratic'\n{QUARTER}"), QUICK)
    assert found.optimum.loss.exact == Fraction(29, 4)
    assert found.optimum.kind is Kind.ZERO


def test_only_the_mean_of_the_noise_variance_matters_to_a_readout() -> None:
    """S4: levels 1/4 and 4 with probabilities 2/3 and 1/3 are the variance 3/2."""
    levels = "[noise]\nvariance = ['1/4', 4]\nweights = ['2/3', '1/3']\n"
    mixed, plain = (setting(2, 5, t) for t in (levels, "[noise]\nvariance = '3/2'\n"))
    optima = [explore(s, QUICK).optimum for s in (mixed, plain)]
    assert optima[0].loss == optima[1].loss
    assert optima[0].B == optima[1].B
    # But E y^4, which enters where b c is not 0, has E sigma^4 = 2/3 / 16 + 16/3 in it.
    fourth = [general_moments(s).fourth[2, 2, 2, 2] for s in (mixed, plain)]
    second = Fraction(2, 3) / 16 + Fraction(16, 3)
    assert fourth[0] - fourth[1] == 3 * (second - Fraction(9, 4))


def test_a_random_scale_by_hand() -> None:
    """S10: x ~ N(0, l I) with random l: L* = sigma2 + d E l - n d (E l^2)^2 / E l^2 ((n+d+1) l +
    sigma2), eta = E l^2 / E l^2 ((n+d+1) l + sigma2).
    """
    parts = "[[covariates.mixture]]\nweight = '1/3'\n"
    parts += "[[covariates.mixture]]\nweight = '2/3'\nscale = 2\n"
    found = explore(setting(2, 10, f"{parts}{QUARTER}"), QUICK)
    mean = {k: Fraction(1, 3) + Fraction(2, 3) * 4**k for k in (1, 2, 3)}
    bottom = 13 * mean[3] + mean[2] / 4
    assert found.optimum.learning_rate.exact == mean[2] / bottom
    assert found.optimum.loss.exact == Fraction(1, 4) + 2 * mean[1] - 20 * mean[2] ** 2 / bottom
    assert found.optimum.certainty is Certainty.COMPUTED
    assert found.agrees


def test_random_covariances_that_do_not_commute() -> None:
    """Against the transformer on prompts, and against the descents' own minimum."""
    parts = (
        "mixture = [{weight = '1/2', covariance = [[2, 1], [1, 1]]},"
        " {weight = '1/2', covariance = [1, 3]}]"
    )
    found = explore(setting(2, 4, f"[covariates]\n{parts}\n{QUARTER}"), QUICK)
    assert found.agrees
    assert found.optimum.kind is Kind.READOUT
    assert found.numerical.search.best_loss == pytest.approx(found.optimum.loss.decimal, rel=1e-7)
    broken = explore(
        setting(2, 4, f"[covariates]\n{parts}\n[task]\nmean = [1, 0]\n{QUARTER}"), QUICK
    )
    assert broken.agrees
    assert broken.optimum.certainty is Certainty.SUPPORTED


def test_averages_over_drawn_pools() -> None:
    """At fixed B the pool's loss is linear in its second moment, so on average the best readout's
    own loss is below the population optimum, and its loss on fresh tasks above; both tend to it.
    """
    head = "[prompt]\ndimension = 3\ncontext_length = 12\n[noise]\nvariance = '1/4'\n"
    optimum = 3 + 0.25 - 3 * 12 / 16.25
    gaps = []
    for size in (2, 60):
        text = f"{head}[task]\npool_size = {size}\n"
        average = explore_question(parse_question(text.encode()), QUICK).pool_average
        home, fresh = average.home, average.fresh
        assert home.decimal < optimum + 3 * home.error
        assert fresh.decimal > optimum - 3 * fresh.error
        gaps.append(fresh.decimal - optimum)
    assert gaps[0] > 10 * abs(gaps[1])


def test_vector_responses_add_up() -> None:
    """S17: p outputs with independent tasks have p times the loss and the same B."""
    head = f"[prompt]\ndimension = 2\ncontext_length = 5\n{QUARTER}[test]\ncontext_length = 8\n"
    one, three = (
        explore_question(parse_question(f"{head}[task]\noutputs = {p}\n".encode()), QUICK)
        for p in (1, 3)
    )
    assert three.optimum.loss.exact == 3 * one.optimum.loss.exact
    assert three.optimum.B == one.optimum.B
    assert three.test.loss.exact == 3 * one.test.loss.exact
    assert three.compared[0].loss.exact == 3 * one.compared[0].loss.exact
    with pytest.raises(ValueError, match=r"\[task\] outputs: are for linear responses"):
        parse_question(f"{head}[task]\noutputs = 2\nresponse = 't^2'\n".encode())


def test_one_head_on_vector_responses_by_sampling() -> None:
    """W_V that copies y: the layer with tokens (x, y_1, y_2) has twice the loss of one output."""
    rng, n, d = np.random.default_rng(0), 5, 2
    x = rng.standard_normal((200_000, n, d))
    w = rng.standard_normal((200_000, d, 2))
    y = x @ w + 0.5 * rng.standard_normal((200_000, n, 2))
    u = 4 / (4 * (n + d + 1) + 1) * x.transpose(0, 2, 1) @ y
    losses = ((w - u) ** 2).sum(axis=(1, 2)) + 2 / 4
    found = explore(setting(2, 5, QUARTER), QUICK).optimum.loss.decimal
    assert abs(losses.mean() - 2 * found) < 6 * losses.std() / len(losses) ** 0.5


def test_a_layer_is_scored_on_random_scales() -> None:
    head = f"[prompt]\ndimension = 2\ncontext_length = 5\n{QUARTER}"
    text = "mixture = [{weight = '1/4'}, {weight = '3/4', scale = 2}]"
    losses = [
        explore_question(parse_question(f"{head}{test}".encode()), QUICK).test.loss.exact
        for test in (
            f"[test.covariates]\n{text}\n",
            "[test]\nscale = 1\n",
            "[test]\nscale = 2\n",
        )
    ]
    assert losses[0] == losses[1] / 4 + 3 * losses[2] / 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[task]\npool = [[1, 0], [0, 1, 2]]\n", r"\[task\] pool: task 2 has 3 entries"),
        ("[task]\npool = []\n", r"\[task\] pool: a pool needs at least one task"),
        ("[task]\npool = [1, 0]\n", r"\[task\] pool: must be a list of tasks"),
        (
            "[task]\npool = [[1, 0], [0, 1]]\nweights = ['1/2', '1/3']\n",
            r"\[task\] weights: the weights must add up to 1, but they add up to 5/6",
        ),
        (
            "[task]\npool = [[1, 0], [0, 1]]\nweights = [1]\n",
            r"\[task\] weights: there are 1 weights for 2 tasks",
        ),
        ("[task]\nweights = [1]\n", r"\[task\] weights: belongs to pool"),
        ("[task]\nmixture = []\n", r"\[task\] mixture: has no parts"),
        ("[[task.mixture]]\nmean = [1, 0]\n", r"\[task.mixture 1\] weight: is missing"),
        (
            "[[task.mixture]]\nweight = '1/2'\nmean = [1, 0, 0]\n",
            r"\[task.mixture 1\] mean: has 3 entries; dimension is 2",
        ),
        ("[[task.mixture]]\nweight = '1/2'\n", r"\[task\] mixture: the weights must add up to 1"),
        ("[task]\npool = [[1, 0]]\nmean = [1, 0]\n", "mean: cannot stand beside pool"),
        ("[task]\npool = [[1, 0]]\npool_size = 3\n", "pool_size: cannot stand beside pool"),
        ("[[covariates.mixture]]\n", r"\[covariates.mixture 1\] weight: is missing"),
        ("[[covariates.mixture]]\nweight = '1/2'\n", r"\[covariates\] mixture: the weights must"),
        ("[covariates]\nmixture = []\n", r"\[covariates\] mixture: has no parts"),
        (
            "[covariates]\ncovariance = [1, 2]\nmixture = [{weight = 1}]\n",
            "covariance: cannot stand beside mixture",
        ),
        ("[task]\nlaw = 'sparse'\n", r"\[task\] nonzero: is missing"),
        ("[task]\nlaw = 'sparse'\nnonzero = 3\n", "do not fit into 2"),
        ("[task]\nlaw = 'gaussian'\n", "did you mean 'normal'"),
        ("[task]\nlaw = 'student-t'\ndegrees_of_freedom = 3\n", r"\[task\] law: student-t with 3"),
        ("[task]\nlabels = 'bernoulli'\n", "labels: needs a response such as"),
        ("[task]\nresponse = 't'\nlabels = 'bernoulli'\n", "labels: needs a response"),
        ("[task]\nresponse = 'tanh(t)'\nlabels = 'bernoulli'\n", "between 0 and 1"),
        ("[task]\nresponse = 't^3'\nlabels = 'poisson'\n", "never negative"),
        ("[task]\nresponse = 'sigmoid(t)'\nlabels = 'coin'\n", "unknown label 'coin'; known"),
        ("[noise]\nvariance = ['1/4', -1]\n", "must not be negative"),
        ("[noise]\nvariance = []\n", "must be a number, or a list"),
        ("[noise]\nvariance = 1\nweights = [1]\n", "weights: belongs to a list"),
        ("[covariates]\nmean = [1]\n", r"\[covariates\] mean: has 1 entries; dimension is 2"),
        ("[task]\nresponse = 'quadratic'\npool = [[1, 0]]\n", "no effect on quadratic features"),
    ],
)
def test_mistakes_are_one_line_with_file_and_key(text, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        setting(2, 3, text)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("setting: ")


@pytest.mark.parametrize(
    "text",
    [
        "[task]\npool = [[1, 0], [0, '1/3']]\nweights = ['1/4', '3/4']\n",
        "[task]\npool_size = 5\npool_seed = 3\ncovariance = [1, 2]\n",
        "[task]\nlaw = 'sparse'\nnonzero = 2\nmean = [1, 0]\n",
        "[task]\nlaw = 'student-t'\ndegrees_of_freedom = '21/2'\n",
        "[[task.mixture]]\nweight = '1/3'\nlaw = 'laplace'\n[[task.mixture]]\nweight = '2/3'\n",
        "[task]\nresponse = 'sigmoid(t)'\nlabels = 'sign'\n[noise]\nvariance = [1, 2]\n",
        "[task]\nresponse = 'quadratic'\n[covariates]\ncovariance = [1, 3]\n",
        "[covariates]\nmean = [1, 2]\ncovariance = [[2, 1], [1, 2]]\n",
        "[covariates]\nmixture = [{weight = '1/2', scale = 3}, {weight = '1/2'}]\n",
    ],
)
def test_a_setting_can_be_typed_back(text) -> None:
    here = setting(2, 3, text)
    again = setting_text(parse_setting(setting_text(here).encode()))
    assert again == setting_text(here)
    assert "0.333" not in again


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[task]\npool = [[0, 0]]\n", r"\[task\] pool: the responses are identically zero"),
    ],
)
def test_settings_without_an_answer_say_why(text, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        explore(setting(2, 3, text), QUICK)
    assert "\n" not in str(caught.value)


def test_a_drawn_pool_depends_on_its_seed_alone() -> None:
    texts = [
        setting_text(setting(2, 3, f"[task]\npool_size = 4\npool_seed = {seed}\n"))
        for seed in (0, 0, 1)
    ]
    assert texts[0] == texts[1] != texts[2]
