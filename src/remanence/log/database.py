"""One process's hold on a store's SQLite file: a connection, its lock, and errors in the caller's terms.

It knows transactions and durability, and nothing of what the rows mean.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

from remanence.config import Config
from remanence.errors import Closed, InvalidInput
from remanence.log import schema
from remanence.log.failures import translate, translates_to_busy
from remanence.log.flusher import Flusher

# Write-ahead log of a transaction with one small record: measured, and only used to pace checkpoints.
_TRANSACTION_BYTES = 12 << 10
# How long to wait before another try at the file's write lock: another process holds it for some 50 µs.
_PAUSE_S = 50e-6
_MAX_PAUSE_S = 200e-6

_T = TypeVar("_T")


class _InUse(Exception):
    """Another process has the file; the same may succeed later."""

    def __init__(self, error: sqlite3.Error) -> None:
        super().__init__(error)
        self.error = error


class Database:
    """A store's file, or a store in RAM when `path` is None. One writer at a time, any number of threads."""

    def __init__(self, path: str | None, config: Config) -> None:
        self.path = path
        self.name = path or "the store in memory"
        self._pid = os.getpid()
        self._busy_timeout_s = config.busy_timeout_ms / 1000
        self._closed = False
        self._lock = threading.RLock()
        self._flusher: Flusher | None = None
        if path is None:
            self._connection, identity = schema.connect_memory(), None
        else:
            self._connection, identity = schema.connect(path, config.busy_timeout_ms)
            self._flusher = Flusher(path, interval_ms=config.flush_interval_ms, busy_timeout_ms=config.busy_timeout_ms)
        self._cursor = self._connection.cursor()
        self._cursor.execute("PRAGMA busy_timeout=0")
        # Also at interpreter exit, so that a program that forgets to close still flushes.
        self._finish = weakref.finalize(self, _finish, self._connection, self._flusher, identity, self._pid)

    def run(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Execute one statement and return its rows. No cursor stays open between calls."""
        self._require_usable()
        return self._until_free(lambda: self._execute(sql, values))

    def data_version(self) -> int:
        """Return a number that changes when another connection writes to the file. Cost: 3 µs, the least there is."""
        with self._lock:
            self._require_usable()
            try:
                return self._cursor.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error:
                pass  # busy, or worse: the long way tells which
        return self.run("PRAGMA data_version")[0][0]

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            self._require_usable()
            try:
                return self._cursor.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                if translates_to_busy(error):
                    raise _InUse(error) from error
                raise translate(error, self.path) from error

    def _until_free(self, attempt: Callable[[], _T]) -> _T:
        """Return what `attempt` gives once the file is free.

        Between tries the lock is free, unless this thread is in a transaction, so that other threads read on;
        what an attempt waits for them does not count. SQLite's own waiting sleeps longer and longer, to 100 ms.
        """
        waited_s = 0.0
        pause_s = _PAUSE_S
        while True:
            try:
                return attempt()
            except _InUse as busy:
                if waited_s > self._busy_timeout_s:
                    raise translate(busy.error, self.path) from busy.error
            started = time.monotonic()
            time.sleep(pause_s)
            waited_s += time.monotonic() - started
            pause_s = min(2 * pause_s, _MAX_PAUSE_S)

    def begin(self) -> None:
        """Take the write lock: this process's, then the file's. `commit` or `roll_back` must follow."""
        self._require_usable()
        self._until_free(self._begin)

    def _begin(self) -> None:
        self._lock.acquire()
        try:
            self._require_usable()
            if self._flusher is not None and self._flusher.failure is not None:
                raise self._flusher.failure
            if self._connection.in_transaction:
                raise InvalidInput(f"{self.name}: this thread is already writing; end that block first")
        except BaseException:
            self._lock.release()
            raise
        try:
            self._execute("BEGIN IMMEDIATE")
        except BaseException:
            self.roll_back()
            raise

    def commit(self, n_bytes: int) -> None:
        """Keep the transaction, in which some `n_bytes` of bodies were written, and free the lock."""
        try:
            self.run("COMMIT")
        except BaseException:
            self.roll_back()
            raise
        try:
            if n_bytes and self._flusher is not None:
                self._flusher.notify(_TRANSACTION_BYTES + n_bytes)
        finally:
            self._lock.release()

    def roll_back(self) -> None:
        """Drop the transaction and free the lock."""
        try:
            # Some errors, such as a full disk, roll back by themselves.
            if self._connection.in_transaction:
                self.run("ROLLBACK")
        finally:
            self._lock.release()

    def write(self, sql: str, *values: object) -> None:
        """Execute one statement as a transaction of its own."""
        self.begin()
        try:
            self.run(sql, *values)
        except BaseException:
            self.roll_back()
            raise
        self.commit(1)

    def barrier(self) -> Callable[[float | None], bool]:
        """Return a function that waits, for some seconds at most, until all committed so far is on disk."""
        self._require_usable()
        return self._flusher.barrier() if self._flusher is not None else _nothing_to_wait_for

    def flush(self) -> None:
        """Block until all committed so far is on disk."""
        self._require_usable()
        if self._flusher is not None:
            self._flusher.sync()

    def close(self) -> None:
        """Flush and close. Idempotent; does nothing in a forked process, where it is not ours to close."""
        if self._pid == os.getpid():
            with self._lock:
                self._closed = True
                self._finish()

    def _require_usable(self) -> None:
        if self._pid != os.getpid():
            raise Closed(
                f"{self.name} was opened by process {self._pid}, from which this one was forked; "
                "open stores after forking"
            )
        if self._closed:
            raise Closed(f"{self.name} was closed; open it again")


def _nothing_to_wait_for(timeout: float | None = None) -> bool:
    return True


def _finish(
    connection: sqlite3.Connection, flusher: Flusher | None, identity: tuple[int, int] | None, pid: int
) -> None:
    if pid != os.getpid():
        return
    try:
        if flusher is not None:
            flusher.close()
    finally:
        connection.close()
        if identity is not None:
            schema.forget(identity)
