"""LoCoMo: long conversations of two people in dated sessions, with questions and their evidence.

It must not repair a label by guess: ids are parsed out of malformed ones, and ids that name no turn are
reported as problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Conversation, Problem, Question, Reading, Turn
from remanence.surfaces.datasets.shape import array, is_object

SCORED_CATEGORIES = ("1", "2", "3", "4")
_SESSION = re.compile(r"session_(\d+)")
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")


class _Line(msgspec.Struct):
    speaker: str
    dia_id: str
    text: str
    blip_caption: str | None = None


class _Asked(msgspec.Struct):
    question: str
    category: int
    evidence: list[str] | str = []


class _Correction(msgspec.Struct):
    question_id: str
    question: str
    correct_evidence: list[str] | str = []


def evidence_ids(evidence: list[str] | str) -> tuple[str, ...]:
    """Return every `D<session>:<turn>` in a citation, in order, once each."""
    joined = evidence if isinstance(evidence, str) else " ".join(evidence)
    return tuple(dict.fromkeys(f"D{int(s)}:{int(t)}" for s, t in _EVIDENCE.findall(joined)))


def fits(document: Any) -> bool:
    """Return whether a decoded JSON document has the shape of this format."""
    samples = array(document)
    return bool(samples) and all(is_object(s) and "conversation" in s and "qa" in s for s in samples)


def read_document(document: Any, path: Path) -> Reading:
    """Return one conversation a sample; `document` must satisfy `fits`."""
    problems: list[Problem] = []
    conversations = [_sample(n, sample, path, problems) for n, sample in enumerate(array(document))]
    return Reading(str(path), "locomo", tuple(conversations), tuple(problems))


def _sample(n: int, sample: Mapping[str, Any], path: Path, problems: list[Problem]) -> Conversation:
    name = str(sample.get("sample_id", n))
    talk: Mapping[str, Any] = sample["conversation"]
    turns: list[Turn] = []
    sessions = sorted((int(m[1]), key) for key in talk if (m := _SESSION.fullmatch(key)))
    for number, key in sessions:
        at_ns: int | None = None
        try:
            at_ns = parse_date(str(talk.get(f"{key}_date_time", "")))
        except ValueError as error:
            problems.append(Problem(str(path), f"{name}.{key}_date_time", str(error)))
        for i, raw in enumerate(talk[key] or ()):
            try:
                line = msgspec.convert(raw, _Line)
            except msgspec.ValidationError as error:
                problems.append(Problem(str(path), f"{name}.{key}[{i}]", str(error), str(raw)))
                continue
            text = f"{line.text} [image: {line.blip_caption}]" if line.blip_caption else line.text
            turns.append(Turn(text.strip(), line.speaker, at_ns=at_ns, session=str(number), id=line.dia_id))
    known = {turn.id for turn in turns}
    questions: list[Question] = []
    for i, raw in enumerate(sample["qa"]):
        where = f"{name}.qa[{i}]"
        try:
            asked = msgspec.convert(raw, _Asked)
        except msgspec.ValidationError as error:
            problems.append(Problem(str(path), where, str(error), str(raw)))
            continue
        cited = evidence_ids(asked.evidence)
        unknown = [cite for cite in cited if cite not in known]
        if unknown:
            problems.append(Problem(str(path), where, f"evidence {', '.join(unknown)} names no turn"))
        gold = tuple(cite for cite in cited if cite in known)
        questions.append(Question(asked.question, gold, str(asked.category), f"qa{i}"))
    return Conversation(name, tuple(turns), tuple(questions))


def corrections_beside(path: Path) -> Path | None:
    """Return the file of label corrections that lies beside a data file, if there is one."""
    candidate = path.with_name(path.name.replace("locomo", "corrections"))
    return candidate if candidate != path and candidate.is_file() else None


def corrected(conversations: Sequence[Conversation], path: Path) -> tuple[Conversation, ...]:
    """Return the conversations with the evidence that a corrections file gives.

    A correction belongs to the question with its number (`..._qa<n>`) and its very text; one that
    names no turn of the conversation changes nothing.

    Raises:
        InvalidInput: not a corrections file.
    """
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=list[_Correction])
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"{path}: not a list of label corrections: {error}") from error
    return tuple(_corrected(conversation, listed) for conversation in conversations)


def _corrected(conversation: Conversation, listed: Iterable[_Correction]) -> Conversation:
    known = {turn.id for turn in conversation.turns}
    by_question: dict[tuple[str, str], tuple[str, ...]] = {}
    for correction in listed:
        gold = tuple(cite for cite in evidence_ids(correction.correct_evidence) if cite in known)
        if gold:
            by_question[(correction.question_id.rpartition("_")[2], correction.question)] = gold
    questions = tuple(
        msgspec.structs.replace(question, gold=by_question.get((question.id, question.text), question.gold))
        for question in conversation.questions
    )
    return msgspec.structs.replace(conversation, questions=questions)
