"""The measures of retrieval, each a function of one ranking and the gold ids.

Pure arithmetic: nothing here may know a system, a data set or a clock.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np


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
