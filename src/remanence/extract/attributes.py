# ruff: noqa: E501 — a rule reads best on one line
"""The nouns after a possessor that stand for a relation: "my NAME is Sam", "her BIRTHDAY is in May"."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from remanence.extract.words import forms


class Attribute(NamedTuple):
    """What a noun after a possessor is about."""

    relation: str
    nouns: str  # a pattern
    example: str
    object: str


# fmt: off
ATTRIBUTES = (
    Attribute("name", r"(?:full |first |real |given )?name", "My name is Sam.", "Sam"),
    Attribute("birthday", r"birthday|date of birth", "My birthday is 4 May.", "--05-04"),
    Attribute("age", r"age", "My age is 34.", "34"),
    Attribute("phone", r"(?:new )?(?:(?:tele)?phone |mobile |cell |contact |work |home )*number|mobile|cell(?:phone)?", "My number is 555 0134.", "5550134"),
    Attribute("email", r"(?:new |work |personal |home )?email(?: address)?", "My email is sam@example.org.", "sam@example.org"),
    Attribute("job", r"(?:new |day |current )?job(?: title)?|occupation|profession", "My job is bus driver.", "bus driver"),
    Attribute("employer", r"(?:new |current )?employer", "My employer is Siemens.", "Siemens"),
    Attribute("studies", r"major|degree", "My major is chemistry.", "chemistry"),
    Attribute("school", r"school|university|college|uni", "My school is Oak Hill Primary.", "Oak Hill Primary"),
    Attribute("language", r"(?:first |native |mother |second |main )(?:language|tongue)", "My first language is Hungarian.", "Hungarian"),
    Attribute("car", r"(?:new |current )?car", "My car is a Volvo.", "Volvo"),
    Attribute("breed", r"breed", "My dog's breed is beagle.", "beagle"),
    Attribute("origin", r"home ?town|birthplace|home country|native country", "My hometown is Leeds.", "Leeds"),
    Attribute("favorite", r"(?:absolute |all[- ]time |all time |number one )?favorite (?P<what>[a-z]+(?:'s)?(?: [a-z]+(?:'s)?){0,2}?(?='s | is | are | was | has to| would be|(?<!ha)(?<!wa)(?<! i)s (?:a|the|definitely|probably) )|[a-z]+)", "My favourite colour is green.", "green"),
)
# fmt: on
_ELIDING = frozenset(("name", "birthday", "phone", "email", "studies", "car"))  # "my names Sam", but "my employers"
_NOT_WHAT = frozenset("overall one ones thing things part parts kind type way".split())

_MORE = re.compile(r" (?P<next>[a-z]+)\b(?! (?:is|are)\b)")


@cache
def pattern() -> re.Pattern[str]:
    """Return all nouns as one pattern, with a group for each."""
    nouns = "|".join(f"(?P<a{i}>{attribute.nouns})" for i, attribute in enumerate(ATTRIBUTES))
    return re.compile(rf"(?:{nouns})(?P<is>'s|s)?(?![\w'-])")


def relation_at(low: str, pos: int) -> tuple[str, int] | None:
    """Return the relation that the noun at `pos` stands for, and where its verb comes; None where there is none."""
    m = pattern().match(low, pos)
    if m is None or m.lastgroup is None:
        return None
    end = m.start("is") if m["is"] else m.end()
    what = m["what"]
    if what is None:
        relation = next(attribute.relation for i, attribute in enumerate(ATTRIBUTES) if m[f"a{i}"])
        return None if m["is"] == "s" and relation not in _ELIDING else (relation, end)
    if not (_NOT_WHAT | forms("stop")).isdisjoint(what.split()):
        return None
    more = _MORE.match(low, end)
    if more and not more["next"].endswith(("ing", "ed")) and more["next"] not in forms("stop") and not m["is"]:
        what, end = f"{what} {more['next']}", more.end()  # "is my favorite sports season"
    return f"favorite {what.replace('colour', 'color')}", end
