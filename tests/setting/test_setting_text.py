"""A setting written as a file is that setting again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import verifier
from verifier.setting.covariance import Covariance
from verifier.setting.covariates import Covariates
from verifier.setting.data import Setting
from verifier.setting.laws import Laplace, Normal, Rademacher, Sphere, StudentT, Uniform
from verifier.setting.layer import LayerVariant
from verifier.setting.question import read_question
from verifier.setting.responses import (
    Linear,
    Polynomial,
    RadialPolynomial,
    ReluNetwork,
    SingleIndex,
    Weights,
)
from verifier.setting.setting_file import parse_setting
from verifier.setting.setting_text import setting_text

EXAMPLES = sorted((Path(verifier.__file__).parent / "examples").glob("*.toml"))
small = st.sampled_from([Fraction(p, q) for p in range(-3, 4) for q in (1, 2, 7)])


@st.composite
def covariances(draw: st.DrawFn, d: int) -> Covariance:
    """L D L' with D positive, so that it is definite."""
    lower = [[draw(small) if j < i else Fraction(int(i == j)) for j in range(d)] for i in range(d)]
    pivots = [
        draw(st.sampled_from([Fraction(1, 5), Fraction(1), Fraction(8, 3)])) for _ in range(d)
    ]
    rows = [
        [sum(lower[i][k] * pivots[k] * lower[j][k] for k in range(d)) for j in range(d)]
        for i in range(d)
    ]
    return Covariance.full(rows)


@st.composite
def any_setting(draw: st.DrawFn) -> Setting:
    d = draw(st.integers(1, 3))
    plain = st.sampled_from([Normal(), Uniform(), Rademacher(), Laplace(), Sphere()])
    law = draw(st.one_of(plain, st.just(StudentT(Fraction(41, 2)))))
    mean = tuple(draw(st.lists(small, min_size=d, max_size=d)))
    weights = Weights(mean, draw(covariances(d)))
    top = draw(st.fractions(Fraction(1, 3), 2, max_denominator=5))
    polynomial = Polynomial((draw(small), draw(small), top))
    response = draw(
        st.sampled_from([Linear(weights), SingleIndex(polynomial, weights), ReluNetwork(3, True)])
    )
    noise, n = draw(st.fractions(0, 2, max_denominator=9)), draw(st.integers(1, 99))
    return Setting(d, n, Covariates(law, draw(covariances(d))), response, noise)


@given(any_setting())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_reads_back_as_the_same_setting(setting: Setting) -> None:
    assert parse_setting(setting_text(setting).encode()) == setting


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_text_of_an_example_is_a_fixed_point(path: Path) -> None:
    text = setting_text(read_question(str(path)).setting)
    assert text
    assert setting_text(parse_setting(text.encode())) == text


def test_what_a_file_cannot_say_has_no_text() -> None:
    setting = parse_setting(b"[prompt]\ndimension = 2\ncontext_length = 3\n")
    assert not setting_text(replace(setting, response=RadialPolynomial((Fraction(1),))))
    assert not setting_text(replace(setting, layer_variant=LayerVariant(include_query=True)))
