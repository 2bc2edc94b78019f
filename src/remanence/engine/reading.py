"""A query over one namespace or several: analyse once, rank each, merge by score, shape the answer.

`Memory` and `Store` both read through here, so that one namespace is only the case of a single source.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from time import perf_counter_ns

import numpy as np

from remanence.core.confidence import LOOKED_AT, confidence
from remanence.core.ranking import Scores, calibrated
from remanence.engine.arguments import (
    check_reading,
    checked_budget,
    checked_k,
    checked_threshold,
    entries_for,
)
from remanence.engine.context import Pair, Source, build, hits_of, repeats_of
from remanence.engine.depth import Failed
from remanence.engine.history import Past
from remanence.engine.kinds import ranked_kinds
from remanence.engine.metadata import Where
from remanence.engine.namespace import Namespace
from remanence.engine.query import Query, analyse
from remanence.engine.recall import recall_distinct
from remanence.engine.reordering import HEAD, head_of, reordered
from remanence.engine.standing import standing_at
from remanence.engine.weights import TRUST, WEIGHTS
from remanence.ports import TokenCounter
from remanence.types import Context, Hits, Position

_TO_SHAPE_NS = 1_000_000  # of the time given, what is kept for packing and shaping


def search(
    live: Sequence[Namespace | Past],
    query: str,
    *,
    trace_id: str,
    k: int,
    where: Where | None,
    kinds: Sequence[str] | None,
    threshold: float | None,
    depth: str,
    max_latency_ms: float | None,
) -> Hits:
    """Return the best memories of all these namespaces together; arguments as in `Memory.search`."""
    clock = _Stages()
    kinds = check_reading(query, where, kinds, depth, max_latency_ms)
    k, least = checked_k(k), checked_threshold(threshold)
    question = _analysed(live, query)
    clock.mark("analyse")
    deeper = _deeper(
        live, query, question, kinds, limit=k, enough=k, where=where, within_ms=max_latency_ms, clock=clock
    )
    with _held(live):
        sources = deeper[0] if deeper else _ranked(live, question, kinds, limit=k, enough=k, where=where)
        scores, order = _merged(sources)
        if len(sources) > 1:
            order = order[: 2 * k + 8]
            repeats = repeats_of(sources, order)
            order = [pair for n, pair in enumerate(order) if n not in repeats]
        clock.mark("recall")
        hits = hits_of(sources, order[:k])
        position, at_ns = deeper[1] if deeper else _position(sources), live[0].around.clock()
    if least:
        hits = [hit for hit in hits if hit.score >= least]
    clock.mark("shape")
    return Hits(hits, confidence(scores, TRUST), trace_id, clock.timings(), position, at_ns)


def context(
    live: Sequence[Namespace | Past],
    query: str,
    *,
    trace_id: str,
    budget_tokens: int,
    profile_tokens: int | None,
    counter: TokenCounter | None,
    where: Where | None,
    kinds: Sequence[str] | None,
    threshold: float | None,
    depth: str,
    max_latency_ms: float | None,
) -> Context:
    """Return one context from all these namespaces; arguments as in `Memory.context`."""
    clock = _Stages()
    kinds = check_reading(query, where, kinds, depth, max_latency_ms)
    budget, least = checked_budget(budget_tokens, profile_tokens, counter), checked_threshold(threshold)
    question = _analysed(live, query)
    clock.mark("analyse")
    limit = entries_for(budget.tokens)
    enough = limit // 3
    deeper = _deeper(
        live, query, question, kinds, limit=limit, enough=enough, where=where, within_ms=max_latency_ms, clock=clock
    )
    with _held(live):
        sources = deeper[0] if deeper else _ranked(live, question, kinds, limit=limit, enough=enough, where=where)
        scores, order = _merged(sources)
        sure = confidence(scores, TRUST)
        if least is None:
            if sure < TRUST.least and len(scores) >= LOOKED_AT:
                order = []  # nothing rather than noise; of a small memory, all rather than nothing
        else:
            order = [pair for pair, score in zip(order, calibrated(scores, WEIGHTS), strict=True) if score >= least]
        clock.mark("recall")
        if "fact" in (kinds or ()):  # then they are among the lines
            budget = budget._replace(profile=0)
        packed = build(_standing(live, sources), order, question.terms, budget)
        position, at_ns = deeper[1] if deeper else _position(sources), live[0].around.clock()
    clock.mark("shape")
    return Context(
        text=packed.text,
        tokens=packed.tokens,
        hits=tuple(packed.hits),
        position=position,
        confidence=sure,
        trace_id=trace_id,
        timings=clock.timings(),
        facts=packed.facts,
        at_ns=at_ns,
    )


def _analysed(live: Sequence[Namespace | Past], query: str) -> Query:
    around = live[0].around
    return analyse(query, around.embedder, around.analyzer)


def _held(live: Sequence[Namespace | Past]) -> AbstractContextManager[object]:
    """Return what holds the locks of all."""
    return live[0].lock if len(live) == 1 else _all_held(live)


@contextmanager
def _all_held(live: Sequence[Namespace | Past]) -> Generator[None]:
    """Hold the locks, always taken in order of name, so that two readers cannot wait for each other."""
    with ExitStack() as stack:
        for namespace in sorted(live, key=lambda each: each.name):
            stack.enter_context(namespace.lock)
        yield


def _ranked(
    live: Sequence[Namespace | Past],
    question: Query,
    kinds: Sequence[str] | None,
    *,
    limit: int,
    enough: int,
    where: Where | None,
) -> list[Source]:
    sources: list[Source] = []
    for each in live:
        if kinds is not None:
            sources += ranked_kinds(each, question, kinds, limit=limit, enough=enough, where=where)
            continue
        state = each.state()
        ranked = recall_distinct(state, question, limit=limit, where=where, enough=enough)
        sources.append(Source(each.name, state, ranked))
    return sources


def _standing(live: Sequence[Namespace | Past], sources: Sequence[Source]) -> list[Source]:
    """Return sources with the facts that hold in them."""
    holding = {each.name: standing_at(each.state(), each.valid_ns()) for each in live}
    return [source if source.worded else source._replace(standing=holding[source.name]) for source in sources]


def _position(sources: Sequence[Source]) -> Position:
    state = sources[0].state if sources[0].worded is None else sources[0].worded.of
    return Position(state.seq, state.digest)


def _deeper(
    live: Sequence[Namespace | Past],
    query: str,
    question: Query,
    kinds: Sequence[str] | None,
    *,
    limit: int,
    enough: int,
    where: Where | None,
    within_ms: float | None,
    clock: _Stages,
) -> tuple[list[Source], Position] | None:
    """Return what was ranked, the best of it in the order by both opinions, and where the log stood; None
    where nothing goes deeper. The locks are held to rank and not while the reranker thinks."""
    depth = live[0].around.depth
    if depth is None or within_ms is None:
        return None
    with _held(live):
        sources = _ranked(live, question, kinds, limit=max(limit, HEAD), enough=enough, where=where)
        position = _position(sources)
        head = head_of(sources)
    clock.mark("recall")
    if len(head.texts) > 1:
        try:
            scores = depth.scores(query, head.texts, clock.ends_ns(within_ms) - _TO_SHAPE_NS)
        except Failed:
            clock.mark("rerank_failed")
        else:
            if len(scores) > 1:
                sources = reordered(sources, head, scores)
                clock.mark("rerank")
    return sources, position


def _merged(sources: Sequence[Source]) -> tuple[Scores, list[Pair]]:
    """Return the scores of all ranked rows, best first, and which row each is of."""
    if len(sources) == 1:
        scores = sources[0].ranked.scores
        return scores, [(0, i) for i in range(len(scores))]
    scores = np.concatenate([source.ranked.scores for source in sources])
    pairs = [(s, i) for s, source in enumerate(sources) for i in range(len(source.ranked.scores))]
    order = (-scores).argsort(kind="stable")
    return scores[order], [pairs[n] for n in order.tolist()]


class _Stages:
    """What each stage of a reading took."""

    __slots__ = ("_last", "_started", "_taken")

    def __init__(self) -> None:
        self._started = self._last = perf_counter_ns()
        self._taken: dict[str, float] = {}

    def mark(self, stage: str) -> None:
        """Note that a stage ends now."""
        now = perf_counter_ns()
        self._taken[stage] = self._taken.get(stage, 0.0) + (now - self._last) / 1e3
        self._last = now

    def ends_ns(self, within_ms: float) -> int:
        """Return when so many milliseconds from the start have passed, by `perf_counter_ns`."""
        return self._started + int(min(within_ms, 1e9) * 1e6)

    def timings(self) -> dict[str, float]:
        """Return microseconds by stage, and in all."""
        return self._taken | {"total": (self._last - self._started) / 1e3}
