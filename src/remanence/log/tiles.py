"""Merkle hashes as rows of tiles, C2SP tlog-tiles' layout: 256 hashes wide, 8 levels of the tree high.

Tile n of level 0 holds leaves 256n to 256n+255 and is written when they are complete; until then they are
read from their records. Tile n of level l+1 holds the roots of level l's tiles 256n to 256n+255, and grows
by one hash each time a tile below is complete: a reader of an older tree takes a prefix.
"""

from __future__ import annotations

from remanence.core.merkle import HASH_BYTES, Node, perfect_root
from remanence.errors import Damaged
from remanence.log.database import Database

WIDTH = 256
_HEIGHT = 8


def complete(database: Database, ns: int, size: int) -> None:
    """Write the tiles that leaf `size`, a multiple of 256, completes. Cost: 255 hashes, and 256 rows read."""
    hashes = _leaves(database, ns, size - WIDTH, size)
    level, n = 0, size // WIDTH - 1
    database.run("INSERT INTO tile VALUES (?,0,?,?)", ns, n, b"".join(hashes))
    while len(hashes) == WIDTH:
        root = perfect_root(hashes)
        level, (n, place) = level + 1, divmod(n, WIDTH)
        hashes = _tile(database, ns, level, n)
        if len(hashes) != place:
            raise _damaged(database, ns, level, n)
        hashes.append(root)
        database.run("REPLACE INTO tile VALUES (?,?,?,?)", ns, level, n, b"".join(hashes))


def node_reader(database: Database, ns: int) -> Node:
    """Return the namespace's tree as `remanence.core.merkle` reads it. A call raises Damaged on a gap."""

    def node(level: int, n: int) -> bytes:
        tile_level, height = divmod(level, _HEIGHT)
        first, last = n << height, (n + 1) << height
        tile, offset = divmod(first, WIDTH)
        hashes = _tile(database, ns, tile_level, tile)[offset : offset + last - first]
        if not hashes and tile_level == 0:
            hashes = _leaves(database, ns, first, last)
        if len(hashes) != last - first:
            raise _damaged(database, ns, tile_level, tile)
        return perfect_root(hashes)

    return node


def _leaves(database: Database, ns: int, first: int, last: int) -> list[bytes]:
    rows = database.run("SELECT leaf FROM record WHERE ns=? AND seq>? AND seq<=? ORDER BY seq", ns, first, last)
    if len(rows) != last - first:
        raise Damaged(
            f"{database.name}: namespace {ns} misses {last - first - len(rows)} of its records "
            f"{first + 1} to {last}; restore the store from a backup"
        )
    return [leaf for (leaf,) in rows]


def _tile(database: Database, ns: int, level: int, n: int) -> list[bytes]:
    rows = database.run("SELECT hashes FROM tile WHERE ns=? AND level=? AND n=?", ns, level, n)
    blob: bytes = rows[0][0] if rows else b""
    return [blob[i : i + HASH_BYTES] for i in range(0, len(blob), HASH_BYTES)]


def _damaged(database: Database, ns: int, level: int, n: int) -> Damaged:
    return Damaged(
        f"{database.name}: hash tile {n} of level {level} of namespace {ns} is incomplete; "
        "restore the store from a backup"
    )
