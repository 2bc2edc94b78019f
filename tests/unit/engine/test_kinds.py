"""Searching over all that a namespace holds: facts, keys, streams and payloads beside the texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.errors import InvalidFilter, InvalidInput
from remanence.extract.extractor import RuleExtractor
from remanence.records import Stated
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import to_builtins

ALL = ["text", "fact", "kv", "stream", "vector"]
BESIDE = ALL[1:]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def memory(clock: FakeClock) -> remanence.Memory:
    return remanence.open(clock=clock, extractor=RuleExtractor())["a"]


def told(hits: Any) -> list[tuple[str, str]]:
    return [(hit.kind, hit.id) for hit in hits]


def test_each_kind_is_found_and_leads_back(memory: remanence.Memory) -> None:
    memory.add("We talked about the weather in Wales")
    order = {"status": "shipped", "items": [{"sku": 3}]}
    memory.kv["order/4711"] = "placed"
    memory.kv["order/4711"] = order
    memory.stream("calls").append("hello")
    memory.stream("calls").append({"outcome": "refund of 30 euros"}, at="2024-03-01")
    memory.add_vector([1, 0], "The warranty lasts two years", id="manual-7", metadata={"page": 7})
    memory.add_vector([1, 0], {"title": "Cleaning the filter"})
    (best, *_) = memory.search("has my order shipped?", kinds=ALL)
    assert (best.kind, best.id, best.version, best.value) == ("kv", "order/4711", 2, order)
    assert best.text == 'order/4711: {"status":"shipped","items":[{"sku":3}]}'
    assert memory.kv[best.id] == best.value
    (best, *_) = memory.search("did I get a refund?", kinds=ALL)
    assert (best.kind, best.id, best.version) == ("stream", "calls/2", 1)
    assert (best.text, best.at.year, best.at.month) == ('calls/2: {"outcome":"refund of 30 euros"}', 2024, 3)
    assert best.value == {"outcome": "refund of 30 euros"}
    (best, *_) = memory.search("how long is the warranty?", kinds=ALL)
    assert (best.kind, best.id, best.value, best.metadata) == (
        "vector",
        "manual-7",
        "The warranty lasts two years",
        {"page": 7},
    )
    (best, *_) = memory.search("clean the filter", kinds=ALL)
    assert (best.kind, best.text, best.value) == (
        "vector",
        '{"title":"Cleaning the filter"}',
        {"title": "Cleaning the filter"},
    )
    (best, *_) = memory.search("weather", kinds=ALL)
    assert (best.kind, best.id, best.value) == ("text", "m1", None)
    assert 0 < best.score < 1
    assert to_builtins(best)["kind"] == "text"


def test_names_are_taken_apart(memory: remanence.Memory) -> None:
    memory.kv["profile.dietaryNeeds"] = {"no_nuts": True}
    memory.kv["somethingElse"] = 4
    for query in ("dietary needs", "profile", "nuts"):
        assert memory.search(query, kinds=["kv"])[0].id == "profile.dietaryNeeds", query


def test_texts_alone_unless_asked(memory: remanence.Memory) -> None:
    memory.add("My order is late")
    memory.kv["order"] = "late"
    assert told(memory.search("order")) == told(memory.search("order", kinds=["text"])) == [("text", "m1")]
    assert memory.search("order")[0].score == memory.search("order", kinds=("text",))[0].score
    assert "kinds" not in memory.stats().hot_bytes_by_part
    assert "[kv]" not in memory.context("order").text


def test_only_the_kinds_asked_for(memory: remanence.Memory) -> None:
    memory.add("I live in Porto")
    memory.kv["home"] = "Porto"
    memory.stream("home").append("Porto")
    memory.add_vector([1], "Porto at night")
    for kinds in (["kv"], ["stream"], ["vector"], ["fact"], ["kv", "vector"], BESIDE, ALL, ["kv"]):
        found = {hit.kind for hit in memory.search("Porto", kinds=kinds)}
        assert found == (set(kinds) - {"fact"} if kinds == ALL else set(kinds)), "the text says what the fact says"


@pytest.mark.parametrize("wrong", [["texts"], ["text", None], [["kv"]], "kv", 3, []])
def test_unknown_kinds_are_refused(memory: remanence.Memory, wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="kinds"):
        memory.search("x", kinds=wrong)


def test_what_is_gone_is_not_found(memory: remanence.Memory, clock: FakeClock) -> None:
    memory.kv["code"] = "open sesame"
    memory.kv.put("token", "open for a minute", ttl=60)
    memory.add_vector([1], "open source", id="v")
    memory.add("I live in Porto")
    found = told(memory.search("open", kinds=BESIDE))
    assert {("kv", "code"), ("kv", "token"), ("vector", "v"), ("fact", "m4")} == set(found)
    clock.advance(seconds=61)
    assert ("kv", "token") not in told(memory.search("open", kinds=BESIDE))
    del memory.kv["code"]
    memory.fade("v")
    clock.advance(seconds=86_400)
    memory.add("I moved to Lisbon")
    assert told(memory.search("open", kinds=BESIDE)) == [("fact", "m7")]
    assert [hit.value for hit in memory.search("residence", kinds=["fact"])] == ["Lisbon"]
    memory.kv["code"] = "open again"
    assert memory.search("open", kinds=BESIDE)[0].version == 3


def test_a_value_that_changed_is_found_by_what_it_is_now(memory: remanence.Memory) -> None:
    memory.kv["order"] = {"status": "packed"}
    assert memory.search("packed", kinds=["kv"])[0].score > 0.5
    memory.kv["order"] = {"status": "shipped"}
    memory.add_vector([1], "blue bicycle", id="x")
    assert memory.search("packed", kinds=["kv"])[0].score < 0.5
    assert memory.search("blue bicycle", kinds=ALL)[0].id == "x"
    memory.add_vector([1], "green bicycle", id="x")
    (hit,) = memory.search("green bicycle", kinds=["vector"])
    assert (hit.version, hit.value) == (2, "green bicycle")


def test_a_clock_set_back_brings_back_what_had_expired() -> None:
    times = [10**18]
    memory = remanence.open(clock=lambda: times[0])["a"]
    memory.kv.put("token", "open", ttl=60)
    memory.kv["other"] = "open"
    times[0] += 100 * 10**9
    assert told(memory.search("open", kinds=["kv"])) == [("kv", "other")]
    times[0] -= 90 * 10**9
    assert set(told(memory.search("open", kinds=["kv"]))) == {("kv", "other"), ("kv", "token")}
    assert set(memory.kv) == {"other", "token"}


def test_a_fact_and_the_text_that_states_it_are_one(memory: remanence.Memory) -> None:
    memory.add("We talked about the weather in Wales")
    memory.add("I live in Porto, by the river, where the boats are")
    alone = memory.search("residence", kinds=["fact"])
    assert told(alone)[0] == ("fact", "m2")
    assert (alone[0].text, alone[0].value) == ("user's residence: Porto", "Porto")
    both = memory.search("residence", kinds=["text", "fact"])
    assert told(both)[0] == ("text", "m2")
    assert both[0].score == pytest.approx(alone[0].score), "it takes the better of the two places"
    assert both[0].score > memory.search("residence")[0].score
    assert [hit.id for hit in both].count("m2") == 1


def test_facts_read_as_sentences(memory: remanence.Memory) -> None:
    memory.add("I have a dog called Rex")
    memory.add("I like sushi", speaker="Ana")
    said = {hit.text for hit in memory.search("dog sushi", kinds=["fact"])}
    assert {"user's dog's name: Rex", "Ana likes sushi"} <= said
    assert not [text for text in said if "has:" in text or "likes:" in text]


def test_a_payload_and_the_same_text_are_one(memory: remanence.Memory) -> None:
    memory.add("The warranty lasts two years")
    memory.add_vector([1], "The warranty lasts two years")
    memory.add_vector([1], "The warranty lasts two years, for owners")
    assert told(memory.search("warranty", kinds=ALL)) == [("text", "m1"), ("vector", "v3")]
    assert set(told(memory.search("warranty", kinds=["vector"]))) == {("vector", "v2"), ("vector", "v3")}


def test_keys_of_one_value_are_several_and_entries_said_again_are_one(memory: remanence.Memory) -> None:
    for n in range(3):
        memory.kv[f"door/{n}"] = "locked"
        memory.stream("doors").append("locked")
    found = memory.search("is the door locked?", kinds=["kv", "stream"])
    assert {hit.id for hit in found if hit.kind == "kv"} == {"door/0", "door/1", "door/2"}
    assert len([hit for hit in found if hit.kind == "stream"]) == 1


def test_filters_are_over_metadata(memory: remanence.Memory) -> None:
    memory.add("I live in Porto", metadata={"lang": "en"})
    memory.add("My name is Ana")
    memory.kv["lang"] = "en"
    memory.stream("lang").append("en")
    memory.add_vector([1], "Porto by night", metadata={"lang": "en", "n": 1})
    memory.add_vector([1], "Porto by day")
    for kinds in (BESIDE, ["kv", "stream"], ALL):
        memory.search("Porto", kinds=kinds)
        found = set(told(memory.search("Porto", kinds=kinds, where={"lang": "en"})))
        every = {("text", "m1"), ("fact", "m1"), ("vector", "v5")}
        expected = {each for each in every if each[0] in kinds}
        assert found == (expected - {("fact", "m1")} if kinds == ALL else expected)
    assert not memory.search("en", kinds=["kv", "stream"], where={"lang": {"$ne": "de"}})
    (fact,) = memory.search("Porto", kinds=["fact"], where={"lang": "en"})
    assert fact.metadata == {"lang": "en"}
    for kinds in (["kv"], ALL):
        with pytest.raises(InvalidFilter):
            memory.search("x", kinds=kinds, where={"lang": {"$odd": 1}})


def test_a_context_reads_well_and_obeys_its_budget(memory: remanence.Memory) -> None:
    memory.add("Please look after my order", at="2024-01-01T09:00")
    memory.kv["order/4711"] = {"status": "shipped"}
    memory.add_vector([1], "Orders are shipped\n[kv] order/1: within a day", at="2024-01-02")
    memory.add("I live in Porto", at="2024-01-03")
    context = memory.context("has my order shipped?", kinds=ALL)
    assert context.text.split("\n") == [
        "[Mon 1 January 2024]",
        '[kv] order/4711: {"status":"shipped"}',
        "user: Please look after my order",
        "[Tue 2 January 2024]",
        "[vector] Orders are shipped",
        "  [kv] order/1: within a day",
        "[Wed 3 January 2024]",
        "user: I live in Porto",
    ]
    assert context.position == memory.head()
    assert memory.context("order", kinds=["kv"]).position == memory.head()
    for i in range(40):
        memory.kv[f"order/{i}"] = {"status": "shipped", "weight": i * 1.5, "to": "Lisbon " * (i % 7)}
    for budget in (0, 5, 20, 60, 200, 1000):
        for counter in (None, lambda text: len(text) // 3 + 1):
            context = memory.context("has my order shipped?", budget_tokens=budget, kinds=ALL, counter=counter)
            assert context.tokens <= budget
            size = remanence.core.tokens.estimate if counter is None else counter
            assert not context.text or size(context.text) == context.tokens


def test_facts_in_a_context(memory: remanence.Memory) -> None:
    memory.add("I live in Porto", at="2024-01-01")
    context = memory.context("where do I live?", kinds=["fact"], threshold=0)
    assert context.text == "[Mon 1 January 2024]\n[fact] user's residence: Porto"


def test_the_past_is_searched_as_it_was(memory: remanence.Memory, clock: FakeClock) -> None:
    memory.kv.put("order", "packed", ttl=600)
    memory.stream("calls").append("about the order")
    memory.add_vector([1], "order by phone", id="x")
    memory.add("I live in Porto")
    then, when = memory.head(), clock()
    seen = {(hit.kind, hit.id, hit.text) for hit in memory.search("order", kinds=BESIDE)}
    assert len(seen) == 4
    clock.advance(seconds=3600)
    memory.kv["order"] = "shipped"
    memory.stream("calls").append("about something else")
    memory.fade("x")
    memory.add("I moved to Lisbon")
    now = {(hit.kind, hit.id, hit.text) for hit in memory.search("order", kinds=BESIDE)}
    past = memory.as_of(then)
    for _ in range(2):
        assert {(hit.kind, hit.id, hit.text) for hit in past.search("order", kinds=BESIDE)} == seen
    assert ("kv", "order", 'order: "shipped"') in now
    assert "packed" in past.context("order", kinds=["kv"], threshold=0).text
    later = remanence.types.datetime_of(when + 700 * 10**9)
    assert ("kv", "order") not in told(memory.as_of(later).search("order", kinds=BESIDE)), "its time was over by then"
    assert {(hit.kind, hit.id, hit.text) for hit in memory.search("order", kinds=BESIDE)} == now
    (fact,) = memory.as_of(valid=remanence.types.datetime_of(when)).search("residence", kinds=["fact"])
    assert fact.value == "Porto"


def test_several_namespaces_are_merged() -> None:
    with remanence.open() as store:
        store["a"].kv["order"] = "shipped on Monday"
        store["b"].add("My order was shipped")
        store["c"].stream("orders").append("shipped")
        found = store.search("order shipped", namespaces=["a", "b", "c"], kinds=ALL)
        assert {(hit.namespace, hit.kind) for hit in found} == {("a", "kv"), ("b", "text"), ("c", "stream")}
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        text = store.context("order shipped", namespaces=["a", "b", "c"], kinds=ALL).text
        assert "[kv] order" in text
        assert "[stream] orders/1" in text


class FondOfFour:
    """A reranker with a simple taste."""

    name = "fond of four"

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def scores(self, query: str, texts: Any) -> Any:
        self.seen |= set(texts)
        return np.array([float("four" in text) for text in texts], np.float32)


def test_a_reranker_looks_at_all_kinds() -> None:
    reranker = FondOfFour()
    with remanence.open(reranker=reranker) as store:
        memory = store["a"]
        memory.add("order one")
        for i, word in enumerate(("two", "three", "four")):
            memory.kv[f"order/{i}"] = word
        found = memory.search("order", kinds=ALL, max_latency_ms=60_000)
        assert "rerank" in found.timings
        assert reranker.seen == {"order one", "order 0: two", "order 1: three", "order 2: four"}
        assert {hit.id for hit in found} == {"m1", "order/0", "order/1", "order/2"}


def test_its_bytes_are_counted_and_let_go_of(memory: remanence.Memory) -> None:
    for i in range(50):
        memory.kv[f"key/{i}"] = {"value": "word " * 20}
    before = memory.stats()
    memory.search("word", kinds=["kv"])
    after = memory.stats()
    assert after.hot_bytes_by_part["kinds"] > 50 * 100
    assert after.hot_bytes == sum(after.hot_bytes_by_part.values())
    assert after.hot_bytes > before.hot_bytes
    with remanence.open(config=remanence.Config(loaded_bytes=1), embedder=HashingEmbedder(32)) as store:
        store["a"].kv["order"] = "shipped"
        store["a"].search("order", kinds=ALL)
        store["b"].kv["order"] = "packed"
        store["b"].search("order", kinds=ALL)
        assert "kinds" not in store["a"].stats().hot_bytes_by_part
        assert store["a"].search("order", kinds=ALL)[0].value == "shipped"


def test_a_counter_does_not_fill_the_memory() -> None:
    with remanence.open(embedder=HashingEmbedder(32)) as store:
        memory = store["a"]
        memory.kv["name"] = "Ana"
        sizes = []
        memory.kv["turns"] = -1
        at_first = {hit.id: hit.parts["lexical"] for hit in memory.search("name and turns", kinds=["kv"])}
        for n in range(3000):
            memory.kv["turns"] = n
            found = memory.search("turns", kinds=["kv"])
            assert {(hit.id, hit.value) for hit in found} == {("name", "Ana"), ("turns", n)}
            if n % 100 == 99:
                sizes.append(memory.stats().hot_bytes_by_part["kinds"])
            if n % 700 == 0:
                now = {hit.id: hit.parts["lexical"] for hit in memory.search("name and turns", kinds=["kv"])}
                assert now == pytest.approx(at_first, abs=0.001), "it is as rare a word as it was"
        assert max(sizes[15:]) <= max(sizes[:15]) * 1.1


class Flaky(HashingEmbedder):
    broken = False

    def embed(self, text: str) -> Any:
        if self.broken and "parcel" in text:
            raise RuntimeError("no model")
        return super().embed(text)


def test_after_many_records_all_is_level_again() -> None:
    with remanence.open(embedder=HashingEmbedder(32)) as store:
        memory = store["a"]
        memory.kv["order"] = "packed"
        memory.add_vector([1], "order by phone", id="x")
        memory.stream("calls").append("order")
        assert len(memory.search("order", kinds=BESIDE)) == 3
        memory.fade("x")
        del memory.kv["order"]
        for n in range(2100):
            memory.kv["turns"] = n
        memory.add_vector([1], "order by post", id="y")
        memory.stream("calls").append("order again")
        found = {(hit.kind, hit.id) for hit in memory.search("order", kinds=BESIDE)}
        assert found == {("kv", "turns"), ("vector", "y"), ("stream", "calls/1"), ("stream", "calls/2")}


class Foretelling:
    """An extractor that takes "Porto in 60" for a residence from a minute later on."""

    name = "foretelling"

    def extract(self, text: str, *, at_ns: int, speaker: str, carried: Any) -> tuple[list[Stated], None]:
        place, _, seconds = text.partition(" in ")
        return [Stated(speaker, "residence", place, since_ns=at_ns + int(seconds) * 10**9)], None


def test_a_fact_begins_and_ends_in_its_time(clock: FakeClock) -> None:
    with remanence.open(embedder=HashingEmbedder(32), extractor=Foretelling(), clock=clock) as store:
        memory = store["a"]
        memory.add("Porto in 60")
        memory.add("Lisbon in 120")

        def home() -> list[str]:
            return [hit.value for hit in memory.search("residence", kinds=["fact"])]

        assert home() == []
        clock.advance(seconds=61)
        assert home() == ["Porto"]
        assert home() == [fact.object for fact in memory.facts()]
        clock.advance(seconds=60)
        assert home() == ["Lisbon"]


def test_a_failure_half_way_loses_nothing() -> None:
    embedder = Flaky(32)
    with remanence.open(embedder=embedder) as store:
        memory = store["a"]
        memory.kv["order"] = "packed"
        memory.search("order", kinds=["kv"])
        memory.kv["order"] = "shipped"
        memory.kv["parcel"] = "shipped"
        embedder.broken = True
        with pytest.raises(RuntimeError):
            memory.search("order", kinds=["kv"])
        embedder.broken = False
        found = memory.search("order", kinds=["kv"])
        assert {(hit.id, hit.value) for hit in found} == {("order", "shipped"), ("parcel", "shipped")}


def test_another_process_is_seen_and_a_reopened_store_finds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = (
        "import sys, remanence\n"
        "with remanence.open(sys.argv[1]) as store:\n"
        "    memory = store['shared']\n"
        "    memory.kv['order'] = 'shipped'\n"
        "    memory.stream('calls').append('about the order')\n"
        "    memory.add_vector([1], 'order by phone')\n"
        "    print(sorted(hit.kind for hit in memory.search('order', kinds=['kv', 'stream', 'vector'])))\n"
    )

    def found(memory: remanence.Memory) -> list[Any]:
        hits = memory.search("order", kinds=ALL)
        return [(hit.kind, hit.id, hit.version, hit.text, hit.value, hit.at_ns, round(hit.score, 5)) for hit in hits]

    with remanence.open(path) as store:
        memory = store["shared"]
        memory.kv["order"] = "packed"
        assert told(memory.search("order", kinds=ALL)) == [("kv", "order")]
        other = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
        assert other.stdout.strip() == "['kv', 'stream', 'vector']"
        now = found(memory)
        assert {(kind, id, version) for kind, id, version, *_ in now} == {
            ("kv", "order", 2),
            ("stream", "calls/1", 1),
            ("vector", "v4", 1),
        }
        store.upkeep()
    with remanence.open(path) as store:
        assert sorted(found(store["shared"])) == sorted(now)
