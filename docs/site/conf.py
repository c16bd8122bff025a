"""Sphinx settings of the documentation; `docs.site.build` lays out the pages."""

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
exclude_patterns = ["_static"]
