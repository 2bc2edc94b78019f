"""A reranker within a time limit, by a timer that only the reranker moves."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from remanence.engine.depth import BATCH, FIRST, Depth, Failed

MS = 10**6


class Slow:
    """A reranker that takes so many milliseconds for a call and for each text."""

    name = "slow"

    def __init__(self, text_ms: float = 5, call_ms: float = 0) -> None:
        self.now = 0
        self.text_ms, self.call_ms = text_ms, call_ms
        self.batches: list[int] = []

    def timer(self) -> int:
        return self.now

    def scores(self, query: str, texts: Sequence[str]) -> Any:
        self.batches.append(len(texts))
        self.now += int((self.call_ms + self.text_ms * len(texts)) * MS)
        return np.array([int(text) for text in texts], np.float32)


TEXTS = [f"{n:03}" for n in range(64)]


def asked(slow: Slow, depth: Depth, within_ms: float, texts: Sequence[str] = TEXTS) -> tuple[int, float]:
    """How many were scored, and how late it was, ms."""
    until = slow.now + int(within_ms * MS)
    found = depth.scores("query", texts, until)
    assert found.dtype == np.float32
    assert found.tolist() == [int(text) for text in texts[: len(found)]]
    return len(found), (slow.now - until) / MS


def test_as_many_as_fit_and_in_time() -> None:
    slow = Slow(text_ms=5)
    depth = Depth(slow, slow.timer)
    assert asked(slow, depth, 100) == (20, 0)
    assert asked(slow, depth, 57) == (11, -2)
    assert slow.batches[0] == FIRST
    assert max(slow.batches) == BATCH


def test_all_where_there_is_time() -> None:
    slow = Slow(text_ms=1)
    assert asked(slow, Depth(slow, slow.timer), 1000)[0] == len(TEXTS)


def test_what_a_query_costs_once_is_learned() -> None:
    class Cold(Slow):
        def scores(self, query: str, texts: Sequence[str]) -> Any:
            self.now += 7 * MS if not len(self.batches) or texts[0] == TEXTS[0] else 0
            return super().scores(query, texts)

    slow = Cold(text_ms=5)
    depth = Depth(slow, slow.timer)
    for _ in range(20):
        assert asked(slow, depth, 50) == (8, -3)


def test_a_reranker_too_slow_is_tried_now_and_then() -> None:
    slow = Slow(text_ms=10)
    depth = Depth(slow, slow.timer)
    found = [asked(slow, depth, 10) for _ in range(30)]
    assert found[0] == (FIRST, 10)
    tried = [late for n, late in found if n]
    assert 2 <= len(tried) <= 6
    assert max(late for _, late in found) == 10  # of the smallest batch, when tried


def test_texts_that_became_cheap_are_found_out() -> None:
    slow = Slow(text_ms=10)
    depth = Depth(slow, slow.timer)
    asked(slow, depth, 60)
    slow.text_ms = 0.01
    assert max(asked(slow, depth, 15)[0] for _ in range(12)) == len(TEXTS)


@pytest.mark.parametrize("slower", [2, 10, 1000])
def test_a_sudden_slowness_costs_one_batch(slower: float) -> None:
    slow = Slow(text_ms=1)
    depth = Depth(slow, slow.timer)
    asked(slow, depth, 200)
    slow.text_ms = slower
    slow.batches.clear()
    n, late = asked(slow, depth, 20)
    assert late <= slower * slow.batches[-1]
    assert n == sum(slow.batches)


def test_no_time_is_no_call() -> None:
    slow = Slow()
    assert asked(slow, Depth(slow, slow.timer), -1) == (0, 1)
    assert slow.batches == []


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_texts(n: int) -> None:
    slow = Slow()
    assert asked(slow, Depth(slow, slow.timer), 1000, TEXTS[:n])[0] == n


def raising(texts: Sequence[str]) -> Any:
    raise OSError("no network")


BAD: dict[str, Callable[[Sequence[str]], Any]] = {
    "raises": raising,
    "too few": lambda texts: [1.0] * (len(texts) - 1),
    "two columns": lambda texts: [[1.0, 2.0]] * len(texts),
    "NaN": lambda texts: [float("nan")] * len(texts),
    "too large": lambda texts: [1e39] * len(texts),
    "words": lambda texts: ["good"] * len(texts),
    "nothing": lambda texts: None,
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_failure_is_told_once(bad: Callable[[Sequence[str]], Any], caplog: pytest.LogCaptureFixture) -> None:
    class Bad(Slow):
        def scores(self, query: str, texts: Sequence[str]) -> Any:
            return bad(texts)

    slow = Bad()
    depth = Depth(slow, slow.timer)
    with caplog.at_level(logging.WARNING, "remanence"):
        for _ in range(3):
            with pytest.raises(Failed):
                depth.scores("query", TEXTS, 10**12)
    assert len(caplog.records) == 1
    assert "'slow' failed" in caplog.text


def test_one_that_takes_long_to_fail_is_not_waited_for_each_time() -> None:
    class TimingOut(Slow):
        def scores(self, query: str, texts: Sequence[str]) -> Any:
            super().scores(query, texts)
            raise TimeoutError

    slow = TimingOut(call_ms=1000)
    depth = Depth(slow, slow.timer)
    for _ in range(20):
        with contextlib.suppress(Failed):
            depth.scores("query", TEXTS, slow.now + 200 * MS)
    assert 2 <= len(slow.batches) <= 3


def test_a_limit_already_past_teaches_nothing() -> None:
    slow = Slow()
    depth = Depth(slow, slow.timer)
    asked(slow, depth, 100)
    for _ in range(100):
        asked(slow, depth, -1)
    assert asked(slow, depth, 57) == (11, -2)


def test_an_interrupt_is_not_a_failure() -> None:
    class Interrupted(Slow):
        def scores(self, query: str, texts: Sequence[str]) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Depth(Interrupted(), lambda: 0).scores("query", TEXTS, 10)
