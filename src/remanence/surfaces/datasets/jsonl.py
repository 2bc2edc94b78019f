"""Turns as JSON objects: one a line, or a list of chat messages.

A line is a turn (`text` or `content`, then any of speaker, role, at, session, id, metadata), a list of
turns under `messages`, or a question (`question`, `gold`, `category`). What else a turn carries is kept
as its metadata. Nothing here may stop at a bad line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from remanence.records import Metadata, Scalar
from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Conversation, Problem, Question, Reading, Turn
from remanence.surfaces.datasets.shape import array, is_array, is_object

_TEXT_KEYS = ("text", "content", "message", "memory")
_SPEAKER_KEYS = ("speaker", "name", "author", "from")
_AT_KEYS = ("at", "timestamp", "created_at", "date", "time")
_SESSION_KEYS = ("session", "session_id", "conversation_id", "thread_id")
_TAKEN = {*_TEXT_KEYS, *_SPEAKER_KEYS, *_AT_KEYS, *_SESSION_KEYS, "role", "id", "metadata", "type"}
_KNOWN_ROLES = ("", "user", "assistant", "system", "tool")
_ROLES = {"human": "user", "ai": "assistant", "bot": "assistant", "developer": "system", "function": "tool"}


class _Bad(Exception):
    """Why one entry cannot be read."""


def fits(document: Any) -> bool:
    """Return whether a decoded JSON document is a list of turns, or an object that holds one."""
    if is_object(document):
        return is_array(document.get("messages"))
    first: Any = document[0] if is_array(document) and document else None
    return is_object(first) and any(key in first for key in (*_TEXT_KEYS, "messages"))


def read_document(document: Any, path: Path) -> Reading:
    """Return the turns of a JSON list, or of an object with `messages`, as one conversation."""
    entries = ((f"[{i}]", entry) for i, entry in enumerate(array(document)))
    return _read(entries, path, "messages", [])


def read_lines(text: str, path: Path) -> Reading:
    """Return the turns of a file with one JSON object a line; blank lines mean nothing."""
    problems: list[Problem] = []

    def entries() -> Iterator[tuple[str, Any]]:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                yield f"line {number}", msgspec.json.decode(line)
            except msgspec.MsgspecError as error:
                problems.append(Problem(str(path), f"line {number}", f"not JSON: {error}", line))

    return _read(entries(), path, "jsonl", problems)


def _read(entries: Iterator[tuple[str, Any]], path: Path, format: str, problems: list[Problem]) -> Reading:
    turns: list[Turn] = []
    questions: list[Question] = []
    for where, entry in entries:
        messages = entry.get("messages") if is_object(entry) else None
        nested = messages if is_array(messages) else None
        for place, one in (
            [(where, entry)]
            if nested is None
            else [(f"{where}.messages[{i}]", message) for i, message in enumerate(nested)]
        ):
            try:
                if is_object(one) and "question" in one and not any(k in one for k in _TEXT_KEYS):
                    questions.append(_question(one))
                else:
                    turn = _turn(one)
                    if nested is not None and not turn.session:
                        turn = msgspec.structs.replace(turn, session=where)
                    turns.append(turn)
            except _Bad as error:
                raw = msgspec.json.encode(one).decode()
                problems.append(Problem(str(path), place, str(error), raw))
    conversation = Conversation(path.stem, tuple(turns), tuple(questions))
    return Reading(str(path), format, (conversation,), tuple(problems))


def _first(entry: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _spoken(value: Any) -> str:
    """Return the text of a message body: a string, or a list of parts of which the textual ones count."""
    if isinstance(value, str):
        return value
    if is_array(value):
        texts = [part.get("text") if is_object(part) else part for part in value]
        return "\n".join(text for text in texts if isinstance(text, str))
    raise _Bad("no text: a turn needs 'text', or 'content'")


def _turn(entry: Any) -> Turn:
    if not is_object(entry):
        raise _Bad(f"expected an object with 'text', got {type(entry).__name__}")
    text = _spoken(_first(entry, _TEXT_KEYS)).strip()
    if not text:
        raise _Bad("the text is empty")
    when: Any = _first(entry, _AT_KEYS)
    try:
        at_ns = entry.get("at_ns") if when is None else parse_date(when)
    except (ValueError, TypeError) as error:
        raise _Bad(str(error)) from error
    said_role = str(entry.get("role") or "").lower()
    role = _ROLES.get(said_role, said_role)
    metadata = _metadata(entry)
    if role not in _KNOWN_ROLES:
        metadata["role"], role = role, ""
    return Turn(
        text=text,
        speaker=str(_first(entry, _SPEAKER_KEYS) or ""),
        role=role,
        at_ns=at_ns if isinstance(at_ns, int) else None,
        session=_name(_first(entry, _SESSION_KEYS)),
        id=_name(entry.get("id")),
        metadata=metadata,
    )


def _name(value: Any) -> str:
    return "" if value is None else str(value)


def _metadata(entry: Mapping[str, Any]) -> Metadata:
    given: Any = entry.get("metadata")
    metadata: Metadata = {}
    for source in (entry, given if is_object(given) else {}):
        for key, value in source.items():
            if source is entry and (key in _TAKEN or key == "at_ns"):
                continue
            metadata[key] = _scalar(value)
    return metadata


def _scalar(value: Any) -> Scalar:
    if value is None or isinstance(value, str | int | float):
        return value
    return msgspec.json.encode(value).decode()


def _question(entry: Mapping[str, Any]) -> Question:
    gold: Any = entry.get("gold") or entry.get("evidence") or ()
    if isinstance(gold, str):
        gold = (gold,)
    if not isinstance(entry["question"], str):
        raise _Bad("'question' is not a string")
    return Question(
        entry["question"],
        tuple(str(cite) for cite in gold),
        _name(entry.get("category")),
        _name(entry.get("id")),
    )
