"""Facts told without an utterance, ended, withdrawn, and read on both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import remanence
from remanence.errors import InvalidInput, NotFound
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import to_builtins

NS = 10**9


def opened(path: Path | None = None, clock: FakeClock | None = None) -> remanence.Store:
    config = remanence.Config(facts=False)
    return remanence.open(path, config=config, embedder=HashingEmbedder(32), clock=clock or FakeClock(step_ns=NS))


def told(facts: Sequence[remanence.Fact]) -> list[tuple[str, str, str, str]]:
    return [(fact.subject, fact.relation, fact.object, fact.source) for fact in facts]


def test_a_fact_cites_its_own_record_and_is_read_like_any_other() -> None:
    memory = opened()["a"]
    memory.add("hello")
    receipt = memory.add_fact("user", "residence", "Porto")
    assert (receipt.id, receipt.version, receipt.ids, receipt.position.seq) == ("m2", 1, ("m2",), 2)
    assert told(receipt.facts) == told(memory.facts()) == [("user", "residence", "Porto", "m2")]
    assert memory.fact("USER", "Residence") == receipt.facts[0]
    assert memory.add_fact("user", "residence", "porto!").facts == (), "it only says so again"
    with pytest.raises(NotFound):
        memory.get("m2")  # it is no memory
    assert len(memory) == 1


def test_a_known_relation_has_one_value_or_many_and_another_has_many() -> None:
    memory = opened()["a"]
    for relation in ("Residence", "favorite colour", "allergy", "nickname"):
        memory.add_fact("user", relation, "one")
        memory.add_fact("user", relation, "two")
    assert [(fact.relation, fact.object) for fact in memory.facts()] == [
        ("Residence", "two"),
        ("favorite colour", "two"),
        ("allergy", "one"),
        ("allergy", "two"),
        ("nickname", "one"),
        ("nickname", "two"),
    ]
    memory.add_fact("user", "nickname", "three", single=True)
    assert [fact.object for fact in memory.facts("user", "nickname")] == ["three"]


def test_what_is_over_takes_the_place_of_nothing() -> None:
    memory = opened()["a"]
    memory.add_fact("user", "residence", "Lisbon", since="2016-01-01")
    memory.add_fact("user", "residence", "Porto", since="2010-01-01", until="2015-01-01")

    def home(when: str) -> str | None:
        fact = memory.as_of(valid=when).fact("user", "residence")
        return fact and fact.object

    assert [home(f"{year}-06-01") for year in (2009, 2012, 2015, 2020)] == [None, "Porto", None, "Lisbon"]
    assert told(memory.facts()) == [("user", "residence", "Lisbon", "m1")]
    memory.add_fact("user", "residence", "Porto", since="2011-01-01", until="2012-01-01")
    assert len(memory.facts(ended=True)) == 2, "it was known"


def test_a_fact_ends_and_stays_in_the_past() -> None:
    memory = opened()["a"]
    memory.add_fact("user", "language", "Welsh", since="2020-01-01")
    memory.add_fact("user", "language", "Danish", since="2020-01-01")
    before = memory.head()
    receipt = memory.end_fact("User", "language", "danish", since="2023-01-01")
    assert receipt.facts == ()
    assert [fact.object for fact in memory.facts()] == ["Welsh"]
    assert len(memory.as_of(before).facts()) == 2
    assert len(memory.as_of(valid="2022-01-01").facts()) == 2
    memory.end_fact("user", "language")
    assert memory.facts() == []
    assert len(memory.facts(ended=True)) == 2


def test_the_end_of_nothing_is_refused_and_not_written() -> None:
    memory = opened()["a"]
    memory.add_fact("user", "residence", "Porto", since="2020-01-01")
    for call in (("user", "residense"), ("Ana", "residence"), ("user", "residence", "Lisbon")):
        with pytest.raises(NotFound, match="no fact"):
            memory.end_fact(*call)
    memory.end_fact("user", "residence")
    with pytest.raises(NotFound):
        memory.end_fact("user", "residence")
    memory.end_fact("user", "residence", since="2021-01-01")  # earlier than was thought
    assert memory.head().seq == 3


def test_a_memory_that_gets_another_text_takes_its_facts_along() -> None:
    memory = opened()["a"]
    memory.add("I moved to Porto", id="move")
    assert memory.add_fact("user", "residence", "Porto", source="move").id == "move"
    kept = memory.head()
    memory.add("I moved to Lisbon", id="move")
    assert memory.facts(ended=True) == []
    assert told(memory.as_of(kept).facts()) == [("user", "residence", "Porto", "move")]
    memory.add_fact("user", "residence", "Lisbon", source="move")
    assert told(memory.facts()) == [("user", "residence", "Lisbon", "move")]
    with pytest.raises(NotFound, match="source"):
        memory.add_fact("user", "residence", "Rome", source="m9")
    assert memory.head().seq == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": ""},
        {"relation": ""},
        {"object": ""},
        {"object": 3},
        {"subject": "x" * 600},
        {"since": "soon"},
        {"until": 7},
        {"until": "2020-01-01"},
        {"since": "2020-01-01", "until": "2020-01-01"},
        {"single": "yes"},
        {"source": ""},
    ],
)
def test_what_cannot_be_right_is_refused(wrong: dict[str, object]) -> None:
    memory = opened()["a"]
    given = {"subject": "user", "relation": "residence", "object": "Porto"} | wrong
    positional = [given.pop(name) for name in ("subject", "relation", "object")]
    with pytest.raises(InvalidInput):
        memory.add_fact(*positional, **given)  # type: ignore[arg-type]
    assert memory.head().seq == 0


def test_facts_are_watched() -> None:
    memory = opened()["a"]
    start = memory.head()
    memory.add("I moved", id="move")
    memory.add_fact("user", "residence", "Porto", source="move")
    memory.end_fact("user", "residence")
    (_, added, ended) = memory.watch(start, timeout=0)
    assert (added.kind, added.id) == ("assert", "move")
    assert added.value == [{"subject": "user", "relation": "residence", "object": "Porto"}]
    assert (ended.kind, ended.id, ended.ids) == ("assert", "m3", ("m3",))
    assert ended.value == [{"subject": "user", "relation": "residence", "object": "", "ends": True}]
    assert to_builtins(added)["value"] == added.value


def test_facts_outlive_the_store_with_and_without_a_snapshot(tmp_path: Path) -> None:
    for path, saved in ((tmp_path / "a.db", True), (tmp_path / "b.db", False)):
        with opened(path) as store:
            store["a"].add_fact("user", "residence", "Porto")
            if saved:
                store.upkeep()
            store["a"].add_fact("user", "residence", "Lisbon", durable=True)
            before = store["a"].facts(ended=True)
        with opened(path) as store:
            assert store["a"].facts(ended=True) == before
            assert len(before) == 2
