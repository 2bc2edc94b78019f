"""The first look: whether a text can state anything at all, by its words alone. It ends most turns."""

from __future__ import annotations

import re
from functools import cache

from remanence.extract import corrections, rules
from remanence.extract.attributes import ATTRIBUTES
from remanence.extract.turn import Carried
from remanence.extract.words import parts

_WORD = re.compile(r"[a-z]+|\d+")
_OWN = frozenset("i im ive my our we weve mine me us turned".split())
_OTHERS = frozenset("he she his her hes shes its it".split())
_BE = frozenset("i im am".split())
_SELF = re.compile(r"(?:\b[Ii](?:['’]?m| am)|[Ii]t['’]?s|[Tt]his is|[Nn]ame) [A-Z]")


@cache
def _triggers() -> frozenset[str]:
    """Return words of which a statement has one: the first of a rule's, or one of a closed class that needs none."""
    first: set[str] = set()
    for rule in rules.RULES:
        starts = rules.first_words(rule.words) or []
        first.update(starts, re.findall("[a-z]{3,}", rule.words) if _COMMON.intersection(starts) else ())
    nouns = {
        word for attribute in ATTRIBUTES for word in re.findall(r"[a-z]{3,}", attribute.nouns.replace("home ?", "home"))
    }
    classes = parts(
        "jobs",
        "marital",
        "diets",
        "ailing",
        "illnesses",
        "medicines",
        "breeds",
        "cars",
        "pets",
        "kin",
        "possessions",
        "first_names",
    )
    spelt = (
        "fave fav favourite favorites favourites bday birthdate dob phone numbers names emails fone cells majors cars"
    )
    numbers = "one two three four five six seven eight nine ten twenty thirty forty fifty sixty seventy eighty ninety"
    teens = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen allergy allergies"
    loose = "livin takin studyin speakin workin drivin lovin movin majorin"
    return frozenset({*first, *nouns, *classes, *f"{spelt} {numbers} {teens} {loose}".split()} - _COMMON)


_COMMON = frozenset("a an the in of and to with for on at my it be type e or that do got".split())


def worth_reading(text: str, carried: Carried) -> set[str]:
    """Return the words of a text that may state something, in lower case; an empty set where it cannot.

    Cost: about 5 µs for 20 words.
    """
    words = set(_WORD.findall(text.lower()))
    open_ = carried.statements or carried.topic
    if open_ and not (corrections.FIRST_WORDS.isdisjoint(words) and words.isdisjoint(_OTHERS)):
        return words
    if words.isdisjoint(_OWN) and not (carried.entities and not words.isdisjoint(_OTHERS)):
        named = any(entity.name.lower() in words for entity in carried.entities if entity.name)
        if not named and not _SELF.search(text):
            return set()
    if not words.isdisjoint(_triggers()) or _SELF.search(text) or any(map(str.isdigit, words)):
        return words
    return set()
