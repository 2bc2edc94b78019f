"""The log of every namespace of one store, in one SQLite file that several processes may share.

Appends and reads opaque bodies; it never looks into one, and never changes or removes a record. Whoever
holds a `LocalLog` may use it from several threads.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import msgspec

from remanence.config import Config
from remanence.core import merkle
from remanence.errors import Damaged, InvalidInput, NotFound, StorageError
from remanence.log import tiles
from remanence.log.database import Database
from remanence.log.seal import Altered, Sealer, unseal
from remanence.records import Record

# What a record takes beside its body: leaf and key, its hash in a tile, and the columns of two rows.
_RECORD_BYTES = 140
_BATCH = 256
_SEQ_MAX = (1 << 63) - 1

_HEAD = "SELECT seq, recorded_at, leaf FROM record WHERE ns=? ORDER BY seq DESC LIMIT 1"
_INSERT_RECORD = "INSERT INTO record VALUES (?,?,?,?,?,?,?)"
_INSERT_KEY = "INSERT INTO key VALUES (?,?,?)"
_READ = (
    "SELECT r.seq, r.at, r.recorded_at, r.kind, r.body, r.leaf, k.key FROM record r "
    "LEFT JOIN key k ON k.ns=r.ns AND k.seq=r.seq "
    f"WHERE r.ns=? AND r.seq>? AND r.seq<=? ORDER BY r.seq LIMIT {_BATCH}"
)


class Appended(msgspec.Struct, frozen=True, gc=False):
    """What an append made: its number, its time and its Merkle leaf hash (32 bytes)."""

    seq: int
    recorded_ns: int
    leaf: bytes


class Transaction:
    """One write to one namespace, made by `LocalLog.write`: all of it is kept, or none.

    Attributes:
        seq: the namespace's last sequence number, own appends included; 0 for none.
        recorded_ns: when that record was written, ns since the epoch; 0 for none.
    """

    __slots__ = ("_bytes", "_clock", "_database", "_log", "_ns", "_sealer", "_whole", "recorded_ns", "seq")

    def __init__(self, log: LocalLog, database: Database, sealer: Sealer, clock: Callable[[], int], ns: int) -> None:
        self._log = log
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._ns = ns
        self._bytes = 0
        self._whole = True
        self.seq = 0
        self.recorded_ns = 0

    def __enter__(self) -> Transaction:
        self._database.begin()
        try:
            rows = self._database.run(_HEAD, self._ns)
            if rows:
                self.seq, self.recorded_ns, _ = rows[0]
        except BaseException:
            self._database.roll_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._database.roll_back()
        elif not self._whole:
            self._database.roll_back()
            raise StorageError("an append of this transaction failed, so none of it was kept; write it again")
        else:
            self._database.commit(self._bytes)

    def append(self, body: bytes, *, at_ns: int, kind: int = 1) -> Appended:
        """Write one record after the last.

        Raises:
            InvalidInput: `at_ns` is outside the years 1677 to 2262, or `kind` outside 0 to 65,535.
            DiskFull, StorageError: nothing of this transaction is kept.
        """
        seq = self.seq + 1
        recorded_ns = max(self._clock(), self.recorded_ns)
        try:
            sealed, leaf, key = self._sealer.seal(self._ns, seq, at_ns, recorded_ns, kind, body)
        except struct.error as error:
            raise InvalidInput(
                f"a record of kind {kind} at {at_ns} ns, recorded at {recorded_ns} ns, cannot be written: "
                "times must lie between the years 1677 and 2262, and kinds between 0 and 65,535"
            ) from error
        self._whole = False
        self._database.run(_INSERT_RECORD, self._ns, seq, at_ns, recorded_ns, kind, sealed, leaf)
        self._database.run(_INSERT_KEY, self._ns, seq, key)
        if seq % tiles.WIDTH == 0:
            tiles.complete(self._database, self._ns, seq)
        self._whole = True
        self._bytes += len(sealed)
        self.seq = seq
        self.recorded_ns = recorded_ns
        return Appended(seq, recorded_ns, leaf)

    def read(self, after: int) -> Iterator[Record]:
        """Yield the namespace's records after `after`, as `LocalLog.read` does, as of this transaction."""
        return self._log.read(self._ns, after=after)


