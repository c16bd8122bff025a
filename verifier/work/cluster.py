"""Work on a dask.distributed cluster, found by the address of its scheduler.

The package is the extra ``cluster`` and is imported when a cluster is asked for. A worker that dies
loses nothing: the scheduler gives its chunks to others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from verifier.work.engine import Keep, apply

SECONDS = 10.0
# How often a chunk may be lost with its worker before that is an error.
_RETRIES = 5


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster whose scheduler listens at ``address``, such as tcp://127.0.0.1:8786."""

    address: str
    seconds: float = SECONDS

    def run(
        self, function: Callable[[Any], Any], items: Sequence[Any], keep: Keep, chunk: int = 1
    ) -> None:
        """See ``Engine``. ``ValueError`` in one line where no scheduler answers or work is lost."""
        from distributed import KilledWorker, as_completed

        client = self.connected()
        try:
            starts = range(0, len(items), chunk)
            parts = [list(items[start : start + chunk]) for start in starts]
            work = partial(apply, function)
            futures = client.map(work, parts, pure=False, retries=_RETRIES)
            place = dict(zip((f.key for f in futures), starts, strict=True))
            # The loop is named, for no client is made the default of the process.
            for future in as_completed(futures, loop=client.loop):
                for offset, result in enumerate(future.result()):
                    keep(place[future.key] + offset, result)
                future.release()
        except KilledWorker:
            raise ValueError(
                f"--scheduler: workers of {self.address} died again and again"
            ) from None
        finally:
            client.close(self.seconds)

    def connected(self) -> Any:
        """A client of the scheduler; ``ValueError`` in one line where none answers."""
        if find_spec("distributed") is None:
            raise ValueError("--scheduler needs the extra 'cluster': pip install '.[cluster]'")
        from distributed import Client

        try:
            return Client(self.address, timeout=self.seconds, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())[:120]
            raise ValueError(
                f"--scheduler: nothing answers at {self.address[:80]} within {self.seconds:g} s"
                f"{f' ({reason})' if reason else ''}"
            ) from None
