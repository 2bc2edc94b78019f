"""Which of a few ranked memories say again what a better one says.

Two texts repeat each other when they differ in small words only, a negation not being one: "I paid 50" and
"I paid 60" are two memories.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from remanence.core.text import terms, words

_ALIKE_BITS = 14  # of the first 64 that may differ; a cosine of 0.96 differs in 6, give or take 2.3
COMPARED = 64  # of the best that are compared with each other word by word
_NEGATIONS = frozenset(
    """no not nor never none nobody nothing neither cannot without dont doesnt didnt isnt arent wasnt werent cant
    couldnt wont wouldnt shouldnt hasnt havent hadnt""".split()
)


def repeated(codes: NDArray[np.uint64], text_of: Callable[[int], str]) -> set[int]:
    """Return the indexes of those that repeat an earlier one.

    The very same text is found among all of them, nearly the same among the first `COMPARED`.

    Args:
        codes: (m,) uint64, 64 bits of the sign codes of the embeddings, best first.
        text_of: gives the text of one of them; called only for pairs with nearly the same code.

    Cost: a sort of m, and min(m, 64)² comparisons of codes: 15 µs for 40.
    """
    dropped: set[int] = set()
    if len(codes) < 2:
        return dropped
    ordered = np.sort(codes)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        seen: set[str] = set()
        for i in np.isin(codes, twice).nonzero()[0].tolist():
            text = text_of(i)
            if text in seen:
                dropped.add(i)
            seen.add(text)
    near = codes[:COMPARED]
    alike = np.bitwise_count(near[:, None] ^ near) <= _ALIKE_BITS
    if np.count_nonzero(alike) > len(near):
        for one, other in zip(*(axis.tolist() for axis in np.triu(alike, 1).nonzero()), strict=True):
            if one not in dropped and other not in dropped and same(text_of(one), text_of(other)):
                dropped.add(other)
    return dropped


def same(one: str, other: str) -> bool:
    """Return whether two texts say the same: they differ in small words at most, and not in a negation."""
    if one == other:
        return True
    differing = set(words(one)) ^ set(words(other))
    if not differing:
        return one.strip() == other.strip() or bool(words(one))  # signs and pictures have no words
    if any(word in _NEGATIONS or word.endswith("n't") for word in differing):
        return False
    return set(terms(one)) == set(terms(other)) != set()
