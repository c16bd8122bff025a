"""The folder that ``export`` writes: library, statements, certificates, Makefile, README."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from verifier.coq.exporting import CLOSED, CONDITIONAL, NOT_EXPORTED, RecordInCoq, Standing
from verifier.coq.source import Source, comment
from verifier.coq.sources import LIBRARY, text

DEBIAN = (
    "apt-get install make coq libcoq-mathcomp-field libcoq-mathcomp-multinomials "
    "libcoq-mathcomp-zify libcoq-mathcomp-algebra-tactics"
)
MARK = "== "
MAKEFILE = """\
# make: builds the library and the proofs, then prints what each claim rests on.
LIBRARY ?= library
COQC = coqc -R $(LIBRARY) ICL -Q . Exported -w none

all: {proofs}
\t@$(COQC) assumptions.v

# The library takes a minute or two; it is built once.
$(LIBRARY)/built:
\tfor file in {library}; do $(COQC) $(LIBRARY)/$$file.v || exit 1; done
\ttouch $@

statements_%.vo: statements_%.v $(LIBRARY)/built
\t$(COQC) $<

proof_%.vo: proof_%.v statements_%.vo
\t$(COQC) $<

.PHONY: all
.SECONDARY:
"""


def files(exported: RecordInCoq, library: bool = True) -> Iterator[tuple[str, str]]:
    """Names and texts of all files; ``library``: the folder brings the Coq library along."""
    record, standings = exported.record, exported.standings()
    numbers = []
    for proof in exported.proofs:
        if proof.steps is not None:
            source = Source(proof, proof.steps, f"{record.theorem}: {proof.proof.name}")
            yield f"statements_{proof.number}.v", source.statements()
            yield f"proof_{proof.number}.v", source.proofs()
            numbers.append(proof.number)
    yield "assumptions.v", "\n".join(_assumptions(standings)) + "\n"
    proofs = " ".join(f"proof_{number}.vo" for number in numbers)
    yield "Makefile", MAKEFILE.format(proofs=proofs, library=" ".join(LIBRARY))
    yield "README.md", "\n".join(_readme(exported, standings)) + "\n"
    if library:
        for name in LIBRARY:
            yield f"library/{name}.v", text(f"{name}.v")


def write(exported: RecordInCoq, folder: Path, library: bool = True) -> None:
    """Write all files; what is in the folder otherwise stays."""
    for name, content in files(exported, library):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def _assumptions(standings: tuple[Standing, ...]) -> Iterator[str]:
    """What each claim rests on: its hypotheses by name, then Coq's own answer."""
    yield comment("What each claim rests on, as Coq says.")
    shown = [one for one in standings if one.standing != NOT_EXPORTED]
    for number in sorted({one.number for one in shown}):
        yield f"From Exported Require proof_{number}."
    for one in shown:
        yield f'Goal True. idtac "{MARK}{one.theorem}". Abort.'
        yield f"Print Assumptions {one.theorem}."


def _readme(exported: RecordInCoq, standings: tuple[Standing, ...]) -> Iterator[str]:
    record = exported.record
    yield from (f"# {record.theorem} in Coq", "", record.title, "", record.source, "")
    yield from ("```sh", DEBIAN, "make", "```", "")
    yield (
        "`make` ends with what each claim rests on, by Coq's own word. Read `statements_N.v`: "
        "what is stated, with the index text of every definition and statement beside it; "
        "`valid` is defined in `library/kernel/semantics.v`, one page. `proof_N.v` holds the "
        "certificates, which need no reading: `check_step_sound` of `library/kernel/minima.v` "
        "says that what the checker accepts is valid."
    )
    yield from ("", "| claim | theorem | |", "|---|---|---|")
    for one in standings:
        theorem = "" if one.standing == NOT_EXPORTED else f"`{one.theorem}`"
        yield f"| {one.claim} | {theorem} | {said(one)} |"
    yield ""
    yield (
        f"*{CLOSED}*: proved for every model. *{CONDITIONAL}*: proved from the named steps, "
        "hypotheses of the theorem, which the checker in Python accepts and Coq has not. "
        f"*{NOT_EXPORTED}*: not checked by Coq; the checker in Python accepts it."
    )


def said(one: Standing) -> str:
    """closed; conditional on what; not exported: why."""
    if one.standing == CONDITIONAL:
        steps = ", ".join(name for name, _ in one.hypotheses)
        reasons = "; ".join(dict.fromkeys(reason for _, reason in one.hypotheses))
        return f"{CONDITIONAL} on the steps {steps}: {reasons}"
    return f"{NOT_EXPORTED}: {one.reason}" if one.reason else CLOSED
