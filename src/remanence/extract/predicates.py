# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""The verb of a clause, stripped to what a rule looks at: its form, whether it is denied, where the rest starts."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.rules import Form

_WORD = re.compile(r"[ ,]*('s|s(?= )|[a-z]+(?:[-'][a-z]+)?|\d+)")
_ADVERBS = frozenset(
    """
    really actually just also still now currently recently only always finally originally basically honestly literally
    definitely officially both all newly quite pretty so very kinda like proper technically mostly mainly already
    lately presently personally usually normally severely badly deathly super totally fully strictly obviously
    apparently sadly luckily unfortunately thankfully simply generally incredibly terribly highly extremely mildly
    slightly sort-of first then eventually even too well truly certainly absolutely themselves myself himself herself
    ourselves indeed happily massively permanently temporarily regularly actively who that which almost-always
    together eventually proudly secretly genuinely naturally legally
    """.split()
)
_ASIDE = re.compile(
    r"[ ,]*(?:(?:at the moment|these days|right now|to be honest|in fact|of course|as it happens|as you know|by the way|"
    r"a bit|in this case|for now|at last|long since|as of \w+|no word of a lie|believe it or not|i think|i guess)\b[ ,]*)"
)
_BE = frozenset("am is are 's s".split())
_WAS = frozenset("was were".split())
_MODALS = frozenset(
    """
    would could should might may must will shall ought had ll d being hope hopes want wants plan plans try tries
    wish wishes intend need needs used going gonna hardly barely
    """.split()
)
_THIS_PAST = frozenset(("was", "were"))


class Predicate(NamedTuple):
    """The verb group at some position: its form, whether it is denied, and where what it says starts."""

    form: Form
    negated: bool
    pos: int


def read(low: str, pos: int) -> Predicate | None:
    """Return the predicate at `pos`; None where it is no plain statement ("would be", "am going to"). Cost: bounded."""
    form: Form = "do"
    negated = False
    did = False
    for _ in range(12):
        aside = _ASIDE.match(low, pos)
        if aside:
            pos = aside.end()
            continue
        m = _WORD.match(low, pos)
        if m is None:
            break
        word = m[1]
        if word == "s" and (form != "do" or m.start(1) > pos):
            break
        if word in ("not", "never"):
            negated = True
        elif word == "no" and low.startswith(" longer", m.end()):
            negated = True
            pos = m.end() + 7
            continue
        elif word in _BE and form == "do":
            form = "be"
        elif word in _WAS and form == "do":
            form = "was"
        elif word in ("have", "has") and form == "do":
            if low.startswith(" to ", m.end()):
                return None
            form = "have"
        elif word == "been" and form in ("have", "be"):
            form = "be"
        elif word == "got" and form in ("have", "be") and not low.startswith(" to ", m.end()):
            form = "have"
        elif word in ("lived", "worked", "moved", "started", "become", "turned", "had") and form == "be":
            form = "have"
            if word != "had":
                break
            return None
        elif (
            word in ("do", "does") and form == "do" and not re.match(r" (?:a|an|my|the)\b", low[m.end() : m.end() + 5])
        ):
            pass
        elif word == "did" and form == "do":
            did = True
        elif word == "can" and form == "do":
            form = "can"
        elif word in _MODALS:
            return None
        elif word in _ADVERBS and not (word == "like" and form == "do"):
            pass
        else:
            break
        pos = m.end()
    if did and negated:
        return None
    return Predicate(form, negated, pos)


def start_of_rest(low: str, pos: int) -> int:
    """Return `pos` without the spaces and commas there."""
    while pos < len(low) and low[pos] in " ,":
        pos += 1
    return pos
