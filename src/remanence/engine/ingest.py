"""What a caller says, checked and turned into an event; nothing is written here.

Whatever is wrong is said before anything is changed, with the value and what to do about it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.config import Config
from remanence.core.text import plain
from remanence.engine.columns import ROLES
from remanence.errors import InvalidInput, TextTooLarge
from remanence.ports import Embedder
from remanence.records import Event, Metadata, Put, Utterance, Vectored

MAX_NAME_BYTES = 512  # of an id, a speaker, a session, a namespace or a metadata key
_MAX_METADATA_BYTES = 16 << 10
_MAX_SALIENCE = 1000.0
_MAX_JSON_DEPTH = 64
_MAX_TTL_S = 10**9  # 32 years
_MAX_DIM = 16_384  # of a caller's vector
_SHORTEST = 1e-30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1677, 9, 22, tzinfo=UTC)  # what 64 bits of nanoseconds can hold
_LATEST = datetime(2262, 4, 11, tzinfo=UTC)


class Draft(NamedTuple):
    """An event that is about to be written.

    Attributes:
        event: the event.
        at_ns: when it happened; None: now.
        vector: the embedding of its text, None for an event without text.
        if_version: the version its key must have for it to be written, 0 for none; None: any.
        if_seq: the record that the memory must still be in which facts were found, or they are not written.
        if_cursor: where the cursor of an extractor must still be for it to be moved.
        known: it comes from another log with all that it states: no extractor is asked, and what a fact rests on need
            not be here.
    """

    event: Event
    at_ns: int | None = None
    vector: NDArray[np.float32] | None = None
    if_version: int | None = None
    if_seq: int | None = None
    if_cursor: tuple[int, int] | None = None
    known: bool = False


def draft(
    text: str,
    *,
    embedder: Embedder,
    config: Config,
    speaker: str | None = None,
    role: str | None = None,
    at: datetime | str | None = None,
    session: str | None = None,
    id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    salience: float = 1.0,
    pinned: bool = False,
    trace_id: str | None = None,
    ttl_s: float | None = None,
    now_ns: int = 0,
) -> Draft:
    """Return an utterance ready to be written, its text embedded.

    Raises:
        InvalidInput: naming what is wrong, and why.
    """
    text = checked_text(text, config)
    speaker = "" if speaker is None else name_of("speaker", speaker)
    if role is None:
        role = "" if speaker else "user"
    if not isinstance(role, str) or role not in ROLES:
        raise InvalidInput(f"role is {role!r}; use one of {', '.join(map(repr, ROLES))}")
    if not isinstance(salience, (int, float)) or not 1 / _MAX_SALIENCE <= salience <= _MAX_SALIENCE:
        raise InvalidInput(f"salience is {salience!r}; use a number from {1 / _MAX_SALIENCE:g} to {_MAX_SALIENCE:g}")
    if id is not None and not id:
        raise InvalidInput("id is empty; leave it out for a default one")
    event = Utterance(
        text=text,
        speaker=speaker,
        role=str.__str__(role),
        session="" if session is None else name_of("session", session),
        id=name_of("id", id) if id is not None else "",
        metadata={} if metadata is None else checked_metadata(metadata),
        salience=float(salience),
        pinned=bool(pinned),
        trace_id="" if trace_id is None else name_of("trace_id", trace_id),
        expires_ns=expiry(ttl_s, now_ns),
    )
    return Draft(event, None if at is None else nanoseconds(at), embedder.embed(text))


def vectored(
    vector: ArrayLike,
    payload: Any,
    *,
    config: Config,
    id: str | None,
    metadata: Mapping[str, Any] | None,
    at: datetime | str | None,
) -> Draft:
    """Return a vector with its payload, ready to be written.

    Raises:
        InvalidInput: naming what is wrong, and why.
    """
    event = Vectored(
        checked_vector(vector).astype("<f4").tobytes(),
        json_of("payload", payload, config),
        key_of("id", id) if id is not None else "",
        {} if metadata is None else checked_metadata(metadata),
    )
    return Draft(event, None if at is None else nanoseconds(at))


def checked_vector(vector: ArrayLike) -> NDArray[np.float32]:
    """Return a caller's vector, (d,) float32, checked: real numbers, finite, not all zero."""
    try:
        given = np.asarray(vector)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(f"vector is not an array of numbers: {error}") from None
    if given.dtype.kind not in "fiu":
        raise InvalidInput(f"vector has dtype {given.dtype}; give real numbers, such as float32")
    if given.ndim != 1 or not 1 <= len(given) <= _MAX_DIM:
        raise InvalidInput(f"vector has shape {given.shape}; give one vector, of 1 to {_MAX_DIM:,} numbers")
    with np.errstate(over="ignore", under="ignore"):
        found = given.astype(np.float32)
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).argmax())
        raise InvalidInput(f"vector[{bad}] is {given[bad]}; give numbers that are finite as float32")
    if not np.vecdot(found.astype(np.float64), found) > _SHORTEST**2:
        raise InvalidInput("vector is all zeros, or nearly; its direction is what is kept")
    return found


def checked_text(text: str, config: Config) -> str:
    """Return the text as it will be kept: lone surrogates become U+FFFD, nothing else changes."""
    if not isinstance(text, str):
        raise InvalidInput(f"text is a {type(text).__name__}; give a str")
    text = plain(text)
    if not text or text.isspace():
        raise InvalidInput("text is empty; there is nothing to remember")
    # A character takes at most four bytes, so most texts are known to fit without being encoded.
    if len(text) * 4 > config.max_text_bytes and (size := len(text.encode())) > config.max_text_bytes:
        raise TextTooLarge(size, config.max_text_bytes)
    return text


