"""Each reading of a store gets a number, and what it returned is noted. It must not change, slow or fail a reading."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import count
from secrets import token_hex
from typing import TypeVar

from remanence.core.text import plain
from remanence.engine.history import Past
from remanence.engine.namespace import Namespace
from remanence.log.trace_log import TraceLog
from remanence.log.traces import ENCODER, Trace, mark_of
from remanence.types import Context, Hit, Hits

_MOST = 1 << 62  # an integer that msgpack and SQLite can hold

Found = TypeVar("Found", Hits, Context)


class Tracer:
    """What gives one user of a store the numbers of readings, and notes what they returned.

    Attributes:
        log: where it is noted.
        open: gives a namespace of the store by its name.
    """

    __slots__ = ("_agent", "_clock", "_full", "_next", "_noting", "log", "open")

    def __init__(
        self,
        log: TraceLog,
        open_: Callable[[str], Namespace | Past],
        clock: Callable[[], int],
        number: Callable[[], str],
        agent: str = "",
        noting: bool = True,
    ) -> None:
        self.log = log
        self.open = open_
        self._clock = clock
        self._next = number
        self._agent = agent
        self._noting = noting and log.detail != "off"
        self._full = log.detail == "full"

    def __call__(self) -> str:
        """Return the number of the next reading."""
        return self._next()

    def of(self, agent: str | None) -> Tracer:
        """Return one for an agent."""
        return Tracer(self.log, self.open, self._clock, self._next, plain(str(agent or "")), self._noting)

    def silent(self) -> Tracer:
        """Return one that notes nothing."""
        return Tracer(self.log, self.open, self._clock, self._next, self._agent, False)

    def noted(
        self,
        found: Found,
        query: str | None,
        limit: int,
        namespace: str,
        *,
        several: Sequence[str] = (),
        kinds: Sequence[str] | None = None,
    ) -> Found:
        """Return what a reading found, having noted it.

        Args:
            query: the words of the question; None where it was a vector, which is not kept.
            limit: k of a search, tokens of a context.
            namespace: who asked.
            several: the names of all that were read, where there are several.
            kinds: what was looked among; None: texts.

        Cost: 4 µs, and 0.1 µs a hit.
        """
        if self._noting and self.log.listening:
            try:
                self._note(found, query, limit, namespace, several, _kinds(found, kinds))
            except Exception as error:
                self.log.failed(error)
        return found

    def _note(
        self,
        found: Hits | Context,
        query: str | None,
        limit: int,
        namespace: str,
        several: Sequence[str],
        kinds: tuple[list[str], list[int]] | tuple[()],
    ) -> None:
        hits, facts = (found.hits, found.facts) if isinstance(found, Context) else (found, ())
        position = found.position
        # In the order of the fields of `Kept`; making one would take twice as long.
        body = ENCODER.encode(
            (
                "context" if isinstance(found, Context) else "search" if query is not None else "search_vector",
                self._agent,
                plain(query) if self._full and query is not None else None,
                min(limit, _MOST),
                position.seq,
                bytes.fromhex(position.digest),
                found.confidence,
                [hit.id for hit in hits],
                [hit.version for hit in hits],
                array("f", [hit.score for hit in hits]).tobytes(),
                [hit.weighted for hit in hits] if self._full else (),
                [hit.namespace for hit in hits] if several else (),
                several,
                [(fact.source, fact.relation, fact.recorded_at) for fact in facts],
                *kinds,
            )
        )
        self.log.note(Trace(found.trace_id, self._clock(), namespace, body))


def _kinds(found: Hits | Context, kinds: Sequence[str] | None) -> tuple[list[str], list[int]] | tuple[()]:
    """Return the last fields of `Kept`; nothing where all hits are texts."""
    if kinds is None:
        return ()
    hits: Sequence[Hit] = found.hits if isinstance(found, Context) else found
    named = [hit.kind for hit in hits]
    if all(kind == "text" for kind in named):
        return ()
    marks = [mark_of(hit.text) if hit.kind == "fact" else 0 for hit in hits] if "fact" in named else []
    return named, marks


def numbering() -> Callable[[], str]:
    """Return a function that gives another number of a reading each time, unlike those of any other process."""
    prefix, numbers = token_hex(5), count(1)
    return lambda: f"t{prefix}{next(numbers):x}"
