from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.core import merkle
from remanence.errors import Busy, Closed, Damaged, InvalidInput, NotFound, StorageError
from remanence.log.local import LocalLog

Open = Callable[..., LocalLog]


class Clock:
    def __init__(self, now: int = 1_000) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture(params=["file", "ram"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    return str(tmp_path / "memory.db") if request.param == "file" else None


@pytest.fixture
def open_log() -> Iterator[Open]:
    logs: list[LocalLog] = []

    def open_(path: str | Path | None, clock: Callable[[], int] | None = None, **settings: int) -> LocalLog:
        log = LocalLog(None if path is None else str(path), config=Config(**settings), clock=clock or Clock())
        logs.append(log)
        return log

    yield open_
    for log in logs:
        log.close()


@pytest.fixture
def log(where: str | None, open_log: Open) -> LocalLog:
    return open_log(where)


@pytest.fixture
def ns(log: LocalLog) -> int:
    number = log.namespace_number("acme/ana", create=True)
    assert number is not None
    return number


def append(log: LocalLog, ns: int, *bodies: bytes) -> list[bytes]:
    with log.write(ns) as tx:
        return [tx.append(body, at_ns=5).leaf for body in bodies]


def raw(log: LocalLog, sql: str, *values: object) -> None:
    log._database.run(sql, *values)


# --- names and small values ---------------------------------------------------------------------------


def test_meta_is_kept_and_replaced(log: LocalLog) -> None:
    assert log.get_meta("embedder") is None
    log.set_meta("embedder", "static-1")
    log.set_meta("embedder", "static-2")
    assert log.get_meta("embedder") == "static-2"


def test_a_namespace_keeps_its_number(log: LocalLog) -> None:
    assert log.namespace_number("a", create=False) is None
    number = log.namespace_number("a", create=True)
    assert log.namespace_number("a", create=False) == number
    assert log.namespace_number("b", create=True) != number


def test_only_namespaces_with_a_record_are_listed(log: LocalLog) -> None:
    for name in ("b", "acme/b", "acme/a", "acme/é", "acme/empty", "acme_x"):
        number = log.namespace_number(name, create=True)
        assert number is not None
        if name != "acme/empty":
            append(log, number, b"x")
    assert log.namespaces("acme/") == ["acme/a", "acme/b", "acme/é"]
    assert log.namespaces() == ["acme/a", "acme/b", "acme/é", "acme_x", "b"]
    assert log.namespaces("%") == []


# --- writing and reading ------------------------------------------------------------------------------


def test_records_come_back_in_order(log: LocalLog, ns: int) -> None:
    append(log, ns, b"one", b"two")
    append(log, ns, b"three")
    records = list(log.read(ns))
    assert [(r.seq, r.body, r.at_ns, r.kind) for r in records] == [
        (1, b"one", 5, 1),
        (2, b"two", 5, 1),
        (3, b"three", 5, 1),
    ]
    assert log.get(ns, 2) == records[1]
    assert [r.seq for r in log.read(ns, after=1, until=2)] == [2]
    assert list(log.read(ns, after=3)) == []
    assert list(log.read(ns + 1)) == []


def test_reading_passes_over_batches(log: LocalLog, ns: int) -> None:
    append(log, ns, *(str(i).encode() for i in range(600)))
    assert [r.body for r in log.read(ns)] == [str(i).encode() for i in range(600)]


def test_a_reader_sees_what_is_written_while_it_reads(log: LocalLog, ns: int) -> None:
    append(log, ns, *[b"x"] * 256)
    reader = log.read(ns)
    assert next(reader).seq == 1
    append(log, ns, b"late")
    assert [r.seq for r in reader][-1] == 257


def test_recorded_never_goes_back(open_log: Open, where: str | None) -> None:
    clock = Clock(100)
    log = open_log(where, clock)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    clock.now = 50
    append(log, ns, b"x")
    clock.now = 101
    append(log, ns, b"x")
    assert [r.recorded_ns for r in log.read(ns)] == [100, 100, 101]


def test_a_transaction_knows_where_the_log_stands(log: LocalLog, ns: int) -> None:
    with log.write(ns) as tx:
        assert (tx.seq, tx.recorded_ns) == (0, 0)
        first = tx.append(b"a", at_ns=1, kind=2)
        assert (tx.seq, tx.recorded_ns) == (1, 1_000)
    assert log.head(ns) == (1, first.leaf)
    assert log.leaf(ns, 1) == first.leaf
    with log.write(ns) as tx:
        assert (tx.seq, tx.recorded_ns) == (1, 1_000)
        assert [(r.seq, r.kind) for r in tx.read(0)] == [(1, 2)]


def test_an_empty_log(log: LocalLog, ns: int) -> None:
    assert log.head(ns) == (0, b"")
    assert log.tree_head(ns) == merkle.EMPTY
    assert log.log_bytes(ns) == 0
    assert list(log.read(ns)) == []
    with pytest.raises(NotFound):
        log.get(ns, 1)
    with pytest.raises(NotFound):
        log.leaf(ns, 0)


def test_a_block_that_raises_leaves_nothing(log: LocalLog, ns: int) -> None:
    with pytest.raises(RuntimeError, match="mine"), log.write(ns) as tx:  # noqa: PT012
        tx.append(b"lost", at_ns=1)
        raise RuntimeError("mine")
    assert log.head(ns)[0] == 0
    append(log, ns, b"kept")
    assert [r.body for r in log.read(ns)] == [b"kept"]


def test_an_append_that_failed_takes_its_transaction_with_it(log: LocalLog, ns: int) -> None:
    raw(log, "INSERT INTO key VALUES (?,2,x'00')", ns)  # the second append cannot store its key
    with pytest.raises(StorageError, match="none of it was kept"), log.write(ns) as tx:  # noqa: PT012
        tx.append(b"one", at_ns=1)
        with pytest.raises(StorageError):
            tx.append(b"two", at_ns=1)
    assert log.head(ns)[0] == 0


@pytest.mark.parametrize(("at_ns", "kind"), [(1 << 63, 1), (-(1 << 63) - 1, 1), (0, -1), (0, 1 << 16)])
def test_numbers_that_do_not_fit_are_refused(log: LocalLog, ns: int, at_ns: int, kind: int) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"), log.write(ns) as tx:
        tx.append(b"x", at_ns=at_ns, kind=kind)
    assert log.head(ns)[0] == 0


def test_a_thread_cannot_open_two_writes(log: LocalLog, ns: int) -> None:
    with log.write(ns) as tx:
        with pytest.raises(InvalidInput, match="already writing"), log.write(ns):
            pass
        tx.append(b"kept", at_ns=1)
    assert log.head(ns)[0] == 1


def test_threads_take_turns(log: LocalLog, ns: int) -> None:
    def work() -> None:
        for _ in range(50):
            append(log, ns, b"x")
            log.head(ns)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.seq for r in log.read(ns)] == list(range(1, 201))


def test_bytes_of_the_log_grow_with_it(log: LocalLog, ns: int) -> None:
    append(log, ns, os.urandom(1000))
    first = log.log_bytes(ns)
    append(log, ns, os.urandom(1000))
    assert 1000 < first < 1300
    assert log.log_bytes(ns) == 2 * first


# --- Merkle tree --------------------------------------------------------------------------------------


def test_tree_heads_and_proofs_come_from_tiles(log: LocalLog, ns: int) -> None:
    leaves = append(log, ns, *[b"x"] * 700)
    node = merkle.nodes_of(leaves)
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 700):
        assert log.tree_head(ns, size) == merkle.tree_head(size, node)
    assert log.tree_head(ns) == merkle.tree_head(700, node)
    assert merkle.inclusion_proof(300, 700, log.nodes(ns)) == merkle.inclusion_proof(300, 700, node)
    assert merkle.consistency_proof(256, 700, log.nodes(ns)) == merkle.consistency_proof(256, 700, node)
    with pytest.raises(NotFound, match="700 records"):
        log.tree_head(ns, 701)