class LocalLog:
    """An append-only log of sealed records, gapless by namespace.

    Attributes:
        path: the file; None for a log that lives in RAM.

    Every method raises `Closed` after `close()` or in a process forked after opening, and `StorageError`
    or one of its kinds when the disk or the file fails.
    """

    def __init__(self, path: str | None, *, config: Config, clock: Callable[[], int]) -> None:
        """Open the file at `path`, or create it; None keeps everything in RAM.

        Raises:
            NotAStore, NewerFormat, Damaged, ReadOnly: the file was not touched.
            Busy: another process held the file for longer than `config.busy_timeout_ms`.
        """
        self.path = path
        self._database = Database(path, config)
        self._clock = clock
        self._sealer = Sealer()
        self._namespaces: dict[str, int] = {}
        self._sizes: dict[int, tuple[int, int]] = {}

    # --- small values and names ---------------------------------------------------------------------

    def get_meta(self, key: str) -> str | None:
        """Return a value kept with the store, or None."""
        rows = self._database.run("SELECT value FROM meta WHERE key=?", key)
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value with the store, in place of the one before."""
        self._database.write("REPLACE INTO meta VALUES (?,?)", key, value)

    def settle_meta(self, key: str, value: str) -> str:
        """Keep a value with the store if it has none yet; return the one it has, whoever was first."""
        self._database.write("INSERT OR IGNORE INTO meta VALUES (?,?)", key, value)
        return self.get_meta(key) or value

    def namespace_number(self, name: str, *, create: bool) -> int | None:
        """Return a namespace's number; None when it has none and `create` is False."""
        number = self._namespaces.get(name)
        if number is not None:
            return number
        rows = self._database.run("SELECT ns FROM namespace WHERE name=?", name)
        if not rows and create:
            self._database.write("INSERT OR IGNORE INTO namespace (name) VALUES (?)", name)
            rows = self._database.run("SELECT ns FROM namespace WHERE name=?", name)
        if not rows:
            return None
        number = self._namespaces[name] = rows[0][0]
        return number

    def namespaces(self, prefix: str = "") -> list[str]:
        """Return the names that begin with `prefix` and have a record, sorted by code point."""
        rows = self._database.run(
            "SELECT name FROM namespace n WHERE substr(name,1,?)=? AND EXISTS (SELECT 1 FROM record r WHERE r.ns=n.ns)",
            len(prefix),
            prefix,
        )
        return sorted(name for (name,) in rows)

    # --- writing ------------------------------------------------------------------------------------

    def write(self, ns: int) -> Transaction:
        """Return a transaction to enter with `with`: kept when the block ends, dropped if it raises.

        Other threads and processes that write wait meanwhile, so keep the block short.

        Raises:
            Busy: on entering, when another process wrote for longer than `config.busy_timeout_ms`.

        Cost: 40 µs with one append.
        """
        return Transaction(self, self._database, self._sealer, self._clock, ns)

    def barrier(self) -> Callable[[float | None], bool]:
        """Return a function that waits until all committed so far is on disk.

        It takes the seconds to wait at most (None: as long as it takes), and returns whether it is.
        """
        return self._database.barrier()

    def flush(self) -> None:
        """Block until all committed so far is on disk. Cost: one fsync, shared by threads that wait."""
        self._database.flush()

    def close(self) -> None:
        """Flush and close. Idempotent; what is called afterwards raises `Closed`."""
        self._database.close()

    # --- reading ------------------------------------------------------------------------------------

    def head(self, ns: int) -> tuple[int, bytes]:
        """Return the last sequence number and its leaf hash; (0, b"") for an empty namespace."""
        rows = self._database.run(_HEAD, ns)
        return (rows[0][0], rows[0][2]) if rows else (0, b"")

    def changed(self) -> int:
        """Return a number that differs from the last one if anyone else wrote to the file in between.

        Cost: 4 µs.
        """
        return 0 if self.path is None else self._database.data_version()

    def read(self, ns: int, *, after: int = 0, until: int | None = None) -> Iterator[Record]:
        """Yield the records after number `after`, up to and with `until` (None: the last), in order.

        Raises:
            Damaged: a record is not what was written, or is missing; names the namespace and number.

        Cost: 15 µs a record. Fetched in batches, so that writers go on between them.
        """
        last = _SEQ_MAX if until is None else until
        expected = 0
        while True:
            rows = self._database.run(_READ, ns, after, last)
            if after < expected and not rows:
                raise self._damaged(ns, after + 1, "it is missing")
            for row in rows:
                after += 1
                if row[0] != after:
                    raise self._damaged(ns, after, "it is missing")
                yield self._open(ns, row)
            if len(rows) < _BATCH:
                # A record cut off at the end leaves its key behind. It may also be newer than the batch.
                expected = self._database.run("SELECT max(seq) FROM key WHERE ns=?", ns)[0][0] or 0
                if after >= min(expected, last):
                    return

    def get(self, ns: int, seq: int) -> Record:
        """Return one record.

        Raises:
            NotFound: there is no such number yet.
            Damaged: it is not what was written, or is missing.
        """
        rows = self._database.run(_READ, ns, seq - 1, seq)
        if not rows:
            raise self._missing(ns, seq)
        return self._open(ns, rows[0])

    def seq_at(self, ns: int, recorded_ns: int) -> int:
        """Return the last record written up to a time, 0 for none. Cost: a look-up for each doubling of the log."""
        low, high = 0, self.head(ns)[0]
        while low < high:
            middle = (low + high + 1) // 2
            rows = self._database.run("SELECT recorded_at FROM record WHERE ns=? AND seq=?", ns, middle)
            if not rows:
                raise self._missing(ns, middle)
            if rows[0][0] <= recorded_ns:
                low = middle
            else:
                high = middle - 1
        return low

    def leaf(self, ns: int, seq: int) -> bytes:
        """Return the Merkle leaf hash of one record, 32 bytes. Raises NotFound and Damaged as `get`."""
        rows = self._database.run("SELECT leaf FROM record WHERE ns=? AND seq=?", ns, seq)
        if not rows:
            raise self._missing(ns, seq)
        return rows[0][0]

    def tree_head(self, ns: int, size: int | None = None) -> bytes:
        """Return the Merkle root over the first `size` records (None: all), 32 bytes.

        Raises:
            NotFound: there are fewer records.
            Damaged: a hash is missing.

        Cost: grows with log(size); 0.3 ms.
        """
        last = self.head(ns)[0]
        if size is None:
            size = last
        if not 0 <= size <= last:
            raise NotFound(f"namespace {ns} has {last} records, so there is no tree head of {size}")
        return merkle.tree_head(size, self.nodes(ns))

    def nodes(self, ns: int) -> merkle.Node:
        """Return the namespace's Merkle tree, for `remanence.core.merkle` to make proofs from."""
        return tiles.node_reader(self._database, ns)

    def log_bytes(self, ns: int) -> int:
        """Return the bytes that a namespace's records take, keys and hashes included.

        Cost: grows with what was appended since the last call.
        """
        seq, n_bytes = self._sizes.get(ns, (0, 0))
        rows = self._database.run(
            "SELECT max(seq), sum(length(body)), count(*) FROM record WHERE ns=? AND seq>?", ns, seq
        )
        last, bodies, count = rows[0]
        if count:
            n_bytes += bodies + _RECORD_BYTES * count
            self._sizes[ns] = last, n_bytes
        return n_bytes

    # --- inside -------------------------------------------------------------------------------------

    def _open(self, ns: int, row: tuple[Any, ...]) -> Record:
        seq, at_ns, recorded_ns, kind = row[:4]
        try:
            return Record(seq, at_ns, recorded_ns, kind, unseal(ns, *row))
        except Altered as error:
            raise self._damaged(ns, seq, f"its {error} was altered") from error

    def _damaged(self, ns: int, seq: int, how: str) -> Damaged:
        return Damaged(f"{self._database.name}: record {seq} of namespace {ns}: {how}; restore the store from a backup")

    def _missing(self, ns: int, seq: int) -> NotFound | Damaged:
        last = self.head(ns)[0]
        if 1 <= seq <= last:
            return self._damaged(ns, seq, "it is missing")
        return NotFound(f"namespace {ns} has records 1 to {last}, so there is no record {seq}")
