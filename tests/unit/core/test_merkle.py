from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from remanence.core import merkle


def leaves(n: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(n)]


def reference_root(hashes: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + reference_root(hashes[:k]) + reference_root(hashes[k:])).digest()


def test_third_party_vectors(shared_data: Path) -> None:
    files = sorted((shared_data / "merkle").rglob("*.json"))
    if not files:
        pytest.skip(f"no Merkle vectors under {shared_data}")
    assert len(files) == 196
    wrong: list[str] = []
    for file in files:
        case = json.loads(file.read_text())
        proof = [base64.b64decode(node) for node in case["proof"] or []]
        if "leafIdx" in case:
            leaf, root = base64.b64decode(case["leafHash"]), base64.b64decode(case["root"])
            ok = merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
        else:
            roots = base64.b64decode(case["root1"]), base64.b64decode(case["root2"])
            ok = merkle.verify_consistency(case["size1"], case["size2"], *roots, proof)
        if ok == case["wantErr"]:
            wrong.append(str(file))
    assert wrong == []


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 255, 256, 257])
def test_tree_head_is_the_rfc_s(size: int) -> None:
    hashes = leaves(size)
    assert merkle.tree_head(size, merkle.nodes_of(hashes)) == reference_root(hashes)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 8, 13, 64, 65])
def test_every_leaf_can_be_proven(size: int) -> None:
    hashes = leaves(size)
    node = merkle.nodes_of(hashes)
    root = merkle.tree_head(size, node)
    for index, leaf in enumerate(hashes):
        proof = merkle.inclusion_proof(index, size, node)
        assert merkle.verify_inclusion(leaf, index, size, proof, root)
        assert not merkle.verify_inclusion(merkle.leaf_hash(b"another"), index, size, proof, root)
        for place in range(len(proof)):
            altered = [*proof]
            altered[place] = merkle.node_hash(altered[place], altered[place])
            assert not merkle.verify_inclusion(leaf, index, size, altered, root)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 8, 13, 64, 65])
def test_every_prefix_can_be_proven(size: int) -> None:
    node = merkle.nodes_of(leaves(size))
    root = merkle.tree_head(size, node)
    for prefix in range(1, size + 1):
        old = merkle.tree_head(prefix, node)
        proof = merkle.consistency_proof(prefix, size, node)
        assert merkle.verify_consistency(prefix, size, old, root, proof)
        assert not merkle.verify_consistency(prefix, size, merkle.leaf_hash(old), root, proof)


def test_what_cannot_be_proven_is_refused() -> None:
    node = merkle.nodes_of(leaves(4))
    for index in (-1, 4):
        with pytest.raises(ValueError, match="not in a tree of 4"):
            merkle.inclusion_proof(index, 4, node)
    for sizes in ((0, 4), (5, 4)):
        with pytest.raises(ValueError, match="no proof leads"):
            merkle.consistency_proof(*sizes, node)


def test_a_proof_asks_for_full_subtrees_only() -> None:
    size, asked = 300, []
    node = merkle.nodes_of(leaves(size))

    def watched(level: int, n: int) -> bytes:
        asked.append((level, n))
        assert (n + 1) << level <= size
        return node(level, n)

    merkle.tree_head(size, watched)
    merkle.inclusion_proof(299, size, watched)
    merkle.consistency_proof(257, size, watched)
    assert len(asked) < 40
