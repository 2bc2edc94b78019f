"""The shipped weights of the ranking and of confidence, made by tools/train_ranker.py."""

from __future__ import annotations

from pathlib import Path

import msgspec

from remanence.core.confidence import Trust
from remanence.core.ranking import Weights

_DATA = Path(__file__).parent / "data"
WEIGHTS_PATH = _DATA / "weights.json"
TRUST_PATH = _DATA / "confidence.json"

WEIGHTS = msgspec.json.decode(WEIGHTS_PATH.read_bytes(), type=Weights)
TRUST = msgspec.json.decode(TRUST_PATH.read_bytes(), type=Trust)
