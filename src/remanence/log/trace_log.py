"""Readings on their way to the trace file: noted in a moment, written in batches by a thread beside.

Whatever goes wrong with the file costs traces, never a reading: it is told once, in a warning. A killed process loses
those of its last half second, and a power cut may lose a little more; the memory log has no part in it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from remanence.config import Config
from remanence.errors import Damaged, InvalidInput, NewerFormat, NotAStore
from remanence.log.failures import translate
from remanence.log.traces import Edge, Trace, Traces

_LOGGER = logging.getLogger("remanence")
_INTERVAL_S = 0.5  # what a killed process can lose of its traces; a batch costs two wake-ups
_QUEUED = 20_000  # readings that may wait, some 10 MB; more are dropped
_EXPIRE_EVERY = 4_096  # readings between two looks at what is too old or too much
_SETTLED = (NotAStore, NewerFormat)  # trying again changes nothing

_T = TypeVar("_T")


class TraceLog:
    """The traces of a store, written behind its back. May be used from several threads."""

    def __init__(self, path: str | None, *, store_id: str, config: Config, clock: Callable[[], int]) -> None:
        """Nothing is opened or made before there is something to keep or to look up.

        Args:
            path: the file; None: RAM.
        """
        self.detail = config.trace_detail
        self._file = Traces(self._home(path), store_id, config.busy_timeout_ms)
        self._clock = clock
        self._retention_ns = config.trace_retention_s * 10**9
        self._max_bytes = config.trace_max_bytes
        self._pid = os.getpid()
        self._queue: deque[Trace] = deque()
        self._condition = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pending = False
        self._closing = False
        self._orphaned = False
        self._off = self.detail == "off"
        self._warned = False
        self._until_expiry = 0  # readings to write before the next look

    def _home(self, path: str | None) -> str | None:
        """Return where traces are: where none are kept, only a file that is there already is looked into."""
        return path if path is not None and (self.detail != "off" or os.path.exists(path)) else None

    # --- noting -------------------------------------------------------------------------------------

    @property
    def listening(self) -> bool:
        """Whether what is noted has a chance to be kept."""
        return not self._off

    def note(self, trace: Trace) -> None:
        """Keep a reading, soon. Cost: 0.3 µs; once in half a second some 20 µs to wake the thread."""
        if len(self._queue) >= _QUEUED:
            self._warn("they come faster than they can be written, so some are left out")
            return
        self._queue.append(trace)
        if not self._pending:
            self._wake()

    def failed(self, error: Exception) -> None:
        """Tell, once, that a reading could not be noted."""
        self._warn(str(error))

    def _wake(self) -> None:
        with self._condition:
            self._pending = True
            if self._thread is None and not self._closing:
                thread = threading.Thread(target=self._run, name="remanence-traces", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    return  # at the end of a program: closing writes what there is
                self._thread = thread
            self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._pending or self._closing)
                self._condition.wait_for(lambda: self._closing, _INTERVAL_S)
                if self._closing:
                    break
                self._pending = False  # what is noted from here on asks for another round
            self._write()
        if self._orphaned:
            self._finish()

    def _write(self) -> None:
        """Write what is queued; what cannot be written is dropped, and said once."""
        with self._writing:
            waiting = [self._queue.popleft() for _ in range(len(self._queue))]
            if not waiting or self._off:
                return
            try:
                self._file.add(waiting)
                self._until_expiry -= len(waiting)
                if self._until_expiry <= 0:
                    self._until_expiry = _EXPIRE_EVERY
                    self._expire()
            except Exception as error:  # whatever it is, it must reach no reader
                self._off = isinstance(error, _SETTLED) or _is_damaged(error)
                self._warn(str(error))

    def _warn(self, what: str) -> None:
        if not self._warned:
            self._warned = True
            _LOGGER.warning(
                "traces of readings are not kept in %s: %s; nothing else is affected, and this is said once",
                self._file.path or "RAM",
                what,
            )

    def flush(self) -> None:
        """Return when all readings noted so far are in the file, or could not be written."""
        self._write()

    def close(self) -> None:
        """Write what is queued and close. Idempotent; does nothing in a forked process."""
        if self._pid != os.getpid():
            return
        with self._condition:
            self._closing = True
            thread, self._thread = self._thread, None
            # A store that nobody holds any more may be collected in this very thread, wherever that is just then.
            self._orphaned = thread is threading.current_thread()
            self._condition.notify_all()
        if not self._orphaned:
            if thread is not None:
                thread.join()
            self._finish()

    def _finish(self) -> None:
        if self._file.path is not None:
            self._write()
        self._off = True
        try:
            self._file.close()
        except sqlite3.Error as error:
            self._warn(str(error))

    # --- looking up ---------------------------------------------------------------------------------

    def get(self, namespace: str, trace_id: str) -> Trace | None:
        """Return one reading of a namespace, None where it is not kept."""
        return self._asked(lambda: self._file.get(namespace, trace_id))

    def returning(self, namespace: str, id: str, limit: int) -> list[Trace]:
        """Return the latest readings of a namespace that returned a memory, oldest first."""
        return self._asked(lambda: self._file.returning(namespace, id, limit))

    def indexed(self, namespace: str) -> int:
        """Return the last record of a namespace's log whose edges are known."""
        return self._asked(lambda: self._file.indexed(namespace))

    def index(self, namespace: str, edges: Sequence[Edge], seq: int) -> None:
        """Take in the edges of a namespace's log up to a record."""
        self._asked(lambda: self._file.index(namespace, edges, seq))

    def edges(self, namespace: str, *, trace_id: str | None = None, id: str | None = None) -> list[Edge]:
        """Return the edges of a reading, or of a memory, in log order."""
        if trace_id is not None:
            return self._asked(lambda: self._file.edges_of_trace(namespace, trace_id))
        if id is None:
            raise InvalidInput("name a reading or a memory")
        return self._asked(lambda: self._file.edges_of_memory(namespace, id))

    # --- letting go -----------------------------------------------------------------------------------

    def expire(self) -> None:
        """Drop what is older than `Config.trace_retention_s` or more than `Config.trace_max_bytes`; never fails."""
        path = self._file.path
        if path is None or self._queue or os.path.exists(path):
            try:
                self._asked(self._expire)
            except Exception as error:
                self._warn(str(error))

    def _expire(self) -> None:
        self._file.expire(self._clock() - self._retention_ns, self._max_bytes)

    def forget(self, namespace: str, ids: Sequence[str] | None = None) -> None:
        """Drop what is known of a namespace, or of some of its memories: from every trace, and for good.

        What another process has read within the last half second is not in the file yet, and comes to it afterwards.

        Raises:
            StorageError: it could not be dropped.
        """
        self._asked(lambda: self._file.forget(namespace, ids))

    def _asked(self, call: Callable[[], _T]) -> _T:
        """Return what the file says, with all that was noted before."""
        self._write()
        try:
            return call()
        except sqlite3.Error as error:
            if _is_damaged(error):
                raise Damaged(
                    f"{self._file.path}: {error}; delete it while nobody has the store open. It is made anew, and only "
                    "what was read so far is lost with it"
                ) from error
            raise translate(error, self._file.path) from error


def _is_damaged(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
