"""The executed notebook as a page: its cells, and what they show as Markdown, LaTeX or text.

    python -m docs.site.notebook_page

runs the notebook again and writes what it shows (extra `docs`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Markdown of the notebook as MyST reads it: formulas as roles and directives.
DISPLAYED = re.compile(r"\$\$\n(.*?)\n(?:> )*\$\$", re.DOTALL)
INLINE = re.compile(r"\$([^$]+)\$")


ROOT = Path(__file__).parent.parent.parent
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def executed() -> Any:
    """The notebook, run again from the root of the checkout."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": ROOT}}
    NotebookClient(notebook, timeout=300, resources=resources, record_timing=False).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def page(text: str) -> str:
    """The page of a notebook, given as the text of its file."""
    parts = [part for cell in json.loads(text)["cells"] for part in _cell(cell)]
    return "\n\n".join(parts) + "\n"


def shown(output: dict[str, Any]) -> tuple[str, str]:
    """The kind and the text of what an output shows best: markdown, latex or plain."""
    data = output.get("data", {})
    for kind in ("markdown", "latex", "plain"):
        if f"text/{kind}" in data:
            return kind, "".join(data[f"text/{kind}"])
    return "plain", "".join(output.get("text", ""))


def formulas(text: str) -> list[str]:
    """LaTeX between dollars, outside fenced code."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    displayed = DISPLAYED.findall(prose)
    return [*displayed, *INLINE.findall(DISPLAYED.sub("", prose))]


def _cell(cell: dict[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        kind, text = shown(output)
        if kind == "plain":
            yield f"```text\n{text.rstrip()}\n```"
        else:
            yield _myst(text) if kind == "markdown" else _myst(f"$${text.strip('$')}$$")


def _myst(text: str) -> str:
    """Formulas as MyST writes them; headings become lines in bold, for they are not the page's."""
    text = DISPLAYED.sub(lambda found: f"\n```{{math}}\n{found[1]}\n```\n", text)
    text = re.sub(r"\$\$(.+)\$\$", lambda found: f"```{{math}}\n{found[1]}\n```", text)
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    for k in range(0, len(parts), 2):
        parts[k] = INLINE.sub(lambda found: f"{{math}}`{found[1].strip()}`", parts[k])
        parts[k] = re.sub(r"^#+ (.*)$", r"**\1**", parts[k], flags=re.MULTILINE)
    return "".join(parts)


if __name__ == "__main__":
    import nbformat

    nbformat.write(executed(), NOTEBOOK)
