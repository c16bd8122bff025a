"""A record checked by Coq, or by the checker extracted from it, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from verifier.coq.data import proof as data_of
from verifier.coq.exporting import NOT_EXPORTED, ProofInCoq, RecordInCoq
from verifier.coq.folder import DEBIAN, MARK, write
from verifier.coq.sources import CHECKER, LIBRARY, built, text
from verifier.coq.steps import Steps

OCAML = "apt-get install ocaml-nox ocaml-findlib"
STEP_SECONDS = 120.0


class Rejected(ValueError):
    """A step that Coq does not accept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Which checker, its version, and per theorem what it rests on besides its hypotheses.

    ``unfinished``: for each theorem that rests on steps that took too long, what they are.
    """

    checker: str
    assumptions: dict[str, str]
    unfinished: dict[str, str] = field(default_factory=dict)


def by_coq(exported: RecordInCoq) -> Answer:
    """What Coq says; ValueError where it is missing, Rejected where it refuses a step."""
    if shutil.which("coqc") is None or shutil.which("make") is None:
        raise ValueError(f"Coq is not installed; on Debian: {DEBIAN}")
    version = _run(["coqc", "--print-version"]).stdout.split()[0]
    library = _library(version)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(exported, folder, library=False)
        jobs = str(min(2, os.cpu_count() or 1))
        done = _run(["make", "-s", "-j", jobs, f"LIBRARY={library}"], folder)
    if done.returncode:
        raise Rejected(_refusal(exported, done.stderr))
    return Answer(f"Coq {version}", _answers(done.stdout))


def _library(version: str) -> Path:
    """The compiled library, built once for each version of it and of Coq."""
    names = tuple(f"{name}.v" for name in LIBRARY)
    folder = built(names, version)
    if not (folder / "built").exists():
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text(name), encoding="utf-8")
        for name in names:
            done = _run(["coqc", "-R", str(folder), "ICL", "-w", "none", name], folder)
            if done.returncode:
                why = " ".join(done.stderr.split())[-200:]
                raise ValueError(f"the Coq library does not compile here ({DEBIAN}): {why}")
        (folder / "built").touch()
    return folder


def _refusal(exported: RecordInCoq, errors: str) -> str:
    """The step at which Coq stopped."""
    lines = errors.splitlines()
    place = next((line for line in lines if line.startswith("File ")), "")
    for proof in exported.proofs:
        if f"proof_{proof.number}.v" in place:
            return f"Coq refuses a step of {proof.proof.name!r}: {place.strip()}"
    return f"Coq stops: {' '.join(errors.split())[-200:]}"


def _answers(output: str) -> dict[str, str]:
    """The answers to Print Assumptions, by theorem."""
    found: dict[str, list[str]] = {}
    theorem = ""
    for line in output.splitlines():
        if line.startswith(MARK):
            theorem = line.removeprefix(MARK)
            found[theorem] = []
        elif theorem and line.strip():
            found[theorem].append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items()}


def by_ocaml(exported: RecordInCoq, limit: float = STEP_SECONDS) -> Answer:
    """What the extracted checker says; the same errors as `by_coq`. ``limit``: seconds a step."""
    checker, assumptions, unfinished = program(), dict[str, str](), dict[str, str]()
    for proof in exported.proofs:
        if proof.steps is None:
            continue
        slow = _unfinished(checker, proof, proof.steps, limit)
        below = proof.below()
        for one in proof.standings():
            if one.standing == NOT_EXPORTED:
                continue
            met = [proof.parts[place].step.name for place in sorted(slow & below[one.place])]
            if met:
                unfinished[one.theorem] = f"{', '.join(met)}: more than {limit:.0f} s"
            else:
                assumptions[one.theorem] = "accepted"
    return Answer("the extracted checker", assumptions, unfinished)


def _unfinished(checker: Path, proof: ProofInCoq, steps: Steps, limit: float) -> set[int]:
    """The places of the steps that took too long; Rejected where one is refused."""
    stated = [part.exported for part in proof.parts if part.exported is not None]
    slow = set()
    for part in proof.parts:
        if part.checked is None:
            continue
        try:
            verdicts = verdicts_of(checker, list(data_of(steps, stated, [part.checked])), limit)
        except subprocess.TimeoutExpired:
            slow.add(part.place)
            continue
        if not verdicts.get(part.place, False):
            raise Rejected(
                f"the extracted checker refuses {part.step.name!r} of {proof.proof.name!r}"
            )
    return slow


def verdicts_of(checker: Path, forms: Sequence[str], limit: float | None = None) -> dict[int, bool]:
    """Whether the extracted checker accepts each step, by its place; some may be missing."""
    shell = 'ulimit -s unlimited 2>/dev/null || ulimit -s "$(ulimit -H -s)"; exec "$0"'
    done = subprocess.run(
        ["sh", "-c", shell, str(checker)],
        input="\n".join(forms),
        capture_output=True,
        text=True,
        check=False,
        timeout=limit,
    )
    lines = (line.split() for line in done.stdout.splitlines())
    return {int(place): verdict == "accepted" for place, verdict, _ in lines}


def program() -> Path:
    """The extracted checker, compiled once for each version of it and of OCaml."""
    if shutil.which("ocamlfind") is None or shutil.which("ocamlopt") is None:
        raise ValueError(f"OCaml is not installed; on Debian: {OCAML}")
    version = _run(["ocamlfind", "ocamlopt", "-version"]).stdout.strip()
    folder = built(CHECKER, f"ocaml {version}")
    compiled = folder / "checker"
    if not compiled.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in CHECKER:
            (folder / Path(name).name).write_text(text(name), encoding="utf-8")
        names = [Path(name).name for name in CHECKER]
        command = ["ocamlfind", "ocamlopt", "-w", "-a", *names, "-o", "checker.new"]
        done = _run(command, folder)
        if done.returncode:
            why = " ".join(done.stderr.split())[-200:]
            raise ValueError(f"the extracted checker does not compile: {why}")
        (folder / "checker.new").rename(compiled)
    return compiled


def _run(command: Sequence[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
