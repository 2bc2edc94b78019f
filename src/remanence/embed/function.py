"""Any callable from text to a vector, as an embedder: the way in for models this package does not know.

It exists so that a bad vector is refused at the door with its cause, and never reaches a store. It must
not import a model library, call the function for empty text, or retry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.errors import InvalidInput, InvalidVector

_PROBE = "probe"


class FunctionEmbedder:
    """An embedder made of one function.

    Args:
        function: takes a text and returns a vector of numbers, always of one length; need not be
            normalised. Must give the same vector for the same text.
        name: identity, kept in the store. Give one that changes when the model behind the function does;
            the default is the function's own qualified name and the dimension.
        dim: length of its vectors; None: call the function once, with the text "probe", to find out.

    Raises:
        InvalidInput: `function` is not callable or `dim` is not positive.
        InvalidVector: the function gave something that is not one finite vector of length `dim`.

    Cost: the function's, plus about 10 µs.
    """

    name: str
    dim: int

    def __init__(self, function: Callable[[str], ArrayLike], name: str | None = None, dim: int | None = None) -> None:
        if not callable(function):
            raise InvalidInput(f"function is {function!r}, which cannot be called; give a text -> vector one")
        if dim is not None and dim <= 0:
            raise InvalidInput(f"dim is {dim}; give the length of the function's vectors, or None to probe")
        self._function = function
        self.dim = len(_vector(function(_PROBE), None)) if dim is None else dim
        self.name = name or f"function:{_qualified_name(function)}:{self.dim}"

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length; zeros for blank text.

        Raises:
            InvalidVector: the function gave something that is not one finite vector of length `dim`.
        """
        if not text.strip():
            return np.zeros(self.dim, np.float32)
        return unit(_vector(self._function(text), self.dim))

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), float32; one call for each."""
        found = np.empty((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            found[row] = self.embed(text)
        return found


def unit(vector: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a new, finite vector (dim,) at unit length, whatever the size of its numbers; zeros stay zeros."""
    peak = float(np.abs(vector).max(initial=0.0))
    if peak == 0.0:
        return np.zeros(len(vector), np.float32)
    scaled = vector / peak  # so that no square overflows or vanishes
    return (scaled / np.sqrt(scaled @ scaled)).astype(np.float32)


def _vector(given: ArrayLike, dim: int | None) -> NDArray[np.float64]:
    """Return what the function gave as float64, or raise InvalidVector with what is wrong with it."""
    try:
        found = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidVector(f"the function gave {type(given).__name__}, not a vector: {error}") from error
    if found.ndim != 1 or found.size == 0:
        raise InvalidVector(f"the function gave shape {found.shape}; one text must give one vector (dim,)")
    if dim is not None and len(found) != dim:
        raise InvalidVector(f"the function gave {len(found)} dimensions where {dim} were expected")
    if not np.isfinite(found).all():
        raise InvalidVector(f"the function gave NaN or infinity, first at index {_first_bad(found)}")
    return found


def _first_bad(vector: NDArray[np.float64]) -> int:
    return int(np.flatnonzero(~np.isfinite(vector))[0])


def _qualified_name(function: object) -> str:
    kind = function if hasattr(function, "__qualname__") else type(function)
    return f"{getattr(kind, '__module__', '?')}.{getattr(kind, '__qualname__', '?')}"
