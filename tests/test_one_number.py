"""One number or covariance means the same wherever a user can write it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import expected_loss, landscape
from verifier.commands.checking import options_from
from verifier.setting.numbers import exact_number
from verifier.setting.setting_file import parse_setting

WRITTEN = [Fraction(1, 4), "1/4", "0.25", "2.5e-1", " 1 / 4 ", "25e-2"]


def setting(rest: str):
    return parse_setting(f"[prompt]\ndimension = 2\ncontext_length = 3\n{rest}".encode())


@pytest.mark.parametrize("noise", WRITTEN)
def test_a_noise_variance(noise) -> None:
    assert expected_loss(2, noise=noise).polynomial == expected_loss(2, noise=WRITTEN[0]).polynomial
    assert landscape(1, 2, noise).noise == Fraction(1, 4)
    assert setting(f"[noise]\nvariance = '{noise}'\n").noise_variance == Fraction(1, 4)


def test_the_noise_of_the_command_line() -> None:
    from argparse import ArgumentParser

    from verifier.commands.check import add_arguments

    parser = ArgumentParser()
    add_arguments(parser)
    for noise in WRITTEN:
        assert options_from(parser.parse_args(["t", "--noise", str(noise)])).noises == (
            Fraction(1, 4),
        )


DIAGONAL = [
    [1, "1/2"],
    (1, Fraction(1, 2)),
    [[1, 0], [0, "0.5"]],
    ((1, "0"), (0, Fraction(1, 2))),
    np.array([[Fraction(1), 0], [0, Fraction(1, 2)]]),
]


@pytest.mark.parametrize("covariance", DIAGONAL, ids=lambda v: type(v).__name__)
def test_a_covariance(covariance) -> None:
    expected = expected_loss(2, noise=0, covariance=DIAGONAL[2])
    assert expected_loss(2, noise=0, covariance=covariance).polynomial == expected.polynomial


def test_arrays_of_integers_and_files_agree() -> None:
    of_array = expected_loss(2, 3, 0, np.array([2, 3]), np.eye(2, dtype=int))
    assert of_array.polynomial == expected_loss(2, 3, 0, [[2, 0], [0, 3]]).polynomial
    found = setting("[covariates]\ncovariance = [2, 3]\n").covariates.covariance.entries
    assert found == ((2, 0), (0, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise": 0.5}, "the noise variance must be .* not float: write '0.5'"),
        ({"noise": "half"}, "the noise variance 'half' is not a number"),
        ({"noise": -1}, "the noise variance must not be negative"),
        ({"noise": [1]}, "the noise variance must be .* not list"),
        ({"covariance": [1, 2, 3]}, "the covariance: has 3 entries; dimension is 2"),
        ({"covariance": [1.0, 2]}, "the covariance: entry 1 must be .* not float"),
        ({"covariance": 3}, "must be 'identity', a list"),
        ({"covariance": [[1, 2], [3, 1]]}, "not symmetric"),
        ({"covariance": np.eye(2)}, r"entry \(1,1\) must be .* not float: write '1.0'"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(arguments: dict, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        expected_loss(2, **arguments)
    assert "\n" not in str(caught.value)


@given(st.fractions(max_denominator=10**6))
def test_a_minus_sign_as_printed(number: Fraction) -> None:
    assert exact_number(str(number).replace("-", "−")) == number
