"""Who knew what when it answered: readings, what they returned and what was made of them, brought together.

A reading is in the trace log. That an answer was made from it, or that a memory was of use in it, is in the memory log
with the reading's number; an index of that is kept in the trace file and brought up to date when it is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from remanence.engine.events import MEMORY_EVENT, decoded
from remanence.engine.history import Past, moment_of
from remanence.engine.namespace import Namespace
from remanence.engine.returned import recalled, versions_of
from remanence.engine.state import State
from remanence.errors import NotFound
from remanence.lineage import Claim, Lineage, Reading, Use, Why
from remanence.log.trace_log import TraceLog
from remanence.log.traces import Edge, Kept, Trace, kept
from remanence.records import Record, Reinforced, Utterance
from remanence.types import Fact, Item, Position

_BATCH = 4_096  # records indexed in one transaction

Open = Callable[[str], Namespace | Past]


def lineage_of(namespace: Namespace, traces: TraceLog, named: str, open_: Open) -> Lineage:
    """Return what was known in a reading, named by its number or by an answer made from it.

    Args:
        open_: gives the other namespaces that were read with this one.

    Raises:
        NotFound: there is no such reading, or it is not kept any more.
        Conflict: it was read from another log than this one.
    """
    _index(namespace, traces)
    trace = traces.get(namespace.name, named)
    if trace is None:
        made_from = [edge.trace_id for edge in traces.edges(namespace.name, id=named) if not edge.used]
        trace = traces.get(namespace.name, made_from[-1]) if made_from else None
        if trace is None:
            raise NotFound(_missing(namespace, traces, named, made_from))
    held = kept(trace)
    position = _position(held)
    moment_of(namespace, position)  # a trace of another log would tell of other memories
    edges = traces.edges(namespace.name, trace_id=trace.trace_id)
    return Lineage(
        trace_id=trace.trace_id,
        kind=held.kind,
        namespace=namespace.name,
        namespaces=tuple(held.read) or (namespace.name,),
        agent=held.agent,
        query=held.query,
        k=None if held.kind == "context" else held.limit,
        budget_tokens=held.limit if held.kind == "context" else None,
        at_ns=trace.at_ns,
        position=position,
        confidence=held.confidence,
        returned=tuple(recalled(namespace, held, open_)),
        facts=tuple(_told(namespace, held, open_)),
        answers=_written(namespace, [edge.seq for edge in edges if not edge.used]),
        used=tuple(dict.fromkeys(edge.id for edge in edges if edge.used)),
    )


def why(namespace: Namespace, traces: TraceLog, id: str, limit: int) -> Why:
    """Return where a memory comes from and what became of it, with the latest `limit` readings that returned it.

    Raises:
        NotFound: no memory and no vector has this id.
    """
    with namespace.lock:
        state = namespace.state()
        versions = versions_of(state, id)
        facts = tuple(_claims(state, id, namespace.valid_ns()))
        if not versions and not facts:
            raise NotFound(f"no memory {id!r} in namespace {namespace.name!r}; a reading's number goes to lineage()")
    _index(namespace, traces)
    edges = traces.edges(namespace.name, id=id)
    found = [_reading(trace, id, namespace.name) for trace in traces.returning(namespace.name, id, limit)]
    uses = [edge for edge in edges if edge.used]
    made = [
        edge.seq
        for trace_id in dict.fromkeys([each.trace_id for each in found] + [use.trace_id for use in uses])
        for edge in (traces.edges(namespace.name, trace_id=trace_id) if trace_id else ())
        if not edge.used
    ]
    made_from = {edge.seq: edge.trace_id for edge in edges if not edge.used}
    return Why(
        id=id,
        namespace=namespace.name,
        versions=tuple(versions),
        trace_id=made_from.get(versions[-1].seq, "") if versions else "",
        facts=facts,
        readings=tuple(found),
        answers=_written(namespace, made),
        used=tuple(Use(trace_id=use.trace_id, seq=use.seq, recorded_ns=_recorded(namespace, use.seq)) for use in uses),
    )


def _missing(namespace: Namespace, traces: TraceLog, named: str, made_from: Sequence[str]) -> str:
    """Return why there is no lineage, and what to do about it."""
    place = f"namespace {namespace.name!r}"
    if not made_from:
        with namespace.lock:
            if namespace.state().row_of(named) is not None:
                return (
                    f"memory {named!r} in {place} was not made from a reading: it was added without a trace_id; "
                    "give add_turn the trace_id of the context it answers from"
                )
    what = f"reading {made_from[-1]!r}, from which {named!r} was made," if made_from else f"reading {named!r}"
    if traces.detail == "off":
        return f"{what} is not kept in {place}: Config.trace_detail is 'off'; open the store with 'ids' or 'full'"
    config = namespace.around.config
    return (
        f"{what} is not kept in {place}; give the trace_id of a Context or of Hits that this namespace asked for. "
        f"Readings are kept for {config.trace_retention_s / 86_400:g} days, the oldest going first above "
        f"{config.trace_max_bytes:,} bytes (Config.trace_retention_s, Config.trace_max_bytes)"
    )


# --- the index of what the log says of readings ----------------------------------------------------------


def _index(namespace: Namespace, traces: TraceLog) -> None:
    """Bring the index of a namespace's log up to its end. Cost: about 20 µs a record that is new to it."""
    with namespace.lock:
        last = namespace.state().seq
    done = traces.indexed(namespace.name)
    while done < last:
        upto = min(last, done + _BATCH)
        edges = [edge for record in namespace.records(done + 1, upto) for edge in _edges(record)]
        traces.index(namespace.name, edges, upto)
        done = upto


