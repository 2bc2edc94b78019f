"""What the product must beat: plain BM25, and chance. Simple, and with no code of the product's own.

Both index `Speaker: text [image: caption]` and pack greedily, in the order of the conversation.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence

from remanence.surfaces.datasets import Turn
from remanence.surfaces.evaluation.metrics import token_count
from remanence.surfaces.evaluation.stemming import terms
from remanence.surfaces.evaluation.systems import Passage, Ranking


class _Ranked(ABC):
    """A system that is wholly told by a score for each turn."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._lines: dict[str, str] = {}
        self._shortest = 0
        self._last: tuple[str, list[int], float] | None = None

    def index(self, turns: Sequence[Turn]) -> None:
        self._ids = [turn.id for turn in turns]
        self._lines = {turn.id: turn.labelled for turn in turns}
        self._shortest = min(map(len, self._lines.values()), default=0)
        self._last = None

    @abstractmethod
    def scores(self, question: str) -> list[float]:
        """Return a score for each turn, in their order, higher is better."""

    def rank(self, question: str, k: int) -> Ranking:
        if self._last is None or self._last[0] != question:
            scores = self.scores(question)
            order = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
            self._last = (question, order, max(scores, default=0.0))
        _, order, best = self._last
        return Ranking(tuple(self._ids[i] for i in order[:k]), best)

    def context(self, question: str, budget_tokens: int, *, own_counter: bool) -> Passage:
        ranking = self.rank(question, len(self._ids))
        chosen: set[str] = set()
        n_chars = -1  # the first line has no line break before it
        for id_ in ranking.ids:
            longer = n_chars + 1 + len(self._lines[id_])
            if -(-longer // 4) <= budget_tokens:
                chosen.add(id_)
                n_chars = longer
            elif -(-(n_chars + 1 + self._shortest) // 4) > budget_tokens:
                break  # nor does any other
        text = "\n".join(self._lines[id_] for id_ in self._ids if id_ in chosen)
        return Passage(text, token_count(text), ranking.confidence)

    def close(self) -> None:
        self._ids, self._lines, self._last = [], {}, None


class Bm25(_Ranked):
    """Okapi BM25 with stop words and Porter stemming.

    Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009; k1 = 1.2, b = 0.75 as
    Lucene has them, idf = ln(1 + (N − n + ½) / (n + ½)).
    """

    name = "bm25"

    def __init__(self, k1: float = 1.2, b: float = 0.75, analyse: Callable[[str], list[str]] = terms) -> None:
        super().__init__()
        self._k1, self._b, self._analyse = k1, b, analyse
        self._postings: dict[str, list[tuple[int, int]]] = {}
        self._length_norms: list[float] = []

    def index(self, turns: Sequence[Turn]) -> None:
        super().index(turns)
        counts = [Counter(self._analyse(turn.labelled)) for turn in turns]
        lengths = [count.total() for count in counts]
        mean = sum(lengths) / len(lengths) if any(lengths) else 1.0
        self._length_norms = [self._k1 * (1 - self._b + self._b * length / mean) for length in lengths]
        self._postings = {}
        for row, count in enumerate(counts):
            for term, n in count.items():
                self._postings.setdefault(term, []).append((row, n))

    def scores(self, question: str) -> list[float]:
        n_rows = len(self._length_norms)
        scores = [0.0] * n_rows
        for term in self._analyse(question):
            holders = self._postings.get(term, [])
            idf = math.log(1 + (n_rows - len(holders) + 0.5) / (len(holders) + 0.5))
            for row, n in holders:
                scores[row] += idf * n * (self._k1 + 1) / (n + self._length_norms[row])
        return scores


class Chance(_Ranked):
    """A random order, the same on every run with one seed."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self._seed = seed

    def scores(self, question: str) -> list[float]:
        draw = random.Random(f"{self._seed}\n{question}")
        return [draw.random() for _ in self._ids]
