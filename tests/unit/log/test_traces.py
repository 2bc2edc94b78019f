"""The trace log: batches in the background, limits kept, what is forgotten gone, and no failure that anybody feels."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from array import array
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.errors import Closed, Damaged, NewerFormat, NotAStore, StorageError
from remanence.log import trace_log as trace_log_module
from remanence.log.trace_log import TraceLog
from remanence.log.traces import ENCODER, Edge, Kept, Trace, Traces, kept
from remanence.testing import FakeClock

STORE = "a-store"
NOW_NS = FakeClock()()


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "m.db.traces")


def trace(
    number: int,
    *ids: str,
    namespace: str = "ns",
    at_ns: int = NOW_NS,
    query: str | None = None,
    places: tuple[str, ...] = (),
) -> Trace:
    scores = array("f", [1 - n / 8 for n in range(len(ids))]).tobytes()
    body = Kept(
        "search",
        "Robin",
        query,
        10,
        5,
        b"\1" * 32,
        0.5,
        [*ids],
        [1] * len(ids),
        scores,
        [],
        [*places],
        [*dict.fromkeys(places)],
    )
    return Trace(f"t{number}", at_ns, namespace, ENCODER.encode(body))


def log(path: str | None, clock: FakeClock | None = None, **settings: object) -> TraceLog:
    return TraceLog(path, store_id=STORE, config=Config(**settings), clock=clock or FakeClock())  # type: ignore[arg-type]


def ids_of(found: Trace | None) -> list[str]:
    assert found is not None
    return kept(found).ids


def strings_in(path: str) -> bytes:
    return b"".join(Path(path + end).read_bytes() for end in ("", "-wal") if Path(path + end).exists())


# --- keeping and finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["file", "ram"])
def test_what_was_noted_is_found_at_once(path: str, where: str) -> None:
    traces = log(path if where == "file" else None)
    for n in range(700):  # more than RAM takes in at once
        traces.note(trace(n, f"m{n}", "m0"))
    assert ids_of(traces.get("ns", "t699")) == ["m699", "m0"]
    assert ids_of(traces.get("ns", "t3")) == ["m3", "m0"]
    assert traces.get("ns", "t700") is None
    assert traces.get("other", "t3") is None, "another namespace's"
    traces.close()


def test_nothing_is_made_before_there_is_something_to_keep(path: str) -> None:
    traces = log(path)
    assert traces._thread is None
    traces.expire()
    traces.flush()
    traces.close()
    assert not Path(path).exists()


def test_many_readings_are_one_transaction_and_one_thread(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    written = threading.Event()
    add = Traces.add

    def counted(self: Traces, traces: list[Trace]) -> None:
        assert threading.current_thread().name == "remanence-traces"
        batches.append(len(traces))
        add(self, traces)
        written.set()

    monkeypatch.setattr(Traces, "add", counted)
    monkeypatch.setattr(trace_log_module, "_INTERVAL_S", 0.05)
    traces = log(path)
    for round_ in range(2):
        for n in range(50):
            traces.note(trace(100 * round_ + n, "m1"))
        assert written.wait(20)
        written.clear()
    assert sum(batches) == 100
    assert len(batches) <= 4
    assert not traces._pending, "and then it sleeps"
    monkeypatch.undo()
    traces.close()


def test_the_thread_sleeps_without_a_timeout_while_there_is_nothing(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    asleep = threading.Event()
    wait_for = threading.Condition.wait_for

    def noted(self: threading.Condition, predicate: object, timeout: float | None = None) -> bool:
        if threading.current_thread().name == "remanence-traces":
            waits.append(timeout)
            if len(waits) == 3:
                asleep.set()
        return wait_for(self, predicate, timeout)  # type: ignore[arg-type]

    monkeypatch.setattr(threading.Condition, "wait_for", noted)
    monkeypatch.setattr(trace_log_module, "_INTERVAL_S", 0.01)
    traces = log(path)
    traces.note(trace(1, "m1"))
    assert asleep.wait(20)
    assert waits == [None, 0.01, None]
    traces.close()


def test_another_process_sees_what_was_flushed(path: str) -> None:
    one, other = log(path), log(path)
    one.note(trace(1, "m1"))
    one.flush()
    assert ids_of(other.get("ns", "t1")) == ["m1"]
    other.note(trace(2, "m2"))
    other.close()
    assert ids_of(one.get("ns", "t2")) == ["m2"]
    one.close()


def test_closing_writes_what_waits_and_refuses_afterwards(path: str) -> None:
    traces = log(path)
    traces.note(trace(1, "m1"))
    traces.close()
    traces.close()
    assert not traces.listening
    with pytest.raises(Closed):
        traces.get("ns", "t1")
    again = log(path)
    assert ids_of(again.get("ns", "t1")) == ["m1"]
    again.close()


def test_readings_are_found_by_what_they_returned(path: str) -> None:
    traces = log(path)
    long = "x" * 300  # a length that is written otherwise
    for n, ids in enumerate([("m1", "m12"), ("m12",), ("m2", "m1"), (long,), ()]):
        traces.note(trace(n, *ids, at_ns=NOW_NS - n))
    traces.note(trace(8, "m1", namespace="other"))
    traces.note(trace(9, "m1", "m1", "m7", places=("far", "ns", "far")))

    def found(id: str, limit: int = 100) -> list[str]:
        return [each.trace_id for each in traces.returning("ns", id, limit)]

    assert found("m1") == ["t2", "t0", "t9"], "by time"
    assert found("m12") == ["t1", "t0"]
    assert found(long) == ["t3"]
    assert found("m7") == [], "of another namespace, though this one asked"
    assert found("m") == []
    assert found("search") == [], "a word of the body that is no id"
    assert found("m1", 2) == ["t2", "t9"], "those written last"
    assert found("m1", 0) == []
    traces.close()


def test_edges_are_found_from_both_ends_and_kept_once(path: str) -> None:
    traces = log(path)
    edges = [Edge("m3", 3, "t1", False), Edge("m1", 4, "t1", True), Edge("m1", 6, "", True)]
    for _ in range(2):
        traces.index("ns", edges, 6)
    assert traces.edges("ns", trace_id="t1") == edges[:2]
    assert traces.edges("ns", id="m1") == edges[1:]
    assert traces.edges("other", id="m1") == []
    assert (traces.indexed("ns"), traces.indexed("other")) == (6, 0)
    traces.index("ns", [], 2)  # by a process that was behind
    assert traces.indexed("ns") == 6
    traces.close()


def test_a_store_that_took_the_place_of_another_has_none_of_its_traces(path: str) -> None:
    traces = log(path)
    traces.note(trace(1, "m1"))
    traces.index("ns", [Edge("m1", 1, "t1", True)], 4)
    traces.close()
    other = TraceLog(path, store_id="another", config=Config(), clock=FakeClock())
    assert other.get("ns", "t1") is None
    assert other.edges("ns", id="m1") == []
    assert other.indexed("ns") == 0
    other.close()


def test_a_store_collected_in_the_thread_that_writes_is_closed_by_it(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The collector runs wherever memory is asked for: also in the middle of a write, with its lock held."""
    traces = log(path)
    add, writer = Traces.add, list[threading.Thread]()

    def collected_meanwhile(self: Traces, some: list[Trace]) -> None:
        if not writer:
            writer.append(threading.current_thread())
            traces.note(trace(2, "m2"))
            traces.close()
        add(self, some)

    monkeypatch.setattr(Traces, "add", collected_meanwhile)
    monkeypatch.setattr(trace_log_module, "_INTERVAL_S", 0.01)
    traces.note(trace(1, "m1"))
    for _ in range(2_000):
        if writer:
            break
        time.sleep(0.01)
    writer[0].join(20)
    assert not writer[0].is_alive()
    again = log(path)
    assert ids_of(again.get("ns", "t1")) == ["m1"]
    assert ids_of(again.get("ns", "t2")) == ["m2"]
    again.close()


