"""Vectors of callers' own, of any length: 8 bits a dimension to score by, and 256-bit codes to pass by what is far.

The error of a cosine is about 0.0005 at 384 dimensions. A search scores the nearest by their codes, learns from them
how near the best are, and then scores whatever its code does not rule out: few rows where vectors lie in clusters,
nearly all where they point anywhere, so that what is found does not depend on how they lie, only what it takes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from remanence.index.flat import CODE_BITS, FlatIndex

EXACT_ROWS = 4096  # up to this many, all are scored
_SEEDS = 64  # rows, or four for each that is wanted, that tell how near the best are
_DEVIATIONS = 2.5  # a code may be off by: 99 in 100 are nearer to the truth
_AT_ONCE = 1024  # rows made floats together: they stay in the processor's cache
_LARGEST = np.float32(127)


class EightBitIndex(FlatIndex):
    """An array of vectors, addressed by row, that only grows.

    Attributes:
        dim: length of a vector.
        levels: (capacity, dim) int8, the largest component at 127 or -127.
        scales: (capacity,) float32, one over the length of the levels.
        codes: (4, capacity) uint64.
    """

    def __init__(self, dim: int, capacity: int = 16) -> None:
        super().__init__(dim, 0)
        self.levels = np.zeros((capacity, dim), np.int8)  # pyright: ignore[reportIncompatibleVariableOverride]
        self.scales = np.zeros(capacity, np.float32)  # pyright: ignore[reportIncompatibleVariableOverride]
        self.codes = np.zeros((CODE_BITS // 64, capacity), np.uint64)

    def until(self, rows: int) -> EightBitIndex:
        """Return an index of the first `rows` rows, on the same memory."""
        index = EightBitIndex(self.dim, 0)
        index.levels, index.scales, index.codes = self.levels[:rows], self.scales[:rows], self.codes[:, :rows]
        return index

    def reserve(self, capacity: int) -> None:
        """Make room for `capacity` rows; cost: a copy."""
        larger = EightBitIndex(self.dim, capacity)
        n = len(self.levels)
        larger.levels[:n], larger.scales[:n], larger.codes[:, :n] = self.levels, self.scales, self.codes
        self.levels, self.scales, self.codes = larger.levels, larger.scales, larger.codes

    def put(self, row: int, vector: NDArray[np.float32]) -> None:
        """Store a vector, shape (dim,), finite and not all zero, at a row within capacity."""
        direction = vector / np.abs(vector).max()  # what comes after cannot overflow
        level = np.rint(direction * _LARGEST)
        self.levels[row] = level
        self.scales[row] = 1 / np.sqrt(np.vecdot(level, level))
        self.codes[:, row] = self.code(direction)

    def cosine(self, query: NDArray[np.float32], rows: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Return the cosine of the given rows to a unit query, (len(rows),) float32.

        Cost: 0.1 ms for a thousand rows of 384 dimensions.
        """
        if isinstance(rows, slice):
            levels, scales = self.levels[rows], self.scales[rows]
            chunks = (levels[start : start + _AT_ONCE] for start in range(0, len(levels), _AT_ONCE))
        else:
            scales = self.scales.take(rows)
            starts = range(0, len(rows), _AT_ONCE)
            chunks = (self.levels.take(rows[start : start + _AT_ONCE], axis=0) for start in starts)
        products = np.empty(len(scales), np.float32)
        floats = np.empty((min(_AT_ONCE, len(scales)), self.dim), np.float32)
        start = 0
        for chunk in chunks:
            part = floats[: len(chunk)]
            part[...] = chunk
            np.vecdot(part, query, out=products[start : start + len(chunk)])
            start += len(chunk)
        products *= scales
        return products

    def nearest(
        self, query: NDArray[np.float32], eligible: NDArray[np.bool_], k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the `k` eligible rows nearest to a unit query, nearest first, and their cosines.

        Args:
            query: (dim,)
            eligible: (n,) of the first n rows; among equals the earlier row is first.

        Cost: 0.1 ms a thousand rows up to `EXACT_ROWS`; beyond, 2 µs a thousand rows and 0.1 to 0.2 ms for each
        thousand that codes do not rule out.
        """
        rows = eligible.nonzero()[0]
        if len(rows) > max(EXACT_ROWS, 4 * k):
            rows = self._not_ruled_out(query, eligible, k)
        if len(rows) > len(eligible) // 2:  # reading them all in order is quicker than picking
            cosines = self.cosine(query, slice(0, len(eligible)))[rows]
        else:
            cosines = self.cosine(query, rows)
        order = _largest(cosines, k)
        return rows[order], cosines[order]

    def _not_ruled_out(self, query: NDArray[np.float32], eligible: NDArray[np.bool_], k: int) -> NDArray[np.intp]:
        """Return the eligible rows whose codes allow them to be among the `k` nearest, in row order."""
        look = self.approximate(query, len(eligible))
        look[~eligible] = -2
        seeds = _largest(look, max(_SEEDS, 4 * k))
        least = np.sort(self.cosine(query, seeds))[-k]
        apart = np.arccos(np.clip(least, -1, 1)) / np.pi  # the share of signs that differ, on average
        furthest = min(apart + _DEVIATIONS * np.sqrt(apart * (1 - apart) / CODE_BITS), 1.0)
        return (look >= min(np.cos(np.pi * furthest) - 1e-6, look[seeds].min())).nonzero()[0]


def _largest(scores: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Return where the largest `k` scores are, largest first; equal ones in the order they stand."""
    if k < len(scores) // 2:
        least = np.partition(scores, len(scores) - k)[len(scores) - k]
        best = (scores >= least).nonzero()[0]
        return best[(-scores[best]).argsort(kind="stable")[:k]]
    return (-scores).argsort(kind="stable")[:k]
