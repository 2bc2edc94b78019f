"""Vectors of callers' own, and search over all kinds: what they cost, and what is found. Prints JSON.

    python benchmarks/vectors.py                    # 1,000 and 100,000 vectors of 384 dimensions
    python benchmarks/vectors.py --sizes 1000 5000 --queries 20

Vectors are drawn at random, which is the worst case, and in a thousand clusters, as embeddings lie. Recall is of the
ten nearest by float64. `formats` has what decides how they are held: recall and a scan of all by int8, float16 and
float32, with vectors of two large components besides.
`kinds` fills a namespace with turns and half as many keys, entries and payloads, and asks it with and without them.
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

import numpy as np
from numpy.typing import NDArray

import remanence
from remanence.surfaces.bench.texts import Texts

DIM, K = 384, 10
_CLUSTERS = 1_000
_SPREAD = 0.6  # of a cluster, where its centre is of length 1 a dimension
_AT_ONCE = 1_024

Vectors = NDArray[np.float32]


def scattered(n: int, rng: np.random.Generator) -> Vectors:
    return unit(rng.standard_normal((n, DIM), dtype=np.float32))


def clustered(n: int, rng: np.random.Generator) -> Vectors:
    centres = np.random.default_rng(7).standard_normal((_CLUSTERS, DIM), dtype=np.float32)
    noise = rng.standard_normal((n, DIM), dtype=np.float32)
    return unit(centres[rng.integers(0, _CLUSTERS, n)] + np.float32(_SPREAD) * noise)


def lopsided(n: int, rng: np.random.Generator) -> Vectors:
    """Clusters with two components much larger than the rest, as some models have them."""
    shift = np.zeros(DIM, np.float32)
    shift[[7, 100]] = 8 / np.sqrt(DIM)
    return unit(clustered(n, rng) + shift)


def unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(vectors: Vectors, queries: Vectors) -> list[set[int]]:
    """Return the ten nearest to each query by float64."""
    exact = vectors.astype(np.float64)
    return [set((-(exact @ query.astype(np.float64))).argsort()[:K].tolist()) for query in queries]


def recall(found: list[set[int]], exact: list[set[int]]) -> float:
    return statistics.mean(len(one & other) / K for one, other in zip(found, exact, strict=True))


def milliseconds(call: Callable[[], Any], times: int = 1) -> float:
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter_ns()
        call()
        taken.append((time.perf_counter_ns() - started) / 1e6)
    return statistics.median(taken)


def searching(vectors: Vectors, queries: Vectors) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, remanence.open(Path(folder) / "memory.db") as store:
        memory = store["vectors"]
        adds = [milliseconds(lambda: memory.add_vector(vector, n)) for n, vector in enumerate(vectors)]  # noqa: B023
        memory.search_vector(queries[0])
        taken: list[float] = []
        found: list[set[int]] = []
        for query in queries:
            started = time.perf_counter_ns()
            hits = memory.search_vector(query, k=K)
            taken.append((time.perf_counter_ns() - started) / 1e6)
            found.append({hit.value for hit in hits})
        held = memory.stats().hot_bytes_by_part["given vectors"]
        return {
            "recall": recall(found, nearest(vectors, queries)),
            "search_p50_ms": statistics.median(taken),
            "add_p50_ms": statistics.median(adds),
            "bytes_a_vector": held / len(vectors),
        }


def formats(vectors: Vectors, queries: Vectors) -> dict[str, dict[str, float]]:
    """Return what each way of holding vectors costs and finds, all of them scored."""
    exact = nearest(vectors, queries)
    steps = np.abs(vectors).max(axis=1, keepdims=True) / 127
    told: dict[str, dict[str, float]] = {}
    for name, held in (
        ("int8", np.rint(vectors / steps).astype(np.int8)),
        ("float16", vectors.astype(np.float16)),
        ("float32", vectors),
    ):
        lengths = np.concatenate(
            [
                np.linalg.norm(held[start : start + _AT_ONCE].astype(np.float32), axis=1)
                for start in range(0, len(held), _AT_ONCE)
            ]
        )

        def scan(query: Vectors, held: NDArray[Any] = held, lengths: Vectors = lengths) -> Vectors:
            scores = np.empty(len(held), np.float32)
            floats = np.empty((_AT_ONCE, DIM), np.float32)
            for start in range(0, len(held), _AT_ONCE):
                part = floats[: len(held) - start]
                part[...] = held[start : start + _AT_ONCE]
                np.vecdot(part, query, out=scores[start : start + _AT_ONCE])
            return scores / lengths

        found = [set((-scan(query)).argsort()[:K].tolist()) for query in queries]
        told[name] = {
            "recall": recall(found, exact),
            "scan_ms": milliseconds(lambda: scan(queries[0]), 5),
            "bytes_a_vector": held.nbytes / len(held),
        }
    return told


def kinds(size: int, rng: np.random.Generator) -> dict[str, float]:
    """Return what a search of texts costs, alone and beside other kinds, and what a search of all costs."""

    texts = Texts(None)
    stored = texts.sentences(2 * size)
    said, queries = iter(stored).__next__, texts.queries(20, stored)
    every = ["text", "fact", "kv", "stream", "vector"]
    with remanence.open() as store:
        memory = store["kinds"]
        for n in range(size):
            memory.add(said(), session=f"s{n // 20}")
        for n in range(size // 6):
            memory.kv[f"key/{n}"] = {"status": said(), "n": n}
            memory.stream(f"stream{n % 10}").append({"topic": said()})
            memory.add_vector(rng.standard_normal(8), said())

        def asking(**how: Any) -> float:
            return statistics.median(milliseconds(lambda: memory.search(q, **how), 15) for q in queries)  # noqa: B023

        alone = asking()
        first = milliseconds(lambda: memory.search(queries[0], kinds=every))
        after, all_kinds = asking(), asking(kinds=every)
        return {
            "text_p50_ms": alone,
            "first_of_all_kinds_ms": first,
            "text_beside_others_p50_ms": after,
            "all_kinds_p50_ms": all_kinds,
            "ratio": all_kinds / after,
            "bytes_a_value": memory.stats().hot_bytes_by_part["kinds"] / (size // 6 * 3),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    told: dict[str, Any] = {"dimensions": DIM, "search_vector": {}, "formats": {}, "kinds": {}}
    for size in options.sizes:
        for draw in (scattered, clustered):
            rng = np.random.default_rng(size)
            vectors, queries = draw(size, rng), draw(options.queries, rng)
            told["search_vector"][f"{size} {draw.__name__}"] = searching(vectors, queries)
            told["formats"][f"{size} {draw.__name__}"] = formats(vectors, queries)
        rng = np.random.default_rng(size)
        told["formats"][f"{size} lopsided"] = formats(lopsided(size, rng), lopsided(options.queries, rng))
        told["kinds"][str(min(size, 10_000))] = kinds(min(size, 10_000), np.random.default_rng(size))
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
