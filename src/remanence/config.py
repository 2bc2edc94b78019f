"""Frozen settings: each with its unit, its default and the reason for the default.

Nothing below `surfaces` reads the environment; values are passed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from remanence.errors import InvalidInput

DETAILS = ("off", "ids", "full")  # of traces


class Quota(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one namespace may hold. None: as much as it likes.

    Attributes:
        items: memories and vectors that can be found, keys that hold something and entries of streams, together.
        bytes: of its records in the log, which keeps what was faded.
        writes_per_second: records written in the last second, by all processes together.
        when_full: what becomes of a write beyond `items`. "refuse": it raises `QuotaExceeded`; "fade": the memories
            that are worth least by the store's curve are faded for it, pinned ones never.
    """

    items: int | None = None
    bytes: int | None = None
    writes_per_second: int | None = None
    when_full: str = "refuse"

    def __post_init__(self) -> None:
        for name in ("items", "bytes", "writes_per_second"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value <= 0):
                raise InvalidInput(f"Quota.{name} is {value!r}; use a positive whole number, or None")
        if self.when_full not in ("refuse", "fade"):
            raise InvalidInput(f"Quota.when_full is {self.when_full!r}; use 'refuse' or 'fade'")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one store behaves. Unknown names are refused.

    Attributes:
        budget_bytes: hot bytes a namespace is meant to keep, unless `Store.memory` says otherwise; reported,
            not enforced yet. 64 MiB holds some 150,000 turns.
        loaded_bytes: hot bytes of all loaded namespaces together; beyond it the least recently used are
            written to a snapshot and let go. 1 GiB.
        max_text_bytes: UTF-8 bytes of one memory. 512 KiB: a long document should be split, or it will
            be recalled as a whole or not at all.
        flush_interval_ms: how long an acknowledged write may wait for the disk; what a power cut can
            cost. 100 ms costs ten fsyncs a second while writing and none when idle.
        busy_timeout_ms: how long a write waits for another process's transaction. 5,000 ms: one takes
            well under 1 ms, so a longer wait means a process is stuck.
        snapshot_every: appends to one namespace after which a snapshot is due, or a quarter of what the
            last one held if that is more. 5,000 appends replay in about half a second.
        facts: whether the shipped rules read turns for facts, where the store is given no extractor. On: most turns
            end at a first look of some 20 µs.
        quotas: by prefix of a namespace's name, the longest that fits; "" is for all. None: no namespace has one.
        trace_detail: what is kept of each reading, for `lineage` and `why`. "ids": when, by which agent, at which
            position, and the ids, versions and scores it returned; no words. "full": the query too, which is
            speech, and what the scores were made of; some 5 kB instead of 0.4. "off": nothing.
        trace_retention_s: how long traces are kept. 30 days: long enough to look into a complaint, and no longer.
        trace_max_bytes: what they may take, the oldest go first. 64 MiB holds some 150,000 readings.
    """

    budget_bytes: int = 64 << 20
    loaded_bytes: int = 1 << 30
    max_text_bytes: int = 512 << 10
    flush_interval_ms: int = 100
    busy_timeout_ms: int = 5_000
    snapshot_every: int = 5_000
    facts: bool = True
    quotas: Mapping[str, Quota] = {}
    trace_detail: Literal["off", "ids", "full"] = "ids"
    trace_retention_s: int = 30 * 86_400
    trace_max_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        if not isinstance(self.quotas, Mapping) or not all(
            isinstance(prefix, str) and isinstance(quota, Quota) for prefix, quota in self.quotas.items()
        ):
            raise InvalidInput(f"Config.quotas is {self.quotas!r}; map prefixes of names to Quota(...)")
        if self.trace_detail not in DETAILS:
            raise InvalidInput(f"Config.trace_detail is {self.trace_detail!r}; use one of {', '.join(DETAILS)}")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name in ("quotas", "trace_detail"):
                continue
            if name == "facts":
                if not isinstance(value, bool):
                    raise InvalidInput(f"Config.facts is {value!r}; use True or False")
            elif type(value) is not int or value <= 0:
                raise InvalidInput(f"Config.{name} is {value!r}; use a positive whole number")
