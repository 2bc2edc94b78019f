"""Numbers, dates, telephone numbers and addresses, as people say them and recognisers write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.extract import addresses, dates, numbers
from remanence.extract.values import Kind, read
from remanence.extract.wording import plain

AT = int(datetime(2024, 11, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000_000  # a Wednesday


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("17 august 1976", "1976-08-17"),
        ("august 17th, 1976", "1976-08-17"),
        ("the 3rd of november", "--11-03"),
        ("the twenty first of april nineteen eighty nine", "1989-04-21"),
        ("march nineteen ninety two", "1992-03"),
        ("23/11/1987", "1987-11-23"),
        ("11/23/1987", "1987-11-23"),
        ("1990-05-04", "1990-05-04"),
        ("two thousand and four", "2004"),
        ("july", "--07"),
        ("christmas day", "--12-25"),
        ("tomorrow", "--11-07"),
        ("this very day in 1988", "1988-11-06"),
        ("day after tomorrow", "--11-08"),
        ("this sunday", "--11-10"),
        ("next friday", "--11-15"),
        ("last friday", "--11-01"),
        ("in two weeks", "--11-20"),
        ("three days ago", "--11-03"),
    ],
)
def test_dates(said: str, date: str) -> None:
    found = dates.find(said, 0, AT)
    assert found is not None
    assert found[0] == date


@pytest.mark.parametrize("said", ["the 4th", "40/40/2000", "leeds", "", "some day"])
def test_no_dates(said: str) -> None:
    assert dates.find(said, 0, AT) is None


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("since 2019", "2019-01-01"),
        ("last march", "2024-03-01"),
        ("in december", "2023-12-01"),
        ("two years ago", "2022-11-07"),
    ],
)
def test_since_when(said: str, day: str) -> None:
    ns = dates.since(said, 0, AT)
    assert ns is not None
    assert dates.day_of(ns).isoformat() == day


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("07700 900146", "07700900146"),
        ("555-0172", "5550172"),
        ("+353 20 915 0143", "353209150143"),
        ("oh seven seven double oh nine double oh six two one", "07700900621"),
        ("five five five zero one nine eight", "5550198"),
        ("ready, 0161 496 0 0 1 5, got it", "01614960015"),
    ],
)
def test_telephone_numbers(said: str, digits: str) -> None:
    found = numbers.digits(said, 0, 24)
    assert found is not None
    assert found[0] == digits


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("helen.marsh@example.com.", "helen.marsh@example.com"),
        ("jo dot baker at example dot com", "jo.baker@example.com"),
        ("fatima nine two at example dot org", "fatima92@example.org"),
        ("lars dash berg at example dot net", "lars-berg@example.net"),
        ("t underscore okafor at example dot co dot uk", "t_okafor@example.co.uk"),
    ],
)
def test_addresses(said: str, address: str) -> None:
    found = addresses.find(said, 0, 24)
    assert found is not None
    assert found[0] == address


@pytest.mark.parametrize(
    ("words", "value"),
    [("44", 44), ("forty-four", 44), ("ninety four", 94), ("a hundred and two", 102), ("seven", 7), ("many", None)],
)
def test_numbers_in_words(words: str, value: int | None) -> None:
    assert numbers.number(words) == value


@pytest.mark.parametrize(
    ("kind", "said", "objects"),
    [
        ("place", "leeds and i love it", ["leeds"]),
        ("place", "a small village called Grasmere", ["Grasmere"]),
        ("place", "a tiny flat", []),
        ("organisation", "the Bank of England as a clerk", ["Bank of England"]),
        ("organisation", "night", []),
        ("school", "the university of leeds and", ["university of leeds"]),
        ("school", "bed at ten", []),
        ("job", "a paediatric nurse so", ["paediatric nurse"]),
        ("job", "a night owl", []),
        ("allergen", "peanuts, eggs and milk so no cake", ["peanuts", "eggs", "milk"]),
        ("allergen", "peanuts and carry an epipen", ["peanuts"]),
        ("allergen", "mondays", []),
        ("language", "spanish and a bit of polish", ["spanish", "polish"]),
        ("language", "from experience", []),
        ("medicine", "fifty milligrams of sertraline with breakfast", ["sertraline"]),
        ("medicine", "the bus every morning", []),
        ("illness", "type 2 diabetes and a cold", ["type 2 diabetes"]),
        ("breed", "a grumpy old border collie who", ["border collie"]),
        ("car", "a blue skoda and it's broken", ["blue skoda"]),
        ("car", "my flatmates crazy", []),
        ("age", "forty-four, for what it's worth", ["44"]),
        ("age", "10 minutes late", []),
        ("diet", "a vegetarian", ["vegetarian"]),
        ("marital", "happily married", ["married"]),
        ("belonging", "two cats and a very smug tortoise", ["2 cats", "tortoise"]),
    ],
)
def test_values(kind: Kind, said: str, objects: list[str]) -> None:
    assert [value.object for value in read(kind, plain(said), 0, AT)] == objects
