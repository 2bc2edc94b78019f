"""Where a noun phrase ends in speech without punctuation: at a word that cannot be part of a name or thing."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.wording import Said
from remanence.extract.words import forms, singular

Span = tuple[int, int]


class Value(NamedTuple):
    """One object read from a text, and the position after it."""

    object: str
    end: int


_WORD = re.compile(r"[ ]*((?:[^\W_]|['+&#])[\w'&+/#-]*(?:\.(?=[^\W_])[\w'&+-]+)*)")
_DETERMINERS = re.compile(r"(?: *\b(?:a|an|the|some|my|our|this|these|called)\b(?= ))+")
_OF = re.compile(r" of (?:the )?(?=\w)")
JOINTS = frozenset("of the de la le du di da van von der del upon and on under for st".split())  # "Bank of England"
_OPENERS = frozenset(("I", "My", "We", "It", "He", "She", "They"))
_AND = re.compile(
    r"(?:\s*,\s*(?:and |or |plus )?|\s+(?:and|or|plus|nor)\s+)(?:also |then |like )?(?:to )?"
    r"(?:(?:a (?:little )?bit of|a little(?: bit of)?|bits of|some|a|an|only|just|decent|basic|very|broken|enough) )*"
)
_DRAWN_OUT = re.compile(r"([a-z])\1\1|^(?:ha){2,}$")  # "woooo"
_TAKES_MORE = frozenset("a an the my your his her our their it me you him them to at with from up out off".split())


def phrase(
    said: Said,
    pos: int,
    most: int,
    *,
    proper: bool = False,
    keep: frozenset[str] = frozenset(),
    joints: frozenset[str] = JOINTS,
) -> list[Span]:
    """Return the words of the noun phrase at `pos`, `most` of them at most, without leading articles; [] for none.

    It ends at punctuation and at a word of `words/stop.txt`, unless `keep` has it. A `proper` one that starts with a
    capital ends with its capitals too, which `joints` may join: "Stoke on Trent".
    """
    determiners = _DETERMINERS.match(said.low, pos)
    pos = determiners.end() if determiners else pos
    stop = forms("stop")
    spans: list[Span] = []
    capital = False
    while len(spans) < most:
        m = _WORD.match(said.text, pos)
        if m is None:
            break
        start, end = m.span(1)
        if spans and capital and proper and not (m[1][0].isupper() or m[1][0].isdigit()):
            bridged = _bridge(said, m.start(), joints)
            if bridged is None:
                break
            pos = bridged
            continue
        word = said.low[start:end]
        if word in stop and word not in keep and not (capital and m[1].istitle() and m[1] not in _OPENERS):
            of = _OF.match(said.low, pos) if spans else None
            following = of and _WORD.match(said.low, of.end())
            if not of or not following or following[1] in stop:
                break
            pos = of.end()
            continue
        if _DRAWN_OUT.search(word):
            break
        capital = capital or (not spans and m[1][0].isupper())
        spans.append((start, end))
        pos = end
    return spans


def name_or_noun(said: Said, pos: int, most: int, joints: frozenset[str] = JOINTS) -> list[Span]:
    """Return the name at `pos`, or the noun phrase that it is the start of: "Jollof rice"."""
    spans = phrase(said, pos, most, proper=True, joints=joints)
    after = following(said, spans[-1][1]) if spans else ""
    return phrase(said, pos, most) if after and after not in forms("stop") else spans


def value(said: Said, spans: list[Span]) -> Value:
    """Return the words of some spans as one value."""
    return Value(said.text[spans[0][0] : spans[-1][1]].rstrip(".'-"), spans[-1][1])


def lows(said: Said, spans: list[Span]) -> list[str]:
    """Return the words of some spans in lower case."""
    return [said.low[start:end].rstrip(".'-") or "'" for start, end in spans]


def headed(said: Said, spans: list[Span], heads: frozenset[str], endings: re.Pattern[str] | None = None) -> list[Span]:
    """Return the longest start of a phrase whose last word, two or three are in `heads`; [] if none is.

    Args:
        endings: a last word that matches is a head too.
    """
    of = next(
        (i for i in range(1, len(spans)) if said.low[spans[i - 1][1]] == " " and spans[i][0] - spans[i - 1][1] > 1), 9
    )
    low = lows(said, spans[:of])  # "a fan of cops" is no cop
    for length in range(len(low), 0, -1):
        if endings is not None and endings.search(low[length - 1]):
            return spans[:length]
        for size in (1, 2, 3):
            tail = " ".join(low[max(0, length - size) : length])
            if tail in heads or singular(tail) in heads:
                return spans[:length]
    return []


def _bridge(said: Said, pos: int, joints: frozenset[str]) -> int | None:
    """Return where a name goes on after small words inside it ("Stoke on Trent"); None if it ends."""
    for _ in range(2):
        m = _WORD.match(said.text, pos)
        if m is None or said.low[m.start(1) : m.end(1)] not in joints:
            return None
        pos = m.end()
        following = _WORD.match(said.text, pos)
        if following and following[1][0].isupper():
            return None if following[1].partition("'")[0] in _OPENERS else pos
    return None


def joint(said: Said, pos: int) -> int | None:
    """Return where the next item of a list starts, if a list goes on at `pos` ("… and a bit of …"); else None."""
    m = _AND.match(said.low, pos)
    return m.end() if m else None


def following(said: Said, pos: int) -> str:
    """Return the word after a value in lower case; empty where punctuation or the text's end comes first."""
    m = _WORD.match(said.low, pos)
    return m[1] if m else ""


def closes(said: Said, pos: int) -> bool:
    """Return whether what is at `pos` can follow a finished item: no verb with its object ("nuts and carry an")."""
    word = following(said, pos)
    return not word or (word in forms("stop") and word not in _TAKES_MORE)
