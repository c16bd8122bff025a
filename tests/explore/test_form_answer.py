"""[layer] and [training]: heads, ranks, skip, lengths, decay, against formulas and descents."""

from __future__ import annotations

import json
from fractions import Fraction

import jsonschema
import numpy as np
import pytest

from verifier.__main__ import main
from verifier.explore.answer import ExploreOptions
from verifier.explore.form_answer import Lengths, _exact_features, _sampled_features, form_answer
from verifier.explore.values import Certainty
from verifier.law_moments.of_setting import general_moments
from verifier.numeric.head_descents import HeadLoss, descend_heads
from verifier.reports.explore_json import explore_schema
from verifier.setting.question import parse_question

F = Fraction
QUICK = ExploreOptions(starts=6)


def asked(text: str, d: int = 2, n: int = 3, noise: str = "1/2"):
    head = f"[prompt]\ndimension = {d}\ncontext_length = {n}\n[noise]\nvariance = '{noise}'\n"
    return parse_question((head + text).encode())


def answered(text: str, **sizes):
    return form_answer(asked(text, **sizes), QUICK)


@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_key_dimension_times_heads_is_what_counts(heads, rank) -> None:
    """Isotropic: sigma2 + d - min(Hr, d) n/(n + d + 1 + sigma2)."""
    found = answered(f"[layer]\nheads = {heads}\nkey_dimension = {rank}\n")
    assert found.loss.exact == F(5, 2) - min(heads * rank, 2) * F(3) / (3 + 3 + F(1, 2))
    assert found.certainty is Certainty.COMPUTED


@pytest.mark.parametrize(("heads", "rank"), [(1, 1), (2, 1), (1, 2), (2, None)])
def test_descents_in_the_weights_reach_what_is_computed(heads, rank) -> None:
    key = "" if rank is None else f"key_dimension = {rank}\n"
    question = asked(f"[covariates]\ncovariance = [1, 3]\n[layer]\nheads = {heads}\n{key}")
    moments = general_moments(question.setting)
    gram, signal, target = _exact_features(question, moments, Lengths.of(question))
    loss = HeadLoss(2, heads, rank, False, target, gram, signal, 0.0)
    runs = descend_heads(loss, np.random.default_rng(0), 8)
    assert runs.loss == pytest.approx(form_answer(question, QUICK).loss.decimal, rel=1e-6)


def test_gradients_are_those_of_the_loss() -> None:
    question = asked("[task]\nmean = [1, 0]\n[layer]\nskip = true\n")
    features = _exact_features(question, general_moments(question.setting), Lengths.of(question))
    gram, signal, target = features
    for rank in (None, 2):
        loss = HeadLoss(2, 2, rank, True, target, gram, signal, 0.3)
        theta = np.random.default_rng(1).standard_normal(loss.size)
        value, gradient = loss(theta)
        for k in range(loss.size):
            move = np.zeros(loss.size)
            move[k] = 1e-6
            slope = (loss(theta + move)[0] - loss(theta - move)[0]) / 2e-6
            assert slope == pytest.approx(gradient[k], rel=1e-5, abs=1e-5 * abs(value))


@pytest.mark.parametrize("divided", [False, True])
def test_every_prefix_is_optimal_for_a_mean_length(divided) -> None:
    """Plain: eta = 1/(k_eff + 1 + d + sigma2), k_eff = (2n+1)/3; divided by k: with h = E 1/k,
    eta = 1/(1 + h + h (d + sigma2)).
    """
    n, total = 4, F(5, 2)
    layer = "[layer]\ndivide_by = 'n'\n" if divided else ""
    found = answered(f"{layer}[training]\nloss = 'every-prefix'\n", n=n)
    h = sum(F(1, k) for k in range(1, n + 1)) / n
    expected = 1 / (1 + h + h * total) if divided else 1 / (F(2 * n + 1, 3) + 1 + total)
    assert found.B[0][0].exact == expected
    assert found.B[0][1].exact == 0
    losses = []
    for k in range(1, n + 1):
        eta = expected / k if divided else expected
        losses.append(total - 2 * 2 * k * eta + k * (k + 1 + total) * 2 * eta**2)
    assert found.loss.exact == sum(losses) / n
    assert found.certainty is Certainty.COMPUTED


def test_random_lengths_take_their_weights() -> None:
    text = "[training]\ncontext_lengths = [1, 4]\nweights = ['1/4', '3/4']\n"
    found = answered(text)
    first, second = F(1, 4) + 3, F(1, 4) + F(3, 4) * 16
    assert found.B[0][0].exact == 1 / (second / first + 1 + F(5, 2))


