"""Who knew what when it answered: readings and what was made of them, of the present, the past and other processes."""

from __future__ import annotations

import gc
import json
import logging
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import remanence
from remanence.errors import Closed, Conflict, Damaged, InvalidInput, NotFound
from remanence.extract.extractor import RuleExtractor
from remanence.lineage import Lineage
from remanence.log import trace_log as trace_log_module
from remanence.log.traces import Traces
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import SIGNALS, to_builtins

FULL = remanence.Config(trace_detail="full")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(step_ns=1_000)


@pytest.fixture(params=["file", "ram"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[remanence.Store]:
    path = tmp_path / "m.db" if request.param == "file" else None
    with remanence.open(path, clock=clock, embedder=HashingEmbedder(), extractor=RuleExtractor()) as store:
        yield store


def reopened(path: Path, **more: object) -> remanence.Store:
    return remanence.open(path, embedder=HashingEmbedder(), **more)  # type: ignore[arg-type]


# --- lineage ----------------------------------------------------------------------------------------------------


def test_what_was_known_when_it_was_said(store: remanence.Store, clock: FakeClock) -> None:
    memory = store.memory("ana", agent="Robin")
    memory.add("The boat is called Wagtail", id="boat", speaker="Ana")
    memory.add("The dentist is on Thursday")
    context = memory.context("what is the boat called?", budget_tokens=200)
    asked_ns = clock.now_ns
    turn = memory.add_turn(user="What is the boat called?", assistant="Wagtail.", trace_id=context.trace_id)
    memory.used(context.trace_id, ["boat"])
    memory.add("The boat is called Petrel now", id="boat", speaker="Ana")
    clock.advance(seconds=3600)

    found = memory.lineage(context.trace_id)
    assert (found.kind, found.namespace, found.agent, found.query) == ("context", "ana", "Robin", None)
    assert (found.budget_tokens, found.k) == (200, None)
    assert found.trace_id == context.trace_id
    assert found.position == context.position
    assert found.confidence == context.confidence
    assert abs(found.at_ns - asked_ns) < 10_000
    assert [(each.id, each.version, each.namespace) for each in found.returned] == [
        (hit.id, hit.version, "ana") for hit in context.hits
    ]
    assert [each.score for each in found.returned] == pytest.approx([hit.score for hit in context.hits], abs=1e-6)
    (boat,) = [each for each in found.returned if each.id == "boat"]
    assert boat.text == "The boat is called Wagtail", "as it was, not as it is"
    assert boat.parts == {}
    assert [(item.id, item.text, item.speaker) for item in found.answers] == [(turn.id, "Wagtail.", "Robin")]
    assert found.used == ("boat",)
    assert memory.lineage(turn.id) == found, "by the answer"
    assert memory.as_of(found.position).get("boat").text == boat.text


def test_a_search_has_a_lineage_too(store: remanence.Store) -> None:
    memory = store["ana"]
    for text in ("one thing", "another thing", "a third thing"):
        memory.add(text)
    hits = memory.search("thing", k=2)
    found = memory.lineage(hits.trace_id)
    assert (found.kind, found.k, found.budget_tokens, found.agent) == ("search", 2, None, "")
    assert [each.id for each in found.returned] == [hit.id for hit in hits]
    assert found.position == hits.position == memory.head()
    assert (found.answers, found.used) == ((), ())


def test_full_detail_keeps_the_words_and_the_parts(tmp_path: Path) -> None:
    with reopened(tmp_path / "m.db", config=FULL) as store:
        memory = store["ana"]
        memory.add("The boat is called Wagtail")
        hits = memory.search("boat \ud83c name?")
        found = memory.lineage(hits.trace_id)
        assert found.query == "boat \ufffd name?"
        assert found.returned[0].parts == pytest.approx(hits[0].parts, rel=1e-6)
        assert list(found.returned[0].parts) == list(SIGNALS)
        assert memory.why("m1").readings[0].query == found.query


def test_by_default_no_word_of_a_query_is_kept(tmp_path: Path) -> None:
    with reopened(tmp_path / "m.db") as store:
        store["ana"].add("something else")
        store["ana"].context("zanzibar quartet")
        store.search("zanzibar quartet", namespaces=["ana", "ben"])
    assert (tmp_path / "m.db.traces").exists()
    assert b"zanzibar" not in (tmp_path / "m.db.traces").read_bytes()
    assert b"something" not in (tmp_path / "m.db.traces").read_bytes()


def test_an_answer_in_two_turns_and_one_that_names_no_assistant(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    trace_id = memory.context("boat").trace_id
    first = memory.add_turn(assistant="Wagtail", trace_id=trace_id)
    second = memory.add_turn(user="said by the user of it", trace_id=trace_id)
    assert [item.id for item in memory.lineage(trace_id).answers] == [first.id, second.id]
    assert memory.lineage(second.id).trace_id == trace_id


def test_a_reading_of_the_past_says_what_it_read_at(store: remanence.Store) -> None:
    memory = store.memory("ana", agent="Robin")
    then = memory.add("The boat is called Wagtail").position
    memory.add("The boat is red")
    past = memory.as_of(then)
    context = past.context("boat")
    found = memory.lineage(context.trace_id)
    assert found.position == then == context.position
    assert [each.id for each in found.returned] == ["m1"]
    assert found.agent == "Robin"


def test_several_namespaces_leave_a_trace_in_the_first_named(store: remanence.Store) -> None:
    store["ana"].add("Ana likes figs")
    store["ben"].add("Ben likes plums")
    context = store.context("who likes what", namespaces=["ben", "ana"], threshold=0)
    found = store["ben"].lineage(context.trace_id)
    assert {(each.namespace, each.id, each.text) for each in found.returned} == {
        ("ana", "m1", "Ana likes figs"),
        ("ben", "m1", "Ben likes plums"),
    }
    assert found.position == store["ben"].head()
    with pytest.raises(NotFound):
        store["ana"].lineage(context.trace_id)
    assert [reading.trace_id for reading in store["ben"].why("m1").readings] == [context.trace_id]
    assert store["ana"].why("m1").readings == (), "whoever else reads a namespace is not told to it"
    of_past = store.as_of("2030-01-01").search("likes", namespaces=["ana", "ben"])
    assert {each.namespace for each in store["ana"].lineage(of_past.trace_id).returned} == {"ana", "ben"}
    single = store.as_of("2030-01-01").memory("ana").search("likes")
    assert [each.id for each in store["ana"].lineage(single.trace_id).returned] == ["m1"]


def test_nothing_found_is_a_reading_too(store: remanence.Store) -> None:
    hits = store["nobody"].search("anything")
    found = store["nobody"].lineage(hits.trace_id)
    assert (found.returned, found.position.seq) == ((), 0)


def test_the_facts_a_context_opens_with_are_in_its_lineage_as_they_were(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("I live in Porto", id="home")
    context = memory.context("zebra quagga okapi")
    assert [fact.object for fact in context.facts] == ["Porto"]
    memory.add("I live in Lisbon")
    memory.add("something else", id="home")
    found = memory.lineage(context.trace_id)
    assert found.facts == context.facts
    reading = memory.why("home").readings[0]
    assert reading.trace_id == context.trace_id
    store["ben"].add("I live in Faro", id="home")
    both = store.context("where?", namespaces=["ben", "ana"])
    told = store["ben"].lineage(both.trace_id)
    assert told.facts == both.facts
    assert sorted(fact.object for fact in told.facts) == ["Faro", "Lisbon"]
    assert told.namespaces == ("ben", "ana")
    assert found.namespaces == ("ana",)
    store._traces.forget("ana", ["home"])
    assert memory.lineage(context.trace_id).facts == ()


def test_a_fact_alone_makes_a_reading_of_its_memory(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("I live in Porto", id="home")
    context = memory.context("home", threshold=1)
    assert (context.hits, [fact.source for fact in context.facts]) == ((), ["home"])
    (reading,) = memory.why("home").readings
    assert (reading.trace_id, reading.rank, reading.version, reading.score) == (context.trace_id, 0, 0, 0.0)


def test_readings_of_another_number_stay_out(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("x y")
    with pytest.raises(InvalidInput):
        memory.search("", k=3)
    with pytest.raises(InvalidInput):
        memory.search("x", k=0)
    memory.warm("x y")
    memory.warm()
    assert memory.why("m1").readings == (), "what was refused, and what only readied the caches"


def test_extreme_arguments_are_noted(store: remanence.Store, caplog: pytest.LogCaptureFixture) -> None:
    memory = store.memory("ana", agent="Robin \udfff")
    memory.add("x y")
    context = memory.context("x", budget_tokens=10**30)
    found = memory.lineage(context.trace_id)
    assert (found.agent, found.budget_tokens) == ("Robin \ufffd", 1 << 62)
    assert not caplog.records


def test_what_is_not_kept_is_told_with_what_to_do(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("no answer to anything")
    with pytest.raises(NotFound, match=r"30 days.*Config\.trace_retention_s"):
        memory.lineage("t123")
    with pytest.raises(NotFound, match=r"not made from a reading.*add_turn"):
        memory.lineage("m1")
    with pytest.raises(NotFound, match="no memory 'm7'"):
        memory.why("m7")
    with pytest.raises(InvalidInput, match="trace_id"):
        memory.lineage(7)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="limit"):
        memory.why("m1", limit=-1)
    answer = memory.add_turn(assistant="made from what is gone", trace_id="t99")
    with pytest.raises(NotFound, match=rf"reading 't99', from which '{answer.id}' was made, is not kept"):
        memory.lineage(answer.id)


def test_detail_off_keeps_nothing_and_still_tells_what_the_log_knows(tmp_path: Path) -> None:
    with reopened(tmp_path / "m.db", config=remanence.Config(trace_detail="off")) as store:
        memory = store["ana"]
        memory.add("The boat is called Wagtail")
        trace_id = memory.context("boat").trace_id
        turn = memory.add_turn(assistant="Wagtail", trace_id=trace_id)
        memory.used(trace_id, ["m1"])
        with pytest.raises(NotFound, match="trace_detail is 'off'"):
            memory.lineage(trace_id)
        found = memory.why("m1")
        assert found.readings == ()
        assert [use.trace_id for use in found.used] == [trace_id]
        assert [item.id for item in found.answers] == [turn.id]
        store.upkeep()
    assert not (tmp_path / "m.db.traces").exists()


def test_unknown_details_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"trace_detail is 'all'.*off, ids, full"):
        remanence.Config(trace_detail="all")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="trace_retention_s"):
        remanence.Config(trace_retention_s=0)


# --- why -------------------------------------------------------------------------------------------------------------


def test_where_a_memory_comes_from_and_what_became_of_it(store: remanence.Store, clock: FakeClock) -> None:
    memory = store.memory("ana", agent="Robin")
    memory.add("I live in Porto", at="2024-01-02", session="call-1", id="home")
    first = memory.context("where do I live?")
    turn = memory.add_turn(user="Where do I live?", assistant="In Porto.", trace_id=first.trace_id)
    clock.advance(seconds=60)
    used = memory.used(first.trace_id, ["home"])
    memory.reinforce("home")
    clock.advance(seconds=86_400 * 6)
    memory.add("I live in Lisbon", id="later")
    second = memory.search("where do I live?", k=5)

    found = memory.why("home")
    assert (found.id, found.namespace, found.trace_id) == ("home", "ana", "")
    (said,) = found.versions
    assert (said.text, said.session, said.role) == ("I live in Porto", "call-1", "user")
    assert said.at.year == 2024
    (standing,) = found.facts
    assert (standing.fact.object, standing.current) == ("Porto", False)
    assert standing.superseded_by == memory.fact("user", "residence")
    assert standing.superseded_by is not None
    assert standing.superseded_by.source == "later"
    assert [reading.trace_id for reading in found.readings] == [first.trace_id, second.trace_id]
    assert [reading.kind for reading in found.readings] == ["context", "search"]
    assert found.readings[0].agent == "Robin"
    assert found.readings[1].rank == [hit.id for hit in second].index("home") + 1
    assert found.readings[0].position == first.position
    assert [item.text for item in found.answers] == ["In Porto."]
    assert [(use.trace_id, use.seq) for use in found.used] == [
        (first.trace_id, used.position.seq),
        ("", used.position.seq + 1),
    ]
    assert [reading.trace_id for reading in memory.why("home", limit=1).readings] == [second.trace_id]
    assert memory.why(turn.id).trace_id == first.trace_id, "an answer says what it was made from"
    assert memory.why(standing.fact) == found, "by a fact it states"
    (holds,) = memory.why("later").facts
    assert (holds.current, holds.superseded_by) == (True, None)


def test_why_tells_all_versions_and_which_one_was_returned(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("Petra wears size 38", id="shoes")
    memory.search("size")
    memory.add("Petra wears size 39", id="shoes")
    memory.search("size")
    found = memory.why("shoes")
    assert [item.text for item in found.versions] == ["Petra wears size 38", "Petra wears size 39"]
    assert [reading.version for reading in found.readings] == [1, 2]


def test_a_faded_memory_is_told_of(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("let go of")
    hits = memory.search("let go")
    memory.fade("m1")
    assert memory.why("m1").versions[-1].fidelity == 0.0
    assert [each.text for each in memory.lineage(hits.trace_id).returned] == ["let go of"]


def test_all_of_it_can_be_json(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("I live in Porto")
    trace_id = memory.context("where do I live?").trace_id
    memory.add_turn(assistant="Porto", trace_id=trace_id)
    memory.used(trace_id, ["m1"])
    told = json.loads(json.dumps(to_builtins(memory.lineage(trace_id))))
    assert told["returned"][0]["text"] == "I live in Porto"
    assert told["position"]["seq"] == 1
    told = json.loads(json.dumps(to_builtins(memory.why("m1"))))
    assert told["facts"][0]["fact"]["object"] == "Porto"
    assert told["answers"][0]["text"] == "Porto"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happened_since_lineage_tells_what_was_returned(tmp_path: Path, seed: int) -> None:
    """Held against what the readings gave, after versions, fades, uses, answers and reopening in any order."""
    draw, clock = random.Random(seed), FakeClock(step_ns=1_000)
    words = "boat dentist garden piano Porto Lisbon figs winter".split()
    given: dict[str, list[tuple[str, int, str]]] = {}
    answers: dict[str, list[str]] = {}
    used: dict[str, list[str]] = {}
    store = reopened(tmp_path / "m.db", clock=clock)
    memory = store["ana"]
    known: list[str] = []
    for n in range(250):
        what = draw.random()
        said = f"{draw.choice(words)} and {draw.choice(words)}, {n}"
        if what < 0.4 or not known:
            known.append(memory.add(said, id=draw.choice([None, f"id{draw.randrange(6)}"])).id)
        elif what < 0.45:
            memory.fade(draw.choice(known))
        elif what < 0.75:
            found = memory.context(said) if what < 0.6 else memory.search(said, k=3)
            hits = found.hits if isinstance(found, remanence.Context) else found
            given[found.trace_id] = [(hit.id, hit.version, hit.text) for hit in hits]
        elif what < 0.85 and given:
            trace_id = draw.choice(list(given))
            known.append(memory.add_turn(assistant=said, trace_id=trace_id).id)
            answers.setdefault(trace_id, []).append(said)
        elif what < 0.95 and any(given.values()):
            trace_id = draw.choice([each for each in given if given[each]])
            id = draw.choice(given[trace_id])[0]
            memory.used(trace_id, [id])
            used.setdefault(trace_id, []).append(id)
        elif what > 0.97:
            store.close()
            store = reopened(tmp_path / "m.db", clock=clock)
            memory = store["ana"]
    assert len(given) > 20
    for trace_id, hits in given.items():
        found = memory.lineage(trace_id)
        assert [(each.id, each.version, each.text) for each in found.returned] == hits
        assert [item.text for item in found.answers] == answers.get(trace_id, [])
        assert list(found.used) == list(dict.fromkeys(used.get(trace_id, [])))
    for id in set(known):
        told = memory.why(id, limit=1000)
        expected = [trace_id for trace_id, hits in given.items() if id in [hit[0] for hit in hits]]
        assert [reading.trace_id for reading in told.readings] == expected
        assert sorted(use.trace_id for use in told.used) == sorted(t for t, ids in used.items() for i in ids if i == id)
    store.close()


# --- the log and the file ------------------------------------------------------------------------------------------


def test_reading_changes_neither_the_log_nor_a_position(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    head, size = memory.head(), memory.stats().log_bytes
    hits = memory.search("boat")
    memory.context("boat")
    memory.lineage(hits.trace_id)
    memory.why("m1")
    store.flush()
    assert (memory.head(), memory.stats().log_bytes) == (head, size)


def test_traces_outlive_the_process_that_read(tmp_path: Path) -> None:
    with reopened(tmp_path / "m.db") as store:
        memory = store.memory("ana", agent="Robin")
        memory.add("The boat is called Wagtail")
        trace_id = memory.context("boat").trace_id
    with reopened(tmp_path / "m.db") as store:
        turn = store["ana"].add_turn(assistant="Wagtail", trace_id=trace_id)
        found = store["ana"].lineage(trace_id)
        assert (found.agent, [item.id for item in found.answers]) == ("Robin", [turn.id])


def test_another_process_reads_what_this_one_was_told(tmp_path: Path) -> None:
    asked = (
        "import sys, remanence\n"
        "from remanence.testing import HashingEmbedder\n"
        "from remanence.types import to_builtins\n"
        "import json\n"
        "with remanence.open(sys.argv[1], embedder=HashingEmbedder()) as store:\n"
        "    store['ana'].used(sys.argv[2], ['m1'])\n"
        "    print(json.dumps(to_builtins(store['ana'].lineage(sys.argv[2]))))\n"
    )
    path = tmp_path / "m.db"
    with reopened(path) as store:
        memory = store["ana"]
        memory.add("The boat is called Wagtail")
        trace_id = memory.context("boat").trace_id
        memory.add_turn(assistant="Wagtail", trace_id=trace_id)
        store.flush()
        done = subprocess.run(
            [sys.executable, "-c", asked, str(path), trace_id], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        theirs = json.loads(done.stdout)
        assert theirs == json.loads(json.dumps(to_builtins(memory.lineage(trace_id))))
        assert theirs["used"] == ["m1"], "what it wrote itself is in, on both sides"


def script(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    head = "import os, sys, remanence\nfrom remanence.testing import HashingEmbedder\n"
    return subprocess.run(
        [sys.executable, "-c", head + code, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_killed_process_loses_traces_at_most(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    done = script(
        "store = remanence.open(sys.argv[1], embedder=HashingEmbedder())\n"
        "store['ana'].add('The boat is called Wagtail')\n"
        "print(store['ana'].context('boat').trace_id)\n"
        "store.flush()\n"
        "print(store['ana'].context('boat').trace_id, flush=True)\n"
        "os._exit(9)\n",
        str(path),
    )
    assert done.returncode == 9, done.stderr
    flushed, _ = done.stdout.split()
    with reopened(path) as store:
        assert store["ana"].get("m1").text == "The boat is called Wagtail"
        assert store["ana"].lineage(flushed).returned[0].id == "m1"
        assert store["ana"].search("boat")[0].id == "m1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_leaves_the_traces_to_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    done = script(
        "store = remanence.open(sys.argv[1], embedder=HashingEmbedder())\n"
        "store['ana'].add('The boat is called Wagtail')\n"
        "trace_id = store['ana'].search('boat').trace_id\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    sys.exit(0)\n"  # with all that is done at exit
        "assert os.waitpid(child, 0)[1] == 0\n"
        "print(trace_id)\n",
        str(path),
    )
    assert done.returncode == 0, done.stderr
    with reopened(path) as store:
        assert [reading.trace_id for reading in store["ana"].why("m1").readings] == [done.stdout.strip()]


def test_threads_that_read_at_once_all_leave_their_traces(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    found: list[str] = []

    def read() -> None:
        for n in range(150):
            found.append(memory.search("boat", k=1).trace_id)
            if n % 40 == 0:
                store.flush()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(found)) == 600
    assert {reading.trace_id for reading in memory.why("m1", limit=1000).readings} == set(found)


def test_the_index_of_the_log_is_made_anew_where_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    with reopened(path) as store:
        memory = store["ana"]
        memory.add("The boat is called Wagtail")
        trace_id = memory.context("boat").trace_id
        turn = memory.add_turn(assistant="Wagtail", trace_id=trace_id)
        memory.used(trace_id, ["m1"])
        before = memory.why("m1")
    (tmp_path / "m.db.traces").unlink()
    with reopened(path) as store:
        found = store["ana"].why("m1")
        assert (found.used, found.answers) == (before.used, before.answers)
        assert found.readings == ()
        with pytest.raises(NotFound):
            store["ana"].lineage(turn.id)


def test_the_index_follows_the_log_in_batches(store: remanence.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remanence.engine.lineage._BATCH", 3)
    memory = store["ana"]
    memory.add("x")
    for n in range(10):
        memory.used(f"t{n}", ["m1"])
        if n == 5:
            memory.why("m1")
    assert [use.trace_id for use in memory.why("m1").used] == [f"t{n}" for n in range(10)]


def test_traces_of_another_log_are_not_taken_for_this_ones(tmp_path: Path) -> None:
    """A copy of the store from before, beside traces of what came after."""
    path = tmp_path / "m.db"
    with reopened(path) as store:
        store["ana"].add("first")
    older = path.read_bytes()
    with reopened(path) as store:
        store["ana"].add("second")
        trace_id = store["ana"].search("second").trace_id
    path.write_bytes(older)
    for snapshot in (tmp_path / "m.db.snapshots").glob("*"):
        snapshot.unlink()
    with reopened(path) as store:
        with pytest.raises(NotFound, match="no record 2"):
            store["ana"].lineage(trace_id)
        store["ana"].add("something else")
        with pytest.raises(Conflict):
            store["ana"].lineage(trace_id)


def test_upkeep_drops_what_is_too_old(store: remanence.Store, clock: FakeClock) -> None:
    memory = store["ana"]
    memory.add("x")
    old = memory.search("x").trace_id
    clock.advance(seconds=29 * 86_400)
    young = memory.search("x").trace_id
    assert memory.lineage(old)
    clock.advance(seconds=2 * 86_400)
    store.upkeep()
    assert memory.lineage(young)
    with pytest.raises(NotFound):
        memory.lineage(old)
    assert [reading.trace_id for reading in memory.why("m1").readings] == [young]


def test_what_is_forgotten_is_gone_from_lineage(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("a secret")
    memory.add("no secret")
    trace_id = memory.search("secret").trace_id
    store._traces.forget("ana", ["m1"])
    assert [each.id for each in memory.lineage(trace_id).returned] == ["m2"]
    assert memory.why("m1").readings == ()


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_broken_trace_file_stops_no_reading(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "m.db.traces").write_bytes(b"rubbish " * 1000)
    with caplog.at_level(logging.WARNING, "remanence"), reopened(tmp_path / "m.db") as store:
        memory = store["ana"]
        memory.add("The boat is called Wagtail")
        for _ in range(3):
            assert memory.search("boat")[0].id == "m1"
            assert memory.context("boat").hits
            store.flush()
        store.upkeep()
        with pytest.raises(Damaged, match="delete it"):
            memory.lineage("t1")
    assert len([record for record in caplog.records if "traces" in record.message]) == 1


def test_whatever_goes_wrong_while_noting_stops_no_reading(
    store: remanence.Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: object, trace: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(trace_log_module.TraceLog, "note", broken)
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    with caplog.at_level(logging.WARNING, "remanence"):
        for _ in range(3):
            assert memory.search("boat")[0].id == "m1"
    assert len(caplog.records) == 1


def test_a_disk_that_fills_up_stops_neither_flush_nor_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Traces, traces: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Traces, "add", full)
    with reopened(tmp_path / "m.db") as store:
        store["ana"].add("x")
        store["ana"].search("x")
        store.flush()
        store["ana"].search("x")


def test_a_closed_store_tells_no_lineage(tmp_path: Path) -> None:
    store = reopened(tmp_path / "m.db")
    memory = store["ana"]
    memory.add("x")
    trace_id = memory.search("x").trace_id
    store.close()
    with pytest.raises(Closed):
        memory.lineage(trace_id)


def test_a_store_that_is_let_go_of_unclosed_keeps_its_traces(tmp_path: Path) -> None:
    store = reopened(tmp_path / "m.db")
    memory = store["ana"]
    memory.add("x")
    trace_id = memory.search("x").trace_id
    del store, memory
    gc.collect()
    with reopened(tmp_path / "m.db") as store:
        assert isinstance(store["ana"].lineage(trace_id), Lineage)


# --- what is no text ------------------------------------------------------------------------------------------------


def test_all_kinds_are_told_as_they_were(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("I live in Porto and I work as a nurse", id="home", metadata={"of": "boat"})
    memory.kv["home"] = {"boat": "Wagtail"}
    memory.stream("boat/log").append({"boat": "sailed"})
    memory.add_vector([1.0, 0.0], {"boat": "a photo"}, id="photo")
    beside = ["fact", "kv", "stream", "vector"]
    hits = memory.search("boat residence Porto, job nurse", kinds=beside)
    assert sorted(hit.kind for hit in hits) == ["fact", "fact", "kv", "stream", "vector"]
    memory.add("I live in Faro", id="home")
    memory.kv["home"] = {"boat": "Petrel"}
    del memory.kv["home"]
    memory.stream("boat/log").append({"boat": "sank"})
    memory.add_vector([0.0, 1.0], "another", id="photo")
    memory.fade("photo")
    found = memory.lineage(hits.trace_id)
    assert found.kind == "search"
    assert [(each.kind, each.id, each.version, each.text, each.value) for each in found.returned] == [
        (hit.kind, hit.id, hit.version, hit.text, hit.value) for hit in hits
    ]
    told = json.loads(json.dumps(to_builtins(found)))["returned"]
    assert {"boat": "Wagtail"} in [each["value"] for each in told]


def test_texts_and_others_in_one_context(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    memory.kv["boat"] = "m1"
    memory.kv["m1"] = "the boat"
    context = memory.context("boat", kinds=["text", "kv"], threshold=0)
    assert len(context.hits) == 3
    found = memory.lineage(context.trace_id)
    assert [(each.kind, each.id, each.text, each.value) for each in found.returned] == [
        (hit.kind, hit.id, hit.text, hit.value) for hit in context.hits
    ]


def test_a_key_that_is_called_as_a_memory_is_not_taken_for_it(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("something else", id="boat")
    memory.kv["boat"] = "Wagtail"
    memory.add("I live in Porto", id="home")
    memory.kv["home"] = "boat"
    hits = memory.search("boat", kinds=["kv"])
    assert hits[0].id == "boat"
    assert memory.why("boat").readings == ()
    facts = memory.search("residence", kinds=["fact"])
    (reading,) = memory.why("home").readings
    assert (reading.trace_id, reading.rank, reading.version) == (facts.trace_id, 0, 0)


def test_the_nearest_vectors_have_a_lineage(store: remanence.Store) -> None:
    memory = store.memory("ana", agent="Robin")
    named = memory.add_vector([1.0, 0.0], {"name": "first"}).id
    memory.add_vector([0.9, 0.1], "second", id="mine")
    hits = memory.search_vector([1.0, 0.0], k=2)
    memory.add_vector([0.9, 0.1], "replaced", id="mine")
    found = memory.lineage(hits.trace_id)
    assert (found.kind, found.k, found.budget_tokens, found.query) == ("search_vector", 2, None, None)
    assert (found.agent, found.position) == ("Robin", hits.position)
    assert [(each.kind, each.id, each.version, each.text, each.value) for each in found.returned] == [
        ("vector", named, 1, '{"name":"first"}', {"name": "first"}),
        ("vector", "mine", 1, "second", "second"),
    ]
    assert [each.score for each in found.returned] == pytest.approx([hit.score for hit in hits], abs=1e-6)
    answer = memory.add_turn(assistant="The first.", trace_id=hits.trace_id)
    assert memory.lineage(answer.id).returned == found.returned

    mine = memory.why("mine")
    assert [(item.version, item.text) for item in mine.versions] == [(1, "second"), (2, "replaced")]
    (reading,) = mine.readings
    assert (reading.kind, reading.rank, reading.version) == ("search_vector", 2, 1)
    assert [item.text for item in mine.answers] == ["The first."]
    assert mine.facts == ()
    with pytest.raises(NotFound):
        memory.why("v99")


def test_vectors_of_several_namespaces_and_of_the_past(store: remanence.Store) -> None:
    store["ana"].add_vector([1.0, 0.0], "of Ana", id="x")
    store["ben"].add_vector([0.9, 0.1], "of Ben", id="x")
    then = store["ana"].head()
    hits = store.search_vector([1.0, 0.0], namespaces=["ben", "ana"])
    found = store["ben"].lineage(hits.trace_id)
    assert [(each.namespace, each.text) for each in found.returned] == [("ana", "of Ana"), ("ben", "of Ben")]
    assert found.namespaces == ("ben", "ana")
    assert [reading.rank for reading in store["ben"].why("x").readings] == [2]
    store["ana"].add_vector([1.0, 0.0], "later", id="x")
    past = store["ana"].as_of(then).search_vector([1.0, 0.0])
    of_past = store["ana"].lineage(past.trace_id)
    assert (of_past.position, [each.text for each in of_past.returned]) == (then, ["of Ana"])


def test_kinds_of_several_namespaces(store: remanence.Store) -> None:
    for name, boat in (("ana", "Wagtail"), ("ben", "Petrel")):
        store[name].kv["boat"] = boat
        store[name].add(f"I live in {boat}ville", id="home")
    hits = store.search("boat home", namespaces=["ana", "ben"], kinds=["kv", "fact"])
    store["ben"].kv["boat"] = "sunk"
    found = store["ana"].lineage(hits.trace_id)
    told = [(each.namespace, each.kind, each.text) for each in found.returned]
    assert told == [(hit.namespace, hit.kind, hit.text) for hit in hits]
    assert ("ben", "kv", 'boat: "Petrel"') in told


def test_what_is_kept_of_facts_and_keys_repeats_no_word_of_them(tmp_path: Path) -> None:
    with reopened(tmp_path / "m.db", extractor=RuleExtractor()) as store:
        memory = store["ana"]
        memory.add("I live in Zanzibar")
        memory.kv["boat"] = "Wagtail"
        assert len(memory.search("residence boat", kinds=["fact", "kv"])) == 2
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("m.db.traces*"))
    assert b"boat" in kept
    assert b"Zanzibar" not in kept
    assert b"Wagtail" not in kept


def test_what_was_let_go_of_is_forgotten_with_its_kind(store: remanence.Store) -> None:
    memory = store["ana"]
    memory.add("I live in Porto", id="home")
    memory.kv["residence"] = "a boat"
    hits = memory.search("residence", kinds=["fact", "kv"])
    assert len(hits) == 2
    store._traces.forget("ana", ["home"])
    (left,) = memory.lineage(hits.trace_id).returned
    assert (left.kind, left.id, left.text) == ("kv", "residence", 'residence: "a boat"')


def test_readings_of_texts_are_kept_as_before(store: remanence.Store) -> None:
    """Byte for byte: what they cost is what they did."""
    memory = store["ana"]
    memory.add("The boat is called Wagtail")
    plain, asked = memory.search("boat"), memory.search("boat", kinds=["text", "kv"])
    bodies = [store._traces.get("ana", found.trace_id).body for found in (plain, asked)]  # type: ignore[union-attr]
    assert bodies[0] == bodies[1]
    assert bodies[0][0] == 0x90 | 14, "an array of 14: no field for kinds"


def test_a_fact_that_a_caller_told_says_what_became_of_it() -> None:
    memory = remanence.open(clock=FakeClock(step_ns=10**9))["a"]
    memory.add_fact("user", "diet", "vegan", single=True)
    told = memory.fact("user", "diet")
    assert told is not None
    context = memory.context("what do I eat?")
    memory.add_fact("user", "diet", "vegetarian", single=True)
    why = memory.why(told)
    assert why.versions == ()
    ((claim,),) = [why.facts]
    assert (claim.fact.object, claim.current) == ("vegan", False)
    assert claim.superseded_by is not None
    assert claim.superseded_by.object == "vegetarian"
    assert [reading.trace_id for reading in why.readings] == [context.trace_id]
