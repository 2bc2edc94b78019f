"""What keys, streams and facts cost beside a plain `add`, in RAM and in a file. Prints JSON.

    python benchmarks/knowledge.py                          # turns made from the shipped conversation
    python benchmarks/knowledge.py path/to/locomo_dev.json  # those of a file, in any format of `remanence eval`

Microseconds a call, p50 and p99, back to back, after a warm-up; the calls take turns, so all meet the same machine.
`kv get` is the second of two in a row: the first pays for the write before it.
`add` has the rules for facts on, as they are by default; `facts a thousand turns` is what they found.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import remanence
from remanence.surfaces.bench.texts import Texts
from remanence.surfaces.datasets import Turn, read_all
from remanence.surfaces.storing import store_turn

CALLS, WARM_UP = 2_000, 200
KEYS = 500


def turns_of(file: str | None) -> list[Turn]:
    if file is None:
        return [Turn(text, "Ana" if n % 2 else "Ben") for n, text in enumerate(Texts().sentences(CALLS + WARM_UP))]
    return [turn for reading in read_all([file]) for c in reading.conversations for turn in c.turns]


def measured(folder: Path | None, turns: list[Turn]) -> dict[str, Any]:
    """Return the microseconds of each call on stores in a folder, or in RAM."""
    off = remanence.Config(facts=False)
    plain = remanence.open(None if folder is None else folder / "plain.db", config=off)
    knowing = remanence.open(None if folder is None else folder / "knowing.db")
    memory, told = plain["a"], knowing["a"]
    stream = memory.stream("events")
    for n in range(KEYS):
        memory.kv[f"key{n}"] = {"n": n, "tier": "pro"}
    calls: dict[str, Callable[[int], Any]] = {
        "add, facts off": lambda n: store_turn(memory, _unnamed(turns[n % len(turns)])),
        "add": lambda n: store_turn(told, _unnamed(turns[n % len(turns)])),
        "kv get": lambda n: memory.kv[f"key{n % KEYS}"],
        "kv put": lambda n: memory.kv.put(f"key{n % KEYS}", {"n": n, "tier": "free"}),
        "stream append": lambda n: stream.append({"state": "paid", "n": n}),
        "fact": lambda n: told.fact("user", "residence"),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for n in range(WARM_UP + CALLS):
        for name, call in calls.items():
            if name == "kv get":
                call(n)  # a write came before: what it left behind is not this call's
            start = time.perf_counter_ns()
            call(n)
            if n >= WARM_UP:
                taken[name].append((time.perf_counter_ns() - start) / 1e3)
    found = {name: _told(each) for name, each in taken.items()}
    found["facts a thousand turns"] = round(1e3 * len(told.facts(ended=True)) / len(told), 1)
    plain.close()
    knowing.close()
    return found


def _unnamed(turn: Turn) -> Turn:
    """Return a turn that is a memory of its own however often it is added."""
    return Turn(turn.text, turn.speaker, turn.role)


def _told(taken: list[float]) -> dict[str, float]:
    taken.sort()
    return {"p50_us": round(statistics.median(taken), 1), "p99_us": round(taken[int(len(taken) * 0.99)], 1)}


def main() -> None:
    """Print what the calls cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", help="where the turns come from")
    turns = turns_of(parser.parse_args().file)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"RAM": measured(None, turns), "file": measured(Path(folder), turns)}, indent=1))


if __name__ == "__main__":
    main()
