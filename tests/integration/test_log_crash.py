"""A killed process loses nothing that it was told is written. REMANENCE_KILLS sets how many are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.log.local import LocalLog

N_KILLS = int(os.environ.get("REMANENCE_KILLS", "6"))

# Appends until it is killed, and says after each append what is now written.
WRITER = """
import os, sys, time
from remanence.config import Config
from remanence.log import flusher
from remanence.log.local import LocalLog
path, name, durable, out = sys.argv[1], sys.argv[2], sys.argv[3] == "durable", int(sys.argv[4])
flusher.CHECKPOINT_BYTES = 256 << 10  # so that many checkpoints fall into a short life
log = LocalLog(path, config=Config(flush_interval_ms=5), clock=time.time_ns)
ns = log.namespace_number("shared", create=True)
for i in range(1_000_000):
    body = b"%s says number %d, again and again" % (name.encode(), i)
    with log.write(ns) as tx:
        seq = tx.append(body * (1 + i % 7 * 20), at_ns=i).seq
    if durable:
        log.flush()
    os.write(out, b"%d %d\\n" % (seq, i))
"""


class Writer:
    """One process that writes, and what it said was written."""

    def __init__(self, path: Path, name: str, mode: str) -> None:
        self.name = name
        self.acknowledged = 0
        self.said: dict[int, int] = {}
        self._rest = b""
        self._read, write = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name, mode, str(write)], pass_fds=[write]
        )
        os.close(write)

    def wait_for_first(self) -> None:
        self._take(os.read(self._read, 1 << 16))
        assert self.acknowledged, "the writer ended before its first append"

    def kill(self) -> dict[int, int]:
        """Kill it, and return what it acknowledged: number in the log -> number of its own."""
        self.process.kill()
        self.process.wait(timeout=30)
        while block := os.read(self._read, 1 << 16):
            self._take(block)
        os.close(self._read)
        return self.said

    def _take(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            seq, own = line.split()
            self.said[int(seq)] = int(own)
        self.acknowledged += len(lines)


def check(path: Path, said: dict[int, tuple[str, int]]) -> int:
    """Open the store, read all of it, and compare; return the number of records."""
    log = LocalLog(str(path), config=Config(), clock=time.time_ns)
    ns = log.namespace_number("shared", create=False)
    assert ns is not None
    found = {record.seq: record.body for record in log.read(ns)}
    assert sorted(found) == list(range(1, len(found) + 1))
    for seq, (name, own) in said.items():
        assert found[seq].startswith(f"{name} says number {own},".encode()), f"record {seq} was lost"
    assert log.head(ns)[0] >= len(found)  # another writer may go on
    log.tree_head(ns)
    log.close()
    return len(found)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and inherited pipes")
@pytest.mark.parametrize("mode", ["default", "durable"])
def test_a_killed_writer_loses_nothing(tmp_path: Path, mode: str) -> None:
    rng = random.Random(mode)
    path = tmp_path / "m.db"
    said: dict[int, tuple[str, int]] = {}
    for life in range(max(1, N_KILLS // 2)):
        writer = Writer(path, f"life{life}", mode)
        writer.wait_for_first()
        time.sleep(rng.uniform(0, 0.15))
        said |= {seq: (writer.name, own) for seq, own in writer.kill().items()}
        assert check(path, said) >= len(said)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and inherited pipes")
def test_one_of_two_writers_is_killed(tmp_path: Path) -> None:
    rng = random.Random("two")
    path = tmp_path / "m.db"
    said: dict[int, tuple[str, int]] = {}
    survivor = Writer(path, "survivor", "default")
    try:
        survivor.wait_for_first()
        for life in range(max(1, N_KILLS // 3)):
            writer = Writer(path, f"life{life}", "default")
            writer.wait_for_first()
            time.sleep(rng.uniform(0, 0.15))
            said |= {seq: (writer.name, own) for seq, own in writer.kill().items()}
            assert survivor.process.poll() is None
            check(path, said)
    finally:
        said |= {seq: (survivor.name, own) for seq, own in survivor.kill().items()}
    assert check(path, said) >= len(said)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL and inherited pipes")
def test_a_killed_creator_leaves_a_store_or_an_empty_file(tmp_path: Path) -> None:
    rng = random.Random("creation")
    code = """
import sys, time
from remanence.config import Config
from remanence.log.local import LocalLog
sys.stdout.write("ready"); sys.stdout.flush()
LocalLog(sys.argv[1], config=Config(), clock=time.time_ns)
time.sleep(30)
"""
    for life in range(max(1, N_KILLS // 3)):
        path = tmp_path / f"{life}.db"
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.read(5) == b"ready"
            time.sleep(rng.uniform(0, 0.012))
            process.kill()
        log = LocalLog(str(path), config=Config(), clock=time.time_ns)
        ns = log.namespace_number("a", create=True)
        assert ns is not None
        with log.write(ns) as tx:
            tx.append(b"x", at_ns=1)
        log.close()


def test_processes_may_create_a_store_at_once(tmp_path: Path) -> None:
    code = """
import sys, time
from remanence.config import Config
from remanence.log.local import LocalLog
sys.stdin.read(1)
log = LocalLog(sys.argv[1], config=Config(), clock=time.time_ns)
with log.write(log.namespace_number("shared", create=True)) as tx:
    tx.append(sys.argv[2].encode(), at_ns=1)
log.close()
"""
    for round_ in range(max(1, N_KILLS // 3)):
        path = tmp_path / f"{round_}.db"
        if round_ % 2:
            path.touch()
        processes = [
            subprocess.Popen([sys.executable, "-c", code, str(path), str(i)], stdin=subprocess.PIPE) for i in range(3)
        ]
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
        log = LocalLog(str(path), config=Config(), clock=time.time_ns)
        assert sorted(record.body for record in log.read(1)) == [b"0", b"1", b"2"]
        log.close()
