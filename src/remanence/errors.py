"""Every error a caller can meet, as one tree.

RemanenceError                       the base: catch this to catch everything below
├── InvalidInput (ValueError)        an argument that cannot be right; nothing was changed
│   ├── TextTooLarge                 a text above Config.max_text_bytes
│   ├── InvalidFilter                a `where` that names an unknown operator or an unusable value
│   └── InvalidVector                wrong dimension, NaN or infinity
├── NotFound (LookupError)           an id, version or position that does not exist
│   └── NoSuchKey (KeyError)         a key that holds nothing
├── QuotaExceeded                    a namespace holds, or is written to, as much as its quota allows
├── Conflict                         the caller's idea of the past is not the log's
├── Closed                           the store was closed, or belongs to the process that forked this one
├── MissingExtra (ImportError)       an optional dependency is not installed; names the pip command
├── ModelFailed                      a language model could not be reached, or refused
│   └── BadAnswer                    it answered, but not what it was asked for
├── EmbedderMismatch                 the store was written with another embedder or analyzer
└── StorageError (OSError)           the disk or the file
    ├── NotAStore                    a file, but not one of ours; never written to
    ├── NewerFormat                  written by a later version; never written to
    ├── Damaged                      truncated or altered bytes; never written to
    ├── ReadOnly                     the directory or file cannot be written
    ├── DiskFull                     nothing acknowledged was lost; the next write works once there is space
    └── Busy                         another process held the write lock for longer than Config.busy_timeout_ms

A message says what happened, with the values, then what to do about it.
"""

from __future__ import annotations


class RemanenceError(Exception):
    """Base of every error this package raises on purpose."""


class InvalidInput(RemanenceError, ValueError):
    """An argument that cannot be right; nothing was changed."""


class TextTooLarge(InvalidInput):
    """A text longer than the documented limit.

    Attributes:
        size_bytes: UTF-8 length of the text.
        limit_bytes: the limit it exceeds.
    """

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(
            f"text is {size_bytes:,} bytes of UTF-8, above the limit of {limit_bytes:,}; "
            "split it, or raise Config.max_text_bytes"
        )


class InvalidFilter(InvalidInput):
    """A `where` clause that cannot be evaluated."""


class InvalidVector(InvalidInput):
    """A vector of the wrong dimension, or with NaN or infinity in it."""


class NotFound(RemanenceError, LookupError):
    """An id, version or position that does not exist."""


class NoSuchKey(NotFound, KeyError):
    """A key that holds nothing, or nothing any more."""

    __str__ = Exception.__str__  # a KeyError would quote its message


class QuotaExceeded(RemanenceError):
    """A namespace holds, or is written to, as much as its quota allows; nothing was written.

    Attributes:
        namespace: its name.
        what: "items", "bytes" or "writes_per_second".
        limit: what the quota allows.
        used: what is used of it.
    """

    def __init__(self, namespace: str, what: str, limit: int, used: int) -> None:
        self.namespace, self.what, self.limit, self.used = namespace, what, limit, used
        remedy = {
            "items": "fade some, or let Quota(when_full='fade') choose",
            "bytes": "the log keeps what was faded, so only a higher quota makes room",
            "writes_per_second": "try again in a moment",
        }[what]
        super().__init__(
            f"namespace {namespace!r} is at {used:,} {what} of {limit:,} that Config.quotas allows; {remedy}"
        )


class Conflict(RemanenceError):
    """What the caller expects of the past is not what the log holds."""


class Closed(RemanenceError):
    """The store was closed, or was opened by the process that forked this one."""


class MissingExtra(RemanenceError, ImportError):
    """An optional dependency is not installed.

    Attributes:
        extra: the name of the extra that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        self.extra = extra
        super().__init__(f"{package} is not installed; run: pip install 'remanence[{extra}]'")


class ModelFailed(RemanenceError):
    """A language model could not be reached, refused, or took too long."""


class BadAnswer(ModelFailed):
    """A language model answered, but not what it was asked for.

    Attributes:
        n_asked: how many turns it was asked about; fewer may do better. 0: not known.
    """

    def __init__(self, message: str, n_asked: int = 0) -> None:
        self.n_asked = n_asked
        super().__init__(message)


class EmbedderMismatch(RemanenceError):
    """A store was written with another embedder or analyzer than it is opened with.

    Attributes:
        stored: name of the one that wrote the store.
        given: name of the one it was opened with.
    """

    def __init__(self, what: str, stored: str, given: str) -> None:
        self.stored = stored
        self.given = given
        super().__init__(
            f"this store was written with the {what} {stored!r} but was opened with {given!r}; "
            f"open it with {stored!r}, or re-embed it once: remanence.reembed(path, embedder=...) "
            "or `remanence reembed PATH`"
        )


class StorageError(RemanenceError, OSError):
    """The disk, or the file, is the trouble."""


class NotAStore(StorageError):
    """The file exists but was not written by this package; it was not touched."""


class NewerFormat(StorageError):
    """The file was written by a later version of this package; it was not touched."""


class Damaged(StorageError):
    """Bytes are missing or altered; they were not used and the file was not touched."""


class ReadOnly(StorageError):
    """The file or its directory cannot be written."""


class DiskFull(StorageError):
    """The disk is full; nothing acknowledged was lost and the next write works once there is space."""


class Busy(StorageError):
    """Another process held the write lock for longer than Config.busy_timeout_ms."""
