from __future__ import annotations

import hashlib
import struct

import pytest

from remanence.log.seal import KEY_BYTES, Altered, Sealer, unseal

HEADER = (3, 7, -5, 11, 1)  # namespace, number, at, recorded at, kind
DIALOGUE = b"\x82\xa4type\xa9utterance\xa4text\xd9!My dog's name is Potola, you know"


@pytest.mark.parametrize("body", [b"", b"x", DIALOGUE, DIALOGUE * 500, bytes(range(256)) * 5])
def test_what_was_sealed_comes_back(body: bytes) -> None:
    sealed, leaf, key = Sealer().seal(*HEADER, body)
    assert unseal(*HEADER, sealed, leaf, key) == body
    assert len(key) == KEY_BYTES
    assert len(sealed) <= len(body) + 1 + 16


def test_dialogue_is_compressed() -> None:
    sealed, _, _ = Sealer().seal(*HEADER, DIALOGUE)
    assert len(sealed) - 16 < 0.75 * len(DIALOGUE)


def test_the_plaintext_is_nowhere_in_the_sealed_body() -> None:
    sealed, _, _ = Sealer().seal(*HEADER, DIALOGUE)
    assert b"Potola" not in sealed


def test_each_record_has_a_key_of_its_own() -> None:
    sealer = Sealer()
    first, second = sealer.seal(*HEADER, DIALOGUE), sealer.seal(*HEADER, DIALOGUE)
    assert first[2] != second[2]
    assert first[0] != second[0]


def test_the_leaf_is_the_hash_of_header_and_body() -> None:
    sealed, leaf, _ = Sealer().seal(*HEADER, DIALOGUE)
    header = struct.pack(">BIQqqH", 1, *HEADER)
    assert len(header) == 31
    assert leaf == hashlib.sha256(b"\x00" + header + sealed).digest()


@pytest.mark.parametrize("place", range(5))
def test_an_altered_header_is_found(place: int) -> None:
    sealed, leaf, key = Sealer().seal(*HEADER, DIALOGUE)
    header = [*HEADER]
    header[place] += 1
    with pytest.raises(Altered, match="body, header or key"):
        unseal(*header, sealed, leaf, key)


def test_an_altered_leaf_is_found() -> None:
    sealed, leaf, key = Sealer().seal(*HEADER, DIALOGUE)
    with pytest.raises(Altered, match="leaf hash"):
        unseal(*HEADER, sealed, leaf[::-1], key)


@pytest.mark.parametrize("key", [None, b"", b"short", b"x" * KEY_BYTES, "text"])
def test_an_absent_or_wrong_key_is_found(key: bytes) -> None:
    sealed, leaf, _ = Sealer().seal(*HEADER, DIALOGUE)
    with pytest.raises(Altered):
        unseal(*HEADER, sealed, leaf, key)


def test_a_number_too_large_for_its_field_is_refused() -> None:
    with pytest.raises(struct.error):
        Sealer().seal(1, 1, 1 << 63, 0, 1, b"")
