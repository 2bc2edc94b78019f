"""The background frequencies: the shipped ones are sane, the files are checked, any term has a share."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remanence.core.text import terms
from remanence.embed import lexicon
from remanence.embed.lexicon import BackgroundFrequencies
from remanence.errors import Damaged

SHIPPED = BackgroundFrequencies()


def write(path: Path, shares: dict[str, int], documents: int = 99) -> None:
    codes = sorted((crc32(term.encode()), code) for term, code in shares.items())
    np.save(path / "lexicon_keys.npy", np.array([key for key, _ in codes], np.uint32))
    np.save(path / "lexicon_codes.npy", np.array([code for _, code in codes], np.uint8))
    about = {"name": "test", "documents": documents, "step": 0.5}
    (path / "lexicon.json").write_text(json.dumps(about))


def test_a_share_is_what_its_code_says_and_unseen_terms_get_half_a_document(tmp_path: Path) -> None:
    write(tmp_path, {"dog": 0, "cat": 2, "é": 4})
    found = BackgroundFrequencies(tmp_path)
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


def test_the_name_is_the_digest_of_the_files() -> None:
    keys = np.load(lexicon.DATA / "lexicon_keys.npy", allow_pickle=False)
    codes = np.load(lexicon.DATA / "lexicon_codes.npy", allow_pickle=False)
    digest = hashlib.sha256(keys.tobytes() + codes.tobytes()).hexdigest()
    assert SHIPPED.name == f"remanence-lexicon-v1:{digest[:8]}"
    assert (np.diff(keys.astype(np.int64)) > 0).all()


def test_missing_and_altered_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no usable lexicon"):
        BackgroundFrequencies(tmp_path)
    write(tmp_path, {"dog": 1, "cat": 2})
    np.save(tmp_path / "lexicon_codes.npy", np.zeros(1, np.uint8))
    with pytest.raises(Damaged, match="one length"):
        BackgroundFrequencies(tmp_path)
