"""What is not a whole store of ours is refused, and every byte around it stays as it was."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.errors import Damaged, NewerFormat, NotAStore, ReadOnly, StorageError
from remanence.log import recognise
from remanence.log.local import LocalLog


def open_log(path: Path) -> LocalLog:
    return LocalLog(str(path), config=Config(busy_timeout_ms=200), clock=time.time_ns)


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.rglob("*"))}


def refused(path: Path, error: type[StorageError], match: str = "m.db") -> None:
    """Open `path`, which must be refused and leave its folder as it was."""
    before = fingerprint(path.parent)
    with pytest.raises(error, match=match):
        open_log(path)
    assert fingerprint(path.parent) == before


def fill(path: Path, n_records: int = 300) -> None:
    log = open_log(path)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    with log.write(ns) as tx:
        for i in range(n_records):
            tx.append(b"what was said, number %d" % i, at_ns=i)
    log.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "m.db"
    fill(path)
    return path


@pytest.fixture
def abandoned(tmp_path: Path) -> Path:
    """A store as a killed process leaves it, with its write-ahead log beside it."""
    source, target = tmp_path / "source", tmp_path / "abandoned"
    source.mkdir()
    fill(source / "m.db")
    log = open_log(source / "m.db")
    with log.write(1) as tx:
        tx.append(b"the last word", at_ns=1)
    shutil.copytree(source, target)
    log.close()
    assert (target / "m.db-wal").stat().st_size
    return target / "m.db"


@pytest.mark.parametrize(
    "content", [b"x", b"some notes of mine\n" * 400, b"SQLite format 2\x00" + bytes(200), bytes(5000)]
)
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    refused(path, NotAStore, "not touched")


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_a_database_of_another_program(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={journal}")
    connection.execute("CREATE TABLE record (ns, seq)")
    connection.commit()
    connection.close()
    refused(path, NotAStore, "another program")


def test_a_database_that_another_program_has_open(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    refused(path, NotAStore, "another program")
    connection.close()


def test_a_newer_format(store: Path) -> None:
    connection = sqlite3.connect(store)
    connection.execute(f"PRAGMA user_version={recognise.FORMAT + 1}")
    connection.close()
    refused(store, NewerFormat, f"format {recognise.FORMAT + 1}")


@pytest.mark.parametrize("keep", [1, 15, 50, 99, 100, 1000, 4096, 10_000, -4096, -1])
def test_a_truncated_store(store: Path, keep: int) -> None:
    whole = store.read_bytes()
    store.write_bytes(whole[:keep])
    refused(store, Damaged)


def overwrite(path: Path, offset: int, n_bytes: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * n_bytes)


@pytest.mark.parametrize(("offset", "n_bytes"), [(0, 16), (100, 200), (3000, 1000), (4096, 4096), (8192, 20)])
def test_a_store_damaged_where_its_tables_begin(store: Path, offset: int, n_bytes: int) -> None:
    overwrite(store, offset, n_bytes)
    refused(store, Damaged)


def test_an_abandoned_store_is_whole(abandoned: Path) -> None:
    log = open_log(abandoned)
    assert [record.body for record in log.read(1)][-1] == b"the last word"
    log.close()


def test_a_damaged_store_with_a_write_ahead_log(abandoned: Path) -> None:
    overwrite(abandoned, 100, 3900)
    refused(abandoned, Damaged)


def test_damage_further_in_is_found_by_reading(store: Path) -> None:
    found = 0
    whole = store.read_bytes()
    for page in range(6, len(whole) // recognise.PAGE_BYTES):
        store.write_bytes(whole)
        overwrite(store, page * recognise.PAGE_BYTES, 900)
        try:
            log = open_log(store)
        except Damaged:
            found += 1
            continue
        try:
            assert len(list(log.read(1))) == 300  # a page without records: tiles, names
            log.tree_head(1)
        except Damaged:
            found += 1
        log.close()
    assert found >= 10


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    path.touch()
    fill(path, 3)
    assert recognise.APPLICATION_ID.to_bytes(4, "big") == path.read_bytes()[68:72]


def test_creation_cut_off_by_a_power_failure(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    path.write_bytes(bytes(4096))
    # What SQLite writes first: a rollback journal of no pages, for a file that was empty.
    header = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(4) + b"abcd" + bytes(4) + b"\0\0\2\0\0\0\x10\0"
    (tmp_path / "m.db-journal").write_bytes(header.ljust(512, b"\0"))
    fill(path, 3)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no directory"):
        open_log(tmp_path / "absent" / "m.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "m.db").mkdir()
    with pytest.raises(NotAStore, match="is a directory"):
        open_log(tmp_path / "m.db")


def test_names_that_a_uri_would_misread(tmp_path: Path) -> None:
    path = tmp_path / "50% of #1? é.db"
    fill(path, 3)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


READ_ONLY = """
import os, sys, time
from remanence.config import Config
from remanence.errors import ReadOnly
from remanence.log.local import LocalLog
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)  # root may write anywhere
try:
    LocalLog(sys.argv[1], config=Config(), clock=time.time_ns)
except ReadOnly as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX files")
@pytest.mark.parametrize("what", ["file", "folder", "new"])
def test_a_place_that_cannot_be_written(what: str) -> None:
    # Not pytest's own folder, which other users may not enter.
    with tempfile.TemporaryDirectory() as above:
        Path(above).chmod(0o755)
        folder = Path(above, "place")
        folder.mkdir()
        path = folder / "m.db"
        if what != "new":
            fill(path, 3)
            path.chmod(0o444 if what == "file" else 0o666)
        folder.chmod(0o777 if what == "file" else 0o555)
        before = fingerprint(folder)
        command = [sys.executable, "-c", READ_ONLY, str(path)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        folder.chmod(0o755)
        assert run.returncode == 7, run.stderr
        assert "cannot be written" in run.stdout
        assert fingerprint(folder) == before


def test_a_store_whose_main_file_is_read_by_another_connection_of_this_process(store: Path) -> None:
    """Opening it twice must not open and close its file aside: that would drop SQLite's locks."""
    first = open_log(store)
    second = open_log(store)
    second.close()
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM meta'); c.close()"
    subprocess.run([sys.executable, "-c", code, str(store)], check=True, timeout=60)
    # The other process was not the last to close, so it must have left the write-ahead log in its place.
    assert Path(f"{store}-wal").exists()
    with first.write(1) as tx:
        tx.append(b"still here", at_ns=1)
    first.close()
    again = open_log(store)
    assert again.get(1, 301).body == b"still here"
    again.close()


def test_errors_have_one_base() -> None:
    for error in (Damaged, NewerFormat, NotAStore, ReadOnly):
        assert issubclass(error, StorageError)
        assert issubclass(error, OSError)
