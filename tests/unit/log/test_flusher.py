from __future__ import annotations

import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.log.flusher import Flusher
from remanence.log.local import LocalLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    log = LocalLog(str(tmp_path / "m.db"), config=Config(flush_interval_ms=1), clock=lambda: 1)
    assert log.namespace_number("a", create=True) == 1
    yield log
    log.close()


def append(log: LocalLog, body: bytes = b"x") -> None:
    with log.write(1) as tx:
        tx.append(body, at_ns=1)


def flusher_of(log: LocalLog) -> Flusher:
    flusher = log._database._flusher
    assert flusher is not None
    return flusher


def starts(log: LocalLog) -> int:
    """How often the write-ahead log started anew, as its header counts it."""
    return int.from_bytes(Path(f"{log.path}-wal").read_bytes()[12:16], "big")


def test_the_write_ahead_log_cannot_start_anew_during_a_checkpoint(log: LocalLog) -> None:
    """Or a transaction could be lost where SQLite is older than 3.51.3."""
    flusher = flusher_of(log)
    flusher.close()  # its thread must not interfere
    append(log)
    other = sqlite3.connect(str(log.path), isolation_level=None)
    seen: list[tuple[int, int]] = []

    def meanwhile(statement: str) -> None:
        if "wal_checkpoint" in statement:
            # All that SQLite's fault needs: another one copies all of the log, and then a commit comes.
            other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            before = starts(log)
            append(log)
            seen.append((before, starts(log)))

    flusher._copy("BEGIN")
    flusher._connections[1].set_trace_callback(meanwhile)
    append(log)
    flusher._copy("BEGIN")
    flusher._connections[1].set_trace_callback(None)
    assert len(seen) == 1
    assert seen[0][0] == seen[0][1]
    other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    append(log)
    assert starts(log) == seen[0][1] + 1  # without a checkpoint in the way it does
    other.close()
    while flusher._connections:
        flusher._connections.pop().close()
    assert [record.seq for record in log.read(1)] == [1, 2, 3, 4]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts wake-ups in /proc")
def test_it_sleeps_while_there_is_nothing_to_do(log: LocalLog) -> None:
    append(log)
    assert log.barrier()(10.0)
    thread = flusher_of(log)._thread
    assert thread is not None
    status = Path(f"/proc/self/task/{thread.native_id}/status")

    def wake_ups() -> int:
        lines = [line for line in status.read_text().splitlines() if line.startswith("voluntary_ctxt")]
        return int(lines[0].split()[1])

    before = -1
    for _ in range(100):  # until the last sync's thread has gone back to sleep
        if wake_ups() == before:
            break
        before = wake_ups()
        time.sleep(0.02)
    time.sleep(0.2)  # 200 of its intervals
    assert wake_ups() == before


def test_no_thread_without_a_write(log: LocalLog) -> None:
    reader = LocalLog(log.path, config=Config(), clock=lambda: 1)
    reader.head(1)
    reader.changed()
    assert flusher_of(reader)._thread is None
    reader.close()


def test_a_commit_is_forced_to_disk_without_being_asked(log: LocalLog) -> None:
    flusher = flusher_of(log)
    append(log)
    wanted = flusher._wanted
    for _ in range(500):
        if flusher._done >= wanted:
            break
        time.sleep(0.01)
    assert flusher._done >= wanted


def test_without_a_thread_whoever_waits_does_the_work(log: LocalLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the end of a program, when no thread can be started any more."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    reopened = LocalLog(log.path, config=Config(), clock=lambda: 1)
    append(reopened)
    assert reopened.barrier()(10.0)
    append(reopened)
    reopened.close()
    assert [record.seq for record in log.read(1)] == [1, 2]
