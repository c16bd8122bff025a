"""Where work is done, as options say it: here, on processes, on a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from verifier.commands.arguments import natural
from verifier.render.streams import Progress, duration
from verifier.work.engine import Engine, local, processors

MAX_JOBS = 256
_BAR = 30


def add_engine_arguments(parser: argparse._ActionsContainer, standard: str) -> None:
    """--jobs and --scheduler."""
    parser.add_argument("--jobs", metavar="K", help=f"processes (default {standard})")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a dask.distributed scheduler: tcp://host:port"
    )


def jobs_of(arguments: argparse.Namespace, standard: int | None = None) -> int:
    """How many processes were asked for; one for each processor if no ``standard`` is given."""
    if arguments.jobs is None:
        return processors() if standard is None else standard
    jobs = natural(arguments.jobs, "--jobs", 1)
    if jobs > MAX_JOBS:
        raise ValueError(f"--jobs: at most {MAX_JOBS} processes, not {jobs}")
    return jobs


def cluster_engine(arguments: argparse.Namespace) -> Engine | None:
    """The cluster that was asked for, found to answer; None where there is no address."""
    if arguments.scheduler is None:
        return None
    if arguments.jobs is not None:
        raise ValueError("--jobs is for local processes; a scheduler has its own workers")
    from verifier.work.cluster import Cluster

    cluster = Cluster(arguments.scheduler)
    # Found out before the work, not after.
    cluster.connected().close()
    return cluster


def engine_for(arguments: argparse.Namespace, count: int, worth: int) -> Engine:
    """The cluster, or processes: as many as asked for, by default one for each processor where
    there are at least ``worth`` pieces.
    """
    jobs = jobs_of(arguments)
    cluster = cluster_engine(arguments)
    return cluster or local(jobs, count, 2 if arguments.jobs is not None else worth)


def bar(progress: Progress, what: str) -> Callable[[int, int, float | None], None]:
    """A bar with the time that is left; ``what`` is what is counted."""

    def show(done: int, total: int, seconds: float | None) -> None:
        full = _BAR * done // total
        left = "" if seconds is None else f", {duration(seconds)} left"
        progress(f"[{'#' * full}{'-' * (_BAR - full)}] {done} of {total} {what}{left}")

    return show
