"""The values that travel: what a caller gets back. All are frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, overload

import msgspec

from remanence.records import Metadata


class Position(msgspec.Struct, frozen=True, order=True, gc=False):
    """A moment of one namespace's log.

    Attributes:
        seq: number of the last record it covers; 0 is the empty log.
        digest: Merkle leaf hash of that record, 64 hex digits; empty at 0.
    """

    seq: int
    digest: str = ""


class Fact(msgspec.Struct, frozen=True):
    """A statement, true for a time. Times are ns since the epoch; `valid_to` None: still true.

    Attributes:
        source: id of the memory that says it, or of the record by which a caller told it.
        soft: a liking or a possession, told in passing.
    """

    subject: str
    relation: str
    object: str
    source: str
    valid_from: int | None
    valid_to: int | None
    recorded_at: int
    soft: bool = False


class Receipt(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What was written.

    Attributes:
        id: id of the memory; of a turn, its last one.
        version: 1 for a new id, one more each time its text changes.
        position: where the log stands after this write.
        facts: facts that it made.
        ids: all memories this write made or was about.
    """

    id: str
    version: int
    position: Position
    facts: tuple[Fact, ...] = ()
    ids: tuple[str, ...] = ()
    barrier: Callable[[float | None], bool] | None = None

    def wait(self, timeout: float | None = None) -> bool:
        """Block until this write is on the disk; True when it is, False when `timeout` seconds passed."""
        return True if self.barrier is None else self.barrier(timeout)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Receipt) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def _told(self) -> tuple[object, ...]:
        return self.id, self.version, self.position, self.facts, self.ids

    def __repr__(self) -> str:
        return f"Receipt(id={self.id!r}, version={self.version}, position={self.position.seq})"


# What a score is made of; `core.ranking.Weights` says what each of them is.
SIGNALS = (
    "lexical",
    "semantic",
    "before",
    "after",
    "beyond",
    "session",
    "speaker",
    "date",
    "question",
    "user",
    "length",
    "short",
    "opening",
    "coverage",
    "window",
    "exchange",
    "answers",
    "related",
    "crowding",
)


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a key holds.

    Attributes:
        value: the JSON value.
        version: 1 for the first write of the key, one more with each write and each deletion.
        at_ns, recorded_ns: when it was put, by the caller's word and by the log's.
        expires_ns: when it is no longer held, ns since the epoch; None: never.
    """

    key: str
    value: Any
    version: int
    at_ns: int
    recorded_ns: int
    expires_ns: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a stream.

    Attributes:
        number: 1, 2, 3 … within the stream; hand it back as `since` to go on from here.
        value: the JSON value.
        seq: the record of the namespace's log that holds it.
        at_ns, recorded_ns: when it happened, by the caller's word, and when it was written.
    """

    stream: str
    number: int
    value: Any
    seq: int
    at_ns: int
    recorded_ns: int

    @property
    def at(self) -> datetime:
        return datetime_of(self.at_ns)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in a namespace.

    Attributes:
        kind: "add", "pin", "unpin", "fade", "use", "put", "delete", "append", "vector" or "assert".
        id: of the memory or the vector; the key; the name of the stream; what the facts asserted cite.
        ids: all memories it is about; more than one only of "use".
        value: the text added, the JSON value put or appended, the payload of the vector, the facts asserted as a list
            of dicts with the fields of `Stated` that say something; None of the others.
        seq: the record of the namespace's log that holds it.
        at_ns, recorded_ns: when it happened, by the caller's word, and when it was written.
    """

    kind: str
    id: str
    ids: tuple[str, ...]
    value: Any
    seq: int
    at_ns: int
    recorded_ns: int


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A memory that was found.

    Attributes:
        score: in [0, 1], higher is better; calibrated, so that a threshold means the same with 5
            memories as with 50,000. A re-ranked hit has the score of the place it took.
        weighted: what each of `SIGNALS` adds to the score, on the ranker's own scale before calibration.
        fidelity: share of the original detail that is held, in [0, 1].
        at: when it was said, UTC.
        kind: "text", "fact", "kv", "stream" or "vector".
        id: of the memory; of a fact, that of the memory that states it; the key; the stream, a slash and the number of
            the entry; of the vector.
        value: the JSON value of a key, an entry or a vector, the object of a fact; None of a text.
    """

    id: str
    version: int
    text: str
    score: float
    weighted: list[float]
    fidelity: float
    at_ns: int
    speaker: str
    role: str
    session: str
    metadata: Metadata
    namespace: str
    kind: str = "text"
    value: Any = None

    @property
    def at(self) -> datetime:
        return datetime_of(self.at_ns)

    @property
    def parts(self) -> dict[str, float]:
        """What the score is made of: each signal's share by name; they sum to the score before calibration, and
        before a reranker changed places."""
        return dict(zip(SIGNALS, self.weighted, strict=True))


