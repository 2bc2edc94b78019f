"""Memories out to a JSONL file, and back: one memory a line, readable by any program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from remanence.engine.memory import Memory
from remanence.engine.state import default_seq
from remanence.errors import InvalidInput, NotFound, RemanenceError, StorageError
from remanence.types import Item


def export(path: str, store_id: str, memories: Iterable[tuple[str, Memory]]) -> int:
    """Write all memories that can be found; the file appears only when it is whole. Returns how many.

    Raises:
        StorageError: the file cannot be written, or the store cannot be read.
    """
    final = Path(path)
    part = final.with_name(f"{final.name}.{os.getpid()}.part")
    written = 0
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            for name, memory in memories:
                for item in memory.items():
                    entry = {
                        "store": store_id[:12],
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
    except OSError as error:
        if isinstance(error, RemanenceError):
            raise
        raise StorageError(f"cannot write {final}: {error.strerror}; choose another path") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return written


def import_(path: str, store_id: str, memory_of: Callable[[str], Memory]) -> int:
    """Read a file that `export` wrote; returns how many memories it holds.

    Default ids are reserved: `m5` of store 1a2b becomes `1a2b/m5`, so that importing twice adds nothing.
    Passed over, so that nothing newer is undone: from this store itself, every id it holds; from another,
    every text that is or was held under its id.

    Raises:
        InvalidInput: naming the line; what came before it was imported.
        StorageError: the file cannot be read.
    """
    read = 0
    try:
        with Path(path).open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    _import_line(text, store_id[:12], memory_of, f"{path}, line {number}")
                    read += 1
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text: {error.reason}") from error
    except OSError as error:
        if isinstance(error, RemanenceError):
            raise
        raise StorageError(f"cannot read {path}: {error.strerror}") from error
    return read


def _import_line(text: str, store: str, memory_of: Callable[[str], Memory], where: str) -> None:
    try:
        entry = json.loads(text)
        memory, id, text = memory_of(entry["namespace"]), entry["id"], entry["text"]
        if entry["store"] == store and _versions(memory, id):
            return
        if default_seq(id) is not None:
            id = f"{entry['store']}/{id}"
        # What is current goes on to `add`, which checks the line and writes no text twice.
        current = memory.get(id).text if id in memory else None
        if text != current and any(item.text == text for item in _versions(memory, id)):
            return
        memory.add(
            text,
            id=id,
            **{key: entry[key] for key in ("speaker", "role", "at", "session", "metadata")},
            salience=entry["salience"],
            pinned=entry["pinned"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{where}: {error!r}") from error


def _versions(memory: Memory, id: str) -> list[Item]:
    try:
        return memory.history(id)
    except NotFound:
        return []
