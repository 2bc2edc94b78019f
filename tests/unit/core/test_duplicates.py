"""What repeats a better memory is left out; what differs in a number, a negation or a fact stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zlib import crc32

import numpy as np
import pytest

from remanence.core.duplicates import repeated, same

LONG = (
    "yesterday evening {} the old blue car of our neighbour Marta stood for a while in front of that big red house "
    "by the river, where nobody has lived since spring"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My dog is Potola", "My dog is Potola"),
        ("My dog is Potola", "my dog is potola!"),
        ("It’s  late", "It's late"),
        ("🙂", "🙂"),
        ("東京に住んでいます", "東京に住んでいます。"),
        (LONG.format("um"), LONG.format("")),
        ("", ""),
    ],
)
def test_these_say_the_same(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I paid 50", "I paid 60"),
        ("I paid fifty", "I paid sixty"),
        ("I like it", "I don't like it"),
        ("I like tea", "I never like tea"),
        ("My dog is Potola", "My cat is Potola"),
        ("Ana owes Bob money", "Bob owes Ana money"),
        ("Take the pill before dinner", "Take the pill after dinner"),
        ("Turn on the light", "Turn off the light"),
        ("My sister is a nurse", "Your sister is a nurse"),
        ("I flew to Rome", "I flew from Rome"),
        ("🙂", "😡"),
        ("!!!", "???"),
        ("🙂", "hello"),
        ("yes", ""),
        (LONG.format("at 7"), LONG.format("at 8")),
        (LONG.format("not"), LONG.format("")),
        (LONG.format("didn't"), LONG.format("")),
        (LONG.format("dont"), LONG.format("")),
        (LONG.format("seven"), LONG.format("eight")),
        ("a b c d e f g h i j k", "l m n o p q r s t u v"),
    ],
)
def test_these_do_not(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


def codes_of(*words: int) -> np.ndarray:
    """Sign codes of 256 bits, (4, m), of which every word is the same."""
    return np.array([words] * 4, np.uint64).reshape(4, len(words))


FAR = 2**64 - 1


def said(texts: Sequence[str]) -> Callable[[Sequence[int]], list[tuple[str, str]]]:
    return lambda some: [("Ana", texts[i]) for i in some]


class TestRepeated:
    def test_the_better_one_stays(self) -> None:
        texts = ["dog", "cat", "Dog!", "cat", "dog"]
        assert repeated(codes_of(1, FAR, 1, FAR, 3), said(texts)) == {2, 3, 4}

    def test_texts_are_only_read_where_codes_are_alike(self) -> None:
        read: set[int] = set()

        def said_of(some: Sequence[int]) -> list[tuple[str, str]]:
            read.update(some)
            return [("Ana", "dog")] * len(some)

        assert repeated(codes_of(0, FAR, 2**32 - 1, 0), said_of) == {3}
        assert read == {0, 3}

    def test_alike_codes_alone_drop_nothing(self) -> None:
        assert repeated(codes_of(0, 0, 0, 0), said(["dog", "cat", "bird", "fish"])) == set()

    def test_nearly_the_same_in_all_bits_is_alike(self) -> None:
        codes = codes_of(0, 0)
        codes[1:, 1] = FAR  # only the first quarter is the same
        assert repeated(codes, said(["dog", "dog!"])) == set()
        codes[1:, 1] = 2**10 - 1
        assert repeated(codes, said(["dog", "dog!"])) == {1}

    def test_two_who_say_the_same_are_two(self) -> None:
        heard = [("Ana", "dog"), ("Bob", "dog"), ("Bob", "Dog!"), ("", "dog"), ("Ana", "dog")]
        assert repeated(codes_of(0, 0, 0, 0, 0), lambda some: [heard[i] for i in some]) == {2, 4}

    @pytest.mark.parametrize("n", [0, 1])
    def test_one_repeats_nobody(self, n: int) -> None:
        assert repeated(codes_of(*[0] * n), said(["dog"] * 90)) == set()

    def test_the_very_same_text_is_found_however_far_down(self) -> None:
        texts = [f"dog {i}" for i in range(500)] + ["dog 3", "dog 499"]
        codes = codes_of(*(crc32(text.encode()) << 32 | crc32(text.encode()[::-1]) for text in texts))
        assert repeated(codes, said(texts)) == {500, 501}

    def test_all_the_same_leaves_the_first(self) -> None:
        assert repeated(codes_of(*[0] * 90), said(["dog"] * 90)) == set(range(1, 90))

    def test_a_chain_of_repeats_leaves_one(self) -> None:
        texts = ["The dog", "the dog!", "dog", "so, the dog"]
        assert repeated(codes_of(0, 1, 3, 7), said(texts)) == {1, 2, 3}
