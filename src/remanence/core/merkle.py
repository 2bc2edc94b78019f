"""Merkle trees as in RFC 9162, section 2: tree head, inclusion and consistency proofs, and their checks.

Works on hashes alone: who keeps them, and where, is the caller's business. A tree is reached through
`Node`, a function (level, n) -> the hash of the perfect subtree over leaves n·2^level up to (n+1)·2^level;
it is only ever asked for subtrees that are full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]
HASH_BYTES = 32
EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's data, 32 bytes."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours' parent, 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose number is a power of two. Cost: one SHA-256 each."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def nodes_of(leaves: Sequence[bytes]) -> Node:
    """Return the `Node` of a tree held in memory as its leaf hashes."""
    return lambda level, n: perfect_root(leaves[n << level : (n + 1) << level])


def tree_head(size: int, node: Node) -> bytes:
    """Return the root over the first `size` leaves. Cost: log2(size) nodes."""
    return _root(0, size, node) if size else EMPTY


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return the audit path of the leaf at `index` (from 0) in the tree of `size` leaves, lowest first.

    Raises:
        ValueError: the index is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root(middle, end, node))
            end = middle
        else:
            path.append(_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(size1: int, size2: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of `size1` leaves is a prefix of that of `size2`, lowest first.

    Raises:
        ValueError: not 0 < size1 <= size2.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"no proof leads from a tree of {size1} leaves to one of {size2}")
    if size1 == size2:
        return []
    path: list[bytes] = []
    start, end, known = 0, size2, True
    while size1 != end:
        middle = start + _split(end - start)
        if size1 <= middle:
            path.append(_root(middle, end, node))
            end = middle
        else:
            path.append(_root(start, middle, node))
            start, known = middle, False
    if not known:
        path.append(_root(start, end, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows the leaf hash at `index` of the tree of `size` leaves with `root`."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the tree of `size1` leaves is a prefix of that of `size2`.

    Of the empty tree nothing can be shown, so `size1` 0 is always False, as in RFC 9162.
    """
    if not 0 < size1 <= size2:
        return False
    if size1 == size2:
        return not proof and root1 == root2
    if not proof:
        return False
    path = list(proof)
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == root1 and new == root2


def _split(size: int) -> int:
    """Return the largest power of two below `size`, for size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def _root(start: int, end: int, node: Node) -> bytes:
    """Return the root over leaves start to end, where start is a multiple of the largest power within."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_root(start, middle, node), _root(middle, end, node))
