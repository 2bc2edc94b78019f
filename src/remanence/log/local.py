"""The log of every namespace of one store, in one SQLite file that several processes may share.

Appends and reads opaque bodies; it never looks into one, and never changes or removes a record. Whoever
holds a `LocalLog` may use it from several threads.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import threading
import weakref
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import msgspec

from remanence.config import Config
from remanence.core import merkle
from remanence.errors import Closed, Damaged, InvalidInput, NotFound
from remanence.log import schema, tiles
from remanence.log.flusher import Flusher
from remanence.log.seal import Altered, Sealer, unseal
from remanence.types import Record

# Pages a transaction writes, as bytes of write-ahead log: measured, and only used to pace checkpoints.
_TRANSACTION_BYTES = 12 << 10
# Bytes a record takes beside its body: leaf, key, their tile, and the columns of two rows.
_RECORD_BYTES = 140
_BATCH = 256

_HEAD = "SELECT seq, recorded_at, leaf FROM record WHERE ns=? ORDER BY seq DESC LIMIT 1"
_INSERT_RECORD = "INSERT INTO record VALUES (?,?,?,?,?,?,?)"
_INSERT_KEY = "INSERT INTO key VALUES (?,?,?)"
_READ = (
    "SELECT r.seq, r.at, r.recorded_at, r.kind, r.body, r.leaf, k.key FROM record r "
    "LEFT JOIN key k ON k.ns=r.ns AND k.seq=r.seq "
    f"WHERE r.ns=? AND r.seq>? AND r.seq<=? ORDER BY r.seq LIMIT {_BATCH}"
)
_SEQ_MAX = (1 << 63) - 1


class Appended(msgspec.Struct, frozen=True, gc=False):
    """What an append made: its number, its time and its Merkle leaf hash (32 bytes)."""

    seq: int
    recorded_ns: int
    leaf: bytes


class Transaction:
    """One write to one namespace, made by `LocalLog.write`: all of it is kept, or none.

    Attributes:
        seq: the namespace's last sequence number, own appends included; 0 for none.
        recorded_ns: when that record was written, ns since the epoch; 0 for none.
    """

    __slots__ = ("_bytes", "_log", "_ns", "recorded_ns", "seq")

    def __init__(self, log: LocalLog, ns: int) -> None:
        self._log = log
        self._ns = ns
        self._bytes = 0
        self.seq = 0
        self.recorded_ns = 0

    def __enter__(self) -> Transaction:
        self.seq, self.recorded_ns = self._log._begin(self._ns)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._log._end(self._bytes if kind is None else None)

    def append(self, body: bytes, *, at_ns: int, kind: int = 1) -> Appended:
        """Write one record after the last.

        Raises:
            InvalidInput: `at_ns` is outside the years 1677 to 2262, or `kind` outside 0 to 65,535.
            DiskFull, StorageError: nothing of this transaction was kept.
        """
        seq = self.seq + 1
        recorded_ns = max(self._log._clock(), self.recorded_ns)
        leaf = self._log._append(self._ns, seq, at_ns, recorded_ns, kind, body)
        self._bytes += len(body)
        self.seq = seq
        self.recorded_ns = recorded_ns
        return Appended(seq, recorded_ns, leaf)

    def read(self, after: int) -> Iterator[Record]:
        """Yield the namespace's records after `after`, as `LocalLog.read` does, as of this transaction."""
        return self._log.read(self._ns, after=after)


