"""The shipped embedder: its tokens are the reference's, its files are what they say, no text breaks it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.embed import static
from remanence.embed.static import StaticEmbedder
from remanence.errors import Damaged

FIXTURE = json.loads((Path(__file__).parents[2] / "data/wordpiece.json").read_text(encoding="utf-8"))
EMBEDDER = StaticEmbedder()


@pytest.mark.parametrize(("text", "ids"), FIXTURE)
def test_pieces_are_the_references(text: str, ids: list[int]) -> None:
    assert EMBEDDER.word_pieces.ids(text) == ids


def test_a_symbol_no_piece_holds_separates_words() -> None:
    ids = EMBEDDER.word_pieces.ids
    assert ids("great😀dog") == ids("great dog")
    assert ids("👩🏽\u200d🚀") == []


def test_an_overlong_word_is_skipped_and_not_remembered() -> None:
    pieces = EMBEDDER.word_pieces
    assert pieces.ids("a" * 100) != []
    assert pieces.ids("dog " + "a" * 101 + " cat") == pieces.ids("dog cat")
    assert "a" * 101 not in pieces


def test_cjk_is_split_into_characters() -> None:
    ids = EMBEDDER.word_pieces.ids
    assert ids("北京大学") == ids("北 京 大 学")
    assert len(ids("北京大学")) == 4


def test_right_to_left_text_has_content() -> None:
    assert np.linalg.norm(EMBEDDER.embed("שלום, מה שלומך?")) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\0", "\ud800", "😀", "\u200b", "a" * 101])
def test_no_content_is_zeros(text: str) -> None:
    assert not EMBEDDER.embed(text).any()


@pytest.mark.parametrize(
    "text",
    ["a" * 262_144, "word " * 52_428, "." * 262_144, "😀" * 65_536, "字" * 87_381, "e" + "\u0301\u0323" * 60_000],
    ids=["letters", "words", "dots", "emoji", "cjk", "accents"],
)
def test_quarter_megabyte_texts(text: str) -> None:
    assert np.linalg.norm(EMBEDDER.embed(text)) in (0, pytest.approx(1, abs=1e-5))


def test_text_longer_than_a_chunk_is_the_same_mean() -> None:
    sentence = "The greyhound sleeps in the kitchen. "
    np.testing.assert_allclose(EMBEDDER.embed(sentence * 1000), EMBEDDER.embed(sentence), atol=1e-6)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_gives_a_unit_vector_or_zeros(text: str) -> None:
    found = EMBEDDER.embed(text)
    assert found.shape == (EMBEDDER.dim,)
    assert np.linalg.norm(found) in (0, pytest.approx(1, abs=1e-5))


def test_the_word_cache_is_bounded_and_forgets_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = StaticEmbedder()
    monkeypatch.setattr(static, "_CACHED_WORDS", 16)
    monkeypatch.setattr(static, "_CACHED_CHARACTERS", 16)
    before = [embedder.embed(text) for text, _ in FIXTURE]
    assert len(embedder.word_pieces) <= 16
    np.testing.assert_array_equal(before, [EMBEDDER.embed(text) for text, _ in FIXTURE])


def test_threads_agree() -> None:
    embedder, texts = StaticEmbedder(), [text for text, _ in FIXTURE] * 5
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(embedder.embed, texts))
    np.testing.assert_array_equal(found, EMBEDDER.embed_batch(texts))


def test_meaning_is_nearer_than_chance() -> None:
    question = EMBEDDER.embed("Which pet does she have?")
    near, far = EMBEDDER.embed("I adopted a dog."), EMBEDDER.embed("The invoice is due on Friday.")
    assert question @ near > question @ far + 0.1


def test_the_name_is_the_digest_of_the_files() -> None:
    about = json.loads((static.DATA / "static.json").read_text(encoding="utf-8"))
    table = np.load(static.DATA / "table.npy", allow_pickle=False)
    vocabulary = (static.DATA / "vocabulary.txt").read_bytes()
    assert hashlib.sha256(table.tobytes() + vocabulary).hexdigest() == about["sha256"]
    assert EMBEDDER.name == about["name"] == f"remanence-static-128-v2:{about['sha256'][:8]}"
    assert table.shape == (30_522, 128)


def test_shipped_data_stays_small() -> None:
    assert sum(path.stat().st_size for path in static.DATA.iterdir()) <= 6_000_000


def test_importing_and_opening_read_no_vocabulary() -> None:
    code = (
        "from remanence.embed.static import StaticEmbedder as S; e = S(); assert e._word_pieces is None;"
        "import sys; bad = {'torch', 'tokenizers', 'onnxruntime', 'model2vec'} & set(sys.modules);"
        "assert not bad, bad; e.embed('x'); assert e._word_pieces is not None"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_and_altered_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no usable embedding table"):
        StaticEmbedder(tmp_path)
    (tmp_path / "static.json").write_text('{"name": "x", "dim": 4, "rows": 3}')
    np.save(tmp_path / "table.npy", np.zeros((2, 4), np.int8))
    with pytest.raises(Damaged, match=r"holds int8 \(2, 4\)"):
        StaticEmbedder(tmp_path)
    (tmp_path / "table.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(Damaged):
        StaticEmbedder(tmp_path)
