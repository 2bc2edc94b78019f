"""All that a store holds out to a file and back; what an import passes over, and what an export says when it cannot."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.engine.events import decoded
from remanence.engine.taking import TakenLine
from remanence.errors import Damaged, InvalidInput, StorageError
from remanence.extract.extractor import RuleExtractor
from remanence.records import Asserted, Stated, Utterance, Vectored
from remanence.testing import FakeClock, HashingEmbedder


def opened(path: Path | None = None) -> remanence.Store:
    return remanence.open(path, embedder=HashingEmbedder(64), clock=FakeClock(step_ns=10**9))


@pytest.fixture
def store() -> Iterator[remanence.Store]:
    with opened() as made:
        yield made


@pytest.fixture
def other() -> Iterator[remanence.Store]:
    with opened() as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def texts(store: remanence.Store) -> dict[str, str]:
    return {item.id: item.text for item in store["a"].items()}


class TestIntoTheSameStore:
    def test_a_newer_text_stays(self, store: remanence.Store, file: Path) -> None:
        store["a"].add("A1", id="n")
        store.export(file)
        store["a"].add("A2", id="n")
        before = store["a"].head()
        assert store.import_(file) == 1
        assert store["a"].get("n").text == "A2"
        assert store["a"].head() == before

    def test_a_default_id_with_versions_is_not_added_aside(self, store: remanence.Store, file: Path) -> None:
        store["a"].add("B1")
        store["a"].add("untouched")
        store.export(file)
        store["a"].add("B2", id="m1")
        before = store["a"].head()
        store.import_(file)
        store.export(file)
        store["a"].add("B3", id="m1")
        store.import_(file)
        assert texts(store) == {"m2": "untouched", "m1": "B3"}
        assert store["a"].head().seq == before.seq + 1

    def test_what_was_let_go_stays_so(self, store: remanence.Store, file: Path) -> None:
        store["a"].add("x")
        store["a"].add("y", id="y")
        store.export(file)
        store["a"].fade("m1")
        store["a"].fade("y")
        store.import_(file)
        assert texts(store) == {}


class TestIntoAnotherStore:
    def test_a_text_that_was_replaced_or_let_go_is_passed_over(
        self, store: remanence.Store, other: remanence.Store, file: Path
    ) -> None:
        store["a"].add("default")
        store["a"].add("A1", id="n")
        store["a"].add("gone", id="gone")
        store.export(file)
        other.import_(file)
        default = next(id for id in texts(other) if id.endswith("/m1"))
        other["a"].add("default, later", id=default)
        other["a"].add("A2", id="n")
        other["a"].fade("gone")
        before = other["a"].head()
        assert other.import_(file) == 3
        assert texts(other) == {default: "default, later", "n": "A2"}
        assert other["a"].head() == before

    def test_a_text_it_never_had_is_a_new_version(
        self, store: remanence.Store, other: remanence.Store, file: Path
    ) -> None:
        store["a"].add("A1", id="n")
        store.export(file)
        other.import_(file)
        store["a"].add("A2", id="n")
        store.export(file)
        other.import_(file)
        assert [item.text for item in other["a"].history("n")] == ["A1", "A2"]

    def test_its_own_default_ids_are_others(self, store: remanence.Store, other: remanence.Store, file: Path) -> None:
        store["a"].add("same words")
        other["a"].add("same words")
        other["a"].add("its own")
        store.export(file)
        other.import_(file)
        assert sorted(texts(other).values()) == ["its own", "same words", "same words"]


def test_an_export_says_what_is_wrong_with_the_store(
    store: remanence.Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store["a"].add("x")

    def items(self: remanence.Memory) -> Iterator[remanence.Item]:
        raise Damaged("record 1 of namespace 1: its body was altered")

    monkeypatch.setattr(remanence.Memory, "items", items)
    with pytest.raises(Damaged, match="record 1"):
        store.export(file)
    assert list(file.parent.iterdir()) == []


def test_an_export_to_where_nothing_can_be_written(store: remanence.Store, tmp_path: Path) -> None:
    store["a"].add("x")
    with pytest.raises(StorageError, match="cannot write"):
        store.export(tmp_path / "absent" / "out.jsonl")


# --- all that is held -----------------------------------------------------------------------------------------------


def held(store: remanence.Store, *, ids: bool = True) -> dict[str, Any]:
    """Return all that a caller can read of a store, but for positions, times of writing and, on request, ids."""
    found: dict[str, Any] = {}
    for name in store.namespaces():
        memory = store[name]
        texts = [
            (i.text, i.speaker, i.role, i.at_ns, i.session, i.metadata, i.salience, i.pinned) for i in memory.items()
        ]
        text_of = {item.id: item.text for item in memory.items()}
        facts = [
            (f.subject, f.relation, f.object, f.valid_from, f.valid_to, f.soft, text_of.get(f.source))
            for f in memory.facts(ended=True)
        ]
        keys = {key: (memory.kv.entry(key).value, memory.kv.entry(key).expires_ns) for key in memory.kv}
        streams = {each: [(e.value, e.at_ns) for e in memory.stream(each)] for each in memory.streams()}
        found[name] = {"texts": texts, "facts": facts, "kv": keys, "streams": streams, "vectors": vectors(store, name)}
        if ids:
            found[name]["ids"] = [item.id for item in memory.items()]
    return found


def vectors(store: remanence.Store, name: str) -> list[tuple[bytes, Any, Any, int]]:
    """Return the vectors that can be found, as the log has them."""
    live = store._live(name)
    given = live.state().given
    found: list[tuple[bytes, Any, Any, int]] = []
    for row in given.living().tolist():
        seq = int(given.seq[row])
        event = decoded(next(live.records(seq, seq)))
        assert isinstance(event, Vectored)
        found.append((event.vector, given.payload(row), given.metadata.get(row), int(given.at[row])))
    return found


def heads(store: remanence.Store) -> list[remanence.Position]:
    return [store[name].head() for name in store.namespaces()]


class Listening:
    """An extractor that keeps what it is asked about."""

    name = "listening"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def extract(self, text: str, **more: Any) -> tuple[Sequence[Stated], Any]:
        self.asked.append(text)
        return [], None


@pytest.fixture
def full(tmp_path: Path) -> Iterator[remanence.Store]:
    clock = FakeClock(step_ns=1_001)
    with remanence.open(embedder=HashingEmbedder(64), clock=clock, extractor=RuleExtractor()) as store:
        memory = store["ana"]
        memory.add("I live in Porto", at="2024-01-02", id="home")
        memory.add("We moved to Lisbon in March", speaker="Ana", session="s", metadata={"x": 1.5})
        memory.add("I live in Faro and I work as a nurse", at="2024-03-04")
        memory.add("soon over", ttl=3600)
        memory.add_fact("user", "diet", "vegan", since="2020-01-01", until="2021-01-01", source="home")
        memory.add_fact("user", "employer", "Acme")
        memory.end_fact("user", "employer", since="2025-01-01")
        memory.add("My name is Ana")
        memory.fade(memory.add("I speak Basque").id)
        memory.kv["plan"] = {"tier": "free", "n": [1, 2.5, None, True, "é\u2028"]}
        memory.kv["plan"] = {"tier": "pro"}
        memory.kv.put("token", "t", ttl=3600)
        memory.kv["gone"] = 1
        del memory.kv["gone"]
        for number in (1, 2, 1, 1):
            memory.stream("clicks").append(number, at="2024-01-02")
        memory.stream("calls/12").append({"outcome": "refund"})
        memory.add_vector([0.1, -2.0, 3e-9], {"photo": 1}, metadata={"of": "boat"})
        memory.add_vector([1, 0, 0], "old", id="mine")
        memory.add_vector([1 / 3, 1, 0], "new", id="mine", at="2023-05-05")
        memory.fade(memory.add_vector([5, 5, 5], "let go").id)
        store["empty of texts"].kv["k"] = 1
        yield store


def test_everything_goes_out_and_back_and_a_second_time_adds_nothing(
    full: remanence.Store, file: Path, tmp_path: Path
) -> None:
    lines = full.export(file)
    told = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(told) == lines
    assert [line["kind"] for line in told if line["namespace"] == "ana"] == [
        *("text", "text", "text", "text", "fact", "fact", "fact", "text", "fact"),
        *("kv", "kv", "stream", "stream", "stream", "stream", "stream", "vector", "vector"),
    ], "in the order of the log"
    listening = Listening()
    with remanence.open(embedder=HashingEmbedder(64), clock=FakeClock(step_ns=1_001), extractor=listening) as other:
        assert other.import_(file) == lines
        assert held(other, ids=False) == held(full, ids=False)
        assert [fact.object for fact in other["ana"].facts("user", "name")] == ["Ana"]
        before = heads(other)
        assert other.import_(file) == lines
        assert heads(other) == before
        assert listening.asked == [], "its facts came with each text"
        other.export(tmp_path / "again.jsonl")
        with opened() as third:
            third.import_(tmp_path / "again.jsonl")
            assert held(third) == held(other)


def test_into_itself_it_adds_nothing_and_undoes_nothing(full: remanence.Store, file: Path) -> None:
    memory = full["ana"]
    full.export(file)
    before = heads(full)
    full.import_(file)
    assert heads(full) == before
    memory.kv["plan"] = "newer"
    del memory.kv["token"]
    memory.fade("mine")
    memory.add("I live in Braga", id="home")
    memory.stream("clicks").append(3)
    before, was = heads(full), held(full)
    full.import_(file)
    assert heads(full) == before
    assert held(full) == was


def test_what_is_newer_here_stays_and_what_is_newer_there_comes(
    store: remanence.Store, other: remanence.Store, file: Path
) -> None:
    store["a"].kv["k"] = 1
    store["a"].kv["dropped"] = 1
    store["a"].stream("s").append("one")
    store["a"].add_vector([1, 0], "one", id="v")
    store.export(file)
    for _ in range(20):
        other["b"].kv["x"] = 0  # its clock goes on
    other.import_(file)
    other["a"].kv["k"] = 2
    del other["a"].kv["dropped"]
    other["a"].stream("s").append("mine")
    other["a"].add_vector([0, 1], "mine", id="v")
    before = heads(other)
    other.import_(file)
    assert heads(other) == before
    for _ in range(60):
        store["b"].kv["x"] = 0
    store["a"].kv["k"] = 3
    store["a"].stream("s").append("two")
    store["a"].add_vector([1, 1], "two", id="v")
    store.export(file, namespace="a")
    other.import_(file)
    assert (other["a"].kv["k"], "dropped" in other["a"].kv) == (3, False)
    assert [entry.value for entry in other["a"].stream("s")] == ["one", "mine", "two"]
    assert [item.text for item in other["a"].history("v")] == ["one", "mine", "two"]


def test_a_key_that_was_put_later_here_stays(store: remanence.Store, other: remanence.Store, file: Path) -> None:
    store["a"].kv["k"] = "earlier"
    for _ in range(100):
        other["b"].kv["x"] = 0
    other["a"].kv["k"] = "later"
    store.export(file)
    other.import_(file)
    assert other["a"].kv["k"] == "later"


def test_a_key_from_a_clock_that_goes_before_is_not_brought_back(
    store: remanence.Store, other: remanence.Store, file: Path
) -> None:
    for _ in range(100):
        store["b"].kv["x"] = 0
    store["a"].kv["k"] = "theirs"
    store.export(file, namespace="a")
    other.import_(file)
    other["a"].kv["k"] = "mine, by a slower clock"
    other.import_(file)
    assert other["a"].kv["k"] == "mine, by a slower clock"


def test_what_is_over_by_now_is_passed_over(full: remanence.Store, file: Path) -> None:
    full.export(file)
    for late, expected in ((0, True), (7200, False)):
        clock = FakeClock()
        clock.advance(seconds=late)
        with remanence.open(embedder=HashingEmbedder(64), clock=clock) as other:
            other.import_(file)
            before = heads(other)
            assert ("token" in other["ana"].kv) is expected
            assert ("soon over" in [item.text for item in other["ana"].items()]) is expected
            other.import_(file)
            assert heads(other) == before
            clock.advance(seconds=7200)
            assert "token" not in other["ana"].kv, "it expires when it would have"
            assert "soon over" not in [item.text for item in other["ana"].items()]


def test_an_import_that_stopped_goes_on(full: remanence.Store, file: Path, tmp_path: Path) -> None:
    full.export(file)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for stop in range(0, len(lines), 3):
        part = tmp_path / "part.jsonl"
        part.write_text("".join(lines[:stop]), encoding="utf-8")
        with opened() as other:
            other.import_(part)
            other.import_(file)
            assert held(other, ids=False) == held(full, ids=False)


def test_facts_of_a_memory_that_says_something_else_here_are_not_told(
    store: remanence.Store, other: remanence.Store, file: Path
) -> None:
    for each, text in ((store, "the old"), (other, "the newer")):
        each["a"].add("the old", id="n")
        if text != "the old":
            each["a"].add(text, id="n")
    store["a"].add_fact("Ana", "job", "nurse", source="n")
    store["a"].add_fact("Ana", "residence", "Faro")
    store.export(file)
    other.import_(file)
    assert [(fact.relation, fact.object) for fact in other["a"].facts("Ana")] == [("residence", "Faro")]


def test_facts_of_what_was_let_go_are_told_without_it_and_those_taken_back_are_not(
    full: remanence.Store, other: remanence.Store, file: Path
) -> None:
    full["ana"].add("no home at all", id="home")
    full.export(file)
    other.import_(file)
    facts = other["ana"].facts(ended=True)
    assert "Basque" in [fact.object for fact in facts]
    assert "Porto" not in [fact.object for fact in facts]
    assert "vegan" not in [fact.object for fact in facts]


def test_who_found_a_fact_is_kept(store: remanence.Store, other: remanence.Store, file: Path) -> None:
    from remanence.engine.ingest import Draft

    store["a"].add("We met Rex", id="n")
    found = Asserted([Stated("user's dog", "name", "Rex")], "n", "a-model", until=1)
    store._live("a").write([Draft(found, 5, if_cursor=(0, 0))], durable=False)
    store.export(file)
    other.import_(file)
    events = [decoded(record) for record in other._live("a").records(1, 2)]
    assert isinstance(events[0], Utterance)
    assert events[1] == Asserted([Stated("user's dog", "name", "Rex")], "n", "a-model")
    (fact,) = other["a"].facts()
    assert (fact.source, fact.valid_from) == ("n", 5)


def test_exports_without_kinds_and_facts_are_read_as_before(file: Path) -> None:
    line = {
        "store": "123456789abc", "namespace": "a", "id": "m1", "text": "I live in Porto", "speaker": "", "role": "user",
        "at": "2024-01-02T00:00:00+00:00", "session": "", "metadata": {}, "salience": 1.0, "pinned": False,
    }  # fmt: skip
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    with remanence.open(embedder=HashingEmbedder(64), extractor=RuleExtractor()) as store:
        for _ in range(2):
            assert store.import_(file) == 1
        assert store["a"].head().seq == 1
        assert [(fact.object, fact.source) for fact in store["a"].facts()] == [("Porto", "123456789abc/m1")]
        assert store["a"].get("123456789abc/m1").at.isoformat() == line["at"]


def test_a_time_that_was_changed_in_the_file_counts(store: remanence.Store, other: remanence.Store, file: Path) -> None:
    store["a"].add("x", id="x")
    store.export(file)
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(told | {"at": "2020-02-02"}), encoding="utf-8")
    other.import_(file)
    assert other["a"].get("x").at.isoformat() == "2020-02-02T00:00:00+00:00"


def test_everything_into_one_namespace(full: remanence.Store, other: remanence.Store, file: Path) -> None:
    full["ben"].add("I live in Evora")
    full["ben"].add_fact("Ben", "job", "baker", source="m1")
    full.export(file)
    outcomes: list[TakenLine] = []
    for _ in range(2):
        outcomes.clear()
        other.import_(file, namespace="all", each=outcomes.append)
    assert other.namespaces() == ["all"]
    assert {line.outcome for line in outcomes} == {"present"}
    found, ana = held(other)["all"], held(full)["ana"]
    assert {text[0] for text in found["texts"]} == {text[0] for text in ana["texts"]} | {"I live in Evora"}
    assert (found["streams"], found["vectors"]) == (ana["streams"], ana["vectors"])
    assert set(found["kv"]) == {"plan", "token", "k"}
    (baker,) = other["all"].facts("Ben")
    assert other["all"].get(baker.source).text == "I live in Evora"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "picture"},
        {"kind": 5},
        {"kind": "kv"},
        {"kind": "kv", "key": "", "value": 1},
        {"kind": "kv", "key": "k"},
        {"kind": "kv", "key": "k", "value": 2**70},
        {"kind": "kv", "key": "k", "value": 1, "expires_ns": 2**70},
        {"kind": "kv", "key": "k", "value": 1, "at": None, "at_ns": None},
        {"kind": "kv", "key": "k", "value": 1, "at": None, "at_ns": -(2**70)},
        {"kind": "stream", "stream": 5, "value": 1},
        {"kind": "vector", "id": "x", "vector": "AAAA", "payload": 1},
        {"kind": "vector", "id": "x", "vector": [0, 0], "payload": 1},
        {"kind": "vector", "id": "", "vector": [1, 0], "payload": 1},
        {"kind": "vector", "id": "x", "vector": [1, 0], "payload": 1, "metadata": {"a": []}},
        {"kind": "fact", "facts": [{"subject": "", "relation": "r", "object": "o"}]},
        {"kind": "fact", "facts": [{"subject": "s", "relation": "r", "object": ""}]},
        {"kind": "fact", "facts": [{"subject": "s", "relation": "r", "object": "o", "since_ns": 2**70}]},
        {"kind": "fact", "facts": [{"subject": "s", "relation": "r"}]},
        {"facts": [5]},
        {"expires_ns": "soon"},
    ],
    ids=repr,
)
def test_a_line_that_cannot_be_is_named_and_nothing_of_it_is_written(
    store: remanence.Store, other: remanence.Store, file: Path, wrong: dict[str, Any]
) -> None:
    store["a"].add("x", id="x")
    store.export(file)
    good = file.read_text(encoding="utf-8")
    file.write_text(good + json.dumps(json.loads(good) | {"id": "y"} | wrong) + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"out\.jsonl, line 2"):
        other.import_(file)
    assert other["a"].head().seq == 1
    told: list[TakenLine] = []
    assert other.import_(file, each=told.append) == 2
    assert [(line.number, line.outcome) for line in told] == [(1, "present"), (2, None)]
    assert told[1].error is not None
    assert told[1].reason in str(told[1].error)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_held_comes_back(tmp_path: Path, seed: int) -> None:
    draw, clock = random.Random(seed), FakeClock(step_ns=777)
    file = tmp_path / "out.jsonl"
    places = "Porto Lisbon Faro Braga".split()
    with (
        remanence.open(embedder=HashingEmbedder(64), clock=clock, extractor=RuleExtractor()) as store,
        remanence.open(embedder=HashingEmbedder(64), clock=clock) as copy,
    ):
        for _ in range(120):
            memory = store[draw.choice("ab")]
            at = draw.choice([None, f"2023-0{draw.randrange(1, 9)}-01"])
            match draw.randrange(10):
                case 0 | 1:
                    memory.add(f"I live in {draw.choice(places)}", id=draw.choice([None, "i", "j"]), at=at)
                case 2:
                    memory.kv.put(f"k{draw.randrange(4)}", draw.random(), ttl=draw.choice([None, 10.5, 1e6]))
                case 3 if len(memory.kv):
                    del memory.kv[draw.choice(list(memory.kv))]
                case 4:
                    memory.stream(draw.choice("st")).append(draw.randrange(3), at=at)
                case 5:
                    vector = np.array([draw.gauss(0, 1) for _ in range(3)], np.float32)
                    memory.add_vector(vector, draw.randrange(3), id=draw.choice([None, "v", "w"]), at=at)
                case 6 if len(memory):
                    memory.fade(draw.choice([item.id for item in memory.items()]))
                case 7:
                    source = draw.choice([None, *(item.id for item in memory.items())])
                    memory.add_fact("Ana", draw.choice(["job", "has"]), draw.choice(places), since=at, source=source)
                case 8 if memory.facts("Ana", "has"):
                    memory.end_fact("Ana", "has")
                case _:
                    clock.advance(seconds=1)
        store.export(file)
        copy.import_(file)
        assert held(copy, ids=False) == held(store, ids=False)
        before = heads(copy)
        copy.import_(file)
        assert heads(copy) == before
        before = heads(store)
        store.import_(file)
        assert heads(store) == before
