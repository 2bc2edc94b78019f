"""Files into a namespace, so that it can be stopped at any moment and run again.

The store itself is the cursor: a turn whose id it holds is passed over, so nothing is stored twice and
no file beside the store can disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from remanence.core.text import plain
from remanence.engine.memory import Memory
from remanence.engine.state import default_seq
from remanence.engine.store import Store
from remanence.engine.taking import TakenLine
from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Problem, Reading, Turn, with_stable_ids
from remanence.surfaces.datasets.shape import is_object
from remanence.surfaces.storing import store_turn


class Imported(msgspec.Struct):
    """How far an import got.

    Attributes:
        n_versions: of those added, new versions of what was there under the same id.
        n_undated: of those added, without a date of their own.
        problems: turns the store refused, each with its reason.
        namespaces: where turns went, in order.
    """

    n_turns: int = 0
    n_added: int = 0
    n_present: int = 0
    n_versions: int = 0
    n_undated: int = 0
    problems: list[Problem] = []
    namespaces: list[str] = []


_EXPORT_KEYS = {"namespace", "id", "text", "salience", "pinned"}  # of a text, in the oldest exports too
_OTHER_KEYS = {"store", "namespace", "kind", "at_ns"}  # of all else


def is_export(path: str | Path) -> bool:
    """Return whether a file is one that `Store.export` wrote, by its first line."""
    path = Path(path)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        line = file.readline(1 << 22)
    try:
        first = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return False
    return is_object(first) and (set(first) >= _EXPORT_KEYS or set(first) >= _OTHER_KEYS)


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
    """Store every turn that is not there yet; another text under an id of the file's own is a new version.

    Args:
        done: filled in as it goes, so that an interrupted caller can tell how far it got.
        progress: called with 1 after each turn.
    """
    done = Imported() if done is None else done
    for place, prefix, path, conversation in targets(readings, namespace, merge=merge):
        memory = store.memory(place)
        if place not in done.namespaces:
            done.namespaces.append(place)
        present = {item.id: item.text for item in memory.items()}
        for n, turn in enumerate(_addressed(conversation.turns, prefix), 1):
            done.n_turns += 1
            text = plain(turn.text)
            if turn.id in present and (present[turn.id] == text or _is_version(memory, turn.id, text)):
                done.n_present += 1
            else:
                try:
                    store_turn(memory, turn)
                    done.n_added += 1
                    done.n_versions += turn.id in present
                    done.n_undated += turn.at_ns is None
                    present[turn.id] = text
                except InvalidInput as error:
                    done.problems.append(Problem(path, f"turn {n} ({turn.id})", str(error), turn.text))
            progress(1)
    return done


def import_export_into(store: Store, path: str | Path, namespace: str | None, done: Imported) -> None:
    """Store all that a file has that `Store.export` wrote: in one namespace, or each line in its own.

    In one, ids that stores give themselves are prefixed, as they mean another memory in each namespace.
    """
    if namespace is not None:
        done.namespaces.append(namespace)

    def note(line: TakenLine) -> None:
        done.n_turns += 1
        done.n_added += line.outcome in ("added", "version")
        done.n_versions += line.outcome == "version"
        done.n_present += line.outcome == "present"
        if line.error is not None:
            done.problems.append(Problem(str(path), f"line {line.number}", line.reason, line.text.rstrip("\n")))

    store.import_(path, namespace=namespace, each=note)


def _is_version(memory: Memory, id: str, text: str) -> bool:
    return any(version.text == text for version in memory.history(id))


def _addressed(turns: Iterable[Turn], prefix: str) -> Iterable[Turn]:
    """Yield the turns with ids a store takes: default ids are its own, so `m5` becomes `import/m5`."""
    for turn in with_stable_ids(turns, prefix):
        reserved = default_seq(turn.id) is not None
        yield msgspec.structs.replace(turn, id=f"import/{turn.id}") if reserved else turn
