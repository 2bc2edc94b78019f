# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Where a noun phrase ends in speech without punctuation: at a word that cannot be part of a name or thing."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.wording import Said


class Value(NamedTuple):
    """One object read from a text, and the position after it."""

    object: str
    end: int


STOP = frozenset(
    """
    a an the this that these those and or but so because since if unless although though while when where which who
    whom whose what why how then than until till as before after during for from with without within in on at by to
    into onto near about around over under up down out off through between of not no nor
    i you he she it we they me him her us them my your his its our their mine yours myself
    am is are was were be been being do does did done have has had having can could will would shall should may might
    must going gonna go goes went get gets got think thinks know mean means want wants need needs guess suppose said
    says told let make makes made please thanks thank cheers sorry ok okay yes no well right anyway actually btw lol
    haha lmao omg oh ah wow hey hi hello now today tonight tomorrow yesterday currently already still again always
    never ever just only really also too though either originally basically honestly obviously these days lately
    recently forever next last every each since twice once daily weekly ago later soon yet mostly mainly usually
    sometimes often tho mate man bro dude luv fyi hence plus except instead apparently nice pleased good lovely great
    calling speaking here there everyone everybody anyone someone nothing everything something nobody
    play set turn put find remind tell call send show add book order give help stop
    any all called named because's it's that's honest innit eh hmm like feel feels love loves hate enjoy
    """.split()
)
_WORD = re.compile(r"[ ]*((?:[^\W_]|['+&#])[\w'’&+/#-]*(?:\.(?=[^\W_])[\w'&+-]+)*)")
_DETERMINERS = re.compile(r"(?: *\b(?:a|an|the|some|my|our|this|these|called)\b(?= ))+", re.IGNORECASE)
_OF = re.compile(r" of (?:the )?(?=\w)", re.IGNORECASE)
_NAME_JOINT = frozenset("of the de la le du di da van von der del upon and on under for st".split())
_AND = re.compile(
    r"(?:\s*,\s*(?:and |or |plus )?|\s+(?:and|or|plus|nor)\s+)(?:also |then |like )?(?:to )?"
    r"(?:(?:a (?:little )?bit of|a little(?: bit of)?|bits of|some|a|an|only|just|decent|basic|very|broken|passable|"
    r"conversational|enough|maybe|even) )*",
)
_DRAWN_OUT = re.compile(r"([a-z])\1\1|^(?:ha){2,}$")
_ENDS = re.compile(r"\s*(?:$|[,.;:!?()-]|\w)")
_ARTICLE = frozenset("a an the my your his her our their it me you him them to at with from up out off".split())


def phrase(
    said: Said, pos: int, most: int, *, proper: bool = False, keep: frozenset[str] = frozenset()
) -> Value | None:
    """Return the noun phrase at `pos`, of `most` words at most, without leading articles; None where there is none.

    It ends at punctuation and at a word of `STOP`, unless `keep` has it. A `proper` one that starts with a capital ends
    with its capitals too.
    """
    determiners = _DETERMINERS.match(said.low, pos)
    if determiners:
        pos = determiners.end()
    words: list[str] = []
    start = end = -1
    capital = False
    while len(words) < most:
        m = _WORD.match(said.text, pos)
        if m is None:
            break
        word = said.low[m.start(1) : m.end(1)]
        if words and capital and proper and not m[1][0].isupper() and not m[1][0].isdigit():
            end_of_name = _bridge(said, m.start())
            if end_of_name is None:
                break
            words.extend(["", ""])
            pos = end_of_name
            continue
        if _DRAWN_OUT.search(word):  # "woooo"
            break
        if word in STOP and word not in keep:
            of = _OF.match(said.low, pos) if words else None
            following = of and _WORD.match(said.low, of.end())
            if not of or not following or following[1] in STOP:
                break
            words.append("of")
            pos = of.end()
            continue
        if start < 0:
            start = m.start(1)
            capital = m[1][0].isupper()
        words.append(word)
        pos = end = m.end(1)
    if start < 0:
        return None
    return Value(said.text[start:end].rstrip(".'’-"), end)


def _bridge(said: Said, pos: int) -> int | None:
    """Return where a name goes on after small words inside it ("Bank of England", "Stoke on Trent"); None if it ends."""
    for _ in range(2):
        m = _WORD.match(said.text, pos)
        if m is None or said.low[m.start(1) : m.end(1)] not in _NAME_JOINT:
            return None
        pos = m.end()
        following = _WORD.match(said.text, pos)
        if following and following[1][0].isupper():
            return None if m[1].lower() in ("and", "on", "for") and following[1] in ("I", "I'm", "My", "We") else pos
    return None


def joint(said: Said, pos: int) -> int | None:
    """Return where the next item of a list starts, if a list goes on at `pos` ("… and a bit of …"); else None."""
    m = _AND.match(said.low, pos)
    return m.end() if m else None


def closes(said: Said, pos: int) -> bool:
    """Return whether what is at `pos` can follow a finished item of a list: not an object of a verb ("carry an …")."""
    m = _WORD.match(said.low, pos)
    if m is None or said.low[pos : m.start(1)].strip():
        return True
    return m[1] in STOP and m[1] not in _ARTICLE
