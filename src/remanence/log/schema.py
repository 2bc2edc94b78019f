"""Opening and creating the store's file, by several processes at once, so that a kill at any time does no harm."""

from __future__ import annotations

import os
import sqlite3
import threading
import time

from remanence.errors import Busy, Closed, NotAStore, StorageError
from remanence.log.failures import translate
from remanence.log.recognise import (
    APPLICATION_ID,
    FORMAT,
    PAGE_BYTES,
    has_tables,
    require_ours,
    require_sound,
    require_writable,
    size_of,
    uri,
)

_TABLES = """
CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE namespace (ns INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE record (
  ns INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  kind INTEGER NOT NULL, body BLOB NOT NULL, leaf BLOB NOT NULL, PRIMARY KEY (ns, seq)
) WITHOUT ROWID;
CREATE TABLE key (
  ns INTEGER NOT NULL, seq INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (ns, seq)
) WITHOUT ROWID;
CREATE TABLE tile (
  ns INTEGER NOT NULL, level INTEGER NOT NULL, n INTEGER NOT NULL, hashes BLOB NOT NULL,
  PRIMARY KEY (ns, level, n)
) WITHOUT ROWID;
"""

# Files that this process has open, by (device, inode), with the process that opened them: a forked process
# inherits the entries, and must not open these files, for SQLite would believe that it holds their locks.
Identity = tuple[int, int]
_open_files: dict[Identity, list[int]] = {}
_open_files_lock = threading.Lock()


def connect(path: str, busy_timeout_ms: int) -> tuple[sqlite3.Connection, Identity]:
    """Open the store at `path`, or create it where there is no file or an empty one.

    Returns the connection, and what to hand to `forget` when it is closed.

    Raises:
        NotAStore, NewerFormat, Damaged: the file was not touched.
        ReadOnly: the file or its directory cannot be written.
        Busy: another process held the file for longer than `busy_timeout_ms`.
        Closed: this process was forked from one that has the store open.
        StorageError: there is no such directory, or the disk failed.
    """
    require_writable(path)
    # Held throughout: what one thread has begun to open, another must not look into.
    with _open_files_lock:
        holders = _open_files.get(_identity(path)) if os.path.exists(path) else None
        if holders and os.getpid() not in holders:
            raise Closed(
                f"{path} was open in the process that this one was forked from, and SQLite's locks do not "
                "survive a fork; open stores after forking, or start processes with the 'spawn' method"
            )
        if not holders and size_of(path):
            require_ours(path)
            require_sound(path)
        connection: sqlite3.Connection | None = None
        try:
            connection = _connect(path, "rwc", busy_timeout_ms)
            _initialise(connection, path, busy_timeout_ms)
            identity = _identity(path)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error):
                raise translate(error, path) from error
            raise
        _open_files.setdefault(identity, []).append(os.getpid())
        return connection, identity


def connect_again(path: str, busy_timeout_ms: int) -> sqlite3.Connection:
    """Return one more connection to a store that this process has open. Raises sqlite3.Error."""
    return _connect(path, "rw", busy_timeout_ms)


def forget(identity: Identity) -> None:
    """Note that one of this process's holders of a file closed all its connections to it."""
    with _open_files_lock:
        holders = _open_files[identity]
        holders.remove(os.getpid())
        if not holders:
            del _open_files[identity]


def connect_memory() -> sqlite3.Connection:
    """Return a store that lives in RAM and is gone when it is closed."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(f"BEGIN;{_TABLES}COMMIT;")
    return connection


def _connect(path: str, mode: str, busy_timeout_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri(path, f"mode={mode}"),
        uri=True,
        timeout=busy_timeout_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    # Checkpoints belong to the flusher, so that no append waits for the disk. fullfsync is macOS only: there
    # fsync leaves the bytes in the drive's cache.
    for pragma in (
        "synchronous=NORMAL",
        "wal_autocheckpoint=0",
        "secure_delete=ON",
        "fullfsync=ON",
        "checkpoint_fullfsync=ON",
        "temp_store=MEMORY",
        f"journal_size_limit={16 << 20}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _initialise(connection: sqlite3.Connection, path: str, busy_timeout_ms: int) -> None:
    """Bring a new file into being, or find an old one complete; several processes may do so at once.

    A file is marked as ours in a first transaction of a single page, and gets its tables in a second one:
    a process killed in between leaves a file that is empty, or ours and without tables.
    """
    deadline = time.monotonic() + busy_timeout_ms / 1000
    while not _is_marked(connection, path):
        # Changing the journal mode does not wait for other connections by itself.
        if time.monotonic() > deadline:
            raise Busy(f"{path}: another process kept it locked while it was being created; try again")
        time.sleep(0.005)
    if has_tables(connection, path):
        return
    connection.execute("BEGIN IMMEDIATE")
    if not has_tables(connection, path):
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
    connection.execute("COMMIT")


def _is_marked(connection: sqlite3.Connection, path: str) -> bool:
    """Mark an empty file as a store in WAL mode; False when another connection is in the way."""
    try:
        if _application_id(connection) != APPLICATION_ID:
            connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
            connection.execute("BEGIN EXCLUSIVE")
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if _application_id(connection) == 0 and tables == 0:
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version={FORMAT}")
            connection.execute("COMMIT")
            if _application_id(connection) != APPLICATION_ID:
                raise NotAStore(f"{path} became a database of another program while it was being opened")
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    except sqlite3.OperationalError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    if mode != "wal":
        raise StorageError(f"{path}: SQLite cannot keep a write-ahead log on this file system; use a local disk")
    return True


def _application_id(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA application_id").fetchone()[0]


def _identity(path: str) -> Identity:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _renew_lock() -> None:
    global _open_files_lock
    _open_files_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)  # another thread may have held it
