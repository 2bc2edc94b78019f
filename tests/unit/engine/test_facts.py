"""Facts of a namespace: told by an extractor as turns are written, and read on both clocks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.errors import InvalidInput
from remanence.records import Stated
from remanence.testing import FakeClock, HashingEmbedder


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


@pytest.mark.parametrize(
    "garbage",
    [
        ["garbage"],
        5,
        [("a", "b", "c")],
        [Stated("", "", "")],
        [Stated("user", "job", 5)],  # pyright: ignore[reportArgumentType]
        [Stated("user", "job", "cook", since_ns=2**70)],
        [Stated("user", "job", "cook", single="yes")],  # pyright: ignore[reportArgumentType]
        [Stated("user", "job", "\ud800")],
        [Stated("user", "job", "cook" * 1_000)],
        [Stated("user", "job", "cook", since_ns=5, until_ns=5)],
    ],
    ids=repr,
)
def test_an_extractor_that_gives_garbage_costs_its_facts_and_never_the_turn(garbage):
    class Garbage:
        name = "garbage"

        def extract(self, text, *, at_ns, speaker, carried):
            return garbage, None

    memory = remanence.open(extractor=Garbage())["a"]
    assert memory.add("I am a cook").facts == ()
    assert len(memory) == 1
    assert memory.facts(ended=True) == []


def test_the_class_of_an_extractor_is_none():
    class Some:
        name = "some"

        def extract(self, text, *, at_ns, speaker, carried):
            return [], None

    with pytest.raises(InvalidInput, match="extractor"):
        remanence.open(extractor=Some)


def test_the_same_text_again_takes_no_facts_back():
    memory = remanence.open(config=remanence.Config(facts=False))["a"]
    memory.add("a form", id="form")
    memory.add_fact("user", "diet", "vegan", source="form")
    memory.fade("form")
    memory.add("a form", id="form")
    assert [fact.object for fact in memory.facts()] == ["vegan"]
    memory.add("another form", id="form")
    assert memory.facts(ended=True) == []


def test_what_was_planned_stays_planned_when_the_present_is_told_again():
    memory = remanence.open(clock=FakeClock(), config=remanence.Config(facts=False))["a"]
    memory.add_fact("user", "residence", "Porto", since="2020-01-01")
    memory.add_fact("user", "residence", "Lisbon", since="2030-01-01")
    memory.add_fact("user", "residence", "Porto")
    assert [fact.object for fact in memory.facts()] == ["Porto"]
    assert [fact.object for fact in memory.as_of(valid="2031-01-01").facts()] == ["Lisbon"]


def test_the_past_of_a_reading_is_what_it_saw():
    clock = FakeClock()
    memory = remanence.open(clock=clock, config=remanence.Config(facts=False))["a"]
    memory.add("the door code is 4711", ttl=10)
    memory.kv.put("plan", "pro", ttl=10)
    memory.add_fact("user", "residence", "Porto", since="2024-01-01T00:00:05")
    clock.advance(seconds=20)
    for seen in (
        memory.context("what is the code?"),
        memory.search("code"),
        memory.lineage(memory.search("x").trace_id),
    ):
        then = memory.as_of(seen)
        assert (len(then), dict(then.kv), [fact.object for fact in then.facts()]) == (0, {}, ["Porto"])
    assert len(memory.as_of(seen.position)) == 1, "a position is the moment of its record"


def test_a_time_a_user_reads_holds_what_was_recorded_then():
    memory = remanence.open()["a"]
    for n in range(20):
        memory.add(f"memory {n}", id=f"x{n}")
        assert f"x{n}" in memory.as_of(memory.get(f"x{n}").recorded_at)


def test_many_values_of_one_relation_stay_quick():
    """Counted, not timed: each is compared with those of its own wording only."""
    from remanence.core.timeline import Told, spans_of

    told = [Told(Stated("user", "likes", f"thing {n}", single=False), f"m{n}", n, n, n) for n in range(20_000)]
    assert len(spans_of(told)) == 20_000
