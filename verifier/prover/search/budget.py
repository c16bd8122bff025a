"""How much a search may try: counted, so that a run is the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]


class BudgetSpent(Exception):
    """A search has tried as many products as it may."""


class Budget:
    """Counts the products that are tried, and says now and then how far a search is."""

    STEP = 2_000

    def __init__(self, products: int = 200_000, progress: Progress | None = None) -> None:
        self.left, self.tried, self.progress = products, 0, progress
        self.doing = ""

    def spend(self, products: int = 1) -> None:
        """Count products; BudgetSpent when there are no more."""
        before = self.tried // self.STEP
        self.tried += products
        self.left -= products
        if self.left < 0:
            raise BudgetSpent(f"{self.tried} products tried: {self.doing}")
        if self.tried // self.STEP > before:
            self.say(f"{self.doing}: {self.tried} products tried")

    def allow(self, products: int) -> None:
        """Let no fewer than so many products be tried from now on."""
        self.left = max(self.left, products)

    def start(self, doing: str) -> None:
        """Say what is tried from now on."""
        self.doing = doing
        self.say(doing)

    def say(self, text: str) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress(text)