def test_upper_tiles_fill_and_overflow(log: LocalLog, ns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from remanence.log import tiles

    monkeypatch.setattr(tiles, "WIDTH", 4)
    monkeypatch.setattr(tiles, "_HEIGHT", 2)
    leaves = append(log, ns, *[b"x"] * 90)
    node = merkle.nodes_of(leaves)
    for size in range(1, 91):
        assert log.tree_head(ns, size) == merkle.tree_head(size, node)


def test_a_lost_tile_is_damage(log: LocalLog, ns: int) -> None:
    append(log, ns, *[b"x"] * 520)
    raw(log, "DELETE FROM tile WHERE level=1")
    with pytest.raises(Damaged, match="tile 0 of level 1"):
        log.tree_head(ns, 512)


# --- damage -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM record WHERE seq=3",
        "DELETE FROM key WHERE seq=3",
        "UPDATE record SET seq=9 WHERE seq=3",
        "UPDATE record SET ns=99 WHERE seq=3",
        "UPDATE record SET body=zeroblob(40) WHERE seq=3",
        "UPDATE record SET body='text' WHERE seq=3",
        "UPDATE record SET leaf=zeroblob(32) WHERE seq=3",
        "UPDATE record SET at=at+1 WHERE seq=3",
        "UPDATE record SET at='soon' WHERE seq=3",
        "UPDATE record SET kind=9 WHERE seq=3",
        "UPDATE record SET recorded_at=0 WHERE seq=3",
        "UPDATE key SET key=zeroblob(32) WHERE seq=3",
    ],
)
@pytest.mark.parametrize("n_records", [3, 5])
def test_damage_is_named(log: LocalLog, ns: int, sql: str, n_records: int) -> None:
    append(log, ns, *[b"some words that were said"] * n_records)
    raw(log, sql)
    reader = log.read(ns)
    assert [next(reader).seq, next(reader).seq] == [1, 2]
    with pytest.raises(Damaged, match=f"record 3 of namespace {ns}"):
        list(reader)


