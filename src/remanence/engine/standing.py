"""Which facts of a namespace hold at a moment, and which memories tell of one that is over.

Kept with the state until a fact is told or one begins or ends, so that a context asks for it at no cost.
"""

from __future__ import annotations

from collections.abc import Iterable

from remanence.core.facts import Key, key_of
from remanence.core.profile import NOTHING_STANDS, Standing, known, on_one_line
from remanence.core.timeline import same
from remanence.engine.state import State
from remanence.types import Fact

_EVER = 2**63


def standing_at(state: State, now_ns: int) -> Standing:
    """Return what holds at a time. Cost: nothing while nothing changed; otherwise some 2 µs a fact."""
    made = state.standing
    revision = state.facts.revision
    if not revision:
        return NOTHING_STANDS
    if made is not None and made.revision == revision and made.since_ns <= now_ns < made.until_ns:
        return made
    before = {each.fact: each for each in made.holding} if made is not None else {}
    ever = state.facts.ever()
    begins = [fact.valid_from or 0 for fact in ever]
    turns = [*begins, *(fact.valid_to for fact in ever if fact.valid_to is not None)]
    holding = [
        before.get(fact) or known(fact, state.analyzer.terms)
        for fact, begin in zip(ever, begins, strict=True)
        if begin <= now_ns and (fact.valid_to is None or now_ns < fact.valid_to)
    ]
    state.standing = found = Standing(
        revision,
        max((turn for turn in turns if turn <= now_ns), default=-_EVER),
        min((turn for turn in turns if turn > now_ns), default=_EVER),
        holding,
        _over(state, (each.fact for each in holding), now_ns),
    )
    return found


def _over(state: State, holding: Iterable[Fact], now_ns: int) -> dict[int, str]:
    """Return what became of facts that are over, by the row of each memory that told them."""
    now: dict[Key, Fact] = {key_of(fact.subject, fact.relation): fact for fact in holding}
    notes: dict[int, list[str]] = {}
    for key, span in state.facts.all_spans():
        if span.until_ns is None or span.until_ns > now_ns:
            continue
        current = now.get(key)
        if current is not None and same(current.object, span.object):
            continue  # it is so again
        note = f"no longer: {on_one_line(span.told.stated.object)}"
        if current is not None and span.replaced:
            note = f"later: {on_one_line(current.object)}"
        for teller in span.tellers:
            row = state.row_of(teller)
            if row is not None and note not in notes.setdefault(row, []):
                notes[row].append(note)
    return {row: "; ".join(some) for row, some in notes.items()}
