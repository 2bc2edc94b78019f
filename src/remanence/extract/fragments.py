"""What can stand in the place of a value: one of its kind, or a part of it that changes ("type two", "red").

Also where a wrong value is named again: "not walnuts", "I keep saying Porto".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract import context, corrections, numbers, values
from remanence.extract.statements import Statement, relation, same
from remanence.extract.subjects import kin_at
from remanence.extract.turn import Turn
from remanence.extract.words import forms

_WORD = re.compile(r"(?:(?:an?|the|my) (?=\w))?([a-z']+|\d+)")
_AFTER = (
    " really",
    " technically",
    " the ",
    " if ",
    " i ",
    " not ",
    " now",
    " actually",
    " and ",
    " so ",
    " with ",
    " these days",
    " since",
)
_COLOURS = frozenset("red blue green black white grey gray silver yellow orange purple brown gold pink beige".split())
_FRAGMENT = re.compile(r"(?:the |an? )?(?P<words>[\w'-]+(?: [\w'-]+)?)")
_DAY = re.compile(rf"(?:the )?(?P<day>{numbers.ORDINAL})(?=[ ,.!?]|$)(?! of)")


class Named(NamedTuple):
    """A statement whose value, or a part of it, is named again as wrong, and where that ends."""

    statement: Statement
    part: str
    end: int


def candidates(turn: Turn) -> list[Statement]:
    """Return the statements that may be put right, the likeliest first."""
    found = [s for s in turn.latest() if s.relation != "has"]
    if turn.topic and turn.pending:
        found.insert(0, Statement(*turn.topic, ""))
    return found


def stated_at(turn: Turn, pos: int) -> Named | None:
    """Return the statement whose value, or a word of it, is said at `pos`."""
    low = turn.said.low
    for statement in candidates(turn):
        words = statement.object.split()
        for part in (statement.object, *(words if len(words) > 1 else ())):
            end = pos + len(part)
            if part and low.startswith(part.lower(), pos) and not low[end : end + 1].isalnum():
                return Named(statement, part, end)
        found = values.read(relation(statement.relation).kind, turn.said, pos, turn.at_ns) if statement.object else []
        if found and same(found[0].object, statement.object):
            return Named(statement, statement.object, found[0].end)
    return None


def named_later(turn: Turn, pos: int) -> Named | None:
    """Return the value that is called wrong later in the sentence: "almonds, not walnuts"."""
    for m in corrections.NAMED.finditer(turn.said.low, pos, turn.sentence(pos)[1]):
        wrong = stated_at(turn, m.end()) if m["not"] else None
        if wrong:
            return wrong
    return None


def fitting(turn: Turn, old: Statement, pos: int) -> values.Value | None:
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
    if kind == "name" and not _names(turn, found[0].object, old.object, pos):
        return None
    rest = low[found[0].end : found[0].end + 12]
    if loose and rest.strip() and rest[0] not in ",.;!?" and not rest.startswith(_AFTER):
        return found[0] if corrections.INSTEAD.match(low, found[0].end) and kind == "name" else None
    return found[0]


def _names(turn: Turn, new: str, old: str, pos: int) -> bool:
    """Return whether a word is a name: with a capital, known, or like the old one, and no article before it."""
    if turn.said.low.endswith((" the ", " a ", " an ", "no "), 0, pos) and not new[0].isupper():
        return False
    return new[0].isupper() or new.lower() in forms("first_names") or new[:1].lower() == old[:1].lower()


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
