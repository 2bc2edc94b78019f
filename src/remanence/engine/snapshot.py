"""A state on disk as memory-mapped arrays: a cache of the fold, which may be deleted at any time.

A snapshot is used only when it is whole (its digest is checked), written for this store by this embedder
and analyzer, and agrees with the log about the record it ends at; anything else is replayed from the log.
Its pages are mapped copy-on-write, so that processes share them until they write.

File: magic, SHA-256 of all that follows, length of the header, header (msgpack), zeros up to a multiple
of 64, then the arrays, each at a multiple of 64 bytes, in the order of the header's table.
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.core import asking, tokens
from remanence.core.bm25 import Postings, Segment
from remanence.core.facts import Facts
from remanence.engine.changes import Changes
from remanence.engine.columns import Columns
from remanence.engine.held import Keys, Streams
from remanence.engine.names import Names
from remanence.engine.state import NEVER, State
from remanence.engine.vectors import GivenVectors
from remanence.ports import Analyzer, Embedder
from remanence.records import Scalar

_MAGIC = b"RMNSNAP\x01"
_DIGEST_BYTES = 32
_NAME = re.compile(r"\d+\.([0-9]+)\.snapshot", re.ASCII)
_ALIGN = 64
_ABANDONED_S = 3600  # a part file this old has no writer
_LENGTH = struct.Struct("<I")
_METADATA = "metadata."
_GIVEN = "given."


class _Header(msgspec.Struct):
    """What identifies a snapshot, the parts that are not arrays, and where the arrays are."""

    store_id: str
    namespace: int
    seq: int
    digest: str
    embedder: str
    analyzer: str
    tokens: str  # by which prices the sizes in it were estimated
    kinds: str  # by which rules the kinds in it were told
    n: int
    alive: int
    n_documents: int
    total_length: int
    sessions: list[str]
    latest_unnamed: int | None
    speakers: list[str]
    ids: dict[str, int]
    id_of_row: dict[int, str]
    superseded: dict[int, int]
    last_of_session: dict[int, int]
    metadata_values: dict[str, list[Scalar]]
    changes: list[bytes]
    lengths: list[int]
    expires: dict[int, int]
    keys: bytes
    streams: bytes
    facts: bytes
    given: bytes
    table: list[tuple[str, str, list[int], int]]  # name, dtype, shape, offset after the header
    cursors: dict[str, tuple[int, int]] = {}  # none in those written before there were any


class Frozen(msgspec.Struct):
    """A state copied out at one moment, to be written without holding its lock."""

    header: _Header
    arrays: list[NDArray[Any]]


def freeze(state: State, store_id: str, namespace: int) -> Frozen:
    """Copy a state out. Cost: a copy of its arrays and one merge of the postings; 20 ms at 100k rows."""
    arrays = _arrays(state)
    table: list[tuple[str, str, list[int], int]] = []
    offset = 0
    for name, array in arrays.items():
        table.append((name, array.dtype.str, list(array.shape), offset))
        offset += -(-array.nbytes // _ALIGN) * _ALIGN
    header = _Header(
        store_id=store_id,
        namespace=namespace,
        seq=state.seq,
        digest=state.digest,
        embedder=state.embedder.name,
        analyzer=state.analyzer.name,
        tokens=tokens.FINGERPRINT,
        kinds=asking.NAME_OF_KINDS,
        n=state.columns.n,
        alive=state.alive,
        n_documents=state.postings.n_documents,
        total_length=state.postings.total_length,
        sessions=state.sessions.tolist(),
        latest_unnamed=state.sessions.latest_unnamed,
        speakers=state.speakers.tolist(),
        ids=dict(state.ids),
        id_of_row=dict(state.id_of_row),
        superseded=dict(state.superseded),
        last_of_session=dict(state.last_of_session),
        metadata_values={key: list(values) for key, values in state.metadata.values.items()},
        changes=state.changes.frozen(),
        lengths=list(state.lengths),
        expires=dict(state.expires),
        keys=state.keys.frozen(),
        streams=state.streams.frozen(),
        facts=state.facts.frozen(),
        given=state.given.frozen(),
        cursors=dict(state.cursors),
        table=table,
    )
    return Frozen(header, [np.array(array, order="C") for array in arrays.values()])


def write(frozen: Frozen, directory: Path) -> Path:
    """Write a frozen state beside the store and delete the namespace's older snapshots.

    The file appears under its name only when it is whole and on the disk.
    """
    header = frozen.header
    directory.mkdir(exist_ok=True)
    head = msgspec.msgpack.encode(header)
    head = _LENGTH.pack(len(head)) + head
    chunks: list[bytes | memoryview] = [head, bytes(-(len(_MAGIC) + _DIGEST_BYTES + len(head)) % _ALIGN)]
    for array in frozen.arrays:
        data = array.data.cast("B") if array.size else memoryview(b"")
        chunks += [data, bytes(-len(data) % _ALIGN)]
    digest = sha256()
    for chunk in chunks:
        digest.update(chunk)
    final = directory / f"{header.namespace}.{header.seq}.snapshot"
    part = directory / f"{final.name}.{token_hex(4)}.part"
    try:
        with part.open("wb") as file:
            file.write(_MAGIC + digest.digest())
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    for seq, older in _files(directory, header.namespace):
        if seq < header.seq:
            _discard(older)
    _discard_parts(directory)
    return final


def newest_first(directory: Path, namespace: int) -> list[tuple[int, Path]]:
    """Return the namespace's snapshots on disk as (seq, path); unread."""
    return sorted(_files(directory, namespace), reverse=True)


