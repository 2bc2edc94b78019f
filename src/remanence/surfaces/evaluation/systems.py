"""What is measured: anything that takes turns and ranks them. And the product, seen that way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from remanence.surfaces.datasets import Turn


class Ranking(msgspec.Struct, frozen=True):
    """Ids, best first, and how sure the system is that the answer is among them."""

    ids: tuple[str, ...]
    confidence: float


class Passage(msgspec.Struct, frozen=True):
    """What a system would paste into a prompt, its size by the counter that was asked for."""

    text: str
    tokens: int
    confidence: float


class System(Protocol):
    """A memory under test; `index` forgets what was indexed before."""

    name: str

    def index(self, turns: Sequence[Turn]) -> None:
        """Take the turns of one conversation, in order."""
        ...

    def rank(self, question: str, k: int) -> Ranking:
        """Return at most k ids."""
        ...

    def context(self, question: str, budget_tokens: int, *, own_counter: bool) -> Passage:
        """Return what fits a budget, counted by the yardstick or by the system's own counter."""
        ...

    def close(self) -> None:
        """Let go of what was indexed."""
        ...
