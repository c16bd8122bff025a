"""An exploration as the bytes of a report file, by the file's suffix (floor 3)."""

from __future__ import annotations

import os
from textwrap import indent

from verifier.document.output import Style
from verifier.explore.answer import Exploration
from verifier.setting.setting_text import setting_text

SUFFIXES = (".json", ".md", ".pdf", ".tex", ".txt")


def report_suffix(path: str) -> str:
    """One of `SUFFIXES`; ValueError in one line for any other, or for PDF without latexmk."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        shown = f"not {suffix!r}" if suffix else "and this has no suffix"
        raise ValueError(f"--output: a report is {', '.join(SUFFIXES)}, {shown}")
    if suffix == ".pdf":
        from verifier.document.pdf import require_latexmk

        require_latexmk()
    return suffix


def rendered(found: Exploration, name: str, suffix: str) -> bytes:
    """The report in the form that the suffix names; ``name`` is the setting file's."""
    if suffix == ".json":
        from verifier.document.explore_json import exploration_json

        return f"{exploration_json(found, name)}\n".encode()
    if suffix == ".txt":
        from verifier.document.explore_terminal import exploration_text

        whole = setting_text(found.setting)
        listed = f"\nThe setting\n{indent(whole, '  ')}" if whole else ""
        return f"{exploration_text(found, name, Style())}\n{listed}".encode()
    from verifier.document.explore_document import exploration_document

    document = exploration_document(found, name)
    if suffix == ".md":
        from verifier.document.markdown import markdown_document

        return markdown_document(document).encode()
    from verifier.document.latex import latex_document

    source = latex_document(document)
    if suffix == ".tex":
        return source.encode()
    from verifier.document.pdf import pdf_of

    return pdf_of(source)
