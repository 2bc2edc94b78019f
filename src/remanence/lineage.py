"""What was known when something was said: the values that `Memory.lineage` and `Memory.why` give. All are frozen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from remanence.types import Fact, Item, Position, datetime_of


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """A memory that a reading returned, or what else it found.

    Attributes:
        id: as that of the `Hit`.
        version: the version that was returned.
        score: what it scored then, in [0, 1].
        namespace: where it is; another than the reading's only where several were read at once.
        text: what that version said, as the `Hit` had it; None: gone, erased since or held no more.
        parts: what each signal added to the score; empty unless `Config.trace_detail` is "full".
        kind: "text", "fact", "kv", "stream" or "vector".
        value: the JSON value of a key, an entry or a vector in that version, the object of a fact; None of a text.
    """

    id: str
    version: int
    score: float
    namespace: str
    text: str | None
    parts: dict[str, float] = {}
    kind: str = "text"
    value: Any = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A reading that returned a memory, or a vector.

    Attributes:
        kind: "search", "context" or "search_vector".
        agent: who asked, as given to `Store.memory`; empty where nobody was named.
        query: what was asked; None of a vector, and unless `Config.trace_detail` is "full".
        at_ns: when, ns since the epoch.
        position: the log position it was read at.
        version, score: of the memory, then; both 0 where only a fact it states was given.
        rank: its place among what was returned, 1 for the best; 0 where only a fact it states was given.
    """

    trace_id: str
    kind: str
    agent: str
    query: str | None
    at_ns: int
    position: Position
    version: int
    score: float
    rank: int

    @property
    def at(self) -> datetime:
        return datetime_of(self.at_ns)


class Lineage(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent knew when it said something.

    Attributes:
        trace_id: the reading.
        kind: "search", "context" or "search_vector".
        namespace: the one that asked; of several read at once the first named.
        namespaces: all that were read.
        agent: who asked, as given to `Store.memory`; empty where nobody was named.
        query: what was asked; None of a vector, and unless `Config.trace_detail` is "full".
        k: how many a search asked for; None of a context.
        budget_tokens: what a context was given; None of a search.
        at_ns: when, ns since the epoch.
        position: the log position it was read at; of several namespaces, the first one's.
        confidence: as told then.
        returned: what was given, best first.
        facts: those a context opened with, as they were then.
        answers: what was said from it: the memories whose `trace_id` this is, as they were written.
        used: ids that were said to be of use in it.
    """

    trace_id: str
    kind: str
    namespace: str
    namespaces: tuple[str, ...]
    agent: str
    query: str | None
    k: int | None
    budget_tokens: int | None
    at_ns: int
    position: Position
    confidence: float
    returned: tuple[Recalled, ...]
    facts: tuple[Fact, ...]
    answers: tuple[Item, ...]
    used: tuple[str, ...]

    @property
    def at(self) -> datetime:
        return datetime_of(self.at_ns)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that a memory states, and how it stands now.

    Attributes:
        current: whether it is true now.
        superseded_by: the fact that ended it; None: nothing did, or it was taken back.
    """

    fact: Fact
    current: bool
    superseded_by: Fact | None = None


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the agent that a memory was of use.

    Attributes:
        trace_id: the reading it was of use in; empty where none was named.
        seq: the record of the namespace's log that says so.
        recorded_ns: when that was written, ns since the epoch.
    """

    trace_id: str
    seq: int
    recorded_ns: int


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Where a memory, or a vector, comes from, and what became of it.

    Attributes:
        namespace: where it is.
        versions: all it said, oldest first: by whom, when it was said and when recorded, in which session; none where
            a caller told a fact by itself.
        trace_id: the reading that the latest version was made from, where it is an answer; empty otherwise.
        facts: what the latest version states, and how that stands now.
        readings: those that returned it, the latest ones, oldest first.
        answers: what was said from those readings, and from those it was of use in.
        used: when it was said to be of use.
    """

    id: str
    namespace: str
    versions: tuple[Item, ...]
    trace_id: str
    facts: tuple[Claim, ...]
    readings: tuple[Reading, ...]
    answers: tuple[Item, ...]
    used: tuple[Use, ...]
