"""Values in words, as rows of a state: what each stands for, what it is found by, and how it reads in a prompt."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.core.bm25 import Matches, Postings
from remanence.core.packing import line
from remanence.engine.columns import ALIVE
from remanence.engine.state import State
from remanence.engine.vectors import text_of
from remanence.records import Metadata, Stated, Utterance
from remanence.types import Fact

_JOINTS = re.compile(r"[_/.:]+|(?<=[a-z0-9])(?=[A-Z])")  # of names such as user_name, order/4711 and dietaryNeeds
_VERBS = frozenset(("has", "likes", "dislikes"))  # relations that are not nouns
_DAY_NS = 86_400 * 10**9


class Told(NamedTuple):
    """What one row stands for.

    Attributes:
        kind: "fact", "kv", "stream" or "vector".
        id: what a caller knows it by.
        version: of the key, the vector, or the memory that states the fact.
        value: JSON.
        words: what it is found by.
        at_ns, recorded_ns: when it happened, and when it was written.
        metadata: that of the vector, or of the memory that states the fact.
    """

    kind: str
    id: str
    version: int
    value: bytes
    words: str
    at_ns: int
    recorded_ns: int
    metadata: Metadata

    def text(self) -> str:
        """Return what a caller reads."""
        if self.kind == "fact":
            return self.words
        said = text_of(msgspec.json.decode(self.value)) if self.kind == "vector" else self.value.decode()
        return said if self.kind == "vector" else f"{self.id}: {said}"

    def line(self) -> str:
        """Return it as a line of a prompt."""
        return labelled(self.kind, self.text())


def labelled(kind: str, text: str) -> str:
    """Return what is no text as a line of a prompt: "[kv] plan: {…}"."""
    return f"[{kind}] {line('', '', text)[2:]}"


class LivingPostings(Postings):
    """Postings whose documents may go: how rare a word is, is told by those that are there.

    A counter that was put a thousand times must not make its own name a common word.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gone = np.zeros(16, np.bool_)

    def remove(self, row: int, length: int) -> None:
        """Let a document go, of so many terms."""
        if row >= len(self._gone):
            gone = np.zeros(2 * row, np.bool_)
            gone[: len(self._gone)] = self._gone
            self._gone = gone
        self._gone[row] = True
        self.n_documents -= 1
        self.total_length -= length
        self._weights_at = -1

    def match(self, term_ids: Sequence[int]) -> Matches:
        found = super().match(term_ids)
        there = ~self._gone.take(found.rows, mode="clip") | (found.rows >= len(self._gone))
        piece = np.repeat(np.arange(len(found.lengths)), found.lengths)
        lengths = np.bincount(piece[there], minlength=len(found.lengths))
        counts = np.zeros(len(term_ids), np.int64)
        np.add.at(counts, found.terms, lengths)
        return Matches(found.rows[there], found.codes[there], counts, found.terms, lengths)


class Rows(State):
    """The rows: nobody says them, they belong to no conversation, and only entries of one stream repeat each other."""

    postings: LivingPostings  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, like: State) -> None:
        super().__init__(like.embedder, like.analyzer)
        self.postings = LivingPostings()
        self.told: list[Told] = []
        self._n_terms: list[int] = []  # of each row

    def index_terms(self, said: Utterance, at_ns: int) -> list[str]:
        terms = super().index_terms(said, at_ns)
        self._n_terms.append(len(terms))
        return terms

    def change(self, seq: int, row: int, what: int, second: int) -> None:
        lived = self.columns.flags[row] & ALIVE
        super().change(seq, row, what, second)
        if lived and not self.columns.flags[row] & ALIVE:
            self.postings.remove(row, self._n_terms[row])

    def _session_of(self, name: str, at_ns: int) -> int:
        return self.sessions.new_unnamed()

    def version_of(self, row: int) -> int:
        return self.told[row].version

    def said(self, rows: NDArray[np.intp]) -> list[tuple[Hashable, str]]:
        return [(_source(told), told.words) for told in map(self.told.__getitem__, rows.tolist())]


def _source(told: Told) -> Hashable:
    """Return what two rows must have in common for one to repeat the other."""
    if told.kind == "stream":
        return told.kind, told.id.rpartition("/")[0], told.at_ns // _DAY_NS
    return (told.kind, "") if told.kind == "vector" else (told.kind, told.id, told.words)


def stated(fact: Fact | Stated) -> str:
    """Return a fact as a line: "Ana's residence: Lisbon", "Ana likes sushi"."""
    if fact.relation in _VERBS:
        return f"{fact.subject} {fact.relation} {fact.object}"
    return f"{fact.subject}'s {fact.relation}: {fact.object}"


def in_words(value: Any) -> str:
    """Return a JSON value as the words it is found by, names in it taken apart: "status shipped, items sku 3"."""
    if isinstance(value, dict):
        return ", ".join(f"{apart(key)} {in_words(each)}" for key, each in value.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        return ", ".join(map(in_words, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def apart(name: str) -> str:
    """Return a name with its parts taken apart: "profile dietary Needs"."""
    return _JOINTS.sub(" ", name)
