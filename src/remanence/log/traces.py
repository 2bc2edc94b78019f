"""What readings returned, in a SQLite file beside the store that its processes share, or in RAM.

It is no part of the truth: the memory log says the same without it, only not what was read. Beside the readings it
keeps an index of the memory log, which answers were made from which reading and what was of use, that can be made anew.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from remanence.errors import Closed, Damaged, NewerFormat, NotAStore

_APPLICATION_ID = 0x524D5452  # "RMTR"
_FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reading (
  n INTEGER PRIMARY KEY, trace_id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, namespace TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS reading_at ON reading(at);
CREATE INDEX IF NOT EXISTS reading_namespace ON reading(namespace);
CREATE TABLE IF NOT EXISTS edge (
  namespace TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, trace_id TEXT NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY (namespace, id, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edge_trace ON edge(namespace, trace_id);
CREATE TABLE IF NOT EXISTS indexed (namespace TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
"""
_ROWS = 200  # a statement: each is one turn at the interpreter's lock, which readings want at the same time
_KEPT_SHARE = 0.9  # of the bytes allowed, after the oldest went: so that they do not go one by one


class Trace(NamedTuple):
    """One reading: what is looked up, and the rest as `Kept` in msgpack."""

    trace_id: str
    at_ns: int
    namespace: str
    body: bytes


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What was asked and what was returned; best first. Fields may be added at the end, with a default.

    Attributes:
        limit: k of a search, tokens of a context.
        digest: of the position, 32 bytes; empty at 0.
        scores: float32, in the order of `ids`.
        parts: of each score, in the order of `types.SIGNALS`; empty where they are not kept.
        places: the namespace of each, where several were read; otherwise empty.
        read: all namespaces that were read, where there were several; otherwise empty.
        facts: those a context opened with: which memory told it, of what relation, and when that was recorded.
        kinds: what each is: "text", "fact", "kv", "stream" or "vector"; empty where all are texts.
        marks: of a fact, which of those that its memory states: CRC-32 of its words; 0 of others. Empty without facts.
    """

    kind: str
    agent: str
    query: str | None
    limit: int
    seq: int
    digest: bytes
    confidence: float
    ids: list[str]
    versions: list[int]
    scores: bytes
    parts: list[list[float]] = []
    places: list[str] = []
    read: list[str] = []
    facts: list[tuple[str, str, int]] = []
    kinds: list[str] = []
    marks: list[int] = []

    def without(self, asker: str, namespace: str, ids: Sequence[str] | None) -> Kept:
        """Return it, a reading by `asker`, without what it has of a namespace or of some memories in it.

        Without the words of the query, too; and without a fact that may be of another namespace, in doubt.
        """
        if namespace != asker and namespace not in self.read:
            return self
        stays = [
            i
            for i, id in enumerate(self.ids)
            if self.place(i, asker) != namespace or (ids is not None and id not in ids)
        ]
        return msgspec.structs.replace(
            self,
            query=None,
            ids=[self.ids[i] for i in stays],
            versions=[self.versions[i] for i in stays],
            scores=b"".join(self.scores[4 * i : 4 * i + 4] for i in stays),
            parts=[self.parts[i] for i in stays] if self.parts else [],
            places=[self.places[i] for i in stays] if self.places else [],
            facts=[fact for fact in self.facts if ids is not None and fact[0] not in ids],
            kinds=[self.kinds[i] for i in stays] if self.kinds else [],
            marks=[self.marks[i] for i in stays] if self.marks else [],
        )

    def place(self, i: int, namespace: str) -> str:
        """Return the namespace of a memory, in a reading by `namespace`."""
        return self.places[i] if self.places else namespace

    def kind_of(self, i: int) -> str:
        """Return what one of those returned is."""
        return self.kinds[i] if self.kinds else "text"

    def rank(self, namespace: str, id: str, kinds: Sequence[str] = ("text", "vector")) -> int:
        """Return the place of a memory, or a vector, of the namespace that asked, 1 for the best; 0 where it has none.

        A key, or an entry of a stream, may be called the same.
        """
        for i, each in enumerate(self.ids):
            if each == id and self.kind_of(i) in kinds and self.place(i, namespace) == namespace:
                return i + 1
        return 0

    def gave(self, namespace: str, id: str) -> bool:
        """Return whether a memory of the namespace that asked was returned, or a fact that it tells."""
        return bool(self.rank(namespace, id, ("text", "vector", "fact"))) or (
            not self.read and any(fact[0] == id for fact in self.facts)
        )


class Edge(NamedTuple):
    """An answer that was made from a reading, or a memory that was of use in one.

    Attributes:
        id: of the answer, or of the memory.
        seq: the record of the memory log that says so.
        used: which of the two.
    """

    id: str
    seq: int
    trace_id: str
    used: bool


ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Kept)


def kept(trace: Trace) -> Kept:
    """Return what a reading's body holds. Raises Damaged."""
    try:
        return _DECODER.decode(trace.body)
    except msgspec.MsgspecError as error:
        raise Damaged(f"reading {trace.trace_id!r} is not what was written ({error})") from error


