"""Whether an event may be written: what says only what is known already, and what cannot be.

Asked inside the write transaction, when the state is level with the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from remanence.engine.columns import ALIVE
from remanence.engine.ingest import Draft
from remanence.engine.state import State, default_seq
from remanence.engine.telling import is_overtaken
from remanence.engine.vectors import default_seq as default_vector_seq
from remanence.errors import Conflict, InvalidInput, NoSuchKey, NotFound
from remanence.records import Asserted, Deleted, Faded, Pinned, Put, Reinforced, Streamed, Utterance, Vectored


def is_known(namespace: str, state: State, draft: Draft, clock: Callable[[], int]) -> bool:
    """Return whether an event says what is known already; refuse one that cannot be.

    An utterance under an id that already holds the same text is known.

    Raises:
        InvalidInput: a reserved id, or a vector of another length.
        NotFound: an event about an id or a key that does not exist.
        Conflict: a key or a cursor is elsewhere than the event expects.
    """
    match draft.event:
        case Utterance(id=""):
            return False
        case Utterance() as said:
            row = state.row_of(said.id)
            if row is None:
                if state.given.row_of(said.id) is not None:
                    raise InvalidInput(f"id {said.id!r} is that of a vector; use another for a text")
                if default_seq(said.id) is not None:
                    raise InvalidInput(
                        f"id {said.id!r} is reserved for memories that were given none; use another, or leave it out"
                    )
                return False
            alive = bool(state.columns.flags[row] & ALIVE)
            return alive and state.columns.text(row) == said.text
        case Faded(id=id) if state.given.row_of(id) is not None:
            pass
        case Pinned(id=id) | Faded(id=id):
            _must_exist(namespace, state, [id])
        case Reinforced(ids=ids):
            _must_exist(namespace, state, ids)
        case Put(key=key) | Deleted(key=key):
            _must_be_at(namespace, state, key, draft, clock())
        case Streamed():
            pass
        case Vectored() as vectored:
            _must_fit(namespace, state, vectored)
        case Asserted() as asserted:
            return is_overtaken(state, asserted, draft)
    return False


def _must_fit(namespace: str, state: State, vectored: Vectored) -> None:
    """Refuse a vector that is of another length than those before, or under an id that cannot be its own."""
    id, dim = vectored.id, len(vectored.vector) // 4
    if state.given.n and dim != state.given.dim:
        raise InvalidInput(
            f"vector has {dim} numbers, and the vectors of namespace {namespace!r} have {state.given.dim}; "
            "keep those of another model in a namespace of their own"
        )
    if id and state.given.row_of(id) is None:
        if state.row_of(id) is not None:
            raise InvalidInput(f"id {id!r} is that of a text; use another for a vector")
        if default_seq(id) is not None or default_vector_seq(id) is not None:
            raise InvalidInput(f"id {id!r} is reserved for what was given none; use another, or leave it out")


def _must_be_at(namespace: str, state: State, key: str, draft: Draft, now_ns: int) -> None:
    version = state.keys.version(key, now_ns)
    if isinstance(draft.event, Deleted) and not version:
        raise NoSuchKey(f"no key {key!r} in namespace {namespace!r}")
    if draft.if_version is not None and draft.if_version != version:
        raise Conflict(
            f"key {key!r} is at version {version}, not {draft.if_version}; "
            "read it again and decide anew (0 is a key that holds nothing)"
        )


def _must_exist(namespace: str, state: State, ids: Sequence[str]) -> None:
    for id in ids:
        if state.row_of(id) is None:
            if state.given.row_of(id) is not None:
                raise NotFound(f"{id!r} is a vector in namespace {namespace!r}, which can be faded and no more")
            raise NotFound(f"no memory {id!r} in namespace {namespace!r}")
