"""Facts of a namespace: told by an extractor as turns are written, and read on both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.errors import InvalidInput
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import Stated


class Plain:
    """Understands "RELATION is OBJECT" and "not RELATION OBJECT", and counts what it carries."""

    name = "plain"

    def extract(self, text: str, *, at_ns: int, speaker: str, carried: Any) -> tuple[Sequence[Stated], Any]:
        words = text.split()
        facts: list[Stated] = []
        if words[1:2] == ["is"]:
            facts.append(Stated(speaker, words[0], " ".join(words[2:])))
        elif words[:1] == ["not"]:
            facts.append(Stated(speaker, words[1], " ".join(words[2:]), ends=True))
        elif words == ["count"]:
            facts.append(Stated(speaker, "turns", str(carried)))
        elif words == ["fail"]:
            raise RuntimeError("on purpose")
        return facts, (carried or 0) + 1


def opened(path: Path | None = None, clock: FakeClock | None = None) -> remanence.Store:
    return remanence.open(
        path, embedder=HashingEmbedder(32), extractor=Plain(), clock=clock or FakeClock(step_ns=10**9)
    )


def told(facts: Sequence[remanence.Fact]) -> list[tuple[str, str, str, str]]:
    return [(fact.subject, fact.relation, fact.object, fact.source) for fact in facts]


def test_a_receipt_has_the_facts_that_a_write_made() -> None:
    memory = opened()["a"]
    assert told(memory.add("city is Porto").facts) == [("user", "city", "Porto", "m1")]
    assert memory.add("city is Porto").facts == (), "it only says so again"
    assert memory.add("hello there").facts == ()
    assert memory.add("not city Porto").facts == ()
    assert memory.facts() == []
    assert told(memory.facts(ended=True)) == [("user", "city", "Porto", "m1")]


def test_the_subject_is_the_user_or_the_speaker_and_never_the_assistant() -> None:
    memory = opened()["a"]
    memory.add_turn(user="city is Porto", assistant="city is Rome", speaker="Ana")
    memory.add("city is Bonn", speaker="Ben")
    memory.add("city is Kyiv", speaker="Cleo", role="user")
    memory.add("city is Oslo", role="system")
    assert {(fact.subject, fact.object) for fact in memory.facts(ended=True)} == {
        ("user", "Porto"), ("Ben", "Bonn"), ("user", "Kyiv"),
    }  # fmt: skip


def test_a_new_text_under_an_id_takes_its_facts_back() -> None:
    memory = opened()["a"]
    memory.add("city is Porto", id="home")
    assert memory.add("city is Lisbon", id="home").version == 2
    assert told(memory.facts(ended=True)) == [("user", "city", "Lisbon", "home")]


def test_one_fact_is_the_newest_and_none_where_there_is_none() -> None:
    memory = opened()["a"]
    memory.add("city is Porto")
    memory.add("city is Lisbon")
    fact = memory.fact("USER", "City")
    assert fact is not None
    assert (fact.object, fact.valid_to) == ("Lisbon", None)
    assert memory.fact("user", "name") is None
    assert [fact.object for fact in memory.facts("user", "city", ended=True)] == ["Porto", "Lisbon"]
    with pytest.raises(InvalidInput):
        memory.facts(3)  # pyright: ignore[reportArgumentType]


def test_conversations_are_carried_apart() -> None:
    memory = opened()["a"]
    for session, speaker in (("s", "Ana"), ("s", "Ana"), ("t", "Ana"), ("s", "Ben")):
        memory.add("hello", session=session, speaker=speaker)
    memory.add("count", session="s", speaker="Ana")
    memory.add("count", session="t", speaker="Ana", at="2025-01-01")
    assert [fact.object for fact in memory.facts("Ana", "turns", ended=True)] == ["2", "1"]


def test_an_extractor_that_fails_costs_its_facts_and_not_the_turn(caplog: pytest.LogCaptureFixture) -> None:
    memory = opened()["a"]
    assert memory.add("fail").id == "m1"
    assert memory.get("m1").text == "fail"
    assert "on purpose" in caplog.text
    memory.add("city is Porto")
    assert len(memory.facts()) == 1


def test_without_an_extractor_there_are_no_facts() -> None:
    memory = remanence.open(embedder=HashingEmbedder(32))["a"]
    memory.add("city is Porto")
    assert memory.facts(ended=True) == []
    with pytest.raises(InvalidInput):
        remanence.open(extractor=3)  # pyright: ignore[reportArgumentType]


def test_facts_are_read_on_both_clocks() -> None:
    clock = FakeClock()  # 1 January 2024
    memory = opened(clock=clock)["a"]
    first = memory.add("city is Porto").position
    clock.advance(seconds=100 * 86_400)
    memory.add("city is Lisbon", at="2024-02-01")

    def city(**when: Any) -> str | None:
        fact = memory.as_of(**when).fact("user", "city")
        return fact and fact.object

    assert city(when="2024-03-01") == "Porto", "as it was known"
    assert city(valid="2024-03-01") == "Lisbon", "as it was"
    assert city(valid="2024-01-15") == "Porto"
    assert city(valid="2023-12-01") is None
    assert city(recorded=first, valid="2024-03-01") == "Porto"
    assert city(when=memory.head(), valid="2024-01-15") == "Porto"
    with pytest.raises(InvalidInput):
        memory.as_of(valid=first)  # pyright: ignore[reportArgumentType]


def test_facts_outlive_the_store_with_and_without_a_snapshot(tmp_path: Path) -> None:
    for path, saved in ((tmp_path / "a.db", True), (tmp_path / "b.db", False)):
        with opened(path) as store:
            store["a"].add("city is Porto")
            if saved:
                store.upkeep()
            store["a"].add("city is Lisbon")
            before = store["a"].facts(ended=True)
        with remanence.open(path, embedder=HashingEmbedder(32)) as store:
            assert store["a"].facts(ended=True) == before, "what was decided is stored"
            assert len(before) == 2
