"""The measurements themselves, and the report that holds them. It must not judge: figures only."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

import remanence
from remanence.engine.memory import Memory
from remanence.surfaces.bench import machine
from remanence.surfaces.bench.texts import Texts
from remanence.surfaces.bench.timing import Latency, paced, summary, tight

_TURNS_A_SESSION = 20
_SPEAKERS = ("Mara", "Theo")
_START_NS = 1_700_000_000_000_000_000
_TURN_NS = 15_000_000_000
_SESSION_GAP_NS = 86_400_000_000_000

# Prints microseconds from opening to the first context, then the resident bytes that has cost.
_REOPEN = """
import sys, time
import remanence
from remanence.surfaces.bench.machine import resident_bytes
before = resident_bytes()
started = time.perf_counter()
with remanence.open(sys.argv[1]) as store:
    store.memory("bench").context(sys.argv[2])
    took_us = (time.perf_counter() - started) * 1e6
    print(took_us, -1 if before is None else resident_bytes() - before)
"""
_IMPORT = "import time; t = time.perf_counter(); import {}; print((time.perf_counter() - t) * 1e6)"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure."""

    sizes: tuple[int, ...]
    n_queries: int
    n_paced: int
    texts: str | None
    parts: tuple[str, ...]
    idle_seconds: float


class Figures(msgspec.Struct, frozen=True):
    """One group of figures: rows to print, the first of them a header, and the same as values."""

    title: str
    rows: list[tuple[str, ...]]
    values: Any


class Report(msgspec.Struct, frozen=True):
    """Everything that was measured, and on what."""

    machine: dict[str, str]
    texts: str
    figures: list[Figures]


def measure(plan: Plan, say: Callable[[str], None] = lambda line: None) -> Report:
    """Run a plan.

    Args:
        say: told what is being done, a line at a time.
    """
    described = machine.describe()
    texts = Texts(plan.texts)
    figures: list[Figures] = []
    sized = [part for part in ("latency", "growth", "memory", "reopen") if part in plan.parts]
    if sized:
        figures += _by_size(plan, texts, sized, say)
    for part, take in (
        ("add", lambda: _adding(texts)),
        ("cpu", lambda: _cpu(texts)),
        ("idle", lambda: _idle(texts, plan.idle_seconds)),
        ("import", _importing),
        ("install", _installed),
    ):
        if part in plan.parts:
            say(f"measuring {part} ...")
            figures.append(take())
    return Report(described, texts.source, figures)


_LAST_ADDS = 1_000  # of those that filled it to a size: what adding costs there


def _fill(memory: Memory, sentences: Sequence[str], first: int = 0) -> list[int]:
    """Store sentences as turns of two people, in sessions of twenty; return what each took, ns."""
    from remanence.types import datetime_of

    took: list[int] = []
    for n, sentence in enumerate(sentences, first):
        session = n // _TURNS_A_SESSION
        started = time.perf_counter_ns()
        memory.add(
            sentence,
            speaker=_SPEAKERS[n % 2],
            role="user",
            at=datetime_of(_START_NS + session * _SESSION_GAP_NS + n % _TURNS_A_SESSION * _TURN_NS),
            session=f"s{session}",
        )
        took.append(time.perf_counter_ns() - started)
    return took


def _by_size(plan: Plan, texts: Texts, parts: Sequence[str], say: Callable[[str], None]) -> list[Figures]:
    """Measure what depends on how much is held, filling one store from size to size."""
    latency = [("memories", "call", "how", "p50 us", "p99 us", "calls")]
    latency_values: list[dict[str, Any]] = []
    growth: dict[int, Latency] = {}
    held = [("memories", "counted", "resident, reopened", "log")]
    held_values: list[dict[str, Any]] = []
    reopen = [("memories", "open to first context, us")]
    reopen_values: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "bench.db"))
        stored: list[str] = []
        for size in plan.sizes:
            say(f"filling to {size:,} memories ...")
            more = texts.sentences(size - len(stored))
            with remanence.open(path) as store:
                memory = store.memory("bench")
                added = summary(_fill(memory, more, len(stored))[-_LAST_ADDS:])
                stored += more
                queries = texts.queries(plan.n_queries, stored)
                memory.preload()
                say(f"measuring at {size:,} memories ...")
                stats = memory.stats()
                growth[size] = tight(memory.context, queries)
                if "latency" in parts:
                    cells = _latencies(memory, queries, plan.n_paced, growth[size])
                    cells.append(("add", "back to back", added))
                    latency += [
                        (f"{size:,}", call, how, f"{t.p50_us:,.0f}", f"{t.p99_us:,.0f}", str(t.n))
                        for call, how, t in cells
                    ]
                    latency_values += [
                        {"memories": size, "call": call, "how": how, **msgspec.structs.asdict(t)}
                        for call, how, t in cells
                    ]
                counted, logged = stats.hot_bytes / max(stats.items, 1), stats.log_bytes / size
            opened = [machine.fresh_python(_REOPEN, path, queries[0]).split() for _ in range(3)]
            first_us = sorted(float(us) for us, _ in opened)[1]
            resident = sorted(int(n_bytes) for _, n_bytes in opened)[1] / size
            held.append(
                (
                    f"{size:,}",
                    f"{counted:,.0f}",
                    f"{resident:,.0f}" if resident > 0 else "unknown",
                    f"{logged:,.0f}",
                )
            )
            held_values.append(
                {
                    "memories": size,
                    "hot_bytes_each": counted,
                    "resident_bytes_each": resident if resident > 0 else None,
                    "log_bytes_each": logged,
                }
            )
            reopen.append((f"{size:,}", f"{first_us:,.0f}"))
            reopen_values.append({"memories": size, "open_to_first_context_us": first_us})
    found: list[Figures] = []
    if "latency" in parts:
        found.append(Figures("Latency", latency, latency_values))
    if "growth" in parts:
        first = growth[plan.sizes[0]].p50_us
        rows = [("memories", "context p50 us", "times the first")]
        rows += [(f"{n:,}", f"{t.p50_us:,.0f}", f"{t.p50_us / first:.1f}") for n, t in growth.items()]
        values = [{"memories": n, "p50_us": t.p50_us, "ratio": t.p50_us / first} for n, t in growth.items()]
        found.append(Figures("Growth", rows, values))
    if "memory" in parts:
        found.append(Figures("Bytes a memory", held, held_values))
    if "reopen" in parts:
        found.append(Figures("Reopen in a new process", reopen, reopen_values))
    return found


