"""Builds the documentation: hand-written pages, and pages that the program writes.

    python -m docs.site.build FOLDER

``FOLDER/html`` is the site. Pages on theorems are made from a fresh check of each; Sphinx turns
every warning, such as a link that leads nowhere, into an error.
"""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from docs.site import notebook_page
from docs.site.figures import svg
from verifier import Report, Verdict, check, find, theorems
from verifier.render.document import Block, Heading
from verifier.render.html import BLOCK_STYLE, SCRIPT, fragment
from verifier.reports.gallery import gallery_blocks

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# What stands beside docs/ and is linked from there.
BESIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "coq/README.md", "LICENSE")
CHAPTERS = {
    "Start": ("README", "docs/tutorial", "gallery/index", "docs/notebook"),
    "How to": (
        "docs/prove",
        "docs/settings",
        "docs/data-models",
        "docs/train-test",
        "docs/sweep",
        "docs/moments",
        "docs/landscape-howto",
        "docs/adding-a-theorem",
        "docs/json",
    ),
    "What is proved": (
        "docs/coverage",
        "docs/hypotheses",
        "docs/landscape-mathematics",
        "docs/open-questions",
    ),
    "Why to believe it": (
        "docs/meaning",
        "docs/trusted-base",
        "docs/soundness",
        "docs/coq",
        "docs/coq-coverage",
        "coq/README",
    ),
    "Reference": ("api", "docs/architecture", "CONTRIBUTING", "CHANGELOG"),
}
# The names of the theme for what blocks need.
COLOURS = {"line": "background-border", "soft": "background-secondary", "link": "link"}
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*)\)")


def lay_out(folder: Path) -> None:
    """Every page in the form that Sphinx reads."""
    for name in BESIDE:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    shutil.copytree(
        ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.py", "__pycache__", "site")
    )
    notebook = folder / "docs" / "notebook.ipynb"
    notebook.with_suffix(".md").write_text(notebook_page.page(notebook.read_text("utf-8")), "utf-8")
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(without_code_links(text, page.relative_to(folder), folder), "utf-8")
    shutil.copy(HERE / "conf.py", folder)
    static = folder / "_static"
    static.mkdir()
    scoped = "".join(f"  {line}\n" for line in BLOCK_STYLE.splitlines())
    variables = "".join(f"  --{k}:var(--color-{v});\n" for k, v in COLOURS.items())
    (static / "blocks.css").write_text(f".blocks{{\n{variables}{scoped}}}\n", encoding="utf-8")
    (static / "blocks.js").write_text(f"addEventListener('load',()=>{{{SCRIPT}}});\n", "utf-8")
    (folder / "index.md").write_text(index(folder), encoding="utf-8")
    (folder / "api.md").write_text(api(), encoding="utf-8")


def without_code_links(text: str, page: Path, folder: Path) -> str:
    """Links to files of the repository that are no pages of the site lose their target."""

    def kept(match: re.Match[str]) -> str:
        target = match[2].partition("#")[0]
        code = (ROOT / page.parent / target).exists() and not (
            folder / page.parent / target
        ).exists()
        return match[1] if target and code else match[0]

    return LINK.sub(kept, text)


def index(folder: Path) -> str:
    """The front page: the README's beginning, and all chapters."""
    lines = ["# verifier", "", "```{include} README.md", ":start-line: 1", ":end-before: '## What'"]
    lines += ["```", ""]
    for title, pages in chapters(folder).items():
        lines += ["```{toctree}", ":hidden:", f":caption: {title}", "", *pages, "```", ""]
    return "\n".join(lines)


def chapters(folder: Path) -> dict[str, list[str]]:
    """The pages that are there, by chapter; those that no chapter names stand in the last."""
    made = {"api", "gallery/index"}
    found = {str(page.relative_to(folder).with_suffix("")) for page in folder.rglob("*.md")}
    order = {title: [p for p in pages if p in found | made] for title, pages in CHAPTERS.items()}
    named = {page for pages in order.values() for page in pages} | {"index"}
    *_, last = order
    order[last] += sorted(page for page in found - named if not page.startswith("gallery/"))
    return order


def api() -> str:
    """What `from verifier import ...` reaches, from its docstrings."""
    import verifier

    lines = ["# Python", "", "All of it is imported from `verifier`.", ""]
    for name in verifier.__all__:
        kind = "autoclass" if inspect.isclass(getattr(verifier, name)) else "autofunction"
        members = ["   :members:"] if kind == "autoclass" else []
        lines += [f"## {name}", "", "```{eval-rst}", f".. {kind}:: verifier.{name}", *members]
        lines += ["```", ""]
    return "\n".join(lines)


def theorem_page(name: str) -> tuple[str, str]:
    """The page of one theorem, and its row in the table of all."""
    report: Report = check(name, numerical=False)
    theorem = report.theorem
    blocks = tuple(gallery_blocks(report, idea_of(name)))
    picture = svg(report)
    lines = [f"# {theorem.title}", ""]
    for block in _with_picture(blocks, picture):
        if isinstance(block, Heading):
            lines += [f"{'#' * (block.level + 1)} {block.text}", ""]
        else:
            body = block if isinstance(block, str) else fragment([block])
            lines += ["````{raw} html", f'<div class="blocks">{body}</div>', "````", ""]
    proved = [one.verdict for one in report.claims].count(Verdict.PROVED)
    row = f"| [`{name}`]({name}.md) | {theorem.title} | {proved} of {len(report.claims)} |"
    return "\n".join(lines), row


def _with_picture(blocks: tuple[Block, ...], picture: str) -> Iterator[Block | str]:
    """The picture stands after the idea."""
    headings = 0
    for block in blocks:
        headings += isinstance(block, Heading)
        if picture and headings == 2:
            yield f'<figure class="scroll">{picture}</figure>'
            picture = ""
        yield block


def idea_of(name: str) -> str:
    """What the theorem's file says: its exposition, or its docstring below the first line."""
    theorem = find(name)
    if theorem.exposition.idea:
        return theorem.exposition.idea
    text = inspect.getdoc(importlib.import_module(theorem.derive.__module__)) or ""
    return text.partition("\n\n")[2]


def gallery(folder: Path) -> None:
    """A page for each registered theorem, and the table of all."""
    folder.mkdir()
    names = list(theorems())
    with ProcessPoolExecutor() as pool:
        pages = dict(zip(names, pool.map(theorem_page, names), strict=True))
    rows = [row for _, row in pages.values()]
    head = ["# Theorems", "", "Each page is made from a fresh check.", ""]
    head += ["| name | theorem | claims proved |", "|---|---|---|", *rows, ""]
    tree = ["```{toctree}", ":hidden:", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join([*head, *tree]), encoding="utf-8")
    for name, (text, _) in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def main(words: list[str]) -> int:
    """Lay out and build; Sphinx's exit code."""
    from sphinx.cmd.build import build_main

    folder = Path(words[0])
    source = folder / "source"
    source.mkdir(parents=True)
    lay_out(source)
    gallery(source / "gallery")
    return build_main(["-W", "--keep-going", "-q", "-b", "html", str(source), str(folder / "html")])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
