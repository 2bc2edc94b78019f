"""Putting right and taking back: what holds after two turns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.extract.extraction import extract
from remanence.extract.statements import RELATIONS, Statement, current
from remanence.extract.turn import Carried

AT = int(datetime(2024, 11, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000_000


def held(*turns: str) -> list[tuple[str, str]]:
    """The committed relations and objects that hold after a conversation, oldest first."""
    return [(what, value) for _, what, value in _current(*turns)]


def stated(*turns: str) -> set[tuple[str, str, str]]:
    """The committed facts that hold after a conversation."""
    return set(_current(*turns))


def _current(*turns: str) -> list[tuple[str, str, str]]:
    carried, statements = Carried(), list[Statement]()
    for turn in turns:
        extraction = extract(turn, at_ns=AT, carried=carried)
        statements.extend(extraction.statements)
        carried = extraction.carried
    committed = {name for name, relation in RELATIONS.items() if relation.committed}
    return [fact for fact in current(statements) if fact[1].split()[0] in committed]


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
        (["I live in Leeds.", "Bradford, I mean."], ("residence", "Bradford")),
        (["I live in Porto.", "It's Braga, not Porto."], ("residence", "Braga")),
        (["I live in Porto.", "I keep saying Porto but it's Braga."], ("residence", "Braga")),
        (["I live in Porto.", "Well, I did. I'm in Braga now."], ("residence", "Braga")),
        (["I work for Shell.", "BP, sorry."], ("employer", "BP")),
        (["I work at Shell.", "I quit. I'm at BP now."], ("employer", "BP")),
        (["I'm a plumber.", "Electrician, I should say."], ("job", "Electrician")),
        (["i'm twenty nine oh wait thirty"], ("age", "30")),
        (["I turned 50 last week.", "51! I can't count."], ("age", "51")),
        (["i take ramipril", "no not ramipril amlodipine"], ("medication", "amlodipine")),
        (["I'm allergic to cats.", "Dogs, I mean. Cats are fine."], ("allergy", "Dogs")),
        (["i have type one diabetes no wait type two"], ("condition", "type 2 diabetes")),
        (["my birthday is the third of may", "sorry the fourth"], ("birthday", "--05-04")),
        (["I drive a blue Skoda.", "Red, sorry, it's red."], ("car", "red Skoda")),
        (["I drive a Skoda Fabia.", "Octavia, not Fabia."], ("car", "Skoda Octavia")),
        (["Call me Elizabeth.", "Actually, Liz is fine."], ("name", "Liz")),
        (["My favourite colour is red.", "Actually, I think it's green."], ("favorite color", "green")),
        (["my favourite food is pizza", "changed my mind, ramen"], ("favorite food", "ramen")),
        (["i grew up in ohio well not ohio indiana"], ("origin", "indiana")),
        (["My son goes to Hill Primary.", "No, he's at Park Academy now."], ("school", "Park Academy")),
        (["My brother is a nurse.", "No wait, not my brother, my sister."], ("job", "nurse")),
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
        ["I work at Shell.", "I quit last week."],
        ["I work at Shell.", "They laid me off."],
        ["I live in Hull and I'm a baker.", "Forget all of that."],
        ["I live in Hull.", "No, I don't."],
        ["i live in hull", "that's not true any more"],
        ["I live in Leeds.", "Don't save that please."],
        ["I drive a Fiat Punto.", "I sold the Punto."],
        ["I drive a Fiat Punto.", "It got stolen."],
        ["i take metformin", "they stopped my metformin"],
        ["I take metformin.", "I came off it in June."],
        ["I'm allergic to eggs.", "Turns out I'm not."],
        ["I'm vegan.", "I've stopped being vegan."],
        ["My number is 555 0142.", "That number's dead, don't use it."],
        ["My email is a@b.org.", "I deleted that account."],
        ["I study law at Essex.", "I graduated in June."],
        ["I'm from Mars.", "Kidding!"],
        ["I take insulin.", "I don't need insulin any more."],
        ["I drive a BMW.", "I gave it to my son."],
        ["i'm allergic to dust", "that turned out to be wrong"],
        ["I work as a courier.", "I don't do that any more."],
    ],
    ids=lambda turns: turns[-1],
)
def test_what_is_taken_back_is_over(turns: list[str]) -> None:
    assert held(*turns) == []


@pytest.mark.parametrize(
    ("turns", "facts"),
    [
        (
            ["my sister's name is ingrid", "no wait that's my cousin my sister is astrid"],
            {("user's cousin", "name", "ingrid"), ("user's sister", "name", "astrid")},
        ),
        (
            ["My brother's allergic to nuts.", "I meant my sister, not my brother."],
            {("user's sister", "allergy", "nuts")},
        ),
        (["My wife's a vet.", "Sorry, my ex-wife's a vet."], {("user's ex-wife", "job", "vet")}),
        (
            ["I take ramipril and metformin.", "Not ramipril, lisinopril."],
            {("user", "medication", "metformin"), ("user", "medication", "lisinopril")},
        ),
        (
            ["I'm allergic to walnuts and eggs.", "Sorry, almonds, not walnuts."],
            {("user", "allergy", "eggs"), ("user", "allergy", "almonds")},
        ),
        (["I've got eczema and asthma.", "The eczema cleared up."], {("user", "condition", "asthma")}),
    ],
    ids=lambda turns: turns[-1] if isinstance(turns, list) else "",
)
def test_only_what_was_wrong_changes(turns: list[str], facts: set[tuple[str, str, str]]) -> None:
    assert stated(*turns) == facts


@pytest.mark.parametrize(
    "then",
    [
        "No problem!",
        "Well, Susan, I see.",
        "No, thanks.",
        "Actually, the trains were late.",
        "Wait a second.",
        "Sorry!",
        "Actually it's lovely here.",
        "Sorry, I'm at lunch.",
        "I quit smoking.",
        "My sister isn't vegan any more.",
    ],
)
def test_talk_that_only_sounds_like_a_correction_changes_nothing(then: str) -> None:
    assert held("My name is Sam and I live in Leeds.", then) == [("name", "Sam"), ("residence", "Leeds")]
