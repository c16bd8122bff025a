"""The paper cites claims that exist, prints formulas that were checked, and says so when not."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from docs.paper.build import complaints
from docs.paper.formulas import EQUAL, Formulas, PaperError, number, statement_part
from docs.paper.generate import (
    HERE,
    ROOT,
    Letters,
    attacks,
    bibliography,
    checked,
    cited,
    two_steps_table,
)
from verifier import check, find

SOURCE = (HERE / "paper.tex").read_text(encoding="utf-8")


def test_every_claim_that_the_paper_cites_is_one_of_the_registry() -> None:
    for theorem, claims in cited(SOURCE).items():
        known = [claim.id for claim in find(theorem).claims if not claim.numerical]
        assert set(claims) <= set(known), theorem


@pytest.mark.parametrize("claim", ["no-such-claim", "gd-step, no-such-claim", "training"])
def test_a_citation_of_what_is_not_proved_is_refused(claim: str) -> None:
    """`training` is a claim that numbers alone can support."""
    with pytest.raises(PaperError, match=claim.rpartition(" ")[2]):
        checked(rf"as is known \by{{von-oswald-construction}}{{{claim}}}.")


def test_a_formula_is_printed_only_if_it_is_the_checked_one() -> None:
    formulas = Formulas({"low-rank-heads": check("low-rank-heads", numerical=False)})
    truth = formulas.checked("low-rank-heads", "minimum_loss")
    formulas.equal("etaOne", "1/(n + d + 1 + sigma2)", number("1/(d + n + sigma2 + 1)"), "eta")
    formulas.equal("lossRank", "sigma2 + d - H*r*n*eta", truth)
    assert formulas.macros["lossRank"] == r"\sigma^2 + d - H\,r\,n\,\eta"
    # eta stays a letter and is compared by what it stands for.
    formulas.equal("again", "sigma2 + d - H*r*n/(n + d + 1 + sigma2)", truth)
    for wrong in ("sigma2 + d - H*r*n/(n + d + sigma2)", "sigma2 + d + H*r*n*eta", "sigma2 + d"):
        with pytest.raises(PaperError, match="lossRank"):
            formulas.equal("lossRank", wrong, truth)


def test_a_lemma_without_a_letter_gets_one_and_none_is_left_out() -> None:
    report = check("length-and-shift", numerical=False)
    first, *rest = report.claims
    odd = replace(first, rests_on=(*first.rests_on, "a lemma of a new kind", "another one"))
    letters = Letters(
        {"length-and-shift": replace(report, claims=(odd, *rest))},
        {"length-and-shift": [one.claim.id for one in report.claims]},
    )
    assert len(set(letters.of.values())) == len(letters.of)
    assert all(f"{letter}}}~" in letters.key() for letter in letters.after(odd))
    assert len(letters.after(odd)) == len(odd.rests_on)
    assert "a lemma of a new kind" in letters.key()


def test_a_part_of_a_statement_is_the_one_asked_for() -> None:
    report = check("length-and-shift", numerical=False)
    right = statement_part(report, "against-zero", "right")
    assert number(right) - number("n*d*(2*m + tau - n)/(m + tau)^2") == 0
    assert statement_part(report, "floor", "left") != statement_part(report, "floor", "right")


def test_each_macro_of_the_table_of_formulas_is_used_in_the_text() -> None:
    for macro, *_ in EQUAL:
        assert re.search(rf"\\{macro}\b", SOURCE), macro


def test_works_are_sorted_by_author_and_all_known() -> None:
    text = bibliography(SOURCE)
    keys = re.findall(r"\\bibitem\{(\w+)\}", text)
    named = {
        k.strip() for group in re.findall(r"\\cite\{([^}]*)\}", SOURCE) for k in group.split(",")
    }
    assert set(keys) == named
    assert keys.index("ahn2023") < keys.index("mahankali2023") < keys.index("zhang2024")


def test_attacks_are_read_off_the_table_of_measurements() -> None:
    page = (ROOT / "docs" / "soundness.md").read_text(encoding="utf-8")
    found = attacks(page)
    assert found["attackFiles"] == r"20\,000"
    row = next(line for line in page.splitlines() if "steps in changed contexts" in line)
    assert found["attackContexts"].replace(r"\,", ",") in row
    with pytest.raises(PaperError, match="steps in changed contexts"):
        attacks(page.replace("steps in changed contexts", "steps"))


def test_a_line_that_sticks_out_or_leads_nowhere_is_a_complaint() -> None:
    log = (
        "Underfull \\hbox (badness 1000) in paragraph\n"
        "Overfull \\hbox (2.1pt too wide) in paragraph at lines 3--4\n"
        "LaTeX Warning: Reference `x' on page 1 undefined on input line 7.\n"
        "LaTeX Warning: Label(s) may have changed.\n"
    )
    assert [line.split()[0] for line in complaints(log)] == ["Overfull", "LaTeX"]


@pytest.mark.deep
def test_the_paper_is_built(tmp_path: Path) -> None:
    from docs.paper.build import main

    assert main([str(tmp_path)]) == 0
    assert (tmp_path / "paper.pdf").stat().st_size > 100_000


@pytest.mark.deep
def test_the_table_of_two_steps_is_that_of_the_formulas() -> None:
    table = two_steps_table(check("two-steps", numerical=False))
    assert "1.33333 & 0.82628" in table  # mathematics by another route: benchmarks of two steps
    assert table.count("not real") == 1
