"""Vectors that callers bring: kept with a payload, found by direction, replaced, faded, and looked back at."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.errors import InvalidFilter, InvalidInput, NotFound
from remanence.testing import FakeClock, HashingEmbedder

EAST, NORTH, UP = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]


@pytest.fixture
def memory() -> remanence.Memory:
    return remanence.open(embedder=HashingEmbedder(32), clock=FakeClock(step_ns=10**9))["a"]


def ids(hits: remanence.Hits) -> list[str]:
    return [hit.id for hit in hits]


def test_a_payload_is_found_by_its_direction(memory: remanence.Memory) -> None:
    first = memory.add_vector(EAST, "a text")
    second = memory.add_vector([0, 5, 0], {"page": 7}, id="page-7", metadata={"lang": "en"}, at="2024-05-01")
    assert (first.id, first.version, first.position.seq) == ("v1", 1, 1)
    assert (second.id, second.version, second.position.seq) == ("page-7", 1, 2)
    near, far = memory.search_vector(np.array([1, 9, 0], np.float64))
    assert (near.id, near.kind, near.value, near.text, near.metadata) == (
        "page-7",
        "vector",
        {"page": 7},
        '{"page":7}',
        {"lang": "en"},
    )
    assert (near.version, near.namespace, near.at.isoformat()) == (1, "a", "2024-05-01T00:00:00+00:00")
    assert near.score == pytest.approx((1 + 9 / np.sqrt(82)) / 2, abs=1e-3)
    assert near.parts["semantic"] == pytest.approx(2 * near.score - 1, abs=1e-6)
    assert (far.id, far.value, far.text) == ("v1", "a text", "a text")
    assert memory.search_vector([-1, 0, 0], k=10)[-1].score == pytest.approx(0, abs=1e-6)
    assert memory.search_vector(EAST).confidence == pytest.approx(1)


def test_nothing_is_found_where_nothing_is() -> None:
    memory = remanence.open(embedder=HashingEmbedder(32))["a"]
    found = memory.search_vector([1, 2])
    assert (len(found), found.confidence) == (0, 0.0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int8, np.uint16, np.int64])
def test_any_real_dtype_will_do(memory: remanence.Memory, dtype: type[np.generic]) -> None:
    memory.add_vector(np.array([3, 4], dtype), "x")
    assert memory.search_vector(np.array([3, 4], dtype))[0].score == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([0.0, 0.0, 0.0], "zeros"),
        ([1.0, np.nan, 0.0], r"vector\[1\] is nan"),
        ([1.0, 0.0, np.inf], r"vector\[2\] is inf"),
        ([1e300, 0.0, 0.0], r"vector\[0\]"),
        ([[1.0, 0.0, 0.0]], r"shape \(1, 3\)"),
        ([], r"shape \(0,\)"),
        (1.0, r"shape \(\)"),
        ("abc", "dtype"),
        ([1j, 0, 0], "complex"),
        ([True, False, True], "bool"),
        ([[1.0], [1.0, 2.0]], "vector"),
        (None, "dtype object"),
        ([1.0, 2.0], "2 numbers.* have 3"),
    ],
)
def test_a_wrong_vector_is_refused_and_nothing_is_written(memory: remanence.Memory, wrong: Any, said: str) -> None:
    memory.add_vector(EAST, 1)
    with pytest.raises(InvalidInput, match=said):
        memory.add_vector(wrong, 2)
    with pytest.raises(InvalidInput, match=said):
        memory.search_vector(wrong)
    assert memory.head().seq == 1


def test_wrong_arguments_are_refused(memory: remanence.Memory) -> None:
    memory.add_vector(EAST, 1)
    for wrong in ({"payload": {1, 2}}, {"payload": float("nan")}, {"id": ""}, {"id": 3}, {"metadata": {"a": []}}):
        with pytest.raises(InvalidInput):
            memory.add_vector(EAST, **({"payload": 1} | wrong))
    for wrong in ({"k": 0}, {"threshold": 2}, {"where": 3}, {"where": {"a": {"$odd": 1}}}):
        with pytest.raises((InvalidInput, InvalidFilter)):
            memory.search_vector(EAST, **wrong)
    assert memory.head().seq == 1


def test_filters_and_thresholds(memory: remanence.Memory) -> None:
    for i, vector in enumerate((EAST, NORTH, UP)):
        memory.add_vector(vector, i, metadata={"n": i} if i else None)
    assert ids(memory.search_vector(EAST, where={"n": {"$gte": 1}})) == ["v2", "v3"]
    assert ids(memory.search_vector(EAST, where={"n": {"$ne": 2}})) == ["v1", "v2"]
    assert ids(memory.search_vector(EAST, threshold=0.9)) == ["v1"]
    assert ids(memory.search_vector(EAST, k=2)) == ["v1", "v2"]


def test_the_same_id_replaces(memory: remanence.Memory) -> None:
    memory.add_vector(EAST, "old", id="x", metadata={"n": 1})
    memory.add_vector(UP, "other")
    receipt = memory.add_vector(NORTH, "new", id="x")
    assert (receipt.id, receipt.version, receipt.ids) == ("x", 2, ("x",))
    assert [(hit.id, hit.version, hit.text, hit.metadata) for hit in memory.search_vector(NORTH)] == [
        ("x", 2, "new", {}),
        ("v2", 1, "other", {}),
    ]
    assert [item.text for item in memory.history("x")] == ["old", "new"]
    assert memory.add_vector(EAST, "again", id="v2").version == 2
    assert memory.get("v2").text == "again"


def test_a_faded_vector_is_not_found_and_may_come_back(memory: remanence.Memory) -> None:
    memory.add_vector(EAST, "x", id="x")
    memory.add_vector(EAST, "y")
    receipt = memory.fade("x")
    assert (receipt.id, receipt.version) == ("x", 1)
    memory.fade("x")
    memory.fade("v2")
    assert len(memory.search_vector(EAST)) == 0
    assert "x" not in memory
    assert memory.get("x").fidelity == 0.0
    assert memory.add_vector(NORTH, "x again", id="x").version == 2
    assert ids(memory.search_vector(EAST)) == ["x"]
    assert "x" in memory
    assert memory.get("x").fidelity == 1.0


def test_an_id_is_of_a_text_or_of_a_vector(memory: remanence.Memory) -> None:
    memory.add("We live in Rome", id="home")
    memory.add_vector(EAST, "east", id="east")
    head = memory.head()
    with pytest.raises(InvalidInput, match="that of a text"):
        memory.add_vector(EAST, "x", id="home")
    with pytest.raises(InvalidInput, match="that of a vector"):
        memory.add("x", id="east")
    for reserved in ("m9", "v9"):
        with pytest.raises(InvalidInput, match="reserved"):
            memory.add_vector(EAST, "x", id=reserved)
    assert memory.head() == head
    assert memory.add_vector(EAST, "third").id == "v3"
    with pytest.raises(InvalidInput, match="that of a vector"):
        memory.add("x", id="v3")
    for refused in (memory.pin, memory.unpin, memory.reinforce):
        with pytest.raises(NotFound, match="is a vector"):
            refused("east")
    for unknown in (memory.fade, memory.get, memory.history):
        with pytest.raises(NotFound):
            unknown("v99")


def test_a_text_that_has_the_default_id_already_keeps_it(memory: remanence.Memory) -> None:
    memory.add("a text of an older store", id="v2")
    assert memory.add_vector(EAST, "x").id == "v2'"
    assert ids(memory.search_vector(EAST)) == ["v2'"]
    assert memory.get("v2").text == "a text of an older store"
    assert [change.id for change in memory.watch(remanence.Position(0), timeout=0)] == ["v2", "v2'"]
    memory.fade("v2'")
    assert not memory.search_vector(EAST)


def test_texts_know_nothing_of_vectors(memory: remanence.Memory) -> None:
    memory.add("east of the river")
    memory.add_vector(EAST, "east of the river")
    assert len(memory) == 1
    assert [item.id for item in memory.items()] == ["m1"]
    assert ids(memory.search("east of the river")) == ["m1"]


def test_the_past_is_what_it_was(memory: remanence.Memory) -> None:
    seen: list[Any] = []

    def look(reader: Any) -> list[Any]:
        return [
            (hit.id, hit.version, hit.value, round(hit.score, 6), hit.metadata)
            for hit in reader.search_vector([3, 2, 1])
        ]

    def note() -> None:
        seen.append((memory.head(), look(memory)))

    note()
    for write in (
        lambda: memory.add_vector(EAST, "one", id="x", metadata={"n": 1}),
        lambda: memory.add_vector(NORTH, "two"),
        lambda: memory.add("a text between"),
        lambda: memory.add_vector(UP, "three", id="x"),
        lambda: memory.fade("v2"),
        lambda: memory.add_vector(EAST, "four", id="v2"),
        lambda: memory.fade("x"),
        lambda: memory.add_vector(EAST, "five", id="x"),
    ):
        write()
        note()
    for position, expected in seen:
        past = memory.as_of(position)
        assert look(past) == expected, position
        assert ("x" in past) == any(hit[0] == "x" for hit in expected)
    assert memory.as_of(seen[1][0]).get("x").text == "one"
    with pytest.raises(NotFound):
        memory.as_of(seen[0][0]).get("x")
    assert look(memory) == seen[-1][1], "looking back changes nothing"


def test_it_is_told_to_those_who_watch(memory: remanence.Memory) -> None:
    memory.add_vector(EAST, {"a": 1})
    memory.add_vector(EAST, [2], id="x")
    memory.fade("x")
    told = [(change.kind, change.id, change.value) for change in memory.watch(remanence.Position(0), timeout=0)]
    assert told == [("vector", "v1", {"a": 1}), ("vector", "x", [2]), ("fade", "x", None)]


def test_its_bytes_are_counted(memory: remanence.Memory) -> None:
    before = memory.stats()
    for i in range(200):
        memory.add_vector(np.random.default_rng(i).standard_normal(100), "x" * 50)
    after = memory.stats()
    grown = after.hot_bytes_by_part["given vectors"] - before.hot_bytes_by_part["given vectors"]
    assert 200 * 150 < grown < 200 * 300
    assert after.hot_bytes - before.hot_bytes >= grown
    assert after.items == 0


def test_a_snapshot_and_a_replay_find_the_same(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((5, 48))

    def told(memory: remanence.Memory) -> Any:
        return [
            [(hit.id, hit.version, hit.value, hit.score, hit.metadata) for hit in memory.search_vector(q)]
            for q in queries
        ]

    with remanence.open(path, embedder=HashingEmbedder(32)) as store:
        memory = store["a"]
        for i in range(60):
            memory.add_vector(rng.standard_normal(48), {"i": i}, id=f"id{i % 25}" if i % 2 else None, metadata={"i": i})
            if i == 30:
                store.upkeep()
        memory.fade("v1")
        live = told(memory)
    with remanence.open(path, embedder=HashingEmbedder(32)) as store:
        assert store["a"].stats().snapshot_seq > 0
        assert told(store["a"]) == live
        store["a"].add_vector(queries[0], "last")
        assert store["a"].search_vector(queries[0])[0].value == "last"
    shutil.rmtree(f"{path}.snapshots")
    remanence.reembed(path, embedder=HashingEmbedder(16))
    with remanence.open(path, embedder=HashingEmbedder(16)) as store:
        assert store["a"].search_vector(queries[0])[0].value == "last"
        store["a"].fade(store["a"].search_vector(queries[0])[0].id)
        assert told(store["a"]) == live, "of another embedder they do not depend"


def test_another_process_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = (
        "import sys, remanence\n"
        "with remanence.open(sys.argv[1]) as store:\n"
        "    store['shared'].add_vector([0, 1], 'theirs')\n"
        "    store['shared'].fade('v1')\n"
        "    print([hit.id for hit in store['shared'].search_vector([1, 1])])\n"
    )
    with remanence.open(path) as store:
        memory = store["shared"]
        memory.add_vector([1, 0], "ours")
        assert ids(memory.search_vector([1, 1])) == ["v1"]
        told = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
        assert told.stdout.strip() == "['v2']"
        assert [(hit.id, hit.value) for hit in memory.search_vector([1, 1])] == [("v2", "theirs")]
        with pytest.raises(InvalidInput, match=r"3 numbers.* have 2"):
            memory.add_vector(EAST, "of another model")


def test_several_namespaces_are_merged_by_score() -> None:
    with remanence.open(embedder=HashingEmbedder(32)) as store:
        store["a"].add_vector([1, 0], "a")
        store["b"].add_vector([1, 1], "b")
        store["b"].add_vector([0, 1], "c")
        store["c"].add("no vectors here")
        found = store.search_vector([2, 1], namespaces=["a", "b", "c"], k=2)
        assert [(hit.namespace, hit.value) for hit in found] == [("b", "b"), ("a", "a")]
        store["c"].add_vector(EAST, "of another model")
        with pytest.raises(InvalidInput, match="namespace 'c' have 3"):
            store.search_vector([2, 1], namespaces=["a", "c"])
