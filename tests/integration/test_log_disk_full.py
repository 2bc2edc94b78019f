"""A full disk costs the write that met it, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from remanence.config import Config
from remanence.errors import DiskFull
from remanence.log.local import LocalLog


def open_log(path: Path) -> LocalLog:
    return LocalLog(str(path), config=Config(flush_interval_ms=5), clock=time.time_ns)


def append(log: LocalLog, body: bytes) -> int:
    with log.write(1) as tx:
        return tx.append(body, at_ns=1).seq


def fill(log: LocalLog, kept: list[bytes], n_bytes: int, limit: int) -> None:
    """Append random bodies until the disk is full, noting those that were acknowledged."""
    for _ in range(limit):
        body = os.urandom(n_bytes)
        try:
            append(log, body)
        except DiskFull:
            return
        kept.append(body)
    pytest.fail("the disk never filled")


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    log = open_log(tmp_path / "m.db")
    log.namespace_number("a", create=True)
    kept: list[bytes] = []
    log._database.run("PRAGMA max_page_count=40")
    fill(log, kept, 3000, 200)
    assert len(kept) > 5
    for _ in range(3):
        with pytest.raises(DiskFull, match="nothing was lost"):
            append(log, os.urandom(3000))
    log.flush()
    assert [record.body for record in log.read(1)] == kept
    log._database.run("PRAGMA max_page_count=1000")
    kept.append(b"there is room again")
    assert append(log, kept[-1]) == len(kept)
    log.close()
    log = open_log(tmp_path / "m.db")
    assert [record.body for record in log.read(1)] == kept
    log.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB, where the system lets this user mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True, timeout=30)


def test_a_small_disk(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(300 << 10))
    path = small_disk / "m.db"
    log = open_log(path)
    log.namespace_number("a", create=True)
    kept: list[bytes] = []
    fill(log, kept, 2000, 2000)
    assert len(kept) > 20
    for size in (2000, 200, 1):
        fill(log, kept, size, 1000)
    for size in (1, 30_000):
        with pytest.raises(DiskFull, match="nothing was lost"):
            append(log, os.urandom(size))
    assert [record.body for record in log.read(1)] == kept
    ballast.unlink()
    kept.append(b"there is room again")
    assert append(log, kept[-1]) == len(kept)
    assert log.barrier()(10.0)
    log.close()
    log = open_log(path)
    assert [record.body for record in log.read(1)] == kept
    log.close()


def test_a_disk_too_small_to_begin_with(small_disk: Path) -> None:
    ballast = os.open(small_disk / "ballast", os.O_CREAT | os.O_WRONLY)
    with pytest.raises(OSError, match="No space left"):  # noqa: PT012
        for _ in range(4096):
            os.write(ballast, bytes(1024))
    os.close(ballast)
    with pytest.raises(DiskFull):
        open_log(small_disk / "m.db")
    (small_disk / "ballast").unlink()
    log = open_log(small_disk / "m.db")
    log.namespace_number("a", create=True)
    assert append(log, b"x") == 1
    log.close()


def test_a_process_that_dies_on_a_full_disk(small_disk: Path) -> None:
    code = """
import os, sys, time
from remanence.config import Config
from remanence.errors import DiskFull
from remanence.log.local import LocalLog
log = LocalLog(sys.argv[1], config=Config(), clock=time.time_ns)
ns = log.namespace_number("a", create=True)
n = 0
try:
    for _ in range(3000):
        with log.write(ns) as tx:
            tx.append(os.urandom(2000), at_ns=1)
        n += 1
except DiskFull:
    os.write(1, b"%d" % n)
    os._exit(9)
"""
    path = small_disk / "m.db"
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, timeout=60)
    assert run.returncode == 9, run.stderr
    aside = small_disk.parent / "m.db"
    for end in ("", "-wal", "-shm"):
        Path(f"{aside}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
    log = open_log(aside)
    assert len(list(log.read(1))) >= int(run.stdout)
    log.close()
