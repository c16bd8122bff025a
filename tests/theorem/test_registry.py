"""Theorems by name, from plug-ins and from files: what is broken costs one line."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from verifier.__main__ import main
from verifier.theorem import registry
from verifier.theorem.registry import find, from_file
from verifier.theorem.theorem import Claim, check_theorem

HEAD = "from dataclasses import replace\nfrom proofs.von_oswald import THEOREM as OTHER\n"
OWN = f"{HEAD}PROVED = tuple(c for c in OTHER.claims if not c.numerical)\n"
OWN += 'THEOREM = replace(OTHER, id="mine", claims=PROVED)\n'


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch):
    """Entry points of these values, and a registry that has not been read yet."""

    def plug(*values: str) -> None:
        entries = [EntryPoint("one", value, registry.GROUP) for value in values]
        monkeypatch.setattr(registry, "entry_points", lambda group: entries)
        registry.theorems.cache_clear()

    yield plug
    registry.theorems.cache_clear()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no_such_module:THEOREM", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("proofs.theorem1:NOTHING", "AttributeError"),
        ("proofs.theorem1:CLAIMS", "it names no Theorem"),
        ("proofs.theorem1:THEOREM", "there is a theorem 'theorem1' already"),
    ],
)
def test_a_broken_plug_in_costs_a_warning(plugged, value: str, reason: str, capsys) -> None:
    plugged(value)
    assert main(["list"]) == 0
    shown = capsys.readouterr()
    assert "theorem1" in shown.out
    assert shown.err.startswith(f"verifier: warning: the plug-in {value} is left out: ")
    assert reason in shown.err
    assert shown.err.count("\n") == 1


def test_a_file_is_checked_like_an_installed_theorem(tmp_path: Path, capsys) -> None:
    file = tmp_path / "mine.py"
    file.write_text(OWN)
    assert main(["check", str(file), "--no-numerics"]) == 0
    assert "proved    mine: 9 proved" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "mine.py: it has no THEOREM"),
        ("THEOREM = 1\n", "mine.py: it has no THEOREM"),
        ("x = 1\ny = 1/0\n", "mine.py, line 2: ZeroDivisionError: division by zero"),
        ("x = (\n", "mine.py, line 1: SyntaxError"),
        ("import nothing_here\n", "mine.py, line 1: ModuleNotFoundError"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(
    tmp_path: Path, text: str, message: str, capsys
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    assert main(["check", str(file)]) == 2
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.count("\n") == 1
    with pytest.raises(ValueError, match="there is no file"):
        from_file(str(tmp_path / "other.py"))


def test_each_claim_is_carried_by_one_step() -> None:
    theorem = find("von-oswald-construction")
    extra = replace(theorem, claims=(*theorem.claims, Claim("more", "words", "nobody")))
    with pytest.raises(ValueError, match="no step of its proofs carries the claim 'more'"):
        check_theorem(extra, numerical=False)
    twice = replace(
        theorem,
        derive=lambda claimed: replace(
            theorem.derive(claimed), proofs=theorem.derive(claimed).proofs * 2
        ),
    )
    with pytest.raises(ValueError, match="two steps carry the claim"):
        check_theorem(twice, numerical=False)
