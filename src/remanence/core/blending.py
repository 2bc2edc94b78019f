"""Two opinions on the same few memories into one order: the ranker's, and that of a slower model.

Each is standardised over the memories at hand, since a model's scores may be on any scale; see
docs/decisions/0009-rerank.md for how the weight was chosen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WEIGHT = 0.2  # of the slower model; the rest is the ranker's


def blended(fast: NDArray[np.float32], deep: NDArray[np.float32], weight: float = WEIGHT) -> NDArray[np.intp]:
    """Return the order of m memories by both opinions, best first, (m,); equals stay as they stood.

    Args:
        fast: (m,) the ranker's scores, finite.
        deep: (m,) the slower model's, finite, higher is better, on any scale.
        weight: of the slower model, in [0, 1].
    """
    both = (1 - weight) * _standardised(fast) + weight * _standardised(deep)
    return np.argsort(-both, kind="stable")


def _standardised(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return scores at mean 0 and deviation 1, (m,); zeros where they are all the same."""
    exact = scores.astype(np.float64)
    peak = float(np.abs(exact).max(initial=0.0))
    if peak == 0.0:
        return exact
    exact /= peak  # so that no square overflows or vanishes
    exact -= exact.mean()
    deviation = float(exact.std())
    return exact / deviation if deviation > 1e-9 else np.zeros_like(exact)
