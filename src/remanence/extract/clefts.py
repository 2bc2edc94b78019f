"""Sentences turned round, with the value before who it is about: "it's Otis I work for", "Rotterdam's been home"."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract import values
from remanence.extract.statements import relation
from remanence.extract.turn import Turn
from remanence.extract.values import Kind


class Cleft(NamedTuple):
    """The words after a value that say what it is, with an example."""

    relation: str
    kind: Kind
    words: str  # a pattern, after "I"
    example: str
    object: str


CLEFTS = (
    Cleft("employer", "organisation", r"work (?:for|at)", "It's Otis I work for.", "Otis"),
    Cleft("residence", "place", r"live(?: in| now)?", "Leeds is where I live.", "Leeds"),
    Cleft("origin", "place", r"(?:am|come)(?: originally)? from", "Sweden's where I'm from.", "Sweden"),
    Cleft("car", "car", r"drive", "A Saab's what I drive.", "Saab"),
    Cleft("allergy", "allergen", r"am allergic to", "It's peanuts I'm allergic to.", "peanuts"),
    Cleft("medication", "medicine", r"(?:take|am on)", "It's metformin I take.", "metformin"),
    Cleft("studies", "field", r"(?:study|am studying|am doing)", "It's law I'm studying.", "law"),
    Cleft("language", "language", r"speak(?: at home)?", "It's Catalan we speak at home.", "Catalan"),
)
WORDS = frozenset(("home", "what", "where", "its", "it"))  # a text without any of these has none
_BEGIN = r"(?:^|[,.!?;:] |\b(?=(?:and|but|so|because) ))(?:(?:and|but|so|because|yes|well|no|now) )*"
_VALUE = r"(?P<value>[^,.!?;:]{2,40}?)"
_END = r"(?=[,.!?;]|$| (?:and|but|so|now|because|these days)\b)"
_TURNED = re.compile(
    rf"{_BEGIN}(?:it is {_VALUE} (?:that |where )?(?:i|we) (?P<verb>WORDS)|"
    rf"{_VALUE.replace('value', 'first')}(?:'s|s| is) (?:where|what) (?:i|we) (?P<verb2>WORDS)){_END}".replace(
        "WORDS", "|".join(cleft.words for cleft in CLEFTS)
    )
)
_HOME = re.compile(
    rf"{_BEGIN}(?:(?:my )?home is (?:now |currently )?(?P<home>(?=\w))|"
    rf"{_VALUE}(?:'s|s| is| has)(?: now)?(?: been)? (?:my )?home(?: for| since| now| these days|[,.!]|$)|"
    rf"(?:i|we) call {_VALUE.replace('value', 'called')} home\b)"
)


def turned(turn: Turn, words: set[str]) -> None:
    """Read sentences that are turned round."""
    low = turn.said.low
    if "home" in words:
        for m in _HOME.finditer(low):
            group = "value" if m["value"] else "called" if m["called"] else "home"
            _state(turn, "residence", "place", m, group)
    for m in _TURNED.finditer(low):
        said = m["verb"] or m["verb2"]
        cleft = next(cleft for cleft in CLEFTS if re.fullmatch(cleft.words, said))
        group = "value" if m["value"] else "first"
        _state(turn, cleft.relation, cleft.kind, m, group)


def _state(turn: Turn, about: str, kind: Kind, m: re.Match[str], group: str) -> None:
    pos, end = m.start(group), m.end(group) if m[group] else 0
    found = values.read(kind, turn.said.until(end) if end else turn.said, pos, turn.at_ns)
    whole = found and (not end or found[-1].end == end)
    if whole and turn.stands(m.start(), found[-1].end) and relation(about).committed:
        for old in turn.carried.statements:  # "it's almonds I'm allergic to", not what was said before
            if (old.subject, old.relation) == (turn.speaker, about) and not relation(about).single:
                turn.state(*old[:3], retracted=True)
        for value in found:
            turn.state(turn.speaker, about, value.object, after=value.end)
