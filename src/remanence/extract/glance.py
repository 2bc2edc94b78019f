"""The first look: whether a text can state anything at all, by its words alone. It ends most turns."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from remanence.extract import corrections, rules
from remanence.extract.attributes import ATTRIBUTES
from remanence.extract.classes import REMEDY_OR_ILLNESS
from remanence.extract.turn import SILENT, Carried
from remanence.extract.words import forms, heads

_WORD = re.compile(r"[a-z]+|\d+")
_OWN = frozenset("i im ive my our we weve mine me us turned speaking home here this".split())
_OTHERS = frozenset("he she his her hes shes its it".split())
_PEOPLE = frozenset("he she his her hes shes".split())
_AM = frozenset("im am m here speaking this".split())
_END = re.compile(r"(?<=[.!?])\s+")
_SHAPE = re.compile(  # a name after "I'm", an e-mail address
    r"(?:\b[Ii](?:['’]?m| am)|[Ii]t['’]?s|[Tt]his is|[Nn]ame) [A-Z]|\w@\w"
)
_COMMON = frozenset(  # so common that another word of the same rule is looked for
    """
    a an the in of and to with for on at my it be type e or that do got go goes put write down book been from as over me
    us them new day home work first real given full all time absolute one current second main native mother
    title big me off know knows get gets had have has some enough use
    """.split()
)
_CLASSES = (
    "jobs", "marital", "diets", "ailing", "illnesses", "medicines", "breeds", "cars", "pets", "kin", "possessions",
    "schools", "languages",
)  # fmt: skip
_OTHERWISE = """
    fave fav favourite favorites favourites bday birthdate dob numbers names emails fone cells majors cars dot
    allergy allergies take takes taking taken work works worked started diagnosed born livin takin
    studyin speakin workin drivin lovin movin majorin home
"""
_SHORT = 8  # different words; a longer text that puts something right says so
_HAD = frozenset("on put prescribed have ve has got diagnosed suffer suffers".split())
_NUMBERS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety
    """.split()
)


@cache
def _triggers() -> frozenset[str]:
    """Return words of which a statement has one: of a rule's, or of a closed class that needs none."""
    found = set(heads(*_CLASSES))
    for rule in rules.RULES:
        required = [token.split("|") for token in rule.words.split() if not token.endswith(("]", "]*"))]
        rare = next((words for words in required if _COMMON.isdisjoint(words)), None)
        found.update((word for words in required for word in words) if rare is None else rare)
    for attribute in ATTRIBUTES:
        nouns = attribute.nouns.partition("(?P<what>")[0].replace("home ?", "home")
        found.update(re.findall(r"[a-z]{3,}", nouns.replace("first", "")))
    return frozenset((found - _COMMON).union(_OTHERWISE.split()))


class Glance(NamedTuple):
    """The sentences of a text that are worth reading, and their words in lower case."""

    text: str
    words: set[str]


def look(text: str, carried: Carried) -> Glance | None:
    """Return what of a text may state something; None where nothing does. Cost: about 5 µs for 20 words."""
    words = set(_WORD.findall(text.lower()))
    if carried.topic or (carried.statements and _may_refer(words)):
        return Glance(text, words)
    if carried.entities:
        named = any(entity.name.lower() in words for entity in carried.entities if entity.name)
        spoken_of = carried.silent < SILENT and not words.isdisjoint(_OTHERS)
        if named or spoken_of:
            return Glance(text, words) if _tells(words) else None
    if words.isdisjoint(_OWN) and not _SHAPE.search(text):
        return None
    if not _tells(words) and not _SHAPE.search(text):
        return None
    return Glance(text, words) if not words.isdisjoint(_PEOPLE) else _sentences(text)


def _may_refer(words: set[str]) -> bool:
    """Return whether a text may put right what was just stated: it is short, or has a word of corrections."""
    return len(words) <= _SHORT or not words.isdisjoint(corrections.FIRST_WORDS)


def _tells(words: set[str]) -> bool:
    """Return whether there is a word of a rule, or "I am" with a number, a name or "from"."""
    if not words.isdisjoint(_triggers()):
        return True
    if not words.isdisjoint(_HAD) and any(REMEDY_OR_ILLNESS.search(word) for word in words if len(word) > 5):
        return True
    if words.isdisjoint(_AM) and words.isdisjoint(_OTHERS):
        return False
    if "from" in words:
        return True
    return not (words.isdisjoint(_NUMBERS) and words.isdisjoint(forms("first_names"))) or any(map(str.isdigit, words))


def _sentences(text: str) -> Glance | None:
    """Return the sentences that may state something, and those after one that may put it right."""
    kept: list[str] = []
    words: set[str] = set()
    for sentence in _END.split(text):
        own = set(_WORD.findall(sentence.lower()))
        follows = kept and not (corrections.FIRST_WORDS.isdisjoint(own) and own.isdisjoint(_OTHERS))
        if follows or ((_tells(own) and not own.isdisjoint(_OWN)) or _SHAPE.search(sentence)):
            kept.append(sentence)
            words |= own
    return Glance(" ".join(kept), words) if kept else None
