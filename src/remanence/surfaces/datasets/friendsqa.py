"""FriendsQA: scenes of many speakers, with questions and the utterances that answer them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from remanence.surfaces.datasets.model import Conversation, Problem, Question, Reading, Turn
from remanence.surfaces.datasets.shape import is_array, is_object

_NARRATION = "#NOTE#"


class _Utterance(msgspec.Struct):
    uid: int
    utterance: str
    speakers: list[str] = []


class _Answer(msgspec.Struct):
    utterance_id: int


class _Asked(msgspec.Struct):
    id: str
    question: str
    answers: list[_Answer] = []


class _Paragraph(msgspec.Struct):
    utterances: list[_Utterance] = msgspec.field(name="utterances:")
    qas: list[_Asked] = []


class _Scene(msgspec.Struct):
    title: str
    paragraphs: list[_Paragraph]


def fits(document: Any) -> bool:
    """Return whether a decoded JSON document has the shape of this format."""
    scenes = document.get("data") if is_object(document) else None
    return is_array(scenes) and bool(scenes) and is_object(scenes[0]) and "paragraphs" in scenes[0]


def read_document(document: Any, path: Path) -> Reading:
    """Return one conversation a scene; turn ids are the utterance numbers."""
    conversations: list[Conversation] = []
    problems: list[Problem] = []
    for n, raw in enumerate(document["data"]):
        try:
            scene = msgspec.convert(raw, _Scene)
        except msgspec.ValidationError as error:
            problems.append(Problem(str(path), f"data[{n}]", str(error)))
            continue
        turns: list[Turn] = []
        questions: list[Question] = []
        for p, paragraph in enumerate(scene.paragraphs):
            prefix = f"{p}." if len(scene.paragraphs) > 1 else ""
            for said in paragraph.utterances:
                speaker = " and ".join(name for name in said.speakers if name != _NARRATION)
                turns.append(Turn(said.utterance, speaker, session=scene.title, id=f"{prefix}{said.uid}"))
            known = {turn.id for turn in turns}
            for asked in paragraph.qas:
                cited = dict.fromkeys(f"{prefix}{answer.utterance_id}" for answer in asked.answers)
                gold = tuple(cite for cite in cited if cite in known)
                category = asked.id.removeprefix(f"{scene.title}_").partition("_")[0]
                questions.append(Question(asked.question, gold, category, asked.id))
        conversations.append(Conversation(scene.title, tuple(turns), tuple(questions)))
    return Reading(str(path), "friendsqa", tuple(conversations), tuple(problems))
