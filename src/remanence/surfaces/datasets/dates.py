"""The dates that conversation files carry, as nanoseconds since the epoch, in UTC unless they say else."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORMS = (
    "%I:%M %p on %d %B, %Y",  # 1:56 pm on 8 May, 2023
    "%B-%d-%Y",  # March-15-2024
    "%d %B %Y",
    "%d %B, %Y",
    "%B %d, %Y",
    "%B %d %Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
)
# What a bare number means is told by its size: seconds reach 1e11 in the year 5138.
_SECONDS_BELOW, _MILLISECONDS_BELOW, _MICROSECONDS_BELOW = 1e11, 1e14, 1e17


def ns_of(moment: datetime) -> int:
    """Return ns since the epoch; a naive datetime means UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    passed = aware - _EPOCH
    return ((passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds) * 1_000


def parse_date(value: str | float) -> int:
    """Return ns since the epoch of a date in any form these files use.

    Args:
        value: ISO 8601, a spelt date, or a number of seconds, milliseconds, microseconds or
            nanoseconds since the epoch.

    Raises:
        ValueError: no form fits.
    """
    ns = _from_text(value) if isinstance(value, str) else _from_number(value)
    if not -(2**63) <= ns < 2**63:
        raise ValueError(f"{value!r} is outside the years 1678 to 2262")
    return ns


def _from_number(value: float) -> int:
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not a date")
    size = abs(value)
    if size < _SECONDS_BELOW:
        return round(value * 1_000_000) * 1_000
    if size < _MILLISECONDS_BELOW:
        return round(value * 1_000) * 1_000
    return int(value * 1_000) if size < _MICROSECONDS_BELOW else int(value)


def _from_text(value: str) -> int:
    text = re.sub(r"\s+", " ", value).strip()
    try:
        return ns_of(datetime.fromisoformat(text))
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return ns_of(datetime.strptime(text, form))
        except ValueError:
            continue
    raise ValueError(f"{value!r} is not a date; write it as 2024-05-01 or 2024-05-01T10:00:00+00:00")
