"""A namespace as it was when its log ended at a record: the same reading calls, over what was known by then.

Rows are only ever added, and what became of one is kept with the record that did it. So the past is the rows
up to a number, with only the changes up to it: nothing is replayed, and nothing read but what keys held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from threading import RLock
from typing import NamedTuple

import numpy as np

from remanence.engine.columns import ALIVE, NAMED, QUESTION
from remanence.engine.ingest import nanoseconds
from remanence.engine.names import Names
from remanence.engine.namespace import Namespace, Surroundings
from remanence.engine.state import LENGTHS_EVERY, NEVER, State
from remanence.engine.worded import Worded
from remanence.errors import Conflict, InvalidInput
from remanence.lineage import Lineage
from remanence.records import Record, Utterance
from remanence.types import Context, Hits, Position

When = datetime | str | Position | Context | Hits | Lineage
_MICROSECOND_NS = 1_000  # what a datetime tells apart: it stands for all of it


class Moment(NamedTuple):
    """A moment of a namespace, on both clocks.

    Attributes:
        position: the last record of its log then.
        now_ns: that time, ns since the epoch: what had expired by then holds nothing.
        valid_ns: the time whose truth is asked for, ns since the epoch.
    """

    position: Position
    now_ns: int
    valid_ns: int


def moment_of(namespace: Namespace, when: When, valid: datetime | str | None = None) -> Moment:
    """Return where the log of a namespace ended at a time, at a position, or when something was read.

    A position is the moment of its record. Between that and a reading, what had a time to live may have expired, and
    facts have begun or ended: a reading knows when it was.

    Raises:
        Conflict: the log holds another record at that position.
        NotFound: it does not reach that far.
        InvalidInput: `when` is neither.
    """
    if isinstance(when, Context | Hits | Lineage):
        moment = moment_of(namespace, when.position, valid)
        now_ns = max(when.at_ns, moment.now_ns)
        return Moment(moment.position, now_ns, now_ns if valid is None else moment.valid_ns)
    if isinstance(when, Position):
        digest, now_ns = namespace.record_told(when.seq) if when.seq else ("", 0)
        if when.digest and when.digest != digest:
            raise Conflict(
                f"record {when.seq} of namespace {namespace.name!r} is {digest[:12]}…, not {when.digest[:12]}…; "
                "the position is of another store"
            )
        return Moment(Position(when.seq, digest), now_ns, now_ns if valid is None else nanoseconds(valid))
    if not isinstance(when, datetime | str):
        raise InvalidInput(f"when is {when!r}; give a datetime, ISO 8601, a Position, or what was read then")
    now_ns = nanoseconds(when) + _MICROSECOND_NS - 1
    return Moment(namespace.position_at(now_ns), now_ns, now_ns if valid is None else nanoseconds(valid))


class Past:
    """One namespace at a moment: what `Namespace` is to readers of the present."""

    def __init__(self, namespace: Namespace, moment: Moment) -> None:
        self.name = namespace.name
        self.lock: RLock = namespace.lock  # arrays are shared with the present
        self.around: Surroundings = namespace.around._replace(clock=lambda: moment.now_ns)
        self._namespace = namespace
        self._moment = moment
        self._state: State | None = None
        self.worded: Worded | None = None  # what it held beside texts, in words, once a search asked for that

    def state(self) -> State:
        """Return the state of that moment. The caller holds the lock."""
        if self._state is None:
            seq = self._moment.position.seq
            state = state_at(self._namespace.state(), seq, lambda n: next(self._namespace.records(n, n)))
            state.digest = self._moment.position.digest
            state.expire(self._moment.now_ns)
            self._state = state
        return self._state

    def valid_ns(self) -> int:
        """Return the time whose truth is asked for, ns since the epoch."""
        return self._moment.valid_ns

    def records(self, first: int, last: int) -> Iterator[Record]:
        return self._namespace.records(first, last)


def state_at(state: State, seq: int, record_of: Callable[[int], Record]) -> State:
    """Return what a state was when the log ended at record `seq`, which it has taken in.

    It shares texts and vectors with the state, and is for reading only.

    Cost: a copy of the columns and one pass over the postings and the changes; 60 ms at 100,000 rows.
    """
    past = State(state.embedder, state.analyzer)
    past.seq = seq
    n = int(state.columns.seq[: state.columns.n].searchsorted(np.uint32(min(seq, 2**32 - 1)), side="right"))
    columns = past.columns = state.columns.until(n)
    past.sessions = Names(state.sessions.tolist()[: int(columns.session[:n].max(initial=0)) + 1])
    past.speakers = Names(state.speakers.tolist()[: int(columns.speaker[:n].max(initial=0)) + 1])
    past.session_sizes = np.bincount(columns.session[:n], minlength=len(past.sessions)).astype(np.uint32)
    past.last_of_session = dict(zip(columns.session[:n].tolist(), range(n), strict=True))
    past.metadata = state.metadata
    past.vectors = state.vectors.until(n + 1)
    past.postings = state.postings.until(n, _length_of(state, n))
    past.id_of_row = {row: id for row, id in state.id_of_row.items() if row < n}
    past.ids = {id: row for row, id in sorted(past.id_of_row.items())}
    past.superseded = {row: before for row, before in state.superseded.items() if row < n}
    past.expires = {row: at_ns for row, at_ns in state.expires.items() if row < n}
    past.next_expiry = min(past.expires.values(), default=NEVER)
    columns.flags[:n] = columns.flags[:n] & (QUESTION | NAMED) | ALIVE
    columns.uses[:n] = 0
    columns.last_used[:n] = (columns.recorded[:n] // 10**9).clip(0, 2**32 - 1)
    past.alive = n
    for change_seq, row, what, second in state.changes.until(seq):
        past.change(change_seq, row, what, second)
    past.keys = state.keys.until(seq, record_of)
    past.streams = state.streams.until(seq)
    past.facts = state.facts.until(seq)
    past.given = state.given.until(seq)
    return past


def _length_of(state: State, n: int) -> int:
    """Return how many index terms the first `n` rows have together."""
    if n == state.columns.n:
        return state.postings.total_length
    marked = min(n // LENGTHS_EVERY, len(state.lengths) - 1)
    length = state.lengths[marked] if state.lengths else 0
    for row in range(marked * LENGTHS_EVERY, n):
        item = state.item(row)
        length += len(state.index_terms(Utterance(text=item.text, speaker=item.speaker), item.at_ns))
    return length
