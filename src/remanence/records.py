"""What the log of a namespace records: events, told apart by their tag.

A field may be added with a default, and never renamed, retyped or removed, or old stores could not be read.
"""

from __future__ import annotations

import msgspec

Scalar = str | int | float | bool | None
Metadata = dict[str, Scalar]


class Stated(msgspec.Struct, frozen=True, omit_defaults=True):
    """A fact that was stated, or the end of one.

    Attributes:
        single: a subject has one value of this relation at a time.
        soft: a liking or a possession, told in passing.
        ends: it is no longer true; an empty object stands for whatever it was.
        since_ns: when it became true, or ended, ns since the epoch; None: when it was said.
        until_ns: when it was over, where that was said too: it then takes the place of nothing; None: not said.
    """

    subject: str
    relation: str
    object: str
    single: bool = True
    soft: bool = False
    ends: bool = False
    since_ns: int | None = None
    until_ns: int | None = None


class Utterance(msgspec.Struct, frozen=True, tag="utterance", omit_defaults=True):
    """Something was said. `id` is empty for the default, `m<seq>`; `facts` are what it states.

    `expires_ns`: when it is let go by itself, ns since the epoch; 0: never.
    """

    text: str
    speaker: str = ""
    role: str = ""
    session: str = ""
    id: str = ""
    metadata: Metadata = {}
    salience: float = 1.0
    pinned: bool = False
    trace_id: str = ""
    facts: list[Stated] = []
    expires_ns: int = 0


class Pinned(msgspec.Struct, frozen=True, tag="pinned", omit_defaults=True):
    """A memory was pinned, or let go of."""

    id: str
    pinned: bool = True


class Faded(msgspec.Struct, frozen=True, tag="faded", omit_defaults=True):
    """A memory was let go on request; its text stays in the log."""

    id: str


class Reinforced(msgspec.Struct, frozen=True, tag="reinforced", omit_defaults=True):
    """Memories were used, by the word of the agent."""

    ids: list[str]
    trace_id: str = ""


class Put(msgspec.Struct, frozen=True, tag="put", omit_defaults=True):
    """A key was given a JSON value, until a time (ns since the epoch) or, with 0, for good."""

    key: str
    value: bytes
    expires_ns: int = 0


class Deleted(msgspec.Struct, frozen=True, tag="deleted", omit_defaults=True):
    """A key was emptied."""

    key: str


class Streamed(msgspec.Struct, frozen=True, tag="streamed", omit_defaults=True):
    """A JSON value was appended to a stream."""

    stream: str
    value: bytes


class Vectored(msgspec.Struct, frozen=True, tag="vectored", omit_defaults=True):
    """A JSON payload was kept under a vector (float32, little-endian). `id` is empty for the default, `v<seq>`."""

    vector: bytes
    payload: bytes
    id: str = ""
    metadata: Metadata = {}


class Asserted(msgspec.Struct, frozen=True, tag="asserted", omit_defaults=True):
    """Facts that no utterance told as it was written.

    Attributes:
        source: id of the memory they come from; empty: this record itself, as `m<seq>`.
        by: name of the extractor that found them; empty: the caller told them.
        until: the last record that extractor had read by then; 0: not told here.
        within: how many characters of that one it had read; 0: all.
    """

    facts: list[Stated] = []
    source: str = ""
    by: str = ""
    until: int = 0
    within: int = 0


Event = Utterance | Pinned | Faded | Reinforced | Put | Deleted | Streamed | Vectored | Asserted


class Record(msgspec.Struct, frozen=True, gc=False):
    """One entry of a namespace's log, opened and authenticated.

    Attributes:
        seq: 1, 2, 3 … without a gap within a namespace.
        at_ns: when it happened, by the caller's word, ns since the epoch.
        recorded_ns: when it was written, ns since the epoch; never decreases within a namespace.
        kind: what kind of body this is; 1 is a memory event.
        body: the event, msgpack.
    """

    seq: int
    at_ns: int
    recorded_ns: int
    kind: int
    body: bytes
