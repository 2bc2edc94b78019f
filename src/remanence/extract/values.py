"""Objects as they are stored: what a rule finds after its words, read as a value of one kind, or refused.

Closed kinds (a language, an illness) are looked up in `words/` (`classes`, `occupations`); the rest are names
(`names`), what is told in numbers (`dates`, `numbers`, `addresses`), and a few open kinds (`things`).
"""

from __future__ import annotations

import re
from typing import Literal

from remanence.extract import addresses, cars, classes, dates, names, numbers, occupations, things
from remanence.extract.classes import Reader, listed, looked_up, one
from remanence.extract.phrases import Value, following
from remanence.extract.wording import Said

Kind = Literal[
    "name", "nickname", "date", "age", "place", "job", "role", "organisation", "school", "campus", "field", "marital",
    "diet", "avoided", "phone", "email", "breed", "car", "favorite", "allergen", "allergy", "medicine", "illness",
    "ailing", "language", "thing", "belonging", "nothing", "over", "ended", "aged", "lasting",
]  # fmt: skip

_HEDGES = re.compile(
    r"(?:[ ,:]*\b(?:really|actually|just|also|definitely|probably|now|currently|officially|called|is|about|"
    r"roughly|almost|nearly|only|still|obviously|mostly|mainly|strictly|completely|super|badly|severely|"
    r"deathly|specifically|especially|like|"
    r"to be|has to be|would be|got to be|a (?:little )?bit of|some|a little)\b(?= ))*[ ,:]*"
)


def read(kind: Kind, said: Said, pos: int, at_ns: int) -> list[Value]:
    """Return the values of a kind at `pos`, several where they are listed; empty where there is none."""
    skipped = _HEDGES.match(said.low, pos)
    return READERS[kind](said, skipped.end() if skipped else pos, at_ns)


_OLD = re.compile(
    rf"(?P<n>{numbers.NUMBER})(?P<years>[ -]?(?:years?[ -]old|years? of age|yo|y/o|years young)\b)?"
    r"(?P<half> and a (?:half|bit))?(?P<years2> years? old)?"
)
_AFTER_AGE = frozenset(
    """
    and but so because lol btw now today yesterday still already too actually though who i we he she last anyway yes
    also mate just believe not nearly with going this as since in on had no wait sorry thank my
    """.split()
)
_YOUNGEST = 13  # who would say "I'm 12" without "years old"; smaller numbers are mostly something else


def _age(said: Said, pos: int, _at_ns: int) -> list[Value]:
    m = _OLD.match(said.low, pos)
    years = numbers.number(m["n"]) if m else None
    if m is None or years is None or not 0 < years <= 120:
        return []
    if not (m["years"] or m["years2"] or m["half"]):
        after = following(said, m.end())
        before = said.low[max(0, pos - 20) : pos]
        if before.endswith("been "):  # "I've been one": nobody has been an age
            return []
        own = re.search(r"\b(?:i am|we are)(?: \w+)? $", before) is not None
        if said.text[m.end() : m.end() + 1] not in ("", " ", ",", ".", "!", "?", ";", ")"):
            return []
        if (
            (after and after not in _AFTER_AGE)
            or (own and years < _YOUNGEST)
            or re.match(r"[.,]\d", said.low[m.end() :])
        ):
            return []
    return [Value(str(years), m.end())]


def _date(said: Said, pos: int, at_ns: int) -> list[Value]:
    found = dates.find(said.low, pos, at_ns)
    return [Value(*found)] if found else []


def _phone(said: Said, pos: int, _at_ns: int) -> list[Value]:
    found = numbers.digits(said.low, pos, 24)
    return [Value(*found)] if found else []


def _email(said: Said, pos: int, _at_ns: int) -> list[Value]:
    found = addresses.find(said.low, pos, 24)
    return [Value(found[0], found[2])] if found else []


def _nothing(_said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read nothing: for rules that end whatever was held."""
    return [Value("", pos)]


_OVER = re.compile(
    r" ?(?:$|[,.!?;]|(?:last|yesterday|today|on|in|two|three|a|this|back|and|so|but|because|already|recently|just|now|"
    r"finally|years|ages|months|lol|before|after|early|at)\b(?! (?:the|job|bit|lot|while|few minutes))|"
    r"the (?:other|same)\b)"
)


def _over(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read nothing where nothing follows but when and why: "I quit last week", not "I quit smoking"."""
    return [Value("", pos)] if _OVER.match(said.low, pos) else []


_SINCE = re.compile(r" (?:since|for (?:years|ages|a long|\w+ years)|all my life|most of my life|from birth)\b")


def _aged(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read an age before a noun: "a 34 year old plumber"."""
    m = _OLD.match(said.low, pos)
    return _age(said, pos, at_ns) if m and m["years"] else []


def _lasting(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read illnesses somebody has had, if they still do: "asthma since 2015"."""
    found = READERS["illness"](said, pos, at_ns)
    return found if found and _SINCE.match(said.low, found[-1].end) else []


READERS: dict[Kind, Reader] = {
    "name": names.name,
    "nickname": names.nickname,
    "date": _date,
    "age": _age,
    "place": names.place,
    "job": occupations.job,
    "role": occupations.role,
    "organisation": names.organisation,
    "school": names.school,
    "campus": names.campus,
    "field": one(classes.field),
    "marital": looked_up("marital"),
    "diet": looked_up("diets"),
    "avoided": looked_up("avoided"),
    "phone": _phone,
    "email": _email,
    "breed": one(classes.breed),
    "car": cars.car,
    "favorite": things.favorite,
    "allergen": listed(things.allergen),
    "allergy": things.allergy,
    "medicine": listed(classes.medicine),
    "illness": listed(classes.illness),
    "ailing": looked_up("ailing"),
    "language": listed(classes.language),
    "thing": listed(things.thing),
    "belonging": listed(things.belonging),
    "nothing": _nothing,
    "over": _over,
    "ended": _over,  # and only of what was just stated
    "aged": _aged,
    "lasting": _lasting,
}
