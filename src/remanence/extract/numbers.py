"""Numbers as people say and recognisers write them: in words, with ordinals, digit by digit."""

from __future__ import annotations

import re
from typing import cast

_UNITS = {
    word: value
    for value, word in enumerate(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen
        """.split()
    )
}
_TENS = {word: 10 * (i + 2) for i, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        """
        first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth
        """.split(),
        1,
    )
} | {"twentieth": 20, "thirtieth": 30}
_DIGITS = {"oh": "0", "o": "0", "nought": "0", "zero": "0"} | {
    word: str(value) for word, value in _UNITS.items() if value < 10
}
UNIT = "|".join(word for word, value in _UNITS.items() if 0 < value < 10)
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{UNIT}))?|{'|'.join(sorted(_UNITS, key=len, reverse=True))})"

NUMBER = rf"(?:\d{{1,3}}|(?:a|one) hundred(?: and {_BELOW_100})?|{_BELOW_100})"
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|(?:(?:twenty|thirty)[ -])?(?:{'|'.join(_ORDINALS)}))"
YEAR = (
    r"(?:(?:19|20)\d\d|'\d\d"
    rf"|(?:nineteen|twenty)(?: hundred)?(?: (?:oh|o))?[ -]{_BELOW_100}"
    rf"|two thousand(?: and)?(?: {_BELOW_100})?)"
)
_SPOKEN_DIGIT = r"(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine)"
_DIGIT_RUN = re.compile(
    rf"(?:\+|plus )?(?:\b(?:(?:double|triple|treble) )?{_SPOKEN_DIGIT}\b|\(?\d+\)?)"
    rf"(?:[\s.,/-]{{0,3}}(?:\b(?:(?:double|triple|treble) )?{_SPOKEN_DIGIT}\b|\(?\d+\)?))*"
)
_TWICE = {"double": 2, "triple": 3, "treble": 3}


def number(said: str) -> int | None:
    """Return a whole number below 1000 from digits or words ("forty-four"); None when it is none."""
    said = said.strip().replace("-", " ")
    if said.isascii() and said.isdigit():
        return int(said)
    total = 0
    for word in said.split():
        if word in _UNITS:
            total += _UNITS[word]
        elif word in _TENS:
            total += _TENS[word]
        elif word == "hundred":
            total = max(total, 1) * 100
        elif word not in ("a", "and"):
            return None
    return total if said else None


_IN_WORDS = re.compile(rf"\b(?:(?P<hundreds>{UNIT}) hundred|{_BELOW_100})\b", re.IGNORECASE)


def in_digits(said: str) -> str:
    """Return words with the numbers in them in digits: "type one diabetes", "Fiat five hundred"."""
    return _IN_WORDS.sub(lambda m: str(number(m[0].lower())), said)


def ordinal(said: str) -> int | None:
    """Return the number of an ordinal ("21st", "twenty first", "4"); None when it is none."""
    said = said.strip().replace("-", " ")
    digits = re.match(r"\d+", said)
    if digits:
        return int(digits[0])
    *tens, last = said.split() or [""]
    if last not in _ORDINALS:
        return None
    return _ORDINALS[last] + sum(_TENS.get(word, 0) for word in tens)


def year(said: str) -> int | None:
    """Return a year from digits or words ("nineteen eighty nine", "twenty oh four"); None when it is none."""
    said = said.strip().replace("-", " ").replace(" oh ", " ").replace(" o ", " ").replace(" hundred", "")
    if said.startswith("'"):
        short = int(said[1:])
        return short + (2000 if short < 30 else 1900)
    if said.isdigit():
        return int(said)
    if said.startswith("two thousand"):
        return 2000 + (number(said.removeprefix("two thousand").removeprefix(" and").strip() or "0") or 0)
    century, _, rest = said.partition(" ")
    low = number(rest)
    return None if low is None else number_of_century(century) + low


def number_of_century(word: str) -> int:
    """Return 1900 for "nineteen", 2000 for "twenty"."""
    return 1900 if word == "nineteen" else 2000


def digits(low: str, pos: int, within: int) -> tuple[str, int] | None:
    """Return the first run of five or more digits in low[pos : pos + within] and its end, spoken or written."""
    for run in _DIGIT_RUN.finditer(low, pos, min(len(low), pos + within + 80)):
        if run.start() > pos + within:
            return None
        found: list[str] = []
        times = 1
        for word in cast(list[str], re.findall(r"\d+|[a-z]+", run[0])):
            if word in _TWICE:
                times = _TWICE[word]
            elif word != "plus":
                found.append(_DIGITS.get(word, word) * times)
                times = 1
        joined = "".join(found)
        if 5 <= len(joined) <= 15:
            return joined, run.end()
    return None
