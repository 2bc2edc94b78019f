"""The shipped analyzer: the terms of `core.text` with the lexicon beside this file."""

from __future__ import annotations

from remanence.core import text as words_of
from remanence.embed.lexicon import Lexicon


class EnglishAnalyzer:
    """Light English stems and stop words; other scripts by word or bigram.

    Attributes:
        name: changes whenever a text could give other terms than before.
    """

    name = "english-v1"

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or Lexicon()
        self._shares: dict[str, float] = {}
        self._related: dict[str, list[tuple[int, float]]] = {}

    def terms(self, text: str) -> list[str]:
        """Return the index terms of a text in order, with repetitions."""
        return words_of.terms(text)

    def document_frequency(self, term: str) -> float:
        """Return the share of background utterances that hold the term, in (0, 1]."""
        share = self._shares.get(term)
        if share is None:
            if len(self._shares) >= 4096:
                self._shares.clear()
            share = self._shares[term] = self._lexicon.share(term)
        return share

    def related(self, term: str) -> list[tuple[int, float]]:
        """Return the ids of terms of nearly the same meaning, and how alike they are, in (0, 1]."""
        found = self._related.get(term)
        if found is None:
            if len(self._related) >= 4096:
                self._related.clear()
            found = self._related[term] = self._lexicon.related(term)
        return found