def _latencies(
    memory: Memory, queries: Sequence[str], n_paced: int, context_tight: Latency
) -> list[tuple[str, str, Latency]]:
    few = queries[:n_paced]
    return [
        ("context", "back to back", context_tight),
        ("context", "paced", paced(memory.context, few)),
        ("context", "paced, after warm", paced(memory.context, few, memory.warm)),
        ("search", "back to back", tight(memory.search, queries)),
        ("search", "paced", paced(memory.search, few)),
        ("search", "paced, after warm", paced(memory.search, few, memory.warm)),
        ("embed query", "back to back", tight(_embedder().embed, queries)),
        ("embed query", "paced", paced(_embedder().embed, few)),
    ]


def _embedder() -> Any:
    from remanence.embed.static import StaticEmbedder

    return StaticEmbedder()


def _adding(texts: Texts, n: int = 2_000) -> Figures:
    sentences = texts.sentences(n)
    rows = [("store", "p50 us", "p99 us", "adds")]
    values: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path, durable in (
            ("in a file", os.path.join(folder, "add.db"), False),
            ("in a file, durable", os.path.join(folder, "durable.db"), True),
            ("in RAM", None, False),
        ):
            with remanence.open(path) as store:
                memory = store.memory("bench")

                def add(text: str, memory: Memory = memory, durable: bool = durable) -> object:
                    return memory.add(text, speaker="Mara", session="s", durable=durable)

                took = tight(add, sentences[: n // 10] if durable else sentences)
            rows.append((name, f"{took.p50_us:,.0f}", f"{took.p99_us:,.0f}", str(took.n)))
            values.append({"store": name, **msgspec.structs.asdict(took)})
    return Figures("Add, log included", rows, values)


def _cpu(texts: Texts, n: int = 1_000) -> Figures:
    """Measure the processor time of turns: the context for each, then what was said is stored."""
    sentences = texts.sentences(2 * n)
    with tempfile.TemporaryDirectory() as folder, remanence.open(Path(folder, "cpu.db")) as store:
        memory = store.memory("bench")
        memory.context("warm up")
        started = time.process_time()
        for i in range(n):
            memory.context(sentences[2 * i])
            memory.add(sentences[2 * i], speaker="Mara", role="user")
            memory.add(sentences[2 * i + 1], role="assistant")
        took_s = time.process_time() - started
    rows = [("turns", "processor seconds"), (f"{n:,}", f"{took_s:.3f}")]
    return Figures("Processor time: a context and two adds a turn", rows, {"turns": n, "cpu_seconds": took_s})


def _idle(texts: Texts, seconds: float) -> Figures:
    """Measure how often a store that nobody uses wakes up, and the processor time that takes."""
    with tempfile.TemporaryDirectory() as folder, remanence.open(Path(folder, "idle.db")) as store:
        memory = store.memory("bench")
        _fill(memory, texts.sentences(200))
        memory.context("warm up")
        time.sleep(1.0)  # what the last writes still have to do is not idling
        before, cpu_before = machine.wake_ups(), time.process_time()
        time.sleep(seconds)
        after, cpu = machine.wake_ups(), time.process_time() - cpu_before
    count = None if before is None or after is None else max(0, after - before - 1)  # 1: this sleep itself
    rows = [("seconds", "wake-ups", "processor ms"), (f"{seconds:g}", str(count), f"{cpu * 1e3:.2f}")]
    return Figures("Idle", rows, {"seconds": seconds, "wake_ups": count, "cpu_seconds": cpu})


def _importing(n_runs: int = 5) -> Figures:
    took = {
        name: sorted(float(machine.fresh_python(_IMPORT.format(name))) for _ in range(n_runs))[n_runs // 2]
        for name in ("numpy", "remanence")
    }
    ratio = took["remanence"] / took["numpy"]
    rows = [
        ("import", "ms", "times numpy"),
        *((name, f"{us / 1e3:.0f}", f"{us / took['numpy']:.2f}") for name, us in took.items()),
    ]
    return Figures("Import, in a new interpreter", rows, {"us": took, "ratio_to_numpy": ratio})


def _installed() -> Figures:
    sizes = machine.installed_bytes()
    rows = [("package", "MB"), *((name, f"{n / 1e6:.1f}") for name, n in sizes.items())]
    return Figures("Installed size", [*rows, ("in all", f"{sum(sizes.values()) / 1e6:.1f}")], sizes)
