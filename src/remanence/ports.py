"""The sockets: what a caller may plug in. Objects are passed, never names of providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.records import Stated


@runtime_checkable
class Embedder(Protocol):
    """Text to vector.

    Attributes:
        name: identity, kept in the store: two embedders with one name must give the same vectors.
        dim: length of a vector.
    """

    name: str
    dim: int

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length, or zeros for no content."""
        ...

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), row i equal to `embed(texts[i])`."""
        ...


@runtime_checkable
class Analyzer(Protocol):
    """Text to index terms, and how common a term is in the language at large.

    Attributes:
        name: identity, kept in the store.
    """

    name: str

    def terms(self, text: str) -> list[str]:
        """Return the index terms of a text in order, with repetitions, stop words removed."""
        ...

    def document_frequency(self, term: str) -> float:
        """Return the share of background documents that hold the term, in (0, 1]."""
        ...


@runtime_checkable
class Thesaurus(Protocol):
    """What an `Analyzer` may know besides: which terms mean nearly the same."""

    def related(self, term: str) -> Sequence[tuple[int, float]]:
        """Return ids of related index terms (CRC-32 of their UTF-8), and how alike each is, in (0, 1]."""
        ...


@runtime_checkable
class Extractor(Protocol):
    """Text to the facts it states.

    Attributes:
        name: what it is called where it is told of.
    """

    name: str

    def extract(self, text: str, *, at_ns: int, speaker: str, carried: Any) -> tuple[Sequence[Stated], Any]:
        """Return the facts that a text states, and what to carry to the next text of this conversation.

        Args:
            text: what was said.
            at_ns: when, ns since the epoch; "yesterday" is the day before.
            speaker: the subject of "I".
            carried: what it returned for the text before; None for the first one.
        """
        ...


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A memory, or a part of a long one, as an extractor gets it that works in upkeep.

    Attributes:
        id: of the memory.
        seq: the record that holds it.
        conversation: the same number for turns of one conversation.
        asked: facts are wanted of it; other turns, an assistant's among them, are there to be understood by.
    """

    id: str
    seq: int
    text: str
    speaker: str
    role: str
    at_ns: int
    conversation: int
    asked: bool

    @property
    def subject(self) -> str:
        """Who "I" is in it."""
        return "user" if self.role == "user" or not self.speaker else self.speaker


@runtime_checkable
class BackgroundExtractor(Protocol):
    """Turns to the facts they state, by something too slow for the write path: it works in `Store.upkeep`.

    Attributes:
        name: how far it has read is kept in the log under it; under another one it begins again.
    """

    name: str

    def extract_batch(self, turns: Sequence[Turn]) -> tuple[int, Sequence[tuple[int, Stated]]]:
        """Return how many turns were read, from the first, and the facts found, each with the index of its turn.

        It is called without any lock held, and takes as many turns as one call to the model has room for.

        Args:
            turns: in log order, at least one of them `asked`; at least the first of those must be read.

        Raises:
            BadAnswer: it could make nothing of these turns; fewer are tried.
            Exception: any other means that it does not work now; a later upkeep tries again.
        """
        ...


@runtime_checkable
class Reranker(Protocol):
    """How well texts answer a query, judged by something slower than the hot path.

    Attributes:
        name: what it is called where it is told of.
    """

    name: str

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each text: shape (len(texts),), float32, higher is better, on any scale.

        It is called with a few texts at a time, best first, each with its speaker in front ("Ana: My dog is
        called Potola"); a score must not depend on the others of its batch.
        """
        ...


class TokenCounter(Protocol):
    """How many tokens a text takes in the caller's model; must never be negative."""

    def __call__(self, text: str, /) -> int: ...


class Clock(Protocol):
    """Nanoseconds since the Unix epoch."""

    def __call__(self) -> int: ...
