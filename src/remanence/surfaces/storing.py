"""One turn of a file into a memory: the only place where the two are matched field by field."""

from __future__ import annotations

from remanence.engine.memory import Memory
from remanence.surfaces.datasets import Turn
from remanence.types import Receipt, datetime_of


def store_turn(memory: Memory, turn: Turn) -> Receipt:
    """Add a turn. What the file does not say is left to the memory's own defaults."""
    return memory.add(
        turn.text,
        speaker=turn.speaker or None,
        role=turn.role or None,
        at=None if turn.at_ns is None else datetime_of(turn.at_ns),
        session=turn.session or None,
        id=turn.id or None,
        metadata=turn.metadata or None,
    )
