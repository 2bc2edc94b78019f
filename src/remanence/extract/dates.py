# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Dates as people say them, those relative to today resolved against the day of the turn."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from remanence.core.text import MONTHS, WEEKDAYS
from remanence.extract import numbers

_NS = 1_000_000_000
_MONTH_NUMBER = {form: i for i, name in enumerate(MONTHS, 1) for form in (name, name[:3])} | {"sept": 9}
_MONTH = rf"(?:{'|'.join(MONTHS)}|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"
_FEASTS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's": (1, 1),
    "new years": (1, 1),
    "halloween": (10, 31),
    "valentine's": (2, 14),
    "valentines": (2, 14),
    "st patrick's": (3, 17),
    "st patricks": (3, 17),
    "leap day": (2, 29),
    "bonfire night": (11, 5),
    "guy fawkes": (11, 5),
    "the fourth of july": (7, 4),
}
_DATE = re.compile(
    r"(?:on |in |(?:also |always |actually |definitely )|it is |the )*"
    r"(?:"
    r"(?P<iso>(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d?)(?:-(?P<id>\d\d?))?)"
    r"|(?P<slash>(?P<sd>\d\d?)[/.-](?P<sm>\d\d?)(?:[/.-](?P<sy>(?:19|20)?\d\d))?)"
    rf"|(?P<d1>{numbers.ORDINAL})(?: day)?(?: of|,)? (?P<m1>{_MONTH})\b\.?(?:(?:,| of| in)? (?P<y1>{numbers.YEAR}))?"
    rf"|(?P<m2>{_MONTH})\b\.?(?: the)? (?P<d2>{numbers.ORDINAL})\b(?:(?:,| of| in)? (?P<y2>{numbers.YEAR}))?"
    rf"|(?P<m3>{_MONTH})\b\.?(?:(?:,| of| in)? (?P<y3>{numbers.YEAR}))?"
    rf"|(?P<y4>{numbers.YEAR})"
    rf"|(?P<feast>{'|'.join(_FEASTS)})(?: day)?\b(?:(?:,| of| in)? (?P<y5>{numbers.YEAR}))?"
    r"|(?P<near>day after tomorrow|day before yesterday|tomorrow|today|tonight|yesterday|this very day|this day|same day)"
    rf"(?: in (?P<y6>{numbers.YEAR}))?"
    rf"|in (?P<ahead>{numbers.NUMBER}) (?P<unit>days?|weeks?)(?: time)?"
    rf"|(?P<back>{numbers.NUMBER}) (?P<unit2>days?|weeks?) ago"
    rf"|(?P<week>this coming |this |next |last |coming )?(?P<day>{'|'.join(WEEKDAYS)})(?P<after> week)?"
    r")(?![\w/])"
)
_SINCE = re.compile(
    rf"(?:(?P<lead>since|in|from|as of|back in|last|this|on)\s+)?(?:the\s+)?"
    rf"(?:(?P<last>last |this )?(?P<word>week|month|year|spring|summer|autumn|fall|winter)\b"
    rf"|(?P<ago>{numbers.NUMBER}) (?P<unit>days?|weeks?|months?|years?) ago"
    rf"|for (?P<span>{numbers.NUMBER}) (?P<unit2>days?|weeks?|months?|years?)"
    rf"|(?P<month>{_MONTH})\b(?: (?P<year>{numbers.YEAR}))?|(?P<only>{numbers.YEAR})|(?P<yesterday>yesterday))"
)
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def day_of(at_ns: int) -> date:
    """Return the day (UTC) of a time in ns since the epoch."""
    return datetime.fromtimestamp(max(0, min(at_ns // _NS, 200_000_000_000)), UTC).date()


def find(low: str, pos: int, at_ns: int, *, yearly: bool = True) -> tuple[str, int] | None:
    """Return the date said at `pos` of a lower-case text and its end; None where there is none.

    A day that names no year comes as --MM-DD when it is one of every year, and so does one told from today ("tomorrow").
    """
    m = _DATE.match(low, pos)
    if m is None:
        return None
    day, month, year = _parts(m, day_of(at_ns))
    if year and not month:
        return f"{year:04d}", m.end()
    if not 1 <= month <= 12 or not 0 <= day <= 31:
        return None
    head = f"{year:04d}" if year else "-"
    return (f"{head}-{month:02d}-{day:02d}" if day else f"{head}-{month:02d}"), m.end()


def _parts(m: re.Match[str], today: date) -> tuple[int, int, int]:
    """Return (day, month, year) of a match; 0 for what it leaves open."""
    if m["iso"]:
        return int(m["id"] or 0), int(m["im"]), int(m["iy"])
    if m["slash"]:
        day, month = int(m["sd"]), int(m["sm"])
        if month > 12 >= day:  # month first, as Americans write it
            day, month = month, day
        short = m["sy"]
        year = 0 if not short else numbers.year(short if len(short) == 4 else f"'{short}") or 0
        return day, month, year
    for d, mo, y in (("d1", "m1", "y1"), ("d2", "m2", "y2"), ("", "m3", "y3")):
        if m[mo]:
            return (numbers.ordinal(m[d]) or 0) if d else 0, _MONTH_NUMBER[m[mo]], _year(m[y])
    if m["y4"]:
        return 0, 0, _year(m["y4"])
    if m["feast"]:
        month, day = _FEASTS[m["feast"]]
        return day, month, _year(m["y5"])
    when = _relative(m, today)
    return when.day, when.month, _year(m["y6"])


def _relative(m: re.Match[str], today: date) -> date:
    near = m["near"]
    if near:
        shift = {"day after tomorrow": 2, "tomorrow": 1, "yesterday": -1, "day before yesterday": -2}.get(near, 0)
        return today + timedelta(days=shift)
    if m["ahead"] or m["back"]:
        count = numbers.number(m["ahead"] or m["back"]) or 0
        days = count * (7 if (m["unit"] or m["unit2"]).startswith("week") else 1)
        return today + timedelta(days=days if m["ahead"] else -days)
    wanted = WEEKDAYS.index(m["day"])
    week = (m["week"] or "").strip()
    if week == "last":
        return today - timedelta(days=(today.weekday() - wanted) % 7 or 7)
    ahead = (wanted - today.weekday()) % 7
    if week == "next" and today.weekday() + ahead < 7:  # of this week: then the next one's is meant
        ahead += 7
    if m["after"]:
        ahead += 7
    return today + timedelta(days=ahead)


def _year(said: str | None) -> int:
    return (numbers.year(said) or 0) if said else 0


def since(low: str, pos: int, at_ns: int) -> int | None:
    """Return since when, ns since the epoch, if that is said right at `pos` ("last March", "since 2019"); else None.

    The first moment of the time named, never later than the turn.
    """
    m = _SINCE.match(low, pos)
    if m is None:
        return None
    today = day_of(at_ns)
    if m["yesterday"]:
        start = today - timedelta(days=1)
    elif m["ago"] or m["span"]:
        unit = (m["unit"] or m["unit2"]).rstrip("s")
        start = today - timedelta(days=_DAYS[unit] * (numbers.number(m["ago"] or m["span"]) or 0))
    elif m["only"]:
        start = date(_year(m["only"]), 1, 1)
    elif m["month"]:
        month = _MONTH_NUMBER[m["month"]]
        start = date(_year(m["year"]) or (today.year if month <= today.month else today.year - 1), month, 1)
    else:
        word, last = m["word"], m["lead"] == "last" or (m["last"] or "").startswith("last")
        if word in _SEASONS:
            start = date(today.year, _SEASONS[word], 1)
            start = date(today.year - 1, _SEASONS[word], 1) if start > today else start
        elif last:
            start = today - timedelta(days=_DAYS[word])
        else:
            return None
    ns = (start - date(1970, 1, 1)).days * 86_400 * _NS
    return min(ns, at_ns)
