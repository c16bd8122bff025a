"""``landscape --weights``: minima that a user can load, run and trust."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from verifier.loss.expected_loss import expected_loss
from verifier.setting.data import Setting
from verifier.setting.layer import LinearAttention

Run = Callable[..., tuple[int, str, str]]


def test_the_transformer_and_the_explicit_loss_confirm_the_written_weights(
    run: Run, tmp_path: Path
) -> None:
    """The file, loaded as a user would: the explicit loss, and prompts through the real layer."""
    path = tmp_path / "minima.npz"
    words = ("landscape", "--d", "3", "--n", "4", "--noise", "2", "--weights", str(path))
    assert run(*words)[0] == 0
    exact = expected_loss(3, 4, Fraction(2), method="explicit").numeric()
    with np.load(path) as found:
        assert list(found["loss"]) == [3.8, 4.6]
        assert (int(found["d"]), int(found["n"]), str(found["noise"])) == (3, 4, "2")
        layers = [
            LinearAttention(*(found[name][k] for name in ("W_K", "W_Q", "W_V", "h")))
            for k in range(2)
        ]
    drawn = Setting.isotropic(3, 4, Fraction(2)).sample(np.random.default_rng(0), 200_000)
    for layer, loss in zip(layers, (3.8, 4.6), strict=True):
        assert float(exact.loss(layer.reduced().to_vector())) == pytest.approx(loss)
        errors = (layer.predict(drawn.x, drawn.y, drawn.query) - drawn.target) ** 2
        assert abs(errors.mean() - loss) < 5 * errors.std() / errors.size**0.5


def test_files_are_the_same_each_time_and_bad_requests_take_one_line(
    run: Run, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in ("one.npz", "two.npz")]
    for path in paths:
        assert run("landscape", "--d", "2", "--n", "3", "--weights", str(path))[0] == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    for words, message in (
        (("--d", "2", "--n", "3", "--weights", "a.txt"), "must end in .npz"),
        (("--d", "1", "--weights", "a.npz"), "--weights needs --n"),
        (("--d", "3000", "--n", "3", "--weights", str(tmp_path / "big.npz")), "at most 10000000"),
    ):
        code, out, err = run("landscape", *words)
        assert (code, out) == (2, "")
        assert message in err
        assert err.count("\n") == 1
    assert not (tmp_path / "big.npz").exists()
