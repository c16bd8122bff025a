"""Local minima, plateaus and basins of settings with any covariance."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from verifier.__main__ import main
from verifier.explore.answer import ExploreOptions
from verifier.explore.basins import SCALES
from verifier.explore.exploration import explore
from verifier.loss.matrix_loss import NumericPairLoss
from verifier.reports.explore_json import explore_schema
from verifier.setting.setting_file import parse_setting
from verifier.work.engine import local

PUBLISHED = "[covariates]\ncovariance = [0.1, 0.2, 0.3, 0.4]\n"


def setting(d: int, n: int, text: str = ""):
    return parse_setting(f"[prompt]\ndimension = {d}\ncontext_length = {n}\n{text}".encode())


def test_plateaus_of_a_published_run() -> None:
    """d = 4, eigenvalues 0.1 ... 0.4, n = 31: a published run prints these on its way down."""
    found = explore(setting(4, 31, PUBLISHED), ExploreOptions(32_000, 2))
    shown = [value.decimal for value in found.numerical.plateaus]
    expected = [1.0, 0.64057971, 0.37737216, 0.2098046, 0.13599507]
    assert shown == pytest.approx(expected, abs=5e-9)
    assert found.numerical.plateaus[-1].exact == found.optimum.loss.exact


@pytest.mark.parametrize("diagonal", [True, False])
def test_plateaus_are_stationary_in_the_weights(diagonal) -> None:
    """At N = W_K'W_Q of rank k, the loss along random moves of W_K, W_Q, omega has slope 0."""
    rows = "[1, 2, 4]" if diagonal else "[[2, 1, 0], [1, 3, 1], [0, 1, 1]]"
    here = setting(3, 7, f"[covariates]\ncovariance = {rows}\n[noise]\nvariance = '1/2'\n")
    plateaus = [v.decimal for v in explore(here, ExploreOptions(32_000, 1)).numerical.plateaus]
    Lam = np.array(here.covariates.second_moment(), dtype=float)
    loss = NumericPairLoss.of(Lam, np.eye(3), 7, 0.5)
    power = np.trace(Lam) + 0.5
    second = 7 * 8 * Lam @ Lam + 7 * power * Lam
    values, vectors = np.linalg.eigh(Lam)
    rng = np.random.default_rng(0)
    for k in range(4):
        # Lambda, P, Q commute, so the singular directions are eigenvectors, the largest first.
        kept = vectors[:, 3 - k :]
        best = 7 * values[3 - k :] / np.einsum("ij,ik,kj->j", kept, second, kept)
        N = np.vstack([(kept * best) @ kept.T, np.zeros(3)])
        factors = np.linalg.svd(N, full_matrices=False)
        W_K, W_Q = (factors[0] * factors[1] ** 0.5).T, (factors[1] ** 0.5)[:, None] * factors[2]
        assert np.allclose(W_K.T @ W_Q, N)

        def at(move_K, move_Q, omega, W_K=W_K, W_Q=W_Q):
            moved = (W_K + move_K).T @ (W_Q + move_Q)
            return loss.loss(omega[:3], float(omega[3]), moved[:3], moved[3])

        base = np.array([0.0, 0.0, 0.0, 1.0])
        assert at(0, 0, base) == pytest.approx(plateaus[k], rel=1e-10)
        for _ in range(5):
            moves = [rng.standard_normal(v.shape) * 1e-5 for v in (W_K, W_Q, base)]
            slope = at(moves[0], moves[1], base + moves[2]) - at(
                -moves[0], -moves[1], base - moves[2]
            )
            assert abs(slope) < 1e-9


def test_a_local_minimum_says_where_it_is() -> None:
    text = "[covariates]\ncovariance = [1, 2, 4]\n"
    found = explore(setting(3, 10, text), ExploreOptions(32_000, 9))
    (item,) = found.numerical.minima
    # Its loss is the loss of the weights shown, by matrix products.
    own = NumericPairLoss.of(np.diag([1.0, 2.0, 4.0]), np.eye(3), 10, 0.0)
    assert own.loss(item.a, item.b, item.A, item.c) == pytest.approx(item.loss, rel=1e-7)
    assert item.loss > found.optimum.loss.decimal
    # It reads the direction of largest variance, and learns that one best.
    assert np.argmax(np.abs(item.a)) == 2
    assert np.abs(item.a[:2]).max() < 1e-5
    by_variance = {round(s.variance): s.share for s in item.shares}
    assert 1 > by_variance[4] > by_variance[2] > by_variance[1] > 0
    even = item.loss - own.loss(np.zeros(3), 1.0, item.B.T, np.zeros(3))
    assert item.even_loss == pytest.approx(even, rel=1e-6)
    assert "direction of variance 4" in " ".join(item.words)


