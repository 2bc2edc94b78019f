"""One suite over every embedder: shape, dtype, length, determinism, batches, and hostile text."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remanence.embed import model2vec as model2vec_file
from remanence.embed import onnx as onnx_file
from remanence.embed.function import FunctionEmbedder
from remanence.embed.model2vec import Model2VecEmbedder
from remanence.embed.onnx import OnnxEmbedder
from remanence.embed.static import StaticEmbedder
from remanence.engine.checked import CheckedEmbedder
from remanence.errors import InvalidInput, InvalidVector, MissingExtra
from remanence.ports import Embedder
from remanence.testing import HashingEmbedder

WORDS = ["[PAD]", "[UNK]", "my", "dog", "cat", "sleeps", "is", "called", "potola"]


def _tokenizer() -> Any:
    tokenizers = pytest.importorskip("tokenizers", reason="the extra's tokenizers is not installed")
    vocabulary = {word: i for i, word in enumerate(WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return made


def _table(dim: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(7).normal(size=(len(WORDS), dim)).astype(np.float32)


def _static(_: Path) -> Embedder:
    return StaticEmbedder()


def _hashing(_: Path) -> Embedder:
    return HashingEmbedder(64)


def _function(_: Path) -> Embedder:
    return FunctionEmbedder(lambda text: [len(text), text.count("a") + 0.5, -1e200])


def _model2vec(path: Path) -> Embedder:
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    model2vec.StaticModel(_table(8), _tokenizer()).save_pretrained(path / "model")
    return Model2VecEmbedder(path / "model")


def _onnx(path: Path) -> Embedder:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    onnx = pytest.importorskip("onnx", reason="onnx is not installed, so no test graph can be made")
    made, ints, floats = onnx.helper, onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    graph = made.make_graph(
        [made.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])],
        "gather",
        [made.make_tensor_value_info(name, ints, ["b", "t"]) for name in ("input_ids", "attention_mask")],
        [made.make_tensor_value_info("last_hidden_state", floats, ["b", "t", 8])],
        [onnx.numpy_helper.from_array(_table(8), "table")],
    )
    model = made.make_model(graph, opset_imports=[made.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path / "tiny.onnx")
    _tokenizer().save(str(path / "tokenizer.json"))
    return OnnxEmbedder(path / "tiny.onnx", path / "tokenizer.json")


MAKERS: list[Callable[[Path], Embedder]] = [_static, _hashing, _function, _model2vec, _onnx]


@pytest.fixture(params=MAKERS, ids=lambda maker: maker.__name__.strip("_"))
def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> Embedder:
    return request.param(tmp_path)


TEXTS = [
    "My dog is called Potola",
    "cat",
    "my cat sleeps my cat sleeps my cat sleeps",
    "",
    "My dog is called Potola",
    "  ",
    "dog \ud800 cat",
    "dog\0cat",
    "犬は眠る 🐕",
    "שלום dog",
]


def test_it_is_an_embedder(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)
    assert embedder.name
    assert embedder.dim > 0


@pytest.mark.parametrize("text", TEXTS)
def test_a_vector_is_float32_of_unit_length_or_zeros(embedder: Embedder, text: str) -> None:
    found = embedder.embed(text)
    assert found.dtype == np.float32
    assert found.shape == (embedder.dim,)
    assert np.linalg.norm(found) in (0, pytest.approx(1, abs=1e-5))


@pytest.mark.parametrize("text", ["", " \t\n"])
def test_no_content_is_zeros(embedder: Embedder, text: str) -> None:
    assert not embedder.embed(text).any()


def test_known_words_are_not_zeros(embedder: Embedder) -> None:
    assert embedder.embed("my dog").any()


def test_a_batch_is_its_texts_in_order(embedder: Embedder) -> None:
    found = embedder.embed_batch(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), embedder.dim)
    np.testing.assert_allclose(found, [embedder.embed(text) for text in TEXTS], atol=1e-6)


def test_an_empty_batch_has_a_shape(embedder: Embedder) -> None:
    assert embedder.embed_batch([]).shape == (0, embedder.dim)


def test_the_same_text_is_the_same_vector_and_callers_own_it(embedder: Embedder) -> None:
    first = embedder.embed(TEXTS[0])
    kept = first.copy()
    first[:] = 9
    np.testing.assert_array_equal(embedder.embed(TEXTS[0]), kept)


def test_a_long_text_survives(embedder: Embedder) -> None:
    assert np.isfinite(embedder.embed("dog " * 65_536)).all()


# --- what each refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([1.0, float("nan"), 0.0], "index 1"),
        ([float("inf")], "index 0"),
        ([[1.0, 2.0]], r"shape \(1, 2\)"),
        ([], r"shape \(0,\)"),
        ("words", "not a vector"),
    ],
)
def test_a_function_that_gives_no_vector_is_refused(given: Any, why: str) -> None:
    with pytest.raises(InvalidVector, match=why):
        FunctionEmbedder(lambda _: given)


def test_a_function_whose_dimension_changes_is_refused() -> None:
    embedder = FunctionEmbedder(lambda text: [1.0] * len(text), dim=3)
    assert embedder.embed("abc") @ embedder.embed("xyz") == pytest.approx(1)
    with pytest.raises(InvalidVector, match="4 dimensions where 3"):
        embedder.embed("abcd")


def test_a_function_that_gives_zeros_or_tiny_numbers() -> None:
    assert not FunctionEmbedder(lambda _: [0.0, 0.0]).embed("x").any()
    np.testing.assert_allclose(FunctionEmbedder(lambda _: [3e-300, 4e-300]).embed("x"), [0.6, 0.8], atol=1e-6)


class Scripted:
    name = "scripted"
    dim = 3

    def __init__(self, given: Any) -> None:
        self._given = given

    def embed(self, text: str) -> Any:
        return self._given

    def embed_batch(self, texts: Any) -> Any:
        return [self._given for _ in texts]


@pytest.mark.parametrize("scale", [1e-45, 1e-25, 1e-19, 1.0, 1e19, 1e25, 1e38, 10**30], ids=repr)
def test_any_size_of_numbers_comes_back_at_unit_length(scale: float) -> None:
    given = [scale, scale, 0]
    for embedder in (CheckedEmbedder(Scripted(given)), FunctionEmbedder(lambda _: given)):
        found = embedder.embed("x")
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, [0.5**0.5, 0.5**0.5, 0], atol=1e-6)
        np.testing.assert_array_equal(embedder.embed_batch(["x", "y"]), [found, found])


def test_a_float32_vector_and_zeros_are_not_the_callers_own() -> None:
    for given in (np.float32([3, 4, 0]), np.zeros(3, np.float32)):
        found = CheckedEmbedder(Scripted(given)).embed("x")
        assert not np.shares_memory(found, given)
        np.testing.assert_allclose(found, given / 5, atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [[1, 2], [[1, 2, 3]], [1, 2, float("nan")], [1, 2, -float("inf")], [1, 2, 1e39], [1, 2, 10**400], "abc", None],
    ids=repr,
)
def test_an_embedder_that_gives_no_vector_is_refused(given: Any) -> None:
    with pytest.raises(InvalidVector, match="scripted"):
        CheckedEmbedder(Scripted(given)).embed("x")


def test_a_function_is_called_once_a_text_and_not_for_blank_ones() -> None:
    asked: list[str] = []

    def function(text: str) -> list[float]:
        asked.append(text)
        return [1.0]

    FunctionEmbedder(function, dim=1).embed_batch(["a", " ", "b"])
    assert asked == ["a", "b"]


def test_a_functions_name_can_be_given_and_arguments_are_checked() -> None:
    assert FunctionEmbedder(lambda _: [1.0], name="mine-v2").name == "mine-v2"
    assert FunctionEmbedder(_norm, dim=2).name.endswith("_norm:2")
    with pytest.raises(InvalidInput, match="cannot be called"):
        FunctionEmbedder("text-embedding-3")  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidInput, match="dim is 0"):
        FunctionEmbedder(_norm, dim=0)


def _norm(text: str) -> list[float]:
    return [len(text), 1.0]


@pytest.mark.parametrize(
    ("file", "make", "extra"),
    [
        (model2vec_file, lambda path: Model2VecEmbedder(path), "model2vec"),
        (onnx_file, lambda path: OnnxEmbedder(path / "m.onnx", path / "t.json"), "onnx"),
    ],
    ids=["model2vec", "onnx"],
)
def test_a_missing_extra_is_named(
    file: Any, make: Callable[[Path], Embedder], extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(file, "import_module", absent)
    with pytest.raises(MissingExtra, match=rf"pip install 'remanence\[{extra}\]'"):
        make(tmp_path)


def test_missing_model_files_are_refused(tmp_path: Path) -> None:
    if importlib.util.find_spec("model2vec"):
        with pytest.raises(InvalidInput, match="nothing is downloaded"):
            Model2VecEmbedder(tmp_path / "absent")
    if importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("tokenizers"):
        with pytest.raises(InvalidInput, match="no file at"):
            OnnxEmbedder(tmp_path / "absent.onnx", tmp_path / "tokenizer.json")
    if not importlib.util.find_spec("model2vec") and not importlib.util.find_spec("onnxruntime"):
        pytest.skip("neither model2vec nor onnxruntime is installed")


def test_names_tell_models_apart(tmp_path: Path) -> None:
    about = json.loads((Path(onnx_file.__file__).parent / "data/static.json").read_text(encoding="utf-8"))
    names = [StaticEmbedder().name, HashingEmbedder(64).name, HashingEmbedder(128).name]
    assert names[0] == about["name"]
    assert len(set(names)) == 3
