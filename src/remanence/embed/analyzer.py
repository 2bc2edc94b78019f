"""The shipped analyzer: the terms of `core.text` with the background frequencies beside this file."""

from __future__ import annotations

from remanence.core import text as words_of
from remanence.embed.lexicon import BackgroundFrequencies


class EnglishAnalyzer:
    """Light English stems and stop words; other scripts by word or bigram.

    Attributes:
        name: changes whenever a text could give other terms than before.
    """

    name = "english-v1"

    def __init__(self, background: BackgroundFrequencies | None = None) -> None:
        self._background = background or BackgroundFrequencies()
        self._shares: dict[str, float] = {}

    def terms(self, text: str) -> list[str]:
        """Return the index terms of a text in order, with repetitions."""
        return words_of.terms(text)

    def document_frequency(self, term: str) -> float:
        """Return the share of background utterances that hold the term, in (0, 1]."""
        share = self._shares.get(term)
        if share is None:
            if len(self._shares) >= 4096:
                self._shares.clear()
            share = self._shares[term] = self._background.share(term)
        return share
