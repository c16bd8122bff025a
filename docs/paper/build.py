"""Builds the paper: what it takes from the program, then LaTeX; a line too long is an error.

    python -m docs.paper.build FOLDER

``FOLDER/paper.pdf`` is the result. ``--keep`` takes the generated files that lie there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
COMMAND = ("latexmk", "-norc", "-pdf", "-interaction=nonstopmode", "-halt-on-error")
# Lines of TeX's log that say that a page is not what it should be.
COMPLAINTS = re.compile(r"^(Overfull .*|LaTeX Warning: .*undefined.*|! .*)$", re.MULTILINE)


def complaints(log: str) -> list[str]:
    """Lines that stick out, references to nothing, errors."""
    return COMPLAINTS.findall(log)


def typeset(folder: Path) -> list[str]:
    """Run LaTeX on the files in ``folder``; what there is to complain about."""
    shutil.copy(HERE / "paper.tex", folder)
    done = subprocess.run(
        [*COMMAND, "-no-shell-escape", "paper.tex"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=300,
    )
    found = complaints((folder / "paper.log").read_text(encoding="utf-8", errors="replace"))
    return found or ([f"latexmk: exit code {done.returncode}"] if done.returncode else [])


def main(words: list[str]) -> int:
    """Generate, typeset, complain."""
    folder = Path(words[0])
    if "--keep" not in words:
        from docs.paper.generate import write

        write(folder)
    found = typeset(folder)
    for line in found:
        print(f"paper: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
