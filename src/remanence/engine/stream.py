"""One stream of a namespace as its user sees it: entries appended, read by range, and followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from remanence.engine.events import decoded
from remanence.engine.following import checked_timeout, following
from remanence.engine.history import Past
from remanence.engine.ingest import Draft, json_of, key_of, nanoseconds
from remanence.engine.namespace import Namespace
from remanence.errors import InvalidInput
from remanence.records import Streamed
from remanence.types import Entry, Receipt

When = int | datetime | str
_BATCH = 256  # entries read from the log at once


class Entries:
    """A sequence of JSON values under a name, to be read.

    Attributes:
        name: its name within the namespace.
    """

    def __init__(self, live: Callable[[], Namespace | Past], name: str) -> None:
        self.name = key_of("stream", name)
        self._live = live

    def read(self, since: When = 0, until: When | None = None, *, limit: int | None = None) -> Iterator[Entry]:
        """Yield entries in order, oldest first: the stream as it is at the time of the call.

        Args:
            since: a number: the entries after it; a time: those from then on.
            until: a number: up to and with it; a time: those before it; left out: all.
            limit: how many at most.

        Cost: about 15 µs an entry where entries follow each other in the log, 30 µs where they do not.
        """
        namespace = self._live()
        if limit is not None and (type(limit) is not int or limit < 0):
            raise InvalidInput(f"limit is {limit!r}; give a number of entries")
        with namespace.lock:
            length = namespace.state().streams.length(self.name)
            after = self._number(namespace, "since", since)
            last = length if until is None else min(self._number(namespace, "until", until), length)
        if limit is not None:
            last = min(last, after + limit)
        return self._entries(namespace, after, last)

    def __len__(self) -> int:
        namespace = self._live()
        with namespace.lock:
            return namespace.state().streams.length(self.name)

    def __iter__(self) -> Iterator[Entry]:
        return self.read()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _number(self, namespace: Namespace | Past, what: str, when: When) -> int:
        """Return how many entries come before what `when` says."""
        if isinstance(when, datetime | str):
            return namespace.state().streams.before(self.name, nanoseconds(when))
        if type(when) is not int or when < 0:
            raise InvalidInput(f"{what} is {when!r}; give the number of an entry, or a time")
        return when

    def _entries(self, namespace: Namespace | Past, after: int, last: int) -> Iterator[Entry]:
        while after < last:
            upto = min(last, after + _BATCH)
            with namespace.lock:
                streams = namespace.state().streams
                seqs = [streams.record_of(self.name, number) for number in range(after + 1, upto + 1)]
            for first, end in _runs(seqs):
                for record in namespace.records(first, end):
                    event = decoded(record)
                    assert isinstance(event, Streamed)
                    after += 1
                    yield Entry(
                        stream=self.name,
                        number=after,
                        value=msgspec.json.decode(event.value),
                        seq=record.seq,
                        at_ns=record.at_ns,
                        recorded_ns=record.recorded_ns,
                    )


class Stream(Entries):
    """An append-only sequence of JSON values under a name; it need not exist yet. May be used from several threads."""

    def __init__(self, live: Callable[[], Namespace], name: str) -> None:
        super().__init__(live, name)
        self._writing = live

    def append(self, value: Any, *, at: datetime | str | None = None, durable: bool = False) -> Receipt:
        """Add one entry at the end.

        Args:
            value: what JSON can hold.
            at: when it happened, a datetime or ISO 8601, naive means UTC; left out: now.
            durable: return only when it is on the disk.

        Returns:
            A receipt whose id is the stream's name, a slash and the entry's number.

        Cost: about 0.1 ms; 0.6 ms and more when durable.
        """
        namespace = self._writing()
        event = Streamed(self.name, json_of("value", value, namespace.around.config))
        return namespace.write([Draft(event, None if at is None else nanoseconds(at))], durable=durable)

    def follow(self, since: When | None = None, *, timeout: float | None = None) -> Iterator[Entry]:
        """Yield entries as they are appended, from any thread or process.

        Args:
            since: as in `read`; left out: only what is appended after the call.
            timeout: stop after so many seconds without an entry; left out: never.

        Cost: a look each 10 ms while it waits.
        """
        timeout = checked_timeout(timeout)
        namespace = self._live()
        with namespace.lock:
            number = len(self) if since is None else self._number(namespace, "since", since)
        return following(self.read, lambda entry: entry.number, number, timeout)


def _runs(seqs: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of numbers that follow each other."""
    breaks = [i for i, (one, other) in enumerate(pairwise(seqs), 1) if other != one + 1]
    for start, end in zip([0, *breaks], [*breaks, len(seqs)], strict=True):
        yield seqs[start], seqs[end - 1]
