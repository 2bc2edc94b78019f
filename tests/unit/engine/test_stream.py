"""Streams of JSON values, as their users rely on them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.errors import InvalidInput
from remanence.testing import FakeClock, HashingEmbedder

START = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def memory() -> Iterator[remanence.Memory]:
    with remanence.open(embedder=HashingEmbedder(32), clock=FakeClock(step_ns=10**9)) as store:
        yield store["test"]


def values(entries: Any) -> list[Any]:
    return [entry.value for entry in entries]


def test_entries_come_back_in_order(memory: remanence.Memory) -> None:
    stream = memory.stream("session:1")
    for n in range(600):
        assert stream.append({"n": n}).id == f"session:1/{n + 1}"
    assert values(stream.read()) == [{"n": n} for n in range(600)]
    assert values(stream) == values(stream.read())
    assert len(stream) == 600


def test_a_range_is_by_number(memory: remanence.Memory) -> None:
    stream = memory.stream("s")
    for n in range(1, 10):
        stream.append(n)
    assert values(stream.read(since=6)) == [7, 8, 9]
    assert values(stream.read(since=2, until=4)) == [3, 4]
    assert values(stream.read(since=2, limit=3)) == [3, 4, 5]
    assert values(stream.read(limit=0)) == values(stream.read(since=9)) == values(stream.read(5, 5)) == []
    assert values(stream.read(until=99)) == list(range(1, 10))
    first = next(stream.read(limit=1))
    assert values(stream.read(since=first.number)) == list(range(2, 10)), "numbers go back in as they came out"


def test_a_range_is_by_time(memory: remanence.Memory) -> None:
    stream = memory.stream("s")
    for hour in range(5):
        stream.append(hour, at=START + timedelta(hours=hour))
    assert values(stream.read(since=START + timedelta(hours=2))) == [2, 3, 4]
    assert values(stream.read(until="2024-01-01T02:00:00")) == [0, 1]
    assert values(stream.read("2024-01-01T01:00:00", START + timedelta(hours=3))) == [1, 2]
    assert next(stream.read(1)).at == START + timedelta(hours=1)


def test_a_late_entry_does_not_hide_others_from_a_range_by_time(memory: remanence.Memory) -> None:
    stream = memory.stream("s")
    for hour in (0, 3, 1, 4):
        stream.append(hour, at=START + timedelta(hours=hour))
    assert values(stream.read(since=START + timedelta(hours=2))) == [3, 1, 4], "entries keep their order"
    assert values(stream.read(until=START + timedelta(hours=2))) == [0]


def test_streams_lie_between_other_records(memory: remanence.Memory) -> None:
    a, b = memory.stream("a"), memory.stream("b")
    for n in range(300):
        a.append(n)
        if n % 3 == 0:
            memory.add(f"word{n}")
            b.append(-n)
        memory.kv["n"] = n
    assert values(a) == list(range(300))
    assert values(b.read(since=98)) == [-294, -297]
    assert memory.streams() == ["a", "b"]
    assert len(memory.stream("c")) == 0
    assert values(memory.stream("c")) == []


def test_a_reader_sees_the_stream_as_it_was_when_asked(memory: remanence.Memory) -> None:
    stream = memory.stream("s")
    stream.append(1)
    entries = stream.read()
    stream.append(2)
    assert values(entries) == [1]


def test_following_gives_what_comes(memory: remanence.Memory) -> None:
    stream = memory.stream("s")
    stream.append("before")
    new, all_of_it = stream.follow(timeout=5), stream.follow(0, timeout=5)
    writer = threading.Thread(target=lambda: [stream.append(n) for n in range(3)])
    writer.start()
    assert [next(new).value for _ in range(3)] == [0, 1, 2]
    assert [next(all_of_it).value for _ in range(4)] == ["before", 0, 1, 2]
    writer.join()
    assert values(stream.follow(timeout=0)) == []
    assert values(stream.follow(3, timeout=0)) == [2]


def test_following_another_process(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = (
        "import sys, remanence\n"
        "with remanence.open(sys.argv[1]) as store:\n"
        "    for n in range(5): store['shared'].stream('s').append(n)\n"
    )
    with remanence.open(path) as store:
        following = store["shared"].stream("s").follow(timeout=30)
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
        assert [next(following).value for _ in range(5)] == [0, 1, 2, 3, 4]
        assert writer.wait(60) == 0


def test_streams_outlive_the_store(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    for round in range(3):
        with remanence.open(path, embedder=HashingEmbedder(32)) as store:
            stream = store["a"].stream("s")
            assert values(stream) == list(range(round))
            stream.append(round)
            if round == 1:
                store.upkeep()
            assert store["a"].stats().hot_bytes_by_part["streams"] > 100


@pytest.mark.parametrize(
    "wrong", [{"since": -1}, {"since": 1.5}, {"until": -1}, {"limit": -1}, {"since": "soon"}, {"until": True}], ids=repr
)
def test_bad_ranges_are_refused(memory: remanence.Memory, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        memory.stream("s").read(**wrong)


def test_bad_names_and_values_are_refused(memory: remanence.Memory) -> None:
    for name in ("", "s" * 513, None):
        with pytest.raises(InvalidInput):
            memory.stream(name)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidInput):
        memory.stream("s").append({1: 2})
    with pytest.raises(InvalidInput):
        memory.stream("s").follow(timeout=-1)
    assert len(memory.stream("s")) == 0
