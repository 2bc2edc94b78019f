"""The ranking formula: what makes one memory a better answer than another, as a weighted sum of signals.

Signals are scale-free (not relative to the other memories of the namespace), so that one formula is right
with one memory and with a hundred thousand, and a calibrated score means the same in both. Which rows to
look at, and how their signals are computed, is the engine's business.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.types import SIGNALS

Scores = NDArray[np.float32]


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each signal is worth; how they were fitted is told in docs/ranking.md.

    Attributes:
        lexical: of BM25 divided by the idf of the whole question, in about [0, 1.9].
        semantic: of the cosine of the embeddings, 0 where it is negative.
        before, after, beyond: of the raw score of the turn before in the session, the turn after, and
            the sum of those two away.
        session: of the best raw score in the session, less where it has more than 32 turns.
        speaker: where the question names the speaker.
        date: where the question names the time it was said.
        question: where the turn has a question mark and is not the user's, who asks about what happened to them.
        user: where the turn is the user's, in chats of a user and an assistant.
        length: of the logarithm of its tokens over `FREE_TOKENS`, 0 below: long texts match by chance.
        short: of how far below `FEW_TOKENS` it is, in [0, 1].
        opening: where the turn is one of the first two of its session, which greet and announce.
        coverage: of the share of the question's idf, names of speakers aside, whose words are in the turn.
        window: of the same share in the turn and the two on either side of it together.
        exchange: of the BM25 of the turn before, where that has a question mark and this is not the assistant's:
            an answer need not repeat the question's words.
        answers: where the question asks for a kind of thing (a time, a name, a number …) and the turn has one.
        related: of the idf of the question's words that have related words in the turn, by how alike they are.
        crowding: of how many of its session rank better, where the question asks for several things.
        slope, offset: of the logistic that maps a score to [0, 1].
    """

    lexical: float = 0.0
    semantic: float = 0.0
    before: float = 0.0
    after: float = 0.0
    beyond: float = 0.0
    session: float = 0.0
    speaker: float = 0.0
    date: float = 0.0
    question: float = 0.0
    user: float = 0.0
    length: float = 0.0
    short: float = 0.0
    opening: float = 0.0
    coverage: float = 0.0
    window: float = 0.0
    exchange: float = 0.0
    answers: float = 0.0
    related: float = 0.0
    crowding: float = 0.0
    slope: float = 1.0
    offset: float = 0.0

    def vector(self) -> Scores:
        """Return the weights of the signals, (len(SIGNALS),) float32, in their order."""
        return np.array([getattr(self, name) for name in SIGNALS], np.float32)


FREE_TOKENS = np.float32(128)  # a spoken turn is shorter
FEW_TOKENS = np.float32(16)  # with the speaker's name: "Wow, that's great!" is shorter
_RAW_SEMANTIC = np.float32(0.32)

# Candidates summed up at once: BLAS wakes its threads for a product of more than 9,216 numbers, which on a busy
# machine costs more than the whole query.
_CHUNK = 9_216 // len(SIGNALS)


def raw(lexical: Scores, cosine: Scores, out: Scores | None = None) -> Scores:
    """Return the score of a turn by itself: words and meaning. It finds candidates, and speaks for neighbours."""
    scores = np.maximum(cosine, 0, out=out)
    scores *= _RAW_SEMANTIC
    scores += lexical
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


def better_of_same(groups: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return, for candidates best first, how many better ones are of the same group, (r,)."""
    order = groups.argsort(kind="stable")
    ordered = groups[order]
    firsts = np.concatenate(([True], ordered[1:] != ordered[:-1])).nonzero()[0] if len(groups) else order
    within = np.arange(len(groups)) - np.repeat(firsts, np.diff(firsts, append=len(groups)))
    counts = np.empty_like(within)
    counts[order] = within
    return counts
