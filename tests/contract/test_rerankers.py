"""One suite over every reranker: shape, dtype, order, batches, and hostile text."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.embed import onnx as onnx_file
from remanence.embed.onnx import OnnxReranker
from remanence.embed.reranker import EmbedderReranker
from remanence.embed.static import StaticEmbedder
from remanence.errors import InvalidInput, MissingExtra
from remanence.ports import Reranker
from remanence.testing import HashingEmbedder

WORDS = ["[PAD]", "[UNK]", "[SEP]", "my", "dog", "cat", "sleeps", "is", "called", "potola"]


def cross_encoder(path: Path, shape: Sequence[str | int] = ("b", 1)) -> Path:
    """A model that counts the tokens both sides have in common, in the shape given."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    onnx = pytest.importorskip("onnx", reason="onnx is not installed, so no test graph can be made")
    tokenizers = pytest.importorskip("tokenizers", reason="the extra's tokenizers is not installed")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A [SEP]", pair="$A [SEP] $B:1 [SEP]:1", special_tokens=[("[SEP]", 2)]
    )
    path.mkdir(exist_ok=True)
    made.save(str(path / "tokenizer.json"))

    node, array = onnx.helper.make_node, onnx.numpy_helper.from_array
    ints, floats = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    known = np.eye(len(WORDS), dtype=np.float32)
    known[:3] = 0  # padding, unknown words and separators have nothing in common
    nodes = [
        node("Gather", ["known", "input_ids"], ["words"]),  # (b, t, words)
        node("Cast", ["token_type_ids"], ["second"], to=floats),
        node("Sub", ["one", "second"], ["first"]),
        node("Unsqueeze", ["first", "axis"], ["first_row"]),  # (b, 1, t)
        node("Unsqueeze", ["second", "axis"], ["second_row"]),
        node("MatMul", ["first_row", "words"], ["asked"]),  # (b, 1, words)
        node("MatMul", ["second_row", "words"], ["said"]),
        node("Mul", ["asked", "said"], ["both"]),
        node("ReduceSum", ["both", "sides"], ["common"], keepdims=0),  # (b,)
        node("Reshape", ["common", "shape"], ["logits"]),
    ]
    constants = {
        "known": known,
        "one": np.float32(1),
        "axis": np.array([1]),
        "sides": np.array([1, 2]),
        "shape": np.array([-1 if size == "b" else size for size in shape]),
    }
    graph = onnx.helper.make_graph(
        nodes,
        "common",
        [
            onnx.helper.make_tensor_value_info(name, ints, ["b", "t"])
            for name in ("input_ids", "attention_mask", "token_type_ids")
        ],
        [onnx.helper.make_tensor_value_info("logits", floats, list(shape))],
        [array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path / "model.onnx")
    return path


def _cross(path: Path) -> Reranker:
    return OnnxReranker(cross_encoder(path / "model"))


def _hashing(_: Path) -> Reranker:
    return EmbedderReranker(HashingEmbedder(64))


def _static(_: Path) -> Reranker:
    return EmbedderReranker(StaticEmbedder(), cache_bytes=0)


@pytest.fixture(params=[_cross, _hashing, _static], ids=lambda maker: maker.__name__.strip("_"))
def reranker(request: pytest.FixtureRequest, tmp_path: Path) -> Reranker:
    return request.param(tmp_path)


TEXTS = ["my cat sleeps", "my dog is called Potola", "", "dog \ud800 cat", "犬は眠る 🐕 dog\0cat", "my cat sleeps", " "]


def test_it_is_a_reranker(reranker: Reranker) -> None:
    assert isinstance(reranker, Reranker)
    assert reranker.name


def test_a_score_for_each_text(reranker: Reranker) -> None:
    found = reranker.scores("is my dog called Potola", TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS),)
    assert np.isfinite(found).all()
    assert found.argmax() == 1
    assert found[0] == pytest.approx(found[5], abs=1e-5)


def test_a_batch_is_its_texts_one_by_one_the_second_time_too(reranker: Reranker) -> None:
    single = [float(reranker.scores("my dog", [text])[0]) for text in TEXTS]
    np.testing.assert_allclose(reranker.scores("my dog", TEXTS), single, atol=1e-5)
    reranker.scores("cat", TEXTS[:2])
    np.testing.assert_allclose(reranker.scores("my dog", TEXTS * 20), single * 20, atol=1e-5)


