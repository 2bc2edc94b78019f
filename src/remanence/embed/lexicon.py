"""How common an index term is in everyday talk: the background a small memory has no statistics for.

It exists so that one, five and twenty memories already rank well, and so that the words of a memory have
a fixed order of information. It must not tokenise: it knows terms as `remanence.core.text.terms` makes
them, and nothing of texts.

Files: lexicon_keys.npy, uint32, the CRC-32 of each known term's UTF-8, ascending; lexicon_codes.npy,
uint8, in the same order, where a term's share of documents is exp(−code·step); lexicon.json with the
step, the number of documents and the name. tools/train_lexicon.py makes them.
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


class BackgroundFrequencies:
    """Share of background documents that hold a term; a document is one utterance.

    A term nobody said among the background documents gets the share of half a document. Two terms can
    have one CRC-32: about one unknown term in 100,000 is taken for a known one.

    Args:
        path: directory with the three files; None for the shipped ones.

    Raises:
        Damaged: a file is missing, or the lengths do not agree.

    Cost: opening maps 200 KB and reads nothing; a look-up is a binary search, about 1 µs.
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
        except (OSError, ValueError, KeyError) as error:
            raise Damaged(f"no usable lexicon in {directory}: {error}; reinstall remanence") from error
        if keys.shape != codes.shape or keys.dtype != np.uint32 or codes.dtype != np.uint8:
            raise Damaged(
                f"the lexicon in {directory} holds {keys.dtype} {keys.shape} and {codes.dtype} "
                f"{codes.shape} where uint32 and uint8 of one length belong; reinstall remanence"
            )
        self._keys, self._codes = memoryview(keys), memoryview(codes)
        self._shares = tuple(exp(-code * step) for code in range(256))
        self._floor = 0.5 / (self.n_documents + 1)

    def __len__(self) -> int:
        """Return how many terms are known."""
        return len(self._keys)

    def share(self, term: str) -> float:
        """Return the share of background documents that hold the term, in (0, 1]."""
        key = crc32(term.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            return self._shares[self._codes[at]]
        return self._floor
