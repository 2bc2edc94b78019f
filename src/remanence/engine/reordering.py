"""The best memories of a reading, in another order.

A place keeps its score and the memories change places: how sure the first place is, and how many pass a
threshold, is the ranker's calibrated word, which scores on any scale have nothing to add to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.core.blending import blended
from remanence.engine.context import Pair, Source

HEAD = 64  # memories looked at again at most; more were of no use on FriendsQA


class Head(NamedTuple):
    """The best memories of all sources together, best first.

    Attributes:
        pairs: which they are.
        scores: (m,) uncalibrated, never rising.
        texts: what each says, with who said it in front: "Ana: My dog is called Potola".
    """

    pairs: list[Pair]
    scores: NDArray[np.float32]
    texts: list[str]


def head_of(sources: Sequence[Source]) -> Head:
    """Return the best `HEAD` memories. The caller holds the locks."""
    by_source: list[list[float]] = [source.ranked.scores[:HEAD].tolist() for source in sources]
    entries = [(score, (s, i)) for s, scores in enumerate(by_source) for i, score in enumerate(scores)]
    entries.sort(key=lambda entry: -entry[0])
    del entries[HEAD:]
    pairs = [pair for _, pair in entries]
    text_of: dict[Pair, str] = {}
    for s, source in enumerate(sources):
        mine = [i for t, i in pairs if t == s]
        state, rows = source.state, source.ranked.rows[mine]
        who = state.speakers.of(state.columns.speaker.take(rows))
        said = [f"{name}: {text}" if name else text for name, text in zip(who, state.columns.texts(rows), strict=True)]
        text_of.update(zip([(s, i) for i in mine], said, strict=True))
    return Head(pairs, np.array([score for score, _ in entries], np.float32), [text_of[pair] for pair in pairs])


def reordered(sources: Sequence[Source], head: Head, deep: NDArray[np.float32]) -> list[Source]:
    """Return the sources with the first memories of `head` in their order by both opinions.

    Args:
        deep: (m,) what the reranker gave the first m of them.
    """
    places: list[float] = head.scores[: len(deep)].tolist()
    order: list[Pair] = [head.pairs[p] for p in blended(head.scores[: len(deep)], deep).tolist()]
    found: list[Source] = []
    for s, source in enumerate(sources):
        held = [(i, place) for (t, i), place in zip(order, places, strict=True) if t == s]
        rest = range(len(held), len(source.ranked.rows))  # what is in the head comes first in its source too
        ranked = source.ranked.take([*(i for i, _ in held), *rest])
        scores = ranked.scores.copy()
        scores[: len(held)] = [place for _, place in held]
        found.append(source._replace(ranked=ranked._replace(scores=scores)))
    return found
