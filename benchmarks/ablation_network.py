"""A small network in place of the weighted sum: one hidden layer beside the linear weights, trained listwise.

It starts from the linear weights, so that it can only learn what they cannot say. The loss is the one of
tools/train_ranker.py, and so are its sources and its penalty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from train_ranker import L2, Asked

Array = NDArray[np.float32]
Source = tuple[Asked, float]

HIDDEN = 12
STEPS = 150
RATE = 0.02


class Network:
    """score = x·w + tanh(x·U + b)·v, x the standardised signals, in the unit of the linear score."""

    def __init__(self, mean: Array, deviation: Array, parameters: list[Array], scale: float) -> None:
        self._mean, self._deviation, self._parameters, self._scale = mean, deviation, parameters, scale

    def __call__(self, signals: Array) -> Array:
        """Return the score of each candidate, (r,), of its learned signals, (r, len(LEARNED))."""
        w, u, b, v = self._parameters
        x = (signals - self._mean) / self._deviation
        return (x @ w + np.tanh(x @ u + b) @ v) * np.float32(self._scale)

    @classmethod
    def trained(cls, sources: Sequence[Source], linear: Array, seed: int = 0) -> Network:
        """Return a network trained from linear weights (for signals as they are)."""
        signals, gold, real, share = (
            np.concatenate(parts)
            for parts in zip(
                *(
                    (asked.signals, asked.gold, asked.real, np.full(len(asked.gold), worth / len(asked.gold)))
                    for asked, worth in sources
                ),
                strict=True,
            )
        )
        found = gold.any(axis=1)
        signals, gold, real, share = signals[found], gold[found], real[found], share[found] / share[found].sum()
        mean, deviation = signals[real].mean(axis=0), signals[real].std(axis=0) + 1e-6
        x = ((signals - mean) / deviation * real[..., None]).astype(np.float32)
        draw = np.random.default_rng(seed)
        n = x.shape[-1]
        start = linear * deviation
        small = float(1 / np.abs(x[real] @ start).std())  # a score of about one, as the loss likes it
        parameters = [
            (start * small * 2).astype(np.float32),
            draw.normal(0, n**-0.5, (n, HIDDEN)).astype(np.float32),
            np.zeros(HIDDEN, np.float32),
            draw.normal(0, 0.01, HIDDEN).astype(np.float32),
        ]
        m = [np.zeros_like(each) for each in parameters]
        s = [np.zeros_like(each) for each in parameters]
        flat = x.reshape(-1, n)
        for step in range(1, STEPS + 1):
            w, u, b, v = parameters
            hidden = np.tanh(flat @ u + b)
            scores = (flat @ w + hidden @ v).reshape(real.shape)
            slope = (_slope(scores, gold, real) * share[:, None]).astype(np.float32).reshape(-1)
            inner = (slope[:, None] * v) * (1 - hidden * hidden)
            gradients = [slope @ flat, flat.T @ inner, inner.sum(axis=0), slope @ hidden]
            for i, gradient in enumerate(gradients):
                gradient = gradient + L2 * parameters[i]
                m[i] = 0.9 * m[i] + 0.1 * gradient
                s[i] = 0.99 * s[i] + 0.01 * gradient**2
                move = m[i] / (1 - 0.9**step) / (np.sqrt(s[i] / (1 - 0.99**step)) + 1e-8)
                parameters[i] = (parameters[i] - RATE * move).astype(np.float32)
        plain = cls(mean, deviation, parameters, 1.0)
        mine, theirs = plain(signals[real]), signals[real] @ linear
        # Weights set by hand are in the unit of the linear score, so its scale is taken on, by least squares.
        scale = float(np.cov(mine, theirs)[0, 1] / mine.var())
        return cls(mean, deviation, parameters, scale)


def _slope(scores: Array, gold: NDArray[np.bool_], real: NDArray[np.bool_]) -> Array:
    """Return the gradient of the loss in the scores, by question."""
    scores = np.where(real, scores, -np.inf)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    n_gold = gold.sum(axis=1, keepdims=True)
    others = np.where(gold, 0, e)
    total = others.sum(axis=1, keepdims=True)
    pull = np.where(gold, 1 / (e + total + 1e-12), 0) / n_gold
    return np.where(gold, (e * pull) - 1 / n_gold, others * pull.sum(axis=1, keepdims=True))
