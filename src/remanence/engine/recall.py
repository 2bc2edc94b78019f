"""A query in, ranked rows out. Takes its `State` as an argument, so that a question to the past is the
same code as a question to the present. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.core import text as words_of
from remanence.core.bm25 import idf, term_id
from remanence.core.duplicates import repeated
from remanence.core.ranking import (
    FREE_TOKENS,
    SIGNALS,
    Scores,
    Weights,
    calibrated,
    contributions,
    raw,
    total,
)
from remanence.engine.columns import ALIVE, QUESTION, ROLES
from remanence.engine.metadata import Where
from remanence.engine.state import State
from remanence.ports import Analyzer, Embedder
from remanence.types import Hit

WEIGHTS = Weights()
_WEIGHTS = WEIGHTS.vector()
EXACT_ROWS = 1024  # up to this many rows every one is scored in full
SEEDS = 128  # beyond, at least so many by a first look, and their neighbours
_SAMPLE_STEP = 16  # rows of the first look that are sorted to find where the best begin
_MAX_TERMS = 256  # of a long query: its rarest
_USER = ROLES.index("user")


class Query(NamedTuple):
    """A question, analysed once for all the namespaces it is asked of.

    Attributes:
        terms: distinct index terms.
        term_ids: their 32-bit ids.
        background: share of background documents with each term.
        vector: embedding, unit length or zeros.
        spans: times it names, as (start, end) ns since the epoch.
        months: months it names without a year, 1 to 12.
    """

    terms: list[str]
    term_ids: list[int]
    background: NDArray[np.float64]
    vector: NDArray[np.float32]
    spans: list[tuple[int, int]]
    months: list[int]


class Ranked(NamedTuple):
    """Rows in order of score, best first.

    Attributes:
        rows: (r,) row numbers.
        scores: (r,) uncalibrated.
        order: (r,) the column of each in `signals`.
        signals: (len(SIGNALS), candidates) what the scores were made of.
    """

    rows: NDArray[np.intp]
    scores: Scores
    order: NDArray[np.intp]
    signals: Scores

    def take(self, keep: Sequence[int] | slice) -> Ranked:
        """Return some of them, in the order given."""
        if not isinstance(keep, slice):
            keep = np.asarray(keep, np.intp)  # pyright: ignore[reportAssignmentType]
        return Ranked(self.rows[keep], self.scores[keep], self.order[keep], self.signals)


def analyse(text: str, embedder: Embedder, analyzer: Analyzer) -> Query:
    """Return a question ready to be asked. Cost: about 20 µs with the shipped embedder."""
    terms = list(dict.fromkeys(analyzer.terms(text)))
    if len(terms) > _MAX_TERMS:
        terms = sorted(terms, key=analyzer.document_frequency)[:_MAX_TERMS]
    spans: list[tuple[int, int]] = []
    months: list[int] = []
    for year, month, day in words_of.dates(text) if words_of.may_name_a_date(text, terms) else ():
        if year:
            spans.append(_span(year, month, day))
        else:
            months.append(month)
    return Query(
        terms,
        [term_id(term) for term in terms],
        np.array([analyzer.document_frequency(term) for term in terms]),
        embedder.embed(text),
        spans,
        months,
    )


def recall(state: State, query: Query, *, limit: int, where: Where | None = None, weights: Weights = WEIGHTS) -> Ranked:
    """Return the best `limit` rows that can be found and pass the filter, best first.

    Never fewer while there are more.

    Cost: about 0.15 ms at a thousand rows, 1.1 ms at a hundred thousand.
    """
    columns, n = state.columns, state.columns.n
    alive = (columns.flags[:n] & ALIVE).view(np.bool_)
    lexical = _lexical(state, query)
    exact = n <= EXACT_ROWS
    look = state.vectors.cosine(query.vector, slice(0, n)) if exact else state.vectors.approximate(query.vector, n)
    scores = np.zeros(n + 1, np.float32)  # one more, always 0: the neighbour of the first and the last
    np.multiply(raw(lexical, look, weights), alive, out=scores[:n])
    eligible = alive & state.metadata.mask(where, n) if where else alive
    if exact or (where and np.count_nonzero(eligible) <= EXACT_ROWS):
        rows = eligible.nonzero()[0]
    else:
        rows = _best(state, scores[:n] * eligible if where else scores[:n], eligible, max(limit, SEEDS, n // 400))
    if not exact:
        close = rows
        if where:  # the neighbours that lend their scores are not among the rows
            close = _with_neighbours(state, _with_neighbours(state, rows).nonzero()[0]) & alive
            close = close.nonzero()[0]
        look[close] = state.vectors.cosine(query.vector, close)
        scores[close] = raw(lexical[close], look[close], weights)
    signals = _signals(state, query, rows, scores)
    signals[0] = lexical if len(rows) == n else lexical[rows]
    np.maximum(look if len(rows) == n else look[rows], 0, out=signals[1])
    ranking = total(signals, _WEIGHTS if weights is WEIGHTS else weights.vector())
    order = _largest(ranking, limit)
    return Ranked(rows[order], ranking[order], order, signals)


def _largest(scores: Scores, limit: int) -> NDArray[np.intp]:
    """Return where the largest `limit` scores are, largest first; equal ones in the order they stand."""
    if limit < len(scores) // 2:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        best = (scores >= least).nonzero()[0]
        return best[(-scores[best]).argsort(kind="stable")[:limit]]
    return (-scores).argsort(kind="stable")[:limit]


def _lexical(state: State, query: Query) -> Scores:
    """Return BM25 over the idf of the whole question, (n,): words it holds and nobody said count too."""
    n = state.columns.n
    if not query.terms:
        return np.zeros(n, np.float32)
    found = state.postings.match(query.term_ids)
    worth = idf(found.counts, state.postings.n_documents, query.background)
    weight = found.spread(worth) * state.postings.weights_by_code().take(found.codes)
    scores = np.bincount(found.rows, weight, n)
    return np.multiply(scores, 1 / worth.sum(), dtype=np.float32, casting="same_kind")


def _best(state: State, scores: Scores, eligible: NDArray[np.bool_], wanted: int) -> NDArray[np.intp]:
    """Return the eligible rows among about `wanted` with the highest scores and their neighbours, in row order.

    A turn may owe its place to the turn before or after. Where the best begin is judged from every
    sixteenth row, which is right within a few percent.
    """
    sample = scores[::_SAMPLE_STEP].copy()
    keep = min(len(sample) - 1, wanted // _SAMPLE_STEP + 4)
    threshold = np.partition(sample, len(sample) - keep)[len(sample) - keep]
    seeds = (scores >= max(threshold, np.float32(1e-6))).nonzero()[0]
    rows = (_with_neighbours(state, seeds) & eligible).nonzero()[0]
    # Where few have anything to do with the query, all are looked at.
    return rows if len(rows) >= wanted else eligible.nonzero()[0]


def _with_neighbours(state: State, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which rows are among those given or next to one in its session, (n,)."""
    n = state.columns.n
    chosen = np.zeros(n + 1, np.bool_)  # one more, for "no row"
    chosen[rows] = True
    for links in (state.columns.previous, state.columns.following):
        chosen[links.take(rows).clip(max=n)] = True
    return chosen[:n]


