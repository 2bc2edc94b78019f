"""What it costs a reading that it is traced: the same calls with and without, taking turns in one process. Prints JSON.

    python benchmarks/tracing.py                             # 1,000 and 10,000 memories
    python benchmarks/tracing.py --size 1000 --queries 1000 --paced 100

One store in a file; each query is asked once, with a trace or without by the toss of a coin, so that both meet the
same machine and the same caches. Back to back, and one every 20 ms as in a conversation; `ratio` is of the medians.
`asked` is what `lineage` and `why` take at the end: the first time, when the log is read, and once that is done.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

import remanence
from remanence.engine.reader import Reader
from remanence.surfaces.bench import machine
from remanence.surfaces.bench.texts import Texts
from remanence.surfaces.bench.timing import PACE_S, summary


def readers(store: remanence.Store, detail: str) -> dict[str, Callable[[str], object]]:
    """Return the same call over the same state, with a trace and without."""
    memory = store.memory("bench", agent="Robin")
    tracer = memory._trace
    silent = Reader(memory._live, memory.namespace, tracer.silent())
    return {detail: memory.context, "off": silent.context}


def measured(calls: dict[str, Callable[[str], object]], queries: Sequence[str], pace_s: float, seed: int) -> Any:
    """Return the latency of each call over its share of the queries, and the ratio of their medians."""
    draw = random.Random(seed)
    names = [name for name in calls for _ in range(len(queries) // 2)]
    draw.shuffle(names)
    took: dict[str, list[int]] = {name: [] for name in calls}
    due = time.perf_counter()
    for name, query in zip(names, queries, strict=False):
        if pace_s:
            due += pace_s
            time.sleep(max(0.0, due - time.perf_counter()))
        started = time.perf_counter_ns()
        calls[name](query)
        took[name].append(time.perf_counter_ns() - started)
    found = {name: msgspec.structs.asdict(summary(times)) for name, times in took.items()}
    traced, plain = (found[name]["p50_us"] for name in calls)
    return found | {"added_p50_us": traced - plain, "ratio": traced / plain}


def asked(memory: remanence.Memory, trace_id: str, id: str) -> Any:
    """Return what it takes to look into a reading and a memory, microseconds."""

    def took_us(call: Callable[[], object]) -> float:
        started = time.perf_counter_ns()
        call()
        return (time.perf_counter_ns() - started) / 1e3

    first = took_us(lambda: memory.lineage(trace_id))
    lineage = sorted(took_us(lambda: memory.lineage(trace_id)) for _ in range(21))[10]
    why = sorted(took_us(lambda: memory.why(id)) for _ in range(21))[10]
    return {
        "first_us_a_record": first / memory.head().seq,
        "lineage_us": lineage,
        "why_us": why,
        "readings_of_the_memory": len(memory.why(id, limit=10**6).readings),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, action="append", help="memories; may be repeated")
    parser.add_argument("--queries", type=int, default=8_000, help="back to back")
    parser.add_argument("--paced", type=int, default=1_500, help="one every 20 ms")
    parser.add_argument("--detail", choices=["ids", "full"], default="ids")
    given = parser.parse_args()
    texts = Texts()
    stored: list[str] = []
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bench.db")
        for size in sorted(given.size or [1_000, 10_000]):
            with remanence.open(path, config=remanence.Config(trace_detail=given.detail)) as store:
                memory = store["bench"]
                for n, sentence in enumerate(texts.sentences(size - len(stored)), len(stored)):
                    memory.add(sentence, speaker="Mara", session=f"s{n // 20}")
                    stored.append(sentence)
                calls = readers(store, given.detail)
                for call in calls.values():
                    call("warm up")
                queries = texts.queries(given.queries, stored)
                tight = measured(calls, queries, 0, seed=1)
                paced = measured(calls, texts.queries(given.paced, stored), PACE_S, seed=2)
                context = memory.context(queries[0])
                hits = {"memories": size, "hits": len(context.hits)}
                looked = asked(memory, context.trace_id, context.hits[0].id)
                figures.append(hits | {"tight": tight, "paced": paced, "asked": looked})
        n_bytes = path.with_name("bench.db.traces").stat().st_size
    n_traced = sum(each[how][given.detail]["n"] for each in figures for how in ("tight", "paced"))
    report = {"machine": machine.describe(), "figures": figures, "file_bytes_a_reading": round(n_bytes / n_traced)}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
