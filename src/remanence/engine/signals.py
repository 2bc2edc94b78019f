"""The signals of the ranking: one function each, from what a query found to a number a candidate.

`core.ranking.Weights` says what each of them is. One that is worth nothing is not computed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from remanence.core.bm25 import Matches, idf
from remanence.core.ranking import FEW_TOKENS, FREE_TOKENS, Scores
from remanence.engine.columns import QUESTION, ROLES
from remanence.engine.query import Query
from remanence.engine.state import State
from remanence.types import SIGNALS

Signal = NDArray[np.floating[Any]] | NDArray[np.bool_]

CROWDING = SIGNALS.index("crowding")  # computed last, by the caller: it depends on all the others
_LONG = 32  # turns in a session: the best of more says less of each
_SHARE_OF_SIZE = (_LONG / np.maximum(np.arange(32 * _LONG), _LONG)).astype(np.float32)
_SHORT_OF_TOKENS = np.maximum(1 - np.arange(FEW_TOKENS + 1) / FEW_TOKENS, 0).astype(np.float32)
_USER, _ASSISTANT = ROLES.index("user"), ROLES.index("assistant")
_COVERING = 16  # terms of the question, the rarest, of which it is known which rows hold them
_BITS = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.float32)


class Wording(NamedTuple):
    """How the words of a query lie in a state.

    Attributes:
        found: the postings of its terms, and of those related to them after.
        lexical: (n + 1,) BM25 of each row over the idf of the whole question (words nobody said count too), and
            a 0 for "no row".
        speakers: the speakers it names, by index.
        worth: (q,) idf of each of its terms, 0 for names of speakers: whoever is asked about says many things.
    """

    found: Matches
    lexical: Scores
    speakers: list[int]
    worth: NDArray[np.float64]


def match(state: State, query: Query) -> Wording:
    """Return how the words of a query lie in a state. Cost: one pass over the postings of its terms."""
    found = state.postings.match(query.term_ids + query.related.ids)
    n_terms = len(query.term_ids)
    worth = idf(found.counts[:n_terms], state.postings.n_documents, query.background)
    by_term = np.zeros(len(found.counts))
    by_term[:n_terms] = worth / max(float(worth.sum()), 1e-9)
    weight = found.spread(by_term) * state.postings.weights_by_code().take(found.codes)
    lexical = np.bincount(found.rows, weight, state.columns.n + 1).astype(np.float32)
    if len(dead := state.dead_rows()):
        lexical[dead] = 0
    speakers: list[int] = []
    for i, named in enumerate(state.speakers_named(query.terms)):
        if named:
            speakers += named
            worth[i] = 0
    return Wording(found, lexical, speakers, worth)


class View:
    """The candidates of a query, and what their signals are made of.

    What is known of the words of rows is kept in slots, an empty one among them for "no row": a slot for each of the
    rows that are looked at closely, or for every row.

    Args:
        rows: (r,) the candidates, ascending.
        close: (c,) the rows looked at closely, candidates and rows around them, ascending; None: all.
        cosine: (n,) of the rows to the query; exact for those looked at closely.
        scores: (n + 1,) raw scores of the rows, and a 0 for "no row".

    Attributes:
        whole: whether all rows are candidates.
        before, after: (r,) the row before and after each in its session; n or more where there is none.
        earlier, later: (r,) the rows two away.
        own: the slots of the candidates.
        bits: (terms found,) one for each of the rarest terms of the query, 0 for others and those related.
        held: (slots,) which of them each row holds.
    """

    def __init__(
        self,
        state: State,
        query: Query,
        rows: NDArray[np.intp],
        close: NDArray[np.intp] | None,
        wording: Wording,
        cosine: Scores,
        scores: Scores,
    ) -> None:
        columns, n = state.columns, state.columns.n
        self.state, self.query, self.rows, self.close, self.wording = state, query, rows, close, wording
        self.cosine, self.scores, self.n = cosine, scores, n
        self.whole = len(rows) == n
        # Row n is unused and links to no row, and so do all above it when clipped to it.
        previous, following = columns.previous[: n + 1], columns.following[: n + 1]
        self.before, self.after = self.of(previous), self.of(following)
        self.earlier = previous.take(self.before, mode="clip")
        self.later = following.take(self.after, mode="clip")
        self.tokens = self.of(columns.tokens)
        self._slot: NDArray[np.int32] | None = None  # of each row; left out where it is the row's own number
        self._slots = n + 1
        self.own = slice(0, n) if self.whole else rows
        if close is not None:
            self._slot = np.zeros(n + 1, np.int32)
            self._slot[close] = np.arange(1, len(close) + 1)
            self._slots = len(close) + 1
            self.own = self._slot.take(rows)
        rarest = (-wording.worth).argsort(kind="stable")[:_COVERING]
        self.bits = np.zeros(len(wording.found.counts), np.intp)
        self.bits[rarest] = 1 << np.arange(len(rarest))
        self.at, self.term = self.placed(wording.found)
        self.held = np.bincount(self.at, self.bits.take(self.term), self._slots).astype(np.intp)
        if len(dead := state.dead_rows()):
            self.held[self.slots(dead)] = 0
        self.own_held = self.held[self.own]
        worth = wording.worth[rarest]
        shares: Scores = np.zeros(_COVERING, np.float32)
        shares[: len(rarest)] = worth / max(float(worth.sum()), 1e-9)
        self._shares: list[Scores] = [_BITS @ shares[i : i + 8] for i in range(0, max(len(rarest), 1), 8)]

    def of(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return what a column, one entry a row, holds of the candidates."""
        return column[: self.n] if self.whole else column.take(self.rows)

    def slots(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return the slots of some rows; n or more is no row."""
        return rows if self._slot is None else self._slot.take(rows, mode="clip")

    def held_by(self, rows: NDArray[Any]) -> NDArray[np.intp]:
        """Return which of the rarest terms of the query some rows hold; n or more is no row."""
        return self.held.take(self.slots(rows), mode="clip")

    def placed(self, found: Matches) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return the slot of each posting that has one, and which of the terms it is of."""
        terms = np.repeat(found.terms, found.lengths)
        if self._slot is None:
            return found.rows, terms
        slots = self._slot.take(found.rows)
        here = slots.nonzero()[0]
        return slots.take(here), terms.take(here)

    def covered(self, held: NDArray[np.intp]) -> Scores:
        """Return what share of the query's idf sets of its terms have, names of speakers aside, in [0, 1]."""
        if len(self._shares) == 1:
            return self._shares[0].take(held)
        return self._shares[0].take(held & 255) + self._shares[1].take(held >> 8)


def signals_of(view: View, worth: Scores) -> Scores:
    """Return the signals of the candidates that are worth something, (len(SIGNALS), r) float32.

    Args:
        worth: (len(SIGNALS),) their weights.

    Cost: about 2 µs a signal, and 2 ns a candidate.
    """
    signals = np.zeros((len(SIGNALS), len(view.rows)), np.float32)
    for i, (name, weight) in enumerate(zip(SIGNALS, worth.tolist(), strict=True)):
        if weight and i != CROWDING and (signal := _MAKER[name](view)) is not None:
            signals[i] = signal
    return signals


# --- one function a signal: None where all are 0 ----------------------------------------------------


def _lexical(view: View) -> Signal:
    return view.of(view.wording.lexical)


def _semantic(view: View) -> Signal:
    return np.maximum(view.of(view.cosine), 0)


def _before(view: View) -> Signal:
    return view.scores.take(view.before, mode="clip")


def _after(view: View) -> Signal:
    return view.scores.take(view.after, mode="clip")


def _beyond(view: View) -> Signal:
    return view.scores.take(view.earlier, mode="clip") + view.scores.take(view.later, mode="clip")


def _session(view: View) -> Signal:
    session = view.of(view.state.columns.session)
    best = np.zeros(len(view.state.sessions), np.float32)
    np.maximum.at(best, session, view.of(view.scores))
    best *= _SHARE_OF_SIZE.take(view.state.session_sizes[: len(best)], mode="clip")
    return best.take(session)


def _speaker(view: View) -> Signal | None:
    if not view.wording.speakers:
        return None
    named = np.zeros(len(view.state.speakers), np.bool_)
    named[view.wording.speakers] = True
    return named.take(view.of(view.state.columns.speaker))


def _date(view: View) -> Signal | None:
    query = view.query
    if not (query.spans or query.months):
        return None
    at = view.of(view.state.columns.at)
    inside = np.zeros(len(at), np.bool_)
    for start, end in query.spans:
        inside |= (at >= start) & (at < end)
    if query.months:
        month = at.view("M8[ns]").astype("M8[M]").astype(np.int64) % 12 + 1
        inside |= np.isin(month, query.months)
    return inside


def _question(view: View) -> Signal:
    asks = view.of(view.state.columns.flags) & QUESTION != 0
    return asks & (view.of(view.state.columns.role) != _USER)


def _user(view: View) -> Signal:
    return view.of(view.state.columns.role) == _USER


def _length(view: View) -> Signal | None:
    if view.tokens.max(initial=0) <= FREE_TOKENS:
        return None
    return np.log(np.maximum(view.tokens / FREE_TOKENS, 1))


def _short(view: View) -> Signal:
    return _SHORT_OF_TOKENS.take(view.tokens, mode="clip")


def _opening(view: View) -> Signal:
    return view.earlier >= view.n


def _coverage(view: View) -> Signal:
    return view.covered(view.own_held)


def _window(view: View) -> Signal:
    held = view.own_held | view.held_by(view.before)
    for rows in (view.after, view.earlier, view.later):
        held |= view.held_by(rows)
    return view.covered(held)


def _exchange(view: View) -> Signal:
    asked = view.state.columns.flags[: view.n + 1].take(view.before, mode="clip") & QUESTION != 0
    asked &= view.of(view.state.columns.role) != _ASSISTANT
    return asked * view.wording.lexical.take(view.before, mode="clip")


def _answers(view: View) -> Signal | None:
    if not view.query.kinds:
        return None
    return view.of(view.state.columns.kinds) & np.uint8(view.query.kinds) != 0


def _related(view: View) -> Signal | None:
    related, worth = view.query.related, view.wording.worth
    if not related.ids:
        return None
    found = (view.term >= len(worth)).nonzero()[0]
    at, of = view.at.take(found), view.term.take(found) - len(worth)
    term = related.of_term.take(of)
    instead = view.held.take(at) & view.bits.take(term) == 0  # the row does not hold the term itself
    share = (worth / max(float(worth.sum()), 1e-9)).take(term) * instead
    return np.bincount(at, share * related.likeness.take(of), len(view.held)).astype(np.float32)[view.own]


_MAKER: dict[str, Callable[[View], Signal | None]] = {
    "lexical": _lexical,
    "semantic": _semantic,
    "before": _before,
    "after": _after,
    "beyond": _beyond,
    "session": _session,
    "speaker": _speaker,
    "date": _date,
    "question": _question,
    "user": _user,
    "length": _length,
    "short": _short,
    "opening": _opening,
    "coverage": _coverage,
    "window": _window,
    "exchange": _exchange,
    "answers": _answers,
    "related": _related,
}