def put(key: str, value: Any, *, config: Config, ttl_s: float | None, now_ns: int, if_version: int | None) -> Draft:
    """Return a JSON value for a key, ready to be written."""
    event = Put(key_of("key", key), json_of("value", value, config), expiry(ttl_s, now_ns))
    return Draft(event, now_ns, if_version=checked_version(if_version))


def expiry(ttl_s: float | None, now_ns: int) -> int:
    """Return when something with a time to live expires, ns since the epoch; 0 for never."""
    if ttl_s is None:
        return 0
    if type(ttl_s) not in (int, float) or not 0 < ttl_s <= _MAX_TTL_S:
        raise InvalidInput(f"ttl is {ttl_s!r}; give seconds above 0, at most {_MAX_TTL_S:,}")
    return now_ns + int(ttl_s * 1e9)


def checked_version(if_version: int | None) -> int | None:
    if if_version is not None and (type(if_version) is not int or if_version < 0):
        raise InvalidInput(f"if_version is {if_version!r}; give the version you read, 0 for a key that holds nothing")
    return if_version


def key_of(what: str, value: str) -> str:
    """Return the name of a key or a stream, checked: as `name_of`, and not empty."""
    name = name_of(what, value)
    if not name:
        raise InvalidInput(f"{what} is empty; give it a name")
    return name


def json_of(what: str, value: Any, config: Config) -> bytes:
    """Return a value as JSON, checked: what is read back is equal to it, but tuples come back as lists."""
    _check_json(what, value, 0)
    encoded = msgspec.json.encode(value)
    if len(encoded) > config.max_text_bytes:
        raise InvalidInput(
            f"{what} takes {len(encoded):,} bytes of JSON, above the limit of {config.max_text_bytes:,}; "
            "split it, or raise Config.max_text_bytes"
        )
    return encoded


def _check_json(what: str, value: Any, depth: int) -> None:
    if depth > _MAX_JSON_DEPTH:
        raise InvalidInput(f"{what} is nested more than {_MAX_JSON_DEPTH} deep")
    kind = cast(type[object], type(value))
    if kind is str:
        if not value.isascii() and plain(value) != value:
            raise InvalidInput(f"{what} has half a character in it, which no JSON can hold: {value[:40]!r}")
    elif kind is int:
        if not -(2**63) <= value < 2**63:
            raise InvalidInput(f"{what} does not fit in 64 bits: {value}")
    elif kind is float:
        if not math.isfinite(value):
            raise InvalidInput(f"{what} is {value}; use a finite number")
    elif kind in (list, tuple):
        for each in value:
            _check_json(what, each, depth + 1)
    elif kind is dict:
        for key, each in value.items():
            if type(key) is not str:
                raise InvalidInput(f"{what} has a key of type {type(key).__name__}: {key!r}; JSON has strings only")
            _check_json(what, key, depth)
            _check_json(what, each, depth + 1)
    elif kind not in (bool, type(None)):
        raise InvalidInput(f"{what} has a {kind.__name__} in it; JSON has str, int, float, bool, None, list and dict")


def name_of(what: str, value: str) -> str:
    """Return a short string that names something, checked."""
    if not isinstance(value, str):
        raise InvalidInput(f"{what} is a {type(value).__name__}; give a str")
    value = plain(value)
    if len(value) > MAX_NAME_BYTES or len(value.encode()) > MAX_NAME_BYTES:
        raise InvalidInput(f"{what} is longer than {MAX_NAME_BYTES} bytes: {value[:40]!r}…")
    return value


def namespace_name(value: str) -> str:
    """Return the name of a namespace, checked: not empty, no control characters."""
    name = name_of("namespace", value)
    if not name or name.isspace() or any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise InvalidInput(f"namespace is {value!r}; use a path of printable characters such as 'acme/user/4321'")
    return name


def checked_metadata(metadata: Mapping[str, Any]) -> Metadata:
    """Return metadata with string keys and plain values only."""
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"metadata is a {type(metadata).__name__}; give a mapping")
    checked: Metadata = {}
    size = 0
    for key, value in metadata.items():
        key = name_of("metadata key", key)
        if isinstance(value, str):
            value = plain(value)
            size += len(value.encode())
        elif isinstance(value, bool) or value is None:
            pass
        elif isinstance(value, int):
            if not -(2**63) <= value < 2**63:
                raise InvalidInput(f"metadata[{key!r}] does not fit in 64 bits: {value}")
            value = int(value)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise InvalidInput(f"metadata[{key!r}] is {value}; use a finite number")
            value = float(value)
        else:
            raise InvalidInput(f"metadata[{key!r}] is a {type(value).__name__}; use a string, number, bool or None")
        size += len(key) + 8
        checked[key] = value
    if size > _MAX_METADATA_BYTES:
        raise InvalidInput(f"metadata takes about {size:,} bytes, above the limit of {_MAX_METADATA_BYTES:,}")
    return checked


def nanoseconds(at: datetime | str) -> int:
    """Return nanoseconds since the epoch of a datetime or an ISO 8601 string; naive means UTC."""
    when = at
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError:
            raise InvalidInput(f"at is {at!r}, which is not ISO 8601; for example '2024-05-01T10:00:00'") from None
    if not isinstance(when, datetime):
        raise InvalidInput(f"at is a {type(at).__name__}; give a datetime or an ISO 8601 string")
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if not _EARLIEST <= when <= _LATEST:
        raise InvalidInput(f"at is {when.isoformat()}; times from {_EARLIEST:%Y-%m-%d} to {_LATEST:%Y-%m-%d} fit")
    since = when - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000