def test_a_skip_makes_gradient_descent_from_the_mean() -> None:
    """Attention with a skip: the minimum is the Gaussian pair's, whatever the task mean is."""
    pair = F(5, 2) - 2 * F(3) / (3 + 3 + F(1, 2))
    found = answered("[task]\nmean = [1, '-1/2']\n[layer]\nskip = true\n")
    assert found.certainty is Certainty.SUPPORTED
    assert found.loss.decimal == pytest.approx(float(pair), rel=1e-6)
    assert found.lower_bound.decimal == pytest.approx(float(pair), rel=1e-6)


def test_the_price_of_a_mean_without_the_skip() -> None:
    """d + 1 heads reach L*_pair + kappa |mu|^2, the bound for every number of heads."""
    n, d, noise, mu = 3, 1, F(1, 2), F(2)
    t = 1 + noise
    V, k0 = 2 * n * ((n + 1) + t**2), F(2, n * d + 2)
    kappa = k0 * V / (k0 * n**2 * noise**2 + V)
    expected = t - F(n) / (n + 1 + t) + kappa * mu**2
    found = answered("[task]\nmean = [2]\n[layer]\nheads = 2\n", d=1)
    assert found.lower_bound.decimal == pytest.approx(float(expected), rel=1e-9)
    assert found.loss.decimal == pytest.approx(float(expected), rel=1e-6)


def test_the_query_in_the_sum_helps_where_there_is_a_mean() -> None:
    """n = 2, d = 1, no noise, mean 1: 82/91 with the query in the sum, 1 without (exact)."""
    text = "[task]\nmean = [1]\n[layer]\nheads = 2\nquery_in_sum = true\n"
    found = answered(text, d=1, n=2, noise="0")
    assert found.loss.error is not None
    assert found.loss.decimal == pytest.approx(82 / 91, abs=0.03)
    assert answered(text.replace("true", "false"), d=1, n=2, noise="0").loss.decimal == (
        pytest.approx(1.0, rel=1e-5)
    )


def test_the_query_in_the_sum_changes_nothing_in_a_gaussian_pair() -> None:
    plain, query = (
        answered(f"[layer]\nheads = 2\nquery_in_sum = {v}\n") for v in ("false", "true")
    )
    assert plain.loss == query.loss


def test_sampled_features_agree_with_exact_ones() -> None:
    question = asked("[task]\nmean = [1, 0]\n[layer]\nskip = true\ndivide_by = 'n+1'\n", n=2)
    exact = _exact_features(question, general_moments(question.setting), Lengths.of(question))
    sampled = _sampled_features(question, 0)
    units = np.sqrt(np.diagonal(exact[0]))
    assert np.abs((exact[0] - sampled[0]) / np.outer(units, units)).max() < 0.1
    assert np.abs((exact[1] - sampled[1]) / units).max() < 0.05


def test_weight_decay_shrinks_the_step() -> None:
    plain, decayed = (
        answered(f"[layer]\nheads = 1\n[training]\nweight_decay = '{v}'\n", d=1)
        for v in ("1/100", "1/2")
    )
    assert decayed.certainty is Certainty.SUPPORTED
    assert decayed.loss.decimal > plain.loss.decimal
    assert abs(decayed.B[0][0].decimal) < abs(plain.B[0][0].decimal)
    # d = 1, a = c = 0: b^2 = A^2 = eta, and L = t - 2n eta + n(n+1+t) eta^2 + 2 decay eta.
    t, n = 1.5, 3
    eta = (n - 0.01) / (n * (n + 1 + t))
    assert plain.B[0][0].decimal == pytest.approx(eta, rel=1e-4)


def test_the_report_and_the_record_say_it(capsys, tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "[prompt]\ndimension = 2\ncontext_length = 4\n[layer]\nheads = 2\n"
        "[training]\nloss = 'every-prefix'\n"
    )
    words = ["explore", str(path), "--samples", "32000", "--starts", "1"]
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "2 heads, the mean loss over every prefix of 1 to 4 examples" in " ".join(out.split())
    assert main([*words, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, explore_schema())
    assert data["asked_for"]["B"][0][0]["exact"] == "1/6"


def test_what_does_not_go_together_is_one_line(capsys, tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "[prompt]\ndimension = 2\ncontext_length = 4\n[training]\nweight_decay = 1\n"
        "[test]\ncontext_length = 9\n"
    )
    assert main(["explore", str(path), "--samples", "32000", "--starts", "1"]) == 2
    err = capsys.readouterr().err
    assert "[test]: the layer asked for by [layer] and [training] is not a readout" in err
    assert err.count("\n") == 1