def _signals(state: State, query: Query, rows: NDArray[np.intp], scores: Scores) -> Scores:
    """Return the signals of the rows, the first two left to the caller.

    Args:
        scores: (n + 1,) raw scores of all rows, and a 0 for "no row".
    """
    columns, n = state.columns, state.columns.n

    def of(column: NDArray[Any]) -> NDArray[Any]:
        return column[:n] if len(rows) == n else column.take(rows)

    # Row n is unused and links to no row, and so do all above it when clipped to it.
    previous, following = columns.previous[: n + 1], columns.following[: n + 1]
    before, after = of(previous), of(following)
    signals = np.zeros((len(SIGNALS), len(rows)), np.float32)
    scores.take(before, mode="clip", out=signals[2])
    scores.take(after, mode="clip", out=signals[3])
    scores.take(previous.take(before, mode="clip"), mode="clip", out=signals[4])
    signals[4] += scores.take(following.take(after, mode="clip"), mode="clip")
    session = of(columns.session)
    best = np.zeros(len(state.sessions), np.float32)
    np.maximum.at(best, session, of(scores))
    best.take(session, out=signals[5])
    named = state.speakers_named(query.terms)
    if named:
        table = np.zeros(len(state.speakers), np.float32)
        table[named] = 1.0
        signals[6] = table.take(of(columns.speaker))
    if query.spans or query.months:
        signals[7] = _dated(query, of(columns.at))
    np.not_equal(of(columns.flags) & QUESTION, 0, out=signals[8])
    np.equal(of(columns.role), _USER, out=signals[9])
    tokens = of(columns.tokens)
    if tokens.max(initial=0) > FREE_TOKENS:
        np.log(np.maximum(tokens / FREE_TOKENS, 1), out=signals[10])
    return signals


