"""The measures of retrieval, each a function of one ranking and the gold ids.

Pure arithmetic: nothing here may know a system, a data set or a clock.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

COVERAGES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)  # percent


class RiskAt(msgspec.Struct, frozen=True):
    """What comes of answering only the most confident questions.

    Attributes:
        coverage: how many of all are answered, percent.
        threshold: the least confidence that is answered.
        risk: share of the answered ones that could not be answered rightly.
    """

    coverage: int
    threshold: float
    risk: float


def token_count(text: str) -> int:
    """Return the yardstick's tokens: a quarter of the characters, rounded up."""
    return -(-len(text) // 4)


def recall_at(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the share of the gold ids among the first k."""
    top = set(ranked[:k])
    return sum(id_ in top for id_ in gold) / len(gold)


def all_at(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return 1.0 when every gold id is among the first k, otherwise 0.0."""
    return float(set(gold) <= set(ranked[:k]))


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str]) -> float:
    """Return 1 / rank of the first gold id, 0.0 when none is ranked."""
    wanted = set(gold)
    return next((1.0 / rank for rank, id_ in enumerate(ranked, 1) if id_ in wanted), 0.0)


def ndcg_at(ranked: Sequence[str], gold: Collection[str], k: int) -> float:
    """Return the discounted gain of the first k over that of the best order; every gold id gains 1."""
    wanted = set(gold)
    gain = sum(1.0 / math.log2(rank + 1) for rank, id_ in enumerate(ranked[:k], 1) if id_ in wanted)
    best = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(len(wanted), k) + 1))
    return gain / best


def packed(ranked: Sequence[str], tokens: Mapping[str, int], budget_tokens: int) -> list[str]:
    """Return the ids that fit a token budget, taken greedily; one that does not fit is skipped."""
    left = budget_tokens
    chosen: list[str] = []
    for id_ in ranked:
        if tokens[id_] <= left:
            chosen.append(id_)
            left -= tokens[id_]
    return chosen


def budget_recall(ranked: Sequence[str], gold: Collection[str], tokens: Mapping[str, int], budget_tokens: int) -> float:
    """Return the share of the gold ids inside what fits a token budget: B@T."""
    inside = set(packed(ranked, tokens, budget_tokens))
    return sum(id_ in inside for id_ in gold) / len(gold)


def collapsed(text: str) -> str:
    """Return a text with every run of white space as one blank, so that layout does not matter."""
    return " ".join(text.split())


def evidence_in(context: str, gold_texts: Sequence[str]) -> float:
    """Return the share of the gold texts that stand, whole, in a context."""
    held = collapsed(context)
    return sum(collapsed(text) in held for text in gold_texts) / len(gold_texts)


def auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the odds that a positive scores above a negative, ties counting half; NaN without either.

    Cost: O(n log n).
    """
    if not positives or not negatives:
        return math.nan
    scores = np.concatenate([np.asarray(positives, float), np.asarray(negatives, float)])
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[group]
    n = len(positives)
    return float((ranks[:n].sum() - n * (n + 1) / 2.0) / (n * len(negatives)))


def risk_coverage(
    answerable: Sequence[float], unanswerable: Sequence[float], coverages: Sequence[int] = COVERAGES
) -> list[RiskAt]:
    """Return the risk at each coverage, when the most confident questions are answered; none without questions.

    Among equal confidences any may be answered, so the risk is the mean over their orders.

    Args:
        answerable: confidence of each question that can be answered.
        unanswerable: of each that cannot.
        coverages: percent, above 0; as many are answered as that is, rounded up.

    Source: El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010.
    """
    scores, risks = _risks(answerable, unanswerable)
    n = len(scores)
    places = [(coverage, -(-coverage * n // 100) - 1) for coverage in coverages if n]
    return [RiskAt(coverage, float(scores[at]), float(risks[at])) for coverage, at in places]


def aurc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Return the area under the risk-coverage curve, the mean risk over all coverages; NaN without questions.

    With half of all unanswerable, confidence that says nothing gives 0.5.

    Source: Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, 2019.
    """
    _, risks = _risks(answerable, unanswerable)
    return float(risks.mean()) if len(risks) else math.nan


def _risks(
    answerable: Sequence[float], unanswerable: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return all confidences, highest first, and the risk of answering down to each."""
    scores = np.concatenate([np.asarray(answerable, float), np.asarray(unanswerable, float)])
    wrong = np.arange(len(scores)) >= len(answerable)
    values, group, counts = np.unique(-scores, return_inverse=True, return_counts=True)
    share = np.bincount(group, wrong, len(values)) / counts
    risks = np.repeat(share, counts).cumsum() / np.arange(1, len(scores) + 1)
    return -np.repeat(values, counts), risks


def interval(
    groups: Sequence[Sequence[float]],
    *,
    n_samples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return a bootstrap interval of the mean over all values, resampling whole groups.

    Questions on one conversation are not independent, so conversations are drawn, not questions.

    Args:
        groups: the values of each conversation; empty ones are left out.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 8 (cluster resampling).
    """
    filled = [group for group in groups if len(group)]
    if not filled:
        return math.nan, math.nan
    sums = np.array([math.fsum(group) for group in filled])
    sizes = np.array([len(group) for group in filled])
    drawn = np.random.default_rng(seed).integers(0, len(filled), (n_samples, len(filled)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)