def test_damage_is_named_by_get(log: LocalLog, ns: int) -> None:
    append(log, ns, b"one", b"two")
    raw(log, "UPDATE record SET body=zeroblob(40) WHERE seq=1")
    with pytest.raises(Damaged, match="record 1 of"):
        log.get(ns, 1)
    raw(log, "DELETE FROM record WHERE seq=1")
    with pytest.raises(Damaged, match="record 1 of"):
        log.get(ns, 1)
    assert log.get(ns, 2).body == b"two"


# --- files, processes, threads ------------------------------------------------------------------------


def test_a_store_in_ram_never_changes_behind_one_s_back(open_log: Open) -> None:
    log = open_log(None)
    assert log.path is None
    assert log.changed() == 0
    assert log.barrier()(0.0)


def test_what_another_connection_wrote_is_noticed(tmp_path: Path, open_log: Open) -> None:
    ours, theirs = open_log(tmp_path / "m.db"), open_log(tmp_path / "m.db")
    ns = ours.namespace_number("a", create=True)
    assert ns is not None
    append(ours, ns, b"ours")
    before = ours.changed()
    append(ours, ns, b"ours again")
    assert ours.changed() == before
    append(theirs, ns, b"theirs")
    assert ours.changed() != before
    with ours.write(ns) as tx:
        assert tx.seq == 3
        assert [r.body for r in tx.read(2)] == [b"theirs"]


