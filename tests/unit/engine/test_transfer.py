"""What an import passes over, and what an export says when it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import remanence
from remanence.errors import Damaged, StorageError
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
