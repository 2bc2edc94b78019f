"""Merkle hashes as rows of tiles, C2SP tlog-tiles' layout: 256 hashes wide, 8 levels of the tree high.

Tile n of level 0 holds leaves 256n to 256n+255 and is written when they are complete; until then they are
read from their records. Tile n of level l+1 holds the roots of level l's tiles 256n to 256n+255, and grows
by one hash each time a tile below is complete: a reader of an older tree takes a prefix.
"""

from __future__ import annotations

import sqlite3

from remanence.core.merkle import HASH_BYTES, Node, perfect_root

WIDTH = 256
_HEIGHT = 8


class Missing(ValueError):
    """A hash that must be there is not; the message says which."""


def complete(cursor: sqlite3.Cursor, ns: int, size: int) -> None:
    """Write the tiles that a multiple of 256 leaves completes. Cost: 255 hashes, and 256 rows read."""
    rows = cursor.execute(
        "SELECT leaf FROM record WHERE ns=? AND seq>? ORDER BY seq", (ns, size - WIDTH)
    ).fetchall()
    hashes = [leaf for (leaf,) in rows]
    if len(hashes) != WIDTH:
        raise sqlite3.DatabaseError(f"namespace {ns} has a gap before record {size}")
    level, n = 0, size // WIDTH - 1
    cursor.execute("INSERT INTO tile VALUES (?,0,?,?)", (ns, n, b"".join(hashes)))
    while len(hashes) == WIDTH:
        level, n, place = level + 1, n // WIDTH, n % WIDTH
        root = perfect_root(hashes)
        hashes = _hashes(cursor, ns, level, n) if place else []
        if len(hashes) != place:
            raise sqlite3.DatabaseError(f"namespace {ns} has a gap in tile {n} of level {level}")
        hashes.append(root)
        cursor.execute("REPLACE INTO tile VALUES (?,?,?,?)", (ns, level, n, b"".join(hashes)))


def node_reader(cursor: sqlite3.Cursor, ns: int) -> Node:
    """Return the namespace's tree as `merkle` reads it. A call may raise sqlite3.Error or `Missing`."""

    def node(level: int, n: int) -> bytes:
        tile_level, height = divmod(level, _HEIGHT)
        first = n << height
        tile, offset = divmod(first, WIDTH)
        hashes = _hashes(cursor, ns, tile_level, tile)[offset : offset + (1 << height)]
        if not hashes and tile_level == 0:
            rows = cursor.execute(
                "SELECT leaf FROM record WHERE ns=? AND seq>? AND seq<=? ORDER BY seq",
                (ns, first, first + (1 << height)),
            )
            hashes = [leaf for (leaf,) in rows]
        if len(hashes) != 1 << height:
            raise Missing(f"hashes {first} and following of tile level {tile_level} are missing")
        return perfect_root(hashes)

    return node


def _hashes(cursor: sqlite3.Cursor, ns: int, level: int, n: int) -> list[bytes]:
    row = cursor.execute("SELECT hashes FROM tile WHERE ns=? AND level=? AND n=?", (ns, level, n)).fetchone()
    blob: bytes = b"" if row is None else row[0]
    return [blob[i : i + HASH_BYTES] for i in range(0, len(blob), HASH_BYTES)]
