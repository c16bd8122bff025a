"""A source that a theorem names is cited as the work that it is."""

import pytest

from verifier import theorems
from verifier.render.bibliography import cited_in, entries


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("heads in Zhang et al. (2025), arXiv:2501.16265", "zhang2025"),
        ("Zhang, Frei, Bartlett (2024), arXiv:2306.09927, Theorem 4.2", "zhang2024"),
        ("cases: Ahn et al. (2023), Zhang et al. (2024)", "zhang2024"),
        ("Zhang, Wu, Bartlett (2024), arXiv:2402.14951", "zhang2024block"),
        ("one head of low rank in Li, Rawat, Oymak (2024)", "li2024"),
    ],
)
def test_works_of_like_named_authors_are_told_apart(text: str, key: str) -> None:
    assert [one for one in cited_in(text) if one.startswith(key[:4])] == [key]


def test_every_number_of_an_archive_that_a_theorem_names_is_that_of_a_work_cited() -> None:
    """A theorem's source may say "arXiv:2501.16265": the work with that number is cited."""
    for theorem in theorems().values():
        for source in (theorem.source, *(claim.source for claim in theorem.claims)):
            cited = " ".join(text for _, text in entries(cited_in(source)))
            for word in source.replace(",", " ").replace(";", " ").split():
                if word.startswith("arXiv:"):
                    assert word in cited, source
