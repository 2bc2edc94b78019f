"""Laws of the token counter that the packer relies on."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remanence.core.tokens import estimate, estimate_fine, utf8_bound

COUNTERS = [estimate, estimate_fine]
anything = st.text(st.characters(), max_size=300)  # every code point, lone surrogates too
realistic = st.lists(
    st.sampled_from(
        "the I dog's Potola NASA getItem 2031-04-09 3.14 \\frac { ( !! — é żółć 日本 🐶 qzxvkj \t".split(" ")
    ),
    max_size=40,
).map(" ".join)
texts = anything | realistic | st.text("ab AB\n09!\t'\\é日🐶", max_size=80)


@pytest.mark.parametrize("counter", COUNTERS)
@given(a=texts, b=texts)
@example(a="", b="")
@example(a="Q", b="a long enough line of common words")
@example(a="a!", b="!a")
def test_joining_with_a_line_break_adds_one(counter, a, b):
    assert counter(a + "\n" + b) == counter(a) + counter(b) + 1


@pytest.mark.parametrize("counter", COUNTERS)
@given(lines=st.lists(texts, min_size=1, max_size=8))
def test_a_context_costs_its_lines_and_its_line_breaks(counter, lines):
    assert counter("\n".join(lines)) == sum(map(counter, lines)) + len(lines) - 1


@pytest.mark.parametrize("counter", COUNTERS)
@given(text=texts)
@example(text="!" * 50)
@example(text="\u2014" * 50)
@example(text="Q Q Q Q")
@example(text="'a'a'a'a")
def test_never_more_than_the_bytes_and_never_nothing_for_something(counter, text):
    assert (1 if text else 0) <= counter(text) <= utf8_bound(text)


@given(text=texts)
def test_the_bound_is_the_length_of_the_encoding(text):
    assert utf8_bound(text) == len(text.encode("utf-8", "surrogatepass"))
