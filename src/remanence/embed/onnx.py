"""Transformer exports run by ONNX Runtime: an embedder and a reranker, for who can spend milliseconds a query.

The only file that imports `onnxruntime` and `tokenizers`, and only when a model is opened. It must not
download: the model and its tokenizer are files the caller already has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput, MissingExtra

_BATCH = 32  # texts run at once: larger ones pad more than they save on a CPU


class OnnxEmbedder:
    """A sentence-transformer export: tokens in, mean over tokens, unit length.

    Takes the usual exports: inputs `input_ids`, `attention_mask` and, where the graph asks for it,
    `token_type_ids`; an output of shape (batch, tokens, dim) is averaged under the mask, one of shape
    (batch, dim) is taken as the sentence's own.

    Args:
        model_path: the .onnx file.
        tokenizer_path: its tokenizer.json.
        name: identity, kept in the store; None: the file's name and the digest of its bytes.
        max_tokens: where texts are cut; 256 is what most of these models were trained with.
        n_threads: threads of one run; 1 leaves the other cores to the voice pipeline.

    Raises:
        MissingExtra: onnxruntime or tokenizers is not installed.
        InvalidInput: a file does not exist, or the graph's inputs or outputs are not those above.

    Cost: milliseconds a query; grows with the length of the text.
    """

    name: str
    dim: int

    def __init__(
        self,
        model_path: str | Path,
        tokenizer_path: str | Path,
        name: str | None = None,
        max_tokens: int = 256,
        n_threads: int = 1,
    ) -> None:
        self._model = _Transformer(Path(model_path), Path(tokenizer_path), max_tokens, n_threads)
        self.dim = self._run(["probe"]).shape[1]
        self.name = name or f"onnx-{Path(model_path).stem}-{self.dim}:{_digest(Path(model_path))}"

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text: shape (dim,), float32, unit length; zeros for blank text."""
        return self.embed_batch([text])[0]

    def embed_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts: shape (len(texts), dim), float32."""
        found = np.zeros((len(texts), self.dim), np.float32)
        # Longest together: a batch is padded to its longest text.
        rows = sorted((row for row, text in enumerate(texts) if text.strip()), key=lambda row: len(texts[row]))
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            found[batch] = self._run([texts[row] for row in batch])
        return found

    def _run(self, texts: list[str]) -> NDArray[np.float32]:
        output, mask = self._model.run([_clean(text) for text in texts])
        if output.ndim == 3:
            output = np.einsum("btd,bt->bd", output, mask.astype(np.float32))
        if output.ndim != 2 or len(output) != len(texts):
            raise InvalidInput(
                f"the model's first output has shape {output.shape} for {len(texts)} texts; "
                "(batch, tokens, dim) or (batch, dim) is needed"
            )
        norms = np.sqrt(np.einsum("bd,bd->b", output, output))[:, None]
        return np.divide(output, norms, out=np.zeros_like(output), where=norms > 0)


class OnnxReranker:
    """A cross-encoder export: query and text in together, one score out.

    Takes the usual exports of a model for sequence classification with one label: inputs as for
    `OnnxEmbedder`, a first output of shape (batch, 1) or (batch,), which is the score as it is.

    Args:
        directory: holds model.onnx and tokenizer.json.
        name: what it is called in the log; None: the directory's name and the digest of the model.
        max_tokens: where query and text together are cut.
        n_threads: threads of one run.

    Raises:
        MissingExtra: onnxruntime or tokenizers is not installed.
        InvalidInput: a file does not exist, or the graph's inputs or outputs are not those above.

    Cost: milliseconds a text; grows with the length of both. Nothing can be kept for the next query.
    """

    name: str

    def __init__(
        self, directory: str | Path, *, name: str | None = None, max_tokens: int = 256, n_threads: int = 1
    ) -> None:
        model = Path(directory) / "model.onnx"
        self._model = _Transformer(model, Path(directory) / "tokenizer.json", max_tokens, n_threads)
        self.scores("probe", ["probe", "another"])
        self.name = name or f"onnx-{Path(directory).name}:{_digest(model)}"

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each text: shape (len(texts),), float32, on the model's own scale."""
        found = np.zeros(len(texts), np.float32)
        asked = _clean(query)
        rows = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            output, _ = self._model.run([(asked, _clean(texts[row])) for row in batch])
            if output.shape not in ((len(batch),), (len(batch), 1)):
                raise InvalidInput(
                    f"the model's first output has shape {output.shape} for {len(batch)} texts; "
                    "(batch, 1) or (batch,) is needed"
                )
            found[batch] = output.reshape(len(batch))
        return found


class _Transformer:
    """An ONNX graph and its tokenizer."""

    def __init__(self, model: Path, tokenizer: Path, max_tokens: int, n_threads: int) -> None:
        try:
            onnxruntime = import_module("onnxruntime")
            tokenizers = import_module("tokenizers")
        except ImportError as error:
            raise MissingExtra(str(error.name or "onnxruntime"), "onnx") from error
        for path in (model, tokenizer):
            if not path.is_file():
                raise InvalidInput(f"no file at {path}; give the .onnx model and its tokenizer.json")
        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()
        self._inputs = [str(given.name) for given in self._session.get_inputs()]
        unknown = set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown or "input_ids" not in self._inputs:
            raise InvalidInput(
                f"{model} takes {self._inputs}; an export with input_ids, attention_mask and token_type_ids is needed"
            )

    def run(self, texts: Sequence[str | tuple[str, str]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the first output for a batch of texts or pairs, and the mask of their tokens, (b, t)."""
        encoded: Any = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        given = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
        }
        output = self._session.run(None, {key: given[key] for key in self._inputs})[0]
        return np.asarray(output, dtype=np.float32), mask


def _clean(text: str) -> str:
    # The tokenizer is native code and takes UTF-8 only, so lone surrogates must go first.
    return text.encode("utf-8", "ignore").decode("utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=4)).hexdigest()
