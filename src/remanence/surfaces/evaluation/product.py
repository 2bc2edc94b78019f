"""The product as a system under test: a fresh store in RAM for each conversation, public calls only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import remanence
from remanence.engine.memory import Memory
from remanence.engine.store import Store
from remanence.surfaces.datasets import Turn
from remanence.surfaces.evaluation.metrics import token_count
from remanence.surfaces.evaluation.systems import Passage, Ranking
from remanence.surfaces.storing import store_turn


class Product:
    """Remanence through `add`, `search` and `context`.

    Args:
        open_store: makes an empty store; `remanence.open` by default.
    """

    name = "remanence"

    def __init__(self, open_store: Callable[[], Store] | None = None) -> None:
        self._open = open_store or remanence.open
        self._store: Store | None = None
        self._memory: Memory | None = None

    def index(self, turns: Sequence[Turn]) -> None:
        self.close()
        self._store = self._open()
        self._memory = self._store.memory("evaluation")
        for turn in turns:
            store_turn(self._memory, turn)

    def rank(self, question: str, k: int) -> Ranking:
        hits = self._held().search(question, k=k)
        return Ranking(tuple(hit.id for hit in hits), hits.confidence)

    def context(self, question: str, budget_tokens: int, *, own_counter: bool) -> Passage:
        counter = None if own_counter else token_count
        context = self._held().context(question, budget_tokens=budget_tokens, counter=counter)
        return Passage(context.text, context.tokens, context.confidence)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = self._memory = None

    def _held(self) -> Memory:
        if self._memory is None:
            raise RuntimeError("nothing indexed yet: call index() before asking")
        return self._memory