# --- limits ---------------------------------------------------------------------------------------------------


def test_detail_off_makes_no_file_and_reads_an_old_one(path: str) -> None:
    off = log(path, trace_detail="off")
    assert not off.listening
    assert off.get("ns", "t1") is None
    off.expire()
    off.close()
    assert not Path(path).exists()
    on = log(path)
    on.note(trace(1, "m1"))
    on.close()
    off = log(path, trace_detail="off")
    assert ids_of(off.get("ns", "t1")) == ["m1"]
    off.close()


@pytest.mark.parametrize("where", ["file", "ram"])
def test_old_readings_go(path: str, where: str) -> None:
    clock = FakeClock()
    traces = log(path if where == "file" else None, clock, trace_retention_s=60)
    traces.note(trace(1, "m1", at_ns=clock()))
    clock.advance(seconds=40)
    traces.note(trace(2, "m2", at_ns=clock()))
    traces.expire()
    assert traces.get("ns", "t1") is not None
    clock.advance(seconds=21)
    traces.expire()
    assert traces.get("ns", "t1") is None
    assert ids_of(traces.get("ns", "t2")) == ["m2"]
    traces.close()


@pytest.mark.parametrize("where", ["file", "ram"])
def test_above_the_cap_the_oldest_go(path: str, where: str) -> None:
    traces = log(path if where == "file" else None, trace_max_bytes=200_000)
    for n in range(3_000):
        traces.note(trace(n, *(f"m{i}" for i in range(20))))
    traces.flush()
    traces.expire()
    assert traces.get("ns", "t0") is None
    assert traces.get("ns", "t2999") is not None
    assert 50_000 < traces._file._taken() <= 200_000
    kept_ = len(traces.returning("ns", "m3", 10_000))
    assert 300 < kept_ < 1_500
    traces.close()


