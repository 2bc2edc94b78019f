"""Incremental BM25 over arrays.

Postings live in a few sorted segments and one small unsorted tail, so that adding is an append, a lookup
is a binary search, and every byte can be counted. Terms are known by a 32-bit hash: no strings are kept.
A posting is a row number and one byte that packs the term frequency and the length of the document.

Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009); the
segments merge as in O'Neil et al., "The log-structured merge-tree" (1996).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

K1 = 0.9  # saturation of term frequency; short utterances repeat words by accident
B = 0.4  # how much a long document is held against itself
PRIOR_DOCUMENTS = 200.0  # how many documents of a namespace the background frequency is worth

_TAIL_LIMIT = 1024  # postings scanned linearly before they become a segment: 5 µs a query
_MERGE_RATIO = 8  # a segment is merged into one less than this many times its size
_MAX_TF = 4
_LENGTH_STEPS = 64  # lengths 1 to about 3,000 terms in steps of 13 %
_LENGTH_OF_STEP = np.exp(np.arange(_LENGTH_STEPS) * 0.127)
_STEP_OF_LENGTH: NDArray[np.uint8] = (
    np.round(np.log(np.maximum(np.arange(3000), 1)) / 0.127).clip(0, _LENGTH_STEPS - 1).astype(np.uint8)
)


def term_id(term: str) -> int:
    """Return the 32-bit id of an index term. Two terms share one id once in 4 billion pairs."""
    return crc32(term.encode())


class Segment(NamedTuple):
    """Postings sorted by term: those of `terms[i]` are at `starts[i]` to `starts[i + 1]`.

    Attributes:
        terms: (t,) uint32, ascending, unique.
        starts: (t + 1,) uint32.
        rows: (p,) uint32, ascending within a term.
        codes: (p,) uint8, term frequency and document length.
    """

    terms: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    codes: NDArray[np.uint8]


class Matches(NamedTuple):
    """Postings of the terms of one query, in pieces that each belong to one term.

    Attributes:
        rows: (m,) row of each posting.
        codes: (m,) its code.
        counts: (q,) int64 postings by query term, in the order of the query.
        terms: (p,) int64 which query term each piece belongs to.
        lengths: (p,) int64 postings of each piece.
    """

    rows: NDArray[np.uint32]
    codes: NDArray[np.uint8]
    counts: NDArray[np.int64]
    terms: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def spread(self, by_term: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value of each posting's term, (m,)."""
        return np.repeat(by_term.take(self.terms), self.lengths)


