"""Ranked memories into a text that fits a token budget.

Lines are taken in order of rank while they fit; one that does not fit is skipped and the next one tried.
What was taken is then put in the order in which it was said, under a heading for each day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

NEWLINE_TOKENS = 1
_MIN_LINE_TOKENS = 2
_DAY_NS = 86_400 * 10**9


class Entry(NamedTuple):
    """A memory that could be shown.

    Attributes:
        at_ns: when it was said, ns since the epoch.
        order: breaks ties of time: where it stands in its log.
        tokens: size of its line, by the counter in use.
    """

    at_ns: int
    order: int
    tokens: int


def line(speaker: str, role: str, text: str) -> str:
    """Return one memory as a line of a prompt: who said it, and what."""
    who = speaker or role
    return f"{who}: {text}" if who else f"- {text}"


@lru_cache(maxsize=4096)
def _heading_of_day(day: int) -> str:
    when = datetime.fromtimestamp(day * 86_400, UTC)
    return f"[{when:%a} {when.day} {when:%B} {when.year}]"


def heading(at_ns: int) -> str:
    """Return the heading of the day of a time, such as `[Mon 8 May 2023]`."""
    return _heading_of_day(at_ns // _DAY_NS)


def pack(entries: Sequence[Entry], budget_tokens: int, heading_tokens: Callable[[str], int]) -> list[int]:
    """Return the indexes of the entries that fit together, in the order given.

    The sum of their lines, headings and newlines never exceeds the budget.

    Args:
        entries: best first.
        budget_tokens: what all may take together.
        heading_tokens: size of a heading.
    """
    taken: list[int] = []
    days: set[int] = set()
    left = budget_tokens + NEWLINE_TOKENS  # the first line has no newline before it
    for i, entry in enumerate(entries):
        cost = entry.tokens + NEWLINE_TOKENS
        if cost > left:
            continue
        day = entry.at_ns // _DAY_NS
        if day not in days:
            cost += heading_tokens(heading(entry.at_ns)) + NEWLINE_TOKENS
            if cost > left:
                continue
            days.add(day)
        left -= cost
        taken.append(i)
        if left < _MIN_LINE_TOKENS + NEWLINE_TOKENS:
            break
    return taken


def compose(lines: Sequence[tuple[Entry, str]]) -> str:
    """Return lines in chronological order under the headings of their days."""
    parts: list[str] = []
    day = None
    for entry, text in sorted(lines, key=lambda pair: (pair[0].at_ns, pair[0].order)):
        if entry.at_ns // _DAY_NS != day:
            day = entry.at_ns // _DAY_NS
            parts.append(heading(entry.at_ns))
        parts.append(text)
    return "\n".join(parts)
