"""What a write gives back: which memories it made or was about, in which version, and where the log stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from remanence.engine.ingest import Draft
from remanence.engine.state import State
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
from remanence.types import Fact, Position, Receipt


def receipt_of(
    state: State,
    drafts: Sequence[Draft],
    written: Sequence[tuple[Record, Event]],
    *,
    position_of: Callable[[int], Position],
    barrier: Callable[[float | None], bool],
) -> Receipt:
    """Return the receipt of some events.

    Args:
        state: with them taken in.
        drafts: what was to be written.
        written: what was, in that order, without what was known already and before what had to go for it.
        position_of: gives the position of a record.
    """
    id, version, ids = _about(state, drafts, [record.seq for record, _ in written])
    row = state.row_of(id) if ids and not written else None
    position = Position(state.seq, state.digest) if row is None else position_of(int(state.columns.seq[row]))
    return Receipt(
        id=id,
        version=version,
        position=position,  # of a repeat: what the first one got
        ids=ids or ((id,) if id else ()),
        facts=tuple(fact for record, event in written for fact in _made(state, record, event)),
        barrier=barrier,
    )


def _about(state: State, drafts: Sequence[Draft], seqs: Sequence[int]) -> tuple[str, int, tuple[str, ...]]:
    """Return the id, the version and all memories that some events are about."""
    ids: list[str] = []
    made = iter(seqs)
    for draft in drafts:
        match draft.event:
            case Utterance(id=id):
                ids.append(id or f"m{next(made)}")
            case Reinforced(ids=several):
                ids.extend(several)
            case Pinned(id=id) | Faded(id=id):
                ids.append(id)
            case Put(key=key) | Deleted(key=key):
                return key, state.keys.written(key), ()
            case Streamed(stream=name):
                return f"{name}/{state.streams.length(name)}", 1, ()
            case Asserted(source=source):
                return source or f"m{state.seq}", 1, ()
            case Vectored():
                row = state.given.n - 1  # the one just written
                return state.given.id_of(row), state.given.version_of(row), ()
    return (ids[-1], _version(state, ids[-1]), tuple(ids)) if ids else ("", 0, ())


def _version(state: State, id: str) -> int:
    if (row := state.ids.get(id)) is not None:
        return state.version_of(row)
    row = state.given.row_of(id)
    return 1 if row is None else state.given.version_of(row)


def _made(state: State, record: Record, event: Event) -> list[Fact]:
    """Return the facts that a record made, those it only confirmed left out."""
    match event:
        case Utterance(id=source) | Asserted(source=source):
            source = source or f"m{record.seq}"
        case _:
            return []
    keys = dict.fromkeys((stated.subject, stated.relation) for stated in event.facts)
    return [
        fact
        for key in keys
        for fact in state.facts.ever(*key)
        if fact.source == source and fact.recorded_at == record.recorded_ns
    ]