def test_a_store_opens_again(tmp_path: Path, open_log: Open) -> None:
    log = open_log(tmp_path / "m.db")
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    log.close()
    assert [file.name for file in tmp_path.iterdir()] == ["m.db"]
    log = open_log(tmp_path / "m.db")
    log.flush()
    assert log.barrier()(5.0)
    assert log.namespace_number("a", create=False) == ns
    assert [r.body for r in log.read(ns)] == [b"x"]


def test_after_close_everything_says_so(log: LocalLog, ns: int) -> None:
    append(log, ns, b"x")
    waiting, reader = log.barrier(), log.read(ns)
    log.close()
    log.close()
    assert waiting(0.0)
    calls: list[Callable[[], object]] = [
        lambda: log.head(ns),
        lambda: log.get_meta("x"),
        lambda: log.set_meta("x", "y"),
        lambda: next(reader),
        lambda: append(log, ns, b"x"),
        log.flush,
        log.barrier,
        log.namespaces,
    ]
    for call in calls:
        with pytest.raises(Closed, match="was closed"):
            call()


def test_a_stuck_writer_is_reported(tmp_path: Path, open_log: Open) -> None:
    log = open_log(tmp_path / "m.db", busy_timeout_ms=20)
    other = open_log(tmp_path / "m.db", busy_timeout_ms=20)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    with other.write(ns) as tx:
        tx.append(b"x", at_ns=1)
        with pytest.raises(Busy, match="busy_timeout_ms"):
            append(log, ns, b"y")
    append(log, ns, b"z")
    assert [r.body for r in log.read(ns)] == [b"x", b"z"]


def test_others_read_on_while_one_waits_for_the_file(tmp_path: Path, open_log: Open) -> None:
    log, other = open_log(tmp_path / "m.db", busy_timeout_ms=60_000), open_log(tmp_path / "m.db")
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    writers = [threading.Thread(target=append, args=(log, ns, b"1", b"2", b"3")) for _ in range(3)]
    with other.write(ns) as tx:
        for writer in writers:
            writer.start()
        for _ in range(20):
            assert log.head(ns)[0] == 0
            time.sleep(0.001)
        assert all(writer.is_alive() for writer in writers)
        tx.append(b"0", at_ns=1)
    for writer in writers:
        writer.join(60)
    assert [r.body for r in log.read(ns)] == [b"0", *[b"1", b"2", b"3"] * 3]


def test_a_store_closed_meanwhile_ends_the_wait_for_the_file(tmp_path: Path, open_log: Open) -> None:
    log, other = open_log(tmp_path / "m.db", busy_timeout_ms=60_000), open_log(tmp_path / "m.db")
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    raised: list[BaseException] = []

    def work() -> None:
        try:
            append(log, ns, b"x")
        except Closed as error:
            raised.append(error)

    writer = threading.Thread(target=work)
    with other.write(ns):
        writer.start()
        time.sleep(0.01)
        log.close()
        writer.join(60)
    assert len(raised) == 1


def test_the_flusher_sleeps_until_there_is_something(tmp_path: Path, open_log: Open) -> None:
    log = open_log(tmp_path / "m.db", flush_interval_ms=1)
    flusher = log._database._flusher
    assert flusher is not None
    assert flusher._thread is None
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    assert log.barrier()(10.0)
    assert flusher._thread is not None
    append(log, ns, b"y")
    wait = log.barrier()
    assert wait(10.0)
    assert wait(0.0)


