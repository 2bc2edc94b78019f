"""A process killed at any moment loses nothing it acknowledged and leaves nothing half done.

REMANENCE_KILLS sets how many rounds there are; the full proof takes 200.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.testing import HashingEmbedder

N_KILLS = int(os.environ.get("REMANENCE_KILLS", "6"))
ANALYZER = EnglishAnalyzer()

# Writes through the public API until it is killed; says what was acknowledged after each call returns.
WRITER = """
import os, sys
import remanence
from remanence.testing import HashingEmbedder

path, who, durable = sys.argv[1], sys.argv[2], sys.argv[3] == "durable"
config = remanence.Config(snapshot_every=20, flush_interval_ms=5)
store = remanence.open(path, config=config, embedder=HashingEmbedder(32))
memory = store["shared"]
os.write(1, b"ready\\n")
for i in range(1_000_000):
    if i % 3 == 0:
        receipt = memory.add(f"{who} said number {i}, a red dog {'and so on ' * (i % 40)}", durable=durable)
    elif i % 3 == 1:
        receipt = memory.add_turn(user=f"{who} asked {i}", assistant=f"{who} answered {i}", durable=durable)
    else:
        receipt = memory.add(f"{who} is in state {i}", id=f"{who}/state", metadata={"i": i}, durable=durable)
    os.write(1, f"{i} {receipt.position.seq} {' '.join(receipt.ids)}\\n".encode())
"""


class Writer:
    """One process that writes, and what it said was written."""

    def __init__(self, path: Path, who: str, durable: bool) -> None:
        self.who = who
        self.acknowledged: list[tuple[int, int, list[str]]] = []
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), who, "durable" if durable else "not"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line == b"ready\n":
                self.ready.set()
            elif line.endswith(b"\n"):
                i, seq, *ids = line.decode().split()
                self.acknowledged.append((int(i), int(seq), ids))
        self.ready.set()

    def wait_for(self, n: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.acknowledged) < n:
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read().decode()
            assert time.monotonic() < deadline, "the writer is stuck"
            time.sleep(0.001)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)
        self.reader.join(60)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


def opened(path: Path) -> remanence.Store:
    return remanence.open(path, embedder=HashingEmbedder(32), analyzer=ANALYZER)


def everything(memory: remanence.Memory) -> list[remanence.Item]:
    """Every version of every memory, in log order."""
    found = {item.seq: item for each in memory.items() for item in memory.history(each.id)}
    return [found[seq] for seq in sorted(found)]


def check(path: Path, writers: list[Writer]) -> int:
    """Reopen after a kill and hold it to its word; returns the length of the log."""
    with opened(path) as store:
        memory = store["shared"]
        items = everything(memory)
        head = memory.head().seq
        assert [item.seq for item in items] == list(range(1, head + 1)), "a number is missing or used twice"
        by_seq = {item.seq: item for item in items}
        for writer in writers:
            for i, seq, ids in writer.acknowledged:
                last = by_seq[seq]
                assert last.id == ids[-1]
                assert re.match(rf"{writer.who} (said number|answered|is in state) {i}\b", last.text)
                if len(ids) == 2:
                    assert by_seq[seq - 1].id == ids[0]
            mine = [item for item in items if item.text.startswith(f"{writer.who} ")]
            order = [int(re.findall(r"\d+", item.text.removeprefix(writer.who))[0]) for item in mine]
            assert order == sorted(order)
            asked = [item.seq for item in mine if " asked " in item.text]
            answered = [item.seq for item in mine if " answered " in item.text]
            assert [seq + 1 for seq in asked] == answered, "a turn has one side only"
            # Beside what was acknowledged, at most the one call that was under way is there.
            assert len(set(order)) - len(writer.acknowledged) in (0, 1)
            versions = [item.version for item in mine if item.id == f"{writer.who}/state"]
            assert versions == list(range(1, len(versions) + 1))
            for item in mine[-1:]:
                assert item.id in {hit.id for hit in memory.search(item.text, k=100)}
        receipt = memory.add("written after the kill", durable=True)
        assert receipt.position.seq == head + 1
    return head


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("durable", [False, True], ids=["default", "durable"])
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, durable: bool) -> None:
    draw = random.Random(17 + durable)
    path = tmp_path / "memory.db"
    written = 0
    for n in range(max(1, N_KILLS // 2)):
        writer = Writer(path, f"writer{n}x", durable)
        writer.ready.wait(60)
        writer.wait_for(draw.choice([0, 1, 5, 30, 90]))
        time.sleep(draw.random() * 0.02)
        writer.kill()
        head = check(path, [writer])
        assert head >= written
        written = head + 1
        if n % 3 == 2:  # and once without what snapshots there are
            for file in Path(f"{path}.snapshots").glob("*"):
                file.unlink()
            check(path, [writer])
            written += 1
    assert written > N_KILLS


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("round_", range(max(1, N_KILLS // 3)))
def test_the_other_writer_goes_on(tmp_path: Path, round_: int) -> None:
    """Two processes write to one namespace, one is killed: the other neither stops nor loses anything."""
    draw = random.Random(round_)
    path = tmp_path / "memory.db"
    killed, living = Writer(path, "killed", False), Writer(path, "living", round_ % 2 == 1)
    for writer in (killed, living):
        writer.wait_for(draw.randint(5, 40))
    time.sleep(draw.random() * 0.02)
    killed.kill()
    before = len(living.acknowledged)
    living.wait_for(before + 30)
    with opened(path) as store:  # a third one reads meanwhile
        memory = store["shared"]
        seqs = [item.seq for item in everything(memory)]
        assert len(seqs) == len(set(seqs))
        assert set(seqs) >= {seq for _, seq, _ in killed.acknowledged}
    living.wait_for(before + 60)
    living.kill()
    check(path, [killed, living])


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_while_it_opens(tmp_path: Path) -> None:
    """Wherever creation was cut off, the next process opens the store or makes it."""
    draw = random.Random(5)
    code = (
        "import sys, remanence; from remanence.testing import HashingEmbedder as H; print(flush=True); remanence.open("
    )
    code += "sys.argv[1], embedder=H(32))['shared'].add('first', id='x')"
    for n in range(max(3, N_KILLS)):
        path = tmp_path / f"{n}.db"
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(draw.random() * 0.03)
        process.kill()
        process.wait(60)
        process.stdout.close()
        with opened(path) as store:
            assert [item.text for item in store["shared"].items()] in ([], ["first"])
            store["shared"].add("second")
            assert "second" in [item.text for item in store["shared"].items()]
