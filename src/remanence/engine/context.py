"""Ranked rows of one or several namespaces into a `Context`, within a token budget."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from remanence.core import tokens
from remanence.core.packing import Entry, compose, line, pack
from remanence.engine.columns import ROLES
from remanence.engine.recall import Ranked
from remanence.engine.state import State
from remanence.errors import InvalidInput
from remanence.ports import TokenCounter

MAX_ENTRIES = 512  # more lines than any prompt has room for


class Packed(NamedTuple):
    """What fits.

    Attributes:
        text: the context.
        tokens: its size by the counter.
        chosen: (source, index into its ranked rows) of each memory in it, best first.
    """

    text: str
    tokens: int
    chosen: list[tuple[int, int]]


class Source(NamedTuple):
    """One namespace's ranked rows."""

    state: State
    ranked: Ranked


def pack_sources(
    sources: Sequence[Source], order: Sequence[tuple[int, int]], budget_tokens: int, counter: TokenCounter | None
) -> Packed:
    """Pack memories into a budget.

    Args:
        sources: where the memories are.
        order: (source, index into its ranked rows), best first.
        budget_tokens: never exceeded, by `counter`.
        counter: None for the default, whose sizes are kept with each memory.
    """
    if counter is None:
        entries = [_entry(sources[s], i) for s, i in order]
        taken = pack(entries, budget_tokens, _heading_tokens)
        text = compose([(entries[t], _line(sources[order[t][0]], order[t][1])) for t in taken])
        return Packed(text, tokens.estimate(text), [order[t] for t in taken])
    return _packed_by(counter, sources, order, budget_tokens)


def _packed_by(
    counter: TokenCounter, sources: Sequence[Source], order: Sequence[tuple[int, int]], budget_tokens: int
) -> Packed:
    """Pack by a counter that knows nothing of lines: the whole text is counted, and shortened until it fits."""
    lines = [_line(sources[s], i) for s, i in order]
    entries = [
        _entry(sources[s], i)._replace(tokens=_count(counter, text)) for (s, i), text in zip(order, lines, strict=True)
    ]
    taken = pack(entries, budget_tokens, lambda heading: _count(counter, heading))
    while True:
        text = compose([(entries[t], lines[t]) for t in taken])
        size = _count(counter, text) if text else 0
        if size <= budget_tokens:
            return Packed(text, size, [order[t] for t in taken])
        taken.pop()


def _count(counter: TokenCounter, text: str) -> int:
    size = counter(text)
    if not isinstance(size, int) or size < 0:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidInput(f"the token counter gave {size!r} for {text[:40]!r}; it must give an int, 0 or more")
    return size


@lru_cache(maxsize=4096)
def _heading_tokens(heading: str) -> int:
    return tokens.estimate(heading)


def _entry(source: Source, index: int) -> Entry:
    columns, row = source.state.columns, int(source.ranked.rows[index])
    size = int(columns.tokens[row])
    if size == 65_535:
        size = tokens.estimate(_line(source, index))
    return Entry(int(columns.at[row]), int(columns.seq[row]), size)


def _line(source: Source, index: int) -> str:
    state, row = source.state, int(source.ranked.rows[index])
    columns = state.columns
    return line(state.speakers[int(columns.speaker[row])], ROLES[int(columns.role[row])], columns.text(row))
