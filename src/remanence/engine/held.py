"""What a namespace holds beside its texts, as folds of its log: the latest JSON value of each key, and streams.

Of what was held before only the record's number is kept: the log has the rest, and gives it back by number.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from remanence.engine.events import decoded
from remanence.records import Deleted, Event, Put, Record, Streamed

_NUMBERS = "Q"  # of records: 8 bytes each
_TIMES = "q"  # ns since the epoch


class Held(NamedTuple):
    """The latest value of a key.

    Attributes:
        value: JSON; None when the key was deleted.
        expires_ns: when it is no longer held, ns since the epoch; 0: never.
        at_ns, recorded_ns: when it was put, by the caller's word and by the log's.
    """

    value: bytes | None
    expires_ns: int
    at_ns: int
    recorded_ns: int

    def lives(self, now_ns: int) -> bool:
        return self.value is not None and (not self.expires_ns or now_ns < self.expires_ns)


def _held(record: Record, event: Event) -> Held:
    if isinstance(event, Put):
        return Held(event.value, event.expires_ns, record.at_ns, record.recorded_ns)
    return Held(None, 0, record.at_ns, record.recorded_ns)


class Keys:
    """JSON values by key; each write of a key, a deletion too, is one version more."""

    def __init__(self) -> None:
        self._latest: dict[str, Held] = {}
        self._written: dict[str, array[int]] = {}  # the records that wrote each key, in order
        self._bytes = 0

    def apply(self, record: Record, event: Put | Deleted) -> None:
        key = event.key
        latest, held = self._latest.get(key), _held(record, event)
        if latest is None:
            self._written[key] = array(_NUMBERS)
            self._bytes += sys.getsizeof(key)
        else:
            self._bytes -= sys.getsizeof(latest.value)
        self._bytes += sys.getsizeof(held.value)
        self._latest[key] = held
        self._written[key].append(record.seq)

    def get(self, key: str, now_ns: int) -> Held | None:
        """Return what a key holds, None when it holds nothing, or nothing any more."""
        latest = self._latest.get(key)
        return latest if latest is not None and latest.lives(now_ns) else None

    def version(self, key: str, now_ns: int) -> int:
        """Return how often a key was written, 0 when it holds nothing."""
        return 0 if self.get(key, now_ns) is None else len(self._written[key])

    def written(self, key: str) -> int:
        """Return how often a key was written, whatever became of it."""
        return len(self._written.get(key, ()))

    def record_of(self, key: str, version: int) -> int | None:
        """Return the record that wrote a version of a key, from 1; None where there is none."""
        written = self._written.get(key, ())
        return written[version - 1] if 1 <= version <= len(written) else None

    def latest(self, key: str) -> Held | None:
        """Return what was last written of a key, whatever became of it; None where nothing was."""
        return self._latest.get(key)

    def living(self, now_ns: int) -> list[str]:
        """Return the keys that hold something, in the order they were first written."""
        return [key for key, held in self._latest.items() if held.lives(now_ns)]

    def known(self) -> list[str]:
        """Return every key ever written."""
        return list(self._written)

    def until(self, seq: int, record_of: Callable[[int], Record]) -> Keys:
        """Return the keys as they were when the log ended at a record; what was held then is read from the log."""
        return _KeysUntil(self, seq, record_of)

    @property
    def nbytes(self) -> int:
        each = sum(sys.getsizeof(written) for written in self._written.values())
        return self._bytes + each + sys.getsizeof(self._latest) + sys.getsizeof(self._written) + 96 * len(self._latest)

    def frozen(self) -> bytes:
        return msgspec.msgpack.encode({key: (held, self._written[key].tobytes()) for key, held in self._latest.items()})

    @classmethod
    def restored(cls, frozen: bytes) -> Keys:
        keys = cls()
        for key, (held, written) in msgspec.msgpack.decode(frozen, type=dict[str, tuple[Held, bytes]]).items():
            keys._latest[key] = held
            keys._written[key] = array(_NUMBERS, written)
            keys._bytes += sys.getsizeof(key) + sys.getsizeof(held.value)
        return keys


class _KeysUntil(Keys):
    """Keys as they were at a record of the log, read from it as they are asked for."""

    def __init__(self, keys: Keys, seq: int, record_of: Callable[[int], Record]) -> None:
        super().__init__()
        self._record_of = record_of
        self._written = {
            key: written[:end] for key, written in keys._written.items() if (end := bisect_right(written, seq))
        }

    def get(self, key: str, now_ns: int) -> Held | None:
        if key not in self._latest and key in self._written:
            record = self._record_of(self._written[key][-1])
            self._latest[key] = _held(record, decoded(record))
        return super().get(key, now_ns)

    def living(self, now_ns: int) -> list[str]:
        return [key for key in self._written if self.get(key, now_ns) is not None]


class Streams:
    """Append-only sequences of JSON values, each under a name: which records hold them, and since when."""

    def __init__(self) -> None:
        self._records: dict[str, array[int]] = {}
        self._times: dict[str, array[int]] = {}  # the latest time so far, so that it never decreases

    def apply(self, record: Record, event: Streamed) -> None:
        name = event.stream
        if name not in self._records:
            self._records[name], self._times[name] = array(_NUMBERS), array(_TIMES)
        times = self._times[name]
        self._records[name].append(record.seq)
        times.append(max(record.at_ns, times[-1]) if times else record.at_ns)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def length(self, name: str) -> int:
        """Return how many entries a stream has."""
        return len(self._records.get(name, ()))

    def until(self, seq: int) -> Streams:
        """Return the streams as they were when the log ended at a record."""
        streams = Streams()
        for name, records in self._records.items():
            if end := bisect_right(records, seq):
                streams._records[name], streams._times[name] = records[:end], self._times[name][:end]
        return streams

    def before(self, name: str, at_ns: int) -> int:
        """Return how many entries a stream had before a time."""
        times = self._times.get(name)
        return bisect_left(times, at_ns) if times else 0

    def record_of(self, name: str, number: int) -> int:
        """Return the record that holds entry `number`, from 1."""
        return self._records[name][number - 1]

    @property
    def nbytes(self) -> int:
        arrays = (*self._records.values(), *self._times.values())
        names = sum(sys.getsizeof(name) for name in self._records)
        return sum(map(sys.getsizeof, (*arrays, self._records, self._times))) + names

    def frozen(self) -> bytes:
        return msgspec.msgpack.encode(
            {name: (records.tobytes(), self._times[name].tobytes()) for name, records in self._records.items()}
        )

    @classmethod
    def restored(cls, frozen: bytes) -> Streams:
        streams = cls()
        for name, (records, times) in msgspec.msgpack.decode(frozen, type=dict[str, tuple[bytes, bytes]]).items():
            streams._records[name] = array(_NUMBERS, records)
            streams._times[name] = array(_TIMES, times)
        return streams
