"""The notebook of the documentation: what it shows is what it shows when it is run again."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.site.notebook_page import NOTEBOOK, executed, formulas, page, shown
from verifier import landscape
from verifier.render.document import Display, Paragraph, Tex
from verifier.render.markdown import block, with_dollars
from verifier.render.mathml import mathml

CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
WORDS = st.text(st.sampled_from("abxyn_^{}+-=\\ "), min_size=1).filter(str.strip)


def outputs() -> list[dict[str, Any]]:
    return [output for cell in CELLS if cell["cell_type"] == "code" for output in cell["outputs"]]


def test_the_notebook_is_executed_in_order_and_without_an_error() -> None:
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [one for one in outputs() if one["output_type"] == "error"]
    kinds = [shown(one)[0] for one in outputs()]
    assert kinds.count("markdown") >= 5
    assert kinds.count("latex") >= 3


def test_every_formula_that_the_notebook_shows_is_standard_latex() -> None:
    """`mathml` refuses commands that it does not know; none is a macro of our own documents."""
    found = [f for one in outputs() for f in formulas(shown(one)[1])]
    assert len(found) > 200
    for formula in found:
        assert "allowbreak" not in formula
        assert "BreakProduct" not in formula
        assert "`" not in formula
        mathml(formula)


@given(st.lists(WORDS, min_size=1), st.integers(0, 2))
def test_dollars_take_nothing_away(bodies: list[str], depth: int) -> None:
    """The formulas of a text are the same in both forms of Markdown, and in the same order."""
    pieces = [Tex(body) for body in bodies]
    text = "\n\n".join(
        part
        for piece in pieces
        for part in (
            block(Paragraph(("word ", piece, " word"), depth)),
            block(Display((piece,), depth)),
        )
    )
    plain = with_dollars(text)
    assert "`" not in plain
    assert re.findall(r"(?<!\$)\$(?!\$)([^$]+)\$", plain) == [body.strip() for body in bodies]
    assert plain.count("$$") == 2 * len(bodies)


def test_a_landscape_shows_its_points_and_equals_itself() -> None:
    found = landscape(2, 4, "1/2")
    page_shown = found._repr_markdown_()
    for part in found.stationary:
        assert f"| {part.type}" in page_shown
    assert page_shown.startswith("### ")
    assert found == landscape(2, 4, "1/2")
    assert "stationary point" in str(found)


def test_the_page_has_every_cell_and_its_formulas_as_roles() -> None:
    text = page(NOTEBOOK.read_text(encoding="utf-8"))
    assert text.count("```python") == sum(cell["cell_type"] == "code" for cell in CELLS)
    assert "{math}`" in text
    assert not formulas(text)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


def test_the_notebook_shows_the_same_when_it_is_run_again() -> None:
    pytest.importorskip("nbclient", reason="the extra docs is not installed")
    pytest.importorskip("ipykernel", reason="the extra docs is not installed")
    notebook = executed()
    again = [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]
    assert [masked(shown(one)[1]) for one in again] == [masked(shown(one)[1]) for one in outputs()]


def masked(text: str) -> str:
    """Without the version, and numbers to four digits: estimates differ between machines."""
    text = re.sub(r"verifier [0-9.]+", "verifier", text)
    return re.sub(r"([0-9]\.[0-9]{4})[0-9]+", r"\1", text)
