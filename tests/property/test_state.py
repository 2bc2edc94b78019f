"""The fold's laws: a snapshot plus the tail is a full replay, and all who share a namespace see one thing.

Random histories run against a model of a few dictionaries, through several stores on one file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine import snapshot
from remanence.engine.columns import ALIVE, Columns
from remanence.engine.history import state_at
from remanence.engine.query import analyse
from remanence.engine.recall import recall
from remanence.engine.state import State
from remanence.engine.worded import Worded
from remanence.records import (
    Asserted,
    Deleted,
    Event,
    Faded,
    Pinned,
    Put,
    Record,
    Reinforced,
    Stated,
    Streamed,
    Utterance,
    Vectored,
)
from remanence.testing import FakeClock, HashingEmbedder

EMBEDDER, ANALYZER = HashingEmbedder(32), EnglishAnalyzer()
NS = 10**9
START = 1_704_067_200 * NS

TEXTS = st.sampled_from(
    [
        "My dog's name is Potola",
        "my dog's name is potola!",
        "We fly to Lisbon on 3 June 2024",
        "Is the red car at the garage?",
        "The red car cost 500 euros",
        "我住在里斯本",
        "🙂",
        "a b",
        "?",
        "supper at nine " * 30,
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(lambda text: not text.isspace())
NAMES = st.sampled_from(["", "Ana", "Bob", "Ana Maria", "Ζωή"])
SESSIONS = st.sampled_from(["", "", "call-1", "call-2"])
ROLES = st.sampled_from(["", "user", "assistant", "system", "tool"])
IDS = st.sampled_from(["dog", "car", "trip", "é\U0001f642"])
METADATA = st.dictionaries(
    st.sampled_from(["topic", "n", ""]),
    st.sampled_from([None, True, False, 1, 0, 1.0, -0.5, "x", "", 2**62]),
    max_size=2,
)
SECONDS = st.integers(-4000, 4000) | st.sampled_from([-(10**9), 10**9])
SALIENCE = st.sampled_from([0.5, 1.0, 3.0, 1000.0])
STATED = st.builds(
    Stated,
    subject=st.sampled_from(["user", "User", "Ana"]),
    relation=st.sampled_from(["name", "language"]),
    object=st.sampled_from(["", "Rex", "rex!", "Potola"]),
    single=st.booleans(),
    ends=st.booleans(),
    since_ns=st.none() | st.sampled_from([0, START, START + 100 * NS]),
    until_ns=st.none() | st.sampled_from([START + 50 * NS, START + 100 * NS]),
)
DAY = 86_400 * NS
DAYS = st.sampled_from([START - 100 * DAY, START - 50 * DAY, START - 25 * DAY])
FOREVER = 2**62
TOLD = st.fixed_dictionaries(
    {
        "relation": st.sampled_from(["residence", "language", "hobby"]),
        "object": st.sampled_from(["x", "y"]),
        "since": st.none() | DAYS,
        "until": st.none() | DAYS,
        "single": st.none() | st.booleans(),
    }
)
KEYS = st.sampled_from(["city", "état", "a/b", "🙂"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    # Lone surrogates are refused, and tested elsewhere.
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé", max_size=2), inner, max_size=3),
    max_leaves=5,
)
VECTORS = st.lists(st.integers(-3, 3), min_size=3, max_size=3).filter(any)
VECTOR_IDS = st.sampled_from(["east", "dog's", "état"])

# --- a snapshot plus the tail ----------------------------------------------------------------------

UTTERANCES = st.builds(
    Utterance,
    text=TEXTS,
    speaker=NAMES,
    role=ROLES,
    session=SESSIONS,
    id=st.just("") | IDS,
    metadata=METADATA,
    salience=SALIENCE,
    pinned=st.booleans(),
    facts=st.lists(STATED, max_size=2),
    expires_ns=st.sampled_from([0, START + NS, START + 100 * NS]),
)
TARGETS = IDS | VECTOR_IDS | st.builds("{}{}".format, st.sampled_from("mv"), st.integers(1, 30))
EVENTS = st.lists(
    st.one_of(
        UTTERANCES,
        UTTERANCES,
        UTTERANCES,
        st.builds(Faded, id=TARGETS),
        st.builds(Pinned, id=TARGETS, pinned=st.booleans()),
        st.builds(Reinforced, ids=st.lists(TARGETS, max_size=3), trace_id=st.sampled_from(["", "t1"])),
        st.builds(Put, key=KEYS, value=JSON.map(msgspec.json.encode), expires_ns=st.sampled_from([0, START + NS])),
        st.builds(Deleted, key=KEYS),
        st.builds(Streamed, stream=KEYS, value=JSON.map(msgspec.json.encode)),
        st.builds(
            Vectored,
            vector=VECTORS.map(lambda vector: np.array(vector, "<f4").tobytes()),
            payload=JSON.map(msgspec.json.encode),
            id=st.just("") | VECTOR_IDS,
            metadata=METADATA,
        ),
        st.builds(
            Asserted,
            facts=st.lists(STATED, max_size=2),
            source=st.just("") | TARGETS,
            by=st.sampled_from(["", "model"]),
            until=st.integers(0, 30),
            within=st.integers(0, 9),
        ),
        st.none(),  # a record of a kind this fold does not read
    ),
    max_size=30,
)


def records_of(events: list[Event | None], seconds: list[int]) -> list[Record]:
    records: list[Record] = []
    recorded = START
    for seq, event in enumerate(events, 1):
        step = seconds[seq % len(seconds)] * NS
        recorded += abs(step) // 50
        body = b"of another kind" if event is None else msgspec.msgpack.encode(event)
        records.append(Record(seq, recorded + step, recorded, 7 if event is None else 1, body))
    return records


def replayed(records: list[Record], state: State | None = None) -> State:
    state = state or State(EMBEDDER, ANALYZER)
    for record in records:
        state.apply(record)
    return state


def content(state: State) -> dict[str, Any]:
    """All that a state holds, spare capacity left out."""
    columns, n = state.columns, state.columns.n
    end = int(columns.text_end[n - 1]) if n else 0
    found: dict[str, Any] = {name: getattr(columns, name)[:n].tolist() for name in Columns.names}
    return found | {
        "n": n,
        "seq": state.seq,
        "alive": state.alive,
        "heap": columns.heap[:end].tobytes(),
        "postings": list(state.postings),
        "n_documents": state.postings.n_documents,
        "total_length": state.postings.total_length,
        "cosines": [state.vectors.cosine(query, slice(0, n)).tolist() for query in np.eye(32, dtype=np.float32)],
        "codes": state.vectors.codes[:, :n].tolist(),
        "metadata": [[(key, type(v), v) for key, v in sorted(state.metadata.get(row).items())] for row in range(n)],
        "sessions": state.sessions.tolist(),
        "latest_unnamed": state.sessions.latest_unnamed,
        "speakers": state.speakers.tolist(),
        "ids": dict(state.ids),
        "id_of_row": dict(state.id_of_row),
        "superseded": dict(state.superseded),
        "last_of_session": dict(state.last_of_session),
        "session_sizes": state.session_sizes[: len(state.sessions)].tolist(),
        "expires": (dict(state.expires), state.next_expiry),
        "answered": state.changes.answered(n).tolist(),
        "items": [state.item(row) for row in range(n)],
        "by_fidelity": state.by_fidelity(),
        "facts": state.facts.ever(),
        "facts_by_key": [state.facts.ever(who, what) for who in ("user", "ana") for what in ("name", "language")],
        "cursors": dict(state.cursors),
        "keys": {key: (state.keys.get(key, START), state.keys.written(key)) for key in state.keys.known()},
        "streams": {
            name: [state.streams.record_of(name, number + 1) for number in range(state.streams.length(name))]
            for name in state.streams
        },
        "given": [
            (given.item(row), given.payload_json(row), given.alive(row), given.row_of(given.id_of(row)))
            for given in [state.given]
            for row in range(given.n)
        ],
        "given nearest": [
            [part.tolist() for part in state.given.nearest(query, 9, where)]
            for query in np.eye(3, dtype=np.float32)
            for where in (None, {"n": 1})
            if state.given.n
        ],
    }


@settings(deadline=None, max_examples=60)
@given(events=EVENTS, seconds=st.lists(SECONDS, min_size=1, max_size=8), share=st.floats(0, 1), again=st.floats(0, 1))
def test_a_snapshot_plus_the_tail_is_a_full_replay(
    events: list[Event | None], seconds: list[int], share: float, again: float
) -> None:
    records = records_of(events, seconds)
    expected = content(replayed(records))
    cut = round(share * len(records))
    later = cut + round(again * (len(records) - cut))
    with tempfile.TemporaryDirectory() as folder:
        state = replayed(records[:cut])
        for tail in (records[cut:later], records[later:]):
            state.digest = "d"
            path = snapshot.write(snapshot.freeze(state, "store", 1), Path(folder))
            loaded = snapshot.load(path, "store", 1, EMBEDDER, ANALYZER)
            assert loaded is not None
            assert content(loaded) == content(state)
            assert loaded.digest == "d"
            state = replayed(tail, loaded)
        assert content(state) == expected


@settings(deadline=None, max_examples=30)
@given(events=EVENTS, seconds=st.lists(SECONDS, min_size=1, max_size=8))
def test_a_frozen_state_does_not_see_what_comes_after(events: list[Event | None], seconds: list[int]) -> None:
    records = records_of(events, seconds)
    half = len(records) // 2
    state = replayed(records[:half])
    before = content(state)
    frozen = snapshot.freeze(state, "store", 1)
    replayed(records[half:], state)
    with tempfile.TemporaryDirectory() as folder:
        loaded = snapshot.load(snapshot.write(frozen, Path(folder)), "store", 1, EMBEDDER, ANALYZER)
    assert loaded is not None
    assert content(loaded) == before


def found_in(state: State, question: str) -> tuple[list[int], list[float], list[list[float]]]:
    ranked = recall(state, analyse(question, EMBEDDER, ANALYZER), limit=100)
    return ranked.rows.tolist(), ranked.scores.tolist(), ranked.signals.tolist()


@settings(deadline=None, max_examples=60)
@given(events=EVENTS, seconds=st.lists(SECONDS, min_size=1, max_size=8), share=st.floats(0, 1))
def test_a_restored_state_finds_what_a_replayed_one_finds(
    events: list[Event | None], seconds: list[int], share: float
) -> None:
    records = records_of(events, seconds)
    cut = round(share * len(records))
    with tempfile.TemporaryDirectory() as folder:
        path = snapshot.write(snapshot.freeze(replayed(records[:cut]), "store", 1), Path(folder))
        restored = snapshot.load(path, "store", 1, EMBEDDER, ANALYZER)
        assert restored is not None
        replayed(records[cut:], restored)
        whole = replayed(records)
        for question in [*QUERIES, "When did we fly?", "Which cars are red?"]:
            assert found_in(restored, question) == found_in(whole, question)


def held_then(state: State) -> dict[str, Any]:
    """All that a reader of a state can see."""
    return content(state) | {"latest_unnamed": None, "cursors": None}


@settings(deadline=None, max_examples=150)
@given(events=EVENTS, seconds=st.lists(SECONDS, min_size=1, max_size=8), share=st.floats(0, 1))
def test_a_look_into_the_past_is_what_a_replay_up_to_then_gives(
    events: list[Event | None], seconds: list[int], share: float
) -> None:
    records = records_of(events, seconds)
    cut = round(share * len(records))
    live = replayed(records)
    now = content(live)
    past, then = state_at(live, cut, lambda n: records[n - 1]), replayed(records[:cut])
    assert held_then(past) == held_then(then)
    for question in [*QUERIES, "When did we fly?", "Which cars are red?"]:
        found, expected = found_in(past, question), found_in(then, question)
        assert found[0] == expected[0]
        assert np.allclose(found[1], expected[1], atol=1e-5), "sums in another order"
    assert content(live) == now, "looking back changes nothing"


def worded_in(worded: Worded) -> list[Any]:
    """All that living rows stand for."""
    rows = worded.rows
    return sorted((told for row, told in enumerate(rows.told) if rows.columns.flags[row] & ALIVE), key=repr)


def scores_in(worded: Worded, question: str) -> dict[Any, float]:
    ranked = recall(worded.rows, analyse(question, EMBEDDER, ANALYZER), limit=100)
    keys = ((told.kind, told.id, told.words) for told in worded.told(ranked.rows))
    return dict(zip(keys, ranked.scores.tolist(), strict=True))


ALL_KINDS = ["fact", "kv", "stream", "vector"]


@settings(deadline=None, max_examples=100)
@given(
    events=EVENTS,
    seconds=st.lists(SECONDS, min_size=1, max_size=8),
    looks=st.lists(
        st.tuples(st.integers(0, 10), st.sampled_from(ALL_KINDS), st.integers(-100, 100)), min_size=1, max_size=6
    ),
)
def test_what_is_brought_level_is_what_is_made_anew(
    events: list[Event | None], seconds: list[int], looks: list[tuple[int, str, int]]
) -> None:
    records = records_of(events, seconds)
    state = State(EMBEDDER, ANALYZER)

    def between(first: int, last: int) -> Any:
        return iter(records[first - 1 : last])

    kept, leaping = Worded(state, between), Worded(state, between, long_tail=1)
    for step, kind, second in looks:
        replayed(records[state.seq : state.seq + step], state)
        now = START + second * NS
        kept.level([kind], now, now)
        leaping.level([kind], now, now)
        anew = Worded(state, between)
        anew.level(kept.kinds, now, now)
        assert worded_in(kept) == worded_in(leaping) == worded_in(anew)
        for question in QUERIES:
            assert scores_in(kept, question) == pytest.approx(scores_in(anew, question), abs=1e-4)
        then = state_at(state, state.seq // 2, lambda n: records[n - 1])
        past, straight = Worded(then, between), Worded(replayed(records[: state.seq // 2]), between)
        for each in (past, straight):
            each.level(ALL_KINDS, now, now)
        assert worded_in(past) == worded_in(straight)


def test_a_look_into_the_past_across_many_rows() -> None:
    said: list[Event | None] = [Utterance(text=f"word{i % 97} and word{i % 31}", speaker="Ana") for i in range(700)]
    records = records_of(said, [1])
    live = replayed(records)
    for cut in (0, 1, 255, 256, 257, 511, 512, 699, 700):
        past = state_at(live, cut, lambda n: records[n - 1])
        assert held_then(past) == held_then(replayed(records[:cut])), cut


def test_session_sizes_count_every_row_of_a_session() -> None:
    said: list[Event | None] = [Utterance(text="x", session=f"s{i % 3}") for i in range(40)]
    state = replayed(records_of(said, [1]))
    with tempfile.TemporaryDirectory() as folder:
        path = snapshot.write(snapshot.freeze(state, "store", 1), Path(folder))
        restored = snapshot.load(path, "store", 1, EMBEDDER, ANALYZER)
    assert restored is not None
    for each in (state, restored):
        assert each.session_sizes.dtype == np.uint32
        assert len(each.session_sizes) >= len(each.sessions)
        assert [each.session_sizes[each.sessions.index(f"s{i}")] for i in range(3)] == [14, 13, 13]
        assert each.session_sizes.sum() == 40


def test_use_and_pin_follow_a_memory_to_its_next_version() -> None:
    said = Utterance(text="We live in Rome", id="home")
    moved = Utterance(text="We live in Porto", id="home")
    events = [said, Reinforced(["home"]), Reinforced(["home", "home"]), Pinned("home"), moved, Reinforced(["home"])]
    columns = replayed(records_of(list(events), [60])).columns
    assert columns.uses[:2].tolist() == [3, 4]
    assert columns.last_used[1] == (START + 6 * 60 * NS // 50) // NS


# --- several stores on one file, against a model ------------------------------------------------------

QUERIES = ["what is my dog called?", "Ana red car", "June 2024", "里斯本", "🙂"]


def results(memory: remanence.Memory, query: str, **kwargs: Any) -> list[tuple[Any, ...]]:
    """Search results, those of one score in an order of their own."""
    found = memory.search(query, k=100, **kwargs)
    return sorted(((-round(hit.score, 4), hit.id, hit.version, hit.text) for hit in found), key=repr)


def passes(metadata: Any, where: Any) -> bool:
    return all(
        (metadata.get(key) == value and isinstance(metadata.get(key), bool) == isinstance(value, bool))
        for key, value in (where or {}).items()
    )


def nearness(one: list[int], other: list[int]) -> float:
    """The score of two vectors."""
    cosine = np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other))
    return float((1 + cosine) / 2)


class Fact(NamedTuple):
    """A fact told to a store, or the end of one, as the model keeps it."""

    relation: str
    object: str
    source: str
    since: int
    until: int | None = None
    single: bool = False
    ends: bool = False

    def kills(self, other: Fact) -> bool:
        """Whether this, told later, ends the other where both could be true."""
        if self.relation != other.relation or self.until is not None:
            return False
        return self.object in ("", other.object) if self.ends else self.single and self.object != other.object


def true_at(when: int, told: list[Fact]) -> set[tuple[str, str]]:
    """What is true at a time by statements in the order they were told, looked at one by one."""
    counts: list[int] = []
    for i, fact in enumerate(told):
        if not fact.ends and not any(covers(told, counts, k, i) for k in counts if k < i):
            counts.append(i)
    return {
        (told[i].relation, told[i].object)
        for i in counts
        if told[i].since <= when
        and (told[i].until is None or when < told[i].until)
        and not any(kills(told, counts, i, j) and told[j].since <= when for j in range(i + 1, len(told)))
    }


def kills(told: list[Fact], counts: list[int], i: int, j: int) -> bool:
    """Whether statement j, told after i, ends it where both could be true; what is only said again ends nothing."""
    return (j in counts or told[j].ends) and told[j].kills(told[i])


def covers(told: list[Fact], counts: list[int], k: int, i: int) -> bool:
    """Whether statement i only says again what k said, which is true when i begins, and as long as it says."""
    one, again = told[k], told[i]
    if (one.relation, one.object) != (again.relation, again.object) or one.since > again.since:
        return False
    ends = [told[j].since for j in range(k + 1, i) if kills(told, counts, k, j)]
    ended = min([max(end, one.since) for end in ends] + ([one.until] if one.until is not None else []), default=None)
    return ended is None or (again.since < ended and (again.until is None or again.until <= ended))


class SharedNamespace(RuleBasedStateMachine):
    """One namespace written through two stores on one file, and a model of what it must hold."""

    @initialize()
    def open_both(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clock = FakeClock(step_ns=NS)
        self.stores = [self.opened(), self.opened()]
        self.seq = 0
        self.versions: dict[str, list[dict[str, Any]]] = {}  # by id, the latest last
        self.order: list[str] = []  # ids that can be found, by the time of their latest version
        self.values: dict[str, Any] = {}
        self.writes: dict[str, int] = {}  # of each key, deletions included
        self.entries: dict[str, list[Any]] = {}
        self.vectors: dict[str, list[dict[str, Any]]] = {}  # by id, the latest last
        self.told: list[Fact] = []
        self.moments: list[tuple[remanence.Position, Any]] = []

    def opened(self) -> remanence.Store:
        return remanence.open(
            self.folder / "memory.db",
            config=remanence.Config(snapshot_every=4, facts=False),
            embedder=EMBEDDER,
            analyzer=ANALYZER,
            clock=self.clock,
        )

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            for store in self.stores:
                store.close()
            shutil.rmtree(self.folder)

    def memory(self, who: int) -> remanence.Memory:
        return self.stores[who]["shared"]

    def target(self, n: int) -> str:
        return list(self.versions)[n % len(self.versions)]

    def said(self, id: str, text: str, pinned: bool = False, **rest: Any) -> None:
        versions = self.versions.setdefault(id, [])
        pinned = pinned or bool(versions and versions[-1]["pinned"])
        versions.append({"text": text, "alive": True, "pinned": pinned, **rest})
        if id in self.order:
            self.order.remove(id)
        self.order.append(id)

    @rule(
        who=st.integers(0, 1),
        text=TEXTS,
        speaker=NAMES,
        session=SESSIONS,
        metadata=METADATA,
        pinned=st.booleans(),
        at=st.none() | SECONDS,
    )
    def add(self, who: int, text: str, speaker: str, session: str, metadata: Any, pinned: bool, at: int | None) -> None:
        when = None if at is None else remanence.types.datetime_of(START + at * NS)
        receipt = self.memory(who).add(
            text, speaker=speaker, session=session, metadata=metadata, pinned=pinned, at=when
        )
        self.seq += 1
        assert (receipt.id, receipt.version, receipt.position.seq) == (f"m{self.seq}", 1, self.seq)
        self.said(receipt.id, text, pinned=pinned, metadata=metadata)

    @rule(who=st.integers(0, 1), id=IDS, text=TEXTS, metadata=METADATA)
    def add_by_id(self, who: int, id: str, text: str, metadata: Any) -> None:
        receipt = self.memory(who).add(text, id=id, metadata=metadata)
        held = self.versions.get(id, [])
        if held and held[-1]["alive"] and held[-1]["text"] == text:
            assert receipt.position.seq == held[-1]["seq"], "the first one's receipt"
        else:
            self.seq += 1
            self.said(id, text, metadata=metadata, seq=self.seq)
            assert receipt.position.seq == self.seq
            self.told = [fact for fact in self.told if fact.source != id]
        assert (receipt.id, receipt.version) == (id, len(self.versions[id]))

    @rule(who=st.integers(0, 1), user=TEXTS, assistant=TEXTS, session=SESSIONS)
    def add_turn(self, who: int, user: str, assistant: str, session: str) -> None:
        receipt = self.memory(who).add_turn(user=user, assistant=assistant, session=session)
        assert receipt.ids == (f"m{self.seq + 1}", f"m{self.seq + 2}")
        self.seq += 2
        for id, text in zip(receipt.ids, (user, assistant), strict=True):
            self.said(id, text, metadata={})

    @precondition(lambda self: self.versions)
    @rule(who=st.integers(0, 1), n=st.integers(0, 99))
    def fade(self, who: int, n: int) -> None:
        id = self.target(n)
        self.memory(who).fade(id)
        self.seq += 1
        self.versions[id][-1]["alive"] = False
        if id in self.order:
            self.order.remove(id)

    @precondition(lambda self: self.versions)
    @rule(who=st.integers(0, 1), n=st.integers(0, 99), pinned=st.booleans())
    def pin(self, who: int, n: int, pinned: bool) -> None:
        id = self.target(n)
        memory = self.memory(who)
        assert (memory.pin if pinned else memory.unpin)(id).id == id
        self.seq += 1
        self.versions[id][-1]["pinned"] = pinned

    @precondition(lambda self: self.versions)
    @rule(who=st.integers(0, 1), ns=st.lists(st.integers(0, 99), min_size=1, max_size=3))
    def used(self, who: int, ns: list[int]) -> None:
        ids = [self.target(n) for n in ns]
        assert self.memory(who).used("t1", ids).ids == tuple(ids)
        self.seq += 1

    @rule(who=st.integers(0, 1), key=KEYS, value=JSON, expected=st.none() | st.integers(0, 3))
    def put(self, who: int, key: str, value: Any, expected: int | None) -> None:
        version = self.writes.get(key, 0) if key in self.values else 0
        if expected is not None and expected != version:
            with pytest.raises(remanence.errors.Conflict):
                self.memory(who).kv.put(key, value, if_version=expected)
            return
        receipt = self.memory(who).kv.put(key, value, if_version=expected)
        self.seq += 1
        self.values[key] = value
        self.writes[key] = self.writes.get(key, 0) + 1
        assert (receipt.id, receipt.version, receipt.position.seq) == (key, self.writes[key], self.seq)

    @rule(who=st.integers(0, 1), key=KEYS)
    def delete(self, who: int, key: str) -> None:
        if key not in self.values:
            with pytest.raises(KeyError):
                del self.memory(who).kv[key]
            return
        del self.memory(who).kv[key]
        self.seq += 1
        del self.values[key]
        self.writes[key] += 1

    @rule(who=st.integers(0, 1), name=KEYS, value=JSON)
    def append(self, who: int, name: str, value: Any) -> None:
        receipt = self.memory(who).stream(name).append(value)
        self.seq += 1
        self.entries.setdefault(name, []).append(value)
        assert (receipt.id, receipt.position.seq) == (f"{name}/{len(self.entries[name])}", self.seq)

    @rule(who=st.integers(0, 1), name=KEYS, since=st.integers(0, 6), until=st.none() | st.integers(0, 6))
    def read(self, who: int, name: str, since: int, until: int | None) -> None:
        found = [(entry.number, entry.value) for entry in self.memory(who).stream(name).read(since, until)]
        assert found == list(enumerate(self.entries.get(name, []), 1))[since:until]

    @rule(who=st.integers(0, 1), vector=VECTORS, payload=JSON, id=st.none() | VECTOR_IDS, metadata=METADATA)
    def add_vector(self, who: int, vector: list[int], payload: Any, id: str | None, metadata: Any) -> None:
        receipt = self.memory(who).add_vector(vector, payload, id=id, metadata=metadata)
        self.seq += 1
        versions = self.vectors.setdefault(id or f"v{self.seq}", [])
        versions.append({"vector": vector, "payload": payload, "metadata": metadata, "alive": True})
        assert (receipt.id, receipt.version) == (id or f"v{self.seq}", len(versions))

    @precondition(lambda self: self.vectors)
    @rule(who=st.integers(0, 1), n=st.integers(0, 99))
    def fade_vector(self, who: int, n: int) -> None:
        id = list(self.vectors)[n % len(self.vectors)]
        self.memory(who).fade(id)
        self.seq += 1
        self.vectors[id][-1]["alive"] = False

    @rule(who=st.integers(0, 1), vector=VECTORS, where=st.none() | METADATA)
    def search_vector(self, who: int, vector: list[int], where: Any) -> None:
        expected = {
            id: (len(versions), latest["payload"], pytest.approx(nearness(vector, latest["vector"]), abs=0.01))
            for id, versions in self.vectors.items()
            for latest in [versions[-1]]
            if latest["alive"] and passes(latest["metadata"], where)
        }
        found = self.memory(who).search_vector(vector, k=100, where=where)
        assert {hit.id: (hit.version, hit.value, hit.score) for hit in found} == expected
        assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
        assert [hit.id for hit in self.memory(1 - who).search_vector(vector, k=100, where=where)] == [
            hit.id for hit in found
        ]

    @rule(
        who=st.integers(0, 1),
        kinds=st.lists(st.sampled_from(["text", "kv", "stream", "vector", "fact"]), min_size=1, unique=True),
        query=st.sampled_from(QUERIES),
        where=st.none() | METADATA,
    )
    def search_kinds(self, who: int, kinds: list[str], query: str, where: Any) -> None:
        found = self.memory(who).search(query, k=100, kinds=kinds, where=where)
        assert {hit.kind for hit in found} <= set(kinds)
        by_kind = {kind: [hit for hit in found if hit.kind == kind] for kind in kinds}
        if "kv" in kinds:
            expected = {} if where else self.values
            assert {hit.id: hit.value for hit in by_kind["kv"]} == expected
            assert all(hit.version == self.writes[hit.id] for hit in by_kind["kv"])
        for hit in by_kind.get("stream", []):
            name, _, number = hit.id.rpartition("/")
            assert not where
            assert hit.value == self.entries[name][int(number) - 1]
        for hit in by_kind.get("vector", []):
            latest = self.vectors[hit.id][-1]
            assert latest["alive"]
            assert passes(latest["metadata"], where)
            assert (hit.value, hit.metadata, hit.version) == (
                latest["payload"],
                latest["metadata"],
                len(self.vectors[hit.id]),
            )
        if kinds == ["stream"] and not where:
            held = {(name, str(value)) for name, entries in self.entries.items() for value in entries}
            assert bool(found) == bool(held)
        other = self.memory(1 - who).search(query, k=100, kinds=kinds, where=where)
        assert sorted((round(hit.score, 4), hit.kind, hit.id) for hit in found) == sorted(
            (round(hit.score, 4), hit.kind, hit.id) for hit in other
        )

    def when_told(self, memory: remanence.Memory, receipt: remanence.Receipt, since: int | None) -> int:
        self.seq += 1
        assert receipt.position.seq == self.seq
        (change,) = memory.watch(remanence.Position(self.seq - 1), timeout=0)
        assert (change.kind, change.id) == ("assert", receipt.id)
        return change.at_ns if since is None else since

    @rule(who=st.integers(0, 1), facts=st.lists(TOLD, min_size=1, max_size=4), source=st.none() | st.integers(0, 9))
    def add_facts(self, who: int, facts: list[dict[str, Any]], source: int | None) -> None:
        memory = self.memory(who)
        id = None if source is None or not self.versions else self.target(source)
        for stated in facts:
            since, until, single = stated["since"], stated["until"], stated["single"]
            times = {
                name: when and remanence.types.datetime_of(when)
                for name, when in zip(("since", "until"), (since, until), strict=True)
            }
            call = partial(
                memory.add_fact, "Ana", stated["relation"], stated["object"], single=single, source=id, **times
            )
            if until is not None and (since is None or until <= since):
                with pytest.raises(remanence.errors.InvalidInput):
                    call()
                continue
            receipt = call()
            assert receipt.id == (id or f"m{self.seq + 1}")
            at = self.when_told(memory, receipt, since)
            as_known = stated["relation"] == "residence" if single is None else single
            self.told.append(Fact(stated["relation"], stated["object"], receipt.id, at, until, as_known))

    @precondition(lambda self: self.told)
    @rule(
        who=st.integers(0, 1),
        n=st.integers(0, 99),
        object=st.sampled_from([None, "x", "y"]),
        since=st.none() | DAYS,
    )
    def end_fact(self, who: int, n: int, object: str | None, since: int | None) -> None:
        memory = self.memory(who)
        relation = self.told[n % len(self.told)].relation
        when = None if since is None else remanence.types.datetime_of(since)
        probes = [FOREVER] if since is None else [FOREVER, since, *(fact.since for fact in self.told)]
        left = {each for t in probes if t >= (since or 0) for each in true_at(t, self.told)}
        if {(r, o) for r, o in left if r == relation and object in (None, o)}:
            receipt = memory.end_fact("ana", relation, object, since=when)
            at = self.when_told(memory, receipt, since)
            self.told.append(Fact(relation, object or "", receipt.id, at, ends=True))
        else:
            with pytest.raises(remanence.errors.NotFound):
                memory.end_fact("ana", relation, object, since=when)

    @rule(who=st.integers(0, 1))
    def read_facts(self, who: int) -> None:
        memory = self.memory(who)
        for day in (-101, -100, -75, -50, -25, -1):
            when = START + day * DAY
            found = memory.as_of(valid=remanence.types.datetime_of(when)).facts("ANA")
            assert {(fact.relation, fact.object) for fact in found} == true_at(when, self.told)

    @rule(who=st.integers(0, 1), n=st.integers(100, 9999))
    def fail(self, who: int, n: int) -> None:
        for wrong in (self.memory(who).fade, self.memory(who).pin, self.memory(who).get):
            try:
                wrong(f"m{n}")
            except remanence.errors.NotFound:
                continue
            raise AssertionError(f"{wrong} found m{n}")

    @rule(who=st.integers(0, 1))
    def snapshot(self, who: int) -> None:
        self.stores[who].upkeep()

    @rule(who=st.integers(0, 1))
    def reopen(self, who: int) -> None:
        self.stores[who].close()
        self.stores[who] = self.opened()

    @rule(who=st.integers(0, 1))
    def reopen_without_snapshots(self, who: int) -> None:
        self.stores[who].close()
        shutil.rmtree(self.folder / "memory.db.snapshots", ignore_errors=True)
        self.stores[who] = self.opened()

    @rule(who=st.integers(0, 1), query=st.sampled_from(QUERIES), where=st.none() | METADATA)
    def search(self, who: int, query: str, where: Any) -> None:
        found = self.memory(who).search(query, k=100, where=where)
        assert len({hit.id for hit in found}) == len(found)
        allowed = {
            id for id in self.order for metadata in [self.versions[id][-1]["metadata"]] if passes(metadata, where)
        }
        assert {hit.id for hit in found} <= allowed
        for hit in found:
            assert (hit.text, hit.version) == (self.versions[hit.id][-1]["text"], len(self.versions[hit.id]))
        texts = {self.versions[id][-1]["text"] for id in allowed}
        assert bool(found) == bool(texts)
        assert results(self.memory(1 - who), query, where=where) == results(self.memory(who), query, where=where)

    @invariant()
    def both_hold_what_the_model_says(self) -> None:
        if not hasattr(self, "stores"):
            return
        expected = [
            (id, len(self.versions[id]), latest["text"], latest["pinned"], latest["metadata"])
            for id in self.order
            for latest in [self.versions[id][-1]]
        ]
        heads = set()
        for who in (0, 1):
            memory = self.memory(who)
            items = [(item.id, item.version, item.text, item.pinned, item.metadata) for item in memory.items()]
            assert items == expected
            assert len(memory) == len(expected)
            heads.add(memory.head())
            assert dict(memory.kv) == self.values
            assert {name: len(memory.stream(name)) for name in memory.streams()} == {
                name: len(entries) for name, entries in self.entries.items()
            }
            now = {(fact.relation, fact.object) for fact in memory.facts()}
            assert now == true_at(FOREVER, self.told)
        assert len(heads) == 1
        assert heads.pop().seq == self.seq

    def seen(self, reader: Any) -> Any:
        return (
            [(item.id, item.version, item.text, item.pinned, item.metadata) for item in reader.items()],
            reader.facts(ended=True),
            reader.facts(),
            dict(reader.kv),
            {name: [entry.value for entry in reader.stream(name)] for name in reader.streams()},
            [(hit.id, hit.version, hit.value, hit.score) for hit in reader.search_vector([3, 2, 1], k=100)],
            sorted((hit.id, hit.version, repr(hit.value)) for hit in reader.search("red car", k=100, kinds=["kv"])),
        )

    @rule(who=st.integers(0, 1))
    def remember_this_moment(self, who: int) -> None:
        memory = self.memory(who)
        self.moments.append((memory.head(), self.seen(memory)))

    @precondition(lambda self: self.moments)
    @rule(who=st.integers(0, 1), n=st.integers(0, 99), query=st.sampled_from(QUERIES))
    def look_back(self, who: int, n: int, query: str) -> None:
        position, seen = self.moments[n % len(self.moments)]
        past = self.memory(who).as_of(position)
        assert self.seen(past) == seen
        assert {hit.id for hit in past.search(query, k=100)} <= {item[0] for item in seen[0]}

    @precondition(lambda self: self.versions)
    @rule(who=st.integers(0, 1))
    def tell_history(self, who: int) -> None:
        memory = self.memory(who)
        for id, versions in self.versions.items():
            told = memory.history(id)
            assert [item.text for item in told] == [version["text"] for version in versions]
            assert [item.version for item in told] == list(range(1, len(versions) + 1))
            assert memory.get(id) == told[-1]
            assert (id in memory) == versions[-1]["alive"]


SharedNamespace.TestCase.settings = settings(deadline=None, max_examples=30, stateful_step_count=15)
test_two_stores_on_one_file_are_one_memory = SharedNamespace.TestCase


# --- reopened ------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(
    said=st.lists(st.tuples(TEXTS, NAMES, SESSIONS, st.none() | IDS, METADATA), min_size=1, max_size=20),
    fade=st.integers(0, 40),
    cut=st.integers(0, 20),
)
def test_a_reopened_store_gives_the_same_answers(said: list[Any], fade: int, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.db"
        clock = FakeClock(step_ns=NS)

        def opened() -> remanence.Store:
            return remanence.open(path, embedder=EMBEDDER, analyzer=ANALYZER, clock=clock)

        store = opened()
        memory = store["a"]
        ids = []
        for i, (text, speaker, session, id, metadata) in enumerate(said):
            ids.append(memory.add(text, speaker=speaker, session=session, id=id, metadata=metadata).id)
            if i == fade:
                memory.fade(ids[i // 2])
            if i == cut:
                store.upkeep()

        def told() -> dict[str, Any]:
            contexts = [store["a"].context(query, budget_tokens=200) for query in QUERIES]
            return {
                "results": [results(store["a"], query) for query in QUERIES],
                "contexts": [(context.text, context.tokens, context.position) for context in contexts],
                "items": list(store["a"].items()),
                "histories": [store["a"].history(id) for id in ids],
            }

        live = told()
        store.close()
        store = opened()
        assert told() == live, "from the snapshot and what came after it"
        store.close()
        shutil.rmtree(f"{path}.snapshots", ignore_errors=True)
        store = opened()
        assert told() == live, "from the log alone"
        store.close()


# --- two processes -------------------------------------------------------------------------------------

OTHER_PROCESS = """
import json, sys
import remanence
from remanence.testing import HashingEmbedder

