"""How common an index term is in everyday talk, and which terms mean nearly the same.

It exists so that one, five and twenty memories already rank well, and so that "children" finds "kids".
It must not tokenise: it knows terms as `remanence.core.text.terms` makes them, and nothing of texts.

Files: lexicon_keys.npy, uint32, the CRC-32 of each known term's UTF-8, ascending. In the same order:
lexicon_codes.npy, uint8, where a term's share of documents is exp(−code·step); lexicon_related.npy, uint16
(terms, 2), the places of the terms most like it; lexicon_likeness.npy, uint8 (terms, 2), how much they are,
in steps of 1/255, 0 where there is none. lexicon.json holds the step, the number of documents and the name.
tools/train_lexicon.py makes them.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from math import exp
from pathlib import Path
from zlib import crc32

import numpy as np

from remanence.errors import Damaged

DATA = Path(__file__).parent / "data"


class Lexicon:
    """What is known of index terms. A document is one utterance.

    A term nobody said among the background documents gets the share of half a document. Two terms can
    have one CRC-32: about one unknown term in 100,000 is taken for a known one.

    Args:
        path: directory with the files; None for the shipped ones.

    Raises:
        Damaged: a file is missing, or the lengths do not agree.

    Cost: opening maps 210 KB and reads nothing; a look-up is a binary search, about 1 µs.
    """

    name: str
    n_documents: int

    def __init__(self, path: str | Path | None = None) -> None:
        directory = DATA if path is None else Path(path)
        try:
            about = json.loads((directory / "lexicon.json").read_text(encoding="utf-8"))
            self.name = str(about["name"])
            self.n_documents = int(about["documents"])
            step = float(about["step"])
            keys = np.load(directory / "lexicon_keys.npy", mmap_mode="r", allow_pickle=False)
            codes = np.load(directory / "lexicon_codes.npy", mmap_mode="r", allow_pickle=False)
            related = np.load(directory / "lexicon_related.npy", mmap_mode="r", allow_pickle=False)
            likeness = np.load(directory / "lexicon_likeness.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise Damaged(f"no usable lexicon in {directory}: {error}; reinstall remanence") from error
        if keys.shape != codes.shape or keys.dtype != np.uint32 or codes.dtype != np.uint8:
            raise Damaged(
                f"the lexicon in {directory} holds {keys.dtype} {keys.shape} and {codes.dtype} "
                f"{codes.shape} where uint32 and uint8 of one length belong; reinstall remanence"
            )
        fits = related.ndim == 2 and related.shape == likeness.shape and len(related) == len(keys)
        if not fits or related.dtype != np.uint16 or likeness.dtype != np.uint8:
            raise Damaged(f"the related terms in {directory} do not fit its lexicon; reinstall remanence")
        self._related, self._likeness = related, likeness
        self._keys, self._codes = memoryview(keys), memoryview(codes)
        self._shares = tuple(exp(-code * step) for code in range(256))
        self._floor = 0.5 / (self.n_documents + 1)

    def __len__(self) -> int:
        """Return how many terms are known."""
        return len(self._keys)

    def share(self, term: str) -> float:
        """Return the share of background documents that hold the term, in (0, 1]."""
        at = self._place(term)
        return self._floor if at is None else self._shares[self._codes[at]]

    def related(self, term: str) -> list[tuple[int, float]]:
        """Return the ids of up to 2 terms of nearly the same meaning, and how alike they are, in (0, 1].

        Cost: about 2 µs.
        """
        at = self._place(term)
        if at is None:
            return []
        alike = [code for code in self._likeness[at].tolist() if code]
        return [(self._keys[place], code / 255) for place, code in zip(self._related[at].tolist(), alike, strict=False)]

    def _place(self, term: str) -> int | None:
        key = crc32(term.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._keys, key)
        return at if at < len(self._keys) and self._keys[at] == key else None
