"""A caller's embedder, held to its word: whatever it gives is checked once, for writing and reading alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.embed.function import FunctionEmbedder, unit
from remanence.embed.static import StaticEmbedder
from remanence.errors import InvalidInput, InvalidVector
from remanence.ports import Embedder


class CheckedEmbedder:
    """An `Embedder` whose vectors are float32, finite, of one length, and unit or zero.

    Attributes:
        name, dim: those of the embedder inside.
    """

    def __init__(self, inside: Embedder) -> None:
        self.name = str(inside.name)
        self.dim = int(inside.dim)
        self._inside = inside

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a text, (dim,) float32.

        Raises:
            InvalidVector: it has another shape, or NaN or infinity in it.
        """
        given = self._inside.embed(text)
        try:
            with np.errstate(over="ignore"):  # what overflows is infinite, and refused below
                vector = np.asarray(given, np.float32)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidVector(f"embedder {self.name!r} gave {type(given).__name__} for {text[:40]!r}") from error
        if vector.shape != (self.dim,):
            raise InvalidVector(f"embedder {self.name!r} gave shape {vector.shape}, not ({self.dim},)")
        if not np.isfinite(vector).all():
            raise InvalidVector(f"embedder {self.name!r} gave NaN or infinity for {text[:40]!r}")
        return unit(vector.astype(np.float64))

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts, (len(texts), dim) float32, each as `embed` gives it."""
        return np.array([self.embed(text) for text in texts], np.float32).reshape(len(texts), self.dim)


def checked_embedder(given: Embedder | Callable[[str], ArrayLike] | None) -> Embedder:
    """Return an embedder whose vectors can be relied on, from whatever a caller gives."""
    if given is None:
        return StaticEmbedder()
    if isinstance(given, (StaticEmbedder, FunctionEmbedder)):
        return given
    if isinstance(given, Embedder):
        return CheckedEmbedder(given)
    if callable(given):
        return FunctionEmbedder(given)
    raise InvalidInput(f"embedder is a {type(given).__name__}; give an Embedder or a function of a text")
