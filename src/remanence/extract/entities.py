"""Somebody who was spoken of, and whom "she" may mean: a relative, a pet, a friend who was met."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.names import NO_NAME
from remanence.extract.wording import Said
from remanence.extract.words import forms, table


class Entity(NamedTuple):
    """Somebody who was spoken of: a subject of statements, and the name they have, if one was said."""

    subject: str
    name: str = ""

    @property
    def kin(self) -> str:
        """The word for what they are to whom they belong to."""
        return self.subject.rpartition("'s ")[2]

    @property
    def pet(self) -> bool:
        """Whether they are an animal."""
        return self.kin in table("pets")

    @property
    def sex(self) -> str:
        """Either "f" or "m" where the word for them tells, else nothing."""
        return table("sexes").get(self.kin, "")


INTRODUCING = frozenset("bumped ran catch caught hung climbing hiking".split())  # words to look for people by
_INTRODUCED = re.compile(
    r"\b(?:bumped into|ran into|catch up with|caught up with|hung out with|climbing with|hiking with) "
    r"(?P<name>[A-Za-z][a-z]+)(?![\w'])"
)


def introduced(said: Said) -> list[tuple[int, Entity]]:
    """Return people whom "she" and "he" may mean later ("I bumped into Anna"), with their positions."""
    found: list[tuple[int, Entity]] = []
    for m in _INTRODUCED.finditer(said.text):
        name = m["name"]
        known = name.lower() in forms("first_names")
        if known or (name[0].isupper() and name.lower() not in NO_NAME and name.lower() not in forms("stop")):
            found.append((m.start("name"), Entity(name, name)))
    return found


_STRANGER = re.compile(
    r"(?<=[a-z,] )(?<!\bin )(?<!\bat )(?<!\bto )(?<!\bfrom )(?<!\bon )(?<!\bof )(?<!\bfor )(?<!\bby )(?!I\b)[A-Z][a-z]+"
)


def stranger_between(said: Said, start: int, end: int, names: list[str]) -> bool:
    """Return whether somebody unknown is named in text[start:end], whom a pronoun after it would mean."""
    return said.cased and any(m[0] not in names for m in _STRANGER.finditer(said.text, start, end))
