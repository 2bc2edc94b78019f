"""The state of one namespace: a fold of its log, held in arrays.

`State.apply` is the only way in. It reads no clock, file or other namespace, so that the same records
always give the same state; everything in here can be deleted and rebuilt.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.core import asking, tokens
from remanence.core import text as words_of
from remanence.core.bm25 import Postings
from remanence.core.facts import Facts
from remanence.core.packing import line
from remanence.core.profile import Standing
from remanence.core.timeline import Told
from remanence.engine import changes
from remanence.engine.changes import Changes
from remanence.engine.columns import (
    ALIVE,
    FADED,
    NAMED,
    PINNED,
    QUESTION,
    ROLES,
    Columns,
    grown,
)
from remanence.engine.events import MEMORY_EVENT, decoded
from remanence.engine.held import Keys, Streams
from remanence.engine.metadata import MetadataColumns
from remanence.engine.names import Names
from remanence.engine.vectors import GivenVectors
from remanence.index.flat import FlatIndex
from remanence.ports import Analyzer, Embedder
from remanence.records import (
    Asserted,
    Deleted,
    Event,
    Faded,
    Pinned,
    Put,
    Record,
    Reinforced,
    Stated,
    Streamed,
    Utterance,
    Vectored,
)
from remanence.types import Item

_NO_ROWS = np.empty(0, np.intp)
_DAY_NS = 86_400 * 10**9
LENGTHS_EVERY = 256  # rows
NEVER = 2**63
_SESSION_GAP_NS = 30 * 60 * 10**9  # silence after which turns without a session name are another session


class State:
    """All that is known of one namespace at one log position.

    Attributes:
        seq: the last record applied.
        digest: its leaf hash, hex; empty when unknown.
        columns: one row a version of a memory, in log order.
        postings: words of each row, of its speaker and of its date.
        vectors: the embedding of each row.
        metadata: the caller's metadata by row.
        changes: what became of rows after they were written.
        lengths: of all rows before each 256th together, in index terms.
        keys: JSON values by key.
        streams: which records hold the entries of each stream.
        facts: what was stated.
        expires: by row, when it is let go by itself, ns since the epoch.
        next_expiry: the next of those times; NEVER where there is none.
        standing: which of that holds, as last asked for.
        given: vectors that callers brought, with their payloads.
        cursors: by the name of an extractor that works in upkeep, the last record it has read, and how many
            characters of it; 0: all.
        sessions, speakers: names by index.
        last_of_session: the latest row of each session.
        session_sizes: how many rows each session has, as long as there are sessions or longer.
        alive: rows that can be found.
    """

    def __init__(self, embedder: Embedder, analyzer: Analyzer) -> None:
        self.embedder = embedder
        self.analyzer = analyzer
        self.seq = 0
        self.digest = ""
        self.alive = 0
        self.columns = Columns()
        self.postings = Postings()
        self.vectors = FlatIndex(embedder.dim, self.columns.capacity)
        self.metadata = MetadataColumns()
        self.keys = Keys()
        self.streams = Streams()
        self.facts = Facts()
        self.standing: Standing | None = None
        self.expires: dict[int, int] = {}
        self.next_expiry = NEVER
        self.given = GivenVectors()
        self.cursors: dict[str, tuple[int, int]] = {}
        self.changes = Changes()
        self.lengths: list[int] = []
        self.sessions = Names()
        self.speakers = Names()
        self.ids: dict[str, int] = {}  # ids given by callers -> their latest row
        self.id_of_row: dict[int, str] = {}
        self.superseded: dict[int, int] = {}  # row -> the row of the version before
        self.last_of_session: dict[int, int] = {}
        self.session_sizes = np.zeros(1, np.uint32)
        self._speakers_by_term: dict[str, list[int]] = {}  # made from `speakers` when asked for
        self._n_speaker_terms = 0

    # --- the fold -----------------------------------------------------------------------------------

    def apply(self, record: Record, event: Event | None = None, vector: NDArray[np.float32] | None = None) -> None:
        """Take one record in; its seq must be the next one.

        Args:
            record: what the log holds.
            event: its body decoded, when the caller has it already.
            vector: the embedding of its text, when the caller has it already.
        """
        if record.seq != self.seq + 1:
            raise AssertionError(f"record {record.seq} applied after {self.seq}")
        if record.kind == MEMORY_EVENT:
            match event if event is not None else decoded(record):
                case Utterance() as said:
                    self._add(record, said, self.embedder.embed(said.text) if vector is None else vector)
                case Pinned(id=id, pinned=pinned):
                    self._change(record, [id], changes.PINNED if pinned else changes.UNPINNED)
                case Faded(id=id):
                    self._change(record, [id], changes.FADED)
                    self.given.fade(record, id)
                case Reinforced(ids=ids, trace_id=trace_id):
                    self._change(record, ids, changes.ANSWERED if trace_id else changes.USED)
                case Put() | Deleted() as written:
                    self.keys.apply(record, written)
                case Streamed() as streamed:
                    self.streams.apply(record, streamed)
                case Vectored() as vectored:
                    self.given.apply(record, vectored, lambda name: self.row_of(name) is not None)
                case Asserted() as asserted:
                    self._tell(record, asserted.source or f"m{record.seq}", asserted.facts, own=False)
                    if asserted.until:
                        self.cursors[asserted.by] = asserted.until, asserted.within
        self.seq = record.seq

    def _add(self, record: Record, said: Utterance, vector: NDArray[np.float32]) -> None:
        columns = self.columns
        row = columns.n
        if row + 2 > columns.capacity:
            columns.reserve(grown(row + 2))
            self.vectors.reserve(columns.capacity)
        replaced = self.row_of(said.id) if said.id else None
        session = self._session_of(said.session, record.at_ns)
        flags = ALIVE | (QUESTION if "?" in said.text else 0)
        if said.id:
            flags |= NAMED
            self.ids[said.id] = row
            self.id_of_row[row] = said.id
        columns.seq[row] = record.seq
        columns.at[row] = record.at_ns
        columns.recorded[row] = record.recorded_ns
        columns.session[row] = session
        columns.speaker[row] = self.speakers.index(said.speaker)
        columns.role[row] = ROLES.index(said.role)
        columns.flags[row] = flags
        columns.kinds[row] = asking.held(said.text)
        columns.tokens[row] = min(tokens.estimate(line(said.speaker, said.role, said.text)), 65_535)
        columns.salience[row] = said.salience
        columns.last_used[row] = _second(record)
        columns.put_text(row, said.text.encode())
        self._link(row, session)
        if row % LENGTHS_EVERY == 0:
            self.lengths.append(self.postings.total_length)
        self.postings.add(row, self.index_terms(said, record.at_ns))
        self.vectors.put(row, vector)
        if said.metadata:
            self.metadata.put(row, said.metadata)
        columns.n = row + 1
        self.alive += 1
        if said.expires_ns:
            self.expires[row] = said.expires_ns
            self.next_expiry = min(self.next_expiry, said.expires_ns)
        source = said.id or f"m{record.seq}"
        if replaced is not None:
            self.facts.withdraw(source, record.seq, cited=columns.text(replaced) != said.text)
        self._tell(record, source, said.facts, own=True)
        pinned = said.pinned
        if replaced is not None:
            self.superseded[row] = replaced
            pinned = pinned or bool(columns.flags[replaced] & PINNED)
            self.change(record.seq, replaced, changes.REPLACED, _second(record))
        if pinned:
            self.change(record.seq, row, changes.PINNED, _second(record))

    def _tell(self, record: Record, source: str, facts: Iterable[Stated], *, own: bool) -> None:
        for stated in facts:
            self.facts.tell(Told(stated, source, record.seq, record.at_ns, record.recorded_ns, own))

    def index_terms(self, said: Utterance, at_ns: int) -> list[str]:
        """Return the terms a memory is found by: its words, its speaker's name, its month and year."""
        named = f"{said.speaker} {said.text}" if said.speaker else said.text
        return self.analyzer.terms(named) + words_of.date_terms(at_ns)

    def _session_of(self, name: str, at_ns: int) -> int:
        """Return the session index; unnamed turns share one until 30 minutes pass in silence."""
        if name:
            return self.sessions.index(name)
        latest = self.sessions.latest_unnamed
        if latest is not None:
            last_row = self.last_of_session.get(latest)
            if last_row is not None and abs(at_ns - int(self.columns.at[last_row])) <= _SESSION_GAP_NS:
                return latest
        return self.sessions.new_unnamed()

    def _link(self, row: int, session: int) -> None:
        before = self.last_of_session.get(session)
        if before is not None:
            self.columns.previous[row] = before
            self.columns.following[before] = row
        self.last_of_session[session] = row
        if session >= len(self.session_sizes):
            sizes = np.zeros(grown(session + 1), np.uint32)
            sizes[: len(self.session_sizes)] = self.session_sizes
            self.session_sizes = sizes
        self.session_sizes[session] += 1

    def _change(self, record: Record, ids: Iterable[str], what: int) -> None:
        for id in ids:
            row = self.row_of(id)
            if row is not None:
                self.change(record.seq, row, what, _second(record))

    def change(self, seq: int, row: int, what: int, second: int) -> None:
        """Let something become of a row, by a record written at a second of the epoch."""
        columns = self.columns
        if what in (changes.REPLACED, changes.FADED):
            self.alive -= int(columns.flags[row] & ALIVE)
            columns.flags[row] &= ~np.uint8(ALIVE | FADED)
        if what == changes.REPLACED:
            made = int(columns.seq[: columns.n].searchsorted(np.uint32(seq)))  # by this very record
            columns.uses[made] = columns.uses[row]
        elif what == changes.FADED:
            columns.flags[row] |= np.uint8(FADED)
        elif what == changes.PINNED:
            columns.flags[row] |= np.uint8(PINNED)
        elif what == changes.UNPINNED:
            columns.flags[row] &= ~np.uint8(PINNED)
        elif what in (changes.USED, changes.ANSWERED):
            columns.uses[row] = min(int(columns.uses[row]) + 1, 65_535)
            columns.last_used[row] = second
        self.changes.append(seq, row, what, second)

    def expire(self, now_ns: int) -> None:
        """Let go what expires by a time. Cost: nothing before `next_expiry`; otherwise a look at all that expire."""
        if now_ns < self.next_expiry:
            return
        flags = self.columns.flags
        self.next_expiry = NEVER
        for row, expires_ns in self.expires.items():
            if flags[row] & ALIVE and expires_ns <= now_ns:
                flags[row] = flags[row] & ~np.uint8(ALIVE) | np.uint8(FADED)
                self.alive -= 1
            elif flags[row] & ALIVE:
                self.next_expiry = min(self.next_expiry, expires_ns)

    # --- reading ------------------------------------------------------------------------------------

    def row_of(self, id: str) -> int | None:
        """Return the latest row of an id, alive or not; None when there is none."""
        row = self.ids.get(id)
        if row is not None:
            return row
        seq = default_seq(id)
        if seq is None:
            return None
        seqs = self.columns.seq[: self.columns.n]
        row = int(seqs.searchsorted(np.uint32(seq)))
        if row < len(seqs) and seqs[row] == seq and not self.columns.flags[row] & NAMED:
            return row
        return None

    def speakers_named(self, terms: Sequence[str]) -> list[Sequence[int]]:
        """Return, for each term, the speakers whose name has it."""
        for speaker in range(self._n_speaker_terms, len(self.speakers)):
            for term in self.analyzer.terms(self.speakers[speaker]):
                self._speakers_by_term.setdefault(term, []).append(speaker)
        self._n_speaker_terms = len(self.speakers)
        return [self._speakers_by_term.get(term, ()) for term in terms]

    def id_of(self, row: int) -> str:
        return self.id_of_row.get(row) or f"m{self.columns.seq[row]}"

    def version_of(self, row: int) -> int:
        """Return 1 for the first version of an id; cost: one step a version."""
        version = 1
        while row in self.superseded:
            row = self.superseded[row]
            version += 1
        return version

    def said(self, rows: NDArray[np.intp]) -> list[tuple[Hashable, str]]:
        """Return who said each of some rows on which day, and what: what is the same in all is a repeat."""
        columns = self.columns
        who = zip(
            columns.speaker.take(rows).tolist(),
            columns.role.take(rows).tolist(),
            (columns.at.take(rows) // _DAY_NS).tolist(),
            strict=True,
        )
        return [
            ((self.speakers[speaker] or role, day), text)
            for (speaker, role, day), text in zip(who, columns.texts(rows), strict=True)
        ]

    def item(self, row: int) -> Item:
        """Return one row as a caller sees it."""
        columns = self.columns
        flags = int(columns.flags[row])
        return Item(
            id=self.id_of(row),
            version=self.version_of(row),
            text=columns.text(row),
            at_ns=int(columns.at[row]),
            recorded_ns=int(columns.recorded[row]),
            speaker=self.speakers[int(columns.speaker[row])],
            role=ROLES[int(columns.role[row])],
            session=self.sessions[int(columns.session[row])],
            metadata=self.metadata.get(row),
            salience=float(str(columns.salience[row])),  # as it was given, not its nearest binary
            pinned=bool(flags & PINNED),
            fidelity=0.0 if flags & FADED else 1.0,
            seq=int(columns.seq[row]),
        )

    def alive_rows(self) -> NDArray[np.intp]:
        """Return the rows that can be found, in log order."""
        return (self.columns.flags[: self.columns.n] & ALIVE).nonzero()[0]

    def dead_rows(self) -> NDArray[np.intp]:
        """Return the rows that were faded or replaced, and are not to be found; cost: nothing where there are none."""
        if self.alive == self.columns.n:
            return _NO_ROWS
        return (self.columns.flags[: self.columns.n] & ALIVE == 0).nonzero()[0]

    def by_fidelity(self) -> dict[str, int]:
        """Return how many memories are held at each fidelity, superseded versions left out."""
        flags = self.columns.flags[: self.columns.n]
        faded = int(np.count_nonzero(flags & FADED))
        return {"1.00": self.alive} | ({"0.00": faded} if faded else {})

    def bytes_by_part(self) -> dict[str, int]:
        """Return the bytes held, by part; arrays with their capacity, Python objects by their own size."""
        objects = sum(
            sys.getsizeof(d) for d in (self.ids, self.id_of_row, self.superseded, self.last_of_session)
        ) + sum(sys.getsizeof(id) + 64 for id in self.ids)
        return {
            "columns": self.columns.nbytes + self.session_sizes.nbytes + self.changes.nbytes,
            "text": self.columns.heap.nbytes,
            "postings": self.postings.nbytes,
            "vectors": self.vectors.nbytes,
            "metadata": self.metadata.nbytes,
            "keys": self.keys.nbytes,
            "streams": self.streams.nbytes,
            "facts": self.facts.nbytes,
            "given vectors": self.given.nbytes,
            "names": objects + self.sessions.nbytes + self.speakers.nbytes,
        }


def _second(record: Record) -> int:
    """Return when a record was written, seconds since the epoch, as the columns can hold it."""
    return min(max(record.recorded_ns // 10**9, 0), 2**32 - 1)


def default_seq(id: str) -> int | None:
    """Return n of a default id `m<n>`, None for any other string."""
    if id[:1] == "m" and id[1:].isascii() and id[1:].isdigit() and len(id) <= 11 and id[1] != "0":
        seq = int(id[1:])
        return seq if seq < 2**32 else None
    return None