def mark_of(fact: str) -> int:
    """Return what tells a fact, in words, from others of the same memory without repeating a word of it."""
    return crc32(fact.encode())


class Traces:
    """The file, or RAM where `path` is None. Opened on first use; may be used from several threads.

    Every method raises `sqlite3.Error` where the disk or the file fails, and `NotAStore`, `NewerFormat` for a file
    that is not its own, which is not touched.
    """

    def __init__(self, path: str | None, store_id: str, busy_timeout_ms: int) -> None:
        self.path = path
        self._store_id = store_id
        self._timeout_s = busy_timeout_ms / 1000
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    # --- readings -----------------------------------------------------------------------------------

    def add(self, traces: Sequence[Trace]) -> None:
        """Keep some readings, all or none. Cost: about 3 µs each, little of it under the interpreter's lock."""
        with self._lock:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                for start in range(0, len(traces), _ROWS):
                    some = traces[start : start + _ROWS]
                    rows = ",".join(["(?,?,?,?)"] * len(some))
                    connection.execute(
                        f"INSERT OR IGNORE INTO reading (trace_id, at, namespace, body) VALUES {rows}",
                        [value for trace in some for value in trace],
                    )
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def get(self, namespace: str, trace_id: str) -> Trace | None:
        """Return one reading of a namespace."""
        rows = self._run(
            "SELECT trace_id, at, namespace, body FROM reading WHERE trace_id=? AND namespace=?", trace_id, namespace
        )
        return Trace(*rows[0]) if rows else None

    def returning(self, namespace: str, id: str, limit: int) -> list[Trace]:
        """Return the latest readings of a namespace that returned one of its memories, oldest first.

        Cost: one pass over the readings of the namespace, about 1 µs each.
        """
        found: list[Trace] = []
        if not limit:
            return found
        with self._lock:
            for row in self._open().execute(
                "SELECT trace_id, at, namespace, body FROM reading WHERE namespace=? AND instr(body, ?)>0 "
                "ORDER BY n DESC",
                (namespace, ENCODER.encode(id)),
            ):
                trace = Trace(*row)
                if kept(trace).gave(namespace, id):
                    found.append(trace)
                    if len(found) == limit:
                        break
        found.reverse()  # what was read at one time is told in the order it was written
        return sorted(found, key=lambda trace: trace.at_ns)

    # --- what the memory log says of them -------------------------------------------------------------

    def indexed(self, namespace: str) -> int:
        """Return the last record of a namespace's log whose edges are here, 0 for none."""
        rows = self._run("SELECT seq FROM indexed WHERE namespace=?", namespace)
        return rows[0][0] if rows else 0

    def index(self, namespace: str, edges: Iterable[Edge], seq: int) -> None:
        """Take in the edges of a namespace's log up to record `seq`. Doing it twice adds nothing."""
        with self._lock:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.executemany(
                    "INSERT OR IGNORE INTO edge (namespace, id, seq, trace_id, used) VALUES (?,?,?,?,?)",
                    [(namespace, edge.id, edge.seq, edge.trace_id, edge.used) for edge in edges],
                )
                connection.execute(
                    "INSERT INTO indexed VALUES (?,?) ON CONFLICT DO UPDATE SET seq=max(seq, excluded.seq)",
                    (namespace, seq),
                )
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def edges_of_trace(self, namespace: str, trace_id: str) -> list[Edge]:
        """Return what was made of a reading, in log order."""
        rows = self._run(
            "SELECT id, seq, trace_id, used FROM edge WHERE namespace=? AND trace_id=? ORDER BY seq",
            namespace,
            trace_id,
        )
        return [Edge(id, seq, trace, bool(used)) for id, seq, trace, used in rows]

    def edges_of_memory(self, namespace: str, id: str) -> list[Edge]:
        """Return which readings a memory was made from and of use in, in log order."""
        rows = self._run(
            "SELECT id, seq, trace_id, used FROM edge WHERE namespace=? AND id=? ORDER BY seq", namespace, id
        )
        return [Edge(id, seq, trace, bool(used)) for id, seq, trace, used in rows]

    # --- letting go -----------------------------------------------------------------------------------

    def expire(self, before_ns: int, max_bytes: int) -> None:
        """Drop the readings before a time, and the oldest where they take more than so many bytes."""
        with self._lock:
            connection = self._open()
            connection.execute("DELETE FROM reading WHERE at<?", (before_ns,))
            while (taken := self._taken()) > max_bytes:
                (count,) = connection.execute("SELECT count(*) FROM reading").fetchone()
                surplus = int(count * (1 - _KEPT_SHARE * max_bytes / taken)) + 1
                if not count:
                    break
                connection.execute(
                    "DELETE FROM reading WHERE n IN (SELECT n FROM reading ORDER BY n LIMIT ?)", (surplus,)
                )

    def forget(self, namespace: str, ids: Sequence[str] | None = None) -> None:
        """Drop what is known of a namespace, or of some memories in it, in every reading, and scrub its bytes.

        The words of queries go with it, where memories are named those of all readings of the namespace: they are
        speech, and which of them said the same as what is forgotten cannot be told.
        """
        with self._lock:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._forget(connection, namespace, ids)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _forget(self, connection: sqlite3.Connection, namespace: str, ids: Sequence[str] | None) -> None:
        if ids is None:
            for table in ("reading", "edge", "indexed"):
                connection.execute(f"DELETE FROM {table} WHERE namespace=?", (namespace,))
        else:
            connection.executemany("DELETE FROM edge WHERE namespace=? AND id=?", [(namespace, id) for id in ids])
        rows = connection.execute(
            "SELECT n, trace_id, at, namespace, body FROM reading WHERE namespace=? OR instr(body, ?)>0",
            (namespace, ENCODER.encode(namespace)),
        ).fetchall()
        for n, *row in rows:
            trace = Trace(*row)
            held = kept(trace)
            left = held.without(trace.namespace, namespace, ids)
            if left != held:
                connection.execute("UPDATE reading SET body=? WHERE n=?", (ENCODER.encode(left), n))

    def _taken(self) -> int:
        """Return the bytes of pages in use."""
        pages, free, size = (
            self._run(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    # --- the connection -------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file. Idempotent."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _run(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._open().execute(sql, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        if self._closed:
            raise Closed("the store was closed; open it again with remanence.open")
        if self._connection is None:
            connection = sqlite3.connect(
                self.path or ":memory:", timeout=self._timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables in a new file, or recognise ours; what is of a store that is no more goes."""
        if self.path is not None:
            self._require_ours(connection)
            self._keep_ahead(connection)
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={_FORMAT}")
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('store_id', ?)", (self._store_id,))
        (written_for,) = connection.execute("SELECT value FROM meta WHERE key='store_id'").fetchone()
        if written_for != self._store_id:
            for table in ("reading", "edge", "indexed"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("UPDATE meta SET value=? WHERE key='store_id'", (self._store_id,))
        connection.execute("COMMIT")

    def _require_ours(self, connection: sqlite3.Connection) -> None:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application_id != _APPLICATION_ID and (application_id or tables):
            raise NotAStore(f"{self.path} is an SQLite database of another program, and was not touched; move it away")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > _FORMAT:
            raise NewerFormat(f"{self.path} has format {version}, and this version reads up to {_FORMAT}")

    def _keep_ahead(self, connection: sqlite3.Connection) -> None:
        """Use a write-ahead log; that does not wait for other connections by itself."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL").fetchall()
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(0.005)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA journal_size_limit={4 << 20}")
