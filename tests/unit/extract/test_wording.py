"""Casual wording made plain: what is written out, what is dropped, and what is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.extract.wording import plain


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("I'm here", "I am here"),
        ("im here", "i am here"),
        ("My fave colour", "My favorite colour"),
        ("umm so i'm, i'm livin in uh tucson rn", "so i am living in tucson now"),
        ("i take, um, metformin", "i take metformin"),
        ("i have like, two kids", "i have two kids"),
        ("i'm a- i go to UCLA", "i go to UCLA"),
        ("I go 2 Westbrook", "I go to Westbrook"),
        ("it's name is Rex", "its name is Rex"),
        ("he said “you live in Leeds now” and left", 'he said "" and left'),
        ("five five five oh one", "five five five oh one"),
        ("plan B & C", "plan B and C"),
    ],
)
def test_plain(said: str, meant: str) -> None:
    assert plain(said).text == meant


@pytest.mark.parametrize(
    ("said", "cased"), [("i live in leeds", False), ("I live in leeds", False), ("In Leeds", True)]
)
def test_a_text_with_capitals_beyond_i_is_told(said: str, cased: bool) -> None:
    assert plain(said).cased is cased


@given(st.text(max_size=80))
def test_positions_are_the_same_in_both(text: str) -> None:
    said = plain(text)
    assert len(said.text) == len(said.low)
