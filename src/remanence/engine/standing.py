"""Which facts of a namespace hold at a moment, and which memories tell of one that is over.

Kept with the state until a fact is told or one begins or ends, so that a context asks for it at no cost.
"""

from __future__ import annotations

from collections.abc import Iterable

from remanence.core.facts import Key, key_of
from remanence.core.profile import NOTHING_STANDS, Standing, known
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
        _over(state, ever, (each.fact for each in holding), now_ns),
    )
    return found


def _over(state: State, ever: list[Fact], holding: Iterable[Fact], now_ns: int) -> dict[int, str]:
    """Return what became of facts that are over, by the row of the memory that told them."""
    now: dict[Key, Fact] = {key_of(fact.subject, fact.relation): fact for fact in holding}
    followed = {(key_of(fact.subject, fact.relation), fact.valid_from) for fact in ever}
    notes: dict[int, list[str]] = {}
    for fact in ever:
        if fact.valid_to is None or fact.valid_to > now_ns or (row := state.row_of(fact.source)) is None:
            continue
        key = key_of(fact.subject, fact.relation)
        replaced = (key, fact.valid_to) in followed and key in now
        note = f"later: {now[key].object}" if replaced else f"no longer: {fact.object}"
        if note not in notes.setdefault(row, []):
            notes[row].append(note)
    return {row: "; ".join(some) for row, some in notes.items()}
