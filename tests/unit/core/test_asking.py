"""What questions want and texts hold: by example, and never a crash."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.core.asking import NAME, NUMBER, REASON, SPAN, TIME, held, wanted, wants_several

ALL = TIME | NAME | NUMBER | SPAN | REASON
ANY_TEXT = st.text(st.characters(exclude_categories=[]))

WANTED = [
    ("When did Ana move to Porto?", TIME),
    ("when did ana move to porto", TIME),
    ("What day is the wedding?", TIME),
    ("which month did we meet in", TIME),
    ("Where does she live?", NAME),
    ("who called", NAME),
    ("Who’s coming?", NAME),
    ("Whose car is it?", NAME),
    ("What city was he born in?", NAME),
    ("How many cats do they have?", NUMBER),
    ("how much did it cost", NUMBER),
    ("How long did it take?", SPAN | NUMBER),
    ("How old is Rita", SPAN | NUMBER),
    ("Why did he leave?", REASON),
    ("What inspired her?", REASON),
    ("When and where did they marry?", TIME | NAME),
    ("so um who was it and when", NAME | TIME),
    ("What did she eat?", 0),
    ("How did it go?", 0),
    ("Tell me about the dog", 0),
    ("The day we met", 0),
    ("", 0),
    ("?!", 0),
    ("🙂", 0),
    ("我什么时候搬家?", 0),
    ("Когда мы переехали?", 0),
]

HELD = [
    ("We met yesterday", TIME),
    ("see you on tuesday", TIME),
    ("It was in JUNE", TIME),
    ("You may march in the sun", 0),
    ("I live with Bartholomew", NAME),
    ("Yes, Paris", NAME),
    ("Paris", 0),
    ("i live with bartholomew", 0),
    ("i have three cats", NUMBER),
    ("Room 12", NUMBER),
    ("it cost 500", NUMBER),
    ("for two years", SPAN | NUMBER),
    ("hours and hours", SPAN),
    ("because it rained", REASON),
    ("A few weeks ago, Rita left because of you", ALL),
    ("a cat", 0),
    ("", 0),
    ("…", 0),
    ("🙂", 0),
    ("我住在里斯本", 0),
    ("١٢ кота", NUMBER),
]

SEVERAL = [
    ("Which books has Ana read?", True),
    ("which books has ana read", True),
    ("What are her hobbies?", True),
    ("What outdoor activities do they like?", True),
    ("How many times did we go?", True),
    ("What do Ana and Bob both like?", True),
    ("What do they have in common?", True),
    ("Name all the places", True),
    ("What is her name?", False),
    ("What does he always say?", False),
    ("What did the boys eat?", False),
    ("What kind of cats are they?", False),
    ("Which bus is it?", False),
    ("What address was it?", False),
    ("What colour is Ana's car?", False),
    ("When were the classes?", False),
    ("What", False),
    ("how", False),
    ("", False),
    ("?", False),
    ("哪些书?", False),
]


@pytest.mark.parametrize(("question", "kinds"), WANTED)
def test_what_a_question_wants(question: str, kinds: int) -> None:
    assert wanted(question) == kinds


@pytest.mark.parametrize(("text", "kinds"), HELD)
def test_what_a_text_holds(text: str, kinds: int) -> None:
    assert held(text) == kinds


@pytest.mark.parametrize(("question", "several"), SEVERAL)
def test_which_questions_are_for_several_things(question: str, several: bool) -> None:
    assert wants_several(question) is several


@given(ANY_TEXT)
def test_any_text_has_kinds_that_fit_a_byte(text: str) -> None:
    assert 0 <= held(text) <= ALL
    assert 0 <= wanted(text) <= ALL
    assert wants_several(text) in (True, False)


@given(st.lists(st.sampled_from("what which how many much long when who are is the books bus day".split())))
def test_any_words_in_any_order_are_a_question(asked: list[str]) -> None:
    assert 0 <= wanted(" ".join(asked)) <= ALL
    assert wants_several(" ".join(asked)) == wants_several(" ".join(asked).upper() + "??")


@pytest.mark.parametrize("piece", ["a", "what ", "What which how ", ", A", "é", "里", "9 "])
def test_a_very_long_text_takes_no_more_than_its_length(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    before = time.process_time()
    held(text), wanted(text), wants_several(text)
    assert time.process_time() - before < 5, "quadratic would take hours"
