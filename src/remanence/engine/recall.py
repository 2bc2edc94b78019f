"""A query in, ranked rows out. Takes its `State` as an argument, so that a question to the past is the
same code as a question to the present. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.core.confidence import LOOKED_AT
from remanence.core.duplicates import repeated
from remanence.core.ranking import Scores, Weights, better_of_same, calibrated, contributions, raw, total
from remanence.engine.columns import ALIVE, ROLES
from remanence.engine.metadata import Where
from remanence.engine.query import Query
from remanence.engine.signals import CROWDING, View, match, signals_of
from remanence.engine.state import State
from remanence.engine.weights import WEIGHTS
from remanence.types import Hit

EXACT_ROWS = 1024  # up to this many rows every one is scored in full
SEEDS = 64  # beyond, about so many by a first look, and those around them
SPREAD = 256  # of the best that are spread over sessions, where a question asks for several things
_SHIPPED = WEIGHTS.vector()
_SAMPLE_STEP = 16  # rows of the first look that are sorted to find where the best begin


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


def recall(
    state: State,
    query: Query,
    *,
    limit: int,
    where: Where | None = None,
    sure: int | None = None,
    weights: Weights = WEIGHTS,
) -> Ranked:
    """Return the best `limit` rows that can be found and pass the filter, best first.

    Never fewer while there are more. Of many rows, about `sure` (all, if left out) are those that scoring every row in
    full would find, and those after come from around them.

    Cost: about 0.3 ms at a thousand rows, 1.5 ms at a hundred thousand.
    """
    columns, n = state.columns, state.columns.n
    eligible = (columns.flags[:n] & ALIVE).view(np.bool_)
    if where:
        eligible &= state.metadata.mask(where, n)
    wording = match(state, query)
    exact = n <= EXACT_ROWS
    look = state.vectors.cosine(query.vector, slice(0, n)) if exact else state.vectors.approximate(query.vector, n)
    scores = np.zeros(n + 1, np.float32)  # one more, always 0: the neighbour of the first and the last
    raw(wording.lexical[:n], look, out=scores[:n])
    if len(dead := state.dead_rows()):
        scores[dead] = 0
    if exact or (where and np.count_nonzero(eligible) <= EXACT_ROWS):
        rows = eligible.nonzero()[0]
    else:
        first_look = scores[:n] * eligible if where else scores[:n]
        rows = _best(state, first_look, eligible, wanted=max(SEEDS, sure or limit), least=limit)
    close = None if exact else rows
    if close is not None:
        if where:  # the neighbours that lend their scores are not among the rows
            close = _around(state, rows).nonzero()[0]
        look[close] = state.vectors.cosine(query.vector, close)
        scores[close] = raw(wording.lexical[close], look[close])
        if where and len(dead):
            scores[dead] = 0
    worth = _SHIPPED if weights is WEIGHTS else weights.vector()
    signals = signals_of(View(state, query, rows, close, wording, look, scores), worth)
    ranking = total(signals, worth)
    order = _largest(ranking, limit)
    if query.several and weights.crowding:
        order = _largest(ranking, max(limit, SPREAD))
        signals[CROWDING, order] = better_of_same(columns.session.take(rows[order]))
        ranking += worth[CROWDING] * signals[CROWDING]
        order = order[_largest(ranking[order], limit)]
    return Ranked(rows[order], ranking[order], order, signals)


def _largest(scores: Scores, limit: int) -> NDArray[np.intp]:
    """Return where the largest `limit` scores are, largest first; equal ones in the order they stand."""
    if limit < len(scores) // 2:
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        best = (scores >= least).nonzero()[0]
        return best[(-scores[best]).argsort(kind="stable")[:limit]]
    return (-scores).argsort(kind="stable")[:limit]


def _best(state: State, scores: Scores, eligible: NDArray[np.bool_], wanted: int, least: int) -> NDArray[np.intp]:
    """Return the eligible rows among about `wanted` with the highest scores and those around them, in row order.

    Where the best begin is judged from every sixteenth row, which is right within a few percent. Where fewer than
    `least` have anything to do with the query, all are looked at.
    """
    sample = scores[::_SAMPLE_STEP].copy()
    keep = min(len(sample) - 1, wanted // _SAMPLE_STEP + 3)
    threshold = np.partition(sample, len(sample) - keep)[len(sample) - keep]
    seeds = (scores >= max(threshold, np.float32(1e-6))).nonzero()[0]
    rows = (_around(state, seeds) & eligible).nonzero()[0]
    return rows if len(rows) >= least else eligible.nonzero()[0]


def _around(state: State, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which rows are among those given or up to two before or after one in its session, (n,).

    A turn may owe its place to those.
    """
    n = state.columns.n
    chosen = np.zeros(n + 1, np.bool_)  # one more, for "no row"
    chosen[rows] = True
    for links in (state.columns.previous[: n + 1], state.columns.following[: n + 1]):
        near = links.take(rows)
        chosen[np.minimum(near, n)] = True
        chosen[np.minimum(links.take(near, mode="clip"), n)] = True
    return chosen[:n]


def recall_distinct(
    state: State, query: Query, *, limit: int, where: Where | None = None, enough: int | None = None
) -> Ranked:
    """Return the best rows, `limit` or more, without those that say again what a better one says.

    Where repeats take the place of others it looks further, until there are `enough` (all, if left out).
    """
    enough = limit if enough is None else enough
    wanted = max(limit + limit // 4 + 8, LOOKED_AT)
    while True:
        ranked = recall(state, query, limit=wanted, where=where, sure=wanted * enough // limit)
        rows = ranked.rows
        drop = repeated(state.vectors.codes.take(rows, axis=1), lambda some: state.said(rows.take(some)))  # noqa: B023
        kept = len(rows) - len(drop)
        if kept < enough and len(rows) == wanted:
            wanted *= 16
        elif drop:
            return ranked.take([i for i in range(len(rows)) if i not in drop])
        else:
            return ranked


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
        contributions(ranked.signals.take(ranked.order, axis=1), _SHIPPED),
        repeat(1.0),
        columns.at.take(rows).tolist(),
        state.speakers.of(columns.speaker.take(rows)),
        [ROLES[role] for role in columns.role.take(rows).tolist()],
        state.sessions.of(columns.session.take(rows)),
        map(state.metadata.get, listed),
        repeat(namespace),
    )
    return list(found)
