"""The ranking formula: parts that sum to the whole, and a calibration that keeps the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.core.ranking import SIGNALS, Weights, better_of_same, calibrated, contributions, raw, total

WEIGHTS = Weights(**{name: 0.1 * i - 0.5 for i, name in enumerate(SIGNALS)}, slope=0.6, offset=-3.0)


def named(weighted: list[list[float]]) -> list[dict[str, float]]:
    return [dict(zip(SIGNALS, row, strict=True)) for row in weighted]


def signals_of(n: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 2, (len(SIGNALS), n)).astype(np.float32)


def test_a_weight_that_is_not_told_is_nothing() -> None:
    assert not Weights().vector().any()
    assert Weights(window=2.0).vector().tolist() == [2.0 * (name == "window") for name in SIGNALS]


def test_every_signal_has_its_weight_in_its_place() -> None:
    weights = Weights(**{name: float(i) for i, name in enumerate(SIGNALS)})
    assert weights.vector().tolist() == [float(i) for i in range(len(SIGNALS))]
    assert weights.vector().dtype == np.float32


@pytest.mark.parametrize("n", [0, 1, 7, 200])
def test_contributions_sum_to_the_score(n: int) -> None:
    signals, weights = signals_of(n), WEIGHTS.vector()
    parts = named(contributions(signals, weights))
    assert all(tuple(part) == SIGNALS for part in parts)
    assert [sum(part.values()) for part in parts] == pytest.approx(total(signals, weights).tolist(), abs=1e-5)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_moves_the_score_by_its_weight_and_no_other_part(name: str) -> None:
    at, weights = SIGNALS.index(name), np.arange(1, len(SIGNALS) + 1, dtype=np.float32)
    before = signals_of(5)
    after = before.copy()
    after[at] += 1
    assert total(after, weights) - total(before, weights) == pytest.approx(weights[at], abs=1e-4)
    for old, new in zip(named(contributions(before, weights)), named(contributions(after, weights)), strict=True):
        assert {part for part in SIGNALS if old[part] != new[part]} == {name}


def test_a_turn_by_itself_is_words_and_meaning() -> None:
    lexical = np.array([0, 1, 0, 1], np.float32)
    cosine = np.array([0, 0, 1, -1], np.float32)
    nothing, words, meaning, opposed = raw(lexical, cosine).tolist()
    assert (nothing, words, opposed) == (0, 1, 1), "a negative cosine is no evidence against"
    assert 0 < meaning < words
    assert (raw(lexical, cosine / 2)[2], raw(lexical / 2, cosine)[1]) == pytest.approx((meaning / 2, words / 2))


def test_what_a_raw_score_is_made_of_is_never_written_over() -> None:
    lexical, cosine = np.array([0.25], np.float32), np.array([-0.5], np.float32)
    raw(lexical, cosine)
    assert (lexical[0], cosine[0]) == (0.25, -0.5)


class TestCrowding:
    @given(st.lists(st.integers(0, 5), max_size=60))
    def test_it_counts_the_better_ones_of_the_same_group(self, groups: list[int]) -> None:
        found = better_of_same(np.array(groups, np.uint32)).tolist()
        assert found == [groups[:i].count(group) for i, group in enumerate(groups)]

    def test_of_nothing_there_is_nothing(self) -> None:
        assert better_of_same(np.zeros(0, np.uint32)).tolist() == []

    def test_in_one_group_it_is_the_rank(self) -> None:
        assert better_of_same(np.full(5, 2**32 - 1, np.uint32)).tolist() == [0, 1, 2, 3, 4]

    def test_where_no_two_are_of_a_group_it_is_nothing(self) -> None:
        assert better_of_same(np.array([7, 3, 2**32 - 1, 0], np.uint32)).tolist() == [0, 0, 0, 0]


class TestCalibration:
    def test_it_keeps_the_order(self) -> None:
        scores = np.linspace(-4, 8, 5001, dtype=np.float32)
        found = calibrated(scores, WEIGHTS)
        assert (np.diff(found) >= 0).all()
        assert (np.diff(calibrated(np.linspace(-0.5, 1.5, 201, dtype=np.float32), WEIGHTS)) > 0).all()

    @pytest.mark.filterwarnings("error")
    @pytest.mark.parametrize("score", [-1e6, -50.0, -1.0, 0.0, 1.0, 14.0, 15.0, 50.0, 1e6])
    def test_it_stays_within_zero_and_one(self, score: float) -> None:
        (found,) = calibrated(np.array([score], np.float32), WEIGHTS).tolist()
        assert 0 <= found <= 1
        assert abs(score) < 20 or found == pytest.approx(float(score > 0), abs=1e-6)

    def test_it_is_the_fitted_logistic(self) -> None:
        weights = Weights(slope=2.0, offset=-1.0)
        assert calibrated(np.array([0.5], np.float32), weights)[0] == pytest.approx(0.5)
        assert calibrated(np.array([1.5], np.float32), weights)[0] == pytest.approx(1 / (1 + np.exp(-2)))

    def test_nothing_gives_nothing(self) -> None:
        assert calibrated(np.zeros(0, np.float32), WEIGHTS).shape == (0,)
