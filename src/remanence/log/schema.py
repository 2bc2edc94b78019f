"""The store's file: how it is created, recognised and refused, and what SQLite's errors mean to a caller.

A file that is not ours, or is newer or damaged, is recognised from bytes read before SQLite may touch it:
an ordinary SQLite connection would leave files beside it, and could write to it when it closes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path

from remanence.errors import (
    Busy,
    Closed,
    Damaged,
    DiskFull,
    NewerFormat,
    NotAStore,
    ReadOnly,
    RemanenceError,
    StorageError,
)

APPLICATION_ID = 0x524D4E43  # "RMNC"
FORMAT = 1
PAGE_BYTES = 4096

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
# An I/O error with less room than one transaction needs is taken for a full disk.
_LITTLE_BYTES = 64 << 10

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

_NAMES = ("meta", "namespace", "record", "key", "tile")

# Files that a log of this process has open, by (device, inode), with the process that opened them. Closing
# any descriptor of a file drops the POSIX locks that SQLite holds on it in the same process, so a file in
# here must not be opened to look at its header; it passed that test when it was entered.
_open_files: dict[tuple[int, int], list[int]] = {}
_open_files_lock = threading.Lock()


def connect(path: str, busy_timeout_ms: int) -> sqlite3.Connection:
    """Open the store at `path`, or create it where there is no file or an empty one.

    Raises:
        NotAStore, NewerFormat, Damaged: the file was not touched.
        ReadOnly: the file or its directory cannot be written.
        Busy: another process held the file for longer than `busy_timeout_ms`.
        Closed: this process was forked from one that has the store open.
        StorageError: there is no such directory, or the disk failed.
    """
    _require_writable(path)
    with _open_files_lock:
        holders = _open_files.get(_identity(path) or (0, 0))
        if holders and os.getpid() not in holders:
            raise Closed(
                f"{path} was open in the process that this one was forked from, and SQLite's locks do not "
                "survive a fork; open stores after forking, or start processes with the 'spawn' method"
            )
        if not holders and _size(path):
            _require_ours(path)
            _require_sound(path)
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(path, "rwc", busy_timeout_ms)
        _initialise(connection, path, busy_timeout_ms)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            raise translate(error, path) from error
        raise
    with _open_files_lock:
        identity = _identity(path)
        if identity is not None:
            _open_files.setdefault(identity, []).append(os.getpid())
    return connection


def connect_again(path: str, busy_timeout_ms: int) -> sqlite3.Connection:
    """Return one more connection to a store that this process has open. Raises sqlite3.Error."""
    return _connect(path, "rw", busy_timeout_ms)


def forget(path: str) -> None:
    """Note that a log of this process closed its connections to the store at `path`."""
    with _open_files_lock:
        identity = _identity(path)
        holders = _open_files.get(identity, []) if identity else []
        if os.getpid() in holders:
            holders.remove(os.getpid())
        if identity and not holders:
            _open_files.pop(identity, None)


def connect_memory() -> sqlite3.Connection:
    """Return a store that lives in RAM and is gone when it is closed."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(f"BEGIN;{_TABLES}COMMIT;")
    return connection


def translate(error: sqlite3.Error, path: str | None) -> RemanenceError:
    """Return what an error of SQLite means to a caller."""
    code = getattr(error, "sqlite_errorcode", None)
    where = path or "the store in memory"
    if code is None:
        if "closed" in str(error):
            return Closed(f"{where} was closed; open it again")
        return StorageError(f"{where}: {error}")
    primary = code & 0xFF
    name = getattr(error, "sqlite_errorname", code)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Busy(
            f"{where}: another process held the write lock for too long ({error}); "
            "look for one that is stuck, or raise Config.busy_timeout_ms"
        )
    full = primary == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE
    if full or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return DiskFull(f"{where}: the disk is full; free some space and write again, nothing was lost")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{where}: {error} ({name}); restore it from a backup")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ReadOnly(f"{where} cannot be written ({name}); check the rights of the file and its directory")
    return StorageError(f"{where}: {error} ({name})")