def _edges(record: Record) -> Iterator[Edge]:
    if record.kind != MEMORY_EVENT:
        return
    event = decoded(record)
    if isinstance(event, Utterance) and event.trace_id:
        yield Edge(event.id or f"m{record.seq}", record.seq, event.trace_id, False)
    elif isinstance(event, Reinforced):
        for id in event.ids:
            yield Edge(id, record.seq, event.trace_id, True)


# --- shaping --------------------------------------------------------------------------------------------


def _position(held: Kept) -> Position:
    return Position(held.seq, held.digest.hex())


def _told(namespace: Namespace, held: Kept, open_: Open) -> Iterator[Fact]:
    """Yield the facts that a context opened with; of the namespace that asked, as they were then."""
    if not held.facts:
        return
    told: dict[tuple[str, str, int], Fact] = {}
    for name in held.read or [namespace.name]:
        owner = namespace if name == namespace.name else open_(name)
        with owner.lock:
            facts = owner.state().facts
            if owner is namespace:
                facts = facts.until(held.seq)
            told.update({(fact.source, fact.relation, fact.recorded_at): fact for fact in facts.ever()})
    for key in held.facts:
        if key in told:
            yield told[key]


def _reading(trace: Trace, id: str, namespace: str) -> Reading:
    held = kept(trace)
    rank = held.rank(namespace, id)
    return Reading(
        trace_id=trace.trace_id,
        kind=held.kind,
        agent=held.agent,
        query=held.query,
        at_ns=trace.at_ns,
        position=_position(held),
        version=held.versions[rank - 1] if rank else 0,
        score=round(array("f", held.scores)[rank - 1], 6) if rank else 0.0,
        rank=rank,
    )


def _written(namespace: Namespace, seqs: Sequence[int]) -> tuple[Item, ...]:
    """Return the memories that some records hold, as these wrote them, in log order."""
    with namespace.lock:
        state = namespace.state()
        held = state.columns.seq[: state.columns.n]
        rows = held.searchsorted(np.array(sorted(set(seqs)), held.dtype)).tolist()
        return tuple(state.item(row) for row in rows)


def _recorded(namespace: Namespace, seq: int) -> int:
    return namespace.record_told(seq)[1]


def _claims(state: State, id: str, now_ns: int) -> Iterator[Claim]:
    """Yield the facts that a memory states, with how they stand."""
    for fact in state.facts.facts_of(id):
        yield Claim(fact=fact, current=_holds(fact, now_ns), superseded_by=_successor(state, fact))


def _holds(fact: Fact, now_ns: int) -> bool:
    return (fact.valid_from or 0) <= now_ns and (fact.valid_to is None or now_ns < fact.valid_to)


def _successor(state: State, fact: Fact) -> Fact | None:
    """Return the fact that began where one ended; None where it did not end, or was taken back."""
    if fact.valid_to is None:
        return None
    others = state.facts.ever(fact.subject, fact.relation)
    return next((other for other in others if other != fact and other.valid_from == fact.valid_to), None)
