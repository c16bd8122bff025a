"""The documentation has every page, links that lead somewhere, and what was checked."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from docs.site.build import (
    BESIDE,
    ROOT,
    api,
    chapters,
    idea_of,
    lay_out,
    theorem_page,
    without_code_links,
)
from docs.site.figures import FIGURES, svg, values
from verifier import check, find, theorems
from verifier.render.html import fragment
from verifier.reports.gallery import gallery_blocks, idea_blocks
from verifier.theorem.verdict import Verdict


def test_each_page_is_in_one_chapter(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "docs" / "new.md").touch()
    pages = [page for pages in chapters(tmp_path).values() for page in pages]
    assert len(pages) == len(set(pages))
    written = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")} | {"docs/new"}
    written |= {name.removesuffix(".md") for name in BESIDE if name.endswith(".md")}
    written = {page for page in written if (tmp_path / f"{page}.md").exists()}
    assert set(pages) - written - {"index"} == {"api", "gallery/index", "docs/notebook"}
    assert written <= set(pages)


def test_only_links_to_code_lose_their_target(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "prove.md").touch()
    text = (
        "[a](prove.md) [b](../setup.cfg) [c](prove.md#x) [d](#x) [e](nowhere.md) [f](https://x.y)"
    )
    shown = without_code_links(text, Path("docs/tutorial.md"), tmp_path)
    assert shown == text.replace("[b](../setup.cfg)", "b")


def test_pages_are_laid_out_without_what_makes_them(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert not list(tmp_path.rglob("build.py"))
    front = (tmp_path / "index.md").read_text(encoding="utf-8")
    assert re.search(r"^docs/tutorial$", front, re.MULTILINE)
    assert "autofunction:: verifier.check" in api()


@pytest.mark.parametrize("name", ["von-oswald-construction", "length-and-shift"])
def test_a_page_has_each_claim_with_source_and_verdict_and_how_to_run_it(name: str) -> None:
    report = check(name, numerical=False)
    page = fragment(gallery_blocks(report, idea_of(name)))
    for claim in report.claims:
        head = re.search(
            rf"<summary>([^\n]*)\({claim.claim.id}\)</summary>\n(.*?)</details>", page, re.DOTALL
        )
        assert head is not None, claim.claim.id
        assert claim.verdict.value in head[1]
        if claim.statement is not None:
            assert "<math" in head[2]
    assert page.count("✓ proved: ") == len(report.claims) + 1
    assert f"python -m verifier check {name}\n" in page
    assert all(word in page for word in ("<h2>Idea", "<h2>Results", "<h2>Claims", "<h2>Run it"))


def test_a_claim_that_is_not_proved_does_not_look_proved() -> None:
    report = check("length-and-shift", numerical=False)
    first, *rest = report.claims
    shown = replace(report, claims=(replace(first, verdict=Verdict.UNDECIDED), *rest))
    page = fragment(gallery_blocks(shown, ""))
    assert page.count("? undecided: ") == 1
    assert page.count("✓ proved: ") == len(rest) + 1
    assert "<h2>Idea" not in page


def test_every_theorem_has_an_idea() -> None:
    for name in theorems():
        assert len(idea_of(name)) > 80, name


def test_an_idea_keeps_its_displayed_lines() -> None:
    text = "One ``idea`` over\ntwo lines.\n\n    L = L* + squares\n\nThe end."
    shown = fragment(idea_blocks(text))
    assert shown.count("<p>") == 2
    assert ">L = L* + squares</pre>" in shown


def test_a_row_counts_what_is_proved() -> None:
    text, row = theorem_page("low-rank-heads")
    count = len(find("low-rank-heads").claims)
    assert f"{count} of {count}" in row
    assert text.startswith(f"# {find('low-rank-heads').title}\n")
    assert text.count("````{raw} html") * 2 == text.count("````")


def test_a_figure_shows_the_numbers_of_the_claims() -> None:
    """The layer for 20 examples equals the prediction 0 at n = 2 m + tau = 47, by another route."""
    report = check("length-and-shift", numerical=False)
    figure = FIGURES["length-and-shift"]
    plain, mean, zero = (values(report, figure, curve) for curve in figure.curves)
    assert plain(47) == pytest.approx(zero(47)) == 6
    assert plain(46) < 6 < plain(48)
    for n in (1, 20, 80):
        rate = Fraction(1, 27)
        loss = 6 - 2 * n * 5 * rate + rate**2 * n * 5 * (n + 7)
        assert plain(n) == pytest.approx(float(loss))
        assert mean(n) == pytest.approx(
            float(6 - 10 * 20 * rate + 5 * (20 * rate) ** 2 * (1 + Fraction(7, n)))
        )
    assert re.match(r"<svg role=.img. aria-label=.A layer trained on 20", svg(report))


def test_figures_are_of_claims_and_results_that_exist() -> None:
    for name, figure in FIGURES.items():
        claims = {claim.id for claim in find(name).claims}
        for curve in figure.curves:
            sides = {where[0] for where in curve.parts.values() if len(where) > 1}
            assert sides <= claims, name
        assert len(figure.curves) <= 4


@pytest.mark.deep
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_drawn(name: str) -> None:
    assert svg(check(name, numerical=False)).startswith("<svg")


@pytest.mark.deep
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    from docs.site.build import main

    assert main([str(tmp_path)]) == 0
    assert (tmp_path / "html" / "gallery" / "theorem1.html").exists()
