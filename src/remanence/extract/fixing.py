"""Putting right what was stated: the value after "sorry, I meant" takes the place of the last one of its kind.

Where a wrong value is named ("not walnuts", "I keep saying Porto"), its statement is the one put right. A fragment that
is no value by itself may be a part of one: "type two" after "type one diabetes", "red" after "a blue Skoda".
"""

from __future__ import annotations

import re

from remanence.extract import context, corrections, fragments, values
from remanence.extract.corrections import Marker
from remanence.extract.fragments import Named
from remanence.extract.statements import Statement, relation, same
from remanence.extract.turn import Turn

_NUMBERS = ("age", "birthday", "phone", "email")
_REALLY = re.compile(r" (?:really|now|actually|technically|these days)\b")  # but "well, Susan, I see"
_OWN = re.compile(r"\b(?:i am|we are)\b")
_ALONE = re.compile(r" ?(?:[.!]|$)")


def fix(turn: Turn, marker: Marker) -> None:
    """Put the value after a marker in the place of the one stated last, or of the one that is named as wrong."""
    if marker.start < turn.put_to:
        return
    turn.fixing = turn.fixing or marker.strong
    low = turn.said.low
    lead = corrections.LEAD.match(low, marker.end)
    pos = lead.end() if lead else marker.end
    if lead and lead["not"]:
        _deny(turn, pos)
    else:
        own = _OWN.search(lead[0]) is not None if lead else False
        hedged = low.startswith("well", marker.start) and not marker.strong
        link = (lead["link"] or "") if lead else ""
        _put(turn, pos, marker.strong, fragments.named_later(turn, pos), link=link, hedged=hedged, own=own)


def named(turn: Turn, m: re.Match[str]) -> None:
    """Read "not X, Y", "Y, not X" and "I keep saying X but it's Y", where X was stated."""
    if turn.said.low.startswith("not ", m.start()) and corrections.LEAD.match(turn.said.low, m.start()) is None:
        return
    wrong = fragments.stated_at(turn, m.end())
    if wrong is None:
        return
    turn.fixing = True
    after = corrections.SKIPPED.match(turn.said.low, wrong.end)
    if after and _put(turn, after.end(), True, wrong):
        return
    start = turn.sentence(m.start())[0]
    opening = corrections.OPENING.match(turn.said.low, start)
    if m["not"] and opening and opening.end() < m.start():
        _put(turn, opening.end(), True, wrong, before=m.start())


def trailing(turn: Turn) -> None:
    """Read a turn that starts with the right value: "Bradford, I should say", "Liz is fine"."""
    if corrections.OPENS.match(turn.said.low):
        return
    opening = corrections.OPENING.match(turn.said.low)
    pos = opening.end() if opening else 0
    for rank, old in enumerate(fragments.candidates(turn)):
        found = fragments.fitting(turn, old, pos)
        if found and rank == 0 and old.relation == "name" and corrections.INSTEAD.match(turn.said.low, found.end):
            turn.state(old.subject, old.relation, found.object)
            return
        if found is None:
            continue
        trails = corrections.TRAILS.match(turn.said.low, found.end)
        alone = old.relation in _NUMBERS or turn.said.low.startswith("*")
        alone = alone and _ALONE.match(turn.said.low, found.end) is not None
        if trails or alone or _is_repeated(turn, found, old):
            turn.fixing, turn.put_to = True, trails.end() if trails else 0
            _put(turn, pos, True, fragments.named_later(turn, pos))
            return


def _is_repeated(turn: Turn, found: values.Value, old: Statement) -> bool:
    """Return whether a value that is cried out is said again, or the wrong one is: "Blur! It's Blur"."""
    low = turn.said.low
    if not low.startswith("!", found.end) or same(found.object, old.object):
        return False
    again = re.compile(
        rf"\b(?:{re.escape(found.object.lower())}|{re.escape(old.object.lower() or found.object.lower())})\b"
    )
    return again.search(low, found.end) is not None


def _put(
    turn: Turn,
    pos: int,
    strong: bool,
    wrong: Named | None = None,
    *,
    before: int = 0,
    link: str = "",
    hedged: bool = False,
    own: bool = False,
) -> bool:
    """Put the value at `pos` in the place of a statement's; return whether there is one."""
    low = turn.said.low
    if not 0 <= pos < len(low):
        return False
    for rank, old in enumerate([wrong.statement] if wrong else fragments.candidates(turn)):
        if rank and not strong and relation(old.relation).kind in corrections.OPEN_KINDS:
            continue
        if own and old.subject != turn.speaker:
            continue
        if link and not wrong and not context.links(old.relation, link):
            continue
        found = fragments.fitting(turn, old, pos)
        if not found or (before and found.end > before):
            continue
        if hedged and relation(old.relation).kind in corrections.OPEN_KINDS and not _REALLY.match(low, found.end):
            continue
        instead = corrections.INSTEAD.match(low, found.end)
        if old.relation == "name" and not (strong or instead) and old.object[:1].lower() != found.object[:1].lower():
            continue  # "no, Susan, I meant …" is said to Susan, but "no, Kirstin" corrects "Kirsten"
        new = found.object
        if wrong and not same(wrong.part, old.object):
            new = " ".join(new if same(word, wrong.part) else word for word in old.object.split())
        replace(turn, old, new)
        return True
    return False


def replace(turn: Turn, old: Statement, new: str) -> None:
    """State a value in the place of an old one."""
    latest = turn.latest()
    if same(old.object, new):
        return
    if old.object and not relation(old.relation).single:
        turn.state(old.subject, old.relation, old.object, retracted=True)
    turn.state(old.subject, old.relation, new, alone=True)
    for other in latest:  # "a labrador … I mean a labradoodle": what is had changes too
        if other.relation == "has" and same(other.object, old.object):
            turn.state(other.subject, "has", old.object, retracted=True)
            turn.state(other.subject, "has", new)


def _deny(turn: Turn, pos: int) -> None:
    """Take back the value after "not", or put the right one that follows in its place."""
    wrong = fragments.stated_at(turn, pos)
    if wrong:
        after = corrections.SKIPPED.match(turn.said.low, wrong.end)
        if after is None or not _put(turn, after.end(), True, wrong):
            turn.state(*wrong.statement[:3], retracted=True)
        return
    gone = values.read("favorite", turn.said, pos, turn.at_ns)
    after = corrections.SKIPPED.match(turn.said.low, gone[0].end) if gone else None
    if after and after.end() > gone[0].end + 1:
        _put(turn, after.end(), True)
