"""Large settings: matrix products say what tensors say, closed forms and floats agree."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from verifier import expected_loss
from verifier.explore.asked import explore_question
from verifier.explore.exploration import explore
from verifier.explore.values import Certainty
from verifier.law_moments.of_setting import general_moments
from verifier.optimum.linear_readout import LinearReadout
from verifier.optimum.pair import pair_optimum
from verifier.optimum.readout import Kind, ReadoutProblem
from verifier.setting.question import parse_question
from verifier.setting.setting_file import parse_setting

F = Fraction


def setting(d: int, n: int, text: str = ""):
    return parse_setting(f"[prompt]\ndimension = {d}\ncontext_length = {n}\n{text}".encode())


@pytest.mark.parametrize(
    "law",
    [
        "normal",
        "uniform",
        "rademacher",
        "laplace",
        "sphere",
        "student-t'\ndegrees_of_freedom = '9",
        "radial'\nradius_moments = { '2' = 1, '4' = 5 }\n# '",
    ],
)
@pytest.mark.parametrize("tasks", ["covariance = [[1, 0.5], [0.5, 2]]", "law = 'uniform'"])
@pytest.mark.parametrize("covariance", ["[[2, 1], [1, 3]]", "[1, 4]", "[0, 1]"])
def test_matrix_products_say_what_tensors_say(law, tasks, covariance) -> None:
    text = f"[covariates]\nlaw = '{law}'\ncovariance = {covariance}\n[task]\n{tasks}\n"
    here = setting(2, 4, f"{text}[noise]\nvariance = 0.5\n")
    tensors = ReadoutProblem.of(general_moments(here), 4)
    products = LinearReadout.of(here)
    assert products.best().loss == tensors.best().loss
    step = tensors.best_gradient_step()
    assert products.best_step() == (step.learning_rate, step.loss)
    if covariance != "[0, 1]":
        assert products.best() == tensors.best()


@pytest.mark.parametrize("n", [40, 10**9])
def test_the_isotropic_setting_is_theorem_1_at_d_256(n) -> None:
    optimum = explore(setting(256, n, "[noise]\nvariance = '1/4'\n")).optimum
    assert optimum.certainty is Certainty.COMPUTED
    assert optimum.learning_rate.exact == 1 / (n + 257 + F(1, 4))
    assert optimum.loss.exact == 256 + F(1, 4) - 256 * n / (n + 257 + F(1, 4))
    assert "theorem1" in optimum.covered_by


@pytest.mark.parametrize("d", [40, 256])
def test_diagonal_and_dense_pairs_agree_with_floats(d) -> None:
    n, diagonal = 100, [1 + i % 7 for i in range(d)]
    tasks = [F(1, 1 + i % 5) for i in range(d)]
    shown = ", ".join(f"'{v}'" for v in tasks)
    text = f"[covariates]\ncovariance = {diagonal}\n[task]\ncovariance = [{shown}]\n"
    optimum = explore(setting(d, n, text)).optimum
    floats = pair_optimum(np.diag(diagonal), np.diag([float(v) for v in tasks]), n, 0.0)
    assert optimum.kind is Kind.READOUT
    assert optimum.loss.decimal == pytest.approx(floats.loss, rel=1e-12)
    if d == 40:
        rows = [[F(2 if i == j else abs(i - j) == 1, 2) for j in range(d)] for i in range(d)]
        dense = setting(d, n, f"[covariates]\ncovariance = {[[str(v) for v in r] for r in rows]}\n")
        found = explore(dense).optimum
        floats = pair_optimum(np.array(rows, dtype=float), np.eye(d), n, 0.0)
        assert found.loss.decimal == pytest.approx(floats.loss, rel=1e-10)
        assert found.B[3][5].decimal == pytest.approx(floats.readout[3, 5], rel=1e-8)


def test_a_large_setting_can_be_tested_elsewhere() -> None:
    text = "[prompt]\ndimension = 64\ncontext_length = 50\n[test]\ncontext_length = 90\n"
    test = explore_question(parse_question(text.encode())).test
    tau = 65
    regret = F(64 * 90 * 40**2) / ((90 + tau) * (50 + tau) ** 2)
    assert test.loss.exact - test.best_there.exact == regret


@pytest.mark.parametrize(
    ("d", "text", "message"),
    [
        (33, "[task]\nresponse = 't^3'\n", "33 is above the limit of 32 for this setting: .* s;"),
        (40, "[task]\nmean = [" + "1, " * 40 + "]\n", "above the limit of 32 for this setting"),
        (1000, "", "above the limit of 512: .* takes at least 3e.01 s"),
    ],
)
def test_a_refusal_gives_an_estimate(d, text, message) -> None:
    with pytest.raises(ValueError, match=message):
        setting(d, 5, text)


def test_equations_that_would_take_long_are_refused(monkeypatch) -> None:
    monkeypatch.setattr("verifier.optimum.linear_readout.LONGEST", 0.0)
    rows = [[F(2 if i == j else abs(i - j) == 1, 3) for j in range(64)] for i in range(64)]
    dense = setting(64, 9, f"[covariates]\ncovariance = {[[str(v) for v in r] for r in rows]}\n")
    with pytest.raises(ValueError, match=r"of size 64 .* take about .* minutes"):
        explore(dense)


def test_the_loss_of_a_given_layer_at_d_64() -> None:
    """Exactly and in floats, against prompts: E (y - x'u)^2 with x and the noise integrated."""
    random, d, n = Random(0), 64, 8
    Lam = [[F(4, 5) ** abs(i - j) for j in range(d)] for i in range(d)]
    Gam = [[F(1, 3) ** abs(i - j) for j in range(d)] for i in range(d)]
    loss = expected_loss(d, n, "1/3", Lam, Gam, method="matrices")

    def vector() -> list[F]:
        return [F(random.randint(-3, 3), 40) for _ in range(d)]

    a, b, A, c = vector(), F(1, 2), [vector() for _ in range(d)], vector()
    exact = loss.evaluate(a, b, A, c)
    floats = [np.array(v, dtype=float) for v in (a, A, c)]
    assert loss.numeric().loss(floats[0], 0.5, floats[1], floats[2]) == pytest.approx(float(exact))
    rng = np.random.default_rng(1)
    roots = [np.linalg.cholesky(np.array(m, dtype=float)) for m in (Lam, Gam)]
    total = []
    for _ in range(40):
        x = rng.standard_normal((500, n, d)) @ roots[0].T
        w = rng.standard_normal((500, d)) @ roots[1].T
        y = np.einsum("pnd,pd->pn", x, w) + 3**-0.5 * rng.standard_normal((500, n))
        s, q = np.einsum("pn,pnd->pd", y, x), (y * y).sum(axis=1)
        moved = np.einsum("pnd,pn->pd", x, x @ floats[0])
        u = (moved + 0.5 * s) @ floats[1] + np.outer(s @ floats[0] + 0.5 * q, floats[2])
        error = w - u
        total.append(((error @ np.array(Lam, dtype=float)) * error).sum(axis=1).mean() + 1 / 3)
    assert abs(np.mean(total) - float(exact)) < 6 * np.std(total) / 40**0.5


def test_the_method_matrices_needs_numbers() -> None:
    with pytest.raises(ValueError, match="needs a dimension, a context length and a noise"):
        expected_loss(3, method="matrices")
