"""E-mail addresses, as written and as speech recognisers write them: "jo dot baker at example dot com"."""

from __future__ import annotations

import re

from remanence.extract import numbers

_WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SIGN = r"(?:dot|point|period|underscore|dash|hyphen|minus|plus)"
_SPOKEN = re.compile(
    rf"\b(?P<user>[\w.+-]+(?: {_SIGN} [\w+-]+| (?:zero|oh|one|two|three|four|five|six|seven|eight|nine|\d+)\b)*)"
    r" at (?P<host>[\w-]+(?: (?:dash|hyphen) \w+)*(?: ?(?:dot|\.) ?\w+)+)"
)
_SIGNS = {
    "dot": ".",
    "point": ".",
    "period": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "plus": "+",
}


def find(low: str, pos: int, within: int) -> tuple[str, int, int] | None:
    """Return the first address in low[pos : pos + within] with its start and end; None where there is none."""
    end = min(len(low), pos + within + 80)
    written = _WRITTEN.search(low, pos, end)
    if written and written.start() <= pos + within:
        return written[0].rstrip("."), written.start(), written.end()
    if " at " not in low:
        return None
    spoken = _SPOKEN.search(low, pos, end)
    if spoken is None or spoken.start() > pos + within:
        return None
    user = "".join(_SIGNS.get(word, _digit(word)) for word in spoken["user"].split())
    host = "".join(_SIGNS.get(word, word) for word in spoken["host"].split())
    return f"{user}@{host}", spoken.start(), spoken.end()


def _digit(word: str) -> str:
    value = 0 if word == "oh" else numbers.number(word)
    return word if value is None else str(value)
