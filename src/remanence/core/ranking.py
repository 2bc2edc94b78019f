"""The ranking formula: what makes one memory a better answer than another, as a weighted sum of signals.

Signals are scale-free (not relative to the other memories of the namespace), so that one formula is right
with one memory and with a hundred thousand, and a calibrated score means the same in both. Which rows to
look at, and where their columns are, is the engine's business.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.types import SIGNALS

Scores = NDArray[np.float32]


class Weights(msgspec.Struct, frozen=True):
    """What each signal is worth; how they were fitted is told in docs/ranking.md.

    Attributes:
        lexical: of BM25 divided by the idf of the whole question, in about [0, 1.9].
        semantic: of the cosine of the embeddings, 0 where it is negative.
        before, after, beyond: of the raw score of the turn before in the session, the turn after, and
            the sum of those two away.
        session: of the best raw score in the session.
        speaker: where the question names the speaker.
        date: where the question names the time it was said.
        question: where the turn is a question itself.
        user: where the turn is the user's, in chats of a user and an assistant.
        length: of the logarithm of its tokens over `FREE_TOKENS`, 0 below: long texts match by chance.
        slope, offset: of the logistic that maps a score to [0, 1].
    """

    lexical: float = 1.0
    semantic: float = 0.32
    before: float = 0.26
    after: float = 0.26
    beyond: float = 0.14
    session: float = 0.55
    speaker: float = 0.12
    date: float = 0.1
    question: float = -0.1
    user: float = 0.3
    length: float = -0.2
    slope: float = 2.08
    offset: float = -2.43

    def vector(self) -> Scores:
        """Return the weights of the signals, (len(SIGNALS),) float32, in their order."""
        return np.array([getattr(self, name) for name in SIGNALS], np.float32)


FREE_TOKENS = np.float32(128)  # a spoken turn is shorter


# Candidates summed up at once: BLAS wakes its threads for a product of more than 9,216 numbers, which on a busy
# machine costs more than the whole query.
_CHUNK = 9_216 // len(SIGNALS)


def raw(lexical: Scores, cosine: Scores, weights: Weights) -> Scores:
    """Return the score of a turn by itself: words and meaning."""
    scores = np.maximum(cosine, 0)
    scores *= weights.semantic
    scores += lexical if weights.lexical == 1 else weights.lexical * lexical
    return scores


def total(signals: Scores, weights: Scores) -> Scores:
    """Return the score of each candidate, (r,), higher is better.

    Args:
        signals: (len(SIGNALS), r).
        weights: (len(SIGNALS),).
    """
    if signals.shape[1] <= _CHUNK:
        return weights @ signals
    starts = range(0, signals.shape[1], _CHUNK)
    return np.concatenate([weights @ signals[:, start : start + _CHUNK] for start in starts])


def contributions(signals: Scores, weights: Scores) -> list[list[float]]:
    """Return what each signal adds to the score of each candidate, in the order of `SIGNALS`."""
    return (signals.T * weights).tolist()


def calibrated(scores: Scores, weights: Weights) -> Scores:
    """Return scores mapped to [0, 1] by the fitted logistic."""
    halved = np.float32(0.5 * weights.slope) * scores + np.float32(0.5 * weights.offset)
    return np.float32(0.5) + np.float32(0.5) * np.tanh(halved)  # the logistic, in a form that cannot overflow
