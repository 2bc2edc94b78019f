"""What a reader hands on: turns, questions with their evidence, and what it could not read.

Holds values only; it must not know any file format.
"""

from __future__ import annotations

import msgspec

from remanence.records import Metadata


class Turn(msgspec.Struct, frozen=True):
    """Something said, as `Memory.add` takes it.

    Attributes:
        at_ns: ns since the epoch, or None when the file does not say.
        id: empty when the file has none; `with_stable_ids` makes them.
    """

    text: str
    speaker: str = ""
    role: str = ""
    at_ns: int | None = None
    session: str = ""
    id: str = ""
    metadata: Metadata = {}

    @property
    def labelled(self) -> str:
        """Return `Speaker: text`, the form that tokens are counted on and baselines index."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


class Question(msgspec.Struct, frozen=True):
    """A question and the ids of the turns that answer it (none: it cannot be scored by evidence).

    Attributes:
        replaced: those of them that tell what was so before, where the answer changed.
    """

    text: str
    gold: tuple[str, ...] = ()
    category: str = ""
    id: str = ""
    replaced: tuple[str, ...] = ()


class Conversation(msgspec.Struct, frozen=True):
    """The turns of one conversation in order, and what was asked about it."""

    name: str
    turns: tuple[Turn, ...]
    questions: tuple[Question, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """A part of a file that could not be read; everything around it was.

    Attributes:
        where: a line (`line 12`) or a place in a JSON document (`session_3[4]`).
        raw: the offending line as it stands, where there is one.
    """

    path: str
    where: str
    reason: str
    raw: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: {self.reason}"


class Reading(msgspec.Struct, frozen=True):
    """All of one file.

    Attributes:
        format: one of `FORMATS`.
    """

    path: str
    format: str
    conversations: tuple[Conversation, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def n_turns(self) -> int:
        return sum(len(conversation.turns) for conversation in self.conversations)
