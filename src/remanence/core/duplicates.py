"""Which of a few ranked memories say again what a better one says.

Two texts repeat each other when one person said both on one day, in the same words in the same order, fillers
aside. Anything looser drops memories that differ in what matters: "before dinner" and "after dinner", "50" and
"60", the pill of Monday and the pill of Tuesday.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from remanence.core.text import words

Said = tuple[Hashable, str]  # who and when, and what
_ALIKE_BITS = (14, 40)  # that may differ of the first 64 and of all 256; a cosine of 0.96 differs in 6 and 23
COMPARED = 24  # of the best that are compared with each other word by word
_LATER, _EARLIER = np.tril_indices(COMPARED, -1)  # all pairs; those of the first n come first
_FILLERS = frozenset("a an the oh ah um uh er hm well so just really very yeah yes ok okay hey hi please".split())


def repeated(codes: NDArray[np.uint64], said_of: Callable[[Sequence[int]], list[Said]]) -> set[int]:
    """Return the indexes of those that repeat an earlier one.

    The very same text is found among all of them, nearly the same among the first `COMPARED`.

    Args:
        codes: (words, m) uint64, the sign codes of the embeddings, best first.
        said_of: gives who and when, and the text, of some; called only where codes are nearly the same.

    Cost: a sort of m, and min(m, 24)² comparisons of codes: 10 µs for 40.
    """
    dropped: set[int] = set()
    first = codes[0]
    if len(first) < 2:
        return dropped
    ordered = np.sort(first)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        seen: set[Said] = set()
        suspects = np.isin(first, twice).nonzero()[0].tolist()
        for i, said in zip(suspects, said_of(suspects), strict=True):
            if said in seen:
                dropped.add(i)
            seen.add(said)
    n = min(len(first), COMPARED)
    one, other = _EARLIER[: n * (n - 1) // 2], _LATER[: n * (n - 1) // 2]
    near = (np.bitwise_count(first.take(one) ^ first.take(other)) <= _ALIKE_BITS[0]).nonzero()[0]
    if len(near):
        one, other = one[near], other[near]
        alike = np.bitwise_count(codes[:, one] ^ codes[:, other]).sum(axis=0) <= _ALIKE_BITS[1]
        for i, j in zip(one[alike].tolist(), other[alike].tolist(), strict=True):
            if i not in dropped and j not in dropped and _repeats(*said_of((i, j))):
                dropped.add(j)
    return dropped


def _repeats(one: Said, other: Said) -> bool:
    return one[0] == other[0] and same(one[1], other[1])


def same(one: str, other: str) -> bool:
    """Return whether two texts say the same in the same words, but for fillers, case and punctuation."""
    if one == other:
        return True
    said, again = _content(one), _content(other)
    if not said:  # signs and pictures have no words
        return not again and one.strip() == other.strip()
    return said == again


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in _FILLERS]
