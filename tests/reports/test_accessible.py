"""axe, a checker of accessibility, finds nothing in any kind of report, by day and by night."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
from browser import CHROMIUM, MISSING, Browser
from toys import TOY

from verifier.explore.answer import ExploreOptions
from verifier.explore.exploration import explore
from verifier.grid.axes import SettingGrid, read_axis
from verifier.grid.run import fill_rows
from verifier.numeric.montecarlo import BATCHES, SMALLEST_BATCH
from verifier.render.document import Document, Grid
from verifier.render.html import html_document
from verifier.reports.appendix import appendix_document
from verifier.reports.check_document import check_document
from verifier.reports.derivation import derivation_document
from verifier.reports.explore_document import exploration_document
from verifier.reports.landscape_document import landscape_document
from verifier.reports.sweep_document import sweep_document
from verifier.setting.setting_file import parse_setting
from verifier.stationary.stationary_points import landscape
from verifier.theorem.theorem import Report, check_theorem
from verifier.work.engine import Serial

SETTING = "[prompt]\ndimension = 2\ncontext_length = 5\n"
FOUND = (
    "axe.run(document, {rules}).then(r => JSON.stringify("
    "r.violations.map(v => [v.id, v.impact, v.nodes[0].html.slice(0, 200)])))"
)


@cache
def _toy(**claimed: str) -> Report:
    return check_theorem(TOY, claimed=claimed)


def _exploration() -> Document:
    setting = parse_setting(f"{SETTING}[covariates]\ncovariance = [1, 2]\n".encode())
    options = ExploreOptions(samples=BATCHES * SMALLEST_BATCH, starts=2, seed=1)
    return exploration_document(explore(setting, options), "pair.toml")


def _sweep() -> Document:
    grid = SettingGrid(tomllib.loads(SETTING), (read_axis("noise.variance=0:4:5"),))
    rows: dict[int, dict[str, object]] = {}
    fill_rows(grid, rows, Serial(), 0, None)
    return sweep_document(grid, rows, "mine.toml", 0)


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "check": lambda: check_document(_toy(learning_rate="1/(2 + sigma2)")),
    "appendix": lambda: appendix_document(_toy()),
    "derivation": lambda: derivation_document(_toy()),
    "exploration": _exploration,
    "landscape": lambda: landscape_document(landscape(2, 4, Fraction(1, 2))),
    "sweep": _sweep,
}


@pytest.fixture(scope="module")
def axe() -> str:
    package = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
    return (resources.files(package) / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(MISSING)
    found = Browser(360, 800)
    found.call("Page.enable")
    found.call("Page.setBypassCSP", enabled=True)  # the page's policy lets no other script run
    yield found
    found.close()


def violations(browser: Browser, axe: str, page: str, folder: Path, scheme: str) -> list[str]:
    """What axe says of a page, everything unfolded; by night only colours differ."""
    wanted = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.call("Emulation.setEmulatedMedia", features=wanted)
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    browser.open(path)
    browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    browser.ask(f"{axe};0")
    rules = "{}" if scheme == "light" else "{runOnly: ['color-contrast']}"
    asked = FOUND.replace("{rules}", rules)
    answer = browser.call(
        "Runtime.evaluate", expression=asked, awaitPromise=True, returnByValue=True
    )
    assert "exceptionDetails" not in answer, answer
    found: list[str] = json.loads(answer["result"]["value"])
    return found


KINDS = [
    pytest.param(kind, marks=[pytest.mark.deep] if kind == "derivation" else [])
    for kind in DOCUMENTS
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_accessible(browser: Browser, axe: str, tmp_path: Path, kind: str) -> None:
    page = html_document(DOCUMENTS[kind]())
    for scheme in ("light", "dark"):
        assert violations(browser, axe, page, tmp_path, scheme) == []


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ('<html lang="en">', "<html>", "html-has-lang"),
        ("--ink:#1b1b1b", "--ink:#999", "color-contrast"),
        (' aria-label="ρ"', "", "button-name"),
        ("<h1>", "<h4>", "page-has-heading-one"),
    ],
)
def test_axe_notices_what_is_not(
    browser: Browser, axe: str, tmp_path: Path, right: str, wrong: str, rule: str
) -> None:
    page = html_document(Document("Some words", "A source", (Grid(("rho",), ((("1",),),)),)))
    assert right in page
    found = violations(browser, axe, page.replace(right, wrong), tmp_path, "light")
    assert rule in {one[0] for one in found}