def _dated(query: Query, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which times lie in those the query names."""
    inside = np.zeros(len(at), np.bool_)
    for start, end in query.spans:
        inside |= (at >= start) & (at < end)
    if query.months:
        month = at.view("M8[ns]").astype("M8[M]").astype(np.int64) % 12 + 1
        inside |= np.isin(month, query.months)
    return inside


def _span(year: int, month: int, day: int) -> tuple[int, int]:
    """Return when a year, month or day begins and ends, ns since the epoch."""
    try:
        start = datetime(year, month or 1, day or 1, tzinfo=UTC)
    except ValueError:  # 31 June: take the month
        return _span(year, month, 0)
    if day:
        return (begin := int(start.timestamp()) * 10**9), begin + 86_400 * 10**9
    end = datetime(year + 1, 1, 1, tzinfo=UTC) if month in (0, 12) else datetime(year, month + 1, 1, tzinfo=UTC)
    return int(start.timestamp()) * 10**9, int(end.timestamp()) * 10**9


def recall_distinct(
    state: State, query: Query, *, limit: int, where: Where | None = None, enough: int | None = None
) -> Ranked:
    """Return the best `limit` rows without those that say again what a better one says.

    Where repeats take the place of others it looks further, until there are `enough` (all, if left out).
    """
    enough = limit if enough is None else enough
    wanted = limit + limit // 4 + 8
    while True:
        ranked = recall(state, query, limit=wanted, where=where)
        rows = ranked.rows
        drop = repeated(state.vectors.codes.take(rows, axis=1), lambda some: state.said(rows.take(some)))  # noqa: B023
        kept = len(rows) - len(drop)
        if kept < enough and len(rows) == wanted:
            wanted *= 16
        elif drop:
            return ranked.take([i for i in range(len(rows)) if i not in drop][:limit])
        else:
            return ranked.take(slice(limit))


def to_hits(state: State, ranked: Ranked, namespace: str) -> list[Hit]:
    """Return ranked rows as a caller sees them. Cost: about 2 µs a hit."""
    columns, rows = state.columns, ranked.rows
    listed, seqs = rows.tolist(), columns.seq.take(rows).tolist()
    named, replacing = state.id_of_row, state.superseded
    found = map(
        Hit,  # a column an argument, in the order of its fields
        [named.get(row) or f"m{seq}" for row, seq in zip(listed, seqs, strict=True)]
        if named
        else map("m{}".format, seqs),
        [state.version_of(row) for row in listed] if replacing else repeat(1),
        columns.texts(rows),
        calibrated(ranked.scores, WEIGHTS).tolist(),
        contributions(ranked.signals.take(ranked.order, axis=1), _WEIGHTS),
        repeat(1.0),
        columns.at.take(rows).tolist(),
        state.speakers.of(columns.speaker.take(rows)),
        [ROLES[role] for role in columns.role.take(rows).tolist()],
        state.sessions.of(columns.session.take(rows)),
        map(state.metadata.get, listed),
        repeat(namespace),
    )
    return list(found)
