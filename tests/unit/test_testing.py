"""The stand-ins: a clock that obeys, and hashing whose sign knows nothing of its bucket."""

from __future__ import annotations

import numpy as np
import pytest

from remanence.testing import FakeClock, HashingEmbedder


def test_the_clock_stands_still_until_told() -> None:
    clock = FakeClock(start_ns=5)
    assert [clock(), clock()] == [5, 5]
    clock.advance(seconds=1.5)
    assert clock() == 1_500_000_005
    clock.advance(seconds=-1, ns=-5)
    assert clock() == 500_000_000


def test_the_clock_steps_after_each_reading() -> None:
    clock = FakeClock(start_ns=10, step_ns=3)
    assert [clock(), clock(), clock()] == [10, 13, 16]


@pytest.mark.parametrize("dim", [2, 7, 64, 256])
def test_signs_are_balanced_in_every_bucket(dim: int) -> None:
    embedder, n = HashingEmbedder(dim), 20_000
    signs: dict[int, list[int]] = {}
    for i in range(n):
        bucket, sign = embedder.place(f"word{i}")
        signs.setdefault(bucket, []).append(sign)
    assert sorted(signs) == list(range(dim))
    # Were the sign a function of the bucket, every mean would be ±1; under independence z is normal.
    z = [sum(found) / len(found) ** 0.5 for found in signs.values()]
    assert max(map(abs, z)) < 5
    expected = n / dim
    assert sum((len(found) - expected) ** 2 / expected for found in signs.values()) < dim + 6 * (2 * dim) ** 0.5


def test_inner_products_of_unrelated_texts_are_unbiased() -> None:
    embedder = HashingEmbedder(16)
    left = embedder.embed_batch([f"left{i} l{i} other{i}" for i in range(2000)])
    right = embedder.embed_batch([f"right{i} r{i} thing{i}" for i in range(2000)])
    assert abs(float(np.einsum("ij,ij->i", left, right).mean())) < 5 * 0.25 / 2000**0.5


def test_case_and_order_do_not_count_and_repetition_does() -> None:
    embedder = HashingEmbedder()
    np.testing.assert_array_equal(embedder.embed("My Dog"), embedder.embed("dog my"))
    assert not np.array_equal(embedder.embed("dog dog cat"), embedder.embed("dog cat"))


def test_a_dimension_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive, got 0"):
        HashingEmbedder(0)