store = remanence.open(sys.argv[1], config=remanence.Config(snapshot_every=10), embedder=HashingEmbedder(32))
memory = store["shared"]
for line in sys.stdin:
    order = json.loads(line)
    for name, args, kwargs in order["calls"]:
        getattr(memory, name)(*args, **kwargs)
    told = {
        "items": [(item.id, item.version, item.text, item.pinned, item.seq) for item in memory.items()],
        "head": [memory.head().seq, memory.head().digest],
        "hits": [
            sorted([round(hit.score, 4), hit.id, hit.version] for hit in memory.search(query, k=100))
            for query in order["queries"]
        ],
    }
    print(json.dumps(told), flush=True)
store.close()
"""


def told_by(memory: remanence.Memory) -> dict[str, Any]:
    told = {
        "items": [(item.id, item.version, item.text, item.pinned, item.seq) for item in memory.items()],
        "head": [memory.head().seq, memory.head().digest],
        "hits": [
            sorted([round(hit.score, 4), hit.id, hit.version] for hit in memory.search(query, k=100))
            for query in QUERIES
        ],
    }
    return json.loads(json.dumps(told))


class Other:
    """Another process with the same store open."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def order(self, *calls: tuple[str, list[Any], dict[str, Any]]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"calls": calls, "queries": QUERIES}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0


