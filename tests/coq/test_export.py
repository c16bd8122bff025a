"""``export`` and ``recheck --with``: what is written, what the extracted checker accepts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from proofs_to_alter import LOSS, small_proof

from proofs.theorem1 import THEOREM
from verifier.coq.checking import Rejected, by_coq, by_ocaml
from verifier.coq.coq_text import RESERVED
from verifier.coq.exporting import CLOSED, CONDITIONAL, NOT_EXPORTED, export
from verifier.coq.folder import files
from verifier.coq.sharing import shared
from verifier.coq.source import comment
from verifier.coq.sources import LIBRARY, text
from verifier.proof.context import Atom
from verifier.proof.record import Record, dump
from verifier.proof.rules import check
from verifier.proof.statements import Claim, Minimum
from verifier.render.streams import Style
from verifier.reports.second_opinion import coverage_markdown, opinion_text
from verifier.theorem.theorem import Options, check_theorem

Run = Callable[..., tuple[int, str, str]]
OCAML = pytest.mark.skipif(shutil.which("ocamlfind") is None, reason="needs OCaml: docs/coq.md")


def small_record() -> Record:
    """A proof with a definition, a divisor, squares, a case tree and a minimum."""
    return Record("small", "a small theorem", "no source", (small_proof(),))


def test_the_small_proof_is_a_proof() -> None:
    assert len(check(small_proof())) == 5


def test_every_claim_stands_and_every_file_is_written() -> None:
    exported = export(small_record())
    assert [one.standing for one in exported.standings()] == [CLOSED, CLOSED]
    written = dict(files(exported))
    assert {f"library/{name}.v" for name in LIBRARY} < set(written)
    assert written["assumptions.v"].count("Print Assumptions proof_1.step_") == 2
    statements = written["statements_1.v"]
    assert "EqA (over_1 * (s + num 1)) (num 1)" in statements
    assert "(* S[i] := sum[j](delta[i,j]*u[j]) *)" in statements
    assert all(
        f"Theorem step_{k}_valid : valid the_context" in written["proof_1.v"] for k in range(5)
    )


def test_no_name_of_a_user_hides_one_of_coq() -> None:
    """S, at and the like get another name; comments cannot be left."""
    statements = dict(files(export(small_record())))["statements_1.v"]
    names = [line.split()[1] for line in statements.splitlines() if line.startswith("Definition")]
    assert not set(names) & (RESERVED - {"E"})
    assert len(set(names)) == len(names)
    assert comment('a *) "b" (* c') == "(* a * ) 'b' ( * c *)"


@cache
def _theorem1() -> Record:
    return check_theorem(THEOREM, Options(), {}, lambda _: None, False).record


def test_what_coq_cannot_check_is_named() -> None:
    found = {one.claim: one for one in export(_theorem1()).standings()}
    closed = {name for name, one in found.items() if one.standing == CLOSED}
    assert closed >= {
        *("decomposition", "equality", "minimum", "prediction", "loss", "learning-rate")
    }
    conditional = found["any-minimum"]
    assert conditional.standing == CONDITIONAL
    assert [name for name, _ in conditional.hypotheses] == ["decomposition", "equality"]
    assert found["ridge-ratio"].standing == NOT_EXPORTED
    assert "function" in found["ridge-ratio"].reason


@OCAML
def test_the_extracted_checker_accepts_theorem1() -> None:
    answer = by_ocaml(export(_theorem1()))
    assert set(answer.assumptions.values()) == {"accepted"}
    assert len(answer.assumptions) >= 8


@OCAML
def test_the_extracted_checker_accepts_the_small_proof(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    path.write_text(dump(small_record()))
    code, out, err = run("recheck", str(path), "--with", "ocaml")
    assert (code, err) == (0, "")
    assert "minimum  closed; accepted" in out
    code, out, _ = run("recheck", str(path), "--with", "ocaml", "--json")
    assert code == 0
    assert {one["standing"] for one in json.loads(out)["claims"]} == {CLOSED}


@OCAML
@pytest.mark.parametrize("k", range(5))
def test_the_extracted_checker_refuses_what_is_wrong(k: int) -> None:
    """Each step with another value, case or factor is refused."""
    proof = small_proof()
    steps = list(proof.steps)
    wrong = {
        0: Claim((), ((Atom("bound", LOSS, "2*v", ">="),),)),
        1: Claim((Atom("minimal", LOSS, "v"),), ((Atom("zero", "u[at]", "1"),),)),
        2: Claim((Atom("zero", "u[at]"),), ((Atom("minimal", LOSS, "2*v"),),)),
        3: Minimum(LOSS, "2*v", ("u",), ((Atom("zero", "u[at]"),),)),
        4: Claim((), ((Atom("equal", "(s + 1)*E(z^2)", "v"),),)),
    }
    steps[k] = replace(steps[k], statement=wrong[k])
    record = Record("small", "a small theorem", "no source", (replace(proof, steps=tuple(steps)),))
    with pytest.raises(Rejected, match=repr(steps[k].name)):
        by_ocaml(export(record))


def test_export_writes_a_new_folder_only(run: Run, tmp_path: Path) -> None:
    path, folder = tmp_path / "small.json", tmp_path / "out"
    path.write_text(dump(small_record()))
    code, out, _ = run("export", str(path), "--format", "coq", "-o", str(folder))
    assert code == 0
    assert f"make -C {folder}" in out
    assert (folder / "Makefile").is_file()
    code, _, err = run("export", str(path), "-o", str(folder))
    assert code == 2
    assert "not an empty folder" in err


def test_what_the_kernel_refuses_is_not_exported(run: Run, tmp_path: Path) -> None:
    path, proof = tmp_path / "small.json", small_proof()
    wrong = Claim((), ((Atom("equal", "unknown[i]", "v"),),))
    steps = (*proof.steps[:4], replace(proof.steps[4], statement=wrong))
    record = Record("small", "a small theorem", "no source", (replace(proof, steps=steps),))
    path.write_text(dump(record))
    code, _, err = run("export", str(path), "-o", str(tmp_path / "out"))
    assert code == 2
    assert "rejected: small, step ratio" in err
    assert not (tmp_path / "out").exists()


def test_without_coq_one_line_says_what_to_install(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "small.json"
    path.write_text(dump(small_record()))
    monkeypatch.setenv("PATH", str(tmp_path))
    for checker, package in (("coq", "libcoq-mathcomp-zify"), ("ocaml", "ocaml-findlib")):
        code, out, err = run("recheck", str(path), "--with", checker)
        assert (code, out) == (2, "")
        assert package in err
        assert err.count("\n") == 1


def test_the_library_brings_along_what_it_needs_in_order() -> None:
    known: set[str] = set()
    for name in LIBRARY:
        content = text(f"{name}.v")
        needed = re.findall(r"From ICL Require (?:Import|Export) ([a-z_ ]+)\.", content)
        assert {one for line in needed for one in line.split()} <= known, name
        known.add(name.rpartition("/")[2])


def test_shared_means_make_proofs_that_the_kernel_accepts() -> None:
    """An equation between means stands in for computing them; the kernel checks what comes out."""
    for proof in _theorem1().proofs:
        lighter = shared(proof).proof
        assert len(check(lighter)) == len(proof.steps)
        uses = {step.name for step in lighter.steps if "decomposition" in step.uses}
        if proof.name in ("minimisers", "any task, any noise"):
            assert {"bound", "equality", "converse 1", "prediction"} <= uses


@OCAML
def test_a_step_that_takes_too_long_is_named() -> None:
    exported = export(small_record())
    answer = by_ocaml(exported, limit=1e-9)
    assert not answer.assumptions
    assert "bound" in answer.unfinished["proof_1.step_3_valid"]
    assert "not finished" in opinion_text(exported, answer, Style(), 0.0)


@pytest.mark.deep
@pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq: docs/coq.md")
def test_coq_accepts_the_small_proof_and_refuses_a_wrong_one(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    path.write_text(dump(small_record()))
    code, out, err = run("recheck", str(path), "--with", "coq")
    assert (code, err) == (0, "")
    assert out.count("closed; Closed under the global context") == 2
    proof = small_proof()
    wrong = Claim((), ((Atom("equal", "(s + 1)*E(z^2)", "v"),),))
    steps = (*proof.steps[:4], replace(proof.steps[4], statement=wrong))
    record = Record("small", "a small theorem", "no source", (replace(proof, steps=steps),))
    with pytest.raises(Rejected, match="Coq refuses a step of 'small'"):
        by_coq(export(record))


def test_all_claims_fit_one_table() -> None:
    table = coverage_markdown([export(_theorem1())])
    assert "| theorem1 | " in table
    assert "* theorem1: ridge-ratio" in table


@pytest.mark.deep
def test_the_committed_table_is_what_export_all_prints(run: Run) -> None:
    table = Path(__file__).parents[2] / "docs" / "coq-coverage.md"
    code, out, _ = run("export", "all")
    assert code == 0
    assert out == table.read_text(encoding="utf-8")
