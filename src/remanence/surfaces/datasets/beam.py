"""BEAM: long user–assistant chats, with probing questions in a file beside them.

It must not let the `->-> n,n` marks at the end of messages through: they tell where a topic recurs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Conversation, Problem, Question, Reading, Turn
from remanence.surfaces.datasets.shape import is_array, is_object

SCORED_CATEGORIES = (
    "information_extraction",
    "multi_session_reasoning",
    "knowledge_update",
    "temporal_reasoning",
    "contradiction_resolution",
)
_MARK = re.compile(r"\s*->->[^\n]*\s*$")


class _Message(msgspec.Struct):
    role: str
    content: str
    id: int | str
    time_anchor: str | None = None


def fits(document: Any) -> bool:
    """Return whether a decoded JSON document has the shape of this format."""
    return is_array(document) and any(True for _ in _batches(document))


def _batches(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every batch, also of the largest chats, where they lie inside named plans."""
    if is_array(node):
        for child in node:
            yield from _batches(child)
    elif is_object(node):
        if "turns" in node:
            yield node
        else:
            for child in node.values():
                yield from _batches(child)


def _messages(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the messages of a batch, however deep its lists are nested."""
    if is_array(node):
        for child in node:
            yield from _messages(child)
    elif is_object(node):
        yield node


def read_document(document: Any, path: Path) -> Reading:
    """Return the chat as one conversation, with the questions of the file beside it, if there is one."""
    problems: list[Problem] = []
    turns: list[Turn] = []
    at_ns: int | None = None
    for n, batch in enumerate(_batches(document), 1):
        session = str(batch.get("batch_number", n))
        for i, raw in enumerate(_messages(batch["turns"])):
            try:
                message = msgspec.convert(raw, _Message)
            except msgspec.ValidationError as error:
                problems.append(Problem(str(path), f"batch {session}, message {i}", str(error), str(raw)))
                continue
            if message.time_anchor:
                try:
                    at_ns = parse_date(message.time_anchor)
                except ValueError as error:
                    problems.append(Problem(str(path), f"batch {session}, message {i}", str(error)))
            text = _MARK.sub("", message.content).strip()
            turns.append(Turn(text, message.role, message.role, at_ns=at_ns, session=session, id=str(message.id)))
    name = path.name.removesuffix("_chat.json").removesuffix(".json")
    if name == "chat":
        name = path.parent.name
    questions = _questions(path, {turn.id for turn in turns}, problems)
    return Reading(str(path), "beam", (Conversation(name, tuple(turns), questions),), tuple(problems))


def questions_beside(path: Path) -> Path | None:
    """Return the file of probing questions that belongs to a chat file, if there is one."""
    candidates = (
        path.with_name(path.name.replace("_chat.json", "_probing_questions.json")),
        path.with_name("probing_questions.json"),
        path.parent / "probing_questions" / "probing_questions.json",
    )
    return next((c for c in candidates if c != path and c.is_file()), None)


def _source_ids(node: Any) -> Iterator[str]:
    if is_object(node):
        for child in node.values():
            yield from _source_ids(child)
    elif is_array(node):
        for child in node:
            yield from _source_ids(child)
    elif isinstance(node, int | str):
        yield str(node)


def _questions(path: Path, known: set[str], problems: list[Problem]) -> tuple[Question, ...]:
    beside = questions_beside(path)
    if beside is None:
        return ()
    try:
        document = msgspec.json.decode(beside.read_bytes(), type=dict[str, list[dict[str, Any]]])
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"{beside}: not a file of probing questions: {error}") from error
    questions: list[Question] = []
    for category, asked in document.items():
        for i, entry in enumerate(asked):
            where = f"{category}[{i}]"
            text = entry.get("question")
            if not isinstance(text, str):
                problems.append(Problem(str(beside), where, "no question", str(entry)))
                continue
            cited = tuple(dict.fromkeys(_source_ids(entry.get("source_chat_ids"))))
            unknown = [cite for cite in cited if cite not in known]
            if unknown:
                problems.append(Problem(str(beside), where, f"evidence {', '.join(unknown)} names no turn"))
            gold = tuple(cite for cite in cited if cite in known)
            questions.append(Question(text, gold, category, where, _replaced(entry, gold)))
    return tuple(questions)


def _replaced(entry: dict[str, Any], gold: tuple[str, ...]) -> tuple[str, ...]:
    """Return the evidence that tells only what was so before."""
    sources = entry.get("source_chat_ids")
    if not is_object(sources):
        return ()
    updated = set(_source_ids(sources.get("updated_info")))
    original = set(_source_ids(sources.get("original_info")))
    return tuple(id for id in gold if updated and id in original - updated)