class LocalLog:
    """An append-only log of sealed records, gapless by namespace.

    Attributes:
        path: the file; None for a log that lives in RAM.

    Every method raises `Closed` after `close()` or in a process forked after opening, and `StorageError`
    or one of its kinds when the disk or the file fails.
    """

    def __init__(self, path: str | None, *, config: Config, clock: Callable[[], int]) -> None:
        """Open the file at `path`, or create it; None keeps everything in RAM.

        Raises:
            NotAStore, NewerFormat, Damaged, ReadOnly: the file was not touched.
            Busy: another process held the file for longer than `config.busy_timeout_ms`.
        """
        self.path = path
        self._clock = clock
        self._pid = os.getpid()
        self._closed = False
        self._lock = threading.RLock()
        self._sealer = Sealer()
        self._namespaces: dict[str, int] = {}
        self._sizes: dict[int, tuple[int, int]] = {}
        self._flusher: Flusher | None = None
        if path is None:
            self._connection = schema.connect_memory()
        else:
            self._connection = schema.connect(path, config.busy_timeout_ms)
            self._flusher = Flusher(
                path, interval_ms=config.flush_interval_ms, busy_timeout_ms=config.busy_timeout_ms
            )
        self._cursor = self._connection.cursor()
        # Also at interpreter exit, so that a program that forgets to close still flushes.
        self._finish = weakref.finalize(self, _finish, self._connection, self._flusher, path, self._pid)

    # --- small values and names ---------------------------------------------------------------------

    def get_meta(self, key: str) -> str | None:
        """Return a value kept with the store, or None."""
        row = self._one("SELECT value FROM meta WHERE key=?", key)
        return None if row is None else row[0]

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value with the store, in place of the one before."""
        self._write_one(
            "INSERT INTO meta VALUES (?,?) ON CONFLICT DO UPDATE SET value=excluded.value", key, value
        )

    def namespace_number(self, name: str, *, create: bool) -> int | None:
        """Return a namespace's number; None when it has none and `create` is False."""
        number = self._namespaces.get(name)
        if number is None:
            if create:
                self._write_one("INSERT OR IGNORE INTO namespace (name) VALUES (?)", name)
            row = self._one("SELECT ns FROM namespace WHERE name=?", name)
            if row is None:
                return None
            number = self._namespaces[name] = int(row[0])
        return number

    def namespaces(self, prefix: str = "") -> list[str]:
        """Return the names that begin with `prefix` and have a record, sorted by code point."""
        rows = self._all(
            "SELECT name FROM namespace n WHERE substr(name,1,?)=? "
            "AND EXISTS (SELECT 1 FROM record r WHERE r.ns=n.ns)",
            len(prefix),
            prefix,
        )
        return sorted(name for (name,) in rows)

    # --- writing ------------------------------------------------------------------------------------

    def write(self, ns: int) -> Transaction:
        """Return a transaction to enter with `with`: kept when the block ends, dropped if it raises.

        Other threads and processes that write wait meanwhile, so keep the block short.

        Raises:
            Busy: on entering, when another process wrote for longer than `config.busy_timeout_ms`.

        Cost: some 60 µs with one append.
        """
        return Transaction(self, ns)

    def barrier(self) -> Callable[[float | None], bool]:
        """Return a function that waits, for some seconds at most, until all committed so far is on disk."""
        self._require_usable()
        return self._flusher.barrier() if self._flusher is not None else lambda timeout: True

    def flush(self) -> None:
        """Block until all committed so far is on disk. Cost: one fsync, shared by threads that wait."""
        self._require_usable()
        if self._flusher is not None:
            self._flusher.sync()

    def close(self) -> None:
        """Flush and close. Idempotent; what is called afterwards raises `Closed`."""
        if self._pid != os.getpid():
            return
        with self._lock:
            self._closed = True
            self._finish()

    # --- reading ------------------------------------------------------------------------------------

    def head(self, ns: int) -> tuple[int, bytes]:
        """Return the last sequence number and its leaf hash; (0, b"") for an empty namespace."""
        row = self._one(_HEAD, ns)
        return (0, b"") if row is None else (row[0], row[2])

    def changed(self) -> int:
        """Return a number that differs from the last one if anyone else wrote to the file in between."""
        if self.path is None:
            return 0
        row = self._one("PRAGMA data_version")
        return 0 if row is None else int(row[0])

    def read(self, ns: int, *, after: int = 0, until: int | None = None) -> Iterator[Record]:
        """Yield the records after number `after`, up to and with `until` (None: the last), in order.

        Raises:
            Damaged: a record is not what was written, or is missing; names the namespace and number.

        Cost: 20 µs a record. Fetched in batches, so that writers go on between them.
        """
        last = _SEQ_MAX if until is None else until
        while True:
            rows = self._all(_READ, ns, after, last)
            for row in rows:
                after += 1
                if row[0] != after:
                    raise self._damaged(ns, after, "it is missing")
                yield self._open(ns, row)
            if len(rows) < _BATCH:
                return

    def get(self, ns: int, seq: int) -> Record:
        """Return one record.

        Raises:
            NotFound: there is no such number yet.
            Damaged: it is not what was written, or is missing.
        """
        row = self._one(_READ, ns, seq - 1, seq)
        if row is None:
            raise self._missing(ns, seq)
        return self._open(ns, row)

    def leaf(self, ns: int, seq: int) -> bytes:
        """Return the Merkle leaf hash of one record, 32 bytes. Raises NotFound."""
        row = self._one("SELECT leaf FROM record WHERE ns=? AND seq=?", ns, seq)
        if row is None:
            raise self._missing(ns, seq)
        return row[0]

    def tree_head(self, ns: int, size: int | None = None) -> bytes:
        """Return the Merkle root over the first `size` records (None: all), 32 bytes.

        Raises:
            NotFound: there are fewer records.

        Cost: grows with log(size); some hundred µs.
        """
        with self._lock:
            last = self.head(ns)[0]
            if size is None:
                size = last
            if not 0 <= size <= last:
                raise NotFound(f"namespace {ns} has {last} records, so there is no tree head of {size}")
            try:
                return merkle.tree_head(size, tiles.node_reader(self._cursor, ns))
            except sqlite3.Error as error:
                raise schema.translate(error, self.path) from error
            except tiles.Missing as error:
                raise Damaged(f"namespace {ns}: {error}; restore the store from a backup") from error

    def log_bytes(self, ns: int) -> int:
        """Return the bytes that a namespace's records take, keys and hashes included.

        Cost: grows with what was appended since the last call.
        """
        with self._lock:
            seq, n_bytes = self._sizes.get(ns, (0, 0))
            row = self._one(
                "SELECT max(seq), sum(length(body)), count(*) FROM record WHERE ns=? AND seq>?", ns, seq
            )
            if row is not None and row[0] is not None:
                seq, n_bytes = row[0], n_bytes + row[1] + _RECORD_BYTES * row[2]
                self._sizes[ns] = seq, n_bytes
            return n_bytes

    # --- inside -------------------------------------------------------------------------------------

    def _begin(self, ns: int) -> tuple[int, int]:
        self._require_usable()
        self._lock.acquire()
        try:
            self._require_usable()
            if self._flusher is not None and self._flusher.failure is not None:
                raise self._flusher.failure
            self._cursor.execute("BEGIN IMMEDIATE")
            row = self._cursor.execute(_HEAD, (ns,)).fetchone()
        except sqlite3.Error as error:
            self._roll_back()
            self._lock.release()
            raise schema.translate(error, self.path) from error
        except BaseException:
            self._lock.release()
            raise
        return (0, 0) if row is None else (row[0], row[1])

    def _end(self, n_bytes: int | None) -> None:
        """Commit and note `n_bytes` of bodies, or roll back when it is None."""
        try:
            if n_bytes is None:
                self._roll_back()
                return
            self._cursor.execute("COMMIT")
            if self._flusher is not None and n_bytes:
                self._flusher.notify(_TRANSACTION_BYTES + n_bytes)
        except sqlite3.Error as error:
            self._roll_back()
            raise schema.translate(error, self.path) from error
        finally:
            self._lock.release()

    def _roll_back(self) -> None:
        # Some errors, such as a full disk, roll back by themselves.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _append(self, ns: int, seq: int, at_ns: int, recorded_ns: int, kind: int, body: bytes) -> bytes:
        try:
            sealed, leaf, key = self._sealer.seal(ns, seq, at_ns, recorded_ns, kind, body)
        except struct.error as error:
            raise InvalidInput(
                f"a record at {at_ns} ns of kind {kind} cannot be written: times must lie between the "
                "years 1677 and 2262, and kinds between 0 and 65,535"
            ) from error
        try:
            execute = self._cursor.execute
            execute(_INSERT_RECORD, (ns, seq, at_ns, recorded_ns, kind, sealed, leaf))
            execute(_INSERT_KEY, (ns, seq, key))
            if seq % tiles.WIDTH == 0:
                tiles.complete(self._cursor, ns, seq)
        except sqlite3.Error as error:
            raise schema.translate(error, self.path) from error
        return leaf

    def _open(self, ns: int, row: tuple[int, int, int, int, bytes, bytes, bytes]) -> Record:
        seq, at_ns, recorded_ns, kind, sealed, leaf, key = row
        try:
            return Record(seq, at_ns, recorded_ns, kind, unseal(ns, *row))
        except Altered as error:
            raise self._damaged(ns, seq, f"its {error} was altered") from error

    def _damaged(self, ns: int, seq: int, how: str) -> Damaged:
        where = self.path or "the store in memory"
        return Damaged(f"{where}: record {seq} of namespace {ns}: {how}; restore the store from a backup")

    def _missing(self, ns: int, seq: int) -> NotFound | Damaged:
        last = self.head(ns)[0]
        if 1 <= seq <= last:
            return self._damaged(ns, seq, "it is missing")
        return NotFound(f"namespace {ns} has records 1 to {last}, so there is no record {seq}")

    def _require_usable(self) -> None:
        if self._pid != os.getpid():
            raise Closed(
                f"{self.path or 'the store in memory'} was opened by process {self._pid}, from which this "
                "one was forked; open stores after forking"
            )
        if self._closed:
            raise Closed(f"{self.path or 'the store in memory'} was closed; open it again")

    def _all(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        self._require_usable()
        with self._lock:
            self._require_usable()
            try:
                return self._cursor.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise schema.translate(error, self.path) from error

    def _one(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        rows = self._all(sql, *values)
        return rows[0] if rows else None

    def _write_one(self, sql: str, *values: object) -> None:
        self._require_usable()
        with self._lock:
            self._all(sql, *values)
            if self._flusher is not None:
                self._flusher.notify(_TRANSACTION_BYTES)


def _finish(connection: sqlite3.Connection, flusher: Flusher | None, path: str | None, pid: int) -> None:
    if pid != os.getpid():
        return
    try:
        if flusher is not None:
            flusher.close()
    finally:
        connection.close()
        if path is not None:
            schema.forget(path)
