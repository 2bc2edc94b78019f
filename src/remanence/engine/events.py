"""Events to the bodies of records, and back."""

from __future__ import annotations

import msgspec

from remanence.records import Event, Record

MEMORY_EVENT = 1  # kind of the records that hold events
_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)


def encoded(event: Event) -> tuple[bytes, Event]:
    """Return the body of an event's record, and the event as every later reader of the log will see it."""
    body = _ENCODER.encode(event)
    return body, _DECODER.decode(body)


def decoded(record: Record) -> Event:
    """Return the event that a record holds."""
    return _DECODER.decode(record.body)