def test_two_processes_share_one_namespace(tmp_path: Path) -> None:
    draw = np.random.default_rng(11)
    store = remanence.open(
        tmp_path / "memory.db", config=remanence.Config(snapshot_every=10), embedder=HashingEmbedder(32)
    )
    memory = store["shared"]
    other = Other(tmp_path / "memory.db")
    words = "dog car red blue Lisbon June sister Potola garage supper".split()

    def a_call() -> tuple[str, list[Any], dict[str, Any]]:
        text = " ".join(draw.choice(words, 4).tolist())
        head = memory.head().seq
        return [
            ("add", [text], {"speaker": "Ana", "metadata": {"n": head}}),
            ("add", [text], {"id": str(draw.choice(["dog", "car"]))}),
            ("add_turn", [], {"user": text, "assistant": text + "?"}),
            ("fade", ["m1"], {}),
            ("pin", ["m1"], {}),
            ("reinforce", ["m1"], {}),
        ][int(draw.integers(6 if head else 1))]

    memory.add("the first one")
    for _ in range(25):
        name, args, kwargs = a_call()
        if draw.random() < 0.5:
            getattr(memory, name)(*args, **kwargs)
            other.order()
        else:
            other.order((name, args, kwargs))
        assert other.answer() == told_by(memory)

    # And now both at once.
    before = memory.head().seq
    other.order(*[("add", [f"theirs {i} {words[i % 10]}"], {}) for i in range(80)])
    for i in range(80):
        memory.add(f"ours {i} {words[i % 10]}")
    theirs = other.answer()
    told = told_by(memory)
    other.order()
    assert other.answer() == told
    assert told["head"][0] == before + 160
    said = {f"{who} {i} {words[i % 10]}" for who in ("ours", "theirs") for i in range(80)}
    assert said <= {text for _, _, text, *_ in told["items"]}
    assert theirs["head"][0] <= told["head"][0]
    other.end()
    store.close()
    with remanence.open(tmp_path / "memory.db", embedder=HashingEmbedder(32)) as store:
        assert told_by(store["shared"]) == told