@pytest.mark.parametrize("query", ["", "\ud800", "dog " * 10_000])
def test_any_query(reranker: Reranker, query: str) -> None:
    assert np.isfinite(reranker.scores(query, [*TEXTS, "cat " * 10_000])).all()


def test_no_texts_no_scores(reranker: Reranker) -> None:
    assert reranker.scores("my dog", []).shape == (0,)


def test_a_store_takes_it(reranker: Reranker) -> None:
    with remanence.open(reranker=reranker) as store:
        store["a"].add("my cat sleeps")
        store["a"].add("my dog is called Potola")
        found = store["a"].search("is my dog called Potola", max_latency_ms=60_000)
        assert found[0].text == "my dog is called Potola"
        assert "rerank" in found.timings


# --- the bi-encoder's memory ------------------------------------------------------------------------


class Counting:
    """Keeps what it was asked for."""

    name, dim = "counting", 64

    def __init__(self) -> None:
        self._inside = HashingEmbedder(64)
        self.asked: list[str] = []

    def embed(self, text: str) -> Any:
        self.asked.append(text)
        return self._inside.embed(text)

    def embed_batch(self, texts: Sequence[str]) -> Any:
        self.asked += texts
        return self._inside.embed_batch(texts)


def test_a_text_is_embedded_once_and_a_query_once_a_row() -> None:
    embedder = Counting()
    reranker = EmbedderReranker(embedder)
    for _ in range(3):
        reranker.scores("my dog", ["cat", "dog", "cat"])
    assert sorted(embedder.asked) == ["cat", "dog", "my dog"]


def test_warmed_texts_are_not_embedded_again() -> None:
    embedder = Counting()
    reranker = EmbedderReranker(embedder)
    reranker.warm(["cat", "dog"])
    reranker.warm([])
    embedder.asked.clear()
    reranker.scores("my dog", ["cat", "dog"])
    assert embedder.asked == ["my dog"]


def test_the_least_recently_used_go_first() -> None:
    embedder = Counting()
    reranker = EmbedderReranker(embedder, cache_bytes=2 * (4 * 64 + 256))
    reranker.warm(["a", "b"])
    reranker.warm(["a"])
    reranker.warm(["c"])
    embedder.asked.clear()
    reranker.warm(["a", "c", "b"])
    assert embedder.asked == ["b"]


@pytest.mark.parametrize("size", [-1, 1.5, True, "1"])
def test_a_cache_is_a_number_of_bytes(size: Any) -> None:
    with pytest.raises(InvalidInput, match="cache_bytes"):
        EmbedderReranker(HashingEmbedder(8), cache_bytes=size)


def test_what_is_no_embedder_is_refused() -> None:
    with pytest.raises(InvalidInput, match="give an Embedder"):
        EmbedderReranker("all-MiniLM-L6-v2")  # pyright: ignore[reportArgumentType]


# --- what the cross-encoder refuses -----------------------------------------------------------------


def test_either_shape_of_scores(tmp_path: Path) -> None:
    flat = OnnxReranker(cross_encoder(tmp_path / "flat", ("b",)), name="mine")
    assert flat.scores("my dog", ["my dog", "cat"]).tolist() == [2, 0]
    assert flat.name == "mine"
    column = OnnxReranker(cross_encoder(tmp_path / "column"))
    assert column.scores("my dog", ["my dog", "cat"]).tolist() == [2, 0]
    assert column.name.startswith("onnx-column:")


def test_a_model_that_gives_no_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"shape \(1, 2\) for 2 texts"):
        OnnxReranker(cross_encoder(tmp_path / "model", (1, "b")))


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(onnx_file, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"pip install 'remanence\[onnx\]'"):
        OnnxReranker(tmp_path)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    if not importlib.util.find_spec("onnxruntime") or not importlib.util.find_spec("tokenizers"):
        pytest.skip("the extra onnx is not installed")
    with pytest.raises(InvalidInput, match="no file at"):
        OnnxReranker(tmp_path)
