"""Vectors that callers brought, each with a JSON payload: a fold of the log beside the texts.

Rows are only ever added. Of each is kept which record replaced or let go of it, so that a moment of the past is the
first so many rows, with what ended later not ended yet.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.engine.columns import grown
from remanence.engine.metadata import MetadataColumns, Where
from remanence.index.eight_bits import EightBitIndex
from remanence.records import Record, Scalar, Vectored
from remanence.types import Item

_SCHEMA: dict[str, type[np.generic]] = {
    "seq": np.uint32,  # log sequence number
    "at": np.int64,  # when it happened, ns since the epoch
    "recorded": np.int64,  # when it was written, ns since the epoch
    "ended": np.uint32,  # the record that replaced it or let it go; 0: none
    "faded": np.uint8,  # 1: it was let go of, 0: replaced, or nothing yet
    "payload_end": np.uint64,  # where its JSON ends in the heap
}
_METADATA = "metadata."


class _Frozen(msgspec.Struct):
    """The parts of a snapshot that are not arrays."""

    n: int
    dim: int
    ids: dict[str, int]
    id_of_row: dict[int, str]
    superseded: dict[int, int]
    metadata_values: dict[str, list[Scalar]]


class GivenVectors:
    """The vectors of one namespace.

    Attributes:
        n: rows in use, a row a version.
        seq … payload_end: arrays of at least `n` entries, see `_SCHEMA`.
        index: the vectors; of no dimensions before the first.
        heap: uint8, the JSON of all payloads one after another.
        metadata: the caller's metadata by row.
    """

    seq: NDArray[np.uint32]
    at: NDArray[np.int64]
    recorded: NDArray[np.int64]
    ended: NDArray[np.uint32]
    faded: NDArray[np.uint8]
    payload_end: NDArray[np.uint64]

    def __init__(self) -> None:
        self.n = 0
        for name, dtype in _SCHEMA.items():
            setattr(self, name, np.zeros(0, dtype))
        self.index = EightBitIndex(0, 0)
        self.heap = np.zeros(0, np.uint8)
        self.metadata = MetadataColumns()
        self._ids: dict[str, int] = {}  # those that are not the default ones -> their latest row
        self._id_of_row: dict[int, str] = {}
        self._superseded: dict[int, int] = {}  # row -> the row of the version before

    @property
    def dim(self) -> int:
        """Length of every vector; 0 before the first."""
        return self.index.dim

    # --- the fold -----------------------------------------------------------------------------------

    def apply(self, record: Record, event: Vectored, taken: Callable[[str], bool]) -> None:
        """Take one vector in.

        Args:
            taken: whether an id is that of a text: then the default one of a vector gets an apostrophe.
        """
        vector = np.frombuffer(event.vector, "<f4")
        row = self.n
        if not row:
            self.index = EightBitIndex(len(vector))
        if row >= len(self.seq):
            self._reserve(grown(row + 1))
        id = event.id
        if not id:
            id = default_id(record.seq)
            while taken(id) or id in self._ids:
                id += "'"
        replaced = self.row_of(id)
        if id != default_id(record.seq):
            self._ids[id] = row
            self._id_of_row[row] = id
        if replaced is not None:
            self._superseded[row] = replaced
            self._end(replaced, record.seq)
        self.seq[row] = record.seq
        self.at[row] = record.at_ns
        self.recorded[row] = record.recorded_ns
        self._put_payload(row, event.payload)
        self.index.put(row, vector.astype(np.float32))
        if event.metadata:
            self.metadata.put(row, event.metadata)
        self.n = row + 1

    def fade(self, record: Record, id: str) -> None:
        """Let a vector go; an id that has none is somebody else's."""
        row = self.row_of(id)
        if row is not None and self._end(row, record.seq):
            self.faded[row] = 1

    def _end(self, row: int, seq: int) -> bool:
        if self.ended[row]:
            return False
        self.ended[row] = seq
        return True

    def _reserve(self, capacity: int) -> None:
        for name, dtype in _SCHEMA.items():
            old = getattr(self, name)
            new = np.zeros(capacity, dtype)
            new[: len(old)] = old
            setattr(self, name, new)
        self.index.reserve(capacity)

    def _put_payload(self, row: int, payload: bytes) -> None:
        start = int(self.payload_end[row - 1]) if row else 0
        end = start + len(payload)
        if end > len(self.heap):
            heap = np.zeros(grown(end), np.uint8)
            heap[:start] = self.heap[:start]
            self.heap = heap
        self.heap[start:end] = np.frombuffer(payload, np.uint8)
        self.payload_end[row] = end

    # --- reading ------------------------------------------------------------------------------------

    def row_of(self, id: str) -> int | None:
        """Return the latest row of an id, alive or not; None when there is none."""
        row = self._ids.get(id)
        while row is not None and row >= self.n:  # of a time after this one
            row = self._superseded.get(row)
        if row is not None:
            return row
        seq = default_seq(id)
        if seq is None:
            return None
        seqs = self.seq[: self.n]
        row = int(seqs.searchsorted(np.uint32(seq)))
        return row if row < len(seqs) and seqs[row] == seq and row not in self._id_of_row else None

    def id_of(self, row: int) -> str:
        return self._id_of_row.get(row) or default_id(int(self.seq[row]))

    def id_at(self, seq: int) -> str:
        """Return the id of the vector that a record holds."""
        return self.id_of(int(self.seq[: self.n].searchsorted(np.uint32(seq))))

    def version_of(self, row: int) -> int:
        """Return 1 for the first version of an id; cost: one step a version."""
        return len(self.versions(row))

    def versions(self, row: int) -> list[int]:
        """Return the rows of an id up to one of them, newest first."""
        rows = [row]
        while (before := self._superseded.get(rows[-1])) is not None:
            rows.append(before)
        return rows

    def alive(self, row: int) -> bool:
        return not self.ended[row]

    def living(self) -> NDArray[np.intp]:
        """Return the rows that can be found, in log order."""
        return (self.ended[: self.n] == 0).nonzero()[0]

    def payload(self, row: int) -> Any:
        """Return the JSON value of a row."""
        return msgspec.json.decode(self.payload_json(row))

    def payload_json(self, row: int) -> bytes:
        """Return the payload of a row as JSON."""
        start = int(self.payload_end[row - 1]) if row else 0
        return self.heap[start : int(self.payload_end[row])].tobytes()

    def item(self, row: int) -> Item:
        """Return one row as a caller sees a memory: its text is what the payload says."""
        value = self.payload(row)
        return Item(
            id=self.id_of(row),
            version=self.version_of(row),
            text=text_of(value),
            at_ns=int(self.at[row]),
            recorded_ns=int(self.recorded[row]),
            speaker="",
            role="",
            session="",
            metadata=self.metadata.get(row),
            salience=1.0,
            pinned=False,
            fidelity=0.0 if self.faded[row] else 1.0,
            seq=int(self.seq[row]),
        )

    def nearest(
        self, query: NDArray[np.float32], k: int, where: Where | None
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the `k` nearest rows that can be found and pass the filter, nearest first, and their cosines.

        Args:
            query: (dim,) of unit length.
        """
        eligible = self.ended[: self.n] == 0
        if where:
            eligible &= self.metadata.mask(where, self.n)
        return self.index.nearest(query, eligible, k)

    def until(self, seq: int) -> GivenVectors:
        """Return the vectors as they were when the log ended at a record, on the same memory.

        Cost: a copy of 5 bytes a row.
        """
        past = GivenVectors()
        past.n = n = int(self.seq[: self.n].searchsorted(np.uint32(min(seq, 2**32 - 1)), side="right"))
        for name in _SCHEMA:
            setattr(past, name, getattr(self, name)[:n])
        past.ended, past.faded = past.ended.copy(), past.faded.copy()
        later = past.ended > seq
        past.ended[later], past.faded[later] = 0, 0
        if n:
            past.index = self.index.until(n)
        past.heap, past.metadata = self.heap, self.metadata
        past._ids, past._id_of_row, past._superseded = self._ids, self._id_of_row, self._superseded
        return past

    @property
    def nbytes(self) -> int:
        columns = sum(getattr(self, name).nbytes for name in _SCHEMA)
        names = sum(map(sys.getsizeof, (self._ids, self._id_of_row, self._superseded)))
        names += sum(sys.getsizeof(id) + 64 for id in self._ids)
        return columns + names + self.index.nbytes + self.heap.nbytes + self.metadata.nbytes

    # --- snapshots ----------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays by name."""
        found: dict[str, NDArray[Any]] = {name: getattr(self, name) for name in _SCHEMA}
        index = self.index
        found |= {"heap": self.heap, "levels": index.levels, "scales": index.scales, "codes": index.codes}
        return found | {_METADATA + key: codes for key, codes in self.metadata.codes.items()}

    def frozen(self) -> bytes:
        """Return what is not in arrays, as bytes."""
        values = {key: list(values) for key, values in self.metadata.values.items()}
        frozen = _Frozen(self.n, self.dim, self._ids, self._id_of_row, self._superseded, values)
        return msgspec.msgpack.encode(frozen)

    @classmethod
    def restored(cls, content: bytes, arrays: dict[str, NDArray[Any]]) -> GivenVectors:
        """Return what `frozen` and `arrays` gave."""
        frozen = msgspec.msgpack.decode(content, type=_Frozen)
        vectors = cls()
        for name in (*_SCHEMA, "heap"):
            setattr(vectors, name, arrays[name])
        index = vectors.index = EightBitIndex(frozen.dim, 0)
        index.levels, index.scales, index.codes = arrays["levels"], arrays["scales"], arrays["codes"]
        codes = {name.removeprefix(_METADATA): a for name, a in arrays.items() if name.startswith(_METADATA)}
        vectors.metadata.restore(codes, frozen.metadata_values)
        vectors.n, vectors._ids = frozen.n, frozen.ids
        vectors._id_of_row, vectors._superseded = frozen.id_of_row, frozen.superseded
        return vectors


def text_of(value: Any) -> str:
    """Return what a payload says: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def default_id(seq: int) -> str:
    return f"v{seq}"


def default_seq(id: str) -> int | None:
    """Return n of a default id `v<n>`, None for any other string."""
    if id[:1] == "v" and id[1:].isascii() and id[1:].isdigit() and len(id) <= 11 and id[1] != "0":
        seq = int(id[1:])
        return seq if seq < 2**32 else None
    return None
