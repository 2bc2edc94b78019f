"""Which of a few ranked memories say again what a better one says.

Two texts repeat each other when their words are the same, or nearly the same with no number and no
negation between them: "I paid 50" and "I paid 60" are two memories.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from remanence.core.text import words

_ALIKE_BITS = 14  # of the first 64 that may differ; a cosine of 0.96 differs in 6, give or take 2.3
_SHARED = 0.9  # share of words two texts must have in common
_NEGATIONS = frozenset("no not never none nobody nothing cannot without".split())
_DIGIT = re.compile(r"\d")


def repeated(codes: NDArray[np.uint64], text_of: Callable[[int], str]) -> set[int]:
    """Return the indexes of those that repeat an earlier one.

    Args:
        codes: (m,) uint64, 64 bits of the sign codes of the embeddings, best first.
        text_of: gives the text of one of them; called only for pairs with nearly the same code.

    Cost: m² comparisons of codes, 5 µs for 40.
    """
    n = len(codes)
    if n < 2:
        return set()
    alike = np.bitwise_count(codes[:, None] ^ codes) <= _ALIKE_BITS
    if np.count_nonzero(alike) == n:
        return set()
    dropped: set[int] = set()
    for first, second in zip(*(axis.tolist() for axis in np.triu(alike, 1).nonzero()), strict=True):
        if first not in dropped and second not in dropped and same(text_of(first), text_of(second)):
            dropped.add(second)
    return dropped


def same(one: str, other: str) -> bool:
    """Return whether two texts say the same in nearly the same words."""
    if one == other:
        return True
    a, b = words(one), words(other)
    if a == b and a:
        return True
    distinct_a, distinct_b = set(a), set(b)
    union, shared = distinct_a | distinct_b, distinct_a & distinct_b
    if len(shared) < _SHARED * len(union):
        return False
    return not any(_DIGIT.search(word) or word in _NEGATIONS or word.endswith("n't") for word in union - shared)
