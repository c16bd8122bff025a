"""The Coq library builds, and every headline theorem is closed under the global context."""

import shutil
import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parent.parent / "coq"


@pytest.mark.deep
@pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq, see coq/README.md")
def test_the_library_builds_and_rests_on_no_axiom(tmp_path: Path) -> None:
    copy = tmp_path / "coq"
    built = shutil.ignore_patterns("*.vo*", "*.glob", "Makefile.coq*")
    shutil.copytree(LIBRARY, copy, ignore=built)
    run = subprocess.run([copy / "check.sh"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answers = [line for line in run.stdout.splitlines() if ": Closed under" in line]
    questions = (copy / "assumptions.v").read_text().count("Print Assumptions ")
    assert len(answers) == questions > 0
