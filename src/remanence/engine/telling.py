"""Facts that come without an utterance: checked, turned into events, and held against what is known when written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from remanence.core.text import plain
from remanence.core.timeline import same
from remanence.engine.columns import ALIVE
from remanence.engine.ingest import MAX_NAME_BYTES, Draft, key_of, nanoseconds
from remanence.engine.state import State
from remanence.errors import Conflict, InvalidInput, NotFound
from remanence.records import Asserted, Stated

BEGINNING = 0, 0  # the cursor of an extractor that has read nothing


def told(
    subject: str,
    relation: str,
    object: str,
    *,
    since: datetime | str | None,
    until: datetime | str | None,
    single: bool | None,
    source: str | None,
    now_ns: int,
) -> Draft:
    """Return a fact ready to be written."""
    if single is not None and type(single) is not bool:
        raise InvalidInput(f"single is {single!r}; give True for a relation with one value at a time, or False")
    what = key_of("relation", relation)
    fact = Stated(
        subject=key_of("subject", subject),
        relation=what,
        object=key_of("object", object),
        single=known_single(what) if single is None else single,
        since_ns=None if since is None else nanoseconds(since),
        until_ns=None if until is None else nanoseconds(until),
    )
    since_ns = now_ns if fact.since_ns is None else fact.since_ns
    if fact.until_ns is not None and fact.until_ns <= since_ns:
        raise InvalidInput(
            f"until is {until!r}, which is not after {'now' if since is None else repr(since)}; "
            "give since= too for what was over before now"
        )
    return _draft(fact, source, now_ns)


def ended(
    subject: str, relation: str, object: str | None, *, since: datetime | str | None, source: str | None, now_ns: int
) -> Draft:
    """Return the end of a fact, ready to be written; without an object, of all of its relation."""
    fact = Stated(
        subject=key_of("subject", subject),
        relation=key_of("relation", relation),
        object="" if object is None else key_of("object", object),
        ends=True,
        since_ns=None if since is None else nanoseconds(since),
    )
    return _draft(fact, source, now_ns)


def known_single(relation: str) -> bool:
    """Return whether a subject has one value of a relation at a time; of one nobody knows, many."""
    from remanence.extract import statements  # compiles its patterns: not before somebody tells a fact

    try:
        return statements.relation(relation.strip().casefold()).single
    except KeyError:
        return False


def can_be(fact: Any) -> bool:
    """Return whether what an extractor gave is a fact that a caller could have told."""
    if not isinstance(fact, Stated) or not all(isinstance(flag, bool) for flag in (fact.single, fact.soft, fact.ends)):
        return False
    words: tuple[Any, ...] = (fact.subject, fact.relation, fact.object)
    if not all(
        isinstance(word, str) and plain(word) == word and len(word.encode()) <= MAX_NAME_BYTES for word in words
    ):
        return False
    if not (fact.subject.strip() and fact.relation.strip() and (fact.ends or fact.object.strip())):
        return False
    times: tuple[Any, ...] = (fact.since_ns, fact.until_ns)
    if not all(ns is None or (type(ns) is int and -(2**63) <= ns < 2**63) for ns in times):
        return False
    return fact.until_ns is None or (fact.since_ns is not None and fact.since_ns < fact.until_ns)


def _draft(fact: Stated, source: str | None, now_ns: int) -> Draft:
    return Draft(Asserted([fact], "" if source is None else key_of("source", source)), now_ns)


def is_overtaken(state: State, asserted: Asserted, draft: Draft) -> bool:
    """Return whether the memory that facts were found in is not what it was; refuse facts that cannot be.

    Raises:
        Conflict: somebody else moved the cursor of this extractor.
        NotFound: the memory that a caller cites, or the fact to be ended, does not exist.
    """
    if draft.known:
        return False
    if asserted.until and draft.if_cursor != state.cursors.get(asserted.by, BEGINNING):
        raise Conflict(f"somebody else let {asserted.by!r} read on from record {draft.if_cursor}")
    if asserted.source:
        row = state.row_of(asserted.source)
        if draft.if_seq is not None:
            columns = state.columns
            return row is None or columns.seq[row] != draft.if_seq or not columns.flags[row] & ALIVE
        if row is None:
            raise NotFound(f"no memory {asserted.source!r}, which is given as the source of a fact; leave it out")
    for fact in asserted.facts:
        if fact.ends:
            _must_hold(state, fact, fact.since_ns if fact.since_ns is not None else draft.at_ns or 0)
    return False


def _must_hold(state: State, end: Stated, at_ns: int) -> None:
    """Refuse the end of what was never told, or is over already."""
    for fact in state.facts.ever(end.subject, end.relation):
        still = fact.valid_to is None or max(at_ns, fact.valid_from or 0) < fact.valid_to
        if still and (not end.object or same(fact.object, end.object)):
            return
    what = f"{end.subject!r} {end.relation!r}" + (f" {end.object!r}" if end.object else "")
    raise NotFound(f"no fact {what} that could end then; `facts(ended=True)` lists all")
