"""Static models of the Model2Vec project as embedders: other languages, other sizes, same speed class.

The only file that imports `model2vec`, and only when an embedder is made. It must not download: a model
is a directory or an object the caller already has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput, MissingExtra


class StaticModel(Protocol):
    """What is asked of a model: the part of `model2vec.StaticModel` used here."""

    embedding: NDArray[Any]

    @property
    def dim(self) -> int: ...
    def encode(self, sentences: list[str], *, max_length: int | None) -> NDArray[Any]: ...


class Model2VecEmbedder:
    """A Model2Vec `StaticModel`.

    Args:
        path_or_model: a directory written by `StaticModel.save_pretrained`, or a loaded model.
        name: identity, kept in the store; None: made of the digest of the model's vectors.

    Raises:
        MissingExtra: model2vec is not installed and a path was given.
        InvalidInput: the path is not a directory.

    Cost: about 50 µs a query; the table stays in memory as float32 unless the model is quantised.
    """

    name: str
    dim: int

    def __init__(self, path_or_model: str | Path | StaticModel, name: str | None = None) -> None:
        model = _load(Path(path_or_model)) if isinstance(path_or_model, str | Path) else path_or_model
        self._model = model
        table = np.ascontiguousarray(model.embedding)
        self.dim = int(model.dim)
        self.name = name or f"model2vec-{self.dim}:{hashlib.blake2b(table.data, digest_size=4).hexdigest()}"

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length; zeros if it has no words."""
        return self.embed_batch([text])[0]

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), float32."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        # Its tokenizer is native code and takes UTF-8 only, so lone surrogates must go first.
        clean = [text.encode("utf-8", "ignore").decode("utf-8") for text in texts]
        found = np.nan_to_num(np.asarray(self._model.encode(clean, max_length=None), dtype=np.float32))
        norms = np.sqrt(np.einsum("ij,ij->i", found, found))[:, None]
        return np.divide(found, norms, out=np.zeros_like(found), where=norms > 0)


def _load(path: Path) -> StaticModel:
    try:
        library = import_module("model2vec")
    except ImportError as error:
        raise MissingExtra("model2vec", "model2vec") from error
    if not path.is_dir():
        raise InvalidInput(f"no Model2Vec model at {path}; give a directory, nothing is downloaded")
    return library.StaticModel.from_pretrained(path)