def load(path: Path, store_id: str, namespace: int, embedder: Embedder, analyzer: Analyzer) -> State | None:
    """Return the state in a snapshot, None when it is not whole or not for this store, embedder, analyzer.

    Cost: one pass over the file to check its digest: 25 ms at 100k rows.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    except (OSError, ValueError):
        return None
    start = len(_MAGIC) + _DIGEST_BYTES
    if mapped[: len(_MAGIC)] != _MAGIC or sha256(memoryview(mapped)[start:]).digest() != mapped[len(_MAGIC) : start]:
        return None
    (length,) = _LENGTH.unpack_from(mapped, start)
    start += _LENGTH.size
    try:
        header = msgspec.msgpack.decode(mapped[start : start + length], type=_Header)
    except msgspec.DecodeError:
        return None  # whole, and of another version
    payload = start + length + -(start + length) % _ALIGN
    ours = (store_id, namespace, embedder.name, analyzer.name, tokens.FINGERPRINT, asking.NAME_OF_KINDS)
    theirs = (header.store_id, header.namespace, header.embedder, header.analyzer, header.tokens, header.kinds)
    if ours != theirs:
        return None
    held = {name: dtype for name, dtype, _, _ in header.table}
    if any(held.get(name) != dtype for name, dtype in _expected(embedder, analyzer).items()):
        return None  # of a version with other columns
    arrays = {name: np.ndarray(shape, dtype, mapped, payload + offset) for name, dtype, shape, offset in header.table}
    return _restore(header, arrays, embedder, analyzer)


def _expected(embedder: Embedder, analyzer: Analyzer) -> dict[str, str]:
    """Return the arrays that every snapshot has, with their dtypes."""
    return {name: array.dtype.str for name, array in _arrays(State(embedder, analyzer)).items()}


def _arrays(state: State) -> dict[str, NDArray[Any]]:
    """Return all arrays of a state by the name they have in a snapshot."""
    columns, merged = state.columns, state.postings.merged()
    arrays: dict[str, NDArray[Any]] = {name: getattr(columns, name) for name in Columns.names}
    arrays |= {
        "heap": columns.heap,
        "levels": state.vectors.levels,
        "scales": state.vectors.scales,
        "codes": state.vectors.codes,
        "terms": merged.terms,
        "starts": merged.starts,
        "rows": merged.rows,
        "term_codes": merged.codes,
    }
    arrays |= {_METADATA + key: codes for key, codes in state.metadata.codes.items()}
    return arrays | {_GIVEN + name: array for name, array in state.given.arrays().items()}


def _restore(header: _Header, arrays: dict[str, NDArray[Any]], embedder: Embedder, analyzer: Analyzer) -> State:
    state = State(embedder, analyzer)
    for name in Columns.names:
        setattr(state.columns, name, arrays[name])
    state.columns.heap = arrays["heap"]
    state.columns.n = header.n
    state.vectors.levels, state.vectors.scales = arrays["levels"], arrays["scales"]
    state.vectors.codes = arrays["codes"]
    segment = Segment(arrays["terms"], arrays["starts"], arrays["rows"], arrays["term_codes"])
    state.postings = Postings.restore(segment, header.n_documents, header.total_length)
    state.metadata.restore(
        {name.removeprefix(_METADATA): a for name, a in arrays.items() if name.startswith(_METADATA)},
        header.metadata_values,
    )
    state.sessions = Names(header.sessions, header.latest_unnamed)
    sizes = np.bincount(state.columns.session[: header.n], minlength=len(state.sessions))
    state.session_sizes = sizes.astype(np.uint32)
    state.speakers = Names(header.speakers)
    state.changes, state.lengths = Changes.restored(header.changes), header.lengths
    state.expires, state.next_expiry = header.expires, min(header.expires.values(), default=NEVER)
    given = {name.removeprefix(_GIVEN): a for name, a in arrays.items() if name.startswith(_GIVEN)}
    state.given = GivenVectors.restored(header.given, given)
    state.facts, state.cursors = Facts.restored(header.facts), header.cursors
    state.keys, state.streams = Keys.restored(header.keys), Streams.restored(header.streams)
    state.ids, state.id_of_row = header.ids, header.id_of_row
    state.superseded, state.last_of_session = header.superseded, header.last_of_session
    state.seq, state.digest, state.alive = header.seq, header.digest, header.alive
    return state


def _files(directory: Path, namespace: int) -> list[tuple[int, Path]]:
    named = ((_NAME.fullmatch(path.name), path) for path in directory.glob(f"{namespace}.*.snapshot"))
    return [(int(match[1]), path) for match, path in named if match]


def _discard_parts(directory: Path) -> None:
    """Delete what processes killed while writing left behind."""
    for part in directory.glob("*.part"):
        with suppress(OSError):
            if time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()


def _discard(path: Path) -> None:
    with suppress(OSError):  # another process has it mapped, on a system that minds; the next snapshot tries again
        path.unlink(missing_ok=True)
