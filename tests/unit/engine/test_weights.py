"""The shipped weights: all there, all finite, and a file that says anything else is refused."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import msgspec
import pytest

from remanence.core.ranking import Weights
from remanence.engine import weights
from remanence.engine.weights import WEIGHTS
from remanence.types import SIGNALS

FILE = Path(weights.__file__).parent / "data" / "weights.json"
TOLD = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_tells_every_signal_and_nothing_else() -> None:
    assert set(TOLD) == {*SIGNALS, "slope", "offset"}
    assert set(Weights.__struct_fields__) == set(TOLD)


def test_the_file_is_what_is_used() -> None:
    assert {name: getattr(WEIGHTS, name) for name in TOLD} == TOLD
    assert all(isfinite(value) for value in TOLD.values())


def test_a_higher_score_is_a_better_one() -> None:
    assert WEIGHTS.slope > 0
    assert min(WEIGHTS.lexical, WEIGHTS.semantic, WEIGHTS.coverage, WEIGHTS.related, WEIGHTS.answers) >= 0
    assert max(WEIGHTS.crowding, WEIGHTS.length) <= 0


@pytest.mark.parametrize(
    "told",
    [TOLD | {"lexcial": 1.0}, TOLD | {"slope": "steep"}, TOLD | {"lexical": None}, [1.0], None],
    ids=["a misspelt one", "a word", "null", "a list", "nothing"],
)
def test_a_file_that_says_anything_else_is_refused(told: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(told), type=Weights)
