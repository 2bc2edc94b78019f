"""What became of memories after they were written, in log order: what a look into the past has to undo.

13 bytes a change.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# What happened to a row.
REPLACED = 0  # by the row that this very record made
FADED = 1
PINNED = 2
UNPINNED = 3
USED = 4
ANSWERED = 5  # used, by the word of an agent, in an answer it made


class Changes:
    """An append-only list of (record, row, what, second of the epoch it was written)."""

    def __init__(self) -> None:
        self._seqs, self._rows, self._whats, self._seconds = array("I"), array("I"), array("B"), array("I")

    def append(self, seq: int, row: int, what: int, second: int) -> None:
        self._seqs.append(seq)
        self._rows.append(row)
        self._whats.append(what)
        self._seconds.append(second)

    def until(self, seq: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield the changes made by records up to `seq`, in order."""
        end = bisect_right(self._seqs, seq)
        return zip(self._seqs[:end], self._rows[:end], self._whats[:end], self._seconds[:end], strict=True)

    def answered(self, n: int) -> NDArray[np.intp]:
        """Return in how many answers each of the first `n` rows was used: shape (n,)."""
        what, rows = np.frombuffer(self._whats, np.uint8), np.frombuffer(self._rows, np.uint32)
        return np.bincount(rows[what == ANSWERED], minlength=n)[:n]

    @property
    def nbytes(self) -> int:
        return sum(column.itemsize * len(column) for column in self._columns())

    def frozen(self) -> list[bytes]:
        return [column.tobytes() for column in self._columns()]

    @classmethod
    def restored(cls, frozen: list[bytes]) -> Changes:
        changes = cls()
        for column, content in zip(changes._columns(), frozen, strict=True):
            column.frombytes(content)
        return changes

    def _columns(self) -> tuple[array[int], ...]:
        return self._seqs, self._rows, self._whats, self._seconds
