"""The past of a namespace, as its users rely on it: what was known at a moment, and nothing more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.errors import Conflict, InvalidInput, NotFound
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import datetime_of

NS = 10**9
START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def memory(clock: FakeClock) -> Iterator[remanence.Memory]:
    with remanence.open(embedder=HashingEmbedder(64), clock=clock) as store:
        yield store["test"]


def texts(found: Any) -> list[str]:
    return [each.text for each in found]


def test_a_memory_counts_from_when_it_was_written(memory: remanence.Memory, clock: FakeClock) -> None:
    memory.add("The red car is in the garage")
    clock.advance(seconds=3600)
    memory.add("The red car was sold", at="2023-06-01")
    assert texts(memory.as_of(START).items()) == ["The red car is in the garage"]
    assert texts(memory.as_of(START + timedelta(minutes=59)).search("red car sold")) == ["The red car is in the garage"]
    assert len(memory.as_of(START + timedelta(hours=1))) == 2
    assert len(memory.as_of(START - timedelta(seconds=1))) == 0
    assert memory.as_of("2023-12-31").context("red car", threshold=0).text == ""
    assert len(memory.as_of(recorded="2024-01-01T00:30:00")) == 1


def test_versions_fades_and_pins_are_as_they_were(memory: remanence.Memory) -> None:
    first = memory.add("We live in Rome", id="home").position
    second = memory.add("We live in Porto", id="home").position
    pinned = memory.pin("home").position
    faded = memory.fade("home").position
    memory.add("We live in Lisbon", id="home")
    assert [texts(memory.as_of(p).items()) for p in (first, second, faded)] == [
        ["We live in Rome"],
        ["We live in Porto"],
        [],
    ]
    assert memory.as_of(first).get("home").version == 1
    assert texts(memory.as_of(second).history("home")) == ["We live in Rome", "We live in Porto"]
    assert (memory.as_of(second).get("home").pinned, memory.as_of(pinned).get("home").pinned) == (False, True)
    assert memory.as_of(faded).get("home").fidelity == 0
    assert ("home" in memory.as_of(pinned), "home" in memory.as_of(faded)) == (True, False)
    assert texts(memory.items()) == ["We live in Lisbon"]


def test_a_context_can_be_asked_for_again(memory: remanence.Memory) -> None:
    for n in range(50):
        memory.add(f"The blue bicycle number {n} went to Ana", session=f"s{n % 7}")
    then = memory.context("blue bicycle Ana", budget_tokens=200)
    for n in range(50, 200):
        memory.add(f"The blue bicycle number {n} went to Bob and Ana", session=f"s{n % 7}", speaker="Ana")
    again = memory.as_of(then.position).context("blue bicycle Ana", budget_tokens=200)
    assert (again.text, again.position, again.confidence) == (then.text, then.position, pytest.approx(then.confidence))
    assert memory.context("blue bicycle Ana", budget_tokens=200).text != then.text


def test_keys_and_streams_are_as_they_were(memory: remanence.Memory, clock: FakeClock) -> None:
    memory.kv.put("code", 1, ttl=60)
    memory.stream("s").append("a")
    clock.advance(seconds=30)
    memory.kv["code"] = 2
    memory.kv["other"] = [1]
    memory.stream("s").append("b")
    clock.advance(seconds=60)
    del memory.kv["code"]

    def seen(seconds: float) -> tuple[dict[str, Any], list[Any]]:
        past = memory.as_of(START + timedelta(seconds=seconds))
        return dict(past.kv), [entry.value for entry in past.stream("s")]

    assert seen(-1) == ({}, [])
    assert seen(29) == ({"code": 1}, ["a"])
    assert seen(31) == ({"code": 2, "other": [1]}, ["a", "b"])
    assert seen(91) == ({"other": [1]}, ["a", "b"])
    past = memory.as_of(START + timedelta(seconds=29))
    assert past.kv.entry("code").version == 1
    assert past.streams() == ["s"]
    memory.kv["late"] = 1
    assert "late" not in past.kv


def test_a_time_to_live_ends_in_the_past_too(memory: remanence.Memory, clock: FakeClock) -> None:
    memory.kv.put("code", 1, ttl=10)
    clock.advance(seconds=100)
    memory.add("later")
    assert "code" in memory.as_of(START + timedelta(seconds=9)).kv
    assert "code" not in memory.as_of(START + timedelta(seconds=11)).kv


def test_the_past_has_nothing_that_writes(memory: remanence.Memory) -> None:
    memory.kv["a"] = 1
    past: Any = memory.as_of(memory.head())
    assert not any(hasattr(past, name) for name in ("add", "add_turn", "fade", "pin", "used", "reinforce"))
    assert not hasattr(past.kv, "put")
    assert not hasattr(past.stream("s"), "append")
    with pytest.raises(TypeError):
        past.kv["a"] = 2
    assert "2" not in repr(past)


def test_what_is_no_moment_is_refused(memory: remanence.Memory) -> None:
    memory.add("one")
    head = memory.head()
    for wrong in (None, 3, "soon", object()):
        with pytest.raises(InvalidInput):
            memory.as_of(wrong)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidInput):
        memory.as_of(head, recorded=head)
    with pytest.raises(NotFound):
        memory.as_of(remanence.Position(2))
    with pytest.raises(NotFound):
        remanence.open()["empty"].as_of(remanence.Position(1))
    with pytest.raises(Conflict, match="another store"):
        memory.as_of(remanence.Position(1, "ab" * 32))
    assert len(memory.as_of(remanence.Position(0))) == 0
    assert len(memory.as_of(remanence.Position(1))) == 1


def test_random_moments_agree_with_what_was_seen_then(tmp_path: Path) -> None:
    """Across reopening, and through another process's eyes: a store that never saw the moment live."""
    rng, path, clock = random.Random(5), tmp_path / "memory.db", FakeClock(step_ns=NS)
    seen: list[tuple[remanence.Position, list[str], dict[str, Any]]] = []
    with remanence.open(path, embedder=HashingEmbedder(32), clock=clock) as store:
        memory = store["a"]
        for n in range(300):
            match rng.randrange(6):
                case 0:
                    memory.kv[f"k{rng.randrange(5)}"] = n
                case 1 if len(memory):
                    memory.fade(rng.choice(texts_to_ids(memory)))
                case 2:
                    memory.add(f"word{n}", id=f"id{rng.randrange(9)}")
                case _:
                    memory.add(f"word{n} and word{n % 7}", at=datetime_of(rng.randrange(10**18)))
            seen.append((memory.head(), texts(memory.items()), dict(memory.kv)))
    with remanence.open(path, embedder=HashingEmbedder(32), clock=clock) as store:
        for position, items, values in rng.sample(seen, 60):
            past = store["a"].as_of(position)
            assert (texts(past.items()), dict(past.kv), past.head()) == (items, values, position)


def texts_to_ids(memory: remanence.Memory) -> list[str]:
    return [item.id for item in memory.items()]


def test_a_store_is_read_as_of_a_time_across_namespaces(clock: FakeClock) -> None:
    with remanence.open(embedder=HashingEmbedder(64), clock=clock) as store:
        store["ana"].add("The red car is in the garage")
        clock.advance(seconds=60)
        store["bob"].add("The red car was sold to Cleo")
        clock.advance(seconds=60)
        store["ana"].add("The red car came back")
        both = ["ana", "bob"]
        past = store.as_of(START + timedelta(seconds=90))
        assert {hit.text for hit in past.search("red car", namespaces=both)} == {
            "The red car is in the garage",
            "The red car was sold to Cleo",
        }
        early = store.as_of(START + timedelta(seconds=30))
        assert texts(early.search("red car", namespaces=both)) == ["The red car is in the garage"]
        assert len(early["bob"]) == 0
        assert "came back" in store.context("red car", namespaces=both).text
        assert "came back" not in past.context("red car", namespaces=both).text
        with pytest.raises(InvalidInput, match="one namespace"):
            store.as_of(store["ana"].head())  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidInput):
            store.as_of("soon")
