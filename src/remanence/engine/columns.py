"""Growable arrays of one namespace: a column a property, a row a version of a memory.

Columns may lie in a memory-mapped snapshot: writes to them stay private to the process, and growing
copies them to memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

# Flags of a row.
ALIVE = 1  # can be found
PINNED = 2
QUESTION = 4  # has a question mark
NAMED = 8  # its id was given by the caller
FADED = 16  # let go on request

NO_ROW = np.uint32(0xFFFFFFFF)
ROLES: tuple[str, ...] = ("", "user", "assistant", "system", "tool")

_SCHEMA: dict[str, type[np.generic]] = {
    "seq": np.uint32,  # log sequence number
    "at": np.int64,  # when it was said, ns since the epoch
    "recorded": np.int64,  # when it was written, ns since the epoch
    "session": np.uint32,  # index into the session names
    "speaker": np.uint32,  # index into the speaker names
    "role": np.uint8,  # index into ROLES
    "flags": np.uint8,
    "kinds": np.uint8,  # of things it holds, see core.asking
    "tokens": np.uint16,  # of its line in a prompt, by the default counter; 65,535: that or more
    "salience": np.float32,
    "uses": np.uint16,  # times it was said to be of use
    "last_used": np.uint32,  # when, seconds since the epoch
    "previous": np.uint32,  # row said just before in its session, or NO_ROW; so are all unused ones
    "following": np.uint32,  # row said just after in its session, likewise
    "text_end": np.uint32,  # where its UTF-8 ends in the text heap
}


class Columns:
    """The row columns and the text heap.

    Attributes:
        n: rows in use; there is always at least one more, unused.
        seq … text_end: arrays of at least `n` entries, see `_SCHEMA`.
        heap: uint8, the UTF-8 of all texts one after another.
    """

    seq: NDArray[np.uint32]
    at: NDArray[np.int64]
    recorded: NDArray[np.int64]
    session: NDArray[np.uint32]
    speaker: NDArray[np.uint32]
    role: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    tokens: NDArray[np.uint16]
    salience: NDArray[np.float32]
    uses: NDArray[np.uint16]
    last_used: NDArray[np.uint32]
    previous: NDArray[np.uint32]
    following: NDArray[np.uint32]
    text_end: NDArray[np.uint32]

    names = tuple(_SCHEMA)

    def __init__(self, capacity: int = 16) -> None:
        self.n = 0
        for name, dtype in _SCHEMA.items():
            setattr(self, name, _unused(name, capacity, dtype))
        self.heap = np.zeros(capacity * 64, np.uint8)

    @property
    def capacity(self) -> int:
        return len(self.seq)

    @property
    def nbytes(self) -> int:
        """Bytes of the row columns, unused capacity included, the heap left out."""
        return sum(getattr(self, name).nbytes for name in _SCHEMA)

    def reserve(self, capacity: int) -> None:
        """Make room for `capacity` rows; cost: a copy."""
        for name in _SCHEMA:
            old = getattr(self, name)
            new = _unused(name, capacity, old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def until(self, rows: int) -> Columns:
        """Return the first `rows` rows; the texts are on the same memory. Cost: a copy of the rest."""
        columns = Columns(0)
        for name, dtype in _SCHEMA.items():
            setattr(columns, name, np.concatenate((getattr(self, name)[:rows], _unused(name, 1, dtype))))
        columns.following[columns.following >= rows] = NO_ROW
        columns.heap, columns.n = self.heap, rows
        return columns

    def put_text(self, row: int, text: bytes) -> None:
        """Append the UTF-8 of a row's text to the heap."""
        start = int(self.text_end[row - 1]) if row else 0
        end = start + len(text)
        if end > len(self.heap):
            heap = np.zeros(grown(end), np.uint8)
            heap[:start] = self.heap[:start]
            self.heap = heap
        self.heap[start:end] = np.frombuffer(text, np.uint8)
        self.text_end[row] = end

    def text(self, row: int) -> str:
        """Return the text of a row."""
        start = int(self.text_end[row - 1]) if row else 0
        return str(self.heap.data[start : int(self.text_end[row])], "utf-8")

    def texts(self, rows: NDArray[np.intp]) -> list[str]:
        """Return the texts of some rows."""
        ends = self.text_end.take(rows).tolist()
        starts = np.where(rows, self.text_end.take(rows - 1, mode="clip"), 0).tolist()
        heap = self.heap.data
        return [str(heap[start:end], "utf-8") for start, end in zip(starts, ends, strict=True)]


def _unused(name: str, capacity: int, dtype: npt.DTypeLike) -> NDArray[Any]:
    return np.full(capacity, NO_ROW if name in ("previous", "following") else 0, dtype)


def grown(needed: int) -> int:
    """Return the capacity to allocate when `needed` no longer fits: a sixteenth more, at least 16."""
    return max(16, needed + needed // 16)
