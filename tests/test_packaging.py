"""One version everywhere, links that lead somewhere, and a name that cannot be taken away."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import verifier

ROOT = Path(__file__).parents[1]
TAKEN = "raise RuntimeError('a package of the user, which has nothing to do with this program')\n"


def test_there_is_one_version() -> None:
    """In the program, which setup.cfg reads, the change log, the citation and codemeta."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    assert setup["metadata"]["version"] == "attr: verifier.__version__"
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    newest = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert newest is not None
    described = json.loads((ROOT / "codemeta.json").read_text("utf-8"))["version"]
    assert {cited[1], newest[1], described} == {verifier.__version__}


def test_what_is_needed_is_what_codemeta_says() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    needed = re.findall(r"^([\w-]+)", setup["options"]["install_requires"], re.MULTILINE)
    described = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    assert sorted(described["softwareRequirements"]) == sorted(needed)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", ".github/pull_request_template.md"])
def test_links_and_paths_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"\]\(([^)#]+)\)", text)
    named += re.findall(r"`((?:tests|docs|verifier|proofs|\.ci)/[\w./-]+)`", text)
    assert named
    for target in named:
        assert (ROOT / target).exists(), target


def test_a_folder_with_a_package_called_proofs(tmp_path: Path) -> None:
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "__init__.py").write_text(TAKEN, encoding="utf-8")
    (tmp_path / "own.py").write_text(
        "import verifier.theorem.registry as r\n"
        "r.theorems()\n"
        "import proofs.theorem1\n"
        "print(proofs.theorem1.THEOREM is r.find('theorem1'))\n",
        encoding="utf-8",
    )
    program = {**os.environ, "PYTHONPATH": str(ROOT)}
    for words in (("-m", "verifier", "list"), ("own.py",)):
        run = subprocess.run(
            [sys.executable, *words],
            cwd=tmp_path,
            env=program,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        assert "theorem1" in run.stdout or run.stdout == "True\n"
