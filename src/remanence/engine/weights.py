"""The shipped weights of the ranking, made by tools/train_ranker.py."""

from __future__ import annotations

from pathlib import Path

import msgspec

from remanence.core.ranking import Weights

PATH = Path(__file__).parent / "data" / "weights.json"
WEIGHTS = msgspec.json.decode(PATH.read_bytes(), type=Weights)
