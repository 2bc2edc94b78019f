"""Confidence: by the best score and how far it stands out, whatever the size of the memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.core.confidence import LOOKED_AT, Trust, confidence, lead
from remanence.engine.weights import TRUST

SCORES = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=60).map(lambda found: sorted(found, reverse=True))
EITHER = Trust(top=0.5, lead=4.0, offset=-1.0, also_ran=2.0, least=0.3)


def of(scores: list[float]) -> np.ndarray:
    return np.array(scores, np.float32)


@given(SCORES)
def test_it_is_the_logistic_of_the_best_and_its_share(scores: list[float]) -> None:
    among = [*scores[:LOOKED_AT], *[EITHER.also_ran] * (LOOKED_AT - len(scores))]
    share = 1 / sum(math.exp((score - scores[0]) / 2) for score in among)
    assert lead(of(scores), EITHER.also_ran) == pytest.approx(share, rel=1e-4)
    logit = EITHER.top * scores[0] + EITHER.lead * share + EITHER.offset
    assert confidence(of(scores), EITHER) == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-4)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scores", [[-1e4], [1e4], [1e4] * 50, [1e4, -1e4], [0.0]], ids=str)
def test_no_score_is_too_high_or_too_low(scores: list[float]) -> None:
    assert 0 <= confidence(of(scores), TRUST) <= 1
    assert 0 < lead(of(scores), TRUST.also_ran) <= 1


def test_where_nothing_was_found_there_is_none() -> None:
    assert confidence(of([]), TRUST) == 0.0


def test_what_comes_after_those_looked_at_makes_no_difference() -> None:
    best = [9.0 - i / 10 for i in range(LOOKED_AT)]
    assert confidence(of(best + [5.0] * 100), TRUST) == confidence(of(best), TRUST)


def test_one_that_stands_out_is_surer_than_one_of_many() -> None:
    assert confidence(of([8.0] + [3.0] * 40), TRUST) > confidence(of([8.0] * 40), TRUST)
    assert confidence(of([8.0] + [3.0] * 40), TRUST) > confidence(of([4.0] + [3.0] * 40), TRUST)


def test_a_memory_of_one_is_not_sure_of_anything() -> None:
    assert confidence(of([0.5]), TRUST) < TRUST.least < confidence(of([9.0] + [2.0] * 40), TRUST)
