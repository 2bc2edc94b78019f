"""Vectors of one namespace: 4 bits a dimension to score by, and 256-bit codes for a first look at all of them.

A vector keeps its largest component as its scale, and one of 15 levels for each; the error of a cosine is about
0.01. A code holds the signs of random projections; the angle between two vectors is close to π times the share
of signs that differ. Codes are kept word by word, so that a scan reads memory in order.

Source: Charikar, "Similarity estimation techniques from rounding algorithms" (2002).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CODE_BITS = 256
_WORDS = CODE_BITS // 64
_MIDDLE = np.float32(8)  # the level of 0, so that it is exact; 1 to 15 are used
_ROUNDED_MIDDLE = np.float32(8.5)  # the same, for a conversion that cuts off
_COSINE_OF_DISTANCE = np.cos(np.pi * np.arange(CODE_BITS + 1) / CODE_BITS).astype(np.float32)


class FlatIndex:
    """An array of vectors, addressed by row, that only grows.

    Attributes:
        dim: length of a vector.
        levels: (capacity, ceil(dim / 2)) uint8, two components a byte: i in the low bits, i + dim / 2 in the high.
        scales: (capacity,) float16, the step between levels; 0 for a vector of zeros.
        codes: (4, capacity) uint64.
    """

    def __init__(self, dim: int, capacity: int = 16) -> None:
        self.dim = dim
        self._half = (dim + 1) // 2
        self.levels = np.zeros((capacity, self._half), np.uint8)
        self.scales = np.zeros(capacity, np.float16)
        self.codes = np.zeros((_WORDS, capacity), np.uint64)
        self._projection = projection(dim)

    @property
    def nbytes(self) -> int:
        return self.levels.nbytes + self.scales.nbytes + self.codes.nbytes

    def until(self, rows: int) -> FlatIndex:
        """Return an index of the first `rows` rows, on the same memory."""
        index = FlatIndex(self.dim, 0)
        index.levels, index.scales, index.codes = self.levels[:rows], self.scales[:rows], self.codes[:, :rows]
        return index

    def reserve(self, capacity: int) -> None:
        """Make room for `capacity` rows; cost: a copy."""
        n = len(self.levels)
        levels = np.zeros((capacity, self._half), np.uint8)
        scales = np.zeros(capacity, np.float16)
        codes = np.zeros((_WORDS, capacity), np.uint64)
        levels[:n], scales[:n], codes[:, :n] = self.levels, self.scales, self.codes
        self.levels, self.scales, self.codes = levels, scales, codes

    def put(self, row: int, vector: NDArray[np.float32]) -> None:
        """Store a vector, shape (dim,), at a row within capacity. Cost: about 20 µs at 128 dimensions."""
        self.scales[row] = np.abs(vector).max() / 7
        step = float(self.scales[row])  # as it is kept
        if step:
            level = (vector / step + _ROUNDED_MIDDLE).astype(np.uint8)
            if self.dim % 2:
                level = np.append(level, np.uint8(0))
            np.bitwise_or(level[: self._half], level[self._half :] << 4, out=self.levels[row])
        self.codes[:, row] = self.code(vector)

    def code(self, vector: NDArray[np.float32]) -> NDArray[np.uint64]:
        """Return the (4,) uint64 code of a vector."""
        return np.packbits(np.vecdot(self._projection, vector) > 0).view(np.uint64)

    def approximate(self, query: NDArray[np.float32], n: int) -> NDArray[np.float32]:
        """Return the estimated cosine of the first `n` rows to a query, (n,) float32.

        The standard error is about 0.09 near orthogonality. Cost: 2 µs a thousand rows.
        """
        # Into buffers used again, and in bytes for as long as they hold the sum: at 100,000 rows it is memory
        # traffic that costs.
        differing = np.empty(n, np.uint64)
        count = np.empty(n, np.uint8)
        total = np.zeros(n, np.uint8)
        *planes, last = zip(self.codes, self.code(query), strict=True)
        for plane, word in planes:
            np.bitwise_xor(plane[:n], word, out=differing)
            np.bitwise_count(differing, out=count)
            np.add(total, count, out=total)
        np.bitwise_xor(last[0][:n], last[1], out=differing)
        np.bitwise_count(differing, out=count)
        total = np.add(total, count, dtype=np.uint16)
        return _COSINE_OF_DISTANCE.take(total)

    def cosine(self, query: NDArray[np.float32], rows: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Return the cosine of the given rows to a unit query, (len(rows),) float32, to about 0.01.

        Cost: 30 µs for a thousand rows of 128 dimensions.
        """
        whole = isinstance(rows, slice)
        levels = self.levels[rows] if whole else self.levels.take(rows, axis=0)
        scales = self.scales[rows] if whole else self.scales.take(rows)
        low, high = query[: self._half], query[self._half :]
        if self.dim % 2:
            high = np.append(high, np.float32(0))
        # A dot product a row: a matrix product may wake BLAS threads, which costs more than it saves.
        products: NDArray[np.float32] = np.vecdot((levels & 15).astype(np.float32), low)
        products += np.vecdot((levels >> 4).astype(np.float32), high)
        products -= _MIDDLE * query.sum()
        products *= scales.astype(np.float32)
        return products


_PROJECTIONS: dict[int, NDArray[np.float32]] = {}


def projection(dim: int) -> NDArray[np.float32]:
    """Return the (256, dim) projection of the codes: signed rows of Hadamard matrices.

    Its entries are ±1 by a fixed rule, so that every machine computes the same codes.
    """
    found = _PROJECTIONS.get(dim)
    if found is None:
        size = max(64, 1 << (dim - 1).bit_length())
        hadamard = np.ones((1, 1), np.float32)
        while len(hadamard) < size:
            hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
        n_blocks = -(-CODE_BITS // size)
        # Signs from a linear congruential generator written out, for a generator library may change.
        state, signs = 88172645463325252, np.empty((n_blocks, size), np.float32)
        for i in range(n_blocks * size):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            signs.flat[i] = 1.0 if state >> 63 else -1.0
        blocks = np.concatenate([hadamard * row for row in signs])
        if size > CODE_BITS:
            blocks = blocks[:: size // CODE_BITS]
        found = _PROJECTIONS[dim] = np.ascontiguousarray(blocks[:CODE_BITS, :dim])
    return found
