"""A document as the bytes of a file, in any form."""

from __future__ import annotations

from verifier.render.document import Document


def rendered(document: Document, form: str) -> bytes:
    """``form`` is markdown, html, latex or pdf; ValueError if LaTeX does not compile."""
    if form == "markdown":
        from verifier.render.markdown import markdown_document

        return markdown_document(document).encode("utf-8")
    if form == "html":
        from verifier.render.html import html_document

        return html_document(document).encode("utf-8")
    from verifier.render.latex import latex_document

    source = latex_document(document)
    if form == "latex":
        return source.encode("utf-8")
    from verifier.render.pdf import pdf_of

    return pdf_of(source)
