"""Laws of the log: nothing that was altered is read, numbers have no gap, time of recording never falls."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.config import Config
from remanence.core import merkle
from remanence.errors import Damaged, StorageError
from remanence.log.local import LocalLog

COLUMNS = ("ns", "seq", "at", "recorded_at", "kind", "body", "leaf")
N_RECORDS = 4


def new_log(clock: Any = lambda: 1_700_000_000_000_000_000) -> tuple[LocalLog, int]:
    log = LocalLog(None, config=Config(), clock=clock)
    ns = log.namespace_number("a", create=True)
    assert ns is not None
    return log, ns


def flip(value: int | bytes, bit: int) -> int | bytes:
    """Return the value as it is stored, with one bit of it flipped."""
    if isinstance(value, int):
        stored = value.to_bytes(8, "big", signed=True)
        return int.from_bytes(flip_bytes(stored, bit), "big", signed=True)
    return flip_bytes(value, bit)


def flip_bytes(value: bytes, bit: int) -> bytes:
    place, bit = divmod(bit % (len(value) * 8), 8)
    return value[:place] + bytes([value[place] ^ (1 << bit)]) + value[place + 1 :]


@given(
    body=st.binary(max_size=400),
    seq=st.integers(1, N_RECORDS),
    column=st.sampled_from([*COLUMNS, "key"]),
    bit=st.integers(0, 1 << 20),
)
@settings(max_examples=300, deadline=None)
def test_any_flipped_bit_is_found(body: bytes, seq: int, column: str, bit: int) -> None:
    log, ns = new_log()
    with log.write(ns) as tx:
        for _ in range(N_RECORDS):
            tx.append(body, at_ns=1_600_000_000_000_000_000)
    database = log._database
    table = "key" if column == "key" else "record"
    (value,) = database.run(f"SELECT {column} FROM {table} WHERE ns=? AND seq=?", ns, seq)[0]
    try:
        database.run(f"UPDATE {table} SET {column}=? WHERE ns=? AND seq=?", flip(value, bit), ns, seq)
    except StorageError as error:
        # Flipped into the number of a record that exists: SQLite itself does not have two of them.
        if not isinstance(error.__cause__, sqlite3.IntegrityError):
            raise
        log.close()
        return
    reader = log.read(ns)
    with pytest.raises(Damaged, match=f"namespace {ns}"):
        list(reader)
    log.close()


@given(
    transactions=st.lists(
        st.tuples(st.lists(st.binary(max_size=64), max_size=5), st.booleans(), st.integers(0, 1000)),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_numbers_have_no_gap_and_recording_never_goes_back(
    transactions: list[tuple[list[bytes], bool, int]],
) -> None:
    now = 0
    log, ns = new_log(lambda: now)
    kept: list[bytes] = []
    leaves: list[bytes] = []
    for bodies, keep, now in transactions:  # noqa: B007
        made: list[bytes] = []
        try:
            with log.write(ns) as tx:
                made.extend(tx.append(body, at_ns=0).leaf for body in bodies)
                if not keep:
                    raise InterruptedError
        except InterruptedError:
            continue
        kept.extend(bodies)
        leaves.extend(made)
    records = list(log.read(ns))
    assert [record.body for record in records] == kept
    assert [record.seq for record in records] == list(range(1, len(kept) + 1))
    recorded = [record.recorded_ns for record in records]
    assert recorded == sorted(recorded)
    assert log.tree_head(ns) == merkle.tree_head(len(leaves), merkle.nodes_of(leaves))
    log.close()


@given(size=st.integers(1, 400), data=st.data())
@settings(max_examples=60, deadline=None)
def test_proofs_hold_for_the_tree_they_were_made_from(size: int, data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(bytes([i & 255, i >> 8])) for i in range(size)]
    node = merkle.nodes_of(leaves)
    root = merkle.tree_head(size, node)
    index = data.draw(st.integers(0, size - 1))
    prefix = data.draw(st.integers(1, size))
    proof = merkle.inclusion_proof(index, size, node)
    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    assert merkle.verify_inclusion(leaves[index], other, size, proof, root) == (other == index)
    consistency = merkle.consistency_proof(prefix, size, node)
    old = merkle.tree_head(prefix, node)
    assert merkle.verify_consistency(prefix, size, old, root, consistency)
