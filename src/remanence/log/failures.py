"""What SQLite's errors mean to a caller."""

from __future__ import annotations

import os
import shutil
import sqlite3

from remanence.errors import Busy, Closed, Damaged, DiskFull, ReadOnly, RemanenceError, StorageError

# An I/O error with less room than some transactions need is taken for a full disk.
_LITTLE_BYTES = 64 << 10


def translate(error: sqlite3.Error, path: str | None) -> RemanenceError:
    """Return what an error of SQLite means to a caller."""
    code = getattr(error, "sqlite_errorcode", None)
    where = path or "the store in memory"
    if code is None:
        if "closed" in str(error):
            return Closed(f"{where} was closed; open it again")
        return StorageError(f"{where}: {error}")
    if translates_to_busy(error):
        return Busy(
            f"{where}: another process held the write lock for too long ({error}); "
            "look for one that is stuck, or raise Config.busy_timeout_ms"
        )
    primary = code & 0xFF
    name = getattr(error, "sqlite_errorname", code)
    full = primary == sqlite3.SQLITE_FULL or code == sqlite3.SQLITE_IOERR_SHMSIZE
    if full or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return DiskFull(f"{where}: the disk is full; free some space and write again, nothing was lost")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(f"{where}: {error} ({name}); restore it from a backup")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return ReadOnly(f"{where} cannot be written ({name}); check the rights of the file and its directory")
    return StorageError(f"{where}: {error} ({name})")


def translates_to_busy(error: sqlite3.Error) -> bool:
    """Tell whether the statement may succeed when it is tried again."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _is_full(path: str | None) -> bool:
    return path is not None and shutil.disk_usage(os.path.dirname(os.path.abspath(path))).free < _LITTLE_BYTES
