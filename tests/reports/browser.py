"""A headless Chromium, driven over its debugging pipe with the standard library alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "chromium is not installed (Debian: apt-get install chromium)"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


class Browser:
    """One page. ``ask`` evaluates an expression in it and returns its JSON value."""

    def __init__(self, width: int, height: int) -> None:
        assert CHROMIUM is not None
        # Processes that the browser has left behind may still write to its profile.
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours, theirs = os.pipe(), os.pipe()
        self.count = 0
        self.rest = b""

        def pipes() -> None:
            os.dup2(ours[0], 3)
            os.dup2(theirs[1], 4)

        profile = f"--user-data-dir={self.folder.name}"
        size = f"--window-size={width},{height}"
        high = max(*ours, *theirs)
        assert high > 4  # so that dup2 overwrites no end that is still needed
        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, profile, size, "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=pipes,
            close_fds=True,
            pass_fds=(3, 4),
        )
        os.close(ours[0])
        os.close(theirs[1])
        self.out, self.back = ours[1], theirs[0]
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page, flatten=True)
        self.session = attached["sessionId"]
        self.call("Emulation.setDeviceMetricsOverride", **metrics(width, height))

    session = ""

    def call(self, method: str, **parameters: object) -> Any:
        """One command of the protocol; its result."""
        self.count += 1
        message: dict[str, object] = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 16)
            assert more, "the browser went away"
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    def open(self, path: Path) -> None:
        """Load a file and wait until it is there."""
        self.call("Page.enable")
        self.call("Page.navigate", url=path.as_uri())
        while True:
            answer = self._next()
            if answer.get("method") == "Page.loadEventFired":
                return

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        self.process.wait(timeout=20)
        os.close(self.out)
        os.close(self.back)
        self.folder.cleanup()


def metrics(width: int, height: int) -> dict[str, object]:
    """A screen of this size."""
    return {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
