"""Stand-ins for tests: a clock that obeys, and an embedder without data. Public: users test with them too.

Nothing here may be used by the package itself, read a real clock, or draw a random number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_NS = 1_000_000_000


class FakeClock:
    """A clock that moves only when told to, or by a fixed step at each reading.

    Args:
        start_ns: first reading, ns since the epoch; the default is 2024-01-01T00:00:00Z.
        step_ns: how far each reading moves it on; 0 keeps it still.
    """

    def __init__(self, start_ns: int = 1_704_067_200 * _NS, step_ns: int = 0) -> None:
        self.now_ns = start_ns
        self.step_ns = step_ns

    def __call__(self) -> int:
        """Return the time in ns since the epoch, then move on by `step_ns`."""
        now = self.now_ns
        self.now_ns += self.step_ns
        return now

    def advance(self, *, seconds: float = 0, ns: int = 0) -> None:
        """Move the clock by seconds plus nanoseconds; negative moves it back, as real clocks do."""
        self.now_ns += round(seconds * _NS) + ns


class HashingEmbedder:
    """Signed feature hashing of words: texts with the same words are near, and nothing is learnt.

    Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009. The sign's bit
    and the bucket's bits are different bits of one strong hash: were they tied, every collision of a
    bucket would add up with one sign and inner products would be biased.

    Args:
        dim: length of its vectors, positive.

    Cost: about 1 µs a word.
    """

    name: str
    dim: int

    def __init__(self, dim: int = 256) -> None:
        if dim <= 0:
            raise ValueError(f"dim must be positive, got {dim}")
        self.dim = dim
        self.name = f"hashing-{dim}-v1"

    def place(self, word: str) -> tuple[int, int]:
        """Return the bucket of a word, in [0, dim), and its sign, +1 or −1."""
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=9).digest()
        return int.from_bytes(digest[:8], "little") % self.dim, 1 - 2 * (digest[8] & 1)

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length; zeros if it has no words.

        Words whose signs cancel out in one bucket can leave zeros too.
        """
        found = np.zeros(self.dim, np.float32)
        for word in _WORD.findall(text.lower()):
            bucket, sign = self.place(word)
            found[bucket] += sign
        square = float(found @ found)
        return found * square**-0.5 if square else found

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), float32."""
        return np.array([self.embed(text) for text in texts], np.float32).reshape(len(texts), self.dim)
