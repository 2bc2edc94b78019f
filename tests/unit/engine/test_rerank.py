"""A store with a reranker: when it is asked, what its word changes, and what it never changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine.reordering import HEAD
from remanence.errors import InvalidInput
from remanence.testing import FakeClock, HashingEmbedder

AMPLE = 1e7  # ms: no timer decides here
WORDS = "red dog runs home after long days by green water under old trees with many small birds".split()


class Stub:
    """Gives what a function gives, and keeps what it was asked."""

    name = "stub"

    def __init__(self, give: Callable[[Sequence[str]], Any]) -> None:
        self.give = give
        self.asked: list[str] = []

    def scores(self, query: str, texts: Sequence[str]) -> Any:
        self.asked += texts
        return self.give(texts)


def by_number(texts: Sequence[str]) -> Any:
    """The higher the number a text ends in, the better, far beyond what the ranker says."""
    return np.array([10.0 ** (int(text.split()[-1]) // 10) for text in texts])


def failing(texts: Sequence[str]) -> Any:
    raise RuntimeError("out of order")


def filled(reranker: Any, n: int = 100) -> remanence.Store:
    store = remanence.open(
        embedder=HashingEmbedder(64), analyzer=EnglishAnalyzer(), clock=FakeClock(step_ns=10**9), reranker=reranker
    )
    for i in range(n):
        words = [WORDS[(i * 7 + j * (1 + i % 5)) % len(WORDS)] for j in range(6)]
        store["a" if i % 3 else "b"].add(f"{' '.join(words)} {i}", speaker="Ana")
    return store


Ask = Callable[..., remanence.Hits]


@pytest.fixture(params=["one", "two"])
def asks(request: pytest.FixtureRequest) -> Iterator[Callable[[Any], Ask]]:
    """Search one namespace, or two together."""
    stores: list[remanence.Store] = []

    def ask_of(reranker: Any) -> Ask:
        store = filled(reranker)
        stores.append(store)
        if request.param == "one":
            return lambda **given: store["a"].search("red dog by the water", **given)
        return lambda **given: store.search("red dog by the water", namespaces=["a", "b"], **given)

    yield ask_of
    for store in stores:
        store.close()


def told(hits: Sequence[remanence.Hit]) -> list[tuple[str, str]]:
    return [(hit.namespace, hit.id) for hit in hits]


def test_nothing_goes_deeper_by_itself(asks: Callable[[Any], Ask]) -> None:
    stub = Stub(by_number)
    hits = asks(stub)(k=10)
    assert stub.asked == []
    assert not {"rerank", "rerank_failed"} & hits.timings.keys()


def test_the_order_is_both_opinions_and_the_places_keep_their_scores(asks: Callable[[Any], Ask]) -> None:
    stub = Stub(by_number)
    ask = asks(stub)
    fast, deep = ask(k=100), ask(k=100, max_latency_ms=AMPLE)
    assert told(deep) != told(fast)
    assert sorted(told(deep)) == sorted(told(fast))
    assert stub.asked == [f"Ana: {hit.text}" for hit in fast[:HEAD]]
    assert told(deep[HEAD:]) == told(fast[HEAD:])
    assert [hit.score for hit in deep] == [hit.score for hit in fast]
    assert deep.confidence == fast.confidence
    assert {(hit.id, hit.text, *hit.weighted) for hit in deep} == {(hit.id, hit.text, *hit.weighted) for hit in fast}
    assert deep.timings["rerank"] > 0


def test_what_it_raises_is_found_among_few(asks: Callable[[Any], Ask]) -> None:
    ask = asks(Stub(by_number))
    deep = told(ask(k=20, max_latency_ms=AMPLE))
    assert deep == told(ask(k=100, max_latency_ms=AMPLE)[:20])
    assert set(deep) - set(told(ask(k=20)))


def test_a_threshold_lets_as_many_through(asks: Callable[[Any], Ask]) -> None:
    ask = asks(Stub(by_number))
    scores = [hit.score for hit in ask(k=100)]
    least = scores[7]
    assert len(ask(k=100, threshold=least, max_latency_ms=AMPLE)) == sum(score >= least for score in scores)


@pytest.mark.parametrize(
    "give",
    [
        failing,
        lambda texts: [float("nan")] * len(texts),
        lambda texts: [1.0],
        lambda texts: [0.5] * len(texts),
    ],
    ids=["raising", "NaN", "wrong shape", "no opinion"],
)
def test_the_fast_order_stands_without_it(asks: Callable[[Any], Ask], give: Callable[[Sequence[str]], Any]) -> None:
    ask = asks(Stub(give))
    hits = ask(k=10, max_latency_ms=AMPLE)
    assert told(hits) == told(ask(k=10))
    assert ("rerank" in hits.timings) == (give(["x", "y"])[0] == 0.5 if give is not failing else False)
    assert ("rerank_failed" in hits.timings) != ("rerank" in hits.timings)


def test_no_time_is_the_fast_order(asks: Callable[[Any], Ask]) -> None:
    stub = Stub(by_number)
    ask = asks(stub)
    assert told(ask(k=10, max_latency_ms=1e-6)) == told(ask(k=10))
    assert stub.asked == []


def test_a_context_takes_the_order_and_keeps_its_budget() -> None:
    with filled(Stub(by_number)) as store:
        fast = store["a"].context("red dog", budget_tokens=120)
        deep = store["a"].context("red dog", budget_tokens=120, max_latency_ms=float("inf"))
        assert deep.tokens <= 120
        assert {hit.id for hit in deep.hits} != {hit.id for hit in fast.hits}
        assert [hit.score for hit in deep.hits] == sorted((hit.score for hit in deep.hits), reverse=True)
        assert deep.position == fast.position
        assert deep.timings["rerank"] > 0
        both = store.context("red dog", namespaces=["a", "b"], budget_tokens=120, max_latency_ms=AMPLE)
        assert both.tokens <= 120
        assert len(set(told(both.hits))) == len(both.hits)


def test_nobody_is_not_named() -> None:
    stub = Stub(lambda texts: [1.0] * len(texts))
    with filled(stub, 0) as store:
        store["a"].add("the dog runs", speaker="Ana")
        store["a"].add("the dog sleeps")
        store["a"].search("dog", max_latency_ms=AMPLE)
    assert sorted(stub.asked) == ["Ana: the dog runs", "the dog sleeps"]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_memories(n: int) -> None:
    with filled(Stub(lambda texts: [1.0] * len(texts)), n) as store:
        hits = store.search("red dog", namespaces=["a", "b"], max_latency_ms=AMPLE)
        assert len(hits) == n
        assert store["a"].context("red dog", max_latency_ms=AMPLE).hits == store["a"].context("red dog").hits


def test_writers_do_not_wait_for_it_and_the_position_is_of_what_was_ranked() -> None:
    written = threading.Event()

    def slow(texts: Sequence[str]) -> Any:
        if not written.is_set():
            # From another thread: this one may take its own lock again.
            writer = threading.Thread(target=lambda: (store["a"].add("red dog again 1000"), written.set()))
            writer.start()
            writer.join(60)
            assert written.is_set(), "the reranker holds a lock that writers need"
        return by_number(texts)

    with filled(Stub(slow)) as store:
        before = store["a"].head()
        found = store["a"].context("red dog", max_latency_ms=AMPLE)
        assert found.position == before != store["a"].head()
        assert "again" not in found.text
        assert "rerank" in found.timings


@pytest.mark.parametrize("given", ["ms-marco", object(), HashingEmbedder(8), len])
def test_what_is_no_reranker_is_refused(given: Any) -> None:
    with pytest.raises(InvalidInput, match="give a Reranker"):
        remanence.open(reranker=given)
