"""Putting right what was stated: the value after "sorry, I meant" takes the place of the last one of its kind.

Where a wrong value is named ("not walnuts", "I keep saying Porto"), its statement is the one put right. A fragment that
is no value by itself may be a part of one: "type two" after "type one diabetes", "red" after "a blue Skoda".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract import context, corrections, numbers, values
from remanence.extract.corrections import Marker
from remanence.extract.statements import Statement, relation, same
from remanence.extract.subjects import kin_at
from remanence.extract.turn import Turn
from remanence.extract.words import forms

_NUMBERS = ("age", "birthday", "phone", "email")
_ALONE = re.compile(r" ?(?:[.!]|$)")
_WORD = re.compile(r"(?:(?:an?|the|my) (?=\w))?([a-z']+|\d+)")
_AFTER = (" i ", " not ", " now", " actually", " and ", " so ", " with ", " these days", " since")
_COLOURS = frozenset("red blue green black white grey gray silver yellow orange purple brown gold pink beige".split())
_FRAGMENT = re.compile(r"(?:the |an? )?(?P<words>[\w'-]+(?: [\w'-]+)?)")
_DAY = re.compile(rf"(?:the )?(?P<day>{numbers.ORDINAL})(?=[ ,.!?]|$)(?! of)")


class Named(NamedTuple):
    """A statement whose value, or a part of it, is named again as wrong, and where that ends."""

    statement: Statement
    part: str
    end: int


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
        _put(turn, pos, marker.strong, _named_later(turn, pos))


def named(turn: Turn, m: re.Match[str]) -> None:
    """Read "not X, Y", "Y, not X" and "I keep saying X but it's Y", where X was stated."""
    if turn.said.low.startswith("not ", m.start()) and corrections.LEAD.match(turn.said.low, m.start()) is None:
        return
    wrong = _stated_at(turn, m.end())
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
    for rank, old in enumerate(_candidates(turn)):
        found = _fitting(turn, old, pos, True)
        if found and rank == 0 and old.relation == "name" and corrections.INSTEAD.match(turn.said.low, found.end):
            turn.state(old.subject, old.relation, found.object)
            return
        trails = corrections.TRAILS.match(turn.said.low, found.end) if found else None
        if trails or (found and old.relation in _NUMBERS and _ALONE.match(turn.said.low, found.end)):
            turn.fixing, turn.put_to = True, trails.end() if trails else 0
            _put(turn, pos, True, _named_later(turn, pos))
            return


def _candidates(turn: Turn) -> list[Statement]:
    """Return the statements that may be put right, the likeliest first."""
    found = [s for s in turn.latest() if s.relation != "has"]
    if turn.topic and turn.pending:
        found.insert(0, Statement(*turn.topic, ""))
    return found


def _put(turn: Turn, pos: int, strong: bool, wrong: Named | None = None, before: int = 0) -> bool:
    """Put the value at `pos` in the place of a statement's; return whether there is one."""
    low = turn.said.low
    if not 0 <= pos < len(low):
        return False
    for rank, old in enumerate([wrong.statement] if wrong else _candidates(turn)):
        if rank and not strong and relation(old.relation).kind in corrections.OPEN_KINDS:
            continue
        found = _fitting(turn, old, pos, strong)
        if not found or (before and found.end > before):
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
    wrong = _stated_at(turn, pos)
    if wrong:
        after = corrections.SKIPPED.match(turn.said.low, wrong.end)
        if after is None or not _put(turn, after.end(), True, wrong):
            turn.state(*wrong.statement[:3], retracted=True)
        return
    gone = values.read("favorite", turn.said, pos, turn.at_ns)
    after = corrections.SKIPPED.match(turn.said.low, gone[0].end) if gone else None
    if after and after.end() > gone[0].end + 1:
        _put(turn, after.end(), True)


def _stated_at(turn: Turn, pos: int) -> Named | None:
    """Return the statement whose value, or a word of it, is said at `pos`."""
    low = turn.said.low
    for statement in _candidates(turn):
        words = statement.object.split()
        for part in (statement.object, *(words if len(words) > 1 else ())):
            end = pos + len(part)
            if part and low.startswith(part.lower(), pos) and not low[end : end + 1].isalnum():
                return Named(statement, part, end)
        found = values.read(relation(statement.relation).kind, turn.said, pos, turn.at_ns) if statement.object else []
        if found and same(found[0].object, statement.object):
            return Named(statement, statement.object, found[0].end)
    return None


def _named_later(turn: Turn, pos: int) -> Named | None:
    """Return the value that is called wrong later in the sentence: "almonds, not walnuts"."""
    for m in corrections.NAMED.finditer(turn.said.low, pos, turn.sentence(pos)[1]):
        wrong = _stated_at(turn, m.end()) if m["not"] else None
        if wrong:
            return wrong
    return None


def _fitting(turn: Turn, old: Statement, pos: int, strong: bool) -> values.Value | None:
    """Return the new value for a statement, if what stands at `pos` is one, or a part that changes in the old one."""
    low = turn.said.low
    kind = relation(old.relation).kind
    loose = kind in corrections.OPEN_KINDS
    word = _WORD.match(low, pos)
    if loose and (word is None or word[1] in forms("states") or kin_at(low, word.start(1))):
        return None
    found = values.read(context.READ_AS.get(kind, kind), turn.said, pos, turn.at_ns)
    if not found:
        return _part(turn, old, pos)
    rest = low[found[0].end : found[0].end + 12]
    if loose and not strong and rest.strip() and rest[0] not in ",.;!?" and not rest.startswith(_AFTER):
        return found[0] if corrections.INSTEAD.match(low, found[0].end) and kind == "name" else None
    return found[0]


def _part(turn: Turn, old: Statement, pos: int) -> values.Value | None:
    """Return an old value with the part at `pos` changed: "red" in "blue Skoda", "the 4th" in a date."""
    day = _DAY.match(turn.said.low, pos)
    if old.relation == "birthday" and day and old.object.count("-") >= 2:
        return values.Value(f"{old.object[:-2]}{numbers.ordinal(day['day']):02}", day.end())
    m, words = _FRAGMENT.match(turn.said.text, pos), old.object.split()
    if m is None or len(words) < 2:
        return None
    new = numbers.in_digits(m["words"]).split()
    if new[0].lower() in _COLOURS and words[0].lower() in _COLOURS:
        return values.Value(" ".join([new[0].lower(), *words[1:]]), m.start("words") + len(new[0]))
    alike = len(new) < len(words) and len(new) > 1 and new[0].lower() == words[0].lower() and new[1] != words[1]
    return values.Value(" ".join([*new, *words[len(new) :]]), m.end()) if alike else None
