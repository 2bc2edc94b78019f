"""Everything that happens in a namespace, in order: the records of its log as a caller sees them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from remanence.engine.events import MEMORY_EVENT, decoded
from remanence.engine.namespace import Namespace
from remanence.engine.vectors import GivenVectors
from remanence.records import (
    Asserted,
    Deleted,
    Event,
    Faded,
    Pinned,
    Put,
    Record,
    Reinforced,
    Streamed,
    Utterance,
    Vectored,
)
from remanence.types import Change


def changes(namespace: Namespace, after: int) -> Iterator[Change]:
    """Yield what happened after record `after`, up to now. Cost: about 15 µs each."""
    with namespace.lock:
        last, given = namespace.state().seq, namespace.state().given
    for record in namespace.records(after + 1, last):
        if record.kind == MEMORY_EVENT:
            event = decoded(record)
            if not isinstance(event, Asserted) or event.facts:  # without facts it says how far upkeep has read
                yield _told(record, event, given)


def _told(record: Record, event: Event, given: GivenVectors) -> Change:
    def change(kind: str, id: str, value: object = None, also: tuple[str, ...] = ()) -> Change:
        return Change(
            kind=kind,
            id=id,
            ids=(id, *also),
            value=value,
            seq=record.seq,
            at_ns=record.at_ns,
            recorded_ns=record.recorded_ns,
        )

    match event:
        case Utterance(id=id, text=text):
            return change("add", id or f"m{record.seq}", text)
        case Pinned(id=id, pinned=pinned):
            return change("pin" if pinned else "unpin", id)
        case Faded(id=id):
            return change("fade", id)
        case Reinforced(ids=ids):
            return change("use", ids[0] if ids else "", also=tuple(ids[1:]))
        case Put(key=key, value=value):
            return change("put", key, msgspec.json.decode(value))
        case Deleted(key=key):
            return change("delete", key)
        case Streamed(stream=stream, value=value):
            return change("append", stream, msgspec.json.decode(value))
        case Vectored(id=id, payload=payload):
            return change("vector", id or given.id_at(record.seq), msgspec.json.decode(payload))
        case Asserted(source=source, facts=facts):
            return change("assert", source or f"m{record.seq}", msgspec.to_builtins(facts))
