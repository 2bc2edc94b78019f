"""Ranked memories into a text that fits a token budget.

Lines are taken in order of rank while they fit; one that does not fit is skipped and the next one tried.
What was taken is then put in the order in which it was said, under a heading for each day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from remanence.core.text import MONTHS, WEEKDAYS
from remanence.ports import TokenCounter

NEWLINE_TOKENS = 1
_MIN_LINE_TOKENS = 2
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_NS = 86_400 * 10**9


class Budget(NamedTuple):
    """What a text may take.

    Attributes:
        tokens: never exceeded, by `counter`.
        profile: of them, what the facts it opens with may take.
        counter: None for the default, whose sizes are kept with each memory.
    """

    tokens: int
    profile: int
    counter: TokenCounter | None


def line(speaker: str, role: str, text: str) -> str:
    """Return one memory as a line of a prompt: who said it, and what.

    What follows a line break is indented, or a text could pass for the heading of a day or for another's words.
    """
    who = speaker or role
    if not (text.isprintable() and who.isprintable()):  # a line break is not, and the look is quick
        who, text = _BREAK.sub(" ", who), _BREAK.sub("\n  ", text)
    return f"{who}: {text}" if who else f"- {text}"


@lru_cache(maxsize=4096)
def _heading_of_day(day: int) -> str:
    """Return the heading of a day since the epoch, such as `[Mon 8 May 2023]`."""
    when = _EPOCH + timedelta(days=day)
    return f"[{WEEKDAYS[when.weekday()][:3].title()} {when.day} {MONTHS[when.month - 1].title()} {when.year}]"


def pack(
    sizes: Sequence[int], at_ns: Sequence[int], budget_tokens: int, heading_tokens: Callable[[str], int]
) -> tuple[list[int], int]:
    """Return the indexes of the lines that fit together, in the order given, and what they take.

    That is the sum of lines, headings and newlines; it never exceeds the budget.

    Args:
        sizes: tokens of each line, best first.
        at_ns: when each was said, ns since the epoch.
        budget_tokens: what all may take together.
        heading_tokens: gives the size of a heading.
    """
    taken: list[int] = []
    days: set[int] = set()
    left = budget_tokens + NEWLINE_TOKENS  # the first line has no newline before it
    for i, size in enumerate(sizes):
        cost = size + NEWLINE_TOKENS
        if cost > left:
            continue
        day = at_ns[i] // _DAY_NS
        if day not in days:
            cost += heading_tokens(_heading_of_day(day)) + NEWLINE_TOKENS
            if cost > left:
                continue
            days.add(day)
        left -= cost
        taken.append(i)
        if left < _MIN_LINE_TOKENS + NEWLINE_TOKENS:
            break
    return taken, (budget_tokens - left if taken else 0)


def compose(lines: Sequence[tuple[int, int, str]]) -> str:
    """Return lines, each (at_ns, order in its log, text), in chronological order under their days."""
    parts: list[str] = []
    latest = None
    for at_ns, _, text in sorted(lines):
        day = at_ns // _DAY_NS
        if day != latest:
            latest = day
            parts.append(_heading_of_day(day))
        parts.append(text)
    return "\n".join(parts)
