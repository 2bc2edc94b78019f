"""Putting right of whom something was said: "no, that's my cousin", "I meant my sister, not my brother"."""

from __future__ import annotations

import re

from remanence.extract.subjects import Mention
from remanence.extract.turn import Turn

_BEFORE = re.compile(
    r"(?:^|\b|[,.!?] )(?:(?:no|wait|sorry|i meant?|that is|it is|actually|make that|oh|ah|well|hang on|scratch that|"
    r"not (?:my|our) [a-z-]+(?: in law)?(?:'s)?)\b[ ,.!]*)+$"
)
_SURE = re.compile(r"\b(?:no|wait|well|sorry|i meant?|actually|make that|hang on|not)\b")
_BARE = re.compile(
    r"(?: is(?=$|[,.!?]| i\b))?(?:'?s(?= (?:my|our)\b|[,.!?]|$))?"
    r"(?:$|[,.!?]| i\b| actually\b| sorry\b| i meant?\b| not\b| my\b| our\b)"
)


def is_moved(turn: Turn, mention: Mention, subject: str) -> bool:
    """Return whether a mention stands alone, where somebody else's fact is put right."""
    if not mention.kin or not mention.own or mention.attribute or not turn.before(mention.start):
        return False
    low = turn.said.low
    after = _BARE.match(low, mention.end)
    before = _BEFORE.search(low, max(0, mention.start - 60), mention.start)
    if after is None or before is None or re.search(r"\bnot $", before[0]):
        return False
    sure = _SURE.search(before[0]) or _SURE.search(after[0])
    return sure is not None and turn.before(mention.start)[0].subject != subject


def move(turn: Turn, mention: Mention, subject: str) -> None:
    """Say of a subject what was said last of somebody else, of whom it no longer holds."""
    before = turn.before(mention.start)
    wrong = before[0].subject
    for old in reversed(before):
        if old.subject == wrong and old.relation != "has":
            turn.state(old.subject, old.relation, old.object, retracted=True)
            turn.state(subject, old.relation, old.object)
    turn.meet(subject, mention.name, mention.end)
