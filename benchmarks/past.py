"""Reading a namespace as of random moments: is it exact, and what does it cost? Prints JSON.

    python benchmarks/past.py                       # 100,000 records, 1,000 moments
    python benchmarks/past.py --records 5000 --moments 100

Texts, versions, fades, pins, uses, keys and streams are written in random order. A naive model, a few dictionaries
replayed from the start, says what was held after each record; at each moment the memories, the keys and the streams
must be the same. The moments that are exact, and microseconds: of the first reading at a moment, of those after, and
of the same reading of the present.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import remanence
from remanence.testing import FakeClock, HashingEmbedder

QUERY = "word3 and word17"
AGAIN = 10  # readings at a moment after the first


class Model:
    """What a namespace holds, as dictionaries: ids that can be found, in the order of their latest version."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self.entries: dict[str, int] = {}


Step = tuple[Callable[[remanence.Memory], Any], Callable[[Model], Any]]


def steps(records: int, rng: random.Random) -> list[Step]:
    """Return what is done to the memory and the model, a record each."""
    made: list[Step] = []
    known: list[str] = []
    for n in range(1, records + 1):
        what = rng.random()
        if what < 0.7 or not known:
            id = rng.choice(["", "", f"id{rng.randrange(200)}"])
            made.append(_add(f"word{n % 97} and word{rng.randrange(1000)}, {n}", id, n))
            known.append(id or f"m{n}")
        elif what < 0.75:
            made.append(_fade(rng.choice(known)))
        elif what < 0.8:
            made.append(_use(rng.choice(known)))
        elif what < 0.9:
            made.append(_put(f"key{rng.randrange(500)}", n))
        else:
            made.append(_append(f"stream{rng.randrange(20)}", n))
    return made


def _add(text: str, id: str, n: int) -> Step:
    def model(held: Model) -> None:
        held.texts.pop(id or f"m{n}", None)
        held.texts[id or f"m{n}"] = text

    return lambda memory: memory.add(text, id=id or None, session=f"s{n // 20}"), model


def _fade(id: str) -> Step:
    return lambda memory: memory.fade(id), lambda held: held.texts.pop(id, None)


def _use(id: str) -> Step:
    return lambda memory: memory.reinforce(id), lambda held: None


def _put(key: str, value: int) -> Step:
    return lambda memory: memory.kv.put(key, value), lambda held: held.values.__setitem__(key, value)


def _append(name: str, value: int) -> Step:
    def model(held: Model) -> None:
        held.entries[name] = held.entries.get(name, 0) + 1

    return lambda memory: memory.stream(name).append(value), model


def microseconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - started) / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--moments", type=int, default=1_000)
    options = parser.parse_args()
    rng = random.Random(3)
    todo = steps(options.records, rng)
    first: list[float] = []
    later: list[float] = []
    live: list[float] = []
    exact = 0
    with tempfile.TemporaryDirectory() as folder:
        store = remanence.open(
            Path(folder) / "memory.db", embedder=HashingEmbedder(128), clock=FakeClock(step_ns=10**9)
        )
        memory = store["past"]
        for write, _ in todo:
            write(memory)
        held, seq = Model(), 0
        for moment in sorted(rng.sample(range(1, options.records + 1), options.moments)):
            for _, apply in todo[seq:moment]:
                apply(held)
            seq = moment
            past = memory.as_of(remanence.Position(moment))
            first.append(microseconds(lambda: past.search(QUERY)))  # noqa: B023
            if moment % 10 == 0:
                later += [microseconds(lambda: past.search(QUERY)) for _ in range(AGAIN)]  # noqa: B023
                live += [microseconds(lambda: memory.search(QUERY)) for _ in range(AGAIN)]
            found = {item.id: item.text for item in past.items()}
            entries = {name: len(past.stream(name)) for name in past.streams()}
            exact += (list(found.items()), dict(past.kv), entries) == (
                list(held.texts.items()),
                held.values,
                held.entries,
            )
        store.close()
    figures = {
        "records": options.records,
        "moments": options.moments,
        "exact": exact,
        "first_reading_us": {"p50": statistics.median(first), "p99": statistics.quantiles(first, n=100)[98]},
        "later_readings_us": {"p50": statistics.median(later)},
        "readings_of_the_present_us": {"p50": statistics.median(live)},
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
