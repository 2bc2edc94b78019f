"""How likely a memory holds what was asked, from the scores of what it found.

Two things tell. The best score: of a question about something else altogether even the best is low. And how far
the best stands out: where the answer is missing, many memories are about equally near. The answer may still be
missing where neighbours of it were said; that cannot be told by scores alone.
"""

from __future__ import annotations

import msgspec
import numpy as np

from remanence.core.ranking import Scores

LOOKED_AT = 32  # of the best scores
_TEMPERATURE = np.float32(2)


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a confidence is made of; fitted by tools/train_ranker.py, told in docs/ranking.md.

    Attributes:
        top: weight of the best score.
        lead: weight of its share in the softmax of the best `LOOKED_AT`, in (0, 1].
        offset: added to both, before the logistic.
        also_ran: the score that stands for each memory there is not, where there are fewer: a small memory
            is not a sure one.
        least: confidence under which a context is left empty.
    """

    top: float
    lead: float
    offset: float
    also_ran: float
    least: float


def lead(scores: Scores, also_ran: float) -> float:
    """Return the share of the best score in the softmax of the best `LOOKED_AT`, in (0, 1].

    Args:
        scores: (r,) uncalibrated, best first, at least one.
    """
    considered = scores[:LOOKED_AT]
    best = considered[0]
    missing = LOOKED_AT - len(considered)
    others = np.exp((considered - best) / _TEMPERATURE).sum()
    if missing:
        others += missing * np.exp(min((also_ran - float(best)) / float(_TEMPERATURE), 50.0))
    return 1 / float(others)


def confidence(scores: Scores, trust: Trust) -> float:
    """Return how likely the memory holds what was asked, in [0, 1]; 0 where nothing was found.

    Args:
        scores: (r,) uncalibrated, best first; more than `LOOKED_AT` make no difference.

    Cost: about 10 µs.
    """
    if not len(scores):
        return 0.0
    sum_ = trust.top * float(scores[0]) + trust.lead * lead(scores, trust.also_ran) + trust.offset
    return float(0.5 + 0.5 * np.tanh(0.5 * sum_))
