"""Slow work that follows a namespace's log: facts found by a background extractor, batch by batch.

How far it has read is in the log, under its name, written together with the facts of the batch: so a batch
counts once, however many processes do upkeep and wherever one is killed. No lock is held while it works;
what became of the turns meanwhile is looked at when its facts are written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.core.tokens import estimate
from remanence.engine.columns import ALIVE, ROLES
from remanence.engine.ingest import Draft
from remanence.engine.listening import TELLING_ROLES
from remanence.engine.namespace import Namespace
from remanence.engine.state import State
from remanence.engine.telling import BEGINNING, can_be
from remanence.errors import BadAnswer, Conflict, ModelFailed, QuotaExceeded
from remanence.ports import BackgroundExtractor, Turn
from remanence.records import Asserted, Stated
from remanence.types import Upkeep

_LOGGER = logging.getLogger("remanence")
_AT_ONCE = 64  # turns or parts shown to an extractor, which takes what one call has room for
_PART_TOKENS = 240  # of a long turn: half of what a small call has room for
_PART_CHARS, _LEAST_CHARS = 1200, 64
_BREAK = re.compile(r"([.!?。！？\n])?\s+|[。！？]")
_BEFORE = 3  # turns before each of them, to be understood by
_ASKED = [ROLES.index(role) for role in TELLING_ROLES]
_SHOWN = np.array([role in ("", "user", "assistant") for role in ROLES])


Progress = Callable[[int, int], None]


Cursor = tuple[int, int]  # the last record that was read, and how many characters of it; 0: all


class Waiting(NamedTuple):
    """What an extractor is to read next.

    Attributes:
        cursor: how far it has read.
        turns: the next ones, long ones in parts, and some before each to be understood by.
        ends: of each turn, what the cursor will be when it is read.
        n: how many turns are to be read in all.
    """

    cursor: Cursor
    turns: list[Turn]
    ends: list[Cursor]
    n: int


def read_on(
    namespace: Namespace, extractor: BackgroundExtractor, max_batches: int, progress: Progress | None
) -> tuple[Upkeep, Exception | None]:
    """Let an extractor read what came to a namespace since it last did, at most so many batches; and what stopped it.

    A batch it can make nothing of is halved. A turn it makes nothing of alone, without those before it, is passed
    over if it makes sense of the one after it; otherwise the fault is not the turn's, and all waits for a later upkeep.
    """
    n_batches = n_turns = n_facts = 0
    at_most = _AT_ONCE
    passed: Cursor | None = None
    failure: Exception | None = None
    while True:
        waiting = _waiting(namespace, extractor.name, at_most, passed)
        if progress is not None:
            progress(n_turns, n_turns + waiting.n)
        if not waiting.turns or n_batches == max_batches:
            break
        n_batches += 1
        try:
            n_read, found = _read(extractor, waiting.turns)
        except BadAnswer as error:
            n_asked = min(error.n_asked or at_most, sum(turn.asked for turn in waiting.turns))
            failure = error
            if at_most > 1:
                at_most = max(n_asked // 2, 1)
            elif passed:
                break
            else:
                first = next(i for i, turn in enumerate(waiting.turns) if turn.asked)
                at_most, passed = 1, waiting.ends[first]
            continue
        except Exception as error:
            failure = error
            break
        failure = None
        try:
            n_facts += _write(namespace, extractor.name, waiting, n_read, found)
        except Conflict:
            break  # somebody else does this upkeep
        except QuotaExceeded as error:
            failure = error
            break
        n_turns += bool(passed and not passed[1])
        n_turns += sum(waiting.turns[i].asked and not waiting.ends[i][1] for i in range(n_read))
        if passed:
            _LOGGER.warning(
                "%s made nothing of record %d of %r; passed over", extractor.name, passed[0], namespace.name
            )
        at_most, passed = min(2 * at_most, _AT_ONCE), None
    done = Upkeep(
        batches=n_batches,
        turns=n_turns,
        facts=n_facts,
        waiting=waiting.n,
        failures=() if failure is None else (_told(namespace, extractor, failure),),
    )
    return done, failure


def _told(namespace: Namespace, extractor: BackgroundExtractor, error: Exception) -> str:
    """Log a failure and return it in words; what a foreign error says may hold words of the turns."""
    ours = isinstance(error, ModelFailed | QuotaExceeded)
    said = str(error) if ours else f"{extractor.name} raised {type(error).__name__}"
    _LOGGER.warning("%s failed on %r: %s; it is tried again later", extractor.name, namespace.name, said)
    return said


def _waiting(namespace: Namespace, name: str, at_most: int, passed: Cursor | None) -> Waiting:
    """Return the next turns to be read: after the cursor, or after what is passed over for now."""
    with namespace.lock:
        state = namespace.state()
        cursor = state.cursors.get(name, BEGINNING)
        n = len(_asked(state, cursor))
        begin = passed or cursor
        turns: list[Turn] = []
        ends: list[Cursor] = []
        for turn in _turns(state, _asked(state, begin)[:at_most]):
            if not turn.asked:
                if at_most > 1:
                    turns.append(turn)
                    ends.append((turn.seq, 0))
                continue
            for part, end in _parts(turn.text, begin[1] if turn.seq == begin[0] else 0):
                turns.append(msgspec.structs.replace(turn, text=part))
                ends.append((turn.seq, end))
                if sum(each.asked for each in turns) == at_most:
                    return Waiting(cursor, turns, ends, n)
        return Waiting(cursor, turns, ends, n)


def _asked(state: State, cursor: Cursor) -> NDArray[np.intp]:
    """Return the rows after a cursor of which facts are wanted, one that was read in part among them."""
    columns = state.columns
    seqs = columns.seq[: columns.n]
    first = int(seqs.searchsorted(np.uint32(cursor[0]), side="left" if cursor[1] else "right"))
    flags, roles = columns.flags[first : columns.n], columns.role[first : columns.n]
    return first + ((flags & ALIVE != 0) & np.isin(roles, _ASKED)).nonzero()[0]


def _turns(state: State, asked: NDArray[np.intp]) -> list[Turn]:
    """Return turns of which facts are wanted, in order, and those just before each."""
    columns = state.columns
    wanted = set(asked.tolist())
    rows = sorted({row for each in wanted for row in range(max(each - _BEFORE, 0), each + 1)})
    turns: list[Turn] = []
    for row in rows:
        if row in wanted or (columns.flags[row] & ALIVE and _SHOWN[columns.role[row]]):
            item = state.item(row)
            turns.append(
                Turn(
                    id=item.id,
                    seq=item.seq,
                    text=item.text,
                    speaker=item.speaker,
                    role=item.role,
                    at_ns=item.at_ns,
                    conversation=int(columns.session[row]),
                    asked=row in wanted,
                )
            )
    return turns


def _parts(text: str, begin: int) -> Iterator[tuple[str, int]]:
    """Yield a text from a character on, in parts that end with a sentence or a word, and where each ends; 0: the end.

    A text that is not long is one part.
    """
    while True:
        end = begin + _PART_CHARS
        while end - begin > _LEAST_CHARS and estimate(text[begin:end]) > _PART_TOKENS:
            end = begin + (end - begin) // 2
        if end >= len(text):
            yield text[begin:], 0
            return
        found = list(_BREAK.finditer(text, begin + (end - begin) // 2, end))
        sentences = [each.end() for each in found if each[1]]
        end = sentences[-1] if sentences else found[-1].end() if found else end
        yield text[begin:end], end
        begin = end


def _read(extractor: BackgroundExtractor, turns: list[Turn]) -> tuple[int, list[tuple[int, Stated]]]:
    """Return how many turns were read and what they state, whatever cannot be a fact of theirs dropped."""
    n_read, found = extractor.extract_batch(turns)
    if type(n_read) is not int or not 0 < n_read <= len(turns) or not any(turn.asked for turn in turns[:n_read]):
        raise ModelFailed(f"it has read {n_read!r} turns of {len(turns)}, none of them asked for")
    listed = list(found)
    kept = [(index, fact) for index, fact in listed if can_be(fact) and _is_asked(turns[:n_read], index)]
    if len(kept) < len(listed):
        _LOGGER.warning("%s gave %d facts that cannot be; dropped", extractor.name, len(listed) - len(kept))
    return n_read, kept


def _is_asked(turns: list[Turn], index: Any) -> bool:
    return type(index) is int and 0 <= index < len(turns) and turns[index].asked


def _write(namespace: Namespace, by: str, waiting: Waiting, n_read: int, found: Sequence[tuple[int, Stated]]) -> int:
    """Tell the facts of a batch and how far was read, together or not at all; return how many facts are new.

    Raises:
        Conflict: somebody else has read on from the same cursor; nothing was written.
    """
    of_turn: dict[int, tuple[Turn, list[Stated]]] = {}
    for index, fact in sorted(found, key=lambda pair: pair[0]):
        turn = waiting.turns[index]
        of_turn.setdefault(turn.seq, (turn, []))[1].append(fact)
    drafts = [Draft(Asserted(facts, turn.id, by), turn.at_ns, if_seq=turn.seq) for turn, facts in of_turn.values()]
    until, within = waiting.ends[n_read - 1]
    drafts.append(Draft(Asserted(by=by, until=until, within=within), if_cursor=waiting.cursor))
    return len(namespace.write(drafts, durable=False).facts)
