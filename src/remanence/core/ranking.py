"""The ranking formula: what makes one memory a better answer than another, as array arithmetic.

Scores are scale-free (not relative to the other memories of the namespace), so that one formula is right
with one memory and with a hundred thousand, and a calibrated score means the same in both. Which rows to
look at, and where their columns are, is the engine's business.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class Weights(msgspec.Struct, frozen=True):
    """What each signal is worth. Fitted on question-answer pairs of television dialogue; see docs/ranking.md.

    Attributes:
        lexical: of BM25 divided by the idf of the whole question, in about [0, 1.9].
        semantic: of the cosine of the embeddings, in [-1, 1].
        before, after, beyond: share of the score of the turn before, the turn after, and those two away,
            that a turn gets on top of its own.
        session: of the best raw score in the same session.
        speaker: added when the question names the speaker.
        date: added when the question names the month or year it was said in.
        question: added when the turn is a question itself.
        user: added for a turn of the user, in chats of a user and an assistant.
        length: times the logarithm of tokens above `length_free`: long texts match by chance.
        calibration_slope, calibration_offset: of the logistic that maps a score to [0, 1].
    """

    lexical: float = 1.0
    semantic: float = 0.5
    before: float = 0.5
    after: float = 0.25
    beyond: float = 0.1
    session: float = 0.1
    speaker: float = 0.1
    date: float = 0.1
    question: float = -0.1
    user: float = 0.05
    length: float = 0.0
    length_free: float = 64.0
    calibration_slope: float = 6.0
    calibration_offset: float = -3.0


class Candidates(NamedTuple):
    """Columns of the rows under consideration, each (r,).

    Attributes:
        lexical: BM25 over the idf of the question.
        cosine: cosine of the embeddings.
        before, after, before2, after2: raw scores of the neighbours in the session, 0 where there is none.
        session_best: best raw score of the session.
        speaker, date, question, user: 1 where it holds, else 0.
        tokens: size of the text.
    """

    lexical: Scores
    cosine: Scores
    before: Scores
    after: Scores
    before2: Scores
    after2: Scores
    session_best: Scores
    speaker: Scores
    date: Scores
    question: Scores
    user: Scores
    tokens: Scores


def raw(lexical: Scores, cosine: Scores, weights: Weights) -> Scores:
    """Return the score of a turn by itself: words and meaning."""
    return weights.lexical * lexical + weights.semantic * np.maximum(cosine, 0)


def calibrated(scores: Scores, weights: Weights) -> Scores:
    """Return scores mapped to [0, 1] by the fitted logistic."""
    return 1 / (1 + np.exp(-(weights.calibration_slope * scores + weights.calibration_offset)))


def total(candidates: Candidates, weights: Weights) -> Scores:
    """Return the score of each candidate, (r,), higher is better."""
    c, w = candidates, weights
    scores = raw(c.lexical, c.cosine, w)
    scores += w.before * c.before
    scores += w.after * c.after
    scores += w.beyond * (c.before2 + c.after2)
    scores += w.session * c.session_best
    scores += w.speaker * c.speaker
    scores += w.date * c.date
    scores += w.question * c.question
    scores += w.user * c.user
    if w.length:
        scores += w.length * np.log(np.maximum(c.tokens / w.length_free, 1))
    return scores


def contributions(candidates: Candidates, order: NDArray[np.intp], weights: Weights) -> list[dict[str, float]]:
    """Return what each signal adds to the score of the chosen candidates; the parts sum to the score."""
    c = Candidates(*(column[order] for column in candidates))
    w = weights
    parts = {
        "lexical": w.lexical * c.lexical,
        "semantic": w.semantic * np.maximum(c.cosine, 0),
        "neighbours": w.before * c.before + w.after * c.after + w.beyond * (c.before2 + c.after2),
        "session": w.session * c.session_best,
        "speaker": w.speaker * c.speaker,
        "date": w.date * c.date,
        "question": w.question * c.question,
        "user": w.user * c.user,
        "length": w.length * np.log(np.maximum(c.tokens / w.length_free, 1)),
    }
    names = tuple(parts)
    rows = np.stack(tuple(parts.values()), axis=1).tolist()
    return [{name: value for name, value in zip(names, row, strict=True) if value} for row in rows]
