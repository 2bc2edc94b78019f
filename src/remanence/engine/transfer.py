"""Memories out to a JSONL file, and back: one memory a line, readable by any program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from remanence.engine.memory import Memory
from remanence.engine.state import default_seq
from remanence.errors import InvalidInput


def export(path: str | os.PathLike[str], memories: Iterable[tuple[str, Memory]]) -> int:
    """Write all memories that can be found; the file appears only when it is whole. Returns how many."""
    final = Path(path)
    part = final.with_name(f"{final.name}.{os.getpid()}.part")
    written = 0
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for name, memory in memories:
                for item in memory.items():
                    entry = {
                        "namespace": name,
                        "id": item.id,
                        "text": item.text,
                        "speaker": item.speaker,
                        "role": item.role,
                        "at": item.at.isoformat(),
                        "session": item.session,
                        "metadata": item.metadata,
                        "salience": item.salience,
                        "pinned": item.pinned,
                    }
                    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
                    written += 1
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    return written


def import_(path: str | os.PathLike[str], memory_of: Callable[[str], Memory]) -> int:
    """Read a file that `export` wrote; returns how many memories it holds.

    Default ids are reserved, so that `m5` of the file becomes `import/m5`: importing twice adds nothing.

    Raises:
        InvalidInput: naming the line; what came before it was imported.
    """
    read = 0
    with Path(path).open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                entry = json.loads(text)
                memory = memory_of(entry["namespace"])
                id = entry["id"]
                memory.add(
                    entry["text"],
                    id=f"import/{id}" if default_seq(id) is not None else id,
                    **{key: entry[key] for key in ("speaker", "role", "at", "session", "metadata") if entry[key]},
                    salience=entry.get("salience", 1.0),
                    pinned=entry.get("pinned", False),
                )
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidInput(f"{os.fspath(path)}, line {number}: {error!r}") from error
            read += 1
    return read
