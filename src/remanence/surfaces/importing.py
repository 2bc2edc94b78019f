"""Files into a namespace, so that it can be stopped at any moment and run again.

The store itself is the cursor: a turn whose id it holds is passed over, so nothing is stored twice and
no file beside the store can disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from remanence.engine.state import default_seq
from remanence.engine.store import Store
from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Problem, Reading, Turn, with_stable_ids
from remanence.surfaces.datasets.shape import is_object
from remanence.surfaces.storing import store_turn


class Imported(msgspec.Struct):
    """How far an import got.

    Attributes:
        problems: turns the store refused, each with its reason.
        namespaces: where turns went, in order.
    """

    n_turns: int = 0
    n_added: int = 0
    n_present: int = 0
    problems: list[Problem] = []
    namespaces: list[str] = []


_EXPORT_KEYS = {"namespace", "id", "text", "salience", "pinned"}


def is_export(path: str | Path) -> bool:
    """Return whether a file is one that `Store.export` wrote, by its first line."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        line = file.readline(1 << 20)
    try:
        first = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return False
    return is_object(first) and set(first) >= _EXPORT_KEYS


def targets(readings: Sequence[Reading], namespace: str, *, merge: bool) -> list[tuple[str, str, str, Conversation]]:
    """Return for each conversation its namespace, the prefix of its ids, its file and itself.

    One conversation goes into `namespace`. Several go to places of their own below it, or, merged,
    into it with prefixed ids.
    """
    listed = [(reading.path, c) for reading in readings for c in reading.conversations if c.turns]
    if len(listed) <= 1:
        return [(namespace, "", path, c) for path, c in listed]
    if merge:
        return [(namespace, f"{c.name}/", path, c) for path, c in listed]
    return [(f"{namespace}/{c.name}", "", path, c) for path, c in listed]


def import_into(
    store: Store,
    readings: Sequence[Reading],
    namespace: str,
    *,
    merge: bool = False,
    done: Imported | None = None,
    progress: Callable[[int], None] = lambda n: None,
) -> Imported:
    """Store every turn that is not there yet.

    Args:
        done: filled in as it goes, so that an interrupted caller can tell how far it got.
        progress: called with 1 after each turn.
    """
    done = Imported() if done is None else done
    for place, prefix, path, conversation in targets(readings, namespace, merge=merge):
        memory = store.memory(place)
        if place not in done.namespaces:
            done.namespaces.append(place)
        present = {item.id for item in memory.items()}
        for n, turn in enumerate(_addressed(conversation.turns, prefix), 1):
            done.n_turns += 1
            if turn.id in present:
                done.n_present += 1
            else:
                try:
                    store_turn(memory, turn)
                    present.add(turn.id)
                    done.n_added += 1
                except InvalidInput as error:
                    done.problems.append(Problem(path, f"turn {n} ({turn.id})", str(error), turn.text))
            progress(1)
    return done


def _addressed(turns: Iterable[Turn], prefix: str) -> Iterable[Turn]:
    """Yield the turns with ids a store takes: default ids are its own, so `m5` becomes `import/m5`."""
    for turn in with_stable_ids(turns, prefix):
        reserved = default_seq(turn.id) is not None
        yield msgspec.structs.replace(turn, id=f"import/{turn.id}") if reserved else turn
