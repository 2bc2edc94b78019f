"""Ids for turns that came without one, the same each time the same file is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import msgspec

from remanence.surfaces.datasets.model import Turn

_N_HEX = 20  # 80 bits: a collision among a billion turns has odds of one in two million


def with_stable_ids(turns: Iterable[Turn], prefix: str = "") -> Iterator[Turn]:
    """Yield the turns, each with an id: its own, or one made of what was said, by whom, where and when.

    The id of a turn does not move when others are added around it; the second time the very same
    thing is said in a session, it is numbered.

    Args:
        turns: in order.
        prefix: put before every id, to keep several conversations in one namespace apart.
    """
    seen: dict[str, int] = {}
    for turn in turns:
        given = turn.id
        if not given:
            said = msgspec.json.encode((turn.session, turn.speaker, turn.role, turn.at_ns, turn.text))
            given = "t" + hashlib.sha256(said).hexdigest()[:_N_HEX]
            seen[given] = seen.get(given, 0) + 1
            if seen[given] > 1:
                given = f"{given}-{seen[given]}"
        yield msgspec.structs.replace(turn, id=prefix + given)
