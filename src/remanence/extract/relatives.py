"""Relatives and pets: meeting one, those that are had, and by which name they go."""

from __future__ import annotations

import re

from remanence.extract import numbers, values
from remanence.extract.phrases import Value, following
from remanence.extract.rules import by_form
from remanence.extract.subjects import Mention, kin_at
from remanence.extract.turn import Turn
from remanence.extract.words import forms, singular, table

_OLD = re.compile(rf"\b(?P<n>{numbers.NUMBER})[- ]years?[- ]old\b")
_CALLED = re.compile(r",? (?:(?:who|which|that) (?:is|are) |(?:is|are) )?(?:called|named) |, (?=[A-Z])")
_SEVERAL = re.compile(r"s (?:are|were|have|love|like|hate|do|need|want|both|all|bark|live|sleep|eat)\b")
_NAMING = re.compile(r"\b(?:name|call|naming|calling) $")  # "I would name my daughter Leia"
_IS_KIN = re.compile(r"(?:'s| is) (?:my|our) ")


def is_pet(subject: str) -> bool:
    """Return whether a subject is an animal."""
    return subject.rpartition("'s ")[2] in table("pets")


def meet(turn: Turn, mention: Mention, subject: str) -> None:
    """Take note of a relative or pet, of the name said beside them and the age before them."""
    low = turn.said.low
    turn.meet(subject, mention.name, mention.end)
    if not turn.stands(mention.start, mention.end, asked_only=True):
        return
    own_pet = is_pet(subject) and subject == f"{turn.speaker}'s {mention.kin}"
    held = any(s[1:3] == ("has", mention.kin) for s in (*turn.statements, *turn.carried.statements))
    after = following(turn.said, mention.end)  # "my lizard brain" is none
    verb = (
        after in ("", "'s", "s") or after.endswith("ed") or after in forms("stop") or after in by_form()["do"].by_word
    )
    if own_pet and (verb or mention.name) and not held and not _SEVERAL.match(low, mention.end):
        turn.state(turn.speaker, "has", mention.kin)
    if mention.name and not _NAMING.search(low, 0, mention.start):
        turn.state(subject, "name", mention.name, after=mention.end)
    old = _OLD.search(low, mention.start, mention.end)
    years = numbers.number(old["n"]) if old else None
    if years:
        turn.state(subject, "age", str(years))


def of_name(turn: Turn, name: str, end: int) -> None:
    """Read "Harriet is my sister"."""
    m = _IS_KIN.match(turn.said.low, end)
    kin = kin_at(turn.said.low, m.end()) if m else None
    if kin:
        turn.state(f"{turn.speaker}'s {kin[0]}", "name", name)


def had(turn: Turn, value: Value, pos: int) -> None:
    """Take note of who is had, by the value of a possession: "a daughter called Ines", "a border collie"."""
    words = value.object.lower()
    breed = values.read("breed", turn.said, pos, turn.at_ns)
    of = table("breeds").get(_head(words, forms("breeds")))
    kin = table("pets").get(_head(words, forms("pets"))) or table("kin").get(_head(words, forms("kin")))
    if words[0].isdigit() or not (of or kin):
        return
    subject = f"{turn.speaker}'s {of or kin}"
    turn.meet(subject, at=value.end)
    if breed and is_pet(subject):
        turn.state(subject, "breed", breed[0].object)
    called = _CALLED.match(turn.said.text, value.end)
    for name in values.read("name", turn.said, called.end(), turn.at_ns) if called else ():
        turn.state(subject, "name", name.object)


def _head(words: str, of: frozenset[str]) -> str:
    """Return the last words of a phrase that are in a class; empty if none are."""
    split = words.split()
    for size in (3, 2, 1):
        tail = " ".join(split[-size:])
        for form in (tail, singular(tail)):
            if form in of:
                return form
    return ""
