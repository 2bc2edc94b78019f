"""The verb of a clause, stripped to what a rule looks at: its form, whether it is denied, where the rest starts."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.rules import Form

_WORD = re.compile(r"[ ,]*('s|s(?= )|[a-z]+(?:[-'][a-z]+)?|\d+)")
_REST = re.compile(r"[ ,]*")
_ASIDE = re.compile(
    r"[ ,]*(?:(?:at the moment|these days|right now|to be honest|in fact|of course|as you know|by the way|a bit|"
    r"for now|i think|i guess)\b[ ,]*)"
)
_ASIDE_STARTS = frozenset("at these right to in of as by a for i".split())
_ADVERBS = frozenset(
    """
    really actually just also still now currently recently only always finally originally honestly literally
    definitely officially both all newly quite pretty so very like proper technically mostly mainly already lately
    presently personally usually normally severely badly deathly super totally fully strictly obviously sadly luckily
    unfortunately thankfully simply generally incredibly terribly highly extremely mildly slightly first then eventually
    even too since truly certainly absolutely myself ourselves indeed happily permanently temporarily regularly who
    together proudly
    """.split()
)
_MODALS = frozenset(
    """
    would could should might may must will shall ought had ll d being hope hopes want wants plan plans try tries wish
    wishes intend need needs used going hardly barely gonna
    """.split()
)
_PARTICIPLES = frozenset("lived worked moved started become turned".split())  # after "been", by mistake or dropped

_READ = (
    _ASIDE_STARTS
    | _ADVERBS
    | _MODALS
    | _PARTICIPLES.union("have has got not never no am is are 's s was were can did do does been like".split())
)


class Predicate(NamedTuple):
    """The verb group at some position: its form, whether it is denied, and where what it says starts."""

    form: Form
    negated: bool
    pos: int


def read(low: str, pos: int) -> Predicate | None:
    """Return the predicate at `pos`; None where it is no plain statement ("would be", "am going to"). Cost: bounded."""
    form: Form = "do"
    negated = did = False
    for _ in range(12):
        m = _WORD.match(low, pos)
        if m is None:
            break
        word = m[1]
        if word not in _READ:
            break
        aside = _ASIDE.match(low, pos) if word in _ASIDE_STARTS else None
        if aside:
            pos = aside.end()
            continue
        to = low.startswith(" to ", m.end())
        had = word == "had" and form == "have"
        if (word in _MODALS and not had) or (word in ("have", "has", "got") and to):
            return None
        if word in ("not", "never") or (word == "no" and low.startswith(" longer", m.end())):
            negated = True
            pos = m.end() + 7 * (word == "no")
            continue
        if form == "do":
            if word in ("am", "is", "are", "'s") or (word == "s" and m.start(1) == pos):
                form = "be"
            elif word in ("was", "were"):
                form = "was"
            elif word in ("have", "has"):
                form = "have"
            elif word == "can":
                form = "can"
            elif word == "did":
                did = True
            elif word in ("do", "does") and low.startswith(" not", m.end()):
                pass
            elif word not in _ADVERBS or word == "like":
                break
        elif word == "been" and form in ("have", "be"):
            form = "be"
        elif word == "got" and form in ("have", "be"):
            form = "have"
        elif word in _PARTICIPLES and form == "be":
            form = "have"
            break
        elif word not in _ADVERBS:
            break
        pos = m.end()
    if did and negated:
        return None
    return Predicate(form, negated, rest(low, pos))


def rest(low: str, pos: int) -> int:
    """Return `pos` without the spaces and commas there."""
    m = _REST.match(low, pos)
    return m.end() if m else pos
