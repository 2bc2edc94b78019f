"""The opening of a context: which facts it holds, and that it keeps to its budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from remanence.core.profile import HEADING, known, pick, share_of
from remanence.core.text import words
from remanence.core.tokens import estimate
from remanence.types import Fact


def fact(subject: str, relation: str, object: str, *, soft: bool = False) -> Fact:
    return Fact(subject, relation, object, "m1", 0, None, 0, soft)


def picked(facts: list[Fact], asked: str, budget: int, size_of=estimate):
    return pick([known(each, words) for each in facts], words(asked), budget, size_of)


ANA = [
    fact("user", "name", "Ana"),
    fact("user's dog", "name", "Potola"),
    fact("user", "likes", "tea", soft=True),
    fact("user", "residence", "Lisbon"),
]


def test_one_line_a_subject_under_a_heading():
    assert picked(ANA, "", 100).text == (
        f"{HEADING}\nuser: name Ana; likes tea; residence Lisbon\nuser's dog: name Potola"
    )


def test_nothing_known_is_no_heading():
    assert picked([], "name", 100) == ("", 0, ())


def test_what_the_question_speaks_of_comes_first():
    room = estimate(f"{HEADING}\nuser: likes tea") + 3
    assert picked(ANA, "do I like tea?", room).text == f"{HEADING}\nuser: likes tea"


def test_otherwise_the_newest_that_is_settled_and_of_the_person():
    room = estimate(f"{HEADING}\nuser: residence Lisbon") + 3
    assert picked(ANA, "hello", room).text == f"{HEADING}\nuser: residence Lisbon"
    assert picked(ANA[:3], "hello", room - 4).text == f"{HEADING}\nuser: name Ana"


def test_a_counter_that_finds_the_whole_larger_than_its_parts_is_kept_to():
    def odd(text: str) -> int:
        return len(text) * (3 if "\n" in text else 1)

    found = picked(ANA, "", 150, odd)
    assert found.text
    assert odd(found.text) == found.tokens <= 150


def test_a_share_of_a_context():
    assert (share_of(0), share_of(60), share_of(10**6)) == (0, 10, 160)


names = st.text("abcdefgh ij'", min_size=1, max_size=12).filter(str.strip)


@given(st.lists(st.builds(fact, names, names, names, soft=st.booleans()), max_size=12), names, st.integers(0, 200))
def test_the_budget_is_kept_and_what_it_says_is_what_is_in_it(facts, asked, budget):
    found = picked(facts, asked, budget)
    assert found.tokens == estimate(found.text) <= budget
    assert all(" ".join(f"{each.relation} {each.object}".split()) in found.text for each in found.facts)
    assert bool(found.text) == bool(found.facts)
