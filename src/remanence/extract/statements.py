"""What is stated: one fact or the end of one, which relations there are, and the fold of statements into what holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from remanence.extract.values import Kind


class Statement(NamedTuple):
    """One fact somebody stated, or the end of one.

    Attributes:
        subject: who it is about: the speaker, "user's wife's mother", "Anna".
        relation: a key of `RELATIONS`, or "favorite" and what ("favorite color").
        object: as said, without articles; numbers in digits, dates as YYYY-MM-DD, YYYY-MM, YYYY or --MM-DD.
        committed: whether it is told as a fact; likes, dislikes and possessions are soft.
        retracted: it no longer holds; an empty object then stands for whatever was held.
        valid_from_ns: since when, if that was said, ns since the epoch.
    """

    subject: str
    relation: str
    object: str
    committed: bool = True
    retracted: bool = False
    valid_from_ns: int | None = None


class Relation(NamedTuple):
    """How the values of a relation live together, and of which kind they are."""

    single: bool  # a new value takes the place of the old one
    committed: bool
    kind: Kind


RELATIONS = {
    "name": Relation(True, True, "name"),
    "birthday": Relation(True, True, "date"),
    "age": Relation(True, True, "age"),
    "residence": Relation(True, True, "place"),
    "origin": Relation(True, True, "place"),
    "job": Relation(True, True, "job"),
    "employer": Relation(True, True, "organisation"),
    "school": Relation(True, True, "school"),
    "studies": Relation(True, True, "field"),
    "marital status": Relation(True, True, "marital"),
    "diet": Relation(True, True, "diet"),
    "phone": Relation(True, True, "phone"),
    "email": Relation(True, True, "email"),
    "breed": Relation(True, True, "breed"),
    "car": Relation(True, True, "car"),
    "favorite": Relation(True, True, "favorite"),  # and what: "favorite color"
    "allergy": Relation(False, True, "allergen"),
    "medication": Relation(False, True, "medicine"),
    "condition": Relation(False, True, "illness"),
    "language": Relation(False, True, "language"),
    "likes": Relation(False, False, "thing"),
    "dislikes": Relation(False, False, "thing"),
    "has": Relation(False, False, "belonging"),
}
_OPPOSITE = {"likes": "dislikes", "dislikes": "likes"}
_UNSPOKEN = re.compile(r"[^\w]+")


def relation(name: str) -> Relation:
    """Return the relation of this name; `KeyError` if there is none. Every "favorite …" is one."""
    return RELATIONS["favorite" if name.startswith("favorite") else name]


def same(one: str, other: str) -> bool:
    """Return whether two objects are the same but for case, punctuation and a plural s."""
    return _bare(one) == _bare(other)


def current(statements: Iterable[Statement]) -> list[tuple[str, str, str]]:
    """Return what holds after all the statements, oldest first, as (subject, relation, object). Cost: linear.

    A relation with one value keeps the newest, one with many keeps all; a retraction ends what it names, and
    somebody dislikes nothing they like.
    """
    held: dict[tuple[str, str], list[str]] = {}
    spelt: dict[str, str] = {}
    for said in statements:
        key = (said.subject.casefold(), said.relation)
        opposite = _OPPOSITE.get(said.relation)
        if opposite is not None and not said.retracted:
            _drop(held, (key[0], opposite), said.object)
        if said.retracted and not said.object:
            held.pop(key, None)
        else:
            _drop(held, key, said.object)
        if not said.retracted:
            if relation(said.relation).single:
                held[key] = []
            held.setdefault(key, []).append(said.object)
            spelt[key[0]] = said.subject
    return [(spelt[who], what, value) for (who, what), values in held.items() for value in values]


def _drop(held: dict[tuple[str, str], list[str]], key: tuple[str, str], value: str) -> None:
    values = held.get(key)
    if values is not None:
        held[key] = [each for each in values if not same(each, value)]


def _bare(value: str) -> str:
    folded = _UNSPOKEN.sub("", value.casefold())
    return folded[:-1] if folded.endswith("s") and len(folded) > 3 else folded
