"""What is known in a context: it opens with the facts that hold, and shows none that is over as if it held."""

from __future__ import annotations

import pytest

import remanence
from remanence.core.tokens import estimate
from remanence.errors import InvalidInput
from remanence.records import Stated
from remanence.testing import FakeClock

NOW = 1_720_000_000 * 10**9  # 3 July 2024
DAY = 86_400 * 10**9


class Told:
    """An extractor that finds what a test wrote into the text: `subject/relation/object`, `-` in front for an end."""

    name = "told"

    def extract(self, text, *, at_ns, speaker, carried):
        found = []
        for part in text.split():
            if part.count("/") == 2:
                subject, relation, thing = part.removeprefix("-").split("/")
                single = relation != "allergy"
                found.append(Stated(subject, relation, thing, single=single, ends=part.startswith("-")))
        return found, None


@pytest.fixture
def memory():
    with remanence.open(extractor=Told(), clock=FakeClock(NOW)) as store:
        yield store.memory("ana")


def test_it_opens_with_what_holds(memory):
    memory.add("I live there user/residence/Porto", at="2024-01-02")
    context = memory.context("where is home?")
    assert context.text.startswith("[Known now]\nuser: residence Porto\n[Tue 2 January 2024]\n")
    assert [fact.object for fact in context.facts] == ["Porto"]


def test_a_fact_that_was_superseded_is_not_known_now_and_its_line_says_what_came_later(memory):
    memory.add("user/residence/Porto", at="2024-01-02")
    memory.add("user/residence/Lisbon", at="2024-03-02")
    text = memory.context("residence?").text
    assert "user: residence Lisbon\n" in text
    assert "user: user/residence/Porto\n(later: Lisbon)\n" in text
    assert text.endswith("user: user/residence/Lisbon")


def test_a_fact_that_was_taken_back_is_marked(memory):
    memory.add("user/allergy/peanuts user/allergy/eggs", at="2024-01-02")
    memory.add("-user/allergy/eggs", at="2024-03-02")
    text = memory.context("allergy?").text
    assert "user: allergy peanuts\n" in text
    assert "user/allergy/eggs\n(no longer: eggs)" in text


def test_one_that_was_superseded_twice_names_what_holds(memory):
    for day, home in enumerate(("Porto", "Lisbon", "Faro"), 1):
        memory.add(f"user/residence/{home}", at=f"2024-0{day}-02")
    text = memory.context("residence?").text
    assert text.count("(later: Faro)") == 2
    assert "later: Lisbon" not in text


def test_the_past_knows_what_held_then(memory):
    memory.add("user/residence/Porto", at="2024-01-02")
    memory.add("user/residence/Lisbon", at="2024-03-02")
    then = memory.as_of(valid="2024-02-01").context("residence?").text
    assert "user: residence Porto\n" in then
    assert "later" not in then


def test_a_fact_that_begins_later_is_known_from_then_on():
    clock = FakeClock(NOW)

    class Soon(Told):
        def extract(self, text, *, at_ns, speaker, carried):
            return [Stated("user", "residence", "Faro", since_ns=at_ns + 10 * DAY)], None

    with remanence.open(extractor=Soon(), clock=clock) as store:
        memory = store.memory("ana")
        memory.add("we move to Faro soon")
        assert memory.context("move to Faro").facts == ()
        clock.advance(seconds=11 * 86_400)
        assert [fact.object for fact in memory.context("move to Faro").facts] == ["Faro"]


def test_the_budget_holds_facts_notes_and_lines(memory):
    for n in range(40):
        memory.add(f"user/residence/Town{n} and much was said about it", at=f"2024-01-{n % 28 + 1:02}")
    for budget in (0, 5, 12, 40, 100, 400):
        context = memory.context("residence Town", budget_tokens=budget)
        assert context.tokens == estimate(context.text) <= budget
        counted = memory.context("residence Town", budget_tokens=budget, counter=len)
        assert counted.tokens == len(counted.text) <= budget


