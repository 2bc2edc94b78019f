"""The lexicon: the shipped one is sane, its files are checked, any term has a share and maybe relatives."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import remanence
from remanence.core.text import terms
from remanence.embed import lexicon
from remanence.embed.lexicon import Lexicon
from remanence.errors import Damaged
from remanence.testing import HashingEmbedder

SHIPPED = Lexicon()


FILES = ["lexicon.json"] + [f"lexicon_{part}.npy" for part in ("keys", "codes", "related", "likeness")]


def write(
    path: Path, shares: dict[str, int], documents: int = 99, related: dict[str, list[tuple[str, int]]] | None = None
) -> None:
    keys = sorted(crc32(term.encode()) for term in shares)
    place = {term: keys.index(crc32(term.encode())) for term in shares}
    places, likeness = np.zeros((len(keys), 8), np.uint16), np.zeros((len(keys), 8), np.uint8)
    for term, found in (related or {}).items():
        for i, (other, code) in enumerate(found):
            places[place[term], i], likeness[place[term], i] = place[other], code
    codes = np.zeros(len(keys), np.uint8)
    codes[[place[term] for term in shares]] = list(shares.values())
    np.save(path / "lexicon_keys.npy", np.array(keys, np.uint32))
    np.save(path / "lexicon_codes.npy", codes)
    np.save(path / "lexicon_related.npy", places)
    np.save(path / "lexicon_likeness.npy", likeness)
    about = {"name": "test", "documents": documents, "step": 0.5}
    (path / "lexicon.json").write_text(json.dumps(about))


def test_a_share_is_what_its_code_says_and_unseen_terms_get_half_a_document(tmp_path: Path) -> None:
    write(tmp_path, {"dog": 0, "cat": 2, "é": 4})
    found = Lexicon(tmp_path)
    assert len(found) == 3
    assert found.share("dog") == 1.0
    assert found.share("cat") == pytest.approx(np.exp(-1))
    assert found.share("greyhound") == pytest.approx(0.5 / 100)


def test_everyday_words_are_commoner_than_rare_ones() -> None:
    movie, trombone = terms("movie")[0], terms("trombone")[0]
    assert SHIPPED.share(movie) > 10 * SHIPPED.share(trombone) > 0
    assert SHIPPED.share("qqzzxy") == min(SHIPPED.share(trombone), SHIPPED.share("qqzzxy"))


@given(st.text(st.characters(exclude_categories=[])))
def test_any_term_has_a_share(term: str) -> None:
    assert 0 < SHIPPED.share(term) <= 1


@given(st.text(st.characters(exclude_categories=[])))
def test_any_term_has_relatives_or_none(term: str) -> None:
    found = SHIPPED.related(term)
    assert len(found) <= 8
    assert all(0 <= id < 2**32 and 0 < likeness <= 1 for id, likeness in found)


def test_related_terms_are_what_the_files_say(tmp_path: Path) -> None:
    write(tmp_path, {"dog": 0, "cat": 2, "pup": 4}, related={"dog": [("pup", 255), ("cat", 51)], "pup": [("dog", 102)]})
    found = Lexicon(tmp_path)
    assert found.related("dog") == [(crc32(b"pup"), 1.0), (crc32(b"cat"), pytest.approx(0.2))]
    assert found.related("pup") == [(crc32(b"dog"), pytest.approx(0.4))]
    assert found.related("cat") == found.related("horse") == []


def test_shipped_words_have_the_relatives_one_would_name() -> None:
    for word, relative in (("children", "kids"), ("movie", "film"), ("wife", "married")):
        (term,), (other,) = terms(word), terms(relative)
        assert crc32(other.encode()) in dict(SHIPPED.related(term)), word


def test_no_shipped_term_is_its_own_relative_and_the_likest_come_first() -> None:
    keys, related, likeness = (
        np.load(lexicon.DATA / f"lexicon_{part}.npy", allow_pickle=False) for part in ("keys", "related", "likeness")
    )
    assert related.max() < len(keys)
    assert not ((related == np.arange(len(keys))[:, None]) & (likeness > 0)).any()
    assert (np.diff(likeness.astype(int), axis=1) <= 0).all()


def test_the_name_is_the_digest_of_the_files() -> None:
    held = [np.load(lexicon.DATA / name, allow_pickle=False) for name in FILES[1:]]
    digest = hashlib.sha256(b"".join(each.tobytes() for each in held)).hexdigest()
    assert SHIPPED.name == f"remanence-lexicon-v2:{digest[:8]}"
    assert (np.diff(held[0].astype(np.int64)) > 0).all()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"dog": 1, "cat": 2})
    Lexicon(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(Damaged, match="no usable lexicon"):
        Lexicon(tmp_path)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 1, 20, 0.5, 0.95])
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str, left: float) -> None:
    write(tmp_path, {"dog": 1, "cat": 2})
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: left if isinstance(left, int) else int(left * len(whole))])
    with pytest.raises(Damaged, match="reinstall"):
        Lexicon(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("lexicon_codes", np.zeros(1, np.uint8), "one length"),
        ("lexicon_codes", np.zeros(2, np.int64), "one length"),
        ("lexicon_keys", np.zeros(2, np.int64), "one length"),
        ("lexicon_related", np.zeros((1, 8), np.uint16), "do not fit"),
        ("lexicon_related", np.zeros((2, 7), np.uint16), "do not fit"),
        ("lexicon_related", np.zeros((2, 8), np.int64), "do not fit"),
        ("lexicon_likeness", np.zeros((2, 7), np.uint8), "do not fit"),
        ("lexicon_likeness", np.zeros((2, 8), np.float64), "do not fit"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, name: str, content: np.ndarray, complaint: str) -> None:
    write(tmp_path, {"dog": 1, "cat": 2})
    np.save(tmp_path / f"{name}.npy", content)
    with pytest.raises(Damaged, match=complaint):
        Lexicon(tmp_path)


def test_related_terms_in_one_dimension_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"dog": 1, "cat": 2})
    np.save(tmp_path / "lexicon_related.npy", np.zeros(2, np.uint16))
    np.save(tmp_path / "lexicon_likeness.npy", np.zeros(2, np.uint8))
    with pytest.raises(Damaged, match="do not fit"):
        Lexicon(tmp_path)


@pytest.mark.parametrize("about", ["[]", "{}", "null", '{"name": "x", "documents": null, "step": 1}', "not json"])
def test_a_description_that_says_nothing_is_refused(tmp_path: Path, about: str) -> None:
    write(tmp_path, {"dog": 1})
    (tmp_path / "lexicon.json").write_text(about)
    with pytest.raises(Damaged, match="no usable lexicon"):
        Lexicon(tmp_path)


class Bare:
    """All that an analyzer must have."""

    name = "bare"

    def terms(self, text: str) -> list[str]:
        return text.lower().split()

    def document_frequency(self, term: str) -> float:
        return 0.01


class Related(Bare):
    name = "related"

    def related(self, term: str) -> list[tuple[int, float]]:
        return [(crc32(b"stallion"), 0.5), (crc32(b"nobody says it"), 1.0)] if term == "horse" else []


class TestAnalyzers:
    def opened(self, analyzer: Bare) -> remanence.Memory:
        memory = remanence.open(embedder=HashingEmbedder(64), analyzer=analyzer).memory("a")
        memory.add("my stallion ran", session="one")
        memory.add("rain is here", session="two")
        memory.add("a horse is not a stallion", session="three")
        return memory

    def test_one_that_knows_no_relatives_is_enough(self) -> None:
        found = {hit.text: hit.parts["related"] for hit in self.opened(Bare()).search("horse stallion")}
        assert set(found.values()) == {0.0}
        assert found.keys() >= {"my stallion ran", "a horse is not a stallion"}

    def test_one_that_knows_them_is_asked(self) -> None:
        found = {hit.text: hit.parts["related"] for hit in self.opened(Related()).search("horse")}
        assert found["my stallion ran"] > 0
        assert found["rain is here"] == 0
        assert found["a horse is not a stallion"] == 0, "the word itself is there, and needs no stand-in"

    def test_a_relative_that_is_asked_for_itself_is_no_relative(self) -> None:
        found = {hit.text: hit.parts["related"] for hit in self.opened(Related()).search("horse stallion")}
        assert set(found.values()) == {0.0}
