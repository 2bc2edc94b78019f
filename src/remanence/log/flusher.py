"""Gets the write-ahead log to the disk soon after each commit, so that no append has to wait for it.

One daemon thread a store, started by the first write. It sleeps without a timeout while there is nothing to
do. It never takes the log's lock: what it forces to disk, it forces while appends go on.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable

from remanence.errors import Busy, Closed, DiskFull, RemanenceError, StorageError
from remanence.log import schema
from remanence.log.failures import translate
from remanence.log.recognise import FORMAT, PAGE_BYTES

# Write-ahead log after which it is copied to the main file: small enough to be read back at once after a
# crash, large enough for its pages to have been rewritten many times.
CHECKPOINT_BYTES = 4 << 20
# It can start anew only when all of it is copied, which a stream of appends prevents. Beyond this one of the
# appends copies it while the others wait, or the file would grow for as long as the stream lasts.
MAX_WAL_BYTES = 64 << 20

if sys.platform == "darwin":
    import fcntl

    def _force(descriptor: int) -> None:
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
else:

    def _force(descriptor: int) -> None:
        os.fsync(descriptor)


class Flusher:
    """Forces one store's write-ahead log to disk, and moves it into the main file when it grows.

    A sync has a number. Whoever needs the disk takes the number of the next sync to *begin*, and waits
    until one with that number or a later one is done: callers that wait together share one.
    """

    def __init__(self, path: str, *, interval_ms: int, busy_timeout_ms: int) -> None:
        self._path = path
        self._interval_s = interval_ms / 1000
        self._busy_timeout_ms = busy_timeout_ms
        self._pid = os.getpid()
        self._descriptor: int | None = None
        self._connections: list[sqlite3.Connection] = []
        self._thread: threading.Thread | None = None
        self._condition = threading.Condition()
        self._sync_lock = threading.RLock()
        self._checkpoint_lock = threading.RLock()
        self._begun = 0
        self._done = 0
        self._wanted = 0
        self._pending = False
        self._urgent = False
        self._closing = False
        self._closed = False
        self._failure: RemanenceError | None = None
        self._written_bytes = 0
        self._checkpointed_bytes = 0
        self._overdue = False

    @property
    def failure(self) -> RemanenceError | None:
        """Why the disk could not be reached; what was acknowledged since the last sync may be lost."""
        return self._failure

    def notify(self, n_bytes: int) -> None:
        """Note that a transaction wrote about `n_bytes` of log; callers hold the lock and no transaction."""
        self._written_bytes += n_bytes
        self._wanted = self._begun + 1
        if not self._pending:
            with self._condition:
                self._pending = True
                self._start()
                self._condition.notify_all()
        if self._overdue:
            try:
                self._checkpoint("BEGIN IMMEDIATE")
            except RemanenceError as error:
                # What the caller wrote is committed, so it is the next write that must fail.
                self._failure = self._failure or error

    def sync(self) -> None:
        """Block until all that was committed before this call is on the disk. Cost: one fsync at most."""
        number = self._begun + 1
        with self._sync_lock:
            if self._done < number and not self._closed:
                self._sync()

    def barrier(self) -> Callable[[float | None], bool]:
        """Return a function that waits, `timeout` seconds at most, until all committed so far is on disk."""
        number = self._begun + 1

        def wait(timeout: float | None = None) -> bool:
            if self._done >= number:
                return True
            if self._pid != os.getpid():
                raise Closed(f"{self._path} was written by process {self._pid}; wait for the disk there")
            with self._condition:
                self._pending = self._urgent = True
                self._wanted = max(self._wanted, number)
                started = self._start()
                self._condition.notify_all()
                if started:
                    self._condition.wait_for(lambda: self._done >= number or self._failure is not None, timeout)
            if not started:
                self.sync()
            if self._done < number:
                self._require_no_failure()
            return self._done >= number

        return wait

    def close(self) -> None:
        """End the thread and force what is left. Idempotent."""
        if self._pid != os.getpid():
            return
        with self._condition:
            self._closing = True
            thread, self._thread = self._thread, None
            self._condition.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        try:
            if self._done < self._wanted:
                self.sync()
            self._begun = self._done = self._begun + 1  # all there is, is on disk
        finally:
            with self._condition:
                self._condition.notify_all()
            while self._connections:
                self._connections.pop().close()
            with self._sync_lock:  # another thread may be forcing the disk through it right now
                self._closed = True
                if self._descriptor is not None:
                    os.close(self._descriptor)
                    self._descriptor = None

    def _require_no_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _start(self) -> bool:
        """Start the thread if need be; False when there can be none, at the end of a program."""
        if self._thread is None and not self._closing:
            thread = threading.Thread(target=self._run, name="remanence-flusher", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                return False  # whoever waits does the sync, and closing does the rest
            self._thread = thread
        return True

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._pending or self._closing)
                self._condition.wait_for(lambda: self._urgent or self._closing, self._interval_s)
                if self._closing:
                    return
                # Cleared before the sync begins: a commit from here on asks for the next one.
                self._pending = self._urgent = False
            try:
                if self._done < self._wanted:
                    self.sync()
                if self._written_bytes - self._checkpointed_bytes >= CHECKPOINT_BYTES:
                    self._checkpoint("BEGIN")
            except RemanenceError as error:
                with self._condition:
                    self._failure = self._failure or error
                    self._condition.notify_all()
                return

    def _sync(self) -> None:
        """Force the write-ahead log; callers hold the sync lock."""
        self._require_no_failure()
        self._begun += 1
        try:
            if self._descriptor is None:
                flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
                self._descriptor = os.open(f"{self._path}-wal", flags)
            _force(self._descriptor)
        except OSError as error:
            # After a failed fsync the system may drop the pages and report success the next time, so
            # there is no trying again: only a new process can tell what the disk holds.
            self._failure = StorageError(
                f"{self._path}: the disk refused to be flushed ({error}); writes of the last "
                f"{self._interval_s:g} s may be lost. Check the disk and open the store again"
            )
            raise self._failure from error
        with self._condition:
            self._done = self._begun
            self._condition.notify_all()

    def _checkpoint(self, begin: str) -> None:
        """Copy the write-ahead log into the main file, and start it anew if all of it could be copied."""
        with self._checkpoint_lock:
            self._checkpointed_bytes = self._written_bytes
            self._overdue = False
            try:
                frames, copied = self._copy(begin)
                if copied == frames:
                    self._restart()
                if begin == "BEGIN":
                    self._overdue = frames * PAGE_BYTES > MAX_WAL_BYTES
            except sqlite3.Error as error:
                cause = translate(error, self._path)
                if not isinstance(cause, Busy | DiskFull):
                    raise cause from error
                # The log keeps it all meanwhile, and the next one tries again.

    def _copy(self, begin: str) -> tuple[int, int]:
        """Copy what is there when `begin` has run; return the frames of the log, and how many are copied.

        SQLite before 3.51.3 can lose a transaction when a checkpoint overlaps with a commit that starts the
        write-ahead log anew (sqlite.org/wal.html, "the WAL-reset bug"). The log cannot start anew while
        another connection reads from it, so one reads for as long as the checkpoint runs. A reader that
        finds nothing left to copy is no such obstacle, but then the checkpoint has nothing to do either.
        """
        if not self._connections:
            for _ in range(2):
                self._connections.append(schema.connect_again(self._path, self._busy_timeout_ms))
        guard, copier = self._connections
        guard.execute(begin)
        try:
            guard.execute("SELECT count(*) FROM sqlite_master").fetchall()
            busy, frames, copied = copier.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            guard.execute("ROLLBACK")
        return (1, 0) if busy else (frames, copied)  # busy: another process does it now

    def _restart(self) -> None:
        """Start the write-ahead log anew with a write that changes nothing, the format's own version.

        SQLite forces the log's new header to disk in that write, which else would be someone's append.
        """
        guard = self._connections[0]
        guard.execute("BEGIN IMMEDIATE")
        try:
            guard.execute(f"PRAGMA user_version={FORMAT}")
            guard.execute("COMMIT")
        finally:
            if guard.in_transaction:
                guard.execute("ROLLBACK")
