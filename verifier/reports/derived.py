"""A checked theorem as the bytes of a file: an appendix, or the full record."""

from __future__ import annotations

from verifier.theorem.theorem import Report

FORMATS = ("latex", "pdf", "markdown", "html", "json")


def rendered(report: Report, form: str, full: bool = False) -> bytes:
    """A few pages to paste into a paper, or the ``full`` record, in one of `FORMATS`."""
    if form == "json":
        from verifier.reports.json_record import json_text

        return f"{json_text(report)}\n".encode()
    from verifier.render import rendered as forms
    from verifier.reports.appendix import appendix_document
    from verifier.reports.derivation import derivation_document

    document = derivation_document(report) if full else appendix_document(report)
    return forms.rendered(document, form)
