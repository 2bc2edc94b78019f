"""Ranked rows of one or several namespaces into the text of a `Context`, within a token budget.

It opens with what is known now, and a line whose fact is over says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from remanence.core import tokens
from remanence.core.duplicates import Said, repeated
from remanence.core.packing import NEWLINE_TOKENS, Budget, compose, line, pack
from remanence.core.profile import NOTHING_STANDS, Known, Standing, pick
from remanence.engine.recall import Ranked, to_hits
from remanence.engine.rows import labelled
from remanence.engine.state import State
from remanence.engine.worded import Worded
from remanence.errors import InvalidInput
from remanence.ports import TokenCounter
from remanence.types import Fact, Hit

_MANY_TOKENS = 65_535  # what the token column says of a text of that size or more


class Source(NamedTuple):
    """One namespace's ranked rows.

    Attributes:
        standing: the facts that hold in it.
        worded: what the rows stand for, where they are not texts.
    """

    name: str
    state: State
    ranked: Ranked
    standing: Standing = NOTHING_STANDS
    worded: Worded | None = None

    def hits(self, ranked: Ranked) -> list[Hit]:
        """Return some of the rows as a caller sees them."""
        hits = to_hits(self.state, ranked, self.name)
        return hits if self.worded is None else told_of(self.worded, ranked, hits)


def told_of(worded: Worded, ranked: Ranked, hits: Sequence[Hit]) -> list[Hit]:
    """Return hits with what their rows stand for."""
    found: list[Hit] = []
    for told, hit in zip(worded.told(ranked.rows), hits, strict=True):
        found.append(
            msgspec.structs.replace(
                hit,
                id=told.id,
                version=told.version,
                text=told.text(),
                metadata=dict(told.metadata),
                kind=told.kind,
                value=msgspec.json.decode(told.value),
            )
        )
    return found


class Packed(NamedTuple):
    """What fits: the text, its size by the counter, the memories in it, best first, and the facts it opens with."""

    text: str
    tokens: int
    hits: list[Hit]
    facts: tuple[Fact, ...]


Pair = tuple[int, int]  # which source, which of its ranked rows


def build(sources: Sequence[Source], order: Sequence[Pair], asked: Sequence[str], budget: Budget) -> Packed:
    """Pack memories into a budget, leaving out what one namespace repeats of another.

    Args:
        sources: where the memories are.
        order: which of them, best first.
        asked: index terms of the question; facts with them come first.

    Cost: by the default counter about 0.2 µs a ranked row and 4 µs a line.
    """
    size_of = tokens.estimate if budget.counter is None else _checked(budget.counter)
    often_sized = _tokens_once if budget.counter is None else size_of
    profile = pick(_holding(sources), asked, min(budget.profile, budget.tokens), often_sized)
    room = budget.tokens - (profile.tokens + NEWLINE_TOKENS if profile.text else 0)
    notes = _notes(sources, order)
    at_ns, said, sizes = _gathered(sources, order)
    if budget.counter is None:
        for i, note in notes.items():
            sizes[i] += NEWLINE_TOKENS + _tokens_once(note)
    else:
        sizes = [size_of(_line(hit, notes.get(i))) for i, hit in enumerate(hits_of(sources, order))]
    left = list(range(len(order)))
    while True:
        fits, size = pack([sizes[i] for i in left], [at_ns[i] for i in left], max(0, room), often_sized)
        taken = [left[t] for t in fits]
        repeats = repeats_of(sources, [order[i] for i in taken])
        if not repeats:
            break
        dropped = {taken[n] for n in repeats}
        left = [i for i in left if i not in dropped]
    hits = hits_of(sources, [order[i] for i in taken])
    while True:
        lines = [(at_ns[i], said[i], _line(hit, notes.get(i))) for i, hit in zip(taken, hits, strict=True)]
        text = "\n".join(part for part in (profile.text, compose(lines)) if part)
        if budget.counter is None:  # gives the sum of the lines for the whole, by its law
            size = budget.tokens - room + size if taken else profile.tokens
        else:
            size = size_of(text) if text else 0
        if size <= budget.tokens:
            return Packed(text, size, hits, profile.facts)
        taken.pop()  # a caller's counter may find the whole larger than its parts: the worst line goes
        hits.pop()


def _holding(sources: Sequence[Source]) -> Sequence[Known]:
    """Return the facts that hold in all sources; of several, each says where it holds."""
    if len({source.name for source in sources}) == 1:
        return sources[0].standing.holding
    return [each._replace(who=f"{each.who} ({source.name})") for source in sources for each in source.standing.holding]


def _notes(sources: Sequence[Source], order: Sequence[Pair]) -> dict[int, str]:
    """Return what to note of memories whose facts are over, by their place in the order.

    A note has a line of its own: the default counter gives the sum of lines for the whole.
    """
    if not any(source.standing.over for source in sources):
        return {}
    rows = [source.ranked.rows.tolist() for source in sources]
    return {n: f"({note})" for n, (s, i) in enumerate(order) if (note := sources[s].standing.over.get(rows[s][i]))}


def _gathered(sources: Sequence[Source], order: Sequence[Pair]) -> tuple[list[int], list[int], list[int]]:
    """Return when each memory was said, its number in its log, and its tokens by the default counter."""
    at: list[list[int]] = []
    said: list[list[int]] = []
    sizes: list[list[int]] = []
    for source in sources:
        columns, rows = source.state.columns, source.ranked.rows
        at.append(columns.at.take(rows).tolist())
        said.append(columns.seq.take(rows).tolist())
        sizes.append(columns.tokens.take(rows).tolist())
        if _MANY_TOKENS in sizes[-1]:
            hits = source.hits(source.ranked)
            sizes[-1] = [tokens.estimate(_line(hit)) for hit in hits]
    if len(sources) == 1 and len(order) == len(at[0]):  # all of them, as they are ranked
        return at[0], said[0], sizes[0]
    return [at[s][i] for s, i in order], [said[s][i] for s, i in order], [sizes[s][i] for s, i in order]


def hits_of(sources: Sequence[Source], chosen: Sequence[Pair]) -> list[Hit]:
    """Return ranked rows of any of the sources as a caller sees them, in the order given."""
    if len(sources) == 1:
        source = sources[0]
        return source.hits(source.ranked.take([i for _, i in chosen]))
    found: dict[Pair, Hit] = {}
    for s, source in enumerate(sources):
        mine = [i for t, i in chosen if t == s]
        hits = source.hits(source.ranked.take(mine))
        found.update(zip([(s, i) for i in mine], hits, strict=True))
    return [found[pair] for pair in chosen]


def repeats_of(sources: Sequence[Source], chosen: Sequence[Pair]) -> set[int]:
    """Return the indexes of those of the chosen that say again what a better one of another namespace says."""
    if all(source.name == sources[0].name for source in sources):
        return set()
    codes = np.empty((len(sources[0].state.vectors.codes), len(chosen)), np.uint64)
    for s, source in enumerate(sources):
        mine = [n for n, (t, _) in enumerate(chosen) if t == s]
        rows = source.ranked.rows[[chosen[n][1] for n in mine]]
        codes[:, mine] = source.state.vectors.codes.take(rows, axis=1)

    def said_of(some: Sequence[int]) -> list[Said]:
        found: list[Said] = []
        for s, i in (chosen[n] for n in some):
            source = sources[s]
            (who, text) = source.state.said(source.ranked.rows[[i]])[0]
            named = source.state.columns.speaker[source.ranked.rows[i]] != 0
            found.append((who if named else (source.name, who), text))  # nobody is the same in two places
        return found

    return repeated(codes, said_of)


def _line(hit: Hit, note: str | None = None) -> str:
    said = line(hit.speaker, hit.role, hit.text) if hit.kind == "text" else labelled(hit.kind, hit.text)
    return said if note is None else f"{said}\n{note}"


def _checked(counter: TokenCounter) -> Callable[[str], int]:
    def size_of(text: str) -> int:
        size = counter(text)
        if not isinstance(size, int) or size < 0:
            raise InvalidInput(f"the token counter gave {size!r} for {text[:40]!r}; it must give an int, 0 or more")
        return size

    return size_of


@lru_cache(maxsize=4096)
def _tokens_once(part: str) -> int:
    """Return the tokens of what is in many contexts: headings, facts."""
    return tokens.estimate(part)
