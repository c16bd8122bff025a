"""Gaussian pairs: what descents find, what a change of variables says, and that they agree."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from verifier.law_moments.of_setting import general_moments
from verifier.loss.moment_tables import MomentLoss, MomentTables
from verifier.numeric.weight_loss import WeightLoss
from verifier.render.streams import Style
from verifier.reports.pair_landscape import above, below, pair_json, pair_text, schema
from verifier.setting.covariance import Covariance
from verifier.setting.data import Setting
from verifier.stationary.pair_survey import survey_pair
from verifier.stationary.stationary_points import landscape
from verifier.stationary.weight_points import in_coordinates, weight_points
from verifier.stationary.weights import weights_landscape
from verifier.stationary.whitening import (
    gaussian_pair,
    rescaled_landscape,
    rescaled_weights,
)

SIGMA = Covariance.full([[2, 1], [1, 3]])


def pair(tasks: Covariance, noise: Fraction, n: int = 4):
    return gaussian_pair(Setting.gaussian_pair(SIGMA, tasks, n, noise))


def multiple(covariance: Covariance, factor: int) -> Covariance:
    return Covariance.full([[factor * x for x in row] for row in covariance.entries])


def test_descents_find_the_landscape_of_the_change_of_variables() -> None:
    """Gamma = 3 Lambda^-1, sigma2 = 3/2: Theorem 1 at sigma2 = 1/2, losses times 3."""
    inverse = pair(multiple(SIGMA.inverse(), 3), Fraction(3, 2))
    assert inverse.scale == 3
    here = rescaled_landscape(landscape(2, 4, Fraction(1, 2)), Fraction(3))
    exact = sorted(float(p.loss) for p in here.stationary if p.type.endswith("minimum"))
    found = survey_pair(inverse, starts=12)
    assert [m.loss for m in found.minima] == pytest.approx(exact, rel=1e-9)
    assert [m.is_global for m in found.minima] == [True, False]
    assert all(m.certificate is not None for m in found.minima)
    # The family inside: scaling, and one rotation in whitened coordinates.
    assert [m.certificate.flat for m in found.minima if m.certificate] == [1, 2]


def test_weights_in_the_coordinates_of_the_file_are_stationary() -> None:
    inverse = pair(multiple(SIGMA.inverse(), 3), Fraction(3, 2))
    here = landscape(2, 4, Fraction(1, 2))
    weights = weights_landscape(here)
    moments = general_moments(inverse.setting)
    tables = MomentTables(
        moments.lower, moments.variances, moments.target_second, moments.fourth, moments.paired
    )
    loss = MomentLoss.of(tables, 4)
    lower = np.array([[float(x) for x in row] for row in moments.lower])
    shell = WeightLoss(2, 3, *(0.0,) * 7)
    points = weight_points(here, weights)
    assert len(points) == 2
    scaled = rescaled_weights(weights, Fraction(3))
    losses = [float(scaled.minimum), float(scaled.spurious[0].loss)]
    for point, value in zip(points, losses, strict=True):
        moved = in_coordinates(point, SIGMA, 3.0)
        omega, stacked = (part[0] for part in shell.reduced(moved.flat[None]))
        inside = np.concatenate(
            [lower.T @ omega[:2], omega[2:], (lower.T @ stacked[:2] @ lower).ravel()]
        )
        theta = np.concatenate([inside, stacked[2] @ lower])
        found, gradient = loss(theta)
        assert found == pytest.approx(value, rel=1e-12) == pytest.approx(moved.loss, rel=1e-12)
        assert np.linalg.norm(gradient) < 1e-9 * np.linalg.norm(loss(1.01 * theta)[1])


def test_a_pair_of_its_own_has_certified_minima_and_says_that_others_may_exist() -> None:
    own = pair(Covariance.identity(2), Fraction(1, 2))
    assert own.scale is None
    found = survey_pair(own, starts=12)
    assert found.minima[0].is_global
    assert len(found.spurious) == 1
    text = pair_text(found, "own.toml", Style())
    assert "others may exist" in text
    assert "outside the checker" in text
    assert "proved" not in text
    record = json.loads(pair_json(found))
    jsonschema.validate(record, schema())
    lowest = record["local_minima"][0]
    assert lowest["certificate"]["eigenvalues_within"] == 1
    gap = Fraction(lowest["certificate"]["loss"]) - Fraction(record["global_minimum"])
    assert 0 <= gap < Fraction(1, 10**50)


def test_units_of_any_size_are_certified() -> None:
    """Covariances and noise far from 1."""
    small = Covariance.diagonal([Fraction(1, 10**6), 1])
    wide = gaussian_pair(Setting.gaussian_pair(small, Covariance.identity(2), 4, Fraction(0)))
    noisy = pair(Covariance.identity(2), Fraction(10**6))
    for one in (wide, noisy):
        found = survey_pair(one, starts=8)
        assert all(part.certificate is not None for part in found.minima)
        assert found.minima[0].is_global


def test_the_point_in_the_original_coordinates_has_the_loss() -> None:
    """Back through units and L: the dimension-free route at d = 2 for the pair of Theorem 1."""
    from verifier.loss.dimension_free import dimension_free_loss

    sevenfold = gaussian_pair(
        Setting.gaussian_pair(Covariance.identity(2), Covariance.identity(2), 4, Fraction(70))
    )
    numeric = dimension_free_loss().numeric(2, 4, Fraction(70))
    for part in survey_pair(sevenfold, starts=8).minima:
        entries = [*part.a, part.b, *(x for row in part.A for x in row), *part.c]
        theta = np.array([float(x) for x in entries])
        value, gradient = numeric.loss_and_gradient(theta)
        assert value == pytest.approx(part.loss, rel=1e-12)
        assert np.linalg.norm(gradient) < 1e-9 * np.linalg.norm(
            numeric.loss_and_gradient(1.01 * theta)[1]
        )


def test_a_point_that_is_not_certified_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import verifier.stationary.pair_survey as module
    from verifier.stationary.pair_minimum import NotCertified

    def fails(*_: object) -> None:
        raise NotCertified("the Hessian has a negative eigenvalue")

    monkeypatch.setattr(module, "certify", fails)
    found = survey_pair(pair(Covariance.identity(2), Fraction(1, 2)), starts=4)
    text = pair_text(found, "own.toml", Style())
    assert "not certified" in text
    assert "none: the Hessian has a negative eigenvalue" in text
    assert "0 local minima in (ω, N) certified, none that is not global" in text
    assert found.spurious == ()
    jsonschema.validate(json.loads(pair_json(found)), schema())


def write(tmp_path: Path, text: str) -> str:
    file = tmp_path / "pair.toml"
    file.write_text(f"[prompt]\ndimension = 2\ncontext_length = 4\n{text}", encoding="utf-8")
    return str(file)


BAD = [
    ("", ("--d", "2"), "--d is in the setting file ("),
    ("", ("--noise", "2"), "; give one or the other"),
    ('[covariates]\nlaw = "uniform"', (), "[covariates] law: the landscape is that of normal"),
    ('[task]\nresponse = "t^3"', (), "[task] response: the landscape is that of linear"),
    ("[task]\nmean = [1, 0]", (), "[task] mean: the landscape is that of tasks with mean zero"),
    ("[covariates]\ncovariance = [1, 0]", (), "it must be positive definite here"),
    ("[task]\ncovariance = [0, 0]", (), "the responses are"),
    ("[task]\ncovariance = [1, 2]", ("--basins",), "--basins needs tasks whose covariance is"),
    ("[task]\ncovariance = [1, 2]", ("--head-dimension", "3"), "--head-dimension needs tasks"),
    ("[task]\ncovariance = [1, 2]", ("--starts", "5000"), "between 1 and 2000 random starts"),
    ("[task]\ncovariance = [2, 2]", ("--training",), "--d 2 --n 4 --noise 0"),
]


@pytest.mark.parametrize(("text", "more", "message"), BAD)
def test_what_no_landscape_is_known_of_is_one_line(tmp_path, capsys, text, more, message) -> None:
    from verifier.__main__ import main

    assert main(["landscape", write(tmp_path, text), *more]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_a_large_pair_is_refused_in_one_line(tmp_path, capsys) -> None:
    from verifier.__main__ import main

    file = tmp_path / "large.toml"
    tasks = ", ".join(map(str, range(1, 8)))
    text = f"[prompt]\ndimension = 7\ncontext_length = 4\n[task]\ncovariance = [{tasks}]\n"
    file.write_text(text, encoding="utf-8")
    assert main(["landscape", str(file)]) == 2
    assert "d = 7 is too slow to certify" in capsys.readouterr().err


def test_the_command_shows_both_kinds(tmp_path, capsys) -> None:
    from verifier.__main__ import main

    inverse = write(
        tmp_path,
        '[covariates]\ncovariance = [[2, 1], [1, 3]]\n[task]\ncovariance = "inverse-covariates"',
    )
    assert main(["landscape", inverse, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    from verifier.reports.landscape_json import schema as whole

    jsonschema.validate(record, whole())
    assert record["change_of_variables"]["scale"] == "1"
    assert main(["landscape", inverse]) == 0
    assert "It is that of pair.toml, x ~ N(0, Λ), w ~ N(0, Λ⁻¹)" in capsys.readouterr().out


SIZES = st.fractions(min_value=Fraction(1, 10**12), max_value=10**6, max_denominator=10**15)


@given(SIZES)
@example(Fraction(3, 10**7))
@example(Fraction(12999999999, 10**10))
def test_bounds_are_rounded_to_the_safe_side(value: Fraction) -> None:
    assert value < Fraction(above(value)) <= 2 * value
    assert Fraction(99, 100) * value < Fraction(below(value)) <= value
    assert Fraction(above(Fraction(0))) > 0
