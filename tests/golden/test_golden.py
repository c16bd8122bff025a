"""What every command prints, in every form, is what was looked at when its file was renewed."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import CASES, EVERY, KEPT, LONGEST, Case
from masking import masked
from screen import shown

FILES = Path(__file__).parent / "files"
RENEW = "python -m pytest tests/golden --renew"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden(
    case: Case,
    renew: bool,
    bench: Path,
    known: Callable[[tuple[str, ...]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if case.name in EVERY:
        known(EVERY[case.name])
    for line in case.before:
        shown(tuple(line.split()), None, monkeypatch)
    texts: dict[str, list[str]] = {}
    for columns in case.widths:
        text = _text(case, columns, bench, monkeypatch)
        texts.setdefault(text, []).append("a pipe" if columns is None else f"{columns} columns")
    head = "".join(f"$ python -m verifier {line}\n" for line in (*case.before, case.line))
    found = head + "".join(f"==== {', '.join(names)}\n{text}" for text, names in texts.items())
    _compare(FILES / f"{case.name}.txt", found, renew)


def _text(case: Case, columns: int | None, bench: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """One run, masked: what it writes to a file, else to the screen; errors; the exit code."""
    result = shown(case.words, columns, monkeypatch)
    out = result.out
    if case.written:
        out = (bench / case.written).read_text(encoding="utf-8")
    parts = [_beginning(masked(out)), masked(result.err), f"==== exit code {result.code}\n"]
    return "".join(parts)


def _beginning(text: str) -> str:
    """A long text cut, with a digest of all of it."""
    if len(text) <= LONGEST:
        return text
    lines = text.splitlines(keepends=True)
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
    return "".join(lines[:KEPT]) + f"==== {len(lines)} lines, digest of all {digest}\n"


def _compare(file: Path, found: str, renew: bool) -> None:
    if renew:
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8", newline="\n")
        return
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    if kept != found:
        lines = (kept.splitlines(keepends=True), found.splitlines(keepends=True))
        difference = "".join(difflib.unified_diff(*lines, f"kept in {file.name}", "printed now"))
        pytest.fail(f"{difference}\nif this is what it should say: {RENEW}", pytrace=False)


def test_every_file_has_its_case(renew: bool) -> None:
    names = {case.name for case in CASES}
    assert len(names) == len(CASES)
    left_over = [file for file in sorted(FILES.iterdir()) if file.stem not in names]
    if renew:
        for file in left_over:
            file.unlink()
    else:
        assert left_over == []
