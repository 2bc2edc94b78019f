"""Ranked rows of one or several namespaces into the text of a `Context`, within a token budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np

from remanence.core import tokens
from remanence.core.duplicates import Said, repeated
from remanence.core.packing import compose, line, pack
from remanence.engine.recall import Ranked, to_hits
from remanence.engine.rows import labelled
from remanence.engine.state import State
from remanence.engine.worded import Worded
from remanence.errors import InvalidInput
from remanence.ports import TokenCounter
from remanence.types import Hit

_MANY_TOKENS = 65_535  # what the token column says of a text of that size or more


class Source(NamedTuple):
    """One namespace's ranked rows.

    Attributes:
        worded: what the rows stand for, where they are not texts.
    """

    name: str
    state: State
    ranked: Ranked
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
    """What fits: the text, its size by the counter, and the memories in it, best first."""

    text: str
    tokens: int
    hits: list[Hit]


Pair = tuple[int, int]  # which source, which of its ranked rows


def build(sources: Sequence[Source], order: Sequence[Pair], budget_tokens: int, counter: TokenCounter | None) -> Packed:
    """Pack memories into a budget, leaving out what one namespace repeats of another.

    Args:
        sources: where the memories are.
        order: which of them, best first.
        budget_tokens: never exceeded, by `counter`.
        counter: None for the default, whose sizes are kept with each memory.

    Cost: by the default counter about 0.2 µs a ranked row and 4 µs a line.
    """
    size_of = tokens.estimate if counter is None else _checked(counter)
    heading_tokens = _heading_tokens if counter is None else size_of
    at_ns, said, sizes = _gathered(sources, order)
    if counter is not None:
        sizes = [size_of(_line(hit)) for hit in hits_of(sources, order)]
    left = list(range(len(order)))
    while True:
        fits, size = pack([sizes[i] for i in left], [at_ns[i] for i in left], budget_tokens, heading_tokens)
        taken = [left[t] for t in fits]
        repeats = repeats_of(sources, [order[i] for i in taken])
        if not repeats:
            break
        dropped = {taken[n] for n in repeats}
        left = [i for i in left if i not in dropped]
    hits = hits_of(sources, [order[i] for i in taken])
    while True:
        text = compose([(at_ns[i], said[i], _line(hit)) for i, hit in zip(taken, hits, strict=True)])
        if counter is not None:  # the default one gives the sum of the lines for the whole, by its law
            size = size_of(text) if text else 0
        if size <= budget_tokens:
            return Packed(text, size, hits)
        taken.pop()  # a caller's counter may find the whole larger than its parts: the worst line goes
        hits.pop()


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


def _line(hit: Hit) -> str:
    return line(hit.speaker, hit.role, hit.text) if hit.kind == "text" else labelled(hit.kind, hit.text)


def _checked(counter: TokenCounter) -> Callable[[str], int]:
    def size_of(text: str) -> int:
        size = counter(text)
        if not isinstance(size, int) or size < 0:
            raise InvalidInput(f"the token counter gave {size!r} for {text[:40]!r}; it must give an int, 0 or more")
        return size

    return size_of


@lru_cache(maxsize=4096)
def _heading_tokens(heading: str) -> int:
    return tokens.estimate(heading)
