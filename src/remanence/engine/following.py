"""Waiting for what is appended to a log, by this process or another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import TypeVar

from remanence.errors import InvalidInput

_T = TypeVar("_T")
_EVERY_S = 0.01  # between two looks for what another process appended: a look takes 10 µs


def following(
    read: Callable[[int], Iterator[_T]], number_of: Callable[[_T], int], after: int, timeout: float | None
) -> Iterator[_T]:
    """Yield what `read` gives after a number and what comes, until nothing does for `timeout` seconds (None: never)."""
    quiet_since = monotonic()
    while True:
        for each in read(after):
            after = number_of(each)
            yield each
            quiet_since = monotonic()
        left = None if timeout is None else timeout - (monotonic() - quiet_since)
        if left is not None and left <= 0:
            return
        sleep(_EVERY_S if left is None else min(_EVERY_S, left))


def checked_timeout(timeout: float | None) -> float | None:
    """Return a number of seconds, checked; None is for ever."""
    if timeout is not None and (type(timeout) not in (int, float) or not timeout >= 0):
        raise InvalidInput(f"timeout is {timeout!r}; give seconds, or leave it out to wait for ever")
    return timeout
