"""Whether a namespace may take a write, and what it lets go for it.

Nothing is counted in a second place: items are those of the state, bytes those of the log, and the writes of the last
second are read off the log's own times, so that all processes together keep to one quota.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.config import Quota
from remanence.core.forgetting import Curve, Lives
from remanence.engine.columns import ALIVE, PINNED
from remanence.engine.events import encoded
from remanence.engine.ingest import Draft
from remanence.engine.state import State
from remanence.errors import QuotaExceeded
from remanence.records import Deleted, Faded, Put, Streamed, Utterance, Vectored

_DAY_S = 86_400
_SECOND_NS = 10**9


def quota_of(namespace: str, quotas: Mapping[str, Quota]) -> Quota | None:
    """Return the quota of the longest prefix of a namespace's name that has one."""
    prefixes = [prefix for prefix in quotas if namespace.startswith(prefix)]
    return quotas[max(prefixes, key=len)] if prefixes else None


def admit(
    namespace: str,
    quota: Quota,
    state: State,
    drafts: Sequence[Draft],
    *,
    curve: Curve,
    now_ns: int,
    log_bytes: Callable[[], int],
    written_last_second: Callable[[], int],
) -> list[Draft]:
    """Return what has to be let go for some events to be written.

    Args:
        log_bytes: gives what the namespace's records take.
        written_last_second: gives how many of them were written in the last second.

    Raises:
        QuotaExceeded: they may not be written.

    Cost: a few µs; a look-up in the log with `writes_per_second`; 0.1 µs a memory where one is let go.
    """
    let_go = _room(namespace, quota, state, drafts, curve, now_ns, log_bytes)
    if quota.writes_per_second is not None:
        used = written_last_second()
        if used + len(drafts) + len(let_go) > quota.writes_per_second:
            raise QuotaExceeded(namespace, "writes_per_second", quota.writes_per_second, used)
    return let_go


def _room(
    namespace: str,
    quota: Quota,
    state: State,
    drafts: Sequence[Draft],
    curve: Curve,
    now_ns: int,
    log_bytes: Callable[[], int],
) -> list[Draft]:
    """Return what has to be let go for there to be room."""
    if all(_makes_room(state, draft) for draft in drafts):
        return []
    if quota.bytes is not None:
        size = sum(len(encoded(draft.event)[0]) for draft in drafts)
        if (used := log_bytes()) + size > quota.bytes:
            raise QuotaExceeded(namespace, "bytes", quota.bytes, used)
    if quota.items is None or state.seq + len(drafts) <= quota.items:  # a record makes one item at most
        return []
    made = _made(state, drafts, now_ns)
    surplus = _items(state, now_ns) + made - quota.items
    if not made or surplus <= 0:
        return []
    victims = _least_worth(state, surplus, curve, now_ns) if quota.when_full == "fade" else []
    if len(victims) < surplus:
        raise QuotaExceeded(namespace, "items", quota.items, _items(state, now_ns))
    return [Draft(Faded(id)) for id in victims]


def _makes_room(state: State, draft: Draft) -> bool:
    """Return whether an event lets go what is there."""
    match draft.event:
        case Deleted():
            return True
        case Faded(id=id):
            if (row := state.row_of(id)) is not None:
                return bool(state.columns.flags[row] & ALIVE)
            return (row := state.given.row_of(id)) is not None and state.given.alive(row)
        case _:
            return False


def _items(state: State, now_ns: int) -> int:
    """Return how many memories and vectors can be found, keys hold something and streams have entries."""
    beside = len(state.given.living()) + len(state.keys.living(now_ns))
    return state.alive + beside + sum(map(state.streams.length, state.streams))


def _made(state: State, drafts: Sequence[Draft], now_ns: int) -> int:
    """Return how many items some events add."""
    made = 0
    for draft in drafts:
        match draft.event:
            case Utterance(id=id):
                row = state.row_of(id) if id else None
                made += row is None or not state.columns.flags[row] & ALIVE
            case Put(key=key):
                made += state.keys.get(key, now_ns) is None
            case Vectored(id=id):
                row = state.given.row_of(id) if id else None
                made += row is None or not state.given.alive(row)
            case Streamed():
                made += 1
            case _:
                pass
    return made


def _least_worth(state: State, n: int, curve: Curve, now_ns: int) -> list[str]:
    """Return the ids of the `n` memories that are worth least, pinned ones never; fewer where there are fewer."""
    columns = state.columns
    flags = columns.flags[: columns.n]
    rows: NDArray[np.intp] = ((flags & ALIVE != 0) & (flags & PINNED == 0)).nonzero()[0]
    now_s = now_ns / _SECOND_NS
    written_s: NDArray[np.float64] = columns.recorded.take(rows) / _SECOND_NS
    answered: NDArray[np.intp] = state.changes.answered(columns.n).take(rows)
    worth = curve.worth(
        Lives(
            age=(now_s - written_s).clip(0) / _DAY_S,
            idle=(now_s - np.maximum(columns.last_used.take(rows), np.floor(written_s))).clip(0) / _DAY_S,
            uses=columns.uses.take(rows).astype(float),
            answered=answered.astype(float),
            salience=columns.salience.take(rows).astype(float),
        )
    )
    return [state.id_of(int(row)) for row in rows[worth.argsort(kind="stable")[:n]]]
