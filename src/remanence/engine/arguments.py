"""What a reading is asked with, checked: each function returns its argument as the walk wants it, or says what
is wrong with it.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence

from remanence.core.packing import Budget
from remanence.core.profile import share_of
from remanence.engine.metadata import Where
from remanence.errors import InvalidFilter, InvalidInput
from remanence.ports import Clock, TokenCounter

KINDS = ("text", "fact", "kv", "stream", "vector")
MAX_K = 10_000
MAX_ENTRIES = 512  # more lines than any prompt has room for


def entries_for(budget_tokens: int) -> int:
    """Return how many ranked rows to look at: enough short ones to fill the budget."""
    return min(MAX_ENTRIES, 16 + budget_tokens // 10)


def check_reading(
    query: str, where: Where | None, kinds: Sequence[str] | None, depth: str, max_latency_ms: float | None
) -> list[str] | None:
    """Return the kinds to look among, each once; None: texts only."""
    if not isinstance(query, str) or not query or query.isspace():
        raise InvalidInput(f"query is {query!r}; ask something")
    if where is not None and not isinstance(where, Mapping):
        raise InvalidFilter(f"where is {where!r}; give a mapping of metadata keys to values or operators")
    if kinds is not None:
        if isinstance(kinds, str) or not isinstance(kinds, Iterable):
            raise InvalidInput(f"kinds is {kinds!r}; give a list such as ['text', 'kv']")
        kinds = list(kinds)
        if not kinds:
            raise InvalidInput("kinds is empty; name at least one, or leave it out")
        if unknown := [kind for kind in kinds if not isinstance(kind, str) or kind not in KINDS]:
            raise InvalidInput(f"kinds has {unknown[0]!r}; known: {', '.join(KINDS)}")
    if depth != "fast":
        raise InvalidInput(f"depth is {depth!r}; known: 'fast'")
    if max_latency_ms is not None and not (isinstance(max_latency_ms, (int, float)) and max_latency_ms > 0):
        raise InvalidInput(f"max_latency_ms is {max_latency_ms!r}; use a positive number of milliseconds")
    if kinds is None:
        return None
    asked = list(dict.fromkeys(kinds))
    return None if asked == ["text"] else asked


def checked_k(k: int) -> int:
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise InvalidInput(f"k is {k!r}; use a whole number of 1 or more")
    return min(k, MAX_K)


def checked_threshold(threshold: float | None) -> float | None:
    if threshold is None:
        return None
    if not isinstance(threshold, (int, float)) or not 0 <= threshold <= 1:
        raise InvalidInput(f"threshold is {threshold!r}; use a number from 0 to 1")
    return float(threshold)


def checked_budget(budget_tokens: int, profile_tokens: int | None, counter: TokenCounter | None) -> Budget:
    for name, given in (("budget_tokens", budget_tokens), ("profile_tokens", profile_tokens or 0)):
        if not isinstance(given, int) or isinstance(given, bool) or given < 0:
            raise InvalidInput(f"{name} is {given!r}; use a whole number of 0 or more")
    if counter is not None and not callable(counter):
        raise InvalidInput(f"counter is {counter!r}; give a function from a text to its number of tokens")
    return Budget(budget_tokens, share_of(budget_tokens) if profile_tokens is None else profile_tokens, counter)


def checked_clock(clock: Clock) -> Clock:
    """Return a clock that refuses to give anything but whole nanoseconds."""
    if not callable(clock):
        raise InvalidInput(f"clock is {clock!r}; give a function that returns nanoseconds since the epoch")

    def now() -> int:
        ns = clock()
        try:
            return operator.index(ns)
        except TypeError:
            raise InvalidInput(f"the clock gave {ns!r}; it must give whole nanoseconds since the epoch") from None

    return now


def checked_path(given: str | os.PathLike[str]) -> str:
    """Return the full name of a file, links followed: what lies beside it is found wherever the program goes."""
    try:
        path = os.fspath(given)
    except TypeError:
        path = None
    if not isinstance(path, str) or not path or "\0" in path:
        raise InvalidInput(f"path is {given!r}; give the name of a file")
    return os.path.realpath(path)
