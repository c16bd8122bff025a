"""A record checked by Coq, or by the checker extracted from it, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.coq.data import proof as data_of
from verifier.coq.exporting import NOT_EXPORTED, RecordInCoq
from verifier.coq.folder import DEBIAN, MARK, write
from verifier.coq.sources import CHECKER, LIBRARY, built, text

OCAML = "apt-get install ocaml-nox ocaml-findlib"
CLOSED_ANSWER = "Closed under the global context"


class Rejected(ValueError):
    """A step that Coq does not accept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Which checker, its version, and per theorem what it rests on besides its hypotheses."""

    checker: str
    assumptions: dict[str, str]


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


def by_ocaml(exported: RecordInCoq) -> Answer:
    """What the extracted checker says; the same errors as `by_coq`."""
    checker = program()
    for proof in exported.proofs:
        steps = proof.steps
        if steps is None:
            continue
        stated = [part.exported for part in proof.parts if part.exported is not None]
        checked = [part.checked for part in proof.parts if part.checked is not None]
        verdicts = verdicts_of(checker, list(data_of(steps, stated, checked)))
        for part in proof.parts:
            if part.checked is not None and not verdicts.get(part.place, False):
                raise Rejected(
                    f"the extracted checker refuses {part.step.name!r} of {proof.proof.name!r}"
                )
    shown = [one for one in exported.standings() if one.standing != NOT_EXPORTED]
    return Answer("the extracted checker", {one.theorem: "accepted" for one in shown})


def verdicts_of(checker: Path, forms: Sequence[str]) -> dict[int, bool]:
    """Whether the extracted checker accepts each step, by its place; some may be missing."""
    shell = 'ulimit -s unlimited 2>/dev/null || ulimit -s "$(ulimit -H -s)"; exec "$0"'
    done = subprocess.run(
        ["sh", "-c", shell, str(checker)],
        input="\n".join(forms),
        capture_output=True,
        text=True,
        check=False,
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
