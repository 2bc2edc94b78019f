"""Who is meant: relatives of relatives, pronouns, names, and when nobody is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.extract.extraction import extract
from remanence.extract.turn import Carried

AT = int(datetime(2024, 11, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000_000


def subjects(*turns: str) -> list[str]:
    """Whom the last turn of a conversation states committed facts about, but for their names."""
    carried, found = Carried(), list[str]()
    for turn in turns:
        extraction = extract(turn, at_ns=AT, carried=carried)
        carried = extraction.carried
        found = [s.subject for s in extraction.statements if s.committed and s.relation != "name"]
    return found


@pytest.mark.parametrize(
    ("turns", "subject"),
    [
        (["I'm a nurse."], "user"),
        (["My wife's mother is a nurse."], "user's wife's mother"),
        (["My mum is a nurse."], "user's mother"),
        (["My sister called.", "She's a nurse."], "user's sister"),
        (["My sister called. She's a nurse."], "user's sister"),
        (["My sister and my dad called.", "She's a nurse."], "user's sister"),
        (["My dog Rex is old.", "He's 12."], "user's dog"),
        (["My sister Lucy called.", "Lucy is a nurse."], "user's sister"),
        (["I ran into Anna at the market.", "She's a nurse."], "Anna"),
        (["my sister lucy's birthday is on 4 may"], "user's sister"),
    ],
)
def test_who_is_meant(turns: list[str], subject: str) -> None:
    assert subjects(*turns) == [subject]


@pytest.mark.parametrize(
    "turns",
    [
        ["Harry Potter is a wizard and a teacher."],
        ["She's a nurse."],
        ["My sister called.", "He's a nurse."],
        ["My brother loves Tom Hanks and he is a director too."],
        ["My brother called.", "Fine.", "Sure.", "He's a nurse."],
    ],
    ids=lambda turns: turns[-1],
)
def test_nobody_known_is_meant(turns: list[str]) -> None:
    assert subjects(*turns) == []
