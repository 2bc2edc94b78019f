"""Favourites, allergens, likes and possessions: open kinds, refused where they are a joke or too vague to keep."""

from __future__ import annotations

import re

from remanence.core.text import WEEKDAYS
from remanence.extract import numbers
from remanence.extract.phrases import JOINTS, Span, Value, following, headed, lows, name_or_noun, phrase, value
from remanence.extract.wording import Said
from remanence.extract.words import forms

_NO_FAVORITE = frozenset("to one ones part thing of i my because if it that this those what for in on his her".split())


def favorite(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read a favourite: a name or a noun phrase."""
    spans = name_or_noun(said, pos, 5)
    low = lows(said, spans)
    if not low or low[0] in _NO_FAVORITE or low[-1] in _NO_FAVORITE or following(said, spans[-1][1]) == "man":
        return []
    return [value(said, spans)]


_NO_ALLERGEN = frozenset(
    """
    work exercise effort mornings morning bullshit nonsense fun stupidity stupid housework cleaning commitment failure
    responsibility people drama hard love money anything everything something nothing it that them this him her you
    being getting losing cardio sarcasm authority meetings maths math school life change homework one lots many most
    """.split()
).union(WEEKDAYS, (f"{day}s" for day in WEEKDAYS))


def allergen(said: Said, pos: int) -> Value | None:
    """Read what somebody is allergic to."""
    spans = phrase(said, pos, 3)
    return value(said, spans) if spans and not _NO_ALLERGEN.intersection(lows(said, spans)) else None


_ALLERGY = re.compile(
    r"(?:(?:an?|my|bad|severe|serious|nasty|mild|terrible|really|life[- ]threatening|pretty|horrible) )*"
    r"(?P<what>(?!bad|food)[a-z]+(?: [a-z]+)?(?:(?:,| and| or|, and) (?:an? )?[a-z]+(?: [a-z]+)?)?) allerg(?:y|ies)\b"
)


def allergy(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read "a peanut allergy", "nut and egg allergies"."""
    m = _ALLERGY.match(said.low, pos) if " allerg" in said.low else None
    if m is None or forms("stop").intersection(m["what"].split()) - {"and", "or", "a", "an"}:
        return []
    kinds = re.split(r",? and |, | or ", said.text[m.start("what") : m.end("what")])
    return [Value(re.sub("^an? ", "", kind.removesuffix(" allergy")), m.end()) for kind in kinds]


_NO_THING = frozenset(
    """
    you him it that this them to when how what if being everything nothing something one me us her there sound idea look
    anything your more most better knowing thinking hearing seeing saying fact way much them reading's same people
    everyone someone anyone stuff things thing lot lots things myself parts part kind little bit talking theirs
    weird best many few several inside mr mrs dr teams
    """.split()
)
_PREPOSITIONS = frozenset("in on at to with the for of a my up out".split())
_ING = re.compile(r"(?!thing|king|ring|string|spring)[a-z]{2,}ing\b")


def thing(said: Said, pos: int) -> Value | None:
    """Read what somebody likes: a name, a plain noun of two words at most, or something one does."""
    doing = _ING.match(said.low, pos)
    if _PARTICULAR.match(said.low, pos):
        return None
    spans = phrase(said, pos, 5, keep=_PREPOSITIONS) if doing else name_or_noun(said, pos, 4, _LISTED)
    while len(spans) > 1 and said.low[slice(*spans[-1])] in _PREPOSITIONS:
        spans.pop()
    return value(said, spans) if spans and (_done(said, spans) if doing else _liked(said, spans)) else None


def _done(said: Said, spans: list[Span]) -> bool:
    """Return whether "hiking", "playing chess" is whole: not "watching them"."""
    low = lows(said, spans)
    return _NO_THING.isdisjoint(low) and not (len(low) == 1 and following(said, spans[0][1]) in _OBJECTS)


def _liked(said: Said, spans: list[Span]) -> bool:
    """Return whether a phrase is a thing: a name, or a noun that is no pronoun, adverb or half of a word."""
    low = lows(said, spans)
    if not _NO_THING.isdisjoint(low) or not low[0][0].isalpha() or len(low[0]) == 1:
        return False
    if following(said, spans[-1][1]) in ("by", "man") or (len(low) == 1 and low[0].endswith("ed")):
        return False  # "movies directed by", "spider man"; "we like shared a room"
    return len(low) <= 2 or said.text[spans[0][0]].isupper() or not said.cased


_LISTED = JOINTS - {"and"}
_OBJECTS = frozenset("it them him her this that both these those you the a an my what how all about for at to".split())


_PARTICULAR = re.compile(r"(?:the|that|this|these|those|it|my|your|his|her|their|our|its|some|a|an|any|all|how|no)\b")
_COUNTED = re.compile(
    rf"(?:(?P<one>an?|another|one)|(?P<count>{numbers.NUMBER}|a couple of|a pair of)) (?P<pair>couple of )?"
    r"(?:(?:very|really|little|lovely|big|small|new|old|smug|cute|beautiful|gorgeous|tiny|huge|elderly|rescue|great|"
    r"amazing|crazy|fat|grumpy|smug|pet|younger|older|twin|baby|young) )*"
)


def belonging(said: Said, pos: int) -> Value | None:
    """Read "a dog", "two kids", "a motorbike": relatives, animals and lasting things."""
    article = re.compile(r"\b(?:an?|another|one) (?:very |really )?$").search(said.low, max(0, pos - 14), pos)
    counted = _COUNTED.match(said.low, article.start() if article else pos)
    spans = phrase(said, counted.end(), 3) if counted else []
    if counted is None or not spans:
        return None
    found = headed(said, spans, forms("pets", "kin", "possessions", "breeds"))
    after = following(said, found[-1][1]) if found else ""
    if (
        not found
        or "standard" in lows(said, spans)
        or (after and len(found) < len(spans) and after not in ("who", "called", "named", "that"))
    ):
        return None
    words = value(said, found)
    count = 2 if (counted["count"] or "").startswith("a ") else numbers.number(counted["count"] or "1")
    return words._replace(object=f"{count} {words.object}") if count and count > 1 else words
