"""What an append to the log costs: time, bytes on disk, bytes of write-ahead log. Prints JSON.

Usage: python benchmarks/log_append.py [--appends N] [--texts FILE] [--directory PATH]

FILE holds one utterance a line; without it, sentences made of a fixed vocabulary. Figures depend on the disk
that PATH is on and on what else the machine does; the quickest of a few runs is the one to compare.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from remanence.config import Config
from remanence.log.local import LocalLog
from remanence.records import Utterance

_WORDS = (
    "I you we they my dog sister brother went to the park house office yesterday today and then because "
    "really think about dinner with Ana Ben on Tuesday it was great not sure maybe next week"
).split()


def bodies(texts: Path | None, n: int, rng: random.Random) -> list[bytes]:
    if texts is not None:
        lines = [line for line in texts.read_text("utf-8").splitlines() if line]
        chosen = [rng.choice(lines) for _ in range(n)]
    else:
        chosen = [" ".join(rng.choices(_WORDS, k=rng.randrange(4, 30))) for _ in range(n)]
    encode = msgspec.msgpack.Encoder().encode
    return [encode(Utterance(text=text, speaker="Ana", role="user", session="call-7")) for text in chosen]


def microseconds(samples_ns: list[int]) -> dict[str, float]:
    ordered = sorted(samples_ns)
    return {
        f"p{rank}": round(ordered[min(len(ordered) - 1, len(ordered) * rank // 100)] / 1000, 1) for rank in (50, 99)
    }


def timed(log: LocalLog, ns: int, chosen: list[bytes], *, durable: bool, pause_s: float = 0.0) -> dict[str, float]:
    samples: list[int] = []
    for body in chosen:
        start = time.perf_counter_ns()
        with log.write(ns) as tx:
            tx.append(body, at_ns=start)
        if durable:
            log.flush()
        samples.append(time.perf_counter_ns() - start)
        if pause_s:
            time.sleep(pause_s)
    return microseconds(samples)


def wal_bytes_per_append(folder: Path, chosen: list[bytes]) -> float:
    """Append without any checkpoint, once there are enough records for the trees of pages to have depth."""
    path = folder / "wal.db"
    log = LocalLog(str(path), config=Config(flush_interval_ms=3_600_000), clock=time.time_ns)
    ns = log.namespace_number("bench", create=True)
    assert ns is not None
    with log.write(ns) as tx:
        for body in chosen:
            tx.append(body, at_ns=0)
    before = Path(f"{path}-wal").stat().st_size
    for body in chosen[:1000]:
        with log.write(ns) as tx:
            tx.append(body, at_ns=0)
    grown = Path(f"{path}-wal").stat().st_size - before
    log.close()
    return grown / min(1000, len(chosen))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure appends to the log.")
    parser.add_argument("--appends", type=int, default=10_000)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--directory", help="where to write; the system's temporary folder by default")
    options = parser.parse_args()
    chosen = bodies(options.texts, options.appends, random.Random(1))
    with tempfile.TemporaryDirectory(dir=options.directory) as name:
        folder = Path(name)
        path = folder / "m.db"
        log = LocalLog(str(path), config=Config(), clock=time.time_ns)
        ns = log.namespace_number("bench", create=True)
        assert ns is not None
        result: dict[str, object] = {
            "python": sys.version.split()[0],
            "sqlite": sqlite3.sqlite_version,
            "appends": len(chosen),
            "body_bytes": round(sum(map(len, chosen)) / len(chosen), 1),
            "append_us": timed(log, ns, chosen, durable=False),
            "append_paced_us": timed(log, ns, chosen[:500], durable=False, pause_s=0.002),
            "durable_us": timed(log, ns, chosen[:500], durable=True),
        }
        n_records = log.head(ns)[0]
        start = time.perf_counter()
        for _ in log.read(ns):
            pass
        result["read_us_per_record"] = round((time.perf_counter() - start) / n_records * 1e6, 1)
        start = time.perf_counter()
        log.tree_head(ns)
        result["tree_head_us"] = round((time.perf_counter() - start) * 1e6)
        result["log_bytes_per_record"] = round(log.log_bytes(ns) / n_records, 1)
        log.close()
        result["file_bytes_per_record"] = round(path.stat().st_size / n_records, 1)
        result["wal_bytes_per_append"] = round(wal_bytes_per_append(folder, chosen))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
