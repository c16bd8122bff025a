"""HTML reports: escaped, self-contained, and what a browser makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import CHROMIUM, MISSING, Browser
from checked import checked
from sampling import mostly_deep

import verifier
from verifier.render.document import (
    Code,
    Display,
    Document,
    Environment,
    Fold,
    Grid,
    Heading,
    Paragraph,
    Picture,
    References,
    Tex,
)
from verifier.render.html import html_document
from verifier.render.mathml import mathml
from verifier.reports.appendix import appendix_document
from verifier.reports.check_document import check_document
from verifier.reports.derivation import derivation_document
from verifier.reports.landscape_document import landscape_document
from verifier.stationary.stationary_points import landscape
from verifier.theorem.theorem import Report

NAMES = sorted(verifier.theorems())
EVIL = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
VOID = {"meta", "img", "br", "mspace"}


class Nesting(HTMLParser):
    """Every element is closed where it must be; remembers the names of all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.linked: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.linked += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID - {"mspace"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", mostly_deep(NAMES, NAMES, 4))
def test_every_document_is_well_formed_and_needs_nothing_else(name: str) -> None:
    report = checked(name)
    for make in (check_document, appendix_document, derivation_document):
        text = html_document(make(report))
        found = Nesting(text)
        assert found.seen["math"] > 5
        assert found.seen["script"] == 1
        assert all(link.startswith("#") for link in found.linked)
        targets = set(re.findall(r'id="([^"]+)"', text))
        assert {link[1:] for link in found.linked} <= targets
        assert "\\" not in re.sub(r"<(script|style|pre)>.*?</\1>", "", text, flags=re.DOTALL)


def test_each_verdict_unfolds_to_what_it_rests_on(report: Report, refuted: Report) -> None:
    text = html_document(check_document(report))
    for claim in report.claims:
        part = text.partition(f"({claim.claim.id})</summary>")[2].partition("</details>")[0]
        words = unescape(re.sub("<[^>]*>", "", part))
        assert claim.claim.source in words
        for lemma in claim.rests_on:
            assert lemma[:20] in words
    assert text.count("<details>") >= len(report.claims)
    assert "✗ refuted" in html_document(check_document(refuted))
    assert "Witness" in html_document(check_document(refuted))


def test_text_of_a_user_is_text() -> None:
    text = html_document(_evil())
    assert Nesting(text).seen["script"] == 1
    assert "img" not in Nesting(text).seen
    assert text.count("&lt;script&gt;") >= 6


def _evil() -> Document:
    words = (EVIL,)
    picture = Picture(EVIL, EVIL, ((0.0, 0.0), (1.0, 1.0)), ((0.5, 0.5, EVIL),), EVIL, EVIL)
    tex = Tex(rf"\text{{{EVIL.replace(chr(92), '')}}}")
    blocks = (
        Heading(1, EVIL),
        Paragraph(words),
        Display((tex,)),
        Grid((EVIL,), ((words,),)),
        Code(words),
        picture,
        Fold(words, (Paragraph(words),)),
        Environment("lemma", 1, EVIL, (Paragraph(words),)),
        References((("key", EVIL),)),
    )
    return Document(EVIL, EVIL, blocks)


@pytest.mark.parametrize("text", [r"\unknown", "a}", r"\frac{a}", r"\text{a", r"a_{b"])
def test_unknown_latex_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        mathml(text)


def test_mathml_by_hand() -> None:
    assert mathml(r"x_{n+1}^{\top}") == (
        "<math><msubsup><mi>x</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow>"
        "<mrow><mi>⊤</mi></mrow></msubsup></math>"
    )
    assert mathml(r"\frac{1}{2} \ge 0") == (
        "<math><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>"
        "<mo>≥</mo><mn>0</mn></math>"
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A telephone's screen."""
    if CHROMIUM is None:
        pytest.skip(MISSING)
    found = Browser(360, 800)
    yield found
    found.close()


def _load(browser: Browser, document: Document, folder: Path) -> None:
    path = folder / "r.html"
    path.write_text(html_document(document), encoding="utf-8")
    browser.open(path)


def test_no_script_of_a_user_runs(browser: Browser, tmp_path: Path) -> None:
    _load(browser, _evil(), tmp_path)
    assert browser.ask("document.title") == EVIL
    page = html_document(Document("calm", "", ())).replace("<main>", f"<main>{EVIL}")
    (tmp_path / "raw.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "raw.html")
    assert browser.ask("document.title") == "calm"  # the page's own policy forbids it


def test_it_fits_a_telephone_sorts_and_unfolds(
    browser: Browser, report: Report, tmp_path: Path
) -> None:
    theorem = replace(report.theorem, title="A title")
    theorem1 = checked("theorem1")
    for document in (
        check_document(replace(report, theorem=theorem)),
        check_document(theorem1),
        appendix_document(theorem1),
    ):
        _load(browser, document, tmp_path)
        browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.ask("document.documentElement.scrollWidth") <= 360
        assert browser.ask("document.querySelectorAll('math').length") > 5


def test_a_column_sorts_by_numbers_and_back(browser: Browser, tmp_path: Path) -> None:
    rows = tuple(((word,), (value,)) for word, value in (("b", "10"), ("a", "9"), ("c", "-1")))
    _load(browser, Document("t", "", (Grid(("name", "value"), rows),)), tmp_path)
    column = "[...document.querySelectorAll('tbody td:nth-child(2)')].map(c => c.textContent)"
    click = "document.querySelectorAll('th button')[1].click()"
    browser.ask(click)
    assert browser.ask(column) == ["-1", "9", "10"]
    assert browser.ask("document.querySelectorAll('th')[1].ariaSort") == "ascending"
    browser.ask(click)
    assert browser.ask(column) == ["10", "9", "-1"]


@pytest.mark.parametrize(
    "order", [(("1/3 ≈ 0.333333"), "2", "17/9"), ("1/3", "1/2 = 0.5", "2/3 ≈ 0.666667")]
)
def test_exact_numbers_sort_by_their_values(
    browser: Browser, tmp_path: Path, order: tuple[str, ...]
) -> None:
    rows = tuple(((value,),) for value in order)
    _load(browser, Document("t", "", (Grid(("value",), rows),)), tmp_path)
    browser.ask("document.querySelectorAll('th button')[0].click()")
    column = browser.ask("[...document.querySelectorAll('tbody td')].map(c => c.textContent)")
    assert column == sorted(order, key=lambda cell: Fraction(cell.split()[0]))


def test_the_picture_of_a_landscape_is_inline(browser: Browser, tmp_path: Path) -> None:
    found = landscape(2, 4, Fraction(1, 2))
    document = landscape_document(found)
    _load(browser, document, tmp_path)
    marks = [part for part in found.stationary if part.rho is not None]
    assert browser.ask("document.querySelectorAll('svg .mark').length") == len(marks)
    assert browser.ask("document.querySelector('svg').getBoundingClientRect().width") <= 360
