"""Sphinx settings of the documentation; `docs.site.build` lays out the pages."""

from docutils.nodes import SkipNode

from verifier.render.mathml import mathml

project = "verifier"
author = "The verifier authors"
project_copyright = "the verifier authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "verifier"
html_static_path = ["_static"]
html_css_files = ["blocks.css"]
html_js_files = ["blocks.js"]
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page may start below level 1
default_role = "code"
autodoc_typehints = "description"
autodoc_member_order = "bysource"
exclude_patterns = ["_static", "docs/notebook.ipynb", "docs/paper"]
html_math_renderer = "verifier"


def inline(self, node):
    """A formula as MathML: no script, and no page from elsewhere."""
    self.body.append(mathml(node.astext()))
    raise SkipNode


def display(self, node):
    """The same on a line of its own, which scrolls where it is long."""
    body = mathml(node.astext(), display=True)
    self.body.append(f'<div class="blocks"><div class="scroll" tabindex="0">{body}</div></div>')
    raise SkipNode


def setup(app):
    """Formulas by the program's own MathML."""
    app.add_html_math_renderer("verifier", (inline, None), (display, None))
