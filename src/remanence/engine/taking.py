"""What `transfer` wrote, taken in again: line by line, so that doing it twice adds nothing and undoes nothing newer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from remanence.engine.columns import ALIVE
from remanence.engine.ingest import (
    Draft,
    checked_metadata,
    draft,
    json_of,
    key_of,
    name_of,
    namespace_name,
    nanoseconds,
    vectored,
)
from remanence.engine.namespace import Namespace
from remanence.engine.state import State, default_seq
from remanence.engine.stream import Entries
from remanence.engine.transfer import STORE_DIGITS, record_at
from remanence.engine.vectors import default_seq as default_vector_seq
from remanence.errors import Conflict, InvalidInput, RemanenceError, StorageError
from remanence.records import Asserted, Metadata, Put, Stated, Streamed, Utterance, Vectored

Outcome = Literal["added", "version", "present"]
_MOST_NS = 2**63


class TakenLine(NamedTuple):
    """What became of one line of a file.

    Attributes:
        number: of the line, from 1.
        text: the line.
        outcome: "added"; "version": a new one of what was there; "present": it was there, or is newer or over here;
            None: it was refused.
        reason: why.
        error: the same, naming the file and the line.
    """

    number: int
    text: str
    outcome: Outcome | None
    reason: str = ""
    error: InvalidInput | None = None


class _Line(msgspec.Struct, kw_only=True):
    """What every line has."""

    namespace: str
    store: str = ""
    at: str | None = None
    at_ns: int | None = None

    def when(self) -> int | None:
        """Return when it happened: to the nanosecond, unless `at` was changed to something else since."""
        if self.at is None:
            return None if self.at_ns is None else _checked_ns("at_ns", self.at_ns)
        told_ns = nanoseconds(self.at)
        return self.at_ns if self.at_ns is not None and self.at_ns // 1000 == told_ns // 1000 else told_ns


class _Text(_Line, kw_only=True):
    id: str
    text: str
    speaker: str = ""
    role: str = ""
    session: str = ""
    metadata: Metadata = {}
    salience: float = 1.0
    pinned: bool = False
    facts: list[Stated] | None = None
    expires_ns: int = 0


class _Facts(_Line, kw_only=True):
    facts: list[Stated]
    source: str = ""
    by: str = ""


class _Key(_Line, kw_only=True):
    key: str
    value: Any
    expires_ns: int = 0


class _Entry(_Line, kw_only=True):
    stream: str
    value: Any


class _Vector(_Line, kw_only=True):
    id: str
    vector: list[float]
    payload: Any
    metadata: Metadata = {}


_KINDS: dict[str, type[_Line]] = {"text": _Text, "fact": _Facts, "kv": _Key, "stream": _Entry, "vector": _Vector}


def taken(path: str, store_id: str, live_of: Callable[[str], Namespace], into: str | None) -> Iterator[TakenLine]:
    """Take in a file that `export` wrote, yielding what became of each line.

    Default ids are reserved: `m5` of store 1a2b becomes `1a2b/m5`, so that importing twice adds nothing.

    Args:
        into: the namespace for all of it; None: each line goes to its own. Default ids then have the name of their
            own namespace in them too.

    Raises:
        InvalidInput: it is not UTF-8.
        StorageError: the file cannot be read.
    """
    taker = _Taker(store_id[:STORE_DIGITS], live_of, into)
    try:
        with Path(path).open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                try:
                    line = TakenLine(number, text, taker.take(text))
                except (ValueError, TypeError, RecursionError, msgspec.MsgspecError) as error:
                    reason = _reason(error)
                    line = TakenLine(number, text, None, reason, InvalidInput(f"{path}, line {number}: {reason}"))
                yield line
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: {error.reason}") from error
    except OSError as error:
        if isinstance(error, RemanenceError):
            raise
        raise StorageError(f"cannot read {path}: {error.strerror}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, RemanenceError):
        return str(error)
    return f"not a line of an export: {error}"


class _Taker:
    """Takes lines in, and remembers what later ones need to know of those before."""

    def __init__(self, store: str, live_of: Callable[[str], Namespace], into: str | None) -> None:
        self._store = store
        self._live_of = live_of
        self._into = into
        self._entries: dict[tuple[str, str], Counter[tuple[int, bytes]]] = {}  # of streams here, those not met yet
        self._overtaken: set[tuple[str, str]] = set()  # memories that say something else here, or nothing any more

    def take(self, text: str) -> Outcome:
        """Take one line in. Raises what it is refused for; nothing was written then."""
        entry = json.loads(text)
        if not isinstance(entry, dict):
            raise ValueError("it is no JSON object")
        kind = entry.get("kind", "text")  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(kind, str) or kind not in _KINDS:
            raise InvalidInput(f"kind is {kind!r}; known: {', '.join(_KINDS)}")
        line = msgspec.convert(entry, _KINDS[kind])
        live = self._live_of(namespace_name(line.namespace) if self._into is None else self._into)
        match line:
            case _Text():
                return self._text(live, line)
            case _Facts():
                return self._facts(live, line)
            case _Key():
                return self._key(live, line)
            case _Entry():
                return self._entry(live, line)
            case _Vector():
                return self._vector(live, line)
            case _:
                raise AssertionError(kind)

    def _at_home(self, live: Namespace, line: _Line) -> bool:
        """Return whether a line comes from this very namespace."""
        return line.store == self._store and line.namespace == live.name

    def _id(self, live: Namespace, line: _Line, id: str, *, held: bool, default: bool) -> str:
        """Return what something is called here."""
        if not default or (held and self._at_home(live, line)):
            return id
        return f"{line.store}/{id}" if self._into is None else f"{line.store}/{line.namespace}/{id}"

    def _text_id(self, live: Namespace, state: State, line: _Line, id: str) -> str:
        held = state.row_of(id) is not None
        return self._id(live, line, id, held=held, default=default_seq(id) is not None)

    def _text(self, live: Namespace, line: _Text) -> Outcome:
        around = live.around
        written = draft(
            line.text,
            embedder=around.embedder,
            config=around.config,
            speaker=line.speaker,
            role=line.role,
            at=None,
            session=line.session,
            id=line.id,
            metadata=line.metadata,
            salience=line.salience,
            pinned=line.pinned,
            trace_id=None,
            ttl_s=None,
            now_ns=0,
        )
        said = written.event
        assert isinstance(said, Utterance)
        expires_ns = _checked_ns("expires_ns", line.expires_ns)
        facts = [_checked_fact(fact) for fact in line.facts or []]
        at_ns = line.when()
        with live.lock:
            state = live.state()
            id = self._text_id(live, state, line, line.id)
            row = state.row_of(id)
            texts = list(_texts(state, row))
            alive = row is not None and bool(state.columns.flags[row] & ALIVE)
            current = alive and texts[0] == said.text
            over = 0 < expires_ns <= around.clock()
            if current or over or said.text in texts or (row is not None and self._at_home(live, line)):
                if not current:
                    self._overtaken.add((live.name, id))
                return "present"
            event = msgspec.structs.replace(said, id=name_of("id", id), facts=facts, expires_ns=expires_ns)
            live.write([written._replace(event=event, at_ns=at_ns, known=line.facts is not None)], durable=False)
        return "version" if texts else "added"

    def _facts(self, live: Namespace, line: _Facts) -> Outcome:
        facts, by = [_checked_fact(fact) for fact in line.facts], name_of("by", line.by)
        at_ns = line.when()
        if at_ns is None:
            at_ns = live.around.clock()
        with live.lock:
            state = live.state()
            source = self._text_id(live, state, line, name_of("source", line.source)) if line.source else ""
            if (live.name, source) in self._overtaken:
                return "present"
            if source and state.row_of(source) is None:
                source = ""  # then it cites itself
            new = [fact for fact in facts if not _is_told(state, fact, source, at_ns)]
            if not new:
                return "present"
            live.write([Draft(Asserted(new, source, by), at_ns, known=True)], durable=False)
        return "added"

    def _key(self, live: Namespace, line: _Key) -> Outcome:
        key, value = key_of("key", line.key), json_of("value", line.value, live.around.config)
        expires_ns, at_ns = _checked_ns("expires_ns", line.expires_ns), line.when()
        if at_ns is None:
            raise InvalidInput("a key has no time; give at")
        while True:
            now_ns = live.around.clock()
            with live.lock:
                keys = live.state().keys
                latest, version = keys.latest(key), keys.version(key, now_ns)
                newer = latest is not None and latest.at_ns >= at_ns
                if newer or 0 < expires_ns <= now_ns or _was_put(live, key, at_ns):
                    return "present"
            try:
                live.write([Draft(Put(key, value, expires_ns), at_ns, if_version=version)], durable=False)
            except Conflict:
                continue  # somebody else wrote it meanwhile
            return "added" if latest is None else "version"

    def _entry(self, live: Namespace, line: _Entry) -> Outcome:
        name, value = key_of("stream", line.stream), json_of("value", line.value, live.around.config)
        at_ns = line.when()
        if at_ns is None:
            raise InvalidInput("an entry of a stream has no time; give at")
        here = self._entries.get((live.name, name))
        if here is None:
            entries = Entries(lambda: live, name).read()
            here = Counter((entry.at_ns, msgspec.json.encode(entry.value)) for entry in entries)
            self._entries[live.name, name] = here
        if here[at_ns, value]:
            here[at_ns, value] -= 1
            return "present"
        live.write([Draft(Streamed(name, value), at_ns)], durable=False)
        return "added"

    def _vector(self, live: Namespace, line: _Vector) -> Outcome:
        metadata = checked_metadata(line.metadata)
        vector = np.asarray(line.vector, np.float64)
        with live.lock:
            given = live.state().given
            default = default_vector_seq(line.id.rstrip("'")) is not None or default_seq(line.id) is not None
            id = self._id(live, line, line.id, held=given.row_of(line.id) is not None, default=default)
            written = vectored(vector, line.payload, config=live.around.config, id=id, metadata=metadata, at=None)
            event = written.event
            assert isinstance(event, Vectored)
            row = given.row_of(id)
            rows = [] if row is None else given.versions(row)
            if (rows and self._at_home(live, line)) or any(
                given.payload_json(each) == event.payload and _vector_at(live, int(given.seq[each])) == event.vector
                for each in rows
            ):
                return "present"
            live.write([written._replace(at_ns=line.when())], durable=False)
        return "version" if rows else "added"


def _texts(state: State, row: int | None) -> Iterator[str]:
    """Yield what each version of a memory says, newest first."""
    while row is not None:
        yield state.columns.text(row)
        row = state.superseded.get(row)


def _is_told(state: State, fact: Stated, source: str, at_ns: int) -> bool:
    """Return whether a fact was told of that time before; where it cites a memory, by that one."""
    return any(
        told.stated == fact and told.at_ns == at_ns and source in ("", told.source)
        for told in state.facts.told_of(fact.subject, fact.relation)
    )


def _was_put(live: Namespace, key: str, at_ns: int) -> bool:
    """Return whether a key was ever written at a time: by a clock that goes before this one's."""
    keys = live.state().keys
    seqs = (keys.record_of(key, version) for version in range(1, keys.written(key) + 1))
    return any(seq is not None and record_at(live, seq)[0].at_ns == at_ns for seq in seqs)


def _vector_at(live: Namespace, seq: int) -> bytes:
    _, event = record_at(live, seq)
    return event.vector if isinstance(event, Vectored) else b""


def _checked_fact(fact: Stated) -> Stated:
    key_of("subject", fact.subject)
    key_of("relation", fact.relation)
    if fact.ends:
        name_of("object", fact.object)
    else:
        key_of("object", fact.object)
    for what, ns in (("since_ns", fact.since_ns), ("until_ns", fact.until_ns)):
        if ns is not None:
            _checked_ns(what, ns)
    return fact


def _checked_ns(what: str, ns: int) -> int:
    if not -_MOST_NS <= ns < _MOST_NS:
        raise InvalidInput(f"{what} is {ns}, which is no time in ns since the epoch that 64 bits can hold")
    return ns
