"""Long-term memory for voice and LLM agents, in the agent's own process.

>>> import remanence
>>> memory = remanence.open().memory("acme/user/4321")
>>> memory.add("My dog's name is Potola").id
'm1'
>>> memory.search("what's my dog called?")[0].text
"My dog's name is Potola"
"""

from __future__ import annotations

import os
from collections.abc import Callable

from numpy.typing import ArrayLike

from remanence.config import Config, Quota
from remanence.core.forgetting import Curve
from remanence.engine.memory import Memory
from remanence.engine.reembed import reembed
from remanence.engine.store import Store
from remanence.errors import RemanenceError
from remanence.lineage import Lineage, Why
from remanence.ports import Analyzer, BackgroundExtractor, Clock, Embedder, Extractor, Reranker, TokenCounter, Turn
from remanence.records import Stated
from remanence.types import Context, Entry, Fact, Hit, Hits, Item, Position, Receipt, Stats, Upkeep, Value

__version__ = "0.1.0"

__all__ = [
    "Analyzer",
    "BackgroundExtractor",
    "Clock",
    "Config",
    "Context",
    "Curve",
    "Embedder",
    "Entry",
    "Extractor",
    "Fact",
    "Hit",
    "Hits",
    "Item",
    "Lineage",
    "Memory",
    "Position",
    "Quota",
    "Receipt",
    "RemanenceError",
    "Reranker",
    "Stated",
    "Stats",
    "Store",
    "TokenCounter",
    "Turn",
    "Upkeep",
    "Value",
    "Why",
    "__version__",
    "open",
    "reembed",
]


def open(
    path: str | os.PathLike[str] | None = None,
    *,
    config: Config | None = None,
    embedder: Embedder | Callable[[str], ArrayLike] | None = None,
    analyzer: Analyzer | None = None,
    reranker: Reranker | None = None,
    extractor: Extractor | None = None,
    background_extractor: BackgroundExtractor | None = None,
    curve: Curve | None = None,
    clock: Clock | None = None,
) -> Store:
    """Open a store, or make one.

    Args:
        path: its file; left out: everything is kept in RAM and gone when the program ends.
        config: how it behaves.
        embedder: text to vector, an `Embedder` or any function of a text; left out: the shipped one.
        analyzer: text to index terms; left out: the shipped one.
        reranker: looks at the best hits again where a reading is given `max_latency_ms`; left out: nothing does.
        extractor: tells which facts a turn states; left out: the shipped rules for casual English, unless
            `Config.facts` is off.
        curve: what a memory is worth where one has to go; left out: its expected use over the next 30 days.
        background_extractor: the same, too slow for writing: it reads turns in `Store.upkeep`; left out: nothing does.
        clock: gives ns since the epoch; left out: the system's.

    Raises:
        EmbedderMismatch: the store was written with another embedder or analyzer; see `reembed`.
        NotAStore, NewerFormat, Damaged, ReadOnly: the file was not touched.

    Cost: a few milliseconds, whatever the store holds; a namespace is loaded on first use.
    """
    return Store(
        path,
        config=config,
        embedder=embedder,
        analyzer=analyzer,
        reranker=reranker,
        extractor=extractor,
        curve=curve,
        background_extractor=background_extractor,
        clock=clock,
    )
