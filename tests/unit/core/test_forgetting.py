"""What a memory is worth: the shape of each curve, and closed forms against what they stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from remanence.core.forgetting import Activation, Curve, Lives, Weighted
from remanence.errors import InvalidInput


def lives(*rows: tuple[float, float, int, int, float]) -> Lives:
    return Lives(*(np.array(column, float) for column in zip(*rows, strict=True)))


CURVES = [Activation(), Weighted(), Weighted(answered=0.5)]


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_what_is_fresher_more_used_or_more_salient_is_worth_more(curve) -> None:
    plain, fresher, used, salient = curve.worth(
        lives((30, 20, 1, 0, 1), (30, 2, 1, 0, 1), (30, 20, 9, 9, 1), (30, 20, 1, 0, 2))
    )
    assert plain < min(fresher, used, salient)
    assert isinstance(curve, Curve)


def test_activation_is_the_mean_of_what_is_left_of_the_last_use() -> None:
    """A memory of a single use decays as t^-½; its mean over the horizon has the closed form."""
    (worth,) = Activation(horizon_days=30).worth(lives((5, 5, 0, 0, 1)))
    steps = np.linspace(5, 35, 200_001)
    assert worth == pytest.approx(np.trapezoid(steps**-0.5, steps) / 30, rel=1e-6)


def test_activation_of_earlier_uses_is_spread_evenly_over_its_age() -> None:
    """Petrov's form puts n uses evenly between first and last: their mean, now and over the horizon."""
    once, often = Activation(horizon_days=30).worth(lives((64, 4, 0, 0, 1), (64, 4, 6, 0, 1)))
    assert often - once == pytest.approx(6 * 2 / (math.sqrt(94) + math.sqrt(34)))


def test_weighted_halves_with_its_half_life_and_takes_its_weights() -> None:
    curve = Weighted(recency=1, frequency=0, salience=0, half_life_days=7)
    assert curve.worth(lives((7, 7, 3, 0, 1), (14, 14, 0, 0, 5))).tolist() == [0.5, 0.25]
    only = Weighted(recency=0, frequency=0, salience=0, answered=2)
    assert only.worth(lives((1, 1, 9, 0, 1), (1, 1, 9, 3, 1))).tolist() == [0, 2]


@pytest.mark.parametrize("curve", CURVES, ids=repr)
def test_none_and_the_unborn_are_worth_a_number(curve) -> None:
    assert curve.worth(Lives(*(np.empty(0) for _ in range(5)))).shape == (0,)
    assert np.isfinite(curve.worth(lives((0, 0, 0, 0, 1)))).all()


@pytest.mark.parametrize(
    ("curve", "given"),
    [
        (Activation, {"horizon_days": 0}),
        (Weighted, {"recency": -1}),
        (Weighted, {"half_life_days": 0}),
        (Weighted, {"answered": math.nan}),
    ],
)
def test_what_cannot_be_a_curve_is_refused(curve, given) -> None:
    with pytest.raises(InvalidInput, match=next(iter(given))):
        curve(**given)
