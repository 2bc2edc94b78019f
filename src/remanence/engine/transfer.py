"""What a store holds out to a JSONL file: one thing a line, in the order it was written, readable by any program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from heapq import merge
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from remanence.core.facts import Told
from remanence.engine.columns import ALIVE
from remanence.engine.events import decoded
from remanence.engine.memory import Memory
from remanence.engine.namespace import Namespace
from remanence.errors import RemanenceError, StorageError
from remanence.records import Asserted, Event, Put, Record, Streamed, Vectored
from remanence.types import Item, datetime_of

Line = tuple[int, dict[str, Any]]  # the record it comes from, and what is told of it
STORE_DIGITS = 12  # of a store's identity: enough to tell stores apart


def export(
    path: str,
    store_id: str,
    names: Sequence[str],
    memory_of: Callable[[str], Memory],
    live_of: Callable[[str], Namespace],
) -> int:
    """Write all that some namespaces hold; the file appears only when it is whole. Returns how many lines it has.

    Raises:
        StorageError: the file cannot be written, or the store cannot be read.
    """
    final = Path(path)
    part = final.with_name(f"{final.name}.{os.getpid()}.part")
    written = 0
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for name in names:
                for _, told in _lines(memory_of(name), live_of(name)):
                    entry = {"store": store_id[:STORE_DIGITS], "namespace": name} | told
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                    written += 1
        part.replace(final)
    except OSError as error:
        if isinstance(error, RemanenceError):
            raise
        raise StorageError(f"cannot write {final}: {error.strerror}; choose another path") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return written


def record_at(live: Namespace, seq: int) -> tuple[Record, Event]:
    """Return a record of a namespace's log, and the event it holds."""
    record = next(live.records(seq, seq))
    return record, decoded(record)


def _lines(memory: Memory, live: Namespace) -> Iterator[Line]:
    """Yield what a namespace holds, in the order of its log: so that importing writes it in the same order."""
    items = memory.items()
    with live.lock:
        beside = sorted((*_facts(live), *_keys(live), *_entries(live), *_vectors(live)), key=lambda each: each[0])
    texts = ((item.seq, _text(live, item)) for item in items)
    yield from merge(texts, ((seq, tell()) for seq, tell in beside), key=lambda line: line[0])


Later = tuple[int, Callable[[], dict[str, Any]]]  # the record, and what tells of it when its turn comes


def _text(live: Namespace, item: Item) -> dict[str, Any]:
    with live.lock:
        state = live.state()
        row = state.row_of(item.id)
        expires_ns = 0 if row is None else state.expires.get(row, 0)
        facts = [told.stated for told in state.facts.told_by(item.id) if told.seq == item.seq]
    return {
        "kind": "text",
        "id": item.id,
        "text": item.text,
        "speaker": item.speaker,
        "role": item.role,
        **_when(item.at_ns),
        "session": item.session,
        "metadata": item.metadata,
        "salience": item.salience,
        "pinned": item.pinned,
        "facts": msgspec.to_builtins(facts),
        **_until(expires_ns),
    }


def _facts(live: Namespace) -> Iterator[Later]:
    """Yield the facts that no text line has: those told without an utterance, or by a memory that was let go."""
    state = live.state()
    by_record: dict[int, list[Told]] = {}
    for told in state.facts.believed():
        row = state.row_of(told.source)
        if row is None or not state.columns.flags[row] & ALIVE or state.columns.seq[row] != told.seq:
            by_record.setdefault(told.seq, []).append(told)
    for seq, several in by_record.items():
        source = several[0].source
        row = state.row_of(source)
        cited = source if row is not None and state.columns.flags[row] & ALIVE else ""
        yield seq, _later_facts(live, seq, several, cited)


def _later_facts(live: Namespace, seq: int, several: Sequence[Told], source: str) -> Callable[[], dict[str, Any]]:
    def tell() -> dict[str, Any]:
        _, event = record_at(live, seq)
        by = event.by if isinstance(event, Asserted) else ""
        facts = msgspec.to_builtins([told.stated for told in several])
        return {"kind": "fact", "source": source, "by": by, **_when(several[0].at_ns), "facts": facts}

    return tell


def _keys(live: Namespace) -> Iterator[Later]:
    keys = live.state().keys
    for key in keys.living(live.around.clock()):
        if (seq := keys.record_of(key, keys.written(key))) is not None:
            yield seq, _later_key(live, seq)


def _later_key(live: Namespace, seq: int) -> Callable[[], dict[str, Any]]:
    def tell() -> dict[str, Any]:
        record, event = record_at(live, seq)
        assert isinstance(event, Put)
        value = msgspec.json.decode(event.value)
        return {"kind": "kv", "key": event.key, "value": value, **_when(record.at_ns), **_until(event.expires_ns)}

    return tell


def _entries(live: Namespace) -> Iterator[Later]:
    streams = live.state().streams
    for name in streams:
        for number in range(1, streams.length(name) + 1):
            seq = streams.record_of(name, number)
            yield seq, _later_entry(live, seq, number)


def _later_entry(live: Namespace, seq: int, number: int) -> Callable[[], dict[str, Any]]:
    def tell() -> dict[str, Any]:
        record, event = record_at(live, seq)
        assert isinstance(event, Streamed)
        value = msgspec.json.decode(event.value)
        return {"kind": "stream", "stream": event.stream, "number": number, "value": value, **_when(record.at_ns)}

    return tell


def _vectors(live: Namespace) -> Iterator[Later]:
    given = live.state().given
    for row in given.living().tolist():
        yield int(given.seq[row]), _later_vector(live, int(given.seq[row]), given.id_of(row))


def _later_vector(live: Namespace, seq: int, id: str) -> Callable[[], dict[str, Any]]:
    def tell() -> dict[str, Any]:
        record, event = record_at(live, seq)
        assert isinstance(event, Vectored)
        return {
            "kind": "vector",
            "id": id,
            "vector": np.frombuffer(event.vector, "<f4").tolist(),
            "payload": msgspec.json.decode(event.payload),
            "metadata": event.metadata,
            **_when(record.at_ns),
        }

    return tell


def _when(at_ns: int) -> dict[str, Any]:
    """Return a time as people and programs read it, and exactly."""
    return {"at": datetime_of(at_ns).isoformat(), "at_ns": at_ns}


def _until(expires_ns: int) -> dict[str, Any]:
    return {"expires_ns": expires_ns} if expires_ns else {}
