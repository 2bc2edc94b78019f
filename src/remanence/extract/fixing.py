"""Putting right what was stated: the value after "sorry, I meant" takes the place of the last one of its kind."""

from __future__ import annotations

import re

from remanence.extract import corrections, values
from remanence.extract.corrections import Marker
from remanence.extract.statements import relation, same
from remanence.extract.turn import Turn

_BUT = re.compile(r"[ ,.;!-]*(?:but |it is )?")
_WORD = re.compile(r"(?:(?:an?|the|my) (?=\w))?([a-z']+|\d+)")
_AFTER = (" i ", " not ", " now", " actually", " and ", " so ", " with ")


def fix(turn: Turn, marker: Marker) -> None:
    """Put the value after a marker in the place of the one stated last."""
    turn.fixing = turn.fixing or marker.strong
    low = turn.said.low
    lead = corrections.LEAD.match(low, marker.end)
    pos = lead.end() if lead else marker.end
    if lead and lead["not"]:
        pos = _denied(turn, pos)
    if not 0 <= pos < len(low):
        return
    candidates = [(s.subject, s.relation, s.object) for s in turn.latest() if s.relation != "has"]
    if turn.topic and turn.pending:
        candidates.insert(0, (*turn.topic, ""))
    for rank, (subject, what, old) in enumerate(candidates):
        found = _fitting(turn, what, pos, marker, rank)
        if not found or (what == "name" and not marker.strong and old[:1].lower() != found[:1].lower()):
            continue  # "no, Susan, I meant …" is said to Susan, but "no, Kirstin" corrects "Kirsten"
        if same(old, found):
            return
        latest = turn.latest()
        if old and not relation(what).single:
            turn.state(subject, what, old, retracted=True)
        turn.state(subject, what, found)
        for other in latest:  # "a labrador … I mean a labradoodle": what is had changes too
            if other.relation == "has" and same(other.object, old):
                turn.state(other.subject, "has", old, retracted=True)
                turn.state(other.subject, "has", found)
        return


def _denied(turn: Turn, pos: int) -> int:
    """Take back the value after "not"; return where the right one may follow, or -1."""
    gone = values.read("favorite", turn.said, pos, turn.at_ns)
    if not gone:
        return -1
    for statement in turn.latest():
        if same(statement.object, gone[0].object):
            turn.state(statement.subject, statement.relation, statement.object, retracted=True)
    after = _BUT.match(turn.said.low, gone[0].end)
    return after.end() if after else pos


def _fitting(turn: Turn, what: str, pos: int, marker: Marker, rank: int) -> str:
    """Return the new value for a relation, if what stands at `pos` is one; else nothing."""
    low = turn.said.low
    kind = relation(what).kind
    loose = kind in corrections.OPEN_KINDS
    word = _WORD.match(low, pos)
    if loose and (word is None or word[1] in corrections.NO_FRAGMENT or (rank > 0 and not marker.strong)):
        return ""
    found = values.read({"job": "role", "school": "campus"}.get(kind, kind), turn.said, pos, turn.at_ns)  # pyright: ignore[reportArgumentType]
    if not found:
        return ""
    rest = low[found[0].end : found[0].end + 12]
    if loose and not marker.strong and rest.strip() and rest[0] not in ",.;!?" and not rest.startswith(_AFTER):
        return ""
    return found[0].object


def take_back(turn: Turn, m: re.Match[str]) -> None:
    """End what was stated last: "scratch that", "the Cardiff bit", "not any more"."""
    what = m["what"]
    if what is None:
        turn.retract_last()
        return
    for statement in (*turn.statements, *turn.carried.statements):
        if not statement.retracted and same(statement.object, what):
            turn.state(statement.subject, statement.relation, statement.object, retracted=True)
