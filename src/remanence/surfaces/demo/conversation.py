"""The conversation that ships with the package: a household, nine months, and questions about it."""

from __future__ import annotations

from pathlib import Path

from remanence.surfaces.datasets import Conversation, read

PATH = Path(__file__).with_name("household.jsonl")


def household() -> Conversation:
    """Return the shipped conversation with its questions."""
    return read(PATH).conversations[0]
