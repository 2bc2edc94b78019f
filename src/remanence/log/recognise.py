"""Which files are ours to open; the others are refused, and not a byte of them or beside them changes.

Looked at before an ordinary SQLite connection exists: that would leave files beside a foreign database, and
could write to a damaged one when it closes. Never to be called for a file that this process has open, since
closing any descriptor of it drops the locks that SQLite holds.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from remanence.errors import Damaged, NewerFormat, NotAStore, ReadOnly, StorageError
from remanence.log.failures import translate

APPLICATION_ID = 0x524D4E43  # "RMNC"
FORMAT = 1
PAGE_BYTES = 4096

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_NAMES = ("meta", "namespace", "record", "key", "tile")


def require_writable(path: str) -> None:
    """Refuse a place where a store could not be created or written."""
    directory = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(directory):
        raise StorageError(f"there is no directory {directory}; create it first")
    if os.path.isdir(path):
        raise NotAStore(f"{path} is a directory; name a file in it")
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise ReadOnly(f"{path} cannot be written; check its rights")
    if not os.access(directory, os.W_OK):
        raise ReadOnly(f"{directory} cannot be written, and a store keeps two files beside it")


def require_ours(path: str) -> None:
    """Refuse a file that is not a whole store of this format, by its first 100 bytes and its length."""
    with open(path, "rb") as file:
        header = file.read(_HEADER_BYTES)
        size = os.fstat(file.fileno()).st_size
    ours = header[68:72] == APPLICATION_ID.to_bytes(4, "big")
    if not any(header) and _is_being_created(path):
        return
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
    if size < pages * PAGE_BYTES and not _is_being_created(path) and not size_of(f"{path}-wal"):
        raise Damaged(
            f"{path} was cut off: {size:,} bytes where its header says {pages * PAGE_BYTES:,}; restore it from a backup"
        )


def require_sound(path: str) -> None:
    """Refuse a store of which SQLite cannot read the tables, through a connection that can write nothing.

    With a write-ahead log it is read the way a read-only user reads it, which needs the index beside it. That
    is only absent where someone copied the files; then what is damaged is found by the ordinary connection.
    """
    if _is_being_created(path):
        return
    beside = size_of(f"{path}-wal") > 0
    if beside and not size_of(f"{path}-shm"):
        return
    options = "mode=ro&readonly_shm=1" if beside else "mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri(path, options), uri=True, isolation_level=None)
        try:
            has_tables(connection, path)
        finally:
            connection.close()
    except sqlite3.Error as error:
        cause = translate(error, path)
        if not beside and size_of(f"{path}-wal"):
            return  # another process began to write meanwhile, so what was read may be half old, half new
        if isinstance(cause, Damaged):
            raise cause from error


def has_tables(connection: sqlite3.Connection, path: str) -> bool:
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


def _is_being_created(path: str) -> bool:
    """Tell whether a process creates the file now, or was cut off; SQLite then waits, or empties it again.

    A store has a rollback journal at no other time.
    """
    return size_of(f"{path}-journal") > 0


def size_of(path: str) -> int:
    """Return the length of a file in bytes, 0 if there is none."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def uri(path: str, options: str) -> str:
    """Return the file's name as SQLite takes it together with options."""
    return f"{Path(path).absolute().as_uri()}?{options}"
