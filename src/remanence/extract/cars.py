"""What somebody drives, by its make or model, with the colour before and the number after it."""

from __future__ import annotations

import re

from remanence.extract import numbers
from remanence.extract.phrases import Span, Value, headed, lows, phrase, value
from remanence.extract.wording import Said
from remanence.extract.words import forms, parts

_CAR_HEDGE = re.compile(
    r"(?:(?:a|an|the|my|our|myself|ourselves|him|her|himself|herself|brand new|new|used|second[- ]hand|secondhand) )*"
)
_SERIES = re.compile(
    rf" (?:(?:{numbers.UNIT}) (?:hundred|oh \w+|series)\b"
    r"|\d+(?: series)?\b(?! (?:years?|days?|months?|weeks?|times?|hours?|miles)\b))"
)
_PAINT = frozenset("red blue green black white grey gray silver yellow orange purple brown gold old little big".split())


def car(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read a car by its make or model: "a red mini cooper", whole."""
    hedge = _CAR_HEDGE.match(said.low, pos)
    spans = phrase(said, hedge.end() if hedge else pos, 5)
    known = len(headed(said, spans, forms("cars")))
    series = _SERIES.match(said.low, spans[known - 1][1]) if known else None
    if series:  # "a fiat five hundred"
        made = Value(numbers.in_digits(said.text[spans[0][0] : series.end()]), series.end())
        return [made] if parts("cars").union(_PAINT).issuperset(lows(said, spans[: known - 1])) else []
    if known and known < len(spans) and _is_model(said, spans[known]):  # "a Volvo V60"
        known += 1
    names = [said.low[slice(*span)] for span in spans[: max(known - 1, 0)] if said.text[span[0]].isupper()]
    strange = not parts("cars").issuperset(names) or said.low[slice(*spans[0])] in _NOT_OWNED if spans else True
    return [value(said, spans)] if known and known == len(spans) and not strange else []


_NOT_OWNED = frozenset("standard compact rental hire".split())  # what the desk at an airport has


def _is_model(said: Said, span: Span) -> bool:
    return said.text[span[0]].isupper() or any(letter.isdigit() for letter in said.low[slice(*span)])
