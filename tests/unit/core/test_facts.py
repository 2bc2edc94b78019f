"""Facts on their two clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.core.facts import Facts
from remanence.core.timeline import Told, same
from remanence.records import Stated

NS = 10**9


def day(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


class Teller:
    """Tells facts, a record each."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.seq = 0

    def __call__(
        self,
        object: str,
        said: str,
        *,
        relation: str = "residence",
        since: str | None = None,
        single: bool = True,
        ends: bool = False,
        source: str | None = None,
        subject: str = "user",
    ) -> int:
        self.seq += 1
        stated = Stated(subject, relation, object, single=single, ends=ends, since_ns=day(since) if since else None)
        self.facts.tell(Told(stated, source or f"m{self.seq}", self.seq, day(said), day("2030-01-01") + self.seq))
        return self.seq

    def at(self, when: str, relation: str | None = None) -> list[str]:
        return [fact.object for fact in self.facts.valid(day(when), None, relation)]


@pytest.fixture
def tell() -> Teller:
    return Teller()


def test_a_new_value_takes_the_place_of_the_old_one(tell: Teller) -> None:
    tell("Porto", "2024-01-01")
    tell("Lisbon", "2024-06-01")
    assert [tell.at(when) for when in ("2023-12-31", "2024-01-01", "2024-05-31", "2024-06-01", "2025-01-01")] == [
        [], ["Porto"], ["Porto"], ["Lisbon"], ["Lisbon"],
    ]  # fmt: skip
    old, new = tell.facts.ever()
    assert (old.valid_from, old.valid_to, old.source) == (day("2024-01-01"), day("2024-06-01"), "m1")
    assert (new.valid_to, new.recorded_at) == (None, day("2030-01-01") + 2)


def test_values_of_many_stand_side_by_side(tell: Teller) -> None:
    tell("peanuts", "2024-01-01", relation="allergy", single=False)
    tell("penicillin", "2024-02-01", relation="allergy", single=False)
    assert tell.at("2024-03-01") == ["peanuts", "penicillin"]
    tell("Peanuts.", "2024-04-01", relation="allergy", single=False, ends=True)
    assert tell.at("2024-05-01") == ["penicillin"]
    assert tell.at("2024-03-01") == ["peanuts", "penicillin"], "it was true then"
    tell("", "2024-06-01", relation="allergy", single=False, ends=True)
    assert tell.at("2024-07-01") == []


def test_what_became_true_earlier_was_true_from_then(tell: Teller) -> None:
    tell("Porto", "2024-01-01")
    tell("Lisbon", "2024-06-01", since="2024-03-01")
    assert [tell.at(when) for when in ("2024-02-01", "2024-03-01", "2024-07-01")] == [["Porto"], ["Lisbon"], ["Lisbon"]]


def test_what_is_said_later_counts_even_where_it_began_before(tell: Teller) -> None:
    tell("Porto", "2024-04-01")
    tell("Lisbon", "2024-05-01", since="2024-03-01")
    assert tell.at("2024-06-01") == ["Lisbon"]
    assert tell.at("2024-04-15") == ["Lisbon"]
    assert tell.facts.ever()[1].valid_to == tell.facts.ever()[1].valid_from, "Porto was never true"


def test_a_back_filled_transcript_does_not_end_what_was_said_after_it(tell: Teller) -> None:
    tell("Lisbon", "2024-06-01")
    tell("Porto", "2024-01-01")
    assert [tell.at(when) for when in ("2024-02-01", "2024-07-01")] == [["Porto"], ["Lisbon"]]


def test_saying_it_again_changes_nothing(tell: Teller) -> None:
    tell("Porto", "2024-01-01")
    tell("porto!", "2024-03-01")
    (fact,) = tell.facts.ever()
    assert (fact.object, fact.source, fact.valid_from) == ("Porto", "m1", day("2024-01-01"))


def test_what_ended_can_begin_again(tell: Teller) -> None:
    for said, place in (("2024-01-01", "Porto"), ("2024-02-01", "Lisbon"), ("2024-03-01", "Porto")):
        tell(place, said)
    assert [(fact.object, fact.valid_to is None) for fact in tell.facts.ever()] == [
        ("Porto", False), ("Lisbon", False), ("Porto", True),
    ]  # fmt: skip


def test_a_memory_that_says_something_else_takes_its_facts_back(tell: Teller) -> None:
    tell("Porto", "2024-01-01", source="home")
    replaced = tell.seq + 1
    tell.facts.withdraw("home", replaced, cited=True)
    tell("Lisbon", "2024-02-01", source="home")
    assert [fact.object for fact in tell.facts.ever()] == ["Lisbon"], "it was an error, not a move"
    tell.facts.withdraw("home", replaced + 1, cited=True)
    tell.facts.withdraw("nobody", replaced + 1, cited=True)
    assert tell.facts.ever() == []
    assert [fact.object for fact in tell.facts.until(replaced).ever()] == ["Lisbon"]
    assert [fact.object for fact in tell.facts.until(replaced - 1).ever()] == ["Porto"]


def test_the_two_clocks_differ(tell: Teller) -> None:
    tell("Porto", "2024-01-01")
    known = tell("Lisbon", "2024-06-01", since="2024-03-01")
    assert [fact.object for fact in tell.facts.until(known - 1).valid(day("2024-04-01"))] == ["Porto"], "as believed"
    assert [fact.object for fact in tell.facts.valid(day("2024-04-01"))] == ["Lisbon"], "as it was"


def test_subjects_and_relations_are_looked_up_in_any_case(tell: Teller) -> None:
    tell("Rex", "2024-01-01", subject="User's dog", relation="name")
    tell("Ana", "2024-01-02", relation="name")
    assert [fact.object for fact in tell.facts.ever("user's DOG", " Name")] == ["Rex"]
    assert [fact.object for fact in tell.facts.ever(relation="NAME")] == ["Rex", "Ana"]
    assert [fact.object for fact in tell.facts.ever("USER")] == ["Ana"]
    assert tell.facts.ever("nobody", "name") == tell.facts.ever("nobody") == []


def test_it_is_the_same_after_freezing(tell: Teller) -> None:
    tell("Porto", "2024-01-01", source="home")
    tell.facts.withdraw("home", 2, cited=True)
    tell("Lisbon", "2024-02-01", source="home")
    restored = Facts.restored(tell.facts.frozen())
    assert restored.ever() == tell.facts.ever()
    assert restored.until(1).ever() == tell.facts.until(1).ever()
    assert restored.nbytes > 200


def test_case_and_punctuation_make_no_difference() -> None:
    assert same("New York", "new york.")
    assert not same("New York", "York")
    assert not same("", "x")


@pytest.mark.parametrize(
    ("one", "other"),
    [("20", "-20"), ("😀", "😢"), ("C", "C++"), ("A+", "A-"), ("$10", "€10"), ("10%", "10"), ("1,5", "15")],
)
def test_what_differs_in_a_sign_is_another_value(one, other):
    assert not same(one, other)


@pytest.mark.parametrize(("one", "other"), [("Rex", "rex!"), ("St. John's", "st johns"), ("a  b", "A b"), ("3.", "3")])
def test_what_differs_in_writing_is_the_same(one, other):
    assert same(one, other)