def test_waiting_for_the_disk_can_time_out(tmp_path: Path, open_log: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from remanence.log import flusher

    gate = threading.Event()
    monkeypatch.setattr(flusher, "_force", lambda descriptor: gate.wait(10.0))
    log = open_log(tmp_path / "m.db")
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    wait = log.barrier()
    assert not wait(0.01)
    gate.set()
    assert wait(10.0)


def test_waiters_share_a_sync(tmp_path: Path, open_log: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from remanence.log import flusher

    gate, begun, syncs = threading.Event(), threading.Event(), []

    def force(descriptor: int) -> None:
        syncs.append(descriptor)
        begun.set()
        gate.wait(10.0)

    monkeypatch.setattr(flusher, "_force", force)
    log = open_log(tmp_path / "m.db", flush_interval_ms=60_000)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    threads = [threading.Thread(target=log.flush) for _ in range(8)]
    threads[0].start()
    assert begun.wait(10.0)
    for thread in threads[1:]:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert 1 <= len(syncs) <= 3


def test_a_disk_that_refuses_is_reported_and_stays_so(
    tmp_path: Path, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from remanence.log import flusher

    def refuse(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    log = open_log(tmp_path / "m.db", flush_interval_ms=60_000)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    wait = log.barrier()
    with monkeypatch.context() as patch:
        patch.setattr(flusher, "_force", refuse)
        with pytest.raises(StorageError, match="refused to be flushed"):
            wait(10.0)
    for call in (log.flush, lambda: append(log, ns, b"y")):
        with pytest.raises(StorageError, match="refused to be flushed"):
            call()
    with pytest.raises(StorageError, match="refused to be flushed"):
        log.close()
    with pytest.raises(Closed):
        log.head(ns)


def test_the_write_ahead_log_is_copied_and_starts_anew(
    tmp_path: Path, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from remanence.log import flusher

    monkeypatch.setattr(flusher, "CHECKPOINT_BYTES", 1)
    monkeypatch.setattr(flusher, "MAX_WAL_BYTES", 1)
    log = open_log(tmp_path / "m.db", flush_interval_ms=1)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    sequence: set[bytes] = set()
    written: list[bytes] = []
    while len(sequence) < 3 and len(written) < 2000:  # its header counts how often it started anew
        written.append(str(len(written)).encode())
        append(log, ns, written[-1])
        if len(written) % 10 == 0:
            assert log.barrier()(10.0)
            time.sleep(0.005)  # the flusher gives way to whoever writes: let it have a turn
        sequence.add((tmp_path / "m.db-wal").read_bytes()[12:16])
    assert len(sequence) == 3
    assert [r.body for r in log.read(ns)] == written


def test_a_program_that_forgets_to_close_loses_nothing(tmp_path: Path) -> None:
    code = f"""
import time
from remanence.config import Config
from remanence.log.local import LocalLog
log = LocalLog({str(tmp_path / "m.db")!r}, config=Config(flush_interval_ms=60_000), clock=time.time_ns)
with log.write(log.namespace_number("a", create=True)) as tx:
    tx.append(b"kept", at_ns=1)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert [file.name for file in tmp_path.iterdir()] == ["m.db"]
    log = LocalLog(str(tmp_path / "m.db"), config=Config(), clock=Clock())
    assert [r.body for r in log.read(1)] == [b"kept"]
    log.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_is_told(tmp_path: Path, open_log: Open) -> None:
    log = open_log(tmp_path / "m.db")
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    append(log, ns, b"x")
    wait = log.barrier()
    assert wait(10.0)
    calls: list[Callable[[], object]] = [
        lambda: log.head(ns),
        lambda: append(log, ns, b"y"),
        log.flush,
        lambda: LocalLog(str(tmp_path / "m.db"), config=Config(), clock=Clock()),
    ]
    child = os.fork()
    if child == 0:
        told = 0
        for call in calls:
            try:
                call()
            except Closed as error:
                told += "fork" in str(error)
            except BaseException:
                os._exit(99)
        log.close()
        os._exit(told)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == len(calls)
    append(log, ns, b"z")
    assert [r.body for r in log.read(ns)] == [b"x", b"z"]


def test_errors_of_sqlite_are_never_shown_as_such(log: LocalLog, ns: int) -> None:
    raw(log, "DROP TABLE record")
    with pytest.raises(StorageError, match="no such table") as caught:
        log.head(ns)
    assert isinstance(caught.value.__cause__, sqlite3.Error)
