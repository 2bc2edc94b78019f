"""Two opinions into one order: whatever the scale, nothing lost, nobody ahead of one both put first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.core.blending import blended

SCORES = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=70)


@given(st.data(), SCORES)
def test_it_is_a_permutation(data: st.DataObject, fast: list[float]) -> None:
    deep = data.draw(
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=len(fast), max_size=len(fast))
    )
    assert sorted(blended(np.float32(fast), np.float32(deep)).tolist()) == list(range(len(fast)))


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (1e-30, 0), (1e30, 0), (3, -100)])
def test_the_scale_of_the_slower_model_does_not_matter(scale: float, shift: float) -> None:
    fast = np.float32([0.9, 0.8, 0.7, 0.1])
    deep = np.float32([0, 1, 2, 8])
    assert blended(fast, deep * np.float32(scale) + np.float32(shift)).tolist() == blended(fast, deep).tolist()


def test_the_weight_says_who_is_heard() -> None:
    fast, deep = np.float32([3, 2, 1]), np.float32([1, 2, 3])
    assert blended(fast, deep, 0).tolist() == [0, 1, 2]
    assert blended(fast, deep, 1).tolist() == [2, 1, 0]
    assert blended(fast, deep).tolist() == [0, 1, 2]


def test_it_decides_where_the_ranker_does_not() -> None:
    assert blended(np.float32([1, 1, 1]), np.float32([5, 7, 6])).tolist() == [1, 2, 0]


def test_a_model_without_an_opinion_changes_nothing() -> None:
    assert blended(np.float32([3, 2, 1]), np.float32([7, 7, 7])).tolist() == [0, 1, 2]
    assert blended(np.float32([0, 0]), np.float32([0, 0])).tolist() == [0, 1]