class Item(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A memory as it is held now, or one of its versions as `history` tells it."""

    id: str
    version: int
    text: str
    at_ns: int
    recorded_ns: int
    speaker: str
    role: str
    session: str
    metadata: Metadata
    salience: float
    pinned: bool
    fidelity: float
    seq: int

    @property
    def at(self) -> datetime:
        return datetime_of(self.at_ns)

    @property
    def recorded_at(self) -> datetime:
        return datetime_of(self.recorded_ns)


class Hits(Sequence[Hit]):
    """Found memories, best first.

    Attributes:
        confidence: in [0, 1]: how likely the memory holds what was asked.
        trace_id: names this reading; hand it to `add_turn` or `used` to tie an answer to it.
        timings: microseconds by stage; `rerank` is there only where a reranker had its say, `rerank_failed`
            only where it failed and the fast order stands.
        position: the log position it was read at (of the first namespace, when there are several).
        at_ns: when it was read, ns since the epoch; `as_of` takes hits for that moment.
    """

    __slots__ = ("_hits", "at_ns", "confidence", "position", "timings", "trace_id")

    def __init__(
        self,
        hits: Sequence[Hit],
        confidence: float,
        trace_id: str,
        timings: dict[str, float],
        position: Position,
        at_ns: int = 0,
    ) -> None:
        self.at_ns = at_ns
        self._hits = tuple(hits)
        self.confidence = confidence
        self.trace_id = trace_id
        self.timings = timings
        self.position = position

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self._hits[index]

    def __len__(self) -> int:
        return len(self._hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._hits)

    def __repr__(self) -> str:
        return f"Hits({list(self._hits)!r}, confidence={self.confidence:.2f})"


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What to paste into a prompt.

    Attributes:
        text: what is known now of whom, then what was said: dated, attributed, in chronological order; empty when
            nothing was worth its tokens.
        tokens: size of `text` by the counter given; never above the budget.
        hits: what is in it, best first.
        position: the log position it was read at (of the first namespace, when there are several).
        confidence, trace_id, timings: as in `Hits`.
        facts: those the text opens with.
        at_ns: when it was read, ns since the epoch; `as_of` takes a context for that moment.
    """

    text: str
    tokens: int
    hits: tuple[Hit, ...]
    position: Position
    confidence: float
    trace_id: str
    timings: dict[str, float]
    facts: tuple[Fact, ...] = ()
    at_ns: int = 0

    def __str__(self) -> str:
        return self.text


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """How much a namespace holds.

    Attributes:
        items: memories that can be found.
        hot_bytes: bytes of memory its state takes, counted array by array, capacity included.
        hot_bytes_by_part: the same by column family.
        budget_bytes: what it may take.
        log_bytes: bytes of its records in the log, keys included.
        by_fidelity: number of items at each fidelity, as text with two decimals.
        position: where its log stands.
        snapshot_seq: the last record its snapshot on disk covers; 0 for none.
    """

    items: int
    hot_bytes: int
    hot_bytes_by_part: dict[str, int]
    budget_bytes: int
    log_bytes: int
    by_fidelity: dict[str, int]
    position: Position
    snapshot_seq: int


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What a call of `Store.upkeep` did.

    Attributes:
        batches: how often the background extractor was called.
        turns: turns it has read.
        facts: new facts it found in them.
        waiting: turns still to be read in the namespaces that were looked at.
        failures: what went wrong with it, without a word of the turns; they are read at a later upkeep.
    """

    batches: int = 0
    turns: int = 0
    facts: int = 0
    waiting: int = 0
    failures: tuple[str, ...] = ()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def datetime_of(ns: int) -> datetime:
    """Return the UTC time of nanoseconds since the epoch, to the microsecond, for years 1 to 9999."""
    from datetime import timedelta

    return _EPOCH + timedelta(microseconds=ns // 1000)


def to_builtins(value: Any) -> Any:
    """Return a value of this module as plain dicts, lists and strings, fit for JSON."""
    if isinstance(value, Hits):
        return {
            "hits": [to_builtins(hit) for hit in value],
            "confidence": value.confidence,
            "trace_id": value.trace_id,
            "timings": value.timings,
            "position": msgspec.to_builtins(value.position),
        }
    if isinstance(value, Hit):
        plain = msgspec.to_builtins(value)
        del plain["weighted"]
        return plain | {"parts": value.parts}
    if isinstance(value, Context):
        plain = {name: getattr(value, name) for name in value.__struct_fields__}
        hits = [to_builtins(hit) for hit in value.hits]
        position, facts = msgspec.to_builtins(value.position), msgspec.to_builtins(value.facts)
        return plain | {"hits": hits, "position": position, "facts": facts}
    if isinstance(value, Receipt):
        return {
            "id": value.id,
            "version": value.version,
            "position": to_builtins(value.position),
            "ids": list(value.ids),
            "facts": msgspec.to_builtins(value.facts),
        }
    return msgspec.to_builtins(value)
