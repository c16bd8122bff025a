"""Landscapes and explorations that show themselves in a notebook."""

from __future__ import annotations

from verifier.explore.answer import Exploration
from verifier.render.document import Document, Heading
from verifier.render.markdown import block, prose, with_dollars
from verifier.render.streams import Style
from verifier.reports.explore_document import exploration_document
from verifier.reports.explore_terminal import exploration_text
from verifier.reports.landscape_document import landscape_document
from verifier.reports.landscape_text import landscape_text
from verifier.reports.notebook import Shown, values
from verifier.stationary.stationary_points import Landscape

NAME = "SETTING.toml"


class ShownLandscape(Shown, Landscape):
    """A landscape; a notebook shows its stationary points."""

    __slots__ = ()

    def __str__(self) -> str:
        return landscape_text(self, None, Style())

    def _repr_markdown_(self) -> str:
        return _page(landscape_document(self))

    @classmethod
    def of(cls, landscape: Landscape) -> ShownLandscape:
        """The same landscape with display methods."""
        return cls(**values(landscape))


class ShownExploration(Shown, Exploration):
    """An exploration; a notebook shows the report, under the name of no file."""

    __slots__ = ()

    def __str__(self) -> str:
        return exploration_text(self, NAME, Style())

    def _repr_markdown_(self) -> str:
        return _page(exploration_document(self, NAME))

    @classmethod
    def of(cls, found: Exploration) -> ShownExploration:
        """The same answer with display methods."""
        return cls(**values(found))


def _page(document: Document) -> str:
    """A document below the headings of a notebook."""
    parts = [f"### {prose(document.title)}", f"*{prose(document.source)}*"]
    for part in document.blocks:
        low = Heading(part.level + 2, part.text) if isinstance(part, Heading) else part
        parts.append(block(low))
    return with_dollars("\n\n".join(parts))
