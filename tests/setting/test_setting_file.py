"""Setting files: what they mean, and one line with file and key for whatever is wrong."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verifier
from verifier.setting.covariance import Covariance
from verifier.setting.laws import Normal, Radial, StudentT
from verifier.setting.question import read_question
from verifier.setting.responses import Linear, Polynomial, ReluNetwork, SingleIndex
from verifier.setting.setting_file import MAXIMUM_BYTES, parse_setting, read_setting

PROMPT = "[prompt]\ndimension = 2\ncontext_length = 4\n"
EXAMPLES = sorted((Path(verifier.__file__).parent / "examples").glob("*.toml"))


def parse(text: str):
    return parse_setting((PROMPT + text).encode(), "mine.toml")


def test_only_the_prompt_is_required() -> None:
    setting = parse("")
    assert (setting.dimension, setting.context_length) == (2, 4)
    assert setting.covariates.law == Normal()
    assert setting.covariates.covariance.is_identity
    assert isinstance(setting.response, Linear)
    assert setting.response.weights.covariance.is_identity
    assert setting.noise_variance == 0


@pytest.mark.parametrize("written", ["0.1", '"1/10"', '"0.1"', "1e-1"])
def test_decimals_mean_what_they_say(written) -> None:
    assert parse(f"[noise]\nvariance = {written}\n").noise_variance == Fraction(1, 10)


def test_covariances_laws_and_responses_are_read() -> None:
    setting = parse(
        "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 13.5\n"
        "covariance = [[2, 0.5], ['1/2', 1]]\n"
        "[task]\nresponse = 't^3 - 3*t'\ncovariance = 'inverse-covariates'\nmean = [1, '-1/3']\n"
    )
    assert setting.covariates.law == StudentT(Fraction(27, 2))
    matrix = Covariance.full([[2, "1/2"], ["1/2", 1]])
    assert setting.covariates.covariance == matrix
    response = setting.response
    assert isinstance(response, SingleIndex)
    assert response.link == Polynomial.of(0, -3, 0, 1)
    assert response.weights.mean == (1, Fraction(-1, 3))
    # E xx' = df / (df - 2) times the matrix, so its inverse is that much smaller.
    expected = matrix.inverse().entries[0][0] * (Fraction(27, 2) - 2) / Fraction(27, 2)
    assert response.weights.covariance.entries[0][0] == expected


def test_networks_and_radial_laws_are_read() -> None:
    setting = parse(
        "[covariates]\nlaw = 'radial'\nradius_moments = { '2' = 1, '4' = '11' }\n"
        "[task]\nresponse = { network = 'relu', width = 3, normalised = true }\n"
    )
    assert setting.covariates.law == Radial(Fraction(1), Fraction(11))
    assert setting.response == ReluNetwork(3, True)


def test_the_expression_t_is_the_linear_response() -> None:
    assert isinstance(parse("[task]\nresponse = '2*t - t'\n").response, Linear)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_are_settings(path) -> None:
    assert read_question(str(path)).setting.dimension >= 1


def test_there_are_at_least_six_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[covariate]\n", r"unknown table 'covariate'; did you mean 'covariates'\?"),
        ("[task]\nresponce = 't'\n", r"\[task\] unknown key 'responce'; did you mean 'response'"),
        ("[covariates]\nlaw = 'normel'\n", r"\[covariates\] law: .* did you mean 'normal'"),
        ("[covariates]\nlaw = 'gaussian'\n", r"did you mean 'normal'"),
        ("[covariates]\nlaw = 'Student t'\n", r"did you mean 'student-t'"),
        ("[task]\nlaw = 'gaussian'\n", r"did you mean 'normal'"),
        ("[covariates]\ncovariance = [1, 1/4]\n", r'needs quotes: write "1/4" \(line 5\)'),
        ("[noise]\nvariance = 1/4 # a quarter\n", r'needs quotes: write "1/4" \(line 5\)'),
        ("[noise]\nvariance = '1/4\n", r"not a TOML file"),
        ("[covariates]\nlaw = 3\n", r"\[covariates\] law: must be a text"),
        ("[task]\nlaw = 'cauchy'\n", r"\[task\] law: unknown law"),
        ("[noise]\nvariance = -1\n", r"\[noise\] variance: .*negative"),
        ("[noise]\nvariance = nan\n", r"\[noise\] variance: .*not a number"),
        ("[noise]\nvariance = inf\n", r"\[noise\] variance: .*not a number"),
        ("[noise]\nvariance = true\n", r"\[noise\] variance: .*bool"),
        ("[noise]\nvariance = '1/0'\n", r"\[noise\] variance: .*zero denominator"),
        ("[noise]\nvariance = 1979-05-27\n", r"\[noise\] variance: .*date"),
        ("[covariates]\ncovariance = [[1, 2], [2, 1]]\n", "positive semidefinite"),
        ("[covariates]\ncovariance = [[1, 2], [0, 1]]\n", "symmetric"),
        ("[covariates]\ncovariance = [[1, 0], [0, nan]]\n", "not a number"),
        ("[covariates]\ncovariance = [1, 2, 3]\n", "has 3 entries; dimension is 2"),
        ("[covariates]\ncovariance = [1, [2]]\n", "mixture"),
        ("[covariates]\ncovariance = [0, 0]\n", "identically zero"),
        ("[covariates]\ncovariance = 'eye'\n", "must be 'identity'"),
        ("[covariates]\nlaw = 'student-t'\n", "degrees_of_freedom: is missing"),
        ("[covariates]\ndegrees_of_freedom = 9\n", "belongs to law = 'student-t'"),
        (
            "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 4\n",
            "no moment of order 4; it needs more than 4",
        ),
        (
            "[covariates]\nlaw = 'student-t'\ndegrees_of_freedom = 9\n[task]\nresponse = 't^3'\n",
            "no moment of order 12",
        ),
        (
            "[covariates]\nlaw = 'radial'\nradius_moments = { '2' = 1, '4' = '1/2' }\n",
            "radius_moments: .*at least the square",
        ),
        (
            "[covariates]\nlaw = 'radial'\nradius_moments = { '2' = 1, '4' = 3 }\n"
            "[task]\nresponse = 'tanh(t)'\n",
            "do not determine",
        ),
        ("[task]\nresponse = 'exp(t)'\n", r"\[task\] response: .*no fourth moment"),
        ("[task]\nresponse = 1\n", r"\[task\] response: must be a text in quotes, not a number"),
        ("[task]\nresponse = 1.5\n", r"\[task\] response: must be a text in quotes, not a num"),
        ("[task]\nresponse = { network = 'relu', width = 2.5 }\n", "an integer, not 2.5"),
        ("[covariates]\nlaw = 'laplace'\n[task]\nresponse = 'exp(t/9)'\n", "no fourth moment"),
        ("[task]\nresponse = 'eval(t)'\n", r"\[task\] response: unknown name"),
        ("[task]\nresponse = { network = 'gelu' }\n", "network must be 'relu'"),
        ("[task]\nresponse = { network = 'relu', wdth = 2 }\n", "did you mean 'width'"),
        ("[task]\nmean = [1]\n", "has 1 entries; dimension is 2"),
        ("[task]\nmean = [1, 0]\nresponse = { network = 'relu' }\n", "no effect on a network"),
        ("[task]\ncovariance = 'inverse'\n", "unknown 'inverse'"),
        (
            "[covariates]\ncovariance = [1, 0]\n[task]\ncovariance = 'inverse-covariates'\n",
            "singular",
        ),
        ("[task\n", "not a TOML file"),
        ("a = " + "[" * 5000 + "]" * 5000 + "\n", "nested too deeply|unknown"),
        ("[noise]\nvariance = " + "9" * 5000 + "\n", "not a TOML file"),
        ("[noise]\nvariance = '" + "9" * 300 + "'\n", "more than 200"),
        ("[noise]\nvariance = '" + "9" * 199 + "'\n", r"\[noise\] variance: .*1e30"),
        ("[noise]\nvariance = " + "9" * 400 + "\n", r"\[noise\] variance: .*200 digits"),
        ("[noise]\nvariance = '1e-31'\n", r"\[noise\] variance: .*1e-30"),
        ("[covariates]\ncovariance = ['1e100', 1]\n", r"\[covariates\] covariance: .*1e30"),
        ("[covariates]\ncovariance = [['1e100', 0], [0, 1]]\n", r"covariance: .*1e30"),
        ("[task]\nresponse = 't*(10^20)^15'\n", r"\[task\] response: a coefficient"),
        ("[task]\nresponse = 'exp(300*sin(t))'\n", r"\[task\] response: .*above 1e12"),
        ("[task]\nresponse = 'exp(100*sin(t))'\n", r"\[task\] response: .*above 1e12"),
        ("[task]\nresponse = 'exp(60*sin(t))'\n", r"\[task\] response: .*above 1e12"),
        ("[task]\nresponse = '(10^15)^20*sin(t)'\n", r"\[task\] response: .*above 1e12"),
    ],
)
def test_mistakes_get_one_line_with_file_and_key(text, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        parse(text)
    assert str(caught.value).startswith("mine.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"\[prompt\] dimension is missing"),
        (b"[prompt]\ndimension = 2\n", "context_length is missing"),
        (b"[prompt]\ndimension = 2.0\ncontext_length = 3\n", "dimension: .*integer"),
        (b"[prompt]\ndimension = 2.0\ncontext_length = 3\n", "an integer, not 2.0$"),
        (b"[prompt]\ndimension = '2'\ncontext_length = 3\n", "an integer, not a text$"),
        (b"[prompt]\ndimension = 0\ncontext_length = 3\n", "dimension: .*at least 1"),
        (
            b"[prompt]\ndimension = 1000\ncontext_length = 3\n",
            "dimension: .*above the limit of 512: .* s;",
        ),
        (b"prompt = 3\n", "prompt must be a table"),
        (b"\xff\xfe", "not UTF-8"),
        (b"#" * (MAXIMUM_BYTES + 1), "at most 1000000 bytes"),
    ],
)
def test_files_that_are_no_settings(content, message) -> None:
    with pytest.raises(ValueError, match=message):
        parse_setting(content, "mine.toml")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_setting(b"\xef\xbb\xbf" + PROMPT.encode()) == parse_setting(PROMPT.encode())


def test_a_huge_file_is_not_read_whole(tmp_path) -> None:
    path = tmp_path / "huge.toml"
    with open(path, "wb") as file:
        file.truncate(10_000_000)
    with pytest.raises(ValueError, match=r"huge.toml: .*bytes"):
        read_setting(str(path))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["law", "covariance", "mean", "response", "radius_moments", "variance"]),
        st.sampled_from(
            ["'normal'", "'identity'", "[1, 2]", "{ a = 1 }", "0.5", "'t^2'", "-1", "[[1]]", "''"]
        ),
    ),
    st.sampled_from(["covariates", "task", "noise"]),
)
def test_any_combination_is_a_setting_or_one_line(entries, table) -> None:
    body = "".join(f"{key} = {value}\n" for key, value in entries.items())
    complaint = complaint_about((PROMPT + f"[{table}]\n{body}").encode())
    assert not complaint or complaint.startswith("mine.toml: ")
    assert "\n" not in complaint


def complaint_about(content: bytes) -> str:
    """The message of the ``ValueError``, or nothing for a good file."""
    try:
        parse_setting(content, "mine.toml")
    except ValueError as error:
        return str(error)
    return ""


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_value_errors_only(content) -> None:
    assert complaint_about(content).startswith("mine.toml: ")
