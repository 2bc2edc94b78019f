"""A whole evaluation: files in, tables out. Knows data sets only by which categories count."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Reading, beam, corrected, locomo, read_all
from remanence.surfaces.evaluation import trials
from remanence.surfaces.evaluation.report import Table, tabulate
from remanence.surfaces.evaluation.scoring import Progress, score
from remanence.surfaces.evaluation.systems import System

_SCORED = {"locomo": locomo.SCORED_CATEGORIES, "beam": beam.SCORED_CATEGORIES}
_BUDGETS = {"beam": (256, 1024, 4096)}
_USUAL_BUDGETS = (256, 1024)


class Subject(msgspec.Struct, frozen=True):
    """Conversations of one format, with one set of labels.

    Attributes:
        labels: "raw", or "corrected" where a file of corrections lies beside the data.
    """

    format: str
    labels: str
    conversations: tuple[Conversation, ...]
    n_problems: int = 0

    @property
    def scored(self) -> tuple[str, ...]:
        return _SCORED.get(self.format, ())

    @property
    def budgets(self) -> tuple[int, ...]:
        return _BUDGETS.get(self.format, _USUAL_BUDGETS)

    @property
    def headline(self) -> str:
        return f"B@{self.budgets[-1]}"


def subjects(paths: Sequence[str | Path], corrections: Path | None = None) -> list[Subject]:
    """Return what the files hold, one subject a format; LoCoMo raw, and corrected where it can be.

    Raises:
        InvalidInput: a file that cannot be read, or no question with evidence in any of them.
    """
    by_format: dict[str, list[Reading]] = {}
    for reading in read_all(paths):
        by_format.setdefault(reading.format, []).append(reading)
    found: list[Subject] = []
    for format_, readings in by_format.items():
        conversations = tuple(c for reading in readings for c in reading.conversations)
        n_problems = sum(len(reading.problems) for reading in readings)
        found.append(Subject(format_, "raw", conversations, n_problems))
        if format_ == "locomo":
            beside = [corrections or locomo.corrections_beside(Path(r.path)) for r in readings]
            if any(beside):
                repaired = tuple(
                    conversation
                    for reading, path in zip(readings, beside, strict=True)
                    for conversation in (corrected(reading.conversations, path) if path else reading.conversations)
                )
                found.append(Subject(format_, "corrected", repaired, n_problems))
    if not any(q.gold for s in found for c in s.conversations for q in c.questions):
        raise InvalidInput(
            "no questions with evidence in these files; a JSONL file takes them as lines like "
            '{"question": "...", "gold": ["<turn id>"]}'
        )
    return found


def sampled(subject: Subject, n_questions: int) -> Subject:
    """Return a subject with about `n_questions` of its questions, taken evenly."""
    n_all = sum(len(c.questions) for c in subject.conversations)
    step = max(1, math.ceil(n_all / n_questions))
    return msgspec.structs.replace(
        subject,
        conversations=tuple(msgspec.structs.replace(c, questions=c.questions[::step]) for c in subject.conversations),
    )


def evaluate(
    subject: Subject,
    systems: Mapping[str, Callable[[], System]],
    mode: trials.Mode = trials.own,
    *,
    mode_name: str = "own conversation",
    budgets: Sequence[int] = (),
    progress: Progress = lambda n: None,
) -> Table:
    """Return the figures of every system on a subject; the first is the one that is judged."""
    answers = {
        name: score(make(), mode(subject.conversations), budgets or subject.budgets, progress)
        for name, make in systems.items()
    }
    return tabulate(f"{subject.format}, {subject.labels} labels, {mode_name}", answers, subject.scored)
