"""What kind of thing a question asks for, and which kinds a text holds: "when" wants a time, "who" a name.

English only; of another language nothing is recognised but digits, and ranking does without.
"""

from __future__ import annotations

import re

from remanence.core.text import MONTHS, WEEKDAYS, words

NAME_OF_KINDS = "english-kinds-v1"  # changes whenever a text could hold other kinds than before

# Kinds of things, as bits.
TIME = 1
NAME = 2  # of a person, a place or a thing: written with a capital inside a sentence
NUMBER = 4
SPAN = 8  # of time
REASON = 16

_TIMES = frozenset(
    """
    yesterday today tonight tomorrow morning afternoon evening night noon midnight weekend week month year ago
    recently since just now soon already last next summer winter spring autumn fall christmas easter birthday
    """.split()
) | {*WEEKDAYS, *MONTHS, *(day[:3] for day in WEEKDAYS)} - {"may", "march", "sun", "sat"}
_NUMBERS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million couple once
    twice several few many first second third half
    """.split()
)
_SPANS = frozenset(
    """
    second seconds minute minutes hour hours day days week weeks month months year years decade decades since
    """.split()
)
_REASONS = frozenset("because cause since reason reasons inspired due wanted thanks why order hoping".split())
_NAME = re.compile(r"[a-z,] [A-Z][a-z]")
_DIGIT = re.compile(r"\d")

_QUANTITY = frozenset("many much".split())
_EXTENT = frozenset("long old often far".split())
_PLACES = frozenset("city country state place town".split())
_DATES = frozenset("date day year month time week".split())
_CAUSES = frozenset("reason inspired motivated prompted made".split())


def held(text: str) -> int:
    """Return the kinds of things a text holds, as bits. Cost: linear; about 6 µs for 20 English words."""
    said = set(words(text))
    kinds = 0
    if not _TIMES.isdisjoint(said):
        kinds |= TIME
    if _NAME.search(text):
        kinds |= NAME
    if not _NUMBERS.isdisjoint(said) or _DIGIT.search(text):
        kinds |= NUMBER
    if not _SPANS.isdisjoint(said):
        kinds |= SPAN
    if not _REASONS.isdisjoint(said):
        kinds |= REASON
    return kinds


def wanted(question: str) -> int:
    """Return the kinds of things that would answer a question, as bits; 0 when any thing may."""
    asked = words(question)
    kinds = 0
    for word, following in zip(asked, [*asked[1:], ""], strict=False):
        if word in ("when", "when's") or (word in ("what", "which") and following in _DATES):
            kinds |= TIME
        elif word in ("where", "where's", "who", "whom", "whose", "who's") or (
            word in ("what", "which") and following in _PLACES
        ):
            kinds |= NAME
        elif word == "how" and following in _QUANTITY:
            kinds |= NUMBER
        elif word == "how" and following in _EXTENT:
            kinds |= SPAN | NUMBER
        elif word in ("why", "why's") or (word == "what" and following in _CAUSES):
            kinds |= REASON
    return kinds


_SINGULAR = frozenset("is was does has his this its as us yes always perhaps".split())
_PLURALS = frozenset("people children men women kids".split())
_ALL_OF_THEM = frozenset("both share common all".split())


def wants_several(question: str) -> bool:
    """Return whether a question asks for more than one thing: "which books", "both", "how many times".

    The evidence for those is spread over many conversations.
    """
    asked = words(question)
    if not _ALL_OF_THEM.isdisjoint(asked):
        return True
    for i, word in enumerate(asked):
        if word in ("what", "which") or (word == "how" and asked[i + 1 : i + 2] == ["many"]):
            for noun in asked[i + 1 : i + 4]:
                if noun in _SINGULAR or noun in ("did", "do", "are", "were", "the", "a", "of", "to", "in"):
                    return noun in ("are", "were")
                if noun in _PLURALS or (noun.endswith("s") and not noun.endswith(("ss", "us", "is", "'s"))):
                    return True
    return False
