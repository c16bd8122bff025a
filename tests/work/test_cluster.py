"""Every command that has pieces of work gives them to a real scheduler with two workers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.__main__ import main

CELL = "--d 1 --n 3 --noise 1 --starts 60 --scales 0.3"
COMMANDS = (
    f"landscape {CELL} --basins",
    f"landscape {CELL} --training",
    "explore SETTING --samples 32000 --starts 2 --basins 60",
    "phase-diagram --d 2 --n 1:30 --noise 0:1:3",
    "price --dims 2 --n 1:4",
)


def test_on_a_cluster_all_say_what_they_say_here(capsys, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    path = tmp_path / "mine.toml"
    path.write_text("[prompt]\ndimension = 2\ncontext_length = 5\n")

    def said(words: str, *more: str) -> str:
        assert main([*words.replace("SETTING", str(path)).split(), *more]) == 0
        return re.sub(r"[\d.]+\s+s\b", "", capsys.readouterr().out)

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        for words in COMMANDS:
            assert said(words, "--scheduler", cluster.scheduler_address) == said(words)
