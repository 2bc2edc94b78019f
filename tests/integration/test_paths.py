"""A store is found by what it is, not by how it was named: relative paths, links, and forks of a threaded process."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import pytest

import remanence
from remanence.errors import Closed


def test_going_elsewhere_after_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with remanence.open("m.db") as store:
        monkeypatch.chdir(tmp_path / "elsewhere")
        store["a"].add("My dog's name is Potola", durable=True)
        store.upkeep()
    assert os.listdir(tmp_path / "elsewhere") == []
    with remanence.open(tmp_path / "m.db") as store:
        assert len(store["a"]) == 1


def test_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.db"
    try:
        link.symlink_to(tmp_path / "real" / "m.db")
    except OSError as error:
        pytest.skip(f"this system makes no links here: {error}")
    with remanence.open(link) as store:
        store["a"].add("My dog's name is Potola", durable=True)
    with remanence.open(tmp_path / "real" / "m.db") as store:
        assert len(store["a"]) == 1


def _in_child(store: remanence.Store, answers: multiprocessing.SimpleQueue[str]) -> None:
    try:
        store["a"].search("dog")
    except Closed as error:
        answers.put(str(error))
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_fork_while_a_lock_is_held_is_told_and_does_not_hang(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    with remanence.open(tmp_path / "m.db") as store:
        store["a"].add("My dog's name is Potola")
        with store._lock, store["a"]._live().lock:  # as another thread might, at that moment
            child = context.Process(target=_in_child, args=(store, answers))
            child.start()
        child.join(20)
        hung = child.is_alive()
        if hung:
            child.kill()
            child.join()
        assert not hung
        assert "forked" in answers.get()
        assert len(store["a"]) == 1
    assert not list((tmp_path).glob("*.snapshots/*"))


def test_answers_do_not_wait_for_other_namespaces_to_be_sized(tmp_path: Path) -> None:
    """What is held is known from what each namespace last said of itself, not by asking all of them."""
    with remanence.open(tmp_path / "m.db", config=remanence.Config(loaded_bytes=200_000)) as store:
        for i in range(60):
            store[f"user/{i}"].add(f"the dog of user {i} is called Potola{i}")
        assert store._held <= 200_000 + 20_000
        for i in range(60):
            assert store[f"user/{i}"].search("what is the dog called?")[0].text.endswith(f"Potola{i}")
        assert store._held == sum(store._sizes.values())