def test_what_is_too_old_goes_by_itself_now_and_then(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_log_module, "_EXPIRE_EVERY", 10)
    clock = FakeClock()
    traces = log(path, clock, trace_retention_s=60)
    traces.note(trace(0, at_ns=clock()))
    traces.flush()
    clock.advance(seconds=100)
    for n in range(1, 12):
        traces.note(trace(n, at_ns=clock()))
        traces.flush()
    assert traces.get("ns", "t0") is None
    assert traces.get("ns", "t5") is not None
    traces.close()


def test_the_queue_is_bounded(path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(trace_log_module, "_QUEUED", 20)
    monkeypatch.setattr(trace_log_module, "_INTERVAL_S", 60)
    traces = log(path)
    with caplog.at_level(logging.WARNING, "remanence"):
        for n in range(50):
            traces.note(trace(n))
    assert len(traces._queue) == 20
    assert len(caplog.records) == 1
    assert traces.get("ns", "t19") is not None
    assert traces.get("ns", "t20") is None
    traces.close()


# --- letting go -------------------------------------------------------------------------------------------------


def test_a_memory_is_forgotten_in_every_reading_and_the_words_with_it(path: str) -> None:
    traces = log(path)
    traces.note(trace(1, "secret-id", "m2", query="my number is 4711"))
    traces.note(trace(2, "m2", query="what is 4711?"))
    traces.note(trace(3, "secret-id", "m2", namespace="far", query="asked from afar 4711", places=("ns", "far")))
    traces.note(trace(4, "secret-id", namespace="far", query="of another"))
    traces.index("ns", [Edge("secret-id", 3, "t1", True), Edge("m2", 4, "t1", True)], 9)
    traces.flush()
    assert b"4711" in strings_in(path)
    traces.forget("ns", ["secret-id"])
    assert traces.returning("ns", "secret-id", 10) == []
    first = traces.get("ns", "t1")
    assert first is not None
    left = kept(first)
    assert (left.ids, left.versions, array("f", left.scores).tolist(), left.query) == (["m2"], [1], [0.875], None)
    third = traces.get("far", "t3")
    assert third is not None
    assert (kept(third).ids, kept(third).places, kept(third).query) == (["m2"], ["far"], None)
    fourth = traces.get("far", "t4")
    assert fourth is not None
    assert (kept(fourth).ids, kept(fourth).query) == (["secret-id"], "of another"), "it is another namespace's"
    assert traces.edges("ns", id="secret-id") == []
    assert len(traces.edges("ns", id="m2")) == 1
    assert traces.indexed("ns") == 9
    assert b"4711" not in strings_in(path), "scrubbed, not only let go of"
    traces.close()


def test_a_namespace_is_forgotten_whole(path: str) -> None:
    traces = log(path)
    traces.note(trace(1, "m1", query="words of the user"))
    traces.note(trace(2, "m1", "m2", namespace="far", places=("ns", "far"), query="others"))
    traces.note(trace(3, "m1", namespace="far", query="kept"))
    traces.index("ns", [Edge("m1", 1, "t1", False)], 1)
    traces.forget("ns")
    assert traces.get("ns", "t1") is None
    assert ids_of(traces.get("far", "t2")) == ["m2"]
    assert ids_of(traces.get("far", "t3")) == ["m1"]
    assert traces.edges("ns", id="m1") == []
    assert traces.indexed("ns") == 0
    assert b"words of the user" not in strings_in(path)
    assert b"others" not in strings_in(path)
    assert b"kept" in strings_in(path)
    traces.close()


# --- failures -------------------------------------------------------------------------------------------------------


def test_a_failing_disk_is_told_once_and_costs_nobody_anything(
    path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    add = Traces.add

    def full(self: Traces, traces: list[Trace]) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Traces, "add", full)
    traces = log(path)
    with caplog.at_level(logging.WARNING, "remanence"):
        for n in range(3):
            traces.note(trace(n, "m1"))
            traces.flush()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "disk is full" in caplog.text
    assert len(traces._queue) == 0, "what cannot be written does not pile up"
    monkeypatch.setattr(Traces, "add", add)
    traces.note(trace(9, "m1"))
    assert traces.get("ns", "t9") is not None, "and it goes on once there is space"
    traces.close()


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"this is no database, and nobody may write to it\n" * 40, Damaged), (b"another program's", Damaged)],
)
def test_a_file_of_another_kind_is_left_alone(
    path: str, content: bytes, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    Path(path).write_bytes(content)
    traces = log(path)
    with caplog.at_level(logging.WARNING, "remanence"):
        for n in range(3):
            traces.note(trace(n, "m1"))
            traces.flush()
    assert len(caplog.records) == 1
    assert not traces.listening, "trying again changes nothing"
    with pytest.raises(error, match=r"m\.db\.traces"):
        traces.get("ns", "t1")
    traces.close()
    assert Path(path).read_bytes() == content


def test_a_database_of_another_program_is_left_alone(path: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = Path(path).read_bytes()
    traces = log(path)
    traces.note(trace(1, "m1"))
    traces.flush()
    assert not traces.listening
    with pytest.raises(NotAStore, match="another program"):
        traces.get("ns", "t1")
    traces.close()
    assert Path(path).read_bytes() == before


def test_a_file_of_a_later_version_is_left_alone(path: str) -> None:
    traces = log(path)
    traces.note(trace(1, "m1"))
    traces.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    before = Path(path).read_bytes()
    later = log(path)
    later.note(trace(2, "m1"))
    with pytest.raises(NewerFormat, match="99"):
        later.get("ns", "t1")
    later.close()
    assert Path(path).read_bytes() == before


def test_a_place_that_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "m.db.traces"
    folder.mkdir()
    traces = log(str(folder))
    with caplog.at_level(logging.WARNING, "remanence"):
        traces.note(trace(1, "m1"))
        traces.flush()
        traces.flush()
    assert len(caplog.records) == 1
    with pytest.raises(StorageError):
        traces.get("ns", "t1")
    traces.close()


def test_a_body_that_was_altered_is_told(path: str) -> None:
    traces = log(path)
    traces.note(Trace("t1", NOW_NS, "ns", b"\x93\x01"))
    found = traces.get("ns", "t1")
    assert found is not None
    with pytest.raises(Damaged, match="t1"):
        kept(found)
    traces.close()


def test_a_time_that_no_file_can_hold_costs_that_reading_only(path: str, caplog: pytest.LogCaptureFixture) -> None:
    traces = log(path)
    traces.note(trace(1, at_ns=1 << 80))
    traces.flush()
    assert len(caplog.records) == 1
    traces.note(trace(2, "m1"))
    assert traces.get("ns", "t2") is not None
    traces.close()
