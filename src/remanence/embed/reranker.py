"""Any embedder as a reranker: the cosine of query and text, by a model too slow for the hot path.

It keeps the vectors of texts it has seen, since the same memories come up again and again in a conversation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput
from remanence.ports import Embedder

_ENTRY_BYTES = 256  # of a vector kept, beside its numbers: the key, the array, the table


class EmbedderReranker:
    """A bi-encoder: query and text are embedded apart, and their cosine is the score.

    May be used from several threads where the embedder may.

    Args:
        embedder: another than the store's own, whose cosine is in the fast score already.
        cache_bytes: how much memory the vectors of texts may take; 32 MiB is some 18,000 of 384
            dimensions. The least recently used go first. A text is kept as its digest.

    Attributes:
        name: the embedder's.

    Raises:
        InvalidInput: not an Embedder, or `cache_bytes` is negative.

    Cost: the embedder's for a new query or text; about 3 µs for a text whose vector is kept.
    """

    name: str

    def __init__(self, embedder: Embedder, *, cache_bytes: int = 32 << 20) -> None:
        if not isinstance(embedder, Embedder):
            raise InvalidInput(f"embedder is a {type(embedder).__name__}; give an Embedder")
        if type(cache_bytes) is not int or cache_bytes < 0:
            raise InvalidInput(f"cache_bytes is {cache_bytes!r}; use a whole number of bytes")
        self.name = str(embedder.name)
        self._embedder = embedder
        self._room = cache_bytes // (4 * int(embedder.dim) + _ENTRY_BYTES)
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()
        self._asked: tuple[str, NDArray[np.float32]] | None = None  # a query comes once a batch

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the cosine of the query with each text: shape (len(texts),), float32, in [-1, 1]."""
        if not texts:
            return np.zeros(0, np.float32)
        asked = self._asked
        if asked is None or asked[0] != query:
            asked = self._asked = (query, np.asarray(self._embedder.embed(query), np.float32))
        return self._vectors(texts) @ asked[1]

    def warm(self, texts: Sequence[str]) -> None:
        """Embed texts ahead of the queries, say those just added, when nobody waits.

        Args:
            texts: as a store will give them to `scores`: "Ana: My dog is called Potola" where Ana said it.

        Cost: the embedder's for each text not kept yet.
        """
        if texts:
            self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, (len(texts), dim)."""
        keys = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        found: dict[bytes, NDArray[np.float32]] = {}
        with self._lock:
            for key in keys:
                if (vector := self._kept.get(key)) is not None:
                    self._kept.move_to_end(key)
                    found[key] = vector
        if new := {key: text for key, text in zip(keys, texts, strict=True) if key not in found}:
            vectors = np.asarray(self._embedder.embed_batch(list(new.values())), np.float32)
            made = {key: vector.copy() for key, vector in zip(new, vectors, strict=True)}
            found |= made
            with self._lock:
                self._kept |= made
                while len(self._kept) > self._room:
                    self._kept.popitem(last=False)
        return np.array([found[key] for key in keys], np.float32)
