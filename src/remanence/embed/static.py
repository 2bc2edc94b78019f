"""The shipped embedder: one table lookup a word piece, no network, no transformer.

It exists so that a query becomes a vector in microseconds wherever numpy runs. It must not import an
optional dependency, read anything but the files beside it, or do work at import time.

Source: the recipe and the measured quality are in data/MODEL_CARD.md; tools/train_static.py makes the
data. The tokenisation is BERT's uncased WordPiece (Devlin et al., 2018).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from re import compile as compile_pattern
from threading import Lock
from typing import cast

import numpy as np
from numpy.typing import NDArray

from remanence.errors import Damaged

DATA = Path(__file__).parent / "data"

_PUNCTUATION = r"!-/:-@\[-`{-~"
_WORD = compile_pattern(rf"[^\s{_PUNCTUATION}]+|[{_PUNCTUATION}]")
_MAX_WORD = 100  # characters; BERT gives up on longer words, so nothing was learnt about them
_CACHED_WORDS = 8192  # a conversation's working set; about 1.5 MB when full
_CACHED_CHARACTERS = 4096
_CHUNK = 64  # pieces summed at once: BLAS wakes its threads for a product of more than 9,216 numbers

_CJK = (
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0002a6df"),
    ("\U0002a700", "\U0002b81f"),
    ("\U0002b820", "\U0002ceaf"),
    ("\U0002f800", "\U0002fa1f"),
)


class _Characters(dict[int, str]):
    """What each character becomes, for `str.translate`: BERT's clean-up, asked for once a character."""

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, code: int) -> str:
        # Character by character: nothing here depends on the order of accents, and sorting a long run of
        # them, as normalising the whole text would, is quadratic.
        found = "".join(map(self._clean, unicodedata.normalize("NFD", chr(code))))
        if len(self) >= _CACHED_CHARACTERS:
            self.clear()
        self[code] = found
        return found

    def _clean(self, char: str) -> str:
        kind = unicodedata.category(char)
        if char.isspace():
            return " "
        if kind == "Mn" or kind.startswith("C") or char == "\N{REPLACEMENT CHARACTER}":
            return ""
        if kind.startswith("P") or any(low <= char <= high for low, high in _CJK):
            return f" {char} "
        lower = char.lower()
        # A symbol no piece holds separates words: the reference would drop the whole word for it.
        return lower if kind[0] in "LMN" or self._known.issuperset(lower) else " "


class WordPiece(dict[str, tuple[int, ...]]):
    """Text to word-piece ids, as BERT's uncased tokenizer gives them, less its special tokens.

    A mapping of words to their pieces that fills itself and forgets everything when it is full: one
    lookup a word when warm. Where the reference says [UNK], nothing is emitted; of a word
    with an unknown symbol stuck to it, such as an emoji, the rest is kept.

    Args:
        pieces: the vocabulary; its index is the id.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        super().__init__()
        self._ids = dict(zip(pieces, range(len(pieces)), strict=True))
        self._characters = _Characters(frozenset(chain.from_iterable(pieces)))

    def ids(self, text: str) -> list[int]:
        """Return the piece ids of a text in order. Cost: linear; about 3 µs for ten common words."""
        if not text.isascii():
            text = text.translate(self._characters)
        return list(chain.from_iterable(map(self.__getitem__, _WORD.findall(text.lower()))))

    def __missing__(self, word: str) -> tuple[int, ...]:
        found = self._split(word)
        if len(word) <= _MAX_WORD:
            if len(self) >= _CACHED_WORDS:
                self.clear()
            self[word] = found
        return found

    def _split(self, word: str) -> tuple[int, ...]:
        """Return the longest known pieces from left to right, or none if one is missing."""
        if not word.isprintable():  # control characters, which plain ASCII text reaches here with
            word = word.translate(self._characters).strip()
        if len(word) > _MAX_WORD:
            return ()
        ids = self._ids
        found: list[int] = []
        start, prefix = 0, ""
        while start < len(word):
            end = len(word)
            while (piece := ids.get(prefix + word[start:end])) is None:
                end -= 1
                if end == start:
                    return ()
            found.append(piece)
            start, prefix = end, "##"
        return tuple(found)


class StaticEmbedder:
    """Mean of learnt word-piece vectors: 128 dimensions, int8, memory-mapped, 4 MB on disk.

    The weight of a piece (rare ones count for more) is folded into the length of its row, and the one
    scale of the table falls out in the normalisation, so a vector is a sum of integers, scaled once.
    Safe to use from several threads.

    Args:
        path: directory with table.npy, vocabulary.txt and static.json; None for the shipped one.

    Raises:
        Damaged: a file is missing, or the table's shape is not the one its description gives.

    Cost: about 10 µs for a query of ten words once its words have been seen, and about 4 µs for each
    new word. Opening reads two small files; the vocabulary is built on first use, in about 10 ms.
    """

    name: str
    dim: int

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = DATA if path is None else Path(path)
        try:
            about = json.loads((self._path / "static.json").read_text(encoding="utf-8"))
            self.name, self.dim = str(about["name"]), int(about["dim"])
            table = np.load(self._path / "table.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError) as error:
            raise Damaged(f"no usable embedding table in {self._path}: {error}; reinstall remanence") from error
        if table.shape != (about["rows"], self.dim) or table.dtype != np.int8:
            raise Damaged(
                f"{self._path / 'table.npy'} holds {table.dtype} {table.shape} where static.json says "
                f"int8 {(about['rows'], self.dim)}; reinstall remanence"
            )
        self._table = cast("NDArray[np.int8]", table.view(np.ndarray))
        self._ones = np.ones(_CHUNK, np.float32)
        self._word_pieces: WordPiece | None = None
        self._lock = Lock()

    @property
    def word_pieces(self) -> WordPiece:
        """The tokenizer, built on first use."""
        if self._word_pieces is None:
            with self._lock:
                if self._word_pieces is None:
                    pieces = (self._path / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
                    self._word_pieces = WordPiece(pieces[: len(self._table)])
        return self._word_pieces

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length; zeros if it has no words."""
        ids = (self._word_pieces or self.word_pieces).ids(text)
        n = len(ids)
        if n <= _CHUNK:
            total = self._ones[:n].dot(self._table.take(ids, 0).astype(np.float32)) if n else None
        else:
            total = np.zeros(self.dim, np.float32)
            for start in range(0, n, _CHUNK):
                part = self._table.take(ids[start : start + _CHUNK], 0)
                total += self._ones[: len(part)].dot(part.astype(np.float32))
        if total is None:
            return np.zeros(self.dim, np.float32)
        square = float(total.dot(total))
        return total * (square**-0.5) if square else total

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), float32, as `embed` gives them."""
        found = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            found[row] = self.embed(text)
        return found
