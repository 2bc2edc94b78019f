"""Vectors of a namespace: cosines exact to one percent, codes the same on every machine for ever."""

from __future__ import annotations

import numpy as np
import pytest

from remanence.index.flat import CODE_BITS, FlatIndex, projection

DIMS = [64, 100, 128, 256, 384, 768]


def unit_vectors(n: int, dim: int, seed: int = 5) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def index_of(vectors: np.ndarray) -> FlatIndex:
    index = FlatIndex(vectors.shape[1], len(vectors))
    for row, vector in enumerate(vectors):
        index.put(row, vector)
    return index


def between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A query halfway between two vectors: near both, far from the rest."""
    return ((one + other) / np.linalg.norm(one + other)).astype(np.float32)


@pytest.mark.parametrize("dim", DIMS)
def test_cosines_are_exact_to_about_one_percent(dim: int) -> None:
    vectors = unit_vectors(300, dim)
    index = index_of(vectors)
    queries = [between(vectors[i], vectors[i - 1]) for i in range(0, 300, 25)]
    errors = np.array([index.cosine(query, slice(0, 300)) - vectors @ query for query in queries])
    assert np.sqrt((errors**2).mean()) < 0.015
    assert abs(errors.mean()) < 0.002
    assert np.abs(errors).max() < 0.06


@pytest.mark.parametrize("dim", DIMS)
def test_so_are_those_of_vectors_of_mostly_zeros(dim: int) -> None:
    """As a bag of words gives, or a function of the caller's."""
    draw = np.random.default_rng(2)
    vectors = np.zeros((200, dim), np.float32)
    for vector in vectors:
        vector[draw.integers(0, dim, 4)] = draw.choice([-1, 1], 4)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = index_of(vectors)
    errors = np.array([index.cosine(vector, slice(0, 200)) - vectors @ vector for vector in vectors])
    assert np.sqrt((errors**2).mean()) < 0.0125
    assert np.abs(errors).max() < 0.06


def test_some_rows_or_all_of_them_give_the_same() -> None:
    vectors = unit_vectors(40, 64)
    index = index_of(vectors)
    rows = np.array([39, 0, 7, 7])
    assert (index.cosine(vectors[3], rows) == index.cosine(vectors[3], slice(0, 40))[rows]).all()
    assert index.cosine(vectors[3], slice(0, 0)).shape == (0,)
    assert index.cosine(vectors[3], np.array([], np.intp)).shape == (0,)


@pytest.mark.parametrize("dim", DIMS)
def test_the_first_look_errs_as_little_as_it_says(dim: int) -> None:
    vectors = unit_vectors(400, dim)
    index = index_of(vectors)
    errors = np.concatenate(
        [
            index.approximate(query, 400) - vectors @ query
            for i in range(0, 400, 20)
            for query in [between(vectors[i], vectors[i - 1])]
        ]
    )
    assert np.sqrt((errors**2).mean()) < 0.11
    assert abs(errors.mean()) < 0.01
    assert np.abs(errors).max() < 0.5


def test_the_first_look_at_oneself_is_certain() -> None:
    vectors = unit_vectors(8, 128)
    index = index_of(vectors)
    for row, vector in enumerate(vectors):
        assert index.approximate(vector, 8)[row] == pytest.approx(1)
        assert index.approximate(-vector, 8)[row] == pytest.approx(-1, abs=0.01)


def test_the_first_look_stops_where_it_is_told() -> None:
    vectors = unit_vectors(8, 64)
    index = index_of(vectors)
    assert index.approximate(vectors[0], 0).shape == (0,)
    assert (index.approximate(vectors[0], 3) == index.approximate(vectors[0], 8)[:3]).all()


def test_making_room_keeps_what_is_there() -> None:
    vectors = unit_vectors(20, 100)
    index = index_of(vectors[:16])
    index.reserve(20)
    for row in range(16, 20):
        index.put(row, vectors[row])
    whole = index_of(vectors)
    for query in vectors:
        assert (index.cosine(query, slice(0, 20)) == whole.cosine(query, slice(0, 20))).all()
    assert (index.codes == whole.codes).all()
    assert index.nbytes == whole.nbytes >= index.codes.nbytes + 20 * 50


def test_a_zero_vector_is_far_from_everything() -> None:
    index = index_of(np.vstack([unit_vectors(3, 64), np.zeros((1, 64), np.float32)]))
    assert index.cosine(np.zeros(64, np.float32), slice(0, 4)).tolist() == [0, 0, 0, 0]
    assert index.cosine(unit_vectors(1, 64)[0], slice(3, 4)).tolist() == [0]


# Codes are on disk and in memory of other processes: were these to change, every snapshot would be wrong.
def ramp(dim: int) -> np.ndarray:
    """Whole numbers without a pattern, so that no machine rounds a sum of them."""
    return ((np.arange(dim) * 37 + 11) % 101 - 50).astype(np.float32)


FROZEN = {
    8: "1b1b1b1b1b1b1b1bb7b7b7b7b7b7b7b7dededededededededbdbdbdbdbdbdbdb",
    128: "0ecbb980bb08491a7153f25cb2589380a2dd341cd944867b0e9e649e95db03dc",
    384: "122ef7e3d3e7de8a179cdba5661683597b62b42351f2da902ff0580d48925310",
}


@pytest.mark.parametrize("dim", FROZEN)
def test_codes_never_change(dim: int) -> None:
    assert FlatIndex(dim).code(ramp(dim)).tobytes().hex() == FROZEN[dim]


def code_by_definition(vector: list[float]) -> str:
    """The code written out: signs of sums over signed rows of Hadamard matrices, most significant bit first."""
    dim = len(vector)
    size = 64
    while size < dim:
        size *= 2
    n_blocks = -(-CODE_BITS // size)
    state, flips = 88172645463325252, []
    for _ in range(n_blocks * size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        flips.append(1 if state >> 63 else -1)
    rows = [(block, i) for block in range(n_blocks) for i in range(size)]
    if size > CODE_BITS:
        rows = rows[:: size // CODE_BITS]
    bits = ""
    for block, i in rows[:CODE_BITS]:
        total = sum(flips[block * size + j] * (-1) ** (i & j).bit_count() * value for j, value in enumerate(vector))
        bits += "1" if total > 0 else "0"
    return int(bits, 2).to_bytes(CODE_BITS // 8, "big").hex()


@pytest.mark.parametrize("dim", [1, 5, 64, 65, 128, 200, 384, 600])
def test_codes_are_those_of_the_definition(dim: int) -> None:
    assert FlatIndex(dim).code(ramp(dim)).tobytes().hex() == code_by_definition(ramp(dim).tolist())


@pytest.mark.parametrize("dim", [64, 128, 256])
def test_the_directions_of_a_block_are_at_right_angles(dim: int) -> None:
    rows = projection(dim)
    assert rows.shape == (CODE_BITS, dim)
    assert (np.abs(rows) == 1).all()
    for start in range(0, CODE_BITS, dim):
        block = rows[start : start + dim]
        assert (block @ block.T == dim * np.eye(dim)).all()
