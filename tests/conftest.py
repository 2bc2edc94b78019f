"""Fixtures that several kinds of test share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of evaluation data, which is not part of the project; without it the test is skipped."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    found = Path(os.environ.get("REMANENCE_SHARED_DATA") or beside)
    if not found.is_dir():
        pytest.skip(f"no evaluation data at {found}; set REMANENCE_SHARED_DATA")
    return found
