"""Run one function on many items, and hand over each result as soon as it is there.

An `Engine` says where: in this process, on local processes, or on a cluster
(``work.cluster``). The function is known by its module and name, so that other processes and
machines find it; items and results are plain data. Items travel in chunks.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Keep = Callable[[int, Any], None]


class Engine(Protocol):
    """Where work is done."""

    def run(
        self, function: Callable[[Any], Any], items: Sequence[Any], keep: Keep, chunk: int = 1
    ) -> None:
        """Call ``keep(index, function(items[index]))`` for every item, in any order.

        An exception, KeyboardInterrupt included, ends it; what was kept before stays kept.
        """


@dataclass(frozen=True, slots=True)
class Serial:
    """One item after another in this process."""

    def run(
        self, function: Callable[[Any], Any], items: Sequence[Any], keep: Keep, chunk: int = 1
    ) -> None:
        """See ``Engine``."""
        for index, item in enumerate(items):
            keep(index, function(item))


@dataclass(frozen=True, slots=True)
class Processes:
    """``jobs`` fresh processes on this machine, the same on every system."""

    jobs: int

    def run(
        self, function: Callable[[Any], Any], items: Sequence[Any], keep: Keep, chunk: int = 1
    ) -> None:
        """See ``Engine``. Few chunks are under way at a time, so an interruption loses little."""
        starts = iter(range(0, len(items), chunk))
        with _pool(self.jobs) as pool:
            running: dict[Future[list[Any]], int] = {}
            while True:
                while len(running) < 2 * self.jobs and (start := next(starts, None)) is not None:
                    part = list(items[start : start + chunk])
                    with _without_interrupts():
                        running[pool.submit(apply, function, part)] = start
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    start = running.pop(future)
                    for offset, result in enumerate(future.result()):
                        keep(start + offset, result)


def apply(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The function of each item of a chunk."""
    return [function(item) for item in items]


def local(jobs: int, count: int, worth: int = 2) -> Engine:
    """Processes where there are several jobs and at least ``worth`` items, else this process."""
    return Processes(jobs) if jobs > 1 and count >= worth else Serial()


def processors() -> int:
    """How many processes this one may run at a time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """On an error what waits is given up."""
    pool = ProcessPoolExecutor(jobs, get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: processes started meanwhile never see it, this one does."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
