"""What the codes pass by, and what 8 bits cost, against all cosines in float64."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from remanence.index.eight_bits import EXACT_ROWS, EightBitIndex

Vectors = NDArray[np.float32]


def unit(vectors: NDArray[np.floating]) -> Vectors:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def scattered(n: int, dim: int, seed: int) -> Vectors:
    return unit(np.random.default_rng(seed).standard_normal((n, dim)))


def clustered(n: int, dim: int, seed: int) -> Vectors:
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((50, dim))
    return unit(centres[rng.integers(0, 50, n)] + 0.5 * rng.standard_normal((n, dim)))


def index_of(vectors: Vectors) -> EightBitIndex:
    index = EightBitIndex(vectors.shape[1], len(vectors))
    for row, vector in enumerate(vectors):
        index.put(row, vector)
    return index


@pytest.mark.parametrize("made", [scattered, clustered])
@pytest.mark.parametrize("n", [500, EXACT_ROWS + 3000])
def test_the_nearest_are_those_of_exact_arithmetic(made: object, n: int) -> None:
    assert callable(made)
    vectors, queries = made(n, 96, 1), made(20, 96, 2)
    index = index_of(vectors)
    found = 0
    for query in queries:
        exact = vectors.astype(np.float64) @ query
        rows, cosines = index.nearest(query, np.ones(n, np.bool_), 10)
        assert np.abs(cosines - exact[rows]).max() < 0.005
        assert (np.diff(cosines) <= 0).all()
        found += len(set(rows.tolist()) & set((-exact).argsort()[:10].tolist()))
    assert found >= 190


@pytest.mark.parametrize("n", [300, EXACT_ROWS * 4])
def test_only_eligible_rows_are_found_and_all_of_them_where_there_are_few(n: int) -> None:
    vectors = clustered(n, 64, 3)
    eligible = np.arange(n) % 3 == 1
    index = index_of(vectors)
    rows, _ = index.nearest(vectors[1], eligible, 20)
    assert rows[0] == 1
    assert len(rows) == 20
    assert eligible[rows].all()
    few = np.zeros(n, np.bool_)
    few[[5, 17, 20]] = True
    assert sorted(index.nearest(vectors[0], few, 20)[0].tolist()) == [5, 17, 20]


def test_codes_rule_out_what_is_far() -> None:
    n = EXACT_ROWS * 2
    vectors = clustered(n, 96, 4)
    assert len(index_of(vectors)._not_ruled_out(vectors[0], np.ones(n, np.bool_), 10)) < n // 4


def test_growing_keeps_what_is_there() -> None:
    vectors = scattered(10, 7, 5)
    index = EightBitIndex(7, 4)
    for row, vector in enumerate(vectors):
        if row == 4:
            index.reserve(16)
        index.put(row, vector)
    whole = index_of(vectors)
    assert (index.cosine(vectors[0], slice(0, 10)) == whole.cosine(vectors[0], np.arange(10))).all()
    assert (index.codes[:, :10] == whole.codes).all()


@pytest.mark.parametrize("scale", [1e-25, 1.0, 1e37])
def test_length_makes_no_difference(scale: float) -> None:
    vectors = scattered(8, 33, 6)
    plain, scaled = index_of(vectors), index_of(vectors * np.float32(scale))
    assert np.allclose(plain.cosine(vectors[0], slice(0, 8)), scaled.cosine(vectors[0], slice(0, 8)), atol=2e-3)
    assert (plain.codes == scaled.codes).mean() > 0.9
