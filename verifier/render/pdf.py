"""LaTeX into PDF with latexmk, where it is installed (stdlib only)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

INSTALL = "apt-get install latexmk texlive-latex-recommended texlive-fonts-recommended lmodern"
SECONDS = 120


def require_latexmk() -> str:
    """The path of latexmk; ValueError says what to install where there is none."""
    found = shutil.which("latexmk")
    if found is None or shutil.which("pdflatex") is None:
        raise ValueError(f"PDF needs latexmk and pdflatex; on Debian: {INSTALL}")
    return found


def pdf_of(latex: str) -> bytes:
    """The PDF of a LaTeX document; ValueError with TeX's first complaint if it does not compile."""
    command = [require_latexmk(), "-norc", "-pdf", "-interaction=nonstopmode", "-halt-on-error"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "document.tex").write_text(latex, encoding="utf-8")
        try:
            done = subprocess.run(
                [*command, "-no-shell-escape", "document.tex"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ValueError(f"latexmk took more than {SECONDS} s") from None
        result = Path(folder) / "document.pdf"
        if done.returncode or not result.exists():
            log = (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()
            complaint = next((line for line in log if line.startswith("!")), "see its log")
            raise ValueError(f"latexmk failed: {complaint}; on Debian: {INSTALL}")
        return result.read_bytes()
