"""Names of the speaker that no rule of the table can tell: "I'm Beatriz", "it's Malcolm here"."""

from __future__ import annotations

import re

from remanence.extract import values
from remanence.extract.turn import Turn
from remanence.extract.words import forms

_SELF = re.compile(r"\b(?:[Ii] am|(?P<it>[Ii]t is|[Tt]his is)) (?P<name>[A-Za-z][\w'-]+)")
_OPENING = re.compile(
    r"(?:^|: |\b(?:hi|hello|hey|morning|evening|afternoon|there|so|ok|yes|no)[,.!]* )$", re.IGNORECASE
)
_AFTER = re.compile(r" (?:and|from|but|btw|by the way|here|speaking)\b|[,.!?;]|$")
_GREETED = re.compile(r"\b(?:hi|hello|hey|hiya|morning|evening|afternoon)(?: there| again)?[ ,.!]+$")
_MORE_OF_SELF = re.compile(r"[ ,.!]+(?:and )?(?:i am|i have|i live|i work|here|speaking|calling|from)\b|$")
_SAID_SHORT = re.compile(r"^(?:(?P<hi>(?:hi|hello|hey)[ ,!.]+)|name is )", re.IGNORECASE)  # "Hi, Petra here"
_HERE = re.compile(r" (?:here|speaking|calling|again|btw)\b")


def introduce(turn: Turn) -> None:
    """Read the names a speaker gives of themselves."""
    said = turn.said
    for m in _SAID_SHORT.finditer(said.text):
        for found in values.read("nickname", said, m.end(), turn.at_ns):
            at_once = said.text.startswith(found.object, m.end())
            told = (m["hi"] is None or _HERE.match(said.low, found.end)) and turn.stands(m.start(), found.end)
            if at_once and told:
                turn.state(turn.speaker, "name", found.object, after=found.end)
    for m in _SELF.finditer(said.text):
        first = m["name"].lower()
        known = first in forms("first_names")
        if not (known or m["name"][0].isupper()) or first in forms("languages", "places", "stop", "not_self"):
            continue
        found = values.read("name", said, m.start("name"), turn.at_ns)
        if not found:
            continue
        end = found[0].end
        opening = _OPENING.search(said.text[: m.start()]) is not None
        greeted = _GREETED.search(said.low, 0, m.start()) is not None
        if m["it"] and not (
            (_HERE.match(said.low, end) and opening) or (greeted and _MORE_OF_SELF.match(said.low, end))
        ):
            continue
        sure = known and (not said.cased or m["name"][0].isupper())
        if (_AFTER.match(said.low, end) or (greeted and m["it"])) and (sure or opening) and turn.stands(m.start(), end):
            turn.state(turn.speaker, "name", found[0].object, after=end)
