"""One namespace, loaded: its state kept level with its log, for any number of threads and processes.

The state is built on first use from the newest sound snapshot and the records after it. Every write goes
through the log first; every read first takes in what other processes wrote meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from threading import RLock, Thread
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.config import Config
from remanence.core.forgetting import Activation, Curve
from remanence.engine import snapshot
from remanence.engine.admission import is_known
from remanence.engine.depth import Depth
from remanence.engine.events import MEMORY_EVENT, encoded
from remanence.engine.ingest import Draft
from remanence.engine.listening import Listener
from remanence.engine.quota import admit, quota_of
from remanence.engine.receipts import receipt_of
from remanence.engine.state import NEVER, State
from remanence.engine.worded import Worded
from remanence.errors import NotFound
from remanence.log.local import LocalLog
from remanence.ports import Analyzer, Embedder, Extractor
from remanence.records import Event, Record, Utterance
from remanence.types import Position, Receipt

_LOGGER = logging.getLogger("remanence")
_SECOND_NS = 10**9
_SIZED_EVERY = 64  # records between two looks at how much a namespace takes
_WORTH_A_SNAPSHOT = 200  # records; fewer replay in about 10 ms


class Surroundings(NamedTuple):
    """What every namespace of a store shares.

    Attributes:
        store_id: tells this store's snapshots from another's.
        snapshots: directory of the snapshots; None for a store in RAM.
        clock: ns since the epoch.
        depth: what looks at hits again; None where nothing does.
        extractor: tells what an utterance states; None where nothing does.
        curve: tells what a memory is worth where one has to go.
    """

    log: LocalLog
    embedder: Embedder
    analyzer: Analyzer
    config: Config
    clock: Callable[[], int]
    store_id: str
    snapshots: Path | None
    depth: Depth | None = None
    extractor: Extractor | None = None
    curve: Curve = Activation()


class Namespace:
    """The live state of one namespace.

    Attributes:
        name: its name.
        size: hot bytes when last looked at; 0 when not loaded.
        lock: held while the state is read or written.
    """

    def __init__(self, name: str, around: Surroundings) -> None:
        self.name = name
        self.lock = RLock()
        self.around = around
        self._number = around.log.namespace_number(name, create=False)
        self._state: State | None = None
        self._level: int | None = None  # what the log's `changed` gave when the state was last level with it
        self._snapshot_seq = 0
        self._writing: Thread | None = None
        self._quota = quota_of(name, around.config.quotas)
        self._listener = Listener(around.extractor)
        self.size = 0  # hot bytes when last looked at; 0 when not loaded
        self.worded: Worded | None = None  # what it holds beside texts, in words, once a search asked for that

    @property
    def snapshot_seq(self) -> int:
        """The last record the newest snapshot on disk covers; 0 for none."""
        return self._snapshot_seq

    def hot_bytes(self) -> int:
        with self.lock:
            return sum(self.bytes_by_part(self._state).values()) if self._state else 0

    def bytes_by_part(self, state: State) -> dict[str, int]:
        """Return the bytes held, by part. The caller holds the lock."""
        by_part = state.bytes_by_part()
        if self.worded is not None and self.worded.of is state:
            by_part["kinds"] = self.worded.nbytes
        return by_part

    def log_bytes(self) -> int:
        """Return the bytes of this namespace's records in the log."""
        number = self._known_number()
        return 0 if number is None else self.around.log.log_bytes(number)

    # --- reading ------------------------------------------------------------------------------------

    def state(self) -> State:
        """Return the state, level with the log. The caller holds the lock.

        Cost: a few µs; on first use, loading the snapshot and replaying what came after it.
        """
        changed = self.around.log.changed()
        state = self._state
        if state is None:
            state = self._load()
        elif changed == self._level:
            return self._lasting(state)
        number = self._known_number()
        if number is not None:
            self._apply(state, self.around.log.read(number, after=state.seq))
        self._level = changed
        return self._lasting(state)

    def _lasting(self, state: State) -> State:
        """Return a state without what has expired by now."""
        if state.next_expiry != NEVER:
            state.expire(self.around.clock())
        return state

    def _known_number(self) -> int | None:
        if self._number is None:
            self._number = self.around.log.namespace_number(self.name, create=False)
        return self._number

    def _load(self) -> State:
        around = self.around
        state = None
        number = self._known_number()
        if around.snapshots is not None and number is not None:
            head, _ = around.log.head(number)
            for seq, path in snapshot.newest_first(around.snapshots, number):
                if seq <= head:
                    state = snapshot.load(path, around.store_id, number, around.embedder, around.analyzer)
                    if state is not None and state.digest == around.log.leaf(number, seq).hex():
                        self._snapshot_seq = seq
                        break
                    state = None
        self._state = state = state or State(around.embedder, around.analyzer)
        self.size = self.hot_bytes()
        return state

    def _apply(self, state: State, records: Iterable[Record]) -> None:
        number = self._known_number()
        before = state.seq
        try:
            for record in records:
                state.apply(record)
        except BaseException:
            self._state = None  # half applied: the next use starts over from the log
            raise
        if state.seq != before and number is not None:
            state.digest = self.around.log.leaf(number, state.seq).hex()

    def valid_ns(self) -> int:
        """Return the time whose truth is asked for, ns since the epoch: now."""
        return self.around.clock()

    def records(self, first: int, last: int) -> Iterator[Record]:
        """Yield the records from number `first` to `last` of this namespace's log."""
        number = self._known_number()
        if number is not None:
            yield from self.around.log.read(number, after=first - 1, until=last)

    def head(self) -> int:
        """Return the number of the last record of this namespace's log; nothing is loaded for it."""
        number = self._known_number()
        return 0 if number is None else self.around.log.head(number)[0]

    def position_at(self, recorded_ns: int) -> Position:
        """Return where the log ended at a time, ns since the epoch."""
        number = self._known_number()
        seq = 0 if number is None else self.around.log.seq_at(number, recorded_ns)
        return Position(seq, self.around.log.leaf(number, seq).hex()) if number is not None and seq else Position(0)

    def record_told(self, seq: int) -> tuple[str, int]:
        """Return the leaf hash of a record, hex, and when it was written, ns since the epoch. Raises NotFound."""
        number = self._known_number()
        if number is None:
            raise NotFound(f"namespace {self.name!r} is empty, so there is no record {seq}")
        return self.around.log.leaf(number, seq).hex(), self.around.log.get(number, seq).recorded_ns

    # --- writing ------------------------------------------------------------------------------------

    def write(self, drafts: Sequence[Draft], *, durable: bool) -> Receipt:
        """Append events in one transaction and take them in.

        An utterance under an id that already holds the same text is not written again.

        Raises:
            InvalidInput: a reserved id, or a vector of another length.
            NotFound: an event about an id or a key that does not exist.
            Conflict: a key or a cursor is elsewhere than the event expects.
            QuotaExceeded: the namespace may not take it.
        """
        around = self.around
        with self.lock:
            state = self.state()  # before the file is locked: taking in what others wrote can be long
            if around.extractor is not None:  # so can this be
                drafts = [self._heard(draft) for draft in drafts]
            if self._number is None:
                self._number = around.log.namespace_number(self.name, create=True)
                assert self._number is not None
            written: list[tuple[Record, Event, NDArray[np.float32] | None, bytes]] = []
            try:
                with around.log.write(self._number) as transaction:
                    if transaction.seq != state.seq:
                        self._apply(state, transaction.read(state.seq))
                    new = [draft for draft in drafts if not is_known(self.name, state, draft, around.clock)]
                    for draft in [*new, *self._let_go(state, new)]:
                        body, event = encoded(draft.event)
                        at_ns = around.clock() if draft.at_ns is None else draft.at_ns
                        appended = transaction.append(body, at_ns=at_ns, kind=MEMORY_EVENT)
                        record = Record(appended.seq, at_ns, appended.recorded_ns, MEMORY_EVENT, body)
                        written.append((record, event, draft.vector, appended.leaf))
                for record, event, vector, leaf in written:
                    state.apply(record, event, vector)
                    state.digest = leaf.hex()
            except BaseException:
                if written:
                    self._state = None  # the log may have it: the next use takes it from there
                raise
            receipt = receipt_of(
                state,
                drafts,
                [(record, event) for record, event, _, _ in written],
                position_of=self._position_of,
                barrier=around.log.barrier(),
            )
            if state.seq % _SIZED_EVERY == 0:
                self.size = self.hot_bytes()
            self._snapshot_when_due(state)
        if durable:
            around.log.flush()
        return receipt

    def _let_go(self, state: State, drafts: Sequence[Draft]) -> list[Draft]:
        """Return what the quota lets go for some events; raise QuotaExceeded where it does not allow them."""
        number, log = self._number, self.around.log
        if self._quota is None or number is None or not drafts:
            return []
        now_ns = self.around.clock()
        return admit(
            self.name,
            self._quota,
            state,
            drafts,
            curve=self.around.curve,
            now_ns=now_ns,
            log_bytes=lambda: log.log_bytes(number),
            written_last_second=lambda: self._written_last_second(now_ns),
        )

    def _position_of(self, seq: int) -> Position:
        assert self._number is not None
        return Position(seq, self.around.log.leaf(self._number, seq).hex())

    def ready(self) -> None:
        """Load what the first write would wait for."""
        self._listener.ready()

    def _written_last_second(self, now_ns: int) -> int:
        """Return how many records were written in the last second; 0 where a clock set back cannot tell."""
        log, number = self.around.log, self._number
        seq = 0 if number is None else log.head(number)[0]
        if number is None or not seq or log.get(number, seq).recorded_ns > now_ns:
            return 0
        return seq - log.seq_at(number, now_ns - _SECOND_NS)

    def _heard(self, draft: Draft) -> Draft:
        """Return a draft with what its utterance states, and with its time, by which "yesterday" is told."""
        if draft.known or not isinstance(draft.event, Utterance):
            return draft
        at_ns = self.around.clock() if draft.at_ns is None else draft.at_ns
        return draft._replace(event=self._listener.heard(draft.event, at_ns), at_ns=at_ns)

    # --- snapshots ----------------------------------------------------------------------------------

    def _snapshot_when_due(self, state: State) -> None:
        """Write a snapshot in the background once enough came after the last one: a quarter more, so that
        the cost a record stays the same however many there are."""
        due = max(self.around.config.snapshot_every, self._snapshot_seq // 4)
        if self.around.snapshots is None or state.seq - self._snapshot_seq < due or self._number is None:
            return
        if self._writing is not None and self._writing.is_alive():
            return
        frozen = snapshot.freeze(state, self.around.store_id, self._number)
        self._writing = Thread(target=self._write_snapshot, args=(frozen,), name="remanence-snapshot", daemon=True)
        self._writing.start()

    def save(self, *, at_least: int = _WORTH_A_SNAPSHOT) -> None:
        """Write a snapshot now, if at least so many records came after the last one."""
        with self.lock:
            if self._writing is not None:
                self._writing.join()
            state, directory = self._state, self.around.snapshots
            if state is None or directory is None or self._number is None:
                return
            if state.seq - self._snapshot_seq >= at_least:
                self._write_snapshot(snapshot.freeze(state, self.around.store_id, self._number))

    def _write_snapshot(self, frozen: snapshot.Frozen) -> None:
        """Write a snapshot; a failure is logged and costs a replay, for a snapshot is a cache."""
        assert self.around.snapshots is not None
        try:
            snapshot.write(frozen, self.around.snapshots)
        except OSError as error:
            _LOGGER.warning("no snapshot of namespace %r: %s; it will be replayed from the log", self.name, error)
        else:
            self._snapshot_seq = frozen.header.seq

    def rebuild(self) -> Iterator[int]:
        """Make the state anew from the log alone, and its snapshot, yielding records done now and then.

        Nobody else may use the namespace meanwhile.
        """
        number, directory = self._known_number(), self.around.snapshots
        if number is None:
            return
        state = State(self.around.embedder, self.around.analyzer)
        for record in self.around.log.read(number):
            state.apply(record)
            if state.seq % 256 == 0:
                yield state.seq
        state.digest = self.around.log.leaf(number, state.seq).hex()
        if directory is not None:
            snapshot.write(snapshot.freeze(state, self.around.store_id, number), directory)
        self._state, self._snapshot_seq = state, state.seq
        yield state.seq

    def unload(self) -> None:
        """Let the state go; the next use loads it again."""
        with self.lock:
            self.save()
            self._state = self.worded = None
            self._level = None
            self.size = 0
