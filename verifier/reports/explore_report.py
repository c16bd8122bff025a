"""An exploration as the bytes of a report file."""

from __future__ import annotations

from textwrap import indent

from verifier.explore.answer import Exploration
from verifier.render import rendered as forms
from verifier.render.streams import Style

FORMS = ("html", "json", "markdown", "pdf", "latex", "text")


def rendered(found: Exploration, name: str, form: str) -> bytes:
    """The report in one of `FORMS`; ``name`` is the setting file's."""
    if form == "json":
        from verifier.reports.explore_json import exploration_json

        return f"{exploration_json(found, name)}\n".encode()
    if form == "text":
        from verifier.reports.explore_terminal import exploration_text

        whole = found.asked
        listed = f"\nThe setting\n{indent(whole, '  ')}" if whole else ""
        return f"{exploration_text(found, name, Style())}\n{listed}".encode()
    from verifier.reports.explore_document import exploration_document

    return forms.rendered(exploration_document(found, name), form)
