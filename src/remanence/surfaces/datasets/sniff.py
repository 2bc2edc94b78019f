"""Which format a file has, told from its content, and the reader for it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets import beam, friendsqa, jsonl, locomo, transcript, webvtt
from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Problem, Reading

FORMATS = ("locomo", "beam", "friendsqa", "jsonl", "messages", "transcript")
_DOCUMENTS = {"locomo": locomo, "friendsqa": friendsqa, "messages": jsonl, "beam": beam}
_CONVERSATION_SUFFIXES = {".json", ".jsonl", ".ndjson", ".txt", ".md", ".vtt"}
_DATE_IN_NAME = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_AT_BYTE = re.compile(r"\(byte (\d+)\)")


def read(path: str | Path, format: str | None = None, *, at_ns: int | None = None) -> Reading:
    """Return what a file holds.

    Args:
        path: one file; the questions of a BEAM chat are found beside it.
        format: one of `FORMATS`; None: told from the content.
        at_ns: when a transcript was held if neither it nor the file's name says; None: not known.

    Raises:
        InvalidInput: there is no such file, it is not text, or it does not have the format.
    """
    path = Path(path)
    if format is not None and format not in FORMATS:
        raise InvalidInput(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    text, problems = _text_of(path)
    reading = _read(text, path, format, at_ns)
    if problems:
        reading = msgspec.structs.replace(reading, problems=(*problems, *reading.problems))
    if not any(c.turns for c in reading.conversations) and not reading.problems:
        raise InvalidInput(f"{path}: no turns in it (read as {reading.format})")
    return reading


def read_all(
    paths: Iterable[str | Path],
    format: str | None = None,
    *,
    at_ns: int | None = None,
    passed_over: list[Problem] | None = None,
) -> list[Reading]:
    """Return a reading for each file; of a folder, for each conversation file in it, by name.

    What is hidden, and `node_modules`, is not looked at in a folder.

    Args:
        format, at_ns: as in `read`.
        passed_over: takes the files of folders that cannot be read; None: the first one is an error.

    Raises:
        InvalidInput: as `read`, or a folder without a conversation in it.
    """
    readings: list[Reading] = []
    for given in paths:
        path = Path(given)
        if not path.is_dir():
            readings.append(read(path, format, at_ns=at_ns))
            continue
        found = sorted((p for p in path.rglob("*") if _is_conversation(p, path)), key=_by_number)
        if not found:
            raise InvalidInput(f"{path}: no conversation files (.json, .jsonl, .txt, .vtt) in this folder")
        for each in found:
            try:
                readings.append(read(each, format, at_ns=at_ns))
            except InvalidInput as error:
                if passed_over is None:
                    raise
                passed_over.append(Problem(str(each), "passed over", str(error).removeprefix(f"{each}: ")))
    return readings


def _by_number(path: Path) -> list[int | str]:
    """Return a sort key that puts chat 2 before chat 10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", str(path))]


def _is_conversation(path: Path, folder: Path) -> bool:
    if any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts):
        return False
    beside = "probing_questions" in path.name or path.name.startswith("corrections")
    return path.is_file() and not beside and path.suffix in _CONVERSATION_SUFFIXES


def _text_of(path: Path) -> tuple[str, list[Problem]]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror or error}") from error
    if not raw.strip():
        raise InvalidInput(f"{path}: the file is empty")
    if b"\0" in raw[:4096]:
        raise InvalidInput(f"{path}: not a text file; give JSON, JSONL or a transcript in UTF-8")
    text = raw.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    problems = [
        Problem(str(path), f"line {number}", "bytes that are not UTF-8; they were replaced", line)
        for number, line in enumerate(text.split("\n"), 1)
        if "�" in line and "�".encode() not in raw
    ]
    return text, problems


def _transcript(text: str, path: Path, at_ns: int | None) -> Reading:
    reader = webvtt if webvtt.fits(text) else transcript
    return reader.read_lines(text, path, _date_in_name(path, at_ns))


def _date_in_name(path: Path, otherwise: int | None) -> int | None:
    for found in _DATE_IN_NAME.findall(path.name):
        try:
            return parse_date(found)
        except ValueError:
            continue
    return otherwise


def _read(text: str, path: Path, format: str | None, at_ns: int | None) -> Reading:
    if format == "transcript":
        return _transcript(text, path, at_ns)
    if format == "jsonl":
        return jsonl.read_lines(text, path)
    head = text.lstrip()[:1]
    if format is None and head not in {"{", "["}:
        return _transcript(text, path, at_ns)
    try:
        document: Any = msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        if format is None and head == "[" and not _first_line_is_json(text) and path.suffix != ".json":
            return _transcript(text, path, at_ns)  # [2024-05-01 10:00] Ana: ...
        if format is None and (_first_line_is_json(text) or path.suffix in {".jsonl", ".ndjson"}):
            return jsonl.read_lines(text, path)
        advice = (
            "correct it there, or name its format"
            if format is None
            else f"the format {format!r} needs it: leave the format out, and it is told from the content"
        )
        raise InvalidInput(f"{path}: {_line_of(text, str(error))}: not valid JSON; {advice}") from error
    if format is not None:
        if not _DOCUMENTS[format].fits(document):
            raise InvalidInput(f"{path}: line 1: valid JSON, but not of the format {format!r}")
        return _DOCUMENTS[format].read_document(document, path)
    if isinstance(document, dict) and "\n" not in text.strip() and not _known(document):
        return jsonl.read_lines(text, path)
    for reader in _DOCUMENTS.values():
        if reader.fits(document):
            return reader.read_document(document, path)
    raise InvalidInput(
        f"{path}: line 1: valid JSON, but no known conversation format; "
        "give LoCoMo, BEAM, FriendsQA, a list of messages, JSONL or a transcript"
    )


def _known(document: Any) -> bool:
    return any(reader.fits(document) for reader in _DOCUMENTS.values())


def _first_line_is_json(text: str) -> bool:
    line = next((line for line in text.split("\n") if line.strip()), "")
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except msgspec.MsgspecError:
        return False


def _line_of(text: str, message: str) -> str:
    found = _AT_BYTE.search(message)
    if not found:
        return f"line {text.count(chr(10)) + 1}"
    before = text.encode()[: int(found[1])]
    return f"line {before.count(bytes([10])) + 1}"
