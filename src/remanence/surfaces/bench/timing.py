"""How calls are timed: back to back, and paced as turns of a conversation are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

PACE_S = 0.020


class Latency(msgspec.Struct, frozen=True):
    """Microseconds of a call.

    Attributes:
        n: how many calls were timed.
    """

    p50_us: float
    p99_us: float
    n: int


def summary(times_ns: Sequence[int]) -> Latency:
    """Return median and 99th percentile of some times."""
    ordered = sorted(times_ns)
    return Latency(
        p50_us=ordered[len(ordered) // 2] / 1e3,
        p99_us=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] / 1e3,
        n=len(ordered),
    )


def tight(call: Callable[[str], object], queries: Iterable[str]) -> Latency:
    """Time a call for each query, one right after the other."""
    times: list[int] = []
    for query in queries:
        started = time.perf_counter_ns()
        call(query)
        times.append(time.perf_counter_ns() - started)
    return summary(times)


def paced(
    call: Callable[[str], object],
    queries: Iterable[str],
    before: Callable[[str], object] | None = None,
) -> Latency:
    """Time a call for each query, one every 20 ms: the caches have cooled in between.

    Args:
        before: called with the first words of the query just before it, not timed; as an agent warms
            up on an interim transcript.
    """
    times: list[int] = []
    due = time.perf_counter()
    for query in queries:
        due += PACE_S
        time.sleep(max(0.0, due - time.perf_counter()))
        if before is not None:
            words = query.split()
            before(" ".join(words[: max(1, len(words) // 2)]))
        started = time.perf_counter_ns()
        call(query)
        times.append(time.perf_counter_ns() - started)
    return summary(times)
