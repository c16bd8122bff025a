"""Covariates drawn anew for every prompt: any response, any layer, singular parts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.explore.answer import ExploreOptions, FormAnswer
from verifier.explore.asked import explore_question
from verifier.explore.exploration import explore
from verifier.explore.form_answer import form_answer
from verifier.explore.mixture import mixed_problem
from verifier.explore.sampled import sampled_tables
from verifier.explore.sampled_answer import sampled_readout
from verifier.explore.sign_answer import sign_answer, sign_scale
from verifier.explore.values import Certainty
from verifier.setting.data import Setting
from verifier.setting.question import parse_question
from verifier.setting.setting_file import parse_setting

F = Fraction
QUICK = ExploreOptions(32_000, 2)
TWO = """mixture = [
    {{ weight = "{p}", covariance = {one} }},
    {{ weight = "{q}", covariance = {two} }},
]
"""


def text(d: int, n: int, covariates: str, rest: str = "") -> bytes:
    return (
        f"[prompt]\ndimension = {d}\ncontext_length = {n}\n[covariates]\n{covariates}\n{rest}"
    ).encode()


def mixed(p: F, one: object, two: object) -> str:
    return TWO.format(p=p, q=1 - p, one=one, two=two)


def setting(d: int, n: int, covariates: str, rest: str = "") -> Setting:
    return parse_setting(text(d, n, covariates, rest))


def formed(d: int, n: int, covariates: str, rest: str) -> FormAnswer:
    return form_answer(parse_question(text(d, n, covariates, rest)), QUICK)


@pytest.mark.parametrize("response", ["tanh(t)", "relu(t) + t"])
def test_equal_parts_are_no_mixture(response) -> None:
    rest = f"[task]\nresponse = '{response}'\n"
    one = explore(setting(2, 4, "covariance = [1, 2]", rest), QUICK).optimum
    both = mixed(F(1, 3), [1, 2], [1, 2])
    two = explore(setting(2, 4, both, rest), QUICK).optimum
    assert two.loss.decimal == pytest.approx(one.loss.decimal, rel=1e-6)
    assert two.certainty is one.certainty
    for left, right in zip(two.B, one.B, strict=True):
        for u, v in zip(left, right, strict=True):
            assert u.decimal == pytest.approx(v.decimal, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("response", ["tanh(t)", "sigmoid(t)"])
def test_a_sampled_answer_agrees_with_prompts(response) -> None:
    rest = f"[task]\nresponse = '{response}'\nmean = [1, 0]\n[noise]\nvariance = 1\n"
    here = setting(2, 4, mixed(F(1, 3), "'identity'", [[2, 1], [1, 2]]), rest)
    found = explore(here, ExploreOptions(64_000, 3))
    assert found.agrees
    assert found.optimum.certainty is Certainty.SUPPORTED
    assert found.optimum.loss.error is not None
    assert found.optimum.loss.error > 0


@settings(max_examples=4, deadline=None)
@given(st.integers(1, 3), st.integers(1, 6), st.sampled_from([F(1, 4), F(2, 3)]), st.integers(2, 5))
def test_signs_under_a_random_scale_have_a_closed_form(d, n, share, scale) -> None:
    rest = "[task]\nresponse = '2*sign(t)'\n[noise]\nvariance = 1\n"
    two = [scale] * d
    here = setting(d, n, mixed(share, "'identity'", two), rest)
    scale = sign_scale(here)
    assert scale == 2
    found, _ = sign_answer(here, scale)
    assert "pi" in found.loss.formula
    sampled = sampled_readout(here, sampled_tables(here, 3, True)).optimum
    assert sampled.loss.error is not None
    assert abs(sampled.loss.decimal - found.loss.decimal) < 6 * sampled.loss.error + 1e-9
    assert sampled.B[0][0].decimal == pytest.approx(found.B[0][0].decimal, rel=0.02)


def test_inverse_covariates_are_those_of_the_mixture() -> None:
    rest = "[task]\ncovariance = 'inverse-covariates'\n"
    here = setting(2, 3, mixed(F(1, 3), [3, 1], [[3, 1], [1, 2]]), rest)
    assert here.second_moment == ((3, F(2, 3)), (F(2, 3), F(5, 3)))
    covariance = here.response.weights.covariance.entries
    product = [
        [sum(covariance[i][k] * here.second_moment[k][j] for k in range(2)) for j in range(2)]
        for i in range(2)
    ]
    assert product == [[1, 0], [0, 1]]


def test_where_no_part_varies_is_left_out() -> None:
    flat = mixed_problem(setting(1, 4, mixed(F(1, 2), [1], [2])))
    wide = mixed_problem(setting(2, 4, mixed(F(1, 2), [1, 0], [2, 0])))
    turned = mixed_problem(setting(2, 4, mixed(F(1, 2), [[1, 1], [1, 1]], [[2, 2], [2, 2]])))
    assert flat is not None
    assert wide is not None
    assert turned is not None
    assert wide.best().loss == flat.best().loss
    # x = (z, z) and w ~ N(0, I): y = (w_1 + w_2) z, twice the variance.
    assert turned.best().loss == 2 * flat.best().loss


def test_twenty_dimensions_are_solved() -> None:
    problem = mixed_problem(setting(20, 40, mixed(F(1, 3), "'identity'", [4] * 20)))
    assert problem is not None
    # eta = n m1 / (m2 (n + d + 1) n + ...): isotropic parts s_k, E s = 3, E s^2 = 11, E s^3 = 43.
    s = [(F(1, 3), 1), (F(2, 3), 4)]
    m2, m3 = (sum(p * v**k for p, v in s) for k in (2, 3))
    eta = F(m2) / (m3 * (40 + 20 + 1))
    assert problem.best().learning_rate == eta


@pytest.mark.parametrize(
    "rest",
    [
        "[layer]\nheads = 2\nquery_in_sum = true\n",
        "[training]\nloss = 'every-prefix'\n[layer]\ndivide_by = 'n'\n",
        "[layer]\nskip = true\n[noise]\nvariance = '1/2'\n",
    ],
)
def test_other_layers_are_computed_part_by_part(rest) -> None:
    one = formed(2, 4, "covariance = [1, 3]", rest)
    same = formed(2, 4, mixed(F(1, 3), [1, 3], [1, 3]), rest)
    assert same.certainty is one.certainty is Certainty.COMPUTED
    assert same.loss.exact == one.loss.exact
    other = formed(2, 4, mixed(F(1, 3), [1, 3], [[2, 1], [1, 1]]), rest)
    assert other.certainty is Certainty.COMPUTED
    assert other.loss.exact not in (None, one.loss.exact)


def test_the_query_in_the_sum_changes_nothing_for_any_covariates() -> None:
    """Least squares on sampled features of such a layer bounds every layer's loss."""
    rest = "[layer]\nquery_in_sum = true\n[task]\nresponse = 't^3'\n"
    asked = parse_question(text(2, 3, "law = 'uniform'", rest))
    computed = form_answer(asked, QUICK)
    assert computed.certainty is Certainty.COMPUTED
    from verifier.explore.form_answer import Lengths, _searched

    sampled = _searched(asked, None, Lengths.of(asked), QUICK, lambda message: None)
    assert sampled.lower_bound is not None
    assert sampled.loss.error is not None
    assert computed.loss.exact is not None
    room = 4 * sampled.loss.error
    assert abs(sampled.lower_bound.decimal - float(computed.loss.exact)) < room


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 9), st.sampled_from(["1", "n", "n+1"]))
def test_a_layer_trained_on_every_prefix_is_tested(d, n, m, divide) -> None:
    rest = (
        f"[noise]\nvariance = '1/2'\n[training]\ncontext_lengths = [{n}, {n + 3}]\n"
        f"[layer]\nheads = 2\ndivide_by = '{divide}'\n[test]\ncontext_length = {m}\n"
    )
    found = explore_question(parse_question(text(d, n, "", rest)), ExploreOptions(32_000, 1))
    assert found.formed is not None
    assert found.test is not None
    eta = found.formed.B[0][0].exact
    assert eta is not None
    eta /= {"1": 1, "n": m, "n+1": m + 1}[divide]
    expected = F(1, 2) + d * (1 - 2 * m * eta + eta**2 * m * (m + 1 + d + F(1, 2)))
    assert found.test.loss.exact == expected


