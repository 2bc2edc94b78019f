"""Sentences to store and queries to ask: read from a file, or made from the shipped conversation.

Made texts follow the shipped one word by word (a bigram chain), with lengths as spoken turns have them
and rare invented names in between, so that posting lists have the long tail of real ones.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from remanence.errors import InvalidInput
from remanence.surfaces.demo import household

MEDIAN_WORDS = 20
_LENGTH_SPREAD = 0.55  # sigma of the log of the length; a quarter of spoken turns is under 14 words
_NAME_SHARE = 0.12
_N_NAMES = 30_000
_SYLLABLES = "ba ne ri so tu ka le mi do fe ga lo pi ra su ve jo hen mar tin lis bor dal wen cas".split()
_N_QUERY_WORDS = 10
_MIN_SENTENCES = 100


class Texts:
    """A supply of sentences and of queries, the same for one seed.

    Args:
        path: a file with one sentence a line; None makes them up.

    Raises:
        InvalidInput: a file with too few sentences to be of use.
    """

    def __init__(self, path: str | Path | None = None, seed: int = 0) -> None:
        self._draw = random.Random(seed)
        self.source = "made from the shipped conversation" if path is None else str(path)
        self._lines: list[str] = []
        if path is not None:
            read = Path(path).read_text(encoding="utf-8", errors="replace").split("\n")
            self._lines = list(dict.fromkeys(line.strip() for line in read if line.strip()))
            if len(self._lines) < _MIN_SENTENCES:
                raise InvalidInput(f"{path} has {len(self._lines)} sentences; give {_MIN_SENTENCES} or more")
            self._draw.shuffle(self._lines)
        self._chain = _chain(turn.text for turn in household().turns)
        self._names = ["".join(self._draw.choices(_SYLLABLES, k=3)).title() for _ in range(_N_NAMES)]

    def sentences(self, n: int) -> list[str]:
        """Return n sentences; of a file that has fewer, joined anew to turns of the usual length."""
        if not self._lines:
            return [self._made() for _ in range(n)]
        supply = iter(self._lines * (1 + n * 4 // len(self._lines)))
        return [self._joined(supply) for _ in range(n)]

    def queries(self, n: int, stored: Sequence[str]) -> list[str]:
        """Return n queries about what is stored: some of its words, in order, as a question."""
        asked: list[str] = []
        for _ in range(n):
            words = self._draw.choice(stored).rstrip(".?!").split()
            kept = sorted(self._draw.sample(range(len(words)), min(len(words), _N_QUERY_WORDS // 2 + 1)))
            asked.append(" ".join(["what", "about", *(words[i] for i in kept)]) + "?")
        return asked

    def _length(self) -> int:
        return max(2, round(MEDIAN_WORDS * math.exp(self._draw.gauss(0, _LENGTH_SPREAD))))

    def _made(self) -> str:
        word = self._draw.choice(self._chain[""])
        words = [word]
        for _ in range(self._length() - 1):
            if self._draw.random() < _NAME_SHARE:
                words.append(self._names[min(int(self._draw.paretovariate(0.6)), _N_NAMES) - 1])
                continue
            word = self._draw.choice(self._chain.get(word) or self._chain[""])
            words.append(word)
        return " ".join(words)

    def _joined(self, supply: Iterator[str]) -> str:
        length, words = self._length(), list[str]()
        while len(words) < length // 2 + 1:
            words += next(supply, "and so on").split()
        return " ".join(words)


def _chain(texts: Iterator[str]) -> dict[str, list[str]]:
    """Return what follows each word; the empty word is followed by what starts a text."""
    chain: dict[str, list[str]] = {}
    for text in texts:
        for word, following in pairwise(["", *text.split()]):
            chain.setdefault(word, []).append(following)
    return chain
