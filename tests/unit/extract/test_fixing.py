"""Putting right and taking back: what holds after two turns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.extract.extraction import extract
from remanence.extract.statements import RELATIONS, Statement, current
from remanence.extract.turn import Carried

AT = int(datetime(2024, 11, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000_000


def held(*turns: str) -> list[tuple[str, str]]:
    """The committed relations and objects that hold after a conversation."""
    carried, statements = Carried(), list[Statement]()
    for turn in turns:
        extraction = extract(turn, at_ns=AT, carried=carried)
        statements.extend(extraction.statements)
        carried = extraction.carried
    committed = {name for name, relation in RELATIONS.items() if relation.committed}
    return [(what, value) for _, what, value in current(statements) if what.split()[0] in committed]


@pytest.mark.parametrize(
    ("turns", "fact"),
    [
        (["I live in Ghent.", "Sorry, I meant Bruges."], ("residence", "Bruges")),
        (["i live in oslo", "no wait bergen"], ("residence", "bergen")),
        (["i live in ghent", "not ghent, bruges"], ("residence", "bruges")),
        (["I live in Leeds, no, Bradford."], ("residence", "Bradford")),
        (["I live in Reading.", "Hang on, I don't live in Reading any more, it's Slough."], ("residence", "Slough")),
        (["i'm 34", "wait no 35"], ("age", "35")),
        (["My birthday is the 3rd of May.", "Oops, I mean the 4th of May."], ("birthday", "--05-04")),
        (["My birthday is the 3rd, no, the 4th of May."], ("birthday", "--05-04")),
        (["my number is 555 0101", "scratch that 555 0102"], ("phone", "5550102")),
        (["my email is bob at example dot com", "no wait it's rob at example dot com"], ("email", "rob@example.com")),
        (["I work for Bosch, I mean Siemens."], ("employer", "Siemens")),
        (["I'm vegan.", "Actually I'm vegetarian, I still eat cheese."], ("diet", "vegetarian")),
        (["I'm allergic to nuts.", "Sorry, not nuts, shellfish."], ("allergy", "shellfish")),
        (["I take sertraline.", "I meant citalopram."], ("medication", "citalopram")),
        (["my favourite food is pizza", "nah it's sushi"], ("favorite food", "sushi")),
        (["I study law.", "Actually I switched to history."], ("studies", "history")),
    ],
)
def test_the_right_value_takes_the_place_of_the_wrong_one(turns: list[str], fact: tuple[str, str]) -> None:
    assert held(*turns) == [fact]


@pytest.mark.parametrize(
    "turns",
    [
        ["I work at Costa.", "I don't work there any more."],
        ["I'm single.", "Scratch that."],
        ["i speak german", "forget i said that i don't speak german"],
        ["i take ibuprofen every day", "i stopped taking it last week"],
        ["I'm on warfarin.", "They've taken me off warfarin."],
        ["I'm engaged to Sam.", "We broke up."],
        ["I go to Kings College.", "I've left Kings College now."],
        ["I'm allergic to cats.", "Actually I'm not allergic to cats."],
        ["I no longer live in Kent."],
    ],
    ids=lambda turns: turns[-1],
)
def test_what_is_taken_back_is_over(turns: list[str]) -> None:
    assert held(*turns) == []


@pytest.mark.parametrize(
    "then",
    [
        "No problem!",
        "Well, Susan, I see.",
        "No, thanks.",
        "Actually, the trains were late.",
        "Wait a second.",
        "Sorry!",
    ],
)
def test_talk_that_only_sounds_like_a_correction_changes_nothing(then: str) -> None:
    assert held("My name is Sam and I live in Leeds.", then) == [("name", "Sam"), ("residence", "Leeds")]