def test_outputs_of_another_layer_add_up() -> None:
    rest = "[layer]\nheads = 2\nkey_dimension = 1\n[training]\nloss = 'every-prefix'\n"
    one = explore_question(parse_question(text(3, 4, "", rest)), QUICK)
    three = explore_question(parse_question(text(3, 4, "", f"{rest}[task]\noutputs = 3\n")), QUICK)
    assert one.formed is not None
    assert three.formed is not None
    assert three.formed.loss.exact == 3 * one.formed.loss.exact


@pytest.mark.parametrize(
    "rest",
    [
        "[layer]\nheads = 2\nkey_dimension = 1\nquery_in_sum = true\ndivide_by = 'n+1'\n",
        "[layer]\nskip = true\n[training]\nloss = 'every-prefix'\nweight_decay = '1/3'\n",
        "[layer]\nreadout = '1/7'\n[task]\noutputs = 2\n",
        "[training]\ncontext_lengths = [2, 5]\nweights = ['1/4', '3/4']\n",
    ],
)
def test_a_whole_question_can_be_typed_back(rest) -> None:
    asked = parse_question(text(2, 4, mixed(F(1, 3), [1, 2], [2, 2]), rest))
    found = explore_question(asked, ExploreOptions(32_000, 1))
    assert parse_question(found.asked.encode()) == asked


def test_a_given_readout_stays_given_under_another_training_loss() -> None:
    rest = "[layer]\nreadout = '1/9'\n[training]\nloss = 'every-prefix'\n[test]\nscale = 1\n"
    found = explore_question(parse_question(text(2, 3, "", rest)), ExploreOptions(32_000, 1))
    given = next(item.loss.exact for item in found.compared if item.name == "given")
    # 2 (1 - 2 n eta + eta^2 n (n + 1 + d)) at n = 3, eta = 1/9.
    assert given == 2 * (1 - F(6, 9) + F(18, 81))
    assert found.test is not None
    assert found.test.loss.exact == given


@pytest.mark.parametrize("response", ["linear", "tanh(t)", "sign(t)"])
def test_the_first_part_may_be_without_spread(response) -> None:
    """Half of all prompts have x = 0: the loss is that of the others, averaged with E y^2 = 0."""
    rest = f"[task]\nresponse = '{response}'\n"
    first = explore(setting(2, 3, mixed(F(1, 2), [0, 0], [1, 2]), rest), QUICK).optimum
    second = explore(setting(2, 3, mixed(F(1, 2), [1, 2], [0, 0]), rest), QUICK).optimum
    alone = explore(setting(2, 3, "covariance = [1, 2]", rest), QUICK).optimum
    assert first.loss.decimal == pytest.approx(second.loss.decimal, rel=1e-6)
    assert first.loss.decimal == pytest.approx(alone.loss.decimal / 2, rel=1e-3)
