"""The Python face: small, lazy, and as listed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import verifier

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", verifier.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    assert getattr(verifier, name).__doc__
    assert name in dir(verifier)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'proove'"):
        verifier.proove  # noqa: B018


def test_importing_the_package_needs_the_standard_library_alone() -> None:
    code = "import verifier, verifier.__main__; verifier.load, verifier.replay, verifier.Verdict"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_theorem_suggests_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'theorem1'"):
        verifier.check("theorme1")


def test_landscape_and_explore_take_exact_text() -> None:
    found = verifier.landscape(2, 4, "1/2")
    assert found.spurious_local_minima
    assert str(found.stationary[0].loss) == "43/30"
    with pytest.raises(ValueError, match="negative"):
        verifier.landscape(2, 4, "-1")
    example = str(ROOT / "verifier" / "examples" / "isotropic.toml")
    assert verifier.explore_setting(example).optimum.certainty.value == "computed"
