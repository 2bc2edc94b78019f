"""Following all that happens in a namespace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import remanence
from remanence.errors import Conflict, InvalidInput, NotFound
from remanence.testing import FakeClock, HashingEmbedder


def test_everything_is_told_in_order() -> None:
    with remanence.open(embedder=HashingEmbedder(32), clock=FakeClock(step_ns=1)) as store:
        memory = store["a"]
        start = memory.head()
        first = memory.add("My dog's name is Potola")
        memory.add("We live in Rome", id="home")
        memory.pin("home")
        memory.unpin("home")
        memory.used("t1", ["home", "m1"])
        memory.add("We live in Porto", id="home")
        memory.fade("home")
        memory.kv["city"] = {"name": "Porto"}
        del memory.kv["city"]
        memory.stream("calls").append([1, 2])
        store["b"].add("elsewhere")
        told = [(change.kind, change.id, change.value) for change in memory.watch(start, timeout=0)]
        assert told == [
            ("add", "m1", "My dog's name is Potola"),
            ("add", "home", "We live in Rome"),
            ("pin", "home", None),
            ("unpin", "home", None),
            ("use", "home", None),
            ("add", "home", "We live in Porto"),
            ("fade", "home", None),
            ("put", "city", {"name": "Porto"}),
            ("delete", "city", None),
            ("append", "calls", [1, 2]),
        ]
        after = list(memory.watch(first.position, timeout=0))
        assert [change.seq for change in after] == list(range(2, 11))
        assert after[3].ids == ("home", "m1")
        assert list(memory.watch(timeout=0)) == []


def test_another_process_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = (
        "import sys, remanence\n"
        "with remanence.open(sys.argv[1]) as store:\n"
        "    store['shared'].add('one')\n"
        "    store['shared'].kv['two'] = 2\n"
    )
    with remanence.open(path) as store:
        store["shared"].add("before")
        watching = store["shared"].watch(timeout=30)
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
        assert [(change.kind, change.value) for change in (next(watching), next(watching))] == [
            ("add", "one"),
            ("put", 2),
        ]
        assert writer.wait(60) == 0


def test_what_is_no_position_is_refused() -> None:
    memory = remanence.open(embedder=HashingEmbedder(32))["a"]
    memory.add("one")
    with pytest.raises(InvalidInput):
        memory.watch(3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidInput):
        memory.watch(timeout=-1)
    with pytest.raises(NotFound):
        memory.watch(remanence.Position(5))
    with pytest.raises(Conflict):
        memory.watch(remanence.Position(1, "00" * 32))
