"""What a namespace holds beside its texts, in words: facts, keys, streams and payloads as rows of a state of their own.

They are then ranked as texts are. The rows are made when a search first asks for their kind, and brought level by
the records that came since; they are a view of the state and can be dropped at any time. A row holds the words that
a value is found by, "order 4711 status shipped"; what a caller sees is made of the value itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.core import tokens
from remanence.core.facts import Key
from remanence.engine.events import MEMORY_EVENT, decoded
from remanence.engine.rows import Rows, Told, apart, in_words, stated
from remanence.engine.state import State
from remanence.records import Asserted, Deleted, Faded, Put, Record, Streamed, Utterance, Vectored
from remanence.types import Fact

KIND = "\0kind"  # the metadata key by which a filter tells kinds apart
_LONG_TAIL = 2048  # records: more are not read, and everything is looked at instead
_SPARE_ROWS = 1024  # replaced ones, and as many as there are living: more, and all is made anew
_MANY_TOKENS = 65_535
_BYTES_EACH = 300  # of a `Told`, its names, and its place in two dictionaries


class Worded:
    """All that a state holds beside its texts, of the kinds that were asked for.

    Attributes:
        of: the state.
        rows: what it holds in words; row i stands for `rows.told[i]`.
        kinds: those that were asked for.
    """

    def __init__(self, of: State, records: Callable[[int, int], Iterator[Record]], long_tail: int = _LONG_TAIL) -> None:
        self.of = of
        self._records = records
        self._long_tail = long_tail
        self._clear()
        self.kinds: set[str] = set()

    def _clear(self) -> None:
        self.rows = Rows(self.of)
        self._seq = self.of.seq
        self._now_ns = self._valid_ns = -(2**63)
        self._held: dict[str, tuple[int, int]] = {}  # name of a living row -> what tells one version from another
        self._facts: dict[Key, list[str]] = {}  # the names of those that are true
        self._entries: dict[str, int] = {}  # of each stream
        self._due: dict[str, list[tuple[int, Any]]] = {"kv": [], "fact": []}  # when to look again, and at what
        self._waiting: set[tuple[int, Any]] = set()  # all that is due
        self._bytes = 0

    # --- keeping level ------------------------------------------------------------------------------

    def level(self, kinds: Iterable[str], now_ns: int, valid_ns: int) -> None:
        """Bring the rows of some kinds level with the state, as of a time on both clocks.

        Cost: 15 µs for each record since the last time, of 2,048 or more 3 µs for each value instead, and 0.2 ms for
        each row that changed; on first use of a kind 0.2 ms for each value.
        """
        if self.rows.columns.n > 2 * self.rows.alive + _SPARE_ROWS:
            kinds = self.kinds.union(kinds)
            self.kinds = set()
            self._clear()
        todo: dict[tuple[str, Any], None] = dict.fromkeys(self._since())
        anew = {kind for kind in kinds if kind not in self.kinds}
        self.kinds |= anew
        if now_ns < self._now_ns:  # what had expired has not
            anew |= self.kinds & {"kv"}
        if valid_ns < self._valid_ns:
            anew |= self.kinds & {"fact"}
        for kind in sorted(anew):
            todo.update(dict.fromkeys((kind, name) for name in self._all(kind)))
        self._now_ns, self._valid_ns = now_ns, valid_ns
        for kind, until_ns in (("kv", now_ns), ("fact", valid_ns)):
            due = self._due[kind]
            while due and due[0][0] <= until_ns:
                self._waiting.discard(first := heappop(due))
                todo[kind, first[1]] = None
        for kind, name in todo:
            if kind in self.kinds:
                self._refresh(kind, name)

    def _refresh(self, kind: str, name: Any) -> None:
        """Have the rows of what a name stands for as the state has it now."""
        if kind == "kv":
            self._key(name)
        elif kind == "stream":
            self._stream(name)
        elif kind == "fact":
            self._fact(name)
        else:
            self._vector(name)

    def _since(self) -> Iterator[tuple[str, Any]]:
        """Yield what the records since the last time are about."""
        first, self._seq = self._seq + 1, self.of.seq
        if not self.kinds or first > self._seq:
            return
        if self._seq - first >= self._long_tail:
            for kind in sorted(self.kinds):
                for name in self._all(kind):
                    yield kind, name
            for name in self._held:
                kind, _, id = name.partition("\0")
                if kind == "vector":  # the others are known by name whatever became of them
                    yield kind, id
            return
        for record in self._records(first, self._seq):
            if record.kind == MEMORY_EVENT:
                match decoded(record):
                    case Put(key=key) | Deleted(key=key):
                        yield "kv", key
                    case Streamed(stream=name):
                        yield "stream", name
                    case Vectored(id=id):
                        yield "vector", id or self.of.given.id_at(record.seq)
                    case Faded(id=id):
                        yield "vector", id
                    case Utterance(id=id) | Asserted(source=id):
                        for key in sorted(self.of.facts.keys_of(id or f"m{record.seq}")):
                            yield "fact", key
                    case _:
                        pass

    def _all(self, kind: str) -> Iterable[Any]:
        """Return the names of all that the state holds of a kind."""
        if kind == "kv":
            return self.of.keys.known()
        if kind == "stream":
            return list(self.of.streams)
        if kind == "fact":
            return self.of.facts.keys()
        return map(self.of.given.id_of, self.of.given.living().tolist())

    def _fact(self, key: Key) -> None:
        valid: dict[str, Fact] = {}
        for fact in self.of.facts.ever(*key):
            began, ended = fact.valid_from or 0, fact.valid_to
            if began <= self._valid_ns and (ended is None or self._valid_ns < ended):
                valid[f"fact\0{(fact.subject, fact.relation, fact.object, fact.source)!r}"] = fact
            for when in (began, ended):
                if when is not None and when > self._valid_ns:
                    self._look_again("fact", when, key)
        for name in self._facts.get(key, ()):
            if name not in valid:
                self._let_go(name)
        self._facts[key] = list(valid)
        for name, fact in valid.items():
            row = self.of.row_of(fact.source)  # None where a caller told it
            told = Told(
                "fact",
                fact.source,
                1 if row is None else self.of.version_of(row),
                msgspec.json.encode(fact.object),
                stated(fact),
                fact.recorded_at if fact.valid_from is None else fact.valid_from,
                fact.recorded_at,
                {} if row is None else self.of.metadata.get(row),
            )
            self._hold(name, (-1 if row is None else row, told.at_ns), told)

    def _key(self, key: str) -> None:
        held, name = self.of.keys.get(key, self._now_ns), f"kv\0{key}"
        if held is None or held.value is None:
            self._let_go(name)
            return
        if held.expires_ns:
            self._look_again("kv", held.expires_ns, key)
        version = self.of.keys.written(key)
        words = f"{apart(key)}: {in_words(msgspec.json.decode(held.value))}"
        self._hold(name, (version, 0), Told("kv", key, version, held.value, words, held.at_ns, held.recorded_ns, {}))

    def _stream(self, stream: str) -> None:
        for number in range(self._entries.get(stream, 0) + 1, self.of.streams.length(stream) + 1):
            seq = self.of.streams.record_of(stream, number)
            record = next(self._records(seq, seq))
            event = decoded(record)
            assert isinstance(event, Streamed)
            words = f"{apart(stream)}: {in_words(msgspec.json.decode(event.value))}"
            id = f"{stream}/{number}"
            self._hold(
                f"stream\0{id}",
                (1, 0),
                Told("stream", id, 1, event.value, words, record.at_ns, record.recorded_ns, {}),
            )
        self._entries[stream] = self.of.streams.length(stream)

    def _vector(self, id: str) -> None:
        given, name = self.of.given, f"vector\0{id}"
        row = given.row_of(id)
        if row is None or not given.alive(row):
            self._let_go(name)
            return
        value = given.payload_json(row)
        words = in_words(msgspec.json.decode(value))
        at_ns, recorded_ns = int(given.at[row]), int(given.recorded[row])
        told = Told("vector", id, given.version_of(row), value, words, at_ns, recorded_ns, given.metadata.get(row))
        self._hold(name, (row, 0), told)

    def _look_again(self, kind: str, when_ns: int, name: Any) -> None:
        if (when_ns, name) not in self._waiting:
            self._waiting.add((when_ns, name))
            heappush(self._due[kind], (when_ns, name))

    # --- rows ---------------------------------------------------------------------------------------

    def _hold(self, name: str, version: tuple[int, int], told: Told) -> None:
        """Have a row for what a name stands for; what has no words has none."""
        if self._held.get(name) == version:
            return
        if not told.words or told.words.isspace():
            self._let_go(name)
            return
        rows, row = self.rows, self.rows.columns.n
        self._held[name] = version
        rows.told.append(told)
        event = Utterance(told.words, id=name, metadata=told.metadata | {KIND: told.kind})
        record = Record(rows.seq + 1, told.at_ns, told.recorded_ns, MEMORY_EVENT, b"")
        rows.apply(record, event, rows.embedder.embed(told.words))
        rows.columns.tokens[row] = min(tokens.estimate(told.line()), _MANY_TOKENS)
        self._bytes += _BYTES_EACH + sys.getsizeof(told.value) + sys.getsizeof(told.words)

    def _let_go(self, name: str) -> None:
        if self._held.pop(name, None) is not None:
            self.rows.apply(Record(self.rows.seq + 1, 0, 0, MEMORY_EVENT, b""), Faded(name))

    def told(self, rows: NDArray[np.intp]) -> list[Told]:
        """Return what some rows stand for."""
        return list(map(self.rows.told.__getitem__, rows.tolist()))

    @property
    def nbytes(self) -> int:
        """Bytes it takes, about."""
        objects = sum(
            map(
                sys.getsizeof,
                (self._held, self._facts, self._entries, self._waiting, self.rows.told, *self._due.values()),
            )
        )
        return objects + self._bytes + sum(self.rows.bytes_by_part().values())
