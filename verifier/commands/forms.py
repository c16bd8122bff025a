"""In which form a command writes: by the suffix of the file, or as ``--format`` says."""

from __future__ import annotations

import os
from collections.abc import Sequence

SUFFIXES = {
    "text": ".txt",
    "markdown": ".md",
    "latex": ".tex",
    "pdf": ".pdf",
    "html": ".html",
    "json": ".json",
    "csv": ".csv",
    "toml": ".toml",
    "parquet": ".parquet",
}
_FORMS = {suffix: form for form, suffix in SUFFIXES.items()}


def form_for(
    path: str | None, given: str | None, allowed: Sequence[str], default: str | None = None
) -> str:
    """The form of an output.

    ``path`` is where it goes (None and "-" are standard output), ``given`` what --format says,
    ``default`` the form where neither tells. ValueError in one line where the two contradict each
    other, where the suffix tells nothing, and for PDF where there is no LaTeX.
    """
    suffix = "" if path in (None, "-") else os.path.splitext(path or "")[1].lower()
    told = _FORMS.get(suffix)
    if told is not None and given is not None and told != given:
        raise ValueError(
            f"--format {given} contradicts the suffix of {path!r}; leave out one of them"
        )
    form = given or told
    if form is None and (default is None or path not in (None, "-")):
        listed = ", ".join(SUFFIXES[one] for one in allowed)
        shown = f"not {suffix!r}" if suffix else "and this has no suffix"
        raise ValueError(f"--output: a file ends in {listed}, {shown}")
    form = form or default or ""
    if form not in allowed:
        listed = ", ".join(SUFFIXES[one] for one in allowed)
        raise ValueError(f"--output: this command writes {listed}, not {suffix or form!r}")
    if form == "pdf":
        from verifier.render.pdf import require_latexmk

        require_latexmk()
    return form