def test_equal_variances_are_told_apart_by_a() -> None:
    found = explore(setting(2, 10, "[noise]\nvariance = '1/4'\n"), ExploreOptions(32_000, 9))
    (item,) = found.numerical.minima
    along, across = item.shares
    assert (along.along, across.along) == (True, False)
    assert along.share == pytest.approx(item.a @ item.B @ item.a / (item.a @ item.a) / (4 / 53))


def test_the_stall_of_a_published_note() -> None:
    """d = 10, n = 20, Lambda = 0.8^|i-j|: a local minimum at 0.507 per dimension."""
    rows = [[str(0.8 ** abs(i - j))[:8] for j in range(10)] for i in range(10)]
    found = explore(
        setting(10, 20, f"[covariates]\ncovariance = {rows}\n"), ExploreOptions(32_000, 6)
    )
    assert any(item.loss == pytest.approx(5.0723, abs=2e-3) for item in found.numerical.minima)


def test_basins_are_counted_and_drawn(capsys, tmp_path) -> None:
    path, plot = tmp_path / "mine.toml", tmp_path / "basins.svg"
    path.write_text(
        "[prompt]\ndimension = 2\ncontext_length = 6\n[covariates]\ncovariance = [1, 3]\n"
    )
    words = ["--samples", "32000", "--starts", "6", "--basins", "5", "--basins-plot", str(plot)]
    assert main(["explore", str(path), "--json", *words]) == 0
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, explore_schema())
    basins = data["numerical"]["landscape"]["basins"]
    assert [item["scale"] for item in basins["frequencies"]] == list(SCALES)
    for item in basins["frequencies"]:
        assert sum(item["counts"]) + item["elsewhere"] == 5
    levels = [v["loss"] for v in data["numerical"]["descents"]["levels"]]
    assert set(basins["levels"]) <= set(levels)
    assert plot.stat().st_size > 3000
    assert main(["explore", str(path), *words]) == 0
    out = capsys.readouterr().out
    assert "from 5 random starts of each size" in out
    assert "local minimum at" in out


def test_processes_count_the_same_basins() -> None:
    here = setting(2, 6, "[covariates]\ncovariance = [1, 3]\n")
    one, two = (
        explore(here, ExploreOptions(32_000, 4, 0, 3, local(jobs, 2))).numerical.basins
        for jobs in (1, 2)
    )
    for left, right in zip(one.frequencies, two.frequencies, strict=True):
        assert (left.scale, left.counts) == (right.scale, right.counts)
        assert (left.descents.loss == right.descents.loss).all()


def test_basins_are_resumed(capsys, tmp_path) -> None:
    path, part = tmp_path / "mine.toml", tmp_path / "part.jsonl"
    path.write_text("[prompt]\ndimension = 2\ncontext_length = 6\n")
    quick = ["--samples", "32000", "--starts", "2", "--json", "--basins", "3"]
    words = ["explore", str(path), *quick, "--resume", str(part)]
    assert main(words) == 0
    first = json.loads(capsys.readouterr().out)
    lines = part.read_text().splitlines()
    assert len(lines) == 1 + len(SCALES)
    part.write_text("\n".join(lines[:3]) + "\n")
    assert main(words) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["numerical"]["landscape"] == first["numerical"]["landscape"]
    path.write_text("[prompt]\ndimension = 2\ncontext_length = 7\n")
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "belongs to another survey of basins: other setting" in err
    assert err.count("\n") == 1


def test_many_losses_at_once_are_the_single_ones() -> None:
    from verifier.law_moments.of_setting import general_moments
    from verifier.loss.moment_tables import MomentLoss, MomentTables

    m = general_moments(setting(2, 3, "[task]\nmean = [1, 0]\n[noise]\nvariance = 1\n"))
    tables = MomentTables(m.lower, m.variances, m.target_second, m.fourth, m.paired)
    loss = MomentLoss.of(tables, 3)
    theta = np.random.default_rng(0).standard_normal((4, 9))
    values, gradients = loss.many(theta)
    for row, value, gradient in zip(theta, values, gradients, strict=True):
        one, slope = loss(row)
        assert one == pytest.approx(value)
        assert slope == pytest.approx(gradient)


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("", ["--basins", "0"], "--basins: 0 is below 1"),
        ("", ["--jobs", "2"], "--jobs is for --basins"),
        ("", ["--resume", "r"], "--resume is for --basins"),
        ("", ["--basins", "3", "--jobs", "257"], "--jobs: at most 256 processes"),
        ("", ["--basins-plot", "r.txt"], "must end in .png, .svg or .pdf"),
    ],
)
def test_bad_input_is_one_line(capsys, tmp_path, text, words, message) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"[prompt]\ndimension = 2\ncontext_length = 6\n{text}")
    assert main(["explore", str(path), "--samples", "32000", "--starts", "1", *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