class Postings:
    """An inverted index that grows by one document at a time.

    Attributes:
        n_documents: documents added.
        total_length: sum of their lengths, in terms.
    """

    def __init__(self) -> None:
        self.n_documents = 0
        self.total_length = 0
        self._segments: list[Segment] = []
        self._tail_terms = np.empty(128, np.uint32)
        self._tail_rows = np.empty(128, np.uint32)
        self._tail_codes = np.empty(128, np.uint8)
        self._tail_n = 0
        self._weights = np.zeros(256)
        self._weights_at = -1  # the number of documents they were computed for

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, unused capacity included."""
        tail = self._tail_terms.nbytes + self._tail_rows.nbytes + self._tail_codes.nbytes
        return tail + sum(array.nbytes for segment in self._segments for array in segment)

    def add(self, row: int, terms: Sequence[str]) -> None:
        """Index one document under a row number higher than any before it.

        Cost: about 0.3 µs a distinct term; once in 1,024 postings, a merge of a few of the segments.
        """
        self.n_documents += 1
        length = len(terms)
        self.total_length += length
        if not length:
            return
        step = int(_STEP_OF_LENGTH[min(length, 2999)]) << 2
        counts = Counter([crc32(term.encode()) for term in terms])  # two words may share an id
        n, size = self._tail_n, len(counts)
        if n + size > len(self._tail_terms):
            self._grow(n + size)
        self._tail_terms[n : n + size] = list(counts)
        self._tail_rows[n : n + size] = row
        self._tail_codes[n : n + size] = [step | (min(tf, _MAX_TF) - 1) for tf in counts.values()]
        self._tail_n = n + size
        if self._tail_n >= _TAIL_LIMIT:
            self._seal_tail()

    def match(self, term_ids: Sequence[int]) -> Matches:
        """Return the postings of distinct term ids.

        Cost: a binary search for each segment, then one pass over the tail and the postings found.
        """
        wanted = np.array(term_ids, np.uint32)
        rows: list[NDArray[np.uint32]] = []
        codes: list[NDArray[np.uint8]] = []
        pieces: list[tuple[int, int]] = []
        for terms, starts, its_rows, its_codes in self._segments:
            places = terms.searchsorted(wanted)
            held = (terms.take(places, mode="clip") == wanted).nonzero()[0]
            at = places[held]
            for term, start, end in zip(held.tolist(), starts[at].tolist(), starts[at + 1].tolist(), strict=True):
                rows.append(its_rows[start:end])
                codes.append(its_codes[start:end])
                pieces.append((term, end - start))
        in_tail, at = (self._tail_terms[: self._tail_n] == wanted[:, None]).nonzero()
        if len(at):
            rows.append(self._tail_rows[at])
            codes.append(self._tail_codes[at])
            pieces += enumerate(np.bincount(in_tail).tolist())
        counts = [0] * len(term_ids)
        for term, length in pieces:
            counts[term] += length
        split = np.array(pieces, np.int64).reshape(-1, 2)
        return Matches(
            np.concatenate(rows) if rows else np.empty(0, np.uint32),
            np.concatenate(codes) if codes else np.empty(0, np.uint8),
            np.array(counts, np.int64),
            split[:, 0],
            split[:, 1],
        )

    def weights_by_code(self) -> NDArray[np.float64]:
        """Return the BM25 term weight of each of the 256 codes at today's average length, shape (256,)."""
        if self._weights_at != self.n_documents:
            average = max(self.total_length / self.n_documents, 1.0) if self.n_documents else 1.0
            tf = np.arange(1, _MAX_TF + 1)
            norm = K1 * (1 - B + B * _LENGTH_OF_STEP / average)
            self._weights = (tf[None, :] * (K1 + 1) / (tf[None, :] + norm[:, None])).ravel()
            self._weights_at = self.n_documents
        return self._weights

    def merged(self) -> Segment:
        """Return all postings as one segment, as a snapshot keeps them."""
        parts = [*self._segments, self._tail_segment()]
        while len(parts) > 1:
            parts[-2:] = [_merge(parts[-2], parts[-1])]
        return parts[0]

    def until(self, rows: int, total_length: int) -> Postings:
        """Return the postings of the documents under row numbers below `rows`, as many, and of that length in all."""
        terms, starts, its_rows, codes = self.merged()
        kept = its_rows < rows
        n_kept = np.concatenate(([0], kept.cumsum(dtype=np.int64)))
        ends = n_kept.take(starts)
        held = np.diff(ends) > 0
        segment = Segment(
            terms[held], np.concatenate(([0], ends[1:][held])).astype(np.uint32), its_rows[kept], codes[kept]
        )
        return Postings.restore(segment, rows, total_length)

    @classmethod
    def restore(cls, segment: Segment, n_documents: int, total_length: int) -> Postings:
        """Return postings that hold one segment; its arrays are used as they are and never written."""
        postings = cls()
        postings.n_documents = n_documents
        postings.total_length = total_length
        if len(segment.rows):
            postings._segments.append(segment)
        return postings

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Yield (term id, row, code) in ascending order: the whole content, for comparison."""
        segment = self.merged()
        counts = np.diff(segment.starts.astype(np.int64))
        return zip(
            np.repeat(segment.terms, counts).tolist(),
            segment.rows.tolist(),
            segment.codes.tolist(),
            strict=True,
        )

    def _grow(self, needed: int) -> None:
        size = max(needed, min(2 * len(self._tail_terms), _TAIL_LIMIT))
        self._tail_terms = np.resize(self._tail_terms, size)
        self._tail_rows = np.resize(self._tail_rows, size)
        self._tail_codes = np.resize(self._tail_codes, size)

    def _tail_segment(self) -> Segment:
        n = self._tail_n
        return _sorted_segment(self._tail_terms[:n].copy(), self._tail_rows[:n].copy(), self._tail_codes[:n].copy())

    def _seal_tail(self) -> None:
        self._segments.append(self._tail_segment())
        self._tail_n = 0
        segments = self._segments
        while len(segments) > 1 and len(segments[-2].rows) < _MERGE_RATIO * len(segments[-1].rows):
            segments[-2:] = [_merge(segments[-2], segments[-1])]


def _sorted_segment(terms: NDArray[np.uint32], rows: NDArray[np.uint32], codes: NDArray[np.uint8]) -> Segment:
    order = terms.argsort(kind="stable")
    terms = terms[order]
    starts = np.concatenate(([0], (terms[1:] != terms[:-1]).nonzero()[0] + 1, [len(terms)])).astype(np.uint32)
    if not len(terms):
        starts = np.zeros(1, np.uint32)
    return Segment(terms[starts[:-1]], starts, rows[order], codes[order])


def _merge(old: Segment, new: Segment) -> Segment:
    """Merge two segments of which `new` has the higher rows. Cost: linear, about 10 ns a posting."""
    terms = np.concatenate([np.repeat(part.terms, np.diff(part.starts.astype(np.int64))) for part in (old, new)])
    return _sorted_segment(terms, np.concatenate((old.rows, new.rows)), np.concatenate((old.codes, new.codes)))


def idf(counts: NDArray[np.int64], n_documents: int, background: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return inverse document frequencies, blended with the language at large.

    Args:
        counts: (q,) documents of the namespace that hold each term.
        n_documents: documents of the namespace.
        background: (q,) share of background documents that hold each term, in (0, 1].

    Returns:
        (q,) float64, positive. The background counts as `PRIOR_DOCUMENTS` documents more, so that one,
        five and twenty memories already know a rare word from a common one.
    """
    held = counts + PRIOR_DOCUMENTS * background
    total = n_documents + PRIOR_DOCUMENTS
    return np.log1p((total - held + 0.5) / (held + 0.5))
