"""A reranker held to a time limit: as many texts as fit, by what texts have cost so far.

It must not break a recall: a reranker that fails is told of, and the fast order stands. It knows nothing of
memories, only of texts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput
from remanence.ports import Reranker

_LOGGER = logging.getLogger("remanence")
FIRST = 2  # texts of the first batch: the fewest that can change places
BATCH = 4  # texts of each further one; the most that a call can be late by
_FORGOTTEN = 0.9  # what is left of an estimate that kept a batch from being tried
_LONGEST = 1_024  # characters; models cut what is longer
_SHORTEST = 32  # what the shortest text costs, in characters


class Failed(Exception):
    """The reranker raised, or gave something that is not a score for each text."""


class Depth:
    """One reranker, and what it has cost: so much for a query, and so much for a character.

    Estimates rise at once and fall by quarters; one that keeps a batch from being tried shrinks by a tenth each
    time, so that a machine that was busy, or texts that are cached by now, get another try.

    Args:
        reranker: the caller's.
        timer: gives ns that only ever grow.
    """

    def __init__(self, reranker: Reranker, timer: Callable[[], int] = perf_counter_ns) -> None:
        self._reranker = reranker
        self._timer = timer
        self._query_ns = 0.0  # what the first batch of a query costs beyond its texts
        self._rate_ns = 0.0  # a character of a text; 0: no further batch was run yet
        self._told = False

    def scores(self, query: str, texts: Sequence[str], until_ns: int) -> NDArray[np.float32]:
        """Return scores for the first m texts, (m,) float32, as many as there is time for; m may be 0.

        Args:
            texts: best first.
            until_ns: when to be done, by the timer. Only the last batch, of at most `BATCH` texts, can make it
                later, where it costs more than those before it.

        Raises:
            Failed: told in the log the first time.

        Cost: the reranker's.
        """
        found: list[NDArray[np.float32]] = []
        now = self._timer()
        batch = texts[:FIRST]
        if now + self._query_ns + self._rate_ns * _load(batch) > until_ns:
            if now < until_ns:
                self._query_ns *= _FORGOTTEN
                self._rate_ns *= _FORGOTTEN
            return np.zeros(0, np.float32)
        done = 0
        while batch:
            try:
                found.append(self._batch(query, batch))
            except Failed:  # one that takes its time to fail must not be waited for each time
                self._query_ns = _learned(self._query_ns, self._timer() - now)
                raise
            started, now = now, self._timer()
            seen = (now - started) / _load(batch)
            self._learn(now - started, _load(batch), first=not done)
            done += len(batch)
            batch = _fitting(texts[done : done + BATCH], until_ns - now, self._rate_ns or seen)
        if len(found) == 1 and done < len(texts):
            self._rate_ns *= _FORGOTTEN
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def _learn(self, took_ns: float, load: int, *, first: bool) -> None:
        if first:
            self._query_ns = _learned(self._query_ns, max(0.0, took_ns - self._rate_ns * load))
        else:
            self._rate_ns = _learned(self._rate_ns, took_ns / load)

    def _batch(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        try:
            with np.errstate(over="ignore"):  # what overflows is infinite, and refused below
                scores = np.asarray(self._reranker.scores(query, texts), np.float32)
            if scores.shape != (len(texts),):
                raise InvalidInput(f"it gave shape {scores.shape}; {len(texts)} texts need ({len(texts)},)")
            if not np.isfinite(scores).all():
                raise InvalidInput("it gave NaN or infinity")
        except Exception as error:  # whatever it is, an agent is waiting for its memories
            if not self._told:
                self._told = True
                _LOGGER.warning(
                    "reranker %r failed, and the fast order is kept; said once, timings tell each time",
                    self._reranker.name,
                    exc_info=error,
                )
            raise Failed from error
        return scores


def _learned(known: float, seen: float) -> float:
    return seen if seen >= known else known + (seen - known) / 4


def _fitting(texts: Sequence[str], left_ns: int, rate_ns: float) -> Sequence[str]:
    """Return the first of some texts that there is time for."""
    while texts and (left_ns <= 0 or rate_ns * _load(texts) > left_ns):
        texts = texts[:-1]
    return texts


def _load(texts: Sequence[str]) -> int:
    """Return what a batch costs, in characters: a model pads its texts to the longest."""
    longest = max(map(len, texts), default=0)
    return len(texts) * (_SHORTEST + min(longest, _LONGEST))
