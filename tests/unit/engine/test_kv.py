"""Keys and their JSON values, as their users rely on them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.engine.kv import Kv
from remanence.errors import Conflict, InvalidInput, NoSuchKey, NotFound
from remanence.testing import FakeClock, HashingEmbedder

NS = 10**9


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def kv(clock: FakeClock) -> Kv:
    return remanence.open(embedder=HashingEmbedder(32), clock=clock)["test"].kv


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**63), 2**63 - 1, 1.5, "", "Łódź 🙂", [], {}, {"a": [1, {"b": None}]}, [[["deep"]]]],
    ids=repr,
)
def test_what_was_put_is_read_back(kv: Kv, value: Any) -> None:
    kv["key"] = value
    assert kv["key"] == value
    assert type(kv["key"]) is type(value)


def test_it_is_a_mutable_mapping(kv: Kv) -> None:
    kv.update(city="Porto", age=4)
    kv["city"] = "Lisbon"
    assert dict(kv) == {"city": "Lisbon", "age": 4}
    assert list(kv) == ["city", "age"]
    assert (len(kv), "age" in kv, "name" in kv, 3 in kv) == (2, True, False, False)
    assert kv.get("name", "nobody") == "nobody"
    assert kv.setdefault("name", "Ana") == "Ana"
    assert kv.pop("age") == 4
    kv.clear()
    assert not kv


def test_a_value_is_a_copy(kv: Kv) -> None:
    given = {"list": [1]}
    kv["key"] = given
    given["list"].append(2)
    kv["key"]["list"].append(3)
    assert kv["key"] == {"list": [1]}


def test_a_missing_key_is_a_key_error_and_not_found(kv: Kv) -> None:
    for raising in (lambda: kv["dog"], lambda: kv.delete("dog"), lambda: kv.entry("dog")):
        with pytest.raises(NoSuchKey, match=r"^no key 'dog' in namespace 'test'$") as raised:
            raising()
        assert isinstance(raised.value, KeyError)
        assert isinstance(raised.value, NotFound)


def test_a_version_guards_what_was_read(kv: Kv) -> None:
    assert kv.put("plan", "a", if_version=0).version == 1
    with pytest.raises(Conflict, match="version 1, not 0"):
        kv.put("plan", "b", if_version=0)
    read = kv.entry("plan")
    assert kv.put("plan", "b", if_version=read.version).version == 2
    with pytest.raises(Conflict, match="version 2, not 1"):
        kv.put("plan", "c", if_version=read.version)
    with pytest.raises(Conflict):
        kv.delete("plan", if_version=1)
    assert kv["plan"] == "b"
    kv.delete("plan", if_version=2)
    with pytest.raises(Conflict, match="version 0, not 2"):
        kv.put("plan", "d", if_version=2)
    assert kv.put("plan", "d", if_version=0).version == 4, "a deletion is a version: what was read before it is stale"


def test_a_time_to_live_ends(kv: Kv, clock: FakeClock) -> None:
    kv.put("code", 1234, ttl=60)
    assert kv.entry("code").expires_ns == clock() + 60 * NS
    clock.advance(seconds=59.9)
    assert kv["code"] == 1234
    clock.advance(seconds=0.1)
    assert "code" not in kv
    assert (len(kv), list(kv), kv.get("code")) == (0, [], None)
    with pytest.raises(KeyError):
        del kv["code"]
    assert kv.put("code", 5678, if_version=0).version == 2
    assert kv.entry("code").expires_ns is None


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 2**63, b"bytes", {1: 2}, {"a": object()}, "\ud800", {"\ud800": 1}, {1, 2}],
    ids=repr,
)
def test_what_is_no_json_is_refused(kv: Kv, value: Any) -> None:
    with pytest.raises(InvalidInput, match="value"):
        kv["key"] = value
    assert "key" not in kv


def test_bad_arguments_are_refused(kv: Kv) -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    bad: list[dict[str, Any]] = [
        {"key": ""}, {"key": 3}, {"key": "k" * 513}, {"ttl": 0}, {"ttl": -1}, {"ttl": "1"}, {"ttl": float("nan")},
        {"if_version": -1}, {"if_version": True}, {"value": nested}, {"value": "x" * (1 << 20)},
    ]  # fmt: skip
    for wrong in bad:
        with pytest.raises(InvalidInput):
            kv.put(**({"key": "k", "value": 1} | wrong))
    assert not kv


def test_they_do_not_mix_with_memories(kv: Kv) -> None:
    store = remanence.open(embedder=HashingEmbedder(32))
    memory = store["a"]
    memory.add("My dog's name is Potola")
    memory.kv["dog"] = "Potola"
    memory.add("The red car")
    assert [item.text for item in memory.items()] == ["My dog's name is Potola", "The red car"]
    assert (len(memory), len(store["b"].kv), memory.get("m3").text) == (2, 0, "The red car")
    assert store.namespaces() == ["a"]


def test_another_process_sees_and_guards_them(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = (
        "import sys, remanence\n"
        "kv = remanence.open(sys.argv[1])['shared'].kv\n"
        "kv.put('count', kv['count'] + 1, if_version=1)\n"
    )
    with remanence.open(path) as store:
        kv = store["shared"].kv
        kv["count"] = 1
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
        assert kv["count"] == 2
        with pytest.raises(Conflict):
            kv.put("count", 3, if_version=1)


def test_they_outlive_the_store_with_and_without_a_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with remanence.open(path, embedder=HashingEmbedder(32)) as store:
        kv = store["a"].kv
        kv.update(one=1, two=[2])
        del kv["one"]
        store.upkeep()
        kv["three"] = {"3": 3}
    with remanence.open(path, embedder=HashingEmbedder(32)) as store:
        assert dict(store["a"].kv) == {"two": [2], "three": {"3": 3}}
        assert store["a"].kv.put("one", 0).version == 3
        assert store["a"].stats().hot_bytes_by_part["keys"] > 100