def _connect(path: str, mode: str, busy_timeout_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        _uri(path, f"mode={mode}"),
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
    if _has_tables(connection, path):
        return
    connection.execute("BEGIN IMMEDIATE")
    if not _has_tables(connection, path):
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


def _has_tables(connection: sqlite3.Connection, path: str) -> bool:
    """Tell whether the tables are there, and that their first pages can be read; raises Damaged for some only."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if not names:
        return False
    missing = sorted(set(_NAMES) - names)
    if missing:
        raise Damaged(f"{path}: the tables {', '.join(missing)} are missing; restore it from a backup")
    for name in _NAMES:
        connection.execute(f"SELECT * FROM {name} LIMIT 1").fetchall()
    return True


def _require_writable(path: str) -> None:
    directory = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(directory):
        raise StorageError(f"there is no directory {directory}; create it first")
    if os.path.isdir(path):
        raise NotAStore(f"{path} is a directory; name a file in it")
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise ReadOnly(f"{path} cannot be written; check its rights")
    if not os.access(directory, os.W_OK):
        raise ReadOnly(f"{directory} cannot be written, and a store keeps two files beside it")


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _require_ours(path: str) -> None:
    """Refuse a file that is not a whole store of this format, by its first 100 bytes and its length."""
    with open(path, "rb") as file:
        header = file.read(_HEADER_BYTES)
        size = os.fstat(file.fileno()).st_size
    ours = header[68:72] == APPLICATION_ID.to_bytes(4, "big")
    if not any(header) and os.path.exists(f"{path}-journal"):
        return  # creation was cut off by a power failure: SQLite rolls it back to an empty file
    if header[:16] != _MAGIC[: len(header)]:
        if ours:
            raise Damaged(f"{path}: the beginning of the file was altered; restore it from a backup")
        raise NotAStore(f"{path} is not a Remanence store, and was not touched; choose another path")
    if len(header) < _HEADER_BYTES:
        raise Damaged(f"{path} was cut off after {size} bytes; restore it from a backup")
    if not ours:
        raise NotAStore(f"{path} is an SQLite database of another program, and was not touched")
    version = int.from_bytes(header[60:64], "big")
    if version > FORMAT:
        raise NewerFormat(f"{path} has format {version}, and this version reads up to {FORMAT}; upgrade remanence")
    pages = int.from_bytes(header[28:32], "big")
    # While a checkpoint runs, or after one was killed, the file may be short, and the WAL has the rest.
    if size < pages * PAGE_BYTES and not _size(f"{path}-wal"):
        raise Damaged(
            f"{path} was cut off: {size:,} bytes where its header says {pages * PAGE_BYTES:,}; restore it from a backup"
        )


def _require_sound(path: str) -> None:
    """Refuse a store of which SQLite cannot read the tables, through a connection that can write nothing.

    With a write-ahead log it is read the way a read-only user reads it, which needs the index beside it. That
    is only absent where someone copied the files; then what is damaged is found by the ordinary connection.
    """
    if not os.path.getsize(path):
        return
    beside = _size(f"{path}-wal") > 0
    if beside and not _size(f"{path}-shm"):
        return
    options = "mode=ro&readonly_shm=1" if beside else "mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(_uri(path, options), uri=True, isolation_level=None)
        try:
            _has_tables(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        cause = translate(error, path)
        if not beside and _size(f"{path}-wal"):
            return  # another process began to write meanwhile, so what was read may be half old, half new
        if isinstance(cause, Damaged):
            raise cause from error


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _is_full(path: str | None) -> bool:
    return path is not None and shutil.disk_usage(os.path.dirname(os.path.abspath(path))).free < _LITTLE_BYTES


def _uri(path: str, options: str) -> str:
    return f"{Path(path).absolute().as_uri()}?{options}"