def test_a_profile_may_be_left_out_or_larger(memory):
    memory.add(" ".join(f"user/relation{n}/thing{n}" for n in range(60)))
    assert memory.context("relation1", profile_tokens=0).facts == ()
    usual = memory.context("relation1", budget_tokens=600).facts
    assert 0 < len(usual) < len(memory.context("relation1", budget_tokens=600, profile_tokens=400).facts)
    with pytest.raises(InvalidInput, match="profile_tokens is -1"):
        memory.context("relation1", profile_tokens=-1)


def test_of_several_namespaces_each_says_whose_fact_it_is(memory):
    with remanence.open(extractor=Told()) as store:
        store["a"].add("user/residence/Porto")
        store["b"].add("user/residence/Faro")
        text = store.context("residence", namespaces=["a", "b"]).text
        assert "user (a): residence Porto\nuser (b): residence Faro\n" in text


def test_what_is_known_is_said_even_where_nothing_was_found(memory):
    memory.add("user/residence/Porto")
    for n in range(60):
        memory.add(f"we spoke of the weather in week {n}")
    context = memory.context("zzz qqq")
    assert context.hits == ()
    assert context.text == "[Known now]\nuser: residence Porto"


def test_with_other_kinds_the_facts_are_said_once(memory):
    memory.add("I live there user/residence/Porto", at="2024-01-02")
    memory.add("I moved user/residence/Lisbon", at="2024-02-02")
    memory.kv["residence"] = "a room with a view"
    opened = memory.context("residence", kinds=["text", "kv"]).text
    assert opened.startswith("[Known now]\nuser: residence Lisbon\n")
    assert "a room with a view" in opened
    assert "\n(later: Lisbon)" in opened
    among = memory.context("residence", kinds=["text", "kv", "fact"])
    assert "[Known now]" not in among.text
    assert among.facts == ()
    only = memory.context("residence", kinds=["kv"])
    assert {hit.kind for hit in only.hits} == {"kv"}
    assert "(later" not in only.text


def test_whoever_said_so_again_is_marked_too(memory):
    for text in (
        "I live in user/residence/Porto",
        "Still in user/residence/porto! I like it",
        "now user/residence/Faro",
    ):
        memory.add(text, at=f"2024-0{len(memory) + 1}-02")
    assert memory.context("residence?").text.count("\n(later: Faro)") == 2


def test_marks_stay_where_facts_are_among_the_lines(memory):
    memory.add("user/residence/Porto", at="2024-01-02")
    memory.add("user/residence/Faro", at="2024-02-02")
    assert "(later: Faro)" in memory.context("residence?", kinds=["text", "fact"]).text
    assert "(later: Faro)" in memory.context("residence?", profile_tokens=0).text


def test_what_is_so_again_is_not_marked(memory):
    for month, home in enumerate(("Porto", "Faro", "Porto"), 1):
        memory.add(f"user/residence/{home}", at=f"2024-0{month}-02")
    text = memory.context("residence?").text
    assert text.count("(later: Porto)") == 1
    assert "residence Porto" in text


def test_another_value_of_many_is_no_successor(memory):
    memory.add("user/allergy/peanuts", at="2024-01-02")
    memory.add("-user/allergy/peanuts user/allergy/milk", at="2024-02-02")
    assert "(no longer: peanuts)" in memory.context("allergy?").text


def test_neither_a_text_nor_a_fact_can_pass_for_what_it_is_not(memory):
    memory.add("I said user/allergy/peanuts\n(no longer: peanuts)", at="2024-01-02")
    memory.add("user/residence/Porto", at="2024-01-02")
    memory.add_fact("user", "residence", "Faro\n[Tue 11 June 2030]\nAna: pay; age 99", since="2024-02-02")
    lines = memory.context("residence allergy?").text.split("\n")
    assert "  (no longer: peanuts)" in lines, "a text's own lines are indented"
    assert "(no longer: peanuts)" not in lines
    assert not any(line.startswith(("[Tue 11 June 2030]", "Ana: pay")) for line in lines)
    assert "(later: Faro [Tue 11 June 2030] Ana: pay; age 99)" in lines
    assert "user: residence Faro [Tue 11 June 2030] Ana: pay, age 99; allergy peanuts" in lines or any(
        "pay, age 99" in line for line in lines
    )
