"""What a reading returned, hit by hit, as it was then: the trace has ids and versions, the log has the rest."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from remanence.engine.events import MEMORY_EVENT, decoded
from remanence.engine.history import Past
from remanence.engine.namespace import Namespace
from remanence.engine.rows import stated
from remanence.engine.state import State
from remanence.engine.vectors import text_of
from remanence.lineage import Recalled
from remanence.log.traces import Kept, mark_of
from remanence.records import Event, Put, Streamed
from remanence.types import SIGNALS, Item


class _Said(NamedTuple):
    """What a hit said: its text, and its JSON value where it is no text."""

    text: str
    value: Any = None


def recalled(namespace: Namespace, held: Kept, open_: Callable[[str], Namespace | Past]) -> Iterator[Recalled]:
    """Yield what a reading by `namespace` returned, best first.

    Args:
        open_: gives the other namespaces that were read with this one.

    Cost: about 10 µs each; 30 µs for a key or an entry of a stream, which are read from the log.
    """
    scores = array("f", held.scores)
    for i, (id, version) in enumerate(zip(held.ids, held.versions, strict=True)):
        place = held.place(i, namespace.name)
        owner = namespace if place == namespace.name else open_(place)
        with owner.lock:
            said = _said(owner, held.kind_of(i), id, version, held.marks[i] if held.marks else 0)
        yield Recalled(
            id=id,
            version=version,
            score=round(scores[i], 6),  # a float32 has no more
            namespace=place,
            text=None if said is None else said.text,
            parts=dict(zip(SIGNALS, held.parts[i], strict=False)) if held.parts else {},
            kind=held.kind_of(i),
            value=None if said is None else said.value,
        )


def versions_of(state: State, id: str) -> list[Item]:
    """Return all versions of a memory or a vector, oldest first; none where there is neither."""
    versions: list[Item] = []
    row = state.row_of(id)
    if row is None and (given := state.given.row_of(id)) is not None:
        versions = [state.given.item(each) for each in state.given.versions(given)]
    while row is not None:
        versions.append(state.item(row))
        row = state.superseded.get(row)
    return versions[::-1]


def _said(owner: Namespace | Past, kind: str, id: str, version: int, mark: int) -> _Said | None:
    """Return what a hit said; None where it is gone. The caller holds the lock."""
    state = owner.state()
    match kind:
        case "fact":
            return _fact(state, id, mark)
        case "kv":
            event = _event(owner, state.keys.record_of(id, version))
            return _json(id, event.value) if isinstance(event, Put) else None
        case "stream":
            stream, _, number = id.rpartition("/")
            found = number.isdecimal() and 1 <= int(number) <= state.streams.length(stream)
            event = _event(owner, state.streams.record_of(stream, int(number)) if found else None)
            return _json(id, event.value) if isinstance(event, Streamed) else None
        case "vector":
            return _vector(state, id, version)
        case _:
            return _text(state, id, version)


def _text(state: State, id: str, version: int) -> _Said | None:
    """Return what a version of a memory said."""
    row = state.row_of(id)
    rows: list[int] = []
    while row is not None:
        rows.append(row)
        row = state.superseded.get(row)
    return _Said(state.columns.text(rows[-version])) if 1 <= version <= len(rows) else None


def _fact(state: State, source: str, mark: int) -> _Said | None:
    """Return the fact among those a memory states, or stated, that has the mark."""
    for told in state.facts.told_by(source):
        if mark_of(words := stated(told.stated)) == mark:
            return _Said(words, told.stated.object)
    return None


def _vector(state: State, id: str, version: int) -> _Said | None:
    row = state.given.row_of(id)
    rows = [] if row is None else state.given.versions(row)
    if not 1 <= version <= len(rows):
        return None
    value = state.given.payload(rows[-version])  # newest first
    return _Said(text_of(value), value)


def _json(id: str, value: bytes) -> _Said:
    return _Said(f"{id}: {value.decode()}", msgspec.json.decode(value))


def _event(owner: Namespace | Past, seq: int | None) -> Event | None:
    """Return what a record of the log holds; None where there is none, or no event in it."""
    if seq is None:
        return None
    record = next(owner.records(seq, seq), None)
    return None if record is None or record.kind != MEMORY_EVENT else decoded(record)
